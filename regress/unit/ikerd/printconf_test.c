/*
 * The canonical form parses to the same configuration: for random
 * configurations, the printed text and every message made from it are the
 * same after a round; keys go to crypto alone.
 */
#include "common/rnd.h"
#include "common/secret.h"
#include "ikerd/conf.h"
#include "ikerd/conf_send.h"
#include "ikerd/parse.h"
#include "ikerd/printconf.h"
#include "regress/unit/test.h"

#define ROUNDS 300

static uint32_t
below(uint32_t n)
{
	return rnd_u32() % n;
}

/* Text with everything that has to be quoted. */
static void
random_text(char *dst, size_t max, int newlines)
{
	static const char odd[] = "\"\\ #$={};,abcXYZ019-_./:\xc3\xa4";
	size_t n = 1 + below((uint32_t)max), i;

	for (i = 0; i < n; i++)
		dst[i] = below(4) ? odd[below(sizeof(odd) - 1)] :
				    (char)(0x20 + below(0x5f));
	if (newlines && n > 2)
		dst[1 + below((uint32_t)n - 2)] = '\n';
	dst[n] = '\0';
}

static uint32_t
random_time(uint32_t least)
{
	static const uint32_t units[] = { 1, 60, 3600, 86400 };
	uint32_t t = units[below(4)] * (1 + below(300));

	return t < least ? least : t;
}

static struct addr
random_addr(void)
{
	return addr_ip4(rnd_u32());
}

static struct network
random_net(void)
{
	struct network n;

	n.prefix = (uint8_t)below(33);
	n.addr = addr_ip4(
	    n.prefix == 0 ? 0 : rnd_u32() & (~0U << (32 - n.prefix)));
	return n;
}

/* Names with commas between them; words of the language, too. */
static void
random_list(char *list)
{
	static const char *const names[] = { "example.com", "192.0.2.7", "any",
		"a_b-c.d" };
	uint32_t n = below(5);

	while (n-- > 0) {
		if (list[0] != '\0')
			(void)strlcat(list, ",", TEXT_SIZE);
		(void)strlcat(list, names[below(4)], TEXT_SIZE);
	}
}

static void
random_interfaces(struct conf *c)
{
	struct conf_interface *i;
	uint32_t n = 1 + below(3), k;

	for (k = 0; k < n; k++) {
		i = conf_interface_add(c, k + 1);
		/* keywords, too, are good names */
		(void)snprintf(i->name, sizeof(i->name), "%s%u",
		    below(2) ? "if" : "a.b-c_", k);
		if (k == 0 && below(2))
			(void)strlcpy(i->name, "pool", sizeof(i->name));
		(void)snprintf(i->device, sizeof(i->device), "em%u", k);
		i->security = (uint8_t)below(101);
		i->naddresses = 1;
		i->address[0].addr = addr_ip4(0xc0000200 + k);
		i->address[0].prefix = (uint8_t)below(33);
	}
}

static void
random_listens(struct conf *c)
{
	struct conf_listen *l;
	uint32_t n = 1 + below(3), k; /* loaded ones have one at least */

	for (k = 0; k < n; k++) {
		l = conf_listen_add(c, 1);
		l->addr = addr_ip4(0xc6336400 + k);
		l->port = (uint16_t)(1 + below(30000));
		l->natt_port = (uint16_t)(30001 + below(30000));
	}
}

/* Pools one behind the other, so that none overlaps. */
static void
random_pools(struct conf *c)
{
	struct conf_pool *p;
	uint32_t n = 1 + below(4), k, next = 0x0a000000;

	for (k = 0; k < n; k++) {
		p = conf_pool_add(c, k + 1);
		random_text(p->name, 20, 0);
		(void)snprintf(p->name + strlen(p->name), 8, "%u", k);
		p->first = addr_ip4(next);
		next += below(1000);
		p->last = addr_ip4(next);
		next += 1 + below(1000);
	}
}

static void
random_policies(struct conf *c)
{
	struct conf_policy *p;
	uint32_t n = 1 + below(5), k;

	for (k = 0; k < n; k++) {
		p = conf_policy_add(c, k + 1);
		p->priority = (uint16_t)(1 + k * 100 + below(100));
		p->auth = ike_auth_by_name(
		    TAILQ_EMPTY(&c->certificates) || below(2) ? "psk" :
			below(2)			      ? "rsa" :
								"hybrid");
		p->cipher = &ike_ciphers[below(IKE_CIPHERS)];
		p->hash = &ike_hashes[below(IKE_HASHES)];
		p->group = &ike_groups[below(IKE_GROUPS)];
		p->lifetime = random_time(CONF_IKE_LIFETIME_MIN);
	}
}

static void
random_esps(struct conf *c)
{
	struct conf_esp *e;
	uint32_t n = 1 + below(4), k, rows, auths;

	for (rows = 0; esp_ciphers[rows].name != NULL; rows++)
		;
	for (auths = 0; esp_auths[auths].name != NULL; auths++)
		;
	for (k = 0; k < n; k++) {
		e = conf_esp_add(c, k + 1);
		random_text(e->name, NAME_SIZE - 8, 0);
		(void)snprintf(e->name + strlen(e->name), 8, "%u", k);
		e->cipher = &esp_ciphers[below(rows)];
		if (!e->cipher->aead)
			e->auth = &esp_auths[below(auths)];
		if (below(2))
			e->pfs = &ike_groups[below(IKE_GROUPS)];
		e->lifetime = random_time(CONF_ESP_LIFETIME_MIN);
		if (below(2))
			e->lifetime_kb = 2560 + below(1000000);
	}
}

/* Files are not read here, so names are all there is. */
static void
random_certificates(struct conf *c)
{
	struct conf_certificate *cert;
	struct conf_ca *ca;
	uint32_t n = below(3), k;
	char text[64];

	for (k = 0; k < n; k++) {
		cert = conf_certificate_add(c, k + 1);
		cert->legacy = (uint8_t)below(2);
		random_text(text, sizeof(text) - 1, 0);
		cert->file = strdup(text);
		random_text(text, sizeof(text) - 1, 0);
		cert->key_file = strdup(text);
		ca = conf_ca_add(c, k + 1);
		ca->legacy = (uint8_t)below(2);
		random_text(ca->name, NAME_SIZE - 8, 0);
		(void)snprintf(ca->name + strlen(ca->name), 8, "%u", k);
		random_text(text, sizeof(text) - 1, 0);
		ca->file = strdup(text);
		if (below(2))
			ca->crl_file = strdup(text);
	}
}

/* A ca with identities; hybrid only where there is a login. */
static void
random_proof(struct conf *c, struct conf_group *g)
{
	static const char *const patterns[] = { "*", "OU=a\\,b, CN=*",
		"*@example.com", "\"quoted\"" };
	uint32_t n;

	if (!TAILQ_EMPTY(&c->cas) && below(2)) {
		g->ca.place = 1;
		(void)strlcpy(
		    g->ca.name, TAILQ_LAST(&c->cas, conf_cas)->name, NAME_SIZE);
		for (n = g->is_peer + below(3); n > 0; n--)
			(void)strlcpy(conf_identity_add(g, 1)->pattern,
			    patterns[below(4)], TEXT_SIZE);
	}
	if (!g->no_login && below(2))
		g->hybrid = 1;
}

static void
random_group(struct conf *c, uint32_t k)
{
	struct conf_group *g = conf_group_add(c, k + 1);
	const struct conf_esp *e;
	struct conf_nets *nets;
	struct network net;
	char text[PSK_MAX + 1];
	uint32_t n;

	random_text(g->name, NAME_SIZE - 8, 0);
	(void)snprintf(g->name + strlen(g->name), 8, "%u", k);
	if (below(2)) { /* one in two is a peer; k makes it another */
		g->is_peer = 1;
		if (k > 0)
			g->peer = random_net();
		if (k > 0 && g->peer.prefix < 8)
			g->peer.prefix = 8;
		if (k > 0)
			g->peer.addr = addr_ip4(k << 24);
		conf_peer_name(g);
	}
	g->config = (uint8_t)below(CONFIG_PUSH + 1);
	g->key.place = 1;
	random_text(text, PSK_MAX - 1, 0);
	if (below(2))
		g->key.file = strdup(text);
	else
		(void)secret_set(&g->key.secret, text, strlen(text));
	g->pool.place = 1;
	(void)strlcpy(
	    g->pool.name, TAILQ_FIRST(&c->pools)->name, sizeof(g->pool.name));
	if (below(2)) {
		g->login.place = 1;
		if (!TAILQ_EMPTY(&c->aaas) && below(2))
			(void)strlcpy(g->login.name[g->login.n++],
			    TAILQ_FIRST(&c->aaas)->name, NAME_SIZE);
		if (g->login.n == 0 ||
		    (strlen(g->login.name[0]) < NAME_SIZE - 8 && below(2)))
			(void)strlcpy(
			    g->login.name[g->login.n++], CONF_LOCAL, NAME_SIZE);
		g->xauth = (uint8_t)below(XAUTH_TOKEN + 1);
	} else {
		g->no_login = 1;
	}
	random_proof(c, g);
	TAILQ_FOREACH(e, &c->esps, entry) {
		g->esp[g->nesp].place = 1;
		(void)strlcpy(g->esp[g->nesp++].name, e->name, NAME_SIZE);
	}
	g->udp.port = below(2) ? 65000 : 0;
	g->idle = below(2) ? random_time(1) : 0;
	g->session = below(2) ? random_time(1) : 0;
	for (n = below(CONF_SERVERS_MAX + 1); n > 0; n--)
		g->dns[g->ndns++] = random_addr();
	for (n = below(CONF_SERVERS_MAX + 1); n > 0; n--)
		g->wins[g->nwins++] = random_addr();
	if (below(2))
		random_text(g->domain, TEXT_SIZE - 1, 0);
	if (below(2))
		random_text(g->banner, TEXT_SIZE - 1, 1);
	nets = below(2) ? &g->nets : &g->local; /* not both */
	for (n = below(5); n > 0; n--) {
		net = random_net();
		conf_net_add(nets, 1, &net);
	}
	random_list(g->split_dns);
	random_list(g->backup);
	g->netmask = (uint8_t)below(33);
	g->save_password = (uint8_t)below(2);
	g->unique = (uint8_t)below(UNIQUE_REJECT + 1);
	g->sessions = below(2) ? 1 + below(1000000) : 0;
	g->user_sessions = below(2) ? 1 + below(1000000) : 0;
}

/* A peer with networks of its own, which overlap no other's. */
static void
random_site(struct conf *c, uint32_t k)
{
	struct conf_group *g = conf_group_add(c, k + 1);
	struct network net = { addr_ip4(0xac000000 | k << 16), 24 };
	uint32_t n;

	g->is_peer = 1;
	g->peer.addr = addr_ip4(0xe0000000 | k);
	g->peer.prefix = 32;
	conf_peer_name(g);
	g->key.place = g->no_login = g->no_config = 1;
	(void)secret_set(&g->key.secret, "0123456789abcdefghij", 20);
	g->esp[0].place = 1;
	(void)strlcpy(g->esp[0].name, TAILQ_FIRST(&c->esps)->name, NAME_SIZE);
	g->nesp = 1;
	for (n = 0; n <= below(3); n++) {
		net.addr.b[2] = (uint8_t)n;
		conf_net_add(&g->remotes, 1, &net);
	}
}

/* What the checks make of the groups' ipsec-udp. */
static void
spread_udp_port(struct conf *c)
{
	struct conf_group *g;
	struct conf_listen *l;
	uint16_t port = 0;

	TAILQ_FOREACH(g, &c->groups, entry) {
		if (g->udp.port != 0)
			port = g->udp.port;
	}
	TAILQ_FOREACH(l, &c->listens, entry)
		l->udp_port = port;
}

static void
random_servers(struct conf_aaa *a)
{
	struct conf_server *s;
	char text[64];
	uint32_t n;

	if ((a->protocol = below(LOGIN_RADIUS + 1)) == LOGIN_LOCAL)
		return;
	for (n = 1 + below(3); n > 0; n--) {
		s = conf_server_add(a, a->place);
		if (a->protocol == LOGIN_RADIUS)
			s->legacy = (uint8_t)below(2);
		else
			s->interactive = (uint8_t)below(2);
		s->at.addr = addr_ip4(0x0a000000 + n);
		s->at.port = (uint16_t)(1 + below(65535));
		s->timeout = 1 + below(100000);
		s->key.place = 1;
		random_text(text, sizeof(text), 0);
		(void)strlcat(text, "0123456789abcdef", sizeof(text));
		if (below(2))
			s->key.file = strdup(text);
		else
			(void)secret_set(&s->key.secret, text, strlen(text));
	}
}

static struct conf *
random_conf(void)
{
	struct conf *c = conf_new();
	struct conf_aaa *a;
	uint32_t n, k;

	random_interfaces(c);
	random_listens(c);
	random_pools(c);
	for (n = below(3), k = 0; k < n; k++) {
		a = conf_aaa_add(c, k + 1);
		do
			random_text(a->name, NAME_SIZE - 8, 0);
		while (strchr(a->name, ',') != NULL);
		(void)snprintf(a->name + strlen(a->name), 8, "%u", k);
		random_servers(a);
	}
	random_certificates(c);
	random_policies(c);
	random_esps(c);
	for (n = below(4), k = 0; k < n; k++)
		random_group(c, k);
	for (n = below(3), k = 0; k < n; k++)
		random_site(c, k);
	spread_udp_port(c);
	c->half_open = 1 + below(100000);
	c->half_open_source = 1 + below(c->half_open);
	c->sessions = 1 + below(1000000);
	c->dh_rate = 1 + below(100000);
	c->dpd = below(3) ? random_time(1) : 0;
	c->keepalive = below(3) ? random_time(1) : 0;
	c->crypto = below(CRYPTO_MAX + 1);
	c->filter_keep = (uint8_t)below(2);
	return c;
}

/* --- what a configuration is: its text, and its messages --- */

static char *
text_of(const struct conf *c)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	conf_print(c, f);
	fclose(f);
	return text;
}

struct messages {
	enum process to;
	size_t len, secrets;
	uint8_t bytes[1 << 20];
};

static void
take(void *arg, enum msg_type type, const void *payload)
{
	const struct msg_desc *d = msg_desc(type);
	const struct msg_field *f;
	struct messages *m = arg;
	uint8_t *at = m->bytes + m->len;

	CHECK(msg_check(PROC_PARENT, m->to, type, payload, d->size, 0) == NULL);
	if (m->len + 4 + d->size > sizeof(m->bytes))
		abort();
	memcpy(at, &type, 4);
	memcpy(at + 4, payload, d->size);
	m->len += 4 + d->size;
	for (f = d->fields(); f->name != NULL; f++) {
		if (strcmp(f->name, "line") == 0) /* is not the same after */
			memset(at + 4 + f->offset, 0, 4);
		if (f->kind == FIELD_SECRET)
			m->secrets++;
	}
}

static const struct messages *
messages_to(const struct conf *c, enum process to, int which)
{
	static struct messages m[2];

	memset(&m[which], 0, sizeof(m[which]));
	m[which].to = to;
	conf_send(c, to, take, &m[which]);
	return &m[which];
}

static void
check_same(const struct conf *a, const struct conf *b)
{
	const struct messages *ma, *mb;
	const struct conf_interface *ia, *ib;
	unsigned int p;

	for (p = 0; p < PROC_COUNT; p++) {
		ma = messages_to(a, (enum process)p, 0);
		mb = messages_to(b, (enum process)p, 1);
		CHECK_INT(mb->len, ma->len);
		CHECK(memcmp(ma->bytes, mb->bytes, ma->len) == 0);
		CHECK(ma->secrets == 0 || p == PROC_CRYPTO || p == PROC_AUTHD);
	}
	/* what no message carries */
	CHECK_INT(a->crypto, b->crypto);
	CHECK_INT(a->filter_keep, b->filter_keep);
	ib = TAILQ_FIRST(&b->interfaces);
	TAILQ_FOREACH(ia, &a->interfaces, entry) {
		CHECK(ib != NULL);
		if (ib == NULL)
			return;
		CHECK_STR(ib->name, ia->name);
		CHECK_STR(ib->device, ia->device);
		CHECK_INT(ib->security, ia->security);
		CHECK_MEM(ib->address, ia->address, sizeof(ia->address));
		ib = TAILQ_NEXT(ib, entry);
	}
	CHECK(ib == NULL);
}

static void
say(void *arg, const char *line)
{
	if (strstr(line, "warning: ") == NULL)
		printf("%s\n", line);
}

TEST(canonical_form_is_the_same_configuration)
{
	struct conf *c, *back;
	struct report r;
	char *text, *again;
	int i;

	rnd_hold(1);
	for (i = 0; i < ROUNDS && test_failures == 0; i++) {
		c = random_conf();
		text = text_of(c);
		memset(&r, 0, sizeof(r));
		r.line = say;
		back = conf_load_buffer("canonical", text, strlen(text), &r);
		CHECK(back != NULL);
		if (back != NULL) {
			again = text_of(back);
			CHECK_STR(again, text);
			check_same(c, back);
			free(again);
		}
		if (test_failures != 0)
			printf("round %d:\n%s", i, text);
		conf_free(back);
		conf_free(c);
		free(text);
	}
}

TEST(each_process_gets_its_part)
{
	struct conf *c = NULL;

	rnd_hold(7);
	do {
		conf_free(c);
		c = random_conf();
	} while (TAILQ_EMPTY(&c->groups) ||
	    TAILQ_FIRST(&c->groups)->key.secret.len == 0);
	CHECK(messages_to(c, PROC_IKE, 0)->len > 0);
	CHECK(messages_to(c, PROC_CRYPTO, 0)->secrets > 0);
	CHECK(messages_to(c, PROC_AUTHD, 0)->len > 0);
	CHECK(messages_to(c, PROC_POOLD, 0)->len > 0);
	CHECK(messages_to(c, PROC_FILTER, 0)->len > 0);
	CHECK_INT(messages_to(c, PROC_PROXY, 0)->len, 0);
	CHECK_INT(messages_to(c, PROC_CTL, 0)->len, 0);
	conf_free(c);
}

TEST(setup)
{
	secret_init();
}

TESTS(T(setup), T(canonical_form_is_the_same_configuration),
    T(each_process_gets_its_part))
