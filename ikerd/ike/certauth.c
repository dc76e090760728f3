/*
 * The client's certificate and ours in phase 1.  Decides by the configuration
 * alone; the signature is crypto's to make.  Called by aggressive.c,
 * mainmode.c and main_ours.c.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>

#include "ikerd/alg/x509id.h"
#include "ikerd/ike/certauth.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/site.h"

#define REQUESTS_MAX 8 /* CERTREQ payloads */

struct certauth_counters certauth_counters;

int
certauth_signs(const struct ike_sa *sa)
{
	return sa->auth->kind == AUTH_SIG;
}

static const struct cert_own *
our_certificate(const struct ike_sa *sa)
{
	return &ikeconf()->certs.own[sig_kind_of_auth(sa->auth)];
}

const struct cert_blob *
certauth_subject(const struct ike_sa *sa)
{
	const struct cert_own *own = our_certificate(sa);

	return own->n > 0 ? &own->dn : NULL;
}

/* --- whose group --- */

static int
may_be_named(const struct ident *id)
{
	return ident_is_name(id) && id->len < NAME_SIZE &&
	    memchr(id->data, '\0', id->len) == NULL;
}

/* The group whose name the client says, or the peer of its address. */
static struct group *
hybrid_group(
    const struct ike_sa *sa, const struct ident *id, char why[CERT_WHY_LEN])
{
	struct group *g = NULL;

	if (may_be_named(id))
		g = ikeconf_group(id->data, id->len);
	if (g == NULL || !g->hybrid)
		g = ikeconf_peer(&sa->peer.addr);
	if (g != NULL && g->hybrid && g->login[0] != '\0' && !site_is(g))
		return g;
	(void)snprintf(why, CERT_WHY_LEN,
	    "no group of this name, and no peer of this address, says hybrid");
	return NULL;
}

/* May who holds this certificate be of the group? */
static int
is_member(const struct group *g, X509 *leaf)
{
	size_t i;

	if (g->nidentities == 0)
		return !g->is_peer &&
		    x509id_has_unit(leaf, g->name, strlen(g->name));
	for (i = 0; i < g->nidentities; i++) {
		if (x509id_matches(leaf, g->identity[i]))
			return 1;
	}
	return 0;
}

/*
 * A peer's certificates come from its address only; one that has networks of
 * its own is never asked for a password.
 */
static int
comes_from(const struct group *g, const struct ike_sa *sa)
{
	if (site_is(g) && sa->xauth)
		return 0;
	return !g->is_peer || g == ikeconf_peer(&sa->peer.addr);
}

/*
 * The first group, in the order of the file, that takes this certificate; the
 * one that the client names, where it may, before all others.
 */
static struct group *
group_of(const struct ike_sa *sa, const struct ident *id,
    const struct cert_ca *ca, X509 *leaf)
{
	const struct ikeconf *conf = ikeconf();
	struct group *g;
	size_t i;

	g = may_be_named(id) ? ikeconf_group(id->data, id->len) : NULL;
	if (g != NULL && g->ca == ca && is_member(g, leaf))
		return g;
	for (i = 0; i < conf->nby_cert; i++) {
		g = conf->by_cert[i];
		if (g->ca == ca && comes_from(g, sa) && is_member(g, leaf))
			return g;
	}
	return NULL;
}

/* --- the client's proof --- */

/*
 * The first ca, from this one on, that the chain leads to; ncas: there is none.
 * What is told is what the last one found that knows the issuer at all.
 */
static size_t
next_ca(size_t from, const struct cert_peer *peer, char why[CERT_WHY_LEN])
{
	const struct certconf *certs = &ikeconf()->certs;
	char this[CERT_WHY_LEN];
	size_t i;

	(void)strlcpy(why, "there is no ca", CERT_WHY_LEN);
	for (i = from; i < certs->ncas; i++) {
		if (cert_verify(certs->ca[i], peer, this) == NULL)
			break;
		if (i == from || strstr(this, "unknown issuer") == NULL)
			(void)strlcpy(why, this, CERT_WHY_LEN);
	}
	return i;
}

/*
 * Several may lead somewhere: a root and one below it, each with groups of its
 * own.
 */
static struct group *
group_of_any(const struct ike_sa *sa, const struct ident *id, size_t first,
    const struct cert_peer *peer, char why[CERT_WHY_LEN])
{
	const struct certconf *certs = &ikeconf()->certs;
	struct group *g;
	size_t i;

	for (i = first; i < certs->ncas; i = next_ca(i + 1, peer, why)) {
		g = group_of(sa, id, certs->ca[i], peer->leaf);
		if (g != NULL)
			return g;
	}
	(void)snprintf(why, CERT_WHY_LEN,
	    "no group takes this certificate of ca \"%s\": neither its OU is a "
	    "group's name nor an identity fits",
	    cert_ca_name(certs->ca[first]));
	return NULL;
}

static struct group *
judge(const struct ike_sa *sa, const struct cert_peer *peer,
    const struct isakmp_payload *sig, const struct ident *id,
    const uint8_t *hash, char why[CERT_WHY_LEN])
{
	char text[IDENT_STRLEN];
	size_t ca;

	if ((ca = next_ca(0, peer, why)) == ikeconf()->certs.ncas)
		return NULL;
	if (sig == NULL ||
	    !cert_signed(peer, sig_kind_of_auth(sa->auth), hash, sa->hash->len,
		sig->body, sig->len)) {
		(void)snprintf(why, CERT_WHY_LEN,
		    "its signature is not by the key of its certificate");
		return NULL;
	}
	if (!cert_has_ident(peer, id)) {
		(void)snprintf(why, CERT_WHY_LEN,
		    "identity %s is not in its certificate",
		    ident_text(id, text, sizeof(text)));
		return NULL;
	}
	return group_of_any(sa, id, ca, peer, why);
}

struct group *
certauth_client(const struct ike_sa *sa, const struct isakmp_msg *msg,
    const struct ident *id, const uint8_t *hash, char why[CERT_WHY_LEN])
{
	struct cert_peer peer;
	struct group *g = NULL;
	const char *bad;

	if (sa->auth->hybrid)
		return hybrid_group(sa, id, why);
	if ((bad = cert_peer_read(&peer, msg)) != NULL)
		(void)strlcpy(why, bad, CERT_WHY_LEN);
	else
		g = judge(
		    sa, &peer, isakmp_find(msg, PAYLOAD_SIG, 0), id, hash, why);
	cert_peer_free(&peer);
	if (g != NULL)
		certauth_counters.verified++;
	else
		certauth_counters.refused++;
	return g;
}

/* --- ours --- */

static void
submit_sign_job(struct job *j)
{
	const struct ike_sa *sa = j->owner;
	const struct phase1 *p = sa->phase1;
	struct phase1_ident us;
	struct keymat_auth in;
	struct msg_SIGN_JOB m;

	phase1_our_ident(sa, &us);
	phase1_hash_input(sa, p->secret->skeyid, phase1_at(p, p->public), &in);
	memset(&m, 0, sizeof(m));
	m.job = j->id;
	m.kind = (uint8_t)sig_kind_of_auth(sa->auth);
	m.initiator = sa->ours;
	m.hash = sa->hash->number;
	m.skeyid_len = sa->hash->len;
	memcpy(m.skeyid, in.skeyid, m.skeyid_len);
	m.cky_i_len = m.cky_r_len = ISAKMP_COOKIE_LEN;
	memcpy(m.cky_i, in.cky_i, ISAKMP_COOKIE_LEN);
	memcpy(m.cky_r, in.cky_r, ISAKMP_COOKIE_LEN);
	m.gxi_len = m.gxr_len = (uint16_t)in.gxlen;
	memcpy(m.gxi, in.gxi, in.gxlen);
	memcpy(m.gxr, in.gxr, in.gxlen);
	m.sai_len = (uint16_t)in.sailen;
	memcpy(m.sai, in.sai, in.sailen);
	m.id_len = (uint16_t)us.len;
	memcpy(m.id, us.body, us.len);
	job_send(MSG_SIGN_JOB, &m);
	explicit_bzero(&m, sizeof(m));
}

void
certauth_sign(
    struct job *j, void (*done)(struct job *, const struct msg_SIGN_DONE *))
{
	j->submit = submit_sign_job;
	j->key_done = NULL;
	j->sign_done = done;
	certauth_counters.signed_++;
	job_begin(j);
}

static void
sign_failed(struct job *j, const char *why)
{
	struct ike_sa *sa = j->owner;

	sa->phase1->counters->crypto_failed++;
	session_fail(sa->session, STEP_SIGNED, "no signature: %s", why);
}

void
certauth_ask_signature(struct ike_sa *sa, struct span gxr,
    void (*done)(struct job *, const struct msg_SIGN_DONE *))
{
	struct job *j = &sa->phase1->job;

	sa->phase1->public = gxr;
	j->owner = sa;
	j->failed = sign_failed;
	sa->state = SA_KEYING;
	certauth_sign(j, done);
}

void
certauth_put_chain(const struct ike_sa *sa, struct isakmp_buf *ib)
{
	const struct cert_own *own = our_certificate(sa);
	size_t i;

	for (i = 0; i < own->n; i++)
		ib_cert(ib, PAYLOAD_CERT, CERT_X509_SIGNATURE, own->chain[i].p,
		    own->chain[i].len);
}

void
certauth_put_requests(const struct ike_sa *sa, struct isakmp_buf *ib)
{
	const struct certconf *certs = &ikeconf()->certs;
	uint8_t *der;
	size_t i;
	int len;

	if (!certauth_signs(sa) || sa->auth->hybrid)
		return;
	for (i = 0; i < certs->ncas && i < REQUESTS_MAX; i++) {
		der = NULL;
		len = i2d_X509_NAME(
		    X509_get_subject_name(cert_ca_cert(certs->ca[i], 0)), &der);
		if (len > 0)
			ib_cert(ib, PAYLOAD_CERTREQ, CERT_X509_SIGNATURE, der,
			    (size_t)len);
		OPENSSL_free(der);
	}
}

void
certauth_tell_failed(struct ike_sa *sa)
{
	struct isakmp_buf *ib = info_begin(sa);

	ib_notify(
	    ib, PROTO_ISAKMP, NOTIFY_AUTHENTICATION_FAILED, NULL, 0, NULL, 0);
	info_send(sa, ib);
}
