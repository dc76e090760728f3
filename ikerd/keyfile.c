/*
 * Takes the shared keys from the files that a configuration names, and refuses
 * a key that others can read.  Called by load.c.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/secret.h"
#include "ikerd/conf.h"
#include "ikerd/parse.h"
#include "ikerd/readfile.h"

#define FILE_MAX 4096 /* no key is so long, and it is said better below */

/* The key is the file's text without the end of its line. */
static void
take_key(struct report *r, struct conf_key *k, const char *path,
    const char *text, size_t n, size_t max)
{
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	if (n == 0) {
		report_error(r, k->place, "%s is empty", path);
	} else if (n > max) {
		report_error(r, k->place,
		    "%s is too long for a key (at most %zu bytes)", path, max);
	} else if (memchr(text, '\n', n) != NULL ||
	    memchr(text, '\0', n) != NULL) {
		report_error(r, k->place,
		    "%s must hold one line of text, the key", path);
	} else if (secret_set(&k->secret, text, n) == -1) {
		fatalx("configuration: no memory for a key");
	}
}

static void
read_key(struct report *r, struct conf_key *k, size_t max)
{
	char *path, *text;
	size_t n;

	text = readfile(r, k->place, k->file, READFILE_SECRET, FILE_MAX, &n);
	if (text == NULL)
		return;
	path = conf_path(r->conf, k->place, k->file);
	take_key(r, k, path, text, n, max);
	free(path);
	readfile_free(text, READFILE_SECRET);
}

/* A key written in the configuration itself makes that file a key file. */
static void
check_inline(const struct conf *c, struct report *r, const struct conf_key *k)
{
	size_t n = k->place >> CONF_PLACE_BITS;

	if (n < c->nfiles && (c->file[n].mode & READFILE_OTHERS))
		report_error(r, k->place,
		    "a key stands here and others may read %s: chmod 600 %s, "
		    "or write key file \"FILE\"",
		    c->file[n].name, c->file[n].name);
}

static void
take(struct conf *c, struct report *r, struct conf_key *k, size_t max)
{
	if (k->file != NULL)
		read_key(r, k, max);
	else if (k->secret.len > 0)
		check_inline(c, r, k);
}

void
conf_read_keys(struct conf *c, struct report *r)
{
	struct conf_server *s;
	struct conf_group *g;
	struct conf_aaa *a;

	TAILQ_FOREACH(g, &c->groups, entry)
		take(c, r, &g->key, PSK_MAX);
	TAILQ_FOREACH(a, &c->aaas, entry) {
		TAILQ_FOREACH(s, &a->servers, entry)
			take(c, r, &s->key, SERVER_KEY_MAX);
	}
}
