/*
 * Confinement on OpenBSD: chroot, own user, pledge(2) where the table names
 * promises (the filter names none: table changes have no promise).  Called
 * once by proc.c.
 */
#include <sys/types.h>

#include <stddef.h>
#include <unistd.h>

#include "common/log.h"
#include "common/sandbox.h"

void
sandbox_enter(const struct sandbox *s, const char *user, const char *dir)
{

	sandbox_limit_files(s->files);
	sandbox_become(user, dir);
	if (unveil(NULL, NULL) == -1)
		fatal("sandbox: unveil");
	if (s->pledge != NULL && pledge(s->pledge, NULL) == -1)
		fatal("sandbox: pledge");
}
