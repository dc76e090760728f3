/*
 * Reads the certificates, private keys, CAs and CRLs that a configuration
 * names, and judges what can be judged at load: formats, who belongs to whom,
 * strength, dates.  Called by load.c.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "common/clock.h"
#include "common/log.h"
#include "ikerd/alg/sig.h"
#include "ikerd/alg/x509.h"
#include "ikerd/conf.h"
#include "ikerd/parse.h"
#include "ikerd/readfile.h"

#define CERT_FILE_MAX (256U << 10)
#define CRL_FILE_MAX (4U << 20)
#define KEY_FILE_MAX (16U << 10)
#define CHAIN_OCTETS 12288 /* an answer holds it, and more */

/* A file being read: what messages name. */
struct source {
	struct report *report;
	uint32_t place;
	const char *path;
};

/* Nobody is there to type a passphrase. */
static int
no_passphrase(char *buf, int size, int rw, void *arg)
{
	return -1;
}

static int
is_pem(const char *text, size_t len)
{
	static const char mark[] = "-----BEGIN ";

	return memmem(text, len, mark, sizeof(mark) - 1) != NULL;
}

/* Has all been read, or did something stand in the way? */
static int
at_end(BIO *bio, int pem)
{
	unsigned long e = ERR_peek_last_error();

	if (!pem)
		return BIO_pending(bio) == 0;
	return ERR_GET_LIB(e) == ERR_LIB_PEM &&
	    ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
}

/* --- certificates of a file --- */

struct chain {
	X509 *cert[CONF_CA_CERTS_MAX];
	size_t n;
};

static void
chain_free(struct chain *c)
{
	while (c->n > 0)
		X509_free(c->cert[--c->n]);
}

static X509 *
next_cert(BIO *bio, int pem)
{
	return pem ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) :
		     d2i_X509_bio(bio, NULL);
}

/* All certificates of the file, at most max; -1 when it was reported. */
static int
read_chain(
    struct source *s, const char *text, size_t len, size_t max, struct chain *c)
{
	BIO *bio = BIO_new_mem_buf(text, (int)len);
	int pem = is_pem(text, len), whole;
	X509 *x;

	if (bio == NULL)
		fatalx("configuration: no memory for certificates");
	while ((x = next_cert(bio, pem)) != NULL && c->n < max) {
		c->cert[c->n++] = x;
		if (!pem)
			break;
	}
	whole = at_end(bio, pem);
	BIO_free(bio);
	ERR_clear_error();
	if (x != NULL && (c->n == 0 || x != c->cert[c->n - 1])) {
		X509_free(x);
		report_error(s->report, s->place,
		    "%s holds more than %zu certificates", s->path, max);
		return -1;
	}
	if (c->n == 0)
		report_error(s->report, s->place,
		    "%s holds no certificate (PEM or DER)", s->path);
	else if (!whole)
		report_error(s->report, s->place,
		    "%s: what follows certificate %zu cannot be read", s->path,
		    c->n);
	return c->n == 0 || !whole ? -1 : 0;
}

static int
load_chain(struct source *s, const char *file, size_t max, struct chain *c)
{
	char *text;
	size_t len;
	int rv;

	c->n = 0;
	text = readfile(
	    s->report, s->place, file, READFILE_PUBLIC, CERT_FILE_MAX, &len);
	if (text == NULL)
		return -1;
	rv = read_chain(s, text, len, max, c);
	readfile_free(text, READFILE_PUBLIC);
	if (rv == -1)
		chain_free(c);
	return rv;
}

/* Its DER into the tree; the octets, 0 when they are too many. */
static size_t
keep_cert(struct source *s, X509 *x, struct conf_der *d)
{
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);

	if (len > 0 && len <= CERT_MAX)
		conf_der_set(d, der, (size_t)len);
	else
		report_error(s->report, s->place,
		    "%s: a certificate is longer than %d bytes", s->path,
		    CERT_MAX);
	OPENSSL_free(der);
	return d->len;
}

static void
check_dates(struct source *s, X509 *x, const char *who)
{
	uint64_t now = clock_sec();
	char date[X509_DATE_LEN];

	if (x509_seconds(X509_get0_notAfter(x)) < now)
		report_warning(s->report, s->place, "%s: %s has expired on %s",
		    s->path, who, x509_date(X509_get0_notAfter(x), date));
	else if (x509_seconds(X509_get0_notBefore(x)) > now)
		report_warning(s->report, s->place,
		    "%s: %s is not valid before %s", s->path, who,
		    x509_date(X509_get0_notBefore(x), date));
}

static void
check_strength(
    struct source *s, X509 *x, int legacy, const char *who, const char *word)
{
	const char *why = x509_weak(x, legacy);

	if (why == NULL)
		return;
	if (!legacy && x509_weak(x, 1) == NULL)
		report_error(s->report, s->place,
		    "%s: %s is too weak: %s: put the word legacy in front of "
		    "%s to use it",
		    s->path, who, why, word);
	else
		report_error(s->report, s->place, "%s: %s cannot be used: %s",
		    s->path, who, why);
}

/* --- the gateway's own --- */

static EVP_PKEY *
load_key(struct source *s, const struct conf_certificate *c)
{
	EVP_PKEY *key = NULL;
	char *text;
	size_t len;
	BIO *bio;

	text = readfile(s->report, s->place, c->key_file, READFILE_SECRET,
	    KEY_FILE_MAX, &len);
	if (text == NULL)
		return NULL;
	if ((bio = BIO_new_mem_buf(text, (int)len)) == NULL)
		fatalx("configuration: no memory for a key");
	key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (key == NULL)
		report_error(s->report, s->place,
		    "%s holds no private key (PEM%s)", c->key_file,
		    strstr(text, "ENCRYPTED") != NULL ?
			"; it is encrypted: write it without a passphrase" :
			"");
	readfile_free(text, READFILE_SECRET);
	return key;
}

static void
keep_key(struct conf_certificate *c, EVP_PKEY *key)
{
	uint8_t *der = NULL;
	int len = i2d_PrivateKey(key, &der);

	if (len <= 0 || len > SIGN_KEY_MAX ||
	    secret_set(&c->key, der, (size_t)len) == -1)
		fatalx("configuration: no memory for a key");
	OPENSSL_clear_free(der, (size_t)len);
}

static void
take_key(struct source *s, struct conf_certificate *c, X509 *leaf)
{
	EVP_PKEY *key = load_key(s, c);

	if (key == NULL)
		return;
	if (X509_check_private_key(leaf, key) == 1)
		keep_key(c, key);
	else
		report_error(s->report, s->place,
		    "the key in %s is not the one of the certificate in %s",
		    c->key_file, s->path);
	ERR_clear_error();
	EVP_PKEY_free(key);
}

static void
check_kind(
    struct source *s, struct conf *conf, struct conf_certificate *c, X509 *leaf)
{
	const EVP_PKEY *key = X509_get0_pubkey(leaf);
	const struct conf_certificate *other;
	enum sign_kind kind;

	if (key == NULL || sig_kind_of_key(key, &kind) == -1) {
		report_error(s->report, s->place,
		    "%s: IKEv1 signs with RSA (to %d bits) and with ECDSA on "
		    "P-256, P-384 and P-521, and this certificate has another "
		    "key",
		    s->path, SIG_RSA_MAX);
		return;
	}
	c->kind = (uint8_t)kind;
	TAILQ_FOREACH(other, &conf->certificates, entry) {
		if (other == c)
			break;
		if (other->nchain > 0 && other->kind == c->kind)
			report_error(s->report, s->place,
			    "there is a certificate with an %s key already",
			    sig_kind_name(kind));
	}
}

static void
read_certificate(
    struct conf *conf, struct report *r, struct conf_certificate *c)
{
	struct source s = { r, c->place, c->file };
	struct chain chain;
	size_t i, octets = 0;

	if (load_chain(&s, c->file, CHAIN_MAX, &chain) == -1)
		return;
	for (i = 0; i < chain.n; i++) {
		octets += keep_cert(&s, chain.cert[i], &c->chain[i]);
		c->nchain++;
		check_dates(&s, chain.cert[i],
		    i == 0 ? "the certificate" : "a certificate of the chain");
		check_strength(&s, chain.cert[i], c->legacy,
		    i == 0 ? "the certificate" : "a certificate of the chain",
		    "certificate");
	}
	if (octets > CHAIN_OCTETS)
		report_error(r, c->place,
		    "%s: the chain has more than %d bytes: leave the root out",
		    c->file, CHAIN_OCTETS);
	check_kind(&s, conf, c, chain.cert[0]);
	take_key(&s, c, chain.cert[0]);
	chain_free(&chain);
}

/* --- CAs --- */

static void
check_ca(struct source *s, const struct conf_ca *ca, X509 *x)
{
	char name[256];

	(void)x509_name_text(X509_get_subject_name(x), name, sizeof(name));
	if (X509_check_ca(x) != 1 && !(ca->legacy && X509_check_ca(x) > 1))
		report_error(s->report, s->place,
		    "%s: \"%s\" is no CA's certificate (its basic constraints "
		    "do not say so)",
		    s->path, name);
	check_strength(s, x, ca->legacy, "a CA's certificate", "ca");
	check_dates(s, x, "a CA's certificate");
}

/*
 * A CRL is of a CA of the same statement, signed by it, or of one below it,
 * whose certificate the clients send.
 */
static void
check_issuer(struct source *s, const struct chain *cas, X509_CRL *crl)
{
	const X509_NAME *issuer = X509_CRL_get_issuer(crl);
	int known = 0;
	size_t i;

	for (i = 0; i < cas->n; i++) {
		if (X509_NAME_cmp(
			issuer, X509_get_subject_name(cas->cert[i])) != 0)
			continue;
		known = 1;
		if (X509_CRL_verify(crl, X509_get0_pubkey(cas->cert[i])) == 1)
			return;
	}
	if (known)
		report_error(s->report, s->place,
		    "%s: a CRL is not signed by the CA that it names", s->path);
	else
		report_warning(s->report, s->place,
		    "%s: a CRL is of none of the CAs in the ca's file: it "
		    "counts for those who send its issuer's certificate",
		    s->path);
}

static void
keep_crl(struct source *s, struct conf_ca *ca, const struct chain *cas,
    X509_CRL *crl)
{
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
	char date[X509_DATE_LEN];
	uint8_t *der = NULL;
	int len;

	check_issuer(s, cas, crl);
	if (next != NULL && x509_seconds(next) < clock_sec())
		report_warning(s->report, s->place,
		    "%s: a newer CRL was due on %s: until it is here nobody "
		    "of this ca gets in",
		    s->path, x509_date(next, date));
	if (ca->ncrls == CONF_CA_CRLS_MAX) {
		report_error(s->report, s->place, "%s holds more than %d CRLs",
		    s->path, CONF_CA_CRLS_MAX);
	} else if ((len = i2d_X509_CRL(crl, &der)) > 0) {
		conf_der_set(&ca->crl[ca->ncrls++], der, (size_t)len);
	}
	OPENSSL_free(der);
	ERR_clear_error();
}

static void
read_crls(struct report *r, struct conf_ca *ca, const struct chain *cas)
{
	struct source s = { r, ca->place, ca->crl_file };
	X509_CRL *crl;
	char *text;
	size_t len;
	BIO *bio;
	int pem, whole;

	text = readfile(
	    r, s.place, s.path, READFILE_PUBLIC, CRL_FILE_MAX, &len);
	if (text == NULL)
		return;
	if ((bio = BIO_new_mem_buf(text, (int)len)) == NULL)
		fatalx("configuration: no memory for a CRL");
	pem = is_pem(text, len);
	while (
	    (crl = pem ? PEM_read_bio_X509_CRL(bio, NULL, no_passphrase, NULL) :
			 d2i_X509_CRL_bio(bio, NULL)) != NULL) {
		keep_crl(&s, ca, cas, crl);
		X509_CRL_free(crl);
		if (!pem)
			break;
	}
	whole = at_end(bio, pem);
	ERR_clear_error();
	BIO_free(bio);
	readfile_free(text, READFILE_PUBLIC);
	if (ca->ncrls == 0)
		report_error(
		    r, s.place, "%s holds no CRL (PEM or DER)", s.path);
	else if (!whole)
		report_error(r, s.place,
		    "%s: what follows CRL %zu cannot be read", s.path,
		    ca->ncrls);
}

static void
read_ca(struct report *r, struct conf_ca *ca)
{
	struct source s = { r, ca->place, ca->file };
	struct chain chain;
	size_t i;

	if (load_chain(&s, ca->file, CONF_CA_CERTS_MAX, &chain) == -1)
		return;
	for (i = 0; i < chain.n; i++) {
		(void)keep_cert(&s, chain.cert[i], &ca->cert[i]);
		ca->ncerts++;
		check_ca(&s, ca, chain.cert[i]);
	}
	if (ca->crl_file != NULL)
		read_crls(r, ca, &chain);
	chain_free(&chain);
}

void
conf_read_certificates(struct conf *conf, struct report *r)
{
	struct conf_certificate *c;
	struct conf_ca *ca;

	TAILQ_FOREACH(c, &conf->certificates, entry)
		read_certificate(conf, r, c);
	TAILQ_FOREACH(ca, &conf->cas, entry)
		read_ca(r, ca);
}
