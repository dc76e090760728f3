/*
 * Fuzz: all that a stranger shows when certificates authenticate: CERT,
 * CERTREQ, SIG and ID payloads, against two CAs, one of them legacy, with a
 * CRL as the parent loads it.  The first octet says how (enum flags), then
 * come records: kind, length in two octets, octets.  What is signed anew leads
 * to the CAs, so that all is reached; what is not must never be taken.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include "common/clock.h"
#include "ikerd/alg/provider.h"
#include "ikerd/alg/sig.h"
#include "ikerd/ike/certauth.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/sa.h"
#include "regress/unit/ike/certs.h"
#include "regress/unit/ike/tell.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

#define RECORDS_MAX 16
#define HASH_LEN 20

enum flags {
	SIGN_CERTS = 0x01, /* a chain: the key, names and signatures fit */
	SIGN_CRL = 0x02,
	HYBRID = 0x04,
	BY_RSA = 0x08 /* the method; otherwise ecdsa-256 */
};

enum kind {
	CERT,
	OTHER_CERT,
	CERTREQ,
	ID,
	SUBJECT,
	SIG,
	OWN_SIG,
	CRL,
	KINDS
};

struct record {
	uint8_t kind;
	const uint8_t *p;
	size_t len;
};

static const uint8_t hash_i[HASH_LEN] = "what the client must";
static EVP_PKEY *key; /* everybody's: it is published in RFC 4754 8.1 */
static X509 *ca_cert;

/* --- what stays --- */

static void
make_key(void)
{
	static const char private[] =
	    "dc51d3866a15bacde33d96f992fca99da7e6ef0934e7097559c27f1614c88a7f";
	static const char public[] =
	    "042442a5cc0ecd015fa3ca31dc8e2bbc70bf42d60cbca20085e0822cb04235e970"
	    "6fc98bd7e50211a4a27102fa3549df79ebcb4bf246b80945cddfe7d509bbfd7d";
	static char group[] = "P-256";
	static uint8_t point[65], d[32];
	BIGNUM *n = NULL;
	size_t len;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

	MUST(BN_hex2bn(&n, private) > 0);
	MUST(BN_bn2nativepad(n, d, sizeof(d)) == sizeof(d));
	BN_free(n);
	MUST(OPENSSL_hexstr2buf_ex(point, sizeof(point), &len, public, '\0'));
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 5),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_PRIV_KEY, d, sizeof(d)),
		OSSL_PARAM_octet_string(
		    OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_END,
	};
	MUST(EVP_PKEY_fromdata_init(ctx) == 1);
	MUST(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) == 1);
	EVP_PKEY_CTX_free(ctx);
}

static void
init(void)
{
	clock_hold(1000, NOW);
	MUST(alg_init(1) == 0);
	make_key();
	ca_cert = make((struct spec){ .name = "root",
	    .key = key,
	    .by = key,
	    .basic = "critical,CA:TRUE",
	    .usage = "critical,keyCertSign,cRLSign" });
	MUST(test_failures == 0);
}

/* --- the configuration --- */

static void
conf_ca(const char *name, int legacy)
{
	struct msg_CONF_CA m;
	uint8_t *p = m.der;
	int len = i2d_X509(ca_cert, NULL);

	memset(&m, 0, sizeof(m));
	MUST(len > 0 && (size_t)len <= sizeof(m.der));
	strlcpy(m.name, name, sizeof(m.name));
	m.legacy = (uint8_t)legacy;
	m.der_len = (uint16_t)i2d_X509(ca_cert, &p);
	tell(MSG_CONF_CA, &m);
}

static void
conf_crl(const char *name, const uint8_t *der, size_t len)
{
	struct msg_CONF_CRL m;
	size_t n;

	do {
		memset(&m, 0, sizeof(m));
		strlcpy(m.name, name, sizeof(m.name));
		n = len < sizeof(m.der) ? len : sizeof(m.der);
		m.der_len = (uint16_t)n;
		memcpy(m.der, der, n);
		der += n;
		len -= n;
		m.last = len == 0;
		tell(MSG_CONF_CRL, &m);
	} while (len > 0);
}

static void
conf_group(const char *name, const char *ca, const char *identity)
{
	struct msg_CONF_GROUP m;
	struct msg_CONF_GROUP_IDENTITY id;

	memset(&m, 0, sizeof(m));
	strlcpy(m.name, name, sizeof(m.name));
	strlcpy(m.ca, ca, sizeof(m.ca));
	strlcpy(m.pool, "pool", sizeof(m.pool));
	strlcpy(m.login, "LOCAL", sizeof(m.login));
	m.hybrid = ca[0] == '\0';
	tell(MSG_CONF_GROUP, &m);
	if (identity == NULL)
		return;
	memset(&id, 0, sizeof(id));
	strlcpy(id.group, name, sizeof(id.group));
	strlcpy(id.pattern, identity, sizeof(id.pattern));
	tell(MSG_CONF_GROUP_IDENTITY, &id);
}

static void
configure(const uint8_t *crl, size_t len)
{
	ikeconf_begin();
	conf_ca("strict", 0);
	conf_ca("legacy", 1);
	if (len > 0) {
		conf_crl("strict", crl, len);
		conf_crl("legacy", crl, len);
	}
	conf_group("staff", "strict", NULL);
	conf_group("mail", "strict", "*@*.example.com");
	conf_group("hosts", "legacy", "192.0.2.*");
	conf_group("names", "legacy", "CN=*a*b, OU=*");
	conf_group("all", "legacy", "*");
	conf_group("phones", "", NULL);
	ikeconf_free(ikeconf_commit());
	MUST(ikeconf()->certs.ncas == 2 && ikeconf()->nby_cert == 5);
}

/* --- signed anew --- */

/* So that it leads to the root: by the next one's name, ours at the end. */
static size_t
sign_cert(X509 *x, X509 *next, uint8_t *out)
{
	int len;

	if (X509_set_issuer_name(
		x, X509_get_subject_name(next != NULL ? next : ca_cert)) != 1 ||
	    X509_set_pubkey(x, key) != 1 ||
	    X509_sign(x, key, EVP_sha256()) <= 0)
		return 0;
	len = i2d_X509(x, NULL);
	if (len <= 0 || len > CERT_MAX)
		return 0;
	return (size_t)i2d_X509(x, &out);
}

static X509 *
cert_of(const struct record *r)
{
	const uint8_t *p = r->p;

	return d2i_X509(NULL, &p, (long)r->len);
}

static void
put_signed(struct isakmp_buf *ib, const struct record *r, size_t n)
{
	static uint8_t der[CERT_MAX];
	X509 *x = cert_of(r), *next = NULL;
	size_t i, len;

	for (i = 1; i < n && next == NULL; i++) {
		if (r[i].kind == CERT)
			next = cert_of(&r[i]);
	}
	if (x != NULL && (len = sign_cert(x, next, der)) > 0)
		ib_cert(ib, PAYLOAD_CERT, CERT_X509_SIGNATURE, der, len);
	X509_free(x);
	X509_free(next);
}

/* Ours now, when it is one; the DER is the caller's. */
static uint8_t *
signed_crl(const struct record *r, int *len)
{
	const uint8_t *p = r->p;
	X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)r->len);
	uint8_t *der = NULL;

	*len = 0;
	if (crl != NULL &&
	    X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca_cert)) ==
		1 &&
	    X509_CRL_sign(crl, key, EVP_sha256()) > 0)
		*len = i2d_X509_CRL(crl, &der);
	if (*len < 0)
		*len = 0;
	X509_CRL_free(crl);
	return der;
}

static void
put_own_signature(struct isakmp_buf *ib)
{
	uint8_t sig[SIG_MAX];
	size_t len;

	MUST(sig_sign(key, SIGN_ECDSA_256, hash_i, HASH_LEN, sig, &len) == 0);
	ib_payload(ib, PAYLOAD_SIG, sig, len);
}

/* The first certificate's subject, as it is said. */
static void
put_subject(struct isakmp_buf *ib, const struct record *r, size_t n)
{
	static const uint8_t head[4] = { ID_DER_ASN1_DN };
	uint8_t *der = NULL;
	X509 *x = NULL;
	int len = 0;
	size_t i;

	for (i = 0; i < n && x == NULL; i++) {
		if (r[i].kind == CERT)
			x = cert_of(&r[i]);
	}
	if (x != NULL)
		len = i2d_X509_NAME(X509_get_subject_name(x), &der);
	ib_payload_begin(ib, PAYLOAD_ID);
	ib_put(ib, head, sizeof(head));
	if (len > 0)
		ib_put(ib, der, (size_t)len);
	ib_payload_end(ib);
	OPENSSL_free(der);
	X509_free(x);
}

/* --- the message --- */

static size_t
take_records(const uint8_t *in, size_t size, struct record *r)
{
	size_t n = 0;

	while (size >= 3 && n < RECORDS_MAX) {
		r[n].kind = in[0] % KINDS;
		r[n].len = (size_t)in[1] << 8 | in[2];
		r[n].p = in + 3;
		if (r[n].len > size - 3)
			r[n].len = size - 3;
		in += 3 + r[n].len;
		size -= 3 + r[n].len;
		n++;
	}
	return n;
}

static void
put(struct isakmp_buf *ib, uint8_t flags, const struct record *r, size_t n)
{
	switch (r->kind) {
	case CERT:
		if (flags & SIGN_CERTS)
			put_signed(ib, r, n);
		else
			ib_cert(ib, PAYLOAD_CERT, CERT_X509_SIGNATURE, r->p,
			    r->len);
		break;
	case OTHER_CERT:
		ib_payload(ib, PAYLOAD_CERT, r->p, r->len);
		break;
	case CERTREQ:
		ib_payload(ib, PAYLOAD_CERTREQ, r->p, r->len);
		break;
	case ID:
		ib_payload(ib, PAYLOAD_ID, r->p, r->len);
		break;
	case SIG:
		ib_payload(ib, PAYLOAD_SIG, r->p, r->len);
		break;
	case OWN_SIG:
		if (flags & SIGN_CERTS)
			put_own_signature(ib);
		break;
	}
}

static int
read_message(uint8_t flags, const struct record *r, size_t n,
    struct isakmp_msg *msg, struct ident *id)
{
	static uint8_t buf[ISAKMP_MAX_MESSAGE];
	static const struct isakmp_hdr hdr = { .exchange = EXCHANGE_MAIN };
	const struct isakmp_payload *pl;
	struct isakmp_buf ib;
	size_t i, len;
	uint8_t bad;

	ib_init(&ib, buf, sizeof(buf), &hdr);
	for (i = 0; i < n; i++) {
		if (r[i].kind == SUBJECT)
			put_subject(&ib, r, n);
		else
			put(&ib, flags, &r[i], n - i);
	}
	if ((len = ib_finish(&ib)) == 0)
		return -1;
	if (isakmp_parse_payloads(buf[16], buf + ISAKMP_HDR_LEN,
		len - ISAKMP_HDR_LEN, msg) != ISAKMP_OK ||
	    isakmp_check_payloads(msg, KIND_MAIN_5, &bad) != ISAKMP_OK)
		return -1;
	pl = isakmp_find(msg, PAYLOAD_ID, 0);
	return pl != NULL && ident_parse(pl->body, pl->len, id) == ISAKMP_OK &&
		ident_check_phase1(id) == ISAKMP_OK ?
	    0 :
	    -1;
}

/* --- what must be --- */

/* Whom it let in shows a certificate that holds, and that nobody revoked. */
static void
check_taken(const struct isakmp_msg *msg)
{
	struct cert_peer peer;
	X509_REVOKED *entry;
	X509_CRL *crl;
	time_t now = NOW;

	MUST(cert_peer_read(&peer, msg) == NULL);
	MUST(X509_cmp_time(X509_get0_notBefore(peer.leaf), &now) <= 0);
	MUST(X509_cmp_time(X509_get0_notAfter(peer.leaf), &now) > 0);
	MUST(sk_X509_num(peer.others) < CHAIN_MAX);
	crl = cert_ca_crl(ikeconf()->certs.ca[0], 0);
	if (crl != NULL)
		MUST(X509_CRL_get0_by_cert(crl, &entry, peer.leaf) != 1);
	cert_peer_free(&peer);
}

static void
check_why(const char *why)
{
	const char *p;

	MUST(why[0] != '\0' && memchr(why, '\0', CERT_WHY_LEN) != NULL);
	for (p = why; *p != '\0'; p++)
		MUST((uint8_t)*p >= ' ' && *p != 0x7f);
}

static void
authenticate(uint8_t flags, const struct record *r, size_t n)
{
	static struct isakmp_msg msg;
	char why[CERT_WHY_LEN];
	struct ike_sa sa;
	struct ident id;
	struct group *g;

	if (read_message(flags, r, n, &msg, &id) == -1)
		return;
	ERR_clear_error();
	memset(&sa, 0, sizeof(sa));
	memset(why, 0, sizeof(why));
	sa.auth = ike_auth_by_name(flags & HYBRID ? "hybrid" :
		flags & BY_RSA			  ? "rsa" :
						    "ecdsa-256");
	sa.hash = ike_hash_by_number(2);
	sa.peer.addr = addr_ip4(0x7f000001);
	MUST(sa.auth != NULL && sa.hash->len == HASH_LEN);
	g = certauth_client(&sa, &msg, &id, hash_i, why);
	MUST(ERR_peek_error() == 0);
	if (g == NULL) {
		check_why(why);
	} else if (!(flags & HYBRID)) {
		MUST((flags & SIGN_CERTS) && !(flags & BY_RSA));
		check_taken(&msg);
	}
}

/* With the first CRL among the records, as it is or ours. */
static void
configure_for(uint8_t flags, const struct record *r, size_t n)
{
	static int plain; /* what is configured has no CRL */
	uint8_t *ours = NULL;
	const uint8_t *crl = NULL;
	int len = 0;

	while (n > 0 && r->kind != CRL) {
		r++;
		n--;
	}
	if (n > 0 && (flags & SIGN_CRL)) {
		crl = ours = signed_crl(r, &len);
	} else if (n > 0) {
		crl = r->p;
		len = (int)r->len;
	}
	ERR_clear_error(); /* of what was signed here */
	if (!plain || crl != NULL)
		configure(crl, (size_t)len);
	plain = crl == NULL;
	OPENSSL_free(ours);
	MUST(ERR_peek_error() == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	struct record r[RECORDS_MAX];
	size_t n;

	if (key == NULL)
		init();
	if (size == 0)
		return 0;
	n = take_records(in + 1, size - 1, r);
	configure_for(in[0], r, n);
	authenticate(in[0], r, n);
	return 0;
}
