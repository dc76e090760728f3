/*
 * Diffie-Hellman: both sides agree, OpenSSL's primes are the RFCs' own,
 * leading zeros stay, and bad public values are refused.
 */
#include <openssl/bn.h>
#include <sodium.h>

#include "ikerd/alg/dh.h"
#include "ikerd/alg/provider.h"
#include "regress/unit/test.h"
#include "regress/unit/vectors/ikev1.h"

static const struct {
	const char *group;
	const uint8_t *p;
} primes[] = {
	{ "modp768", v_modp768 },
	{ "modp1024", v_modp1024 },
	{ "modp1536", v_modp1536 },
	{ "modp2048", v_modp2048 },
	{ "modp3072", v_modp3072 },
	{ "modp4096", v_modp4096 },
	{ "modp6144", v_modp6144 },
	{ "modp8192", v_modp8192 },
};

/* The base points of P-256, P-384 and P-521 (FIPS 186-4 D.1.2). */
static const struct {
	const char *group;
	const char *x, *y;
} bases[] = {
	{ "ecp256",
	    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
	    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5" },
	{ "ecp384",
	    "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38"
	    "5502f25dbf55296c3a545e3872760ab7",
	    "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0"
	    "0a60b1ce1d7e819d7a431d7c90ea0e5f" },
	{ "ecp521",
	    "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d"
	    "3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5"
	    "bd66",
	    "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e"
	    "662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd1"
	    "6650" },
};

static void
unhex(const char *hex, uint8_t *out)
{
	CHECK(sodium_hex2bin(out, 66, hex, strlen(hex), NULL, NULL, NULL) == 0);
}

/* base^exp mod p, the plain way. */
static void
modexp(const uint8_t *base, const uint8_t *exp, size_t explen, const uint8_t *p,
    size_t len, uint8_t *out)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *b = BN_bin2bn(base, len, NULL),
	       *e = BN_bin2bn(exp, explen, NULL);
	BIGNUM *m = BN_bin2bn(p, len, NULL), *r = BN_new();

	CHECK(BN_mod_exp(r, b, e, m, ctx));
	CHECK(BN_bn2binpad(r, out, len) == (int)len);
	BN_free(r);
	BN_free(m);
	BN_free(e);
	BN_free(b);
	BN_CTX_free(ctx);
}

TEST(both_sides_agree)
{
	uint8_t pa[ALG_PUBLIC_MAX], pb[ALG_PUBLIC_MAX];
	uint8_t sa[ALG_SHARED_MAX], sb[ALG_SHARED_MAX];
	const struct ike_group *g;
	struct dh_key *a, *b;

	for (g = ike_groups; g->name != NULL; g++) {
		CHECK(alg_has_group(g));
		a = dh_generate(g);
		b = dh_generate(g);
		CHECK(a != NULL && b != NULL && dh_group(a) == g);
		CHECK_INT(dh_public(a, pa, sizeof(pa)), 0);
		CHECK_INT(dh_public(b, pb, g->publiclen), 0);
		CHECK_INT(dh_public(b, pb, g->publiclen - 1), -1);
		CHECK(memcmp(pa, pb, g->publiclen) != 0);
		CHECK_INT(dh_shared(a, pb, g->publiclen, sa), 0);
		CHECK_INT(dh_shared(b, pa, g->publiclen, sb), 0);
		CHECK_MEM(sa, sb, g->sharedlen);
		dh_free(a);
		dh_free(b);
	}
}

/*
 * The primes come from the formulas of RFC 2409 and 3526, pi included: a peer
 * value of 2 must give back our own KE body, and a peer with a known exponent
 * what modular arithmetic says.
 */
TEST(modp_against_the_formula)
{
	uint8_t peer[ALG_PUBLIC_MAX] = { 0 }, ours[ALG_PUBLIC_MAX];
	uint8_t got[ALG_SHARED_MAX], want[ALG_SHARED_MAX];
	const struct ike_group *g;
	struct dh_key *k;
	size_t i;

	for (i = 0; i < sizeof(primes) / sizeof(primes[0]); i++) {
		g = ike_group_by_name(primes[i].group);
		k = dh_generate(g);
		dh_public(k, ours, sizeof(ours));
		memset(peer, 0, sizeof(peer));
		peer[g->publiclen - 1] = 2;
		CHECK_INT(dh_shared(k, peer, g->publiclen, got), 0);
		CHECK_MEM(got, ours, g->publiclen);
		modexp(peer, v_exp_r, sizeof(v_exp_r), primes[i].p,
		    g->publiclen, peer);
		modexp(ours, v_exp_r, sizeof(v_exp_r), primes[i].p,
		    g->publiclen, want);
		CHECK_INT(dh_shared(k, peer, g->publiclen, got), 0);
		CHECK_MEM(got, want, g->publiclen);
		dh_free(k);
	}
}

/* 0, 1, p-1, p, p+1, all ones, one byte short, one long (CVE-2015-3240) */
TEST(modp_refuses_bad_values)
{
	uint8_t bad[ALG_PUBLIC_MAX + 1], out[ALG_SHARED_MAX];
	uint8_t zero[ALG_SHARED_MAX] = { 0 };
	const struct ike_group *g;
	struct dh_key *k;
	size_t i, n;
	int add;

	for (i = 0; i < sizeof(primes) / sizeof(primes[0]); i++) {
		g = ike_group_by_name(primes[i].group);
		n = g->publiclen;
		k = dh_generate(g);
		memset(bad, 0, sizeof(bad));
		CHECK_INT(dh_shared(k, bad, n, out), -1);
		bad[n - 1] = 1;
		memset(out, 1, sizeof(out));
		CHECK_INT(dh_shared(k, bad, n, out), -1);
		CHECK_MEM(out, zero, n);
		for (add = -1; add <= 1; add++) {
			/* p ends with 64 one bits: p+1 carries through them */
			memcpy(bad, primes[i].p, n);
			if (add == -1)
				bad[n - 1] = 0xfe;
			if (add == 1) {
				memset(bad + n - 8, 0, 8);
				bad[n - 9]++;
			}
			CHECK_INT(dh_shared(k, bad, n, out), -1);
		}
		memset(bad, 0xff, sizeof(bad));
		CHECK_INT(dh_shared(k, bad, n, out), -1);
		memcpy(bad, primes[i].p, n);
		bad[n - 1] = 0xfd; /* p-2 is in range */
		CHECK_INT(dh_shared(k, bad, n, out), 0);
		CHECK_INT(dh_shared(k, bad, n - 1, out), -1);
		CHECK_INT(dh_shared(k, bad, n + 1, out), -1);
		CHECK_INT(dh_shared(k, bad, 0, out), -1);
		dh_free(k);
	}
}

/* About one g^xy in 256 begins with a zero byte; it must stay there. */
TEST(modp_keeps_leading_zeros)
{
	const struct ike_group *g = ike_group_by_name("modp768");
	uint8_t peer[96], ours[96], got[96], want[96] = { 0 };
	struct dh_key *k;
	int i, found = 0;

	memset(peer, 0, sizeof(peer));
	peer[95] = 2;
	modexp(peer, v_exp_r, sizeof(v_exp_r), v_modp768, 96, peer);
	for (i = 0; i < 20000 && !found; i++) {
		k = dh_generate(g);
		memset(got, 0xaa, sizeof(got));
		CHECK_INT(dh_shared(k, peer, sizeof(peer), got), 0);
		if (got[0] == 0) {
			found = 1;
			dh_public(k, ours, sizeof(ours));
			modexp(ours, v_exp_r, sizeof(v_exp_r), v_modp768, 96,
			    want);
			CHECK_MEM(got, want, sizeof(got));
		}
		dh_free(k);
	}
	CHECK(found);
}

/* The base point as the peer: the shared x is the x of our KE body. */
TEST(ecp_against_the_base_point)
{
	uint8_t peer[132], ours[132], got[66];
	const struct ike_group *g;
	struct dh_key *k;
	size_t i;

	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		g = ike_group_by_name(bases[i].group);
		unhex(bases[i].x, peer);
		unhex(bases[i].y, peer + g->sharedlen);
		k = dh_generate(g);
		CHECK_INT(dh_shared(k, peer, g->publiclen, got), 0);
		dh_public(k, ours, sizeof(ours));
		CHECK_MEM(got, ours, g->sharedlen);
		dh_free(k);
	}
}

TEST(ecp_keeps_leading_zeros)
{
	const struct ike_group *g = ike_group_by_name("ecp256");
	uint8_t peer[64], ours[64], got[32];
	struct dh_key *k;
	int i, found = 0;

	unhex(bases[0].x, peer);
	unhex(bases[0].y, peer + 32);
	for (i = 0; i < 20000 && !found; i++) {
		k = dh_generate(g);
		memset(got, 0xaa, sizeof(got));
		CHECK_INT(dh_shared(k, peer, sizeof(peer), got), 0);
		dh_public(k, ours, sizeof(ours));
		CHECK_MEM(got, ours, 32);
		found = got[0] == 0;
		dh_free(k);
	}
	CHECK(found);
}

/* Off the curve, zero, coordinates at or above p, wrong lengths */
TEST(ecp_refuses_bad_points)
{
	uint8_t good[133], bad[133], out[66], zero[66] = { 0 };
	const struct ike_group *g;
	struct dh_key *k;
	size_t i;

	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		g = ike_group_by_name(bases[i].group);
		memset(good, 0, sizeof(good));
		unhex(bases[i].x, good);
		unhex(bases[i].y, good + g->sharedlen);
		k = dh_generate(g);
		memcpy(bad, good, sizeof(bad));
		bad[g->publiclen - 1] ^= 1;
		memset(out, 1, sizeof(out));
		CHECK_INT(dh_shared(k, bad, g->publiclen, out), -1);
		CHECK_MEM(out, zero, g->sharedlen);
		memcpy(bad, good, sizeof(bad));
		bad[5] ^= 0x40;
		CHECK_INT(dh_shared(k, bad, g->publiclen, out), -1);
		memset(bad, 0, sizeof(bad));
		CHECK_INT(dh_shared(k, bad, g->publiclen, out), -1);
		memset(bad, 0xff, sizeof(bad));
		CHECK_INT(dh_shared(k, bad, g->publiclen, out), -1);
		CHECK_INT(dh_shared(k, good, g->publiclen - 1, out), -1);
		CHECK_INT(dh_shared(k, good, g->publiclen + 1, out), -1);
		CHECK_INT(dh_shared(k, good, g->sharedlen, out), -1);
		CHECK_INT(dh_shared(k, good, g->publiclen, out), 0);
		dh_free(k);
	}
}

/* A point of small order gives zeros, which are no secret (RFC 7748 6.1). */
TEST(curve25519_refuses_zero)
{
	uint8_t peer[33] = { 0 }, ours[32], out[32];
	struct dh_key *k = dh_generate(ike_group_by_name("curve25519"));

	CHECK_INT(dh_shared(k, peer, 32, out), -1);
	peer[0] = 1;
	CHECK_INT(dh_shared(k, peer, 32, out), -1);
	peer[0] = 9; /* the base point: our own public value */
	CHECK_INT(dh_shared(k, peer, 32, out), 0);
	dh_public(k, ours, sizeof(ours));
	CHECK_MEM(out, ours, 32);
	CHECK_INT(dh_shared(k, peer, 31, out), -1);
	CHECK_INT(dh_shared(k, peer, 33, out), -1);
	dh_free(k);
}

TEST(pool_keeps_what_it_was_told)
{
	const struct ike_group *ec = ike_group_by_name("ecp256");
	const struct ike_group *mp = ike_group_by_name("modp1024");
	struct dh_pool *pool = dh_pool_new();
	struct dh_key *k;
	int i;

	CHECK_INT(dh_pool_fill(pool), 0);
	CHECK_INT(dh_pool_keep(pool, ec, 3), 0);
	CHECK_INT(dh_pool_keep(pool, mp, 2), 0);
	for (i = 0; i < 5; i++)
		CHECK_INT(dh_pool_fill(pool), 1);
	CHECK_INT(dh_pool_fill(pool), 0);
	CHECK_INT(dh_pool_ready(pool, ec), 3);
	CHECK_INT(dh_pool_ready(pool, mp), 2);
	for (i = 0; i < 4; i++) {
		/* the fourth is made on the spot */
		k = dh_pool_take(pool, ec);
		CHECK(k != NULL && dh_group(k) == ec);
		dh_free(k);
	}
	CHECK_INT(dh_pool_ready(pool, ec), 0);
	CHECK_INT(dh_pool_fill(pool), 1); /* the one that lacks most */
	CHECK_INT(dh_pool_ready(pool, ec), 1);
	CHECK_INT(dh_pool_keep(pool, mp, 1), 0);
	CHECK_INT(dh_pool_ready(pool, mp), 1);
	CHECK_INT(dh_pool_keep(pool, ec, 0), 0);
	CHECK_INT(dh_pool_ready(pool, ec), 0);
	CHECK_INT(dh_pool_keep(pool, mp, 4), 0);
	while (dh_pool_fill(pool) == 1)
		;
	CHECK_INT(dh_pool_ready(pool, mp), 4);
	dh_pool_free(pool);
	dh_pool_free(NULL);
}

TEST(start)
{
	CHECK_INT(alg_init(1), 0);
}

TESTS(T(start), T(both_sides_agree), T(modp_against_the_formula),
    T(modp_refuses_bad_values), T(modp_keeps_leading_zeros),
    T(ecp_against_the_base_point), T(ecp_keeps_leading_zeros),
    T(ecp_refuses_bad_points), T(curve25519_refuses_zero),
    T(pool_keeps_what_it_was_told))
