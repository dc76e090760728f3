/* Informational exchanges: deletes, dead peer detection, notifies. */
#ifndef IKERD_IKE_INFO_H
#define IKERD_IKE_INFO_H

#include <stddef.h>
#include <stdint.h>

struct endpoint;
struct ike_sa;
struct ike_socket;
struct isakmp_hdr;

/* An encrypted Informational message of an established SA. */
void info_input(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);

/*
 * Tell the client, under this SA: an ESP SA of ours is gone; this SA is gone;
 * this SA ends sooner than the client offered (RFC 2407 4.6.3.1).
 */
void info_send_delete_esp(struct ike_sa *, uint32_t spi);
void info_send_delete(struct ike_sa *);
void info_send_lifetime(struct ike_sa *);

struct info_counters {
	uint64_t messages, bad_hash, dpd_asked, dpd_acked, notifies, deletes;
};
extern struct info_counters info_counters;

#endif /* IKERD_IKE_INFO_H */
