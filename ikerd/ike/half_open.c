/*
 * The half-open sessions: of all, in the order in which they came, and how many
 * each source address has.
 */
#include <stdlib.h>

#include "common/clock.h"
#include "ikerd/ike/half_open.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/session.h"

#define HALF_OPEN_MIN_MS 3000 /* what each has before it may be dropped */

struct source {
	struct table_link link;
	struct addr addr;
	unsigned int n;
};

static TAILQ_HEAD(, session) all; /* the oldest first */
static struct table sources;

void
half_open_init(void)
{
	TAILQ_INIT(&all);
	table_init(&sources);
}

/* --- of one address --- */

static struct source *
source_find(const struct addr *a, uint64_t hash)
{
	struct table_link *l = table_find(&sources, hash);

	for (; l != NULL; l = table_find_next(l)) {
		if (addr_equal(&table_entry(l, struct source, link)->addr, a))
			return table_entry(l, struct source, link);
	}
	return NULL;
}

static uint64_t
source_hash(const struct addr *a)
{
	return table_hash(&sources, a, sizeof(*a));
}

int
half_open_reserve(const struct addr *a)
{
	uint64_t hash = source_hash(a);
	struct source *src = source_find(a, hash);

	if (src == NULL) {
		if ((src = calloc(1, sizeof(*src))) == NULL)
			return -1;
		src->addr = *a;
		table_insert(&sources, &src->link, hash);
	}
	if (src->n >= ikeconf()->limits.half_open_source)
		return -1;
	src->n++;
	return 0;
}

void
half_open_release(const struct addr *a)
{
	struct source *src = source_find(a, source_hash(a));

	if (src == NULL || --src->n > 0)
		return;
	table_remove(&sources, &src->link);
	free(src);
}

/* --- of all --- */

void
half_open_add(struct session *s)
{
	s->half_open = 1;
	s->first_source = s->source.addr;
	TAILQ_INSERT_TAIL(&all, s, entry);
	session_counters.half_open++;
}

void
half_open_leave(struct session *s)
{
	if (!s->half_open)
		return;
	s->half_open = 0;
	TAILQ_REMOVE(&all, s, entry);
	half_open_release(&s->first_source);
	session_counters.half_open--;
}

struct session *
half_open_oldest(void)
{
	return TAILQ_FIRST(&all);
}

int
session_crowded(void)
{
	const struct session *oldest = TAILQ_FIRST(&all);

	return oldest != NULL &&
	    session_counters.half_open >= ikeconf()->limits.half_open &&
	    clock_since(oldest->story.began_clock) < HALF_OPEN_MIN_MS;
}
