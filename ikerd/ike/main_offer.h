/*
 * The SA payload of a Main Mode that we begin, and its answer.
 */
#ifndef IKERD_IKE_MAIN_OFFER_H
#define IKERD_IKE_MAIN_OFFER_H

#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/isakmp_parse.h"

struct ike_auth;
struct ike_sa;

/*
 * The policies of this method, in their order, as the SA payload of message 1;
 * -1: there is none.
 */
int main_offer_put(const struct ike_auth *, struct isakmp_buf *);

/*
 * The choice of message 2: exactly one transform, which must be one that we
 * offer; its algorithms and lifetime are the SA's from now on.
 */
enum isakmp_error main_offer_take(struct ike_sa *, const struct isakmp_msg *);

#endif /* IKERD_IKE_MAIN_OFFER_H */
