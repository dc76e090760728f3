/* Encrypted messages with HASH(1): open, verify, and what follows from it. */
#ifndef IKERD_IKE_VERIFY_H
#define IKERD_IKE_VERIFY_H

#include "ikerd/ike/sa.h"

/*
 * Decrypt and parse a message of an exchange and check its HASH(1).  When all
 * is right the IV is committed, and the peer's new place believed where NAT-T
 * allows it to move (but for Informational messages, which may be copies).
 * ISAKMP_OK, or the reason, counted.
 */
enum isakmp_error verify_hash1(struct exchange *, enum isakmp_kind,
    struct ike_socket *, const struct endpoint *peer, const struct isakmp_hdr *,
    uint8_t *buf, size_t len, struct isakmp_msg *);

/* A verified message came from there: follow, if it may move (RFC 3947 5). */
void verify_moved(
    struct ike_sa *, struct ike_socket *, const struct endpoint *);

struct verify_counters {
	uint64_t bad_hash, moved;
};
extern struct verify_counters verify_counters;

#endif /* IKERD_IKE_VERIFY_H */
