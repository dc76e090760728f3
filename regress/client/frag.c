/*
 * Messages in pieces: what a session sends is cut as the script says, what it
 * receives is put together; and the script commands that do it wrongly.
 * Between actor.c and the wire.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

#define PIECE_HDR 8 /* generic payload header, id, number, flags */

/* One datagram with one piece; its header is the message's, in clear. */
static int
send_piece(struct actor *a, const uint8_t *hdr, uint16_t id, int number,
    int last, const uint8_t *p, size_t len)
{
	static struct wire w;

	wire_start(&w, hdr, hdr + 8, hdr[18], 0, get32(hdr + 20));
	wire_open(&w, P_FRAG);
	put16(&w, id);
	put8(&w, (uint8_t)number);
	put8(&w, (uint8_t)last);
	putb(&w, p, len);
	wire_end(&w);
	wire_finish(&w);
	return w.full ? -1 : net_send(&a->net, w.b, w.len);
}

/* Send a message, in pieces if the script wants it so. */
int
frag_transmit(struct actor *a, const uint8_t *p, size_t len)
{
	struct frag *f = &a->frag;
	size_t at, n = f->size == 0 ? 1 : (len + f->size - 1) / f->size, i;
	size_t orders = (size_t)f->orders, k;

	if (n == 1 || len < WIRE_HDR)
		return net_send(&a->net, p, len);
	f->orders = 0;
	for (i = 0; i < (orders > 0 ? orders : n); i++) {
		k = orders > 0 ? f->order[i] : i + 1;
		if (k == 0 || k > n)
			return -1;
		at = (k - 1) * f->size;
		if (send_piece(a, p, f->id, (int)k, k == n, p + at,
			k == n ? len - at : f->size) == -1)
			return -1;
	}
	return 0;
}

static void
forget_pieces(struct frag *f)
{
	int i;

	for (i = 0; i < FRAG_MAX; i++) {
		free(f->in[i].p);
		f->in[i].p = NULL;
	}
	f->last = 0;
}

void
frag_clear(struct frag *f)
{
	forget_pieces(f);
	memset(f, 0, sizeof(*f));
}

/* Put what has come together in a->got; 1 if it is all there. */
static int
join(struct actor *a)
{
	struct frag *f = &a->frag;
	size_t at = 0;
	int i;

	for (i = 0; i < f->last; i++)
		if (f->in[i].p == NULL)
			return 0;
	for (i = 0; f->last != 0 && i < f->last; i++) {
		if (at + f->in[i].len > sizeof(a->got.b))
			return 0;
		memcpy(a->got.b + at, f->in[i].p, f->in[i].len);
		at += f->in[i].len;
	}
	if (f->last == 0)
		return 0;
	a->got.len = at;
	f->came = f->last;
	forget_pieces(f);
	return 1;
}

/*
 * Look at the datagram in a->got: 1 if it is a message, as it came or because
 * it was the last piece missing; 0 if it is a piece that was kept.
 */
int
frag_receive(struct actor *a)
{
	const uint8_t *b = a->got.b;
	struct frag *f = &a->frag;
	size_t len = a->got.len;
	int number;

	if (len < WIRE_HDR + PIECE_HDR || b[16] != P_FRAG) {
		f->came = 0;
		return 1;
	}
	number = b[WIRE_HDR + 6];
	if (number == 0 || get32(b + 24) != len || b[WIRE_HDR] != 0 ||
	    get16(b + WIRE_HDR + 2) != len - WIRE_HDR || b[19] & FLAG_E)
		return 1; /* not a proper one: for others to be seen */
	len -= WIRE_HDR + PIECE_HDR;
	free(f->in[number - 1].p);
	if ((f->in[number - 1].p = malloc(len)) == NULL)
		return 0;
	memcpy(f->in[number - 1].p, b + WIRE_HDR + PIECE_HDR, len);
	f->in[number - 1].len = len;
	if (b[WIRE_HDR + 7] & 1)
		f->last = number;
	return join(a);
}

/* fragment OCTETS [ID]: what is longer goes in pieces; 0: nothing does */
static void
do_fragment(struct script *sc, char **v, int n)
{
	sc->cur->frag.size = (size_t)number(sc, v[0]);
	sc->cur->frag.id = n > 1 ? (uint16_t)number(sc, v[1]) : 1;
}

/* pieces N ...: these of the next message, in this order */
static void
do_pieces(struct script *sc, char **v, int n)
{
	int i;

	for (i = 0; i < n; i++)
		sc->cur->frag.order[i] = (uint8_t)number(sc, v[i]);
	sc->cur->frag.orders = n;
}

/*
 * piece ID NUMBER LAST OCTETS [TIMES]: one of a message that is none, with
 * this session's cookies; with TIMES the id counts up
 */
static void
do_piece(struct script *sc, char **v, int n)
{
	struct session *s = &sc->cur->s;
	static uint8_t noise[WIRE_MAX];
	uint8_t hdr[WIRE_HDR] = { 0 };
	long id = number(sc, v[0]), len = number(sc, v[3]);
	long times = n > 4 ? number(sc, v[4]) : 1;

	if (len < 0 || len > WIRE_MAX - 100)
		fail(sc, "too long");
	memcpy(hdr, s->cky_i, 8);
	memcpy(hdr + 8, s->cky_r, 8);
	hdr[18] = X_MAIN;
	for (; times > 0; times--, id++) {
		rnd(noise, (size_t)len);
		if (send_piece(sc->cur, hdr, (uint16_t)id,
			(int)number(sc, v[1]), (int)number(sc, v[2]), noise,
			(size_t)len) == -1)
			fail(sc, "cannot send");
	}
}

/* expect-pieces N: so many made the last message that came; 0: it was whole */
static void
do_expect_pieces(struct script *sc, char **v, int n)
{
	if (sc->cur->frag.came != number(sc, v[0]))
		fail(sc, "the last message came in %d pieces",
		    sc->cur->frag.came);
}

const struct command frag_commands[] = {
	{ "fragment", 1, 2, do_fragment },
	{ "pieces", 1, ARGS_MAX, do_pieces },
	{ "piece", 4, 5, do_piece },
	{ "expect-pieces", 1, 1, do_expect_pieces },
	{ NULL, 0, 0, NULL },
};
