/* The SKEYID family against vectors made from RFC 2409's text alone. */
#include "ikerd/alg/provider.h"
#include "ikerd/crypto/skeyid.h"
#include "regress/unit/test.h"
#include "regress/unit/vectors/ikev1.h"

static struct skeyid_input
input(void)
{
	struct skeyid_input in = { 0 };

	in.ni = v_ni;
	in.nilen = sizeof(v_ni);
	in.nr = v_nr;
	in.nrlen = sizeof(v_nr);
	in.gxy = v_gxy; /* begins with a zero byte */
	in.gxylen = sizeof(v_gxy);
	memcpy(in.cky_i, v_cky_i, sizeof(in.cky_i));
	memcpy(in.cky_r, v_cky_r, sizeof(in.cky_r));
	return in;
}

TEST(preshared_key)
{
	struct skeyid_input in = input();
	struct skeyid s;
	const struct vector *v;

	for (v = vectors; v < vectors + VECTORS; v++) {
		CHECK_INT(skeyid_psk(ike_hash_by_name(v->hash), v_psk,
			      sizeof(v_psk), &in, &s),
		    0);
		CHECK_MEM(s.skeyid, v->psk_skeyid, s.len);
		CHECK_MEM(s.d, v->psk_d, s.len);
		CHECK_MEM(s.a, v->psk_a, s.len);
		CHECK_MEM(s.e, v->psk_e, s.len);
	}
}

TEST(signatures)
{
	struct skeyid_input in = input();
	struct skeyid s;
	const struct vector *v;

	for (v = vectors; v < vectors + VECTORS; v++) {
		CHECK_INT(skeyid_sig(ike_hash_by_name(v->hash), &in, &s), 0);
		CHECK_MEM(s.skeyid, v->sig_skeyid, s.len);
		CHECK_MEM(s.d, v->sig_d, s.len);
		CHECK_MEM(s.a, v->sig_a, s.len);
		CHECK_MEM(s.e, v->sig_e, s.len);
	}
}

/* A nonce longer than the RFC allows is an error, not an overrun. */
TEST(nonce_too_long)
{
	static const uint8_t nonce[SKEYID_NONCE_MAX + 1], zero[ALG_HASH_MAX];
	struct skeyid_input in = input();
	struct skeyid s;

	in.ni = nonce;
	in.nilen = SKEYID_NONCE_MAX;
	CHECK_INT(skeyid_sig(ike_hash_by_name("sha1"), &in, &s), 0);
	in.nilen++;
	CHECK_INT(skeyid_sig(ike_hash_by_name("sha1"), &in, &s), -1);
	CHECK_MEM(s.skeyid, zero, sizeof(s.skeyid));
}

TEST(start)
{
	CHECK_INT(alg_init(0), 0);
}

TESTS(T(start), T(preshared_key), T(signatures), T(nonce_too_long))
