/*
 * Counts failed logins by user, by source and by both, and turns counts into
 * waiting times.  Pure but for the clock; login.c owns the one instance.
 *
 * An attempt counts as failed for its (user, source) from the moment it
 * begins, until it proves otherwise: guesses sent side by side wait behind
 * each other instead of all being free.  The count of the user alone is what
 * strangers can drive up, so its wait ends below a client's patience.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "authd/limit.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/msg.h"
#include "common/table.h"

/* Entries of more failures are forgotten last; all above are alike. */
#define LEVELS 16

enum kind {
	KIND_USER,
	KIND_SOURCE,
	KIND_BOTH,
	KINDS
};

struct entry {
	struct table_link link; /* its hash is all that is kept of the key */
	TAILQ_ENTRY(entry) age; /* in its level, unless pending */
	uint64_t last;		/* ms, of the last failure */
	uint64_t next;		/* ms, BOTH: when the last that waits begins */
	unsigned int failures;
	unsigned int pending; /* attempts under way */
	unsigned int level;
};

TAILQ_HEAD(entries, entry);

struct limits {
	struct table table;
	struct entries level[LEVELS];
	size_t max;
};

struct limits *
limits_new(size_t max)
{
	struct limits *l;
	size_t i;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	table_init(&l->table);
	for (i = 0; i < LEVELS; i++)
		TAILQ_INIT(&l->level[i]);
	l->max = max;
	return l;
}

/* An entry that no attempt under way holds. */
static void
entry_free(struct limits *l, struct entry *e)
{
	TAILQ_REMOVE(&l->level[e->level], e, age);
	table_remove(&l->table, &e->link);
	free(e);
}

void
limits_free(struct limits *l)
{
	struct table_link *link, *next = NULL;
	size_t slot = 0;

	if (l == NULL)
		return;
	while ((link = table_walk(&l->table, &slot, &next)) != NULL) {
		table_remove(&l->table, link);
		free(table_entry(link, struct entry, link));
	}
	table_free(&l->table);
	free(l);
}

size_t
limits_count(const struct limits *l)
{
	return l->table.n;
}

/* A source is an IPv4 address or an IPv6 /64. */
static uint64_t
key_of(const struct limits *l, enum kind kind, const char *user,
    const struct addr *source)
{
	uint8_t key[1 + 1 + 16 + USER_SIZE];
	size_t len = 18, n;

	memset(key, 0, sizeof(key));
	key[0] = (uint8_t)kind;
	if (kind != KIND_USER) {
		n = addr_len(source);
		key[1] = source->family;
		memcpy(key + 2, source->b, n == 16 ? 8 : n);
	}
	if (kind != KIND_SOURCE) {
		n = strnlen(user, USER_SIZE);
		memcpy(key + len, user, n);
		len += n;
	}
	return table_hash(&l->table, key, len);
}

static struct entry *
find(const struct limits *l, uint64_t key)
{
	struct table_link *link = table_find(&l->table, key);

	return link != NULL ? table_entry(link, struct entry, link) : NULL;
}

/* Forget whoever failed least, and of those whoever was here longest ago. */
static void
evict(struct limits *l)
{
	size_t i;

	for (i = 0; i < LEVELS; i++) {
		if (!TAILQ_EMPTY(&l->level[i])) {
			entry_free(l, TAILQ_FIRST(&l->level[i]));
			return;
		}
	}
}

/*
 * The entry for one attempt more.  What an attempt holds is in no level and
 * cannot be evicted: a flood of newcomers does not push each other out.
 */
static struct entry *
hold(struct limits *l, uint64_t key)
{
	struct entry *e;

	if ((e = find(l, key)) == NULL) {
		if (l->table.n >= l->max)
			evict(l);
		if ((e = calloc(1, sizeof(*e))) == NULL)
			fatal("limits: calloc");
		table_insert(&l->table, &e->link, key);
	} else if (e->pending == 0)
		TAILQ_REMOVE(&l->level[e->level], e, age);
	if (clock_ms() - e->last >= LIMIT_DECAY * 1000)
		e->failures = 0;
	e->pending++;
	return e;
}

/* The attempt is over: into its level as the youngest, or forgotten. */
static void
release(struct limits *l, struct entry *e)
{
	if (--e->pending > 0)
		return;
	e->level = e->failures < LEVELS ? e->failures : LEVELS - 1;
	TAILQ_INSERT_TAIL(&l->level[e->level], e, age);
	if (e->failures == 0)
		entry_free(l, e);
}

/* 0 up to the free ones, then 1, 2, 4 ... seconds; in ms. */
static uint64_t
wait_for(unsigned int failures, unsigned int most)
{
	unsigned int n;

	if (failures < LIMIT_FREE)
		return 0;
	n = failures - LIMIT_FREE;
	return 1000 * (uint64_t)(n < 6 && 1U << n < most ? 1U << n : most);
}

static int
source_is_busy(const struct entry *e)
{
	unsigned int most;

	most = e->failures < LIMIT_FREE ? LIMIT_SOURCE_PENDING :
					  LIMIT_SOURCE_SLOW;
	return e->pending > most; /* this attempt holds it too */
}

/* When the attempt may begin, in ms from now, for each of its three counts. */
static uint64_t
longest_wait(const struct entry *e[KINDS])
{
	uint64_t now = clock_ms(), wait, other;
	const struct entry *both = e[KIND_BOTH];

	wait = wait_for(both->failures + both->pending - 1, LIMIT_WAIT_MAX);
	if (wait != 0 && both->next > now)
		wait += both->next - now;
	other = wait_for(e[KIND_SOURCE]->failures, LIMIT_WAIT_MAX);
	if (other > wait)
		wait = other;
	other = wait_for(e[KIND_USER]->failures, LIMIT_WAIT_USER_MAX);
	return other > wait ? other : wait;
}

int64_t
limits_begin(struct limits *l, const char *user, const struct addr *source)
{
	struct entry *e[KINDS];
	uint64_t wait;
	unsigned int k;

	for (k = 0; k < KINDS; k++)
		e[k] = hold(l, key_of(l, k, user, source));
	wait = longest_wait((const struct entry **)e);
	if (source_is_busy(e[KIND_SOURCE]) || wait > LIMIT_WAIT_MAX * 1000) {
		for (k = 0; k < KINDS; k++)
			release(l, e[k]);
		return -1;
	}
	e[KIND_BOTH]->next = clock_ms() + wait;
	return (int64_t)wait;
}

void
limits_end(struct limits *l, const char *user, const struct addr *source,
    enum limit_outcome outcome)
{
	struct entry *e[KINDS];
	unsigned int k, forgiven;

	for (k = 0; k < KINDS; k++) {
		if ((e[k] = find(l, key_of(l, k, user, source))) == NULL)
			fatalx("limits: end of what did not begin");
		if (outcome == LIMIT_FAILURE) {
			e[k]->failures++;
			e[k]->last = clock_ms();
		}
	}
	if (outcome == LIMIT_SUCCESS) {
		/* of the source, only what this user failed there */
		forgiven = e[KIND_BOTH]->failures;
		if (forgiven > e[KIND_SOURCE]->failures)
			forgiven = e[KIND_SOURCE]->failures;
		e[KIND_SOURCE]->failures -= forgiven;
		e[KIND_USER]->failures = e[KIND_BOTH]->failures = 0;
	}
	for (k = 0; k < KINDS; k++)
		release(l, e[k]);
}
