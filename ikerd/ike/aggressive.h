/*
 * Aggressive Mode as responder (RFC 2409 5.4): the one place where a stranger
 * costs us a Diffie-Hellman computation and a record with its first message,
 * so both are bounded.
 */
#ifndef IKERD_IKE_AGGRESSIVE_H
#define IKERD_IKE_AGGRESSIVE_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/ike/phase1.h"

/* A first message; buf is the whole datagram, hdr its header. */
void aggressive_first(struct ike_socket *, const struct endpoint *peer,
    const struct isakmp_hdr *, uint8_t *buf, size_t len);
/* The third one, for an SA that waits for it. */
void aggressive_third(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);

extern struct phase1_counters aggressive_counters;

#endif /* IKERD_IKE_AGGRESSIVE_H */
