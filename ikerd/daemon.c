/*
 * Turns the parent into a daemon whose start can be waited for, and keeps a
 * second one away by a lock, which ends with its process however that ends.
 */
#include <sys/types.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "ikerd/daemon.h"

static int ready_fd = -1;
static int pid_fd = -1;
static char *pid_path;

void
daemon_begin(void)
{
	int fds[2];
	ssize_t n;
	char byte;

	if (pipe(fds) == -1)
		fatal("pipe");
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	switch (fork()) {
	case -1:
		fatal("fork");
	case 0:
		close(fds[0]);
		ready_fd = fds[1];
		if (setsid() == -1)
			fatal("setsid");
		return;
	}
	close(fds[1]);
	do
		n = read(fds[0], &byte, 1);
	while (n == -1 && errno == EINTR);
	_exit(n == 1 ? 0 : 1);
}

void
daemon_ready(void)
{
	int fd;

	if (ready_fd == -1)
		return;
	if (chdir("/") == -1)
		fatal("chdir /");
	if ((fd = open("/dev/null", O_RDWR)) == -1)
		fatal("/dev/null");
	(void)dup2(fd, STDIN_FILENO);
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	if (write(ready_fd, "", 1) == -1)
		log_debug("nobody waits for the start");
	close(ready_fd);
	ready_fd = -1;
}

void
daemon_pidfile(const char *path)
{
	char text[32] = "";

	pid_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (pid_fd == -1)
		fatal("%s", path);
	if (flock(pid_fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK)
			fatal("%s", path);
		if (read(pid_fd, text, sizeof(text) - 1) == -1)
			fatal("%s", path);
		text[strcspn(text, "\n")] = '\0';
		fatalx("ikerd runs already, pid %s (%s)", text, path);
	}
	if (ftruncate(pid_fd, 0) == -1 ||
	    dprintf(pid_fd, "%ld\n", (long)getpid()) < 0)
		fatal("%s", path);
	if ((pid_path = strdup(path)) == NULL)
		fatal("strdup");
}

void
daemon_pidfile_remove(void)
{
	if (pid_path != NULL)
		(void)unlink(pid_path);
}
