/* One child process: from a row of what it is to a pid and a pipe. */
#ifndef IKERD_SPAWN_H
#define IKERD_SPAWN_H

#include <sys/types.h>

#include "common/msg.h"
#include "ikerd/children.h"

struct child_kind {
	enum process process;
	const char *program;
	const char *option; /* -P, NULL: none */
	const char *user;
	const char *dir;   /* its chroot: absolute, or below the state's */
	unsigned int most; /* so many of them there may be */
};

/* In the order in which they are started; ended by a NULL program. */
extern const struct child_kind child_kinds[];

/*
 * Is everything there that this kind needs?  Its user must exist, which is
 * fatal() otherwise; its directory is made when it is missing.
 */
void spawn_check(const struct child_kind *, const char *statedir);

/* fork+exec; *fd becomes our end of its pipe.  The pid, or -1 with errno. */
pid_t spawn(const struct child *, const struct children_options *, int *fd);

#endif /* IKERD_SPAWN_H */
