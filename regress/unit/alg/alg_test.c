/* The tables: counts, look-ups by name and number, what is legacy. */
#include "ikerd/alg/alg.h"
#include "ikerd/alg/provider.h"
#include "regress/unit/test.h"

/* Every row is found by its own name and number, and fits its buffers. */
TEST(ike_rows_find_themselves)
{
	const struct ike_cipher *c;
	const struct ike_hash *h;
	const struct ike_group *g;

	for (c = ike_ciphers; c->name != NULL; c++) {
		CHECK(ike_cipher_by_name(c->name) == c);
		CHECK(ike_cipher_by_number(c->number, c->keybits) == c);
		CHECK(c->keylen <= ALG_KEY_MAX);
		CHECK(c->blocklen <= ALG_BLOCK_MAX);
	}
	CHECK_INT(c - ike_ciphers, IKE_CIPHERS);
	for (h = ike_hashes; h->name != NULL; h++) {
		CHECK(ike_hash_by_name(h->name) == h);
		CHECK(ike_hash_by_number(h->number) == h);
		CHECK(h->len >= 16 && h->len <= ALG_HASH_MAX);
	}
	CHECK_INT(h - ike_hashes, IKE_HASHES);
	for (g = ike_groups; g->name != NULL; g++) {
		CHECK(ike_group_by_name(g->name) == g);
		CHECK(ike_group_by_number(g->number) == g);
		CHECK(g->publiclen <= ALG_PUBLIC_MAX);
		CHECK(g->sharedlen <= ALG_SHARED_MAX);
	}
	CHECK_INT(g - ike_groups, IKE_GROUPS);
}

TEST(esp_rows_find_themselves)
{
	const struct esp_cipher *c;
	const struct esp_auth *a;

	for (c = esp_ciphers; c->name != NULL; c++) {
		CHECK(esp_cipher_by_name(c->name) == c);
		CHECK(esp_cipher_by_number(c->number, c->keybits) == c);
		CHECK((c->icvlen != 0) == c->aead);
	}
	for (a = esp_auths; a->name != NULL; a++)
		CHECK(esp_auth_by_name(a->name) == a);
	/* one number, two lengths: the wire means RFC 4868's */
	CHECK_STR(esp_auth_by_number(5)->name, "sha2-256");
	CHECK_INT(esp_auth_by_number(5)->icvbits, 128);
	CHECK_INT(esp_auth_by_name("sha2-256-96")->number, 5);
	CHECK_INT(esp_auth_by_name("sha2-256-96")->icvbits, 96);
}

/* vpnc offers the null cipher; AES must say how long its key is. */
TEST(what_is_not_in_a_table)
{
	CHECK(ike_cipher_by_number(0, 0) == NULL);
	CHECK(ike_cipher_by_number(7, 0) == NULL);
	CHECK(ike_cipher_by_number(7, 64) == NULL);
	CHECK(ike_cipher_by_number(1, 64) == NULL);
	CHECK(ike_cipher_by_number(5, 192) == NULL);
	CHECK(ike_hash_by_number(0) == NULL);
	CHECK(ike_hash_by_number(3) == NULL);
	CHECK(ike_group_by_number(0) == NULL);
	CHECK(ike_group_by_number(3) == NULL);
	CHECK(ike_group_by_number(22) == NULL);
	CHECK(esp_cipher_by_number(11, 128) == NULL);
	CHECK(esp_cipher_by_number(12, 0) == NULL);
	CHECK(esp_auth_by_number(0) == NULL);
	CHECK(ike_cipher_by_name("null") == NULL);
	CHECK(ike_group_by_name("") == NULL);
}

TEST(legacy_is_des_3des_null_md5_and_small_groups)
{
	static const char *const legacy[] = { "3des", "des", "null", "md5",
		"modp768", "modp1024", "modp1536" };
	const struct ike_cipher *c;
	const struct ike_hash *h;
	const struct ike_group *g;
	const struct esp_cipher *ec;
	const struct esp_auth *ea;
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof(legacy) / sizeof(legacy[0]); i++) {
		if ((c = ike_cipher_by_name(legacy[i])) != NULL)
			n += c->legacy;
		if ((h = ike_hash_by_name(legacy[i])) != NULL)
			n += h->legacy;
		if ((g = ike_group_by_name(legacy[i])) != NULL)
			n += g->legacy;
		if ((ec = esp_cipher_by_name(legacy[i])) != NULL)
			n += ec->legacy;
		if ((ea = esp_auth_by_name(legacy[i])) != NULL)
			n += ea->legacy;
	}
	CHECK_INT(n, 10);
	for (c = ike_ciphers; c->name != NULL; c++)
		n -= c->legacy;
	for (h = ike_hashes; h->name != NULL; h++)
		n -= h->legacy;
	for (g = ike_groups; g->name != NULL; g++)
		n -= g->legacy;
	for (ec = esp_ciphers; ec->name != NULL; ec++)
		n -= ec->legacy;
	for (ea = esp_auths; ea->name != NULL; ea++)
		n -= ea->legacy;
	CHECK_INT(n, 0);
}

TEST(methods_with_and_without_xauth)
{
	static const struct {
		uint16_t number;
		const char *name; /* NULL: not accepted from a client */
		int xauth;
	} want[] = {
		{ 1, "psk", 0 },
		{ 65001, "psk", 1 },
		{ 65002, NULL, 0 },
		{ 3, "rsa", 0 },
		{ 65005, "rsa", 1 },
		{ 65006, NULL, 0 },
		{ 64221, "hybrid", 1 },
		{ 64222, NULL, 0 },
		{ 9, "ecdsa-256", 0 },
		{ 11, "ecdsa-521", 0 },
		{ 0, NULL, 0 },
		{ 2, NULL, 0 },
		{ 65003, NULL, 0 },
	};
	const struct ike_auth *a;
	size_t i;
	int xauth;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		xauth = 7;
		a = ike_auth_by_number(want[i].number, &xauth);
		CHECK_INT(xauth, want[i].xauth);
		CHECK((a == NULL) == (want[i].name == NULL));
		if (a != NULL && want[i].name != NULL)
			CHECK_STR(a->name, want[i].name);
	}
	CHECK(ike_auth_by_number(65001, NULL) == ike_auth_by_name("psk"));
	CHECK(ike_auth_by_name("hybrid")->hybrid);
}

/* Single DES comes with the legacy provider, and only with it. */
TEST(des_needs_the_legacy_provider)
{
	const struct ike_cipher *des = ike_cipher_by_name("des");

	CHECK_INT(alg_init(0), 0);
	CHECK(!alg_has_cipher(des));
	CHECK(alg_has_cipher(ike_cipher_by_name("3des")));
	CHECK(alg_has_cipher(ike_cipher_by_name("aes-256")));
	CHECK(alg_has_hash(ike_hash_by_name("md5")));
	CHECK_INT(alg_init(1), 0);
	CHECK(alg_has_cipher(des));
	CHECK(alg_has_cipher(ike_cipher_by_name("aes-256")));
}

TESTS(T(ike_rows_find_themselves), T(esp_rows_find_themselves),
    T(what_is_not_in_a_table), T(legacy_is_des_3des_null_md5_and_small_groups),
    T(methods_with_and_without_xauth), T(des_needs_the_legacy_provider))
