/*
 * ISAKMP messages as bytes, for the test client: a writer for any message,
 * also wrong ones, and a strict reader.  No state, no I/O, and on purpose
 * not one line shared with the gateway's own codec.
 */
#include <string.h>

#include "wire.h"

void
putb(struct wire *w, const void *p, size_t len)
{
	if (len > WIRE_MAX - w->len) {
		w->full = 1;
		return;
	}
	if (len > 0)
		memcpy(w->b + w->len, p, len);
	w->len += len;
}

void
put8(struct wire *w, uint8_t v)
{
	putb(w, &v, 1);
}

void
put16(struct wire *w, uint16_t v)
{
	put8(w, (uint8_t)(v >> 8));
	put8(w, (uint8_t)v);
}

void
put32(struct wire *w, uint32_t v)
{
	put16(w, (uint16_t)(v >> 16));
	put16(w, (uint16_t)v);
}

/* Attribute in its short form: type with the top bit set, and the value. */
void
put_tv(struct wire *w, uint16_t type, uint16_t value)
{
	put16(w, type | 0x8000);
	put16(w, value);
}

void
put_tlv(struct wire *w, uint16_t type, const void *p, size_t len)
{
	put16(w, type);
	put16(w, (uint16_t)len);
	putb(w, p, len);
}

/* The ISAKMP header; length and first payload are filled in later. */
void
wire_start(struct wire *w, const uint8_t *cky_i, const uint8_t *cky_r,
    uint8_t exchange, uint8_t flags, uint32_t msgid)
{
	w->len = 0;
	w->depth = 0;
	w->full = 0;
	w->hash = 0;
	w->hash_at = 0;
	w->next[0] = 16;
	putb(w, cky_i, 8);
	putb(w, cky_r, 8);
	put8(w, P_NONE);
	put8(w, 0x10);
	put8(w, exchange);
	put8(w, flags);
	put32(w, msgid);
	put32(w, 0);
}

/* Open a payload inside the one that is open, or behind the last one. */
void
wire_open(struct wire *w, uint8_t type)
{
	if (w->depth == WIRE_DEPTH - 1) {
		w->full = 1;
		return;
	}
	if (w->next[w->depth] != 0)
		w->b[w->next[w->depth]] = type;
	w->next[w->depth] = w->len;
	w->start[w->depth] = w->len;
	w->depth++;
	w->next[w->depth] = 0;
	put32(w, 0);
}

void
wire_end(struct wire *w)
{
	size_t at, len;

	if (w->depth == 0)
		return;
	w->depth--;
	at = w->start[w->depth];
	len = w->len - at;
	w->b[at + 2] = (uint8_t)(len >> 8);
	w->b[at + 3] = (uint8_t)len;
}

void
put_payload(struct wire *w, uint8_t type, const void *p, size_t len)
{
	wire_open(w, type);
	putb(w, p, len);
	wire_end(w);
}

/* Write the message's length into its header. */
void
wire_finish(struct wire *w)
{
	size_t len = w->len;

	w->b[24] = (uint8_t)(len >> 24);
	w->b[25] = (uint8_t)(len >> 16);
	w->b[26] = (uint8_t)(len >> 8);
	w->b[27] = (uint8_t)len;
}

uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

int
wire_header(const uint8_t *p, size_t len, struct header *h)
{
	if (len < WIRE_HDR)
		return -1;
	memcpy(h->cky_i, p, 8);
	memcpy(h->cky_r, p + 8, 8);
	h->next = p[16];
	h->version = p[17];
	h->exchange = p[18];
	h->flags = p[19];
	h->msgid = get32(p + 20);
	h->length = get32(p + 24);
	if (h->version != 0x10 || h->length != len)
		return -1;
	return 0;
}

/*
 * Split a chain of payloads into list, at most max; *used is where the last
 * one ends (what follows is padding).  Returns how many.
 */
int
wire_chain(uint8_t first, const uint8_t *p, size_t len, struct payload *list,
    int max, size_t *used)
{
	size_t at = 0, n;
	uint8_t type = first;
	int count = 0;

	while (type != P_NONE) {
		if (count == max || len - at < 4)
			return -1;
		n = get16(p + at + 2);
		if (n < 4 || n > len - at || p[at + 1] != 0)
			return -1;
		list[count].type = type;
		list[count].raw = p + at;
		list[count].rawlen = n;
		list[count].body = p + at + 4;
		list[count].len = n - 4;
		count++;
		type = p[at];
		at += n;
	}
	*used = at;
	return count;
}

/* The nth payload (from 0) of a type, or NULL. */
const struct payload *
wire_find(const struct payload *list, int count, uint8_t type, int nth)
{
	int i;

	for (i = 0; i < count; i++)
		if (list[i].type == type && nth-- == 0)
			return &list[i];
	return NULL;
}

/* Take the next attribute off *p: 1 is one, 0 the end. */
int
wire_attr(const uint8_t **p, size_t *left, struct attr *a)
{
	size_t i;

	if (*left == 0)
		return 0;
	if (*left < 4)
		return -1;
	a->type = get16(*p) & 0x7fff;
	a->tv = (**p & 0x80) != 0;
	a->p = *p + (a->tv ? 2 : 4);
	a->len = a->tv ? 2 : get16(*p + 2);
	*left -= a->tv ? 2 : 4;
	if (a->len > *left)
		return -1;
	a->value = 0;
	for (i = 0; i < a->len && i < 4; i++)
		a->value = a->value << 8 | a->p[i];
	*left -= a->len;
	*p = a->p + a->len;
	return 1;
}
