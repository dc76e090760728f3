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

#include "common/range.h"
#include "fwd/ruleset.h"

static const char *const enc_rules[] = {
	"",
	"# out of an SA: of a tunnel that is up",
	"pass in quick on enc0 from <tunnels> tag ikerd_tunnel no state",
	"block drop in quick on enc0 from <pools> label \"from_no_tunnel\"",
	"# into an SA",
	"pass out quick on enc0 to <tunnels> no state",
	"block drop out quick on enc0 to <pools> label \"to_no_tunnel\"",
	"# networks behind peers: the kernel's flows say which SA",
	"pass in quick on enc0 from <sites> tag ikerd_tunnel no state",
	"pass out quick on enc0 to <sites> no state",
	"",
	"# from a pool address or a peer's network, but not out of an SA",
	"block drop in quick from <pools> ! tagged ikerd_tunnel \\",
	"    label \"from_clear\"",
	"block drop in quick from <sites> ! tagged ikerd_tunnel \\",
	"    label \"from_clear\"",
	NULL,
};

static const char *const clear_rules[] = {
	"# to a pool address or a peer's network in the clear",
	"block drop out quick on ! enc0 to <pools> label \"to_clear\"",
	"block drop out quick on ! enc0 to <sites> label \"to_clear\"",
	"# what came out of an SA goes on; its answers come back",
	"pass out quick from <tunnels> tagged ikerd_tunnel flags any \\",
	"    keep state (if-bound, sloppy)",
	"pass out quick from <sites> tagged ikerd_tunnel flags any \\",
	"    keep state (if-bound, sloppy)",
	"block drop out quick from <pools> label \"from_clear\"",
	"block drop out quick from <sites> label \"from_clear\"",
	NULL,
};

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
	struct range r;

	fprintf(f, "table <pools> const {%s\n", in->npools == 0 ? " }" : "");
	for (p = in->pools; p < in->pools + in->npools; p++) {
		ruleset_origin(f, "\t", "pool", p->name, p->line);
		r.first = p->first;
		r.last = p->last;
		range_networks(&r, write_network, f);
	}
	if (in->npools != 0)
		fprintf(f, "}\n");
}

static void
write_sites(FILE *f, const struct ruleset_input *in)
{
	const struct ruleset_site *s;

	fprintf(f, "table <sites> const {%s\n", in->nsites == 0 ? " }" : "");
	for (s = in->sites; s < in->sites + in->nsites; s++) {
		ruleset_origin(f, "\t", "network of", s->name, s->line);
		write_network(&s->net, f);
	}
	if (in->nsites != 0)
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
		fprintf(f,
		    "block drop in quick on %s to <sites> "
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
	write_sites(f, in);
	ruleset_lines(f, enc_rules);
	write_outside(f, in);
	ruleset_lines(f, clear_rules);
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
