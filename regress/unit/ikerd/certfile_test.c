/*
 * The files of certificates, keys, CAs and CRLs that ikerd.conf names: what is
 * taken, and what is said of the others.  Files are made in a directory of
 * their own.
 */
#include <sys/stat.h>

#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "common/clock.h"
#include "common/secret.h"
#include "ikerd/conf.h"
#include "ikerd/parse.h"
#include "regress/unit/ike/certs.h"
#include "regress/unit/test.h"

#define NOBODY "warning: there is no group and no peer: nobody can connect\n"

static char dir[] = "/tmp/certfile.XXXXXX";
static char said[65536];

static void
line(void *arg, const char *text)
{
	(void)strlcat(said, text, sizeof(said));
	(void)strlcat(said, "\n", sizeof(said));
}

/* --- files --- */

static FILE *
open_file(const char *name, const char *mode)
{
	FILE *f;

	CHECK(chdir(dir) == 0);
	f = fopen(name, mode);
	CHECK(f != NULL && fchmod(fileno(f), 0600) == 0);
	return f;
}

static void
add_text(const char *name, const char *text)
{
	FILE *f = open_file(name, "a");

	CHECK(fputs(text, f) >= 0);
	fclose(f);
}

static void
add_cert(const char *name, X509 *x)
{
	FILE *f = open_file(name, "a");

	CHECK(PEM_write_X509(f, x) == 1);
	fclose(f);
}

static void
add_key(const char *name, EVP_PKEY *key, const char *phrase)
{
	FILE *f = open_file(name, "a");

	CHECK(PEM_write_PrivateKey(f, key,
		  phrase != NULL ? EVP_aes_128_cbc() : NULL,
		  (const unsigned char *)phrase,
		  phrase != NULL ? (int)strlen(phrase) : 0, NULL, NULL) == 1);
	fclose(f);
}

static void
add_crl(const char *name, X509_CRL *crl)
{
	FILE *f = open_file(name, "a");

	CHECK(PEM_write_X509_CRL(f, crl) == 1);
	fclose(f);
	X509_CRL_free(crl);
}

/* --- what is said --- */

/*
 * Of these lines, with the files that were made; the files are gone then.  All
 * that is said but the warning that there is no group.
 */
static int
says(const char *lines, const char *want)
{
	static const char *const files[] = { "t.conf", "a.pem", "a.key",
		"b.pem", "a.crl" };
	struct report r;
	struct conf *c;
	size_t i;
	int same;

	said[0] = '\0';
	memset(&r, 0, sizeof(r));
	r.line = line;
	add_text("t.conf", lines);
	c = conf_load("t.conf", &r);
	conf_free(c);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(files[i]);
	same = strncmp(said, want, strlen(want)) == 0 &&
	    strcmp(said + strlen(want), NOBODY) == 0;
	if (!same)
		printf("said:\n%swanted:\n%s", said, want);
	return same;
}

#define REST "interface outside em0 security 0 { address 192.0.2.1/24 }\n"
#define A_CA "ca c file a.pem\n" REST
#define OLD_CA "legacy ca c file a.pem\n" REST
#define A_CRL "ca c file a.pem crl file a.crl\n" REST
#define OWN "certificate file a.pem key file a.key\n" REST

TEST(cas)
{
	struct spec s = a_middle();
	X509 *x;
	int i;

	add_cert("a.pem", root());
	add_text("a.pem", "some words\n");
	x = make(s);
	add_cert("a.pem", x);
	CHECK(says(A_CA, ""));
	for (i = 0; i < CONF_CA_CERTS_MAX; i++)
		add_cert("a.pem", root());
	CHECK(says(A_CA, ""));
	for (i = 0; i <= CONF_CA_CERTS_MAX; i++)
		add_cert("a.pem", root());
	CHECK(says(A_CA, "t.conf:1: a.pem holds more than 16 certificates\n"));
	X509_free(x);
	x = make(a_leaf());
	add_cert("a.pem", x);
	CHECK(says(A_CA,
	    "t.conf:1: a.pem: \"CN=leaf,OU=staff,O=Test\" is no CA's "
	    "certificate (its basic constraints do not say so)\n"));
	X509_free(x);
}

/* What cannot be read is never passed over: it may be what counts. */
TEST(half_read)
{
	uint8_t *der = NULL;
	int len = i2d_X509(root(), &der);
	FILE *f;

	add_text("a.pem", "no certificate\n");
	CHECK(
	    says(A_CA, "t.conf:1: a.pem holds no certificate (PEM or DER)\n"));
	add_cert("a.pem", root());
	add_text("a.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
	CHECK(says(A_CA,
	    "t.conf:1: a.pem: what follows certificate 1 cannot be read\n"));
	add_cert("a.pem", root());
	add_text("a.pem",
	    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
	add_cert("a.pem", root());
	CHECK(says(A_CA,
	    "t.conf:1: a.pem: what follows certificate 1 cannot be read\n"));
	f = open_file("a.pem", "w");
	CHECK(fwrite(der, 1, (size_t)len, f) == (size_t)len);
	fclose(f);
	CHECK(says(A_CA, ""));
	f = open_file("a.pem", "w");
	CHECK(fwrite(der, 1, (size_t)len, f) == (size_t)len);
	CHECK(fwrite(der, 1, (size_t)len, f) == (size_t)len);
	fclose(f);
	CHECK(says(A_CA,
	    "t.conf:1: a.pem: what follows certificate 1 cannot be read\n"));
	OPENSSL_free(der);
}

TEST(dates_and_strength)
{
	EVP_PKEY *weak = EVP_RSA_gen(1024);
	struct spec s = a_root();
	X509 *x;

	s.from = -3 * DAY;
	s.to = -DAY;
	x = make(s);
	add_cert("a.pem", x);
	CHECK(says(A_CA,
	    "t.conf:1: warning: a.pem: a CA's certificate has expired on "
	    "2027-01-14\n"));
	X509_free(x);
	s.from = DAY;
	s.to = 2 * DAY;
	x = make(s);
	add_cert("a.pem", x);
	CHECK(says(A_CA,
	    "t.conf:1: warning: a.pem: a CA's certificate is not valid before "
	    "2027-01-16\n"));
	X509_free(x);
	s = a_root();
	s.key = s.by = weak;
	x = make(s);
	add_cert("a.pem", x);
	CHECK(says(A_CA,
	    "t.conf:1: a.pem: a CA's certificate is too weak: its RSA key is "
	    "shorter than 2048 bits: put the word legacy in front of ca to use "
	    "it\n"));
	add_cert("a.pem", x);
	CHECK(says(OLD_CA, ""));
	X509_free(x);
	EVP_PKEY_free(weak);
}

TEST(crls)
{
	X509 *middle = make(a_middle());
	EVP_PKEY *key = ec_key(KEY_ROOT);

	add_cert("a.pem", root());
	add_crl("a.crl", make_crl(root(), key, NULL, -DAY, DAY));
	CHECK(says(A_CRL, ""));
	add_cert("a.pem", root());
	add_text("a.crl", "nothing\n");
	CHECK(says(A_CRL, "t.conf:1: a.crl holds no CRL (PEM or DER)\n"));
	add_cert("a.pem", root());
	add_crl("a.crl", make_crl(root(), key, NULL, -DAY, DAY));
	add_text("a.crl",
	    "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n");
	CHECK(says(
	    A_CRL, "t.conf:1: a.crl: what follows CRL 1 cannot be read\n"));
	add_cert("a.pem", root());
	add_crl("a.crl", make_crl(root(), ec_key(KEY_OTHER), NULL, -DAY, DAY));
	CHECK(says(A_CRL,
	    "t.conf:1: a.crl: a CRL is not signed by the CA that it names\n"));
	add_cert("a.pem", root());
	add_crl("a.crl", make_crl(middle, ec_key(KEY_MIDDLE), NULL, -DAY, DAY));
	CHECK(says(A_CRL,
	    "t.conf:1: warning: a.crl: a CRL is of none of the CAs in the ca's "
	    "file: it counts for those who send its issuer's certificate\n"));
	add_cert("a.pem", root());
	add_crl("a.crl", make_crl(root(), key, NULL, -2 * DAY, -DAY));
	CHECK(says(A_CRL,
	    "t.conf:1: warning: a.crl: a newer CRL was due on 2027-01-14: "
	    "until it is here nobody of this ca gets in\n"));
	X509_free(middle);
}

/* --- the gateway's own --- */

static X509 *
own(EVP_PKEY *key)
{
	struct spec s = a_leaf();

	s.key = key;
	return make(s);
}

/* Of a certificate for this key beside the file of another. */
static int
own_says(EVP_PKEY *key, EVP_PKEY *in_file, const char *phrase, const char *want)
{
	X509 *x = own(key);

	add_cert("a.pem", x);
	X509_free(x);
	add_key("a.key", in_file, phrase);
	return says(OWN, want);
}

TEST(own_certificate)
{
	EVP_PKEY *key = ec_key(KEY_LEAF), *other = EVP_EC_gen("secp256k1");
	X509 *x;
	int i;

	CHECK(own_says(key, key, NULL, ""));
	CHECK(own_says(key, ec_key(KEY_OTHER), NULL,
	    "t.conf:1: the key in a.key is not the one of the certificate in "
	    "a.pem\n"));
	CHECK(own_says(key, key, "secret",
	    "t.conf:1: a.key holds no private key (PEM; it is encrypted: write "
	    "it without a passphrase)\n"));
	CHECK(own_says(other, other, NULL,
	    "t.conf:1: a.pem: IKEv1 signs with RSA (to 8192 bits) and with "
	    "ECDSA on P-256, P-384 and P-521, and this certificate has another "
	    "key\n"));
	x = own(key);
	add_cert("a.pem", x);
	add_text("a.key", "no key\n");
	CHECK(says(OWN, "t.conf:1: a.key holds no private key (PEM)\n"));
	for (i = 0; i <= CHAIN_MAX; i++)
		add_cert("a.pem", x);
	add_key("a.key", key, NULL);
	CHECK(says(OWN, "t.conf:1: a.pem holds more than 5 certificates\n"));
	add_cert("a.pem", x);
	add_key("a.key", key, NULL);
	CHECK(says("certificate file a.pem key file a.key\n" OWN,
	    "t.conf:2: there is a certificate with an ecdsa-256 key "
	    "already\n"));
	X509_free(x);
	EVP_PKEY_free(other);
}

TEST(setup)
{
	secret_init();
	clock_hold(1000, NOW);
	CHECK(mkdtemp(dir) != NULL);
}

TEST(end)
{
	CHECK(chdir("/") == 0 && rmdir(dir) == 0);
}

TESTS(T(setup), T(cas), T(half_read), T(dates_and_strength), T(crls),
    T(own_certificate), T(end))
