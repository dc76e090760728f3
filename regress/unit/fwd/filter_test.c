/*
 * Who is in a table: case by case, then random tunnels against a model with
 * a kernel that fails, forgets and is restarted.
 */
#include "common/rnd.h"
#include "fwd/filter.h"
#include "regress/unit/test.h"

static const char *const tables[] = { "tunnels" };

static struct addr
ip(const char *s)
{
	struct addr a;

	CHECK_INT(addr_parse(s, &a), 0);
	return a;
}

static struct filter *
begin(void)
{
	struct filter_range r = { ip("10.0.0.0"), ip("10.0.0.99") };
	struct filter *f = filter_new();

	filter_configure(f, tables, 1, &r, 1);
	return f;
}

static enum filter_answer
up(struct filter *f, uint64_t session, const char *address)
{
	struct addr a = ip(address);

	return filter_add(f, "tunnels", session, &a);
}

static int
down(struct filter *f, uint64_t session)
{
	return filter_remove(f, "tunnels", session);
}

/* The pending changes as text: "+10.0.0.1 -10.0.0.2 ". */
static const char *
changes(struct filter *f)
{
	static const char signs[] = {
		[FILTER_ADD] = '+', [FILTER_DELETE] = '-', [FILTER_RENEW] = '*'
	};
	static char text[4096];
	struct filter_change c[3];
	char buf[ADDR_STRLEN];
	size_t n, i;

	text[0] = '\0';
	while ((n = filter_changes(f, "tunnels", c, 3)) > 0) {
		for (i = 0; i < n; i++) {
			(void)snprintf(text + strlen(text),
			    sizeof(text) - strlen(text), "%c%s ",
			    signs[c[i].kind], addr_text(&c[i].addr, buf));
		}
	}
	return text;
}

static void
kernel_has(struct filter *f, const char *a, const char *b)
{
	const char *all[] = { a, b };
	struct addr addr;
	size_t i;

	filter_kernel_begin(f, "tunnels");
	for (i = 0; i < 2; i++) {
		if (all[i] == NULL)
			continue;
		addr = ip(all[i]);
		filter_kernel_has(f, "tunnels", &addr);
	}
	filter_kernel_end(f, "tunnels");
}

TEST(up_and_down)
{
	struct filter *f = begin();

	CHECK_INT(up(f, 1, "10.0.0.1"), FILTER_OK);
	CHECK_INT(up(f, 1, "10.0.0.1"), FILTER_OK); /* told again */
	CHECK_INT(up(f, 2, "10.0.0.2"), FILTER_OK);
	CHECK_INT(filter_members(f), 2);
	CHECK_STR(changes(f), "+10.0.0.1 +10.0.0.2 ");
	CHECK_STR(changes(f), "");
	CHECK_INT(down(f, 1), 0);
	CHECK_INT(down(f, 1), -1);
	CHECK_STR(changes(f), "-10.0.0.1 ");
	CHECK_INT(filter_members(f), 1);
	CHECK_STR(filter_table(f, 0), "tunnels");
	CHECK(filter_table(f, 1) == NULL);
	filter_free(f);
}

/* Up and down before the kernel heard of it: nothing happened. */
TEST(too_short_to_matter)
{
	struct filter *f = begin();

	up(f, 1, "10.0.0.1");
	down(f, 1);
	CHECK_STR(changes(f), "");
	up(f, 1, "10.0.0.1");
	CHECK_STR(changes(f), "+10.0.0.1 ");
	down(f, 1);
	up(f, 2, "10.0.0.1"); /* another user: old states must end */
	CHECK_STR(changes(f), "*10.0.0.1 ");
	CHECK_STR(changes(f), "");
	filter_free(f);
}

TEST(refused)
{
	struct filter *f = begin();
	struct addr a = ip("10.0.0.1");

	CHECK_INT(up(f, 1, "0.0.0.0"), FILTER_OUTSIDE);
	CHECK_INT(up(f, 1, "10.0.0.100"), FILTER_OUTSIDE);
	CHECK_INT(up(f, 1, "::"), FILTER_OUTSIDE);
	CHECK_INT(filter_add(f, "everything", 1, &a), FILTER_NO_TABLE);
	CHECK_INT(filter_remove(f, "everything", 1), -1);
	memset(&a, 0, sizeof(a));
	CHECK_INT(filter_add(f, "tunnels", 1, &a), FILTER_OUTSIDE);
	CHECK_STR(changes(f), "");
	CHECK_INT(filter_members(f), 0);
	filter_free(f);
}

TEST(two_sessions_one_address)
{
	struct filter *f = begin();

	up(f, 1, "10.0.0.1");
	CHECK_INT(up(f, 2, "10.0.0.1"), FILTER_SHARED);
	CHECK_STR(changes(f), "+10.0.0.1 ");
	down(f, 1);
	CHECK_STR(changes(f), "");
	down(f, 2);
	CHECK_STR(changes(f), "-10.0.0.1 ");
	filter_free(f);
}

TEST(session_moves)
{
	struct filter *f = begin();

	up(f, 1, "10.0.0.1");
	(void)changes(f);
	CHECK_INT(up(f, 1, "10.0.0.2"), FILTER_MOVED);
	CHECK_STR(changes(f), "-10.0.0.1 +10.0.0.2 ");
	CHECK_INT(up(f, 1, "10.9.9.9"), FILTER_OUTSIDE);
	CHECK_STR(changes(f), "");
	filter_free(f);
}

/* kill -9 of the filter: what ike tells again is not touched meanwhile. */
TEST(filter_was_restarted)
{
	struct filter *f = begin();

	filter_resync_begin(f);
	kernel_has(f, "10.0.0.1", "10.0.0.2");
	CHECK_STR(changes(f), "");
	up(f, 1, "10.0.0.1");
	up(f, 3, "10.0.0.3");
	CHECK_STR(changes(f), "+10.0.0.3 ");
	CHECK_INT(filter_resync_done(f), 0);
	CHECK_STR(changes(f), "-10.0.0.2 ");
	/* by somebody else's hand */
	kernel_has(f, "10.0.0.1", NULL);
	CHECK_STR(changes(f), "+10.0.0.3 ");
	down(f, 3);
	(void)changes(f);
	kernel_has(f, "10.0.0.1", "10.0.0.66");
	CHECK_STR(changes(f), "-10.0.0.66 ");
	filter_free(f);
}

TEST(ike_was_restarted)
{
	struct filter *f = begin();

	filter_resync_begin(f);
	filter_resync_done(f);
	up(f, 1, "10.0.0.1");
	up(f, 2, "10.0.0.2");
	(void)changes(f);
	/* gone: all stays until the next one has told what it has */
	CHECK_STR(changes(f), "");
	filter_resync_begin(f);
	up(f, 2, "10.0.0.2");
	up(f, 5, "10.0.0.5");
	CHECK_STR(changes(f), "+10.0.0.5 ");
	CHECK_INT(filter_resync_done(f), 1);
	CHECK_STR(changes(f), "-10.0.0.1 ");
	filter_free(f);
}

TEST(reload)
{
	struct filter_range r = { ip("10.0.1.0"), ip("10.0.1.9") };
	static const char *const two[] = { "tunnels", "guests" };
	struct filter *f = begin();
	struct addr a = ip("10.0.1.1");

	up(f, 1, "10.0.0.1");
	filter_configure(f, two, 2, &r, 1);
	CHECK_INT(up(f, 1, "10.0.0.1"), FILTER_OK); /* lives on */
	CHECK_INT(up(f, 2, "10.0.0.2"), FILTER_OUTSIDE);
	CHECK_INT(filter_add(f, "guests", 2, &a), FILTER_OK);
	CHECK_INT(filter_members(f), 2);
	filter_configure(f, two, 1, &r, 1);
	CHECK_INT(filter_members(f), 1);
	filter_free(f);
}

/* --- random tunnels, a kernel that fails --- */

#define ADDRESSES 100
#define SESSIONS 300

static uint8_t kernel[ADDRESSES], told[ADDRESSES];
static int model[SESSIONS]; /* the session's address, -1 */

static void
read_kernel(struct filter *f)
{
	struct addr a;
	uint32_t i;

	filter_kernel_begin(f, "tunnels");
	for (i = 0; i < ADDRESSES; i++) {
		a = addr_ip4(0x0a000000 + i);
		if (kernel[i])
			filter_kernel_has(f, "tunnels", &a);
	}
	filter_kernel_end(f, "tunnels");
}

/* Make the changes, or some of them and then fail, as pf may. */
static void
apply(struct filter *f)
{
	struct filter_change c[7];
	size_t n, i;
	int failed = 0;

	while ((n = filter_changes(f, "tunnels", c, 7)) > 0) {
		failed |= rnd_u32() % 20 == 0;
		for (i = 0; i < n && !(failed && i > 2); i++) {
			uint32_t at = addr_to_ip4(&c[i].addr) - 0x0a000000;

			if (c[i].kind == FILTER_RENEW) {
				CHECK_INT(kernel[at], 1);
				continue;
			}
			CHECK_INT(kernel[at], c[i].kind == FILTER_DELETE);
			kernel[at] = c[i].kind == FILTER_ADD;
		}
		if (failed)
			break;
	}
	if (failed) {
		kernel[rnd_u32() % ADDRESSES] ^= 1;
		read_kernel(f);
		while ((n = filter_changes(f, "tunnels", c, 7)) > 0) {
			for (i = 0; i < n; i++) {
				if (c[i].kind != FILTER_RENEW)
					kernel[addr_to_ip4(&c[i].addr) -
					    0x0a000000] = c[i].kind ==
					    FILTER_ADD;
			}
		}
	}
}

static void
check_equal(void)
{
	size_t i;

	memset(told, 0, sizeof(told));
	for (i = 0; i < SESSIONS; i++) {
		if (model[i] >= 0)
			told[model[i]] = 1;
	}
	CHECK_MEM(kernel, told, sizeof(kernel));
}

static void
random_step(struct filter *f)
{
	uint32_t s = rnd_u32() % SESSIONS, at = rnd_u32() % ADDRESSES;
	struct addr a = addr_ip4(0x0a000000 + at);

	if (rnd_u32() % 2) {
		(void)filter_add(f, "tunnels", s + 1, &a);
		model[s] = (int)at;
	} else {
		CHECK_INT(
		    filter_remove(f, "tunnels", s + 1), model[s] >= 0 ? 0 : -1);
		model[s] = -1;
	}
}

/* A new filter process: tells by ike, the kernel's tables as they are. */
static struct filter *
restarted(struct filter *old)
{
	struct filter *f;
	struct addr a;
	size_t i;

	filter_free(old);
	f = begin();
	filter_resync_begin(f);
	read_kernel(f);
	for (i = 0; i < SESSIONS; i++) {
		if (model[i] < 0)
			continue;
		a = addr_ip4(0x0a000000 + (uint32_t)model[i]);
		(void)filter_add(f, "tunnels", i + 1, &a);
	}
	(void)filter_resync_done(f);
	return f;
}

TEST(random_tunnels)
{
	struct filter *f = begin();
	int i;

	rnd_hold(11);
	memset(kernel, 0, sizeof(kernel));
	for (i = 0; i < SESSIONS; i++)
		model[i] = -1;
	filter_resync_begin(f);
	filter_resync_done(f);
	for (i = 0; i < 100000 && test_failures == 0; i++) {
		random_step(f);
		if (rnd_u32() % 10 == 0) {
			apply(f);
			check_equal();
		}
		if (rnd_u32() % 1000 == 0)
			f = restarted(f);
	}
	filter_free(f);
}

static void
count_holder(
    const char *table, const struct addr *a, uint64_t session, void *arg)
{
	*(uint64_t *)arg += session;
}

TEST(walk)
{
	struct filter *f = begin();
	uint64_t sum = 0;

	up(f, 1, "10.0.0.1");
	up(f, 10, "10.0.0.1");
	up(f, 100, "10.0.0.2");
	filter_walk(f, count_holder, &sum);
	CHECK_INT(sum, 111);
	filter_free(f);
}

TESTS(T(up_and_down), T(too_short_to_matter), T(refused),
    T(two_sessions_one_address), T(session_moves), T(filter_was_restarted),
    T(ike_was_restarted), T(reload), T(random_tunnels), T(walk))
