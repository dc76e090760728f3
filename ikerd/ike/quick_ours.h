/* Quick Mode as initiator: a new SA pair in the place of one that ends. */
#ifndef IKERD_IKE_QUICK_OURS_H
#define IKERD_IKE_QUICK_OURS_H

#include <stddef.h>
#include <stdint.h>

struct endpoint;
struct exchange;
struct ike_socket;
struct isakmp_hdr;
struct tunnel;

/*
 * Begin: the same traffic, algorithms and PFS as old's.  When it fails later
 * rekey_failed() is told.  -1: not now (no SA, or too many exchanges).
 */
int quick_ours_begin(const struct tunnel *old);

/* Message 2 of such an exchange, or what is said to be it. */
void quick_ours_second(struct exchange *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);

#endif /* IKERD_IKE_QUICK_OURS_H */
