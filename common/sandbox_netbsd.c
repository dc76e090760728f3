/*
 * Confinement on NetBSD: chroot and another user; the system has no more for
 * us. Called once by proc.c.
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
}
