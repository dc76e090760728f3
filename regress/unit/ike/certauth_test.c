/*
 * Whose group a client with a certificate is in, and why it is in none: the
 * message, its signature and its identity against the configuration; and
 * whether a peer that we began with is the one it was.
 */
#include <stdlib.h>

#include "common/clock.h"
#include "ikerd/alg/provider.h"
#include "ikerd/alg/sig.h"
#include "ikerd/ike/certauth.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/main_cert.h"
#include "ikerd/ike/mainmode.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
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

/* Any will do: it is not looked at here. */
static void
conf_own(X509 *x)
{
	struct msg_CONF_CERT m;
	uint8_t *p = m.der;

	memset(&m, 0, sizeof(m));
	m.kind = SIGN_ECDSA_256;
	m.der_len = (uint16_t)i2d_X509(x, &p);
	tell(MSG_CONF_CERT, &m);
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

/* The last message of who has a leaf below the middle CA and signs with key. */
static void
message(struct isakmp_msg *m, X509 *x, EVP_PKEY *key)
{
	static uint8_t leaf[1 + CERT_MAX], above[1 + CERT_MAX], sig[SIG_MAX];
	size_t len;

	memset(m, 0, sizeof(*m));
	add_cert(m, x, leaf);
	add_cert(m, middle(), above);
	CHECK_INT(
	    sig_sign(key, SIGN_ECDSA_256, hash_i, HASH_LEN, sig, &len), 0);
	add_payload(m, PAYLOAD_SIG, sig, len);
}

static struct ident
named(const char *fqdn)
{
	return (
	    struct ident){ ID_FQDN, 0, 0, (const uint8_t *)fqdn, strlen(fqdn) };
}

/* The group of a client with that leaf; or why none. */
static const char *
says(EVP_PKEY *key, const char *fqdn)
{
	static char why[CERT_WHY_LEN];
	struct ident id = named(fqdn);
	X509 *x = make(under_middle(middle()));
	struct isakmp_msg msg;
	struct ike_sa sa;
	struct group *g;

	memset(&sa, 0, sizeof(sa));
	sa.auth = ike_auth_by_name("ecdsa-256");
	sa.hash = ike_hash_by_name("sha1");
	message(&msg, x, key);
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

/* --- a peer that we began with --- */

static struct phase1 phase1;
static struct session session;

static struct ike_sa
begun(const char *group)
{
	struct ike_sa sa;

	memset(&sa, 0, sizeof(sa));
	memset(&phase1, 0, sizeof(phase1));
	memset(&session, 0, sizeof(session));
	session.group = ikeconf_group(group, strlen(group));
	session.ident = phase1_ident_digest(
	    (const uint8_t *)"\2\0\0\0gw.example.com", 18);
	sa.session = &session;
	sa.phase1 = &phase1;
	sa.auth = ike_auth_by_name("ecdsa-256");
	sa.hash = ike_hash_by_name("sha1");
	return sa;
}

static int
proves(struct ike_sa *sa, EVP_PKEY *key, const char *fqdn)
{
	X509 *x = make(under_middle(middle()));
	uint8_t body[64] = { ID_FQDN };
	struct main_last l;
	int r;

	memset(&l, 0, sizeof(l));
	message(&l.msg, x, key);
	memcpy(body + 4, fqdn, strlen(fqdn));
	add_payload(&l.msg, PAYLOAD_ID, body, 4 + strlen(fqdn));
	l.id = named(fqdn);
	memcpy(l.hash, hash_i, sizeof(hash_i));
	r = main_cert_proves(sa, &l);
	X509_free(x);
	return r;
}

TEST(the_peer_of_before)
{
	struct ike_sa sa;

	configure("staff", "root");
	sa = begun("staff");
	CHECK_STR(main_cert_why(&sa), "message 6 of the peer cannot be used");
	CHECK_INT(proves(&sa, ec_key(KEY_OTHER), "gw.example.com"), 0);
	CHECK_STR(main_cert_why(&sa),
	    "message 6 of the peer: its signature is not by the key of its "
	    "certificate");
	CHECK_INT(proves(&sa, ec_key(KEY_LEAF), "gw.example.org"), 0);
	CHECK_STR(main_cert_why(&sa),
	    "message 6 of the peer: it calls itself otherwise than before");
	CHECK_INT(proves(&sa, ec_key(KEY_LEAF), "gw.example.com"), 1);
	session.group = NULL;
	CHECK_INT(proves(&sa, ec_key(KEY_LEAF), "gw.example.com"), 0);
	CHECK_STR(main_cert_why(&sa),
	    "message 6 of the peer: its certificate is another peer's now");
	free(phase1.why);
}

/* Forged ones cost no more than so many signatures in one try. */
TEST(not_without_end)
{
	struct ike_sa sa;
	int i;

	configure("staff", "root");
	sa = begun("staff");
	for (i = 0; i < 8; i++)
		CHECK_INT(proves(&sa, ec_key(KEY_OTHER), "gw.example.com"), 0);
	CHECK_INT(proves(&sa, ec_key(KEY_LEAF), "gw.example.com"), 0);
	free(phase1.why);
}

/* What life.c asks before it begins. */
TEST(what_we_have)
{
	struct ike_sa sa;

	configure("staff", "root");
	sa = begun("staff");
	CHECK_INT(main_cert_fits(&sa), 0); /* no certificate of ours */
	ikeconf_begin();
	conf_own(root());
	conf_ca("root", root());
	conf_group("staff", "root");
	ikeconf_free(ikeconf_commit());
	sa = begun("staff");
	CHECK_INT(main_cert_fits(&sa), 1);
	sa.auth = ike_auth_by_name("rsa"); /* none for this method */
	CHECK_INT(main_cert_fits(&sa), 0);
}

TEST(setup)
{
	clock_hold(1000, NOW);
	CHECK_INT(alg_init(1), 0);
}

TESTS(T(setup), T(groups), T(a_ca_below_another), T(the_peer_of_before),
    T(not_without_end), T(what_we_have))
