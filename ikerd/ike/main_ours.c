/*
 * Main Mode as initiator, with the pre-shared key (RFC 2409 5.4) or with
 * certificates (5.1), to renew phase 1 of a session.  The new SA is the
 * session's from the first message on, but nothing is done under it before the
 * peer has proved itself.  What comes in clear, or does not verify, may be
 * forged: if it cannot be used it is passed over, and we go on waiting for the
 * true one.  One that can be used, by somebody on the path who is faster than
 * the peer, costs this try; the old SA lives on, and life.c makes the next.
 * INITIAL-CONTACT is never sent.
 */
#include <stddef.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/ike/certauth.h"
#include "ikerd/ike/failure.h"
#include "ikerd/ike/frag.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/life.h"
#include "ikerd/ike/liveness.h"
#include "ikerd/ike/main_cert.h"
#include "ikerd/ike/main_offer.h"
#include "ikerd/ike/main_ours.h"
#include "ikerd/ike/mainmode.h"
#include "ikerd/ike/natd.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/resume.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/site.h"

#define TRIES 4 /* of each message, 2, 4, 8, 16 s apart */
#define FIRST_TRY_MS 2000
#define KEYING_MS 30000

struct main_ours_counters main_ours_counters;

static void
failed(struct ike_sa *sa, const char *why)
{
	struct session *s = sa->session;

	main_ours_counters.failed++;
	failure_add(s->id, STEP_RENEW_PHASE1, &s->source, s->group->name,
	    strlen(s->group->name), "renewing phase 1: %s", why);
	session_drop_sa(sa);
}

/* Of no use at this step: perhaps forged, and the true one is on its way. */
static void
passed_over(struct ike_sa *sa)
{
	main_ours_counters.ignored++;
	sa->phase1->unreadable = 1;
}

static void
wrong(struct ike_sa *sa, enum isakmp_error why)
{
	refuse_count(why);
	passed_over(sa);
}

/* --- sending --- */

static struct ike_sa *
sa_of(struct timer *t)
{
	return (struct ike_sa *)(void *)((char *)t -
	    offsetof(struct ike_sa, timer));
}

/* There is NAT on the way, and this is not the port for it. */
static int
needs_port(const struct ike_sa *sa)
{
	return (sa->nat_peer || sa->nat_us) && !sa->sock->natt;
}

static const char *
why_unanswered(const struct ike_sa *sa)
{
	if (!sa->phase1->unreadable)
		return "the peer does not answer";
	if (sa->state == SA_OURS_FIRST)
		return "the peer does not choose one of the policies";
	if (sa->state == SA_OURS_FIFTH)
		return certauth_signs(sa) ?
		    main_cert_why(sa) :
		    "message 6 of the peer does not verify: "
		    "it holds another key";
	return needs_port(sa) ? "there is NAT now: the peer must begin" :
				"message 4 of the peer cannot be used";
}

static void
try_again(struct timer *t)
{
	struct ike_sa *sa = sa_of(t);
	struct phase1 *p = sa->phase1;

	if (++p->resent > TRIES) {
		failed(sa, why_unanswered(sa));
		return;
	}
	frag_send(sa, p->answer, p->answer_len);
	timer_set(t, (uint64_t)FIRST_TRY_MS << p->resent, try_again);
}

/* A message is out: it goes again until it is answered. */
static void
await(struct ike_sa *sa, enum sa_state state)
{
	sa->state = (uint8_t)state;
	sa->phase1->unreadable = 0;
	timer_set(&sa->timer, FIRST_TRY_MS, try_again);
}

static void
keying_over(struct timer *t)
{
	failed(sa_of(t),
	    "no keys or no signature in time: the crypto process is "
	    "slow or dead");
}

static void
job_failed(struct job *j, const char *why)
{
	failed(j->owner, why);
}

static struct job *
job_of(struct ike_sa *sa)
{
	struct job *j = &sa->phase1->job;

	sa->state = SA_OURS_KEYING;
	timer_set(&sa->timer, KEYING_MS, keying_over);
	j->owner = sa;
	j->failed = job_failed;
	j->key_done = NULL;
	j->pair_done = NULL;
	j->sign_done = NULL;
	return j;
}

/* --- message 1 --- */

int
main_ours_fits(const struct ike_sa *sa)
{
	const struct group *g = sa->session->group;

	return g != NULL && site_is(g) &&
	    (certauth_signs(sa) ? main_cert_fits(sa) : g->has_key);
}

static int
is_under_way(const struct session *s)
{
	const struct ike_sa *sa;

	LIST_FOREACH(sa, &s->sas, entry) {
		if (sa->ours && sa->state < SA_ESTABLISHED)
			return 1;
	}
	return 0;
}

static int
send_first(struct ike_sa *sa)
{
	struct isakmp_buf ib;
	size_t len;

	phase1_begin(sa, &ib, EXCHANGE_MAIN, 0);
	if (main_offer_put(sa->auth, &ib) == -1)
		return -1;
	len = ib.len - ISAKMP_HDR_LEN - 4;
	if (ib.overflow ||
	    phase1_new(sa, ib.p + ISAKMP_HDR_LEN + 4, len, &main_counters) ==
		-1)
		return -1;
	sa->phase1->sai.len = (uint16_t)len;
	phase1_put_vendors(sa, &ib, 0);
	return phase1_answer(sa, ib.p, ib_finish(&ib), 0);
}

void
main_ours_begin(const struct ike_sa *old)
{
	struct session *s = old->session;
	struct ike_sa *sa;

	if (is_under_way(s) ||
	    (sa = sa_new_ours(s, old->sock, &old->peer)) == NULL)
		return;
	main_ours_counters.begun++;
	story_add(s, STEP_RENEW_PHASE1, 0);
	sa->auth = old->auth;
	sa->natt = old->natt;
	sa->vendor = old->vendor; /* it was told what it can do */
	if (send_first(sa) == -1)
		failed(sa, "no message can be made");
	else
		await(sa, SA_OURS_FIRST);
}

/* --- messages 2 and 3 --- */

static void
submit_pair(struct job *j)
{
	const struct ike_sa *sa = j->owner;
	struct msg_PAIR_JOB m;

	memset(&m, 0, sizeof(m));
	m.job = j->id;
	m.group = sa->group->number;
	job_send(MSG_PAIR_JOB, &m);
}

static void
pair_done(struct job *j, const struct msg_PAIR_DONE *m)
{
	struct ike_sa *sa = j->owner;
	struct span public;

	sa->phase1->pair = m->pair;
	if (m->public_len != sa->group->publiclen ||
	    phase1_keep(sa, m->public, m->public_len, &public) == -1) {
		failed(sa, "the key pair does not fit the SA");
		return;
	}
	sa->phase1->public = public;
	if (main_send_values(sa, m->public) == -1)
		failed(sa, "message 3 cannot be made");
	else
		await(sa, SA_OURS_THIRD);
}

/* Until it has proved itself it is heard from where it is asked alone. */
static int
is_there(const struct ike_sa *sa, const struct ike_socket *sock,
    const struct endpoint *peer)
{
	return sock == sa->sock && endpoint_equal(peer, &sa->peer);
}

/* A message that must come in clear, parsed; NULL: it is passed over. */
static const struct isakmp_msg *
open_clear(struct ike_sa *sa, enum isakmp_kind kind,
    const struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr, const uint8_t *buf, size_t len)
{
	static struct isakmp_msg msg;
	enum isakmp_error why;

	if (hdr->flags & ISAKMP_FLAG_E || !is_there(sa, sock, peer)) {
		main_ours_counters.ignored++;
		return NULL;
	}
	msg.hdr = *hdr;
	why = main_parse(
	    &msg, kind, buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN);
	if (why == ISAKMP_OK)
		return &msg;
	wrong(sa, why);
	return NULL;
}

static void
second_accept(struct ike_sa *sa, const struct isakmp_msg *msg)
{
	struct job *j;

	sa_answered(sa, msg->hdr.cky_r);
	memset(&sa->vendor, 0, sizeof(sa->vendor));
	vendor_collect(&sa->vendor, msg);
	if (sa->natt != NATT_NONE) /* else it was not offered */
		natd_choose(sa);
	j = job_of(sa);
	j->submit = submit_pair;
	j->pair_done = pair_done;
	job_begin(j);
}

void
main_ours_second(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	const struct isakmp_msg *msg;
	enum isakmp_error why;

	msg = open_clear(sa, KIND_MAIN_2, sock, peer, hdr, buf, len);
	if (msg == NULL)
		return;
	if ((why = main_offer_take(sa, msg)) == ISAKMP_OK)
		second_accept(sa, msg);
	else
		wrong(sa, why);
}

/* --- messages 4 and 5 --- */

/* Message 5 is out: its last cipher block begins message 6. */
static void
fifth_sent(struct ike_sa *sa)
{
	memcpy(sa->phase1->iv, sa->keys->last_block, sizeof(sa->phase1->iv));
	await(sa, SA_OURS_FIFTH);
}

static void
sign_done(struct job *j, const struct msg_SIGN_DONE *m)
{
	struct ike_sa *sa = j->owner;

	if (main_prove_signed(sa, m) == -1)
		failed(sa, "message 5 cannot be made");
	else
		fifth_sent(sa);
}

static void
prove(struct ike_sa *sa)
{
	struct job *j;

	if (certauth_signs(sa)) {
		j = job_of(sa);
		j->only = NULL; /* all of them can sign */
		certauth_sign(j, sign_done);
	} else if (main_prove(sa) == -1) {
		failed(sa, "message 5 cannot be made");
	} else {
		fifth_sent(sa);
	}
}

static void
key_done(struct job *j, const struct msg_KEY_DONE *m)
{
	struct ike_sa *sa = j->owner;
	struct phase1 *p = sa->phase1;

	if (phase1_take_keys(sa, m) == -1 || phase1_keep_skeyid(sa, m) == -1 ||
	    keymat_iv1(sa->hash, sa->cipher, m->public, phase1_at(p, p->ke),
		sa->group->publiclen, p->iv) == -1)
		failed(sa, "the keys do not fit the SA");
	else
		prove(sa);
}

static void
fourth_accept(struct ike_sa *sa, const struct isakmp_msg *msg)
{
	struct job *j;

	if (main_keep_values(sa, msg) == -1) {
		failed(sa, "no memory");
		return;
	}
	vendor_collect(&sa->vendor, msg);
	j = job_of(sa);
	j->submit = phase1_submit_keys;
	j->key_done = key_done;
	job_begin(j);
}

void
main_ours_fourth(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	const struct isakmp_msg *msg;
	enum isakmp_error why;

	msg = open_clear(sa, KIND_MAIN_4, sock, peer, hdr, buf, len);
	if (msg == NULL)
		return;
	if ((why = main_check_values(sa, msg)) != ISAKMP_OK) {
		wrong(sa, why);
		return;
	}
	natd_compare(sa, msg, &sa->sock->local, &sa->peer);
	if (needs_port(sa))
		passed_over(sa);
	else
		fourth_accept(sa, msg);
}

/* --- message 6 --- */

static void
established(struct ike_sa *sa)
{
	struct session *s = sa->session;
	char peer[ADDR_STRLEN];

	log_info("session %016llx goes on under a new phase 1 of ours to %s",
	    (unsigned long long)s->id, endpoint_text(&sa->peer, peer));
	sa_established(sa);
	phase1_free(sa); /* the peer has message 5 */
	life_begin(sa);
	main_ours_counters.done++;
	story_add(s, STEP_RESUMED, 0);
	resume_retire_others(sa);
	liveness_sign(s);
}

static void
sixth_accept(struct ike_sa *sa, const struct main_last *l)
{
	memcpy(sa->keys->last_block, l->last, sizeof(l->last));
	vendor_collect(&sa->vendor, &l->msg);
	established(sa);
}

void
main_ours_sixth(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	static struct main_last l;
	enum isakmp_error why;

	if (!(hdr->flags & ISAKMP_FLAG_E) || !is_there(sa, sock, peer)) {
		main_ours_counters.ignored++;
		return;
	}
	l.msg.hdr = *hdr;
	why = main_open_last(
	    sa, buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN, &l);
	if (why == ISAKMP_OK)
		why = main_check_hash(sa, &l);
	if (why != ISAKMP_OK)
		wrong(sa, why);
	else if (certauth_signs(sa) && !main_cert_proves(sa, &l))
		passed_over(sa);
	else if (!main_is_same(sa, &l))
		failed(sa, "the peer calls itself otherwise than before");
	else
		sixth_accept(sa, &l);
}
