/*
 * Turns the configuration into CONF_ messages.  Which process is told what is
 * one table at the end; the message table (msg.def) says the same and the
 * receiver checks it.  Pure: the caller sends.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <string.h>

#include "common/log.h"
#include "common/secret.h"
#include "fwd/ruleset.h"
#include "ikerd/conf.h"
#include "ikerd/conf_send.h"

struct out {
	const struct conf *conf;
	conf_emit *emit;
	void *arg;
};

static void
send_limits(const struct out *o)
{
	const struct conf *c = o->conf;
	const struct conf_policy *p;
	const struct conf_esp *e;
	struct msg_CONF_LIMITS m;

	memset(&m, 0, sizeof(m));
	m.half_open = c->half_open;
	m.half_open_source = c->half_open_source;
	m.sessions = c->sessions;
	m.dh_rate = c->dh_rate;
	m.crypto = (uint8_t)conf_crypto(c);
	m.dpd = c->dpd;
	m.keepalive = c->keepalive;
	TAILQ_FOREACH(p, &c->policies, entry)
		m.legacy |= conf_policy_legacy(p);
	TAILQ_FOREACH(e, &c->esps, entry)
		m.legacy |= conf_esp_legacy(e);
	o->emit(o->arg, MSG_CONF_LIMITS, &m);
}

static void
send_listens(const struct out *o)
{
	const struct conf_listen *l;
	struct msg_CONF_LISTEN m;

	TAILQ_FOREACH(l, &o->conf->listens, entry) {
		memset(&m, 0, sizeof(m));
		m.kind = SOCKET_IKE;
		m.local.addr = l->addr;
		m.local.port = l->port;
		o->emit(o->arg, MSG_CONF_LISTEN, &m);
		m.kind = SOCKET_NATT;
		m.local.port = l->natt_port;
		o->emit(o->arg, MSG_CONF_LISTEN, &m);
		m.kind = SOCKET_UDP;
		if ((m.local.port = l->udp_port) != 0)
			o->emit(o->arg, MSG_CONF_LISTEN, &m);
	}
}

static void
send_policies(const struct out *o)
{
	const struct conf_policy *p;
	struct msg_CONF_POLICY m;

	TAILQ_FOREACH(p, &o->conf->policies, entry) {
		memset(&m, 0, sizeof(m));
		m.line = p->place;
		m.priority = p->priority;
		m.auth = ike_auth_number(p->auth);
		m.cipher = p->cipher->number;
		m.keybits = p->cipher->keybits;
		m.hash = p->hash->number;
		m.group = p->group->number;
		m.lifetime = p->lifetime;
		m.legacy = (uint8_t)conf_policy_legacy(p);
		o->emit(o->arg, MSG_CONF_POLICY, &m);
	}
}

static void
send_esps(const struct out *o)
{
	const struct conf_esp *e;
	struct msg_CONF_ESP m;

	TAILQ_FOREACH(e, &o->conf->esps, entry) {
		memset(&m, 0, sizeof(m));
		m.line = e->place;
		(void)strlcpy(m.name, e->name, sizeof(m.name));
		m.cipher = e->cipher->number;
		m.keybits = e->cipher->keybits;
		if (e->auth != NULL) {
			m.auth = e->auth->number;
			/* the row of RFC 4868's number that is cut shorter */
			m.trunc96 = e->auth !=
			    esp_auth_by_number(e->auth->number);
		}
		if (e->pfs != NULL)
			m.pfs = e->pfs->number;
		m.lifetime = e->lifetime;
		m.lifetime_kb = e->lifetime_kb;
		m.legacy = (uint8_t)conf_esp_legacy(e);
		o->emit(o->arg, MSG_CONF_ESP, &m);
	}
}

static void
send_pools(const struct out *o)
{
	const struct conf_pool *p;
	struct msg_CONF_POOL m;

	TAILQ_FOREACH(p, &o->conf->pools, entry) {
		memset(&m, 0, sizeof(m));
		m.line = p->place;
		(void)strlcpy(m.name, p->name, sizeof(m.name));
		m.first = p->first;
		m.last = p->last;
		o->emit(o->arg, MSG_CONF_POOL, &m);
	}
}

static void
send_servers(const struct out *o, const struct conf_group *g,
    enum server_kind kind, const struct addr *a, size_t n)
{
	struct msg_CONF_GROUP_SERVER m;
	size_t i;

	for (i = 0; i < n; i++) {
		memset(&m, 0, sizeof(m));
		(void)strlcpy(m.group, g->name, sizeof(m.group));
		m.kind = (uint8_t)kind;
		m.addr = a[i];
		o->emit(o->arg, MSG_CONF_GROUP_SERVER, &m);
	}
}

static void
send_nets(const struct out *o, const struct conf_group *g, enum net_kind kind,
    const struct conf_nets *nets)
{
	struct msg_CONF_GROUP_NET m;
	const struct conf_net *n;

	TAILQ_FOREACH(n, nets, entry) {
		memset(&m, 0, sizeof(m));
		(void)strlcpy(m.group, g->name, sizeof(m.group));
		m.kind = (uint8_t)kind;
		m.net = n->net;
		o->emit(o->arg, MSG_CONF_GROUP_NET, &m);
	}
}

static void
send_group(const struct out *o, const struct conf_group *g)
{
	struct msg_CONF_GROUP m;
	struct msg_CONF_GROUP_ESP esp;
	struct msg_CONF_GROUP_REMOTE remote;
	struct msg_CONF_GROUP_IDENTITY identity;
	const struct conf_identity *id;
	const struct conf_net *n;
	size_t i;

	memset(&m, 0, sizeof(m));
	m.line = g->place;
	m.kind = g->is_peer ? KEY_PEER : KEY_GROUP;
	(void)strlcpy(m.name, g->name, sizeof(m.name));
	m.peer = g->peer;
	m.has_key = g->key.place != 0;
	m.hybrid = g->hybrid != 0;
	(void)strlcpy(m.ca, g->ca.name, sizeof(m.ca));
	m.config = g->no_config ? CONFIG_NONE : g->config;
	(void)strlcpy(m.pool, g->pool.name, sizeof(m.pool));
	(void)conf_login_text(&g->login, m.login);
	m.udp_port = g->udp.port;
	m.idle = g->idle;
	m.session = g->session;
	(void)strlcpy(m.domain, g->domain, sizeof(m.domain));
	(void)strlcpy(m.banner, g->banner, sizeof(m.banner));
	(void)strlcpy(m.split_dns, g->split_dns, sizeof(m.split_dns));
	(void)strlcpy(m.backup, g->backup, sizeof(m.backup));
	m.netmask = g->netmask;
	m.save_password = g->save_password;
	m.xauth = g->xauth;
	m.unique = g->unique;
	m.sessions = g->sessions;
	m.user_sessions = g->user_sessions;
	o->emit(o->arg, MSG_CONF_GROUP, &m);
	for (i = 0; i < g->nesp; i++) {
		memset(&esp, 0, sizeof(esp));
		(void)strlcpy(esp.group, g->name, sizeof(esp.group));
		(void)strlcpy(esp.esp, g->esp[i].name, sizeof(esp.esp));
		o->emit(o->arg, MSG_CONF_GROUP_ESP, &esp);
	}
	TAILQ_FOREACH(id, &g->identities, entry) {
		memset(&identity, 0, sizeof(identity));
		(void)strlcpy(identity.group, g->name, sizeof(identity.group));
		(void)strlcpy(
		    identity.pattern, id->pattern, sizeof(identity.pattern));
		o->emit(o->arg, MSG_CONF_GROUP_IDENTITY, &identity);
	}
	send_servers(o, g, SERVER_DNS, g->dns, g->ndns);
	send_servers(o, g, SERVER_WINS, g->wins, g->nwins);
	send_nets(o, g, NET_INCLUDE, &g->nets);
	send_nets(o, g, NET_EXCLUDE, &g->local);
	TAILQ_FOREACH(n, &g->remotes, entry) {
		memset(&remote, 0, sizeof(remote));
		(void)strlcpy(remote.group, g->name, sizeof(remote.group));
		remote.net = n->net;
		o->emit(o->arg, MSG_CONF_GROUP_REMOTE, &remote);
	}
}

static void
send_groups(const struct out *o)
{
	const struct conf_group *g;

	TAILQ_FOREACH(g, &o->conf->groups, entry)
		send_group(o, g);
}

static void
send_keys(const struct out *o)
{
	const struct conf_group *g;
	struct msg_CONF_KEY *m;

	/* secret memory: it holds one key after the other */
	if ((m = secret_alloc(sizeof(*m))) == NULL)
		fatalx("configuration: no memory for a key");
	TAILQ_FOREACH(g, &o->conf->groups, entry) {
		if (g->key.secret.len == 0)
			continue;
		memset(m, 0, sizeof(*m));
		m->line = g->place;
		m->kind = g->is_peer ? KEY_PEER : KEY_GROUP;
		(void)strlcpy(m->name, g->name, sizeof(m->name));
		m->peer = g->peer;
		m->key_len = (uint16_t)g->key.secret.len;
		memcpy(m->key, g->key.secret.data, g->key.secret.len);
		o->emit(o->arg, MSG_CONF_KEY, m);
	}
	secret_free(m);
}

static void
send_certificates(const struct out *o)
{
	const struct conf_certificate *c;
	struct msg_CONF_CERT m;
	size_t i;

	TAILQ_FOREACH(c, &o->conf->certificates, entry) {
		for (i = 0; i < c->nchain; i++) {
			memset(&m, 0, sizeof(m));
			m.line = c->place;
			m.kind = c->kind;
			m.der_len = (uint16_t)c->chain[i].len;
			memcpy(m.der, c->chain[i].p, c->chain[i].len);
			o->emit(o->arg, MSG_CONF_CERT, &m);
		}
	}
}

static void
send_crl(const struct out *o, const struct conf_ca *c, const struct conf_der *d)
{
	struct msg_CONF_CRL m;
	size_t at;

	for (at = 0; at < d->len; at += m.der_len) {
		memset(&m, 0, sizeof(m));
		(void)strlcpy(m.name, c->name, sizeof(m.name));
		m.last = d->len - at <= CRL_CHUNK;
		m.der_len = m.last ? (uint16_t)(d->len - at) : CRL_CHUNK;
		memcpy(m.der, d->p + at, m.der_len);
		o->emit(o->arg, MSG_CONF_CRL, &m);
	}
}

static void
send_cas(const struct out *o)
{
	const struct conf_ca *c;
	struct msg_CONF_CA m;
	size_t i;

	TAILQ_FOREACH(c, &o->conf->cas, entry) {
		for (i = 0; i < c->ncerts; i++) {
			memset(&m, 0, sizeof(m));
			m.line = c->place;
			(void)strlcpy(m.name, c->name, sizeof(m.name));
			m.legacy = c->legacy;
			m.der_len = (uint16_t)c->cert[i].len;
			memcpy(m.der, c->cert[i].p, c->cert[i].len);
			o->emit(o->arg, MSG_CONF_CA, &m);
		}
		for (i = 0; i < c->ncrls; i++)
			send_crl(o, c, &c->crl[i]);
	}
}

static void
send_sign_keys(const struct out *o)
{
	const struct conf_certificate *c;
	struct msg_CONF_SIGN_KEY *m;

	if ((m = secret_alloc(sizeof(*m))) == NULL)
		fatalx("configuration: no memory for a key");
	TAILQ_FOREACH(c, &o->conf->certificates, entry) {
		if (c->key.len == 0)
			continue;
		memset(m, 0, sizeof(*m));
		m->line = c->place;
		m->kind = c->kind;
		m->key_len = (uint16_t)c->key.len;
		memcpy(m->key, c->key.data, c->key.len);
		o->emit(o->arg, MSG_CONF_SIGN_KEY, m);
	}
	secret_free(m);
}

static void
send_step(const struct out *o, const char *list, uint32_t place,
    const struct conf_aaa *a)
{
	struct msg_CONF_LOGIN m;

	memset(&m, 0, sizeof(m));
	m.line = place;
	(void)strlcpy(m.list, list, sizeof(m.list));
	m.protocol = (uint8_t)(a == NULL ? LOGIN_LOCAL : a->protocol);
	if (m.protocol != LOGIN_LOCAL)
		(void)strlcpy(m.servers, a->name, sizeof(m.servers));
	o->emit(o->arg, MSG_CONF_LOGIN, &m);
}

/* Has a group before this one the same login? */
static int
is_sent(const struct out *o, const struct conf_group *g, const char *list)
{
	const struct conf_group *other;
	char text[NAME_SIZE];

	TAILQ_FOREACH(other, &o->conf->groups, entry) {
		if (other == g)
			return 0;
		(void)conf_login_text(&other->login, text);
		if (strcmp(text, list) == 0)
			return 1;
	}
	return 0;
}

/* Each list by itself, and those that groups make of them. */
static void
send_logins(const struct out *o)
{
	const struct conf_group *g;
	const struct conf_aaa *a;
	char text[NAME_SIZE];
	size_t i;

	send_step(o, CONF_LOCAL, 0, NULL);
	TAILQ_FOREACH(a, &o->conf->aaas, entry)
		send_step(o, a->name, a->place, a);
	TAILQ_FOREACH(g, &o->conf->groups, entry) {
		(void)conf_login_text(&g->login, text);
		if (g->login.n < 2 || is_sent(o, g, text))
			continue;
		for (i = 0; i < g->login.n; i++)
			send_step(o, text, g->login.place,
			    conf_aaa_find(o->conf, g->login.name[i]));
	}
}

static void
send_aaa_server(const struct out *o, const struct conf_aaa *a,
    const struct conf_server *s, struct msg_CONF_SERVER *m)
{
	memset(m, 0, sizeof(*m));
	m->line = s->place;
	(void)strlcpy(m->servers, a->name, sizeof(m->servers));
	m->at = s->at;
	m->timeout = s->timeout;
	m->protocol = (uint8_t)a->protocol;
	m->legacy = s->legacy;
	m->interactive = s->interactive;
	m->key_len = (uint16_t)s->key.secret.len;
	memcpy(m->key, s->key.secret.data, s->key.secret.len);
	o->emit(o->arg, MSG_CONF_SERVER, m);
}

static void
send_aaa_servers(const struct out *o)
{
	const struct conf_server *s;
	const struct conf_aaa *a;
	struct msg_CONF_SERVER *m;

	if ((m = secret_alloc(sizeof(*m))) == NULL)
		fatalx("configuration: no memory for a key");
	TAILQ_FOREACH(a, &o->conf->aaas, entry) {
		TAILQ_FOREACH(s, &a->servers, entry)
			send_aaa_server(o, a, s, m);
	}
	secret_free(m);
}

static void
send_tables(const struct out *o)
{
	const char *const *name;
	struct msg_CONF_TABLE m;

	for (name = ruleset_tables(); *name != NULL; name++) {
		memset(&m, 0, sizeof(m));
		(void)strlcpy(m.name, *name, sizeof(m.name));
		o->emit(o->arg, MSG_CONF_TABLE, &m);
	}
}

/* Who is told what. */
static const struct part {
	enum process to;
	void (*send)(const struct out *);
} parts[] = {
	{ PROC_IKE, send_limits },
	{ PROC_IKE, send_listens },
	{ PROC_IKE, send_policies },
	{ PROC_IKE, send_esps },
	{ PROC_IKE, send_pools },
	{ PROC_IKE, send_certificates },
	{ PROC_IKE, send_cas },
	{ PROC_IKE, send_groups },
	{ PROC_CRYPTO, send_limits },
	{ PROC_CRYPTO, send_policies },
	{ PROC_CRYPTO, send_keys },
	{ PROC_CRYPTO, send_sign_keys },
	{ PROC_AUTHD, send_aaa_servers },
	{ PROC_AUTHD, send_logins },
	{ PROC_POOLD, send_pools },
	{ PROC_FILTER, send_pools },
	{ PROC_FILTER, send_tables },
};

void
conf_send(const struct conf *conf, enum process to, conf_emit *emit, void *arg)
{
	const struct out o = { conf, emit, arg };
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].to == to)
			parts[i].send(&o);
	}
}
