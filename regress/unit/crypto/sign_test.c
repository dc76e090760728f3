/* What is signed: HASH_R, or HASH_I where we began; and whose key is there. */
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ikerd/alg/keymat_auth.h"
#include "ikerd/alg/provider.h"
#include "ikerd/alg/sig.h"
#include "ikerd/crypto/sign.h"
#include "regress/unit/test.h"

#define GX_LEN 64

static EVP_PKEY *key;

static void
configure(void)
{
	struct msg_CONF_SIGN_KEY m;
	uint8_t *p = m.key;
	uint32_t line;

	memset(&m, 0, sizeof(m));
	key = EVP_EC_gen("P-256");
	CHECK(i2d_PrivateKey(key, NULL) <= (int)sizeof(m.key));
	m.key_len = (uint16_t)i2d_PrivateKey(key, &p);
	m.kind = SIGN_ECDSA_256;
	sign_begin();
	sign_add(&m);
	CHECK(sign_check(&line) == NULL);
	sign_commit();
}

/* Every field another octet, so that none can stand for another. */
static struct msg_SIGN_JOB
job(uint8_t initiator)
{
	struct msg_SIGN_JOB m;

	memset(&m, 0, sizeof(m));
	m.kind = SIGN_ECDSA_256;
	m.initiator = initiator;
	m.hash = ike_hash_by_name("sha2-256")->number;
	m.skeyid_len = 32;
	memset(m.skeyid, 1, m.skeyid_len);
	m.cky_i_len = m.cky_r_len = sizeof(m.cky_i);
	memset(m.cky_i, 2, m.cky_i_len);
	memset(m.cky_r, 3, m.cky_r_len);
	m.gxi_len = m.gxr_len = GX_LEN;
	memset(m.gxi, 4, GX_LEN);
	memset(m.gxr, 5, GX_LEN);
	m.sai_len = 20;
	memset(m.sai, 6, m.sai_len);
	m.id_len = 30;
	memset(m.id, 7, m.id_len);
	return m;
}

static int
signs(const struct msg_SIGN_JOB *m,
    int (*hash)(const struct ike_hash *, const struct keymat_auth *, uint8_t *))
{
	const struct ike_hash *sha = ike_hash_by_name("sha2-256");
	struct keymat_auth in = { .skeyid = m->skeyid,
		.gxi = m->gxi,
		.gxr = m->gxr,
		.gxlen = GX_LEN,
		.sai = m->sai,
		.sailen = m->sai_len,
		.id = m->id,
		.idlen = m->id_len };
	uint8_t h[ALG_HASH_MAX];
	struct msg_SIGN_DONE done;

	memcpy(in.cky_i, m->cky_i, sizeof(in.cky_i));
	memcpy(in.cky_r, m->cky_r, sizeof(in.cky_r));
	CHECK_INT(hash(sha, &in, h), 0);
	memset(&done, 0, sizeof(done));
	CHECK(sign_job(m, &done) == NULL);
	return sig_verify(key, SIGN_ECDSA_256, h, sha->len, done.signature,
	    done.signature_len);
}

TEST(by_who_began)
{
	struct msg_SIGN_JOB we = job(1), they = job(0);

	CHECK_INT(signs(&we, keymat_hash_i), 1);
	CHECK_INT(signs(&we, keymat_hash_r), 0);
	CHECK_INT(signs(&they, keymat_hash_r), 1);
	CHECK_INT(signs(&they, keymat_hash_i), 0);
}

TEST(no_key)
{
	struct msg_SIGN_JOB m = job(1);
	struct msg_SIGN_DONE done;

	m.kind = SIGN_RSA;
	CHECK_STR(sign_job(&m, &done), "no private key of this kind");
}

TEST(start)
{
	CHECK_INT(alg_init(1), 0);
	configure();
}

TESTS(T(start), T(by_who_began), T(no_key))
