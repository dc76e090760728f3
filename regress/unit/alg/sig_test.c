/*
 * Signatures of IKEv1: an RSA one is a whole block of PKCS #1 type 1 around
 * the bare hash, computed here with plain numbers; nothing else verifies.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "ikerd/alg/sig.h"
#include "regress/unit/test.h"

#define LEN 20

static const uint8_t hash[LEN] = "abcdefghijklmnopqrs";

static EVP_PKEY *
rsa(void)
{
	static EVP_PKEY *key;

	if (key == NULL)
		key = EVP_RSA_gen(2048);
	return key;
}

/* x ^ exponent mod n, by hand. */
static void
power(const EVP_PKEY *key, const char *exponent, const uint8_t *x, uint8_t *out)
{
	BIGNUM *n = NULL, *e = NULL, *m = BN_bin2bn(x, 256, NULL);
	BN_CTX *ctx = BN_CTX_new();

	CHECK(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1);
	CHECK(EVP_PKEY_get_bn_param(key, exponent, &e) == 1);
	CHECK(BN_mod_exp(m, m, e, n, ctx) == 1);
	CHECK_INT(BN_bn2binpad(m, out, 256), 256);
	BN_free(n);
	BN_free(e);
	BN_free(m);
	BN_CTX_free(ctx);
}

static void
block(uint8_t *b)
{
	memset(b, 0xff, 256);
	b[0] = 0;
	b[1] = 1;
	b[256 - LEN - 1] = 0;
	memcpy(b + 256 - LEN, hash, LEN);
}

/* Is this block, made a signature, taken? */
static int
taken(const uint8_t *b)
{
	uint8_t sig[256];

	power(rsa(), OSSL_PKEY_PARAM_RSA_D, b, sig);
	return sig_verify(rsa(), SIGN_RSA, hash, LEN, sig, sizeof(sig));
}

TEST(rsa_signs_the_bare_hash)
{
	uint8_t sig[SIG_MAX], got[256], want[256];
	size_t len;

	CHECK_INT(sig_sign(rsa(), SIGN_RSA, hash, LEN, sig, &len), 0);
	CHECK_INT(len, 256);
	power(rsa(), OSSL_PKEY_PARAM_RSA_E, sig, got);
	block(want);
	CHECK_MEM(got, want, sizeof(want));
	CHECK(sig_verify(rsa(), SIGN_RSA, hash, LEN, sig, len));
	CHECK(!sig_verify(rsa(), SIGN_RSA, hash, LEN, sig, len - 1));
	CHECK(!sig_verify(rsa(), SIGN_RSA, hash, LEN - 1, sig, len));
}

/* CVE-2018-16151 and its like: every octet of the block counts. */
TEST(rsa_whole_block)
{
	uint8_t b[256];
	size_t i;

	block(b);
	CHECK(taken(b));
	for (i = 1; i < sizeof(b); i += i < 12 || i > 230 ? 1 : 50) {
		block(b);
		b[i] ^= 1;
		CHECK(!taken(b));
	}
	memset(b, 0xff, sizeof(b)); /* the hash too early, rubbish behind it */
	b[0] = 0;
	b[1] = 1;
	b[10] = 0;
	memcpy(b + 11, hash, LEN);
	CHECK(!taken(b));
}

static void
curve(const char *name, enum sign_kind want, size_t half)
{
	EVP_PKEY *key = EVP_EC_gen(name);
	uint8_t sig[SIG_MAX] = { 0 }, zero[132] = { 0 };
	enum sign_kind kind = SIGN_RSA;
	size_t len;

	CHECK(key != NULL && sig_kind_of_key(key, &kind) == 0);
	CHECK_INT(kind, want);
	CHECK_INT(sig_sign(key, kind, hash, LEN, sig, &len), 0);
	CHECK_INT(len, 2 * half);
	CHECK(sig_verify(key, kind, hash, LEN, sig, len));
	sig[half] ^= 1;
	CHECK(!sig_verify(key, kind, hash, LEN, sig, len));
	/* CVE-2013-2944: r and s are not zero */
	CHECK(!sig_verify(key, kind, hash, LEN, zero, len));
	EVP_PKEY_free(key);
}

TEST(ecdsa)
{
	curve("P-256", SIGN_ECDSA_256, 32);
	curve("P-384", SIGN_ECDSA_384, 48);
	curve("P-521", SIGN_ECDSA_521, 66);
}

/* A curve that no method has. */
TEST(other_keys)
{
	EVP_PKEY *key = EVP_EC_gen("secp256k1");
	enum sign_kind kind;

	CHECK(key != NULL);
	CHECK_INT(sig_kind_of_key(key, &kind), -1);
	EVP_PKEY_free(key);
	CHECK(!sig_is_short(rsa(), SIG_RSA_MIN));
	CHECK(sig_is_short(rsa(), SIG_RSA_MIN + 1));
}

TESTS(T(rsa_signs_the_bare_hash), T(rsa_whole_block), T(ecdsa), T(other_keys))
