/*
 * The book of SA pairs over a kernel that is played here: what the kernel
 * says, and what one client chooses, concerns no other client's pair.
 */
#include "regress/unit/ike/played.h"
#include "regress/unit/test.h"

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
