/*
 * X.509 for phase 1: the CAs of the configuration, and what a client shows.
 * Nothing is fetched and no file is opened: what is needed comes from the
 * configuration and from the client's message, both bounded.
 */
#ifndef IKERD_IKE_CERT_H
#define IKERD_IKE_CERT_H

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

#include "ikerd/alg/sig.h"
#include "ikerd/ike/ident.h"
#include "ikerd/ike/isakmp_parse.h"

#define CERT_WHY_LEN 400

/* --- a ca of ikerd.conf: certificates that are trusted to issue, CRLs --- */

struct cert_ca;

struct cert_ca *cert_ca_new(const char *name, int legacy); /* NULL: memory */
void cert_ca_free(struct cert_ca *);			   /* NULL: allowed */
/* DER of one more; -1: it is none. */
int cert_ca_add(struct cert_ca *, const uint8_t *, size_t len);
int cert_ca_add_crl(struct cert_ca *, const uint8_t *, size_t len);
const char *cert_ca_name(const struct cert_ca *);
/* The nth of its certificates and CRLs, its own; NULL past the end. */
X509 *cert_ca_cert(const struct cert_ca *, size_t n);
X509_CRL *cert_ca_crl(const struct cert_ca *, size_t n);

/* --- what a client shows --- */

struct cert_peer {
	X509 *leaf;
	STACK_OF(X509) * others;
};

/*
 * The certificates of a message: the client's first, then at most CHAIN_MAX -
 * 1 above it, CERT_MAX octets each; encodings other than X.509's are passed
 * over.  NULL, or why there is nothing to go on with.  In every case the
 * caller calls cert_peer_free().
 */
const char *cert_peer_read(struct cert_peer *, const struct isakmp_msg *);
void cert_peer_free(struct cert_peer *);

/*
 * Does the chain lead to this ca, now?  NULL, or why not: in words, in why.
 */
const char *cert_verify(
    const struct cert_ca *, const struct cert_peer *, char why[CERT_WHY_LEN]);

/* Did the holder of the certificate's key, of this kind, sign the hash? */
int cert_signed(const struct cert_peer *, enum sign_kind, const uint8_t *hash,
    size_t hashlen, const uint8_t *sig, size_t len);

/*
 * Is the identity of the ID payload one of the certificate's: the subject, an
 * alternative name, or for KEY_ID an organizational unit (Cisco's group)?
 */
int cert_has_ident(const struct cert_peer *, const struct ident *);

#endif /* IKERD_IKE_CERT_H */
