/*
 * The prf of IKEv1 (HMAC of the phase 1 hash) and that hash itself, over a
 * list of parts.
 */
#ifndef IKERD_ALG_PRF_H
#define IKERD_ALG_PRF_H

#include "ikerd/alg/alg.h"

struct prf_part {
	const void *p;
	size_t len;
};

/*
 * prf(key, parts[0] | parts[1] | ...) into out, which has room for hash->len
 * bytes and may overlap the key but no part.  A key of no length is allowed.
 * 0, or -1 when OpenSSL cannot (the hash is missing); out is then zeroed.
 */
int prf(const struct ike_hash *, const void *key, size_t keylen,
    const struct prf_part *parts, size_t nparts, uint8_t *out);

/* The plain hash of the parts; otherwise as prf(). */
int prf_hash(const struct ike_hash *, const struct prf_part *parts,
    size_t nparts, uint8_t *out);

/*
 * K1 = prf(key, seed), Kn = prf(key, Kn-1 | seed) (without_seed: prf(key,
 * Kn-1)), out gets the first outlen bytes of K1 | K2 | ...  The expansion of
 * RFC 2409 5.5 and, without the seed, App. B.  At most PRF_PARTS parts.
 */
#define PRF_PARTS 8
int prf_expand(const struct ike_hash *, const void *key, size_t keylen,
    const struct prf_part *seed, size_t nseed, int without_seed, uint8_t *out,
    size_t outlen);

#endif /* IKERD_ALG_PRF_H */
