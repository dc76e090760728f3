/* Limits on half-open sessions, and what operators are told of refusals. */
#include <sys/types.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <sodium.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/compat/imsg.h"
#include "common/timer.h"
#include "ikerd/ike/failure.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "regress/unit/test.h"

static struct event_base *base;

static void
start(void)
{
	static struct bus_ops ops;
	struct msg_CONF_LIMITS l;

	if (base != NULL)
		return;
	clock_hold(10000, 1700000000);
	CHECK(sodium_init() != -1);
	base = event_base_new();
	timer_init(NULL);
	bus_init(base, PROC_IKE, &ops);
	session_init(base);
	sa_init();
	ikeconf_begin();
	memset(&l, 0, sizeof(l));
	l.half_open = 100;
	l.half_open_source = 2;
	l.sessions = 100;
	l.dh_rate = 10;
	CHECK_INT(ikeconf_handlers[0].type, MSG_CONF_LIMITS);
	ikeconf_handlers[0].handle(NULL, &l, -1);
	ikeconf_free(ikeconf_commit());
}

static struct endpoint
from(uint32_t host)
{
	struct endpoint e = { addr_ip4(0xc0a80100 + host), 500 };

	return e;
}

/*
 * One source that sends first messages beyond its share used up the
 * Diffie-Hellman computations of this second, and all others were refused.
 */
TEST(one_source_starves_no_other)
{
	struct endpoint loud = from(1), quiet = from(2);
	struct session *s[3];
	int i;

	start();
	CHECK((s[0] = session_new(&loud, 1)) != NULL);
	CHECK((s[1] = session_new(&loud, 1)) != NULL);
	for (i = 0; i < 50; i++)
		CHECK(session_new(&loud, 1) == NULL);
	CHECK((s[2] = session_new(&quiet, 1)) != NULL);
	CHECK_INT(session_counters.refused_limit, 50);
	for (i = 0; i < 3; i++) {
		if (s[i] != NULL)
			session_down(s[i], DOWN_ERROR);
	}
	event_base_loop(base, EVLOOP_NONBLOCK);
	CHECK_INT(session_counters.half_open, 0);
}

/*
 * A refusal for want of a computation leaves nothing of its source behind.  A
 * fourth of dh-rate is kept for who comes again (mainmode_test).
 */
TEST(the_rate_holds)
{
	struct session *s[8];
	struct endpoint e;
	uint32_t i;

	start();
	clock_hold(20000, 1700000010);
	for (i = 0; i < 8; i++) {
		e = from(i);
		CHECK((s[i] = session_new(&e, 1)) != NULL);
	}
	e = from(99);
	for (i = 0; i < 5; i++)
		CHECK(session_new(&e, 1) == NULL);
	clock_hold(21000, 1700000011);
	for (i = 0; i < 8; i++)
		session_down(s[i], DOWN_ERROR);
	CHECK((s[0] = session_new(&e, 1)) != NULL);
	CHECK((s[1] = session_new(&e, 1)) != NULL);
	session_down(s[0], DOWN_ERROR);
	session_down(s[1], DOWN_ERROR);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Line breaks in a server's message made lines of their own in the log. */
TEST(reasons_are_one_line)
{
	struct endpoint e = from(1);
	const struct msg_ROW_FAILURE *row;
	struct imsgbuf in;
	struct imsg imsg;
	struct peer *ctl;
	int sv[2];

	start();
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	ctl = bus_add(PROC_CTL, 0, sv[0]);
	failure_add(1, STEP_LOGIN_REJECTED, &e, "eve", 3, "%s",
	    "no\nup session 1\x1b[2J");
	failures_show(ctl);
	bus_flush();
	CHECK_INT(imsgbuf_init(&in, sv[1]), 0);
	CHECK_INT(imsgbuf_read(&in), 1);
	CHECK_INT(imsgbuf_get(&in, &imsg), 1);
	row = imsg.data;
	CHECK_INT(imsg_get_type(&imsg), MSG_ROW_FAILURE);
	CHECK(strchr(row->reason, '\n') == NULL);
	CHECK(strchr(row->reason, '\x1b') == NULL);
	CHECK(strncmp(row->reason, "no", 2) == 0);
	imsg_free(&imsg);
	imsgbuf_clear(&in);
	close(sv[1]);
	bus_close(ctl);
}

/* Is this the newest reason that "show failures" gives? */
static int
last_failure(const char *reason)
{
	struct msg_ROW_FAILURE row;
	struct imsgbuf in;
	struct imsg imsg;
	struct peer *ctl;
	int sv[2];

	memset(&row, 0, sizeof(row));
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	ctl = bus_add(PROC_CTL, 0, sv[0]);
	failures_show(ctl);
	bus_flush();
	CHECK_INT(imsgbuf_init(&in, sv[1]), 0);
	CHECK_INT(imsgbuf_read(&in), 1);
	while (imsgbuf_get(&in, &imsg) == 1) {
		memcpy(&row, imsg.data, sizeof(row));
		imsg_free(&imsg);
	}
	imsgbuf_clear(&in);
	close(sv[1]);
	bus_close(ctl);
	return strcmp(row.reason, reason) == 0;
}

/* A captured poold that gives an address twice moves nobody's packets. */
TEST(an_address_is_one_sessions)
{
	struct addr a = addr_ip4(0x0a000001), b = addr_ip4(0x0a000002);
	struct endpoint e = from(6);
	struct session *s[2];

	start();
	clock_hold(50000, 1700000040);
	CHECK((s[0] = session_new(&e, 1)) != NULL);
	CHECK((s[1] = session_new(&e, 1)) != NULL);
	CHECK_INT(session_set_address(s[0], &a), 0);
	CHECK_INT(session_set_address(s[1], &a), -1);
	CHECK(s[1]->address.family == ADDR_NONE);
	session_down(s[0], DOWN_ERROR);
	CHECK_INT(session_set_address(s[1], &a), 0);
	session_down(s[1], DOWN_ERROR);
	event_base_loop(base, EVLOOP_NONBLOCK);
	CHECK(!ikeconf_in_pool("clients", &b));
}

/* The gateway is full: the next one is told nothing, the operator is. */
TEST(gateway_is_full)
{
	static struct session *s[100];
	struct endpoint e;
	uint32_t i;

	start();
	clock_hold(60000, 1700000050);
	for (i = 0; i < 100; i++) {
		e = from(i);
		CHECK((s[i] = session_new(&e, 0)) != NULL);
	}
	e = from(200);
	CHECK(session_new(&e, 0) == NULL);
	CHECK(last_failure("the gateway has 100 sessions already, as many as "
			   "`limits' allows"));
	for (i = 0; i < 100; i++)
		session_down(s[i], DOWN_ERROR);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

TESTS(T(one_source_starves_no_other), T(the_rate_holds),
    T(reasons_are_one_line), T(an_address_is_one_sessions), T(gateway_is_full))
