/*
 * A session's envelope: sealing messages (HASH, padding, encryption) and
 * opening those received, with the IVs of RFC 2409 appendix B kept for each
 * message id.  What the payloads mean is for exchange.c, config.c, quick.c
 * and info.c.
 */
#include <stdlib.h>
#include <string.h>

#include "session.h"

int
wrong(struct session *s, const char *why)
{
	s->why = why;
	return -1;
}

void
session_init(struct session *s, const struct settings *set)
{
	memset(s, 0, sizeof(*s));
	s->set = set;
	s->status = -1;
	s->why = "";
	rnd(s->cky_i, sizeof(s->cky_i));
}

void
session_clear(struct session *s)
{
	mangle_free(s);
	quick_free_all(s);
	renew_free(s);
	if (s->dh == &s->dh_own)
		dh_free(&s->dh_own);
	free(s->p1);
	memset(s, 0, sizeof(*s));
}

uint32_t
session_msgid(void)
{
	uint32_t id;

	do
		rnd(&id, sizeof(id));
	while (id == 0);
	return id;
}

/* Begin an encrypted message after phase 1: header and HASH to be filled. */
void
session_start(
    struct session *s, struct wire *w, uint8_t exchange, uint32_t msgid)
{
	static const uint8_t zeros[HASH_MAX];

	wire_start(w, s->cky_i, s->cky_r, exchange, FLAG_E, msgid);
	w->hash = H_REST;
	w->hash_at = w->len + 4;
	put_payload(w, P_HASH, zeros, s->k.hash == NULL ? 20 : s->k.hash->len);
}

/* The running IV of a message id; the oldest one makes room for a new one. */
static uint8_t *
iv_of(struct session *s, uint32_t msgid)
{
	struct iv_slot *slot;
	int i;

	if (msgid == 0)
		return s->k.iv;
	for (i = 0; i < IV_SLOTS; i++)
		if (s->iv[i].msgid == msgid)
			return s->iv[i].iv;
	slot = &s->iv[s->iv_next];
	s->iv_next = (s->iv_next + 1) % IV_SLOTS;
	slot->msgid = msgid;
	keys_iv(&s->k, msgid, slot->iv);
	return slot->iv;
}

/* The IV to try on a message, leaving the kept ones as they are. */
static void
iv_peek(const struct session *s, uint32_t msgid, uint8_t *iv)
{
	int i;

	if (msgid == 0) {
		memcpy(iv, s->k.iv, BLOCK_MAX);
		return;
	}
	for (i = 0; i < IV_SLOTS; i++)
		if (s->iv[i].msgid == msgid) {
			memcpy(iv, s->iv[i].iv, BLOCK_MAX);
			return;
		}
	keys_iv(&s->k, msgid, iv);
}

static const struct piece *
nonce_of(
    const struct session *s, uint8_t exchange, uint32_t msgid, struct piece *ni)
{
	const struct quick *q = quick_find(s, msgid);

	if (exchange != X_QUICK || q == NULL)
		return NULL;
	ni->p = q->ni.b;
	ni->len = q->ni.len;
	return ni;
}

static void
fill_hash(struct session *s, struct wire *w)
{
	size_t from = w->hash_at + s->k.hash->len;
	struct piece rest = { w->b + from, w->len - from };
	uint32_t msgid = get32(w->b + 20);
	struct piece ni, nr;

	if (w->hash == H_QM3) {
		ni = (struct piece){ s->q->ni.b, s->q->ni.len };
		nr = (struct piece){ s->q->nr.b, s->q->nr.len };
		keys_hash3(&s->k, msgid, &ni, &nr, w->b + w->hash_at);
	} else if (w->hash == H_QM2) {
		ni = (struct piece){ s->r->ni.b, s->r->ni.len };
		keys_hash2(&s->k, msgid, &ni, &rest, w->b + w->hash_at);
	} else
		keys_hash2(&s->k, msgid, NULL, &rest, w->b + w->hash_at);
}

static void
pad(struct session *s, struct wire *w)
{
	size_t bs = s->k.cipher->block;
	int noise = mangle_has(s, M_PADDING);
	uint8_t b;

	while ((w->len - WIRE_HDR) % bs != 0 || (noise && w->len == WIRE_HDR)) {
		b = 0;
		if (noise)
			rnd(&b, 1);
		put8(w, b);
	}
}

/*
 * Make a built message ready for the wire: its HASH, what the script wants
 * broken, its length, and encryption if the header says so.
 */
int
session_seal(struct session *s, struct wire *w)
{
	uint32_t msgid = get32(w->b + 20);
	int clear = mangle_has(s, M_CLEAR);

	mangle_plain(s, w, 0);
	if (w->hash != H_NONE && s->keyed)
		fill_hash(s, w);
	mangle_plain(s, w, 1);
	if (clear)
		w->b[19] &= (uint8_t)~FLAG_E;
	if (w->b[19] & FLAG_E) {
		if (!s->keyed)
			return wrong(s, "no keys to encrypt with");
		pad(s, w);
	}
	wire_finish(w);
	if (w->b[19] & FLAG_E &&
	    cbc(&s->k, 1, iv_of(s, msgid), w->b + WIRE_HDR,
		w->len - WIRE_HDR) == -1)
		return wrong(s, "cannot encrypt");
	mangle_sealed(s, w);
	mangle_free(s);
	return w->full ? wrong(s, "message too long") : 0;
}

static int
check_hash(struct session *s, const struct message *m, size_t used)
{
	const struct payload *h = &m->p[0];
	struct piece rest, ni, nr;
	uint8_t want[HASH_MAX];

	if (m->n < 1 || h->type != P_HASH || h->len != s->k.hash->len)
		return wrong(s, "no HASH in the first place");
	rest.p = m->b + WIRE_HDR + h->rawlen;
	rest.len = used - h->rawlen;
	if (s->r != NULL && m->h.exchange == X_QUICK &&
	    m->h.msgid == s->r->msgid && s->r->nr.len != 0) {
		ni = (struct piece){ s->r->ni.b, s->r->ni.len };
		nr = (struct piece){ s->r->nr.b, s->r->nr.len };
		keys_hash3(&s->k, m->h.msgid, &ni, &nr, want);
	} else
		keys_hash2(&s->k, m->h.msgid,
		    nonce_of(s, m->h.exchange, m->h.msgid, &ni), &rest, want);
	if (memcmp(want, h->body, h->len) != 0)
		return wrong(s, "HASH does not verify");
	return 0;
}

static int
decrypt(struct session *s, struct message *m, uint8_t *iv)
{
	if (!s->keyed)
		return wrong(s, "encrypted before there are keys");
	iv_peek(s, m->h.msgid, iv);
	if (cbc(&s->k, 0, iv, m->b + WIRE_HDR, m->len - WIRE_HDR) == -1)
		return wrong(s, "not whole cipher blocks");
	return 0;
}

/*
 * Read a datagram of this session into m: cookies, decryption, payload
 * chain, HASH.  A clear message is opened too, with m->authentic 0.  On -1
 * s->why says what is wrong with it, and no IV has moved.
 */
int
session_open(struct session *s, const uint8_t *p, size_t len, struct message *m)
{
	static const uint8_t zero[8];
	uint8_t iv[BLOCK_MAX];
	size_t used;
	int first;

	m->n = 0;
	m->authentic = 0;
	m->old = 0;
	if (len > WIRE_MAX || wire_header(p, len, &m->h) == -1)
		return wrong(s, "bad ISAKMP header");
	memcpy(m->raw, p, len);
	memcpy(m->b, p, len);
	m->raw_len = m->len = len;
	first = memcmp(s->cky_r, zero, 8) == 0;
	if (memcmp(m->h.cky_i, s->cky_i, 8) != 0 ||
	    (!first && memcmp(m->h.cky_r, s->cky_r, 8) != 0))
		return wrong(s, "cookies of another session");
	if (m->h.flags & FLAG_E && decrypt(s, m, iv) == -1)
		return -1;
	m->n = wire_chain(m->h.next, m->b + WIRE_HDR, m->len - WIRE_HDR, m->p,
	    PAYLOADS, &used);
	if (m->n == -1)
		return wrong(s, "bad payload chain");
	if (!(m->h.flags & FLAG_E))
		return used == m->len - WIRE_HDR ?
		    0 :
		    wrong(s, "octets behind the last payload");
	if (m->h.msgid != 0 && check_hash(s, m, used) == -1)
		return -1;
	memcpy(iv_of(s, m->h.msgid), iv, s->k.cipher->block);
	m->authentic = 1;
	return 0;
}
