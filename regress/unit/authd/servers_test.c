/*
 * Lists of AAA servers: their order, who is dead and for how long, and what a
 * reload keeps.  The clock stands still.
 */
#include <sys/socket.h>

#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include "authd/md5.h"
#include "authd/radius_io.h"
#include "authd/servers.h"
#include "common/bus.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/timer.h"
#include "regress/unit/test.h"

static struct event_base *base;
static struct server_stats stats;
static struct radius_stats counts;
static uint64_t now;

static void
at(uint64_t ms)
{
	now = ms;
	clock_hold(now, now / 1000);
}

static void
start(void)
{
	static const struct bus_ops ops;

	if (base == NULL) {
		log_init("servers_test", 1);
		secret_init();
		CHECK_INT(md5_init(), 0);
		base = event_base_new();
		bus_init(base, PROC_AUTHD, &ops);
		radius_io_init(base, &counts);
	}
	at(1000000);
	timer_init(NULL);
	servers_begin();
	servers_commit();
	memset(&stats, 0, sizeof(stats));
	servers_init(&stats);
}

/* 10.0.0.N:1812 */
static void
add_with(const char *list, uint8_t n, const char *key, uint32_t timeout)
{
	struct msg_CONF_SERVER m = { .timeout = timeout };

	strlcpy(m.servers, list, sizeof(m.servers));
	m.at.addr = addr_ip4(0x0a000000U + n);
	m.at.port = 1812;
	m.legacy = timeout == 9;
	m.key_len = (uint16_t)strlen(key);
	memcpy(m.key, key, m.key_len);
	servers_add(&m);
}

static void
add(const char *list, uint8_t n)
{
	add_with(list, n, "a key of some length", 5);
}

/* "1 2 ": the list in order. */
static const char *
order(const char *list, int dead_too)
{
	static char text[128];
	struct server *s = NULL;
	size_t n = 0;

	text[0] = '\0';
	while ((s = servers_next(list, s, dead_too)) != NULL && n++ < 10) {
		CHECK_STR(s->servers, list);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%u ", s->at.addr.b[3]);
	}
	return text;
}

static struct server *
nth(const char *list, uint8_t n)
{
	struct server *s = NULL;

	while ((s = servers_next(list, s, 1)) != NULL) {
		if (s->at.addr.b[3] == n)
			return s;
	}
	CHECK(s != NULL);
	abort();
}

static void
three(void)
{
	start();
	servers_begin();
	add("a", 1);
	add("b", 9);
	add("a", 2);
	add("b", 1);
	add("a", 3);
	servers_commit();
}

TEST(in_order)
{
	struct endpoint e = { .port = 1812 };

	three();
	CHECK_STR(order("a", 0), "1 2 3 ");
	CHECK_STR(order("a", 1), "1 2 3 ");
	CHECK_STR(order("b", 0), "9 1 ");
	CHECK_STR(order("c", 1), "");
	CHECK_STR(order("", 1), "");
	CHECK_STR(nth("b", 9)->name, "10.0.0.9:1812");
	/* by address: one in each list */
	e.addr = addr_ip4(0x0a000001);
	CHECK(servers_at(&e, 0) == nth("a", 1));
	CHECK(servers_at(&e, 1) == nth("b", 1));
	CHECK(servers_at(&e, 2) == NULL);
	e.port = 1813;
	CHECK(servers_at(&e, 0) == NULL);
}

TEST(not_before_commit)
{
	three();
	servers_begin();
	add("a", 7);
	CHECK_STR(order("a", 1), "1 2 3 ");
	servers_drop();
	CHECK_STR(order("a", 1), "1 2 3 ");
	servers_begin(); /* what was left half built is gone */
	add("a", 7);
	servers_begin();
	add("a", 8);
	servers_commit();
	CHECK_STR(order("a", 1), "8 ");
	servers_begin();
	servers_commit();
	CHECK_STR(order("a", 1), "");
}

static void
silent(struct server *s, int times)
{
	while (times-- > 0)
		server_silent(s, "it does not answer");
}

TEST(three_silences)
{
	struct server *s;

	three();
	s = nth("a", 2);
	silent(s, 2);
	CHECK_STR(order("a", 0), "1 2 3 ");
	server_answered(s, 1); /* in a row: it begins anew */
	silent(s, 2);
	CHECK_STR(order("a", 0), "1 2 3 ");
	CHECK_INT(stats.died, 0);
	silent(s, 1);
	CHECK_STR(order("a", 0), "1 3 ");
	CHECK_STR(order("a", 1), "1 2 3 ");
	CHECK_STR(order("b", 0), "9 1 ");
	CHECK_INT(stats.died, 1);
	CHECK_INT(stats.back, 0);
	at(now + 29999);
	CHECK_STR(order("a", 0), "1 3 ");
	at(now + 1);
	CHECK_STR(order("a", 0), "1 2 3 ");
	server_answered(s, 1);
	CHECK_INT(stats.back, 1);
	server_answered(s, 1); /* back once */
	CHECK_INT(stats.back, 1);
	silent(s, 2); /* and three are needed again */
	CHECK_STR(order("a", 0), "1 2 3 ");
	silent(s, 1);
	CHECK_STR(order("a", 0), "1 3 ");
	at(now + 30000); /* the first rest again */
	CHECK_STR(order("a", 0), "1 2 3 ");
	CHECK_INT(stats.died, 2);
}

TEST(nobody_there)
{
	struct server *s;

	three();
	s = nth("a", 2);
	server_refused(s, "Connection refused");
	CHECK_STR(order("a", 0), "1 3 ");
	CHECK_INT(stats.died, 1);
	at(now + 30000);
	CHECK_STR(order("a", 0), "1 2 3 ");
	server_refused(s, "Connection refused");
	at(now + 30000); /* 60 s now */
	CHECK_STR(order("a", 0), "1 3 ");
	at(now + 30000);
	CHECK_STR(order("a", 0), "1 2 3 ");
}

/* Once it was dead, each further silence is one; many at once count once. */
TEST(rests_grow)
{
	static const uint64_t want[] = { 30, 60, 120, 240, 300, 300, 300 };
	struct server *s;
	size_t i;

	three();
	s = nth("a", 1);
	silent(s, 2);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		silent(s, 1);
		CHECK_INT(s->dead_until, now + want[i] * 1000);
		CHECK_INT(stats.died, i + 1);
		at(now + 1000);
		silent(s, 200); /* those that were under way */
		CHECK_INT(s->dead_until, now + want[i] * 1000 - 1000);
		at(now + want[i] * 1000 - 1001);
		CHECK_STR(order("a", 0), "2 3 ");
		at(now + 1);
		CHECK_STR(order("a", 0), "1 2 3 ");
	}
	server_answered(s, 1);
	silent(s, 3);
	CHECK_INT(s->dead_until, now + 30000);
}

TEST(back_while_dead)
{
	struct server *s;

	three();
	s = nth("a", 1);
	silent(s, 3);
	CHECK_STR(order("a", 0), "2 3 ");
	server_answered(s, 1);
	CHECK_STR(order("a", 0), "1 2 3 ");
	CHECK_INT(stats.back, 1);
}

TEST(all_dead)
{
	three();
	silent(nth("a", 1), 3);
	silent(nth("a", 2), 3);
	silent(nth("a", 3), 3);
	CHECK_STR(order("a", 0), "");
	CHECK_STR(order("a", 1), "1 2 3 ");
	CHECK_STR(order("b", 0), "9 1 ");
}

/* --- reloads --- */

static void
build(struct radius_exchange *x, const struct addr *from)
{
}

static void
done(struct radius_exchange *x, const struct radius_reply *r, const char *why)
{
	CHECK(0);
}

/* Give it a socket; the descriptor, that belongs to it. */
static int
socket_for(struct server *s)
{
	struct radius_exchange x = { .build = build, .done = done };
	struct msg_SERVER_FD m = { .protocol = LOGIN_RADIUS, .at = s->at };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(fd != -1);
	radius_io_begin(&x, s);
	radius_io_handle_fd(&m, fd);
	CHECK(x.socket != NULL);
	radius_io_cancel(&x);
	CHECK(s->io != NULL);
	return fd;
}

static int
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

TEST(reload)
{
	int fd[4];
	struct server *one, *two;

	three();
	one = nth("a", 1);
	two = nth("a", 2);
	fd[1] = socket_for(one);
	fd[2] = socket_for(two);
	fd[3] = socket_for(nth("a", 3));
	fd[0] = socket_for(nth("b", 9));
	silent(two, 3);
	servers_begin();
	add("a", 4);
	add_with("a", 2, "a key of some length", 9);
	add("a", 1);
	add_with("a", 3, "another key than was", 5);
	servers_commit();
	/* the new order, the same servers, with what is new of them */
	CHECK_STR(order("a", 1), "4 2 1 3 ");
	CHECK_STR(order("a", 0), "4 1 3 ");
	CHECK(nth("a", 1) == one);
	CHECK(nth("a", 2) == two);
	CHECK_INT(two->timeout, 9);
	CHECK_INT(two->legacy, 1);
	CHECK_INT(one->timeout, 5);
	CHECK(two->dead_until > now);
	CHECK(one->io != NULL && is_open(fd[1]));
	CHECK(two->io != NULL && is_open(fd[2]));
	/* another key, another list: another server */
	CHECK(nth("a", 3)->io == NULL);
	CHECK(!is_open(fd[3]));
	CHECK_STR(order("b", 1), "");
	CHECK(!is_open(fd[0]));
	servers_begin();
	add("b", 1);
	servers_commit();
	CHECK(!is_open(fd[1]) && !is_open(fd[2]));
}

/* A login holds its server until it is over. */
TEST(dropped_in_use)
{
	struct radius_exchange x = { .build = build, .done = done };
	struct server *s;
	int fd;

	three();
	s = nth("a", 1);
	fd = socket_for(s);
	radius_io_begin(&x, s);
	servers_begin();
	add("a", 2);
	servers_commit();
	CHECK_STR(order("a", 1), "2 ");
	CHECK_STR(s->name, "10.0.0.1:1812");
	CHECK(is_open(fd));
	CHECK(servers_next("a", s, 1) == NULL);
	radius_io_cancel(&x);
	CHECK(!is_open(fd));
}

TESTS(T(in_order), T(not_before_commit), T(three_silences), T(nobody_there),
    T(rests_grow), T(back_while_dead), T(all_dead), T(reload),
    T(dropped_in_use))
