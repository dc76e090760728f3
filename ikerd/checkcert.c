/*
 * Checks between policies, certificates, CAs and groups: whoever is let in
 * proves who they are by something that is configured whole.  Called by
 * check.c.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <string.h>

#include "ikerd/alg/sig.h"
#include "ikerd/checkcert.h"
#include "ikerd/conf.h"

#define KEY_SHORT 20 /* characters */

/* --- policies --- */

static int
has_certificate(const struct conf *c, enum sign_kind kind)
{
	const struct conf_certificate *row;

	TAILQ_FOREACH(row, &c->certificates, entry) {
		if (row->nchain == 0 || row->kind == kind)
			return 1; /* unread: it was reported, or is not to be */
	}
	return 0;
}

static void
check_policy(
    const struct conf *c, struct report *r, const struct conf_policy *p)
{
	enum sign_kind kind;

	if (p->auth == NULL || p->auth->kind != AUTH_SIG)
		return;
	kind = sig_kind_of_auth(p->auth);
	if (!has_certificate(c, kind))
		report_error(r, p->place,
		    "%s needs a certificate with an %s key: add `certificate "
		    "file \"FILE\" key file \"FILE\"'",
		    p->auth->name, sig_kind_name(kind));
}

enum proof {
	BY_KEY,
	BY_CERTIFICATE,
	BY_HYBRID,
	PROOFS
};

static enum proof
proof_of(const struct ike_auth *auth)
{
	if (auth->kind == AUTH_PSK)
		return BY_KEY;
	return auth->hybrid ? BY_HYBRID : BY_CERTIFICATE;
}

/* Two that need each other and do not meet let nobody in. */
static void
check_used(const struct conf *c, struct report *r)
{
	static const char *const policies[] = { "psk", "rsa or ecdsa",
		"hybrid" };
	const struct conf_policy *p;
	const struct conf_group *g;
	char who[CONF_GROUP_STRLEN];
	int have[PROOFS] = { 0 }, i;

	TAILQ_FOREACH(p, &c->policies, entry) {
		if (p->auth != NULL)
			have[proof_of(p->auth)] = 1;
	}
	TAILQ_FOREACH(g, &c->groups, entry) {
		const uint32_t places[] = { g->key.place, g->ca.place,
			g->hybrid };

		for (i = 0; i < PROOFS; i++) {
			if (places[i] != 0 && !have[i])
				report_warning(r, places[i],
				    "no ike policy says %s, so %s cannot use "
				    "this",
				    policies[i], conf_group_text(g, who));
		}
	}
}

void
check_methods(const struct conf *c, struct report *r)
{
	const struct conf_policy *p;

	TAILQ_FOREACH(p, &c->policies, entry)
		check_policy(c, r, p);
	if (!TAILQ_EMPTY(&c->policies))
		check_used(c, r);
}

/* --- groups --- */

/* A key may be guessed offline (RFC 2409 5.4): length is all that helps. */
static void
check_key(struct report *r, const struct conf_group *g)
{
	char who[CONF_GROUP_STRLEN];

	(void)conf_group_text(g, who);
	if (g->key.place == 0 && g->ca.place == 0 && g->hybrid == 0)
		report_error(r, g->place,
		    "%s has no key: add `key file \"FILE\"', `ca \"NAME\"' or "
		    "`hybrid'",
		    who);
	else if (g->key.secret.len > 0 && g->key.secret.len < KEY_SHORT)
		report_warning(r, g->key.place,
		    "the key of %s is short: use %d random characters or more",
		    who, KEY_SHORT);
}

/* A key by network is known to everybody who connects from there. */
static void
check_shared_key(struct report *r, const struct conf_group *g)
{
	if (!g->is_peer || g->key.place == 0 ||
	    (g->peer.addr.family != ADDR_NONE &&
		g->peer.prefix == addr_len(&g->peer.addr) * 8))
		return;
	report_warning(r, g->place,
	    "the key of %s is shared: each who has it can pose as the gateway "
	    "to the others, and read the passwords they send; write a peer "
	    "for each address where addresses are known",
	    g->name);
}

static void
check_group_ca(
    const struct conf *c, struct report *r, const struct conf_group *g)
{
	const struct conf_identity *first = TAILQ_FIRST(&g->identities);
	char who[CONF_GROUP_STRLEN];

	(void)conf_group_text(g, who);
	if (g->ca.place == 0) {
		if (first != NULL)
			report_error(r, first->place,
			    "%s has an identity and no ca: add `ca \"NAME\"'",
			    who);
		return;
	}
	if (g->ca.name[0] != '\0' && conf_ca_find(c, g->ca.name) == NULL)
		report_error(
		    r, g->ca.place, "ca \"%s\" is not defined", g->ca.name);
	if (g->is_peer && first == NULL)
		report_error(r, g->ca.place,
		    "%s has a ca and no identity: add `identity \"PATTERN\"' "
		    "to say whose certificates are taken (\"*\": all)",
		    who);
}

/* With hybrid nothing but the login tells who a client is. */
static void
check_hybrid(struct report *r, const struct conf_group *g)
{
	char who[CONF_GROUP_STRLEN];

	if (g->hybrid != 0 && g->no_login != 0)
		report_error(r, g->hybrid,
		    "%s has hybrid and no login: anybody could connect",
		    conf_group_text(g, who));
}

void
check_group_proof(
    const struct conf *c, struct report *r, const struct conf_group *g)
{
	check_key(r, g);
	check_shared_key(r, g);
	check_group_ca(c, r, g);
	check_hybrid(r, g);
}
