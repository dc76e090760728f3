/*
 * Makes and checks IKEv1's signatures with OpenSSL's keys.  Pure functions;
 * crypto signs, ike verifies, the parent asks what kind a key is.
 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "ikerd/alg/sig.h"

#define RSA_PAD_MIN 11 /* 00 01, eight FF, 00 */

static const struct kind {
	const char *name;
	int curve;	/* NID; 0: RSA */
	uint16_t order; /* octets of r, and of s */
} kinds[SIGN_KINDS] = {
	[SIGN_RSA] = { "rsa", 0, 0 },
	[SIGN_ECDSA_256] = { "ecdsa-256", NID_X9_62_prime256v1, 32 },
	[SIGN_ECDSA_384] = { "ecdsa-384", NID_secp384r1, 48 },
	[SIGN_ECDSA_521] = { "ecdsa-521", NID_secp521r1, 66 },
};

const char *
sig_kind_name(enum sign_kind kind)
{
	return kinds[kind].name;
}

enum sign_kind
sig_kind_of_auth(const struct ike_auth *auth)
{
	unsigned int k;

	for (k = SIGN_ECDSA_256; k < SIGN_KINDS; k++) {
		if (strcmp(kinds[k].name, auth->name) == 0)
			return (enum sign_kind)k;
	}
	return SIGN_RSA;
}

int
sig_kind_of_key(const EVP_PKEY *key, enum sign_kind *kind)
{
	char group[64];
	unsigned int k;
	int nid;

	if (EVP_PKEY_is_a(key, "RSA")) {
		*kind = SIGN_RSA;
		return EVP_PKEY_get_bits(key) <= SIG_RSA_MAX ? 0 : -1;
	}
	if (!EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1)
		return -1;
	if ((nid = OBJ_sn2nid(group)) == NID_undef)
		return -1;
	for (k = SIGN_ECDSA_256; k < SIGN_KINDS; k++) {
		if (kinds[k].curve != nid)
			continue;
		*kind = (enum sign_kind)k;
		return 0;
	}
	return -1;
}

int
sig_is_short(const EVP_PKEY *key, int bits)
{
	return EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) < bits;
}

/* 00 01 FF ... FF 00 hash, as long as the modulus. */
static int
rsa_block(uint8_t *block, size_t size, const uint8_t *hash, size_t hashlen)
{
	if (size > SIG_MAX || size < hashlen + RSA_PAD_MIN)
		return -1;
	block[0] = 0;
	block[1] = 1;
	memset(block + 2, 0xff, size - hashlen - 3);
	block[size - hashlen - 1] = 0;
	memcpy(block + size - hashlen, hash, hashlen);
	return 0;
}

static int
rsa_sign(EVP_PKEY_CTX *ctx, size_t size, const uint8_t *hash, size_t hashlen,
    uint8_t *out, size_t *len)
{
	*len = SIG_MAX;
	if (size > SIG_MAX || size < hashlen + RSA_PAD_MIN ||
	    EVP_PKEY_sign_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_sign(ctx, out, len, hash, hashlen) != 1 || *len != size)
		return -1;
	return 0;
}

static int
rsa_verify(EVP_PKEY_CTX *ctx, size_t size, const uint8_t *hash, size_t hashlen,
    const uint8_t *sig, size_t len)
{
	uint8_t want[SIG_MAX], got[SIG_MAX];
	size_t n = sizeof(got);

	return len == size && rsa_block(want, size, hash, hashlen) == 0 &&
	    EVP_PKEY_verify_recover_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
	    EVP_PKEY_verify_recover(ctx, got, &n, sig, len) == 1 && n == size &&
	    memcmp(got, want, size) == 0;
}

static int
ecdsa_sign(EVP_PKEY_CTX *ctx, int order, const uint8_t *hash, size_t hashlen,
    uint8_t *out, size_t *len)
{
	uint8_t der[256];
	const uint8_t *p = der;
	size_t n = sizeof(der);
	ECDSA_SIG *rs = NULL;
	int rv = -1;

	if (EVP_PKEY_sign_init(ctx) == 1 &&
	    EVP_PKEY_sign(ctx, der, &n, hash, hashlen) == 1 &&
	    (rs = d2i_ECDSA_SIG(NULL, &p, (long)n)) != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(rs), out, order) == order &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(rs), out + order, order) == order)
		rv = 0;
	*len = 2 * (size_t)order;
	ECDSA_SIG_free(rs);
	return rv;
}

static int
ecdsa_verify(EVP_PKEY_CTX *ctx, int order, const uint8_t *hash, size_t hashlen,
    const uint8_t *sig, size_t len)
{
	ECDSA_SIG *rs = ECDSA_SIG_new();
	BIGNUM *r = NULL, *s = NULL;
	uint8_t *der = NULL;
	int n, ok = 0;

	if (rs != NULL && len == 2 * (size_t)order) {
		r = BN_bin2bn(sig, order, NULL);
		s = BN_bin2bn(sig + order, order, NULL);
	}
	if (r != NULL && s != NULL && ECDSA_SIG_set0(rs, r, s) == 1) {
		r = s = NULL; /* its own now */
		n = i2d_ECDSA_SIG(rs, &der);
		ok = n > 0 && EVP_PKEY_verify_init(ctx) == 1 &&
		    EVP_PKEY_verify(ctx, der, (size_t)n, hash, hashlen) == 1;
	}
	OPENSSL_free(der);
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(rs);
	return ok;
}

int
sig_sign(EVP_PKEY *key, enum sign_kind kind, const uint8_t *hash,
    size_t hashlen, uint8_t *out, size_t *len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	int rv = -1;

	if (ctx != NULL)
		rv = kind == SIGN_RSA ?
		    rsa_sign(ctx, (size_t)EVP_PKEY_get_size(key), hash, hashlen,
			out, len) :
		    ecdsa_sign(ctx, kinds[kind].order, hash, hashlen, out, len);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return rv;
}

int
sig_verify(EVP_PKEY *key, enum sign_kind kind, const uint8_t *hash,
    size_t hashlen, const uint8_t *sig, size_t len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	int ok = 0;

	if (ctx != NULL)
		ok = kind == SIGN_RSA ?
		    rsa_verify(ctx, (size_t)EVP_PKEY_get_size(key), hash,
			hashlen, sig, len) :
		    ecdsa_verify(
			ctx, kinds[kind].order, hash, hashlen, sig, len);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}
