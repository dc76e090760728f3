/*
 * The bench's door to the kernel, linked into the parent instead of
 * ikerd/openkernel.c: behind the PF_KEY socket stands fakekey, in a process
 * of its own that is no child of the gateway, so that its time is not
 * counted.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "common/log.h"
#include "ikerd/openkernel.h"
#include "regress/bench/fakekey.h"

static void __attribute__((__noreturn__)) serve(int fd)
{
	static struct fakekey_counts counts;
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGTERM, SIG_DFL);
	if (setsid() == -1 || dup2(fd, 3) == -1)
		_exit(1);
	closefrom(4);
	_exit(fakekey_serve(fakekey_new(&counts), 3));
}

int
open_kernel(void)
{
	int sv[2], status;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) == -1) {
		log_warn("socketpair");
		return -1;
	}
	if ((pid = fork()) == -1)
		fatal("fork");
	if (pid == 0) {
		if (fork() == 0)
			serve(sv[1]);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	close(sv[1]);
	return sv[0];
}

int
open_kernel_udp(int fd, int family, int natt)
{
	return 0;
}

int
open_kernel_is_real(void)
{
	return 0;
}
