/*
 * Main Mode as responder (RFC 2409 5): with a key found by the peer's address
 * (5.4) or with certificates (5.1), six messages, the Diffie-Hellman
 * computation at the third, so that it is done only for who has shown to
 * receive our answers.
 */
#ifndef IKERD_IKE_MAINMODE_H
#define IKERD_IKE_MAINMODE_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/ike/phase1.h"

/* A first message; buf is the whole datagram, hdr its header. */
void main_first(struct ike_socket *, const struct endpoint *peer,
    const struct isakmp_hdr *, uint8_t *buf, size_t len);
/* The others, by the state of the SA: waits for KE, for ID, has both. */
void main_third(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);
void main_fifth(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);
void main_over(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);

extern struct phase1_counters main_counters;

#endif /* IKERD_IKE_MAINMODE_H */
