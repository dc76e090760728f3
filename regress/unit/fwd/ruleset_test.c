/*
 * Policy to ruleset: ranges as networks, what cannot be said, and whole texts
 * compared with golden files, which the lab and pfctl were shown.  With the
 * environment's RULESET_WRITE set to a directory the texts are written there.
 */
#include <errno.h>

#include "fwd/ruleset.h"
#include "regress/unit/test.h"

#define GOLDEN "regress/unit/fwd/"

static struct addr
ip(const char *s)
{
	struct addr a;

	CHECK_INT(addr_parse(s, &a), 0);
	return a;
}

/* --- ranges --- */

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
	struct addr a = ip(first), b = ip(last);

	text[0] = '\0';
	ruleset_networks(&a, &b, add_network, text);
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
	struct addr first, last;
	uint8_t seen[128];
	uint32_t a, b, i;

	for (a = 0; a < 64; a++) {
		for (b = a; b < 64; b++) {
			memset(seen, 0, sizeof(seen));
			first = addr_ip4(0x0a000000 + a);
			last = addr_ip4(0x0a000000 + b);
			ruleset_networks(&first, &last, cover, seen);
			for (i = 0; i < sizeof(seen); i++)
				CHECK_INT(seen[i], i >= a && i <= b);
		}
	}
}

/* --- whole texts --- */

static struct ruleset_pool
pool(const char *name, uint32_t line, const char *first, const char *last)
{
	struct ruleset_pool p;

	memset(&p, 0, sizeof(p));
	(void)strlcpy(p.name, name, sizeof(p.name));
	p.line = line;
	p.first = ip(first);
	p.last = ip(last);
	return p;
}

static struct ruleset_interface
interface(const char *name, uint32_t line, const char *device, uint8_t security)
{
	struct ruleset_interface i;

	memset(&i, 0, sizeof(i));
	(void)strlcpy(i.name, name, sizeof(i.name));
	(void)strlcpy(i.device, device, sizeof(i.device));
	i.line = line;
	i.security = security;
	return i;
}

static char *
slurp(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *f = fopen(path, "r");

	if (f == NULL) {
		printf("%s: %s\n", path, strerror(errno));
		return text;
	}
	(void)!fread(text, 1, 65535, f);
	fclose(f);
	return text;
}

static void
compare(
    const char *golden, enum ruleset_kind kind, const struct ruleset_input *in)
{
	const char *dir = getenv("RULESET_WRITE");
	char reason[REASON_SIZE], path[256], *text, *want;
	uint32_t line = 0;
	FILE *f;

	text = ruleset_text(kind, in, reason, &line);
	CHECK(text != NULL);
	if (text == NULL)
		return;
	if (dir != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, golden);
		if ((f = fopen(path, "w")) != NULL) {
			fputs(text, f);
			fclose(f);
		}
	}
	(void)snprintf(path, sizeof(path), GOLDEN "%s", golden);
	want = slurp(path);
	CHECK_STR(text, want);
	free(want);
	free(text);
}

TEST(golden)
{
	struct ruleset_pool pools[3];
	struct ruleset_interface ifs[3];
	struct ruleset_input seed, empty, both;

	pools[0] = pool("VPNpool", 4, "10.89.129.200", "10.89.129.204");
	pools[1] = pool("odd\n\"one\" }", 5, "172.16.0.9", "172.16.0.9");
	pools[2] = pool("six", 6, "2001:db8:1::", "2001:db8:1::ffff");
	ifs[0] = interface("outside", 1, "em0", 0);
	ifs[1] = interface("inside", 2, "em1", 100);
	ifs[2] = interface("dsl", 0, "ppp-0.1_a", 0);

	memset(&seed, 0, sizeof(seed));
	empty = seed;
	seed.pools = pools;
	seed.npools = 1;
	seed.interfaces = ifs;
	seed.ninterfaces = 2;
	both = seed;
	both.npools = 3;
	both.ninterfaces = 3;
	both.keep_tables = 1;
	compare("seed.nft", RULESET_NFT, &seed);
	compare("empty.nft", RULESET_NFT, &empty);
	compare("both.nft", RULESET_NFT, &both);
	compare("seed.pf", RULESET_PF_OPENBSD, &seed);
	compare("empty.pf", RULESET_PF_OPENBSD, &empty);
	compare("both.pf", RULESET_PF_OPENBSD, &both);
	compare("seed.pf-freebsd", RULESET_PF_FREEBSD, &seed);
	compare("both.pf-freebsd", RULESET_PF_FREEBSD, &both);
}

/* --- what is refused --- */

TEST(refused)
{
	struct ruleset_pool p = pool("p", 3, "10.0.0.2", "10.0.0.1");
	struct ruleset_interface i;
	struct ruleset_input in;
	char reason[REASON_SIZE];
	uint32_t line = 0;

	memset(&in, 0, sizeof(in));
	in.pools = &p;
	in.npools = 1;
	CHECK(ruleset_text(RULESET_NFT, &in, reason, &line) == NULL);
	CHECK_STR(reason, "pool \"p\" holds no address");
	CHECK_INT(line, 3);
	in.npools = 0;
	in.interfaces = &i;
	in.ninterfaces = 1;
	i = interface("outside", 8, "em0 all", 0);
	CHECK(ruleset_text(RULESET_PF_OPENBSD, &in, reason, &line) == NULL);
	CHECK_STR(reason,
	    "interface \"outside\": \"em0 all\" is no device "
	    "name");
	CHECK_INT(line, 8);
	i = interface("outside", 8, "", 0);
	CHECK(ruleset_text(RULESET_NFT, &in, reason, &line) == NULL);
	i = interface("outside", 8, "em0\"; drop", 0);
	CHECK(ruleset_text(RULESET_NFT, &in, reason, &line) == NULL);
}

TEST(commands)
{
	const char *text;

	CHECK_STR(ruleset_loader(RULESET_NFT, 0)[1], "-f");
	CHECK_STR(ruleset_loader(RULESET_NFT, 1)[1], "-c");
	CHECK_STR(ruleset_loader(RULESET_PF_FREEBSD, 0)[2], "ikerd");
	CHECK_STR(ruleset_unloader(RULESET_PF_OPENBSD, &text)[4], "-F");
	CHECK_STR(text, "");
	(void)ruleset_unloader(RULESET_NFT, &text);
	CHECK_STR(text, "table inet ikerd {}\ndelete table inet ikerd\n");
	CHECK_STR(ruleset_kind_name(RULESET_PF_FREEBSD), "pf-freebsd");
	CHECK_STR(ruleset_tables()[0], "tunnels");
	CHECK(ruleset_tables()[1] == NULL);
}

TESTS(T(ranges_as_networks), T(every_small_range), T(golden), T(refused),
    T(commands))
