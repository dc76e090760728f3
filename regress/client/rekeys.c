/*
 * Script commands about the life of SAs: Main and Quick Modes that the gateway
 * begins, and deletes of either side.
 */
#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

/* $spi_in and $spi_out are the pair that was made last. */
void
script_spis(struct script *sc, const struct quick *q)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", q->spi_in);
	script_set(sc, "spi_in", text);
	snprintf(text, sizeof(text), "0x%08x", q->spi_out);
	script_set(sc, "spi_out", text);
}

static uint32_t
spi(struct script *sc, const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 0);

	if (*end != '\0' || v < 256 || v > UINT32_MAX)
		fail(sc, "%s is no SPI", text);
	return (uint32_t)v;
}

static int
is_renewal(struct actor *a, const struct message *m, const void *arg)
{
	return m->h.exchange == X_QUICK && m->authentic && !m->old &&
	    (a->s.q == NULL || m->h.msgid != a->s.q->msgid) &&
	    (a->s.r == NULL || m->h.msgid != a->s.r->msgid);
}

/* expect-qm1: the gateway begins a Quick Mode */
static void
do_expect_qm1(struct script *sc, char **v, int n)
{
	struct session *s = &sc->cur->s;
	struct letter *l;
	int r;

	l = script_await(sc, is_renewal, NULL, "Quick Mode of the gateway");
	r = renew_take1(s, &l->m);
	free(l);
	if (r == -1)
		fail(sc, "Quick Mode of the gateway: %s", s->why);
}

/* send-qm2 [try]: the answer to it; try: another may still be the first */
static void
do_send_qm2(struct script *sc, char **v, int n)
{
	struct session *s = &sc->cur->s;
	struct iv_slot iv[IV_SLOTS];

	memcpy(iv, s->iv, sizeof(iv));
	send_built(sc, renew_build2(s, &sc->w));
	if (n == 1)
		memcpy(s->iv, iv, sizeof(iv));
}

static int
is_third(struct actor *a, const struct message *m, const void *arg)
{
	return m->h.exchange == X_QUICK && m->authentic && a->s.r != NULL &&
	    m->h.msgid == a->s.r->msgid;
}

/* expect-qm3: its end; the pair is the current one from then on */
static void
do_expect_qm3(struct script *sc, char **v, int n)
{
	free(script_await(sc, is_third, NULL, "Quick Mode message 3"));
	renew_done(&sc->cur->s);
	script_spis(sc, sc->cur->s.q);
	say(sc, "renewed by the gateway, SPI in %08x out %08x",
	    sc->cur->s.q->spi_in, sc->cur->s.q->spi_out);
}

/* renewed: all three */
static void
do_renewed(struct script *sc, char **v, int n)
{
	do_expect_qm1(sc, NULL, 0);
	do_send_qm2(sc, NULL, 0);
	do_expect_qm3(sc, NULL, 0);
}

/* renew-phase1: the next phase 1 is one more of the same client */
static void
do_renew_phase1(struct script *sc, char **v, int n)
{
	actor_renew(sc->cur);
	if (sc->cur->old == NULL)
		fail(sc, "out of memory");
}

/*
 * expect-mm1: the gateway begins phase 1.  Its cookie is not known before, so
 * the message is looked for among all that come.
 */
static void
do_expect_mm1(struct script *sc, char **v, int n)
{
	static const uint8_t zero[8];
	int64_t until = now_ms() + sc->cur->timeout;
	struct actor *a = sc->cur;
	struct letter *l;
	int r = -1;

	if ((l = malloc(sizeof(*l))) == NULL)
		fail(sc, "out of memory");
	while (r == -1 && now_ms() < until) {
		if (actor_raw(a, (int)(until - now_ms())) == 0 ||
		    a->got.len < WIRE_HDR || a->got.b[18] != X_MAIN ||
		    memcmp(a->got.b + 8, zero, 8) != 0)
			continue;
		memcpy(a->s.cky_i, a->got.b, 8);
		r = session_open(&a->s, a->got.b, a->got.len, &l->m);
	}
	if (r == 0)
		r = respond_take1(&a->s, &l->m);
	else
		a->s.why = "none came";
	free(l);
	if (r == -1)
		fail(sc, "Main Mode of the gateway: %s", a->s.why);
	actor_window(a);
}

static int
is_main(struct actor *a, const struct message *m, const void *arg)
{
	return m->h.exchange == X_MAIN && m->h.flags == *(const uint8_t *)arg &&
	    memcmp(m->h.cky_r, a->s.cky_r, 8) == 0;
}

static void
take_main(struct script *sc, uint8_t flags, const char *what,
    int (*take)(struct session *, const struct message *))
{
	struct session *s = &sc->cur->s;
	struct letter *l = script_await(sc, is_main, &flags, what);
	int r = take(s, &l->m);

	free(l);
	if (r == -1)
		fail(sc, "%s: %s", what, s->why);
}

static void
do_send_mm2(struct script *sc, char **v, int n)
{
	send_built(sc, respond_build2(&sc->cur->s, &sc->w));
}

static void
do_expect_mm3(struct script *sc, char **v, int n)
{
	take_main(sc, 0, "Main Mode message 3", respond_take3);
}

static void
do_send_mm4(struct script *sc, char **v, int n)
{
	send_built(sc, respond_build4(&sc->cur->s, &sc->w));
}

static void
do_expect_mm5(struct script *sc, char **v, int n)
{
	take_main(sc, FLAG_E, "Main Mode message 5", respond_take5);
}

/* send-mm6 [try]; try: another may still be the first */
static void
do_send_mm6(struct script *sc, char **v, int n)
{
	struct session *s = &sc->cur->s;
	uint8_t iv[BLOCK_MAX];

	memcpy(iv, s->k.iv, BLOCK_MAX);
	send_built(sc, respond_build6(s, &sc->w));
	if (n == 1)
		memcpy(s->k.iv, iv, BLOCK_MAX);
}

/* phase1-renewed: all six */
static void
do_phase1_renewed(struct script *sc, char **v, int n)
{
	do_expect_mm1(sc, NULL, 0);
	do_send_mm2(sc, NULL, 0);
	do_expect_mm3(sc, NULL, 0);
	do_send_mm4(sc, NULL, 0);
	do_expect_mm5(sc, NULL, 0);
	do_send_mm6(sc, NULL, 0);
	say(sc, "phase 1 renewed by the gateway");
}

/* The phase 1 SA itself, the one of before, or that one under the new one. */
static void
delete_isakmp(struct script *sc, const char *which)
{
	struct actor *a = sc->cur;

	if (which == NULL) {
		send_built(sc, info_delete_isakmp(&a->s, &a->s, &sc->w));
		return;
	}
	if (a->old == NULL)
		fail(sc, "there is no SA of before");
	if (strcmp(which, "other") == 0) {
		send_built(sc, info_delete_isakmp(&a->s, a->old, &sc->w));
		return;
	}
	if (info_delete_isakmp(a->old, a->old, &sc->w) == -1 ||
	    actor_send_old(a, &sc->w) == -1)
		fail(sc, "cannot send under the SA of before");
}

/* delete esp [SPI] | isakmp [old|other] */
static void
do_delete(struct script *sc, char **v, int n)
{
	struct session *s = &sc->cur->s;

	if (strcmp(v[0], "esp") != 0)
		delete_isakmp(sc, n == 2 ? v[1] : NULL);
	else if (n == 2)
		send_built(sc, info_delete_esp(s, &sc->w, spi(sc, v[1])));
	else if (s->q != NULL)
		send_built(sc, info_delete_esp(s, &sc->w, s->q->spi_in));
	else
		fail(sc, "no Quick Mode to delete");
}

static int
is_delete(struct actor *a, const struct message *m, const void *arg)
{
	return m->authentic && !m->old &&
	    info_deletes(m, *(const uint8_t *)arg);
}

static int
is_delete_of_old(struct actor *a, const struct message *m, const void *arg)
{
	return m->authentic && m->old && info_deletes(m, 1);
}

static int
is_delete_of(struct actor *a, const struct message *m, const void *arg)
{
	return m->authentic && info_deletes_spi(m, *(const uint32_t *)arg);
}

/* expect-delete esp [SPI] | isakmp [old]; SPI is the gateway's, $spi_out */
static void
do_expect_delete(struct script *sc, char **v, int n)
{
	uint8_t protocol = strcmp(v[0], "esp") == 0 ? 3 : 1;
	uint32_t want;

	if (n == 2 && protocol == 1) {
		free(script_await(sc, is_delete_of_old, NULL, "delete"));
	} else if (n == 2) {
		want = spi(sc, v[1]);
		free(script_await(sc, is_delete_of, &want, "delete of it"));
	} else {
		free(script_await(sc, is_delete, &protocol, "delete"));
	}
}

/* expect-no-delete SPI MS: it lives on, and is not told to be gone */
static void
do_expect_no_delete(struct script *sc, char **v, int n)
{
	uint32_t not_wanted = spi(sc, v[0]);
	struct letter *l;

	l = actor_await(
	    sc->cur, is_delete_of, &not_wanted, (int)number(sc, v[1]));
	free(l);
	if (l != NULL)
		fail(sc, "SA %s was deleted", v[0]);
}

static int
is_life(struct actor *a, const struct message *m, const void *arg)
{
	uint32_t life;

	return m->authentic && !m->old && info_lifetime(m, &life) == 0;
}

/* expect-phase1-life SECONDS: RESPONDER-LIFETIME, under the newest SA */
static void
do_expect_phase1_life(struct script *sc, char **v, int n)
{
	struct letter *l;
	uint32_t life = 0;

	l = script_await(sc, is_life, NULL, "RESPONDER-LIFETIME");
	(void)info_lifetime(&l->m, &life);
	free(l);
	if (life != (uint32_t)number(sc, v[0]))
		fail(sc, "phase 1 lives for %u s", life);
}

/* wish ADDRESS: Mode Config asks for it by value, 0.0.0.0: for any */
static void
do_wish(struct script *sc, char **v, int n)
{
	if (inet_pton(AF_INET, v[0], sc->cur->set.wish) != 1)
		fail(sc, "%s is no address", v[0]);
}

const struct command rekey_commands[] = {
	{ "wish", 1, 1, do_wish },
	{ "renew-phase1", 0, 0, do_renew_phase1 },
	{ "expect-phase1-life", 1, 1, do_expect_phase1_life },
	{ "expect-mm1", 0, 0, do_expect_mm1 },
	{ "send-mm2", 0, 0, do_send_mm2 },
	{ "expect-mm3", 0, 0, do_expect_mm3 },
	{ "send-mm4", 0, 0, do_send_mm4 },
	{ "expect-mm5", 0, 0, do_expect_mm5 },
	{ "send-mm6", 0, 1, do_send_mm6 },
	{ "phase1-renewed", 0, 0, do_phase1_renewed },
	{ "expect-qm1", 0, 0, do_expect_qm1 },
	{ "send-qm2", 0, 1, do_send_qm2 },
	{ "expect-qm3", 0, 0, do_expect_qm3 },
	{ "renewed", 0, 0, do_renewed },
	{ "delete", 1, 2, do_delete },
	{ "expect-delete", 1, 2, do_expect_delete },
	{ "expect-no-delete", 2, 2, do_expect_no_delete },
	{ NULL, 0, 0, NULL },
};
