/* Door of cert.c: certificates and signatures of both sides. */
#ifndef REGRESS_CLIENT_CERT_H
#define REGRESS_CLIENT_CERT_H

#include <openssl/types.h>

#include "wire.h"

#define CERTS_MAX 8
#define SIG_LEN_MAX 1024

struct bytes;
struct message;
struct session;

/* What a client holds; shared by sessions, never freed. */
struct credentials {
	X509 *chain[CERTS_MAX]; /* its own first */
	int certs;
	EVP_PKEY *key;
	X509 *trusted[CERTS_MAX]; /* who may issue the gateway's */
	int trusts;
};

/* How its signature is: right, or as it must not be. */
enum sig_kind {
	SIG_GOOD,
	SIG_FLIPPED,	 /* one bit */
	SIG_DIGESTINFO,	 /* as PKCS #1 has it elsewhere */
	SIG_LONG,	 /* a zero octet in front */
	SIG_SHORT,	 /* the last octet is missing */
	SIG_ZERO,	 /* all zeros */
	SIG_LOW_PADDING, /* the hash not at the end: forgeable with e = 3 */
	SIG_OTHER	 /* of another hash */
};

int cert_load(X509 **, int, const char *);
EVP_PKEY *cert_key(const char *);
/* The subject as an ID payload's body; -1: it does not fit. */
int cert_subject(const X509 *, struct bytes *);
/* The same of a PEM file. */
int cert_subject_id(const char *, struct bytes *);

int is_signature(unsigned int auth);
int is_hybrid(unsigned int auth);

/* CERT payloads and SIG over the hash; -1 with s->why. */
int cert_put(struct session *, struct wire *, const uint8_t *hash, size_t);
/* The gateway's CERTs and SIG, and its ID: does everything fit? */
int cert_take(
    struct session *, const struct message *, const uint8_t *hash, size_t);

#endif /* REGRESS_CLIENT_CERT_H */
