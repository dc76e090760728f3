/*
 * Confinement on FreeBSD: chroot, own user, and capability mode for those
 * whose table says so (ike cannot: a socket without a peer cannot send from
 * there).  Called once by proc.c.
 */
#include <sys/types.h>
#include <sys/capsicum.h>
#include <sys/procctl.h>

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "common/log.h"
#include "common/sandbox.h"

void
sandbox_enter(const struct sandbox *s, const char *user, const char *dir)
{
	int trace = PROC_TRACE_CTL_DISABLE; /* no debugger, no core */

	sandbox_limit_files(s->files);
	sandbox_become(user, dir);
	if (procctl(P_PID, getpid(), PROC_TRACE_CTL, &trace) == -1)
		fatal("sandbox: procctl");
	if (s->capsicum && cap_enter() == -1 && errno != ENOSYS)
		fatal("sandbox: cap_enter");
}
