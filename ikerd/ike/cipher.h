/*
 * CBC encryption of the part of an ISAKMP message after its header, in place.
 * IVs belong to the caller: decryption leaves the exchange's IV alone, so that
 * a forged message cannot break it; the new one is committed by the caller
 * once HASH is verified.
 */
#ifndef IKERD_IKE_CIPHER_H
#define IKERD_IKE_CIPHER_H

#include "ikerd/alg/alg.h"

#define CIPHER_MAX 65536 /* bytes at once: more than any datagram */

/* Bytes of zero padding that make len a multiple of the block; may be 0. */
size_t cipher_padding(const struct ike_cipher *, size_t len);

/*
 * Encrypt or decrypt len bytes at buf, a multiple of the block and not 0,
 * with key (keylen bytes) and iv (blocklen bytes).  next gets the last cipher
 * block, the IV of the message after this one; it may be iv itself, which
 * only an encrypting caller wants.  0, or -1 when len is wrong or OpenSSL
 * cannot (cipher missing); buf must then be thrown away, next is unchanged.
 */
int cipher_encrypt(const struct ike_cipher *, const uint8_t *key,
    const uint8_t *iv, uint8_t *buf, size_t len, uint8_t *next);
int cipher_decrypt(const struct ike_cipher *, const uint8_t *key,
    const uint8_t *iv, uint8_t *buf, size_t len, uint8_t *next);

#endif /* IKERD_IKE_CIPHER_H */
