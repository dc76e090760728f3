/*
 * Runs what must end a process in one of its own: what cannot be is a mistake
 * of ours, and ends the process, not its memory.
 */
#ifndef REGRESS_UNIT_AUTHD_STATUS_OF_H
#define REGRESS_UNIT_AUTHD_STATUS_OF_H

#include <sys/types.h>
#include <sys/wait.h>

#include <unistd.h>

#include "common/log.h"
#include "regress/unit/test.h"

/* What it exits with: 1 after fatal(), 99 if it returns, -1 by a signal. */
static inline int
status_of(void (*run)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		log_init("expected", 1);
		run();
		_exit(99);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif /* REGRESS_UNIT_AUTHD_STATUS_OF_H */
