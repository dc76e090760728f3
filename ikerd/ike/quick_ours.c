/*
 * Quick Mode that we begin, to renew a pair (RFC 2409 5.5).  Exactly one
 * proposal with one transform and a nonce of 20 octets, since vpnc takes
 * nothing else.  With PFS a key pair comes from crypto before message 1, which
 * alone knows its secret, and g^xy from there before message 3.  The inbound
 * SA is in force before message 3 leaves; the outbound one when the client has
 * shown that it has its own.
 */
#include <stddef.h>
#include <string.h>

#include "common/rnd.h"
#include "ikerd/ike/failure.h"
#include "ikerd/ike/flow.h"
#include "ikerd/ike/frag.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/liveness.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/quick_ours.h"
#include "ikerd/ike/quick_pair.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"
#include "ikerd/ike/verify.h"
#include "ikerd/ike/wire.h"

#define LOOK_MS 50     /* for the first ESP of the client, then 100, 200 ... */
#define LOOKS 7	       /* 6 s: then it is sent to all the same */
#define RESEND_LOOKS 3 /* from then on message 3 goes out again, too */
#define KEYING_MS 30000

static void
failed(struct exchange *ex, const char *why)
{
	struct session *s = ex->sa->session;

	quick_counters.failed++;
	failure_add(s->id, STEP_RENEW, &s->source,
	    s->user != NULL ? s->user : s->group->name,
	    strlen(s->user != NULL ? s->user : s->group->name),
	    "renewing an SA pair: %s", why);
	exchange_over(ex);
}

static void
unanswered(struct exchange *ex)
{
	failed(ex, "the client does not answer");
}

/* --- crypto --- */

static void
keying_over(struct timer *t)
{
	failed((struct exchange *)(void *)((char *)t -
		   offsetof(struct exchange, timer)),
	    "no keys in time: the crypto process is slow or dead");
}

static void
job_failed(struct job *j, const char *why)
{
	struct quick *q = j->owner;

	failed(q->ex, why);
}

/* Our job for crypto; nothing is repeated before it is done. */
static struct job *
job_of(struct quick *q)
{
	struct job *j = &q->job;

	timer_set(&q->ex->timer, KEYING_MS, keying_over);
	j->owner = q;
	j->failed = job_failed;
	j->pair_done = NULL;
	j->dh_done = NULL;
	return j;
}

/* --- message 1 --- */

static void
put_offer(const struct tunnel *t, struct isakmp_buf *ib)
{
	struct ipsec_transform offer;
	uint8_t spi[4];

	memset(&offer, 0, sizeof(offer));
	offer.number = 1;
	offer.id = t->cipher->number;
	offer.encap = t->encap;
	offer.auth = t->auth != NULL ? t->auth->number : 0;
	offer.keylen = t->keylen;
	offer.group = t->pfs != NULL ? t->pfs->number : 0;
	offer.life.seconds = t->lifetime;
	offer.life.kilobytes = t->lifetime_kb > UINT32_MAX ?
	    UINT32_MAX :
	    (uint32_t)t->lifetime_kb;
	wire_put_u32(spi, t->spi_in);
	ipsec_offer_put(ib, 1, PROTO_ESP, spi, sizeof(spi), &offer, 1);
}

/* public: ours with PFS, or NULL */
static int
send_first(struct quick *q, const uint8_t *public)
{
	struct isakmp_buf *ib = exchange_begin(q->ex);

	put_offer(q->tunnel, ib);
	ib_payload(ib, PAYLOAD_NONCE, q->ni, q->ni_len);
	if (public != NULL)
		ib_payload(ib, PAYLOAD_KE, public, q->pfs->publiclen);
	if (q->idci_len > 0) {
		ib_payload(ib, PAYLOAD_ID, q->idci, q->idci_len);
		ib_payload(ib, PAYLOAD_ID, q->idcr, q->idcr_len);
	}
	if (exchange_hash1(q->ex, ib) == -1 || exchange_send(q->ex, ib) == -1)
		return -1;
	exchange_repeat(q->ex, unanswered);
	return 0;
}

/* The same identities, but now we are the initiator. */
static void
take_idents(struct quick *q, const struct flow *f)
{
	q->idci_len = f->local_id.len;
	memcpy(q->idci, f->local_id.body, q->idci_len);
	q->idcr_len = f->remote_id.len;
	memcpy(q->idcr, f->remote_id.body, q->idcr_len);
}

static void
submit_pair(struct job *j)
{
	const struct quick *q = j->owner;
	struct msg_PAIR_JOB m;

	memset(&m, 0, sizeof(m));
	m.job = j->id;
	m.group = q->pfs->number;
	job_send(MSG_PAIR_JOB, &m);
}

static void
pair_done(struct job *j, const struct msg_PAIR_DONE *m)
{
	struct quick *q = j->owner;
	struct ike_sa *sa = q->ex->sa;

	q->pair = m->pair;
	if (m->public_len != q->pfs->publiclen)
		failed(q->ex, "the key pair is not one of the PFS group");
	else if (sa->closed || sa != session_sa(sa->session))
		failed(q->ex, "phase 1 ended before message 1 was sent");
	else if (send_first(q, m->public) == -1)
		failed(q->ex, "message 1 cannot be made");
}

static void
begin_pair(struct quick *q)
{
	struct job *j = job_of(q);

	j->submit = submit_pair;
	j->pair_done = pair_done;
	job_begin(j);
}

int
quick_ours_begin(const struct tunnel *old)
{
	size_t ke_len = old->pfs != NULL ? old->pfs->publiclen : 0;
	struct session *s = old->session;
	struct ike_sa *sa = session_sa(s);
	struct exchange *ex;
	struct quick *q;

	if (sa == NULL || sa->closed ||
	    (ex = exchange_start(sa, EXCHANGE_QUICK)) == NULL)
		return -1;
	if ((q = quick_new(ex, NULL, ke_len)) == NULL ||
	    (q->tunnel = tunnel_again(old)) == NULL) {
		exchange_free(ex);
		return -1;
	}
	q->ours = 1;
	q->pfs = old->pfs;
	q->ni_len = QUICK_NONCE_LEN;
	rnd_bytes(q->ni, q->ni_len);
	take_idents(q, old->flow);
	quick_counters.ours++;
	story_add(s, STEP_RENEW, ex->msgid);
	if (q->pfs != NULL) {
		begin_pair(q);
	} else if (send_first(q, NULL) == -1) {
		exchange_free(ex);
		return -1;
	}
	return 0;
}

/* --- message 2 --- */

/* The peer's choice of our one transform; NULL, or what is wrong with it. */
static const char *
check_offer(struct quick *q, const struct isakmp_payload *sa)
{
	static struct ipsec_offer offer;
	const struct ipsec_transform *c = &offer.transform[0];
	const struct tunnel *t = q->tunnel;

	if (ipsec_offer_parse(sa->body, sa->len, &offer) != ISAKMP_OK ||
	    offer.n_proposals != 1 || offer.n_transforms != 1 ||
	    offer.proposal[0].why != ISAKMP_OK || c->why != ISAKMP_OK)
		return "the answer is not one proposal with one transform";
	if (offer.proposal[0].protocol != PROTO_ESP ||
	    c->id != t->cipher->number || c->keylen != t->keylen ||
	    c->encap != t->encap ||
	    c->auth != (t->auth != NULL ? t->auth->number : 0) ||
	    c->group != (t->pfs != NULL ? t->pfs->number : 0))
		return "the answer is not what was offered";
	q->tunnel->spi_out = ipsec_proposal_spi(&offer.proposal[0]);
	if (q->tunnel->spi_out < 256)
		return "the client's SPI is a reserved one";
	return NULL;
}

static int
is_body(const struct isakmp_payload *pl, const uint8_t *body, size_t len)
{
	return pl == NULL ? len == 0 :
			    pl->len == len && memcmp(pl->body, body, len) == 0;
}

/* A life that the client ends sooner (RFC 2407 4.6.3.1). */
static void
take_lifetime(struct tunnel *t, const struct isakmp_msg *msg)
{
	const struct isakmp_payload *pl;
	struct offer_life life;
	struct isakmp_notify n;
	size_t i;

	for (i = 0; (pl = isakmp_find(msg, PAYLOAD_N, i)) != NULL; i++) {
		if (isakmp_parse_notify(pl, &n) != ISAKMP_OK ||
		    n.type != NOTIFY_RESPONDER_LIFETIME ||
		    offer_life_parse(n.data, n.len, 2, &life) != ISAKMP_OK)
			continue;
		if (life.seconds == 0 || life.seconds > t->lifetime)
			life.seconds = t->lifetime;
		if (life.kilobytes == 0 ||
		    (t->lifetime_kb != 0 && life.kilobytes > t->lifetime_kb))
			tunnel_set_life(t, life.seconds, t->lifetime_kb);
		else
			tunnel_set_life(t, life.seconds, life.kilobytes);
	}
}

/* With PFS the peer's public value; crypto sees whether it is a sound one. */
static const char *
take_ke(struct quick *q, const struct isakmp_payload *ke)
{
	if (q->pfs == NULL)
		return ke == NULL ? NULL :
				    "the client sent a key exchange value "
				    "that was not asked for";
	if (ke == NULL)
		return "the client sent no key exchange value";
	if (ke->len != q->ke_len)
		return "key exchange value and PFS group do not fit";
	memcpy(q->ke, ke->body, q->ke_len);
	return NULL;
}

static const char *
take_second(struct quick *q, const struct isakmp_msg *msg)
{
	const struct isakmp_payload *nr = isakmp_find(msg, PAYLOAD_NONCE, 0);
	const char *why;

	if (isakmp_check_nonce(nr) != ISAKMP_OK || nr->len > 255)
		return "the client's nonce is of no sound length";
	if ((why = check_offer(q, isakmp_find(msg, PAYLOAD_SA, 0))) != NULL)
		return why;
	if (!is_body(isakmp_find(msg, PAYLOAD_ID, 0), q->idci, q->idci_len) ||
	    !is_body(isakmp_find(msg, PAYLOAD_ID, 1), q->idcr, q->idcr_len))
		return "the identities came back changed";
	if ((why = take_ke(q, isakmp_find(msg, PAYLOAD_KE, 0))) != NULL)
		return why;
	q->nr_len = (uint8_t)nr->len;
	memcpy(q->nr, nr->body, nr->len);
	take_lifetime(q->tunnel, msg);
	return NULL;
}

/* --- message 3 --- */

static int
send_third(struct quick *q)
{
	struct isakmp_buf *ib = exchange_begin(q->ex);
	struct ike_sa *sa = q->ex->sa;

	if (ib_hash_body(ib) == NULL ||
	    keymat_hash3(sa->hash, sa->keys->skeyid_a, q->ex->msgid, q->ni,
		q->ni_len, q->nr, q->nr_len, ib_hash_body(ib)) == -1 ||
	    exchange_send(q->ex, ib) == -1)
		return -1;
	q->ex->final = 1;
	return 0;
}

/*
 * Most clients put their SAs in force when message 3 has come, so what we
 * send on the new pair right behind it would be lost: we look for ESP of the
 * client on it first.
 */
static void
look(struct timer *timer)
{
	struct exchange *ex = (struct exchange *)(void *)((char *)timer -
	    offsetof(struct exchange, timer));
	struct quick *q = ex->quick;

	if (tunnel_used(q->tunnel) || ++q->looks >= LOOKS) {
		(void)quick_complete(q);
		return;
	}
	if (q->looks >= RESEND_LOOKS)
		frag_send(ex->sa, ex->out, ex->out_len);
	timer_set(timer, (uint64_t)LOOK_MS << q->looks, look);
}

/*
 * vpnc has one pair and forgets the old one as soon as it answers: it needs
 * the new one at once.  It is known by its vendor ids: all other clients that
 * say Unity can do fragmentation.
 */
static int
has_switched(const struct ike_sa *sa)
{
	return vendor_has(&sa->vendor, VENDOR_UNITY) &&
	    !vendor_has(&sa->vendor, VENDOR_FRAGMENTATION);
}

/* All that makes the keys is there; shared is g^xy with PFS, or NULL. */
static void
keyed(struct quick *q, const uint8_t *shared, size_t len)
{
	struct exchange *ex = q->ex;

	if (quick_inbound(q, shared, len) == -1 || send_third(q) == -1) {
		failed(ex, "the kernel refused (the log says why)");
		return;
	}
	if (has_switched(ex->sa))
		(void)quick_complete(q);
	else
		timer_set(&ex->timer, LOOK_MS, look);
}

static void
dh_done(struct job *j, const struct msg_DH_DONE *m)
{
	struct quick *q = j->owner;

	if (m->shared_len != q->pfs->sharedlen)
		failed(q->ex, "the shared secret is not one of the PFS group");
	else
		keyed(q, m->shared, m->shared_len);
}

static void
begin_dh(struct quick *q)
{
	struct job *j = job_of(q);

	j->submit = quick_submit_dh;
	j->dh_done = dh_done;
	job_begin(j);
}

void
quick_ours_second(struct exchange *ex, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	static struct isakmp_msg msg;
	struct quick *q = ex->quick;
	const char *why;

	if (q->job.out || q->tunnel->has_in || /* it has come already */
	    quick_verify(ex, KIND_QUICK_2, hdr, buf, len, &msg) != ISAKMP_OK)
		return;
	verify_moved(ex->sa, sock, peer);
	liveness_sign(ex->sa->session);
	if ((why = take_second(q, &msg)) != NULL) {
		failed(ex, why);
		return;
	}
	if (q->pfs != NULL)
		begin_dh(q);
	else
		keyed(q, NULL, 0);
}
