/*
 * Diffie-Hellman on OpenSSL's EVP_PKEY: the groups' parameters and generation
 * contexts are made once and kept; a key pair holds its KE body ready.  Called
 * by crypto (phase 1, PFS) and by provider.c at start-up.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include "ikerd/alg/dh.h"

/* A group made ready: parameters without a key, and what makes pairs. */
struct dh_params {
	EVP_PKEY *template; /* NULL for X25519, which has no parameters */
	EVP_PKEY_CTX *maker;
	uint8_t *top; /* MODP: p-1, publiclen bytes */
};

struct dh_key {
	const struct ike_group *group;
	EVP_PKEY *pkey;
	uint8_t public[]; /* the KE body, publiclen bytes */
};

static struct dh_params ready[IKE_GROUPS];

/* One stock of a pool: `have' pairs in keys, which has room for `keep'. */
struct dh_stock {
	struct dh_key **keys;
	unsigned int keep, have;
};

struct dh_pool {
	struct dh_stock stock[IKE_GROUPS];
};

/* Parameters of a group that OpenSSL knows by name. */
static EVP_PKEY *
params_named(const struct ike_group *g)
{
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM params[2];
	char name[16];

	strlcpy(name, g->evp, sizeof(name));
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, name, 0);
	params[1] = OSSL_PARAM_construct_end();
	ctx = EVP_PKEY_CTX_new_from_name(
	    NULL, g->kind == GROUP_ECP ? "EC" : "DH", NULL);
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEY_PARAMETERS, params) <= 0)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* Parameters of the Oakley groups 1 and 2 (RFC 2409 6.1, 6.2): g = 2. */
static EVP_PKEY *
params_oakley(const struct ike_group *g)
{
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM params[3];
	unsigned char p[128], two = 2;
	BIGNUM *prime;

	prime = g->number == 1 ? BN_get_rfc2409_prime_768(NULL) :
				 BN_get_rfc2409_prime_1024(NULL);
	if (prime == NULL ||
	    BN_bn2nativepad(prime, p, g->publiclen) != g->publiclen)
		goto done;
	params[0] = OSSL_PARAM_construct_BN(
	    OSSL_PKEY_PARAM_FFC_P, p, g->publiclen);
	params[1] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_FFC_G, &two, 1);
	params[2] = OSSL_PARAM_construct_end();
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEY_PARAMETERS, params) <= 0)
		pkey = NULL;
done:
	EVP_PKEY_CTX_free(ctx);
	BN_free(prime);
	return pkey;
}

/* p-1 in the form of a KE body, for the range check. */
static uint8_t *
params_top(const struct ike_group *g, EVP_PKEY *template)
{
	BIGNUM *p = NULL;
	uint8_t *top = NULL;

	if (!EVP_PKEY_get_bn_param(template, OSSL_PKEY_PARAM_FFC_P, &p))
		return NULL;
	if (BN_num_bytes(p) == g->publiclen && BN_sub_word(p, 1))
		top = malloc(g->publiclen);
	if (top != NULL && BN_bn2binpad(p, top, g->publiclen) == -1) {
		free(top);
		top = NULL;
	}
	BN_free(p);
	return top;
}

/* The context that makes pairs, exponents of group->expbits (MODP). */
static EVP_PKEY_CTX *
params_maker(const struct ike_group *g, EVP_PKEY *template)
{
	EVP_PKEY_CTX *ctx;
	OSSL_PARAM params[2];
	int bits = g->expbits;

	if (template == NULL)
		ctx = EVP_PKEY_CTX_new_from_name(NULL, g->evp, NULL);
	else
		ctx = EVP_PKEY_CTX_new_from_pkey(NULL, template, NULL);
	if (ctx == NULL || EVP_PKEY_keygen_init(ctx) <= 0)
		goto fail;
	params[0] = OSSL_PARAM_construct_int(
	    OSSL_PKEY_PARAM_DH_PRIV_LEN, &bits);
	params[1] = OSSL_PARAM_construct_end();
	if (g->kind == GROUP_MODP && EVP_PKEY_CTX_set_params(ctx, params) <= 0)
		goto fail;
	return ctx;
fail:
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

int
dh_init(const struct ike_group *g)
{
	struct dh_params *d = &ready[g - ike_groups];

	if (d->maker != NULL)
		return 0;
	if (g->kind != GROUP_X25519) {
		d->template = g->evp != NULL ? params_named(g) :
					       params_oakley(g);
		if (d->template == NULL)
			goto fail;
	}
	if (g->kind == GROUP_MODP &&
	    (d->top = params_top(g, d->template)) == NULL)
		goto fail;
	if ((d->maker = params_maker(g, d->template)) != NULL)
		return 0;
fail:
	ERR_clear_error();
	EVP_PKEY_free(d->template);
	free(d->top);
	memset(d, 0, sizeof(*d));
	return -1;
}

/* The KE body of a new pair. */
static int
read_public(EVP_PKEY *pkey, const struct ike_group *g, uint8_t *out)
{
	unsigned char *enc = NULL;
	size_t len, skip = g->kind == GROUP_ECP ? 1 : 0;
	int rv = -1;

	/* MODP comes padded; ECP is 04 | x | y, of which 5903 sends x | y */
	len = EVP_PKEY_get1_encoded_public_key(pkey, &enc);
	if (len == g->publiclen + skip) {
		memcpy(out, enc + skip, g->publiclen);
		rv = 0;
	}
	OPENSSL_free(enc);
	return rv;
}

struct dh_key *
dh_generate(const struct ike_group *g)
{
	struct dh_key *k;

	if (dh_init(g) == -1)
		return NULL;
	if ((k = calloc(1, sizeof(*k) + g->publiclen)) == NULL)
		return NULL;
	k->group = g;
	if (EVP_PKEY_keygen(ready[g - ike_groups].maker, &k->pkey) <= 0 ||
	    read_public(k->pkey, g, k->public) == -1) {
		ERR_clear_error();
		dh_free(k);
		return NULL;
	}
	return k;
}

void
dh_free(struct dh_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey); /* OpenSSL zeroes the secret number */
	free(k);
}

const struct ike_group *
dh_group(const struct dh_key *k)
{
	return k->group;
}

int
dh_public(const struct dh_key *k, uint8_t *out, size_t len)
{
	if (len < k->group->publiclen)
		return -1;
	memcpy(out, k->public, k->group->publiclen);
	return 0;
}

/* 1 < y < p-1; y is public, so time may depend on it. */
static int
in_range(const uint8_t *y, const struct ike_group *g)
{
	size_t i;

	if (memcmp(y, ready[g - ike_groups].top, g->publiclen) >= 0)
		return 0;
	for (i = 0; i < (size_t)g->publiclen - 1; i++)
		if (y[i] != 0)
			return 1;
	return y[i] > 1;
}

/* The peer's KE body as OpenSSL's key; it refuses points off the curve. */
static EVP_PKEY *
read_peer(const struct ike_group *g, const uint8_t *peer)
{
	uint8_t enc[1 + ALG_PUBLIC_MAX];
	EVP_PKEY *pkey;

	if (g->kind == GROUP_X25519)
		return EVP_PKEY_new_raw_public_key_ex(
		    NULL, g->evp, NULL, peer, g->publiclen);
	if (g->kind == GROUP_MODP && !in_range(peer, g))
		return NULL;
	enc[0] = 4; /* uncompressed point */
	memcpy(enc + 1, peer, g->publiclen);
	pkey = EVP_PKEY_new();
	if (pkey != NULL &&
	    EVP_PKEY_copy_parameters(pkey, ready[g - ike_groups].template) &&
	    (g->kind == GROUP_ECP ?
		    EVP_PKEY_set1_encoded_public_key(
			pkey, enc, g->publiclen + 1) :
		    EVP_PKEY_set1_encoded_public_key(pkey, peer, g->publiclen)))
		return pkey;
	EVP_PKEY_free(pkey);
	return NULL;
}

static int
derive(const struct dh_key *k, EVP_PKEY *peer, uint8_t *out)
{
	EVP_PKEY_CTX *ctx;
	size_t len = k->group->sharedlen;
	int rv = -1;

	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	if (ctx == NULL || EVP_PKEY_derive_init(ctx) <= 0)
		goto done;
	if (k->group->kind == GROUP_MODP &&
	    EVP_PKEY_CTX_set_dh_pad(ctx, 1) <= 0)
		goto done;
	/* 0: without y^q, our own checks are done */
	if (EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) <= 0 ||
	    EVP_PKEY_derive(ctx, out, &len) <= 0)
		goto done;
	if (len == k->group->sharedlen && !sodium_is_zero(out, len))
		rv = 0;
done:
	EVP_PKEY_CTX_free(ctx);
	return rv;
}

int
dh_shared(struct dh_key *k, const uint8_t *peer, size_t peerlen, uint8_t *out)
{
	EVP_PKEY *pkey = NULL;
	int rv = -1;

	if (peerlen == k->group->publiclen &&
	    (pkey = read_peer(k->group, peer)) != NULL)
		rv = derive(k, pkey, out);
	EVP_PKEY_free(pkey);
	if (rv == -1) {
		ERR_clear_error();
		sodium_memzero(out, k->group->sharedlen);
	}
	return rv;
}

struct dh_pool *
dh_pool_new(void)
{
	return calloc(1, sizeof(struct dh_pool));
}

static void
stock_trim(struct dh_stock *s, unsigned int n)
{
	while (s->have > n)
		dh_free(s->keys[--s->have]);
}

void
dh_pool_free(struct dh_pool *pool)
{
	size_t i;

	if (pool == NULL)
		return;
	for (i = 0; i < IKE_GROUPS; i++) {
		stock_trim(&pool->stock[i], 0);
		free(pool->stock[i].keys);
	}
	free(pool);
}

int
dh_pool_keep(struct dh_pool *pool, const struct ike_group *g, unsigned int n)
{
	struct dh_stock *s = &pool->stock[g - ike_groups];
	struct dh_key **keys;

	stock_trim(s, n);
	if (n > s->keep) {
		keys = reallocarray(s->keys, n, sizeof(struct dh_key *));
		if (keys == NULL)
			return -1;
		s->keys = keys;
	}
	s->keep = n;
	return 0;
}

int
dh_pool_fill(struct dh_pool *pool)
{
	struct dh_stock *s, *low = NULL;
	struct dh_key *k;
	size_t i;

	for (i = 0; i < IKE_GROUPS; i++) {
		s = &pool->stock[i];
		if (s->have < s->keep &&
		    (low == NULL || s->keep - s->have > low->keep - low->have))
			low = s;
	}
	if (low == NULL)
		return 0;
	if ((k = dh_generate(&ike_groups[low - pool->stock])) == NULL)
		return -1;
	low->keys[low->have++] = k;
	return 1;
}

struct dh_key *
dh_pool_take(struct dh_pool *pool, const struct ike_group *g)
{
	struct dh_stock *s = &pool->stock[g - ike_groups];

	return s->have > 0 ? s->keys[--s->have] : dh_generate(g);
}

unsigned int
dh_pool_ready(const struct dh_pool *pool, const struct ike_group *g)
{
	return pool->stock[g - ike_groups].have;
}
