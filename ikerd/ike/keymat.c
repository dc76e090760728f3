/*
 * The key material formulas that ike needs once crypto has answered (RFC 2409
 * 5 and App. B).  Pure functions; called by the exchanges.
 */
#include <string.h>

#include <sodium.h>

#include "ikerd/alg/prf.h"
#include "ikerd/ike/keymat.h"

#define DES 1 /* RFC 2409 App. A, encryption algorithm */

/* The weak and semi-weak keys of DES, parity bits zero (FIPS 74 3.6). */
static const uint8_t des_weak[][8] = {
	{ 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 },
	{ 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe },
	{ 0x1e, 0x1e, 0x1e, 0x1e, 0x0e, 0x0e, 0x0e, 0x0e },
	{ 0xe0, 0xe0, 0xe0, 0xe0, 0xf0, 0xf0, 0xf0, 0xf0 },
	{ 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe },
	{ 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00 },
	{ 0x1e, 0xe0, 0x1e, 0xe0, 0x0e, 0xf0, 0x0e, 0xf0 },
	{ 0xe0, 0x1e, 0xe0, 0x1e, 0xf0, 0x0e, 0xf0, 0x0e },
	{ 0x00, 0xe0, 0x00, 0xe0, 0x00, 0xf0, 0x00, 0xf0 },
	{ 0xe0, 0x00, 0xe0, 0x00, 0xf0, 0x00, 0xf0, 0x00 },
	{ 0x1e, 0xfe, 0x1e, 0xfe, 0x0e, 0xfe, 0x0e, 0xfe },
	{ 0xfe, 0x1e, 0xfe, 0x1e, 0xfe, 0x0e, 0xfe, 0x0e },
	{ 0x00, 0x1e, 0x00, 0x1e, 0x00, 0x0e, 0x00, 0x0e },
	{ 0x1e, 0x00, 0x1e, 0x00, 0x0e, 0x00, 0x0e, 0x00 },
	{ 0xe0, 0xfe, 0xe0, 0xfe, 0xf0, 0xfe, 0xf0, 0xfe },
	{ 0xfe, 0xe0, 0xfe, 0xe0, 0xfe, 0xf0, 0xfe, 0xf0 },
};

static void
put32(uint8_t *p, uint32_t v)
{
	p[0] = v >> 24;
	p[1] = v >> 16;
	p[2] = v >> 8;
	p[3] = v;
}

/* Looks at every row and byte, whatever the key is. */
static int
weak_des_key(const uint8_t *key)
{
	uint8_t bare[8];
	size_t i;
	int weak = 0;

	for (i = 0; i < sizeof(bare); i++)
		bare[i] = key[i] & 0xfe;
	for (i = 0; i < sizeof(des_weak) / sizeof(des_weak[0]); i++)
		weak |= sodium_memcmp(bare, des_weak[i], sizeof(bare)) == 0;
	sodium_memzero(bare, sizeof(bare));
	return weak;
}

int
keymat_cipher_key(const struct ike_hash *h, const struct ike_cipher *c,
    const uint8_t *skeyid_e, uint8_t *out)
{
	static const uint8_t zero = 0;
	const struct prf_part seed = { &zero, 1 };

	if (c->keylen <= h->len)
		memcpy(out, skeyid_e, c->keylen);
	else if (prf_expand(h, skeyid_e, h->len, &seed, 1, 1, out, c->keylen) ==
	    -1)
		return -1;
	if (c->number == DES && weak_des_key(out)) {
		sodium_memzero(out, c->keylen);
		return -1;
	}
	return 0;
}

static int
cut_hash(const struct ike_hash *h, const struct ike_cipher *c,
    const struct prf_part *parts, size_t nparts, uint8_t *iv)
{
	uint8_t full[ALG_HASH_MAX];
	int rv;

	rv = prf_hash(h, parts, nparts, full);
	memcpy(iv, full, c->blocklen); /* zeros when it failed */
	return rv;
}

int
keymat_iv1(const struct ike_hash *h, const struct ike_cipher *c,
    const uint8_t *gxi, const uint8_t *gxr, size_t gxlen, uint8_t *iv)
{
	const struct prf_part parts[] = { { gxi, gxlen }, { gxr, gxlen } };

	return cut_hash(h, c, parts, 2, iv);
}

int
keymat_iv2(const struct ike_hash *h, const struct ike_cipher *c,
    const uint8_t *lastblock, uint32_t mid, uint8_t *iv)
{
	uint8_t m[4];
	const struct prf_part parts[] = {
		{ lastblock, c->blocklen },
		{ m, sizeof(m) },
	};

	put32(m, mid);
	return cut_hash(h, c, parts, 2, iv);
}

int
keymat_hash1(const struct ike_hash *h, const uint8_t *skeyid_a, uint32_t mid,
    const uint8_t *rest, size_t restlen, uint8_t *out)
{
	return keymat_hash2(h, skeyid_a, mid, NULL, 0, rest, restlen, out);
}

int
keymat_hash2(const struct ike_hash *h, const uint8_t *skeyid_a, uint32_t mid,
    const uint8_t *ni, size_t nilen, const uint8_t *rest, size_t restlen,
    uint8_t *out)
{
	uint8_t m[4];
	const struct prf_part parts[] = {
		{ m, sizeof(m) },
		{ ni, nilen },
		{ rest, restlen },
	};

	put32(m, mid);
	return prf(h, skeyid_a, h->len, parts, 3, out);
}

int
keymat_hash3(const struct ike_hash *h, const uint8_t *skeyid_a, uint32_t mid,
    const uint8_t *ni, size_t nilen, const uint8_t *nr, size_t nrlen,
    uint8_t *out)
{
	uint8_t m[5] = { 0 };
	const struct prf_part parts[] = {
		{ m, sizeof(m) },
		{ ni, nilen },
		{ nr, nrlen },
	};

	put32(m + 1, mid);
	return prf(h, skeyid_a, h->len, parts, 3, out);
}

int
keymat_hash_equal(const struct ike_hash *h, const uint8_t *ours,
    const uint8_t *theirs, size_t theirlen)
{
	return theirlen == h->len && sodium_memcmp(ours, theirs, h->len) == 0;
}

size_t
keymat_esp_len(const struct esp_cipher *c, const struct esp_auth *a)
{
	return c->keylen + c->saltlen + (a == NULL ? 0 : a->keylen);
}

int
keymat_esp(const struct ike_hash *h, const struct keymat_esp *k, uint8_t *out,
    size_t outlen)
{
	uint8_t which[5];
	const struct prf_part seed[] = {
		{ k->gxy, k->gxy == NULL ? 0 : k->gxylen },
		{ which, sizeof(which) },
		{ k->ni, k->nilen },
		{ k->nr, k->nrlen },
	};

	if (outlen > KEYMAT_ESP_MAX)
		return -1;
	which[0] = k->protocol;
	put32(which + 1, k->spi);
	return prf_expand(h, k->skeyid_d, h->len, seed, 4, 0, out, outlen);
}
