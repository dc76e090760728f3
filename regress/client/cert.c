/*
 * Certificates as the client has them: signs and verifies with plain numbers
 * (RSA) or r and s (ECDSA), and lets OpenSSL judge the gateway's chain.
 * Strict; the wrong kinds of signatures are made here, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "cert.h"
#include "session.h"

#define X509_SIGNATURE 4 /* encoding, RFC 2408 3.9 */
#define DER_ASN1_DN 9

int
is_hybrid(unsigned int auth)
{
	return auth == 64221;
}

int
is_signature(unsigned int auth)
{
	return auth == 3 || auth == 65005 || (auth >= 9 && auth <= 11) ||
	    is_hybrid(auth);
}

/* Octets of r, and of s, by method (RFC 4754); 0: RSA. */
static int
order(unsigned int auth)
{
	return auth == 9 ? 32 : auth == 10 ? 48 : auth == 11 ? 66 : 0;
}

/* All certificates of a PEM file; how many, -1 when there is none. */
int
cert_load(X509 **out, int max, const char *path)
{
	FILE *fp = fopen(path, "r");
	int n = 0;

	if (fp == NULL)
		return -1;
	while (
	    n < max && (out[n] = PEM_read_X509(fp, NULL, NULL, NULL)) != NULL)
		n++;
	fclose(fp);
	return n > 0 ? n : -1;
}

EVP_PKEY *
cert_key(const char *path)
{
	FILE *fp = fopen(path, "r");
	EVP_PKEY *key;

	if (fp == NULL)
		return NULL;
	key = PEM_read_PrivateKey(fp, NULL, NULL, NULL);
	fclose(fp);
	return key;
}

int
cert_subject(const X509 *x, struct bytes *id)
{
	static const uint8_t head[4] = { DER_ASN1_DN, 17, 500 >> 8,
		500 & 0xff };
	uint8_t *p = id->b + 4;
	int len = i2d_X509_NAME(X509_get_subject_name(x), NULL);

	if (len <= 0 || (size_t)len > sizeof(id->b) - 4)
		return -1;
	memcpy(id->b, head, 4);
	(void)i2d_X509_NAME(X509_get_subject_name(x), &p);
	id->len = 4 + (size_t)len;
	return 0;
}

int
cert_subject_id(const char *path, struct bytes *id)
{
	X509 *x;
	int r;

	if (cert_load(&x, 1, path) == -1)
		return -1;
	r = cert_subject(x, id);
	X509_free(x);
	return r;
}

/* --- RSA: EM ^ d mod n, and back (RFC 8017 8.2 without DigestInfo) --- */

static const uint8_t sha1_info[] = { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b,
	0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14 };

static void
rsa_message(
    uint8_t *em, size_t n, const uint8_t *h, size_t len, enum sig_kind kind)
{
	size_t info = kind == SIG_DIGESTINFO ? sizeof(sha1_info) : 0;
	size_t at = kind == SIG_LOW_PADDING ? 2 + 8 : n - len - info - 1;

	memset(em, 0xff, n);
	em[0] = 0;
	em[1] = 1;
	em[at] = 0;
	memcpy(em + at + 1, sha1_info, info);
	memcpy(em + at + 1 + info, h, len);
}

/* x ^ e mod n; the modulus' length, 0 when it fails. */
static size_t
rsa_power(const EVP_PKEY *key, const uint8_t *x, size_t len, uint8_t *out)
{
	BIGNUM *n = NULL, *e = NULL, *m = BN_bin2bn(x, (int)len, NULL);
	BIGNUM *r = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	size_t size = 0;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
	    BN_num_bytes(n) <= SIG_LEN_MAX &&
	    BN_mod_exp(r, m, e, n, ctx) == 1 &&
	    BN_bn2binpad(r, out, BN_num_bytes(n)) > 0)
		size = (size_t)BN_num_bytes(n);
	BN_free(n);
	BN_free(e);
	BN_free(m);
	BN_free(r);
	BN_CTX_free(ctx);
	return size;
}

/* The private power is OpenSSL's, by the primes: it is many times faster. */
static size_t
rsa_sign(EVP_PKEY *key, enum sig_kind kind, const uint8_t *h, size_t len,
    uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t n = (size_t)EVP_PKEY_get_size(key);
	uint8_t em[SIG_LEN_MAX];

	if (n <= sizeof(em))
		rsa_message(em, n, h, len, kind);
	if (n > sizeof(em) || EVP_PKEY_sign_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) != 1 ||
	    EVP_PKEY_sign(ctx, out, &n, em, n) != 1)
		n = 0;
	EVP_PKEY_CTX_free(ctx);
	return n;
}

static int
rsa_verify(const EVP_PKEY *key, const uint8_t *h, size_t len,
    const uint8_t *sig, size_t siglen)
{
	uint8_t em[SIG_LEN_MAX], want[SIG_LEN_MAX];
	size_t n = (size_t)EVP_PKEY_get_size(key);

	if (siglen != n || rsa_power(key, sig, siglen, em) != n)
		return 0;
	rsa_message(want, n, h, len, SIG_GOOD);
	return memcmp(em, want, n) == 0;
}

/* --- ECDSA --- */

static size_t
ec_sign(EVP_PKEY *key, int half, const uint8_t *h, size_t len, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	uint8_t der[512];
	const uint8_t *p = der;
	size_t n = sizeof(der);
	ECDSA_SIG *rs;
	int ok;

	ok = EVP_PKEY_sign_init(ctx) == 1 &&
	    EVP_PKEY_sign(ctx, der, &n, h, len) == 1;
	EVP_PKEY_CTX_free(ctx);
	if (!ok || (rs = d2i_ECDSA_SIG(NULL, &p, (long)n)) == NULL)
		return 0;
	ok = BN_bn2binpad(ECDSA_SIG_get0_r(rs), out, half) == half &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(rs), out + half, half) == half;
	ECDSA_SIG_free(rs);
	return ok ? 2 * (size_t)half : 0;
}

static int
ec_verify(EVP_PKEY *key, int half, const uint8_t *h, size_t len,
    const uint8_t *sig, size_t siglen)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	ECDSA_SIG *rs = ECDSA_SIG_new();
	uint8_t *der = NULL;
	int n, ok = 0;

	if (siglen == 2 * (size_t)half) {
		ECDSA_SIG_set0(rs, BN_bin2bn(sig, half, NULL),
		    BN_bin2bn(sig + half, half, NULL));
		n = i2d_ECDSA_SIG(rs, &der);
		ok = n > 0 && EVP_PKEY_verify_init(ctx) == 1 &&
		    EVP_PKEY_verify(ctx, der, (size_t)n, h, len) == 1;
	}
	OPENSSL_free(der);
	ECDSA_SIG_free(rs);
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

/* --- payloads --- */

static void
put_cert(struct wire *w, X509 *x)
{
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);

	wire_open(w, P_CERT);
	put8(w, X509_SIGNATURE);
	putb(w, der, len > 0 ? (size_t)len : 0);
	wire_end(w);
	OPENSSL_free(der);
}

int
cert_put(struct session *s, struct wire *w, const uint8_t *hash, size_t len)
{
	const struct credentials *c = &s->set->cred;
	uint8_t sig[SIG_LEN_MAX + 1] = { 0 }, h[HASH_MAX];
	int half = order(s->chosen.auth), i;
	size_t n;

	if (c->key == NULL)
		return wrong(s, "no key to sign with");
	memcpy(h, hash, len);
	if (s->sig == SIG_OTHER)
		h[0] ^= 1;
	n = half > 0 ? ec_sign(c->key, half, h, len, sig + 1) :
		       rsa_sign(c->key, s->sig, h, len, sig + 1);
	if (n == 0)
		return wrong(s, "cannot sign");
	if (s->sig == SIG_FLIPPED)
		sig[n] ^= 1;
	if (s->sig == SIG_ZERO)
		memset(sig, 0, sizeof(sig));
	for (i = 0; i < c->certs; i++)
		put_cert(w, c->chain[i]);
	put_payload(w, P_SIG, s->sig == SIG_LONG ? sig : sig + 1,
	    s->sig == SIG_LONG	    ? n + 1 :
		s->sig == SIG_SHORT ? n - 1 :
				      n);
	return 0;
}

/* Does the gateway's chain lead to whom we trust? */
static int
trusted(const struct credentials *c, X509 *leaf, STACK_OF(X509) * others)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int i, ok;

	for (i = 0; i < c->trusts; i++)
		X509_STORE_add_cert(store, c->trusted[i]);
	ok = X509_STORE_CTX_init(ctx, store, leaf, others) == 1 &&
	    X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return ok;
}

/* The gateway calls itself what its certificate says. */
static int
names_itself(const struct message *m, X509 *leaf)
{
	const struct payload *id = wire_find(m->p, m->n, P_ID, 0);
	uint8_t *der = NULL;
	int len = i2d_X509_NAME(X509_get_subject_name(leaf), &der), ok;

	ok = id != NULL && len > 0 && id->len == 4 + (size_t)len &&
	    id->body[0] == DER_ASN1_DN &&
	    memcmp(id->body + 4, der, (size_t)len) == 0;
	OPENSSL_free(der);
	return ok;
}

static int
judge(struct session *s, const struct message *m, X509 *leaf,
    STACK_OF(X509) * others, const uint8_t *hash, size_t len)
{
	const struct payload *sig = wire_find(m->p, m->n, P_SIG, 0);
	int half = order(s->chosen.auth);
	EVP_PKEY *key = X509_get0_pubkey(leaf);

	if (sig == NULL || wire_find(m->p, m->n, P_HASH, 0) != NULL)
		return wrong(s, "answer has no SIG, or a HASH beside it");
	if (!trusted(&s->set->cred, leaf, others))
		return wrong(s, "the gateway's certificate is not trusted");
	if (!names_itself(m, leaf))
		return wrong(s, "the gateway's ID is not its certificate's");
	if (half > 0 ? !ec_verify(key, half, hash, len, sig->body, sig->len) :
		       !rsa_verify(key, hash, len, sig->body, sig->len))
		return wrong(s, "its SIG does not verify");
	return 0;
}

int
cert_take(
    struct session *s, const struct message *m, const uint8_t *hash, size_t len)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	const struct payload *c;
	const uint8_t *p;
	int i, r = -1;
	X509 *x;

	for (i = 0; (c = wire_find(m->p, m->n, P_CERT, i)) != NULL; i++) {
		p = c->body + 1;
		x = c->len > 1 && c->body[0] == X509_SIGNATURE ?
		    d2i_X509(NULL, &p, (long)c->len - 1) :
		    NULL;
		if (x == NULL || p != c->body + c->len)
			(void)wrong(s, "a CERT of the answer is none");
		else
			sk_X509_push(all, x);
	}
	if (i == 0)
		(void)wrong(s, "answer has no CERT");
	else if (sk_X509_num(all) == i)
		r = judge(s, m, sk_X509_value(all, 0), all, hash, len);
	sk_X509_pop_free(all, X509_free);
	return r;
}
