/*
 * Is the client still there?  Dead peer detection (RFC 3706), idle and
 * session timeouts, and our NAT keepalives.
 */
#ifndef IKERD_IKE_LIVENESS_H
#define IKERD_IKE_LIVENESS_H

#include <stdint.h>

struct session;

void liveness_start(struct session *); /* it is up */
void liveness_sign(struct session *);  /* a verified message came */
/* Is this the number of our R-U-THERE that waits for its ACK? */
int liveness_waits_for(const struct session *, uint32_t seq);
/* Has one of our R-U-THEREs had this number? */
int liveness_asked(const struct session *, uint32_t seq);

#endif /* IKERD_IKE_LIVENESS_H */
