/*
 * Pools and leases: what a user sees, case by case; then random operations
 * against a model that knows the rules in the plainest way, with the journal
 * replayed into a second instance that must be equal.
 */
#include <errno.h>
#include <sodium.h>
#include <time.h>

#include "common/rnd.h"
#include "poold/pool.h"
#include "regress/unit/test.h"

static const struct addr none;

/* The journal of a test: all records, one after the other. */
static struct {
	uint8_t *bytes;
	size_t len, size, n;
	int fail;
} log_;

static int
keep_record(const uint8_t *r, size_t len, void *arg)
{
	if (log_.fail)
		return -1;
	if (log_.len + len + 2 > log_.size) {
		log_.size = (log_.size + len + 2) * 2;
		log_.bytes = realloc(log_.bytes, log_.size);
	}
	log_.bytes[log_.len++] = (uint8_t)(len >> 8);
	log_.bytes[log_.len++] = (uint8_t)len;
	memcpy(log_.bytes + log_.len, r, len);
	log_.len += len;
	log_.n++;
	return 0;
}

static void
log_clear(void)
{
	log_.len = log_.n = 0;
	log_.fail = 0;
}

static void
log_replay(struct leases *l)
{
	size_t at = 0, len;

	while (at < log_.len) {
		len = (size_t)log_.bytes[at] << 8 | log_.bytes[at + 1];
		CHECK_INT(leases_replay(l, log_.bytes + at + 2, len), 0);
		at += 2 + len;
	}
}

static struct pool_range
range(const char *name, const char *first, const char *last)
{
	struct pool_range r;

	memset(&r, 0, sizeof(r));
	(void)strlcpy(r.name, name, sizeof(r.name));
	r.line = 7;
	CHECK_INT(addr_parse(first, &r.first), 0);
	CHECK_INT(addr_parse(last, &r.last), 0);
	return r;
}

static struct addr
ip(const char *s)
{
	struct addr a;

	CHECK_INT(addr_parse(s, &a), 0);
	return a;
}

static struct leases *
one_pool(const char *first, const char *last)
{
	struct pool_range r = range("p", first, last);
	struct leases *l;

	log_clear();
	l = leases_new(keep_record, NULL, 100);
	leases_configure(l, &r, 1, NULL);
	return l;
}

/* The address a session gets, or the refusal, as text. */
static const char *
get(struct leases *l, uint64_t session, const char *user, const char *wish)
{
	static const char *const words[] = { [LEASE_FULL] = "full",
		[LEASE_NO_POOL] = "no pool",
		[LEASE_TAKEN] = "taken",
		[LEASE_ERROR] = "error" };
	static char buf[ADDR_STRLEN];
	struct addr want = wish != NULL ? ip(wish) : none, got;
	enum lease_answer a;

	a = leases_get(l, session, "p", user, &want, 1000 + session, &got);
	return a == LEASE_GRANTED ? addr_text(&got, buf) : words[a];
}

TEST(in_order_until_full)
{
	struct leases *l = one_pool("10.0.0.254", "10.0.1.1");

	CHECK_STR(get(l, 1, "a", NULL), "10.0.0.254");
	CHECK_STR(get(l, 2, "a", NULL), "10.0.0.255");
	CHECK_STR(get(l, 3, "b", NULL), "10.0.1.0");
	CHECK_STR(get(l, 4, "b", NULL), "10.0.1.1");
	CHECK_STR(get(l, 5, "c", NULL), "full");
	CHECK_STR(get(l, 4, "b", NULL), "10.0.1.1"); /* asked again */
	CHECK_STR(get(l, 0, "b", NULL), "error");
	CHECK_INT(leases_held(l), 4);
	CHECK_INT(leases_pool_held(l, "p"), 4);
	CHECK_INT(leases_put(l, 2, 5000), 0);
	CHECK_INT(leases_put(l, 2, 5000), -1);
	CHECK_STR(get(l, 5, "c", NULL), "10.0.0.255");
	leases_free(l);
}

TEST(same_user_same_address)
{
	struct leases *l = one_pool("10.0.0.1", "10.0.0.9");

	CHECK_STR(get(l, 1, "a", NULL), "10.0.0.1");
	CHECK_STR(get(l, 2, "b", NULL), "10.0.0.2");
	CHECK_STR(get(l, 3, "c", NULL), "10.0.0.3");
	leases_put(l, 2, 1);
	leases_put(l, 1, 2);
	CHECK_INT(leases_remembered(l), 2);
	CHECK_STR(get(l, 4, "d", NULL), "10.0.0.4"); /* a fresh one */
	CHECK_STR(get(l, 5, "b", NULL), "10.0.0.2");
	CHECK_STR(get(l, 6, "b", NULL), "10.0.0.5"); /* a second device */
	CHECK_STR(get(l, 7, "a", NULL), "10.0.0.1");
	leases_free(l);
}

/* Nothing fresh is left: who is away the longest loses the memory. */
TEST(longest_free_is_given_first)
{
	struct leases *l = one_pool("10.0.0.1", "10.0.0.3");

	get(l, 1, "a", NULL);
	get(l, 2, "b", NULL);
	get(l, 3, "c", NULL);
	leases_put(l, 3, 1);
	leases_put(l, 1, 2);
	leases_put(l, 2, 3);
	CHECK_STR(get(l, 4, "d", NULL), "10.0.0.3");
	CHECK_STR(get(l, 5, "c", NULL), "10.0.0.1");
	CHECK_STR(get(l, 6, "b", NULL), "10.0.0.2");
	leases_free(l);
}

TEST(wish)
{
	struct leases *l = one_pool("10.0.0.1", "10.0.0.9");

	CHECK_STR(get(l, 1, "a", "10.0.0.5"), "10.0.0.5");
	CHECK_STR(get(l, 2, "b", "10.0.0.5"), "10.0.0.1"); /* held */
	CHECK_STR(get(l, 3, "c", "10.0.1.5"), "10.0.0.2"); /* outside */
	CHECK_STR(get(l, 4, "c", "2001:db8::1"), "10.0.0.3");
	leases_put(l, 1, 1);
	CHECK_STR(get(l, 5, "b", "10.0.0.5"), "10.0.0.5");
	get(l, 6, "x", NULL);
	CHECK_STR(get(l, 7, "x", NULL), "10.0.0.6"); /* 5 is passed over */
	leases_free(l);
}

TEST(remembering_is_bounded)
{
	struct leases *l = one_pool("10.0.0.0", "10.255.255.255");
	char user[16];
	int i;

	for (i = 1; i <= 300; i++) {
		(void)snprintf(user, sizeof(user), "u%d", i);
		get(l, (uint64_t)i, user, NULL);
	}
	for (i = 1; i <= 300; i++)
		leases_put(l, (uint64_t)i, 1);
	CHECK_INT(leases_remembered(l), 100);
	CHECK_INT(leases_live(l), 100);
	CHECK_STR(get(l, 1000, "u300", NULL), "10.0.1.43");
	/* forgotten: what was his is given again before fresh ones */
	CHECK_STR(get(l, 1001, "u1", NULL), "10.0.0.0");
	CHECK_STR(get(l, 1002, "new", NULL), "10.0.0.1");
	/* one name for everybody */
	for (i = 1; i <= 50; i++)
		get(l, (uint64_t)2000 + i, "guest", NULL);
	for (i = 1; i <= 50; i++)
		leases_put(l, (uint64_t)2000 + i, 1);
	for (i = 1; i <= 17; i++)
		get(l, (uint64_t)3000 + i, "guest", NULL);
	CHECK_INT(leases_held(l), 20);
	leases_free(l);
}

TEST(unknown_pool)
{
	struct leases *l = leases_new(keep_record, NULL, 100);

	log_clear();
	CHECK_STR(get(l, 1, "a", NULL), "no pool");
	leases_configure(l, NULL, 0, NULL);
	CHECK_STR(get(l, 1, "a", NULL), "no pool");
	leases_free(l);
}

/* What cannot be written is not promised, and nothing has changed. */
TEST(journal_fails)
{
	struct leases *l = one_pool("10.0.0.1", "10.0.0.2");

	log_.fail = 1;
	CHECK_STR(get(l, 1, "a", NULL), "error");
	CHECK_INT(leases_held(l), 0);
	log_.fail = 0;
	CHECK_STR(get(l, 1, "a", NULL), "10.0.0.1");
	log_.fail = 1;
	CHECK_INT(leases_put(l, 1, 1), 0);
	CHECK_INT(leases_held(l), 0);
	log_.fail = 0;
	CHECK_STR(get(l, 2, "a", NULL), "10.0.0.1");
	leases_free(l);
	/* the lost end of session 1 does not hurt a successor */
	l = leases_new(keep_record, NULL, 100);
	log_replay(l);
	CHECK_INT(leases_held(l), 1);
	leases_free(l);
}

TEST(ipv6)
{
	struct leases *l = one_pool("2001:db8::", "2001:db8::ffff:ffff:ffff");

	CHECK_STR(get(l, 1, "a", NULL), "2001:db8::");
	CHECK_STR(get(l, 2, "b", "2001:db8::77"), "2001:db8::77");
	CHECK_STR(get(l, 3, "c", NULL), "2001:db8::1");
	leases_put(l, 1, 1);
	CHECK_STR(get(l, 4, "a", NULL), "2001:db8::");
	leases_free(l);
}

TEST(whole_space)
{
	struct leases *l = one_pool("0.0.0.0", "255.255.255.255");

	CHECK_STR(get(l, 1, "a", "255.255.255.255"), "255.255.255.255");
	CHECK_STR(get(l, 2, "a", NULL), "0.0.0.0");
	leases_free(l);
}

/* --- resync --- */

TEST(poold_was_restarted)
{
	struct pool_range r = range("p", "10.0.0.1", "10.0.0.9");
	struct leases *l = one_pool("10.0.0.1", "10.0.0.9");
	struct addr a = ip("10.0.0.1"), c = ip("10.0.0.3");

	get(l, 1, "a", NULL);
	get(l, 2, "b", NULL);
	leases_free(l);
	l = leases_new(keep_record, NULL, 100);
	log_replay(l);
	leases_configure(l, &r, 1, NULL);
	CHECK_INT(leases_held(l), 2);
	leases_resync_begin(l);
	CHECK_INT(leases_keep(l, 1, "p", "a", &a, 5), LEASE_GRANTED);
	CHECK_INT(leases_keep(l, 9, "p", "x", &c, 5), LEASE_GRANTED);
	CHECK_STR(get(l, 10, "new", NULL), "10.0.0.4");
	CHECK_INT(leases_resync_done(l, 6), 1); /* b's */
	CHECK_INT(leases_held(l), 3);
	CHECK_STR(get(l, 11, "b", NULL), "10.0.0.2");
	leases_free(l);
}

TEST(ike_was_restarted)
{
	struct leases *l = one_pool("10.0.0.1", "10.0.0.9");
	struct addr a;

	get(l, 1, "a", NULL);
	get(l, 2, "b", NULL);
	leases_resync_begin(l);
	a = ip("10.0.0.1"); /* session 3 says it has what 1 had: 1 is over */
	CHECK_INT(leases_keep(l, 3, "p", "c", &a, 5), LEASE_GRANTED);
	CHECK_INT(leases_keep(l, 4, "p", "d", &a, 5), LEASE_TAKEN);
	CHECK_INT(leases_keep(l, 5, "p", "d", &none, 5), LEASE_ERROR);
	CHECK_INT(leases_keep(l, 0, "p", "d", &a, 5), LEASE_ERROR);
	a = ip("10.0.0.7"); /* 3 moves */
	CHECK_INT(leases_keep(l, 3, "p", "c", &a, 5), LEASE_GRANTED);
	CHECK_INT(leases_resync_done(l, 6), 1);
	CHECK_INT(leases_held(l), 1);
	CHECK_STR(get(l, 8, "c", NULL), "10.0.0.1"); /* c is remembered there */
	leases_free(l);
}

/* --- reload --- */

static uint64_t told;

static void
outside(const char *pool, uint64_t n)
{
	told = told * 10 + n;
}

TEST(pool_shrinks_and_goes)
{
	struct leases *l = one_pool("10.0.0.1", "10.0.0.9");
	struct pool_range r;
	struct addr a;

	get(l, 1, "a", NULL);
	get(l, 2, "b", NULL);
	get(l, 3, "c", NULL);
	leases_put(l, 3, 1);
	told = 0;
	r = range("p", "10.0.0.1", "10.0.0.1");
	leases_configure(l, &r, 1, outside);
	leases_configure(l, &r, 1, outside);
	CHECK_INT(told, 1); /* once */
	CHECK_STR(get(l, 2, "b", NULL), "10.0.0.2");
	CHECK_STR(get(l, 4, "c", NULL), "full");
	leases_put(l, 2, 1);
	CHECK_INT(leases_remembered(l), 0); /* it is no pool's address */
	leases_configure(l, NULL, 0, outside);
	CHECK_INT(told, 11);
	CHECK_INT(leases_held(l), 1);
	CHECK_STR(get(l, 5, "c", NULL), "no pool");
	a = ip("10.0.0.1");
	CHECK_INT(leases_keep(l, 1, "p", "a", &a, 1), LEASE_GRANTED);
	a = ip("10.9.9.9"); /* held since before: it is kept, pool or not */
	CHECK_INT(leases_keep(l, 6, "gone", "a", &a, 1), LEASE_GRANTED);
	/* now another pool has the address of session 1 */
	r = range("q", "10.0.0.0", "10.0.0.1");
	leases_configure(l, &r, 1, outside);
	CHECK_INT(leases_get(l, 7, "q", "x", &none, 1, &a), LEASE_GRANTED);
	CHECK_INT(leases_get(l, 8, "q", "y", &none, 1, &a), LEASE_FULL);
	leases_put(l, 1, 1);
	CHECK_INT(leases_get(l, 8, "q", "y", &none, 1, &a), LEASE_GRANTED);
	CHECK(addr_equal(&a, &r.last));
	CHECK_INT(leases_pool_held(l, "q"), 2);
	leases_put(l, 6, 1);
	leases_free(l);
}

TEST(pool_moves_and_grows)
{
	struct leases *l = one_pool("10.0.0.5", "10.0.0.6");
	struct pool_range r[2];
	struct addr a;

	get(l, 1, "a", NULL);
	get(l, 2, "b", NULL);
	leases_put(l, 1, 1);
	r[0] = range("p", "10.0.0.1", "10.0.0.4");
	r[1] = range("q", "10.0.0.5", "10.0.0.6");
	leases_configure(l, r, 2, outside);
	CHECK_STR(get(l, 3, "a", NULL), "10.0.0.1");
	/* q remembers a, who had the address under another pool's name */
	CHECK_INT(leases_get(l, 4, "q", "a", &none, 1, &a), LEASE_GRANTED);
	CHECK(addr_equal(&a, &r[1].first));
	CHECK_INT(leases_get(l, 5, "q", "c", &none, 1, &a), LEASE_FULL);
	leases_free(l);
}

TEST(pools_that_cannot_be_together)
{
	char reason[REASON_SIZE];
	struct pool_range r[2];
	uint32_t line = 0;

	r[0] = range("p", "10.0.0.1", "10.0.0.9");
	r[1] = range("q", "10.0.0.10", "10.0.0.20");
	CHECK_INT(leases_check(r, 2, reason, &line), 0);
	r[1] = range("q", "10.0.0.9", "10.0.0.20");
	r[1].line = 9;
	CHECK_INT(leases_check(r, 2, reason, &line), -1);
	CHECK_INT(line, 9);
	CHECK_STR(reason, "pool \"q\" overlaps pool \"p\" of line 7");
	r[1] = range("q", "10.0.0.0", "10.0.0.255");
	CHECK_INT(leases_check(r, 2, reason, &line), -1);
	r[1] = range("p", "10.0.1.0", "10.0.1.255");
	CHECK_INT(leases_check(r, 2, reason, &line), -1);
	CHECK_STR(reason, "pool \"p\" has the name of pool \"p\" of line 7");
	r[1] = range("q", "10.0.1.1", "10.0.1.0");
	CHECK_INT(leases_check(r, 2, reason, &line), -1);
	CHECK_STR(reason, "pool \"q\" holds no address");
}

/* --- random operations against a model --- */

#define ADDRESSES 200
#define USERS 60
#define SESSIONS 400

/* The rules, for one pool from 10.0.0.0: who has each address and had it. */
static struct {
	uint64_t session;
	int user; /* -1: none remembered */
	uint64_t freed;
} model[ADDRESSES];
static uint64_t tick;

static uint32_t
dice(uint32_t n)
{
	return rnd_u32() % n;
}

static int
model_of(uint64_t session)
{
	int i;

	for (i = 0; i < ADDRESSES; i++) {
		if (model[i].session == session)
			return i;
	}
	return -1;
}

static int
model_users_free(int user)
{
	int i, n = 0;

	for (i = 0; i < ADDRESSES; i++)
		n += model[i].session == 0 && model[i].user == user;
	return n;
}

static void
model_check_grant(uint64_t session, int user, int wish, const struct addr *got)
{
	uint32_t at = addr_to_ip4(got) - 0x0a000000;
	int i, fresh = 0;

	CHECK(at < ADDRESSES);
	if (at >= ADDRESSES)
		return;
	CHECK_INT(model[at].session, 0); /* never one that is held */
	for (i = 0; i < ADDRESSES; i++)
		fresh += model[i].session == 0 && model[i].user == -1;
	if (wish >= 0 && wish < ADDRESSES && model[wish].session == 0)
		CHECK_INT(at, wish);
	else if (model_users_free(user) > 0)
		CHECK_INT(model[at].user, user);
	else if (fresh > 0)
		CHECK_INT(model[at].user, -1);
	else {
		for (i = 0; i < ADDRESSES; i++)
			CHECK(model[i].session != 0 ||
			    model[i].freed >= model[at].freed);
	}
	model[at].session = session;
	model[at].user = user;
}

static void
model_put(int at)
{
	int user = model[at].user;

	model[at].session = 0;
	model[at].user = -1;
	if (model_users_free(user) < 16)
		model[at].user = user;
	model[at].freed = ++tick;
}

static void
random_get(struct leases *l)
{
	uint64_t session = 1 + dice(SESSIONS);
	int user = (int)dice(USERS), wish = -1, had = model_of(session), i;
	struct addr want = none, got;
	enum lease_answer a;
	char name[16];

	if (dice(4) == 0) {
		wish = (int)dice(ADDRESSES + 20);
		want = addr_ip4(0x0a000000 + (uint32_t)wish);
	}
	(void)snprintf(name, sizeof(name), "user%d", user);
	a = leases_get(l, session, "p", name, &want, tick, &got);
	if (had >= 0) {
		CHECK_INT(a, LEASE_GRANTED);
		CHECK_INT(addr_to_ip4(&got), 0x0a000000 + had);
	} else if (a == LEASE_FULL) {
		for (i = 0; i < ADDRESSES; i++)
			CHECK(model[i].session != 0);
	} else {
		CHECK_INT(a, LEASE_GRANTED);
		model_check_grant(session, user, wish, &got);
	}
}

static void
random_put(struct leases *l)
{
	uint64_t session = 1 + dice(SESSIONS);
	int had = model_of(session);

	CHECK_INT(leases_put(l, session, tick), had >= 0 ? 0 : -1);
	if (had >= 0)
		model_put(had);
}

static void
flatten(const struct lease_info *i, void *arg)
{
	char buf[ADDR_STRLEN], **text = arg;
	size_t len = strlen(*text);

	(void)snprintf(*text + len, (1 << 20) - len, "%s %llu %llu %s %s\n",
	    addr_text(&i->address, buf), (unsigned long long)i->session,
	    (unsigned long long)i->since, i->pool, i->user);
}

static char *
as_text(struct leases *l)
{
	char *text = calloc(1, 1 << 20);

	leases_walk(l, flatten, &text);
	return text;
}

/* The journal leads to the same state, whole or compacted. */
static void
check_replay(struct leases *l, const struct pool_range *r)
{
	struct leases *other = leases_new(keep_record, NULL, 1000);
	char *a = as_text(l), *b;

	log_replay(other);
	leases_configure(other, r, 1, NULL);
	b = as_text(other);
	CHECK(strcmp(a, b) == 0);
	CHECK_INT(leases_held(l), leases_held(other));
	free(b);
	leases_free(other);
	log_clear();
	CHECK_INT(leases_dump(l, keep_record, NULL), 0);
	CHECK_INT(log_.n, leases_live(l));
	other = leases_new(keep_record, NULL, 1000);
	log_replay(other);
	leases_configure(other, r, 1, NULL);
	b = as_text(other);
	CHECK(strcmp(a, b) == 0);
	free(a);
	free(b);
	leases_free(other);
}

TEST(random_operations)
{
	struct pool_range r = range("p", "10.0.0.0", "10.0.0.199");
	struct leases *l;
	int i, held, favour;

	rnd_hold(3);
	memset(model, 0, sizeof(model));
	for (i = 0; i < ADDRESSES; i++)
		model[i].user = -1;
	log_clear();
	l = leases_new(keep_record, NULL, 1000);
	leases_configure(l, &r, 1, NULL);
	for (i = 0; i < 200000 && test_failures == 0; i++) {
		favour = i / 5000 % 2; /* fill it, empty it */
		if (dice(10) < (favour ? 7U : 3U))
			random_get(l);
		else
			random_put(l);
		if (i % 5000 == 0)
			check_replay(l, &r);
	}
	for (held = 0, i = 0; i < ADDRESSES; i++)
		held += model[i].session != 0;
	CHECK_INT(leases_held(l), held);
	leases_free(l);
	log_clear();
}

/* --- cost: flat, whatever the size --- */

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

TEST(fifty_thousand)
{
	struct leases *l = one_pool("10.0.0.0", "10.0.195.79"); /* 50 000 */
	double t0, t1, t2;
	char user[16];
	int i, ok = 0;

	t0 = seconds();
	for (i = 1; i <= 50000; i++) {
		(void)snprintf(user, sizeof(user), "u%d", i);
		ok += get(l, (uint64_t)i, user, NULL)[0] == '1';
	}
	CHECK_INT(ok, 50000);
	CHECK_STR(get(l, 60000, "one more", NULL), "full");
	t1 = seconds();
	for (i = 1; i <= 50000; i++) { /* full but for one, again and again */
		leases_put(l, (uint64_t)i, 1);
		(void)get(l, (uint64_t)100000 + i, "somebody", NULL);
	}
	t2 = seconds();
	CHECK_INT(leases_held(l), 50000);
	printf("50000 leases: %.2f us a grant, %.2f us a release and grant "
	       "when full\n",
	    (t1 - t0) * 20, (t2 - t1) * 20);
	leases_free(l);
	log_clear();
}

TEST(nonsense_records)
{
	struct leases *l = one_pool("10.0.0.1", "10.0.0.9"), *m;
	uint8_t copy[512];
	size_t len, cut;
	int i;

	get(l, 1, "somebody", NULL);
	len = (size_t)log_.bytes[0] << 8 | log_.bytes[1];
	m = leases_new(keep_record, NULL, 10);
	for (cut = 0; cut < len; cut++)
		CHECK_INT(leases_replay(m, log_.bytes + 2, cut), -1);
	memcpy(copy, log_.bytes + 2, len);
	copy[len] = 0;
	CHECK_INT(leases_replay(m, copy, len + 1), -1);
	for (i = 0; i < 256; i++) { /* any kind, any family: no crash */
		copy[0] = (uint8_t)i;
		CHECK_INT(leases_replay(m, copy, len), i == 1 ? 0 : -1);
		copy[0] = 1;
		copy[17] = (uint8_t)i;
		CHECK_INT(leases_replay(m, copy, len), i == 4 ? 0 : -1);
		copy[17] = 4;
	}
	leases_free(l);
	leases_free(m);
	free(log_.bytes);
	memset(&log_, 0, sizeof(log_));
}

/* A user's own address comes from any pool, or not at all. */
TEST(fixed)
{
	struct leases *l = one_pool("10.0.0.1", "10.0.0.4");
	struct pool_range r[2];
	struct addr a = ip("10.0.9.2"), out = ip("10.0.8.1");

	memset(r, 0, sizeof(r));
	strlcpy(r[0].name, "p", sizeof(r[0].name));
	r[0].first = ip("10.0.0.1");
	r[0].last = ip("10.0.0.4");
	strlcpy(r[1].name, "own", sizeof(r[1].name));
	r[1].first = ip("10.0.9.1");
	r[1].last = ip("10.0.9.9");
	leases_configure(l, r, 2, NULL);
	CHECK_INT(leases_get_fixed(l, 1, "a", &a, 5), LEASE_GRANTED);
	CHECK_INT(leases_get_fixed(l, 1, "a", &a, 6), LEASE_GRANTED);
	CHECK_INT(leases_get_fixed(l, 2, "b", &a, 7), LEASE_TAKEN);
	CHECK_INT(leases_get_fixed(l, 1, "a", &out, 7), LEASE_TAKEN);
	CHECK_INT(leases_get_fixed(l, 3, "c", &out, 7), LEASE_OUTSIDE);
	CHECK_INT(leases_get_fixed(l, 0, "c", &a, 7), LEASE_ERROR);
	CHECK_INT(leases_pool_held(l, "own"), 1);
	CHECK_INT(leases_put(l, 1, 8), 0);
	CHECK_INT(leases_get_fixed(l, 2, "b", &a, 9), LEASE_GRANTED);
	leases_free(l);
	memset(&log_, 0, sizeof(log_));
}

TESTS(T(fixed), T(in_order_until_full), T(same_user_same_address),
    T(longest_free_is_given_first), T(wish), T(remembering_is_bounded),
    T(unknown_pool), T(journal_fails), T(ipv6), T(whole_space),
    T(poold_was_restarted), T(ike_was_restarted), T(pool_shrinks_and_goes),
    T(pool_moves_and_grows), T(pools_that_cannot_be_together),
    T(random_operations), T(fifty_thousand), T(nonsense_records))
