/*
 * HMAC and hash over lists of parts, with one OpenSSL context kept for each
 * hash: making a context costs more than a short prf.  No key is left in a
 * context.  Called by skeyid.c and keymat.c.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include "ikerd/alg/prf.h"
#include "ikerd/alg/provider.h"

static EVP_MAC_CTX *macs[IKE_HASHES];
static EVP_MD_CTX *mds[IKE_HASHES];

static const uint8_t no_key[ALG_HASH_MAX];

static EVP_MAC_CTX *
mac_context(const struct ike_hash *h)
{
	EVP_MAC_CTX **ctx = &macs[h - ike_hashes];
	char name[16];
	OSSL_PARAM params[2];

	if (*ctx != NULL || !alg_has_hash(h))
		return *ctx;
	strlcpy(name, h->evp, sizeof(name));
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_MAC_PARAM_DIGEST, name, 0);
	params[1] = OSSL_PARAM_construct_end();
	if ((*ctx = EVP_MAC_CTX_new(provider_hmac())) == NULL)
		return NULL;
	if (!EVP_MAC_CTX_set_params(*ctx, params)) {
		EVP_MAC_CTX_free(*ctx);
		*ctx = NULL;
	}
	return *ctx;
}

static int
mac_parts(EVP_MAC_CTX *ctx, const struct ike_hash *h, const void *key,
    size_t keylen, const struct prf_part *parts, size_t nparts, uint8_t *out)
{
	size_t i, len;

	if (!EVP_MAC_init(ctx, keylen == 0 ? no_key : key, keylen, NULL))
		return -1;
	for (i = 0; i < nparts; i++)
		if (!EVP_MAC_update(ctx, parts[i].p, parts[i].len))
			return -1;
	if (!EVP_MAC_final(ctx, out, &len, h->len) || len != h->len)
		return -1;
	return 0;
}

int
prf(const struct ike_hash *h, const void *key, size_t keylen,
    const struct prf_part *parts, size_t nparts, uint8_t *out)
{
	EVP_MAC_CTX *ctx;
	int rv = -1;

	if ((ctx = mac_context(h)) != NULL) {
		rv = mac_parts(ctx, h, key, keylen, parts, nparts, out);
		/* a new key is how the context forgets the old one */
		EVP_MAC_init(ctx, no_key, sizeof(no_key), NULL);
	}
	if (rv == -1) {
		ERR_clear_error();
		sodium_memzero(out, h->len);
	}
	return rv;
}

static int
hash_parts(EVP_MD_CTX *ctx, const struct ike_hash *h,
    const struct prf_part *parts, size_t nparts, uint8_t *out)
{
	size_t i;

	if (!EVP_DigestInit_ex2(ctx, provider_hash(h), NULL))
		return -1;
	for (i = 0; i < nparts; i++)
		if (!EVP_DigestUpdate(ctx, parts[i].p, parts[i].len))
			return -1;
	return EVP_DigestFinal_ex(ctx, out, NULL) ? 0 : -1;
}

int
prf_hash(const struct ike_hash *h, const struct prf_part *parts, size_t nparts,
    uint8_t *out)
{
	EVP_MD_CTX **ctx = &mds[h - ike_hashes];
	int rv = -1;

	if (*ctx == NULL && provider_hash(h) != NULL)
		*ctx = EVP_MD_CTX_new();
	if (*ctx != NULL)
		rv = hash_parts(*ctx, h, parts, nparts, out);
	if (rv == -1) {
		ERR_clear_error();
		sodium_memzero(out, h->len);
	}
	return rv;
}

int
prf_expand(const struct ike_hash *h, const void *key, size_t keylen,
    const struct prf_part *seed, size_t nseed, int without_seed, uint8_t *out,
    size_t outlen)
{
	struct prf_part parts[PRF_PARTS + 1];
	uint8_t k[ALG_HASH_MAX];
	size_t done = 0, n;
	int rv = 0;

	if (nseed > PRF_PARTS)
		return -1;
	parts[0].p = k;
	parts[0].len = h->len;
	memcpy(parts + 1, seed, nseed * sizeof(*seed));
	while (rv == 0 && done < outlen) {
		if (done == 0)
			rv = prf(h, key, keylen, seed, nseed, k);
		else
			rv = prf(h, key, keylen, parts,
			    without_seed ? 1 : nseed + 1, k);
		n = outlen - done < h->len ? outlen - done : h->len;
		memcpy(out + done, k, n);
		done += n;
	}
	sodium_memzero(k, sizeof(k));
	if (rv == -1)
		sodium_memzero(out, outlen);
	return rv;
}
