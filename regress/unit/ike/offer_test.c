/* SA offers: the clients' lists, answers to them, and everything wrong. */
#include "ikerd/ike/attr.h"
#include "ikerd/ike/offer.h"
#include "regress/unit/test.h"
#include "regress/unit/vectors/messages.h"

static const struct isakmp_hdr hdr = { .version = ISAKMP_VERSION };
static struct ike_offer ike;
static struct ipsec_offer ips;
static uint8_t out[70000];

#define SA_HEAD "\0\0\0\1\0\0\0\1"

/* The SA body just built in out; its length in len. */
static const uint8_t *
body(struct isakmp_buf *ib, size_t *len)
{
	size_t n = ib_finish(ib);

	CHECK(n > 32);
	CHECK_INT(out[16], PAYLOAD_SA);
	*len = n - 32;
	return out + 32;
}

TEST(vpnc1)
{
	char text[OFFER_STRLEN];
	const struct ike_transform *t;

	CHECK_INT(ike_offer_parse(vpnc_phase1, sizeof(vpnc_phase1), &ike), 0);
	CHECK_INT(ike.n, 24);
	t = &ike.transform[0];
	CHECK_INT(t->proposal, 0);
	CHECK_INT(t->number, 0);
	CHECK_INT(t->enc, IKE_ENC_AES);
	CHECK_INT(t->keylen, 256);
	CHECK_INT(t->hash, IKE_HASH_SHA);
	CHECK_INT(t->auth, IKE_AUTH_XAUTH_INIT_PSK);
	CHECK_INT(t->group, IKE_GROUP_MODP2048);
	CHECK_INT(t->life.seconds, 2147483);
	CHECK_INT(t->life.kilobytes, 0);
	CHECK_INT(t->why, ISAKMP_OK);
	CHECK_INT(ike.transform[23].number, 23);
	CHECK_INT(ike.transform[10].why, ISAKMP_E_NULL_CIPHER);
	CHECK_INT(ike.transform[23].why, ISAKMP_E_NULL_CIPHER);
	CHECK_INT(ike.transform[21].why, ISAKMP_OK);
	CHECK_STR(ike_transform_text(t, text, sizeof(text)),
	    "xauth-psk aes-256 sha1 modp2048");
	CHECK_STR(ike_transform_text(&ike.transform[21], text, sizeof(text)),
	    "psk des md5 modp2048");
	CHECK_STR(ike_transform_text(t, text, 6), "xauth");
}

/* The sixth of the seed's list is the one its gateway took. */
TEST(cisco1)
{
	const struct ike_transform *t = &ike.transform[5];

	CHECK_INT(
	    ike_offer_parse(cisco4_phase1, sizeof(cisco4_phase1), &ike), 0);
	CHECK_INT(ike.n, 8);
	CHECK_INT(t->number, 6);
	CHECK_INT(t->enc, IKE_ENC_DES);
	CHECK_INT(t->hash, IKE_HASH_MD5);
	CHECK_INT(t->auth, IKE_AUTH_XAUTH_INIT_PSK);
	CHECK_INT(t->group, IKE_GROUP_MODP1024);
	CHECK_INT(t->why, ISAKMP_OK);
	CHECK_INT(
	    ike_offer_parse(cisco11_phase1, sizeof(cisco11_phase1), &ike), 0);
	CHECK_INT(ike.n, 1);
	CHECK_INT(ike.transform[0].life.seconds, 0); /* no limit asked for */
	CHECK_INT(ike.transform[0].why, ISAKMP_OK);
}

/* Message 2: the transform whole, SPI size 0 (vpnc insists on both). */
TEST(answer1)
{
	static struct ike_offer again;
	struct ike_transform t;
	struct isakmp_buf ib;
	const uint8_t *p;
	size_t len;

	CHECK_INT(
	    ike_offer_parse(cisco4_phase1, sizeof(cisco4_phase1), &ike), 0);
	t = ike.transform[5];
	ib_init(&ib, out, sizeof(out), &hdr);
	ike_offer_put_chosen(&ib, &t);
	p = body(&ib, &len);
	CHECK_INT(len, 8 + 8 + t.raw_len);
	CHECK_MEM(p + 8, "\0\0\0\x2c\1\1\0\1", 8);
	CHECK_MEM(p + 8 + 8 + 1, t.raw + 1, t.raw_len - 1U);
	CHECK_INT(ike_offer_parse(p, len, &again), ISAKMP_OK);
	CHECK_INT(again.n, 1);
	CHECK_INT(again.transform[0].number, 6);
	CHECK_INT(again.transform[0].life.seconds, 2147483);
}

TEST(cisco2)
{
	const struct ipsec_proposal *p;
	size_t i;

	CHECK_INT(ipsec_offer_parse(cisco4_phase2, sizeof(cisco4_phase2), &ips),
	    ISAKMP_OK);
	CHECK_INT(ips.n_bundles, 7);
	CHECK_INT(ips.n_proposals, 11);
	CHECK_INT(ips.n_transforms, 11);
	CHECK_INT(ips.group, IKE_GROUP_NONE);
	for (i = 0; i < 7; i++) {
		CHECK_INT(ips.bundle[i].number, i + 1);
		CHECK_INT(ips.bundle[i].n, i == 2 || i == 3 || i == 6 ? 1 : 2);
		CHECK_INT(ips.bundle[i].why, ISAKMP_OK);
	}
	p = &ips.proposal[ips.bundle[0].first + 1];
	CHECK_INT(p->protocol, PROTO_IPCOMP);
	CHECK_INT(p->spi_len, 2);
	CHECK_INT(ipsec_proposal_spi(p), 0xa1b2);
	CHECK_INT(ips.transform[p->first].id, IPSEC_IPCOMP_LZS);
	p = &ips.proposal[ips.bundle[6].first];
	CHECK_INT(p->protocol, PROTO_ESP);
	CHECK_INT(ipsec_proposal_spi(p), 0x3d1b35d7);
	CHECK_INT(ips.transform[p->first].id, IPSEC_ESP_DES);
	CHECK_INT(ips.transform[p->first].auth, IPSEC_AUTH_HMAC_MD5);
	CHECK_INT(ips.transform[p->first].encap, ENCAP_TUNNEL);
	CHECK_INT(ips.transform[p->first].life.seconds, 2147483);
}

TEST(vpnc2)
{
	const struct ipsec_transform *t = ips.transform;
	char text[OFFER_STRLEN];

	CHECK_INT(ipsec_offer_parse(vpnc_phase2, sizeof(vpnc_phase2), &ips), 0);
	CHECK_INT(ips.n_bundles, 12);
	CHECK_INT(ips.bundle[0].number, 0);
	CHECK_INT(t[0].id, IPSEC_ESP_AES_CBC);
	CHECK_INT(t[0].keylen, 256);
	CHECK_INT(t[0].encap, ENCAP_UDP_TUNNEL);
	CHECK_INT(t[10].id, IPSEC_ESP_NULL);
	CHECK_STR(ipsec_transform_text(PROTO_ESP, t, text, sizeof(text)),
	    "esp aes-256 sha1 udp-tunnel");
	CHECK_STR(ipsec_transform_text(PROTO_ESP, t + 11, text, sizeof(text)),
	    "esp null md5 udp-tunnel");
}

TEST(racoon2)
{
	char text[OFFER_STRLEN];

	CHECK_INT(ipsec_offer_parse(racoon_phase2, sizeof(racoon_phase2), &ips),
	    ISAKMP_OK);
	CHECK_INT(ips.n_bundles, 2);
	CHECK_INT(ips.bundle[0].n, 2);
	CHECK_INT(ips.proposal[0].protocol, PROTO_AH);
	CHECK_INT(ips.proposal[1].n, 2);
	CHECK_INT(ips.proposal[2].first, 3);
	CHECK_INT(ips.group, IKE_GROUP_MODP2048);
	CHECK_INT(ips.bundle[1].why, ISAKMP_OK);
	CHECK_INT(ips.transform[3].life.seconds, 3600);
	CHECK(ipsec_is_aead(ips.transform[3].id));
	CHECK_STR(ipsec_transform_text(
		      PROTO_ESP, &ips.transform[3], text, sizeof(text)),
	    "esp aes-256-gcm modp2048 tunnel");
	CHECK_STR(ipsec_transform_text(
		      PROTO_AH, &ips.transform[0], text, sizeof(text)),
	    "ah sha1 modp2048 tunnel");
}

/* A bundle is answered with all its protocols and SPIs of ours. */
TEST(answer2)
{
	static struct ipsec_offer again;
	struct ipsec_choice c[2];
	struct isakmp_buf ib;
	const uint8_t *p;
	size_t len;

	CHECK_INT(ipsec_offer_parse(cisco4_phase2, sizeof(cisco4_phase2), &ips),
	    ISAKMP_OK);
	c[0].proposal = &ips.proposal[0];
	c[0].transform = &ips.transform[0];
	c[0].spi = (const uint8_t *)"\x64\xd7\xa5\x18";
	c[0].spi_len = 4;
	c[1].proposal = &ips.proposal[1];
	c[1].transform = &ips.transform[1];
	c[1].spi = (const uint8_t *)"\x12\x34";
	c[1].spi_len = 2;
	ib_init(&ib, out, sizeof(out), &hdr);
	ipsec_offer_put_chosen(&ib, c, 2);
	p = body(&ib, &len);
	CHECK_INT(ipsec_offer_parse(p, len, &again), ISAKMP_OK);
	CHECK_INT(again.n_bundles, 1);
	CHECK_INT(again.n_proposals, 2);
	CHECK_INT(again.bundle[0].why, ISAKMP_OK);
	CHECK_INT(ipsec_proposal_spi(&again.proposal[0]), 0x64d7a518);
	CHECK_INT(ipsec_proposal_spi(&again.proposal[1]), 0x1234);
	CHECK_MEM(again.transform[0].raw + 1, ips.transform[0].raw + 1,
	    ips.transform[0].raw_len - 1U);
}

/* One transform of phase 1 with these attributes. */
static enum isakmp_error
ike_why(const void *attrs, size_t len)
{
	struct isakmp_buf ib;
	const uint8_t *p;
	size_t at, sub, n;

	ib_init(&ib, out, sizeof(out), &hdr);
	ib_payload_begin(&ib, PAYLOAD_SA);
	ib_put(&ib, SA_HEAD, 8);
	at = ib_sub_begin(&ib, 0);
	ib_put(&ib, "\1\1\0\1", 4);
	sub = ib_sub_begin(&ib, 0);
	ib_put(&ib, "\1\1\0\0", 4);
	ib_put(&ib, attrs, len);
	ib_sub_end(&ib, sub);
	ib_sub_end(&ib, at);
	ib_payload_end(&ib);
	p = body(&ib, &n);
	CHECK_INT(ike_offer_parse(p, n, &ike), ISAKMP_OK);
	CHECK_INT(ike.n, 1);
	return ike.transform[0].why;
}

#define WHY(attrs) ike_why(attrs, sizeof(attrs) - 1)
#define AES "\x80\1\0\7"
#define DES "\x80\1\0\1"
#define REST "\x80\2\0\2\x80\3\0\1\x80\4\0\2"
#define K128 "\x80\x0e\0\x80"
#define SECONDS "\x80\x0b\0\1"

TEST(attributes1)
{
	CHECK_INT(WHY(AES REST K128), ISAKMP_OK);
	CHECK_INT(WHY(AES REST), ISAKMP_E_KEYLEN_MISSING);
	CHECK_INT(WHY(AES REST "\x80\x0e\0\x81"), ISAKMP_E_KEYLEN);
	CHECK_INT(WHY(AES REST "\x80\x0e\0\0"), ISAKMP_E_KEYLEN);
	CHECK_INT(WHY(DES REST), ISAKMP_OK);
	CHECK_INT(WHY(DES REST "\x80\x0e\0\0"), ISAKMP_E_KEYLEN);
	CHECK_INT(WHY("\x80\1\0\5" REST "\x80\x0e\0\xc0"), ISAKMP_E_KEYLEN);
	CHECK_INT(WHY("\x80\1\0\0" REST), ISAKMP_E_NULL_CIPHER);
	CHECK_INT(WHY(REST), ISAKMP_E_ATTR_MISSING);
	CHECK_INT(WHY(""), ISAKMP_E_ATTR_MISSING);
	CHECK_INT(WHY(DES DES REST), ISAKMP_E_ATTR_REPEATED);
	CHECK_INT(WHY("\0\1\0\2\0\1" REST), ISAKMP_E_ATTR_FORM);
	CHECK_INT(WHY(DES REST "\x80\x0d\0\1"), ISAKMP_E_ATTR_UNSUPPORTED);
	CHECK_INT(WHY(DES REST "\x80\5\0\1"), ISAKMP_E_ATTR_UNSUPPORTED);
	CHECK_INT(WHY(DES REST "\xc0\0\0\1"), ISAKMP_E_ATTR_UNSUPPORTED);
	CHECK_INT(WHY(DES REST "\0\x0c\0\5"), ISAKMP_E_ATTR_OVERRUN);
	CHECK_INT(WHY(DES REST "\0\0\0"), ISAKMP_E_ATTR_OVERRUN);
}

TEST(lifetimes)
{
	const struct offer_life *l = &ike.transform[0].life;

	CHECK_INT(WHY(DES REST SECONDS "\x80\x0c\x0e\x10"), ISAKMP_OK);
	CHECK_INT(l->seconds, 3600);
	CHECK_INT(WHY(DES REST SECONDS "\0\x0c\0\1\5"), ISAKMP_OK);
	CHECK_INT(l->seconds, 5);
	CHECK_INT(WHY(DES REST SECONDS "\0\x0c\0\x08\0\0\0\0\0\1\x51\x80"),
	    ISAKMP_OK);
	CHECK_INT(l->seconds, 86400);
	CHECK_INT(
	    WHY(DES REST SECONDS "\0\x0c\0\x08\1\0\0\0\0\0\0\0"), ISAKMP_OK);
	CHECK_INT(l->seconds, UINT32_MAX);
	CHECK_INT(WHY(DES REST SECONDS "\x80\x0c\0\5\x80\x0b\0\2\x80\x0c\0\7"),
	    ISAKMP_OK);
	CHECK_INT(l->seconds, 5);
	CHECK_INT(l->kilobytes, 7);
	CHECK_INT(WHY(DES REST SECONDS "\0\x0c\0\x09\0\0\0\0\0\0\0\0\1"),
	    ISAKMP_E_LIFE);
	CHECK_INT(WHY(DES REST SECONDS "\0\x0c\0\0"), ISAKMP_E_LIFE);
	/* strongSwan's rekey_time = 0 */
	CHECK_INT(WHY(DES REST SECONDS "\x80\x0c\0\0"), ISAKMP_OK);
	CHECK_INT(l->seconds, 0);
	CHECK_INT(WHY(DES REST "\x80\x0c\0\1"), ISAKMP_E_LIFE);
	CHECK_INT(WHY(DES REST SECONDS), ISAKMP_E_LIFE);
	CHECK_INT(WHY(DES SECONDS REST "\x80\x0c\0\1"), ISAKMP_E_LIFE);
	CHECK_INT(WHY(DES REST "\x80\x0b\0\3\x80\x0c\0\1"), ISAKMP_E_LIFE);
	CHECK_INT(WHY(DES REST "\0\x0b\0\1\1"), ISAKMP_E_ATTR_FORM);
	CHECK_INT(WHY(DES REST SECONDS "\x80\x0c\0\5" SECONDS "\x80\x0c\0\5"),
	    ISAKMP_E_ATTR_REPEATED);
}

/* One ESP transform of phase 2 with these attributes. */
static enum isakmp_error
ipsec_why(uint8_t protocol, uint8_t id, const void *attrs, size_t len)
{
	struct isakmp_buf ib;
	const uint8_t *p;
	size_t at, sub, n;

	ib_init(&ib, out, sizeof(out), &hdr);
	ib_payload_begin(&ib, PAYLOAD_SA);
	ib_put(&ib, SA_HEAD, 8);
	at = ib_sub_begin(&ib, 0);
	ib_u8(&ib, 1);
	ib_u8(&ib, protocol);
	ib_put(&ib, "\4\1\1\2\3\4", 6);
	sub = ib_sub_begin(&ib, 0);
	ib_u8(&ib, 1);
	ib_u8(&ib, id);
	ib_u16(&ib, 0);
	ib_put(&ib, attrs, len);
	ib_sub_end(&ib, sub);
	ib_sub_end(&ib, at);
	ib_payload_end(&ib);
	p = body(&ib, &n);
	CHECK_INT(ipsec_offer_parse(p, n, &ips), ISAKMP_OK);
	CHECK_INT(ips.n_transforms, 1);
	CHECK_INT(ips.bundle[0].why, ips.transform[0].why);
	return ips.transform[0].why;
}

#define ESP(id, attrs) ipsec_why(PROTO_ESP, id, attrs, sizeof(attrs) - 1)
#define AH(id, attrs) ipsec_why(PROTO_AH, id, attrs, sizeof(attrs) - 1)
#define SHA "\x80\5\0\2"
#define KEY(bits) "\x80\6" bits

TEST(attributes2)
{
	CHECK_INT(ESP(IPSEC_ESP_AES_CBC, SHA KEY("\1\0")), ISAKMP_OK);
	CHECK_INT(ips.transform[0].encap, ENCAP_NONE_GIVEN);
	CHECK_INT(ESP(IPSEC_ESP_AES_CBC, SHA), ISAKMP_E_KEYLEN_MISSING);
	CHECK_INT(ESP(IPSEC_ESP_AES_CBC, SHA KEY("\0\x40")), ISAKMP_E_KEYLEN);
	CHECK_INT(ESP(IPSEC_ESP_AES_CBC, KEY("\0\x80")), ISAKMP_E_NO_AUTH);
	CHECK_INT(ESP(IPSEC_ESP_3DES, SHA KEY("\0\xc0")), ISAKMP_E_KEYLEN);
	CHECK_INT(ESP(IPSEC_ESP_NULL, SHA), ISAKMP_OK);
	CHECK_INT(ESP(IPSEC_ESP_NULL, ""), ISAKMP_E_NO_AUTH);
	CHECK_INT(ESP(IPSEC_ESP_AES_GCM_16, KEY("\0\x80")), ISAKMP_OK);
	CHECK_INT(ESP(IPSEC_ESP_AES_GCM_16, SHA KEY("\0\x80")),
	    ISAKMP_E_AUTH_MISMATCH);
	CHECK_INT(ESP(99, SHA), ISAKMP_E_TRANSFORM_ID);
	CHECK_INT(ESP(IPSEC_ESP_DES, SHA "\x80\4\0\5"), ISAKMP_E_ATTR_VALUE);
	CHECK_INT(ESP(IPSEC_ESP_DES, SHA "\x80\4\0\0"), ISAKMP_E_ATTR_VALUE);
	CHECK_INT(ESP(IPSEC_ESP_DES, SHA "\x80\4\xf0\3"), ISAKMP_OK);
	CHECK_INT(ips.transform[0].encap, ENCAP_UDP_TUNNEL_DRAFT);
	CHECK_INT(ESP(IPSEC_ESP_DES, SHA SHA), ISAKMP_E_ATTR_REPEATED);
	CHECK_INT(ESP(IPSEC_ESP_DES, SHA "\x80\x0a\0\1"), ISAKMP_OK); /* ECN */
	CHECK_INT(
	    ESP(IPSEC_ESP_DES, SHA "\x80\x0b\0\1"), ISAKMP_E_ATTR_UNSUPPORTED);
	CHECK_INT(
	    ESP(IPSEC_ESP_DES, SHA "\x80\7\0\1"), ISAKMP_E_ATTR_UNSUPPORTED);
	CHECK_INT(AH(IPSEC_AH_SHA, SHA), ISAKMP_OK);
	CHECK_INT(AH(IPSEC_AH_MD5, SHA), ISAKMP_E_AUTH_MISMATCH);
	CHECK_INT(AH(IPSEC_AH_SHA, ""), ISAKMP_E_NO_AUTH);
	CHECK_INT(AH(1, SHA), ISAKMP_E_TRANSFORM_ID);
	CHECK_INT(ESP(IPSEC_ESP_DES, SHA "\x80\1\0\1\0\2\0\4\0\x20\xc4\x9b"),
	    ISAKMP_OK);
	CHECK_INT(ips.transform[0].life.seconds, 2147483);
}

/* Change one octet of an offer. */
static enum isakmp_error
ike_poke(size_t at, uint8_t value)
{
	uint8_t b[sizeof(cisco4_phase1)];

	memcpy(b, cisco4_phase1, sizeof(b));
	b[at] = value;
	return ike_offer_parse(b, sizeof(b), &ike);
}

static enum isakmp_error
ipsec_poke(size_t at, uint8_t value)
{
	uint8_t b[sizeof(vpnc_phase2)];

	memcpy(b, vpnc_phase2, sizeof(b));
	b[at] = value;
	return ipsec_offer_parse(b, sizeof(b), &ips);
}

TEST(syntax)
{
	CHECK_INT(ike_poke(3, 2), ISAKMP_E_DOI);
	CHECK_INT(ike_poke(7, 3), ISAKMP_E_SITUATION);
	CHECK_INT(ike_poke(8, 3), ISAKMP_E_PROPOSAL_SYNTAX);  /* next */
	CHECK_INT(ike_poke(8, 2), ISAKMP_E_PROPOSAL_SYNTAX);  /* none follows */
	CHECK_INT(ike_poke(9, 1), ISAKMP_E_PROPOSAL_SYNTAX);  /* reserved */
	CHECK_INT(ike_poke(11, 7), ISAKMP_E_PROPOSAL_SYNTAX); /* length */
	CHECK_INT(ike_poke(10, 9), ISAKMP_E_PROPOSAL_SYNTAX);
	CHECK_INT(ike_poke(14, 255), ISAKMP_E_PROPOSAL_SYNTAX); /* SPI size */
	CHECK_INT(ike_poke(15, 7), ISAKMP_E_TRANSFORM_COUNT);
	CHECK_INT(ike_poke(15, 9), ISAKMP_E_TRANSFORM_COUNT);
	CHECK_INT(ike_poke(15, 0), ISAKMP_E_PROPOSAL_SYNTAX);
	CHECK_INT(ike_poke(16, 2), ISAKMP_E_PROPOSAL_SYNTAX);
	CHECK_INT(ike_poke(16, 0), ISAKMP_E_PROPOSAL_SYNTAX);
	CHECK_INT(ike_poke(19, 7), ISAKMP_E_PROPOSAL_SYNTAX);
	CHECK_INT(ike_offer_parse(cisco4_phase1, 7, &ike), ISAKMP_E_BODY_SHORT);
	CHECK_INT(
	    ike_offer_parse(cisco4_phase1, 8, &ike), ISAKMP_E_PROPOSAL_SYNTAX);
	/* not the syntax but the sense: kept with the reason */
	CHECK_INT(ike_poke(13, PROTO_ESP), ISAKMP_OK);
	CHECK_INT(ike.transform[0].why, ISAKMP_E_PROTOCOL);
	CHECK_INT(ike_poke(21, 2), ISAKMP_OK);
	CHECK_INT(ike.transform[0].why, ISAKMP_E_TRANSFORM_ID);

	CHECK_INT(ipsec_poke(12, 2), ISAKMP_E_PROPOSAL_ORDER);
	CHECK_INT(ipsec_poke(13, PROTO_ISAKMP), ISAKMP_OK);
	CHECK_INT(ips.bundle[0].why, ISAKMP_E_PROTOCOL);
	CHECK_INT(ips.bundle[1].why, ISAKMP_OK);
	CHECK_INT(ipsec_poke(15, 2), ISAKMP_E_TRANSFORM_COUNT);
}

TEST(truncated)
{
	uint8_t *p;
	size_t n;

	for (n = 0; n < sizeof(racoon_phase2); n++) {
		if ((p = malloc(n + 1)) == NULL)
			abort();
		memcpy(p, racoon_phase2, n);
		CHECK(ipsec_offer_parse(p, n, &ips) != ISAKMP_OK);
		free(p);
	}
	for (n = 0; n < sizeof(vpnc_phase1); n++)
		CHECK(ike_offer_parse(vpnc_phase1, n, &ike) != ISAKMP_OK);
}

/* An SA of n proposals, numbers from 1 up by step, t transforms each. */
static enum isakmp_error
many(size_t n, int step, size_t t, int phase)
{
	struct isakmp_buf ib;
	const uint8_t *p;
	size_t i, j, at, sub, len;

	ib_init(&ib, out, sizeof(out), &hdr);
	ib_payload_begin(&ib, PAYLOAD_SA);
	ib_put(&ib, SA_HEAD, 8);
	for (i = 0; i < n; i++) {
		at = ib_sub_begin(&ib, i + 1 < n ? PAYLOAD_P : 0);
		ib_u8(&ib, (uint8_t)(1 + (int)i * step));
		ib_u8(&ib, phase == 1 ? PROTO_ISAKMP : PROTO_ESP);
		ib_u8(&ib, 4);
		ib_u8(&ib, (uint8_t)t);
		ib_put(&ib, "\1\2\3\4", 4);
		for (j = 0; j < t; j++) {
			sub = ib_sub_begin(&ib, j + 1 < t ? PAYLOAD_T : 0);
			ib_put(&ib, "\1\2\0\0\x80\5\0\2", 8);
			ib_sub_end(&ib, sub);
		}
		ib_sub_end(&ib, at);
	}
	ib_payload_end(&ib);
	p = body(&ib, &len);
	return phase == 1 ? ike_offer_parse(p, len, &ike) :
			    ipsec_offer_parse(p, len, &ips);
}

TEST(bounds)
{
	CHECK_INT(many(64, 1, 1, 2), ISAKMP_OK);
	CHECK_INT(ips.n_bundles, 64);
	CHECK_INT(many(65, 1, 1, 2), ISAKMP_E_PROPOSAL_COUNT);
	CHECK_INT(many(65, 1, 1, 1), ISAKMP_E_PROPOSAL_COUNT);
	CHECK_INT(many(4, 1, 64, 2), ISAKMP_OK);
	CHECK_INT(ips.n_transforms, 256);
	CHECK_INT(many(1, 1, 65, 2), ISAKMP_E_TRANSFORMS);
	CHECK_INT(many(5, 1, 64, 2), ISAKMP_E_TRANSFORMS);
	CHECK_INT(many(1, 1, 255, 1), ISAKMP_OK);
	CHECK_INT(ike.n, 255);
	CHECK_INT(many(2, 1, 129, 1), ISAKMP_E_TRANSFORMS);
	CHECK_INT(many(3, 20, 1, 2), ISAKMP_OK); /* gaps */
	CHECK_INT(many(2, -1, 1, 2), ISAKMP_E_PROPOSAL_ORDER);
	CHECK_INT(many(2, -1, 1, 1), ISAKMP_E_PROPOSAL_ORDER);
	CHECK_INT(many(1, 1, 0, 2), ISAKMP_OK);
	CHECK_INT(ips.bundle[0].why, ISAKMP_E_TRANSFORM_COUNT);
}

TEST(bundles)
{
	CHECK_INT(many(2, 0, 1, 2), ISAKMP_OK); /* ESP and ESP */
	CHECK_INT(ips.n_bundles, 1);
	CHECK_INT(ips.bundle[0].n, 2);
	CHECK_INT(ips.bundle[0].why, ISAKMP_E_BUNDLE);
}

TEST(spis)
{
	CHECK_INT(ipsec_poke(16, 0), ISAKMP_OK);
	CHECK_INT(ips.bundle[0].why, ISAKMP_OK);
	CHECK_INT(many(1, 1, 1, 2), ISAKMP_OK);
	/* a reserved SPI: 0.0.0.255 */
	memcpy(out + 32 + 16, "\0\0\0\xff", 4);
	CHECK_INT(ipsec_offer_parse(out + 32, 8 + 12 + 12, &ips), ISAKMP_OK);
	CHECK_INT(ips.bundle[0].why, ISAKMP_E_SPI);
	memcpy(out + 32 + 16, "\0\0\1\0", 4);
	CHECK_INT(ipsec_offer_parse(out + 32, 8 + 12 + 12, &ips), ISAKMP_OK);
	CHECK_INT(ips.bundle[0].why, ISAKMP_OK);
}

/* Two transforms, one with a group: there is only one KE. */
TEST(groups)
{
	struct ipsec_transform t[2];
	struct isakmp_buf ib;
	const uint8_t *p;
	size_t len;

	memset(t, 0, sizeof(t));
	t[0].id = t[1].id = IPSEC_ESP_3DES;
	t[0].auth = t[1].auth = IPSEC_AUTH_HMAC_SHA;
	t[0].group = IKE_GROUP_MODP1024;
	ib_init(&ib, out, sizeof(out), &hdr);
	ipsec_offer_put(
	    &ib, 1, PROTO_ESP, (const uint8_t *)"\1\2\3\4", 4, t, 2);
	p = body(&ib, &len);
	CHECK_INT(ipsec_offer_parse(p, len, &ips), ISAKMP_E_GROUPS_DIFFER);
	t[1].group = IKE_GROUP_MODP1024;
	ib_init(&ib, out, sizeof(out), &hdr);
	ipsec_offer_put(
	    &ib, 1, PROTO_ESP, (const uint8_t *)"\1\2\3\4", 4, t, 2);
	p = body(&ib, &len);
	CHECK_INT(ipsec_offer_parse(p, len, &ips), ISAKMP_OK);
	CHECK_INT(ips.group, IKE_GROUP_MODP1024);
	CHECK_INT(ips.proposal[0].n, 2);
}

/* What we offer ourselves is what the sample has, octet by octet. */
TEST(offering)
{
	static struct ike_offer again;
	struct isakmp_buf ib;
	const uint8_t *p;
	size_t len;

	CHECK_INT(
	    ike_offer_parse(cisco4_phase1, sizeof(cisco4_phase1), &ike), 0);
	ib_init(&ib, out, sizeof(out), &hdr);
	ike_offer_put(&ib, ike.transform, ike.n);
	p = body(&ib, &len);
	CHECK_INT(len, sizeof(cisco4_phase1));
	CHECK_MEM(p, cisco4_phase1, len);

	CHECK_INT(ike_offer_parse(vpnc_phase1, sizeof(vpnc_phase1), &ike), 0);
	ib_init(&ib, out, sizeof(out), &hdr);
	ike_offer_put(&ib, ike.transform, ike.n);
	p = body(&ib, &len);
	CHECK_INT(len, sizeof(vpnc_phase1));
	CHECK_MEM(p, vpnc_phase1, len);
	CHECK_INT(ike_offer_parse(p, len, &again), ISAKMP_OK);

	ib_init(&ib, out, sizeof(out), &hdr);
	ike_offer_put(&ib, ike.transform, 256);
	CHECK_INT(ib_finish(&ib), 0);
}

/* RESPONDER-LIFETIME's data. */
TEST(life)
{
	struct offer_life l = { 3600, 0 }, back;
	struct isakmp_buf ib;

	ib_init(&ib, out, sizeof(out), &hdr);
	offer_life_put(&ib, 2, &l);
	CHECK_INT(ib_finish(&ib), 28 + 12);
	CHECK_MEM(out + 28, "\x80\1\0\1\0\2\0\4\0\0\x0e\x10", 12);
	CHECK_INT(offer_life_parse(out + 28, 12, 2, &back), ISAKMP_OK);
	CHECK_INT(back.seconds, 3600);
	CHECK_INT(back.kilobytes, 0);
	/* FortiGate's form, a type without its duration */
	CHECK_INT(offer_life_parse(out + 28, 4, 2, &back), ISAKMP_E_LIFE);
	CHECK_INT(
	    offer_life_parse(out + 28, 11, 2, &back), ISAKMP_E_ATTR_OVERRUN);
	CHECK_INT(offer_life_parse(out + 28, 12, 1, &back), ISAKMP_OK);
	CHECK_INT(back.seconds, 0);
}

TEST(odd_texts)
{
	struct ike_transform t = {
		.enc = 99, .keylen = 64, .hash = 3, .auth = 65002, .group = 24
	};
	struct ipsec_transform u = { .id = 3, .encap = 9 };
	char text[OFFER_STRLEN];

	CHECK_STR(ike_transform_text(&t, text, sizeof(text)),
	    "method 65002 cipher 99-64 tiger group 24");
	t.enc = IKE_ENC_AES;
	t.auth = IKE_AUTH_HYBRID_INIT_RSA;
	CHECK_STR(ike_transform_text(&t, text, sizeof(text)),
	    "hybrid aes-64 tiger group 24");
	CHECK_STR(ipsec_transform_text(PROTO_IPCOMP, &u, text, sizeof(text)),
	    "ipcomp lzs encap 9");
}

TESTS(T(vpnc1), T(cisco1), T(answer1), T(cisco2), T(vpnc2), T(racoon2),
    T(answer2), T(attributes1), T(lifetimes), T(attributes2), T(syntax),
    T(truncated), T(bounds), T(bundles), T(spis), T(groups), T(offering),
    T(life), T(odd_texts))
