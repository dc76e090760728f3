/* Keys, IVs and hashes against vectors made from RFC 2409's text alone. */
#include "ikerd/alg/prf.h"
#include "ikerd/alg/provider.h"
#include "ikerd/ike/keymat.h"
#include "regress/unit/test.h"
#include "regress/unit/vectors/ikev1.h"

TEST(start)
{
	CHECK_INT(alg_init(0), 0);
}

/* With every pair: cut from SKEYID_e, or expanded where that is shorter. */
TEST(cipher_keys)
{
	uint8_t key[ALG_KEY_MAX];
	const struct ike_cipher *c;
	const struct vector *v;
	size_t i;

	for (v = vectors; v < vectors + VECTORS; v++) {
		const struct {
			const char *name;
			const uint8_t *want;
		} all[] = {
			{ "des", v->key_des },
			{ "3des", v->key_3des },
			{ "aes-128", v->key_aes_128 },
			{ "aes-192", v->key_aes_192 },
			{ "aes-256", v->key_aes_256 },
		};

		for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			c = ike_cipher_by_name(all[i].name);
			CHECK_INT(keymat_cipher_key(ike_hash_by_name(v->hash),
				      c, v->psk_e, key),
			    0);
			CHECK_MEM(key, all[i].want, c->keylen);
		}
	}
}

/* Parity bits do not make a weak key strong. */
TEST(weak_des_keys)
{
	static const char *const weak[] = {
		"\x01\x01\x01\x01\x01\x01\x01\x01",
		"\xfe\xfe\xfe\xfe\xfe\xfe\xfe\xfe",
		"\x1f\x1f\x1f\x1f\x0e\x0e\x0e\x0e",
		"\xe0\xe0\xe0\xe0\xf1\xf1\xf1\xf1",
		"\x01\x1f\x01\x1f\x01\x0e\x01\x0e",
		"\x1f\x01\x1f\x01\x0e\x01\x0e\x01",
		"\x01\xe0\x01\xe0\x01\xf1\x01\xf1",
		"\xe0\x01\xe0\x01\xf1\x01\xf1\x01",
		"\x01\xfe\x01\xfe\x01\xfe\x01\xfe",
		"\xfe\x01\xfe\x01\xfe\x01\xfe\x01",
		"\x1f\xe0\x1f\xe0\x0e\xf1\x0e\xf1",
		"\xe0\x1f\xe0\x1f\xf1\x0e\xf1\x0e",
		"\x1f\xfe\x1f\xfe\x0e\xfe\x0e\xfe",
		"\xfe\x1f\xfe\x1f\xfe\x0e\xfe\x0e",
		"\xe0\xfe\xe0\xfe\xf1\xfe\xf1\xfe",
		"\xfe\xe0\xfe\xe0\xfe\xf1\xfe\xf1",
	};
	const struct ike_hash *h = ike_hash_by_name("md5");
	const struct ike_cipher *des = ike_cipher_by_name("des");
	uint8_t e[ALG_HASH_MAX] = { 0 }, key[ALG_KEY_MAX], zero[8] = { 0 };
	size_t i;

	for (i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
		memcpy(e, weak[i], 8);
		memset(key, 1, sizeof(key));
		CHECK_INT(keymat_cipher_key(h, des, e, key), -1);
		CHECK_MEM(key, zero, 8);
		e[i % 8] ^= 1;
		CHECK_INT(keymat_cipher_key(h, des, e, key), -1);
		e[i % 8] ^= 4;
		CHECK_INT(keymat_cipher_key(h, des, e, key), 0);
		/* the same bytes are no concern of another cipher */
		memcpy(e, weak[i], 8);
		CHECK_INT(
		    keymat_cipher_key(h, ike_cipher_by_name("aes-128"), e, key),
		    0);
	}
}

TEST(ivs)
{
	const struct ike_cipher *des = ike_cipher_by_name("des");
	const struct ike_cipher *aes = ike_cipher_by_name("aes-256");
	const struct ike_hash *h;
	const struct vector *v;
	uint8_t iv[ALG_BLOCK_MAX], iv2[ALG_BLOCK_MAX];

	for (v = vectors; v < vectors + VECTORS; v++) {
		h = ike_hash_by_name(v->hash);
		memset(iv, 0xaa, sizeof(iv));
		CHECK_INT(
		    keymat_iv1(h, des, v_gxi, v_gxr, sizeof(v_gxi), iv), 0);
		CHECK_MEM(iv, v->iv1, 8);
		CHECK_INT(iv[8], 0xaa);
		CHECK_INT(keymat_iv2(h, des, iv, V_MID, iv2), 0);
		CHECK_MEM(iv2, v->iv2_8, 8);
		CHECK_INT(
		    keymat_iv1(h, aes, v_gxi, v_gxr, sizeof(v_gxi), iv), 0);
		CHECK_MEM(iv, v->iv1, 16);
		CHECK_INT(keymat_iv2(h, aes, iv, V_MID, iv2), 0);
		CHECK_MEM(iv2, v->iv2_16, 16);
	}
}

TEST(hash_i_and_hash_r)
{
	struct keymat_auth a = { 0 };
	const struct ike_hash *h;
	const struct vector *v;
	uint8_t out[ALG_HASH_MAX];

	a.gxi = v_gxi;
	a.gxr = v_gxr;
	a.gxlen = sizeof(v_gxi);
	memcpy(a.cky_i, v_cky_i, sizeof(a.cky_i));
	memcpy(a.cky_r, v_cky_r, sizeof(a.cky_r));
	a.sai = v_sai;
	a.sailen = sizeof(v_sai);
	for (v = vectors; v < vectors + VECTORS; v++) {
		h = ike_hash_by_name(v->hash);
		a.skeyid = v->psk_skeyid;
		a.id = v_idi;
		a.idlen = sizeof(v_idi);
		CHECK_INT(keymat_hash_i(h, &a, out), 0);
		CHECK_MEM(out, v->hash_i, h->len);
		a.id = v_idr;
		a.idlen = sizeof(v_idr);
		CHECK_INT(keymat_hash_r(h, &a, out), 0);
		CHECK_MEM(out, v->hash_r, h->len);
		CHECK(keymat_hash_equal(h, out, v->hash_r, h->len));
		CHECK(!keymat_hash_equal(h, out, v->hash_i, h->len));
		CHECK(!keymat_hash_equal(h, out, v->hash_r, h->len - 1));
		CHECK(!keymat_hash_equal(h, out, v->hash_r, 0));
	}
}

TEST(hashes_after_phase_1)
{
	const struct ike_hash *h;
	const struct vector *v;
	uint8_t out[ALG_HASH_MAX];

	for (v = vectors; v < vectors + VECTORS; v++) {
		h = ike_hash_by_name(v->hash);
		CHECK_INT(keymat_hash1(
			      h, v->psk_a, V_MID, v_rest, sizeof(v_rest), out),
		    0);
		CHECK_MEM(out, v->hash1, h->len);
		CHECK_INT(keymat_hash2(h, v->psk_a, V_MID, v_ni, sizeof(v_ni),
			      v_rest, sizeof(v_rest), out),
		    0);
		CHECK_MEM(out, v->hash2, h->len);
		CHECK_INT(keymat_hash3(h, v->psk_a, V_MID, v_ni, sizeof(v_ni),
			      v_nr, sizeof(v_nr), out),
		    0);
		CHECK_MEM(out, v->hash3, h->len);
	}
}

TEST(esp_keys)
{
	struct keymat_esp k = { 0 };
	const struct ike_hash *h;
	const struct vector *v;
	uint8_t out[KEYMAT_ESP_MAX + 1];
	size_t len;

	k.protocol = 3;
	k.spi = V_SPI;
	k.ni = v_ni;
	k.nilen = sizeof(v_ni);
	k.nr = v_nr;
	k.nrlen = sizeof(v_nr);
	k.gxylen = sizeof(v_gxy);
	for (v = vectors; v < vectors + VECTORS; v++) {
		h = ike_hash_by_name(v->hash);
		k.skeyid_d = v->psk_d;
		for (len = 1; len <= 100; len++) {
			memset(out, 0xaa, sizeof(out));
			k.gxy = NULL;
			CHECK_INT(keymat_esp(h, &k, out, len), 0);
			CHECK_MEM(out, v->esp, len);
			CHECK_INT(out[len], 0xaa);
			k.gxy = v_gxy;
			CHECK_INT(keymat_esp(h, &k, out, len), 0);
			CHECK_MEM(out, v->esp_pfs, len);
			CHECK_INT(out[len], 0xaa);
		}
	}
	CHECK_INT(keymat_esp(ike_hashes, &k, out, KEYMAT_ESP_MAX + 1), -1);
}

TEST(esp_key_lengths)
{
	const struct esp_cipher *c;
	const struct esp_auth *a;

	CHECK_INT(
	    keymat_esp_len(esp_cipher_by_name("des"), esp_auth_by_name("md5")),
	    24);
	CHECK_INT(keymat_esp_len(
		      esp_cipher_by_name("aes-256"), esp_auth_by_name("sha1")),
	    52);
	CHECK_INT(keymat_esp_len(esp_cipher_by_name("aes-128-gcm"), NULL), 20);
	for (c = esp_ciphers; c->name != NULL; c++)
		for (a = esp_auths; a->name != NULL; a++)
			CHECK(keymat_esp_len(c, a) <= KEYMAT_ESP_MAX);
}

TESTS(T(start), T(cipher_keys), T(weak_des_keys), T(ivs), T(hash_i_and_hash_r),
    T(hashes_after_phase_1), T(esp_keys), T(esp_key_lengths))
