/*
 * Who has which address.  A struct lease exists for each address that
 * somebody has or had: held (in the session table), known (free, remembered
 * for its user) or blank (free, nobody remembered).  All are in the address
 * table; addresses beyond a pool's cursor that are not have never been used.
 * No I/O; poold's main file is the only caller.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/table.h"
#include "poold/pool.h"
#include "poold/record.h"

/* So many free addresses of a pool one user is remembered for: an account
 * that all share must not fill the memory, nor make long hash chains. */
#define USER_KNOWN_MAX 16

TAILQ_HEAD(lease_list, lease);

struct pool {
	TAILQ_ENTRY(pool) entry;
	char name[NAME_SIZE];
	uint32_t id;
	int configured; /* else it is there for those who still hold of it */
	int was_configured; /* just so, before this configuration */
	struct addr first, last;
	uint64_t cursor; /* offset of the lowest address that may be unused */
	struct lease_list held, known, blank; /* the oldest first */
	uint64_t nheld, nknown;
};

struct lease {
	TAILQ_ENTRY(lease) entry;
	struct table_link by_address;
	struct table_link by_session; /* held */
	struct table_link by_user;    /* known */
	struct pool *pool;
	char *user; /* NULL: blank */
	uint64_t session, since;
	uint32_t generation; /* of the resync that it was told in */
	struct addr address;
};

/* Where records go. */
struct sink {
	leases_record *record;
	void *arg;
};

struct leases {
	TAILQ_HEAD(, pool) pools;
	struct table by_address, by_session, by_user;
	struct sink journal;
	size_t remember;
	uint32_t next_id, generation;
	int configured; /* once; until then journalled pools are taken as is */
	uint64_t nheld, nknown;
};

/* --- making, finding --- */

static void *__attribute__((__returns_nonnull__)) must(void *p)
{
	if (p == NULL)
		fatal("poold: memory");
	return p;
}

struct leases *
leases_new(leases_record *record, void *arg, size_t remember)
{
	struct leases *l = must(calloc(1, sizeof(*l)));

	TAILQ_INIT(&l->pools);
	table_init(&l->by_address);
	table_init(&l->by_session);
	table_init(&l->by_user);
	l->journal.record = record;
	l->journal.arg = arg;
	l->remember = remember;
	return l;
}

static struct pool *
pool_named(const struct leases *l, const char *name)
{
	struct pool *p;

	TAILQ_FOREACH(p, &l->pools, entry) {
		if (strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

static struct pool *
pool_make(struct leases *l, const char *name)
{
	struct pool *p = must(calloc(1, sizeof(*p)));

	(void)strlcpy(p->name, name, sizeof(p->name));
	p->id = l->next_id++;
	TAILQ_INIT(&p->held);
	TAILQ_INIT(&p->known);
	TAILQ_INIT(&p->blank);
	TAILQ_INSERT_TAIL(&l->pools, p, entry);
	return p;
}

/* Its last holder of a pool that is no more went: it goes, too. */
static void
pool_leave(struct leases *l, struct pool *p)
{
	if (p->configured || !l->configured || !TAILQ_EMPTY(&p->held) ||
	    !TAILQ_EMPTY(&p->known) || !TAILQ_EMPTY(&p->blank))
		return;
	TAILQ_REMOVE(&l->pools, p, entry);
	free(p);
}

/* The pool whose range an address is in. */
static struct pool *
pool_around(const struct leases *l, const struct addr *a)
{
	struct pool *p;

	TAILQ_FOREACH(p, &l->pools, entry) {
		if (p->configured && addr_in_range(a, &p->first, &p->last))
			return p;
	}
	return NULL;
}

static uint64_t
hash_address(const struct leases *l, const struct addr *a)
{
	return table_hash(&l->by_address, a, sizeof(*a));
}

static uint64_t
hash_session(const struct leases *l, uint64_t session)
{
	return table_hash(&l->by_session, &session, sizeof(session));
}

static uint64_t
hash_user(const struct leases *l, const struct pool *p, const char *user)
{
	uint8_t key[sizeof(p->id) + USER_SIZE];
	size_t len = strnlen(user, USER_SIZE);

	memcpy(key, &p->id, sizeof(p->id));
	memcpy(key + sizeof(p->id), user, len);
	return table_hash(&l->by_user, key, sizeof(p->id) + len);
}

static struct lease *
find_address(const struct leases *l, const struct addr *a)
{
	struct table_link *t = table_find(&l->by_address, hash_address(l, a));
	struct lease *e;

	for (; t != NULL; t = table_find_next(t)) {
		e = table_entry(t, struct lease, by_address);
		if (addr_equal(&e->address, a))
			return e;
	}
	return NULL;
}

static struct lease *
find_session(const struct leases *l, uint64_t session)
{
	struct table_link *t = table_find(
	    &l->by_session, hash_session(l, session));
	struct lease *e;

	for (; t != NULL; t = table_find_next(t)) {
		e = table_entry(t, struct lease, by_session);
		if (e->session == session)
			return e;
	}
	return NULL;
}

/* A free lease of this user; and how many there are, when n is not NULL. */
static struct lease *
find_user(
    const struct leases *l, const struct pool *p, const char *user, size_t *n)
{
	struct table_link *t = table_find(&l->by_user, hash_user(l, p, user));
	struct lease *e, *found = NULL;

	for (; t != NULL; t = table_find_next(t)) {
		e = table_entry(t, struct lease, by_user);
		if (e->pool != p || strcmp(e->user, user) != 0)
			continue;
		if (found == NULL)
			found = e;
		if (n == NULL)
			break;
		(*n)++;
	}
	return found;
}

/* --- the three states of a lease --- */

/* Out of the list it is in; it is in none then. */
static void
lease_unlist(struct leases *l, struct lease *e)
{
	struct pool *p = e->pool;

	if (e->session != 0) {
		TAILQ_REMOVE(&p->held, e, entry);
		table_remove(&l->by_session, &e->by_session);
		p->nheld--;
		l->nheld--;
	} else if (e->user != NULL) {
		TAILQ_REMOVE(&p->known, e, entry);
		table_remove(&l->by_user, &e->by_user);
		p->nknown--;
		l->nknown--;
	} else
		TAILQ_REMOVE(&p->blank, e, entry);
	e->session = 0;
}

static void
lease_blank(struct lease *e, struct pool *p)
{
	free(e->user);
	e->user = NULL;
	e->pool = p;
	TAILQ_INSERT_TAIL(&p->blank, e, entry);
}

/* Free, and remembered for e->user, unless there is enough to remember. */
static void
lease_know(struct leases *l, struct lease *e, struct pool *p)
{
	struct lease *oldest;
	size_t n = 0;

	(void)find_user(l, p, e->user, &n);
	if (n >= USER_KNOWN_MAX || l->remember == 0) {
		lease_blank(e, p);
		return;
	}
	if (p->nknown >= l->remember) {
		oldest = TAILQ_FIRST(&p->known);
		lease_unlist(l, oldest);
		lease_blank(oldest, p);
	}
	e->pool = p;
	TAILQ_INSERT_TAIL(&p->known, e, entry);
	table_insert(&l->by_user, &e->by_user, hash_user(l, p, e->user));
	p->nknown++;
	l->nknown++;
}

static void
lease_hold(struct leases *l, struct lease *e, struct pool *p, uint64_t session)
{
	e->pool = p;
	e->session = session;
	e->generation = l->generation;
	TAILQ_INSERT_TAIL(&p->held, e, entry);
	table_insert(&l->by_session, &e->by_session, hash_session(l, session));
	p->nheld++;
	l->nheld++;
}

static void
lease_forget(struct leases *l, struct lease *e)
{
	table_remove(&l->by_address, &e->by_address);
	free(e->user);
	free(e);
}

/* A held lease becomes free, in the pool that its address belongs to now. */
static void
lease_release(struct leases *l, struct lease *e, uint64_t now)
{
	struct pool *was = e->pool, *home = pool_around(l, &e->address);

	if (!l->configured)
		home = was;
	lease_unlist(l, e);
	e->since = now;
	if (home != NULL)
		lease_know(l, e, home);
	else
		lease_forget(l, e);
	if (was != NULL)
		pool_leave(l, was);
}

/* The address is this session's; whoever was remembered for it is not. */
static void
lease_take(struct leases *l, struct pool *p, const struct addr *a,
    uint64_t session, const char *user, uint64_t now)
{
	struct lease *e = find_address(l, a);

	if (e == NULL) {
		e = must(calloc(1, sizeof(*e)));
		e->address = *a;
		table_insert(
		    &l->by_address, &e->by_address, hash_address(l, a));
	} else
		lease_unlist(l, e);
	if (e->user == NULL || strcmp(e->user, user) != 0) {
		free(e->user);
		e->user = must(strdup(user));
	}
	e->since = now;
	lease_hold(l, e, p, session);
}

void
leases_free(struct leases *l)
{
	struct lease_list *lists[3];
	struct lease *e;
	struct pool *p;
	int i;

	while ((p = TAILQ_FIRST(&l->pools)) != NULL) {
		lists[0] = &p->held;
		lists[1] = &p->known;
		lists[2] = &p->blank;
		for (i = 0; i < 3; i++) {
			while ((e = TAILQ_FIRST(lists[i])) != NULL) {
				TAILQ_REMOVE(lists[i], e, entry);
				free(e->user);
				free(e);
			}
		}
		TAILQ_REMOVE(&l->pools, p, entry);
		free(p);
	}
	table_free(&l->by_address);
	table_free(&l->by_session);
	table_free(&l->by_user);
	free(l);
}

/* --- configuration --- */

int
leases_check(const struct pool_range *r, size_t n, char reason[REASON_SIZE],
    uint32_t *line)
{
	const char *why = NULL;
	size_t i, k;

	for (i = 0; i < n; i++) {
		*line = r[i].line;
		if (addr_span(&r[i].first, &r[i].last) == 0) {
			(void)snprintf(reason, REASON_SIZE,
			    "pool \"%s\" holds no address", r[i].name);
			return -1;
		}
		for (k = 0; k < i; k++) {
			if (strcmp(r[i].name, r[k].name) == 0)
				why = "has the name of";
			else if (addr_in_range(
				     &r[i].first, &r[k].first, &r[k].last) ||
			    addr_in_range(&r[k].first, &r[i].first, &r[i].last))
				why = "overlaps";
			else
				continue;
			(void)snprintf(reason, REASON_SIZE,
			    "pool \"%s\" %s pool \"%s\" of line %u", r[i].name,
			    why, r[k].name, r[k].line);
			return -1;
		}
	}
	return 0;
}

static void
set_ranges(struct leases *l, const struct pool_range *r, size_t n)
{
	struct pool *p;
	size_t i;

	TAILQ_FOREACH(p, &l->pools, entry) {
		p->was_configured = p->configured;
		p->configured = 0;
	}
	for (i = 0; i < n; i++) {
		if ((p = pool_named(l, r[i].name)) == NULL)
			p = pool_make(l, r[i].name);
		p->configured = 1;
		if (!addr_equal(&p->first, &r[i].first) ||
		    !addr_equal(&p->last, &r[i].last)) {
			p->cursor = 0;
			p->was_configured = 0;
		}
		p->first = r[i].first;
		p->last = r[i].last;
	}
}

/* Free leases go to the pool around them, or are forgotten. */
static void
rehome(struct leases *l, struct pool *p, struct lease_list *list)
{
	struct lease *e, *next;
	struct pool *home;

	for (e = TAILQ_FIRST(list); e != NULL; e = next) {
		next = TAILQ_NEXT(e, entry);
		if ((home = pool_around(l, &e->address)) == p)
			continue;
		lease_unlist(l, e);
		if (home == NULL)
			lease_forget(l, e);
		else if (e->user != NULL)
			lease_know(l, e, home);
		else
			lease_blank(e, home);
	}
}

static void
tell_outside(struct pool *p, void (*outside)(const char *, uint64_t))
{
	struct lease *e;
	uint64_t n = 0;

	TAILQ_FOREACH(e, &p->held, entry) {
		if (!p->configured ||
		    !addr_in_range(&e->address, &p->first, &p->last))
			n++;
	}
	if (n > 0 && p->configured != p->was_configured && outside != NULL)
		outside(p->name, n);
}

void
leases_configure(struct leases *l, const struct pool_range *r, size_t n,
    void (*outside)(const char *, uint64_t))
{
	struct pool *p, *next;

	l->configured = 1;
	set_ranges(l, r, n);
	TAILQ_FOREACH(p, &l->pools, entry) {
		rehome(l, p, &p->known);
		rehome(l, p, &p->blank);
		tell_outside(p, outside);
	}
	for (p = TAILQ_FIRST(&l->pools); p != NULL; p = next) {
		next = TAILQ_NEXT(p, entry);
		pool_leave(l, p);
	}
}

/* --- records --- */

static int
tell(const struct sink *to, enum record_kind kind, const struct pool *p,
    const struct addr *a, uint64_t session, const char *user, uint64_t now)
{
	uint8_t bytes[RECORD_MAX];
	struct record r;

	memset(&r, 0, sizeof(r));
	r.kind = (uint8_t)kind;
	r.session = session;
	r.since = now;
	if (kind != RECORD_PUT) {
		r.address = *a;
		(void)strlcpy(r.pool, p->name, sizeof(r.pool));
		(void)strlcpy(r.user, user, sizeof(r.user));
	}
	return to->record(bytes, record_encode(&r, bytes), to->arg);
}

/*
 * When this cannot be recorded the lease is free all the same: a successor
 * finds it held and frees it at the end of ike's resync.
 */
static void
give_back(struct leases *l, struct lease *e, uint64_t now)
{
	(void)tell(&l->journal, RECORD_PUT, NULL, NULL, e->session, NULL, now);
	lease_release(l, e, now);
}

static enum lease_answer
grant(struct leases *l, struct pool *p, const struct addr *a, uint64_t session,
    const char *user, uint64_t now)
{
	if (tell(&l->journal, RECORD_HELD, p, a, session, user, now) == -1)
		return LEASE_ERROR;
	lease_take(l, p, a, session, user, now);
	return LEASE_GRANTED;
}

int
leases_replay(struct leases *l, const uint8_t *data, size_t len)
{
	struct record r;
	struct lease *e;
	struct pool *p;

	if (record_parse(&r, data, len) == -1)
		return -1;
	if (r.session != 0 && (e = find_session(l, r.session)) != NULL)
		lease_release(l, e, r.since);
	if (r.kind == RECORD_PUT)
		return 0;
	/* held by another: its end could not be written */
	e = find_address(l, &r.address);
	if (e != NULL && e->session != 0)
		lease_release(l, e, r.since);
	if ((p = pool_named(l, r.pool)) == NULL)
		p = pool_make(l, r.pool);
	if (r.kind == RECORD_HELD) {
		lease_take(l, p, &r.address, r.session, r.user, r.since);
		return 0;
	}
	/* through a session's hands, so that there is one way to be free */
	lease_take(l, p, &r.address, UINT64_MAX, r.user, r.since);
	lease_release(l, find_address(l, &r.address), r.since);
	return 0;
}

static int
dump_list(const struct lease_list *list, const struct sink *to)
{
	const struct lease *e;

	TAILQ_FOREACH(e, list, entry) {
		if (tell(to, e->session != 0 ? RECORD_HELD : RECORD_FREE,
			e->pool, &e->address, e->session, e->user,
			e->since) == -1)
			return -1;
	}
	return 0;
}

int
leases_dump(struct leases *l, leases_record *fn, void *arg)
{
	const struct sink to = { fn, arg };
	struct pool *p;

	TAILQ_FOREACH(p, &l->pools, entry) {
		if (dump_list(&p->known, &to) == -1 ||
		    dump_list(&p->held, &to) == -1)
			return -1;
	}
	return 0;
}

/* --- what ike asks --- */

/* An address of the pool that nobody has: 0, or -1 when there is none. */
static int
pick(struct leases *l, struct pool *p, const char *user, struct addr *out)
{
	struct lease *e = find_user(l, p, user, NULL);
	uint64_t span = addr_span(&p->first, &p->last);

	if (e == NULL)
		e = TAILQ_FIRST(&p->blank);
	for (; e == NULL && p->cursor < span; p->cursor++) {
		if (addr_add(&p->first, p->cursor, out) == 0 &&
		    find_address(l, out) == NULL)
			return 0;
	}
	if (e == NULL && (e = TAILQ_FIRST(&p->known)) == NULL)
		return -1;
	*out = e->address;
	return 0;
}

static int
is_free(const struct leases *l, const struct pool *p, const struct addr *a)
{
	const struct lease *e;

	if (!addr_in_range(a, &p->first, &p->last))
		return 0;
	e = find_address(l, a);
	return e == NULL || e->session == 0;
}

enum lease_answer
leases_get(struct leases *l, uint64_t session, const char *pool,
    const char *user, const struct addr *wish, uint64_t now, struct addr *out)
{
	struct pool *p = pool_named(l, pool);
	struct lease *e;

	if (session == 0)
		return LEASE_ERROR;
	if ((e = find_session(l, session)) != NULL) {
		e->generation = l->generation;
		*out = e->address;
		return LEASE_GRANTED;
	}
	if (p == NULL || !p->configured)
		return LEASE_NO_POOL;
	if (wish->family != ADDR_NONE && is_free(l, p, wish))
		*out = *wish;
	else if (pick(l, p, user, out) == -1)
		return LEASE_FULL;
	return grant(l, p, out, session, user, now);
}

enum lease_answer
leases_get_fixed(struct leases *l, uint64_t session, const char *user,
    const struct addr *a, uint64_t now)
{
	struct pool *p = pool_around(l, a);
	struct lease *e;

	if (session == 0)
		return LEASE_ERROR;
	if ((e = find_session(l, session)) != NULL) {
		if (!addr_equal(&e->address, a))
			return LEASE_TAKEN;
		e->generation = l->generation;
		return LEASE_GRANTED;
	}
	if (p == NULL)
		return LEASE_OUTSIDE;
	if (!is_free(l, p, a))
		return LEASE_TAKEN;
	return grant(l, p, a, session, user, now);
}

enum lease_answer
leases_keep(struct leases *l, uint64_t session, const char *pool,
    const char *user, const struct addr *a, uint64_t now)
{
	enum lease_answer answer;
	struct lease *e;
	struct pool *p;

	if (session == 0 || addr_len(a) == 0)
		return LEASE_ERROR;
	if ((e = find_session(l, session)) != NULL) {
		if (addr_equal(&e->address, a)) {
			e->generation = l->generation;
			return LEASE_GRANTED;
		}
		give_back(l, e, now);
	}
	e = find_address(l, a);
	if (e != NULL && e->session != 0) {
		if (e->generation == l->generation)
			return LEASE_TAKEN;
		give_back(l, e, now); /* of a time ike knows nothing about */
	}
	if ((p = pool_named(l, pool)) == NULL)
		p = pool_make(l, pool);
	answer = grant(l, p, a, session, user, now);
	pool_leave(l, p);
	return answer;
}

int
leases_put(struct leases *l, uint64_t session, uint64_t now)
{
	struct lease *e = session == 0 ? NULL : find_session(l, session);

	if (e == NULL)
		return -1;
	give_back(l, e, now);
	return 0;
}

void
leases_resync_begin(struct leases *l)
{
	l->generation++;
}

uint64_t
leases_resync_done(struct leases *l, uint64_t now)
{
	struct lease *e, *next;
	struct pool *p, *next_pool;
	uint64_t n = 0;

	for (p = TAILQ_FIRST(&l->pools); p != NULL; p = next_pool) {
		next_pool = TAILQ_NEXT(p, entry);
		for (e = TAILQ_FIRST(&p->held); e != NULL; e = next) {
			next = TAILQ_NEXT(e, entry);
			if (e->generation == l->generation)
				continue;
			give_back(l, e, now); /* the last one may free p */
			n++;
		}
	}
	return n;
}

/* --- for people --- */

static void
walk_list(const struct lease_list *list,
    void (*fn)(const struct lease_info *, void *), void *arg)
{
	const struct lease *e;
	struct lease_info i;

	TAILQ_FOREACH(e, list, entry) {
		i.address = e->address;
		i.session = e->session;
		i.since = e->since;
		i.pool = e->pool->name;
		i.user = e->user;
		fn(&i, arg);
	}
}

void
leases_walk(
    struct leases *l, void (*fn)(const struct lease_info *, void *), void *arg)
{
	struct pool *p;

	TAILQ_FOREACH(p, &l->pools, entry)
		walk_list(&p->held, fn, arg);
	TAILQ_FOREACH(p, &l->pools, entry)
		walk_list(&p->known, fn, arg);
}

uint64_t
leases_held(const struct leases *l)
{
	return l->nheld;
}

uint64_t
leases_remembered(const struct leases *l)
{
	return l->nknown;
}

uint64_t
leases_live(const struct leases *l)
{
	return l->nheld + l->nknown;
}

uint64_t
leases_pool_held(const struct leases *l, const char *pool)
{
	const struct pool *p = pool_named(l, pool);

	return p != NULL ? p->nheld : 0;
}
