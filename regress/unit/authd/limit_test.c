/*
 * Someone guesses passwords: the first three wrong ones cost nothing, then
 * each waits longer, however they are sent; the user himself is not locked
 * out; ten minutes later all is forgotten.  The clock stands still.
 */
#include <sys/types.h>

#include <sodium.h>

#include "authd/limit.h"
#include "common/clock.h"
#include "common/log.h"
#include "regress/unit/test.h"

static struct limits *l;
static struct addr here, there;
static uint64_t now;

static void
at(uint64_t ms)
{
	now = ms;
	clock_hold(now, now / 1000);
}

static void
begin(size_t max)
{
	CHECK(sodium_init() != -1);
	at(1000000);
	CHECK_INT(addr_parse("192.168.1.2", &here), 0);
	CHECK_INT(addr_parse("192.168.1.3", &there), 0);
	l = limits_new(max);
	CHECK(l != NULL);
}

/* One attempt from begin to end, its wait waited. */
static int64_t
attempt(const char *user, const struct addr *source, enum limit_outcome o)
{
	int64_t wait = limits_begin(l, user, source);

	if (wait == -1)
		return -1;
	at(now + (uint64_t)wait);
	limits_end(l, user, source, o);
	return wait;
}

TEST(waits_grow)
{
	static const int64_t want[] = { 0, 0, 0, 1000, 2000, 4000, 8000, 16000,
		32000, 60000, 60000 };
	size_t i;

	begin(100);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		CHECK_INT(attempt("u", &here, LIMIT_FAILURE), want[i]);
	limits_free(l);
}

/* Guesses side by side wait behind each other: no dozen of them is free. */
TEST(side_by_side)
{
	static const int64_t want[] = { 0, 0, 0, 1000, 3000, 7000, 15000, 31000,
		-1, -1 };
	size_t i;

	begin(100);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		CHECK_INT(limits_begin(l, "u", &here), want[i]);
	limits_free(l);
}

/* The right password forgives what this user failed here, nothing else. */
TEST(success_forgives)
{
	int i;

	begin(100);
	for (i = 0; i < 4; i++)
		attempt("u", &here, LIMIT_FAILURE);
	attempt("u", &here, LIMIT_SUCCESS);
	CHECK_INT(attempt("u", &here, LIMIT_FAILURE), 0);
	limits_free(l);

	/* an attacker with an account of his own gains nothing by it */
	begin(100);
	for (i = 0; i < 6; i++)
		attempt("victim", &here, LIMIT_FAILURE);
	CHECK_INT(attempt("mallory", &here, LIMIT_SUCCESS), 8000);
	CHECK_INT(attempt("mallory", &here, LIMIT_SUCCESS), 8000);
	limits_free(l);
}

/* A login that was cancelled, or that no server decided, is no failure. */
TEST(neither_costs_nothing)
{
	int i;

	begin(100);
	for (i = 0; i < 20; i++)
		CHECK_INT(attempt("u", &here, LIMIT_NEITHER), 0);
	limits_free(l);
}

/* Many names from one source, and one name from many sources. */
TEST(spraying)
{
	struct addr a;
	char name[16];
	uint32_t i;

	begin(1000);
	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		CHECK_INT(attempt(name, &here, LIMIT_FAILURE), 0);
	}
	CHECK_INT(attempt("other", &here, LIMIT_FAILURE), 1000);
	CHECK_INT(attempt("another", &here, LIMIT_FAILURE), 2000);
	CHECK_INT(attempt("another", &there, LIMIT_FAILURE), 0);
	limits_free(l);

	begin(1000);
	for (i = 0; i < 50; i++) {
		a = addr_ip4(0x0a000001 + i);
		attempt("victim", &a, LIMIT_FAILURE);
	}
	/* the user himself, elsewhere, waits no longer than clients do */
	CHECK_INT(attempt("victim", &here, LIMIT_SUCCESS), 8000);
	limits_free(l);
}

TEST(decay)
{
	int i;

	begin(100);
	for (i = 0; i < 8; i++)
		attempt("u", &here, LIMIT_FAILURE);
	at(now + 599999);
	CHECK_INT(attempt("u", &here, LIMIT_NEITHER), 32000);
	at(now + 600000);
	CHECK_INT(attempt("u", &here, LIMIT_FAILURE), 0);
	limits_free(l);
}

/* One source cannot fill authd; when it failed often, it gets less room. */
TEST(one_source)
{
	char name[16];
	int i;

	begin(10000);
	for (i = 0; i < LIMIT_SOURCE_PENDING; i++) {
		snprintf(name, sizeof(name), "u%d", i);
		CHECK_INT(limits_begin(l, name, &here), 0);
	}
	CHECK_INT(limits_begin(l, "one more", &here), -1);
	CHECK_INT(limits_begin(l, "one more", &there), 0);
	limits_free(l);

	begin(10000);
	for (i = 0; i < LIMIT_FREE; i++)
		attempt("u", &here, LIMIT_FAILURE);
	for (i = 0; i < LIMIT_SOURCE_SLOW; i++) {
		snprintf(name, sizeof(name), "u%d", i);
		CHECK_INT(limits_begin(l, name, &here), 1000);
	}
	CHECK_INT(limits_begin(l, "one more", &here), -1);
	limits_free(l);
}

/* Neighbours in an IPv6 /64 are one source. */
TEST(ip6)
{
	struct addr a, b, c;
	int i;

	begin(100);
	CHECK_INT(addr_parse("2001:db8:0:1::1", &a), 0);
	CHECK_INT(addr_parse("2001:db8:0:1:ffff::2", &b), 0);
	CHECK_INT(addr_parse("2001:db8:0:2::1", &c), 0);
	for (i = 0; i < 3; i++)
		attempt("u", &a, LIMIT_FAILURE);
	CHECK_INT(attempt("v", &b, LIMIT_FAILURE), 1000);
	CHECK_INT(attempt("w", &c, LIMIT_FAILURE), 0);
	limits_free(l);
}

/* A flood of names does not make authd forget who failed most. */
TEST(bounded)
{
	char name[16];
	struct addr a;
	uint32_t i;

	begin(300);
	for (i = 0; i < 5; i++)
		attempt("u", &here, LIMIT_FAILURE);
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		a = addr_ip4(0x0b000000 + i);
		CHECK_INT(attempt(name, &a, LIMIT_FAILURE), 0);
	}
	CHECK(limits_count(l) <= 302);
	CHECK_INT(attempt("u", &here, LIMIT_FAILURE), 4000);
	limits_free(l);

	/* what is under way is never forgotten, however little room there is */
	begin(2);
	for (i = 0; i < 4; i++)
		CHECK_INT(limits_begin(l, "u", &here), i < 3 ? 0 : 1000);
	for (i = 0; i < 4; i++)
		limits_end(l, "u", &here, LIMIT_FAILURE);
	CHECK(limits_count(l) <= 3);
	limits_free(l);

	/* and nothing of those who never failed */
	begin(100);
	CHECK_INT(attempt("u", &here, LIMIT_SUCCESS), 0);
	CHECK_INT(limits_count(l), 0);
	limits_free(l);
}

TESTS(T(waits_grow), T(side_by_side), T(success_forgives),
    T(neither_costs_nothing), T(spraying), T(decay), T(one_source), T(ip6),
    T(bounded))
