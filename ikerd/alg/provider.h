/*
 * OpenSSL's algorithms, fetched once.  alg_init() is called at start-up before
 * the process is confined; nothing in ikerd/alg, ikerd/crypto or ike/cipher.c
 * opens a file after it.
 */
#ifndef IKERD_ALG_PROVIDER_H
#define IKERD_ALG_PROVIDER_H

#include <openssl/types.h>

#include "ikerd/alg/alg.h"

/*
 * Load the default provider and, when legacy is set, the legacy one (a file of
 * its own: single DES), fetch every cipher, hash and MAC, make the DH
 * parameters, seed OpenSSL's generator.  A single algorithm that OpenSSL
 * lacks (MD5 under FIPS) is only missing later, alg_has_...() tells; returns
 * -1, logged, when a provider or the generator itself is not there.  It may
 * be called again, with legacy too, but not once files are out of reach.
 * Confined, OpenSSL still asks getrandom(2) now and then (and getpid, futex).
 */
int alg_init(int legacy);

/* Can this row be used?  For the parent's check at load. */
int alg_has_cipher(const struct ike_cipher *);
int alg_has_hash(const struct ike_hash *);
int alg_has_group(const struct ike_group *);

/* For prf.c and cipher.c: what was fetched; NULL when it is missing. */
const EVP_CIPHER *provider_cipher(const struct ike_cipher *);
const EVP_MD *provider_hash(const struct ike_hash *);
EVP_MAC *provider_hmac(void);

#endif /* IKERD_ALG_PROVIDER_H */
