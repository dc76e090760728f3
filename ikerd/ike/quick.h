/* Quick Mode (RFC 2409 5.5): ESP SA pairs for a session. */
#ifndef IKERD_IKE_QUICK_H
#define IKERD_IKE_QUICK_H

#include <stddef.h>
#include <stdint.h>

struct endpoint;
struct exchange;
struct ike_sa;
struct ike_socket;
struct isakmp_hdr;

void quick_init(void);
/* A Quick Mode message of an established SA; buf is the whole datagram. */
void quick_input(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);
/* The address is there: process the one that came too early. */
void quick_held(struct ike_sa *);
/* What an exchange still held of an unfinished Quick Mode goes. */
void quick_free(struct exchange *);

struct quick_counters {
	uint64_t first, third, held, refused_early, refused_late, bad_hash,
	    malformed;
	uint64_t no_proposal, bad_ident, failed, completed, ours;
};
extern struct quick_counters quick_counters;

#endif /* IKERD_IKE_QUICK_H */
