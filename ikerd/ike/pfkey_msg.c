/*
 * PF_KEY messages as bytes: the bounded builder and the bounded reader.  Pure
 * functions over the caller's buffers; the dialects (pfkey_kame.c,
 * pfkey_obsd.c) and kernel.c call them.
 */
#include <string.h>

#include "ikerd/ike/pfkey.h"

/* --- building --- */

void
pfkey_bytes(struct pfkey_msg *m, const void *p, size_t len)
{
	if (len > sizeof(m->buf) - m->len) {
		m->bad = 1;
		return;
	}
	if (len != 0)
		memcpy(m->buf + m->len, p, len);
	m->len += len;
}

void
pfkey_u8(struct pfkey_msg *m, uint8_t v)
{
	pfkey_bytes(m, &v, sizeof(v));
}

void
pfkey_u16(struct pfkey_msg *m, uint16_t v)
{
	pfkey_bytes(m, &v, sizeof(v));
}

void
pfkey_u32(struct pfkey_msg *m, uint32_t v)
{
	pfkey_bytes(m, &v, sizeof(v));
}

void
pfkey_u64(struct pfkey_msg *m, uint64_t v)
{
	pfkey_bytes(m, &v, sizeof(v));
}

void
pfkey_be16(struct pfkey_msg *m, uint16_t v)
{
	uint8_t b[2] = { v >> 8, v & 0xff };

	pfkey_bytes(m, b, sizeof(b));
}

void
pfkey_be32(struct pfkey_msg *m, uint32_t v)
{
	uint8_t b[4] = { v >> 24, v >> 16 & 0xff, v >> 8 & 0xff, v & 0xff };

	pfkey_bytes(m, b, sizeof(b));
}

/* RFC 2367 2.1; the length is filled in by pfkey_end(). */
void
pfkey_begin(struct pfkey_msg *m, uint8_t type, uint8_t satype, uint32_t seq,
    uint32_t pid)
{
	m->len = 0;
	m->bad = 0;
	pfkey_u8(m, SADB_V2);
	pfkey_u8(m, type);
	pfkey_u8(m, 0);
	pfkey_u8(m, satype);
	pfkey_u32(m, 0);
	pfkey_u32(m, seq);
	pfkey_u32(m, pid);
}

static void
put_words(struct pfkey_msg *m, size_t at, size_t bytes)
{
	uint16_t words = bytes / 8;

	memcpy(m->buf + at, &words, sizeof(words));
}

size_t
pfkey_end(struct pfkey_msg *m)
{
	if (m->bad)
		return 0;
	put_words(m, 4, m->len);
	return m->len;
}

size_t
pfkey_open_ext(struct pfkey_msg *m, uint16_t type)
{
	size_t at = m->len;

	pfkey_u16(m, 0);
	pfkey_u16(m, type);
	return at;
}

void
pfkey_close_ext(struct pfkey_msg *m, size_t at)
{
	static const uint8_t zero[8];

	pfkey_bytes(m, zero, (8 - (m->len - at) % 8) % 8);
	if (!m->bad)
		put_words(m, at, m->len - at);
}

/* BSD's struct sockaddr_in(6), or Linux's without a length; port 0. */
void
pfkey_sockaddr(
    struct pfkey_msg *m, const struct pfkey_variant *v, const struct addr *a)
{
	static const uint8_t zero[8];
	int v6 = a->family == ADDR_IP6;

	if (a->family != ADDR_IP4 && !v6) {
		m->bad = 1;
		return;
	}
	if (v->sa_len) {
		pfkey_u8(m, v6 ? 28 : 16);
		pfkey_u8(m, v6 ? v->af_inet6 : 2);
	} else
		pfkey_u16(m, v6 ? v->af_inet6 : 2);
	pfkey_be16(m, 0);
	if (v6)
		pfkey_u32(m, 0); /* flow information */
	pfkey_bytes(m, a->b, v6 ? 16 : 4);
	pfkey_bytes(m, zero, v6 ? 4 : 8); /* scope, or padding */
}

void
pfkey_put_sa(struct pfkey_msg *m, uint32_t spi, uint8_t replay, uint8_t auth,
    uint8_t encrypt, uint32_t flags)
{
	size_t at = pfkey_open_ext(m, EXT_SA);

	pfkey_be32(m, spi);
	pfkey_u8(m, replay);
	pfkey_u8(m, SASTATE_MATURE);
	pfkey_u8(m, auth);
	pfkey_u8(m, encrypt);
	pfkey_u32(m, flags);
	pfkey_close_ext(m, at);
}

void
pfkey_put_key(
    struct pfkey_msg *m, uint16_t type, const uint8_t *key, size_t len)
{
	size_t at = pfkey_open_ext(m, type);

	if (len > PFKEY_SENDMAX) {
		m->bad = 1;
		return;
	}
	pfkey_u16(m, len * 8);
	pfkey_u16(m, 0);
	pfkey_bytes(m, key, len);
	pfkey_close_ext(m, at);
}

void
pfkey_put_lifetime(
    struct pfkey_msg *m, uint16_t type, uint64_t bytes, uint64_t addtime)
{
	size_t at = pfkey_open_ext(m, type);

	pfkey_u32(m, 0); /* allocations: no kernel counts them alike */
	pfkey_u64(m, bytes);
	pfkey_u64(m, addtime);
	pfkey_u64(m, 0);
	pfkey_close_ext(m, at);
}

void
pfkey_put_spirange(struct pfkey_msg *m, uint32_t min, uint32_t max)
{
	size_t at = pfkey_open_ext(m, EXT_SPIRANGE);

	pfkey_u32(m, min);
	pfkey_u32(m, max);
	pfkey_u32(m, 0);
	pfkey_close_ext(m, at);
}

size_t
pfkey_build(const struct pfkey_variant *v, const struct pfkey_req *req,
    struct pfkey_msg *m)
{
	const struct pfkey_form *f = &v->forms[req->op];
	size_t i;

	if (f->type == 0)
		return 0;
	pfkey_begin(m, f->type, f->satype, req->seq, req->pid);
	for (i = 0; i < PFKEY_FORM_EXTS && f->exts[i] != 0; i++)
		v->emit(m, v, req, f->exts[i]);
	return pfkey_end(m);
}

/* --- reading --- */

uint16_t
pfkey_get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

uint32_t
pfkey_get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

uint64_t
pfkey_get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

uint32_t
pfkey_getbe32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

size_t
pfkey_get_sockaddr(const struct pfkey_variant *v, const uint8_t *p, size_t len,
    struct endpoint *e)
{
	uint16_t family;
	size_t size;

	memset(e, 0, sizeof(*e));
	if (len < 16)
		return 0;
	family = v->sa_len ? p[1] : pfkey_get16(p);
	if (family == 0)
		return 16;
	size = family == 2 ? 16 : family == v->af_inet6 ? 28 : 0;
	if (size == 0 || len < size || (v->sa_len && p[0] != size))
		return 0;
	e->addr.family = family == 2 ? ADDR_IP4 : ADDR_IP6;
	memcpy(e->addr.b, p + (family == 2 ? 4 : 8), family == 2 ? 4 : 16);
	e->port = p[2] << 8 | p[3];
	return size;
}

int
pfkey_read_head(const uint8_t *p, size_t len, struct pfkey_head *h)
{
	memset(h, 0, sizeof(*h));
	if (len < 16 || p[0] != SADB_V2 || pfkey_get16(p + 4) * 8U != len)
		return -1;
	h->type = p[1];
	h->error = p[2];
	h->satype = p[3];
	h->seq = pfkey_get32(p + 8);
	h->pid = pfkey_get32(p + 12);
	return 0;
}

static int
take_sa(const struct pfkey_variant *v, uint8_t type, const uint8_t *p,
    size_t len, struct pfkey_info *i)
{
	i->spi = pfkey_getbe32(p + 4);
	i->state = p[9];
	i->auth = p[10];
	i->encrypt = p[11];
	i->flags = pfkey_get32(p + 12);
	return 0;
}

static int
take_lifetime(const struct pfkey_variant *v, uint8_t type, const uint8_t *p,
    size_t len, struct pfkey_info *i)
{
	struct pfkey_life *l = type == EXT_LIFETIME_CURRENT ? &i->current :
	    type == EXT_LIFETIME_HARD			    ? &i->hard :
							      &i->soft;

	l->allocations = pfkey_get32(p + 4);
	l->bytes = pfkey_get64(p + 8);
	l->addtime = pfkey_get64(p + 16);
	l->usetime = pfkey_get64(p + 24);
	return 0;
}

static int
take_address(const struct pfkey_variant *v, uint8_t type, const uint8_t *p,
    size_t len, struct pfkey_info *i)
{
	struct endpoint *e = type == EXT_ADDRESS_SRC ? &i->src : &i->dst;

	if (pfkey_get_sockaddr(v, p + 8, len - 8, e) == 0)
		return -1;
	if (type == EXT_ADDRESS_SRC)
		i->src_prefix = p[5];
	else
		i->dst_prefix = p[5];
	i->proto = p[4] == 255 ? 0 : p[4];
	return 0;
}

/* RFC 2367 2.3.4: as many bytes as the bits need, padded to 8. */
static int
take_key(const struct pfkey_variant *v, uint8_t type, const uint8_t *p,
    size_t len, struct pfkey_info *i)
{
	struct pfkey_key *k = type == EXT_KEY_AUTH ? &i->key_auth :
						     &i->key_encrypt;

	k->p = p + 8;
	k->len = (pfkey_get16(p + 4) + 7U) / 8;
	return (k->len + 7) / 8 * 8 == len - 8 ? 0 : -1;
}

static int
take_identity(const struct pfkey_variant *v, uint8_t type, const uint8_t *p,
    size_t len, struct pfkey_info *i)
{
	struct pfkey_ident *id = type == EXT_IDENTITY_SRC ? &i->id_src :
							    &i->id_dst;
	size_t n = len - 16;

	if (n > sizeof(id->text) - 1)
		n = sizeof(id->text) - 1;
	id->type = pfkey_get16(p + 4);
	memcpy(id->text, p + 16, n);
	id->text[n] = '\0';
	return 0;
}

static int
take_supported(const struct pfkey_variant *v, uint8_t type, const uint8_t *p,
    size_t len, struct pfkey_info *i)
{
	struct pfkey_key *k = type == EXT_SUPPORTED_AUTH ?
	    &i->supported_auth :
	    &i->supported_encrypt;

	k->p = p + 8;
	k->len = len - 8;
	return 0;
}

/* RFC 2367 2.3: the extensions that all dialects share. */
static const struct taker {
	uint16_t min; /* bytes */
	int (*take)(const struct pfkey_variant *, uint8_t, const uint8_t *,
	    size_t, struct pfkey_info *);
} takers[EXT_SPIRANGE + 1] = { [EXT_SA] = { 16, take_sa },
	[EXT_LIFETIME_CURRENT] = { 32, take_lifetime },
	[EXT_LIFETIME_HARD] = { 32, take_lifetime },
	[EXT_LIFETIME_SOFT] = { 32, take_lifetime },
	[EXT_ADDRESS_SRC] = { 24, take_address },
	[EXT_ADDRESS_DST] = { 24, take_address },
	[EXT_KEY_AUTH] = { 8, take_key },
	[EXT_KEY_ENCRYPT] = { 8, take_key },
	[EXT_IDENTITY_SRC] = { 16, take_identity },
	[EXT_IDENTITY_DST] = { 16, take_identity },
	[EXT_SUPPORTED_AUTH] = { 8, take_supported },
	[EXT_SUPPORTED_ENCRYPT] = { 8, take_supported } };

static int
take_ext(const struct pfkey_variant *v, uint16_t type, const uint8_t *p,
    size_t len, struct pfkey_info *i)
{
	if (type >= 64)
		return 0; /* unknown: skipped */
	if (PFKEY_HAVE(i, type))
		return -1;
	i->have |= (uint64_t)1 << type;
	if (type > EXT_SPIRANGE)
		return v->take(v, type, p, len, i);
	if (takers[type].take == NULL)
		return 0;
	return len < takers[type].min ? -1 :
					takers[type].take(v, type, p, len, i);
}

int
pfkey_read(const struct pfkey_variant *v, const uint8_t *buf, size_t len,
    struct pfkey_info *i)
{
	size_t at, n;

	memset(i, 0, sizeof(*i));
	if (pfkey_read_head(buf, len, &i->head) == -1)
		return -1;
	for (at = 16; at < len; at += n) {
		/* len is a multiple of 8, so 4 bytes are there */
		n = pfkey_get16(buf + at) * 8U;
		if (n < 8 || n > len - at)
			return -1;
		if (take_ext(v, pfkey_get16(buf + at + 2), buf + at, n, i) ==
		    -1)
			return -1;
	}
	return v->finish(v, i);
}
