/*
 * HASH_I and HASH_R (RFC 2409 5), which end phase 1: ike compares and sends
 * them, crypto signs ours.
 */
#ifndef IKERD_ALG_KEYMAT_AUTH_H
#define IKERD_ALG_KEYMAT_AUTH_H

#include "ikerd/alg/alg.h"

/* What HASH_I and HASH_R cover; bodies as they were on the wire. */
struct keymat_auth {
	const uint8_t *skeyid; /* hash->len bytes */
	const uint8_t *gxi, *gxr;
	size_t gxlen; /* of each */
	uint8_t cky_i[8], cky_r[8];
	const uint8_t *sai; /* the initiator's SA body, both times */
	size_t sailen;
	const uint8_t *id; /* IDii for HASH_I, IDir for HASH_R */
	size_t idlen;
};

/* Into out, of hash->len bytes; 0, or -1 and zeros: OpenSSL cannot. */
int keymat_hash_i(
    const struct ike_hash *, const struct keymat_auth *, uint8_t *out);
int keymat_hash_r(
    const struct ike_hash *, const struct keymat_auth *, uint8_t *out);

#endif /* IKERD_ALG_KEYMAT_AUTH_H */
