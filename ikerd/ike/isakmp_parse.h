/*
 * From bytes to plain structs: the ISAKMP header, the payload chain, which
 * payloads a message may hold, and the small payload bodies.  Pure functions:
 * nothing is copied or kept, pointers in the results point into the caller's
 * buffer and die with it.
 */
#ifndef IKERD_IKE_ISAKMP_PARSE_H
#define IKERD_IKE_ISAKMP_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/ike/isakmp.h"
#include "ikerd/ike/isakmp_error.h"

/* RFC 2408 3.1, host order */
struct isakmp_hdr {
	uint8_t cky_i[ISAKMP_COOKIE_LEN];
	uint8_t cky_r[ISAKMP_COOKIE_LEN];
	uint8_t next;
	uint8_t version;
	uint8_t exchange; /* enum isakmp_exchange */
	uint8_t flags;	  /* ISAKMP_FLAG_* */
	uint32_t msgid;
	uint32_t length;
};

struct isakmp_payload {
	uint8_t type;
	const uint8_t *body; /* after the generic header */
	size_t len;
	const uint8_t *raw; /* the generic header; len + 4 octets */
};

struct isakmp_msg {
	struct isakmp_hdr hdr; /* the caller's business */
	struct isakmp_payload payload[ISAKMP_MAX_PAYLOADS];
	size_t n;
	const uint8_t *after_hash; /* NULL unless the first payload is HASH */
	size_t after_hash_len;	   /* to the last payload's end, no padding */
	size_t padding;		   /* octets after the last payload */
};

/* What a message is: decides which payloads it may hold. */
enum isakmp_kind {
	KIND_MAIN_1,
	KIND_MAIN_2,
	KIND_MAIN_3,
	KIND_MAIN_4,
	KIND_MAIN_5,
	KIND_MAIN_6,
	KIND_AGGRESSIVE_1,
	KIND_AGGRESSIVE_2,
	KIND_AGGRESSIVE_3,
	KIND_QUICK_1,
	KIND_QUICK_2,
	KIND_QUICK_3,
	KIND_QUICK_4,
	KIND_TRANSACTION,
	KIND_INFORMATIONAL,
	KIND_MAX
};

/*
 * Read the header of a datagram (without the non-ESP marker) and check what
 * can be checked without state: version, exchange type, cookies, message id,
 * flags, length.  A datagram longer than hdr->length is fine: use only that
 * many octets.  hdr is filled unless ISAKMP_E_SHORT is returned.
 */
enum isakmp_error isakmp_parse_header(
    const uint8_t *buf, size_t len, struct isakmp_hdr *hdr);
void isakmp_put_header(
    uint8_t buf[ISAKMP_HDR_LEN], const struct isakmp_hdr *hdr);
int isakmp_cookie_is_zero(const uint8_t cookie[ISAKMP_COOKIE_LEN]);

/*
 * Walk the chain of payloads that begins with type first in buf (after the
 * header, deciphered).  Ends at next payload 0; up to 255 octets of padding
 * may follow.  Types nobody knows are kept in msg: isakmp_check_payloads()
 * judges them.  msg->hdr is left alone.
 */
enum isakmp_error isakmp_parse_payloads(
    uint8_t first, const uint8_t *buf, size_t len, struct isakmp_msg *msg);
/*
 * May a message of this kind hold these payloads, this often, in this order?
 * bad, when not NULL, gets the type of the payload that is too many or not
 * there.  Vendor ids and NAT-D of every draft are let through in phase 1.
 */
enum isakmp_error isakmp_check_payloads(
    const struct isakmp_msg *msg, enum isakmp_kind kind, uint8_t *bad);
const char *isakmp_kind_name(enum isakmp_kind);

/* The nth (from 0) payload of a type, or NULL; and how many there are. */
const struct isakmp_payload *isakmp_find(
    const struct isakmp_msg *, uint8_t type, size_t nth);
size_t isakmp_count(const struct isakmp_msg *, uint8_t type);

/* N, RFC 2408 3.14 */
struct isakmp_notify {
	uint32_t doi; /* DOI_IPSEC or DOI_ISAKMP */
	uint8_t protocol;
	uint8_t spi_len; /* 0..16 */
	uint16_t type;	 /* enum isakmp_notify_type or unknown */
	const uint8_t *spi;
	const uint8_t *data;
	size_t len;
};
enum isakmp_error isakmp_parse_notify(
    const struct isakmp_payload *, struct isakmp_notify *);

/* D, RFC 2408 3.15; lax: data may follow the SPIs (Delete With Reason) */
struct isakmp_delete {
	uint32_t doi; /* DOI_IPSEC, or DOI_ISAKMP from Cisco clients */
	uint8_t protocol;
	uint8_t spi_len; /* ISAKMP 16, AH and ESP 4, IPCOMP 2 or 4 */
	uint16_t count;	 /* at least 1 */
	const uint8_t *spis;
};
enum isakmp_error isakmp_parse_delete(
    const struct isakmp_payload *, int lax, struct isakmp_delete *);
/* The nth SPI (spi_len octets), NULL past the end. */
const uint8_t *isakmp_delete_spi(const struct isakmp_delete *, size_t nth);

/* CERT and CERTREQ, RFC 2408 3.9, 3.10; data may be empty */
struct isakmp_cert {
	uint8_t encoding; /* enum cert_encoding */
	const uint8_t *data;
	size_t len;
};
enum isakmp_error isakmp_parse_cert(
    const struct isakmp_payload *, struct isakmp_cert *);

/* Cisco's FRAG */
struct isakmp_fragment {
	uint16_t id;
	uint8_t number; /* from 1 */
	uint8_t last;	/* 0 or 1 */
	const uint8_t *data;
	size_t len; /* at least 1 */
};
enum isakmp_error isakmp_parse_fragment(
    const struct isakmp_payload *, struct isakmp_fragment *);

/* Length of a nonce's body; KE's length is judged by the group. */
enum isakmp_error isakmp_check_nonce(const struct isakmp_payload *);

#endif /* IKERD_IKE_ISAKMP_PARSE_H */
