/*
 * Signatures of IKEv1 and the keys that make them.  RSA: PKCS #1 v1.5 block
 * type 1 around the bare hash, no DigestInfo (RFC 2409 5.1).  ECDSA: r and s,
 * each as long as the curve's order, one behind the other (RFC 4754 3).
 */
#ifndef IKERD_ALG_SIG_H
#define IKERD_ALG_SIG_H

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "ikerd/alg/alg.h"

#define SIG_RSA_MIN 2048	/* bits, without the word legacy */
#define SIG_RSA_LEGACY_MIN 1024 /* and with it */
#define SIG_RSA_MAX 8192

/* "rsa", "ecdsa-256", ... */
const char *sig_kind_name(enum sign_kind);
/* The key that a method of ike_auths[] signs with; only AUTH_SIG has one. */
enum sign_kind sig_kind_of_auth(const struct ike_auth *);

/*
 * What kind of key this is: 0, or -1 when it is none that IKEv1 can sign with
 * (another curve, another algorithm, RSA over SIG_RSA_MAX bits).
 */
int sig_kind_of_key(const EVP_PKEY *, enum sign_kind *);
/* Is it RSA of fewer than so many bits? */
int sig_is_short(const EVP_PKEY *, int bits);

/*
 * Sign hash into out, which has room for SIG_MAX octets; *len gets how many
 * there are.  0, or -1: OpenSSL cannot.
 */
int sig_sign(EVP_PKEY *, enum sign_kind, const uint8_t *hash, size_t hashlen,
    uint8_t *out, size_t *len);
/*
 * 1 when sig is this key's signature of hash: the whole block is compared, and
 * the length must be the key's.  0 otherwise, whatever the reason.
 */
int sig_verify(EVP_PKEY *, enum sign_kind, const uint8_t *hash, size_t hashlen,
    const uint8_t *sig, size_t len);

#endif /* IKERD_ALG_SIG_H */
