/*
 * Reads the files that a configuration names, and refuses those that others
 * can change, or read where there is a key in them.  Called by keyfile.c and
 * certfile.c; opens only the files named.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/secret.h"
#include "ikerd/conf.h"
#include "ikerd/readfile.h"

static int
allowed(struct report *r, uint32_t place, const char *path,
    const struct stat *st, enum readfile_kind kind, size_t max)
{
	if (!S_ISREG(st->st_mode)) {
		report_error(r, place, "%s is not a file", path);
	} else if (st->st_uid != 0 && st->st_uid != getuid()) {
		report_error(r, place,
		    "%s belongs to somebody else than root and you", path);
	} else if (kind == READFILE_SECRET && st->st_mode & READFILE_OTHERS) {
		report_error(r, place,
		    "%s holds a key and others may read or change it: chmod "
		    "600 %s",
		    path, path);
	} else if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		report_error(r, place,
		    "%s can be written by others: chmod go-w %s", path, path);
	} else if (st->st_size > (off_t)max) {
		report_error(
		    r, place, "%s is too long (at most %zu bytes)", path, max);
	} else {
		return 1;
	}
	return 0;
}

/* Up to max octets; -1 with errno. */
static ssize_t
take(int fd, char *bytes, size_t max)
{
	size_t have = 0;
	ssize_t n;

	while (have < max && (n = read(fd, bytes + have, max - have)) != 0) {
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			have += (size_t)n;
	}
	return (ssize_t)have;
}

static char *
room(size_t size, enum readfile_kind kind)
{
	char *p = kind == READFILE_SECRET ? secret_alloc(size) :
					    calloc(1, size);

	if (p == NULL)
		fatalx("configuration: no memory for a file");
	return p;
}

void
readfile_free(char *p, enum readfile_kind kind)
{
	if (kind == READFILE_SECRET)
		secret_free(p);
	else
		free(p);
}

char *
readfile(struct report *r, uint32_t place, const char *name,
    enum readfile_kind kind, size_t max, size_t *len)
{
	char *path = conf_path(r->conf, place, name), *bytes = NULL;
	struct stat st;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 || fstat(fd, &st) == -1) {
		report_error(r, place, "%s: %s", path, strerror(errno));
	} else if (allowed(r, place, path, &st, kind, max)) {
		bytes = room((size_t)st.st_size + 1, kind);
		if ((n = take(fd, bytes, (size_t)st.st_size)) == -1) {
			report_error(r, place, "%s: %s", path, strerror(errno));
			readfile_free(bytes, kind);
			bytes = NULL;
		} else {
			*len = (size_t)n;
		}
	}
	if (fd != -1)
		close(fd);
	free(path);
	return bytes;
}
