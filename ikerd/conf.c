/*
 * Makes, searches and frees the configuration tree; knows neither how it is
 * written nor who receives it.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "ikerd/conf.h"

static void *
row_new(size_t size)
{
	void *row;

	if ((row = calloc(1, size)) == NULL)
		fatal("configuration: calloc");
	return row;
}

struct conf *
conf_new(void)
{
	struct conf *c = row_new(sizeof(*c));

	TAILQ_INIT(&c->interfaces);
	TAILQ_INIT(&c->listens);
	TAILQ_INIT(&c->pools);
	TAILQ_INIT(&c->policies);
	TAILQ_INIT(&c->esps);
	TAILQ_INIT(&c->certificates);
	TAILQ_INIT(&c->cas);
	TAILQ_INIT(&c->groups);
	TAILQ_INIT(&c->aaas);
	c->half_open = CONF_HALF_OPEN;
	c->half_open_source = CONF_HALF_OPEN_SOURCE;
	c->sessions = CONF_SESSIONS;
	c->dh_rate = CONF_DH_RATE;
	c->dpd = CONF_DPD;
	c->keepalive = CONF_KEEPALIVE;
	return c;
}

void
conf_der_set(struct conf_der *d, const void *p, size_t len)
{
	d->p = row_new(len == 0 ? 1 : len);
	memcpy(d->p, p, len);
	d->len = len;
}

static void
ders_empty(struct conf_der *d, size_t n)
{
	while (n > 0)
		free(d[--n].p);
}

static void
certificate_empty(struct conf_certificate *c)
{
	ders_empty(c->chain, c->nchain);
	secret_clear(&c->key);
	free(c->file);
	free(c->key_file);
}

static void
ca_empty(struct conf_ca *c)
{
	ders_empty(c->cert, c->ncerts);
	ders_empty(c->crl, c->ncrls);
	free(c->file);
	free(c->crl_file);
}

#define NOTHING(row) ((void)(row))

static void
key_clear(struct conf_key *k)
{
	secret_clear(&k->secret);
	free(k->file);
}

static void
aaa_empty(struct conf_aaa *a)
{
	struct conf_server *s;

	while ((s = TAILQ_FIRST(&a->servers)) != NULL) {
		TAILQ_REMOVE(&a->servers, s, entry);
		key_clear(&s->key);
		free(s);
	}
}

/* Row functions: add one at the end; free them all and what they own. */
#define ROWS(type, list, empty)                                               \
	struct conf_##type *conf_##type##_add(struct conf *c, uint32_t place) \
	{                                                                     \
		struct conf_##type *row = row_new(sizeof(*row));              \
                                                                              \
		row->place = place;                                           \
		TAILQ_INSERT_TAIL(&c->list, row, entry);                      \
		return row;                                                   \
	}                                                                     \
	static void list##_free(struct conf *c)                               \
	{                                                                     \
		struct conf_##type *row;                                      \
                                                                              \
		while ((row = TAILQ_FIRST(&c->list)) != NULL) {               \
			TAILQ_REMOVE(&c->list, row, entry);                   \
			empty(row);                                           \
			free(row);                                            \
		}                                                             \
	}

ROWS(interface, interfaces, NOTHING)
ROWS(listen, listens, NOTHING)
ROWS(pool, pools, NOTHING)
ROWS(policy, policies, NOTHING)
ROWS(esp, esps, NOTHING)
ROWS(certificate, certificates, certificate_empty)
ROWS(ca, cas, ca_empty)

struct conf_aaa *
conf_aaa_add(struct conf *c, uint32_t place)
{
	struct conf_aaa *a = row_new(sizeof(*a));

	a->place = place;
	TAILQ_INIT(&a->servers);
	TAILQ_INSERT_TAIL(&c->aaas, a, entry);
	return a;
}

static void
aaas_free(struct conf *c)
{
	struct conf_aaa *a;

	while ((a = TAILQ_FIRST(&c->aaas)) != NULL) {
		TAILQ_REMOVE(&c->aaas, a, entry);
		aaa_empty(a);
		free(a);
	}
}

struct conf_group *
conf_group_add(struct conf *c, uint32_t place)
{
	struct conf_group *g = row_new(sizeof(*g));

	g->place = place;
	TAILQ_INIT(&g->nets);
	TAILQ_INIT(&g->remotes);
	TAILQ_INIT(&g->local);
	TAILQ_INIT(&g->identities);
	TAILQ_INSERT_TAIL(&c->groups, g, entry);
	return g;
}

void
conf_peer_name(struct conf_group *g)
{
	const struct addr *a = &g->peer.addr;
	char text[ADDR_STRLEN];

	(void)snprintf(g->name, sizeof(g->name), "peer %.50s",
	    a->family == ADDR_NONE ? "any" :
		g->peer.prefix == addr_len(a) * 8 ?
				     addr_text(a, text) :
				     network_text(&g->peer, text));
}

const char *
conf_group_text(const struct conf_group *g, char buf[CONF_GROUP_STRLEN])
{
	(void)snprintf(buf, CONF_GROUP_STRLEN,
	    g->is_peer ? "%s" : "group \"%s\"", g->name);
	return buf;
}

static void
nets_free(struct conf_nets *nets)
{
	struct conf_net *n;

	while ((n = TAILQ_FIRST(nets)) != NULL) {
		TAILQ_REMOVE(nets, n, entry);
		free(n);
	}
}

static void
groups_free(struct conf *c)
{
	struct conf_identity *i;
	struct conf_group *g;

	while ((g = TAILQ_FIRST(&c->groups)) != NULL) {
		TAILQ_REMOVE(&c->groups, g, entry);
		nets_free(&g->nets);
		nets_free(&g->remotes);
		nets_free(&g->local);
		while ((i = TAILQ_FIRST(&g->identities)) != NULL) {
			TAILQ_REMOVE(&g->identities, i, entry);
			free(i);
		}
		key_clear(&g->key);
		free(g);
	}
}

const char *
conf_unique_word(unsigned int policy)
{
	static const char *const words[] = {
		[UNIQUE_KEEP] = "keep",
		[UNIQUE_REPLACE] = "replace",
		[UNIQUE_REJECT] = "reject",
	};

	return words[policy];
}

const char *
conf_xauth_word(unsigned int mode)
{
	static const char *const words[] = {
		[XAUTH_PASSWORD] = "password",
		[XAUTH_CHAP] = "chap",
		[XAUTH_TOKEN] = "token",
	};

	return words[mode];
}

void
conf_net_add(struct conf_nets *nets, uint32_t place, const struct network *net)
{
	struct conf_net *n = row_new(sizeof(*n));

	n->place = place;
	n->net = *net;
	TAILQ_INSERT_TAIL(nets, n, entry);
}

struct conf_server *
conf_server_add(struct conf_aaa *a, uint32_t place)
{
	struct conf_server *s = row_new(sizeof(*s));

	s->place = place;
	TAILQ_INSERT_TAIL(&a->servers, s, entry);
	return s;
}

struct conf_identity *
conf_identity_add(struct conf_group *g, uint32_t place)
{
	struct conf_identity *i = row_new(sizeof(*i));

	i->place = place;
	g->nidentities++;
	TAILQ_INSERT_TAIL(&g->identities, i, entry);
	return i;
}

void
conf_free(struct conf *c)
{
	size_t i;

	if (c == NULL)
		return;
	interfaces_free(c);
	listens_free(c);
	pools_free(c);
	policies_free(c);
	esps_free(c);
	certificates_free(c);
	cas_free(c);
	groups_free(c);
	aaas_free(c);
	for (i = 0; i < c->nfiles; i++)
		free(c->file[i].name);
	free(c);
}

uint32_t
conf_place(size_t file, unsigned int line)
{
	if (line > CONF_LINE_MAX)
		line = CONF_LINE_MAX;
	return (uint32_t)file << CONF_PLACE_BITS | line;
}

static const char *
place_file(const struct conf *c, uint32_t place)
{
	size_t n = place >> CONF_PLACE_BITS;

	return n < c->nfiles ? c->file[n].name : "ikerd.conf";
}

const char *
conf_place_text(
    const struct conf *c, uint32_t place, char buf[CONF_PLACE_STRLEN])
{
	(void)snprintf(buf, CONF_PLACE_STRLEN, "%.1080s:%u",
	    place_file(c, place), place & CONF_LINE_MAX);
	return buf;
}

char *
conf_path(const struct conf *c, uint32_t place, const char *path)
{
	const char *file = place_file(c, place);
	const char *slash = strrchr(file, '/');
	char *out;

	if (path[0] == '/' || slash == NULL)
		out = strdup(path);
	else if (asprintf(&out, "%.*s/%s", (int)(slash - file), file, path) ==
	    -1)
		out = NULL;
	if (out == NULL)
		fatal("configuration: path");
	return out;
}

const struct conf_pool *
conf_pool_find(const struct conf *c, const char *name)
{
	const struct conf_pool *p;

	TAILQ_FOREACH(p, &c->pools, entry) {
		if (strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

const struct conf_esp *
conf_esp_find(const struct conf *c, const char *name)
{
	const struct conf_esp *e;

	TAILQ_FOREACH(e, &c->esps, entry) {
		if (strcmp(e->name, name) == 0)
			return e;
	}
	return NULL;
}

const struct conf_ca *
conf_ca_find(const struct conf *c, const char *name)
{
	const struct conf_ca *ca;

	TAILQ_FOREACH(ca, &c->cas, entry) {
		if (strcmp(ca->name, name) == 0)
			return ca;
	}
	return NULL;
}

const struct conf_aaa *
conf_aaa_find(const struct conf *c, const char *name)
{
	const struct conf_aaa *a;

	TAILQ_FOREACH(a, &c->aaas, entry) {
		if (strcmp(a->name, name) == 0)
			return a;
	}
	return NULL;
}

int
conf_login_exists(const struct conf *c, const char *name)
{
	return strcmp(name, CONF_LOCAL) == 0 || conf_aaa_find(c, name) != NULL;
}

int
conf_login_is_local(const struct conf *c, const struct conf_login *l)
{
	const struct conf_aaa *a;
	size_t i;

	for (i = 0; i < l->n; i++) {
		a = conf_aaa_find(c, l->name[i]);
		if (a != NULL ? a->protocol != LOGIN_LOCAL :
				strcmp(l->name[i], CONF_LOCAL) != 0)
			return 0;
	}
	return 1;
}

size_t
conf_login_text(const struct conf_login *l, char buf[NAME_SIZE])
{
	size_t i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < l->n; i++) {
		if (i > 0)
			len = strlcat(buf, ", ", NAME_SIZE);
		len = strlcat(buf, l->name[i], NAME_SIZE);
	}
	return len;
}

unsigned int
conf_crypto(const struct conf *c)
{
	long cores;

	if (c->crypto != 0)
		return c->crypto;
	cores = sysconf(_SC_NPROCESSORS_ONLN);
	return cores < 1 ? 1 : cores > CRYPTO_MAX ? CRYPTO_MAX : cores;
}

int
conf_policy_legacy(const struct conf_policy *p)
{
	return p->cipher->legacy || p->hash->legacy || p->group->legacy;
}

int
conf_esp_legacy(const struct conf_esp *e)
{
	return e->cipher->legacy || (e->auth != NULL && e->auth->legacy) ||
	    (e->pfs != NULL && e->pfs->legacy);
}

int
conf_legacy_provider(const struct conf *c)
{
	const struct conf_policy *p;

	TAILQ_FOREACH(p, &c->policies, entry) {
		if (strcmp(p->cipher->name, "des") == 0)
			return 1;
	}
	return 0;
}
