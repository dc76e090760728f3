/*
 * Signatures of IKEv1: an RSA one is a whole block of PKCS #1 type 1 around
 * the bare hash, computed here with plain numbers; nothing else verifies.
 * ECDSA's against the vectors of RFC 4754.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
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

/* RFC 4754 8.1 to 8.3: signatures of the hash of "abc". */
static const struct {
	const char *curve;
	enum sign_kind kind;
	const char *md;
	const char *public; /* gwx, gwy */
	const char *sig;    /* r, s */
} rfc4754[] = {
	{ "P-256", SIGN_ECDSA_256, "SHA2-256",
	    "2442a5cc0ecd015fa3ca31dc8e2bbc70bf42d60cbca20085e0822cb04235e970"
	    "6fc98bd7e50211a4a27102fa3549df79ebcb4bf246b80945cddfe7d509bbfd7d",
	    "cb28e0999b9c7715fd0a80d8e47a77079716cbbf917dd72e97566ea1c066957c"
	    "86fa3bb4e26cad5bf90b7f81899256ce7594bb1ea0c89212748bff3b3d5b0315" },
	{ "P-384", SIGN_ECDSA_384, "SHA2-384",
	    "96281bf8dd5e0525ca049c048d345d3082968d10fedf5c5aca0c64e6465a97ea"
	    "5ce10c9dfec21797415710721f437922"
	    "447688ba94708eb6e2e4d59f6ab6d7edff9301d249fe49c33096655f5d502fad"
	    "3d383b91c5e7edaa2b714cc99d5743ca",
	    "fb017b914e29149432d8bac29a514640b46f53ddab2c69948084e2930f1c8f7e"
	    "08e07c9c63f2d21a07dcb56a6af56eb3"
	    "b263a1305e057f984d38726a1b46874109f417bca112674c528262a40a629af1"
	    "cbb9f516ce0fa7d2ff630863a00e8b9f" },
	{ "P-521", SIGN_ECDSA_521, "SHA2-512",
	    "0151518f1af0f563517edd5485190df95a4bf57b5cba4cf2a9a3f6474725a35f"
	    "7afe0a6ddeb8bedbcd6a197e592d40188901cecd650699c9b5e456aea5add190"
	    "52a8"
	    "006f3b142ea1bfff7e2837ad44c9e4ff6d2d34c73184bbad90026dd5e6e85317"
	    "d9df45cad7803c6c20035b2f3ff63aff4e1ba64d1c077577da3f4286c58f0aea"
	    "e643",
	    "0154fd3836af92d0dca57dd5341d3053988534fde8318fc6aaaab68e2e6f4339"
	    "b19f2f281a7e0b22c269d93cf8794a9278880ed7dbb8d9362caeacee54432055"
	    "2251"
	    "017705a7030290d1ceb605a9a1bb03ff9cdd521e87a696ec926c8c10c8362df4"
	    "975367101f67d1cf9bccbf2f3d239534fa509e70aac851ae01aac68d62f86647"
	    "2660" },
};

/* A key of a point: 04, x, y. */
static EVP_PKEY *
public_key(const char *curve, const uint8_t *point, size_t len)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
		    OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)curve, 0),
		OSSL_PARAM_construct_octet_string(
		    OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point, len),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	CHECK(EVP_PKEY_fromdata_init(ctx) == 1);
	CHECK(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) == 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static size_t
from_hex(const char *hex, uint8_t *out, size_t size)
{
	size_t len = 0;

	CHECK(OPENSSL_hexstr2buf_ex(out, size, &len, hex, '\0') == 1);
	return len;
}

TEST(ecdsa_of_rfc4754)
{
	uint8_t point[1 + 2 * 66] = { 4 }, sig[2 * 66], h[EVP_MAX_MD_SIZE];
	size_t i, k, n, len, hashlen;
	EVP_PKEY *key;

	for (i = 0; i < sizeof(rfc4754) / sizeof(rfc4754[0]); i++) {
		n = 1 + from_hex(rfc4754[i].public, point + 1, 2 * 66);
		len = from_hex(rfc4754[i].sig, sig, sizeof(sig));
		CHECK_INT(n, len + 1);
		CHECK(EVP_Q_digest(NULL, rfc4754[i].md, NULL, "abc", 3, h,
			  &hashlen) == 1);
		key = public_key(rfc4754[i].curve, point, n);
		CHECK(sig_verify(key, rfc4754[i].kind, h, hashlen, sig, len));
		for (k = 0; k < len; k += 9) {
			sig[k] ^= 1 << (k % 8);
			CHECK(!sig_verify(
			    key, rfc4754[i].kind, h, hashlen, sig, len));
			sig[k] ^= 1 << (k % 8);
		}
		h[hashlen - 1] ^= 1;
		CHECK(!sig_verify(key, rfc4754[i].kind, h, hashlen, sig, len));
		EVP_PKEY_free(key);
	}
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

TESTS(T(rsa_signs_the_bare_hash), T(rsa_whole_block), T(ecdsa),
    T(ecdsa_of_rfc4754), T(other_keys))
