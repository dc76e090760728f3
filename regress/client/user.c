/* One user's connect and what follows it, as a state machine. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "user.h"

#define RESEND_US 1000000
#define TRIES 6

const char *const user_state_names[] = { "not begun", "phase 1",
	"XAUTH request", "XAUTH status", "Mode Config", "Quick Mode", "up",
	"failed" };

static struct wire w;
static struct message msg;

int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
keep(struct datagram *d, const struct wire *from)
{
	free(d->p);
	if ((d->p = malloc(from->len)) == NULL)
		err(1, NULL);
	memcpy(d->p, from->b, from->len);
	d->len = from->len;
}

static void
forget(struct datagram *d)
{
	free(d->p);
	d->p = NULL;
	d->len = 0;
}

void
user_settle(struct user *u)
{
	forget(&u->out);
	quick_free(&u->s);
	free(u->s.p1);
	u->s.p1 = NULL;
}

void
user_free(struct user *u)
{
	user_settle(u);
	forget(&u->reply);
	session_clear(&u->s);
}

static void
give_up(struct user *u, const char *why)
{
	u->kind->failed(u, why);
}

/* Seal what was built (r is the builder's result), send it, keep it. */
static int
send_built(struct user *u, int r, struct datagram *d)
{
	if (r == -1 || session_seal(&u->s, &w) == -1) {
		give_up(u, u->s.why);
		return -1;
	}
	keep(d, &w);
	u->kind->transmit(u, d);
	u->tries = 0;
	u->resend = now_us() + RESEND_US;
	return 0;
}

struct wire *
user_wire(void)
{
	return &w;
}

int
user_say(struct user *u, int built)
{
	struct datagram d = { w.b, 0 };

	if (built == -1 || session_seal(&u->s, &w) == -1)
		return -1;
	d.len = w.len;
	u->kind->transmit(u, &d);
	return 0;
}

static void
float_if_nat(struct user *u)
{
	enum natt natt = u->kind->set->natt;

	if (natt == NATT_OFF || u->s.natd_type == 0)
		return;
	if (natt == NATT_FORCE || u->s.nat_here || u->s.nat_there)
		u->floated = 1;
}

static void ask_config(struct user *);

/* Go through the exchange's table as far as it needs no answer. */
static void
phase1_on(struct user *u)
{
	while (u->step->name != NULL && u->step->build != NULL) {
		if (u->s.keyed)
			float_if_nat(u);
		if (send_built(u, u->step->build(&u->s, &w), &u->out) == -1)
			return;
		u->step++;
	}
	if (u->step->name != NULL)
		return;
	if (u->kind->no_xauth)
		ask_config(u);
	else
		u->state = USER_XAUTH;
}

static void
phase1_take(struct user *u)
{
	if (msg.h.msgid != 0)
		return;
	if (u->step->take(&u->s, &msg) == -1) {
		give_up(u, u->s.why);
		return;
	}
	u->step++;
	phase1_on(u);
}

void
user_connect(struct user *u)
{
	u->state = USER_PHASE1;
	u->step = exchanges[u->kind->main_mode].step;
	phase1_on(u);
}

void
user_quick(struct user *u)
{
	const char *inner = u->kind->no_config ? "-" : "address";

	u->state = USER_QUICK;
	if (quick_new(&u->s, inner, u->kind->remote) == -1)
		give_up(u, u->s.why);
	else
		(void)send_built(u, quick_build1(&u->s, &w), &u->out);
}

static void
ask_config(struct user *u)
{
	static const uint16_t types[] = { 1, 2, 3, 4, 28672, 28674, 28676 };

	u->state = USER_CONFIG;
	if (u->kind->no_config)
		user_quick(u);
	else
		(void)send_built(u,
		    config_request(&u->s, &w, types, 7, session_msgid()),
		    &u->out);
}

static void
transaction(struct user *u)
{
	switch (config_take(&u->s, &msg)) {
	case C_XAUTH_REQUEST:
		if (u->state == USER_STATUS)
			give_up(u, "asked again");
		else if (send_built(
			     u, config_answer(&u->s, &w, &msg), &u->out) == 0) {
			keep(&u->reply, &w);
			u->state = USER_STATUS;
		}
		break;
	case C_XAUTH_STATUS:
		if (u->s.status != 1)
			give_up(u, "refused");
		else if (send_built(
			     u, config_ack(&u->s, &w, &msg), &u->reply) == 0)
			ask_config(u);
		break;
	case C_REPLY:
		if (u->state == USER_CONFIG && u->s.has_address)
			user_quick(u);
		else if (u->state == USER_CONFIG)
			give_up(u, "no address");
		break;
	case C_SET:
		(void)send_built(u, config_ack(&u->s, &w, &msg), &u->reply);
		break;
	case C_BAD:
		u->kind->strange(u);
	}
}

static void
quick_take(struct user *u)
{
	if (u->state != USER_QUICK || msg.h.msgid != u->s.q->msgid) {
		u->kind->strange(u);
		return;
	}
	if (quick_take2(&u->s, &msg) == -1) {
		give_up(u, u->s.why);
		return;
	}
	if (send_built(u, quick_build3(&u->s, &w), &u->reply) == -1)
		return;
	u->state = USER_UP;
	u->kind->up(u);
}

static void
notified(struct user *u, uint16_t type, uint32_t seq)
{
	if (msg.authentic && type == 36136) {
		if (info_dpd(&u->s, &w, 36137, seq) == 0 &&
		    session_seal(&u->s, &w) == 0) {
			keep(&u->reply, &w);
			u->kind->transmit(u, &u->reply);
			u->kind->asked(u);
		}
	} else if (msg.authentic && type == 36137)
		u->kind->alive(u);
	else if (type < 16384 && u->state < USER_UP)
		give_up(u, number_text(notify_types, type));
}

static void
informational(struct user *u)
{
	uint16_t type;
	uint32_t seq;

	if (info_take(&msg, &type, &seq) == 0)
		notified(u, type, seq);
	else if (msg.authentic && info_deletes(&msg, 1))
		u->kind->deleted(u);
}

static void
take(struct user *u)
{
	if (msg.h.exchange == X_INFO)
		informational(u);
	else if (u->state == USER_PHASE1)
		phase1_take(u);
	else if (msg.h.exchange == X_TRANSACTION && u->state < USER_UP)
		transaction(u);
	else if (msg.h.exchange == X_QUICK)
		quick_take(u);
	else
		u->kind->strange(u);
}

/* FNV-1a: to know a datagram that is a copy of the last one. */
static uint64_t
sum_of(const uint8_t *p, size_t len)
{
	uint64_t sum = 14695981039346656037u;

	while (len-- > 0)
		sum = (sum ^ *p++) * 1099511628211u;
	return sum;
}

void
user_take(struct user *u, const uint8_t *p, size_t len)
{
	uint64_t sum = sum_of(p, len);

	if (sum == u->last) {
		if (u->reply.p != NULL)
			u->kind->transmit(u, &u->reply);
		return;
	}
	if (session_open(&u->s, p, len, &msg) == -1) {
		u->kind->strange(u);
		return;
	}
	u->last = sum;
	take(u);
}

int
user_resend(struct user *u, int64_t now)
{
	if (now < u->resend)
		return 0;
	if (++u->tries == TRIES) {
		give_up(u, "no answer");
		return 0;
	}
	u->resend = now + ((int64_t)RESEND_US << u->tries);
	u->kind->transmit(u, &u->out);
	return 1;
}

static void
add_vendor(struct settings *set, const char *name)
{
	struct bytes *b = &set->vendor[set->vendors++];

	b->len = (size_t)vendor_find(name, b->b, sizeof(b->b));
}

static int
offers(struct settings *set, const struct user_words *words)
{
	struct offer1 *o = &set->offer[0];
	struct offer2 *e = &set->esp[0];
	uint32_t auth = 0;

	(void)number_find(auth_methods, words->auth, &auth);
	o->auth = (uint16_t)auth;
	o->cipher = cipher_name(words->cipher);
	o->hash = hash_name(words->hash);
	o->group = group_name(words->group);
	o->life = 86400;
	e->cipher = cipher_name(words->esp_cipher);
	e->hash = hash_name(words->esp_hash);
	e->mode = set->natt == NATT_OFF ? 1 : 3;
	e->life = 28800;
	set->offers = set->esps = set->first_number = 1;
	return o->cipher == NULL || o->hash == NULL || o->group == NULL ||
		o->auth == 0 || e->cipher == NULL || e->hash == NULL ?
	    -1 :
	    0;
}

/* The files named; who has a certificate is its subject. */
static int
credentials(struct settings *set, const struct user_words *words)
{
	struct credentials *c = &set->cred;

	if (words->trust != NULL &&
	    (c->trusts = cert_load(c->trusted, CERTS_MAX, words->trust)) == -1)
		return -1;
	if (words->cert == NULL)
		return 0;
	if ((c->certs = cert_load(c->chain, CERTS_MAX, words->cert)) == -1 ||
	    words->key == NULL || (c->key = cert_key(words->key)) == NULL)
		return -1;
	return cert_subject(c->chain[0], &set->id);
}

int
user_settings(struct settings *set, const struct user_words *words)
{
	static const char *const vendors[] = { "xauth", "unity", "dpd",
		"natt" };
	size_t i, n = set->natt == NATT_OFF ? 3 : 4;

	for (i = 0; i < n; i++)
		add_vendor(set, vendors[i]);
	set->id.b[0] = 11; /* KEY_ID */
	set->id.b[1] = 17;
	set->id.b[2] = 500 >> 8;
	set->id.b[3] = 500 & 0xff;
	set->id.len = 4 + strlen(words->id);
	set->psk.len = strlen(words->psk);
	if (set->id.len > sizeof(set->id.b) ||
	    set->psk.len > sizeof(set->psk.b))
		return -1;
	memcpy(set->id.b + 4, words->id, set->id.len - 4);
	memcpy(set->psk.b, words->psk, set->psk.len);
	if (offers(set, words) == -1)
		return -1;
	return credentials(set, words);
}
