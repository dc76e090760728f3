/*
 * Reads Quick Mode's message 1 and judges it against the session's group:
 * identities, proposals, key exchange.  Called by quick.c once the HASH is
 * verified; decides and counts, sends nothing.
 */
#include <string.h>

#include "common/str.h"
#include "ikerd/ike/ident.h"
#include "ikerd/ike/grant.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/quick_first.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/site.h"

#define SHOWN 6 /* networks named in a refusal */

static enum isakmp_error
first_parse(struct quick_first *f)
{
	const struct isakmp_payload *sa = isakmp_find(&f->msg, PAYLOAD_SA, 0);

	f->offer.n_proposals = 0;
	memset(&f->remote, 0, sizeof(f->remote));
	f->ni = isakmp_find(&f->msg, PAYLOAD_NONCE, 0);
	f->ke = isakmp_find(&f->msg, PAYLOAD_KE, 0);
	f->idci = isakmp_find(&f->msg, PAYLOAD_ID, 0);
	f->idcr = isakmp_find(&f->msg, PAYLOAD_ID, 1);
	if (isakmp_check_nonce(f->ni) != ISAKMP_OK || f->ni->len > 255)
		return ISAKMP_E_NONCE;
	return ipsec_offer_parse(sa->body, sa->len, &f->offer);
}

/* A selector of whole hosts: no protocol, no port. */
static enum isakmp_error
selector(const struct isakmp_payload *pl, struct range *r)
{
	enum isakmp_error why;
	struct ident id;

	if (pl == NULL)
		return ISAKMP_E_PAYLOAD_MISSING;
	if (pl->len > IDENT_BODY_LEN)
		return ISAKMP_E_ID_LENGTH;
	if ((why = ident_parse(pl->body, pl->len, &id)) != ISAKMP_OK)
		return why;
	if (id.protocol != 0 || id.port != 0)
		return ISAKMP_E_PROTOCOL;
	return ident_range(&id, &r->first, &r->last);
}

static int
is_host(const struct range *r, const struct addr *a)
{
	return addr_equal(&r->first, a) && addr_equal(&r->last, a);
}

int
quick_first_to_us(const struct ike_sa *sa, const struct quick_first *f)
{
	return is_host(&f->local, &sa->sock->local.addr);
}

/*
 * The client may speak for its own address and nothing else; what it may
 * reach is narrowed in the flow, not here, since IKEv1 cannot answer with
 * less than was asked (several clients ask for all under split tunnelling).
 */
static const char *
client_refuses(const struct ike_sa *sa, const struct quick_first *f, char *text,
    size_t size)
{
	const struct session *s = sa->session;
	char asked[RANGE_STRLEN], its[ADDR_STRLEN];
	const struct network *nets;
	struct range net, both;
	size_t i, at, n;

	if (!is_host(&f->remote, &s->address)) {
		(void)str_append(text, size, 0,
		    "the client speaks for %s, its address is %s",
		    range_text(&f->remote, asked), addr_text(&s->address, its));
		return text;
	}
	nets = grant_networks(s, &n);
	if (n == 0 || quick_first_to_us(sa, f))
		return NULL;
	for (i = 0; i < n; i++) {
		net = range_of_network(&nets[i]);
		if (range_meet(&f->local, &net, &both) == 0)
			return NULL;
	}
	at = str_append(text, size, 0, "the client asks for %s; it may reach",
	    range_text(&f->local, asked));
	for (i = 0; i < n && i < SHOWN; i++)
		at = str_append(text, size, at, "%s %s", i > 0 ? "," : "",
		    network_text(&nets[i], its));
	return text;
}

static const char *
check_selectors(
    const struct ike_sa *sa, struct quick_first *f, char *text, size_t size)
{
	const struct group *g = sa->session->group;

	if (selector(f->idci, &f->remote) != ISAKMP_OK ||
	    selector(f->idcr, &f->local) != ISAKMP_OK)
		return "the client's identities are not networks that can be "
		       "served";
	if (f->local.first.family != f->remote.first.family)
		return "the identities are of two address families";
	if (site_is(g))
		return site_refuses(g, &f->local, &f->remote, text, size);
	return client_refuses(sa, f, text, size);
}

const char *
quick_first_judge(const struct ike_sa *sa, struct quick_first *f,
    uint16_t *type, char *text, size_t size)
{
	const struct group *g = sa->session->group;
	int natt = sa->nat_peer || sa->nat_us;
	const struct ike_group *pfs;
	enum isakmp_error why;
	const char *bad;

	if ((why = first_parse(f)) != ISAKMP_OK) {
		quick_counters.malformed++;
		refuse_count(why);
		*type = (uint16_t)isakmp_error_notify(why);
		return isakmp_error_text(why);
	}
	if ((bad = check_selectors(sa, f, text, size)) != NULL) {
		quick_counters.bad_ident++;
		*type = NOTIFY_INVALID_ID_INFORMATION;
		return bad;
	}
	*type = NOTIFY_NO_PROPOSAL_CHOSEN;
	if (natt && !sa->sock->natt)
		return "there is NAT, and the client did not move to the "
		       "NAT-T port";
	if (choose_esp(&f->offer, g, natt, &f->choice) == -1) {
		quick_counters.no_proposal++;
		choose_esp_why(&f->offer, g, natt, text, size);
		return text;
	}
	pfs = ike_group_by_number(f->choice.transform->group);
	if (f->ke == NULL ? pfs == NULL :
			    pfs != NULL && f->ke->len == pfs->publiclen)
		return NULL;
	*type = NOTIFY_INVALID_KEY_INFORMATION;
	return "key exchange value and PFS group do not fit";
}
