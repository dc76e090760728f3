/*
 * The arithmetic of IKE as the test client does it: SKEYID family, IVs,
 * HASHes, KEYMAT and the cipher (RFC 2409 section 5, appendix B).  OpenSSL
 * does ciphers and hashes; HMAC is written out here, so that the gateway's prf
 * is checked by other means than its own.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "keys.h"

#define METHODS 16

/* Fetched once: fetching for each use costs more than the hash itself. */
static struct method {
	const char *name;
	EVP_MD *md;
	EVP_CIPHER *cipher;
} methods[METHODS];

static EVP_MD_CTX *md_ctx;
static EVP_CIPHER_CTX *cipher_ctx;

/* Call first.  The legacy provider is for DES; without it, no DES. */
void
keys_init(void)
{
	if (md_ctx != NULL)
		return;
	if (OSSL_PROVIDER_load(NULL, "default") == NULL)
		errx(1, "no OpenSSL default provider");
	(void)OSSL_PROVIDER_load(NULL, "legacy");
	md_ctx = EVP_MD_CTX_new();
	cipher_ctx = EVP_CIPHER_CTX_new();
	if (md_ctx == NULL || cipher_ctx == NULL)
		errx(1, "out of memory");
}

void
rnd(void *p, size_t len)
{
	if (RAND_bytes(p, (int)len) != 1)
		errx(1, "no randomness");
}

static struct method *
method(const char *name)
{
	int i;

	for (i = 0; i < METHODS; i++) {
		if (methods[i].name == NULL)
			methods[i].name = name;
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	}
	errx(1, "too many methods");
}

static EVP_MD *
md_of(const struct hash *h)
{
	struct method *m = method(h->evp);

	if (m->md == NULL && (m->md = EVP_MD_fetch(NULL, h->evp, NULL)) == NULL)
		errx(1, "OpenSSL has no %s", h->evp);
	return m->md;
}

static void
digest_raw(EVP_MD *md, const uint8_t *head, size_t headlen,
    const struct piece *v, size_t n, uint8_t *out)
{
	size_t i;

	if (EVP_DigestInit_ex(md_ctx, md, NULL) != 1 ||
	    EVP_DigestUpdate(md_ctx, head, headlen) != 1)
		errx(1, "hash failed");
	for (i = 0; i < n; i++)
		if (v[i].len > 0 &&
		    EVP_DigestUpdate(md_ctx, v[i].p, v[i].len) != 1)
			errx(1, "hash failed");
	if (EVP_DigestFinal_ex(md_ctx, out, NULL) != 1)
		errx(1, "hash failed");
}

/* out = H(v[0] | v[1] | ...), h->len octets. */
void
digest(const struct hash *h, const struct piece *v, size_t n, uint8_t *out)
{
	digest_raw(md_of(h), (const uint8_t *)"", 0, v, n, out);
}

/* out = HMAC(key, v[0] | v[1] | ...) (RFC 2104); out may be a piece. */
void
prf(const struct hash *h, const uint8_t *key, size_t keylen,
    const struct piece *v, size_t n, uint8_t *out)
{
	uint8_t ipad[128], opad[128], k[HASH_MAX], inner[HASH_MAX];
	struct piece whole = { key, keylen }, in = { inner, h->len };
	EVP_MD *md = md_of(h);
	size_t i;

	if (keylen > h->block) {
		digest(h, &whole, 1, k);
		key = k;
		keylen = h->len;
	}
	for (i = 0; i < h->block; i++) {
		ipad[i] = 0x36 ^ (i < keylen ? key[i] : 0);
		opad[i] = 0x5c ^ (i < keylen ? key[i] : 0);
	}
	digest_raw(md, ipad, h->block, v, n, inner);
	digest_raw(md, opad, h->block, &in, 1, out);
}

/* SKEYID without a key that both know: prf(Ni_b | Nr_b, g^xy). */
static void
skeyid_signatures(struct keys *k, const struct key_input *in)
{
	struct piece gxy = { in->gxy, in->gxy_len };
	uint8_t nonces[512];

	memcpy(nonces, in->ni.p, in->ni.len);
	memcpy(nonces + in->ni.len, in->nr.p, in->nr.len);
	prf(k->hash, nonces, in->ni.len + in->nr.len, &gxy, 1, k->skeyid);
}

/* One of SKEYID_d, _a, _e: prf(SKEYID, [before |] g^xy | CKYs | n). */
static void
skeyid_x(struct keys *k, const struct key_input *in, const uint8_t *before,
    uint8_t n, uint8_t *out)
{
	struct piece v[] = { { before, before == NULL ? 0 : k->hash->len },
		{ in->gxy, in->gxy_len }, { in->cky_i, 8 }, { in->cky_r, 8 },
		{ &n, 1 } };

	prf(k->hash, k->skeyid, k->hash->len, PIECES(v), out);
}

/* The phase 1 cipher's key, stretched if the hash is too short (app. B). */
static void
cipher_key(struct keys *k)
{
	uint8_t block[HASH_MAX] = { 0 };
	size_t at, n, hl = k->hash->len, need = k->cipher->keylen;
	struct piece v = { block, 1 };

	if (need <= hl) {
		memcpy(k->key, k->skeyid_e, need);
		return;
	}
	for (at = 0; at < need; at += n) {
		prf(k->hash, k->skeyid_e, hl, &v, 1, block);
		v.len = hl;
		n = need - at < hl ? need - at : hl;
		memcpy(k->key + at, block, n);
	}
}

/*
 * Everything from the Diffie-Hellman result; k->hash and k->cipher are set.
 *  Leaves k->iv as phase 1 begins: hash(g^xi | g^xr).
 */
int
keys_phase1(struct keys *k, const struct key_input *in)
{
	struct piece nonces[] = { in->ni, in->nr };
	struct piece values[] = { { in->gxi, in->len }, { in->gxr, in->len } };
	uint8_t iv[HASH_MAX];

	if (k->cipher->evp == NULL || k->hash->evp == NULL)
		return -1;
	if (in->psk != NULL)
		prf(k->hash, in->psk, in->psk_len, PIECES(nonces), k->skeyid);
	else
		skeyid_signatures(k, in);
	skeyid_x(k, in, NULL, 0, k->skeyid_d);
	skeyid_x(k, in, k->skeyid_d, 1, k->skeyid_a);
	skeyid_x(k, in, k->skeyid_a, 2, k->skeyid_e);
	cipher_key(k);
	digest(k->hash, PIECES(values), iv);
	memcpy(k->iv, iv, k->cipher->block);
	return 0;
}

/* HASH_I, or with responder set HASH_R, over SAi_b and the ID given. */
void
keys_hash_auth(const struct keys *k, const struct key_input *in, int responder,
    const struct piece *sai, const struct piece *id, uint8_t *out)
{
	struct piece hi[] = { { in->gxi, in->len }, { in->gxr, in->len },
		{ in->cky_i, 8 }, { in->cky_r, 8 }, *sai, *id };
	struct piece hr[] = { { in->gxr, in->len }, { in->gxi, in->len },
		{ in->cky_r, 8 }, { in->cky_i, 8 }, *sai, *id };

	if (responder)
		prf(k->hash, k->skeyid, k->hash->len, PIECES(hr), out);
	else
		prf(k->hash, k->skeyid, k->hash->len, PIECES(hi), out);
}

static void
msgid_bytes(uint32_t msgid, uint8_t *b)
{
	b[0] = (uint8_t)(msgid >> 24);
	b[1] = (uint8_t)(msgid >> 16);
	b[2] = (uint8_t)(msgid >> 8);
	b[3] = (uint8_t)msgid;
}

/* First IV of an exchange after phase 1: hash(last block | M-ID). */
void
keys_iv(const struct keys *k, uint32_t msgid, uint8_t *iv)
{
	uint8_t id[4], h[HASH_MAX];
	struct piece v[] = { { k->iv, k->cipher->block }, { id, 4 } };

	msgid_bytes(msgid, id);
	digest(k->hash, PIECES(v), h);
	memcpy(iv, h, k->cipher->block);
}

/*
 * prf(SKEYID_a, M-ID | [ni |] rest): HASH(1), HASH(2) with ni, and that of
 * Informational and Transaction.
 */
void
keys_hash2(const struct keys *k, uint32_t msgid, const struct piece *ni,
    const struct piece *rest, uint8_t *out)
{
	static const struct piece nothing;
	uint8_t id[4];
	struct piece v[] = { { id, 4 }, ni == NULL ? nothing : *ni, *rest };

	msgid_bytes(msgid, id);
	prf(k->hash, k->skeyid_a, k->hash->len, PIECES(v), out);
}

/* HASH(3) of Quick Mode: prf(SKEYID_a, 0 | M-ID | Ni_b | Nr_b). */
void
keys_hash3(const struct keys *k, uint32_t msgid, const struct piece *ni,
    const struct piece *nr, uint8_t *out)
{
	uint8_t id[4];
	struct piece v[] = { { "", 1 }, { id, 4 }, *ni, *nr };

	msgid_bytes(msgid, id);
	prf(k->hash, k->skeyid_a, k->hash->len, PIECES(v), out);
}

/* KEYMAT (RFC 2409 5.5) of the SA with that SPI; gqm is empty without PFS. */
void
keymat(const struct keys *k, const struct piece *gqm, uint8_t protocol,
    uint32_t spi, const struct piece *ni, const struct piece *nr, uint8_t *out,
    size_t len)
{
	uint8_t block[HASH_MAX], id[4];
	struct piece v[] = { { block, 0 }, *gqm, { &protocol, 1 }, { id, 4 },
		*ni, *nr };
	size_t at, n;

	msgid_bytes(spi, id);
	for (at = 0; at < len; at += n) {
		prf(k->hash, k->skeyid_d, k->hash->len, PIECES(v), block);
		v[0].len = k->hash->len;
		n = len - at < k->hash->len ? len - at : k->hash->len;
		memcpy(out + at, block, n);
	}
}

/*
 * Encrypt or decrypt in place, whole blocks, with the phase 1 cipher; iv is
 * moved on to the last cipher block.
 */
int
cbc(const struct keys *k, int encrypt, uint8_t *iv, uint8_t *p, size_t len)
{
	struct method *m = method(k->cipher->evp);
	size_t bs = k->cipher->block;
	uint8_t last[BLOCK_MAX];
	int n, end;

	if (m->cipher == NULL &&
	    (m->cipher = EVP_CIPHER_fetch(NULL, k->cipher->evp, NULL)) == NULL)
		errx(1, "OpenSSL has no %s", k->cipher->evp);
	if (len == 0 || len % bs != 0)
		return -1;
	memcpy(last, p + len - bs, bs);
	if (EVP_CipherInit_ex2(
		cipher_ctx, m->cipher, k->key, iv, encrypt, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(cipher_ctx, 0) != 1 ||
	    EVP_CipherUpdate(cipher_ctx, p, &n, p, (int)len) != 1 ||
	    EVP_CipherFinal_ex(cipher_ctx, p + n, &end) != 1)
		return -1;
	memcpy(iv, encrypt ? p + len - bs : last, bs);
	return 0;
}
