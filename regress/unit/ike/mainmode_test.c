/*
 * Main Mode with a stranger: what its messages cost, and that the peers it may
 * be are found by address.  The exchange itself is regress/client's and the
 * fuzz target's to play.
 */
#include <sys/socket.h>

#include <event2/event.h>
#include <sodium.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/secret.h"
#include "common/timer.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/input.h"
#include "ikerd/ike/job.h"
#include "ikerd/ike/mainmode.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "regress/unit/ike/tell.h"
#include "regress/unit/test.h"
#include "regress/unit/vectors/messages.h"

#define HOST 0xc0a80103 /* the seed's VPN Client 1.1 */

static struct event_base *base;
static struct ike_socket sock = { .fd = -1 };
static uint64_t now_ms = 10000;

static void
peer(const char *name, uint32_t addr, unsigned int prefix)
{
	struct msg_CONF_GROUP m;

	memset(&m, 0, sizeof(m));
	m.kind = KEY_PEER;
	m.has_key = 1;
	strlcpy(m.name, name, sizeof(m.name));
	strlcpy(m.login, "LOCAL", sizeof(m.login));
	if (addr != 0)
		m.peer.addr = addr_ip4(addr);
	m.peer.prefix = (uint8_t)prefix;
	tell(MSG_CONF_GROUP, &m);
}

static void
configure(uint32_t half_open, uint32_t dh_rate)
{
	struct msg_CONF_LIMITS l;
	struct msg_CONF_POLICY p;

	ikeconf_begin();
	memset(&l, 0, sizeof(l));
	l.half_open = half_open;
	l.half_open_source = l.sessions = 100;
	l.dh_rate = dh_rate;
	tell(MSG_CONF_LIMITS, &l);
	memset(&p, 0, sizeof(p));
	p.auth = IKE_AUTH_PSK;
	p.cipher = IKE_ENC_DES;
	p.hash = IKE_HASH_MD5;
	p.group = IKE_GROUP_MODP768;
	p.lifetime = 3600;
	tell(MSG_CONF_POLICY, &p);
	peer("peer 192.168.1.0/24", 0xc0a80100, 24);
	ikeconf_free(ikeconf_commit());
}

static void
start(void)
{
	static struct bus_ops ops;

	if (base != NULL)
		return;
	clock_hold(now_ms, 1700000000);
	CHECK(sodium_init() != -1);
	secret_init();
	base = event_base_new();
	timer_init(NULL);
	bus_init(base, PROC_IKE, &ops);
	session_init(base);
	sa_init();
	job_init();
	sock.local.addr = addr_ip4(0xc0a80101);
	sock.local.port = 500;
}

/* The n-th client's message 1 from an address. */
static void
first(uint32_t host, uint8_t n)
{
	struct endpoint e = { addr_ip4(host), 500 };
	uint8_t buf[sizeof(cisco11_main_1)];

	memcpy(buf, cisco11_main_1, sizeof(buf));
	buf[0] = n;
	input(&sock, &e, buf, sizeof(buf));
}

static struct ike_sa *
sa_of(uint32_t host, uint8_t n)
{
	struct endpoint e = { addr_ip4(host), 500 };
	uint8_t cky_i[ISAKMP_COOKIE_LEN];

	memcpy(cky_i, cisco11_main_1, sizeof(cky_i));
	cky_i[0] = n;
	return sa_find_initiator(cky_i, &e);
}

static void
third(uint32_t host, const struct ike_sa *sa)
{
	struct endpoint e = { addr_ip4(host), 500 };
	uint8_t buf[sizeof(main_3)];

	memcpy(buf, main_3, sizeof(buf));
	memcpy(buf, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(buf + 8, sa->cky_r, ISAKMP_COOKIE_LEN);
	input(&sock, &e, buf, sizeof(buf));
}

static void
end(void)
{
	struct table_link *next;
	struct session *s;
	size_t slot = 0;

	while ((s = session_walk(&slot, &next)) != NULL)
		session_down(s, DOWN_ERROR);
	event_base_loop(base, EVLOOP_NONBLOCK);
	CHECK_INT(session_counters.half_open, 0);
	memset(&main_counters, 0, sizeof(main_counters));
}

/* Message 1 costs no computation, message 3 costs one. */
TEST(computation_at_message_3)
{
	struct ike_sa *sa;
	uint8_t i;

	start();
	configure(100, 2);
	clock_hold(now_ms += 2000, 1700000002);
	for (i = 1; i <= 20; i++)
		first(HOST, i);
	CHECK_INT(session_count(), 20);
	CHECK_INT(main_counters.limited, 0);
	for (i = 1; i <= 3; i++) {
		sa = sa_of(HOST, i);
		CHECK(sa != NULL);
		CHECK_INT(sa->state, SA_WAIT_KE);
		third(HOST, sa);
		CHECK_INT(sa->state, i <= 2 ? SA_KEYING : SA_WAIT_KE);
	}
	CHECK_INT(main_counters.limited, 1);
	/* again, when there is one: it was not spoilt */
	clock_hold(now_ms += 1000, 1700000003);
	third(HOST, sa_of(HOST, 3));
	CHECK_INT(sa_of(HOST, 3)->state, SA_KEYING);
	/* nobody serves them: the one that waited longest made room */
	CHECK(sa_of(HOST, 1) == NULL);
	/* what is asked already is not asked again */
	third(HOST, sa_of(HOST, 2));
	CHECK_INT(input_counters.not_in_state, 1);
	end();
}

/* Message 3 from elsewhere, or for another exchange, is nobody's. */
TEST(message_3_from_elsewhere)
{
	struct ike_sa *sa;

	start();
	configure(100, 100);
	clock_hold(now_ms += 2000, 1700000005);
	first(HOST, 1);
	sa = sa_of(HOST, 1);
	CHECK(sa != NULL);
	third(HOST + 1, sa);
	CHECK_INT(sa->state, SA_WAIT_KE);
	CHECK_INT(main_counters.ignored, 1);
	third(HOST, sa);
	CHECK_INT(sa->state, SA_KEYING);
	end();
}

/* The oldest half-open one makes room for a new one, once it had its time. */
TEST(bounded)
{
	uint8_t i;

	start();
	configure(5, 100);
	for (i = 1; i <= 9; i++)
		first(HOST, i);
	CHECK_INT(session_count(), 5);
	for (i = 1; i <= 9; i++)
		CHECK_INT(sa_of(HOST, i) != NULL, i <= 5);
	CHECK_INT(main_counters.limited, 4);
	clock_hold(now_ms += 3000, 1700000015);
	for (i = 10; i <= 13; i++)
		first(HOST, i);
	CHECK_INT(session_count(), 5);
	CHECK(sa_of(HOST, 4) == NULL);
	CHECK(sa_of(HOST, 5) != NULL);
	CHECK(sa_of(HOST, 13) != NULL);
	end();
}

/*
 * A flood of new messages took every place before a client that asked again
 * could have one.
 */
TEST(who_comes_again_is_let_in)
{
	uint8_t i;

	start();
	configure(5, 100);
	clock_hold(now_ms += 30000, 1700000045);
	for (i = 1; i <= 6; i++)
		first(HOST, i);
	CHECK(sa_of(HOST, 6) == NULL);
	first(HOST, 6); /* too soon: a burst */
	CHECK(sa_of(HOST, 6) == NULL);
	clock_hold(now_ms += 1000, 1700000046);
	for (i = 7; i <= 20; i++) /* those are new */
		first(HOST, i);
	CHECK(sa_of(HOST, 1) != NULL);
	first(HOST, 6);
	CHECK(sa_of(HOST, 6) != NULL);
	CHECK(sa_of(HOST, 1) == NULL);
	CHECK_INT(session_count(), 5);
	end();
}

/* Not for nothing: so many a second as are kept for them. */
TEST(not_all_who_come_again)
{
	uint8_t i, in = 0;

	start();
	configure(5, 8);
	clock_hold(now_ms += 30000, 1700000076);
	for (i = 1; i <= 15; i++)
		first(HOST, i);
	clock_hold(now_ms += 1000, 1700000077);
	for (i = 6; i <= 15; i++) {
		first(HOST, i);
		in += sa_of(HOST, i) != NULL;
	}
	CHECK_INT(in, 2);
	end();
}

/* The same message gets its answer again, five times, and no session. */
TEST(repeated)
{
	int i;

	start();
	configure(5, 100);
	first(HOST, 1);
	for (i = 0; i < 8; i++) {
		clock_hold(now_ms += 600, 1700000010);
		first(HOST, 1);
	}
	CHECK_INT(session_count(), 1);
	CHECK_INT(main_counters.repeated, 5);
	CHECK_INT(main_counters.ignored, 3);
	end();
}

TEST(nobodys_address)
{
	start();
	configure(5, 100);
	first(0x0a000001, 1);
	CHECK_INT(session_count(), 0);
	CHECK_INT(main_counters.unknown, 1);
	end();
}

static void
check_peer(uint32_t addr, const char *name)
{
	struct addr a = addr_ip4(addr);
	const struct group *g = ikeconf_peer(&a);

	CHECK(g != NULL);
	if (g != NULL)
		CHECK_STR(g->name, name);
}

TEST(closest_peer)
{
	struct addr six = { ADDR_IP6, { 0x20, 0x01 } };
	struct group before;

	start();
	ikeconf_begin();
	peer("peer any", 0, 0);
	peer("peer 10.0.0.0/8", 0x0a000000, 8);
	peer("peer 10.1.2.3", 0x0a010203, 32);
	peer("peer 10.1.0.0/16", 0x0a010000, 16);
	ikeconf_free(ikeconf_commit());
	check_peer(0x0a010203, "peer 10.1.2.3");
	check_peer(0x0a010204, "peer 10.1.0.0/16");
	check_peer(0x0a020204, "peer 10.0.0.0/8");
	check_peer(0x0b020204, "peer any");
	CHECK(ikeconf_peer(&six) != NULL);
	/* by no name that a client gives */
	CHECK(ikeconf_group("peer any", 8) == NULL);
	/* a session keeps its peer over a reload, not a group of that name */
	memset(&before, 0, sizeof(before));
	strlcpy(before.name, "peer any", sizeof(before.name));
	CHECK(ikeconf_same(&before) == NULL);
	before.is_peer = 1;
	CHECK(ikeconf_same(&before) != NULL);
}

TESTS(T(computation_at_message_3), T(message_3_from_elsewhere), T(bounded),
    T(who_comes_again_is_let_in), T(not_all_who_come_again), T(repeated),
    T(nobodys_address), T(closest_peer))
