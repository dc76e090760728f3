/*
 * Which children there are and how each is executed: program, user, chroot,
 * arguments.  The child itself drops its privileges (common/proc.c); nothing
 * of the parent but descriptors 0 to 3 reaches it.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/proc.h"
#include "ikerd/spawn.h"

#define EMPTY "/var/empty"

const struct child_kind child_kinds[] = {
	{ PROC_CRYPTO, "ikerd", "crypto", "_ikerkey", EMPTY, CRYPTO_MAX },
	{ PROC_AUTHD, "authd", NULL, "_authd", "authd", 1 },
	{ PROC_POOLD, "poold", NULL, "_poold", "poold", 1 },
	{ PROC_FILTER, "fwd", "filter", "_fwd", EMPTY, 1 },
	{ PROC_IKE, "ikerd", "ike", "_ikerd", EMPTY, 1 },
	{ PROC_PARENT, NULL, NULL, NULL, NULL, 0 },
};

static const char *
kind_dir(
    const struct child_kind *k, const char *statedir, char *buf, size_t size)
{
	if (k->dir[0] == '/')
		(void)snprintf(buf, size, "%s", k->dir);
	else
		(void)snprintf(buf, size, "%s/%s", statedir, k->dir);
	return buf;
}

/* A directory that is there stays as it is: the port or admin made it. */
static void
make_dir(const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	if (mkdir(path, 0700) == -1) {
		if (errno != EEXIST)
			fatal("%s", path);
		return;
	}
	if (chown(path, uid, gid) == -1 || chmod(path, mode) == -1)
		fatal("%s", path);
}

void
spawn_check(const struct child_kind *k, const char *statedir)
{
	const struct passwd *pw;
	char dir[1024];

	if ((pw = getpwnam(k->user)) == NULL)
		fatalx("user %s does not exist: create it with an own group, "
		       "no password and no shell (%s runs as it)",
		    k->user, process_name(k->process));
	(void)kind_dir(k, statedir, dir, sizeof(dir));
	if (k->dir[0] == '/') {
		make_dir(dir, 0555, 0, 0);
		return;
	}
	make_dir(statedir, 0711, 0, 0);
	make_dir(dir, 0700, pw->pw_uid, pw->pw_gid);
}

static void __attribute__((__noreturn__))
become(const char *path, char *const argv[], int fd, int foreground)
{
	char *const env[] = { NULL };
	int null;

	if ((null = open("/dev/null", O_RDWR)) == -1)
		_exit(126);
	(void)dup2(null, STDIN_FILENO);
	if (!foreground) {
		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
	}
	if (fd != PARENT_FD) {
		if (dup2(fd, PARENT_FD) == -1)
			_exit(126);
	} else if (fcntl(fd, F_SETFD, 0) == -1) {
		_exit(126);
	}
	closefrom(PARENT_FD + 1);
	execve(path, argv, env);
	log_warn("%s", path);
	_exit(127);
}

pid_t
spawn(const struct child *c, const struct children_options *o, int *fd)
{
	const struct child_kind *k = c->kind;
	char path[1024], dir[1024], name[64], instance[CHILD_NAME_SIZE];
	char *argv[12];
	int pair[2], n = 0;
	pid_t pid;

	if (o->builddir != NULL) /* each in a directory of its name */
		(void)snprintf(path, sizeof(path), "%s/%s/%s", o->builddir,
		    k->program, k->program);
	else
		(void)snprintf(
		    path, sizeof(path), "%s/%s", SBINDIR, k->program);
	(void)snprintf(name, sizeof(name), "%s", k->program);
	(void)kind_dir(k, o->statedir, dir, sizeof(dir));
	argv[n++] = name;
	if (k->option != NULL) {
		argv[n++] = (char *)(uintptr_t) "-P";
		argv[n++] = (char *)(uintptr_t)k->option;
	}
	if (o->foreground)
		argv[n++] = (char *)(uintptr_t) "-d";
	if (o->verbose)
		argv[n++] = (char *)(uintptr_t) "-v";
	if (k->most > 1) {
		(void)strlcpy(instance, child_name(c), sizeof(instance));
		argv[n++] = (char *)(uintptr_t) "-i";
		argv[n++] = instance;
	}
	if (k->process == PROC_IKE && o->legacy)
		argv[n++] = (char *)(uintptr_t) "-l";
	argv[n++] = (char *)(uintptr_t) "-c";
	argv[n++] = dir;
	argv[n] = NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	if ((pid = fork()) == 0)
		become(path, argv, pair[1], o->foreground);
	close(pair[1]);
	if (pid == -1) {
		close(pair[0]);
		return -1;
	}
	*fd = pair[0];
	return pid;
}
