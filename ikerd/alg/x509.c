/*
 * Questions about a certificate that OpenSSL has read.  Pure functions; called
 * by the parent and by ike.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "common/str.h"
#include "ikerd/alg/sig.h"
#include "ikerd/alg/x509.h"

#define SECURITY_BITS 112 /* of a signature: SHA-224 and longer */

const char *
x509_weak(X509 *x, int legacy)
{
	const EVP_PKEY *key = X509_get0_pubkey(x);
	int bits;

	if (key == NULL)
		return "its key cannot be read";
	if (sig_is_short(key, SIG_RSA_LEGACY_MIN))
		return "its RSA key is shorter than 1024 bits";
	if (legacy)
		return NULL;
	if (sig_is_short(key, SIG_RSA_MIN))
		return "its RSA key is shorter than 2048 bits";
	if (X509_get_extension_flags(x) & EXFLAG_SS)
		return NULL;
	if (X509_get_signature_info(x, NULL, NULL, &bits, NULL) != 1)
		return "it is signed in a way that is not known";
	return bits < SECURITY_BITS ? "it is signed over MD5 or SHA-1" : NULL;
}

uint64_t
x509_seconds(const ASN1_TIME *t)
{
	struct tm tm;
	time_t s;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return 0;
	s = timegm(&tm);
	return s > 0 ? (uint64_t)s : 0;
}

const char *
x509_date(const ASN1_TIME *t, char buf[X509_DATE_LEN])
{
	struct tm tm;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1 ||
	    strftime(buf, X509_DATE_LEN, "%Y-%m-%d", &tm) == 0)
		(void)strlcpy(buf, "a date unknown", X509_DATE_LEN);
	return buf;
}

const char *
x509_name_text(const X509_NAME *name, char *buf, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p;
	long n;

	buf[0] = '\0';
	if (bio != NULL &&
	    X509_NAME_print_ex(
		bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0 &&
	    (n = BIO_get_mem_data(bio, &p)) > 0)
		(void)str_printable(buf, size, p, (size_t)n);
	BIO_free(bio);
	ERR_clear_error();
	return buf;
}
