/*
 * The parts that Aggressive and Main Mode share.  Until the peer has proved
 * itself nothing it said is acted on, and all it made us keep is one half-open
 * session, bounded in number (half_open.c), in size and in time.
 *
 * Amplification (RFC 2408 has no cookie exchange before the first answer): an
 * unproven peer gets the answers that the protocol requires, each once for its
 * message, again at most five times when exactly that message comes again, and
 * never by a timer.
 */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/rnd.h"
#include "common/secret.h"
#include "ikerd/ike/certauth.h"
#include "ikerd/ike/explain.h"
#include "ikerd/ike/failure.h"
#include "ikerd/ike/frag.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/info.h"
#include "ikerd/ike/life.h"
#include "ikerd/ike/natd.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/phase1.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/resume.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/transaction.h"

#define HALF_OPEN_MS 30000
#define RESEND_MAX 5
#define RESEND_EVERY_MS 500

static struct secret_pool *secrets;

void
phase1_init(void)
{
	secrets = secret_pool_new(sizeof(struct phase1_secret));
	if (secrets == NULL)
		fatalx("no locked memory for keys");
}

void
phase1_free(struct ike_sa *sa)
{
	struct phase1 *p = sa->phase1;

	if (p == NULL)
		return;
	job_cancel(&p->job);
	secret_pool_put(secrets, p->secret);
	free(p->answer);
	free(p->why);
	freezero(p, sizeof(*p) + p->kept_len);
	sa->phase1 = NULL;
}

const uint8_t *
phase1_at(const struct phase1 *p, struct span s)
{
	return p->kept + s.at;
}

struct span
span_of(const uint8_t *from, const uint8_t *p, size_t len)
{
	struct span s = { (uint16_t)(p - from), (uint16_t)len };

	return s;
}

int
phase1_keep(struct ike_sa *sa, const uint8_t *bytes, size_t len, struct span *s)
{
	struct phase1 *p = sa->phase1;
	size_t old = sizeof(*p) + p->kept_len;

	if (p->kept_len + len > UINT16_MAX ||
	    (p = recallocarray(p, old, old + len, 1)) == NULL)
		return -1;
	sa->phase1 = p;
	*s = span_of(p->kept, p->kept + p->kept_len, len);
	memcpy(p->kept + p->kept_len, bytes, len);
	p->kept_len += len;
	return 0;
}

static const char *
why_half_open(const struct ike_sa *sa)
{
	switch (sa->state) {
	case SA_KEYING:
		return "no keys or no signature in time: the crypto process "
		       "is slow or dead";
	case SA_WAIT_KE:
		return "the client did not go on after message 2";
	case SA_WAIT_ID:
		return sa->phase1->unreadable ?
		    "message 5 cannot be read: the client holds another key" :
		    "the client did not go on after message 4";
	default:
		return "the client did not go on after message 2: it may hold "
		       "another group key, or has gone";
	}
}

static void
half_open_over(struct timer *t)
{
	struct ike_sa *sa = (struct ike_sa *)(void *)((char *)t -
	    offsetof(struct ike_sa, timer));

	sa->phase1->counters->timeouts++;
	session_fail(sa->session, STEP_ANSWERED, "%s", why_half_open(sa));
}

/* --- message 1 --- */

int
phase1_choose(struct phase1_choice *c, const struct ike_offer *offer,
    struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr)
{
	char text[TEXT_SIZE];

	if (choose_ike(offer, ikeconf(), &c->want, &c->transform, &c->policy,
		&c->xauth) == 0)
		return 0;
	c->counters->no_proposal++;
	choose_ike_why(offer, ikeconf(), &c->want, text, sizeof(text));
	failure_add(0, STEP_PROPOSAL, peer, c->name, c->namelen, "%s", text);
	refuse_first(sock, peer, hdr, NOTIFY_NO_PROPOSAL_CHOSEN);
	return -1;
}

void
phase1_tell_choice(struct ike_sa *sa, const struct phase1_choice *c,
    const struct ike_offer *offer)
{
	struct session *s = sa->session;

	if (sa->vendor.seen != 0)
		story_add(s, STEP_VENDORS, (uint32_t)sa->vendor.seen);
	explain_ike(s, offer, &c->want, c->transform, c->policy);
	story_add(
	    s, STEP_PROPOSAL, STORY_ONE_OF(c->transform->number, offer->n));
	story_add(s, STEP_POLICY, c->policy->priority);
}

int
phase1_new(struct ike_sa *sa, const uint8_t *kept, size_t len,
    struct phase1_counters *counters)
{
	struct phase1 *p;

	if ((p = calloc(1, sizeof(*p) + len)) == NULL)
		return -1;
	p->kept_len = len;
	memcpy(p->kept, kept, len);
	p->counters = counters;
	p->known = sa->session->group != NULL;
	rnd_bytes(p->nr, sizeof(p->nr));
	sa->phase1 = p;
	return 0;
}

struct ike_sa *
phase1_open(struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_msg *msg, const struct phase1_choice *c,
    const uint8_t *kept, size_t len, int dh)
{
	struct session *s;
	struct ike_sa *sa;

	if ((s = session_new(peer, dh)) == NULL) {
		c->counters->limited++;
		return NULL;
	}
	/* by certificate it is known at the end only */
	s->group = c->policy->auth->kind == AUTH_PSK ? c->group : NULL;
	if ((sa = sa_new(s, msg->hdr.cky_i, sock, peer)) == NULL ||
	    phase1_new(sa, kept, len, c->counters) == -1) {
		session_down(s, DOWN_ERROR);
		return NULL;
	}
	timer_set(&sa->timer, HALF_OPEN_MS, half_open_over);
	sa->auth = c->policy->auth;
	sa->cipher = c->policy->cipher;
	sa->hash = c->policy->hash;
	sa->group = c->policy->group;
	sa->xauth = (uint8_t)c->xauth;
	sa->lifetime = c->policy->lifetime;
	if (c->transform->life.seconds > sa->lifetime)
		sa->tell_life = 1;
	else if (c->transform->life.seconds != 0)
		sa->lifetime = c->transform->life.seconds;
	sa->phase1->proposal = c->transform->proposal;
	vendor_collect(&sa->vendor, msg);
	natd_choose(sa);
	return sa;
}

/* --- answers --- */

void
phase1_begin(
    const struct ike_sa *sa, struct isakmp_buf *ib, uint8_t exchange, int flags)
{
	static uint8_t buf[8192];
	struct isakmp_hdr hdr;

	memset(&hdr, 0, sizeof(hdr));
	memcpy(hdr.cky_i, sa->cky_i, sizeof(hdr.cky_i));
	memcpy(hdr.cky_r, sa->cky_r, sizeof(hdr.cky_r));
	hdr.version = ISAKMP_VERSION;
	hdr.exchange = exchange;
	hdr.flags = (uint8_t)flags;
	ib_init(ib, buf, sizeof(buf), &hdr);
}

void
phase1_put_chosen(const struct ike_sa *sa, struct isakmp_buf *ib)
{
	const struct phase1 *p = sa->phase1;
	struct ike_transform chosen;

	memset(&chosen, 0, sizeof(chosen));
	chosen.proposal = p->proposal;
	chosen.raw = phase1_at(p, p->transform);
	chosen.raw_len = p->transform.len;
	ike_offer_put_chosen(ib, &chosen);
}

static int
does_xauth(const struct ike_sa *sa)
{
	const struct group *g = sa->session->group;

	if (g == NULL) /* it is known by the certificate */
		return sa->xauth || certauth_signs(sa);
	return sa->xauth || g->login[0] != '\0';
}

void
phase1_put_vendors(const struct ike_sa *sa, struct isakmp_buf *ib, int unproven)
{
	const struct {
		enum vendor vendor;
		int always; /* else an answer to the peer's */
	} ours[] = {
		{ VENDOR_XAUTH, does_xauth(sa) },
		{ VENDOR_DPD, 1 },
		{ VENDOR_UNITY, 0 },
		{ VENDOR_FRAGMENTATION, 0 },
	};
	struct phase1 *p = sa->phase1;
	enum vendor v;
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		v = ours[i].vendor;
		if (p->told & VENDOR_BIT(v) ||
		    (v == VENDOR_XAUTH && !does_xauth(sa)) ||
		    (!vendor_has(&sa->vendor, v) &&
			(unproven || !ours[i].always)))
			continue;
		vendor_put(ib, v);
		p->told |= VENDOR_BIT(v);
	}
	if (sa->natt == NATT_NONE)
		return;
	v = (enum vendor)natd_vendor(sa);
	if (!(p->told & VENDOR_BIT(v)))
		vendor_put(ib, v);
	p->told |= VENDOR_BIT(v);
}

int
phase1_answer(
    struct ike_sa *sa, const uint8_t *buf, size_t len, uint64_t digest)
{
	struct phase1 *p = sa->phase1;
	uint8_t *answer;

	if (len == 0 || (answer = malloc(len)) == NULL)
		return -1;
	free(p->answer);
	memcpy(answer, buf, len);
	p->answer = answer;
	p->answer_len = len;
	p->digest = digest;
	p->resent = 0;
	p->resent_ms = 0;
	frag_send(sa, answer, len);
	return 0;
}

void
phase1_again(struct ike_sa *sa, uint64_t digest)
{
	struct phase1 *p = sa->phase1;

	if (p == NULL)
		return;
	if (p->digest != digest || p->answer == NULL ||
	    p->resent >= RESEND_MAX ||
	    clock_since(p->resent_ms) < RESEND_EVERY_MS) {
		p->counters->ignored++;
		return;
	}
	p->counters->repeated++;
	p->resent++;
	p->resent_ms = clock_ms();
	frag_send(sa, p->answer, p->answer_len);
}

/* --- keys --- */

/* Ni and Nr, by who began. */
static void
put_nonces(const struct ike_sa *sa, struct msg_KEY_JOB *m)
{
	const struct phase1 *p = sa->phase1;

	m->ni_len = sa->ours ? sizeof(p->nr) : p->ni.len;
	memcpy(m->ni, sa->ours ? p->nr : phase1_at(p, p->ni), m->ni_len);
	m->nr_len = sa->ours ? p->ni.len : sizeof(p->nr);
	memcpy(m->nr, sa->ours ? phase1_at(p, p->ni) : p->nr, m->nr_len);
}

void
phase1_submit_keys(struct job *j)
{
	const struct ike_sa *sa = j->owner;
	const struct group *g = sa->session->group;
	const struct phase1 *p = sa->phase1;
	struct msg_KEY_JOB m;

	memset(&m, 0, sizeof(m));
	m.job = j->id;
	m.kind = !p->known ? KEY_UNKNOWN : g->is_peer ? KEY_PEER : KEY_GROUP;
	if (p->known)
		strlcpy(m.name, g->name, sizeof(m.name));
	m.peer = sa->peer.addr;
	m.auth = ike_auth_number(sa->auth);
	m.group = sa->group->number;
	m.hash = sa->hash->number;
	m.cky_i_len = m.cky_r_len = ISAKMP_COOKIE_LEN;
	memcpy(m.cky_i, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(m.cky_r, sa->cky_r, ISAKMP_COOKIE_LEN);
	put_nonces(sa, &m);
	m.pair = p->pair;
	m.peer_public_len = p->ke.len;
	memcpy(m.peer_public, phase1_at(p, p->ke), p->ke.len);
	job_send(MSG_KEY_JOB, &m);
}

static void
key_failed(struct job *j, const char *why)
{
	phase1_no_keys(j->owner, why);
}

static void
key_dropped(struct job *j)
{
	key_failed(j,
	    "more exchanges begin than crypto can serve, and this "
	    "was the oldest");
}

void
phase1_no_keys(struct ike_sa *sa, const char *why)
{
	sa->phase1->counters->crypto_failed++;
	session_fail(sa->session, STEP_FIRST, "no keys: %s", why);
}

void
phase1_ask_keys(
    struct ike_sa *sa, void (*done)(struct job *, const struct msg_KEY_DONE *))
{
	struct job *j = &sa->phase1->job;

	j->owner = sa;
	j->submit = phase1_submit_keys;
	j->key_done = done;
	j->sign_done = NULL;
	j->failed = key_failed;
	j->dropped = key_dropped;
	sa->state = SA_KEYING;
	job_begin(j);
}

int
phase1_take_keys(struct ike_sa *sa, const struct msg_KEY_DONE *m)
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

int
phase1_keep_skeyid(struct ike_sa *sa, const struct msg_KEY_DONE *m)
{
	struct phase1 *p = sa->phase1;

	if ((p->secret = secret_pool_get(secrets)) == NULL)
		return -1;
	memcpy(p->secret->skeyid, m->skeyid, sa->hash->len);
	return 0;
}

/* As the VPN Client's gateway said it: 17/500. */
void
phase1_our_ident(const struct ike_sa *sa, struct phase1_ident *us)
{
	const struct cert_blob *dn = NULL;
	struct ident *id = &us->id;

	if (certauth_signs(sa))
		dn = certauth_subject(sa);
	if (dn != NULL) {
		id->type = ID_DER_ASN1_DN;
		id->data = dn->p;
		id->len = dn->len;
	} else {
		ident_from_addr(id, &sa->sock->local.addr, us->storage);
	}
	id->protocol = 17;
	id->port = 500;
	us->body[0] = id->type;
	us->body[1] = id->protocol;
	us->body[2] = (uint8_t)(id->port >> 8);
	us->body[3] = (uint8_t)id->port;
	memcpy(us->body + 4, id->data, id->len);
	us->len = 4 + id->len;
}

void
phase1_hash_input(const struct ike_sa *sa, const uint8_t *skeyid,
    const uint8_t *public, struct keymat_auth *in)
{
	const struct phase1 *p = sa->phase1;

	memset(in, 0, sizeof(*in));
	in->skeyid = skeyid;
	in->gxi = sa->ours ? public : phase1_at(p, p->ke);
	in->gxr = sa->ours ? phase1_at(p, p->ke) : public;
	in->gxlen = sa->group->publiclen;
	memcpy(in->cky_i, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(in->cky_r, sa->cky_r, ISAKMP_COOKIE_LEN);
	in->sai = phase1_at(p, p->sai);
	in->sailen = p->sai.len;
}

/* --- the last message --- */

static void
notifies(struct ike_sa *sa, const struct isakmp_msg *msg)
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

uint64_t
phase1_ident_digest(const uint8_t *id, size_t len)
{
	uint8_t copy[IDENT_NAME_MAX + 4] = { 0 };

	/* protocol and port may differ from one time to the next */
	copy[0] = id[0];
	if (len > sizeof(copy))
		len = sizeof(copy);
	memcpy(copy + 4, id + 4, len - 4);
	return sa_digest(copy, len);
}

void
phase1_name(struct ike_sa *sa, const uint8_t *idii, size_t len)
{
	sa->session->ident = phase1_ident_digest(idii, len);
}

void
phase1_move(
    struct ike_sa *sa, struct ike_socket *sock, const struct endpoint *peer)
{
	sa->sock = sock;
	sa->peer = *peer;
	session_moved(sa->session, peer);
}

void
phase1_learn(struct ike_sa *sa, const struct isakmp_msg *msg)
{
	vendor_collect(&sa->vendor, msg);
	notifies(sa, msg);
}

void
phase1_established(struct ike_sa *sa)
{
	struct session *s = sa->session;

	sa_established(sa);
	if (sa->phase1 != NULL) { /* it is kept for its answer alone */
		secret_pool_put(secrets, sa->phase1->secret);
		sa->phase1->secret = NULL;
	}
	life_begin(sa);
	session_authenticated(s);
	s->session_timeout = s->group->session; /* a login may say otherwise */
	s->idle_timeout = s->group->idle;
	story_add(s, STEP_AUTHENTICATED, 0);
	if (sa->nat_peer)
		story_add(s, STEP_NAT_PEER, 0);
	if (sa->nat_us)
		story_add(s, STEP_NAT_US, 0);
	if (sa->tell_life)
		info_send_lifetime(sa);
	transaction_begin(sa);
}
