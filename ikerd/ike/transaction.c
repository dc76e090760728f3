/*
 * Transaction exchanges: opens each message and gives it to XAUTH or Mode
 * Config by what it holds and by what the session waits for.  There is no
 * default: what is not expected is counted and dropped.
 */
#include <string.h>

#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/site.h"
#include "ikerd/ike/transaction.h"
#include "ikerd/ike/verify.h"

struct transaction_counters transaction_counters;

void
transaction_begin(struct ike_sa *sa)
{
	const struct group *g = sa->session->group;

	if (sa->auth->hybrid && (site_is(g) || g->login[0] == '\0'))
		/* a reload took the login away, and with it all proof */
		session_fail(sa->session, STEP_XAUTH_ASKED,
		    "hybrid, and the group has no login");
	else if (site_is(g))
		site_begin(sa);
	else if (sa->xauth)
		xauth_begin(sa);
	else if (g->login[0] != '\0')
		xauth_later(sa);
	else
		modecfg_begin(sa);
}

/*
 * The address comes after the login: the client was told that it succeeded
 * (its ACK may be lost or late).
 */
static int
may_configure(const struct session *s)
{
	return !site_is(s->group) &&
	    (s->state > SESSION_STATUS ||
		(s->state == SESSION_STATUS && !s->xauth_failed));
}

static void
dispatch(struct exchange *ex, const struct cfg_msg *m)
{
	struct session *s = ex->sa->session;

	if (s->state == SESSION_XAUTH && ex->ours && m->type == CFG_REPLY)
		xauth_reply(ex, m);
	else if (s->state == SESSION_STATUS && ex->ours && m->type == CFG_ACK)
		xauth_ack(ex, m);
	else if (s->state == SESSION_PUSHED && ex->ours &&
	    ex->msgid == s->pushed && m->type == CFG_ACK)
		modecfg_ack(ex, m);
	else if (s->state > SESSION_STATUS && ex->ours && m->type == CFG_ACK)
		exchange_over(ex); /* overtaken by what comes after it */
	else if (may_configure(s) && !ex->ours && m->type == CFG_REQUEST &&
	    !cfg_is_xauth(m))
		modecfg_request(ex, m);
	else
		transaction_counters.unexpected++;
}

/*
 * The exchange a message belongs to: one that is open, or a new one of the
 * peer's once it may begin any.
 */
static struct exchange *
exchange_for(struct ike_sa *sa, const struct isakmp_hdr *hdr, int *is_new)
{
	struct exchange *ex = exchange_find(sa, hdr->msgid);

	*is_new = 0;
	if (ex != NULL)
		return ex->type == EXCHANGE_TRANSACTION && !ex->over ? ex :
								       NULL;
	if (sa->session->state < SESSION_STATUS)
		return NULL;
	*is_new = 1;
	return exchange_new(sa, EXCHANGE_TRANSACTION, hdr->msgid);
}

void
transaction_input(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	static struct isakmp_msg msg;
	static struct cfg_msg cfg;
	struct exchange *ex;
	enum isakmp_error why;
	int is_new;

	transaction_counters.messages++;
	if ((ex = exchange_for(sa, hdr, &is_new)) == NULL) {
		transaction_counters.unexpected++;
		return;
	}
	if (verify_hash1(ex, KIND_TRANSACTION, sock, peer, hdr, buf, len,
		&msg) != ISAKMP_OK) {
		if (is_new)
			exchange_free(ex);
		transaction_counters.bad_hash++;
		explicit_bzero(buf, len);
		return;
	}
	why = cfg_parse(isakmp_find(&msg, PAYLOAD_ATTR, 0), &cfg);
	if (why == ISAKMP_OK) {
		dispatch(ex, &cfg);
	} else {
		transaction_counters.malformed++;
		refuse_count(why);
	}
	explicit_bzero(buf, len); /* there may have been a password in it */
}
