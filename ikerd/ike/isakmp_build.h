/*
 * From plain values to bytes: a message is written front to back into the
 * caller's buffer; lengths and the next-payload chain are patched as it
 * grows.  Overflow is sticky: write without looking, ask ib_finish() once.
 *
 *	ib_init(&ib, buf, sizeof(buf), &hdr);
 *	ib_hash(&ib, hash_len);
 *	ib_payload_begin(&ib, PAYLOAD_NONCE);
 *	ib_put(&ib, nonce, 20);
 *	ib_payload_end(&ib);
 *	prf(ib_after_hash(&ib, &n), n) -> ib_hash_body(&ib)
 *	ib_pad(&ib, block);
 *	len = ib_finish(&ib);		0: it did not fit
 */
#ifndef IKERD_IKE_ISAKMP_BUILD_H
#define IKERD_IKE_ISAKMP_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/ike/isakmp_parse.h"

struct isakmp_buf {
	uint8_t *p;
	size_t size;
	size_t len;	 /* written so far, header included */
	size_t next_at;	 /* offset of the octet that names the next payload */
	size_t open_at;	 /* offset of the open payload, 0: none */
	size_t hash_at;	 /* offset of the HASH body, 0: none */
	size_t hash_len; /* of the HASH body */
	size_t end;	 /* where payloads end and padding begins, 0: no pad */
	int overflow;	 /* sticky */
};

/* Begin with hdr (next and length are patched); at most ISAKMP_MAX_MESSAGE. */
void ib_init(struct isakmp_buf *, uint8_t *buf, size_t size,
    const struct isakmp_hdr *hdr);

void ib_put(struct isakmp_buf *, const void *bytes, size_t len);
void ib_zero(struct isakmp_buf *, size_t len);
void ib_u8(struct isakmp_buf *, uint8_t);
void ib_u16(struct isakmp_buf *, uint16_t);
void ib_u32(struct isakmp_buf *, uint32_t);

/* One payload; they do not nest. */
void ib_payload_begin(struct isakmp_buf *, uint8_t type);
void ib_payload_end(struct isakmp_buf *);
/* A whole payload with this body. */
void ib_payload(
    struct isakmp_buf *, uint8_t type, const void *body, size_t len);

/*
 * A generic header inside a payload (P and T): ib_sub_begin() says where it
 * is, ib_sub_end() patches its length.
 */
size_t ib_sub_begin(struct isakmp_buf *, uint8_t next);
void ib_sub_end(struct isakmp_buf *, size_t at);

/* A HASH payload of len zeros, to be filled in through ib_hash_body(). */
void ib_hash(struct isakmp_buf *, size_t len);
uint8_t *ib_hash_body(struct isakmp_buf *); /* NULL: none, or overflow */
/* The span that HASH covers: all payloads behind it, no padding. */
const uint8_t *ib_after_hash(const struct isakmp_buf *, size_t *len);

/* Zeros up to a multiple of the cipher's block, counted after the header. */
void ib_pad(struct isakmp_buf *, size_t block);
/* Patch the length; the message's size in octets, 0 when it did not fit. */
size_t ib_finish(struct isakmp_buf *);

/* Bodies with a layout of their own, each a whole payload. */
void ib_notify(struct isakmp_buf *, uint8_t protocol, uint16_t type,
    const void *spi, uint8_t spi_len, const void *data, size_t len);
void ib_delete(struct isakmp_buf *, uint8_t protocol, uint8_t spi_len,
    const void *spis, uint16_t count);
void ib_cert(struct isakmp_buf *, uint8_t payload, uint8_t encoding,
    const void *data, size_t len);
void ib_fragment(struct isakmp_buf *, uint16_t id, uint8_t number, int last,
    const void *piece, size_t len);

#endif /* IKERD_IKE_ISAKMP_BUILD_H */
