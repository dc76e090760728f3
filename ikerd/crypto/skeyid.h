/* The SKEYID family of phase 1 (RFC 2409 5). */
#ifndef IKERD_CRYPTO_SKEYID_H
#define IKERD_CRYPTO_SKEYID_H

#include "ikerd/alg/alg.h"

#define SKEYID_NONCE_MAX 256 /* bytes of a nonce, RFC 2408 3.13 */

/* What both sides have sent, and what DH made of it. */
struct skeyid_input {
	const uint8_t *ni, *nr; /* nonce bodies */
	size_t nilen, nrlen;
	const uint8_t *gxy; /* as dh_shared() gives it */
	size_t gxylen;
	uint8_t cky_i[8], cky_r[8];
};

/* Each key has len bytes, the length of the hash.  The caller zeroes it. */
struct skeyid {
	uint8_t skeyid[ALG_HASH_MAX];
	uint8_t d[ALG_HASH_MAX]; /* makes ESP keys */
	uint8_t a[ALG_HASH_MAX]; /* authenticates messages */
	uint8_t e[ALG_HASH_MAX]; /* makes the phase 1 cipher key */
	size_t len;
};

/*
 * SKEYID = prf(psk, Ni_b | Nr_b), and from it d, a and e.  0, or -1 when
 * OpenSSL cannot; out is then zeroed.
 */
int skeyid_psk(const struct ike_hash *, const void *psk, size_t psklen,
    const struct skeyid_input *, struct skeyid *out);

/*
 * SKEYID = prf(Ni_b | Nr_b, g^xy): signatures and hybrid.  Also -1 for a
 * nonce over SKEYID_NONCE_MAX bytes.
 */
int skeyid_sig(
    const struct ike_hash *, const struct skeyid_input *, struct skeyid *out);

#endif /* IKERD_CRYPTO_SKEYID_H */
