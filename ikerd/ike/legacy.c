/*
 * The table of who used legacy algorithms.  It belongs to ike, survives a
 * reload and is lost with the process, which has no file: the log has a line
 * for each new entry.
 */
#include <sys/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "common/table.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/legacy.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"

#define ALGORITHMS_SIZE 48

struct use {
	struct table_link link;
	TAILQ_ENTRY(use) entry; /* the last used first */
	struct endpoint source; /* the last one */
	uint64_t first, last;	/* s since the epoch */
	uint32_t times;
	uint8_t shown; /* under a line, by the show that runs */
	char algorithms[ALGORITHMS_SIZE];
	char group[NAME_SIZE];
	char user[]; /* as the client gave it; "": nobody logs in */
};

static TAILQ_HEAD(uses, use) uses;
static struct table by_key;

void
legacy_init(void)
{
	TAILQ_INIT(&uses);
	table_init(&by_key);
}

size_t
legacy_count(void)
{
	return by_key.n;
}

static uint64_t
hash_of(const char *user, const char *group, const char *algorithms)
{
	char key[USER_SIZE + NAME_SIZE + ALGORITHMS_SIZE];
	size_t len;

	len = str_append(key, sizeof(key), 0, "%s", user) + 1;
	if (len < sizeof(key))
		len = str_append(key, sizeof(key), len, "%s", group) + 1;
	if (len < sizeof(key))
		len = str_append(key, sizeof(key), len, "%s", algorithms);
	return table_hash(&by_key, key, len < sizeof(key) ? len : sizeof(key));
}

static struct use *
find(const char *user, const char *group, const char *algorithms)
{
	struct table_link *l;
	struct use *u;

	l = table_find(&by_key, hash_of(user, group, algorithms));
	for (; l != NULL; l = table_find_next(l)) {
		u = table_entry(l, struct use, link);
		if (strcmp(u->user, user) == 0 &&
		    strcmp(u->group, group) == 0 &&
		    strcmp(u->algorithms, algorithms) == 0)
			return u;
	}
	return NULL;
}

static void
forget_oldest(void)
{
	struct use *u = TAILQ_LAST(&uses, uses);

	TAILQ_REMOVE(&uses, u, entry);
	table_remove(&by_key, &u->link);
	free(u);
}

static struct use *
use_new(const char *user, const char *group, const char *algorithms)
{
	size_t len = strlen(user) + 1;
	char text[USER_SIZE];
	struct use *u;

	if (by_key.n >= LEGACY_MAX)
		forget_oldest();
	if ((u = calloc(1, sizeof(*u) + len)) == NULL)
		return NULL;
	memcpy(u->user, user, len);
	strlcpy(u->group, group, sizeof(u->group));
	strlcpy(u->algorithms, algorithms, sizeof(u->algorithms));
	u->first = clock_sec();
	table_insert(&by_key, &u->link, hash_of(user, group, algorithms));
	TAILQ_INSERT_HEAD(&uses, u, entry);
	str_printable(text, sizeof(text), user, strlen(user));
	log_info("legacy user \"%s\" group \"%s\" algorithms %s", text,
	    u->group, u->algorithms);
	return u;
}

static void
note(const struct session *s, const char *algorithms)
{
	const char *user = s->user != NULL ? s->user : "";
	struct use *u = find(user, s->group->name, algorithms);

	if (u == NULL &&
	    (u = use_new(user, s->group->name, algorithms)) == NULL)
		return;
	TAILQ_REMOVE(&uses, u, entry);
	TAILQ_INSERT_HEAD(&uses, u, entry);
	u->source = s->source;
	u->last = clock_sec();
	u->times++;
}

/* --- texts: the same for what was used and for what a line allows --- */

static int
ike_text(const struct ike_cipher *c, const struct ike_hash *h,
    const struct ike_group *g, char buf[ALGORITHMS_SIZE])
{
	(void)str_append(
	    buf, ALGORITHMS_SIZE, 0, "ike %s %s %s", c->name, h->name, g->name);
	return c->legacy || h->legacy || g->legacy;
}

static int
esp_text(const struct esp_cipher *c, const struct esp_auth *a,
    const struct ike_group *pfs, char buf[ALGORITHMS_SIZE])
{
	int weak_pfs = pfs != NULL && pfs->legacy;

	(void)str_append(buf, ALGORITHMS_SIZE, 0, "esp %s%s%s%s%s", c->name,
	    a != NULL ? " " : "", a != NULL ? a->name : "", weak_pfs ? " " : "",
	    weak_pfs ? pfs->name : "");
	return c->legacy || (a != NULL && a->legacy) || weak_pfs;
}

void
legacy_used(const struct session *s, const struct tunnel *t)
{
	const struct ike_sa *sa = session_sa(s);
	char text[ALGORITHMS_SIZE];

	if (sa != NULL && ike_text(sa->cipher, sa->hash, sa->group, text))
		note(s, text);
	if (esp_text(t->cipher, t->auth, t->pfs, text))
		note(s, text);
}

/* --- ikerctl --- */

static void
send_row(struct peer *ctl, const char *line, const char *algorithms,
    const struct use *u)
{
	struct msg_ROW_LEGACY row;

	memset(&row, 0, sizeof(row));
	strlcpy(row.line, line, sizeof(row.line));
	strlcpy(row.algorithms, algorithms, sizeof(row.algorithms));
	if (u != NULL) {
		str_printable(
		    row.user, sizeof(row.user), u->user, strlen(u->user));
		strlcpy(row.group, u->group, sizeof(row.group));
		row.source = u->source;
		row.first = u->first;
		row.when = u->last;
		row.times = u->times;
	}
	bus_send(ctl, MSG_ROW_LEGACY, &row, -1);
}

/* A line, and under it everybody who needs it. */
static void
show_line(struct peer *ctl, const char *line, const char *algorithms)
{
	struct use *u;
	int n = 0;

	TAILQ_FOREACH(u, &uses, entry) {
		if (strcmp(u->algorithms, algorithms) != 0)
			continue;
		u->shown = 1;
		n++;
		send_row(ctl, line, algorithms, u);
	}
	if (n == 0)
		send_row(ctl, line, algorithms, NULL);
}

void
legacy_show(struct peer *ctl)
{
	const struct ikeconf *c = ikeconf();
	char text[ALGORITHMS_SIZE], line[NAME_SIZE];
	const struct esp_suite *e;
	const struct ike_policy *p;
	struct use *u;
	size_t i;

	TAILQ_FOREACH(u, &uses, entry)
		u->shown = 0;
	for (i = 0; i < c->npolicies; i++) {
		p = &c->policy[i];
		(void)snprintf(
		    line, sizeof(line), "ike policy %u", p->priority);
		if (ike_text(p->cipher, p->hash, p->group, text))
			show_line(ctl, line, text);
	}
	for (i = 0; i < c->nsuites; i++) {
		e = &c->suite[i];
		(void)snprintf(line, sizeof(line), "esp \"%.50s\"", e->name);
		if (esp_text(e->cipher, e->auth, e->pfs, text))
			show_line(ctl, line, text);
	}
	TAILQ_FOREACH(u, &uses, entry) {
		if (!u->shown)
			send_row(ctl, "", u->algorithms, u);
	}
}
