/*
 * Whose group a client with a certificate is in, and why it is in none: the
 * message, its signature and its identity against the configuration.
 */
#include "common/clock.h"
#include "ikerd/alg/provider.h"
#include "ikerd/alg/sig.h"
#include "ikerd/ike/certauth.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/sa.h"
#include "regress/unit/ike/certs.h"
#include "regress/unit/ike/tell.h"
#include "regress/unit/test.h"

#define HASH_LEN 20

static const uint8_t hash_i[HASH_LEN] = "what the client must";

static void
conf_ca(const char *name, X509 *x)
{
	struct msg_CONF_CA m;
	uint8_t *p = m.der;

	memset(&m, 0, sizeof(m));
	CHECK(i2d_X509(x, NULL) <= (int)sizeof(m.der));
	(void)strlcpy(m.name, name, sizeof(m.name));
	m.der_len = (uint16_t)i2d_X509(x, &p);
	tell(MSG_CONF_CA, &m);
}

static void
conf_group(const char *name, const char *ca)
{
	struct msg_CONF_GROUP m;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.name, name, sizeof(m.name));
	(void)strlcpy(m.ca, ca, sizeof(m.ca));
	tell(MSG_CONF_GROUP, &m);
}

static X509 *
middle(void)
{
	static X509 *x;

	if (x == NULL)
		x = make(a_middle());
	return x;
}

/* Two CAs, one below the other; one group, of this one. */
static void
configure(const char *name, const char *ca)
{
	ikeconf_begin();
	conf_ca("root", root());
	conf_ca("middle", middle());
	conf_group(name, ca);
	ikeconf_free(ikeconf_commit());
}

static void
add_payload(struct isakmp_msg *m, uint8_t type, const uint8_t *p, size_t len)
{
	m->payload[m->n].type = type;
	m->payload[m->n].body = p;
	m->payload[m->n++].len = len;
}

static void
add_cert(struct isakmp_msg *m, X509 *x, uint8_t buf[1 + CERT_MAX])
{
	uint8_t *p = buf + 1;
	int len = i2d_X509(x, NULL);

	CHECK(len > 0 && len <= CERT_MAX);
	buf[0] = CERT_X509_SIGNATURE;
	(void)i2d_X509(x, &p);
	add_payload(m, PAYLOAD_CERT, buf, 1 + (size_t)len);
}

/* The group of a leaf below the middle CA that signs with key; or why none. */
static const char *
says(EVP_PKEY *key, const char *fqdn)
{
	static char why[CERT_WHY_LEN];
	struct ident id = { ID_FQDN, 0, 0, (const uint8_t *)fqdn,
		strlen(fqdn) };
	uint8_t leaf[1 + CERT_MAX], above[1 + CERT_MAX], sig[SIG_MAX];
	X509 *x = make(under_middle(middle()));
	struct isakmp_msg msg;
	struct ike_sa sa;
	struct group *g;
	size_t len;

	memset(&sa, 0, sizeof(sa));
	memset(&msg, 0, sizeof(msg));
	sa.auth = ike_auth_by_name("ecdsa-256");
	sa.hash = ike_hash_by_name("sha1");
	add_cert(&msg, x, leaf);
	add_cert(&msg, middle(), above);
	CHECK_INT(
	    sig_sign(key, SIGN_ECDSA_256, hash_i, HASH_LEN, sig, &len), 0);
	add_payload(&msg, PAYLOAD_SIG, sig, len);
	g = certauth_client(&sa, &msg, &id, hash_i, why);
	X509_free(x);
	return g != NULL ? g->name : why;
}

TEST(groups)
{
	configure("staff", "root");
	CHECK_STR(says(ec_key(KEY_LEAF), "gw.example.com"), "staff");
	CHECK_STR(says(ec_key(KEY_OTHER), "gw.example.com"),
	    "its signature is not by the key of its certificate");
	CHECK_STR(says(ec_key(KEY_LEAF), "gw.example.org"),
	    "identity FQDN gw.example.org is not in its certificate");
	configure("sales", "root");
	CHECK_STR(says(ec_key(KEY_LEAF), "gw.example.com"),
	    "no group takes this certificate of ca \"root\": neither its OU is "
	    "a group's name nor an identity fits");
}

/* The chain leads to the root, too, which has no groups. */
TEST(a_ca_below_another)
{
	configure("staff", "middle");
	CHECK_STR(says(ec_key(KEY_LEAF), "gw.example.com"), "staff");
}

TEST(setup)
{
	clock_hold(1000, NOW);
	CHECK_INT(alg_init(1), 0);
}

TESTS(T(setup), T(groups), T(a_ca_below_another))
