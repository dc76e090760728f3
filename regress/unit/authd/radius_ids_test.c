/*
 * Identifiers and sockets of requests to a RADIUS server: how many there are,
 * in which order they are used, and sockets that do not come.
 */
#include "regress/unit/authd/radius_world.h"

/* 256 at a time by one socket; the parent is asked for the second one once. */
TEST(second_socket)
{
	enum {
		N = 259
	};
	static struct one o[N];
	static struct datagram d[N];
	int i, seen[256] = { 0 };

	start();
	for (i = 0; i < N; i++)
		begin(&o[i]);
	CHECK_INT(asked(), 1);
	CHECK(!hear(&d[0], 0));
	hand();
	for (i = 0; i < 256; i++) {
		CHECK(hear(&d[i], 1));
		CHECK_INT(seen[d[i].p[1]]++, 0);
		CHECK_MEM(&d[i].from, &d[0].from, sizeof(d[i].from));
	}
	CHECK(!hear(&d[256], 0));
	CHECK_INT(asked(), 1);
	/* one is over: the first that waits is sent by its identifier */
	answer(&d[100], 2);
	CHECK(hear(&d[256], 1));
	CHECK_INT(d[256].p[1], d[100].p[1]);
	CHECK_MEM(&d[256].from, &d[0].from, sizeof(d[0].from));
	CHECK_INT(asked(), 0);
	hand();
	for (i = 257; i < N; i++) {
		CHECK(hear(&d[i], 1));
		CHECK(memcmp(&d[i].from, &d[0].from, sizeof(d[0].from)) != 0);
		CHECK_MEM(&d[i].from, &d[257].from, sizeof(d[0].from));
	}
	CHECK_INT(asked(), 0);
	for (i = 0; i < N; i++) {
		if (i != 100)
			answer(&d[i], 2);
	}
	for (i = 0; i < N; i++)
		CHECK_INT(o[i].calls, 1);
	CHECK_INT(stats.replies, N);
	CHECK_INT(stats.dropped, 0);
}

/* Sixteen sockets, no more; who gets none is told. */
TEST(too_many)
{
	enum {
		N = 16 * 256
	};
	static struct one o[N + 1];
	static struct datagram d;
	int i;

	start();
	for (i = 0; i < N; i++) {
		begin(&o[i]);
		if (i % 256 == 0) {
			CHECK_INT(asked(), 1);
			hand();
		}
		CHECK(hear(&d, 1));
	}
	begin(&o[N]);
	CHECK_INT(asked(), 0);
	CHECK(!hear(&d, 0));
	for (i = 0; i < N; i++)
		radius_io_cancel(&o[i].x);
	CHECK(hear(&d, 1));
	answer(&d, 2);
	CHECK_INT(o[N].calls, 1);
	CHECK_INT(o[N].code, 2);
}

TEST(no_socket)
{
	struct one o;

	start();
	begin(&o);
	CHECK_INT(asked(), 1);
	pass(TIMEOUT * 1000 - 1);
	CHECK_INT(o.calls, 0);
	pass(TURN_MS + 1);
	is_silent(&o, "no socket came in time");
	CHECK_INT(stats.requests, 0);
}

/* RFC 5080 2.2.2: what was in use last is used last. */
TEST(identifiers)
{
	uint8_t order[255], held;
	struct datagram d;
	struct one o;
	int i, seen[256] = { 0 };

	start_open();
	begin(&o);
	CHECK(hear(&d, 1));
	held = d.p[1];
	seen[held] = 1;
	for (i = 0; i < 255; i++) {
		order[i] = whole();
		CHECK_INT(seen[order[i]]++, 0);
	}
	answer(&d, 2); /* 255 others were over before */
	for (i = 0; i < 255; i++)
		CHECK_INT(whole(), order[i]);
	CHECK_INT(whole(), held);
	CHECK_INT(whole(), order[0]);
}

/* The parent could not: all that wait hear why, and later ones ask anew. */
TEST(failed)
{
	struct msg_SERVER_FAILED m = { .reason = "No route to host" };
	struct one o[3], later;
	int i;

	start();
	m.at = at;
	for (i = 0; i < 3; i++)
		begin(&o[i]);
	o[1].again = 1;
	CHECK_INT(asked(), 1);
	radius_io_handle_failed(&m);
	for (i = 0; i < 3; i++)
		is_silent(&o[i], m.reason);
	CHECK_INT(asked(), 1); /* for the one that was begun again */
	radius_io_handle_failed(&m);
	CHECK_INT(o[1].calls, 2);
	CHECK_INT(asked(), 0);
	radius_io_handle_failed(&m); /* nobody waits for that */
	begin(&later);
	CHECK_INT(asked(), 1);
	radius_io_cancel(&later.x);
}

/* A reload took the server away: its socket is closed, its login ends. */
TEST(reload)
{
	struct msg_SERVER_FD m = { .protocol = LOGIN_RADIUS, .at = at };
	struct one o;
	int fd;

	start();
	begin(&o);
	CHECK_INT(asked(), 1);
	servers_begin();
	servers_commit();
	m.at = at;
	fd = udp_socket();
	radius_io_handle_fd(&m, fd);
	CHECK_INT(fcntl(fd, F_GETFD), -1);
	pass(TIMEOUT * 1000 + TURN_MS);
	is_silent(&o, "no socket came in time");
	CHECK(o.x.server == NULL);
}

TESTS(T(second_socket), T(too_many), T(no_socket), T(identifiers), T(failed),
    T(reload))
