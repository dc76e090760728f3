/*
 * What the gateway offers when it begins phase 1, and which answers it takes:
 * policies of one method, and none of another.
 */
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/isakmp.h"
#include "ikerd/ike/main_offer.h"
#include "ikerd/ike/offer.h"
#include "ikerd/ike/sa.h"
#include "regress/unit/ike/tell.h"
#include "regress/unit/test.h"

static void
policy(uint16_t auth, const char *hash, uint32_t lifetime)
{
	struct msg_CONF_POLICY m;

	memset(&m, 0, sizeof(m));
	m.auth = auth;
	m.cipher = IKE_ENC_AES;
	m.keybits = 256;
	m.hash = ike_hash_by_name(hash)->number;
	m.group = ike_group_by_name("modp2048")->number;
	m.lifetime = lifetime;
	tell(MSG_CONF_POLICY, &m);
}

static void
configure(void)
{
	ikeconf_begin();
	policy(IKE_AUTH_PSK, "sha1", 3600);
	policy(IKE_AUTH_RSA_SIG, "sha1", 3600);
	policy(IKE_AUTH_ECDSA_256, "sha2-256", 3600);
	policy(IKE_AUTH_RSA_SIG, "sha2-256", 7200);
	ikeconf_free(ikeconf_commit());
}

/* An SA payload of these transforms, as a message with nothing else. */
static struct isakmp_msg
message(struct isakmp_buf *ib)
{
	struct isakmp_msg m;
	size_t len = ib_finish(ib);

	memset(&m, 0, sizeof(m));
	CHECK(len > ISAKMP_HDR_LEN);
	CHECK_INT(isakmp_parse_payloads(PAYLOAD_SA, ib->p + ISAKMP_HDR_LEN,
		      len - ISAKMP_HDR_LEN, &m),
	    ISAKMP_OK);
	return m;
}

static void
begin(struct isakmp_buf *ib)
{
	static uint8_t buf[2048];
	struct isakmp_hdr hdr;

	memset(&hdr, 0, sizeof(hdr));
	ib_init(ib, buf, sizeof(buf), &hdr);
}

TEST(of_one_method)
{
	static struct ike_offer offer;
	struct isakmp_buf ib;
	struct isakmp_msg m;

	configure();
	begin(&ib);
	CHECK_INT(main_offer_put(ike_auth_by_name("rsa"), &ib), 0);
	m = message(&ib);
	CHECK_INT(ike_offer_parse(m.payload[0].body, m.payload[0].len, &offer),
	    ISAKMP_OK);
	CHECK_INT(offer.n, 2);
	CHECK_INT(offer.transform[0].auth, IKE_AUTH_RSA_SIG);
	CHECK_INT(offer.transform[0].life.seconds, 3600);
	CHECK_INT(offer.transform[1].auth, IKE_AUTH_RSA_SIG);
	CHECK_INT(offer.transform[1].number, 2);
	CHECK_INT(offer.transform[1].life.seconds, 7200);
	CHECK_INT(main_offer_put(ike_auth_by_name("ecdsa-384"), &ib), -1);
}

/* The answer of a peer that takes n transforms like this. */
static enum isakmp_error
answer(struct ike_sa *sa, uint16_t auth, const char *hash, size_t n)
{
	struct ike_transform t[2];
	struct isakmp_buf ib;
	struct isakmp_msg m;
	size_t i;

	memset(t, 0, sizeof(t));
	for (i = 0; i < n; i++) {
		t[i].proposal = 1;
		t[i].number = (uint8_t)(i + 1);
		t[i].enc = IKE_ENC_AES;
		t[i].keylen = 256;
		t[i].hash = ike_hash_by_name(hash)->number;
		t[i].auth = auth;
		t[i].group = ike_group_by_name("modp2048")->number;
		t[i].life.seconds = 600;
	}
	begin(&ib);
	ike_offer_put(&ib, t, n);
	m = message(&ib);
	return main_offer_take(sa, &m);
}

TEST(answers)
{
	struct ike_sa sa;

	configure();
	memset(&sa, 0, sizeof(sa));
	sa.auth = ike_auth_by_name("rsa");
	CHECK_INT(answer(&sa, IKE_AUTH_RSA_SIG, "sha2-256", 1), ISAKMP_OK);
	CHECK_STR(sa.hash->name, "sha2-256");
	CHECK_INT(sa.lifetime, 600);
	CHECK_INT(
	    answer(&sa, IKE_AUTH_RSA_SIG, "sha2-256", 2), ISAKMP_E_ATTR_VALUE);
	CHECK_INT(answer(&sa, IKE_AUTH_RSA_SIG, "md5", 1), ISAKMP_E_ATTR_VALUE);
	/* other methods, which are configured: they were not offered */
	CHECK_INT(answer(&sa, IKE_AUTH_PSK, "sha1", 1), ISAKMP_E_ATTR_VALUE);
	CHECK_INT(answer(&sa, IKE_AUTH_ECDSA_256, "sha2-256", 1),
	    ISAKMP_E_ATTR_VALUE);
	CHECK_INT(answer(&sa, 65005, "sha1", 1), ISAKMP_E_ATTR_VALUE);
	sa.auth = ike_auth_by_name("psk");
	CHECK_INT(answer(&sa, IKE_AUTH_PSK, "sha1", 1), ISAKMP_OK);
	CHECK_INT(
	    answer(&sa, IKE_AUTH_RSA_SIG, "sha1", 1), ISAKMP_E_ATTR_VALUE);
}

TESTS(T(of_one_method), T(answers))
