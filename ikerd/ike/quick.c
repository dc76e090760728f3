/*
 * Quick Mode: message 1 is judged and answered, message 3 completes the pair.
 * Before the session has its address nothing is processed: one message is
 * held ("need XAUTH"), all others are dropped.  The inbound SA is in force
 * before message 2 leaves, the outbound one after message 3.
 */
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/rnd.h"
#include "common/secret.h"
#include "ikerd/ike/ident.h"
#include "ikerd/ike/job.h"
#include "ikerd/ike/keymat.h"
#include "ikerd/ike/liveness.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/quick_first.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/transaction.h"
#include "ikerd/ike/tunnel.h"
#include "ikerd/ike/verify.h"

#define HELD_MAX 4096 /* octets of a message that came too early */
#define NONCE_LEN 20

struct quick_counters quick_counters;

/* What message 3 still needs; in locked memory. */
struct quick_keys {
	uint8_t out[KEYMAT_ESP_MAX];
};

struct quick {
	struct exchange *ex;
	struct job job; /* PFS */
	const struct ike_group *pfs;
	struct tunnel *tunnel; /* the session's; NULL once it is up */
	struct quick_keys *keys;
	struct offer_life told; /* our shorter life; 0: as offered */
	uint8_t proposal;
	uint8_t ni_len, transform_len, idci_len, idcr_len;
	uint16_t ke_len;
	uint8_t ni[ISAKMP_NONCE_MAX], nr[NONCE_LEN];
	uint8_t transform[255], idci[IDENT_BODY_LEN], idcr[IDENT_BODY_LEN];
	uint8_t ke[]; /* the peer's, with PFS */
};

static struct secret_pool *pool;

void
quick_init(void)
{
	if ((pool = secret_pool_new(sizeof(struct quick_keys))) == NULL)
		fatalx("no locked memory for keys");
}

void
quick_free(struct exchange *ex)
{
	struct quick *q = ex->quick;

	if (q == NULL)
		return;
	ex->quick = NULL;
	job_cancel(&q->job);
	if (q->tunnel != NULL)
		tunnel_delete(q->tunnel);
	secret_pool_put(pool, q->keys);
	freezero(q, sizeof(*q) + q->ke_len);
}

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

static void
set_lifetimes(struct quick *q, const struct ipsec_transform *t,
    const struct esp_suite *suite)
{
	uint32_t offered = t->life.seconds != 0 ? t->life.seconds :
						  IPSEC_LIFE_DEFAULT;
	uint32_t kb = t->life.kilobytes;

	q->tunnel->lifetime = offered;
	if (suite->lifetime < offered)
		q->tunnel->lifetime = q->told.seconds = suite->lifetime;
	q->tunnel->lifetime_kb = kb;
	if (suite->lifetime_kb != 0 && (kb == 0 || suite->lifetime_kb < kb)) {
		q->tunnel->lifetime_kb = suite->lifetime_kb;
		q->told.kilobytes = suite->lifetime_kb > UINT32_MAX ?
		    UINT32_MAX :
		    (uint32_t)suite->lifetime_kb;
	}
}

static struct quick *
quick_new(struct exchange *ex, const struct quick_first *f)
{
	size_t ke_len = f->ke != NULL ? f->ke->len : 0;
	struct quick *q;

	if (f->choice.transform->raw_len > sizeof(q->transform) ||
	    (q = calloc(1, sizeof(*q) + ke_len)) == NULL)
		return NULL;
	if ((q->keys = secret_pool_get(pool)) == NULL) {
		free(q);
		return NULL;
	}
	q->ex = ex;
	q->proposal = f->choice.proposal->number;
	q->transform_len = (uint8_t)f->choice.transform->raw_len;
	memcpy(q->transform, f->choice.transform->raw, q->transform_len);
	q->ni_len = (uint8_t)f->ni->len;
	memcpy(q->ni, f->ni->body, q->ni_len);
	q->idci_len = (uint8_t)f->idci->len;
	memcpy(q->idci, f->idci->body, q->idci_len);
	q->idcr_len = (uint8_t)f->idcr->len;
	memcpy(q->idcr, f->idcr->body, q->idcr_len);
	q->ke_len = (uint16_t)ke_len;
	if (ke_len > 0)
		memcpy(q->ke, f->ke->body, ke_len);
	rnd_bytes(q->nr, sizeof(q->nr));
	return q;
}

/* Flow and reserved SPI: what of the kernel the answer needs. */
static int
reserve(struct quick *q, const struct quick_first *f)
{
	struct ike_sa *sa = q->ex->sa;
	struct session *s = sa->session;
	const struct group *g = s->group;
	struct flow *flow;

	tunnel_make_room(s);
	flow = flow_get(s, &f->local, &f->remote, g->net,
	    quick_first_to_us(sa, f) ? 0 : g->nnets);
	if (flow == NULL)
		return -1;
	q->tunnel = tunnel_new(
	    s, flow, f->choice.suite, sa->nat_peer || sa->nat_us);
	if (q->tunnel == NULL)
		return -1;
	q->tunnel->spi_out = ipsec_proposal_spi(f->choice.proposal);
	set_lifetimes(q, f->choice.transform, f->choice.suite);
	return 0;
}

static void answer(struct quick *, const struct msg_DH_DONE *);

static void
submit_dh(struct job *j)
{
	struct quick *q = j->owner;
	struct msg_DH_JOB m;

	memset(&m, 0, sizeof(m));
	m.job = j->id;
	m.group = q->pfs->number;
	m.peer_public_len = q->ke_len;
	memcpy(m.peer_public, q->ke, q->ke_len);
	job_send(MSG_DH_JOB, &m);
}

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
	q->job.submit = submit_dh;
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
	story_add(sa->session, STEP_QUICK_CHOSEN, f->choice.proposal->number);
	if ((q = quick_new(ex, f)) == NULL) {
		exchange_over(ex);
		return;
	}
	ex->quick = q;
	if (reserve(q, f) == -1) {
		quick_counters.failed++;
		refuse(ex, NOTIFY_NO_PROPOSAL_CHOSEN, f,
		    "the kernel refused (the log says why)");
		return;
	}
	if (f->ke != NULL) {
		q->pfs = ike_group_by_number(f->choice.transform->group);
		begin_dh(q);
		return;
	}
	answer(q, NULL);
}

/* --- message 2 --- */

static int
derive(
    struct quick *q, uint32_t spi, const struct msg_DH_DONE *dh, uint8_t *out)
{
	const struct ike_sa *sa = q->ex->sa;
	struct keymat_esp in;

	memset(&in, 0, sizeof(in));
	in.skeyid_d = sa->keys->skeyid_d;
	if (dh != NULL) {
		in.gxy = dh->shared;
		in.gxylen = dh->shared_len;
	}
	in.protocol = PROTO_ESP;
	in.spi = spi;
	in.ni = q->ni;
	in.nilen = q->ni_len;
	in.nr = q->nr;
	in.nrlen = NONCE_LEN;
	return keymat_esp(sa->hash, &in, out,
	    keymat_esp_len(q->tunnel->cipher, q->tunnel->auth));
}

static void
put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

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
	struct isakmp_buf data;
	struct isakmp_hdr none;
	uint8_t buf[64];

	if (q->told.seconds == 0 && q->told.kilobytes == 0)
		return;
	memset(&none, 0, sizeof(none));
	ib_init(&data, buf, sizeof(buf), &none);
	offer_life_put(&data, 2, &q->told);
	if (data.overflow)
		return;
	ib_notify(ib, PROTO_ESP, NOTIFY_RESPONDER_LIFETIME, spi, 4,
	    buf + ISAKMP_HDR_LEN, data.len - ISAKMP_HDR_LEN);
}

static int
send_second(struct quick *q, const struct msg_DH_DONE *dh)
{
	struct ike_sa *sa = q->ex->sa;
	struct isakmp_buf *ib = exchange_begin(q->ex);
	const uint8_t *rest;
	uint8_t spi[4];
	size_t len;

	put_be32(spi, q->tunnel->spi_in);
	put_offer(q, ib, spi);
	ib_payload(ib, PAYLOAD_NONCE, q->nr, NONCE_LEN);
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

static void
answer(struct quick *q, const struct msg_DH_DONE *dh)
{
	struct exchange *ex = q->ex;
	uint8_t in[KEYMAT_ESP_MAX];

	if (derive(q, q->tunnel->spi_in, dh, in) == -1 ||
	    derive(q, q->tunnel->spi_out, dh, q->keys->out) == -1 ||
	    tunnel_add_in(q->tunnel, in) == -1 || send_second(q, dh) == -1) {
		quick_counters.failed++;
		exchange_over(ex);
	} else {
		session_tell_tunnel(ex->sa->session);
	}
	explicit_bzero(in, sizeof(in));
}

/* --- message 3 --- */

static enum isakmp_error
third_verify(
    struct exchange *ex, const struct isakmp_hdr *hdr, uint8_t *buf, size_t len)
{
	uint8_t next[ALG_BLOCK_MAX], want[ALG_HASH_MAX];
	static struct isakmp_msg msg;
	struct ike_sa *sa = ex->sa;
	struct quick *q = ex->quick;
	uint64_t digest = sa_digest(buf, len);
	const struct isakmp_payload *hash;
	enum isakmp_error why;

	msg.hdr = *hdr;
	why = exchange_open(ex, KIND_QUICK_3, &msg, buf + ISAKMP_HDR_LEN,
	    len - ISAKMP_HDR_LEN, next);
	hash = isakmp_find(&msg, PAYLOAD_HASH, 0);
	if (why != ISAKMP_OK || hash == NULL ||
	    keymat_hash3(sa->hash, sa->keys->skeyid_a, ex->msgid, q->ni,
		q->ni_len, q->nr, NONCE_LEN, want) == -1 ||
	    !keymat_hash_equal(sa->hash, want, hash->body, hash->len)) {
		quick_counters.bad_hash++;
		return ISAKMP_E_HASH_OR_SIG;
	}
	exchange_accept(ex, next, digest);
	return ISAKMP_OK;
}

static void
third(struct exchange *ex, struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr, uint8_t *buf, size_t len)
{
	struct session *s = ex->sa->session;
	struct quick *q = ex->quick;
	struct tunnel *t;

	if (third_verify(ex, hdr, buf, len) != ISAKMP_OK)
		return;
	quick_counters.third++;
	verify_moved(ex->sa, sock, peer);
	liveness_sign(s);
	t = q->tunnel;
	if (tunnel_add_out(t, q->keys->out) == -1) {
		quick_counters.failed++;
		exchange_over(ex);
		return;
	}
	q->tunnel = NULL;		   /* the session's from now on */
	tunnel_move_all(s, &ex->sa->peer); /* it may have moved meanwhile */
	quick_counters.completed++;
	free(ex->out); /* nothing to repeat: the client had message 2 */
	ex->out = NULL;
	exchange_over(ex);
	session_up(s);
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

	if (sa->session->state < SESSION_READY) {
		hold(sa, buf, len);
		xauth_now(sa);
		return;
	}
	ex = exchange_find(sa, hdr->msgid);
	if (ex != NULL) {
		if (ex->type == EXCHANGE_QUICK && ex->quick != NULL &&
		    ex->quick->tunnel != NULL && ex->quick->tunnel->has_in)
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
