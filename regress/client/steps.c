/*
 * Script commands that play exchanges as they ought to be: phase 1, XAUTH,
 * Mode Config, Quick Mode, deletes and dead peer detection, each with what
 * must come back.
 */
#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

static int
any_in_phase1(struct actor *a, const struct message *m, const void *arg)
{
	return m->h.msgid == 0 && m->h.exchange == *(const uint8_t *)arg;
}

/* What came instead, for the message of a step that fails. */
static const char *
unread(struct actor *a)
{
	static char text[64];
	const struct letter *l = TAILQ_FIRST(&a->inbox);
	uint32_t data;
	uint16_t type;

	if (l == NULL)
		return *a->s.why == '\0' ? "nothing" : a->s.why;
	if (info_take(&l->m, &type, &data) == 0)
		return number_text(notify_types, type);
	snprintf(text, sizeof(text), "exchange %d, message id %08x",
	    l->m.h.exchange, l->m.h.msgid);
	return text;
}

struct letter *
script_await(
    struct script *sc, match_fn *match, const void *arg, const char *what)
{
	struct letter *l;

	if (sc->cur->net.fd == -1)
		fail(sc, "not connected");
	l = actor_await(sc->cur, match, arg, sc->cur->timeout);
	if (l == NULL)
		fail(sc, "no %s within %d ms; came: %s", what, sc->cur->timeout,
		    unread(sc->cur));
	return l;
}

static void
float_now(struct script *sc)
{
	struct actor *a = sc->cur;

	if (net_move(&a->net, a->set.natt_port, 0) == -1)
		fail(sc, "cannot move to port %d", a->set.natt_port);
}

/* RFC 3947 section 4: after NAT-D were seen, before the last message. */
static void
float_if_nat(struct script *sc)
{
	struct actor *a = sc->cur;

	if (a->set.natt == NATT_OFF || a->s.natd_type == 0 || a->net.marker)
		return;
	if (a->set.natt == NATT_FORCE || a->s.nat_here || a->s.nat_there)
		float_now(sc);
}

static const struct step *
step_named(const char *name, const struct exchange **x)
{
	const struct step *st;

	for (*x = exchanges; (*x)->name != NULL; (*x)++)
		for (st = (*x)->step; st->name != NULL; st++)
			if (strcmp(st->name, name) == 0)
				return st;
	return NULL;
}

/* Send or await one message of phase 1; bad: its HASH must not verify. */
static void
phase1_step(
    struct script *sc, const struct exchange *x, const struct step *st, int bad)
{
	struct session *s = &sc->cur->s;
	struct letter *l;
	int r;

	if (st->build != NULL) {
		if (!sc->cur->net.marker &&
		    (strcmp(st->name, "am3") == 0 ||
			strcmp(st->name, "mm5") == 0))
			float_if_nat(sc);
		send_built(sc, st->build(s, &sc->w));
		return;
	}
	l = script_await(sc, any_in_phase1, &x->type, st->name);
	r = st->take(s, &l->m);
	free(l);
	if (bad && (r == 0 || strcmp(s->why, "HASH_R does not verify") != 0))
		fail(sc, "%s: HASH_R should not have verified", st->name);
	if (!bad && r == -1)
		fail(sc, "%s: %s", st->name, s->why);
}

static void
step_by_name(struct script *sc, const char *name, int bad)
{
	const struct exchange *x;
	const struct step *st = step_named(name, &x);

	if (st == NULL)
		fail(sc, "no message %s", name);
	phase1_step(sc, x, st, bad);
}

#define STEP(name)                                                \
	static void do_##name(struct script *sc, char **v, int n) \
	{                                                         \
		step_by_name(sc, #name, n > 0);                   \
	}
STEP(am1)
STEP(am2)
STEP(am3)
STEP(mm1)
STEP(mm2)
STEP(mm3)
STEP(mm4)
STEP(mm5)
STEP(mm6)

static void
try_by_name(struct script *sc, const char *name)
{
	uint8_t iv[BLOCK_MAX];

	memcpy(iv, sc->cur->s.k.iv, BLOCK_MAX);
	step_by_name(sc, name, 0);
	memcpy(sc->cur->s.k.iv, iv, BLOCK_MAX);
}

/* am3-try, mm5-try: after this one another may still be the first */
static void
do_am3_try(struct script *sc, char **v, int n)
{
	try_by_name(sc, "am3");
}

static void
do_mm5_try(struct script *sc, char **v, int n)
{
	try_by_name(sc, "mm5");
}

/*
 * go-on-if-answered: when message 2 comes, to a name or key that is wrong, it
 * must be like any other but for its HASH_R; then message 3 goes out.
 */
static void
do_go_on(struct script *sc, char **v, int n)
{
	static const uint8_t aggressive = X_AGGRESSIVE;
	struct actor *a = sc->cur;
	struct letter *l;

	l = actor_await(a, any_in_phase1, &aggressive, 1000);
	if (l == NULL)
		return;
	TAILQ_INSERT_HEAD(&a->inbox, l, entry);
	if (a->in_bytes > 3 * a->out_bytes)
		fail(sc, "%zu octets in answer to %zu", a->in_bytes,
		    a->out_bytes);
	step_by_name(sc, "am2", 1);
	step_by_name(sc, "am3", 0);
}

static void
say_chosen(struct script *sc)
{
	const struct session *s = &sc->cur->s;

	say(sc, "phase 1: %s %s %s %s%s%s%s%s%s", s->chosen.cipher->name,
	    s->chosen.hash->name, s->chosen.group->name,
	    number_text(auth_methods, s->chosen.auth),
	    s->peer_xauth ? ", XAUTH" : "", s->peer_dpd ? ", DPD" : "",
	    s->peer_unity ? ", Unity" : "", s->natd_type ? ", NAT-T" : "",
	    sc->cur->net.marker ? " (floated)" : "");
}

static void
whole_exchange(struct script *sc, const char *name)
{
	const struct exchange *x;
	const struct step *st;

	for (x = exchanges; strcmp(x->name, name) != 0;)
		x++;
	for (st = x->step; st->name != NULL; st++)
		phase1_step(sc, x, st, 0);
	say_chosen(sc);
}

static void
do_aggressive(struct script *sc, char **v, int n)
{
	whole_exchange(sc, "aggressive");
}

static void
do_main(struct script *sc, char **v, int n)
{
	whole_exchange(sc, "main");
}

/* expect-negotiated CIPHER HASH GROUP METHOD */
static void
do_expect_negotiated(struct script *sc, char **v, int n)
{
	const struct offer1 *o = &sc->cur->s.chosen;
	const char *method = number_text(auth_methods, o->auth);

	if (o->cipher == NULL || strcmp(o->cipher->name, v[0]) != 0 ||
	    strcmp(o->hash->name, v[1]) != 0 ||
	    strcmp(o->group->name, v[2]) != 0 || strcmp(method, v[3]) != 0)
		fail(sc, "negotiated %s %s %s %s",
		    o->cipher == NULL ? "nothing" : o->cipher->name,
		    o->hash == NULL ? "-" : o->hash->name,
		    o->group == NULL ? "-" : o->group->name, method);
}

/* expect-natt N: so many of NAT-T's vendor ids were answered */
static void
do_expect_natt(struct script *sc, char **v, int n)
{
	const struct session *s = &sc->cur->s;

	if (s->natt_ids != (int)number(sc, v[0]))
		fail(sc, "%d NAT-T vendor ids were answered", s->natt_ids);
	if ((s->natd_type != 0) != (s->natt_ids != 0))
		fail(sc, "NAT-T is%s spoken", s->natd_type != 0 ? "" : " not");
}

static int
is_config(struct actor *a, const struct message *m, const void *arg)
{
	return m->h.exchange == X_TRANSACTION && m->authentic &&
	    config_take(&a->s, m) == *(const enum config_kind *)arg;
}

static struct letter *
await_config(struct script *sc, enum config_kind kind, const char *what)
{
	return script_await(sc, is_config, &kind, what);
}

/* expect-xauth: the gateway asks; the question waits for "answer". */
static void
do_expect_xauth(struct script *sc, char **v, int n)
{
	free(sc->cur->request);
	sc->cur->request = await_config(sc, C_XAUTH_REQUEST, "XAUTH request");
}

/* answer [NAME PASSWORD] | answer nothing | answer plain */
static void
do_answer(struct script *sc, char **v, int n)
{
	struct actor *a = sc->cur;

	if (a->request == NULL)
		fail(sc, "no XAUTH request to answer");
	if (n == 2) {
		snprintf(a->user, sizeof(a->user), "%s", v[0]);
		snprintf(a->password, sizeof(a->password), "%s", v[1]);
	}
	a->s.no_chap = n == 1 && strcmp(v[0], "plain") == 0;
	a->s.user = n == 1 && !a->s.no_chap ? NULL : a->user;
	send_built(sc, config_answer(&a->s, &sc->w, &a->request->m));
	a->s.user = a->user;
}

/* expect-status ok | fail */
static void
do_expect_status(struct script *sc, char **v, int n)
{
	struct actor *a = sc->cur;
	struct letter *l = await_config(sc, C_XAUTH_STATUS, "XAUTH status");
	int want = strcmp(v[0], "ok") == 0;

	if (a->s.status != want)
		fail(sc, "XAUTH status is %s", a->s.status ? "ok" : "fail");
	send_built(sc, config_ack(&a->s, &sc->w, &l->m));
	free(l);
}

/* xauth [NAME PASSWORD]: all of it, and it must end well */
static void
do_xauth(struct script *sc, char **v, int n)
{
	static char ok[] = "ok", *status[] = { ok };

	do_expect_xauth(sc, NULL, 0);
	do_answer(sc, v, n);
	do_expect_status(sc, status, 1);
	say(sc, "XAUTH: %s accepted", sc->cur->user);
}

static void
keep_reply(struct script *sc, struct letter *l)
{
	const uint8_t *b = sc->cur->s.address;
	char text[32];

	free(sc->cur->reply);
	sc->cur->reply = l;
	if (!sc->cur->s.has_address)
		return;
	snprintf(text, sizeof(text), "%d.%d.%d.%d", b[0], b[1], b[2], b[3]);
	script_set(sc, "address", text);
	say(sc, "Mode Config: address %s", text);
}

/* modecfg-request TYPE ...: ask; modecfg: ask and await the reply */
static void
do_modecfg_request(struct script *sc, char **v, int n)
{
	uint16_t types[ARGS_MAX];
	int i;

	for (i = 0; i < n; i++)
		types[i] = (uint16_t)number(sc, v[i]);
	send_built(
	    sc, config_request(&sc->cur->s, &sc->w, types, n, session_msgid()));
}

static void
do_modecfg(struct script *sc, char **v, int n)
{
	uint32_t msgid;
	struct letter *l;

	do_modecfg_request(sc, v, n);
	msgid = get32(sc->cur->sent.b + 20);
	l = await_config(sc, C_REPLY, "Mode Config reply");
	if (l->m.h.msgid != msgid)
		fail(sc, "Mode Config reply with another message id");
	if (sc->cur->s.transaction != 20)
		fail(sc, "Mode Config reply with another identifier");
	keep_reply(sc, l);
}

/* expect-push: the gateway's SET, acknowledged */
static void
do_expect_push(struct script *sc, char **v, int n)
{
	struct letter *l = await_config(sc, C_SET, "Mode Config SET");

	send_built(sc, config_ack(&sc->cur->s, &sc->w, &l->m));
	keep_reply(sc, l);
}

static int
attr_of(struct script *sc, const struct letter *l, long type, struct attr *a)
{
	const struct payload *p;
	const uint8_t *at;
	size_t left;

	if (l == NULL)
		fail(sc, "nothing of that kind came yet");
	p = wire_find(l->m.p, l->m.n, P_ATTR, 0);
	at = p->body + 4;
	left = p->len - 4;
	while (wire_attr(&at, &left, a) == 1)
		if (a->type == type)
			return 1;
	return 0;
}

/*
 * expect-attr TYPE present | absent | text WORD | hex DIGITS | value N |
 * address A.B.C.D
 */
static void
expect_attr(struct script *sc, const struct letter *l, char **v, int n)
{
	struct attr a;
	int there = attr_of(sc, l, number(sc, v[0]), &a), len = 0;
	uint8_t want[512];

	if (strcmp(v[1], "absent") == 0 ? there : !there)
		fail(
		    sc, "attribute %s is %s", v[0], there ? "there" : "absent");
	if (n < 3)
		return;
	if (strcmp(v[1], "value") == 0) {
		if (a.value != (uint32_t)number(sc, v[2]))
			fail(sc, "attribute %s is %u", v[0], a.value);
		return;
	}
	if (strcmp(v[1], "text") == 0)
		len = snprintf((char *)want, sizeof(want), "%s", v[2]);
	else if (strcmp(v[1], "hex") == 0)
		len = hex_bytes(v[2], want, sizeof(want));
	else if (strcmp(v[1], "address") == 0)
		len = inet_pton(AF_INET, v[2], want) == 1 ? 4 : -1;
	else
		fail(sc, "what is %s", v[1]);
	if (len != (int)a.len || memcmp(a.p, want, a.len) != 0)
		fail(sc, "attribute %s is not %s", v[0], v[2]);
}

static void
do_expect_attr(struct script *sc, char **v, int n)
{
	expect_attr(sc, sc->cur->reply, v, n);
}

/* expect-asked TYPE ...: the same of the XAUTH question */
static void
do_expect_asked(struct script *sc, char **v, int n)
{
	expect_attr(sc, sc->cur->request, v, n);
}

/* qm1 LOCAL REMOTE */
static void
do_qm1(struct script *sc, char **v, int n)
{
	struct session *s = &sc->cur->s;

	if (quick_new(s, v[0], v[1]) == -1)
		fail(sc, "%s", s->why);
	send_built(sc, quick_build1(s, &sc->w));
}

static int
is_quick(struct actor *a, const struct message *m, const void *arg)
{
	return m->h.exchange == X_QUICK && m->authentic && a->s.q != NULL &&
	    m->h.msgid == a->s.q->msgid;
}

static void
do_qm2(struct script *sc, char **v, int n)
{
	struct letter *l = script_await(
	    sc, is_quick, NULL, "Quick Mode message 2");

	if (quick_take2(&sc->cur->s, &l->m) == -1)
		fail(sc, "Quick Mode message 2: %s", sc->cur->s.why);
	free(l);
}

static void
do_qm3(struct script *sc, char **v, int n)
{
	send_built(sc, quick_build3(&sc->cur->s, &sc->w));
}

/* quick-mode N: the steps that follow are about this one, 0 to 3 */
static void
do_quick_mode(struct script *sc, char **v, int n)
{
	long which = number(sc, v[0]);

	if (which < 0 || which >= QUICKS)
		fail(sc, "Quick Modes are 0 to %d", QUICKS - 1);
	quick_switch(&sc->cur->s, (int)which);
}

static void
do_quick(struct script *sc, char **v, int n)
{
	const struct quick *q;

	do_qm1(sc, v, n);
	do_qm2(sc, NULL, 0);
	do_qm3(sc, NULL, 0);
	q = sc->cur->s.q;
	script_spis(sc, q);
	say(sc, "Quick Mode: %s %s %s%s%s, SPI in %08x out %08x",
	    q->chosen.cipher->name, q->chosen.hash->name,
	    number_text(encap_modes, q->chosen.mode),
	    q->chosen.group == NULL ? "" : " PFS ",
	    q->chosen.group == NULL ? "" : q->chosen.group->name, q->spi_in,
	    q->spi_out);
}

static void
do_expect_esp(struct script *sc, char **v, int n)
{
	const struct quick *q = sc->cur->s.q;

	if (q == NULL || q->spi_out == 0 ||
	    strcmp(q->chosen.cipher->name, v[0]) != 0 ||
	    strcmp(q->chosen.hash->name, v[1]) != 0)
		fail(sc, "ESP is %s %s",
		    q == NULL || q->chosen.cipher == NULL ?
			"nothing" :
			q->chosen.cipher->name,
		    q == NULL || q->chosen.hash == NULL ? "" :
							  q->chosen.hash->name);
}

static void
do_expect_lifetime(struct script *sc, char **v, int n)
{
	const struct quick *q = sc->cur->s.q;
	uint32_t want = (uint32_t)number(sc, v[0]);

	if (q == NULL || q->responder_life != want)
		fail(sc, "RESPONDER-LIFETIME is %u",
		    q == NULL ? 0 : q->responder_life);
}

struct dpd {
	uint16_t type;
	uint32_t seq;
};

static int
is_dpd(struct actor *a, const struct message *m, const void *arg)
{
	const struct dpd *want = arg;
	uint16_t type;
	uint32_t seq;

	return m->authentic && info_take(m, &type, &seq) == 0 &&
	    type == want->type && (want->seq == 0 || want->seq == seq);
}

/* dpd-query: R-U-THERE, whatever comes of it */
static void
do_dpd_query(struct script *sc, char **v, int n)
{
	struct actor *a = sc->cur;

	send_built(sc, info_dpd(&a->s, &sc->w, 36136, ++a->dpd_seq));
}

/* dpd: R-U-THERE, and its acknowledgement must come */
static void
do_dpd(struct script *sc, char **v, int n)
{
	struct actor *a = sc->cur;
	struct dpd want = { 36137, ++a->dpd_seq };

	send_built(sc, info_dpd(&a->s, &sc->w, 36136, want.seq));
	free(script_await(sc, is_dpd, &want, "R-U-THERE-ACK"));
}

/* expect-dpd: the gateway's R-U-THERE, answered */
static void
do_expect_dpd(struct script *sc, char **v, int n)
{
	struct dpd want = { 36136, 0 };
	int answer = sc->cur->answer_dpd;
	struct letter *l;
	uint16_t type;

	sc->cur->answer_dpd = 0;
	l = script_await(sc, is_dpd, &want, "R-U-THERE");
	(void)info_take(&l->m, &type, &want.seq);
	free(l);
	send_built(sc, info_dpd(&sc->cur->s, &sc->w, 36137, want.seq));
	sc->cur->answer_dpd = answer;
}

static void
do_float(struct script *sc, char **v, int n)
{
	float_now(sc);
}

/* rebind: another local port, as after a restart of the NAT box */
static void
do_rebind(struct script *sc, char **v, int n)
{
	if (net_move(&sc->cur->net, 0, 0) == -1)
		fail(sc, "cannot bind again");
}

const struct command step_commands[] = {
	{ "aggressive", 0, 0, do_aggressive },
	{ "main", 0, 0, do_main },
	{ "am1", 0, 0, do_am1 },
	{ "am2", 0, 1, do_am2 },
	{ "am3", 0, 0, do_am3 },
	{ "am3-try", 0, 0, do_am3_try },
	{ "mm5-try", 0, 0, do_mm5_try },
	{ "go-on-if-answered", 0, 0, do_go_on },
	{ "mm1", 0, 0, do_mm1 },
	{ "mm2", 0, 0, do_mm2 },
	{ "mm3", 0, 0, do_mm3 },
	{ "mm4", 0, 0, do_mm4 },
	{ "mm5", 0, 0, do_mm5 },
	{ "mm6", 0, 1, do_mm6 },
	{ "expect-negotiated", 4, 4, do_expect_negotiated },
	{ "expect-natt", 1, 1, do_expect_natt },
	{ "expect-xauth", 0, 0, do_expect_xauth },
	{ "expect-asked", 2, 3, do_expect_asked },
	{ "answer", 0, 2, do_answer },
	{ "expect-status", 1, 1, do_expect_status },
	{ "xauth", 0, 2, do_xauth },
	{ "modecfg-request", 0, ARGS_MAX, do_modecfg_request },
	{ "modecfg", 0, ARGS_MAX, do_modecfg },
	{ "expect-push", 0, 0, do_expect_push },
	{ "expect-attr", 2, 3, do_expect_attr },
	{ "qm1", 2, 2, do_qm1 },
	{ "qm2", 0, 0, do_qm2 },
	{ "qm3", 0, 0, do_qm3 },
	{ "quick", 2, 2, do_quick },
	{ "quick-mode", 1, 1, do_quick_mode },
	{ "expect-esp", 2, 2, do_expect_esp },
	{ "expect-lifetime", 1, 1, do_expect_lifetime },
	{ "dpd-query", 0, 0, do_dpd_query },
	{ "dpd", 0, 0, do_dpd },
	{ "expect-dpd", 0, 0, do_expect_dpd },
	{ "float", 0, 0, do_float },
	{ "rebind", 0, 0, do_rebind },
	{ NULL, 0, 0, NULL },
};
