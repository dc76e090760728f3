/* CBC against published vectors, IV chaining, and refused lengths. */
#include <sodium.h>

#include "ikerd/alg/provider.h"
#include "ikerd/ike/cipher.h"
#include "regress/unit/test.h"

/* Single DES is there only when the legacy provider is. */
TEST(des_without_legacy_is_an_error)
{
	uint8_t key[8] = { 1 }, iv[8] = { 0 }, buf[8] = { 0 };
	const struct ike_cipher *des = ike_cipher_by_name("des");

	CHECK_INT(alg_init(0), 0);
	CHECK_INT(cipher_encrypt(des, key, iv, buf, 8, iv), -1);
	CHECK_INT(alg_init(1), 0);
	CHECK_INT(cipher_encrypt(des, key, iv, buf, 8, iv), 0);
}

/*
 * FIPS 81 table C1 (DES; as 3DES with three equal keys too), SP 800-38A
 * F.2.1-F.2.5 (AES), SP 800-67 (3DES, one block under a zero IV).
 */
static const struct {
	const char *cipher, *key, *iv, *plain, *secret;
} vectors[] = {
	{ "des", "0123456789abcdef", "1234567890abcdef",
	    "4e6f77206973207468652074696d6520666f7220616c6c20",
	    "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6" },
	{ "3des", "0123456789abcdef0123456789abcdef0123456789abcdef",
	    "1234567890abcdef",
	    "4e6f77206973207468652074696d6520666f7220616c6c20",
	    "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6" },
	{ "3des", "0123456789abcdef23456789abcdef01456789abcdef0123",
	    "0000000000000000", "5468652071756663", "a826fd8ce53b855f" },
	{ "aes-128", "2b7e151628aed2a6abf7158809cf4f3c",
	    "000102030405060708090a0b0c0d0e0f",
	    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
	    "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2" },
	{ "aes-192", "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
	    "000102030405060708090a0b0c0d0e0f",
	    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
	    "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a" },
	{ "aes-256",
	    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
	    "000102030405060708090a0b0c0d0e0f",
	    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
	    "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d" },
};

static size_t
unhex(const char *hex, uint8_t *out)
{
	size_t n;

	CHECK(sodium_hex2bin(out, 64, hex, strlen(hex), NULL, &n, NULL) == 0);
	return n;
}

TEST(published_vectors)
{
	uint8_t key[64], iv[64], plain[64], secret[64];
	uint8_t buf[64], next[ALG_BLOCK_MAX];
	const struct ike_cipher *c;
	size_t i, len;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		c = ike_cipher_by_name(vectors[i].cipher);
		CHECK_INT(unhex(vectors[i].key, key), c->keylen);
		CHECK_INT(unhex(vectors[i].iv, iv), c->blocklen);
		len = unhex(vectors[i].plain, plain);
		unhex(vectors[i].secret, secret);
		memcpy(buf, plain, len);
		CHECK_INT(cipher_encrypt(c, key, iv, buf, len, next), 0);
		CHECK_MEM(buf, secret, len);
		CHECK_MEM(next, secret + len - c->blocklen, c->blocklen);
		memset(next, 0, sizeof(next));
		CHECK_INT(cipher_decrypt(c, key, iv, buf, len, next), 0);
		CHECK_MEM(buf, plain, len);
		CHECK_MEM(next, secret + len - c->blocklen, c->blocklen);
	}
}

/*
 * Two messages one after the other are one long CBC stream; a forged one in
 * between changes nothing as long as its IV is not committed.
 */
TEST(chained_messages)
{
	const struct ike_cipher *c = ike_cipher_by_name("aes-256");
	uint8_t key[32] = "a key of 32 bytes with its NUL.";
	uint8_t whole[96], parts[96], forged[32] = { 7 };
	uint8_t iv[16] = { 3 }, start[16] = { 3 }, next[16], theirs[16] = { 3 };
	size_t i;

	for (i = 0; i < sizeof(whole); i++)
		whole[i] = parts[i] = i;
	CHECK_INT(cipher_encrypt(c, key, start, whole, 96, next), 0);
	CHECK_INT(cipher_encrypt(c, key, iv, parts, 32, iv), 0);
	CHECK_INT(cipher_encrypt(c, key, iv, parts + 32, 64, iv), 0);
	CHECK_MEM(parts, whole, 96);
	CHECK_MEM(iv, next, 16);

	CHECK_INT(cipher_decrypt(c, key, theirs, parts, 32, next), 0);
	memcpy(theirs, next, 16);
	CHECK_INT(cipher_decrypt(c, key, theirs, forged, 32, next), 0);
	CHECK_INT(cipher_decrypt(c, key, theirs, parts + 32, 64, next), 0);
	for (i = 0; i < sizeof(parts); i++)
		CHECK_INT(parts[i], i);
	CHECK_MEM(next, iv, 16);
}

TEST(lengths)
{
	const struct ike_cipher *c = ike_cipher_by_name("aes-128");
	static uint8_t big[CIPHER_MAX + 16];
	uint8_t key[16] = { 0 }, iv[16] = { 0 }, buf[32] = { 0 };
	uint8_t next[16], same[16];
	size_t len;

	memset(next, 9, sizeof(next));
	memset(same, 9, sizeof(same));
	for (len = 0; len < 32; len++) {
		if (len == 16)
			continue;
		CHECK_INT(cipher_encrypt(c, key, iv, buf, len, next), -1);
		CHECK_INT(cipher_decrypt(c, key, iv, buf, len, next), -1);
	}
	CHECK_INT(cipher_decrypt(c, key, iv, big, sizeof(big), next), -1);
	CHECK_MEM(next, same, sizeof(next));
	CHECK_INT(cipher_decrypt(c, key, iv, big, CIPHER_MAX, next), 0);
	CHECK_INT(cipher_padding(c, 0), 0);
	CHECK_INT(cipher_padding(c, 1), 15);
	CHECK_INT(cipher_padding(c, 16), 0);
	CHECK_INT(cipher_padding(ike_cipher_by_name("des"), 9), 7);
}

TESTS(T(des_without_legacy_is_an_error), T(published_vectors),
    T(chained_messages), T(lengths))
