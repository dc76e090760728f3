/*
 * CBC of ISAKMP messages on OpenSSL, in place, one context kept and emptied
 * after each message.  Called by ike where datagrams come in and go out.
 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "ikerd/alg/provider.h"
#include "ikerd/ike/cipher.h"

static EVP_CIPHER_CTX *ctx;

size_t
cipher_padding(const struct ike_cipher *c, size_t len)
{
	return (c->blocklen - len % c->blocklen) % c->blocklen;
}

static int
run(const struct ike_cipher *c, const uint8_t *key, const uint8_t *iv,
    uint8_t *buf, size_t len, int encrypt)
{
	const EVP_CIPHER *evp = provider_cipher(c);
	int done, rv = -1;

	if (evp == NULL || len == 0 || len % c->blocklen != 0 ||
	    len > CIPHER_MAX)
		return -1;
	if (ctx == NULL && (ctx = EVP_CIPHER_CTX_new()) == NULL)
		return -1;
	if (EVP_CipherInit_ex2(ctx, evp, key, iv, encrypt, NULL) &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) &&
	    EVP_CipherUpdate(ctx, buf, &done, buf, len) && done == (int)len)
		rv = 0;
	else
		ERR_clear_error();
	EVP_CIPHER_CTX_reset(ctx); /* forgets the key */
	return rv;
}

int
cipher_encrypt(const struct ike_cipher *c, const uint8_t *key,
    const uint8_t *iv, uint8_t *buf, size_t len, uint8_t *next)
{
	if (run(c, key, iv, buf, len, 1) == -1)
		return -1;
	memcpy(next, buf + len - c->blocklen, c->blocklen);
	return 0;
}

int
cipher_decrypt(const struct ike_cipher *c, const uint8_t *key,
    const uint8_t *iv, uint8_t *buf, size_t len, uint8_t *next)
{
	uint8_t last[ALG_BLOCK_MAX];

	if (len < c->blocklen)
		return -1;
	memcpy(last, buf + len - c->blocklen, c->blocklen);
	if (run(c, key, iv, buf, len, 0) == -1)
		return -1;
	memcpy(next, last, c->blocklen);
	return 0;
}
