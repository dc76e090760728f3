/*
 * The SA payload: what a peer offers, as flat arrays for the code that
 * chooses, and the answer to it.  What breaks the syntax fails the whole
 * payload; a proposal or transform that makes no sense (no key length, an
 * unknown attribute) is kept with the reason, so that the refusal can be
 * explained.  Nothing is decided here: weak and strong look the same, except
 * that null encryption in phase 1 and ESP without authentication are never
 * valid.  Pointers point into the caller's buffer.
 */
#ifndef IKERD_IKE_OFFER_H
#define IKERD_IKE_OFFER_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/isakmp_error.h"
#include "ikerd/ike/isakmp_parse.h"

#define OFFER_MAX_PROPOSALS 64
#define OFFER_MAX_TRANSFORMS 256  /* of all proposals */
#define OFFER_MAX_PER_PROPOSAL 64 /* phase 2; phase 1 has only the above */

/* Lifetimes, clamped to 32 bits; 0: not offered. */
struct offer_life {
	uint32_t seconds;
	uint32_t kilobytes;
};

/* Phase 1 */
struct ike_transform {
	uint8_t proposal; /* number of its proposal */
	uint8_t number;
	uint16_t enc;	 /* enum ike_enc_number */
	uint16_t keylen; /* bits, 0: not given */
	uint16_t hash;	 /* enum ike_hash_number */
	uint16_t auth;	 /* enum ike_auth_number */
	uint16_t group;	 /* enum ike_group_number */
	uint16_t raw_len;
	const uint8_t *raw; /* the whole transform, generic header included */
	struct offer_life life;
	enum isakmp_error why; /* ISAKMP_OK: may be chosen */
};
struct ike_offer {
	struct ike_transform transform[OFFER_MAX_TRANSFORMS];
	size_t n;
};

/* Phase 2: ESP, AH or IPCOMP transform */
struct ipsec_transform {
	uint8_t number;
	uint8_t id;	 /* enum ipsec_esp and its like */
	uint16_t encap;	 /* enum ipsec_encap, 0: not given */
	uint16_t auth;	 /* enum ipsec_auth, 0: not given */
	uint16_t keylen; /* bits, 0: not given */
	uint16_t group;	 /* PFS, 0: none */
	uint16_t raw_len;
	const uint8_t *raw;
	struct offer_life life; /* none: IPSEC_LIFE_DEFAULT */
	enum isakmp_error why;
};
struct ipsec_proposal {
	uint8_t number;
	uint8_t protocol; /* PROTO_ESP, PROTO_AH, PROTO_IPCOMP */
	uint8_t spi_len;
	const uint8_t *spi;
	uint16_t first; /* its transforms in ipsec_offer.transform */
	uint16_t n;
	enum isakmp_error why; /* the proposal's own fault */
};
/* Proposals of one number: all of them or none (RFC 2408 4.2). */
struct ipsec_bundle {
	uint8_t number;
	uint8_t first; /* its proposals in ipsec_offer.proposal */
	uint8_t n;
	enum isakmp_error why; /* a proposal's, or no transform is usable */
};
struct ipsec_offer {
	struct ipsec_bundle bundle[OFFER_MAX_PROPOSALS];
	struct ipsec_proposal proposal[OFFER_MAX_PROPOSALS];
	struct ipsec_transform transform[OFFER_MAX_TRANSFORMS];
	size_t n_bundles;
	size_t n_proposals;
	size_t n_transforms;
	uint16_t group; /* PFS group of the whole offer, 0: none */
};

/* The body of the SA payload goes in. */
enum isakmp_error ike_offer_parse(
    const uint8_t *body, size_t len, struct ike_offer *);
enum isakmp_error ipsec_offer_parse(
    const uint8_t *body, size_t len, struct ipsec_offer *);

/* The SPI of a proposal as a number; CPIs too. */
uint32_t ipsec_proposal_spi(const struct ipsec_proposal *);
/* Does the transform's cipher authenticate by itself (GCM, CCM, GMAC)? */
int ipsec_is_aead(uint8_t id);

/*
 * Answers, whole SA payloads: the chosen transform octet by octet as it came.
 * Phase 1's has no SPI.  Phase 2's has n proposals of one number, each with
 * the SPI of ours (as many octets as choice says) and one transform.
 */
struct ipsec_choice {
	const struct ipsec_proposal *proposal;
	const struct ipsec_transform *transform;
	const uint8_t *spi;
	uint8_t spi_len;
};
void ike_offer_put_chosen(struct isakmp_buf *, const struct ike_transform *);
void ipsec_offer_put_chosen(
    struct isakmp_buf *, const struct ipsec_choice *, size_t n);

/*
 * Offers of our own, whole SA payloads: one proposal, the transforms written
 * from their fields (raw, why are not read).  Life type comes directly before
 * its duration.
 */
void ike_offer_put(struct isakmp_buf *, const struct ike_transform *, size_t n);
void ipsec_offer_put(struct isakmp_buf *, uint8_t number, uint8_t protocol,
    const uint8_t *spi, uint8_t spi_len, const struct ipsec_transform *,
    size_t n);
/* Life attributes alone, for the data of RESPONDER-LIFETIME; phase 1 or 2. */
void offer_life_put(struct isakmp_buf *, int phase, const struct offer_life *);
/* The same into a buffer of plain octets: how many, 0 when they do not fit. */
size_t offer_life_data(
    int phase, const struct offer_life *, uint8_t *buf, size_t size);
/* And back; IKE and IPsec classes differ, unknown attributes are skipped. */
enum isakmp_error offer_life_parse(
    const uint8_t *data, size_t len, int phase, struct offer_life *);

/*
 * Text for logs and "show failures": "xauth-psk aes-256 sha1 modp2048",
 * "esp aes-128 sha1 tunnel"; numbers without a name as "group 24".
 */
#define OFFER_STRLEN 128
const char *ike_transform_text(
    const struct ike_transform *, char *buf, size_t size);
const char *ipsec_transform_text(
    uint8_t protocol, const struct ipsec_transform *, char *buf, size_t size);

#endif /* IKERD_IKE_OFFER_H */
