/*
 * Clients' certificates against a ca of the configuration: which chains are
 * taken, and in which words the others are refused.
 */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "common/clock.h"
#include "ikerd/alg/sig.h"
#include "ikerd/ike/cert.h"
#include "regress/unit/ike/certs.h"
#include "regress/unit/test.h"

#define SHOWN_MAX 6

/* --- judging them --- */

static struct cert_ca *
a_ca(X509 *x, int legacy)
{
	struct cert_ca *ca = cert_ca_new("test", legacy);
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);

	clock_hold(1000, NOW);
	CHECK(len > 0 && cert_ca_add(ca, der, (size_t)len) == 0);
	OPENSSL_free(der);
	return ca;
}

static void
add_crl(struct cert_ca *ca, X509_CRL *crl)
{
	uint8_t *der = NULL;
	int len = i2d_X509_CRL(crl, &der);

	CHECK(len > 0 && cert_ca_add_crl(ca, der, (size_t)len) == 0);
	OPENSSL_free(der);
	X509_CRL_free(crl);
}

/* CERT payloads of a message. */
struct shown {
	struct isakmp_msg msg;
	uint8_t body[SHOWN_MAX][1 + CERT_MAX + 1];
};

static void
show_octets(struct shown *s, uint8_t encoding, const uint8_t *p, size_t len)
{
	struct isakmp_payload *pl = &s->msg.payload[s->msg.n];
	uint8_t *body = s->body[s->msg.n++];

	body[0] = encoding;
	memcpy(body + 1, p, len);
	pl->type = PAYLOAD_CERT;
	pl->body = body;
	pl->len = 1 + len;
}

static void
show(struct shown *s, X509 *x)
{
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);

	CHECK(len > 0 && len <= CERT_MAX);
	show_octets(s, CERT_X509_SIGNATURE, der, (size_t)len);
	OPENSSL_free(der);
}

/* What is said of a message; "taken" when nothing is wrong. */
static const char *
said(const struct cert_ca *ca, const struct shown *s)
{
	static char why[CERT_WHY_LEN];
	struct cert_peer peer;
	const char *bad;

	if ((bad = cert_peer_read(&peer, &s->msg)) == NULL)
		bad = cert_verify(ca, &peer, why);
	cert_peer_free(&peer);
	return bad == NULL ? "taken" : bad;
}

/* Of a leaf and, when there is one, a middle certificate. */
static const char *
said_of(const struct cert_ca *ca, X509 *leaf, X509 *middle)
{
	struct shown s;

	memset(&s, 0, sizeof(s));
	show(&s, leaf);
	if (middle != NULL)
		show(&s, middle);
	return said(ca, &s);
}

/* One leaf by a root that is a ca, made for this. */
static const char *
said_of_leaf(struct spec leaf, int legacy)
{
	struct cert_ca *ca = a_ca(root(), legacy);
	X509 *x = make(leaf);
	const char *text = said_of(ca, x, NULL);

	X509_free(x);
	cert_ca_free(ca);
	return text;
}

/* A usual leaf under this middle. */
static const char *
said_of_middle(struct spec middle, int legacy)
{
	struct cert_ca *ca = a_ca(root(), legacy);
	X509 *m = make(middle), *x;
	struct spec s = under_middle(m);
	const char *text;

	s.by = middle.key;
	s.no_keyids = middle.bare; /* there is none to name */
	x = make(s);
	text = said_of(ca, x, m);
	X509_free(x);
	X509_free(m);
	cert_ca_free(ca);
	return text;
}

#define LEAF "certificate \"CN=leaf,OU=staff,O=Test\" "
#define MIDDLE "certificate \"CN=middle,OU=staff,O=Test\" "

TEST(chains)
{
	struct cert_ca *ca = a_ca(root(), 0);
	X509 *middle = make(a_middle()), *x = make(under_middle(middle));
	struct shown s;

	CHECK_STR(said_of_leaf(a_leaf(), 0), "taken");
	CHECK_STR(said_of_middle(a_middle(), 0), "taken");
	CHECK_STR(said_of(ca, x, NULL), LEAF "has an unknown issuer");
	/* others in any order, and some that nobody needs */
	memset(&s, 0, sizeof(s));
	show(&s, x);
	show(&s, root());
	show(&s, x);
	show(&s, middle);
	CHECK_STR(said(ca, &s), "taken");
	X509_free(x);
	X509_free(middle);
	cert_ca_free(ca);
}

TEST(dates)
{
	struct spec s = a_leaf();

	s.from = -2;
	s.to = 2;
	CHECK_STR(said_of_leaf(s, 0), "taken");
	s.to = -1;
	CHECK_STR(said_of_leaf(s, 0), LEAF "has expired on 2027-01-15");
	CHECK_STR(said_of_leaf(s, 1), LEAF "has expired on 2027-01-15");
	s.from = 2 * DAY;
	s.to = 3 * DAY;
	CHECK_STR(said_of_leaf(s, 0), LEAF "is not valid before 2027-01-17");
	s = a_middle();
	s.from = -3 * DAY;
	s.to = -2 * DAY;
	CHECK_STR(said_of_middle(s, 0), MIDDLE "has expired on 2027-01-13");
}

TEST(wrong_issuers)
{
	struct spec s = a_leaf();

	/* the issuer's name, and somebody else's key */
	s.by = ec_key(KEY_OTHER);
	CHECK_STR(said_of_leaf(s, 0),
	    LEAF "is not signed by the issuer that it names");
	s = a_leaf();
	s.issuer = NULL;
	s.by = ec_key(KEY_LEAF);
	CHECK_STR(said_of_leaf(s, 0),
	    LEAF "is signed by itself and not configured as a ca");
	/* a root of the same name is another one */
	s = a_root();
	s.key = s.by = ec_key(KEY_OTHER);
	s.issuer = make(s);
	s = (struct spec){ .name = "leaf",
		.issuer = s.issuer,
		.key = ec_key(KEY_LEAF),
		.by = ec_key(KEY_OTHER) };
	CHECK_STR(said_of_leaf(s, 0), LEAF "has an unknown issuer");
	X509_free(s.issuer);
}

TEST(issuers_that_are_none)
{
	struct spec s = a_middle();

	s.basic = "critical,CA:FALSE";
	s.usage = "critical,digitalSignature";
	CHECK_STR(said_of_middle(s, 0),
	    MIDDLE "issued another one and is no CA's certificate");
	s.basic = NULL;
	CHECK_STR(said_of_middle(s, 0),
	    MIDDLE "issued another one and is no CA's certificate");
	CHECK_STR(said_of_middle(s, 1),
	    MIDDLE "issued another one and is no CA's certificate");
	s = a_middle();
	s.bare = 1;
	CHECK_STR(said_of_middle(s, 1),
	    MIDDLE "issued another one and is no CA's certificate");
	s = a_middle();
	s.usage = "critical,cRLSign";
	CHECK_STR(said_of_middle(s, 0),
	    MIDDLE "issued another one and is no CA's certificate");
	CHECK_STR(said_of_middle(s, 1),
	    MIDDLE "issued another one and is no CA's certificate");
}

/* The second middle one has the root's key: it does not matter. */
TEST(path_length)
{
	struct cert_ca *ca = a_ca(root(), 0);
	struct spec s = a_middle();
	X509 *first, *second, *x;
	struct shown shown;

	s.basic = "critical,CA:TRUE,pathlen:0";
	CHECK_STR(said_of_middle(s, 0), "taken");
	first = make(s);
	s = a_middle();
	s.name = "second";
	s.issuer = first;
	s.by = ec_key(KEY_MIDDLE);
	second = make(s);
	x = make(under_middle(second));
	memset(&shown, 0, sizeof(shown));
	show(&shown, x);
	show(&shown, second);
	show(&shown, first);
	CHECK_STR(said(ca, &shown), MIDDLE "issued a longer chain than it may");
	X509_free(x);
	X509_free(second);
	X509_free(first);
	cert_ca_free(ca);
}

/* As many as may be sent lead to a root that is not sent. */
TEST(how_many)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	struct cert_ca *ca = a_ca(root(), 0);
	X509 *chain[CHAIN_MAX] = { NULL }, *above = root();
	struct spec s = a_middle();
	struct shown shown;
	int i;

	for (i = CHAIN_MAX - 1; i > 0; i--) {
		s.name = names[i - 1];
		s.issuer = above;
		above = chain[i] = make(s);
		s.by = ec_key(KEY_MIDDLE);
	}
	chain[0] = make(under_middle(above));
	memset(&shown, 0, sizeof(shown));
	for (i = 0; i < CHAIN_MAX; i++)
		show(&shown, chain[i]);
	CHECK_STR(said(ca, &shown), "taken");
	show(&shown, root());
	CHECK_STR(said(ca, &shown), "it sent too many certificates");
	for (i = 0; i < CHAIN_MAX; i++)
		X509_free(chain[i]);
	cert_ca_free(ca);
}

/* --- CRLs --- */

TEST(revoked)
{
	struct cert_ca *ca = a_ca(root(), 0);
	X509 *good = make(a_leaf()), *bad = make(a_leaf());

	add_crl(ca, make_crl(root(), ec_key(KEY_ROOT), bad, -DAY, DAY));
	CHECK_STR(said_of(ca, good, NULL), "taken");
	CHECK_STR(said_of(ca, bad, NULL), LEAF "has been revoked");
	X509_free(good);
	X509_free(bad);
	cert_ca_free(ca);
}

/* What is said of a leaf under a CRL of its root. */
static const char *
said_under(EVP_PKEY *by, long from, long to)
{
	struct cert_ca *ca = a_ca(root(), 0);
	X509 *x = make(a_leaf());
	const char *text;

	add_crl(ca, make_crl(root(), by, NULL, from, to));
	text = said_of(ca, x, NULL);
	X509_free(x);
	cert_ca_free(ca);
	return text;
}

TEST(bad_crls)
{
	CHECK_STR(said_under(ec_key(KEY_ROOT), -DAY, DAY), "taken");
	CHECK_STR(said_under(ec_key(KEY_ROOT), -2 * DAY, -DAY),
	    LEAF "cannot be judged: a newer CRL of its issuer is due");
	CHECK_STR(said_under(ec_key(KEY_ROOT), DAY, 2 * DAY),
	    LEAF "cannot be judged: the CRL of its issuer is not valid yet");
	CHECK_STR(said_under(ec_key(KEY_OTHER), -DAY, DAY),
	    LEAF "cannot be judged: its issuer did not sign the CRL");
}

/* Demanded of the leaf's issuer; of those above, heeded where it is there. */
TEST(crls_of_a_chain)
{
	struct cert_ca *ca = a_ca(root(), 0);
	X509 *middle = make(a_middle()), *x = make(under_middle(middle));

	add_crl(ca, make_crl(middle, ec_key(KEY_MIDDLE), NULL, -DAY, DAY));
	CHECK_STR(said_of(ca, x, middle), "taken");
	add_crl(ca, make_crl(root(), ec_key(KEY_ROOT), middle, -DAY, DAY));
	CHECK_STR(said_of(ca, x, middle), MIDDLE "has been revoked");
	cert_ca_free(ca);
	ca = a_ca(root(), 0);
	add_crl(ca, make_crl(root(), ec_key(KEY_ROOT), NULL, -DAY, DAY));
	CHECK_STR(
	    said_of(ca, x, middle), LEAF "has an issuer whose CRL is missing");
	X509_free(x);
	X509_free(middle);
	cert_ca_free(ca);
}

/* --- strength, usage --- */

TEST(weak_keys)
{
	EVP_PKEY *weak = EVP_RSA_gen(1024), *weaker = EVP_RSA_gen(768);
	struct spec s = a_leaf();

	s.key = weak;
	CHECK_STR(said_of_leaf(s, 0),
	    LEAF "has a key that is too short (legacy ca would take it)");
	CHECK_STR(said_of_leaf(s, 1), "taken");
	s.key = weaker;
	CHECK_STR(said_of_leaf(s, 1),
	    "certificate: its RSA key is shorter than 1024 bits");
	s = a_middle();
	s.key = weak;
	CHECK_STR(said_of_middle(s, 0),
	    MIDDLE "has a key that is too short (legacy ca would take it)");
	CHECK_STR(said_of_middle(s, 1), "taken");
	EVP_PKEY_free(weak);
	EVP_PKEY_free(weaker);
}

TEST(weak_hashes)
{
	struct spec s = a_leaf();

	s.md = EVP_sha1();
	CHECK_STR(said_of_leaf(s, 0),
	    LEAF "is signed over MD5 or SHA-1 (legacy ca would take it)");
	CHECK_STR(said_of_leaf(s, 1), "taken");
	s = a_middle();
	s.md = EVP_sha1();
	CHECK_STR(said_of_middle(s, 0),
	    MIDDLE "is signed over MD5 or SHA-1 (legacy ca would take it)");
}

TEST(usage)
{
	struct spec s = a_leaf();

	s.usage = "critical,keyEncipherment,keyAgreement";
	CHECK_STR(said_of_leaf(s, 0),
	    "certificate: its key usage does not allow signatures");
	CHECK_STR(said_of_leaf(s, 1),
	    "certificate: its key usage does not allow signatures");
	s.usage = "critical,nonRepudiation";
	CHECK_STR(said_of_leaf(s, 0), "taken");
	s.usage = NULL;
	CHECK_STR(said_of_leaf(s, 0), "taken");
	s.extended = "critical,serverAuth";
	CHECK_STR(said_of_leaf(s, 0), "taken");
}

/* What a CA may issue certificates for is heeded. */
TEST(constraints)
{
	struct spec s = a_middle();

	s.constraints = "critical,permitted;DNS:example.com";
	CHECK_STR(said_of_middle(s, 0), "taken");
	s.constraints = "critical,permitted;DNS:example.org";
	CHECK_STR(said_of_middle(s, 0),
	    LEAF "has a name that its issuer may not certify");
}

/* RFC 5280's rules for certificates, which old CAs do not keep. */
TEST(strictness)
{
	struct spec s = a_leaf();

	s.no_keyids = 1;
	CHECK_STR(said_of_leaf(s, 0),
	    LEAF "does not name its issuer's key (legacy ca would take it)");
	CHECK_STR(said_of_leaf(s, 1), "taken");
	s = a_middle();
	s.usage = NULL;
	CHECK_STR(said_of_middle(s, 0),
	    MIDDLE "is a CA's without a key usage (legacy ca would take it)");
	CHECK_STR(said_of_middle(s, 1), "taken");
}

/* The key that signs is of the method's kind, or nothing verifies. */
static int
signs(EVP_PKEY *key, enum sign_kind kind, enum sign_kind claimed)
{
	static const uint8_t hash[20] = "a hash of 20 octets";
	struct spec s = a_leaf();
	struct cert_peer peer = { NULL, NULL };
	uint8_t sig[SIG_MAX];
	size_t len = 0;
	int ok;

	s.key = key;
	peer.leaf = make(s);
	CHECK_INT(sig_sign(key, kind, hash, sizeof(hash), sig, &len), 0);
	ok = cert_signed(&peer, claimed, hash, sizeof(hash), sig, len);
	cert_peer_free(&peer);
	return ok;
}

TEST(kinds_of_keys)
{
	EVP_PKEY *rsa = EVP_RSA_gen(2048), *p384 = EVP_EC_gen("P-384");
	EVP_PKEY *other = EVP_EC_gen("secp256k1");

	CHECK(signs(ec_key(KEY_LEAF), SIGN_ECDSA_256, SIGN_ECDSA_256));
	CHECK(signs(p384, SIGN_ECDSA_384, SIGN_ECDSA_384));
	CHECK(signs(rsa, SIGN_RSA, SIGN_RSA));
	CHECK(!signs(ec_key(KEY_LEAF), SIGN_ECDSA_256, SIGN_RSA));
	CHECK(!signs(rsa, SIGN_RSA, SIGN_ECDSA_256));
	/* r and s fit into another curve's lengths */
	CHECK(!signs(ec_key(KEY_LEAF), SIGN_ECDSA_384, SIGN_ECDSA_384));
	CHECK(!signs(other, SIGN_ECDSA_256, SIGN_ECDSA_256));
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(p384);
	EVP_PKEY_free(other);
}

/* --- what is no certificate --- */

/* The first octets of a good one, or one more. */
static const char *
said_of_octets(int more)
{
	struct cert_ca *ca = a_ca(root(), 0);
	X509 *x = make(a_leaf());
	uint8_t *der = NULL, buf[CERT_MAX + 1] = { 0 };
	int len = i2d_X509(x, &der);
	const char *text;
	struct shown s;

	CHECK(len > 0 && len < CERT_MAX);
	memcpy(buf, der, (size_t)len);
	memset(&s, 0, sizeof(s));
	show_octets(&s, CERT_X509_SIGNATURE, buf, (size_t)(len + more));
	text = said(ca, &s);
	OPENSSL_free(der);
	X509_free(x);
	cert_ca_free(ca);
	return text;
}

TEST(garbage)
{
	static const uint8_t zero[CERT_MAX + 1];
	struct cert_ca *ca = a_ca(root(), 0);
	struct shown s;

	CHECK_STR(said_of_octets(0), "taken");
	CHECK_STR(
	    said_of_octets(1), "it sent a certificate that cannot be read");
	CHECK_STR(
	    said_of_octets(-1), "it sent a certificate that cannot be read");
	memset(&s, 0, sizeof(s));
	CHECK_STR(said(ca, &s), "it sent no X.509 certificate");
	show_octets(&s, CERT_X509_SIGNATURE, zero, 0);
	CHECK_STR(said(ca, &s), "it sent no X.509 certificate");
	show_octets(&s, CERT_PKCS7, zero, 10);
	CHECK_STR(said(ca, &s),
	    "it sent its certificates as PKCS #7, which is not read");
	show_octets(&s, CERT_X509_SIGNATURE, zero, CERT_MAX + 1);
	CHECK_STR(said(ca, &s), "it sent a certificate that is too long");
	CHECK_INT(cert_ca_add(ca, zero, 10), -1);
	CHECK_INT(cert_ca_add_crl(ca, zero, 10), -1);
	cert_ca_free(ca);
}

/* Octets behind a CRL are no part of one. */
TEST(garbage_behind_a_crl)
{
	struct cert_ca *ca = a_ca(root(), 0);
	X509_CRL *crl = make_crl(root(), ec_key(KEY_ROOT), NULL, -DAY, DAY);
	uint8_t buf[2048] = { 0 }, *p = buf;
	int len = i2d_X509_CRL(crl, NULL);

	CHECK(len > 0 && (size_t)len < sizeof(buf));
	(void)i2d_X509_CRL(crl, &p);
	CHECK_INT(cert_ca_add_crl(ca, buf, (size_t)len + 1), -1);
	CHECK_INT(cert_ca_add_crl(ca, buf, (size_t)len - 1), -1);
	CHECK_INT(cert_ca_add_crl(ca, buf, (size_t)len), 0);
	X509_CRL_free(crl);
	cert_ca_free(ca);
}

/* --- identities --- */

static int
has(struct cert_peer *peer, uint8_t type, const void *data, size_t len)
{
	struct ident id = { type, 0, 0, data, len };

	return cert_has_ident(peer, &id);
}

#define HAS(type, text) has(&peer, type, text, sizeof(text) - 1)

TEST(identities)
{
	struct cert_peer peer = { make(a_leaf()), NULL };

	CHECK(HAS(ID_FQDN, "gw.example.com"));
	CHECK(HAS(ID_FQDN, "GW.Example.com"));
	CHECK(!HAS(ID_FQDN, "example.com"));
	CHECK(!HAS(ID_FQDN, "gw.example.com\0"));
	CHECK(!HAS(ID_FQDN, "bob@example.com"));
	CHECK(!HAS(ID_FQDN, "leaf")); /* the CN is no name of a host */
	CHECK(HAS(ID_USER_FQDN, "bob@example.com"));
	CHECK(!HAS(ID_USER_FQDN, "rob@example.com"));
	CHECK(!HAS(ID_USER_FQDN, "gw.example.com"));
	CHECK(HAS(ID_IPV4_ADDR, "\300\0\2\7"));
	CHECK(!HAS(ID_IPV4_ADDR, "\300\0\2\10"));
	CHECK(!HAS(ID_IPV6_ADDR, "\300\0\2\7\0\0\0\0\0\0\0\0\0\0\0\0"));
	CHECK(HAS(ID_KEY_ID, "staff"));
	CHECK(!HAS(ID_KEY_ID, "Test"));
	CHECK(!HAS(ID_IPV4_ADDR_SUBNET, "\300\0\2\7\377\377\377\377"));
	cert_peer_free(&peer);
}

/* The subject: all of it, and nothing behind it. */
TEST(subjects)
{
	struct cert_peer peer = { make(a_leaf()), NULL };
	X509_NAME *name = X509_NAME_dup(X509_get_subject_name(peer.leaf));
	uint8_t der[512] = { 0 }, *p = der;
	int len = i2d_X509_NAME(name, &p);

	CHECK(len > 0);
	CHECK(has(&peer, ID_DER_ASN1_DN, der, (size_t)len));
	CHECK(!has(&peer, ID_DER_ASN1_DN, der, (size_t)len + 1));
	CHECK(!has(&peer, ID_DER_ASN1_DN, der, (size_t)len - 1));
	CHECK(!has(&peer, ID_DER_ASN1_GN, der, (size_t)len));
	X509_NAME_ENTRY_free(X509_NAME_delete_entry(name, 1));
	p = der;
	len = i2d_X509_NAME(name, &p);
	CHECK(!has(&peer, ID_DER_ASN1_DN, der, (size_t)len));
	p = der;
	len = i2d_X509_NAME(X509_get_subject_name(root()), &p);
	CHECK(!has(&peer, ID_DER_ASN1_DN, der, (size_t)len));
	X509_NAME_free(name);
	cert_peer_free(&peer);
}

TESTS(T(chains), T(dates), T(wrong_issuers), T(issuers_that_are_none),
    T(path_length), T(how_many), T(revoked), T(bad_crls), T(crls_of_a_chain),
    T(weak_keys), T(weak_hashes), T(usage), T(constraints), T(strictness),
    T(kinds_of_keys), T(garbage), T(garbage_behind_a_crl), T(identities),
    T(subjects))
