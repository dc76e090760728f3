/*
 * The ruleset as pf text for the anchor "ikerd", in words that OpenBSD's and
 * FreeBSD's pfctl both know; what one of them only knows is in its own
 * struct.  Pure; ruleset.c is the only caller.
 *
 * Packets that came out of an SA are seen on enc0 and tagged there; those
 * that go into one are seen on enc0 on their way out, and nowhere else
 * without ESP around them.  Rules on enc0 keep no state, so that leaving
 * <tunnels> acts at once.  Every rule is quick: the first that matches
 * decides, and what matches none is left to the administrator's rules.
 */
#include <stdio.h>
#include <string.h>

#include "fwd/ruleset.h"

static const char enc_rules
    [] = "\n"
	 "# out of an SA: of a tunnel that is up\n"
	 "pass in quick on enc0 from <tunnels> tag ikerd_tunnel no state\n"
	 "block drop in quick on enc0 from <pools> label \"from_no_tunnel\"\n"
	 "# into an SA\n"
	 "pass out quick on enc0 to <tunnels> no state\n"
	 "block drop out quick on enc0 to <pools> label \"to_no_tunnel\"\n"
	 "\n"
	 "# from a pool address, but not out of an SA\n"
	 "block drop in quick from <pools> ! tagged ikerd_tunnel "
	 "label \"from_clear\"\n";

static const char clear_rules
    [] = "# to a pool address in the clear\n"
	 "block drop out quick on ! enc0 to <pools> label \"to_clear\"\n"
	 "# what came out of an SA goes on; its answers come back\n"
	 "pass out quick from <tunnels> tagged ikerd_tunnel flags any "
	 "keep state (if-bound, sloppy)\n"
	 "block drop out quick from <pools> label \"from_clear\"\n";

static void
write_network(const struct network *net, void *arg)
{
	char buf[ADDR_STRLEN];

	fprintf(arg, "\t%s\n", network_text(net, buf));
}

/* pf's tables know networks only, no ranges. */
static void
write_pools(FILE *f, const struct ruleset_input *in)
{
	const struct ruleset_pool *p;

	fprintf(f, "table <pools> const {%s\n", in->npools == 0 ? " }" : "");
	for (p = in->pools; p < in->pools + in->npools; p++) {
		ruleset_origin(f, "\t", "pool", p->name, p->line);
		ruleset_networks(&p->first, &p->last, write_network, f);
	}
	if (in->npools != 0)
		fprintf(f, "}\n");
}

static void
write_outside(FILE *f, const struct ruleset_input *in)
{
	const struct ruleset_interface *i;

	for (i = in->interfaces; i < in->interfaces + in->ninterfaces; i++) {
		if (i->security != 0)
			continue;
		ruleset_origin(f, "", "to a pool address, from interface",
		    i->name, i->line);
		fprintf(f,
		    "block drop in quick on %s to <pools> "
		    "! tagged ikerd_tunnel label \"to_outside\"\n",
		    i->device);
	}
}

static void
pf_write(FILE *f, const struct ruleset_input *in)
{
	/* a table defined without members keeps those it has */
	fprintf(f,
	    "# inner addresses of live tunnels: the filter process's\n"
	    "table <" RULESET_TUNNELS "> persist%s\n",
	    in->keep_tables ? "" : " { }");
	write_pools(f, in);
	fputs(enc_rules, f);
	write_outside(f, in);
	fputs(clear_rules, f);
}

#define PFCTL "/sbin/pfctl"
static const char *const load[] = { PFCTL, "-a", RULESET_NAME, "-f", "-",
	NULL };
static const char *const check[] = { PFCTL, "-n", "-a", RULESET_NAME, "-f", "-",
	NULL };
static const char *const unload[] = { PFCTL, "-q", "-a", RULESET_NAME, "-F",
	"all", NULL };

const struct ruleset_backend ruleset_pf_openbsd = {
	.name = "pf",
	.write = pf_write,
	.load = load,
	.check = check,
	.unload = unload,
	.unload_text = "",
};

const struct ruleset_backend ruleset_pf_freebsd = {
	.name = "pf-freebsd",
	.write = pf_write,
	.load = load,
	.check = check,
	.unload = unload,
	.unload_text = "",
};
