/*
 * What must be true of peers that bring networks of their own (`no config'):
 * each network is one peer's, and no client's, pool's or interface's.  Called
 * by check.c; pure but for the report.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include "common/range.h"
#include "ikerd/conf.h"
#include "ikerd/parse.h"

static int
meets(const struct network *a, const struct network *b)
{
	return network_has(a, &b->addr) || network_has(b, &a->addr);
}

/* Pools and interfaces: what is the gateway's own to give or to be. */
static void
check_ours(const struct conf *c, struct report *r, const struct conf_net *n)
{
	struct range pool, net = range_of_network(&n->net), both;
	char text[ADDR_STRLEN], addr[ADDR_STRLEN];
	const struct conf_interface *i;
	const struct conf_pool *p;
	size_t k;

	(void)network_text(&n->net, text);
	TAILQ_FOREACH(p, &c->pools, entry) {
		pool.first = p->first;
		pool.last = p->last;
		if (range_meet(&pool, &net, &both) == 0)
			report_error(r, n->place,
			    "remote network %s holds addresses of pool \"%s\"",
			    text, p->name);
	}
	TAILQ_FOREACH(i, &c->interfaces, entry) {
		for (k = 0; k < i->naddresses; k++) {
			if (network_has(&n->net, &i->address[k].addr))
				report_error(r, n->place,
				    "remote network %s holds %s, the address "
				    "of interface %s",
				    text, addr_text(&i->address[k].addr, addr),
				    i->name);
		}
	}
}

/* The peer's own inside networks, and those of the peers after it. */
static void
check_others(
    struct report *r, const struct conf_group *g, const struct conf_net *n)
{
	char text[ADDR_STRLEN], other[ADDR_STRLEN];
	const struct conf_group *next;
	const struct conf_net *o;

	(void)network_text(&n->net, text);
	TAILQ_FOREACH(o, &g->nets, entry) {
		if (meets(&n->net, &o->net))
			report_error(r, n->place,
			    "remote network %s overlaps network %s of the same "
			    "peer",
			    text, network_text(&o->net, other));
	}
	for (o = TAILQ_NEXT(n, entry); o != NULL; o = TAILQ_NEXT(o, entry)) {
		if (meets(&n->net, &o->net))
			report_error(r, o->place,
			    "remote network %s overlaps %s of the same peer",
			    network_text(&o->net, other), text);
	}
	next = g;
	while ((next = TAILQ_NEXT(next, entry)) != NULL) {
		TAILQ_FOREACH(o, &next->remotes, entry) {
			if (meets(&n->net, &o->net))
				report_error(r, o->place,
				    "remote network %s overlaps %s of %s",
				    network_text(&o->net, other), text,
				    g->name);
		}
	}
}

/* What a peer without Mode Config cannot be given. */
static void
check_site(struct report *r, const struct conf_group *g)
{
	char who[CONF_GROUP_STRLEN];

	(void)conf_group_text(g, who);
	if (!g->is_peer || g->peer.addr.family == ADDR_NONE ||
	    g->peer.prefix != addr_len(&g->peer.addr) * 8)
		report_error(r, g->no_config,
		    "%s: no config is for the peer of one address, as in "
		    "`peer 192.0.2.1 { ... }'",
		    who);
	if (g->pool.place != 0)
		report_error(
		    r, g->pool.place, "%s has both pool and no config", who);
	if (g->login.place != 0)
		report_error(
		    r, g->login.place, "%s has both login and no config", who);
	if (g->config != CONFIG_EITHER || g->ndns > 0 || g->nwins > 0 ||
	    g->domain[0] != '\0' || g->banner[0] != '\0' ||
	    g->split_dns[0] != '\0' || g->backup[0] != '\0' ||
	    g->netmask != 0 || g->save_password || !TAILQ_EMPTY(&g->local))
		report_error(r, g->no_config,
		    "%s has no config: what clients are told has no place in "
		    "it (config push, config pull, dns, wins, domain, banner, "
		    "split-dns, backup-server, netmask, save-password, "
		    "local-lan)",
		    who);
	if (TAILQ_EMPTY(&g->remotes))
		report_error(r, g->no_config,
		    "%s has no config, and no network: add `remote network "
		    "ADDRESS/BITS'",
		    who);
}

void
conf_check_sites(const struct conf *c, struct report *r)
{
	const struct conf_group *g;
	char who[CONF_GROUP_STRLEN];
	const struct conf_net *n;

	TAILQ_FOREACH(g, &c->groups, entry) {
		if (g->no_config)
			check_site(r, g);
		else if ((n = TAILQ_FIRST(&g->remotes)) != NULL)
			report_error(r, n->place,
			    "%s: remote network needs `no config': who is "
			    "given an address has no networks",
			    conf_group_text(g, who));
		TAILQ_FOREACH(n, &g->remotes, entry) {
			check_ours(c, r, n);
			check_others(r, g, n);
		}
	}
}
