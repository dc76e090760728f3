/*
 * The ruleset as nftables text: one table of our own, "inet ikerd", replaced
 * in one transaction.  A drop in it is final, an accept is not: what it lets
 * through is left to the administrator's own tables.  Pure; ruleset.c is the
 * only caller.
 *
 * "meta ipsec" says that a packet came out of an SA, "rt ipsec" that it will
 * go into one.  The address families have sets of their own: tunnels holds
 * IPv4, tunnels6 IPv6, and the same for the others.
 */
#include <stdio.h>
#include <string.h>

#include "fwd/ruleset.h"

#define NFT "/usr/sbin/nft"

#define T RULESET_NAME

/* Declares the table, and its sets that are filled below, if need be. */
static const char *const declare[] = {
	"table inet " T " {",
	"	set pools { type ipv4_addr; flags interval; }",
	"	set pools6 { type ipv6_addr; flags interval; }",
	"	set sites { type ipv4_addr; flags interval; }",
	"	set sites6 { type ipv6_addr; flags interval; }",
	"	set outside { type ifname; }",
	"}",
	NULL,
};

/* Start: begin anew, whatever is there. */
static const char *const begin_empty[] = {
	"delete table inet " T,
	NULL,
};

/* Reload: rules and static sets go, members of the others stay. */
static const char *const begin_keep[] = {
	"flush table inet " T,
	"flush set inet " T " pools",
	"flush set inet " T " pools6",
	"flush set inet " T " sites",
	"flush set inet " T " sites6",
	"flush set inet " T " outside",
	NULL,
};

/* The tables that the filter process changes. */
static const char *const tables[] = {
	"table inet " T " {",
	"	# inner addresses of live tunnels: the filter process's",
	"	set " RULESET_TUNNELS " { type ipv4_addr; }",
	"	set " RULESET_TUNNELS "6 { type ipv6_addr; }",
	"",
	NULL,
};

static const char *const chains[] = {
	"	# from a pool address: out of an SA, of a tunnel that is up",
	"	chain from_pool {",
	"		meta ipsec missing counter drop comment \"from_clear\"",
	"		ip saddr != @tunnels counter drop comment \"from_no_tunnel\"",
	"		ip6 saddr != @tunnels6 counter drop comment \"from_no_tunnel\"",
	"	}",
	"",
	"	# to a pool address: into an SA, of a tunnel that is up",
	"	chain to_pool {",
	"		rt ipsec missing counter drop comment \"to_clear\"",
	"		ip daddr != @tunnels counter drop comment \"to_no_tunnel\"",
	"		ip6 daddr != @tunnels6 counter drop comment \"to_no_tunnel\"",
	"	}",
	"",
	"	# networks behind peers: the kernel's policies say which SA",
	"	chain from_site {",
	"		ip saddr @sites meta ipsec missing \\",
	"		    counter drop comment \"from_clear\"",
	"		ip6 saddr @sites6 meta ipsec missing \\",
	"		    counter drop comment \"from_clear\"",
	"	}",
	"",
	"	chain to_site {",
	"		ip daddr @sites rt ipsec missing \\",
	"		    counter drop comment \"to_clear\"",
	"		ip6 daddr @sites6 rt ipsec missing \\",
	"		    counter drop comment \"to_clear\"",
	"	}",
	"",
	"	# in the clear from the outside: answers only (NAT)",
	"	chain outside_to_pool {",
	"		meta ipsec missing ct state { new, invalid, untracked } \\",
	"		    counter drop comment \"to_outside\"",
	"	}",
	"",
	"	chain forward {",
	"		type filter hook forward priority filter; policy accept;",
	"		ip saddr @pools jump from_pool",
	"		ip6 saddr @pools6 jump from_pool",
	"		ip daddr @pools jump to_pool",
	"		ip6 daddr @pools6 jump to_pool",
	"		iifname @outside ip daddr @pools jump outside_to_pool",
	"		iifname @outside ip6 daddr @pools6 jump outside_to_pool",
	"		iifname @outside ip daddr @sites jump outside_to_pool",
	"		iifname @outside ip6 daddr @sites6 jump outside_to_pool",
	"		jump from_site",
	"		jump to_site",
	"	}",
	"",
	"	chain input {",
	"		type filter hook input priority filter; policy accept;",
	"		ip saddr @pools jump from_pool",
	"		ip6 saddr @pools6 jump from_pool",
	"		jump from_site",
	"	}",
	"",
	"	chain output {",
	"		type filter hook output priority filter; policy accept;",
	"		ip saddr @pools counter drop comment \"from_clear\"",
	"		ip6 saddr @pools6 counter drop comment \"from_clear\"",
	"		ip daddr @pools jump to_pool",
	"		ip6 daddr @pools6 jump to_pool",
	"		ip saddr @sites counter drop comment \"from_clear\"",
	"		ip6 saddr @sites6 counter drop comment \"from_clear\"",
	"		jump to_site",
	"	}",
	"",
	"	# once more after source NAT, which may have led past the SA",
	"	chain postrouting {",
	"		type filter hook postrouting priority 200; policy accept;",
	"		ip daddr @pools rt ipsec missing counter drop comment \"to_clear\"",
	"		ip6 daddr @pools6 rt ipsec missing counter drop comment \"to_clear\"",
	"		jump to_site",
	"	}",
	"}",
	NULL,
};

static void
begin_set(FILE *f, const char *set, const char *type, int any)
{
	fprintf(f, "\tset %s {\n\t\ttype %s; flags interval;\n", set, type);
	if (any)
		fprintf(f, "\t\telements = {\n");
}

static void
end_set(FILE *f, int any)
{
	if (any)
		fprintf(f, "\t\t}\n");
	fprintf(f, "\t}\n\n");
}

static void
write_pools(FILE *f, const struct ruleset_input *in, const char *set,
    const char *type, int family)
{
	const struct ruleset_pool *p;
	char a[ADDR_STRLEN], b[ADDR_STRLEN];
	int any = 0;

	for (p = in->pools; p < in->pools + in->npools; p++)
		any |= p->first.family == family;
	begin_set(f, set, type, any);
	for (p = in->pools; p < in->pools + in->npools; p++) {
		if (p->first.family != family)
			continue;
		ruleset_origin(f, "\t\t\t", "pool", p->name, p->line);
		fprintf(f, "\t\t\t%s", addr_text(&p->first, a));
		if (!addr_equal(&p->first, &p->last))
			fprintf(f, "-%s", addr_text(&p->last, b));
		fprintf(f, ",\n");
	}
	end_set(f, any);
}

static void
write_sites(FILE *f, const struct ruleset_input *in, const char *set,
    const char *type, int family)
{
	const struct ruleset_site *s;
	char text[ADDR_STRLEN];
	int any = 0;

	for (s = in->sites; s < in->sites + in->nsites; s++)
		any |= s->net.addr.family == family;
	begin_set(f, set, type, any);
	for (s = in->sites; s < in->sites + in->nsites; s++) {
		if (s->net.addr.family != family)
			continue;
		ruleset_origin(f, "\t\t\t", "network of", s->name, s->line);
		fprintf(f, "\t\t\t%s,\n", network_text(&s->net, text));
	}
	end_set(f, any);
}

static void
write_outside(FILE *f, const struct ruleset_input *in)
{
	const struct ruleset_interface *i;
	int any = 0;

	fprintf(f, "\tset outside {\n\t\ttype ifname;\n");
	for (i = in->interfaces; i < in->interfaces + in->ninterfaces; i++) {
		if (i->security != 0)
			continue;
		if (!any++)
			fprintf(f, "\t\telements = {\n");
		ruleset_origin(f, "\t\t\t", "interface", i->name, i->line);
		fprintf(f, "\t\t\t\"%s\",\n", i->device);
	}
	if (any)
		fprintf(f, "\t\t}\n");
	fprintf(f, "\t}\n\n");
}

static void
nft_write(FILE *f, const struct ruleset_input *in)
{
	ruleset_lines(f, declare);
	ruleset_lines(f, in->keep_tables ? begin_keep : begin_empty);
	ruleset_lines(f, tables);
	write_pools(f, in, "pools", "ipv4_addr", ADDR_IP4);
	write_pools(f, in, "pools6", "ipv6_addr", ADDR_IP6);
	write_sites(f, in, "sites", "ipv4_addr", ADDR_IP4);
	write_sites(f, in, "sites6", "ipv6_addr", ADDR_IP6);
	write_outside(f, in);
	ruleset_lines(f, chains);
}

static const char *const load[] = { NFT, "-f", "-", NULL };
static const char *const check[] = { NFT, "-c", "-f", "-", NULL };

const struct ruleset_backend ruleset_nft = {
	.name = "nft",
	.write = nft_write,
	.load = load,
	.check = check,
	.unload = load,
	.unload_text = "table inet " T " {}\n"
		       "delete table inet " T "\n",
};
