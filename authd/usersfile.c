/*
 * Reads the users file through the descriptor of authd's directory and keeps
 * the set in force.  main.c looks at start and after a reload, local.c at
 * each login.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "authd/usersfile.h"
#include "common/log.h"
#include "common/secret.h"

/* What tells one version of the file from another. */
struct stamp {
	int there;
	dev_t dev;
	ino_t ino;
	mode_t mode;
	off_t size;
	struct timespec mtim, ctim;
};

static int dirfd = -1;
static char path[512];
static unsigned int forms;
static struct usersfile_stats *stats;
static struct users *in_force;
static struct stamp seen;
static int looked;
static struct users_error error; /* of the file seen last, "": none */

void
usersfile_init(
    int fd, const char *dir, unsigned int known, struct usersfile_stats *counts)
{
	dirfd = fd;
	snprintf(path, sizeof(path), "%s/%s", dir, USERSFILE_NAME);
	forms = known;
	stats = counts;
	looked = 0;
	users_free(in_force);
	in_force = NULL;
}

static struct stamp
stamp_of(const struct stat *st)
{
	struct stamp s;

	memset(&s, 0, sizeof(s));
	if (st == NULL)
		return s;
	s.there = 1;
	s.dev = st->st_dev;
	s.ino = st->st_ino;
	s.mode = st->st_mode;
	s.size = st->st_size;
	s.mtim = st->st_mtim;
	s.ctim = st->st_ctim;
	return s;
}

static int
stamp_equal(const struct stamp *a, const struct stamp *b)
{
	return a->there == b->there && a->dev == b->dev && a->ino == b->ino &&
	    a->mode == b->mode && a->size == b->size &&
	    a->mtim.tv_sec == b->mtim.tv_sec &&
	    a->mtim.tv_nsec == b->mtim.tv_nsec &&
	    a->ctim.tv_sec == b->ctim.tv_sec &&
	    a->ctim.tv_nsec == b->ctim.tv_nsec;
}

/* Is this a file to trust?  NULL or why not. */
static const char *
judge(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "is not a file";
	if (st->st_mode & (S_IWGRP | S_IRWXO))
		return "others can read or write it: chown root:_authd, chmod "
		       "640";
	if (st->st_size > (off_t)USERSFILE_MAX)
		return "is larger than 32 MB";
	return NULL;
}

static int
read_all(int fd, char *bytes, size_t size, size_t *len)
{
	ssize_t n;

	*len = 0;
	while (*len < size) {
		if ((n = read(fd, bytes + *len, size - *len)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	return 0;
}

static struct users *
parse_file(int fd, size_t size)
{
	struct users *set = NULL;
	char *bytes;
	size_t len;

	/* one byte more than it had: a file that grows is read again */
	if ((bytes = secret_alloc(size + 1)) == NULL)
		snprintf(error.text, sizeof(error.text),
		    "no memory for %zu bytes", size);
	else if (read_all(fd, bytes, size + 1, &len) == -1)
		snprintf(error.text, sizeof(error.text), "%s", strerror(errno));
	else if (len > size)
		snprintf(error.text, sizeof(error.text),
		    "changed while it was read");
	else
		set = users_parse(bytes, len, forms, &error);
	secret_free(bytes);
	return set;
}

/* Read and take the file; -1 with error when it is not to be taken. */
static int
take(void)
{
	struct users *set = NULL;
	struct stat st;
	const char *why;
	int fd;

	memset(&error, 0, sizeof(error));
	fd = openat(dirfd, USERSFILE_NAME,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1) {
		snprintf(error.text, sizeof(error.text), "%s", strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	seen = stamp_of(&st);
	if ((why = judge(&st)) != NULL)
		snprintf(error.text, sizeof(error.text), "%s", why);
	else
		set = parse_file(fd, (size_t)st.st_size);
	close(fd);
	if (set == NULL)
		return -1;
	users_free(in_force);
	in_force = set;
	return 0;
}

static void
tell(int taken)
{
	char line[16] = "";

	if (!taken) {
		stats->broken++;
		if (error.line != 0)
			snprintf(line, sizeof(line), "%u:", error.line);
		log_warnx("%s:%s %s%s", path, line, error.text,
		    in_force != NULL ? ": the users read before stay" :
				       ": no local user can log in");
		return;
	}
	stats->loads++;
	stats->users = users_count(in_force);
	log_info("%s: users %zu", path, users_count(in_force));
	if (users_uneven(in_force) != 0)
		log_info("%s: users %zu have hashes of another cost than most: "
			 "the time a login takes tells that they exist",
		    path, users_uneven(in_force));
}

const struct users *
usersfile_get(void)
{
	struct stat st;
	struct stamp now;

	now = stamp_of(
	    fstatat(dirfd, USERSFILE_NAME, &st, AT_SYMLINK_NOFOLLOW) == -1 ?
		NULL :
		&st);
	if (!looked || !stamp_equal(&now, &seen)) {
		looked = 1;
		seen = now;
		tell(take() == 0);
	}
	return in_force;
}

const char *
usersfile_error(void)
{
	return error.text;
}
