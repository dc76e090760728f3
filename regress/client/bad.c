/*
 * Script commands for what no honest client does: broken, replayed, forged
 * and random messages, and what a gateway may answer to them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

static struct mangle *
mangle_new(struct script *sc, enum mangle_kind kind)
{
	struct mangle *m, **end = &sc->cur->s.mangle;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		fail(sc, "out of memory");
	m->kind = kind;
	while (*end != NULL)
		end = &(*end)->next;
	*end = m;
	return m;
}

static void
hex(struct script *sc, const char *text, struct bytes *b)
{
	int n = hex_bytes(text, b->b, sizeof(b->b));

	if (n == -1)
		fail(sc, "%s is not hex", text);
	b->len = (size_t)n;
}

static void
at_hex(struct script *sc, enum mangle_kind kind, long at, const char *text)
{
	struct mangle *m = mangle_new(sc, kind);

	m->at = at;
	hex(sc, text, &m->bytes);
}

/* corrupt WORD: these need no more words */
static const struct {
	const char *name;
	enum mangle_kind kind;
} plain[] = {
	{ "hash", M_HASH },
	{ "no-hash", M_NO_HASH },
	{ "padding", M_PADDING },
	{ "clear", M_CLEAR },
	{ "ciphertext", M_CIPHERTEXT },
};

/* corrupt HEADER-FIELD HEX, written over the sealed datagram */
static const struct {
	const char *name;
	long at;
} fields[] = {
	{ "cookie-i", 0 },
	{ "cookie-r", 8 },
	{ "first", 16 },
	{ "version", 17 },
	{ "exchange", 18 },
	{ "flags", 19 },
	{ "msgid", 20 },
	{ "total", 24 },
};

/* corrupt payload N next|reserved|length HEX */
static void
corrupt_payload(struct script *sc, char **v, int n)
{
	struct mangle *m;

	if (n != 4)
		fail(sc, "corrupt payload N next|reserved|length HEX");
	m = mangle_new(sc, M_FIELD);
	m->n = number(sc, v[1]);
	m->at = strcmp(v[2], "next") == 0 ? 0 :
	    strcmp(v[2], "reserved") == 0 ? 1 :
	    strcmp(v[2], "length") == 0	  ? 2 :
					    number(sc, v[2]);
	hex(sc, v[3], &m->bytes);
}

/*
 * corrupt WORD ...: break the next message that is sent.
 * hash, no-hash, padding, clear, ciphertext; FIELD HEX; length N; cut N;
 * cut-honest N, where the header says so too;
 * append HEX; inner|outer|flip OFFSET HEX; payload N next|length HEX
 */
static void
do_corrupt(struct script *sc, char **v, int n)
{
	struct mangle *m;
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(plain[i].name, v[0]) == 0) {
			mangle_new(sc, plain[i].kind);
			return;
		}
	if (strcmp(v[0], "payload") == 0) {
		corrupt_payload(sc, v, n);
		return;
	}
	if (n < 2)
		fail(sc, "corrupt %s needs a value", v[0]);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].name, v[0]) == 0) {
			at_hex(sc, M_OUTER, fields[i].at, v[1]);
			return;
		}
	if (strcmp(v[0], "length") == 0)
		mangle_new(sc, M_LENGTH)->n = number(sc, v[1]);
	else if (strcmp(v[0], "cut") == 0)
		mangle_new(sc, M_CUT)->n = number(sc, v[1]);
	else if (strcmp(v[0], "cut-honest") == 0) {
		m = mangle_new(sc, M_CUT);
		m->n = number(sc, v[1]);
		m->at = 1;
	} else if (strcmp(v[0], "append") == 0)
		at_hex(sc, M_APPEND, 0, v[1]);
	else if (n == 3 && strcmp(v[0], "inner") == 0)
		at_hex(sc, M_INNER, number(sc, v[1]), v[2]);
	else if (n == 3 && strcmp(v[0], "outer") == 0)
		at_hex(sc, M_OUTER, number(sc, v[1]), v[2]);
	else if (n == 3 && strcmp(v[0], "flip") == 0)
		at_hex(sc, M_OUTER_XOR, number(sc, v[1]), v[2]);
	else
		fail(sc, "cannot corrupt %s", v[0]);
}

/* extra TYPE HEX [TIMES]: payloads more in the next message */
static void
do_extra(struct script *sc, char **v, int n)
{
	struct mangle *m = mangle_new(sc, M_EXTRA);

	m->at = number(sc, v[0]);
	m->n = n > 2 ? number(sc, v[2]) : 1;
	hex(sc, strcmp(v[1], "-") == 0 ? "" : v[1], &m->bytes);
}

/* ke good|zero|one|p-1|p|short|long|none: the public value from now on */
static void
do_ke(struct script *sc, char **v, int n)
{
	static const char *const names[] = { "good", "zero", "one", "p-1", "p",
		"short", "long", "none" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], v[0]) == 0) {
			sc->cur->s.ke = (enum ke_kind)i;
			return;
		}
	fail(sc, "no public value %s", v[0]);
}

/* signature KIND: how the client's own is, in phase 1 with certificates */
static void
do_signature(struct script *sc, char **v, int n)
{
	static const char *const names[] = { "good", "flipped", "digestinfo",
		"long", "short", "zero", "low-padding", "other" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], v[0]) == 0) {
			sc->cur->s.sig = (enum sig_kind)i;
			return;
		}
	fail(sc, "no signature %s", v[0]);
}

static void
transmit(struct script *sc, const uint8_t *p, size_t len, int bare)
{
	if (sc->cur->net.fd == -1)
		fail(sc, "not connected");
	if (actor_transmit(sc->cur, p, len, bare) == -1)
		fail(sc, "cannot send");
}

/* send-raw HEX: without marker, as it is */
static void
do_send_raw(struct script *sc, char **v, int n)
{
	uint8_t b[4096];
	int len = hex_bytes(v[0], b, sizeof(b));

	if (len == -1)
		fail(sc, "not hex");
	transmit(sc, b, (size_t)len, 1);
}

/* garbage OCTETS [TIMES] */
static void
do_garbage(struct script *sc, char **v, int n)
{
	static uint8_t b[WIRE_MAX];
	long len = number(sc, v[0]), times = n > 1 ? number(sc, v[1]) : 1;

	if (len < 1 || len > WIRE_MAX)
		fail(sc, "too long");
	while (times-- > 0) {
		rnd(b, (size_t)len);
		transmit(sc, b, (size_t)len, 0);
	}
}

/*
 * garbage-message EXCHANGE FLAGS OCTETS: the session's cookies in a proper
 * header (random ones where it has none), random octets behind it
 */
static void
do_garbage_message(struct script *sc, char **v, int n)
{
	struct session *s = &sc->cur->s;
	long len = number(sc, v[2]);
	uint8_t b[1024], cky_r[8];

	if (len < 1 || len > (long)sizeof(b))
		fail(sc, "1 to %zu octets", sizeof(b));
	memcpy(cky_r, s->cky_r, 8);
	if (!s->keyed)
		rnd(cky_r, 8);
	wire_start(&sc->w, s->cky_i, cky_r, (uint8_t)number(sc, v[0]),
	    (uint8_t)number(sc, v[1]), session_msgid());
	rnd(b, (size_t)len);
	sc->w.b[16] = P_HASH;
	putb(&sc->w, b, (size_t)len);
	wire_finish(&sc->w);
	transmit(sc, sc->w.b, sc->w.len, 0);
}

/* random-cookies: as if of a session that the gateway had once */
static void
do_random_cookies(struct script *sc, char **v, int n)
{
	rnd(sc->cur->s.cky_i, 8);
	rnd(sc->cur->s.cky_r, 8);
}

/* resend: the last datagram again */
static void
do_resend(struct script *sc, char **v, int n)
{
	transmit(sc, sc->cur->sent.b, sc->cur->sent.len, 0);
}

/* save NAME: keep the last datagram sent; replay NAME: send it */
static void
do_save(struct script *sc, char **v, int n)
{
	int i;

	for (i = 0; i < SAVED; i++)
		if (*sc->saved[i].name == '\0' ||
		    strcmp(sc->saved[i].name, v[0]) == 0)
			break;
	if (i == SAVED)
		fail(sc, "too many saved datagrams");
	snprintf(sc->saved[i].name, sizeof(sc->saved[i].name), "%s", v[0]);
	sc->saved[i].d = sc->cur->sent;
}

static void
do_replay(struct script *sc, char **v, int n)
{
	int i;

	for (i = 0; i < SAVED; i++)
		if (strcmp(sc->saved[i].name, v[0]) == 0) {
			transmit(sc, sc->saved[i].d.b, sc->saved[i].d.len, 0);
			return;
		}
	fail(sc, "no datagram %s", v[0]);
}

/* notify TYPE: under the keys; clear-notify TYPE: forged, without */
static void
do_notify(struct script *sc, char **v, int n)
{
	uint32_t type;

	if (number_find(notify_types, v[0], &type) == -1)
		fail(sc, "no notification %s", v[0]);
	send_built(
	    sc, info_notify(&sc->cur->s, &sc->w, (uint16_t)type, NULL, 0));
}

static void
clear_info(struct script *sc, uint8_t type, const uint8_t *body, size_t len)
{
	struct session *s = &sc->cur->s;

	wire_start(&sc->w, s->cky_i, s->cky_r, X_INFO, 0, session_msgid());
	put_payload(&sc->w, type, body, len);
	send_built(sc, 0);
}

static size_t
about_sa(const struct session *s, uint8_t *b, uint16_t what)
{
	static const uint8_t head[6] = { 0, 0, 0, 1, 1, 16 };

	memcpy(b, head, 6);
	b[6] = (uint8_t)(what >> 8);
	b[7] = (uint8_t)what;
	memcpy(b + 8, s->cky_i, 8);
	memcpy(b + 16, s->cky_r, 8);
	return 24;
}

static void
do_clear_notify(struct script *sc, char **v, int n)
{
	uint8_t b[24];
	uint32_t type;

	if (number_find(notify_types, v[0], &type) == -1)
		fail(sc, "no notification %s", v[0]);
	clear_info(sc, P_NOTIFY, b, about_sa(&sc->cur->s, b, (uint16_t)type));
}

/* clear-delete esp|isakmp: forged */
static void
do_clear_delete(struct script *sc, char **v, int n)
{
	static const uint8_t head[8] = { 0, 0, 0, 1, 3, 4, 0, 1 };
	const struct quick *q = sc->cur->s.q;
	uint8_t b[24];
	int i;

	if (strcmp(v[0], "isakmp") == 0) {
		clear_info(sc, P_DELETE, b, about_sa(&sc->cur->s, b, 1));
		return;
	}
	if (q == NULL)
		fail(sc, "no Quick Mode");
	memcpy(b, head, 8);
	for (i = 0; i < 4; i++)
		b[8 + i] = (uint8_t)(q->spi_in >> (24 - 8 * i));
	clear_info(sc, P_DELETE, b, 12);
}

/*
 * expect-silence MS: nothing comes, readable or not, and nothing came that
 * no step has asked for; copies are not news.
 */
static void
do_expect_silence(struct script *sc, char **v, int n)
{
	struct actor *a = sc->cur;
	struct letter *l;

	actor_idle(a, (int)number(sc, v[0]));
	if ((l = TAILQ_FIRST(&a->inbox)) != NULL)
		fail(sc, "not silent: exchange %d, message id %08x",
		    l->m.h.exchange, l->m.h.msgid);
	if (a->window.came != 0)
		fail(sc, "not silent: %zu octets came", a->got.len);
	actor_window(a);
}

struct wanted {
	uint32_t type; /* 0: any error */
	int clear;
};

static int
is_notify(struct actor *a, const struct message *m, const void *arg)
{
	const struct wanted *w = arg;
	uint16_t type;
	uint32_t data;

	return info_take(m, &type, &data) == 0 && m->authentic == !w->clear &&
	    (w->type == 0 ? type < 16384 : type == w->type);
}

/* expect-notify TYPE [clear] */
static void
do_expect_notify(struct script *sc, char **v, int n)
{
	struct wanted w = { 0, n > 1 };
	struct letter *l;

	if (number_find(notify_types, v[0], &w.type) == -1)
		fail(sc, "no notification %s", v[0]);
	l = actor_await(sc->cur, is_notify, &w, sc->cur->timeout);
	if (l == NULL)
		fail(sc, "no notification %s", v[0]);
	free(l);
}

/*
 * expect-refusal MS: silence, or error notifications, no more of them and no
 * longer than what they answer.
 */
static void
do_expect_refusal(struct script *sc, char **v, int n)
{
	struct actor *a = sc->cur;
	struct letter *l;
	uint32_t data;
	uint16_t type;

	actor_idle(a, (int)number(sc, v[0]));
	while ((l = TAILQ_FIRST(&a->inbox)) != NULL) {
		if (!info_deletes(&l->m, 1) &&
		    (info_take(&l->m, &type, &data) == -1 || type >= 16384))
			fail(sc, "answered: exchange %d, message id %08x",
			    l->m.h.exchange, l->m.h.msgid);
		TAILQ_REMOVE(&a->inbox, l, entry);
		free(l);
	}
	if (a->window.unreadable > 0)
		fail(sc, "answered: %zu octets", a->got.len);
	if (a->window.came > a->window.sent)
		fail(sc, "%d datagrams in answer to %d", a->window.came,
		    a->window.sent);
	if (a->window.in > a->window.out)
		fail(sc, "%zu octets in answer to %zu", a->window.in,
		    a->window.out);
	actor_window(a);
}

/* expect-same-answer: the very datagram that came last comes again */
static void
do_expect_same(struct script *sc, char **v, int n)
{
	struct actor *a = sc->cur;
	struct datagram *last;
	int same;

	if ((last = malloc(sizeof(*last))) == NULL)
		fail(sc, "out of memory");
	*last = a->got;
	if (actor_raw(a, a->timeout) == 0)
		fail(sc, "no answer");
	same = last->len == a->got.len &&
	    memcmp(last->b, a->got.b, last->len) == 0;
	free(last);
	if (!same)
		fail(sc, "another answer than before");
}

/* max-answer PERCENT: of the octets sent, for what has come since */
static void
do_max_answer(struct script *sc, char **v, int n)
{
	struct actor *a = sc->cur;
	long percent = number(sc, v[0]);

	if (a->in_count > 1)
		fail(sc, "%d datagrams in answer to one", a->in_count);
	if (a->in_bytes * 100 > a->out_bytes * (size_t)percent)
		fail(sc, "%zu octets in answer to %zu", a->in_bytes,
		    a->out_bytes);
}

/* forget-inbox [MS]: what nobody asked for, or comes until then, is dropped */
static void
do_forget(struct script *sc, char **v, int n)
{
	struct actor *a = sc->cur;
	struct letter *l;

	if (n > 0)
		actor_idle(a, (int)number(sc, v[0]));
	while ((l = TAILQ_FIRST(&a->inbox)) != NULL) {
		TAILQ_REMOVE(&a->inbox, l, entry);
		free(l);
	}
	actor_window(a);
}

const struct command bad_commands[] = {
	{ "corrupt", 1, 4, do_corrupt },
	{ "extra", 2, 3, do_extra },
	{ "ke", 1, 1, do_ke },
	{ "signature", 1, 1, do_signature },
	{ "send-raw", 1, 1, do_send_raw },
	{ "garbage", 1, 2, do_garbage },
	{ "garbage-message", 3, 3, do_garbage_message },
	{ "random-cookies", 0, 0, do_random_cookies },
	{ "resend", 0, 0, do_resend },
	{ "save", 1, 1, do_save },
	{ "replay", 1, 1, do_replay },
	{ "notify", 1, 1, do_notify },
	{ "clear-notify", 1, 1, do_clear_notify },
	{ "clear-delete", 1, 1, do_clear_delete },
	{ "expect-silence", 1, 1, do_expect_silence },
	{ "expect-notify", 1, 2, do_expect_notify },
	{ "expect-refusal", 1, 1, do_expect_refusal },
	{ "expect-same-answer", 0, 0, do_expect_same },
	{ "max-answer", 1, 1, do_max_answer },
	{ "forget-inbox", 0, 1, do_forget },
	{ NULL, 0, 0, NULL },
};
