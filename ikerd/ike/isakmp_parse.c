/*
 * Reads ISAKMP messages: header, payload chain, small payload bodies (RFC
 * 2408 3).  Bounds are checked here and nowhere else; nothing is decided,
 * nothing is kept.  Called by the exchanges on every datagram, and by the
 * fuzzer.
 */
#include <string.h>

#include "ikerd/ike/isakmp_parse.h"
#include "ikerd/ike/wire.h"

#define EXCHANGE_PHASE1 0x01 /* message id 0, responder cookie may be 0 */
#define EXCHANGE_MSGID 0x02  /* message id must not be 0 */

/* The exchanges we speak; others get ISAKMP_E_EXCHANGE. */
static const struct {
	uint8_t exchange;
	uint8_t flags;
} exchange_rules[] = {
	{ EXCHANGE_MAIN, EXCHANGE_PHASE1 },
	{ EXCHANGE_AGGRESSIVE, EXCHANGE_PHASE1 },
	{ EXCHANGE_INFORMATIONAL, 0 },
	{ EXCHANGE_TRANSACTION, EXCHANGE_MSGID },
	{ EXCHANGE_QUICK, EXCHANGE_MSGID },
};

int
isakmp_cookie_is_zero(const uint8_t cookie[ISAKMP_COOKIE_LEN])
{
	static const uint8_t zero[ISAKMP_COOKIE_LEN];

	return memcmp(cookie, zero, sizeof(zero)) == 0;
}

/* Message id and responder cookie against the exchange. */
static enum isakmp_error
check_exchange(const struct isakmp_hdr *h)
{
	int no_cky_r = isakmp_cookie_is_zero(h->cky_r);
	size_t i, n = sizeof(exchange_rules) / sizeof(*exchange_rules);
	uint8_t rules;

	for (i = 0; i < n; i++) {
		if (exchange_rules[i].exchange == h->exchange)
			break;
	}
	if (i == n)
		return ISAKMP_E_EXCHANGE;
	rules = exchange_rules[i].flags;
	/* vendors differ in what they copy into a fragment's header */
	if (h->next == PAYLOAD_FRAG)
		return ISAKMP_OK;
	if ((rules & EXCHANGE_PHASE1) && h->msgid != 0)
		return ISAKMP_E_MSGID;
	if ((rules & EXCHANGE_MSGID) && h->msgid == 0)
		return ISAKMP_E_MSGID;
	if (no_cky_r &&
	    (!(rules & EXCHANGE_PHASE1) || (h->flags & ISAKMP_FLAG_E)))
		return ISAKMP_E_COOKIE;
	if (h->flags & ISAKMP_FLAG_A)
		return ISAKMP_E_FLAGS;
	return ISAKMP_OK;
}

enum isakmp_error
isakmp_parse_header(const uint8_t *buf, size_t len, struct isakmp_hdr *h)
{
	if (len < ISAKMP_HDR_LEN)
		return ISAKMP_E_SHORT;
	memcpy(h->cky_i, buf, ISAKMP_COOKIE_LEN);
	memcpy(h->cky_r, buf + 8, ISAKMP_COOKIE_LEN);
	h->next = buf[16];
	h->version = buf[17];
	h->exchange = buf[18];
	h->flags = buf[19];
	h->msgid = wire_u32(buf + 20);
	h->length = wire_u32(buf + 24);
	if ((h->version & 0xf0) != ISAKMP_VERSION)
		return ISAKMP_E_VERSION;
	if (h->length < ISAKMP_HDR_LEN || h->length > len)
		return ISAKMP_E_LENGTH;
	if (isakmp_cookie_is_zero(h->cky_i))
		return ISAKMP_E_COOKIE;
	if (h->length == ISAKMP_HDR_LEN || h->next == PAYLOAD_NONE)
		return ISAKMP_E_EMPTY;
	return check_exchange(h);
}

void
isakmp_put_header(uint8_t buf[ISAKMP_HDR_LEN], const struct isakmp_hdr *h)
{
	memcpy(buf, h->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(buf + 8, h->cky_r, ISAKMP_COOKIE_LEN);
	buf[16] = h->next;
	buf[17] = h->version;
	buf[18] = h->exchange;
	buf[19] = h->flags;
	wire_put_u32(buf + 20, h->msgid);
	wire_put_u32(buf + 24, h->length);
}

/* One payload at p, of left octets; its size in *size. */
static enum isakmp_error
parse_payload(uint8_t type, const uint8_t *p, size_t left,
    struct isakmp_payload *out, size_t *size)
{
	size_t len;

	if (left < ISAKMP_GENERIC_LEN)
		return ISAKMP_E_PAYLOAD_OVERRUN;
	if (p[1] != 0)
		return ISAKMP_E_RESERVED;
	len = wire_u16(p + 2);
	if (len < ISAKMP_GENERIC_LEN)
		return ISAKMP_E_PAYLOAD_SHORT;
	if (len > left)
		return ISAKMP_E_PAYLOAD_OVERRUN;
	out->type = type;
	out->raw = p;
	out->body = p + ISAKMP_GENERIC_LEN;
	out->len = len - ISAKMP_GENERIC_LEN;
	*size = len;
	return ISAKMP_OK;
}

enum isakmp_error
isakmp_parse_payloads(
    uint8_t first, const uint8_t *buf, size_t len, struct isakmp_msg *m)
{
	enum isakmp_error e;
	size_t at = 0, size;
	uint8_t type = first;

	m->n = 0;
	m->after_hash = NULL;
	m->after_hash_len = 0;
	m->padding = 0;
	if (type == PAYLOAD_NONE || len == 0)
		return ISAKMP_E_EMPTY;
	while (type != PAYLOAD_NONE) {
		if (m->n == ISAKMP_MAX_PAYLOADS)
			return ISAKMP_E_PAYLOAD_COUNT;
		e = parse_payload(
		    type, buf + at, len - at, &m->payload[m->n], &size);
		if (e != ISAKMP_OK)
			return e;
		type = buf[at];
		at += size;
		m->n++;
	}
	m->padding = len - at;
	if (m->padding > ISAKMP_MAX_PADDING)
		return ISAKMP_E_PADDING;
	if (m->payload[0].type == PAYLOAD_HASH) {
		m->after_hash = m->payload[0].body + m->payload[0].len;
		m->after_hash_len = (size_t)(buf + at - m->after_hash);
	}
	return ISAKMP_OK;
}

const struct isakmp_payload *
isakmp_find(const struct isakmp_msg *m, uint8_t type, size_t nth)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (m->payload[i].type == type && nth-- == 0)
			return &m->payload[i];
	}
	return NULL;
}

size_t
isakmp_count(const struct isakmp_msg *m, uint8_t type)
{
	size_t i, n = 0;

	for (i = 0; i < m->n; i++)
		n += m->payload[i].type == type;
	return n;
}

/* N and D begin alike: DOI, protocol, SPI size. */
static enum isakmp_error
check_doi_protocol(uint32_t doi, uint8_t protocol)
{
	if (doi != DOI_IPSEC && doi != DOI_ISAKMP)
		return ISAKMP_E_DOI;
	if (protocol > PROTO_IPCOMP)
		return ISAKMP_E_PROTOCOL;
	return ISAKMP_OK;
}

enum isakmp_error
isakmp_parse_notify(const struct isakmp_payload *p, struct isakmp_notify *n)
{
	enum isakmp_error e;

	if (p->len < 8)
		return ISAKMP_E_BODY_SHORT;
	n->doi = wire_u32(p->body);
	n->protocol = p->body[4];
	n->spi_len = p->body[5];
	n->type = wire_u16(p->body + 6);
	if ((e = check_doi_protocol(n->doi, n->protocol)) != ISAKMP_OK)
		return e;
	if (n->spi_len > 2 * ISAKMP_COOKIE_LEN)
		return ISAKMP_E_SPI_SIZE;
	if (p->len < 8 + (size_t)n->spi_len)
		return ISAKMP_E_BODY_SHORT;
	n->spi = p->body + 8;
	n->data = n->spi + n->spi_len;
	n->len = p->len - 8 - n->spi_len;
	return ISAKMP_OK;
}

static int
delete_spi_size_ok(uint8_t protocol, uint8_t size)
{
	switch (protocol) {
	case PROTO_ISAKMP:
		return size == 2 * ISAKMP_COOKIE_LEN;
	case PROTO_AH:
	case PROTO_ESP:
		return size == 4;
	case PROTO_IPCOMP:
		return size == 2 || size == 4;
	}
	return 0;
}

enum isakmp_error
isakmp_parse_delete(
    const struct isakmp_payload *p, int lax, struct isakmp_delete *d)
{
	enum isakmp_error e;
	size_t want;

	if (p->len < 8)
		return ISAKMP_E_BODY_SHORT;
	d->doi = wire_u32(p->body);
	d->protocol = p->body[4];
	d->spi_len = p->body[5];
	d->count = wire_u16(p->body + 6);
	d->spis = p->body + 8;
	if ((e = check_doi_protocol(d->doi, d->protocol)) != ISAKMP_OK)
		return e;
	if (d->protocol == 0)
		return ISAKMP_E_PROTOCOL;
	if (!delete_spi_size_ok(d->protocol, d->spi_len))
		return ISAKMP_E_SPI_SIZE;
	want = 8 + (size_t)d->count * d->spi_len;
	if (d->count == 0 || p->len < want || (p->len > want && !lax))
		return ISAKMP_E_BODY_LENGTH;
	return ISAKMP_OK;
}

const uint8_t *
isakmp_delete_spi(const struct isakmp_delete *d, size_t nth)
{
	return nth < d->count ? d->spis + nth * d->spi_len : NULL;
}

enum isakmp_error
isakmp_parse_cert(const struct isakmp_payload *p, struct isakmp_cert *c)
{
	if (p->len < 1)
		return ISAKMP_E_BODY_SHORT;
	c->encoding = p->body[0];
	c->data = p->body + 1;
	c->len = p->len - 1;
	return ISAKMP_OK;
}

enum isakmp_error
isakmp_parse_fragment(const struct isakmp_payload *p, struct isakmp_fragment *f)
{
	if (p->len < 5)
		return ISAKMP_E_FRAGMENT;
	f->id = wire_u16(p->body);
	f->number = p->body[2];
	f->last = p->body[3] & 0x01;
	f->data = p->body + 4;
	f->len = p->len - 4;
	return f->number == 0 ? ISAKMP_E_FRAGMENT : ISAKMP_OK;
}

enum isakmp_error
isakmp_check_nonce(const struct isakmp_payload *p)
{
	if (p->len < ISAKMP_NONCE_MIN || p->len > ISAKMP_NONCE_MAX)
		return ISAKMP_E_NONCE;
	return ISAKMP_OK;
}
