/*
 * Builds ike's configuration from the parent's CONF_ messages.  Owns both the
 * one in force and the one being built; everybody else reads.  The parent has
 * checked names and algorithms already: what does not resolve here refuses
 * the whole, it is never patched over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/alg/provider.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/kernel.h"

static struct ikeconf *running, *building;
static const char *broken; /* why the one being built cannot be had */
static uint32_t broken_line;

static struct ikeconf *
conf_new(void)
{
	struct ikeconf *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		fatal("configuration");
	table_init(&c->groups);
	return c;
}

static void
group_free(struct group *g)
{
	while (g->nidentities > 0)
		free(g->identity[--g->nidentities]);
	free(g);
}

void
ikeconf_free(struct ikeconf *c)
{
	struct table_link *l, *next;
	size_t slot = 0;

	if (c == NULL)
		return;
	while ((l = table_walk(&c->groups, &slot, &next)) != NULL)
		group_free(table_entry(l, struct group, link));
	table_free(&c->groups);
	certconf_free(&c->certs);
	free(c->by_cert);
	free(c->peer);
	free(c->listen);
	free(c->policy);
	free(c->suite);
	free(c->pool);
	free(c->guard);
	free(c);
}

const struct ikeconf *
ikeconf(void)
{
	if (running == NULL)
		running = conf_new();
	return running;
}

static struct group *
find_group(const struct ikeconf *c, const void *name, size_t len)
{
	struct table_link *l;
	struct group *g;

	l = table_find(&c->groups, table_hash(&c->groups, name, len));
	for (; l != NULL; l = table_find_next(l)) {
		g = table_entry(l, struct group, link);
		if (strlen(g->name) == len && memcmp(g->name, name, len) == 0)
			return g;
	}
	return NULL;
}

struct group *
ikeconf_group(const void *name, size_t len)
{
	struct group *g = find_group(ikeconf(), name, len);

	return g != NULL && g->is_peer ? NULL : g;
}

struct group *
ikeconf_peer(const struct addr *a)
{
	const struct ikeconf *c = ikeconf();
	struct group *best = NULL;
	unsigned int rank, most = 0;
	size_t i;

	for (i = 0; i < c->npeers; i++) {
		rank = network_rank(&c->peer[i]->peer, a);
		if (rank <= most)
			continue;
		most = rank;
		best = c->peer[i];
	}
	return best;
}

struct group *
ikeconf_same(const struct group *before)
{
	struct group *g;

	g = find_group(ikeconf(), before->name, strlen(before->name));
	return g != NULL && g->is_peer != before->is_peer ? NULL : g;
}

int
ikeconf_listens(const struct endpoint *local, enum socket_kind kind)
{
	const struct ikeconf *c = ikeconf();
	size_t i;

	for (i = 0; i < c->nlistens; i++) {
		if (c->listen[i].kind == kind &&
		    endpoint_equal(&c->listen[i].local, local))
			return 1;
	}
	return 0;
}

int
ikeconf_in_pool(const char *name, const struct addr *a)
{
	const struct ikeconf *c = ikeconf();
	size_t i;

	for (i = 0; i < c->npools; i++) {
		if ((name == NULL || strcmp(c->pool[i].name, name) == 0) &&
		    addr_in_range(a, &c->pool[i].first, &c->pool[i].last))
			return 1;
	}
	return 0;
}

struct ikeconf *
ikeconf_building(void)
{
	return building;
}

void
ikeconf_refuse(uint32_t line, const char *why)
{
	if (broken == NULL) {
		broken = why;
		broken_line = line;
	}
}

/* One more element at the end of an array. */
static void *
grow(void *array, size_t *n, size_t size)
{
	array = recallocarray(array, *n, *n + 1, size);
	if (array == NULL)
		fatal("configuration");
	(*n)++;
	return array;
}

static void
handle_limits(struct peer *from, const void *payload, int fd)
{
	memcpy(&building->limits, payload, sizeof(building->limits));
}

static void
handle_listen(struct peer *from, const void *payload, int fd)
{
	building->listen = grow(
	    building->listen, &building->nlistens, sizeof(*building->listen));
	memcpy(&building->listen[building->nlistens - 1], payload,
	    sizeof(*building->listen));
}

static void
handle_policy(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_POLICY *m = payload;
	struct ike_policy *p;

	building->policy = grow(
	    building->policy, &building->npolicies, sizeof(*building->policy));
	p = &building->policy[building->npolicies - 1];
	p->line = m->line;
	p->priority = m->priority;
	p->auth = ike_auth_by_number(m->auth, NULL);
	p->cipher = ike_cipher_by_number(m->cipher, m->keybits);
	p->hash = ike_hash_by_number(m->hash);
	p->group = ike_group_by_number(m->group);
	p->lifetime = m->lifetime;
	if (p->auth == NULL || p->cipher == NULL || p->hash == NULL ||
	    p->group == NULL)
		ikeconf_refuse(m->line, "ike policy with an unknown algorithm");
}

static void
handle_esp(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_ESP *m = payload;
	struct esp_suite *s;

	building->suite = grow(
	    building->suite, &building->nsuites, sizeof(*building->suite));
	s = &building->suite[building->nsuites - 1];
	strlcpy(s->name, m->name, sizeof(s->name));
	s->line = m->line;
	s->cipher = esp_cipher_by_number((uint8_t)m->cipher, m->keybits);
	s->auth = m->trunc96 ? esp_auth_by_name("sha2-256-96") :
			       esp_auth_by_number(m->auth);
	s->pfs = m->pfs == 0 ? NULL : ike_group_by_number(m->pfs);
	s->lifetime = m->lifetime;
	s->lifetime_kb = m->lifetime_kb;
	if (s->cipher == NULL || (s->auth == NULL && !s->cipher->aead) ||
	    (m->pfs != 0 && s->pfs == NULL))
		ikeconf_refuse(m->line, "esp with an unknown algorithm");
}

static void
guard(const struct range *r)
{
	building->guard = grow(
	    building->guard, &building->nguards, sizeof(*building->guard));
	building->guard[building->nguards - 1] = *r;
}

static void
handle_pool(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_POOL *m = payload;
	struct range r;
	struct pool *p;

	building->pool = grow(
	    building->pool, &building->npools, sizeof(*building->pool));
	p = &building->pool[building->npools - 1];
	strlcpy(p->name, m->name, sizeof(p->name));
	p->first = m->first;
	p->last = m->last;
	r.first = m->first;
	r.last = m->last;
	guard(&r);
}

static void
take_ca(struct group *g, const struct msg_CONF_GROUP *m)
{
	if (m->ca[0] == '\0')
		return;
	g->ca = certconf_ca(&building->certs, m->ca);
	if (g->ca == NULL)
		ikeconf_refuse(m->line, "ca of a group not defined");
	building->by_cert = grow(
	    building->by_cert, &building->nby_cert, sizeof(struct group *));
	building->by_cert[building->nby_cert - 1] = g;
}

static void
handle_group(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_GROUP *m = payload;
	struct group *g;

	if ((g = calloc(1, sizeof(*g))) == NULL)
		fatal("configuration");
	strlcpy(g->name, m->name, sizeof(g->name));
	strlcpy(g->pool, m->pool, sizeof(g->pool));
	strlcpy(g->login, m->login, sizeof(g->login));
	strlcpy(g->domain, m->domain, sizeof(g->domain));
	strlcpy(g->banner, m->banner, sizeof(g->banner));
	strlcpy(g->split_dns, m->split_dns, sizeof(g->split_dns));
	strlcpy(g->backup, m->backup, sizeof(g->backup));
	g->netmask = m->netmask != 0 ? m->netmask : 32;
	g->save_password = m->save_password;
	g->xauth = m->xauth;
	g->unique = m->unique;
	g->sessions = m->sessions;
	g->user_sessions = m->user_sessions;
	g->is_peer = m->kind == KEY_PEER;
	g->config = m->config;
	g->has_key = m->has_key;
	g->hybrid = m->hybrid;
	building->nhybrid += m->hybrid;
	take_ca(g, m);
	g->peer = m->peer;
	g->line = m->line;
	g->udp_port = m->udp_port;
	g->idle = m->idle;
	g->session = m->session;
	if (find_group(building, g->name, strlen(g->name)) != NULL)
		ikeconf_refuse(m->line, "group defined twice");
	if (g->is_peer) {
		building->peer = grow(
		    building->peer, &building->npeers, sizeof(struct group *));
		building->peer[building->npeers - 1] = g;
	}
	table_insert(&building->groups, &g->link,
	    table_hash(&building->groups, g->name, strlen(g->name)));
}

static void
handle_group_identity(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_GROUP_IDENTITY *m = payload;
	struct group *g = find_group(building, m->group, strlen(m->group));

	if (g == NULL || g->nidentities == GROUP_IDENTITIES) {
		ikeconf_refuse(
		    g != NULL ? g->line : 0, "group with too many identities");
		return;
	}
	if ((g->identity[g->nidentities++] = strdup(m->pattern)) == NULL)
		fatal("configuration");
}

static void
handle_group_esp(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_GROUP_ESP *m = payload;
	struct group *g = find_group(building, m->group, strlen(m->group));
	size_t i;

	for (i = 0; i < building->nsuites; i++) {
		if (strcmp(building->suite[i].name, m->esp) == 0)
			break;
	}
	if (g == NULL || i == building->nsuites || g->nsuites == GROUP_SUITES) {
		ikeconf_refuse(
		    g != NULL ? g->line : 0, "esp of a group not defined");
		return;
	}
	g->suite[g->nsuites++] = &building->suite[i];
}

static void
handle_group_server(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_GROUP_SERVER *m = payload;
	struct group *g = find_group(building, m->group, strlen(m->group));

	if (g == NULL)
		ikeconf_refuse(0, "server of a group not defined");
	else if (m->kind == SERVER_DNS && g->ndns < GROUP_SERVERS)
		g->dns[g->ndns++] = m->addr;
	else if (m->kind == SERVER_WINS && g->nwins < GROUP_SERVERS)
		g->wins[g->nwins++] = m->addr;
	else
		ikeconf_refuse(g->line, "group with too many servers");
}

static void
handle_group_net(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_GROUP_NET *m = payload;
	struct group *g = find_group(building, m->group, strlen(m->group));

	if (g == NULL)
		ikeconf_refuse(0, "network of a group not defined");
	else if (m->kind == NET_INCLUDE && g->nnets < GROUP_NETS)
		g->net[g->nnets++] = m->net;
	else if (m->kind == NET_EXCLUDE && g->nlocal < GROUP_NETS)
		g->local[g->nlocal++] = m->net;
	else
		ikeconf_refuse(g->line, "group with too many networks");
}

static void
handle_group_remote(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_GROUP_REMOTE *m = payload;
	struct group *g = find_group(building, m->group, strlen(m->group));
	struct range r = range_of_network(&m->net);

	if (g == NULL || g->nremotes == GROUP_NETS) {
		ikeconf_refuse(
		    g != NULL ? g->line : 0, "peer with too many networks");
		return;
	}
	g->remote[g->nremotes++] = m->net;
	guard(&r);
}

const struct msg_handler ikeconf_handlers[] = {
	{ MSG_CONF_LIMITS, handle_limits },
	{ MSG_CONF_LISTEN, handle_listen },
	{ MSG_CONF_POLICY, handle_policy },
	{ MSG_CONF_ESP, handle_esp },
	{ MSG_CONF_POOL, handle_pool },
	{ MSG_CONF_GROUP, handle_group },
	{ MSG_CONF_GROUP_IDENTITY, handle_group_identity },
	{ MSG_CONF_GROUP_ESP, handle_group_esp },
	{ MSG_CONF_GROUP_SERVER, handle_group_server },
	{ MSG_CONF_GROUP_NET, handle_group_net },
	{ MSG_CONF_GROUP_REMOTE, handle_group_remote },
};
const size_t ikeconf_nhandlers = sizeof(ikeconf_handlers) /
    sizeof(ikeconf_handlers[0]);

void
ikeconf_begin(void)
{
	ikeconf_drop();
	building = conf_new();
	broken = NULL;
	broken_line = 0;
}

void
ikeconf_drop(void)
{
	ikeconf_free(building);
	building = NULL;
}

/* OpenBSD knows ESP in UDP by one port, net.inet.esp.udpencap_port. */
static int
check_udp(
    const struct kernel_algs *algs, char reason[REASON_SIZE], uint32_t *line)
{
	struct table_link *l, *next;
	const struct group *g;
	size_t slot = 0;

	if (algs->variant != KERNEL_OPENBSD)
		return 0;
	while ((l = table_walk(&building->groups, &slot, &next)) != NULL) {
		g = table_entry(l, struct group, link);
		if (g->udp_port == 0)
			continue;
		(void)snprintf(reason, REASON_SIZE,
		    "ipsec-udp: this kernel takes ESP in UDP on the port of "
		    "NAT traversal only");
		*line = g->line;
		return -1;
	}
	return 0;
}

/* Can OpenSSL do what the policies say? */
static int
check_policies(char reason[REASON_SIZE], uint32_t *line)
{
	const struct ike_policy *p;
	const char *missing;
	size_t i;

	for (i = 0; i < building->npolicies; i++) {
		p = &building->policy[i];
		missing = !alg_has_cipher(p->cipher) ? p->cipher->name :
		    !alg_has_hash(p->hash)	     ? p->hash->name :
		    !alg_has_group(p->group)	     ? p->group->name :
						       NULL;
		if (missing == NULL)
			continue;
		(void)snprintf(reason, REASON_SIZE,
		    "OpenSSL has no %s here; when it is the first legacy "
		    "cipher of the configuration, restart ikerd: the legacy "
		    "provider is loaded at start only",
		    missing);
		*line = p->line;
		return -1;
	}
	return 0;
}

int
ikeconf_check(
    const struct kernel_algs *algs, char reason[REASON_SIZE], uint32_t *line)
{
	const struct esp_suite *s;
	char why[REASON_SIZE];
	size_t i;

	if (broken != NULL) {
		strlcpy(reason, broken, REASON_SIZE);
		*line = broken_line;
		return -1;
	}
	if (check_policies(reason, line) == -1 ||
	    check_udp(algs, reason, line) == -1)
		return -1;
	for (i = 0; i < building->nsuites; i++) {
		s = &building->suite[i];
		if (kernel_can(algs, s->cipher->number, s->cipher->keylen * 8U,
			s->auth != NULL ? s->auth->number : 0,
			s->auth != NULL && s->auth->icvbits == 96 &&
			    s->auth->number == ESP_AUTH_HMAC_SHA2_256,
			why, sizeof(why)))
			continue;
		(void)snprintf(
		    reason, REASON_SIZE, "esp \"%.63s\": %.180s", s->name, why);
		*line = s->line;
		return -1;
	}
	return 0;
}

struct ikeconf *
ikeconf_commit(void)
{
	struct ikeconf *old = running;

	running = building;
	building = NULL;
	return old;
}
