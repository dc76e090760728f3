/*
 * A certificate of its own for each user of the load generator, as the CA
 * would issue it: gateways take one identity from one address for one user that
 * comes again.  The key is the same for all.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "issue.h"

static int
rename_to(X509 *x, const char *name)
{
	X509_NAME *subject = X509_NAME_dup(X509_get_subject_name(x));
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	int ok;

	if (at != -1)
		X509_NAME_ENTRY_free(X509_NAME_delete_entry(subject, at));
	ok = X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
		 (const unsigned char *)name, -1, -1, 0) == 1 &&
	    X509_set_subject_name(x, subject) == 1;
	X509_NAME_free(subject);
	return ok;
}

struct settings *
issue(const struct settings *from, EVP_PKEY *key, const char *name,
    uint32_t serial)
{
	struct settings *s = malloc(sizeof(*s));
	X509 *x = X509_dup(from->cred.chain[0]);

	if (s == NULL || x == NULL || !rename_to(x, name) ||
	    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial) != 1 ||
	    X509_sign(x, key, EVP_sha256()) == 0)
		errx(1, "cannot issue a certificate");
	*s = *from;
	s->cred.chain[0] = x;
	if (cert_subject(x, &s->id) == -1)
		errx(1, "%s is too long", name);
	return s;
}

void
issue_free(struct settings *s)
{
	if (s == NULL)
		return;
	X509_free(s->cred.chain[0]);
	free(s);
}
