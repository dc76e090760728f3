/*
 * Proposals against configuration.  Configured order decides, as PIX's
 * priorities did; within it the peer's.  No I/O, no state.
 */
#include <string.h>

#include "common/str.h"
#include "ikerd/ike/choose.h"
#include "ikerd/ike/isakmp.h"

#define SHOWN 6 /* transforms named in a refusal */

static int
fits_policy(
    const struct ike_transform *t, const struct ike_policy *p, int want_xauth)
{
	int xauth;

	return t->why == ISAKMP_OK &&
	    ike_auth_by_number(t->auth, &xauth) == p->auth &&
	    xauth == want_xauth &&
	    ike_cipher_by_number(t->enc, t->keylen) == p->cipher &&
	    ike_hash_by_number(t->hash) == p->hash &&
	    ike_group_by_number(t->group) == p->group;
}

static enum want_xauth
want_of(const struct choose_want *w, const struct ike_auth *auth)
{
	if (auth->kind == AUTH_PSK)
		return w->psk;
	return auth->hybrid ? w->hybrid : w->cert;
}

/* Is it a method with XAUTH, in the first round or the second?  -1: none is. */
static int
with_xauth(enum want_xauth want, int second)
{
	switch (want) {
	case XAUTH_NONE:
		return second ? -1 : 0;
	case XAUTH_NEVER:
		return second;
	case XAUTH_FIRST:
		return !second;
	case XAUTH_ALWAYS:
		return second ? -1 : 1;
	case METHOD_NEVER:
		break;
	}
	return -1;
}

static int
choose_round(const struct ike_offer *o, const struct ikeconf *conf,
    const struct choose_want *want, int second, const struct ike_transform **t,
    const struct ike_policy **p)
{
	size_t i, j;
	int xauth;

	for (i = 0; i < conf->npolicies; i++) {
		xauth = with_xauth(want_of(want, conf->policy[i].auth), second);
		for (j = 0; j < o->n && xauth != -1; j++) {
			if (!fits_policy(
				&o->transform[j], &conf->policy[i], xauth))
				continue;
			*t = &o->transform[j];
			*p = &conf->policy[i];
			return xauth;
		}
	}
	return -1;
}

int
choose_ike(const struct ike_offer *o, const struct ikeconf *conf,
    const struct choose_want *want, const struct ike_transform **t,
    const struct ike_policy **p, int *xauth)
{
	*xauth = choose_round(o, conf, want, 0, t, p);
	if (*xauth == -1)
		*xauth = choose_round(o, conf, want, 1, t, p);
	return *xauth == -1 ? -1 : 0;
}

void
choose_ike_why(const struct ike_offer *o, const struct ikeconf *conf,
    const struct choose_want *want, char *buf, size_t size)
{
	const struct ike_policy *p;
	char text[OFFER_STRLEN];
	size_t i, at, shown = 0;

	at = str_append(buf, size, 0, "no transform accepted: offered");
	for (i = 0; i < o->n && i < SHOWN; i++)
		at = str_append(buf, size, at, "%s %s", i > 0 ? "," : "",
		    ike_transform_text(&o->transform[i], text, sizeof(text)));
	if (o->n > SHOWN)
		at = str_append(buf, size, at, " and %zu more", o->n - SHOWN);
	at = str_append(buf, size, at, "; accepted would be");
	for (i = 0; i < conf->npolicies && shown < SHOWN; i++) {
		p = &conf->policy[i];
		if (want_of(want, p->auth) == METHOD_NEVER)
			continue;
		at = str_append(buf, size, at, "%s %s %s %s %s",
		    shown++ > 0 ? "," : "", p->auth->name, p->cipher->name,
		    p->hash->name, p->group->name);
	}
	if (shown == 0)
		(void)str_append(
		    buf, size, at, " nothing: no ike policy for this client");
}

static int
fits_encap(const struct ipsec_transform *t, int natt)
{
	switch (t->encap) {
	case ENCAP_NONE_GIVEN:
	case ENCAP_TUNNEL:
		return !natt;
	case ENCAP_UDP_TUNNEL:
	case ENCAP_UDP_TUNNEL_DRAFT:
		return natt;
	default:
		return 0;
	}
}

/* Perfect forward secrecy: what the suite demands, or any sound group. */
static int
fits_pfs(uint16_t number, const struct esp_suite *s)
{
	const struct ike_group *g = ike_group_by_number(number);

	if (s->pfs != NULL)
		return number == s->pfs->number;
	return number == 0 || (g != NULL && !g->legacy);
}

static int
fits_suite(const struct ipsec_transform *t, const struct esp_suite *s, int natt)
{
	return t->why == ISAKMP_OK && fits_encap(t, natt) &&
	    esp_cipher_by_number(t->id, t->keylen) == s->cipher &&
	    t->auth == (s->auth != NULL ? s->auth->number : 0) &&
	    fits_pfs(t->group, s);
}

static int
choose_in_bundle(const struct ipsec_offer *o, const struct ipsec_bundle *b,
    const struct esp_suite *s, int natt, struct esp_choice *c)
{
	const struct ipsec_proposal *p = &o->proposal[b->first];
	const struct ipsec_transform *t;
	uint16_t i;

	if (b->why != ISAKMP_OK || b->n != 1 || p->why != ISAKMP_OK ||
	    p->protocol != PROTO_ESP)
		return -1;
	for (i = 0; i < p->n; i++) {
		t = &o->transform[p->first + i];
		if (!fits_suite(t, s, natt))
			continue;
		c->bundle = b;
		c->proposal = p;
		c->transform = t;
		c->suite = s;
		return 0;
	}
	return -1;
}

int
choose_esp(const struct ipsec_offer *o, const struct group *g, int natt,
    struct esp_choice *c)
{
	size_t i, j;

	for (i = 0; i < g->nsuites; i++) {
		for (j = 0; j < o->n_bundles; j++) {
			if (choose_in_bundle(
				o, &o->bundle[j], g->suite[i], natt, c) == 0)
				return 0;
		}
	}
	return -1;
}

/*
 * The transforms of a bundle: those of one proposal with commas, "+" before
 * what must come along, and why one cannot be had in any case.
 */
static size_t
bundle_text(const struct ipsec_offer *o, const struct ipsec_bundle *b,
    size_t *shown, char *buf, size_t size, size_t at)
{
	const struct ipsec_proposal *p = &o->proposal[b->first];
	const struct ipsec_transform *t;
	char text[OFFER_STRLEN];
	size_t i, j;

	for (i = 0; i < b->n; i++) {
		for (j = 0; j < p[i].n && *shown < SHOWN; j++, (*shown)++) {
			t = &o->transform[p[i].first + j];
			at = str_append(buf, size, at, "%s %s",
			    j == 0 && i > 0 ? " +" :
				*shown > 0  ? "," :
					      "",
			    ipsec_transform_text(
				p[i].protocol, t, text, sizeof(text)));
			if (t->why != ISAKMP_OK)
				at = str_append(buf, size, at, " (%s)",
				    isakmp_error_text(t->why));
		}
	}
	return at;
}

void
choose_esp_why(const struct ipsec_offer *o, const struct group *g, int natt,
    char *buf, size_t size)
{
	size_t i, at, shown = 0;

	at = str_append(buf, size, 0, "no proposal accepted%s: offered",
	    natt ? " (in UDP, there is NAT)" : "");
	for (i = 0; i < o->n_bundles && shown < SHOWN; i++)
		at = bundle_text(o, &o->bundle[i], &shown, buf, size, at);
	if (o->n_transforms > shown)
		at = str_append(
		    buf, size, at, " and %zu more", o->n_transforms - shown);
	at = str_append(buf, size, at, "; accepted would be");
	for (i = 0; i < g->nsuites && i < SHOWN; i++)
		at = str_append(buf, size, at, "%s %s%s%s%s%s",
		    i > 0 ? "," : "", g->suite[i]->cipher->name,
		    g->suite[i]->auth != NULL ? " " : "",
		    g->suite[i]->auth != NULL ? g->suite[i]->auth->name : "",
		    g->suite[i]->pfs != NULL ? " pfs " : "",
		    g->suite[i]->pfs != NULL ? g->suite[i]->pfs->name : "");
}
