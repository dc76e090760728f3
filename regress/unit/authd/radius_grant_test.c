/*
 * What an Access-Accept gives: each attribute that is honoured, its edges, and
 * what makes a refusal of it.
 */
#include "authd/radius_grant.h"
#include "regress/unit/authd/radius_reply.h"
#include "regress/unit/test.h"

#define MICROSOFT 311
#define VPN3000 3076

static struct reply r;
static struct msg_LOGIN_ACCEPT m;

static void
start(void)
{
	reply_begin(&r, 2, 1);
	memset(&m, 0, sizeof(m));
}

static const char *
grant(void)
{
	struct radius_reply reply = { r.p, r.len };

	return radius_grant(&reply, &m);
}

/* An attribute, or a vendor's, alone in a reply. */
static const char *
only(uint32_t vendor, uint8_t type, const void *value, size_t len)
{
	start();
	if (vendor != 0)
		reply_vendor(&r, vendor, type, value, len);
	else
		reply_put(&r, type, value, len);
	return grant();
}

static const char *
number(uint32_t vendor, uint8_t type, uint32_t v)
{
	uint8_t p[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
		(uint8_t)(v >> 8), (uint8_t)v };

	return only(vendor, type, p, sizeof(p));
}

/* Nothing of it was taken. */
static void
nothing(void)
{
	struct msg_LOGIN_ACCEPT none;

	memset(&none, 0, sizeof(none));
	CHECK_MEM(&m, &none, sizeof(m));
}

static void
is_addr(const struct addr *got, const char *want)
{
	char text[ADDR_STRLEN];

	CHECK_STR(addr_text(got, text), want);
}

TEST(empty)
{
	start();
	CHECK(grant() == NULL);
	nothing();
}

/* Others, and these of other vendors, mean nothing here. */
TEST(passed_over)
{
	unsigned int type;

	for (type = 0; type < 256; type++) {
		CHECK(number(9, (uint8_t)type, 0x0a010203) == NULL);
		nothing();
	}
	CHECK(number(0, 25, 0xffffffff) == NULL); /* Class */
	nothing();
	CHECK(number(0, 15, 0x0a010203) == NULL); /* Login-Service */
	nothing();
	CHECK(number(0, 85, 0x0a010203) == NULL); /* not Tunnel-Group-Lock */
	nothing();
	CHECK(number(VPN3000, 28 + 1, 0x0a010203) == NULL);
	nothing();
	CHECK(number(MICROSOFT, 5, 0x0a010203) == NULL);
	nothing();
}

TEST(service_type)
{
	static const char
	    why[] = "accepted for a Service-Type that is not given here";
	uint32_t v;

	for (v = 0; v < 20; v++) {
		if (v == 1 || v == 2 || v == 5)
			CHECK(number(0, 6, v) == NULL);
		else
			CHECK_STR(number(0, 6, v), why);
	}
	CHECK_STR(number(0, 6, 0x01000002), why);
	CHECK_STR(only(0, 6, "\0\0\2", 3), why);
	CHECK_STR(only(0, 6, "\0\0\0\2\0", 5), why);
	CHECK_STR(only(0, 6, "", 0), why);
}

TEST(address)
{
	static const char
	    none[] = "accepted with a Framed-IP-Address that is none";
	static const char
	    bad[] = "accepted with a Framed-IP-Address that no user can have";

	CHECK(number(0, 8, 0x0a5981cc) == NULL);
	is_addr(&m.address, "10.89.129.204");
	CHECK(number(0, 8, 0x01000000) == NULL);
	is_addr(&m.address, "1.0.0.0");
	CHECK(number(0, 8, 0x7effffff) == NULL);
	CHECK(number(0, 8, 0x80000000) == NULL);
	CHECK(number(0, 8, 0xdfffffff) == NULL);
	is_addr(&m.address, "223.255.255.255");
	/* the user's choice, and ours: the pool's */
	CHECK(number(0, 8, 0xffffffff) == NULL);
	nothing();
	CHECK(number(0, 8, 0xfffffffe) == NULL);
	nothing();
	CHECK_STR(number(0, 8, 0), bad);
	CHECK_STR(number(0, 8, 0x00ffffff), bad);
	CHECK_STR(number(0, 8, 0x7f000001), bad);
	CHECK_STR(number(0, 8, 0xe0000001), bad);
	CHECK_STR(number(0, 8, 0xf0000001), bad);
	CHECK_STR(number(0, 8, 0xfffffffd), bad);
	nothing();
	CHECK_STR(only(0, 8, "\12\1\2", 3), none);
	CHECK_STR(only(0, 8, "\12\1\2\3\4", 5), none);
}

TEST(netmask)
{
	CHECK(number(0, 9, 0xffffff00) == NULL);
	CHECK_INT(m.netmask, 24);
	CHECK(number(0, 9, 0xffffffff) == NULL);
	CHECK_INT(m.netmask, 32);
	CHECK(number(0, 9, 0x80000000) == NULL);
	CHECK_INT(m.netmask, 1);
	CHECK(number(0, 9, 0) == NULL);
	CHECK_INT(m.netmask, 0);
	CHECK(number(0, 9, 0xff00ff00) == NULL);
	CHECK_INT(m.netmask, 0);
	CHECK(only(0, 9, "\377\377\377", 3) == NULL);
	CHECK_INT(m.netmask, 0);
}

TEST(filter)
{
	static const char
	    why[] = "accepted with a Filter-Id, and there are no filters here";

	CHECK_STR(only(0, 11, "strict", 6), why);
	CHECK_STR(only(0, 11, "", 0), why);
}

/* The smaller one of several; 0 is none. */
static void
seconds(uint8_t type, const uint32_t *field, const char *why)
{
	CHECK(number(0, type, 3600) == NULL);
	CHECK_INT(*field, 3600);
	CHECK(number(0, type, 0xffffffff) == NULL);
	CHECK_INT(*field, 0xffffffffU);
	CHECK(number(0, type, 0) == NULL);
	nothing();
	reply_put(&r, type, "\0\0\16\20", 4);
	reply_put(&r, type, "\0\0\0\20", 4);
	reply_put(&r, type, "\0\0\1\0", 4);
	reply_put(&r, type, "\0\0\0\0", 4);
	CHECK(grant() == NULL);
	CHECK_INT(*field, 16);
	CHECK_STR(only(0, type, "\0\16\20", 3), why);
	CHECK_STR(only(0, type, "3600s", 5), why);
	nothing();
}

TEST(timeouts)
{
	seconds(27, &m.session_timeout,
	    "accepted with a Session-Timeout that is no number");
	seconds(28, &m.idle_timeout,
	    "accepted with an Idle-Timeout that is no number");
	CHECK(number(0, 27, 60) == NULL);
	CHECK_INT(m.idle_timeout, 0);
}

static void
server(
    uint32_t vendor, uint8_t type, const struct addr *list, const uint16_t *n)
{
	CHECK(number(vendor, type, 0x0a010203) == NULL);
	CHECK_INT(*n, 1);
	CHECK_INT(m.dns_n + m.wins_n, 1);
	is_addr(&list[0], "10.1.2.3");
	CHECK(number(vendor, type, 0) == NULL); /* none */
	nothing();
	CHECK(only(vendor, type, "10.1.2.3", 8) == NULL);
	nothing();
	CHECK(number(0, type, 0x0a010203) == NULL || m.dns_n + m.wins_n == 0);
}

TEST(servers)
{
	static const uint8_t dns[] = { 5, 6 }, wins[] = { 7, 8 };
	uint8_t i;

	for (i = 0; i < 2; i++) {
		server(MICROSOFT, 28 + i, m.dns, &m.dns_n);
		server(MICROSOFT, 30 + i, m.wins, &m.wins_n);
		server(VPN3000, dns[i], m.dns, &m.dns_n);
		server(VPN3000, wins[i], m.wins, &m.wins_n);
	}
}

/* In order, the first four of each kind. */
TEST(too_many_servers)
{
	uint8_t p[4] = { 10, 0, 0, 0 };

	start();
	for (p[3] = 1; p[3] < 10; p[3]++) {
		reply_vendor(&r, VPN3000, 5, p, 4);
		p[2] = 1;
		reply_vendor(&r, MICROSOFT, 30, p, 4);
		p[2] = 0;
	}
	CHECK(grant() == NULL);
	CHECK_INT(m.dns_n, SERVERS_MAX);
	CHECK_INT(m.wins_n, SERVERS_MAX);
	is_addr(&m.dns[0], "10.0.0.1");
	is_addr(&m.dns[SERVERS_MAX - 1], "10.0.0.4");
	is_addr(&m.wins[0], "10.0.1.1");
	is_addr(&m.wins[SERVERS_MAX - 1], "10.0.1.4");
	CHECK_INT(m.network_n, 0);
}

TEST(simultaneous)
{
	static const char why[] = "accepted with no Simultaneous-Logins";

	CHECK(number(VPN3000, 2, 1) == NULL);
	CHECK_INT(m.sessions, 1);
	CHECK(number(VPN3000, 2, 0xffffffff) == NULL);
	CHECK_INT(m.sessions, 0xffffffffU);
	CHECK_STR(number(VPN3000, 2, 0), why);
	CHECK_STR(only(VPN3000, 2, "3", 1), why);
	nothing();
}

/* --- texts --- */

static void
add(uint8_t type, const char *text)
{
	if (type == 18)
		reply_put(&r, type, text, strlen(text));
	else
		reply_vendor(&r, VPN3000, type, text, strlen(text));
}

TEST(banner)
{
	start();
	add(36, "two ");
	add(15, "one ");
	add(36, "three");
	add(18, "not this");
	add(15, "and ");
	CHECK(grant() == NULL);
	CHECK_STR(m.banner, "one and two three");
	start();
	add(36, "alone");
	add(18, "not this");
	CHECK(grant() == NULL);
	CHECK_STR(m.banner, "alone");
	start();
	add(18, "Welcome");
	add(15, "");
	add(18, "to the net");
	CHECK(grant() == NULL);
	CHECK_STR(m.banner, "Welcome\nto the net");
}

/* Line ends stay; what a terminal would obey does not. */
TEST(control_octets)
{
	static const uint8_t all[] = { 'a', 0, 7, '\r', '\n', 0x1b, '[', '2',
		'J', 0x7f, 0x80, 0xff, ' ', '~', '\t' };

	CHECK(only(0, 18, all, sizeof(all)) == NULL);
	CHECK_STR(m.banner, "a\?\?\n?[2J\?\?\? ~?");
	CHECK(only(VPN3000, 15, all, sizeof(all)) == NULL);
	CHECK_STR(m.banner, "a\?\?\n?[2J\?\?\? ~?");
	CHECK(only(VPN3000, 36, all, sizeof(all)) == NULL);
	CHECK_STR(m.banner, "a\?\?\n?[2J\?\?\? ~?");
}

/* Cut, not more: 511 octets of 3 times 240 and more. */
static void
long_text(uint8_t first, uint8_t then)
{
	char text[241];
	int i;

	memset(text, 'x', 240);
	text[240] = '\0';
	start();
	add(first, text);
	for (i = 0; i < 10; i++)
		add(then, text);
	CHECK(grant() == NULL);
	CHECK_INT(strlen(m.banner), TEXT_SIZE - 1);
	CHECK_INT(m.domain[0], 0);
}

TEST(long_texts)
{
	long_text(15, 15);
	long_text(15, 36);
	long_text(36, 36);
	long_text(36, 15);
	long_text(18, 18);
}

TEST(message)
{
	struct radius_reply reply;
	char text[TEXT_SIZE], small[8];

	start();
	reply.p = r.p;
	reply.len = r.len;
	CHECK_INT(radius_message(&reply, text, sizeof(text)), 0);
	CHECK_STR(text, "");
	add(15, "not this");
	reply.len = r.len;
	CHECK_INT(radius_message(&reply, text, sizeof(text)), 0);
	add(18, "Enter\x1b");
	add(18, "");
	add(18, "passcode\r\n");
	reply.len = r.len;
	CHECK_INT(radius_message(&reply, text, sizeof(text)), 17);
	CHECK_STR(text, "Enter?\n\npasscode\n");
	CHECK_INT(radius_message(&reply, small, sizeof(small)), 7);
	CHECK_STR(small, "Enter?\n");
}

TEST(domain)
{
	char name[247];

	CHECK(only(VPN3000, 28, "example.com", 11) == NULL);
	CHECK_STR(m.domain, "example.com");
	memset(name, 'd', sizeof(name));
	CHECK(only(VPN3000, 28, name, sizeof(name)) == NULL);
	CHECK_INT(strlen(m.domain), sizeof(name));
	/* whole or not at all */
	CHECK(only(VPN3000, 28, "", 0) == NULL);
	nothing();
	CHECK(only(VPN3000, 28, "exa\0mple", 8) == NULL);
	nothing();
	CHECK(only(VPN3000, 28, "exa\nmple", 8) == NULL);
	nothing();
}

TEST(group_lock)
{
	static const char why[] = "accepted for a group whose name nothing has";
	char name[NAME_SIZE];

	CHECK(only(VPN3000, 85, "vpn3000", 7) == NULL);
	CHECK_STR(m.group, "vpn3000");
	memset(name, 'g', sizeof(name));
	CHECK(only(VPN3000, 85, name, NAME_SIZE - 1) == NULL);
	CHECK_INT(strlen(m.group), NAME_SIZE - 1);
	CHECK_STR(only(VPN3000, 85, name, NAME_SIZE), why);
	CHECK_STR(only(VPN3000, 85, "", 0), why);
	/* no octet is lost on the way: it would be another group's name */
	CHECK_STR(only(VPN3000, 85, "vpn3000\r", 8), why);
	CHECK_STR(only(VPN3000, 85, "vpn3000\n", 8), why);
	CHECK_STR(only(VPN3000, 85, "vpn3000\0", 8), why);
	CHECK_STR(only(VPN3000, 85, "vpn\303\2743000", 9), why);
	nothing();
}

/* --- networks --- */

static const char no_list
    [] = "accepted with an IPSec-Split-Tunnel-List that is no list of networks";

static const char *
networks(const char *list)
{
	return only(VPN3000, 27, list, strlen(list));
}

TEST(split_tunnel)
{
	char text[ADDR_STRLEN];

	CHECK(networks("10.0.0.0/8, 192.168.4.0/24,,172.16.1.1/32 ") == NULL);
	CHECK_INT(m.network_n, 3);
	CHECK_STR(network_text(&m.network[0], text), "10.0.0.0/8");
	CHECK_STR(network_text(&m.network[1], text), "192.168.4.0/24");
	CHECK_STR(network_text(&m.network[2], text), "172.16.1.1/32");
	CHECK(networks("") == NULL);
	nothing();
	CHECK(networks(" , ,") == NULL);
	nothing();
	CHECK_STR(networks("corporate"), no_list);
	CHECK_STR(networks("10.0.0.0"), no_list);
	CHECK_STR(networks("10.0.0.0/33"), no_list);
	CHECK_STR(networks("10.0.0.1/8"), no_list); /* bits behind it */
	CHECK_STR(networks("10.0.0.0/8\x1b"), no_list);
	CHECK_STR(only(VPN3000, 27, "10.0.0.0/8\0", 11), no_list);
	CHECK_STR(networks("10.0.0.0/8,x"), no_list);
}

/* Several attributes are one list; one network more is too many. */
TEST(too_many_networks)
{
	char one[32], text[ADDR_STRLEN];
	int i;

	start();
	for (i = 0; i < NETS_MAX; i++) {
		snprintf(one, sizeof(one), "10.%d.0.0/16", i);
		add(27, one);
	}
	CHECK(grant() == NULL);
	CHECK_INT(m.network_n, NETS_MAX);
	CHECK_STR(network_text(&m.network[NETS_MAX - 1], text), "10.49.0.0/16");
	memset(&m, 0, sizeof(m));
	add(27, " ");
	CHECK(grant() == NULL);
	memset(&m, 0, sizeof(m));
	add(27, "10.200.0.0/16");
	CHECK_STR(grant(), no_list);
	CHECK_INT(m.network_n, NETS_MAX);
}

/* The first thing that cannot be had is what is told. */
TEST(several)
{
	start();
	add(85, "vpn3000");
	reply_put(&r, 6, "\0\0\0\7", 4);
	reply_put(&r, 11, "f", 1);
	CHECK_STR(
	    grant(), "accepted for a Service-Type that is not given here");
	start();
	reply_put(&r, 6, "\0\0\0\2", 4);
	reply_put(&r, 8, "\12\131\201\314", 4);
	reply_put(&r, 27, "\0\0\0\74", 4);
	add(85, "vpn3000");
	add(27, "10.0.0.0/8");
	CHECK(grant() == NULL);
	is_addr(&m.address, "10.89.129.204");
	CHECK_INT(m.session_timeout, 60);
	CHECK_STR(m.group, "vpn3000");
	CHECK_INT(m.network_n, 1);
}

TESTS(T(empty), T(passed_over), T(service_type), T(address), T(netmask),
    T(filter), T(timeouts), T(servers), T(too_many_servers), T(simultaneous),
    T(banner), T(control_octets), T(long_texts), T(message), T(domain),
    T(group_lock), T(split_tunnel), T(too_many_networks), T(several))
