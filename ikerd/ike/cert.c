/*
 * Reads clients' certificates and judges them against the configured CAs, with
 * OpenSSL.  No state but the CAs; called by certauth.c and by certconf.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/x509_vfy.h>

#include "common/clock.h"
#include "ikerd/alg/x509.h"
#include "ikerd/alg/x509id.h"
#include "ikerd/ike/cert.h"

#define NAME_LEN 200	    /* of a subject in a reason */
#define AUTH_LEVEL 2	    /* RSA from 2048 bits, hashes from SHA-224 */
#define AUTH_LEVEL_LEGACY 0 /* the least is x509_weak()'s to tell */

struct cert_ca {
	char name[NAME_SIZE];
	int legacy;
	X509_STORE *store;
	STACK_OF(X509) * certs;
	STACK_OF(X509_CRL) * crls;
};

/* --- CAs --- */

struct cert_ca *
cert_ca_new(const char *name, int legacy)
{
	struct cert_ca *ca = calloc(1, sizeof(*ca));

	if (ca == NULL)
		return NULL;
	strlcpy(ca->name, name, sizeof(ca->name));
	ca->legacy = legacy;
	ca->store = X509_STORE_new();
	ca->certs = sk_X509_new_null();
	ca->crls = sk_X509_CRL_new_null();
	if (ca->store != NULL && ca->certs != NULL && ca->crls != NULL)
		return ca;
	cert_ca_free(ca);
	return NULL;
}

void
cert_ca_free(struct cert_ca *ca)
{
	if (ca == NULL)
		return;
	X509_STORE_free(ca->store);
	sk_X509_pop_free(ca->certs, X509_free);
	sk_X509_CRL_pop_free(ca->crls, X509_CRL_free);
	free(ca);
}

const char *
cert_ca_name(const struct cert_ca *ca)
{
	return ca->name;
}

X509 *
cert_ca_cert(const struct cert_ca *ca, size_t n)
{
	return n < (size_t)sk_X509_num(ca->certs) ?
	    sk_X509_value(ca->certs, (int)n) :
	    NULL;
}

X509_CRL *
cert_ca_crl(const struct cert_ca *ca, size_t n)
{
	return n < (size_t)sk_X509_CRL_num(ca->crls) ?
	    sk_X509_CRL_value(ca->crls, (int)n) :
	    NULL;
}

/* All octets are the certificate, or there is none. */
static X509 *
read_cert(const uint8_t *der, size_t len)
{
	const uint8_t *p = der;
	X509 *x = d2i_X509(NULL, &p, (long)len);

	if (x != NULL && p != der + len) {
		X509_free(x);
		x = NULL;
	}
	ERR_clear_error();
	return x;
}

int
cert_ca_add(struct cert_ca *ca, const uint8_t *der, size_t len)
{
	X509 *x = read_cert(der, len);
	int ok = x != NULL && X509_STORE_add_cert(ca->store, x) == 1 &&
	    sk_X509_push(ca->certs, x) > 0;

	if (!ok)
		X509_free(x);
	ERR_clear_error(); /* what is taken leaves some, too */
	return ok ? 0 : -1;
}

int
cert_ca_add_crl(struct cert_ca *ca, const uint8_t *der, size_t len)
{
	const uint8_t *p = der;
	X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)len);
	int ok = crl != NULL && p == der + len &&
	    X509_STORE_add_crl(ca->store, crl) == 1 &&
	    sk_X509_CRL_push(ca->crls, crl) > 0;

	if (!ok)
		X509_CRL_free(crl);
	ERR_clear_error();
	return ok ? 0 : -1;
}

/* --- what a client shows --- */

static const char *
no_certificate(const struct isakmp_msg *msg)
{
	const struct isakmp_payload *pl;
	struct isakmp_cert cert;
	size_t i;

	for (i = 0; (pl = isakmp_find(msg, PAYLOAD_CERT, i)) != NULL; i++) {
		if (isakmp_parse_cert(pl, &cert) == ISAKMP_OK &&
		    cert.encoding == CERT_PKCS7)
			return "it sent its certificates as PKCS #7, which is "
			       "not read";
	}
	return "it sent no X.509 certificate";
}

const char *
cert_peer_read(struct cert_peer *peer, const struct isakmp_msg *msg)
{
	const struct isakmp_payload *pl;
	struct isakmp_cert cert;
	size_t i, n = 0;
	X509 *x;

	memset(peer, 0, sizeof(*peer));
	if ((peer->others = sk_X509_new_null()) == NULL)
		return "no memory";
	for (i = 0; (pl = isakmp_find(msg, PAYLOAD_CERT, i)) != NULL; i++) {
		if (isakmp_parse_cert(pl, &cert) != ISAKMP_OK ||
		    cert.encoding != CERT_X509_SIGNATURE || cert.len == 0)
			continue;
		if (n++ == CHAIN_MAX)
			return "it sent too many certificates";
		if (cert.len > CERT_MAX)
			return "it sent a certificate that is too long";
		if ((x = read_cert(cert.data, cert.len)) == NULL)
			return "it sent a certificate that cannot be read";
		if (peer->leaf == NULL) {
			peer->leaf = x;
		} else if (sk_X509_push(peer->others, x) == 0) {
			X509_free(x);
			return "no memory";
		}
	}
	return peer->leaf == NULL ? no_certificate(msg) : NULL;
}

void
cert_peer_free(struct cert_peer *peer)
{
	X509_free(peer->leaf);
	sk_X509_pop_free(peer->others, X509_free);
	memset(peer, 0, sizeof(*peer));
}

/* What OpenSSL finds, in words for whoever asks why somebody cannot get in. */
static const struct {
	int error;
	const char *text; /* ends where a date follows */
	enum {
		NOTHING,
		AFTER, /* the date until when it held */
		BEFORE
	} date;
} reasons[] = {
	{ X509_V_ERR_CERT_HAS_EXPIRED, "has expired on", AFTER },
	{ X509_V_ERR_CERT_NOT_YET_VALID, "is not valid before", BEFORE },
	{ X509_V_ERR_CERT_REVOKED, "has been revoked", NOTHING },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "has an unknown issuer",
	    NOTHING },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "has an unknown issuer",
	    NOTHING },
	{ X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "has an unknown issuer",
	    NOTHING },
	{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
	    "is signed by itself and not configured as a ca", NOTHING },
	{ X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
	    "is signed by itself and not configured as a ca", NOTHING },
	{ X509_V_ERR_CERT_SIGNATURE_FAILURE,
	    "is not signed by the issuer that it names", NOTHING },
	{ X509_V_ERR_INVALID_CA,
	    "issued another one and is no CA's certificate", NOTHING },
	{ X509_V_ERR_CA_CERT_MISSING_KEY_USAGE,
	    "is a CA's without a key usage (legacy ca would take it)",
	    NOTHING },
	{ X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER,
	    "does not name its issuer's key (legacy ca would take it)",
	    NOTHING },
	{ X509_V_ERR_PERMITTED_VIOLATION,
	    "has a name that its issuer may not certify", NOTHING },
	{ X509_V_ERR_EXCLUDED_VIOLATION,
	    "has a name that its issuer may not certify", NOTHING },
	{ X509_V_ERR_PATH_LENGTH_EXCEEDED, "issued a longer chain than it may",
	    NOTHING },
	{ X509_V_ERR_CERT_CHAIN_TOO_LONG, "is in a chain that is too long",
	    NOTHING },
	{ X509_V_ERR_EE_KEY_TOO_SMALL,
	    "has a key that is too short (legacy ca would take it)", NOTHING },
	{ X509_V_ERR_CA_KEY_TOO_SMALL,
	    "has a key that is too short (legacy ca would take it)", NOTHING },
	{ X509_V_ERR_CA_MD_TOO_WEAK,
	    "is signed over MD5 or SHA-1 (legacy ca would take it)", NOTHING },
	{ X509_V_ERR_UNABLE_TO_GET_CRL, "has an issuer whose CRL is missing",
	    NOTHING },
	{ X509_V_ERR_CRL_HAS_EXPIRED,
	    "cannot be judged: a newer CRL of its issuer is due", NOTHING },
	{ X509_V_ERR_CRL_NOT_YET_VALID,
	    "cannot be judged: the CRL of its issuer is not valid yet",
	    NOTHING },
	{ X509_V_ERR_CRL_SIGNATURE_FAILURE,
	    "cannot be judged: its issuer did not sign the CRL", NOTHING },
};

static void
explain(X509_STORE_CTX *ctx, char *why)
{
	int error = X509_STORE_CTX_get_error(ctx);
	X509 *x = X509_STORE_CTX_get_current_cert(ctx);
	char name[NAME_LEN] = "", date[X509_DATE_LEN] = "";
	const char *text = X509_verify_cert_error_string(error);
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].error != error)
			continue;
		text = reasons[i].text;
		if (x != NULL && reasons[i].date != NOTHING)
			(void)x509_date(reasons[i].date == AFTER ?
				X509_get0_notAfter(x) :
				X509_get0_notBefore(x),
			    date);
	}
	if (x != NULL)
		(void)x509_name_text(
		    X509_get_subject_name(x), name, sizeof(name));
	(void)snprintf(why, CERT_WHY_LEN, "certificate \"%s\" %s%s%s", name,
	    text, date[0] == '\0' ? "" : " ", date);
}

/* A CRL is demanded of who issued the client's; of those above, if given. */
static int
on_error(int ok, X509_STORE_CTX *ctx)
{
	if (ok ||
	    (X509_STORE_CTX_get_error(ctx) == X509_V_ERR_UNABLE_TO_GET_CRL &&
		X509_STORE_CTX_get_error_depth(ctx) > 0)) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	return 0;
}

/* Strict (RFC 5280), at the time of our clock, with nobody else's trust. */
static void
set_rules(const struct cert_ca *ca, X509_STORE_CTX *ctx)
{
	X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(ctx);
	unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;

	if (!ca->legacy)
		flags |= X509_V_FLAG_X509_STRICT;
	if (sk_X509_CRL_num(ca->crls) > 0)
		flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
	(void)X509_VERIFY_PARAM_set_flags(rules, flags);
	X509_VERIFY_PARAM_set_depth(rules, CHAIN_MAX);
	X509_VERIFY_PARAM_set_auth_level(
	    rules, ca->legacy ? AUTH_LEVEL_LEGACY : AUTH_LEVEL);
	X509_VERIFY_PARAM_set_time(rules, (time_t)clock_sec());
	X509_STORE_CTX_set_verify_cb(ctx, on_error);
}

/* What OpenSSL does not look at. */
static const char *
check_more(const struct cert_ca *ca, X509_STORE_CTX *ctx, X509 *leaf)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	const char *why;
	int i;

	for (i = 0; i < sk_X509_num(chain); i++) {
		why = x509_weak(sk_X509_value(chain, i), ca->legacy);
		if (why != NULL)
			return why;
	}
	/* RFC 4945 5.1.3.2; all ones: there is no such extension */
	if (!(X509_get_key_usage(leaf) &
		(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
		return "its key usage does not allow signatures";
	return NULL;
}

const char *
cert_verify(const struct cert_ca *ca, const struct cert_peer *peer,
    char why[CERT_WHY_LEN])
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	const char *more = "no memory";

	why[0] = '\0';
	if (ctx != NULL &&
	    X509_STORE_CTX_init(ctx, ca->store, peer->leaf, peer->others) ==
		1) {
		set_rules(ca, ctx);
		if (X509_verify_cert(ctx) == 1 &&
		    X509_STORE_CTX_get_error(ctx) == X509_V_OK)
			more = check_more(ca, ctx, peer->leaf);
		else
			explain(ctx, why);
	}
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	if (why[0] == '\0' && more != NULL)
		(void)snprintf(why, CERT_WHY_LEN, "certificate: %s", more);
	return why[0] == '\0' ? NULL : why;
}

int
cert_signed(const struct cert_peer *peer, enum sign_kind kind,
    const uint8_t *hash, size_t hashlen, const uint8_t *sig, size_t len)
{
	EVP_PKEY *key = X509_get0_pubkey(peer->leaf);
	enum sign_kind is;

	ERR_clear_error();
	return key != NULL && sig_kind_of_key(key, &is) == 0 && is == kind &&
	    sig_verify(key, kind, hash, hashlen, sig, len);
}

/* --- identities --- */

static int
is_subject(X509 *x, const struct ident *id)
{
	const uint8_t *p = id->data;
	X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)id->len);
	int same;

	same = name != NULL && p == id->data + id->len &&
	    X509_NAME_cmp(name, X509_get_subject_name(x)) == 0;
	X509_NAME_free(name);
	ERR_clear_error();
	return same;
}

int
cert_has_ident(const struct cert_peer *peer, const struct ident *id)
{
	switch (id->type) {
	case ID_DER_ASN1_DN:
		return is_subject(peer->leaf, id);
	case ID_FQDN:
		return x509id_has_name(
		    peer->leaf, X509ID_DNS, id->data, id->len);
	case ID_USER_FQDN:
		return x509id_has_name(
		    peer->leaf, X509ID_EMAIL, id->data, id->len);
	case ID_IPV4_ADDR:
	case ID_IPV6_ADDR:
		return x509id_has_name(
		    peer->leaf, X509ID_ADDRESS, id->data, id->len);
	case ID_KEY_ID:
		return x509id_has_unit(peer->leaf, id->data, id->len);
	}
	return 0;
}
