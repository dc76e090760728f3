/*
 * Reads the key files that a configuration names, straight into secret
 * memory, and refuses a key that others can read.
 * Called by load.c; opens only the files named.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/secret.h"
#include "ikerd/conf.h"
#include "ikerd/parse.h"

#define MODE_OTHERS (S_IRWXO | S_IWGRP | S_IXGRP) /* a group may read */

static int
file_allowed(
    struct report *r, uint32_t place, const char *path, const struct stat *st)
{
	if (!S_ISREG(st->st_mode)) {
		report_error(r, place, "%s is not a file", path);
	} else if (st->st_uid != 0 && st->st_uid != getuid()) {
		report_error(r, place,
		    "%s belongs to somebody else than root and you", path);
	} else if (st->st_mode & MODE_OTHERS) {
		report_error(r, place,
		    "%s holds a key and others may read or change it: chmod "
		    "600 %s",
		    path, path);
	} else if (st->st_size > PSK_MAX + 2) {
		report_error(r, place,
		    "%s is too long for a key (at most %d bytes)", path,
		    PSK_MAX);
	} else {
		return 1;
	}
	return 0;
}

/* The key is the file's text without the end of its line. */
static void
take_key(struct report *r, struct conf_group *g, const char *path, int fd)
{
	char *text = secret_alloc(PSK_MAX + 3);
	ssize_t n;

	if (text == NULL)
		fatalx("configuration: no memory for a key");
	n = read(fd, text, PSK_MAX + 2);
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	if (n == -1) {
		report_error(r, g->key_place, "%s: %s", path, strerror(errno));
	} else if (n == 0) {
		report_error(r, g->key_place, "%s is empty", path);
	} else if (n > PSK_MAX) {
		report_error(r, g->key_place,
		    "%s is too long for a key (at most %d bytes)", path,
		    PSK_MAX);
	} else if (memchr(text, '\n', n) != NULL ||
	    memchr(text, '\0', n) != NULL) {
		report_error(r, g->key_place,
		    "%s must hold one line of text, the key", path);
	} else if (secret_set(&g->key, text, (size_t)n) == -1) {
		fatalx("configuration: no memory for a key");
	}
	secret_free(text);
}

static void
read_key(const struct conf *c, struct report *r, struct conf_group *g)
{
	char *path = conf_path(c, g->key_place, g->key_file);
	struct stat st;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 || fstat(fd, &st) == -1)
		report_error(r, g->key_place, "%s: %s", path, strerror(errno));
	else if (file_allowed(r, g->key_place, path, &st))
		take_key(r, g, path, fd);
	if (fd != -1)
		close(fd);
	free(path);
}

/* A key written in the configuration itself makes that file a key file. */
static void
check_inline(const struct conf *c, struct report *r, const struct conf_group *g)
{
	size_t n = g->key_place >> CONF_PLACE_BITS;

	if (n < c->nfiles && (c->file[n].mode & MODE_OTHERS))
		report_error(r, g->key_place,
		    "a key stands here and others may read %s: chmod 600 %s, "
		    "or write key file \"FILE\"",
		    c->file[n].name, c->file[n].name);
}

void
conf_read_keys(struct conf *c, struct report *r)
{
	struct conf_group *g;

	TAILQ_FOREACH(g, &c->groups, entry) {
		if (g->key_file != NULL)
			read_key(c, r, g);
		else if (g->key.len > 0)
			check_inline(c, r, g);
	}
}
