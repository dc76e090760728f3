/*
 * Membership of tables by session.  A member is an address of a table, a
 * holder is a session that asked for it.  A member is queued for a change
 * when what is wanted (somebody holds it) is not what the kernel is thought
 * to have.  No I/O; filter_process.c is the only caller.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/table.h"
#include "fwd/filter.h"

struct member {
	struct table_link link; /* of set.members, by address */
	TAILQ_ENTRY(member) entry;
	struct addr addr;
	uint32_t holders;
	uint8_t queued;
	uint8_t in_kernel;
	uint8_t seen;	 /* while the kernel's table is read */
	uint8_t renew;	 /* went from one session to another */
	uint8_t unheard; /* a predecessor's, may be told yet */
};

struct holder {
	struct table_link link; /* of set.holders, by session */
	struct member *member;
	uint64_t session;
	uint32_t generation;
};

struct set {
	TAILQ_ENTRY(set) entry;
	char name[NAME_SIZE];
	int configured;
	struct table members, holders;
	TAILQ_HEAD(, member) queue;
	uint64_t wanted;
};

struct filter {
	TAILQ_HEAD(, set) tables;
	struct filter_range *ranges;
	size_t nranges;
	uint32_t generation;
	int synced; /* the first resync is over */
};

static void *
must(void *p)
{
	if (p == NULL)
		fatal("filter: memory");
	return p;
}

struct filter *
filter_new(void)
{
	struct filter *f = must(calloc(1, sizeof(*f)));

	TAILQ_INIT(&f->tables);
	return f;
}

static struct set *
find_table(const struct filter *f, const char *name)
{
	struct set *t;

	TAILQ_FOREACH(t, &f->tables, entry) {
		if (strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}

static void
make_table(struct filter *f, const char *name)
{
	struct set *t = must(calloc(1, sizeof(*t)));

	(void)strlcpy(t->name, name, sizeof(t->name));
	table_init(&t->members);
	table_init(&t->holders);
	TAILQ_INIT(&t->queue);
	TAILQ_INSERT_TAIL(&f->tables, t, entry);
}

static void
free_table(struct filter *f, struct set *t)
{
	struct table_link *l, *next = NULL;
	size_t slot = 0;

	while ((l = table_walk(&t->holders, &slot, &next)) != NULL)
		free(table_entry(l, struct holder, link));
	slot = 0;
	while ((l = table_walk(&t->members, &slot, &next)) != NULL)
		free(table_entry(l, struct member, link));
	table_free(&t->holders);
	table_free(&t->members);
	TAILQ_REMOVE(&f->tables, t, entry);
	free(t);
}

void
filter_free(struct filter *f)
{
	while (!TAILQ_EMPTY(&f->tables))
		free_table(f, TAILQ_FIRST(&f->tables));
	free(f->ranges);
	free(f);
}

void
filter_configure(struct filter *f, const char *const *tables, size_t ntables,
    const struct filter_range *ranges, size_t nranges)
{
	struct set *t, *next;
	size_t i;

	free(f->ranges);
	f->ranges = must(calloc(nranges + 1, sizeof(*ranges)));
	if (nranges != 0)
		memcpy(f->ranges, ranges, nranges * sizeof(*ranges));
	f->nranges = nranges;
	TAILQ_FOREACH(t, &f->tables, entry)
		t->configured = 0;
	for (i = 0; i < ntables; i++) {
		if (find_table(f, tables[i]) == NULL)
			make_table(f, tables[i]);
		find_table(f, tables[i])->configured = 1;
	}
	for (t = TAILQ_FIRST(&f->tables); t != NULL; t = next) {
		next = TAILQ_NEXT(t, entry);
		if (!t->configured)
			free_table(f, t);
	}
}

const char *
filter_table(const struct filter *f, size_t i)
{
	struct set *t;

	TAILQ_FOREACH(t, &f->tables, entry) {
		if (i-- == 0)
			return t->name;
	}
	return NULL;
}

/* --- members --- */

static struct member *
find_member(const struct set *t, const struct addr *a)
{
	struct table_link *l;
	struct member *m;

	l = table_find(&t->members, table_hash(&t->members, a, sizeof(*a)));
	for (; l != NULL; l = table_find_next(l)) {
		m = table_entry(l, struct member, link);
		if (addr_equal(&m->addr, a))
			return m;
	}
	return NULL;
}

static struct member *
make_member(struct set *t, const struct addr *a)
{
	struct member *m = must(calloc(1, sizeof(*m)));

	m->addr = *a;
	table_insert(
	    &t->members, &m->link, table_hash(&t->members, a, sizeof(*a)));
	return m;
}

/* Queue it when there is something to do, drop it when there is nothing. */
static void
settle(struct set *t, struct member *m)
{
	int wanted = m->holders > 0 || m->unheard;
	int due = wanted != m->in_kernel || (m->renew && m->in_kernel);

	if (due && !m->queued)
		TAILQ_INSERT_TAIL(&t->queue, m, entry);
	else if (!due && m->queued)
		TAILQ_REMOVE(&t->queue, m, entry);
	m->queued = (uint8_t)due;
	if (!due && !wanted) {
		table_remove(&t->members, &m->link);
		free(m);
	}
}

/* --- holders --- */

static struct holder *
find_holder(const struct set *t, uint64_t session)
{
	struct table_link *l;
	struct holder *h;

	l = table_find(
	    &t->holders, table_hash(&t->holders, &session, sizeof(session)));
	for (; l != NULL; l = table_find_next(l)) {
		h = table_entry(l, struct holder, link);
		if (h->session == session)
			return h;
	}
	return NULL;
}

static void
drop_holder(struct set *t, struct holder *h)
{
	struct member *m = h->member;

	table_remove(&t->holders, &h->link);
	free(h);
	if (--m->holders == 0) {
		t->wanted--;
		m->renew = 1;
	}
	settle(t, m);
}

static void
add_holder(
    struct filter *f, struct set *t, uint64_t session, const struct addr *a)
{
	struct member *m = find_member(t, a);
	struct holder *h = must(calloc(1, sizeof(*h)));

	if (m == NULL)
		m = make_member(t, a);
	h->session = session;
	h->generation = f->generation;
	h->member = m;
	table_insert(&t->holders, &h->link,
	    table_hash(&t->holders, &session, sizeof(session)));
	if (m->holders++ == 0)
		t->wanted++;
	m->unheard = 0;
	settle(t, m);
}

static int
in_ranges(const struct filter *f, const struct addr *a)
{
	size_t i;

	for (i = 0; i < f->nranges; i++) {
		if (addr_in_range(a, &f->ranges[i].first, &f->ranges[i].last))
			return 1;
	}
	return 0;
}

enum filter_answer
filter_add(
    struct filter *f, const char *table, uint64_t session, const struct addr *a)
{
	struct set *t = find_table(f, table);
	enum filter_answer answer = FILTER_OK;
	struct holder *h;

	if (t == NULL)
		return FILTER_NO_TABLE;
	h = find_holder(t, session);
	if (h != NULL && addr_equal(&h->member->addr, a)) {
		h->generation = f->generation;
		return FILTER_OK;
	}
	if (!in_ranges(f, a))
		return FILTER_OUTSIDE;
	if (h != NULL) {
		drop_holder(t, h);
		answer = FILTER_MOVED;
	}
	add_holder(f, t, session, a);
	return find_member(t, a)->holders > 1 ? FILTER_SHARED : answer;
}

int
filter_remove(struct filter *f, const char *table, uint64_t session)
{
	struct set *t = find_table(f, table);
	struct holder *h = t != NULL ? find_holder(t, session) : NULL;

	if (h == NULL)
		return -1;
	drop_holder(t, h);
	return 0;
}

/* --- resync --- */

void
filter_resync_begin(struct filter *f)
{
	f->generation++;
}

static uint64_t
drop_untold(struct filter *f, struct set *t)
{
	struct table_link *l, *next = NULL;
	struct holder *h;
	size_t slot = 0;
	uint64_t n = 0;

	while ((l = table_walk(&t->holders, &slot, &next)) != NULL) {
		h = table_entry(l, struct holder, link);
		if (h->generation == f->generation)
			continue;
		drop_holder(t, h);
		n++;
	}
	return n;
}

/* A predecessor's members that nobody told about go now. */
static void
drop_unheard(struct set *t)
{
	struct table_link *l, *next = NULL;
	struct member *m;
	size_t slot = 0;

	while ((l = table_walk(&t->members, &slot, &next)) != NULL) {
		m = table_entry(l, struct member, link);
		m->unheard = 0;
		settle(t, m);
	}
}

uint64_t
filter_resync_done(struct filter *f)
{
	struct set *t;
	uint64_t n = 0;

	f->synced = 1;
	TAILQ_FOREACH(t, &f->tables, entry) {
		n += drop_untold(f, t);
		drop_unheard(t);
	}
	return n;
}

/* --- the kernel's side --- */

size_t
filter_changes(
    struct filter *f, const char *table, struct filter_change *c, size_t max)
{
	struct set *t = find_table(f, table);
	struct member *m;
	size_t n = 0;

	while (t != NULL && n < max && (m = TAILQ_FIRST(&t->queue)) != NULL) {
		c[n].addr = m->addr;
		if (m->holders == 0) {
			c[n].kind = FILTER_DELETE;
			m->in_kernel = 0;
		} else if (m->in_kernel)
			c[n].kind = FILTER_RENEW;
		else {
			c[n].kind = FILTER_ADD;
			m->in_kernel = 1;
		}
		m->renew = 0;
		settle(t, m); /* out of the queue, and m may be gone */
		n++;
	}
	return n;
}

void
filter_kernel_begin(struct filter *f, const char *table)
{
	struct set *t = find_table(f, table);
	struct table_link *l, *next = NULL;
	size_t slot = 0;

	while (t != NULL && (l = table_walk(&t->members, &slot, &next)) != NULL)
		table_entry(l, struct member, link)->seen = 0;
}

void
filter_kernel_has(struct filter *f, const char *table, const struct addr *a)
{
	struct set *t = find_table(f, table);
	struct member *m;

	if (t == NULL)
		return;
	if ((m = find_member(t, a)) == NULL) {
		m = make_member(t, a);
		m->unheard = !f->synced;
	}
	m->seen = 1;
}

void
filter_kernel_end(struct filter *f, const char *table)
{
	struct set *t = find_table(f, table);
	struct table_link *l, *next = NULL;
	struct member *m;
	size_t slot = 0;

	while (
	    t != NULL && (l = table_walk(&t->members, &slot, &next)) != NULL) {
		m = table_entry(l, struct member, link);
		m->in_kernel = m->seen;
		if (!m->seen)
			m->unheard = 0;
		settle(t, m);
	}
}

/* --- for people --- */

void
filter_walk(struct filter *f,
    void (*fn)(const char *, const struct addr *, uint64_t, void *), void *arg)
{
	struct table_link *l, *next = NULL;
	struct holder *h;
	struct set *t;
	size_t slot;

	TAILQ_FOREACH(t, &f->tables, entry) {
		slot = 0;
		while ((l = table_walk(&t->holders, &slot, &next)) != NULL) {
			h = table_entry(l, struct holder, link);
			fn(t->name, &h->member->addr, h->session, arg);
		}
	}
}

uint64_t
filter_members(const struct filter *f)
{
	struct set *t;
	uint64_t n = 0;

	TAILQ_FOREACH(t, &f->tables, entry)
		n += t->wanted;
	return n;
}
