/*
 * Writes ISAKMP messages into the caller's buffer (RFC 2408 3), bounded by
 * its size; after an overflow nothing more is written and ib_finish() says 0.
 * Called by the exchanges and by the other encoders of this directory.
 */
#include <string.h>

#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/wire.h"

#define NEXT_AT 16 /* of the header */
#define LENGTH_AT 24

/* Room for len more octets: where they go, or NULL. */
static uint8_t *
reserve(struct isakmp_buf *ib, size_t len)
{
	uint8_t *p;

	if (ib->overflow || len > ib->size - ib->len) {
		ib->overflow = 1;
		return NULL;
	}
	p = ib->p + ib->len;
	ib->len += len;
	return p;
}

void
ib_init(struct isakmp_buf *ib, uint8_t *buf, size_t size,
    const struct isakmp_hdr *hdr)
{
	uint8_t *p;

	memset(ib, 0, sizeof(*ib));
	ib->p = buf;
	ib->size = size < ISAKMP_MAX_MESSAGE ? size : ISAKMP_MAX_MESSAGE;
	ib->next_at = NEXT_AT;
	if ((p = reserve(ib, ISAKMP_HDR_LEN)) == NULL)
		return;
	isakmp_put_header(p, hdr);
	p[NEXT_AT] = PAYLOAD_NONE;
}

void
ib_put(struct isakmp_buf *ib, const void *bytes, size_t len)
{
	uint8_t *p;

	if ((p = reserve(ib, len)) != NULL && len != 0)
		memcpy(p, bytes, len);
}

void
ib_zero(struct isakmp_buf *ib, size_t len)
{
	uint8_t *p;

	if ((p = reserve(ib, len)) != NULL)
		memset(p, 0, len);
}

void
ib_u8(struct isakmp_buf *ib, uint8_t v)
{
	ib_put(ib, &v, 1);
}

void
ib_u16(struct isakmp_buf *ib, uint16_t v)
{
	uint8_t b[2];

	wire_put_u16(b, v);
	ib_put(ib, b, sizeof(b));
}

void
ib_u32(struct isakmp_buf *ib, uint32_t v)
{
	uint8_t b[4];

	wire_put_u32(b, v);
	ib_put(ib, b, sizeof(b));
}

size_t
ib_sub_begin(struct isakmp_buf *ib, uint8_t next)
{
	size_t at = ib->len;

	ib_u8(ib, next);
	ib_u8(ib, 0);
	ib_u16(ib, 0);
	return at;
}

void
ib_sub_end(struct isakmp_buf *ib, size_t at)
{
	if (ib->overflow)
		return;
	if (ib->len - at > UINT16_MAX) {
		ib->overflow = 1;
		return;
	}
	wire_put_u16(ib->p + at + 2, (uint16_t)(ib->len - at));
}

void
ib_payload_begin(struct isakmp_buf *ib, uint8_t type)
{
	size_t at = ib_sub_begin(ib, PAYLOAD_NONE);

	if (ib->overflow)
		return;
	ib->p[ib->next_at] = type;
	ib->next_at = at;
	ib->open_at = at;
}

void
ib_payload_end(struct isakmp_buf *ib)
{
	if (ib->overflow || ib->open_at == 0)
		return;
	ib_sub_end(ib, ib->open_at);
	ib->open_at = 0;
}

void
ib_payload(struct isakmp_buf *ib, uint8_t type, const void *body, size_t len)
{
	ib_payload_begin(ib, type);
	ib_put(ib, body, len);
	ib_payload_end(ib);
}

void
ib_hash(struct isakmp_buf *ib, size_t len)
{
	ib_payload_begin(ib, PAYLOAD_HASH);
	ib->hash_at = ib->len;
	ib->hash_len = len;
	ib_zero(ib, len);
	ib_payload_end(ib);
}

uint8_t *
ib_hash_body(struct isakmp_buf *ib)
{
	if (ib->overflow || ib->hash_at == 0)
		return NULL;
	return ib->p + ib->hash_at;
}

const uint8_t *
ib_after_hash(const struct isakmp_buf *ib, size_t *len)
{
	size_t at = ib->hash_at + ib->hash_len;

	*len = 0;
	if (ib->overflow || ib->hash_at == 0)
		return NULL;
	*len = (ib->end != 0 ? ib->end : ib->len) - at;
	return ib->p + at;
}

void
ib_pad(struct isakmp_buf *ib, size_t block)
{
	size_t over;

	if (ib->overflow || block == 0)
		return;
	if (ib->end == 0)
		ib->end = ib->len;
	if ((over = (ib->len - ISAKMP_HDR_LEN) % block) != 0)
		ib_zero(ib, block - over);
}

size_t
ib_finish(struct isakmp_buf *ib)
{
	if (ib->overflow)
		return 0;
	wire_put_u32(ib->p + LENGTH_AT, (uint32_t)ib->len);
	return ib->len;
}

void
ib_notify(struct isakmp_buf *ib, uint8_t protocol, uint16_t type,
    const void *spi, uint8_t spi_len, const void *data, size_t len)
{
	ib_payload_begin(ib, PAYLOAD_N);
	ib_u32(ib, DOI_IPSEC);
	ib_u8(ib, protocol);
	ib_u8(ib, spi_len);
	ib_u16(ib, type);
	ib_put(ib, spi, spi_len);
	ib_put(ib, data, len);
	ib_payload_end(ib);
}

void
ib_delete(struct isakmp_buf *ib, uint8_t protocol, uint8_t spi_len,
    const void *spis, uint16_t count)
{
	ib_payload_begin(ib, PAYLOAD_D);
	ib_u32(ib, DOI_IPSEC);
	ib_u8(ib, protocol);
	ib_u8(ib, spi_len);
	ib_u16(ib, count);
	ib_put(ib, spis, (size_t)count * spi_len);
	ib_payload_end(ib);
}

void
ib_cert(struct isakmp_buf *ib, uint8_t payload, uint8_t encoding,
    const void *data, size_t len)
{
	ib_payload_begin(ib, payload);
	ib_u8(ib, encoding);
	ib_put(ib, data, len);
	ib_payload_end(ib);
}

void
ib_fragment(struct isakmp_buf *ib, uint16_t id, uint8_t number, int last,
    const void *piece, size_t len)
{
	ib_payload_begin(ib, PAYLOAD_FRAG);
	ib_u16(ib, id);
	ib_u8(ib, number);
	ib_u8(ib, last != 0);
	ib_put(ib, piece, len);
	ib_payload_end(ib);
}
