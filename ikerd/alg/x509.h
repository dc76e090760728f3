/*
 * What the parent (at load) and ike (from clients) both ask of a certificate:
 * is it strong enough, from when until when does it hold, whose is it.
 */
#ifndef IKERD_ALG_X509_H
#define IKERD_ALG_X509_H

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

#define X509_DATE_LEN 24

/*
 * NULL, or in words what is too weak: a key that is short, a signature over
 * MD5 or SHA-1 (of one that is not signed by itself).  With legacy only RSA
 * under SIG_RSA_LEGACY_MIN bits is.
 */
const char *x509_weak(X509 *, int legacy);

/* Seconds since the epoch; 0 when it is no time, or before that. */
uint64_t x509_seconds(const ASN1_TIME *);
/* "2026-11-28", in UTC. */
const char *x509_date(const ASN1_TIME *, char buf[X509_DATE_LEN]);
/* "CN=gateway,O=Company" as RFC 2253 has it, printable, cut to fit. */
const char *x509_name_text(const X509_NAME *, char *buf, size_t size);

#endif /* IKERD_ALG_X509_H */
