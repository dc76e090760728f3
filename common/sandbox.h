/*
 * What a process may still do once it is confined; each system reads its own
 * part (sandbox_SYSTEM.c).
 */
#ifndef COMMON_SANDBOX_H
#define COMMON_SANDBOX_H

#include <stdint.h>

struct sandbox {
	const char *pledge; /* OpenBSD promises, NULL: none taken */
	int capsicum;	    /* FreeBSD: enter capability mode */
	const char *const
	    *syscalls;	       /* Linux: beyond the common set; NULL ends */
	uint64_t capabilities; /* Linux: 1 << CAP_x to keep */
	uint64_t files;	       /* RLIMIT_NOFILE, 0: leave it */
};

/*
 * Confine this process: become user, chroot to dir, keep what the sandbox
 * says.  fatal() when any part of it cannot be had.  Open descriptors stay.
 */
void sandbox_enter(const struct sandbox *, const char *user, const char *dir);

/* Parts of it that are the same everywhere. */
void sandbox_limit_files(uint64_t);
void sandbox_become(const char *user, const char *dir);

#endif /* COMMON_SANDBOX_H */
