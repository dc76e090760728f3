/*
 * Makes certificates and CRLs as a test wants them: a root, a middle one, a
 * leaf, each with what is said of it changed.  All keys are made here; times
 * are from a day in January of 2027.
 */
#ifndef REGRESS_UNIT_IKE_CERTS_H
#define REGRESS_UNIT_IKE_CERTS_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "regress/unit/test.h"

#define NOW 1800000000L /* 2027-01-15 08:00:00 */
#define DAY 86400L

enum {
	KEY_ROOT,
	KEY_MIDDLE,
	KEY_LEAF,
	KEY_OTHER,
	EC_KEYS
};

/* Keys on P-256, made when first asked for. */
static inline EVP_PKEY *
ec_key(int which)
{
	static EVP_PKEY *keys[EC_KEYS];

	if (keys[which] == NULL)
		keys[which] = EVP_EC_gen("P-256");
	return keys[which];
}

/* A certificate, or what of it is not as usual. */
struct spec {
	const char *name; /* CN */
	X509 *issuer;	  /* NULL: itself */
	EVP_PKEY *key, *by;
	const char *basic, *usage, *alt, *extended, *constraints;
	const EVP_MD *md; /* NULL: SHA-256, or none for Ed25519 */
	long from, to;	  /* from now; both 0: a day ago to 30 days from now */
	int bare;	  /* no extensions at all */
	int no_keyids;
};

static inline void
add(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	if (value == NULL)
		return;
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	CHECK(e != NULL && X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
}

static inline void
set_name(X509_NAME *name, const char *cn)
{
	static const char *const parts[] = { "O", "OU" };
	static const char *const values[] = { "Test", "staff" };
	size_t i;

	for (i = 0; i < 2; i++)
		(void)X509_NAME_add_entry_by_txt(name, parts[i], MBSTRING_UTF8,
		    (const unsigned char *)values[i], -1, -1, 0);
	CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		  (const unsigned char *)cn, -1, -1, 0) == 1);
}

static inline void
extend(X509 *x, X509 *issuer, const struct spec *s)
{
	if (s->bare)
		return;
	add(x, issuer, NID_basic_constraints, s->basic);
	add(x, issuer, NID_key_usage, s->usage);
	add(x, issuer, NID_ext_key_usage, s->extended);
	add(x, issuer, NID_subject_alt_name, s->alt);
	add(x, issuer, NID_name_constraints, s->constraints);
	if (s->no_keyids)
		return;
	add(x, issuer, NID_subject_key_identifier, "hash");
	if (issuer != x)
		add(x, issuer, NID_authority_key_identifier, "keyid");
}

static inline X509 *
make(struct spec s)
{
	static long serial = 100;
	X509 *x = X509_new(), *issuer = s.issuer != NULL ? s.issuer : x;

	if (s.from == 0 && s.to == 0) {
		s.from = -DAY;
		s.to = 30 * DAY;
	}
	CHECK(X509_set_version(x, X509_VERSION_3) == 1);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
	set_name(X509_get_subject_name(x), s.name);
	X509_set_issuer_name(x, X509_get_subject_name(issuer));
	ASN1_TIME_set(X509_getm_notBefore(x), NOW + s.from);
	ASN1_TIME_set(X509_getm_notAfter(x), NOW + s.to);
	CHECK(X509_set_pubkey(x, s.key) == 1);
	extend(x, issuer, &s);
	CHECK(X509_sign(x, s.by, s.md != NULL ? s.md : EVP_sha256()) > 0);
	return x;
}

#define CA_BASIC "critical,CA:TRUE"
#define CA_USAGE "critical,keyCertSign,cRLSign"

static inline struct spec
a_root(void)
{
	return (struct spec){ .name = "root",
		.key = ec_key(KEY_ROOT),
		.by = ec_key(KEY_ROOT),
		.basic = CA_BASIC,
		.usage = CA_USAGE };
}

static inline X509 *
root(void)
{
	static X509 *x;

	if (x == NULL)
		x = make(a_root());
	return x;
}

static inline struct spec
a_middle(void)
{
	struct spec s = a_root();

	s.name = "middle";
	s.issuer = root();
	s.key = ec_key(KEY_MIDDLE);
	return s;
}

/* Of the root; under_middle: of the middle. */
static inline struct spec
a_leaf(void)
{
	return (struct spec){
		.name = "leaf",
		.issuer = root(),
		.key = ec_key(KEY_LEAF),
		.by = ec_key(KEY_ROOT),
		.usage = "critical,digitalSignature",
		.alt = "DNS:gw.example.com,email:bob@example.com,IP:192.0.2.7"
	};
}

static inline struct spec
under_middle(X509 *middle)
{
	struct spec s = a_leaf();

	s.issuer = middle;
	s.by = ec_key(KEY_MIDDLE);
	return s;
}

/* Of issuer, with these revoked (NULL: none). */
static inline X509_CRL *
make_crl(X509 *issuer, EVP_PKEY *by, const X509 *revoked, long from, long to)
{
	ASN1_TIME *t = ASN1_TIME_new();
	ASN1_INTEGER *serial;
	X509_CRL *crl = X509_CRL_new();
	X509_REVOKED *r;

	CHECK(X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer));
	X509_CRL_set1_lastUpdate(crl, ASN1_TIME_set(t, NOW + from));
	X509_CRL_set1_nextUpdate(crl, ASN1_TIME_set(t, NOW + to));
	if (revoked != NULL) {
		r = X509_REVOKED_new();
		serial = ASN1_INTEGER_dup(X509_get0_serialNumber(revoked));
		X509_REVOKED_set_serialNumber(r, serial);
		X509_REVOKED_set_revocationDate(r, t);
		CHECK(X509_CRL_add0_revoked(crl, r) == 1);
		ASN1_INTEGER_free(serial);
	}
	ASN1_TIME_free(t);
	CHECK(X509_CRL_sign(crl, by, EVP_sha256()) > 0);
	return crl;
}

#endif /* REGRESS_UNIT_IKE_CERTS_H */
