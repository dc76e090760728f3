/* Ranges of addresses: as networks and back, what two of them share. */
#include "common/range.h"
#include "regress/unit/test.h"

static struct addr
ip(const char *s)
{
	struct addr a;

	CHECK_INT(addr_parse(s, &a), 0);
	return a;
}

static struct range
range(const char *first, const char *last)
{
	struct range r = { ip(first), ip(last) };

	return r;
}

static void
add_network(const struct network *net, void *arg)
{
	char buf[ADDR_STRLEN];

	(void)strlcat(arg, network_text(net, buf), 4096);
	(void)strlcat(arg, " ", 4096);
}

static const char *
networks(const char *first, const char *last)
{
	static char text[4096];
	struct range r = { ip(first), ip(last) };

	text[0] = '\0';
	range_networks(&r, add_network, text);
	return text;
}

TEST(ranges_as_networks)
{
	CHECK_STR(networks("10.0.0.7", "10.0.0.7"), "10.0.0.7/32 ");
	CHECK_STR(networks("10.0.0.0", "10.0.0.255"), "10.0.0.0/24 ");
	CHECK_STR(networks("10.89.129.200", "10.89.129.204"),
	    "10.89.129.200/30 10.89.129.204/32 ");
	CHECK_STR(networks("10.0.0.1", "10.0.0.6"),
	    "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32 ");
	CHECK_STR(networks("0.0.0.0", "255.255.255.255"), "0.0.0.0/0 ");
	CHECK_STR(networks("255.255.255.254", "255.255.255.255"),
	    "255.255.255.254/31 ");
	CHECK_STR(
	    networks("2001:db8::", "2001:db8::1:ffff"), "2001:db8::/111 ");
	CHECK_STR(networks("2001:db8::f", "2001:db8::10"),
	    "2001:db8::f/128 2001:db8::10/128 ");
}

/* The networks hold each address of the range once, and none beside it. */
static void
cover(const struct network *net, void *arg)
{
	uint32_t first = addr_to_ip4(&net->addr), i;
	uint8_t *seen = arg;

	for (i = 0; i < (uint32_t)1 << (32 - net->prefix); i++)
		seen[first - 0x0a000000 + i]++;
}

TEST(every_small_range)
{
	struct range r;
	uint8_t seen[128];
	uint32_t a, b, i;

	for (a = 0; a < 64; a++) {
		for (b = a; b < 64; b++) {
			memset(seen, 0, sizeof(seen));
			r.first = addr_ip4(0x0a000000 + a);
			r.last = addr_ip4(0x0a000000 + b);
			range_networks(&r, cover, seen);
			for (i = 0; i < sizeof(seen); i++)
				CHECK_INT(seen[i], i >= a && i <= b);
		}
	}
}

static const char *
cover_text(const char *first, const char *last)
{
	struct range r = range(first, last);
	static char buf[ADDR_STRLEN];
	struct network n = range_cover(&r);

	return network_text(&n, buf);
}

TEST(covers)
{
	CHECK_STR(cover_text("10.0.0.0", "10.0.0.255"), "10.0.0.0/24");
	CHECK_STR(cover_text("10.0.0.1", "10.0.0.2"), "10.0.0.0/30");
	CHECK_STR(cover_text("10.0.0.7", "10.0.0.7"), "10.0.0.7/32");
	CHECK_STR(cover_text("0.0.0.1", "255.0.0.1"), "0.0.0.0/0");
	CHECK_STR(cover_text("2001:db8::1", "2001:db8::ff"), "2001:db8::/120");
}

static const char *
met(const char *a, const char *b, const char *c, const char *d)
{
	struct range x = range(a, b), y = range(c, d), out;
	static char buf[RANGE_STRLEN];

	if (range_meet(&x, &y, &out) == -1)
		return "nothing";
	return range_text(&out, buf);
}

TEST(meets)
{
	CHECK_STR(met("10.0.0.0", "10.0.0.255", "10.0.0.9", "10.0.1.9"),
	    "10.0.0.9 - 10.0.0.255");
	CHECK_STR(met("0.0.0.0", "255.255.255.255", "10.1.0.0", "10.1.255.255"),
	    "10.1.0.0/16");
	CHECK_STR(
	    met("10.0.0.1", "10.0.0.5", "10.0.0.5", "10.0.0.9"), "10.0.0.5");
	CHECK_STR(
	    met("10.0.0.1", "10.0.0.5", "10.0.0.6", "10.0.0.9"), "nothing");
	CHECK_STR(met("0.0.0.0", "255.255.255.255", "::", "::1"), "nothing");
}

TEST(holds)
{
	struct range net = range("10.0.0.0", "10.0.0.255");
	struct range part = range("10.0.0.9", "10.0.0.9");
	struct range over = range("10.0.0.9", "10.0.1.0");
	struct network n = { ip("10.0.0.77"), 24 };
	struct range same = range_of_network(&n);

	CHECK(range_holds(&net, &part));
	CHECK(range_holds(&net, &net));
	CHECK(!range_holds(&part, &net));
	CHECK(!range_holds(&net, &over));
	CHECK(range_equal(&net, &same));
	CHECK(!range_equal(&net, &part));
}

TESTS(
    T(ranges_as_networks), T(every_small_range), T(covers), T(meets), T(holds))
