/*
 * Quick Mode: message 1 is judged and answered, message 3 completes the pair.
 * Before the session has its address nothing is processed: one message is
 * held ("need XAUTH"), all others are dropped.  The inbound SA is in force
 * before message 2 leaves, the outbound one after message 3.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/rnd.h"
#include "ikerd/ike/explain.h"
#include "ikerd/ike/failure.h"
#include "ikerd/ike/flow.h"
#include "ikerd/ike/frag.h"
#include "ikerd/ike/grant.h"
#include "ikerd/ike/ident.h"
#include "ikerd/ike/liveness.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/quick_first.h"
#include "ikerd/ike/quick_ours.h"
#include "ikerd/ike/quick_pair.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/resume.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/transaction.h"
#include "ikerd/ike/tunnel.h"
#include "ikerd/ike/verify.h"
#include "ikerd/ike/wire.h"

#define HELD_MAX 4096	   /* octets of a message that came too early */
#define THIRD_LOOK_MS 1000 /* for traffic that proves message 3 */
#define THIRD_LOOKS 60	   /* then the client has given up */

/* --- refusals --- */

static void
notify(struct ike_sa *sa, uint16_t type, const struct quick_first *f)
{
	struct isakmp_buf *ib = info_begin(sa);
	const struct ipsec_proposal *p = &f->offer.proposal[0];

	if (f->offer.n_proposals > 0 && p->protocol == PROTO_ESP)
		ib_notify(ib, PROTO_ESP, type, p->spi, p->spi_len, NULL, 0);
	else
		ib_notify(ib, PROTO_ISAKMP, type, NULL, 0, NULL, 0);
	info_send(sa, ib);
}

static void
refuse(struct exchange *ex, uint16_t type, const struct quick_first *f,
    const char *why)
{
	struct session *s = ex->sa->session;

	failure_add(s->id, STEP_QUICK, &s->source,
	    s->user != NULL ? s->user : s->group->name,
	    strlen(s->user != NULL ? s->user : s->group->name), "%s", why);
	notify(ex->sa, type, f);
	exchange_over(ex);
}

/* --- message 1 --- */

/* What was agreed, and what we end sooner than was offered. */
static void
set_lifetimes(struct quick *q, const struct ipsec_transform *t,
    const struct esp_suite *suite)
{
	uint32_t seconds = t->life.seconds != 0 ? t->life.seconds :
						  IPSEC_LIFE_DEFAULT;
	uint64_t kb = t->life.kilobytes;

	if (suite->lifetime < seconds)
		seconds = q->told.seconds = suite->lifetime;
	if (suite->lifetime_kb != 0 && (kb == 0 || suite->lifetime_kb < kb)) {
		kb = suite->lifetime_kb;
		q->told.kilobytes = kb > UINT32_MAX ? UINT32_MAX : (uint32_t)kb;
	}
	tunnel_set_life(q->tunnel, seconds, kb);
}

/* Keep of message 1 what the answer and the keys need. */
static struct quick *
first_keep(struct exchange *ex, const struct quick_first *f)
{
	struct quick *q;

	if (f->choice.transform->raw_len > sizeof(q->transform) ||
	    (q = quick_new(ex, f->ke != NULL ? f->ke->body : NULL,
		 f->ke != NULL ? f->ke->len : 0)) == NULL)
		return NULL;
	q->proposal = f->choice.proposal->number;
	q->transform_len = (uint8_t)f->choice.transform->raw_len;
	memcpy(q->transform, f->choice.transform->raw, q->transform_len);
	q->ni_len = (uint8_t)f->ni->len;
	memcpy(q->ni, f->ni->body, q->ni_len);
	q->idci_len = (uint8_t)f->idci->len;
	memcpy(q->idci, f->idci->body, q->idci_len);
	q->idcr_len = (uint8_t)f->idcr->len;
	memcpy(q->idcr, f->idcr->body, q->idcr_len);
	q->nr_len = QUICK_NONCE_LEN;
	rnd_bytes(q->nr, q->nr_len);
	return q;
}

/* Flow and reserved SPI: what of the kernel the answer needs. */
static int
reserve(struct quick *q, const struct quick_first *f)
{
	struct ike_sa *sa = q->ex->sa;
	struct session *s = sa->session;
	const struct network *nets;
	struct flow *flow;
	size_t n;

	tunnel_make_room(s);
	nets = grant_networks(s, &n);
	flow = flow_get(
	    s, &f->local, &f->remote, nets, quick_first_to_us(sa, f) ? 0 : n);
	if (flow == NULL)
		return -1;
	q->tunnel = tunnel_new(
	    s, flow, f->choice.suite, sa->nat_peer || sa->nat_us);
	if (q->tunnel == NULL)
		return -1;
	flow_set_idents(flow, q->idcr, q->idcr_len, q->idci, q->idci_len);
	q->tunnel->spi_out = ipsec_proposal_spi(f->choice.proposal);
	q->tunnel->encap = f->choice.transform->encap;
	q->tunnel->keylen = f->choice.transform->keylen;
	q->tunnel->pfs = ike_group_by_number(f->choice.transform->group);
	set_lifetimes(q, f->choice.transform, f->choice.suite);
	return 0;
}

static void answer(struct quick *, const struct msg_DH_DONE *);

static void
dh_done(struct job *j, const struct msg_DH_DONE *m)
{
	answer(j->owner, m);
}

static void
dh_failed(struct job *j, const char *why)
{
	struct quick *q = j->owner;

	quick_counters.failed++;
	log_info("session %016llx: no PFS: %s",
	    (unsigned long long)q->ex->sa->session->id, why);
	exchange_over(q->ex);
}

static void
begin_dh(struct quick *q)
{
	q->job.owner = q;
	q->job.submit = quick_submit_dh;
	q->job.dh_done = dh_done;
	q->job.failed = dh_failed;
	job_begin(&q->job);
}

/*
 * A message that was held came before the client had its address: when it
 * names another one it is no error, the client begins again.
 */
static int
came_too_early(const struct ike_sa *sa, const struct quick_first *f)
{
	return sa->unholding &&
	    !addr_equal(&f->remote.first, &sa->session->address);
}

static void
process_first(struct exchange *ex, struct quick_first *f)
{
	struct ike_sa *sa = ex->sa;
	char text[TEXT_SIZE];
	const char *why;
	struct quick *q;
	uint16_t type;

	quick_counters.first++;
	story_add(sa->session, STEP_QUICK, ex->msgid);
	if ((why = quick_first_judge(sa, f, &type, text, sizeof(text))) !=
	    NULL) {
		if (came_too_early(sa, f))
			exchange_over(ex);
		else
			refuse(ex, type, f, why);
		return;
	}
	explain_esp(sa->session, &f->offer, sa->session->group,
	    sa->nat_peer || sa->nat_us, &f->choice);
	story_add(sa->session, STEP_QUICK_CHOSEN,
	    STORY_ONE_OF(f->choice.proposal->number, f->offer.n_bundles));
	if ((q = first_keep(ex, f)) == NULL) {
		exchange_over(ex);
		return;
	}
	if (reserve(q, f) == -1) {
		quick_counters.failed++;
		refuse(ex, NOTIFY_NO_PROPOSAL_CHOSEN, f,
		    "the kernel refused (the log says why)");
		return;
	}
	if (f->ke != NULL) {
		q->pfs = q->tunnel->pfs;
		begin_dh(q);
		return;
	}
	answer(q, NULL);
}

/* --- message 2 --- */

static void
put_offer(struct quick *q, struct isakmp_buf *ib, const uint8_t spi[4])
{
	struct ipsec_proposal proposal;
	struct ipsec_transform transform;
	struct ipsec_choice c;

	memset(&proposal, 0, sizeof(proposal));
	memset(&transform, 0, sizeof(transform));
	proposal.number = q->proposal;
	proposal.protocol = PROTO_ESP;
	transform.raw = q->transform;
	transform.raw_len = q->transform_len;
	c.proposal = &proposal;
	c.transform = &transform;
	c.spi = spi;
	c.spi_len = 4;
	ipsec_offer_put_chosen(ib, &c, 1);
}

/* Our life is shorter than the client's: it should know (RFC 2407 4.6.3.1). */
static void
put_lifetime(struct quick *q, struct isakmp_buf *ib, const uint8_t spi[4])
{
	uint8_t data[64];
	size_t len;

	if (q->told.seconds == 0 && q->told.kilobytes == 0)
		return;
	len = offer_life_data(2, &q->told, data, sizeof(data));
	if (len > 0)
		ib_notify(ib, PROTO_ESP, NOTIFY_RESPONDER_LIFETIME, spi, 4,
		    data, len);
}

static int
send_second(struct quick *q, const struct msg_DH_DONE *dh)
{
	struct ike_sa *sa = q->ex->sa;
	struct isakmp_buf *ib = exchange_begin(q->ex);
	const uint8_t *rest;
	uint8_t spi[4];
	size_t len;

	wire_put_u32(spi, q->tunnel->spi_in);
	put_offer(q, ib, spi);
	ib_payload(ib, PAYLOAD_NONCE, q->nr, q->nr_len);
	if (dh != NULL)
		ib_payload(ib, PAYLOAD_KE, dh->public, dh->public_len);
	ib_payload(ib, PAYLOAD_ID, q->idci, q->idci_len);
	ib_payload(ib, PAYLOAD_ID, q->idcr, q->idcr_len);
	put_lifetime(q, ib, spi);
	rest = ib_after_hash(ib, &len);
	if (ib_hash_body(ib) == NULL ||
	    keymat_hash2(sa->hash, sa->keys->skeyid_a, q->ex->msgid, q->ni,
		q->ni_len, rest, len, ib_hash_body(ib)) == -1)
		return -1;
	return exchange_send(q->ex, ib);
}

static void third_is_late(struct timer *);

static void
answer(struct quick *q, const struct msg_DH_DONE *dh)
{
	struct exchange *ex = q->ex;

	if (quick_inbound(q, dh != NULL ? dh->shared : NULL,
		dh != NULL ? dh->shared_len : 0) == -1 ||
	    send_second(q, dh) == -1) {
		quick_counters.failed++;
		exchange_over(ex);
		return;
	}
	session_tell_tunnel(ex->sa->session);
	timer_set(&ex->timer, THIRD_LOOK_MS, third_is_late);
}

/* --- message 3 --- */

/*
 * Message 3 may be lost, and many clients never ask for it to be confirmed.
 * ESP from the client proves as much; without it the client is asked again
 * after 2, 4, 8, 16 and 32 s, since some repeat message 3 then.
 */
static void
third_is_late(struct timer *t)
{
	struct exchange *ex = (struct exchange *)(void *)((char *)t -
	    offsetof(struct exchange, timer));
	struct quick *q = ex->quick;

	if (++q->looks > THIRD_LOOKS) {
		exchange_free(ex);
		return;
	}
	if (tunnel_used(q->tunnel)) {
		story_add(ex->sa->session, STEP_QUICK_PROVED, ex->msgid);
		(void)quick_complete(q);
		return;
	}
	if (q->looks > 1 && (q->looks & (q->looks - 1)) == 0)
		frag_send(ex->sa, ex->out, ex->out_len);
	timer_set(t, THIRD_LOOK_MS, third_is_late);
}

static void
third(struct exchange *ex, struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr, uint8_t *buf, size_t len)
{
	static struct isakmp_msg msg;

	if (quick_verify(ex, KIND_QUICK_3, hdr, buf, len, &msg) != ISAKMP_OK)
		return;
	quick_counters.third++;
	verify_moved(ex->sa, sock, peer);
	liveness_sign(ex->sa->session);
	if (quick_complete(ex->quick) == -1)
		return;
	free(ex->out); /* nothing to repeat: the client had message 2 */
	ex->out = NULL;
}

/* --- messages as they come --- */

static void
hold(struct ike_sa *sa, const uint8_t *buf, size_t len)
{
	if (sa->held != NULL && sa->session->state == SESSION_PUSHED) {
		/* this one may know the address that was told meanwhile */
		freezero(sa->held, sa->held_len);
		sa->held = NULL;
	}
	if (sa->held != NULL || len > HELD_MAX ||
	    (sa->held = malloc(len)) == NULL) {
		quick_counters.refused_early++;
		return;
	}
	memcpy(sa->held, buf, len);
	sa->held_len = (uint16_t)len;
	quick_counters.held++;
	story_add(sa->session, STEP_QUICK_HELD, 0);
}

void
quick_held(struct ike_sa *sa)
{
	struct isakmp_hdr hdr;
	uint16_t len = sa->held_len;
	uint8_t *buf = sa->held;

	if (buf == NULL)
		return;
	sa->held = NULL;
	sa->held_len = 0;
	if (isakmp_parse_header(buf, len, &hdr) == ISAKMP_OK) {
		sa->unholding = 1;
		quick_input(sa, sa->sock, &sa->peer, &hdr, buf, len);
		sa->unholding = 0;
	}
	freezero(buf, len);
}

void
quick_input(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	static struct quick_first f;
	struct exchange *ex;

	if (sa->session->state < SESSION_READY && !resume(sa)) {
		hold(sa, buf, len);
		xauth_now(sa);
		return;
	}
	if (sa->state != SA_ESTABLISHED || sa->closed) {
		quick_counters.refused_late++;
		return;
	}
	ex = exchange_find(sa, hdr->msgid);
	if (ex != NULL) {
		if (ex->type != EXCHANGE_QUICK || ex->quick == NULL ||
		    ex->quick->tunnel == NULL)
			return;
		if (ex->quick->ours)
			quick_ours_second(ex, sock, peer, hdr, buf, len);
		else if (ex->quick->tunnel->has_in)
			third(ex, sock, peer, hdr, buf, len);
		return;
	}
	if ((ex = exchange_new(sa, EXCHANGE_QUICK, hdr->msgid)) == NULL)
		return;
	if (verify_hash1(ex, KIND_QUICK_1, sock, peer, hdr, buf, len, &f.msg) !=
	    ISAKMP_OK) {
		quick_counters.bad_hash++;
		exchange_free(ex);
		return;
	}
	process_first(ex, &f);
}
