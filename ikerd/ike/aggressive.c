/*
 * Aggressive Mode: message 1 in, crypto asked, message 2 out, message 3
 * verified.  Until then nothing the peer said is acted on, and all it made us
 * keep is one half-open session, bounded in number (session.c) and in time.
 *
 * Amplification (RFC 2408 has no cookie exchange before the first answer
 * here): message 2 is the one answer that the protocol requires to an
 * unproven peer.  It goes out once for message 1, again at most five times
 * when exactly that message comes again, and never by a timer.
 */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/rnd.h"
#include "ikerd/ike/aggressive.h"
#include "ikerd/ike/choose.h"
#include "ikerd/ike/cipher.h"
#include "ikerd/ike/ident.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/job.h"
#include "ikerd/ike/keymat.h"
#include "ikerd/ike/natd.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/transaction.h"

#define HALF_OPEN_MS 30000
#define RESEND_MAX 5
#define RESEND_EVERY_MS 500
#define NONCE_LEN 20   /* vpnc keeps no other length */
#define FIRST_MAX 4096 /* octets of message 1, which is kept */

struct aggressive_counters aggressive_counters;

/* A stretch of octets of message 1, copied. */
struct span {
	uint16_t at, len;
};

struct phase1 {
	struct job job;
	uint64_t digest; /* of message 1 */
	uint8_t *answer; /* message 2 */
	size_t answer_len;
	uint64_t resent_ms;
	uint8_t resent;
	uint8_t known; /* the group is configured */
	uint8_t proposal;
	uint8_t nr[NONCE_LEN];
	uint8_t iv[ALG_BLOCK_MAX];
	uint8_t hash_i[ALG_HASH_MAX]; /* what message 3 must show */
	struct span sai, transform, ke, ni, idii;
	size_t copied_len;
	uint8_t copied[];
};

void
phase1_free(struct ike_sa *sa)
{
	struct phase1 *p = sa->phase1;

	if (p == NULL)
		return;
	job_cancel(&p->job);
	free(p->answer);
	freezero(p, sizeof(*p) + p->copied_len);
	sa->phase1 = NULL;
}

static const uint8_t *
span_at(const struct phase1 *p, struct span s)
{
	return p->copied + s.at;
}

static struct span
span_of(const uint8_t *from, const uint8_t *p, size_t len)
{
	struct span s = { (uint16_t)(p - from), (uint16_t)len };

	return s;
}

static void
half_open_over(struct timer *t)
{
	struct ike_sa *sa = (struct ike_sa *)(void *)((char *)t -
	    offsetof(struct ike_sa, timer));

	aggressive_counters.timeouts++;
	session_fail(sa->session, STEP_ANSWERED,
	    sa->state == SA_KEYING ?
		"no keys in time: the crypto process is slow or dead" :
		"the client did not go on after message 2: it may hold another "
		"group key, or has gone");
}

/* --- message 1 --- */

/* Message 1, parsed, and what was chosen of it. */
struct first {
	const uint8_t *datagram;
	size_t len;
	struct isakmp_msg msg;
	struct ike_offer offer;
	struct ident id;
	const struct isakmp_payload *sa, *ke, *ni, *idii;
	struct group *group; /* NULL: not configured */
	const struct ike_transform *chosen;
	const struct ike_policy *policy;
	int xauth;
};

/* Parse all of message 1; nothing is kept. */
static enum isakmp_error
first_parse(struct first *f, const uint8_t *body, size_t len, uint8_t next)
{
	enum isakmp_error why;
	uint8_t bad;

	why = isakmp_parse_payloads(next, body, len, &f->msg);
	if (why == ISAKMP_OK)
		why = isakmp_check_payloads(&f->msg, KIND_AGGRESSIVE_1, &bad);
	if (why != ISAKMP_OK)
		return why;
	f->sa = isakmp_find(&f->msg, PAYLOAD_SA, 0);
	f->ke = isakmp_find(&f->msg, PAYLOAD_KE, 0);
	f->ni = isakmp_find(&f->msg, PAYLOAD_NONCE, 0);
	f->idii = isakmp_find(&f->msg, PAYLOAD_ID, 0);
	if ((why = isakmp_check_nonce(f->ni)) != ISAKMP_OK ||
	    (why = ike_offer_parse(f->sa->body, f->sa->len, &f->offer)) !=
		ISAKMP_OK ||
	    (why = ident_parse(f->idii->body, f->idii->len, &f->id)) !=
		ISAKMP_OK)
		return why;
	return ident_check_phase1(&f->id);
}

static void
submit_key_job(struct job *j)
{
	struct ike_sa *sa = j->owner;
	struct phase1 *p = sa->phase1;
	struct msg_KEY_JOB m;

	memset(&m, 0, sizeof(m));
	m.job = j->id;
	m.kind = p->known ? KEY_GROUP : KEY_UNKNOWN;
	if (p->known)
		strlcpy(m.name, sa->session->group->name, sizeof(m.name));
	m.peer = sa->peer.addr;
	m.auth = IKE_AUTH_PSK;
	m.group = sa->group->number;
	m.hash = sa->hash->number;
	m.cky_i_len = m.cky_r_len = ISAKMP_COOKIE_LEN;
	memcpy(m.cky_i, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(m.cky_r, sa->cky_r, ISAKMP_COOKIE_LEN);
	m.ni_len = p->ni.len;
	memcpy(m.ni, span_at(p, p->ni), p->ni.len);
	m.nr_len = NONCE_LEN;
	memcpy(m.nr, p->nr, NONCE_LEN);
	m.peer_public_len = p->ke.len;
	memcpy(m.peer_public, span_at(p, p->ke), p->ke.len);
	job_send(MSG_KEY_JOB, &m);
}

static void key_done(struct job *, const struct msg_KEY_DONE *);

static void
key_failed(struct job *j, const char *why)
{
	struct ike_sa *sa = j->owner;

	aggressive_counters.crypto_failed++;
	session_fail(sa->session, STEP_FIRST, "no keys: %s", why);
}

/* Keep of message 1 what the hashes cover, and ask crypto. */
static int
phase1_begin(struct ike_sa *sa, const struct first *f)
{
	const uint8_t *buf = f->datagram;
	struct phase1 *p;

	if ((p = calloc(1, sizeof(*p) + f->len)) == NULL)
		return -1;
	p->copied_len = f->len;
	memcpy(p->copied, buf, f->len);
	p->sai = span_of(buf, f->sa->body, f->sa->len);
	p->transform = span_of(buf, f->chosen->raw, f->chosen->raw_len);
	p->ke = span_of(buf, f->ke->body, f->ke->len);
	p->ni = span_of(buf, f->ni->body, f->ni->len);
	p->idii = span_of(buf, f->idii->body, f->idii->len);
	p->proposal = f->chosen->proposal;
	p->digest = sa_digest(buf, f->len);
	p->known = sa->session->group != NULL;
	rnd_bytes(p->nr, sizeof(p->nr));
	p->job.owner = sa;
	p->job.submit = submit_key_job;
	p->job.key_done = key_done;
	p->job.failed = key_failed;
	sa->phase1 = p;
	sa->state = SA_KEYING;
	timer_set(&sa->timer, HALF_OPEN_MS, half_open_over);
	job_begin(&p->job);
	return 0;
}

/*
 * Exactly the first message again: message 2 again.  Anything else with the
 * same cookie, while the first is half-open, is somebody else's: ignored.
 */
static void
first_again(struct ike_sa *sa, uint64_t digest)
{
	struct phase1 *p = sa->phase1;

	if (p == NULL || p->digest != digest || p->answer == NULL ||
	    p->resent >= RESEND_MAX ||
	    clock_since(p->resent_ms) < RESEND_EVERY_MS) {
		aggressive_counters.ignored++;
		return;
	}
	aggressive_counters.repeated++;
	p->resent++;
	p->resent_ms = clock_ms();
	net_send(sa->sock, &sa->peer, p->answer, p->answer_len);
}

static struct group *
group_of(const struct ident *id)
{
	if (!ident_is_name(id) || id->len >= NAME_SIZE ||
	    memchr(id->data, '\0', id->len) != NULL)
		return NULL;
	return ikeconf_group(id->data, id->len);
}

/* Make the session and the SA for a first message that can be served. */
static void
first_accept(struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr, const struct first *f)
{
	struct session *s;
	struct ike_sa *sa;

	if ((s = session_new(peer)) == NULL) {
		aggressive_counters.limited++;
		return;
	}
	if ((sa = sa_new(s, hdr->cky_i, sock, peer)) == NULL) {
		session_down(s, DOWN_ERROR);
		return;
	}
	s->group = f->group;
	sa->cipher = f->policy->cipher;
	sa->hash = f->policy->hash;
	sa->group = f->policy->group;
	sa->xauth = (uint8_t)f->xauth;
	sa->lifetime = f->policy->lifetime;
	vendor_collect(&sa->vendor, &f->msg);
	natd_choose(sa);
	story_add(s, STEP_FIRST, 0);
	story_add(s, STEP_PROPOSAL, f->chosen->number);
	if (f->group == NULL) {
		aggressive_counters.unknown_group++;
		story_add(s, STEP_UNKNOWN_GROUP, 0);
		failure_add(s->id, STEP_UNKNOWN_GROUP, peer, f->id.data,
		    f->id.len, "no group of this name is configured");
	}
	if (phase1_begin(sa, f) == -1)
		session_down(s, DOWN_ERROR);
}

/* Choose among what is offered; the refusal is told and noted here. */
static int
first_choose(struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr, struct first *f)
{
	enum want_xauth want = XAUTH_ALWAYS;
	char text[TEXT_SIZE];

	f->group = group_of(&f->id);
	if (f->group != NULL && f->group->login[0] == '\0')
		want = XAUTH_NEVER;
	if (choose_ike(&f->offer, ikeconf(), want, &f->chosen, &f->policy,
		&f->xauth) == -1) {
		aggressive_counters.no_proposal++;
		choose_ike_why(&f->offer, ikeconf(), text, sizeof(text));
		failure_add(
		    0, STEP_PROPOSAL, peer, f->id.data, f->id.len, "%s", text);
		refuse_first(sock, peer, hdr, NOTIFY_NO_PROPOSAL_CHOSEN);
		return -1;
	}
	if (f->ke->len != f->policy->group->publiclen) {
		aggressive_counters.malformed++;
		failure_add(0, STEP_PROPOSAL, peer, f->id.data, f->id.len,
		    "the key exchange value has %zu octets, group %s has %u",
		    f->ke->len, f->policy->group->name,
		    f->policy->group->publiclen);
		return -1;
	}
	return 0;
}

void
aggressive_first(struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr, uint8_t *buf, size_t len)
{
	static struct first f;
	enum isakmp_error why;
	struct ike_sa *sa;

	aggressive_counters.first++;
	if ((sa = sa_find_initiator(hdr->cky_i, peer)) != NULL) {
		first_again(sa, sa_digest(buf, len));
		return;
	}
	f.datagram = buf;
	f.len = len;
	why = len > FIRST_MAX ? ISAKMP_E_LENGTH :
				first_parse(&f, buf + ISAKMP_HDR_LEN,
				    len - ISAKMP_HDR_LEN, hdr->next);
	if (why != ISAKMP_OK) {
		aggressive_counters.malformed++;
		refuse_count(why);
		return;
	}
	if (first_choose(sock, peer, hdr, &f) == 0)
		first_accept(sock, peer, hdr, &f);
}

/* --- message 2 --- */

/* The keys of the session from crypto's answer. */
static int
take_keys(struct ike_sa *sa, const struct msg_KEY_DONE *m)
{
	size_t len = sa->hash->len;

	if (m->skeyid_len != len || m->skeyid_d_len != len ||
	    m->skeyid_a_len != len || m->skeyid_e_len != len ||
	    m->public_len != sa->group->publiclen || sa_keys_alloc(sa) == -1)
		return -1;
	memcpy(sa->keys->skeyid_d, m->skeyid_d, len);
	memcpy(sa->keys->skeyid_a, m->skeyid_a, len);
	return keymat_cipher_key(
	    sa->hash, sa->cipher, m->skeyid_e, sa->keys->cipher);
}

/* Our identity: the address that the client reached (seed: 17/500). */
static void
our_ident(
    const struct ike_sa *sa, struct ident *id, uint8_t storage[IDENT_BODY_LEN])
{
	ident_from_addr(id, &sa->sock->local.addr, storage);
	id->protocol = 17;
	id->port = 500;
}

static void
ident_body(const struct ident *id, uint8_t *body, size_t *len)
{
	body[0] = id->type;
	body[1] = id->protocol;
	body[2] = (uint8_t)(id->port >> 8);
	body[3] = (uint8_t)id->port;
	memcpy(body + 4, id->data, id->len);
	*len = 4 + id->len;
}

/* HASH_R for message 2 and the HASH_I that message 3 must show. */
static int
phase1_hashes(struct ike_sa *sa, const struct msg_KEY_DONE *m,
    const struct ident *us, uint8_t *hash_r)
{
	struct phase1 *p = sa->phase1;
	uint8_t body[4 + IDENT_BODY_LEN];
	struct keymat_auth in;

	memset(&in, 0, sizeof(in));
	in.skeyid = m->skeyid;
	in.gxi = span_at(p, p->ke);
	in.gxr = m->public;
	in.gxlen = sa->group->publiclen;
	memcpy(in.cky_i, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(in.cky_r, sa->cky_r, ISAKMP_COOKIE_LEN);
	in.sai = span_at(p, p->sai);
	in.sailen = p->sai.len;
	in.id = span_at(p, p->idii);
	in.idlen = p->idii.len;
	if (keymat_hash_i(sa->hash, &in, p->hash_i) == -1)
		return -1;
	ident_body(us, body, &in.idlen);
	in.id = body;
	if (keymat_hash_r(sa->hash, &in, hash_r) == -1)
		return -1;
	return keymat_iv1(
	    sa->hash, sa->cipher, in.gxi, in.gxr, in.gxlen, p->iv);
}

static void
put_vendors(const struct ike_sa *sa, struct isakmp_buf *ib)
{
	if (sa->xauth)
		vendor_put(ib, VENDOR_XAUTH);
	vendor_put(ib, VENDOR_DPD);
	if (vendor_has(&sa->vendor, VENDOR_UNITY))
		vendor_put(ib, VENDOR_UNITY);
	if (sa->natt != NATT_NONE)
		vendor_put(ib, (enum vendor)natd_vendor(sa));
}

static int
send_second(struct ike_sa *sa, const struct msg_KEY_DONE *m,
    const struct ident *us, const uint8_t *hash_r)
{
	static uint8_t buf[8192];
	struct phase1 *p = sa->phase1;
	struct ike_transform chosen;
	struct isakmp_buf ib;
	struct isakmp_hdr hdr;
	size_t len;

	memset(&hdr, 0, sizeof(hdr));
	memcpy(hdr.cky_i, sa->cky_i, sizeof(hdr.cky_i));
	memcpy(hdr.cky_r, sa->cky_r, sizeof(hdr.cky_r));
	hdr.version = ISAKMP_VERSION;
	hdr.exchange = EXCHANGE_AGGRESSIVE;
	ib_init(&ib, buf, sizeof(buf), &hdr);
	memset(&chosen, 0, sizeof(chosen));
	chosen.proposal = p->proposal;
	chosen.raw = span_at(p, p->transform);
	chosen.raw_len = p->transform.len;
	ike_offer_put_chosen(&ib, &chosen);
	ib_payload(&ib, PAYLOAD_KE, m->public, m->public_len);
	ib_payload(&ib, PAYLOAD_NONCE, p->nr, sizeof(p->nr));
	ident_put(&ib, us);
	ib_payload(&ib, PAYLOAD_HASH, hash_r, sa->hash->len);
	put_vendors(sa, &ib);
	natd_put(sa, &ib);
	if ((len = ib_finish(&ib)) == 0 || (p->answer = malloc(len)) == NULL)
		return -1;
	memcpy(p->answer, buf, len);
	p->answer_len = len;
	net_send(sa->sock, &sa->peer, p->answer, len);
	story_add(sa->session, STEP_ANSWERED, (uint32_t)len);
	return 0;
}

static void
key_done(struct job *j, const struct msg_KEY_DONE *m)
{
	struct ike_sa *sa = j->owner;
	uint8_t storage[IDENT_BODY_LEN], hash_r[ALG_HASH_MAX];
	struct ident us;

	our_ident(sa, &us, storage);
	if (take_keys(sa, m) == -1 || phase1_hashes(sa, m, &us, hash_r) == -1 ||
	    send_second(sa, m, &us, hash_r) == -1) {
		key_failed(j, "they do not fit the SA");
		return;
	}
	sa->state = SA_WAIT_HASH;
}

/* --- message 3 --- */

/*
 * Decrypt (RFC 2409 5.4 lets it come in clear, too) and check HASH_I.  On
 * success the last cipher block of phase 1 is in the keys.
 */
static enum isakmp_error
third_open(struct ike_sa *sa, const struct isakmp_hdr *hdr, uint8_t *body,
    size_t len, struct isakmp_msg *msg)
{
	uint8_t last[ALG_BLOCK_MAX], bad;
	enum isakmp_error why;

	memcpy(last, sa->phase1->iv, sizeof(last));
	if (hdr->flags & ISAKMP_FLAG_E &&
	    cipher_decrypt(sa->cipher, sa->keys->cipher, sa->phase1->iv, body,
		len, last) == -1)
		return ISAKMP_E_LENGTH;
	why = isakmp_parse_payloads(hdr->next, body, len, msg);
	if (why == ISAKMP_OK)
		why = isakmp_check_payloads(msg, KIND_AGGRESSIVE_3, &bad);
	if (why == ISAKMP_OK)
		memcpy(sa->keys->last_block, last, sizeof(last));
	return why;
}

static void
third_notifies(struct ike_sa *sa, const struct isakmp_msg *msg)
{
	const struct isakmp_payload *pl;
	struct isakmp_notify n;
	size_t i;

	for (i = 0; (pl = isakmp_find(msg, PAYLOAD_N, i)) != NULL; i++) {
		if (isakmp_parse_notify(pl, &n) != ISAKMP_OK ||
		    n.type != NOTIFY_INITIAL_CONTACT)
			continue;
		sa->session->initial_contact = 1;
		story_add(sa->session, STEP_INITIAL_CONTACT, 0);
	}
}

static void
lifetime_over(struct timer *t)
{
	struct ike_sa *sa = (struct ike_sa *)(void *)((char *)t -
	    offsetof(struct ike_sa, timer));

	session_down(sa->session, DOWN_EXPIRED);
}

/* The client has proved itself: phase 1 is over, the user comes next. */
static void
third_accept(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_msg *msg)
{
	struct session *s = sa->session;

	natd_compare(sa, msg, &sock->local, peer);
	sa_established(sa);
	sa->sock = sock;
	sa->peer = *peer;
	s->source = *peer;
	vendor_collect(&sa->vendor, msg);
	phase1_free(sa);
	timer_set(&sa->timer, (uint64_t)sa->lifetime * 1000, lifetime_over);
	session_authenticated(s);
	s->session_timeout = s->group->session; /* a login may say otherwise */
	s->idle_timeout = s->group->idle;
	story_add(s, STEP_AUTHENTICATED, 0);
	if (sa->nat_peer)
		story_add(s, STEP_NAT_PEER, 0);
	if (sa->nat_us)
		story_add(s, STEP_NAT_US, 0);
	third_notifies(sa, msg);
	transaction_begin(sa);
}

void
aggressive_third(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	static struct isakmp_msg msg;
	const struct isakmp_payload *hash;
	enum isakmp_error why;

	if (sa->state != SA_WAIT_HASH) {
		aggressive_counters.ignored++;
		return;
	}
	why = third_open(
	    sa, hdr, buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN, &msg);
	hash = why == ISAKMP_OK ? isakmp_find(&msg, PAYLOAD_HASH, 0) : NULL;
	if (!sa->phase1->known || hash == NULL ||
	    !keymat_hash_equal(
		sa->hash, sa->phase1->hash_i, hash->body, hash->len)) {
		/* forged or keyed otherwise: the true one may still come */
		aggressive_counters.bad_hash++;
		if (why != ISAKMP_OK)
			refuse_count(why);
		return;
	}
	third_accept(sa, sock, peer, &msg);
}
