/*
 * The book of SA pairs over a kernel that is played here: what the kernel
 * says, and what one client chooses, concerns no other client's pair.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <errno.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/timer.h"
#include "ikerd/alg/provider.h"
#include "ikerd/ike/flow.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/kernel.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/rekey.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"
#include "regress/unit/test.h"

/* --- the kernel: SAs by SPI and destination, as every kernel has them --- */

struct played {
	uint32_t spi;
	struct addr dst;
	uint64_t bytes;
};

static struct esp_sa last_in;
static struct played sas[512];
static size_t nsas;
static uint32_t next_spi = 0x1000;
static const struct kernel_ops *ops;

static struct played *
played_find(uint32_t spi, const struct addr *dst)
{
	size_t i;

	for (i = 0; i < nsas; i++) {
		if (sas[i].spi == spi && addr_equal(&sas[i].dst, dst))
			return &sas[i];
	}
	return NULL;
}

static int
played_add(uint32_t spi, const struct addr *dst)
{
	if (played_find(spi, dst) != NULL) {
		errno = EEXIST;
		return -1;
	}
	sas[nsas].spi = spi;
	sas[nsas].bytes = 0;
	sas[nsas++].dst = *dst;
	return 0;
}

static int
played_take(uint32_t spi, const struct addr *dst)
{
	struct played *p = played_find(spi, dst);

	if (p == NULL) {
		errno = ESRCH;
		return -1;
	}
	*p = sas[--nsas];
	return 0;
}

struct kernel *
kernel_new(int fd, const struct kernel_ops *o, void *arg)
{
	ops = o;
	return (struct kernel *)(void *)&sas;
}

int
kernel_register(struct kernel *k, struct kernel_algs *algs)
{
	return 0;
}

void
kernel_read(struct kernel *k)
{
}

const char *
kernel_error(const struct kernel *k)
{
	return "played";
}

int
kernel_deny_pool(
    struct kernel *k, const struct addr *first, const struct addr *last, int on)
{
	return 0;
}

static struct esp_flow flows[512];
static size_t nflows;

int
kernel_flow_add(struct kernel *k, struct esp_flow *f)
{
	flows[nflows++ % 512] = *f;
	return 0;
}

int
kernel_flow_delete(struct kernel *k, const struct esp_flow *f)
{
	nflows--;
	return 0;
}

int
kernel_spi_get(struct kernel *k, const struct esp_sa *sa, uint32_t *spi)
{
	last_in = *sa;
	*spi = next_spi++;
	return played_add(*spi, &sa->dst.addr);
}

int
kernel_sa_update(struct kernel *k, const struct esp_sa *sa)
{
	return 0;
}

int
kernel_sa_add(struct kernel *k, const struct esp_sa *sa)
{
	return played_add(sa->spi, &sa->dst.addr);
}

int
kernel_sa_get(struct kernel *k, const struct esp_sa *sa, struct esp_counters *c)
{
	struct played *p = played_find(sa->spi, &sa->dst.addr);

	memset(c, 0, sizeof(*c));
	if (p == NULL)
		return -1;
	c->bytes = p->bytes;
	return 0;
}

int
kernel_sa_delete(struct kernel *k, const struct esp_sa *sa)
{
	(void)played_take(sa->spi, &sa->dst.addr);
	return 0;
}

/* As Linux does: deleted, then added, which may fail. */
int
kernel_sa_move(struct kernel *k, struct esp_sa *in, struct esp_sa *out,
    const struct endpoint *to)
{
	in->src = *to;
	if (played_take(out->spi, &out->dst.addr) == -1 ||
	    played_add(out->spi, &to->addr) == -1)
		return -1;
	out->dst = *to;
	return 1;
}

/* --- clients --- */

static struct event_base *base;
static struct ike_socket sock;
static struct group group;
static const struct esp_suite *suite;

static void
start(void)
{
	static struct esp_suite strong;
	static struct bus_ops none;
	struct msg_CONF_LIMITS l;
	int sv[2];

	if (base != NULL)
		return;
	clock_hold(10000, 1700000000);
	CHECK(sodium_init() != -1);
	CHECK_INT(alg_init(0), 0);
	base = event_base_new();
	timer_init(NULL);
	bus_init(base, PROC_IKE, &none);
	session_init(base);
	sa_init();
	quick_init();
	tunnel_init(base);
	ikeconf_begin();
	memset(&l, 0, sizeof(l));
	l.half_open = l.half_open_source = l.sessions = l.dh_rate = 100;
	CHECK_INT(ikeconf_handlers[0].type, MSG_CONF_LIMITS);
	ikeconf_handlers[0].handle(NULL, &l, -1);
	ikeconf_free(ikeconf_commit());
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	CHECK_INT(tunnel_open(sv[0]), 0);
	sock.fd = -1;
	sock.natt = 1;
	sock.local.addr = addr_ip4(0xc0000201);
	sock.local.port = 4500;
	strong.cipher = esp_cipher_by_number(12, 128);
	strong.auth = esp_auth_by_number(2);
	CHECK(strong.cipher != NULL && strong.auth != NULL);
	suite = &strong;
}

static struct session *
client(uint32_t at)
{
	struct endpoint e = { addr_ip4(at), 4500 };
	static const uint8_t cky_i[ISAKMP_COOKIE_LEN] = { 1 };
	struct session *s = session_new(&e, 1);
	struct ike_sa *sa;

	CHECK(s != NULL);
	CHECK((sa = sa_new(s, cky_i, &sock, &e)) != NULL);
	sa->hash = ike_hash_by_name("sha1");
	sa->cipher = ike_cipher_by_name("aes-128");
	CHECK_INT(sa_keys_alloc(sa), 0);
	sa_established(sa);
	s->group = &group;
	session_authenticated(s);
	s->state = SESSION_UP;
	return s;
}

static struct tunnel *
pair(struct session *s, uint32_t inner, uint32_t spi_out)
{
	struct range local = { addr_ip4(0), addr_ip4(0xffffffff) };
	struct range remote = { addr_ip4(inner), addr_ip4(inner) };
	uint8_t keymat[128] = { 0 };
	struct tunnel *t;

	t = tunnel_new(s, flow_get(s, &local, &remote, NULL, 0), suite, 1);
	CHECK(t != NULL);
	t->spi_out = spi_out;
	tunnel_set_life(t, 3600, 0);
	CHECK_INT(tunnel_add_in(t, keymat), 0);
	CHECK_INT(tunnel_add_out(t, keymat), 0);
	return t;
}

static void
leave(struct session *s)
{
	session_down(s, DOWN_DELETE);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/*
 * A client chose the SPI of another one's pair for its own, with a lifetime
 * of a second: when that was over the other one's pair was taken out.
 */
TEST(an_expiry_names_one_pair)
{
	struct addr mallory_at = addr_ip4(0xc6336401);
	struct session *alice, *mallory;
	struct tunnel *theirs;

	start();
	alice = client(0xcb007101);
	mallory = client(0xc6336401);
	theirs = pair(alice, 0x0a000001, 0x5000);
	(void)pair(mallory, 0x0a000002, theirs->spi_in);
	(void)pair(mallory, 0x0a000002, 0x5000);
	ops->expire(NULL, theirs->spi_in, &mallory_at, 1);
	ops->expire(NULL, 0x5000, &mallory_at, 1);
	CHECK(TAILQ_FIRST(&alice->tunnels) == theirs);
	CHECK_INT(mallory->state, SESSION_DEAD);
	CHECK_INT(alice->state, SESSION_UP);
	ops->expire(NULL, theirs->spi_in, &sock.local.addr, 1);
	CHECK_INT(alice->state, SESSION_DEAD);
	event_base_loop(base, EVLOOP_NONBLOCK);
	CHECK_INT(nsas, 0);
}

/*
 * A client whose outbound SPI was another one's moved to that one's address:
 * when it left, the other one's SA left with it.
 */
TEST(who_moves_onto_another_takes_nothing)
{
	struct endpoint there = { addr_ip4(0xcb007101), 4501 };
	struct session *alice, *mallory;
	struct tunnel *theirs;

	start();
	alice = client(0xcb007101);
	mallory = client(0xc6336401);
	theirs = pair(alice, 0x0a000001, 0x5000);
	(void)pair(mallory, 0x0a000002, 0x5000);
	(void)pair(mallory, 0x0a000002, 0x6000);
	tunnel_move_all(mallory, &there);
	CHECK(TAILQ_FIRST(&mallory->tunnels) != NULL);
	CHECK_INT(TAILQ_FIRST(&mallory->tunnels)->spi_out, 0x6000);
	CHECK(TAILQ_NEXT(TAILQ_FIRST(&mallory->tunnels), entry) == NULL);
	CHECK(played_find(0x6000, &there.addr) != NULL);
	leave(mallory);
	CHECK(played_find(0x5000, &there.addr) != NULL);
	CHECK(played_find(theirs->spi_in, &sock.local.addr) != NULL);
	leave(alice);
	CHECK_INT(nsas, 0);
}

/* The kernel may know of an SA that we do not: the same. */
TEST(what_cannot_move_is_taken_out)
{
	struct endpoint there = { addr_ip4(0xcb007102), 4501 };
	struct session *s;

	start();
	CHECK_INT(played_add(0x7000, &there.addr), 0);
	s = client(0xc6336401);
	(void)pair(s, 0x0a000002, 0x7000);
	tunnel_move_all(s, &there);
	CHECK(TAILQ_EMPTY(&s->tunnels));
	leave(s);
	CHECK_INT(nsas, 1);
	CHECK_INT(played_take(0x7000, &there.addr), 0);
}

/* After a move that begins SAs anew the octets before it were not counted. */
TEST(a_move_loses_no_octets)
{
	struct endpoint there = { addr_ip4(0xcb007103), 4501 };
	struct endpoint here = { addr_ip4(0xc6336401), 4500 };
	struct traffic traffic;
	struct session *s;

	start();
	s = client(0xc6336401);
	(void)pair(s, 0x0a000002, 0x8000);
	played_find(0x8000, &here.addr)->bytes = 1000;
	tunnel_move_all(s, &there);
	played_find(0x8000, &there.addr)->bytes = 10;
	session_traffic(s, &traffic);
	CHECK_INT(traffic.bytes_out, 1010);
	leave(s);
	CHECK_INT(nsas, 0);
}

/* A client that renewed for ever and deleted nothing filled the kernel. */
TEST(a_session_has_so_many_pairs)
{
	struct session *s;
	struct tunnel *t;
	uint32_t i;
	int n = 0;

	start();
	s = client(0xc6336401);
	for (i = 0; i < 3 * TUNNELS_MAX; i++) {
		tunnel_make_room(s);
		(void)pair(s, 0x0a000002, 0x9000 + i);
	}
	TAILQ_FOREACH(t, &s->tunnels, entry)
		n++;
	CHECK_INT(n, TUNNELS_MAX);
	CHECK_INT(nsas, 2 * TUNNELS_MAX);
	CHECK_INT(TAILQ_FIRST(&s->tunnels)->spi_out, 0x9000 + i - 1);
	leave(s);
	CHECK_INT(nsas, 0);
}

/*
 * A client that was told the port of ipsec-udp has its ESP there, whatever
 * port its IKE has; when its NAT chooses another one only ESP follows.
 */
TEST(udp_has_ports_of_its_own)
{
	struct endpoint moved = { addr_ip4(0xc6336401), 31000 };
	struct endpoint ike = { addr_ip4(0xc6336401), 4777 };
	struct network local = { addr_ip4(0), 0 };
	struct range all = range_of_network(&local);
	struct range host = { addr_ip4(0x0a000002), addr_ip4(0x0a000002) };
	uint8_t keymat[128] = { 0 };
	struct session *s;
	struct tunnel *t;

	start();
	s = client(0xc6336401);
	s->udp_here = s->udp_there = 10000;
	t = tunnel_new(s, flow_get(s, &all, &host, NULL, 0), suite, 0);
	CHECK(t != NULL);
	CHECK(last_in.natt);
	CHECK_INT(last_in.src.port, 10000);
	CHECK_INT(last_in.dst.port, 10000);
	t->spi_out = 0xa000;
	CHECK_INT(tunnel_add_in(t, keymat), 0);
	CHECK_INT(tunnel_add_out(t, keymat), 0);
	tunnel_move_all(s, &ike); /* nothing of it moves */
	CHECK_INT(t->peer.port, 10000);
	ops->mapping(NULL, t->spi_in, &moved);
	CHECK_INT(t->peer.port, 31000);
	CHECK_INT(s->source.port, 4500);
	CHECK_INT(session_sa(s)->peer.port, 4500);
	tunnel_move_all(s, &ike);
	CHECK_INT(t->peer.port, 31000);
	/* the next pair is where this one is by now */
	t = tunnel_new(s, flow_get(s, &all, &host, NULL, 0), suite, 0);
	CHECK_INT(last_in.src.port, 31000);
	CHECK_INT(last_in.dst.port, 10000);
	leave(s);
	CHECK_INT(nsas, 0);
}

static struct range
range(const char *first, const char *last)
{
	struct range r;

	CHECK_INT(addr_parse(first, &r.first), 0);
	CHECK_INT(addr_parse(last, &r.last), 0);
	return r;
}

/* The policies of selectors, as "LOCAL REMOTE" one after the other. */
static const char *
policies(struct range local, struct range remote, const struct network *nets,
    size_t n)
{
	static char text[1024];
	struct session *s;
	struct flow *f;
	char net[ADDR_STRLEN];
	size_t i;

	start();
	s = client(0xc6336401);
	nflows = 0;
	text[0] = '\0';
	if ((f = flow_get(s, &local, &remote, nets, n)) == NULL)
		(void)strlcpy(text, "none", sizeof(text));
	for (i = 0; f != NULL && i < nflows; i++) {
		(void)strlcat(
		    text, network_text(&flows[i].local, net), sizeof(text));
		(void)strlcat(text, " ", sizeof(text));
		(void)strlcat(
		    text, network_text(&flows[i].remote, net), sizeof(text));
		(void)strlcat(text, "; ", sizeof(text));
		CHECK_STR(network_text(&flows[i].inner, net),
		    f->remote.last.b[0] == 10 ? "10.0.0.1/32" :
						"172.16.0.0/29");
	}
	if (f != NULL)
		flow_put(s, f);
	CHECK_INT(nflows, 0);
	leave(s);
	return text;
}

/* Kernels know networks only; what is not to be reached is in none of them. */
TEST(selectors_become_policies)
{
	struct range all = range("0.0.0.0", "255.255.255.255");
	struct range host = range("10.0.0.1", "10.0.0.1");
	struct range odd = range("172.16.0.2", "172.16.0.4");
	struct network nets[2] = { { addr_ip4(0x0a010000), 16 },
		{ addr_ip4(0xc0a80000), 24 } };

	CHECK_STR(policies(all, host, NULL, 0), "0.0.0.0/0 10.0.0.1/32; ");
	CHECK_STR(policies(all, host, nets, 2),
	    "10.1.0.0/16 10.0.0.1/32; 192.168.0.0/24 10.0.0.1/32; ");
	CHECK_STR(policies(range("10.1.2.0", "10.1.2.255"), host, nets, 2),
	    "10.1.2.0/24 10.0.0.1/32; ");
	CHECK_STR(policies(range("10.1.255.254", "10.2.0.9"), host, nets, 2),
	    "10.1.255.254/31 10.0.0.1/32; ");
	CHECK_STR(
	    policies(range("10.2.0.0", "10.2.0.9"), host, nets, 2), "none");
	CHECK_STR(policies(range("10.1.0.0", "10.1.255.255"), odd, nets, 2),
	    "10.1.0.0/16 172.16.0.2/31; 10.1.0.0/16 172.16.0.4/32; ");
	CHECK_STR(policies(range("0.0.0.1", "255.255.255.254"),
		      range("172.0.0.1", "172.255.255.254"), NULL, 0),
	    "none"); /* too many */
}

/* --- renewing --- */

static void
pass(uint64_t ms)
{
	static uint64_t now = 1000000;

	for (; ms > 0; ms -= ms < 1000 ? ms : 1000) {
		now += ms < 1000 ? ms : 1000;
		clock_hold(now, 1700000000 + now / 1000);
		timer_turn();
	}
}

static int
count(const struct session *s)
{
	struct tunnel *t;
	int n = 0;

	TAILQ_FOREACH(t, &s->tunnels, entry)
		n++;
	return n;
}

/* A pair that is up, as after its Quick Mode. */
static struct tunnel *
whole(struct session *s, uint32_t spi_out, int ours)
{
	struct tunnel *t = pair(s, 0x0a000002, spi_out);

	rekey_whole(t, ours);
	return t;
}

/*
 * When the client renewed, the old pair took the packets that were under way
 * on it; it stays while there are any, and goes when there were none.
 */
TEST(the_old_pair_goes_when_it_is_quiet)
{
	struct session *s;
	struct tunnel *old;
	int i;

	start();
	pass(1000);
	s = client(0xcb007101);
	old = whole(s, 0x5000, 0);
	pass(10000);
	(void)whole(s, 0x5001, 0);
	CHECK_INT(old->replaced, 1);
	for (i = 0; i < 4; i++) {
		played_find(old->spi_in, &sock.local.addr)->bytes += 100;
		pass(29000);
		CHECK_INT(count(s), 2);
	}
	pass(62000);
	CHECK_INT(count(s), 1);
	CHECK_INT(TAILQ_FIRST(&s->tunnels)->spi_out, 0x5001);
	CHECK_INT(s->state, SESSION_UP);
	leave(s);
	CHECK_INT(nsas, 0);
}

/* Both sides renew at once: neither pair stands for the other. */
TEST(both_at_once)
{
	struct session *s;
	struct tunnel *old, *ours, *theirs;

	start();
	s = client(0xcb007101);
	old = whole(s, 0x5000, 0);
	pass(10000);
	ours = pair(s, 0x0a000002, 0x5001);
	theirs = pair(s, 0x0a000002, 0x5002);
	pass(1000);
	rekey_whole(theirs, 0);
	pass(1000);
	rekey_whole(ours, 1);
	CHECK_INT(old->replaced, 1);
	CHECK_INT(ours->replaced, 0);
	CHECK_INT(theirs->replaced, 0);
	pass(70000);
	CHECK_INT(count(s), 2);
	leave(s);
	CHECK_INT(nsas, 0);
}

/*
 * Before its end, by time or by the kernel's word, we renew: once, with the
 * algorithms of before; an unanswered try leaves the old pair alone, and when
 * the end comes without a word of the kernel the session goes.
 */
TEST(we_renew)
{
	struct session *s;
	struct tunnel *t, *next;
	uint64_t began;
	int i;

	start();
	s = client(0xcb007101);
	t = whole(s, 0x5000, 0);
	CHECK(t->soft_ms > 3400000 && t->soft_ms < 3500000);
	began = rekey_counters.begun;
	pass(3400000);
	CHECK_INT(rekey_counters.begun, began);
	for (i = 0; i < 100 && rekey_counters.begun == began; i++)
		pass(1000);
	CHECK_INT(rekey_counters.begun, began + 1);
	next = TAILQ_FIRST(&s->tunnels);
	CHECK(next != t);
	CHECK(next->cipher == t->cipher && next->auth == t->auth);
	CHECK_INT(next->lifetime, 3600);
	CHECK_INT(next->has_in, 0);
	began = rekey_counters.begun;
	ops->expire(NULL, t->spi_in, &sock.local.addr, 0);
	CHECK_INT(rekey_counters.begun, began); /* one is under way */
	CHECK_INT(t->replaced, 0);
	CHECK_INT(s->state, SESSION_UP);
	pass(300000);
	CHECK_INT(s->state, SESSION_DEAD);
	event_base_loop(base, EVLOOP_NONBLOCK);
	CHECK_INT(nsas, 0);
}

TESTS(T(an_expiry_names_one_pair), T(who_moves_onto_another_takes_nothing),
    T(what_cannot_move_is_taken_out), T(a_move_loses_no_octets),
    T(a_session_has_so_many_pairs), T(udp_has_ports_of_its_own),
    T(selectors_become_policies), T(the_old_pair_goes_when_it_is_quiet),
    T(both_at_once), T(we_renew))
