/*
 * What only several rows of a configuration together show: names used twice
 * or never defined, pools that overlap, groups that lack something.  Called
 * by load.c after the grammar; pure but for the tree and the report.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/checkcert.h"
#include "ikerd/conf.h"
#include "ikerd/parse.h"

static void
twice(struct report *r, const struct conf *c, uint32_t place, const char *what,
    const char *name, uint32_t before)
{
	char where[CONF_PLACE_STRLEN];

	report_error(r, place, "%s \"%s\" is defined already, at %s", what,
	    name, conf_place_text(c, before, where));
}

/* --- names: a sorted copy of a list shows what is there twice --- */

struct named {
	const char *name;
	uint32_t place;
};

static int
named_cmp(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int cmp = strcmp(x->name, y->name);

	if (cmp != 0)
		return cmp;
	return x->place < y->place ? -1 : x->place > y->place;
}

static void
check_names(const struct conf *c, struct report *r, const char *what,
    struct named *rows, size_t n)
{
	size_t i;

	if (n > 1)
		qsort(rows, n, sizeof(*rows), named_cmp);
	for (i = 1; i < n; i++) {
		if (rows[i].name[0] != '\0' &&
		    strcmp(rows[i].name, rows[i - 1].name) == 0)
			twice(r, c, rows[i].place, what, rows[i].name,
			    rows[i - 1].place);
	}
	free(rows);
}

#define CHECK_NAMES(c, r, what, type, list, field)                    \
	do {                                                          \
		const struct type *row_;                              \
		struct named *rows_;                                  \
		size_t n_ = 0;                                        \
                                                                      \
		TAILQ_FOREACH(row_, &(c)->list, entry)                \
			n_++;                                         \
		if ((rows_ = calloc(n_ + 1, sizeof(*rows_))) == NULL) \
			fatal("configuration: calloc");               \
		n_ = 0;                                               \
		TAILQ_FOREACH(row_, &(c)->list, entry) {              \
			rows_[n_].name = row_->field;                 \
			rows_[n_++].place = row_->place;              \
		}                                                     \
		check_names((c), (r), (what), rows_, n_);             \
	} while (0)

/* --- interfaces and sockets --- */

static void
check_addresses(const struct conf *c, struct report *r)
{
	const struct conf_interface *a, *b;
	char text[ADDR_STRLEN];
	size_t i, j;

	TAILQ_FOREACH(a, &c->interfaces, entry) {
		for (i = 0; i < a->naddresses; i++) {
			for (b = a, j = i + 1; b != NULL;
			     b = TAILQ_NEXT(b, entry), j = 0) {
				for (; j < b->naddresses; j++) {
					if (!addr_equal(&a->address[i].addr,
						&b->address[j].addr))
						continue;
					report_error(r, b->place,
					    "address %s is given twice",
					    addr_text(
						&b->address[j].addr, text));
				}
			}
		}
	}
}

/* Without `listen on': every address of the outermost interfaces. */
static void
imply_listens(struct conf *c, struct report *r)
{
	const struct conf_interface *i;
	struct conf_listen *l;
	unsigned int lowest = 101;
	size_t n;

	TAILQ_FOREACH(i, &c->interfaces, entry) {
		if (i->naddresses > 0 && i->security < lowest)
			lowest = i->security;
	}
	TAILQ_FOREACH(i, &c->interfaces, entry) {
		if (i->security != lowest)
			continue;
		for (n = 0; n < i->naddresses; n++) {
			l = conf_listen_add(c, i->place);
			l->addr = i->address[n].addr;
			l->port = CONF_IKE_PORT;
			l->natt_port = CONF_NATT_PORT;
			l->implied = 1;
		}
	}
	if (TAILQ_EMPTY(&c->listens))
		report_error(r, 0,
		    "there is no address to listen on: write "
		    "`interface outside DEVICE security 0 { address "
		    "ADDRESS/BITS }' or `listen on ADDRESS'");
}

static void
check_listens(const struct conf *c, struct report *r)
{
	const struct conf_listen *a, *b;
	char text[ADDR_STRLEN];

	TAILQ_FOREACH(a, &c->listens, entry) {
		if (a->port == a->natt_port)
			report_error(
			    r, a->place, "port and nat-t port must differ");
		for (b = TAILQ_NEXT(a, entry); b != NULL;
		     b = TAILQ_NEXT(b, entry)) {
			if (addr_equal(&a->addr, &b->addr) &&
			    (a->port == b->port ||
				a->natt_port == b->natt_port))
				report_error(r, b->place,
				    "listen on %s is given twice",
				    addr_text(&b->addr, text));
		}
	}
}

/*
 * Cisco's own encapsulation has one port for all groups: every address
 * listens on it.
 */
static void
spread_udp_port(struct conf *c, struct report *r)
{
	const struct conf_group *g;
	struct conf_listen *l;
	uint16_t port = 0;

	TAILQ_FOREACH(g, &c->groups, entry) {
		if (g->udp.port != 0 && port != 0 && g->udp.port != port)
			report_error(r, g->udp.place,
			    "ipsec-udp has one port for all: %u is given "
			    "already",
			    port);
		if (port == 0)
			port = g->udp.port;
	}
	TAILQ_FOREACH(l, &c->listens, entry) {
		l->udp_port = port;
		if (port != 0 && (port == l->port || port == l->natt_port))
			report_error(r, l->place,
			    "the port of ipsec-udp, %u, is one that IKE "
			    "listens on",
			    port);
	}
}

/* --- pools --- */

static int
pool_cmp(const void *a, const void *b)
{
	const struct conf_pool *const *x = a, *const *y = b;

	return addr_cmp(&(*x)->first, &(*y)->first);
}

/* Sorted by first address, one look back finds every overlap. */
static void
check_overlaps(const struct conf *c, struct report *r)
{
	const struct conf_pool *p, **sorted, *high = NULL;
	size_t n = 0, i;

	TAILQ_FOREACH(p, &c->pools, entry)
		n++;
	if ((sorted = calloc(n + 1, sizeof(*sorted))) == NULL)
		fatal("configuration: calloc");
	n = 0;
	TAILQ_FOREACH(p, &c->pools, entry) {
		if (addr_span(&p->first, &p->last) > 0)
			sorted[n++] = p;
	}
	if (n > 1)
		qsort(sorted, n, sizeof(*sorted), pool_cmp);
	for (i = 0; i < n; i++) {
		p = sorted[i];
		if (high != NULL && addr_cmp(&p->first, &high->last) <= 0)
			report_error(r, p->place,
			    "pool \"%s\" overlaps pool \"%s\"", p->name,
			    high->name);
		if (high == NULL || addr_cmp(&p->last, &high->last) > 0)
			high = p;
	}
	free(sorted);
}

static void
check_pools(const struct conf *c, struct report *r)
{
	const struct conf_interface *i;
	const struct conf_pool *p;
	char text[ADDR_STRLEN];
	size_t n;

	TAILQ_FOREACH(p, &c->pools, entry) {
		if (p->first.family == ADDR_IP6)
			report_error(r, p->place,
			    "pool \"%s\": clients of IKEv1 take IPv4 addresses "
			    "only",
			    p->name);
		TAILQ_FOREACH(i, &c->interfaces, entry) {
			for (n = 0; n < i->naddresses; n++) {
				if (!addr_in_range(&i->address[n].addr,
					&p->first, &p->last))
					continue;
				report_error(r, p->place,
				    "pool \"%s\" holds %s, the address of "
				    "interface %s",
				    p->name,
				    addr_text(&i->address[n].addr, text),
				    i->name);
			}
		}
	}
}

/* --- policies and groups --- */

static int
policy_cmp(const void *a, const void *b)
{
	const struct conf_policy *const *x = a, *const *y = b;

	if ((*x)->priority != (*y)->priority)
		return (*x)->priority < (*y)->priority ? -1 : 1;
	return (*x)->place < (*y)->place ? -1 : (*x)->place > (*y)->place;
}

/* Put them in order of priority; the same one twice is an error. */
static void
sort_policies(struct conf *c, struct report *r)
{
	struct conf_policy *p, **rows;
	size_t n = 0, i;

	TAILQ_FOREACH(p, &c->policies, entry)
		n++;
	if ((rows = calloc(n + 1, sizeof(*rows))) == NULL)
		fatal("configuration: calloc");
	for (n = 0; (p = TAILQ_FIRST(&c->policies)) != NULL; n++) {
		TAILQ_REMOVE(&c->policies, p, entry);
		rows[n] = p;
	}
	if (n > 1)
		qsort(rows, n, sizeof(*rows), policy_cmp);
	for (i = 0; i < n; i++) {
		if (i > 0 && rows[i]->priority == rows[i - 1]->priority &&
		    rows[i]->priority != 0)
			report_error(r, rows[i]->place,
			    "ike policy %u is defined already",
			    rows[i]->priority);
		TAILQ_INSERT_TAIL(&c->policies, rows[i], entry);
	}
	free(rows);
}

static void
check_group_esp(
    const struct conf *c, struct report *r, const struct conf_group *g)
{
	char who[CONF_GROUP_STRLEN];
	size_t i, j;

	if (g->nesp == 0)
		report_error(r, g->place,
		    "%s has no esp: add `esp { \"NAME\" }'",
		    conf_group_text(g, who));
	for (i = 0; i < g->nesp; i++) {
		if (g->esp[i].name[0] == '\0')
			continue;
		if (conf_esp_find(c, g->esp[i].name) == NULL)
			report_error(r, g->esp[i].place,
			    "esp \"%s\" is not defined", g->esp[i].name);
		for (j = 0; j < i; j++) {
			if (strcmp(g->esp[i].name, g->esp[j].name) == 0)
				report_error(r, g->esp[i].place,
				    "esp \"%s\" is given twice",
				    g->esp[i].name);
		}
	}
}

static void
check_lists(const struct conf *c, struct report *r, const struct conf_group *g)
{
	const struct conf_login *l = &g->login;
	char text[NAME_SIZE];
	size_t i, j;

	for (i = 0; i < l->n; i++) {
		if (l->name[i][0] != '\0' && !conf_login_exists(c, l->name[i]))
			report_error(r, l->place, "aaa \"%s\" is not defined",
			    l->name[i]);
		for (j = 0; j < i; j++) {
			if (strcmp(l->name[i], l->name[j]) == 0)
				report_error(r, l->place,
				    "aaa \"%s\" is given twice", l->name[i]);
		}
	}
	if (conf_login_text(l, text) >= sizeof(text))
		report_error(r, l->place,
		    "the names of the lists are too long together (at most "
		    "%zu bytes)",
		    sizeof(text) - 1);
}

static void
check_group_login(
    const struct conf *c, struct report *r, const struct conf_group *g)
{
	char who[CONF_GROUP_STRLEN];

	if (g->login.place != 0 && g->no_login != 0)
		report_error(r, g->no_login, "%s has both login and no login",
		    conf_group_text(g, who));
	else if (g->login.place == 0 && g->no_login == 0)
		report_error(r, g->place,
		    "%s has no login: add `login \"LIST\"', or `no %s' if "
		    "the %s key is enough",
		    conf_group_text(g, who), g->no_config ? "xauth" : "login",
		    g->is_peer ? "peer's" : "group");
	else
		check_lists(c, r, g);
}

static void
check_group_servers(struct report *r, const struct conf_group *g)
{
	char who[CONF_GROUP_STRLEN];
	const struct conf_net *n;
	size_t i;
	int six = 0;

	for (i = 0; i < g->ndns; i++)
		six |= g->dns[i].family == ADDR_IP6;
	for (i = 0; i < g->nwins; i++)
		six |= g->wins[i].family == ADDR_IP6;
	TAILQ_FOREACH(n, &g->nets, entry)
		six |= n->net.addr.family == ADDR_IP6;
	TAILQ_FOREACH(n, &g->remotes, entry)
		six |= n->net.addr.family == ADDR_IP6;
	TAILQ_FOREACH(n, &g->local, entry)
		six |= n->net.addr.family == ADDR_IP6;
	if (six)
		report_error(r, g->place,
		    "%s: clients of IKEv1 take IPv4 addresses only",
		    conf_group_text(g, who));
}

static size_t
count_nets(const struct conf_nets *nets)
{
	const struct conf_net *n;
	size_t count = 0;

	TAILQ_FOREACH(n, nets, entry)
		count++;
	return count;
}

/* What a client that is told both would make of it is its own guess. */
static void
check_group_nets(struct report *r, const struct conf_group *g)
{
	char who[CONF_GROUP_STRLEN];

	(void)conf_group_text(g, who);
	if (count_nets(&g->nets) > CONF_NETS_MAX)
		report_error(r, g->place, "at most %d network for %s",
		    CONF_NETS_MAX, who);
	if (count_nets(&g->local) > CONF_NETS_MAX)
		report_error(r, g->place, "at most %d local-lan for %s",
		    CONF_NETS_MAX, who);
	if (!TAILQ_EMPTY(&g->nets) && !TAILQ_EMPTY(&g->local))
		report_error(r, g->place,
		    "%s has both network and local-lan: with network all else "
		    "goes past the tunnel anyway",
		    who);
	if (g->split_dns[0] != '\0' && g->ndns == 0)
		report_warning(r, g->place,
		    "%s has split-dns but no dns: clients have nobody to ask "
		    "for those names",
		    who);
}

/* Only who has the password itself can compute what CHAP sends. */
static void
check_group_xauth(
    const struct conf *c, struct report *r, const struct conf_group *g)
{
	char who[CONF_GROUP_STRLEN];

	(void)conf_group_text(g, who);
	if (g->xauth_place == 0)
		return;
	if (g->login.place == 0)
		report_error(r, g->xauth_place,
		    "%s has xauth but no login: nobody is asked", who);
	else if (g->xauth == XAUTH_CHAP && conf_login_is_local(c, &g->login))
		report_warning(r, g->xauth_place,
		    "%s has xauth chap, and a login that is local alone: that "
		    "keeps hashes of passwords, by which no CHAP can be "
		    "checked, so nobody can log in",
		    who);
}

static void
check_group(const struct conf *c, struct report *r, const struct conf_group *g)
{
	char who[CONF_GROUP_STRLEN];

	check_group_proof(c, r, g);
	if (g->pool.place == 0 && !g->no_config)
		report_error(r, g->place, "%s has no pool: add `pool \"NAME\"'",
		    conf_group_text(g, who));
	else if (g->pool.name[0] != '\0' &&
	    conf_pool_find(c, g->pool.name) == NULL)
		report_error(r, g->pool.place, "pool \"%s\" is not defined",
		    g->pool.name);
	check_group_login(c, r, g);
	check_group_esp(c, r, g);
	check_group_servers(r, g);
	check_group_nets(r, g);
	check_group_xauth(c, r, g);
}

/* RFC 2409 5.4 sends a hash under the key before the peer is known. */
static void
warn_aggressive(const struct conf *c, struct report *r)
{
	const struct conf_group *g;

	TAILQ_FOREACH(g, &c->groups, entry) {
		if (!g->is_peer && g->key.place != 0)
			break;
	}
	if (g != NULL)
		report_warning(r, g->place,
		    "group keys are used in Aggressive Mode: whoever asks the "
		    "gateway, or records one login, can try guesses at the key "
		    "offline; make keys long and random");
}

static void
check_groups(const struct conf *c, struct report *r)
{
	const struct conf_group *g = TAILQ_FIRST(&c->groups);

	if (g == NULL) {
		report_warning(
		    r, 0, "there is no group and no peer: nobody can connect");
		return;
	}
	if (TAILQ_EMPTY(&c->policies))
		report_error(r, 0,
		    "there is no ike policy: add `ike policy 10 psk aes-256 "
		    "sha2-256 modp2048'");
	warn_aggressive(c, r);
	TAILQ_FOREACH(g, &c->groups, entry)
		check_group(c, r, g);
}

void
conf_check(struct conf *c, struct report *r)
{
	CHECK_NAMES(c, r, "interface", conf_interface, interfaces, name);
	CHECK_NAMES(c, r, "device", conf_interface, interfaces, device);
	CHECK_NAMES(c, r, "pool", conf_pool, pools, name);
	CHECK_NAMES(c, r, "esp", conf_esp, esps, name);
	CHECK_NAMES(c, r, "group", conf_group, groups, name);
	CHECK_NAMES(c, r, "ca", conf_ca, cas, name);
	CHECK_NAMES(c, r, "aaa", conf_aaa, aaas, name);
	conf_check_aaas(c, r);
	check_addresses(c, r);
	if (TAILQ_EMPTY(&c->listens))
		imply_listens(c, r);
	check_listens(c, r);
	spread_udp_port(c, r);
	check_overlaps(c, r);
	check_pools(c, r);
	sort_policies(c, r);
	check_methods(c, r);
	check_groups(c, r);
	conf_check_sites(c, r);
	/* one source's share is never more than all */
	if (c->half_open_source > c->half_open)
		c->half_open_source = c->half_open;
}
