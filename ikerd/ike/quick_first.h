/*
 * Quick Mode's message 1, read and judged: which of its proposals is taken
 * and what traffic it names, or the reason why not.  Nothing is sent or
 * changed here but counters; quick.c acts on it.
 */
#ifndef IKERD_IKE_QUICK_FIRST_H
#define IKERD_IKE_QUICK_FIRST_H

#include "common/range.h"
#include "ikerd/ike/choose.h"
#include "ikerd/ike/offer.h"
#include "ikerd/ike/sa.h"

/* Pointers lead into the message that it was read from. */
struct quick_first {
	struct isakmp_msg msg;
	struct ipsec_offer offer;
	struct esp_choice choice;
	const struct isakmp_payload *ni, *ke, *idci, *idcr;
	struct range local, remote;
};

/*
 * Judge f->msg, whose HASH is right, against the session and its group: NULL,
 * with the rest of f filled in and a choice made, or the reason, which may
 * stand in text, and the notification that tells it.
 */
const char *quick_first_judge(const struct ike_sa *, struct quick_first *f,
    uint16_t *type, char *text, size_t size);

/*
 * Does the client ask for the gateway's own address, as the VPN Client 4.x
 * does?  It may, whatever networks its group may reach.
 */
int quick_first_to_us(const struct ike_sa *, const struct quick_first *);

#endif /* IKERD_IKE_QUICK_FIRST_H */
