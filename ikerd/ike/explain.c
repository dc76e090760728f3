/*
 * Puts choose.c's decisions into words, offer by offer, by asking it again
 * about each alone.  Costs nothing unless somebody listens; decides nothing.
 */
#include <string.h>

#include "common/msg.h"
#include "common/str.h"
#include "ikerd/ike/explain.h"
#include "ikerd/ike/session.h"

static int
fits_alone(const struct ike_transform *t, const struct ikeconf *conf,
    const struct choose_want *want, const struct ike_policy **p)
{
	static struct ike_offer one;
	const struct ike_transform *chosen;
	int xauth;

	one.transform[0] = *t;
	one.n = 1;
	return choose_ike(&one, conf, want, &chosen, p, &xauth) == 0;
}

/* Would it do, if the group had no login? */
static int
fits_without_login(const struct ike_transform *t, const struct ikeconf *conf,
    const struct choose_want *want)
{
	const struct choose_want plain = {
		want->psk == XAUTH_ALWAYS ? XAUTH_NONE : METHOD_NEVER,
		want->cert == XAUTH_ALWAYS ? XAUTH_NONE : METHOD_NEVER,
		METHOD_NEVER,
	};
	const struct ike_policy *p;

	return fits_alone(t, conf, &plain, &p);
}

const char *
explain_transform(const struct ike_transform *t, const struct ikeconf *conf,
    const struct choose_want *want, const struct ike_transform *chosen,
    const struct ike_policy *by, char *buf, size_t size)
{
	const struct ike_policy *p;
	char text[OFFER_STRLEN];
	size_t at;

	at = str_append(buf, size, 0, "transform %u, %s: ", t->number,
	    ike_transform_text(t, text, sizeof(text)));
	if (t == chosen)
		(void)str_append(
		    buf, size, at, "accepted, ike policy %u", by->priority);
	else if (t->why != ISAKMP_OK)
		(void)str_append(buf, size, at, "not acceptable: %s",
		    isakmp_error_text(t->why));
	else if (fits_alone(t, conf, want, &p))
		(void)str_append(buf, size, at,
		    "would do, ike policy %u, but another comes first",
		    p->priority);
	else if (fits_without_login(t, conf, want))
		(void)str_append(buf, size, at,
		    "not acceptable: the group has a login, this is without "
		    "XAUTH");
	else
		(void)str_append(
		    buf, size, at, "not acceptable: fits no ike policy");
	return buf;
}

void
explain_ike(struct session *s, const struct ike_offer *o,
    const struct choose_want *want, const struct ike_transform *chosen,
    const struct ike_policy *by)
{
	char text[TEXT_SIZE];
	size_t i;

	if (!story_is_heard())
		return;
	for (i = 0; i < o->n; i++)
		story_tell(s, STEP_PROPOSAL,
		    explain_transform(&o->transform[i], ikeconf(), want, chosen,
			by, text, sizeof(text)));
}

/* What the bundle holds, the first transform of each of its proposals. */
static size_t
bundle_text(const struct ipsec_offer *o, const struct ipsec_bundle *b,
    char *buf, size_t size)
{
	const struct ipsec_proposal *p = &o->proposal[b->first];
	char text[OFFER_STRLEN];
	size_t i, at;

	at = str_append(buf, size, 0, "proposal %u,", b->number);
	for (i = 0; i < b->n; i++) {
		if (p[i].n == 0)
			continue;
		at = str_append(buf, size, at, "%s %s%s", i > 0 ? " and" : "",
		    ipsec_transform_text(p[i].protocol,
			&o->transform[p[i].first], text, sizeof(text)),
		    p[i].n > 1 ? " or others" : "");
	}
	return str_append(buf, size, at, ": ");
}

const char *
explain_bundle(const struct ipsec_offer *o, const struct ipsec_bundle *b,
    const struct group *g, int natt, const struct esp_choice *chosen, char *buf,
    size_t size)
{
	static struct ipsec_offer one;
	struct esp_choice c;
	size_t at = bundle_text(o, b, buf, size);

	one = *o;
	one.bundle[0] = *b;
	one.n_bundles = 1;
	if (b == chosen->bundle)
		(void)str_append(
		    buf, size, at, "accepted, esp \"%s\"", chosen->suite->name);
	else if (b->why != ISAKMP_OK)
		(void)str_append(buf, size, at, "not acceptable: %s",
		    isakmp_error_text(b->why));
	else if (b->n > 1)
		(void)str_append(buf, size, at,
		    "not acceptable: ESP is done alone, never together");
	else if (choose_esp(&one, g, natt, &c) == 0)
		(void)str_append(buf, size, at,
		    "would do, esp \"%s\", but another comes first",
		    c.suite->name);
	else
		(void)str_append(
		    buf, size, at, "not acceptable: fits no esp of the group");
	return buf;
}

void
explain_esp(struct session *s, const struct ipsec_offer *o,
    const struct group *g, int natt, const struct esp_choice *c)
{
	char text[TEXT_SIZE];
	size_t i;

	if (!story_is_heard())
		return;
	for (i = 0; i < o->n_bundles; i++)
		story_tell(s, STEP_QUICK_CHOSEN,
		    explain_bundle(
			o, &o->bundle[i], g, natt, c, text, sizeof(text)));
}
