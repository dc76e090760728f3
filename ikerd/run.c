/*
 * fork+exec of one system command with its input and its complaints on pipes.
 * Only the parent calls this, only with text that it made itself from the
 * configuration; it waits, so commands must be short.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "ikerd/run.h"

#define RUN_MS 10000

struct run {
	pid_t pid;
	int fd; /* its input and its output */
	const char *input;
	size_t left;
	char *why;
	size_t have;
	uint64_t until; /* ms */
};

const char *
run_find(const char *name, char *buf, size_t size)
{
	static const char *const dirs[] = { "/usr/sbin", "/sbin", "/usr/bin",
		"/bin" };
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		(void)snprintf(buf, size, "%s/%s", dirs[i], name);
		if (access(buf, X_OK) == 0)
			return buf;
	}
	return NULL;
}

static void __attribute__((__noreturn__))
become(const char *const argv[], int fd)
{
	char *const env[] = { NULL };
	char *args[32];
	size_t n;

	for (n = 0; n < 31 && argv[n] != NULL; n++)
		args[n] = (char *)(uintptr_t)argv[n];
	args[n] = NULL;
	if (args[0] == NULL)
		_exit(127);
	if (dup2(fd, 0) == -1 || dup2(fd, 1) == -1 || dup2(fd, 2) == -1)
		_exit(127);
	closefrom(3);
	if (chdir("/") == -1)
		_exit(127);
	execve(args[0], args, env);
	dprintf(2, "%s: %s", args[0], strerror(errno));
	_exit(127);
}

/* Read what it says, keep what fits.  0 at the end of it. */
static int
listen_to(struct run *r)
{
	char buf[RUN_OUTPUT];
	ssize_t n;

	n = read(r->fd, buf, sizeof(buf));
	if (n == -1)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0)
		return 0;
	if (r->have + (size_t)n < RUN_OUTPUT) {
		memcpy(r->why + r->have, buf, (size_t)n);
		r->have += (size_t)n;
	}
	return 1;
}

static void
tell(struct run *r)
{
	ssize_t n;

	n = send(r->fd, r->input, r->left, MSG_NOSIGNAL);
	if (n == -1 && errno != EINTR && errno != EAGAIN)
		r->left = 0; /* it does not want more */
	if (n > 0) {
		r->input += n;
		r->left -= (size_t)n;
	}
	if (r->left == 0)
		shutdown(r->fd, SHUT_WR);
}

/* Talk until it closes its end; 0, or -1 when its time is over. */
static int
talk(struct run *r)
{
	struct pollfd pfd;
	uint64_t now;

	fcntl(r->fd, F_SETFL, O_NONBLOCK);
	if (r->left == 0)
		shutdown(r->fd, SHUT_WR);
	for (;;) {
		if ((now = clock_ms()) >= r->until)
			return -1;
		pfd.fd = r->fd;
		pfd.events = r->left > 0 ? POLLIN | POLLOUT : POLLIN;
		if (poll(&pfd, 1, (int)(r->until - now)) <= 0)
			continue;
		if (pfd.revents & POLLOUT)
			tell(r);
		if (pfd.revents & (POLLIN | POLLHUP | POLLERR) && !listen_to(r))
			return 0;
	}
}

/* One line of printable text, for the log. */
static void
tidy(char *text, size_t len)
{
	size_t i;

	while (len > 0 && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = text[i] == '\n' ? ';' : ' ';
	}
}

int
run_command(const char *const argv[], const char *input, char why[RUN_OUTPUT])
{
	struct run r = { .input = input, .why = why };
	int pair[2], status = 0, late;

	r.left = input == NULL ? 0 : strlen(input);
	r.until = clock_ms() + RUN_MS;
	why[0] = '\0';
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1 ||
	    (r.pid = fork()) == -1)
		fatal("%s", argv[0]);
	if (r.pid == 0)
		become(argv, pair[1]);
	close(pair[1]);
	r.fd = pair[0];
	if ((late = talk(&r)) == -1)
		kill(r.pid, SIGKILL);
	close(r.fd);
	while (waitpid(r.pid, &status, 0) == -1 && errno == EINTR)
		;
	tidy(why, r.have);
	if (!late && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (late)
		(void)snprintf(why, RUN_OUTPUT, "%s did not end within %d s",
		    argv[0], RUN_MS / 1000);
	else if (why[0] == '\0')
		(void)snprintf(why, RUN_OUTPUT, "%s: %s %d", argv[0],
		    WIFEXITED(status) ? "exit status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return -1;
}
