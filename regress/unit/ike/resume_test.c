/* Whose new phase 1 goes on with an older session: sites. */
#include <event2/event.h>
#include <sodium.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/timer.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/resume.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/site.h"
#include "regress/unit/test.h"

static struct event_base *base;
static struct ike_socket sock = { .fd = -1 };
static struct group group = {
	.name = "peer 192.0.2.1", .is_peer = 1, .config = CONFIG_NONE
};

static void
start(void)
{
	static struct bus_ops ops;
	struct msg_CONF_LIMITS l = { .half_open = 100,
		.half_open_source = 100,
		.sessions = 100,
		.dh_rate = 100 };

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
	CHECK_INT(ikeconf_handlers[0].type, MSG_CONF_LIMITS);
	ikeconf_handlers[0].handle(NULL, &l, -1);
	ikeconf_free(ikeconf_commit());
}

/* A peer that calls itself ident has ended phase 1; contact: INITIAL-CONTACT */
static struct ike_sa *
phase1_of(uint16_t port, uint64_t ident, int contact)
{
	struct endpoint peer = { addr_ip4(0xc0000201), port };
	static uint8_t cky_i[ISAKMP_COOKIE_LEN] = { 1 };
	struct session *s;
	struct ike_sa *sa;

	CHECK((s = session_new(&peer, 0)) != NULL);
	cky_i[0]++;
	CHECK((sa = sa_new(s, cky_i, &sock, &peer)) != NULL);
	sa->hash = ike_hash_by_number(2);
	sa->lifetime = 3600;
	s->group = &group;
	s->ident = ident;
	s->initial_contact = (uint8_t)contact;
	sa_established(sa);
	sa->whole_ms = clock_ms();
	session_authenticated(s);
	site_begin(sa);
	return sa;
}

static void
reap(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* A site that renewed phase 1 had a second session, and lost the first. */
TEST(a_site_goes_on)
{
	struct ike_sa *old, *sa;
	struct session *s;

	start();
	old = phase1_of(500, 7, 0);
	s = old->session;
	sa = phase1_of(500, 7, 0);
	CHECK(sa->session == s);
	CHECK(session_sa(s) == sa);
	CHECK(old->retiring);
	CHECK(!sa->retiring);
	reap();
	CHECK_INT(session_count(), 1);
	session_down(s, DOWN_KICK);
	reap();
	CHECK_INT(session_count(), 0);
}

/* It is the same from another port: its NAT forgot the old one. */
TEST(a_site_moves)
{
	struct endpoint first = { addr_ip4(0xc0000201), 4500 };
	struct session *s;

	start();
	s = phase1_of(4500, 7, 0)->session;
	CHECK(phase1_of(4501, 7, 0)->session == s);
	CHECK_INT(s->source.port, 4501);
	CHECK(session_at(&first, NULL) == NULL);
	session_down(s, DOWN_KICK);
	reap();
}

/* Two gateways behind one address. */
TEST(another_site_does_not)
{
	struct ike_sa *a, *b;

	start();
	a = phase1_of(4500, 7, 0);
	b = phase1_of(4500, 8, 0);
	CHECK(a->session != b->session);
	CHECK_INT(session_count(), 2);
	session_down(a->session, DOWN_KICK);
	session_down(b->session, DOWN_KICK);
	reap();
}

/* INITIAL-CONTACT ends what was before, of this peer and of nobody else. */
TEST(a_site_begins_anew)
{
	struct ike_sa *old, *neighbour, *sa;

	start();
	old = phase1_of(500, 7, 0);
	neighbour = phase1_of(4500, 8, 0);
	sa = phase1_of(500, 7, 1);
	CHECK_INT(old->session->state, SESSION_DEAD);
	CHECK_INT(neighbour->session->state, SESSION_READY);
	CHECK_INT(sa->session->state, SESSION_READY);
	session_down(neighbour->session, DOWN_KICK);
	session_down(sa->session, DOWN_KICK);
	reap();
	CHECK_INT(session_count(), 0);
}

/*
 * Both sides renew at once: both new SAs stay, the old one goes, and the one
 * with the greater cookie speaks, whichever came last.
 */
TEST(both_renew)
{
	struct endpoint peer = { addr_ip4(0xc0000201), 500 };
	struct ike_sa *old, *ours, *theirs;
	struct session *s;
	int i;

	start();
	for (i = 0; i < 8; i++) {
		clock_hold(100000 * (uint64_t)(i + 1), 1700001000);
		old = phase1_of(500, 7, 0);
		s = old->session;
		clock_hold(clock_ms() + 1000, 1700001001);
		CHECK((ours = sa_new_ours(s, &sock, &peer)) != NULL);
		ours->hash = old->hash;
		clock_hold(clock_ms() + 1000, 1700001002);
		theirs = phase1_of(500, 7, 0);
		CHECK(theirs->session == s);
		clock_hold(clock_ms() + 1000, 1700001003);
		ours->whole_ms = clock_ms();
		sa_established(ours);
		resume_retire_others(ours);
		CHECK(old->retiring);
		CHECK(!ours->retiring);
		CHECK(!theirs->retiring);
		CHECK(session_sa(s) ==
		    (memcmp(ours->cky_i, theirs->cky_i, ISAKMP_COOKIE_LEN) > 0 ?
			    ours :
			    theirs));
		session_down(s, DOWN_KICK);
		reap();
	}
}

/* One that we begun later than it was established replaces it. */
TEST(ours_replaces)
{
	struct endpoint peer = { addr_ip4(0xc0000201), 500 };
	struct ike_sa *old, *ours;

	start();
	old = phase1_of(500, 7, 0);
	clock_hold(clock_ms() + 1000, 1700002000);
	CHECK((ours = sa_new_ours(old->session, &sock, &peer)) != NULL);
	ours->hash = old->hash;
	ours->whole_ms = clock_ms();
	CHECK(session_sa(old->session) == old);
	sa_established(ours);
	resume_retire_others(ours);
	CHECK(old->retiring);
	CHECK(session_sa(old->session) == ours);
	session_down(old->session, DOWN_KICK);
	reap();
}

/* One that renews without end is stopped. */
TEST(a_site_storms)
{
	struct ike_sa *sa;
	struct session *s;
	int i;

	start();
	s = phase1_of(500, 7, 0)->session;
	for (i = 0; i < 12; i++) {
		sa = phase1_of(500, 7, 0);
		CHECK(sa->session == s);
	}
	sa = phase1_of(500, 7, 0);
	CHECK(sa->session != s);
	CHECK_INT(sa->session->state, SESSION_DEAD);
	CHECK_INT(s->state, SESSION_READY);
	session_down(s, DOWN_KICK);
	reap();
	CHECK_INT(session_count(), 0);
}

TESTS(T(a_site_goes_on), T(a_site_moves), T(another_site_does_not),
    T(a_site_begins_anew), T(a_site_storms), T(both_renew), T(ours_replaces))
