/*
 * What we offer for phase 1, and what of it the peer has chosen: by the
 * policies alone, of the method that the session's phase 1 has.  Called by
 * main_ours.c.
 */
#include <string.h>

#include "ikerd/ike/choose.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/main_offer.h"
#include "ikerd/ike/sa.h"

#define OFFERS 16 /* policies: more make a message that is cut on its way */

int
main_offer_put(const struct ike_auth *auth, struct isakmp_buf *ib)
{
	const struct ikeconf *conf = ikeconf();
	struct ike_transform t[OFFERS];
	const struct ike_policy *p;
	size_t i, n = 0;

	for (i = 0; i < conf->npolicies && n < OFFERS; i++) {
		p = &conf->policy[i];
		if (p->auth != auth)
			continue;
		memset(&t[n], 0, sizeof(t[n]));
		t[n].proposal = 1;
		t[n].number = (uint8_t)(n + 1);
		t[n].enc = p->cipher->number;
		t[n].keylen = p->cipher->keybits;
		t[n].hash = p->hash->number;
		t[n].auth = ike_auth_number(p->auth);
		t[n].group = p->group->number;
		t[n].life.seconds = p->lifetime;
		n++;
	}
	if (n == 0)
		return -1;
	ike_offer_put(ib, t, n);
	return 0;
}

enum isakmp_error
main_offer_take(struct ike_sa *sa, const struct isakmp_msg *msg)
{
	static const struct choose_want want = { XAUTH_NONE, XAUTH_NONE,
		METHOD_NEVER };
	const struct isakmp_payload *pl = isakmp_find(msg, PAYLOAD_SA, 0);
	const struct ike_transform *t;
	const struct ike_policy *policy;
	static struct ike_offer answer;
	enum isakmp_error why;
	int xauth;

	if ((why = ike_offer_parse(pl->body, pl->len, &answer)) != ISAKMP_OK)
		return why;
	if (answer.n != 1 ||
	    choose_ike(&answer, ikeconf(), &want, &t, &policy, &xauth) == -1 ||
	    policy->auth != sa->auth)
		return ISAKMP_E_ATTR_VALUE;
	sa->cipher = policy->cipher;
	sa->hash = policy->hash;
	sa->group = policy->group;
	sa->lifetime = policy->lifetime;
	if (t->life.seconds != 0 && t->life.seconds < sa->lifetime)
		sa->lifetime = t->life.seconds;
	return ISAKMP_OK;
}
