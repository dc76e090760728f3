/*
 * The actions of the grammar: words are checked and become rows.  A wrong
 * word is reported and its row kept as far as it goes, so that one run finds
 * as many errors as it can.  Pure but for the tree and the report.
 */
#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/alg/x509id.h"
#include "ikerd/build.h"
#include "ikerd/build_value.h"

#define LEGACY_HINT "put the word legacy in front of this line to use it"

/* --- algorithms --- */

/*
 * "expected a hash (sha2-256, sha1, ...), found ...": the names are read from
 * the table itself, rows of the given stride that begin with their name.
 */
static void
bad_algorithm(struct build *b, const struct lex_value *v, const char *what,
    const void *table, size_t stride)
{
	const char *row, *name;
	char names[512] = "";

	for (row = table;; row += stride) {
		memcpy(&name, row, sizeof(name));
		if (name == NULL)
			break;
		if (names[0] != '\0')
			(void)strlcat(names, ", ", sizeof(names));
		(void)strlcat(names, name, sizeof(names));
	}
	report_error(b->report, v->place, "expected %s (%s), found \"%s\"",
	    what, names, v->text);
}

/* Make word_TYPE(): the row that the word names; NULL when it was reported. */
#define WORD_OF(type, table, what)                                          \
	static const struct type *word_##type(                              \
	    struct build *b, const struct lex_value *v)                     \
	{                                                                   \
		const struct type *row = type##_by_name(v->text);           \
                                                                            \
		if (row == NULL)                                            \
			bad_algorithm(b, v, (what), (table), sizeof(*row)); \
		return row;                                                 \
	}

WORD_OF(ike_cipher, ike_ciphers, "a cipher")
WORD_OF(ike_hash, ike_hashes, "a hash")
WORD_OF(ike_group, ike_groups, "a Diffie-Hellman group")
WORD_OF(ike_auth, ike_auths, "an authentication")
WORD_OF(esp_cipher, esp_ciphers, "a cipher")
WORD_OF(esp_auth, esp_auths, "a hash")

/* The word legacy stands exactly before what needs it. */
static void
check_legacy(struct build *b, uint32_t place, int said, const char *weak)
{
	if (weak != NULL && !said)
		report_error(b->report, place,
		    "%s is too weak to be used without saying so: " LEGACY_HINT,
		    weak);
	else if (weak == NULL && said)
		report_warning(b->report, place,
		    "legacy is not needed here: nothing on this line is weak");
}

/* --- interfaces and sockets --- */

void
build_interface(struct build *b, const struct lex_value *name,
    const struct lex_value *device, const struct lex_value *level)
{
	struct conf_interface *i;
	uint64_t n = 0;

	b->interface = i = conf_interface_add(b->conf, name->place);
	(void)word_into(
	    b, i->name, sizeof(i->name), name, "an interface's name");
	(void)word_into(b, i->device, sizeof(i->device), device,
	    "the system's name of the interface");
	(void)number_into(b, &n, level, 0, 100, "the security level");
	i->security = (uint8_t)n;
}

void
build_interface_address(struct build *b, const struct lex_value *v)
{
	struct conf_interface *i = b->interface;
	struct network n;

	if (net_into(b, &n, v) == -1)
		return;
	if (i->naddresses == CONF_ADDRESSES_MAX) {
		report_error(b->report, v->place,
		    "at most %d addresses for an interface",
		    CONF_ADDRESSES_MAX);
		return;
	}
	i->address[i->naddresses++] = n;
}

void
build_listen(struct build *b, const struct lex_value *addr)
{
	struct conf_listen *l;

	b->listen = l = conf_listen_add(b->conf, addr->place);
	l->port = CONF_IKE_PORT;
	l->natt_port = CONF_NATT_PORT;
	(void)addr_into(b, &l->addr, addr);
}

void
build_listen_port(struct build *b, const struct lex_value *v, int natt)
{
	uint64_t n;

	if (number_into(b, &n, v, 1, 65535, "a port") == -1)
		return;
	if (natt)
		b->listen->natt_port = (uint16_t)n;
	else
		b->listen->port = (uint16_t)n;
}

/* --- pools and algorithms --- */

void
build_pool(struct build *b, const struct lex_value *name,
    const struct lex_value *first, const struct lex_value *last)
{
	struct conf_pool *p = conf_pool_add(b->conf, name->place);

	(void)name_into(b, p->name, name);
	if (addr_into(b, &p->first, first) == -1 ||
	    addr_into(b, &p->last, last) == -1)
		return;
	if (addr_span(&p->first, &p->last) == 0)
		report_error(b->report, first->place,
		    "a pool goes from its lowest to its highest address, "
		    "found %s - %s",
		    first->text, last->text);
}

void
build_policy(struct build *b, const struct lex_value *priority,
    const struct lex_value word[4])
{
	struct conf_policy *p;
	uint64_t n = 0;

	b->policy = p = conf_policy_add(b->conf, priority->place);
	(void)number_into(b, &n, priority, 1, 65535, "the priority");
	p->priority = (uint16_t)n;
	p->auth = word_ike_auth(b, &word[0]);
	p->cipher = word_ike_cipher(b, &word[1]);
	p->hash = word_ike_hash(b, &word[2]);
	p->group = word_ike_group(b, &word[3]);
	p->lifetime = CONF_IKE_LIFETIME;
	/* RFC 4754 3: the hash belongs to the method */
	if (p->auth != NULL && p->hash != NULL && p->auth->hash != NULL &&
	    strcmp(p->auth->hash, p->hash->name) != 0)
		report_error(b->report, word[2].place,
		    "%s goes with %s, found \"%s\"", p->auth->name,
		    p->auth->hash, word[2].text);
}

void
build_policy_lifetime(struct build *b, const struct lex_value *v)
{
	(void)time_into(
	    b, &b->policy->lifetime, v, CONF_IKE_LIFETIME_MIN, "the lifetime");
}

void
build_policy_end(struct build *b, int legacy)
{
	const struct conf_policy *p = b->policy;

	if (p->auth == NULL || p->cipher == NULL || p->hash == NULL ||
	    p->group == NULL)
		return;
	check_legacy(b, p->place, legacy,
	    p->cipher->legacy	 ? p->cipher->name :
		p->hash->legacy	 ? p->hash->name :
		p->group->legacy ? p->group->name :
				   NULL);
}

void
build_esp(struct build *b, const struct lex_value *name,
    const struct lex_value *cipher, const struct lex_value *auth)
{
	struct conf_esp *e;

	b->esp = e = conf_esp_add(b->conf, name->place);
	(void)name_into(b, e->name, name);
	e->cipher = word_esp_cipher(b, cipher);
	if (auth != NULL)
		e->auth = word_esp_auth(b, auth);
	e->lifetime = CONF_ESP_LIFETIME;
	if (e->cipher == NULL)
		return;
	if (auth == NULL && !e->cipher->aead)
		report_error(b->report, cipher->place,
		    "%s needs a hash behind it, like sha2-256",
		    e->cipher->name);
	if (auth != NULL && e->cipher->aead)
		report_error(b->report, auth->place,
		    "%s authenticates by itself: no hash may follow",
		    e->cipher->name);
}

void
build_esp_pfs(struct build *b, const struct lex_value *v)
{
	if (b->esp->pfs != NULL)
		report_error(b->report, v->place, "pfs is given already");
	b->esp->pfs = word_ike_group(b, v);
}

void
build_esp_lifetime(struct build *b, const struct lex_value *v)
{
	(void)time_into(
	    b, &b->esp->lifetime, v, CONF_ESP_LIFETIME_MIN, "the lifetime");
}

void
build_esp_lifetime_kb(
    struct build *b, const struct lex_value *n, const struct lex_value *unit)
{
	if (strcmp(unit->text, "kB") != 0) {
		report_error(b->report, unit->place,
		    "expected kB (or a time like 8h), found \"%s\"",
		    unit->text);
		return;
	}
	(void)number_into(b, &b->esp->lifetime_kb, n, 2560, 4294967295U,
	    "the lifetime in kB");
}

void
build_esp_end(struct build *b, int legacy)
{
	const struct conf_esp *e = b->esp;

	if (e->cipher == NULL || (e->auth == NULL && !e->cipher->aead))
		return;
	check_legacy(b, e->place, legacy,
	    e->cipher->legacy			   ? e->cipher->name :
		e->auth != NULL && e->auth->legacy ? e->auth->name :
		e->pfs != NULL && e->pfs->legacy   ? e->pfs->name :
						     NULL);
}

/* --- certificates --- */

static char *
file_name(struct build *b, const struct lex_value *v)
{
	char *name = strdup(v->text);

	if (name == NULL)
		fatal("configuration: strdup");
	if (v->len == 0)
		report_error(
		    b->report, v->place, "the file's name must not be empty");
	return name;
}

void
build_certificate(struct build *b, int legacy, const struct lex_value *file,
    const struct lex_value *key)
{
	struct conf_certificate *c = conf_certificate_add(b->conf, file->place);

	c->legacy = (uint8_t)legacy;
	c->file = file_name(b, file);
	c->key_file = file_name(b, key);
}

void
build_ca(struct build *b, int legacy, const struct lex_value *name,
    const struct lex_value *file, const struct lex_value *crl)
{
	struct conf_ca *c = conf_ca_add(b->conf, name->place);

	c->legacy = (uint8_t)legacy;
	(void)name_into(b, c->name, name);
	c->file = file_name(b, file);
	if (crl != NULL)
		c->crl_file = file_name(b, crl);
}

/* --- small statements --- */

void
build_limit(struct build *b, enum build_limit which, const struct lex_value *v)
{
	static const char *const names[] = {
		[LIMIT_HALF_OPEN] = "half-open",
		[LIMIT_HALF_OPEN_SOURCE] = "half-open-source",
		[LIMIT_SESSIONS] = "sessions",
		[LIMIT_DH_RATE] = "dh-rate",
	};
	uint32_t *const into[] = {
		[LIMIT_HALF_OPEN] = &b->conf->half_open,
		[LIMIT_HALF_OPEN_SOURCE] = &b->conf->half_open_source,
		[LIMIT_SESSIONS] = &b->conf->sessions,
		[LIMIT_DH_RATE] = &b->conf->dh_rate,
	};
	uint64_t n;

	if (number_into(b, &n, v, 1, 1000000, names[which]) == 0)
		*into[which] = (uint32_t)n;
}

void
build_dpd(struct build *b, const struct lex_value *v)
{
	if (v == NULL)
		b->conf->dpd = 0;
	else
		(void)time_into(b, &b->conf->dpd, v, 1, "dpd");
}

void
build_keepalive(struct build *b, const struct lex_value *v)
{
	if (v == NULL)
		b->conf->keepalive = 0;
	else
		(void)time_into(b, &b->conf->keepalive, v, 1, "keepalive");
}

void
build_crypto(struct build *b, const struct lex_value *v)
{
	uint64_t n;

	if (number_into(b, &n, v, 1, CRYPTO_MAX, "crypto processes") == 0)
		b->conf->crypto = (uint32_t)n;
}

void
build_filter_keep(struct build *b)
{
	b->conf->filter_keep = 1;
}

/* --- group --- */

void
build_group(struct build *b, const struct lex_value *name)
{
	b->group = conf_group_add(b->conf, name->place);
	(void)name_into(b, b->group->name, name);
}

/* An address alone is a network of one. */
static int
peer_into(struct build *b, struct network *n, const struct lex_value *v)
{
	if (addr_parse(v->text, &n->addr) == 0) {
		n->prefix = (uint8_t)(addr_len(&n->addr) * 8);
		return 0;
	}
	if (strchr(v->text, '/') == NULL) {
		report_error(b->report, v->place,
		    "expected any, an address or a network like 192.0.2.0/24, "
		    "found \"%s\"",
		    v->text);
		return -1;
	}
	return clean_net_into(b, n, v);
}

static struct conf_group *
new_peer(struct build *b, const struct lex_value *v)
{
	b->group = conf_group_add(b->conf, v->place);
	b->group->is_peer = 1;
	return b->group;
}

void
build_peer(struct build *b, const struct lex_value *addr)
{
	struct conf_group *g = new_peer(b, addr);

	if (peer_into(b, &g->peer, addr) == 0)
		conf_peer_name(g);
}

void
build_peer_any(struct build *b, const struct lex_value *any)
{
	conf_peer_name(new_peer(b, any));
}

void
build_group_key(struct build *b, const struct lex_value *v, int is_file)
{
	key_into(b, &b->group->key, v, is_file, PSK_MAX);
}

void
build_group_ca(struct build *b, const struct lex_value *v)
{
	(void)ref_into(b, &b->group->ca, v, "the ca");
}

void
build_group_identity(struct build *b, const struct lex_value *v)
{
	struct conf_identity *i;
	const char *wrong;

	if (b->group->nidentities == CONF_IDENTITIES_MAX) {
		report_error(b->report, v->place,
		    "at most %d identities for a group", CONF_IDENTITIES_MAX);
		return;
	}
	i = conf_identity_add(b->group, v->place);
	if (text_into(b, i->pattern, sizeof(i->pattern), v, "the identity") ==
	    -1)
		return;
	if ((wrong = x509id_pattern_wrong(i->pattern)) != NULL)
		report_error(
		    b->report, v->place, "%s, found \"%s\"", wrong, v->text);
}

void
build_group_hybrid(struct build *b, const struct lex_value *v)
{
	b->group->hybrid = v->place;
}

void
build_group_pool(struct build *b, const struct lex_value *v)
{
	(void)ref_into(b, &b->group->pool, v, "the pool");
}

void
build_group_login(struct build *b, const struct lex_value *v, int first)
{
	struct conf_login *l = &b->group->login;

	if (first && l->place != 0) {
		report_error(b->report, v->place, "the login is given already");
	} else if (l->n == CONF_LOGINS_MAX) {
		report_error(b->report, v->place,
		    "at most %d lists for a login", CONF_LOGINS_MAX);
	} else {
		l->place = v->place;
		(void)name_into(b, l->name[l->n++], v);
	}
}

void
build_group_no_login(struct build *b, const struct lex_value *v)
{
	b->group->no_login = v->place;
}

void
build_group_esp(struct build *b, const struct lex_value *v)
{
	struct conf_group *g = b->group;

	if (g->nesp == CONF_ESPS_MAX) {
		report_error(b->report, v->place, "at most %d esp for a group",
		    CONF_ESPS_MAX);
		return;
	}
	(void)ref_into(b, &g->esp[g->nesp++], v, "the esp");
}

void
build_group_idle(struct build *b, const struct lex_value *v)
{
	(void)time_into(b, &b->group->idle, v, 1, "idle");
}

void
build_group_session(struct build *b, const struct lex_value *v)
{
	(void)time_into(b, &b->group->session, v, 1, "session");
}

void
build_group_server(
    struct build *b, enum server_kind kind, const struct lex_value *v)
{
	struct conf_group *g = b->group;
	struct addr a, *list = kind == SERVER_DNS ? g->dns : g->wins;
	size_t *n = kind == SERVER_DNS ? &g->ndns : &g->nwins;

	if (addr_into(b, &a, v) == -1)
		return;
	if (*n == CONF_SERVERS_MAX) {
		report_error(b->report, v->place,
		    "at most %d servers of a kind for a group",
		    CONF_SERVERS_MAX);
		return;
	}
	list[(*n)++] = a;
}

void
build_group_domain(struct build *b, const struct lex_value *v)
{
	(void)text_into(
	    b, b->group->domain, sizeof(b->group->domain), v, "the domain");
}

void
build_group_banner(struct build *b, const struct lex_value *v)
{
	(void)text_into(
	    b, b->group->banner, sizeof(b->group->banner), v, "the banner");
}

void
build_group_network(struct build *b, const struct lex_value *v)
{
	struct network n;

	if (clean_net_into(b, &n, v) == 0)
		conf_net_add(&b->group->nets, v->place, &n);
}

void
build_group_remote(struct build *b, const struct lex_value *v)
{
	struct network n;

	if (clean_net_into(b, &n, v) == 0)
		conf_net_add(&b->group->remotes, v->place, &n);
}

void
build_group_local_lan(struct build *b, const struct lex_value *v)
{
	struct network n;

	if (clean_net_into(b, &n, v) == 0)
		conf_net_add(&b->group->local, v->place, &n);
}

void
build_group_netmask(struct build *b, const struct lex_value *v)
{
	struct addr a;

	if (addr_into(b, &a, v) == -1)
		return;
	b->group->netmask = (uint8_t)addr_mask_bits(&a);
	if (b->group->netmask == 0)
		report_error(b->report, v->place,
		    "expected a netmask like 255.255.255.0, found \"%s\"",
		    v->text);
}

/* One more name of a list that clients are told as text, with commas. */
static void
list_into(struct build *b, char *list, size_t size, const struct lex_value *v,
    const char *what)
{
	char name[TEXT_SIZE];

	if (word_into(b, name, sizeof(name), v, what) == -1)
		return;
	if (strlen(list) + 1 + v->len >= size) {
		report_error(b->report, v->place,
		    "too many: the names take more than %zu bytes, with commas",
		    size - 1);
		return;
	}
	if (list[0] != '\0')
		(void)strlcat(list, ",", size);
	(void)strlcat(list, name, size);
}

void
build_group_split_dns(struct build *b, const struct lex_value *v)
{
	list_into(
	    b, b->group->split_dns, sizeof(b->group->split_dns), v, "a domain");
}

void
build_group_backup(struct build *b, const struct lex_value *v)
{
	list_into(b, b->group->backup, sizeof(b->group->backup), v,
	    "an address or a name");
}

void
build_group_unique(struct build *b, enum unique_policy policy)
{
	b->group->unique = (uint8_t)policy;
}

void
build_group_sessions(struct build *b, const struct lex_value *v)
{
	uint64_t n;

	if (number_into(b, &n, v, 1, 1000000, "sessions") == 0)
		b->group->sessions = (uint32_t)n;
}

void
build_group_user_sessions(struct build *b, const struct lex_value *v)
{
	uint64_t n;

	if (number_into(b, &n, v, 1, 1000000, "user-sessions") == 0)
		b->group->user_sessions = (uint32_t)n;
}

void
build_group_xauth(struct build *b, const struct lex_value *v)
{
	unsigned int mode;

	for (mode = XAUTH_PASSWORD; mode <= XAUTH_TOKEN; mode++) {
		if (strcmp(v->text, conf_xauth_word(mode)) == 0) {
			b->group->xauth = (uint8_t)mode;
			b->group->xauth_place = v->place;
			return;
		}
	}
	report_error(b->report, v->place,
	    "expected password, chap or token, found \"%s\"", v->text);
}

void
build_group_save_password(struct build *b)
{
	b->group->save_password = 1;
}

void
build_group_udp(struct build *b, const struct lex_value *v)
{
	uint64_t n;

	if (number_into(b, &n, v, 1, 65535, "a port") == -1)
		return;
	b->group->udp.place = v->place;
	b->group->udp.port = (uint16_t)n;
}

void
build_group_no_config(struct build *b, const struct lex_value *v)
{
	b->group->no_config = v->place;
}

void
build_group_config(struct build *b, enum config_mode mode)
{
	b->group->config = (uint8_t)mode;
}
