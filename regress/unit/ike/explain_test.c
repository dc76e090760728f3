/*
 * The words for why one of many was taken, on the offers of the seed's VPN
 * Client 4.x.
 */
#include "ikerd/ike/explain.h"
#include "regress/unit/test.h"
#include "regress/unit/vectors/messages.h"

static struct ike_policy
policy(uint16_t priority, const char *cipher, const char *hash)
{
	struct ike_policy row;

	memset(&row, 0, sizeof(row));
	row.priority = priority;
	row.auth = ike_auth_by_name("psk");
	row.cipher = ike_cipher_by_name(cipher);
	row.hash = ike_hash_by_name(hash);
	row.group = ike_group_by_name("modp1024");
	return row;
}

static const struct choose_want always = { XAUTH_ALWAYS, XAUTH_ALWAYS,
	XAUTH_ALWAYS };

/* The judgement of the transform of this number. */
static const char *
transform(const struct ikeconf *c, unsigned int number)
{
	static struct ike_offer offer;
	static char text[512];
	const struct ike_transform *t;
	const struct ike_policy *p;
	const char *verdict;
	int xauth;

	CHECK_INT(
	    ike_offer_parse(cisco4_phase1, sizeof(cisco4_phase1), &offer), 0);
	CHECK_INT(choose_ike(&offer, c, &always, &t, &p, &xauth), 0);
	explain_transform(
	    &offer.transform[number - 1], c, &always, t, p, text, sizeof(text));
	verdict = strchr(text, ':');
	return verdict == NULL ? text : verdict + 2;
}

TEST(transforms)
{
	struct ike_policy rows[] = {
		policy(10, "des", "md5"),
		policy(20, "3des", "md5"),
	};
	struct ikeconf c;

	memset(&c, 0, sizeof(c));
	c.policy = rows;
	c.npolicies = 2;
	CHECK_STR(transform(&c, 1), "not acceptable: fits no ike policy");
	CHECK_STR(transform(&c, 2),
	    "would do, ike policy 20, but another comes first");
	CHECK_STR(transform(&c, 4),
	    "not acceptable: the group has a login, this is without XAUTH");
	CHECK_STR(transform(&c, 6), "accepted, ike policy 10");
}

TEST(bundles)
{
	static const char *const want[] = {
		"not acceptable: ESP is done alone, never together",
		"not acceptable: ESP is done alone, never together",
		"would do, esp \"3des\", but another comes first",
		"not acceptable: fits no esp of the group",
		"not acceptable: ESP is done alone, never together",
		"not acceptable: ESP is done alone, never together",
		"accepted, esp \"myset\"",
	};
	static struct ipsec_offer offer;
	struct esp_suite suite[2];
	struct group g;
	struct esp_choice c;
	char text[512], *verdict;
	size_t i;

	memset(suite, 0, sizeof(suite));
	memset(&g, 0, sizeof(g));
	strlcpy(suite[0].name, "myset", sizeof(suite[0].name));
	suite[0].cipher = esp_cipher_by_name("des");
	suite[0].auth = suite[1].auth = esp_auth_by_name("md5");
	strlcpy(suite[1].name, "3des", sizeof(suite[1].name));
	suite[1].cipher = esp_cipher_by_name("3des");
	g.suite[0] = &suite[0];
	g.suite[1] = &suite[1];
	g.nsuites = 2;
	CHECK_INT(
	    ipsec_offer_parse(cisco4_phase2, sizeof(cisco4_phase2), &offer), 0);
	CHECK_INT(offer.n_bundles, 7);
	CHECK_INT(choose_esp(&offer, &g, 0, &c), 0);
	for (i = 0; i < offer.n_bundles; i++) {
		explain_bundle(
		    &offer, &offer.bundle[i], &g, 0, &c, text, sizeof(text));
		verdict = strstr(text, ": ");
		CHECK(verdict != NULL);
		if (verdict != NULL)
			CHECK_STR(verdict + 2, want[i]);
	}
}

TESTS(T(transforms), T(bundles))
