/*
 * Policy to ruleset: what cannot be said, and whole texts
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

static struct ruleset_site
site(const char *name, uint32_t line, const char *addr, uint8_t prefix)
{
	struct ruleset_site s;

	memset(&s, 0, sizeof(s));
	(void)strlcpy(s.name, name, sizeof(s.name));
	s.line = line;
	s.net.addr = ip(addr);
	s.net.prefix = prefix;
	return s;
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
	struct ruleset_site sites[2];
	struct ruleset_interface ifs[3];
	struct ruleset_input seed, empty, both;

	pools[0] = pool("VPNpool", 4, "10.89.129.200", "10.89.129.204");
	pools[1] = pool("odd\n\"one\" }", 5, "172.16.0.9", "172.16.0.9");
	pools[2] = pool("six", 6, "2001:db8:1::", "2001:db8:1::ffff");
	sites[0] = site("peer 192.0.2.9", 21, "10.2.0.0", 16);
	sites[1] = site("peer 192.0.2.9", 22, "2001:db8:2::", 48);
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
	both.sites = sites;
	both.nsites = 2;
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

TESTS(T(golden), T(refused), T(commands))
