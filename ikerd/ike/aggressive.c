/*
 * Aggressive Mode: message 1 in, crypto asked, message 2 out, message 3
 * verified.  The group is known by the name in message 1, so its key is used
 * at once and message 2 shows a hash under it to whoever asks.  With
 * certificates message 2 costs a signature besides, for whoever asks, within
 * the limit that the Diffie-Hellman computation has.
 */
#include <string.h>

#include "ikerd/ike/aggressive.h"
#include "ikerd/ike/certauth.h"
#include "ikerd/ike/cipher.h"
#include "ikerd/ike/failure.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/natd.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/strangers.h"

struct phase1_counters aggressive_counters;

/* --- message 1 --- */

/* Message 1, parsed, and what was chosen of it. */
struct first {
	const uint8_t *datagram;
	size_t len;
	struct isakmp_msg msg;
	struct ike_offer offer;
	struct ident id;
	const struct isakmp_payload *sa, *ke, *ni, *idii;
	struct phase1_choice choice;
};

/* Parse all of message 1; nothing is kept. */
static enum isakmp_error
first_parse(struct first *f, const uint8_t *body, size_t len)
{
	enum isakmp_error why;
	uint8_t bad;

	why = isakmp_parse_payloads(f->msg.hdr.next, body, len, &f->msg);
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

static struct group *
group_of(const struct ident *id)
{
	if (!ident_is_name(id) || id->len >= NAME_SIZE ||
	    memchr(id->data, '\0', id->len) != NULL)
		return NULL;
	return ikeconf_group(id->data, id->len);
}

static void key_done(struct job *, const struct msg_KEY_DONE *);

/* Make the session and the SA for a first message that can be served. */
static void
first_accept(
    struct ike_socket *sock, const struct endpoint *peer, const struct first *f)
{
	const uint8_t *buf = f->datagram;
	struct ike_sa *sa;
	struct phase1 *p;

	sa = phase1_open(sock, peer, &f->msg, &f->choice, buf, f->len, 1);
	if (sa == NULL)
		return;
	p = sa->phase1;
	p->sai = span_of(buf, f->sa->body, f->sa->len);
	p->transform = span_of(
	    buf, f->choice.transform->raw, f->choice.transform->raw_len);
	p->ke = span_of(buf, f->ke->body, f->ke->len);
	p->ni = span_of(buf, f->ni->body, f->ni->len);
	p->idii = span_of(buf, f->idii->body, f->idii->len);
	p->digest = sa_digest(buf, f->len);
	story_add(sa->session, STEP_FIRST, 0);
	phase1_tell_choice(sa, &f->choice, &f->offer);
	if (f->choice.group == NULL && !certauth_signs(sa)) {
		aggressive_counters.unknown++;
		story_add(sa->session, STEP_UNKNOWN_GROUP, 0);
		failure_add(sa->session->id, STEP_UNKNOWN_GROUP, peer,
		    f->id.data, f->id.len,
		    "no group of this name is configured");
	}
	phase1_ask_keys(sa, key_done);
}

/* What the client may use; an unknown name is answered as a known one. */
static void
wants(const struct group *g, struct choose_want *w)
{
	const struct ikeconf *conf = ikeconf();

	w->psk = g != NULL && g->login[0] == '\0' ? XAUTH_NEVER : XAUTH_ALWAYS;
	w->cert = conf->nby_cert > 0 ? XAUTH_FIRST : METHOD_NEVER;
	w->hybrid = conf->nhybrid > 0 ? XAUTH_ALWAYS : METHOD_NEVER;
}

/* Choose among what is offered; the refusal is told and noted here. */
static int
first_choose(
    struct ike_socket *sock, const struct endpoint *peer, struct first *f)
{
	struct phase1_choice *c = &f->choice;

	c->group = group_of(&f->id);
	if (c->group != NULL && !c->group->has_key)
		c->group = NULL; /* not by a key: as if it were unknown */
	wants(c->group, &c->want);
	c->name = f->id.data;
	c->namelen = f->id.len;
	c->counters = &aggressive_counters;
	if (phase1_choose(c, &f->offer, sock, peer, &f->msg.hdr) == -1)
		return -1;
	if (f->ke->len != c->policy->group->publiclen) {
		aggressive_counters.malformed++;
		failure_add(0, STEP_PROPOSAL, peer, f->id.data, f->id.len,
		    "the key exchange value has %zu octets, group %s has %u",
		    f->ke->len, c->policy->group->name,
		    c->policy->group->publiclen);
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
		phase1_again(sa, sa_digest(buf, len));
		return;
	}
	if (!strangers_admit(
		sa_digest(buf, len), STRANGER_SESSION | STRANGER_DH)) {
		aggressive_counters.limited++;
		return;
	}
	f.datagram = buf;
	f.len = len;
	f.msg.hdr = *hdr;
	why = len > PHASE1_FIRST_MAX ?
	    ISAKMP_E_LENGTH :
	    first_parse(&f, buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN);
	if (why != ISAKMP_OK) {
		aggressive_counters.malformed++;
		refuse_count(why);
		return;
	}
	if (first_choose(sock, peer, &f) == 0)
		first_accept(sock, peer, &f);
}

/* --- message 2 --- */

/* The HASH_I that message 3 must show, and the IV it comes under. */
static int
expect_third(struct ike_sa *sa, const struct msg_KEY_DONE *m)
{
	struct phase1 *p = sa->phase1;
	struct keymat_auth in;

	phase1_hash_input(sa, m->skeyid, m->public, &in);
	in.id = phase1_at(p, p->idii);
	in.idlen = p->idii.len;
	if (keymat_hash_i(sa->hash, &in, p->hash_i) == -1)
		return -1;
	return keymat_iv1(
	    sa->hash, sa->cipher, in.gxi, in.gxr, in.gxlen, p->iv);
}

/* With HASH_R, or with its signature and our certificate. */
static int
send_second(struct ike_sa *sa, const struct phase1_ident *us,
    const uint8_t *gxr, uint8_t type, const uint8_t *proof, size_t prooflen)
{
	struct phase1 *p = sa->phase1;
	struct isakmp_buf ib;
	size_t len;

	phase1_begin(sa, &ib, EXCHANGE_AGGRESSIVE, 0);
	phase1_put_chosen(sa, &ib);
	ib_payload(&ib, PAYLOAD_KE, gxr, sa->group->publiclen);
	ib_payload(&ib, PAYLOAD_NONCE, p->nr, sizeof(p->nr));
	ident_put(&ib, &us->id);
	if (type == PAYLOAD_SIG)
		certauth_put_chain(sa, &ib);
	ib_payload(&ib, type, proof, prooflen);
	phase1_put_vendors(sa, &ib, 0);
	natd_put(sa, &ib);
	certauth_put_requests(sa, &ib);
	len = ib_finish(&ib);
	if (phase1_answer(sa, ib.p, len, p->digest) == -1)
		return -1;
	story_add(sa->session, STEP_ANSWERED, (uint32_t)len);
	sa->state = SA_WAIT_HASH;
	return 0;
}

static int
answer_hash(struct ike_sa *sa, const struct msg_KEY_DONE *m)
{
	uint8_t hash_r[ALG_HASH_MAX];
	struct phase1_ident us;
	struct keymat_auth in;

	phase1_our_ident(sa, &us);
	phase1_hash_input(sa, m->skeyid, m->public, &in);
	in.id = us.body;
	in.idlen = us.len;
	if (keymat_hash_r(sa->hash, &in, hash_r) == -1)
		return -1;
	return send_second(
	    sa, &us, m->public, PAYLOAD_HASH, hash_r, sa->hash->len);
}

static void
signed_done(struct job *j, const struct msg_SIGN_DONE *m)
{
	struct ike_sa *sa = j->owner;
	const struct phase1 *p = sa->phase1;
	struct phase1_ident us;

	phase1_our_ident(sa, &us);
	story_add(sa->session, STEP_SIGNED, m->signature_len);
	if (send_second(sa, &us, phase1_at(p, p->public), PAYLOAD_SIG,
		m->signature, m->signature_len) == -1)
		session_down(sa->session, DOWN_ERROR);
}

static int
ask_signature(struct ike_sa *sa, const struct msg_KEY_DONE *m)
{
	struct span gxr;

	if (phase1_keep_skeyid(sa, m) == -1 ||
	    phase1_keep(sa, m->public, m->public_len, &gxr) == -1)
		return -1;
	certauth_ask_signature(sa, gxr, signed_done);
	return 0;
}

static void
key_done(struct job *j, const struct msg_KEY_DONE *m)
{
	struct ike_sa *sa = j->owner;

	if (phase1_take_keys(sa, m) == -1 || expect_third(sa, m) == -1 ||
	    (certauth_signs(sa) ? ask_signature(sa, m) : answer_hash(sa, m)) ==
		-1)
		phase1_no_keys(sa, "they do not fit the SA");
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

/* A pre-shared key and hybrid show HASH_I itself. */
static int
third_shows_hash(const struct ike_sa *sa, const struct isakmp_msg *msg)
{
	const struct isakmp_payload *hash = isakmp_find(msg, PAYLOAD_HASH, 0);

	return hash != NULL &&
	    keymat_hash_equal(
		sa->hash, sa->phase1->hash_i, hash->body, hash->len);
}

/* Can it be the client's message, as far as that needs no certificate? */
static int
third_is_true(const struct ike_sa *sa, const struct isakmp_hdr *hdr,
    const struct isakmp_msg *msg)
{
	if (!certauth_signs(sa))
		return sa->phase1->known && third_shows_hash(sa, msg);
	/* in clear anybody could have sent what is judged once and for all */
	return hdr->flags & ISAKMP_FLAG_E &&
	    (!sa->auth->hybrid || third_shows_hash(sa, msg));
}

/* Whose certificate it is, and which group takes it: once, then it is over. */
static int
third_check_certificate(struct ike_sa *sa, const struct isakmp_msg *msg)
{
	const struct phase1 *p = sa->phase1;
	char why[CERT_WHY_LEN], text[IDENT_STRLEN];
	struct ident id;
	struct group *g;

	(void)ident_parse(phase1_at(p, p->idii), p->idii.len, &id);
	if ((g = certauth_client(sa, msg, &id, p->hash_i, why)) != NULL) {
		sa->session->group = g;
		story_add(sa->session, STEP_CERTIFICATE, 0);
		return 0;
	}
	certauth_tell_failed(sa);
	(void)ident_text(&id, text, sizeof(text));
	session_refuse(sa->session, STEP_CERTIFICATE, text, why);
	return -1;
}

void
aggressive_third(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	static struct isakmp_msg msg;
	enum isakmp_error why;

	why = third_open(
	    sa, hdr, buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN, &msg);
	if (why != ISAKMP_OK || !third_is_true(sa, hdr, &msg)) {
		/* forged or keyed otherwise: the true one may still come */
		aggressive_counters.bad_hash++;
		if (why != ISAKMP_OK)
			refuse_count(why);
		return;
	}
	natd_compare(sa, &msg, &sock->local, peer);
	phase1_move(sa, sock, peer);
	if (certauth_signs(sa) && third_check_certificate(sa, &msg) == -1)
		return;
	phase1_name(
	    sa, phase1_at(sa->phase1, sa->phase1->idii), sa->phase1->idii.len);
	phase1_free(sa);
	phase1_learn(sa, &msg);
	phase1_established(sa);
}
