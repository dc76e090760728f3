/* Which proposal is taken: configured order first, and never a weak surprise.
 */
#include "ikerd/ike/choose.h"
#include "regress/unit/test.h"
#include "regress/unit/vectors/messages.h"

static struct ike_offer offer;
static struct ipsec_offer ipsec;
static const struct ike_transform *t;
static const struct ike_policy *p;
static int xauth;

static struct ike_policy
policy(
    const char *auth, const char *cipher, const char *hash, const char *group)
{
	struct ike_policy row;

	memset(&row, 0, sizeof(row));
	row.auth = ike_auth_by_name(auth);
	row.cipher = ike_cipher_by_name(cipher);
	row.hash = ike_hash_by_name(hash);
	row.group = ike_group_by_name(group);
	return row;
}

static void
conf(struct ikeconf *c, struct ike_policy *rows, size_t n)
{
	memset(c, 0, sizeof(*c));
	c->policy = rows;
	c->npolicies = n;
	CHECK_INT(ike_offer_parse(vpnc_phase1, sizeof(vpnc_phase1), &offer), 0);
}

/* The same of every method. */
#define WANT(x) (&(const struct choose_want){ (x), (x), (x) })

/* vpnc offers AES-256 before AES-128; the gateway's order decides. */
TEST(our_order)
{
	struct ike_policy rows[] = {
		policy("psk", "aes-128", "sha1", "modp2048"),
		policy("psk", "aes-256", "sha1", "modp2048"),
	};
	struct ikeconf c;

	conf(&c, rows, 2);
	CHECK_INT(
	    choose_ike(&offer, &c, WANT(XAUTH_ALWAYS), &t, &p, &xauth), 0);
	CHECK(p == &rows[0]);
	CHECK_INT(t->enc, IKE_ENC_AES);
	CHECK_INT(t->keylen, 128);
	CHECK_INT(t->auth, IKE_AUTH_XAUTH_INIT_PSK);
	CHECK_INT(xauth, 1);
}

/* It offers plain PSK beside XAUTH: never taken where a login is demanded. */
TEST(xauth_is_not_optional)
{
	struct ike_policy rows[] = {
		policy("psk", "aes-256", "sha1", "modp2048"),
	};
	struct ikeconf c;
	size_t i;

	conf(&c, rows, 1);
	for (i = 0; i < offer.n; i++) {
		if (offer.transform[i].auth == IKE_AUTH_XAUTH_INIT_PSK)
			offer.transform[i].auth = IKE_AUTH_PSK;
	}
	CHECK_INT(
	    choose_ike(&offer, &c, WANT(XAUTH_ALWAYS), &t, &p, &xauth), -1);
	CHECK_INT(choose_ike(&offer, &c, WANT(XAUTH_NEVER), &t, &p, &xauth), 0);
	CHECK_INT(xauth, 0);
	CHECK_INT(t->auth, IKE_AUTH_PSK);
}

/* A peer with login takes XAUTH's method first, and the plain one else. */
TEST(xauth_first)
{
	struct ike_policy rows[] = {
		policy("psk", "des", "md5", "modp768"),
		policy("psk", "aes-256", "sha1", "modp2048"),
	};
	struct ikeconf c;

	conf(&c, rows, 2);
	CHECK_INT(choose_ike(&offer, &c, WANT(XAUTH_FIRST), &t, &p, &xauth), 0);
	CHECK_INT(xauth, 1);
	CHECK_INT(t->auth, IKE_AUTH_XAUTH_INIT_PSK);
	CHECK_INT(
	    ike_offer_parse(cisco11_phase1, sizeof(cisco11_phase1), &offer), 0);
	CHECK_INT(choose_ike(&offer, &c, WANT(XAUTH_FIRST), &t, &p, &xauth), 0);
	CHECK_INT(xauth, 0);
	CHECK(p == &rows[0]);
	CHECK_INT(t->auth, IKE_AUTH_PSK);
	CHECK_INT(
	    choose_ike(&offer, &c, WANT(XAUTH_ALWAYS), &t, &p, &xauth), -1);
}

/* A group without login prefers the plain method, and takes XAUTH's else. */
TEST(no_login)
{
	struct ike_policy rows[] = {
		policy("psk", "aes-256", "sha1", "modp2048"),
	};
	struct ikeconf c;

	conf(&c, rows, 1);
	CHECK_INT(choose_ike(&offer, &c, WANT(XAUTH_NEVER), &t, &p, &xauth), 0);
	CHECK_INT(xauth, 0);
	CHECK_INT(t->auth, IKE_AUTH_PSK);
}

/* A peer with networks of its own is never asked for a login. */
TEST(no_xauth)
{
	struct ike_policy rows[] = {
		policy("psk", "aes-256", "sha1", "modp2048"),
	};
	struct ikeconf c;
	size_t i;

	conf(&c, rows, 1);
	CHECK_INT(choose_ike(&offer, &c, WANT(XAUTH_NONE), &t, &p, &xauth), 0);
	CHECK_INT(xauth, 0);
	CHECK_INT(t->auth, IKE_AUTH_PSK);
	for (i = 0; i < offer.n; i++)
		offer.transform[i].auth = IKE_AUTH_XAUTH_INIT_PSK;
	CHECK_INT(choose_ike(&offer, &c, WANT(XAUTH_NONE), &t, &p, &xauth), -1);
}

/* Each way to prove who one is, is wanted by itself. */
TEST(method_by_method)
{
	struct ike_policy rows[] = {
		policy("hybrid", "aes-256", "sha1", "modp2048"),
		policy("rsa", "aes-256", "sha1", "modp2048"),
		policy("psk", "aes-256", "sha1", "modp2048"),
	};
	struct choose_want w = { XAUTH_ALWAYS, XAUTH_FIRST, XAUTH_ALWAYS };
	struct ikeconf c;
	char text[512];
	size_t i;

	conf(&c, rows, 3);
	for (i = 0; i + 2 < offer.n; i += 3) {
		offer.transform[i].auth = IKE_AUTH_XAUTH_INIT_PSK;
		offer.transform[i + 1].auth = IKE_AUTH_RSA_SIG;
		offer.transform[i + 2].auth = IKE_AUTH_HYBRID_INIT_RSA;
		offer.transform[i].hash = offer.transform[i + 1]
					      .hash = offer.transform[i + 2]
							  .hash = IKE_HASH_SHA;
		offer.transform[i].keylen = offer.transform[i + 1]
						.keylen = offer.transform[i + 2]
							      .keylen = 256;
		offer.transform[i].enc = offer.transform[i + 1]
					     .enc = offer.transform[i + 2]
							.enc = IKE_ENC_AES;
	}
	CHECK_INT(choose_ike(&offer, &c, &w, &t, &p, &xauth), 0);
	CHECK(p == &rows[0]);
	CHECK_INT(xauth, 1);
	w.hybrid = METHOD_NEVER; /* XAUTH's methods come before plain ones */
	CHECK_INT(choose_ike(&offer, &c, &w, &t, &p, &xauth), 0);
	CHECK(p == &rows[2]);
	w.psk = METHOD_NEVER;
	CHECK_INT(choose_ike(&offer, &c, &w, &t, &p, &xauth), 0);
	CHECK(p == &rows[1]);
	CHECK_INT(xauth, 0);
	choose_ike_why(&offer, &c, &w, text, sizeof(text));
	CHECK(strstr(text, "would be rsa aes-256 sha1 modp2048") != NULL);
	CHECK(strstr(text, "would be hybrid") == NULL);
	w.cert = METHOD_NEVER;
	CHECK_INT(choose_ike(&offer, &c, &w, &t, &p, &xauth), -1);
	choose_ike_why(&offer, &c, &w, text, sizeof(text));
	CHECK(strstr(text, "nothing: no ike policy") != NULL);
}

/* What no policy names is refused, and the refusal says what would do. */
TEST(nothing_fits)
{
	struct ike_policy rows[] = {
		policy("psk", "aes-256", "sha2-512", "modp4096"),
	};
	struct ikeconf c;
	char text[512];

	conf(&c, rows, 1);
	CHECK_INT(
	    choose_ike(&offer, &c, WANT(XAUTH_ALWAYS), &t, &p, &xauth), -1);
	choose_ike_why(&offer, &c, WANT(XAUTH_ALWAYS), text, sizeof(text));
	CHECK(strstr(text, "offered xauth-psk aes-256 sha1 modp2048") != NULL);
	CHECK(strstr(text, "and 18 more") != NULL);
	CHECK(strstr(text, "accepted would be psk aes-256 sha2-512 modp4096") !=
	    NULL);
	conf(&c, NULL, 0);
	choose_ike_why(&offer, &c, WANT(XAUTH_ALWAYS), text, sizeof(text));
	CHECK(strstr(text, "no ike policy") != NULL);
}

/* A transform that was parsed as invalid is not taken, whatever it says. */
TEST(invalid_transform)
{
	struct ike_policy rows[] = {
		policy("psk", "aes-256", "sha1", "modp2048"),
	};
	struct ikeconf c;
	size_t i;

	conf(&c, rows, 1);
	for (i = 0; i < offer.n; i++)
		offer.transform[i].why = ISAKMP_E_LIFE;
	CHECK_INT(
	    choose_ike(&offer, &c, WANT(XAUTH_NEVER), &t, &p, &xauth), -1);
}

/* --- phase 2 --- */

static struct esp_suite strong, weak;
static struct group group;

static void
suites(int with_weak)
{
	memset(&group, 0, sizeof(group));
	memset(&strong, 0, sizeof(strong));
	memset(&weak, 0, sizeof(weak));
	strong.cipher = esp_cipher_by_name("aes-128");
	strong.auth = esp_auth_by_name("sha1");
	weak.cipher = esp_cipher_by_name("des");
	weak.auth = esp_auth_by_name("md5");
	group.suite[group.nsuites++] = &strong;
	if (with_weak)
		group.suite[group.nsuites++] = &weak;
}

/*
 * One proposal, n transforms of id and key bits with this authentication;
 * a second protocol in the same proposal makes it a bundle.
 */
static void
offer_esp(
    uint8_t id, uint16_t keybits, uint16_t auth, uint16_t encap, uint16_t pfs)
{
	struct ipsec_transform *row = &ipsec.transform[0];

	memset(&ipsec, 0, sizeof(ipsec));
	row->id = id;
	row->keylen = keybits;
	row->auth = auth;
	row->encap = encap;
	row->group = pfs;
	ipsec.n_transforms = 1;
	ipsec.proposal[0].protocol = PROTO_ESP;
	ipsec.proposal[0].n = 1;
	ipsec.n_proposals = 1;
	ipsec.bundle[0].n = 1;
	ipsec.n_bundles = 1;
}

TEST(esp_fits)
{
	struct esp_choice c;

	suites(0);
	offer_esp(IPSEC_ESP_AES_CBC, 128, IPSEC_AUTH_HMAC_SHA, ENCAP_TUNNEL, 0);
	CHECK_INT(choose_esp(&ipsec, &group, 0, &c), 0);
	CHECK(c.suite == &strong);
	CHECK(c.transform == &ipsec.transform[0]);
}

/* DES-MD5 only where the group lists a legacy suite. */
TEST(esp_weak)
{
	struct esp_choice c;
	char text[512];

	suites(0);
	offer_esp(IPSEC_ESP_DES, 0, IPSEC_AUTH_HMAC_MD5, ENCAP_TUNNEL, 0);
	CHECK_INT(choose_esp(&ipsec, &group, 0, &c), -1);
	choose_esp_why(&ipsec, &group, 0, text, sizeof(text));
	CHECK(strstr(text, "accepted would be aes-128 sha1") != NULL);
	suites(1);
	CHECK_INT(choose_esp(&ipsec, &group, 0, &c), 0);
	CHECK(c.suite == &weak);
	offer_esp(IPSEC_ESP_NULL, 0, IPSEC_AUTH_HMAC_SHA, ENCAP_TUNNEL, 0);
	CHECK_INT(choose_esp(&ipsec, &group, 0, &c), -1);
	offer_esp(IPSEC_ESP_AES_CBC, 128, IPSEC_AUTH_NONE, ENCAP_TUNNEL, 0);
	CHECK_INT(choose_esp(&ipsec, &group, 0, &c), -1);
}

/* UDP encapsulation exactly when there is NAT; transport mode never. */
TEST(esp_encapsulation)
{
	static const struct {
		uint16_t encap;
		int natt, taken;
	} rows[] = {
		{ ENCAP_NONE_GIVEN, 0, 1 },
		{ ENCAP_NONE_GIVEN, 1, 0 },
		{ ENCAP_TUNNEL, 0, 1 },
		{ ENCAP_TUNNEL, 1, 0 },
		{ ENCAP_UDP_TUNNEL, 0, 0 },
		{ ENCAP_UDP_TUNNEL, 1, 1 },
		{ ENCAP_UDP_TUNNEL_DRAFT, 0, 0 },
		{ ENCAP_UDP_TUNNEL_DRAFT, 1, 1 },
		{ ENCAP_TRANSPORT, 0, 0 },
		{ ENCAP_TRANSPORT, 1, 0 },
		{ ENCAP_UDP_TRANSPORT, 1, 0 },
		{ ENCAP_UDP_TRANSPORT_DRAFT, 1, 0 },
	};
	struct esp_choice c;
	size_t i;

	suites(0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		offer_esp(IPSEC_ESP_AES_CBC, 128, IPSEC_AUTH_HMAC_SHA,
		    rows[i].encap, 0);
		CHECK_INT(choose_esp(&ipsec, &group, rows[i].natt, &c),
		    rows[i].taken ? 0 : -1);
	}
}

/* PFS: a sound group is welcome, a legacy one only when it is demanded. */
TEST(esp_pfs)
{
	struct esp_choice c;

	suites(0);
	offer_esp(IPSEC_ESP_AES_CBC, 128, IPSEC_AUTH_HMAC_SHA, ENCAP_TUNNEL,
	    IKE_GROUP_MODP2048);
	CHECK_INT(choose_esp(&ipsec, &group, 0, &c), 0);
	ipsec.transform[0].group = IKE_GROUP_MODP1024;
	CHECK_INT(choose_esp(&ipsec, &group, 0, &c), -1);
	strong.pfs = ike_group_by_name("modp1024");
	CHECK_INT(choose_esp(&ipsec, &group, 0, &c), 0);
	ipsec.transform[0].group = IKE_GROUP_NONE;
	CHECK_INT(choose_esp(&ipsec, &group, 0, &c), -1);
}

/* ESP with AH or IPCOMP: passed over, whatever stands in it. */
TEST(esp_bundle)
{
	struct esp_choice c;

	suites(0);
	offer_esp(IPSEC_ESP_AES_CBC, 128, IPSEC_AUTH_HMAC_SHA, ENCAP_TUNNEL, 0);
	ipsec.bundle[0].n = 2;
	ipsec.proposal[1].protocol = PROTO_IPCOMP;
	ipsec.n_proposals = 2;
	CHECK_INT(choose_esp(&ipsec, &group, 0, &c), -1);
	ipsec.bundle[0].n = 1;
	ipsec.proposal[0].protocol = PROTO_AH;
	CHECK_INT(choose_esp(&ipsec, &group, 0, &c), -1);
}

/* The refusal names what stood together, and what could not be had at all. */
TEST(esp_bundle_why)
{
	char text[512];

	suites(1);
	strong.pfs = ike_group_by_name("ecp256");
	offer_esp(IPSEC_ESP_AES_CBC, 128, IPSEC_AUTH_HMAC_SHA, ENCAP_TUNNEL, 0);
	ipsec.bundle[0].n = 2;
	ipsec.proposal[1].protocol = PROTO_IPCOMP;
	ipsec.proposal[1].first = 1;
	ipsec.proposal[1].n = 1;
	ipsec.transform[1].id = IPSEC_IPCOMP_LZS;
	ipsec.n_proposals = 3;
	ipsec.bundle[1].first = 2;
	ipsec.bundle[1].n = 1;
	ipsec.n_bundles = 2;
	ipsec.proposal[2].protocol = PROTO_ESP;
	ipsec.proposal[2].first = 2;
	ipsec.proposal[2].n = 1;
	ipsec.transform[2].id = IPSEC_ESP_AES_CBC;
	ipsec.transform[2].auth = IPSEC_AUTH_HMAC_SHA;
	ipsec.transform[2].why = ISAKMP_E_KEYLEN_MISSING;
	ipsec.n_transforms = 3;
	choose_esp_why(&ipsec, &group, 0, text, sizeof(text));
	CHECK(strstr(text,
		  "offered esp aes-128 sha1 tunnel + ipcomp lzs, esp aes sha1 "
		  "(") != NULL);
	CHECK(strstr(text,
		  "accepted would be aes-128 sha1 pfs ecp256, des "
		  "md5") != NULL);
}

/* --- every row --- */

/* A row of phase 1 is taken for itself and for no other. */
TEST(every_ike_row)
{
	const struct ike_cipher *c;
	const struct ike_hash *h;
	const struct ike_group *g;
	struct ike_policy row;
	struct ikeconf one;

	memset(&one, 0, sizeof(one));
	memset(&row, 0, sizeof(row));
	one.policy = &row;
	one.npolicies = 1;
	offer.n = 1;
	memset(&offer.transform[0], 0, sizeof(offer.transform[0]));
	offer.transform[0].auth = IKE_AUTH_PSK;
	row.auth = ike_auth_by_name("psk");
	for (c = ike_ciphers; c->name != NULL; c++) {
		for (h = ike_hashes; h->name != NULL; h++) {
			for (g = ike_groups; g->name != NULL; g++) {
				row.cipher = c;
				row.hash = h;
				row.group = g;
				offer.transform[0].enc = c->number;
				offer.transform[0].keylen = c->keybits;
				offer.transform[0].hash = h->number;
				offer.transform[0].group = g->number;
				CHECK_INT(
				    choose_ike(&offer, &one, WANT(XAUTH_NEVER),
					&t, &p, &xauth),
				    0);
				row.cipher = c == ike_ciphers ? c + 1 : c - 1;
				CHECK_INT(
				    choose_ike(&offer, &one, WANT(XAUTH_NEVER),
					&t, &p, &xauth),
				    -1);
				row.cipher = c;
				row.hash = h == ike_hashes ? h + 1 : h - 1;
				CHECK_INT(
				    choose_ike(&offer, &one, WANT(XAUTH_NEVER),
					&t, &p, &xauth),
				    -1);
				row.hash = h;
				row.group = g == ike_groups ? g + 1 : g - 1;
				CHECK_INT(
				    choose_ike(&offer, &one, WANT(XAUTH_NEVER),
					&t, &p, &xauth),
				    -1);
			}
		}
	}
}

/* Through the whole parser: what is offered of an ESP row is that row. */
static int
offered(const struct esp_cipher *c, const struct esp_auth *a,
    const struct ike_group *pfs)
{
	static const uint8_t spi[4] = { 1, 2, 3, 4 };
	static uint8_t buf[512];
	struct ipsec_transform row;
	struct isakmp_hdr none;
	struct isakmp_buf ib;
	struct esp_choice choice;

	memset(&none, 0, sizeof(none));
	memset(&row, 0, sizeof(row));
	row.number = 1;
	row.id = c->number;
	row.keylen = c->keybits;
	row.auth = a != NULL ? a->number : 0;
	row.encap = ENCAP_TUNNEL;
	row.group = pfs != NULL ? pfs->number : 0;
	ib_init(&ib, buf, sizeof(buf), &none);
	ipsec_offer_put(&ib, 1, PROTO_ESP, spi, 4, &row, 1);
	CHECK(!ib.overflow);
	/* behind the header of the message and of the payload */
	CHECK_INT(ipsec_offer_parse(buf + ISAKMP_HDR_LEN + 4,
		      ib.len - ISAKMP_HDR_LEN - 4, &ipsec),
	    0);
	return choose_esp(&ipsec, &group, 0, &choice);
}

TEST(every_esp_row)
{
	const struct esp_cipher *c, *other;
	const struct esp_auth *a, *wrong;

	suites(0);
	for (c = esp_ciphers; c->name != NULL; c++) {
		other = c == esp_ciphers ? c + 1 : c - 1;
		for (a = esp_auths; a->name != NULL; a++) {
			wrong = a == esp_auths ? a + 1 : a - 1;
			strong.cipher = c;
			strong.auth = c->aead ? NULL : a;
			CHECK_INT(offered(c, strong.auth, NULL), 0);
			strong.cipher = other;
			strong.auth = other->aead ? NULL : a;
			CHECK_INT(offered(c, c->aead ? NULL : a, NULL), -1);
			strong.cipher = c;
			strong.auth = c->aead ? NULL : wrong;
			if (!c->aead && wrong->number != a->number)
				CHECK_INT(offered(c, a, NULL), -1);
			/* neither with both, nor with nothing */
			CHECK_INT(offered(c, c->aead ? a : NULL, NULL), -1);
		}
	}
}

TEST(every_pfs_group)
{
	const struct ike_group *g, *other;

	suites(0);
	for (g = ike_groups; g->name != NULL; g++) {
		strong.pfs = NULL;
		CHECK_INT(
		    offered(strong.cipher, strong.auth, g), g->legacy ? -1 : 0);
		strong.pfs = g;
		CHECK_INT(offered(strong.cipher, strong.auth, g), 0);
		CHECK_INT(offered(strong.cipher, strong.auth, NULL), -1);
		for (other = ike_groups; other->name != NULL; other++) {
			if (other != g)
				CHECK_INT(
				    offered(strong.cipher, strong.auth, other),
				    -1);
		}
	}
}

TESTS(T(our_order), T(xauth_is_not_optional), T(xauth_first), T(no_login),
    T(no_xauth), T(method_by_method), T(nothing_fits), T(invalid_transform),
    T(esp_fits), T(esp_weak), T(esp_encapsulation), T(esp_pfs), T(esp_bundle),
    T(esp_bundle_why), T(every_ike_row), T(every_esp_row), T(every_pfs_group))
