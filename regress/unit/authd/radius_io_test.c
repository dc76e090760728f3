/*
 * Requests to a RADIUS server: when they go out again, when they are given up,
 * answers that are none.
 */
#include <errno.h>

#include "regress/unit/authd/radius_world.h"

#define STEP_MS 8

/* The request's Message-Authenticator is right, and comes first. */
static int
is_signed(struct datagram *d)
{
	uint8_t got[16], want[16];

	memcpy(got, d->p + 22, sizeof(got));
	memset(d->p + 22, 0, sizeof(got));
	HMAC(EVP_md5(), KEY, sizeof(KEY) - 1, d->p, (size_t)d->len, want, NULL);
	return d->p[20] == 80 && memcmp(got, want, sizeof(got)) == 0;
}

TEST(request_and_reply)
{
	struct datagram d, second;
	struct one o;

	start_open();
	begin(&o);
	CHECK(hear(&d, 1));
	CHECK_INT(d.len, 20 + 18 + 6);
	CHECK_MEM(d.p + 38, "\1\6nemo", 6);
	CHECK(is_signed(&d));
	CHECK_INT(o.calls, 0);
	answer(&d, 2);
	CHECK_INT(o.calls, 1);
	CHECK_INT(o.code, 2);
	CHECK(o.x.server == NULL);
	answer(&d, 2); /* once more: too late */
	CHECK_INT(o.calls, 1);
	pass(60000);
	CHECK(!hear(&second, 0));
	CHECK_INT(stats.requests, 1);
	CHECK_INT(stats.replies, 1);
	CHECK_INT(stats.dropped, 1);
	CHECK_INT(stats.resent, 0);
	CHECK_INT(stats.silent, 0);
}

/* Each time is the one before, doubled, and a tenth more or less. */
TEST(resends)
{
	enum {
		N = 200
	};
	static const uint64_t want[] = { 0, 1000, 2000 };
	static struct one o[N];
	static struct datagram first[256], d;
	uint64_t last[256] = { 0 }, min[3], max[3], t, begun;
	int count[256] = { 0 }, i, n;

	start_open();
	for (i = 0; i < 3; i++) {
		min[i] = UINT64_MAX;
		max[i] = 0;
	}
	begun = now;
	for (i = 0; i < N; i++) {
		begin(&o[i]);
		CHECK(hear(&d, 1));
		first[d.p[1]] = d;
		last[d.p[1]] = now;
		count[d.p[1]]++;
	}
	while (now < begun + TIMEOUT * 1000 + TURN_MS + STEP_MS) {
		pass(STEP_MS);
		while (hear(&d, 0)) {
			n = count[d.p[1]]++;
			CHECK(n == 1 || n == 2);
			if (n != 1 && n != 2)
				return;
			/* the same octets, from the same port */
			CHECK_INT(d.len, first[d.p[1]].len);
			CHECK_MEM(d.p, first[d.p[1]].p, (size_t)d.len);
			CHECK_MEM(&d.from, &first[d.p[1]].from, sizeof(d.from));
			t = now - last[d.p[1]];
			last[d.p[1]] = now;
			min[n] = t < min[n] ? t : min[n];
			max[n] = t > max[n] ? t : max[n];
		}
	}
	for (n = 1; n <= 2; n++) {
		CHECK(min[n] >= want[n] * 9 / 10);
		CHECK(max[n] <= want[n] * 11 / 10 + TURN_MS + STEP_MS);
		/* not all at once */
		CHECK(min[n] < want[n] * 95 / 100 + TURN_MS);
		CHECK(max[n] > want[n] * 105 / 100);
	}
	for (i = 0; i < N; i++)
		is_silent(&o[i], "it does not answer");
	CHECK_INT(stats.requests, N);
	CHECK_INT(stats.resent, 2 * N);
	CHECK_INT(stats.silent, N);
}

/* The third resend comes four seconds after the second; then the end. */
TEST(deadline)
{
	uint64_t begun, sent[8];
	struct datagram d;
	struct one o;
	int n = 0;

	start_open();
	server->timeout = 12;
	begun = now;
	begin(&o);
	while (o.calls == 0 && now < begun + 60000) {
		while (hear(&d, 0) && n < 8)
			sent[n++] = now;
		pass(STEP_MS);
	}
	is_silent(&o, "it does not answer");
	CHECK(now >= begun + 12000);
	CHECK(now <= begun + 12000 + TURN_MS + STEP_MS);
	CHECK_INT(n, 4);
	CHECK(sent[3] - sent[2] >= 3600);
	CHECK(sent[3] - sent[2] <= 4400 + TURN_MS + STEP_MS);
	CHECK_INT(server->silent, 1);
	pass(60000);
	CHECK_INT(o.calls, 1);
	CHECK(!hear(&d, 0));
}

/* An answer after a resend is one all the same. */
TEST(late_answer)
{
	struct datagram d, again;
	struct one o;

	start_open();
	server->silent = 2;
	begin(&o);
	CHECK(hear(&d, 1));
	pass(1200);
	CHECK(hear(&again, 1));
	answer(&d, 3);
	CHECK_INT(o.calls, 1);
	CHECK_INT(o.code, 3);
	CHECK_INT(server->silent, 0);
	CHECK_INT(stats.resent, 1);
}

/* What does not prove itself ends nothing. */
TEST(not_an_answer)
{
	struct datagram d;
	struct one o;

	start_open();
	begin(&o);
	CHECK(hear(&d, 1));
	tell(&d, "", 0);
	tell(&d, "\2", 1);
	tell(&d, d.p, (size_t)d.len); /* our own request */
	answer_with(&d, 2, "another key", 1);
	answer_with(&d, 2, KEY, 0); /* no Message-Authenticator */
	d.p[1]++;
	answer(&d, 2); /* nobody asked */
	d.p[1]--;
	CHECK_INT(o.calls, 0);
	CHECK_INT(stats.dropped, 6);
	CHECK_INT(stats.replies, 0);
	answer(&d, 11);
	CHECK_INT(o.calls, 1);
	CHECK_INT(o.code, 11);
	/* where the line says so, it may lack that */
	configure(1);
	begin(&o);
	CHECK(hear(&d, 1));
	answer_with(&d, 2, KEY, 0);
	CHECK_INT(o.calls, 1);
	CHECK_INT(o.code, 2);
}

TEST(cancelled)
{
	struct datagram d;
	struct one o, other;

	start();
	begin(&o); /* before a socket is there */
	begin(&other);
	radius_io_cancel(&o.x);
	radius_io_cancel(&o.x);
	hand();
	CHECK_INT(asked(), 1);
	CHECK(hear(&d, 1));
	CHECK(!hear(&d, 0));
	radius_io_cancel(&other.x); /* after it was sent */
	answer(&d, 2);
	CHECK_INT(stats.dropped, 1);
	pass(60000);
	CHECK(!hear(&d, 0));
	CHECK_INT(o.calls + other.calls, 0);
	CHECK_INT(server->silent, 0);
	CHECK_INT(stats.requests, 1);
}

/* A challenge: the answer is a new request, begun out of done(). */
TEST(begun_out_of_done)
{
	struct datagram d, second;
	struct one o;

	start_open();
	begin(&o);
	o.again = 1;
	CHECK(hear(&d, 1));
	answer(&d, 11);
	CHECK_INT(o.code, 11);
	CHECK(hear(&second, 1));
	CHECK(second.p[1] != d.p[1]);
	CHECK(memcmp(second.p + 4, d.p + 4, 16) != 0);
	answer(&d, 2); /* to the first one: not to this */
	CHECK_INT(o.calls, 1);
	answer(&second, 2);
	CHECK_INT(o.calls, 2);
	CHECK_INT(o.code, 2);
}

/* Nobody is there: all that are under way hear it at once. */
TEST(refused)
{
	struct one o[3];
	int i, tries;

	start_open();
	close(udp);
	udp = -1;
	for (i = 0; i < 2; i++)
		begin(&o[i]);
	for (tries = 0; o[1].calls == 0 && tries < 100; tries++) {
		usleep(1000);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	for (i = 0; i < 2; i++)
		is_silent(&o[i], strerror(ECONNREFUSED));
	CHECK_INT(server->silent, 2);
	CHECK_INT(stats.silent, 2);
	CHECK_INT(stats.resent, 0);
	begin(&o[2]); /* the third in a row */
	for (tries = 0; o[2].calls == 0 && tries < 100; tries++) {
		usleep(1000);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	is_silent(&o[2], strerror(ECONNREFUSED));
	CHECK(server->dead_until > now);
}

TESTS(T(request_and_reply), T(resends), T(deadline), T(late_answer),
    T(not_an_answer), T(cancelled), T(begun_out_of_done), T(refused))
