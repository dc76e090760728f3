/*
 * Main Mode that we begin: a session's phase 1 is renewed with a peer that is
 * a gateway itself.
 */
#ifndef IKERD_IKE_MAIN_OURS_H
#define IKERD_IKE_MAIN_OURS_H

#include <stddef.h>
#include <stdint.h>

struct endpoint;
struct ike_sa;
struct ike_socket;
struct isakmp_hdr;

/*
 * Does the peer of this SA take a phase 1 of ours?  Sites with a key do,
 * and with certificates, where we have one for the same method;
 * clients do not: vpnc and iOS never answer one, and with XAUTH the roles of
 * its methods would be the other way round.
 */
int main_ours_fits(const struct ike_sa *);

/* Begin, unless it is under way.  What comes of it is noted in the session. */
void main_ours_begin(const struct ike_sa *old);

/* Messages 2, 4 and 6, by the state of the SA. */
void main_ours_second(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);
void main_ours_fourth(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);
void main_ours_sixth(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);

struct main_ours_counters {
	uint64_t begun, done, failed, ignored;
};
extern struct main_ours_counters main_ours_counters;

#endif /* IKERD_IKE_MAIN_OURS_H */
