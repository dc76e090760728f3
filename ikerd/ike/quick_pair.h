/*
 * What a Quick Mode keeps while it runs, whoever began it: nonces, identities,
 * the SA pair it makes and that pair's keys.  Shared by quick.c, which answers,
 * and quick_ours.c, which begins.
 */
#ifndef IKERD_IKE_QUICK_PAIR_H
#define IKERD_IKE_QUICK_PAIR_H

#include "ikerd/ike/ident.h"
#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/job.h"
#include "ikerd/ike/keymat.h"
#include "ikerd/ike/offer.h"
#include "ikerd/ike/sa.h"

#define QUICK_NONCE_LEN 20 /* ours: vpnc copies so many octets */

/* In locked memory: what message 3, or the proof of it, puts in force. */
struct quick_keys {
	uint8_t out[KEYMAT_ESP_MAX];
};

struct quick {
	struct exchange *ex;
	struct job job; /* PFS */
	const struct ike_group *pfs;
	uint64_t pair;	       /* in crypto, whose public value is out; or 0 */
	struct tunnel *tunnel; /* the session's; NULL once it is up */
	struct quick_keys *keys;
	struct offer_life told; /* our shorter life; 0: as offered */
	uint8_t ours;		/* we began it */
	uint8_t looks;		/* for a sign that the peer has its keys */
	uint8_t proposal;
	uint8_t ni_len, nr_len, transform_len, idci_len, idcr_len;
	uint16_t ke_len;
	uint8_t ni[ISAKMP_NONCE_MAX], nr[ISAKMP_NONCE_MAX];
	uint8_t transform[255], idci[IDENT_BODY_LEN], idcr[IDENT_BODY_LEN];
	uint8_t ke[]; /* the peer's, with PFS */
};

/*
 * A new one of this exchange, which quick_free() of quick.h ends; ke is the
 * peer's public value, or NULL and its length when it is to come, or 0: no
 * PFS.  NULL: no memory.
 */
struct quick *quick_new(struct exchange *, const uint8_t *ke, size_t ke_len);

/* A job's submit(), its owner this: g^xy with what the peer sent. */
void quick_submit_dh(struct job *);

/*
 * Make the keys of both directions, with the shared secret of a PFS or NULL,
 * and put the inbound SA in force.  -1: refused, logged.
 */
int quick_inbound(struct quick *, const uint8_t *shared, size_t shared_len);

/*
 * The peer has its keys: the outbound SA comes into force and the pair is the
 * session's.  The exchange is over either way; -1: the kernel refused.
 */
int quick_complete(struct quick *);

/* Decrypt message 2 or 3 and verify its HASH; accepts it, or counts. */
enum isakmp_error quick_verify(struct exchange *, enum isakmp_kind,
    const struct isakmp_hdr *, uint8_t *buf, size_t len, struct isakmp_msg *);

#endif /* IKERD_IKE_QUICK_PAIR_H */
