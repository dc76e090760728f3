/*
 * What is made from the SKEYID family: the phase 1 cipher key and IVs, the
 * hashes that authenticate messages, and ESP's keys (RFC 2409 5 and App. B).
 * Message ids and SPIs are in host order here and go onto the wire big end
 * first.  Every function returns 0, or -1 when OpenSSL cannot; out is then
 * zeroed.  An out buffer for a hash has room for hash->len bytes.
 */
#ifndef IKERD_IKE_KEYMAT_H
#define IKERD_IKE_KEYMAT_H

#include "ikerd/alg/alg.h"
#include "ikerd/alg/keymat_auth.h"

/*
 * The phase 1 cipher key, cipher->keylen bytes, from SKEYID_e of hash->len
 * bytes.  Also -1 when DES would get a weak or semi-weak key (2^-52).
 */
int keymat_cipher_key(const struct ike_hash *, const struct ike_cipher *,
    const uint8_t *skeyid_e, uint8_t *out);

/* The IV of phase 1: hash(g^xi | g^xr), the KE bodies; blocklen bytes. */
int keymat_iv1(const struct ike_hash *, const struct ike_cipher *,
    const uint8_t *gxi, const uint8_t *gxr, size_t gxlen, uint8_t *iv);

/*
 * The first IV of an exchange with a message id: hash(last cipher block of
 * phase 1 | M-ID).  lastblock and iv have blocklen bytes.
 */
int keymat_iv2(const struct ike_hash *, const struct ike_cipher *,
    const uint8_t *lastblock, uint32_t mid, uint8_t *iv);

/*
 * HASH(1) = prf(SKEYID_a, M-ID | rest): Quick Mode message 1 (and 4),
 * Informational, Transaction.  rest is all payloads after HASH, no padding.
 */
int keymat_hash1(const struct ike_hash *, const uint8_t *skeyid_a, uint32_t mid,
    const uint8_t *rest, size_t restlen, uint8_t *out);
/* HASH(2) = prf(SKEYID_a, M-ID | Ni_b | rest) */
int keymat_hash2(const struct ike_hash *, const uint8_t *skeyid_a, uint32_t mid,
    const uint8_t *ni, size_t nilen, const uint8_t *rest, size_t restlen,
    uint8_t *out);
/* HASH(3) = prf(SKEYID_a, 0x00 | M-ID | Ni_b | Nr_b) */
int keymat_hash3(const struct ike_hash *, const uint8_t *skeyid_a, uint32_t mid,
    const uint8_t *ni, size_t nilen, const uint8_t *nr, size_t nrlen,
    uint8_t *out);

/* Is the received hash ours?  Constant time; 1 or 0. */
int keymat_hash_equal(const struct ike_hash *, const uint8_t *ours,
    const uint8_t *theirs, size_t theirlen);

/* What one ESP SA's keys are made from. */
struct keymat_esp {
	const uint8_t *skeyid_d; /* hash->len bytes */
	const uint8_t *gxy;	 /* of this Quick Mode; NULL: no PFS */
	size_t gxylen;
	uint8_t protocol;	/* 3 for ESP */
	uint32_t spi;		/* chosen by the receiver of this direction */
	const uint8_t *ni, *nr; /* nonce bodies of this Quick Mode */
	size_t nilen, nrlen;
};

#define KEYMAT_ESP_MAX 128

/* Bytes that an SA needs: key, salt, authentication key; auth may be NULL. */
size_t keymat_esp_len(const struct esp_cipher *, const struct esp_auth *);
/*
 * KEYMAT: outlen bytes, in the order key, salt, authentication key; also -1
 * when outlen is over KEYMAT_ESP_MAX.
 */
int keymat_esp(const struct ike_hash *, const struct keymat_esp *, uint8_t *out,
    size_t outlen);

#endif /* IKERD_IKE_KEYMAT_H */
