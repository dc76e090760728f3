/* HMAC and hash against published vectors, and how they fail. */
#include "ikerd/alg/prf.h"
#include "ikerd/alg/provider.h"
#include "regress/unit/test.h"

/* RFC 2202 and RFC 4231, test case 2, the text in three parts */
static const struct {
	const char *hash;
	const char *start; /* first 8 bytes of the answer, hex */
} jefe[] = {
	{ "md5", "750c783e6ab0b503" },
	{ "sha1", "effcdf6ae5eb2fa2" },
	{ "sha2-256", "5bdcc146bf60754e" },
	{ "sha2-384", "af45d2e376484031" },
	{ "sha2-512", "164b7a7bfcf819e2" },
};

static const char *
hex8(const uint8_t *p)
{
	static char text[17];
	int i;

	for (i = 0; i < 8; i++)
		snprintf(text + 2 * i, 3, "%02x", p[i]);
	return text;
}

TEST(hmac_of_parts)
{
	static const struct prf_part parts[] = {
		{ "what do ya ", 11 },
		{ "", 0 },
		{ "want for nothing?", 17 },
	};
	uint8_t out[ALG_HASH_MAX];
	size_t i;
	int round;

	/* twice: the second use of a kept context gives the same */
	for (round = 0; round < 2; round++)
		for (i = 0; i < sizeof(jefe) / sizeof(jefe[0]); i++) {
			CHECK_INT(prf(ike_hash_by_name(jefe[i].hash), "Jefe", 4,
				      parts, 3, out),
			    0);
			CHECK_STR(hex8(out), jefe[i].start);
		}
}

/* HMAC-SHA1 with nothing at all: fbdb1d1b18aa6c08... */
TEST(hmac_without_key_or_data)
{
	const struct ike_hash *h = ike_hash_by_name("sha1");
	const struct prf_part data = { "x", 1 };
	uint8_t out[ALG_HASH_MAX], again[ALG_HASH_MAX];

	CHECK_INT(prf(h, "k", 1, &data, 1, again), 0);
	CHECK_INT(prf(h, NULL, 0, NULL, 0, out), 0);
	CHECK_STR(hex8(out), "fbdb1d1b18aa6c08");
}

/* A key longer than the hash's block is hashed first (RFC 4231 case 6). */
TEST(hmac_long_key)
{
	const struct prf_part data = {
		"Test Using Larger Than Block-Size Key - Hash Key First", 54
	};
	uint8_t key[131], out[ALG_HASH_MAX];

	memset(key, 0xaa, sizeof(key));
	CHECK_INT(
	    prf(ike_hash_by_name("sha2-256"), key, sizeof(key), &data, 1, out),
	    0);
	CHECK_STR(hex8(out), "60e431591ee0b67f");
}

TEST(hash_of_parts)
{
	static const struct prf_part abc[] = { { "a", 1 }, { "bc", 2 } };
	uint8_t out[ALG_HASH_MAX];

	CHECK_INT(prf_hash(ike_hash_by_name("md5"), abc, 2, out), 0);
	CHECK_STR(hex8(out), "900150983cd24fb0");
	CHECK_INT(prf_hash(ike_hash_by_name("sha1"), abc, 2, out), 0);
	CHECK_STR(hex8(out), "a9993e364706816a");
	CHECK_INT(prf_hash(ike_hash_by_name("sha2-256"), abc, 2, out), 0);
	CHECK_STR(hex8(out), "ba7816bf8f01cfea");
	CHECK_INT(prf_hash(ike_hash_by_name("sha2-512"), abc, 2, out), 0);
	CHECK_STR(hex8(out), "ddaf35a193617aba");
}

/* Before alg_init() no hash is there: an error and zeros, no crash. */
TEST(missing_hash_is_an_error)
{
	const struct ike_hash *h = ike_hash_by_name("sha1");
	const struct prf_part data = { "x", 1 };
	uint8_t out[ALG_HASH_MAX], zero[ALG_HASH_MAX] = { 0 };

	memset(out, 1, sizeof(out));
	CHECK_INT(prf(h, "k", 1, &data, 1, out), -1);
	CHECK_MEM(out, zero, h->len);
	CHECK_INT(out[h->len], 1);
	memset(out, 1, sizeof(out));
	CHECK_INT(prf_hash(h, &data, 1, out), -1);
	CHECK_MEM(out, zero, h->len);
	memset(out, 1, sizeof(out));
	CHECK_INT(prf_expand(h, "k", 1, &data, 1, 0, out, 64), -1);
	CHECK_MEM(out, zero, 64);
	CHECK_INT(alg_init(0), 0);
	CHECK_INT(prf(h, "k", 1, &data, 1, out), 0);
}

TESTS(T(missing_hash_is_an_error), T(hmac_of_parts),
    T(hmac_without_key_or_data), T(hmac_long_key), T(hash_of_parts))
