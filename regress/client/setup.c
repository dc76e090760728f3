/*
 * Script commands that say who the client is and whom it talks to: nothing
 * is sent here.
 */
#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "script.h"

/* connect HOST PORT [FROM [FROM-PORT]] */
static void
do_connect(struct script *sc, char **v, int n)
{
	struct actor *a = sc->cur;

	net_close(&a->net);
	if (net_open(&a->net, v[0], n > 2 ? v[2] : NULL, (int)number(sc, v[1]),
		n > 3 ? (int)number(sc, v[3]) : 0) == -1)
		fail(sc, "cannot connect to %s port %s", v[0], v[1]);
	a->s.local = a->net.local;
	a->s.remote = a->net.remote;
}

/* session NAME: go on as that one; a new one has the same settings */
static void
do_session(struct script *sc, char **v, int n)
{
	struct actor *a;

	for (a = sc->actors; a != NULL; a = a->next)
		if (strcmp(a->name, v[0]) == 0)
			break;
	if (a == NULL) {
		if ((a = actor_new(v[0])) == NULL)
			fail(sc, "out of memory");
		a->set = sc->cur->set;
		a->timeout = sc->cur->timeout;
		a->verbose = sc->verbose;
		memcpy(a->user, sc->cur->user, sizeof(a->user));
		memcpy(a->password, sc->cur->password, sizeof(a->password));
		a->next = sc->actors;
		sc->actors = a;
	}
	sc->cur = a;
}

/* cookies: forget the session, begin anew; "cookies of NAME" steals them */
static void
do_cookies(struct script *sc, char **v, int n)
{
	struct actor *a;

	actor_reset(sc->cur);
	if (n < 2)
		return;
	for (a = sc->actors; a != NULL; a = a->next)
		if (strcmp(a->name, v[1]) == 0) {
			memcpy(sc->cur->s.cky_i, a->s.cky_i, 8);
			memcpy(sc->cur->s.cky_r, a->s.cky_r, 8);
			return;
		}
	fail(sc, "no session %s", v[1]);
}

/* identity TYPE VALUE|hex:DIGITS [PROTOCOL PORT] | identity subject FILE */
static void
do_identity(struct script *sc, char **v, int n)
{
	struct bytes *id = &sc->cur->set.id;
	uint32_t type, port = n > 3 ? (uint32_t)number(sc, v[3]) : 500;
	size_t len = strlen(v[1]);
	int raw;

	if (strcmp(v[0], "subject") == 0) {
		if (cert_subject_id(v[1], id) == -1)
			fail(sc, "%s holds no subject that fits", v[1]);
		return;
	}
	if (number_find(id_types, v[0], &type) == -1)
		fail(sc, "no identity type %s", v[0]);
	id->b[0] = (uint8_t)type;
	id->b[1] = n > 2 ? (uint8_t)number(sc, v[2]) : 17;
	id->b[2] = (uint8_t)(port >> 8);
	id->b[3] = (uint8_t)port;
	id->len = 4;
	if (strncmp(v[1], "hex:", 4) == 0) {
		raw = hex_bytes(v[1] + 4, id->b + 4, sizeof(id->b) - 4);
		if (raw == -1)
			fail(sc, "%s is not hex", v[1]);
		id->len = 4 + (size_t)raw;
	} else if (type == 1) {
		if (inet_pton(AF_INET, v[1], id->b + 4) != 1)
			fail(sc, "%s is not an IPv4 address", v[1]);
		id->len = 8;
	} else if (len <= sizeof(id->b) - 4) {
		memcpy(id->b + 4, v[1], len);
		id->len = 4 + len;
	} else
		fail(sc, "identity too long");
}

/* psk text WORD | psk file PATH */
static void
do_psk(struct script *sc, char **v, int n)
{
	struct bytes *psk = &sc->cur->set.psk;
	FILE *fp;

	memset(psk, 0, sizeof(*psk));
	if (strcmp(v[0], "text") == 0) {
		psk->len = strlen(v[1]);
		if (psk->len > sizeof(psk->b))
			fail(sc, "key too long");
		memcpy(psk->b, v[1], psk->len);
		return;
	}
	if (strcmp(v[0], "file") != 0 || (fp = fopen(v[1], "r")) == NULL)
		fail(sc, "no key from %s %s", v[0], v[1]);
	psk->len = fread(psk->b, 1, sizeof(psk->b), fp);
	fclose(fp);
	while (psk->len > 0 && psk->b[psk->len - 1] == '\n')
		psk->len--;
}

/* certificate FILE KEY-FILE | certificate none */
static void
do_certificate(struct script *sc, char **v, int n)
{
	struct credentials *c = &sc->cur->set.cred;

	c->certs = 0;
	c->key = NULL;
	if (strcmp(v[0], "none") == 0)
		return;
	c->certs = cert_load(c->chain, CERTS_MAX, v[0]);
	if (c->certs == -1)
		fail(sc, "no certificate in %s", v[0]);
	if (n < 2 || (c->key = cert_key(v[1])) == NULL)
		fail(sc, "no private key for %s", v[0]);
}

/* trust FILE: who may issue the gateway's certificate */
static void
do_trust(struct script *sc, char **v, int n)
{
	struct credentials *c = &sc->cur->set.cred;

	c->trusts = cert_load(c->trusted, CERTS_MAX, v[0]);
	if (c->trusts == -1)
		fail(sc, "no certificate in %s", v[0]);
}

/* user NAME PASSWORD */
static void
do_user(struct script *sc, char **v, int n)
{
	snprintf(sc->cur->user, sizeof(sc->cur->user), "%s", v[0]);
	snprintf(sc->cur->password, sizeof(sc->cur->password), "%s", v[1]);
}

/* offer none | offer CIPHER HASH GROUP METHOD [life SECONDS] */
static void
do_offer(struct script *sc, char **v, int n)
{
	struct settings *set = &sc->cur->set;
	struct offer1 *o = &set->offer[set->offers];
	uint32_t auth;

	if (strcmp(v[0], "none") == 0) {
		set->offers = 0;
		return;
	}
	if (set->offers == OFFERS_MAX || n < 4)
		fail(sc, "offer CIPHER HASH GROUP METHOD [life SECONDS]");
	o->cipher = cipher_name(v[0]);
	o->hash = hash_name(v[1]);
	o->group = group_name(v[2]);
	if (o->cipher == NULL || o->hash == NULL || o->group == NULL ||
	    number_find(auth_methods, v[3], &auth) == -1)
		fail(sc, "unknown word in this offer");
	o->auth = (uint16_t)auth;
	o->life = n > 5 ? (uint32_t)number(sc, v[5]) : 86400;
	set->offers++;
}

/* esp none | esp CIPHER HASH [mode M] [life N] [pfs GROUP] [ipcomp yes] */
static void
do_esp(struct script *sc, char **v, int n)
{
	struct settings *set = &sc->cur->set;
	struct offer2 *o = &set->esp[set->esps];
	int i;

	if (strcmp(v[0], "none") == 0) {
		set->esps = 0;
		return;
	}
	if (set->esps == OFFERS_MAX || n < 2 || n % 2 != 0)
		fail(sc, "esp CIPHER HASH [mode M] [life N] [pfs GROUP]");
	memset(o, 0, sizeof(*o));
	o->cipher = cipher_name(v[0]);
	o->hash = hash_name(v[1]);
	o->mode = 1;
	o->life = 28800;
	if (o->cipher == NULL || o->hash == NULL)
		fail(sc, "unknown word in this offer");
	for (i = 2; i < n; i += 2) {
		if (strcmp(v[i], "life") == 0)
			o->life = (uint32_t)number(sc, v[i + 1]);
		else if (strcmp(v[i], "pfs") == 0 &&
		    (o->group = group_name(v[i + 1])) != NULL)
			continue;
		else if (strcmp(v[i], "ipcomp") == 0)
			o->ipcomp = 1;
		else if (strcmp(v[i], "more") == 0 && set->esps > 0)
			o->more = 1;
		else if (strcmp(v[i], "mode") != 0 ||
		    number_find(encap_modes, v[i + 1], &o->mode) == -1)
			fail(sc, "%s %s is unknown", v[i], v[i + 1]);
	}
	set->esps++;
}

/* vendor none | vendor NAME-OR-HEX ... */
static void
do_vendor(struct script *sc, char **v, int n)
{
	struct settings *set = &sc->cur->set;
	struct bytes *b;
	int i, len;

	for (i = 0; i < n; i++) {
		if (strcmp(v[i], "none") == 0) {
			set->vendors = 0;
			continue;
		}
		if (set->vendors == VENDORS_MAX)
			fail(sc, "too many vendor ids");
		b = &set->vendor[set->vendors++];
		if ((len = vendor_find(v[i], b->b, sizeof(b->b))) == -1)
			fail(sc, "no vendor id %s", v[i]);
		b->len = (size_t)len;
	}
}

/* nat-t off | on | force [PORT] */
static void
do_natt(struct script *sc, char **v, int n)
{
	struct settings *set = &sc->cur->set;

	if (strcmp(v[0], "off") == 0)
		set->natt = NATT_OFF;
	else if (strcmp(v[0], "on") == 0)
		set->natt = NATT_ON;
	else if (strcmp(v[0], "force") == 0)
		set->natt = NATT_FORCE;
	else
		fail(sc, "nat-t off, on or force");
	if (n > 1)
		set->natt_port = (int)number(sc, v[1]);
}

static void
do_first_number(struct script *sc, char **v, int n)
{
	sc->cur->set.first_number = (int)number(sc, v[0]);
}

static void
do_initial_contact(struct script *sc, char **v, int n)
{
	sc->cur->set.initial_contact = strcmp(v[0], "on") == 0;
}

static void
do_answer_dpd(struct script *sc, char **v, int n)
{
	sc->cur->answer_dpd = strcmp(v[0], "on") == 0;
}

static void
do_timeout(struct script *sc, char **v, int n)
{
	sc->cur->timeout = (int)number(sc, v[0]);
}

static void
do_sleep(struct script *sc, char **v, int n)
{
	usleep((useconds_t)number(sc, v[0]) * 1000);
}

/* hold FILE: until it is there, answering R-U-THERE meanwhile */
static void
do_hold(struct script *sc, char **v, int n)
{
	fflush(stdout);
	while (access(v[0], F_OK) == -1)
		actor_idle(sc->cur, 200);
}

static void
do_set(struct script *sc, char **v, int n)
{
	script_set(sc, v[0], v[1]);
}

/* default NAME VALUE: unless -D or an earlier line has said so */
static void
do_default(struct script *sc, char **v, int n)
{
	const struct variable *var;

	for (var = sc->vars; var != NULL; var = var->next)
		if (strcmp(var->name, v[0]) == 0)
			return;
	script_set(sc, v[0], v[1]);
}

static void
do_include(struct script *sc, char **v, int n)
{
	const char *slash = strrchr(sc->file, '/');
	char path[1024];

	if (*v[0] == '/' || slash == NULL)
		snprintf(path, sizeof(path), "%s", v[0]);
	else
		snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - sc->file),
		    sc->file, v[0]);
	script_file(sc, path);
}

static void
do_echo(struct script *sc, char **v, int n)
{
	say(sc, "%s", v[0]);
}

const struct command setup_commands[] = {
	{ "connect", 2, 4, do_connect },
	{ "session", 1, 1, do_session },
	{ "cookies", 0, 2, do_cookies },
	{ "identity", 2, 4, do_identity },
	{ "psk", 2, 2, do_psk },
	{ "certificate", 1, 2, do_certificate },
	{ "trust", 1, 1, do_trust },
	{ "user", 2, 2, do_user },
	{ "offer", 1, 6, do_offer },
	{ "esp", 1, 10, do_esp },
	{ "vendor", 1, ARGS_MAX, do_vendor },
	{ "nat-t", 1, 2, do_natt },
	{ "first-number", 1, 1, do_first_number },
	{ "initial-contact", 1, 1, do_initial_contact },
	{ "answer-dpd", 1, 1, do_answer_dpd },
	{ "timeout", 1, 1, do_timeout },
	{ "sleep", 1, 1, do_sleep },
	{ "hold", 1, 1, do_hold },
	{ "set", 2, 2, do_set },
	{ "default", 2, 2, do_default },
	{ "include", 1, 1, do_include },
	{ "echo", 1, 1, do_echo },
	{ NULL, 0, 0, NULL },
};
