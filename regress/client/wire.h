/* Door of wire.c: ISAKMP messages as bytes (RFC 2408 section 3). */
#ifndef REGRESS_CLIENT_WIRE_H
#define REGRESS_CLIENT_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_MAX 65535
#define WIRE_HDR 28
#define WIRE_DEPTH 4 /* message, SA, proposal, transform */

enum exchange_type {
	X_BASE = 1,
	X_MAIN = 2,
	X_AGGRESSIVE = 4,
	X_INFO = 5,
	X_TRANSACTION = 6,
	X_QUICK = 32
};

enum payload_type {
	P_NONE = 0,
	P_SA = 1,
	P_PROPOSAL = 2,
	P_TRANSFORM = 3,
	P_KE = 4,
	P_ID = 5,
	P_CERT = 6,
	P_CERTREQ = 7,
	P_HASH = 8,
	P_SIG = 9,
	P_NONCE = 10,
	P_NOTIFY = 11,
	P_DELETE = 12,
	P_VENDOR = 13,
	P_ATTR = 14,
	P_NATD = 20,
	P_NATD_DRAFT = 130,
	P_FRAG = 132
};

#define FLAG_E 0x01

/* A message being written.  A payload is opened and ended; they nest. */
struct wire {
	uint8_t b[WIRE_MAX + 64];
	size_t len;
	size_t start[WIRE_DEPTH]; /* where the open payloads begin */
	size_t next[WIRE_DEPTH];  /* octet that names the next payload, or 0 */
	int depth;
	int full;	/* something did not fit */
	int hash;	/* enum hash_kind: what the HASH payload covers */
	size_t hash_at; /* where its value stands */
};

struct header {
	uint8_t cky_i[8];
	uint8_t cky_r[8];
	uint8_t next;
	uint8_t version;
	uint8_t exchange;
	uint8_t flags;
	uint32_t msgid;
	uint32_t length;
};

/* One payload of a received message: pointers into that message. */
struct payload {
	uint8_t type;
	const uint8_t *raw; /* with its generic header */
	size_t rawlen;
	const uint8_t *body;
	size_t len;
};

struct attr {
	uint16_t type;
	int tv;		/* the short form */
	uint32_t value; /* of either form; TLV of 1 to 4 octets */
	const uint8_t *p;
	size_t len;
};

/* Writing.  What does not fit sets w->full and is left out. */
void wire_start(struct wire *, const uint8_t *, const uint8_t *, uint8_t,
    uint8_t, uint32_t);
void wire_open(struct wire *, uint8_t);
void wire_end(struct wire *);
void wire_finish(struct wire *);
void put8(struct wire *, uint8_t);
void put16(struct wire *, uint16_t);
void put32(struct wire *, uint32_t);
void putb(struct wire *, const void *, size_t);
void put_tv(struct wire *, uint16_t, uint16_t);
void put_tlv(struct wire *, uint16_t, const void *, size_t);
void put_payload(struct wire *, uint8_t, const void *, size_t);

/* Reading.  All return -1 for bytes that are not well formed. */
uint16_t get16(const uint8_t *);
uint32_t get32(const uint8_t *);
int wire_header(const uint8_t *, size_t, struct header *);
int wire_chain(
    uint8_t, const uint8_t *, size_t, struct payload *, int, size_t *);
const struct payload *wire_find(const struct payload *, int, uint8_t, int);
int wire_attr(const uint8_t **, size_t *, struct attr *);

#endif /* REGRESS_CLIENT_WIRE_H */
