/*
 * The bench's door to the kernel, linked into the parent instead of
 * ikerd/openkernel.c: behind the PF_KEY socket stands fakekey, in a process
 * of its own that is no child of the gateway, so that its time is not
 * counted.  PLAYED_KEYS in the environment names a file that shows the keys of
 * the SAs to tests.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "ikerd/openkernel.h"
#include "regress/bench/fakekey.h"

static void __attribute__((__noreturn__)) serve(int fd)
{
	static struct fakekey_counts counts;
	const char *keys = getenv("PLAYED_KEYS");
	struct fakekey *fk;
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGTERM, SIG_DFL);
	if (setsid() == -1 || dup2(fd, 3) == -1)
		_exit(1);
	closefrom(4);
	if ((fk = fakekey_new(&counts)) != NULL && keys != NULL)
		fakekey_show_keys(
		    fk, open(keys, O_WRONLY | O_APPEND | O_CREAT, 0600));
	_exit(fakekey_serve(fk, 3));
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
