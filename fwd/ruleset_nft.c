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

/* Declares the table, and its sets that are filled below, if need be. */
static const char
    declare[] = "table inet " RULESET_NAME " {\n"
		"\tset pools { type ipv4_addr; flags interval; }\n"
		"\tset pools6 { type ipv6_addr; flags interval; }\n"
		"\tset outside { type ifname; }\n"
		"}\n";

/* Start: begin anew, whatever is there. */
static const char begin_empty[] = "delete table inet " RULESET_NAME "\n";

/* Reload: rules and static sets go, members of the others stay. */
static const char begin_keep[] = "flush table inet " RULESET_NAME "\n"
				 "flush set inet " RULESET_NAME " pools\n"
				 "flush set inet " RULESET_NAME " pools6\n"
				 "flush set inet " RULESET_NAME " outside\n";

/* The tables that the filter process changes, and what was dropped. */
static const char
    tables[] = "\t# inner addresses of live tunnels: the filter process's\n"
	       "\tset " RULESET_TUNNELS " { type ipv4_addr; }\n"
	       "\tset " RULESET_TUNNELS "6 { type ipv6_addr; }\n"
	       "\n"
	       "\tcounter from_clear {}\n"
	       "\tcounter from_no_tunnel {}\n"
	       "\tcounter to_clear {}\n"
	       "\tcounter to_no_tunnel {}\n"
	       "\tcounter to_outside {}\n"
	       "\n";

static const char chains
    [] = "\t# from a pool address: out of an SA, of a tunnel that is up\n"
	 "\tchain from_pool {\n"
	 "\t\tmeta ipsec missing counter name \"from_clear\" drop\n"
	 "\t\tip saddr != @tunnels counter name \"from_no_tunnel\" drop\n"
	 "\t\tip6 saddr != @tunnels6 counter name \"from_no_tunnel\" drop\n"
	 "\t}\n"
	 "\n"
	 "\t# to a pool address: into an SA, of a tunnel that is up, and not\n"
	 "\t# from the outside in the clear, but for answers (NAT)\n"
	 "\tchain to_pool {\n"
	 "\t\trt ipsec missing counter name \"to_clear\" drop\n"
	 "\t\tip daddr != @tunnels counter name \"to_no_tunnel\" drop\n"
	 "\t\tip6 daddr != @tunnels6 counter name \"to_no_tunnel\" drop\n"
	 "\t\tiifname @outside meta ipsec missing "
	 "ct state { new, invalid, untracked } "
	 "counter name \"to_outside\" drop\n"
	 "\t}\n"
	 "\n"
	 "\tchain forward {\n"
	 "\t\ttype filter hook forward priority filter; policy accept;\n"
	 "\t\tip saddr @pools jump from_pool\n"
	 "\t\tip6 saddr @pools6 jump from_pool\n"
	 "\t\tip daddr @pools jump to_pool\n"
	 "\t\tip6 daddr @pools6 jump to_pool\n"
	 "\t}\n"
	 "\n"
	 "\tchain input {\n"
	 "\t\ttype filter hook input priority filter; policy accept;\n"
	 "\t\tip saddr @pools jump from_pool\n"
	 "\t\tip6 saddr @pools6 jump from_pool\n"
	 "\t}\n"
	 "\n"
	 "\tchain output {\n"
	 "\t\ttype filter hook output priority filter; policy accept;\n"
	 "\t\tip saddr @pools counter name \"from_clear\" drop\n"
	 "\t\tip6 saddr @pools6 counter name \"from_clear\" drop\n"
	 "\t\tip daddr @pools jump to_pool\n"
	 "\t\tip6 daddr @pools6 jump to_pool\n"
	 "\t}\n"
	 "\n"
	 "\t# once more after source NAT, which may have led past the SA\n"
	 "\tchain postrouting {\n"
	 "\t\ttype filter hook postrouting priority 200; policy accept;\n"
	 "\t\tip daddr @pools rt ipsec missing "
	 "counter name \"to_clear\" drop\n"
	 "\t\tip6 daddr @pools6 rt ipsec missing "
	 "counter name \"to_clear\" drop\n"
	 "\t}\n"
	 "}\n";

static void
write_pools(FILE *f, const struct ruleset_input *in, const char *set,
    const char *type, int family)
{
	const struct ruleset_pool *p;
	char a[ADDR_STRLEN], b[ADDR_STRLEN];
	int any = 0;

	fprintf(f, "\tset %s {\n\t\ttype %s; flags interval;\n", set, type);
	for (p = in->pools; p < in->pools + in->npools; p++) {
		if (p->first.family != family)
			continue;
		if (!any++)
			fprintf(f, "\t\telements = {\n");
		ruleset_origin(f, "\t\t\t", "pool", p->name, p->line);
		fprintf(f, "\t\t\t%s", addr_text(&p->first, a));
		if (!addr_equal(&p->first, &p->last))
			fprintf(f, "-%s", addr_text(&p->last, b));
		fprintf(f, ",\n");
	}
	if (any)
		fprintf(f, "\t\t}\n");
	fprintf(f, "\t}\n\n");
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
	fputs(declare, f);
	fputs(in->keep_tables ? begin_keep : begin_empty, f);
	fprintf(f, "table inet " RULESET_NAME " {\n");
	fputs(tables, f);
	write_pools(f, in, "pools", "ipv4_addr", ADDR_IP4);
	write_pools(f, in, "pools6", "ipv6_addr", ADDR_IP6);
	write_outside(f, in);
	fputs(chains, f);
}

static const char *const load[] = { NFT, "-f", "-", NULL };
static const char *const check[] = { NFT, "-c", "-f", "-", NULL };

const struct ruleset_backend ruleset_nft = {
	.name = "nft",
	.write = nft_write,
	.load = load,
	.check = check,
	.unload = load,
	.unload_text = "table inet " RULESET_NAME " {}\n"
		       "delete table inet " RULESET_NAME "\n",
};
