/*
 * Breaking messages on purpose: what a script asked to be wrong in the next
 * message is applied here, to the plaintext or to the sealed datagram.
 * session.c calls it; the load generator never has anything to break.
 */
#include <stdlib.h>
#include <string.h>

#include "session.h"

int
mangle_has(const struct session *s, enum mangle_kind kind)
{
	const struct mangle *m;

	for (m = s->mangle; m != NULL; m = m->next)
		if (m->kind == kind)
			return 1;
	return 0;
}

void
mangle_free(struct session *s)
{
	struct mangle *m;

	while ((m = s->mangle) != NULL) {
		s->mangle = m->next;
		free(m);
	}
}

static void
overwrite(struct wire *w, long at, const struct bytes *v, int xor)
{
	size_t i, to = at < 0 ? w->len - (size_t)-at : (size_t)at;

	for (i = 0; i < v->len && to + i < w->len; i++)
		w->b[to + i] = xor? w->b[to + i] ^ v->b[i] : v->b[i];
}

/* Where the nth payload (from 0) of the plaintext begins, or 0. */
static size_t
payload_at(const struct wire *w, long n)
{
	size_t at = WIRE_HDR;
	uint8_t next = w->b[16];

	while (next != P_NONE && at + 4 <= w->len) {
		if (n-- == 0)
			return at;
		next = w->b[at];
		at += get16(w->b + at + 2);
	}
	return 0;
}

/* A payload more: n of them, all alike. */
static void
extra(struct wire *w, const struct mangle *m)
{
	long i;

	for (i = 0; i < m->n; i++)
		put_payload(w, (uint8_t)m->at, m->bytes.b, m->bytes.len);
}

/* HASH of no octets in place of the right one. */
static void
empty_hash(struct wire *w)
{
	size_t len = get16(w->b + WIRE_HDR + 2);

	if (w->hash == H_NONE || w->len < WIRE_HDR + len)
		return;
	memmove(w->b + WIRE_HDR + 4, w->b + WIRE_HDR + len,
	    w->len - WIRE_HDR - len);
	w->len -= len - 4;
	w->b[WIRE_HDR + 2] = 0;
	w->b[WIRE_HDR + 3] = 4;
}

/* Flip a bit of the HASH, which phase 1 has behind other payloads too. */
static void
bad_hash(struct wire *w)
{
	size_t at = WIRE_HDR;
	uint8_t next = w->b[16];

	while (next != P_NONE && at + 4 < w->len) {
		if (next == P_HASH)
			w->b[at + 4] ^= 1;
		next = w->b[at];
		at += get16(w->b + at + 2);
	}
}

/* Apply to the plaintext what comes before HASH is filled in, or after. */
void
mangle_plain(struct session *s, struct wire *w, int after)
{
	const struct mangle *m;
	size_t at;

	for (m = s->mangle; m != NULL; m = m->next) {
		if (after && m->kind == M_HASH)
			bad_hash(w);
		else if (after && m->kind == M_NO_HASH)
			empty_hash(w);
		else if (!after && m->kind == M_INNER)
			overwrite(w, m->at, &m->bytes, 0);
		else if (!after && m->kind == M_EXTRA)
			extra(w, m);
		else if (!after && m->kind == M_FIELD &&
		    (at = payload_at(w, m->n)) != 0)
			overwrite(w, (long)at + m->at, &m->bytes, 0);
	}
}

static void
add_length(struct wire *w, long n)
{
	uint32_t len = get32(w->b + 24) + (uint32_t)n;
	struct bytes b = { .len = 4 };

	b.b[0] = (uint8_t)(len >> 24);
	b.b[1] = (uint8_t)(len >> 16);
	b.b[2] = (uint8_t)(len >> 8);
	b.b[3] = (uint8_t)len;
	overwrite(w, 24, &b, 0);
}

/* Leave only so many octets; m->at: and let the header say so. */
static void
cut(struct wire *w, const struct mangle *m)
{
	if (m->n < 0 || (size_t)m->n >= w->len)
		return;
	w->len = (size_t)m->n;
	if (m->at && w->len >= WIRE_HDR)
		wire_finish(w);
}

/* Apply the rest to the datagram as it would have left. */
void
mangle_sealed(struct session *s, struct wire *w)
{
	static const struct bytes bit = { .b = { 1 }, .len = 1 };
	const struct mangle *m;

	for (m = s->mangle; m != NULL; m = m->next) {
		if (m->kind == M_OUTER || m->kind == M_OUTER_XOR)
			overwrite(w, m->at, &m->bytes, m->kind == M_OUTER_XOR);
		else if (m->kind == M_CIPHERTEXT)
			overwrite(w, -1, &bit, 1);
		else if (m->kind == M_LENGTH)
			add_length(w, m->n);
		else if (m->kind == M_CUT)
			cut(w, m);
		else if (m->kind == M_APPEND)
			putb(w, m->bytes.b, m->bytes.len);
	}
}
