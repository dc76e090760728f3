/*
 * Why one offer of many was taken: a line for each, for the debug log and for
 * ikerctl monitor, when somebody reads them.  What a session keeps of it is in
 * its story.
 */
#ifndef IKERD_IKE_EXPLAIN_H
#define IKERD_IKE_EXPLAIN_H

#include "ikerd/ike/choose.h"

struct session;

/* Each transform of phase 1; chosen is one of the offer's, by this policy. */
void explain_ike(struct session *, const struct ike_offer *,
    const struct choose_want *, const struct ike_transform *chosen,
    const struct ike_policy *);

/* Each proposal of a Quick Mode, ANDed ones as one. */
void explain_esp(struct session *, const struct ipsec_offer *,
    const struct group *, int natt, const struct esp_choice *);

/*
 * The same for one: "3des sha1 modp1024 xauth: fits no ike policy".  Returns
 * buf.
 */
const char *explain_transform(const struct ike_transform *,
    const struct ikeconf *, const struct choose_want *,
    const struct ike_transform *chosen, const struct ike_policy *, char *buf,
    size_t size);
const char *explain_bundle(const struct ipsec_offer *,
    const struct ipsec_bundle *, const struct group *, int natt,
    const struct esp_choice *, char *buf, size_t size);

#endif /* IKERD_IKE_EXPLAIN_H */
