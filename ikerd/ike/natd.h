/* NAT detection: NAT-D payloads made and compared (RFC 3947 3.2). */
#ifndef IKERD_IKE_NATD_H
#define IKERD_IKE_NATD_H

#include <stdint.h>

#include "common/addr.h"
#include "ikerd/ike/isakmp_build.h"

struct ike_sa;

/* The best NAT-T variant that the peer announced: sets sa->natt. */
void natd_choose(struct ike_sa *);
/* The vendor id that answers it; 0 when there is none to answer. */
int natd_vendor(const struct ike_sa *);
/* Our two payloads, the peer's end first. */
void natd_put(const struct ike_sa *, struct isakmp_buf *);
/*
 * Compare the peer's payloads with what we see, for message sent from peer to
 * local; ports of before or after the float both count, as clients differ.
 * Sets sa->nat_peer and sa->nat_us.
 */
void natd_compare(struct ike_sa *, const struct isakmp_msg *,
    const struct endpoint *local, const struct endpoint *peer);

#endif /* IKERD_IKE_NATD_H */
