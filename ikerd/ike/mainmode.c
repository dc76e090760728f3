/*
 * Main Mode: message 1 costs a record, message 3, which shows our cookie, a
 * Diffie-Hellman computation, message 5 authenticates and, with certificates,
 * costs a signature.  A pre-shared key is the one of the peer's address, since
 * nothing else is known when it is needed (RFC 2409 5.4).  Each message has one
 * answer, which a repetition gets again.
 */
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/certauth.h"
#include "ikerd/ike/cipher.h"
#include "ikerd/ike/failure.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/mainmode.h"
#include "ikerd/ike/natd.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/site.h"
#include "ikerd/ike/strangers.h"

struct phase1_counters main_counters;

enum isakmp_error
main_parse(struct isakmp_msg *msg, enum isakmp_kind kind, const uint8_t *body,
    size_t len)
{
	enum isakmp_error why;
	uint8_t bad;

	why = isakmp_parse_payloads(msg->hdr.next, body, len, msg);
	return why != ISAKMP_OK ? why : isakmp_check_payloads(msg, kind, &bad);
}

static void
malformed(enum isakmp_error why)
{
	main_counters.malformed++;
	refuse_count(why);
}

/* --- messages 1 and 2 --- */

static int
send_second(struct ike_sa *sa, uint64_t digest)
{
	struct isakmp_buf ib;
	size_t len;

	phase1_begin(sa, &ib, EXCHANGE_MAIN, 0);
	phase1_put_chosen(sa, &ib);
	phase1_put_vendors(sa, &ib, 1);
	len = ib_finish(&ib);
	if (phase1_answer(sa, ib.p, len, digest) == -1)
		return -1;
	story_add(sa->session, STEP_ANSWERED, (uint32_t)len);
	return 0;
}

static void
first_accept(struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_msg *msg, const struct phase1_choice *c,
    const struct ike_offer *offer, uint64_t digest)
{
	const struct isakmp_payload *sai = isakmp_find(msg, PAYLOAD_SA, 0);
	struct ike_sa *sa;
	struct phase1 *p;

	sa = phase1_open(sock, peer, msg, c, sai->body, sai->len, 0);
	if (sa == NULL)
		return;
	p = sa->phase1;
	p->sai = span_of(sai->body, sai->body, sai->len);
	p->transform = span_of(
	    sai->body, c->transform->raw, c->transform->raw_len);
	sa->state = SA_WAIT_KE;
	story_add(sa->session, STEP_FIRST_MAIN, 0);
	phase1_tell_choice(sa, c, offer);
	if (send_second(sa, digest) == -1)
		session_down(sa->session, DOWN_ERROR);
}

/*
 * What the client may use: the key of its address's peer, and certificates and
 * hybrid from everywhere, where a group has them.
 */
static void
wants(const struct group *peer, struct choose_want *w)
{
	const struct ikeconf *conf = ikeconf();

	w->psk = w->cert = w->hybrid = METHOD_NEVER;
	if (peer != NULL && peer->has_key)
		w->psk = site_is(peer)	   ? XAUTH_NONE :
		    peer->login[0] == '\0' ? XAUTH_NEVER :
					     XAUTH_FIRST;
	if (conf->nby_cert > 0)
		w->cert = peer != NULL && peer->ca != NULL && site_is(peer) ?
		    XAUTH_NONE :
		    XAUTH_FIRST;
	if (conf->nhybrid > 0)
		w->hybrid = XAUTH_ALWAYS;
}

/*
 * Without a key for its address and without certificates a client is not
 * answered: an address cannot be guessed, it can only be one's own.
 */
static int
choose(struct phase1_choice *c, const struct ike_offer *offer,
    struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr)
{
	static char text[ADDR_STRLEN]; /* lives as long as the choice */

	memset(c, 0, sizeof(*c));
	c->group = ikeconf_peer(&peer->addr);
	wants(c->group, &c->want);
	c->counters = &main_counters;
	(void)addr_text(&peer->addr, text);
	c->name = c->group != NULL ? c->group->name : text;
	c->namelen = strlen(c->name);
	if (c->want.psk != METHOD_NEVER || c->want.cert != METHOD_NEVER ||
	    c->want.hybrid != METHOD_NEVER)
		return phase1_choose(c, offer, sock, peer, hdr);
	main_counters.unknown++;
	failure_add(0, STEP_UNKNOWN_GROUP, peer, text, strlen(text),
	    "Main Mode, and no peer is configured for this address");
	return -1;
}

void
main_first(struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr, uint8_t *buf, size_t len)
{
	static struct isakmp_msg msg;
	static struct ike_offer offer;
	const struct isakmp_payload *sai;
	struct phase1_choice c;
	enum isakmp_error why;
	struct ike_sa *sa;

	main_counters.first++;
	if ((sa = sa_find_initiator(hdr->cky_i, peer)) != NULL) {
		phase1_again(sa, sa_digest(buf, len));
		return;
	}
	if (!strangers_admit(sa_digest(buf, len), STRANGER_SESSION)) {
		main_counters.limited++;
		return;
	}
	msg.hdr = *hdr;
	why = len > PHASE1_FIRST_MAX ?
	    ISAKMP_E_LENGTH :
	    main_parse(
		&msg, KIND_MAIN_1, buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN);
	sai = why == ISAKMP_OK ? isakmp_find(&msg, PAYLOAD_SA, 0) : NULL;
	if (sai != NULL)
		why = ike_offer_parse(sai->body, sai->len, &offer);
	if (why != ISAKMP_OK) {
		malformed(why);
		return;
	}
	if (choose(&c, &offer, sock, peer, hdr) == 0)
		first_accept(sock, peer, &msg, &c, &offer, sa_digest(buf, len));
}

/* --- messages 3 and 4 --- */

int
main_send_values(struct ike_sa *sa, const uint8_t *public)
{
	struct phase1 *p = sa->phase1;
	struct isakmp_buf ib;
	size_t len;

	phase1_begin(sa, &ib, EXCHANGE_MAIN, 0);
	ib_payload(&ib, PAYLOAD_KE, public, sa->group->publiclen);
	ib_payload(&ib, PAYLOAD_NONCE, p->nr, sizeof(p->nr));
	phase1_put_vendors(sa, &ib, 0);
	natd_put(sa, &ib);
	if (!sa->ours) /* who begins asks with message 5 */
		certauth_put_requests(sa, &ib);
	len = ib_finish(&ib);
	return phase1_answer(sa, ib.p, len, p->digest);
}

static void
key_done(struct job *j, const struct msg_KEY_DONE *m)
{
	struct ike_sa *sa = j->owner;
	struct phase1 *p;
	struct span gxr;

	if (phase1_take_keys(sa, m) == -1 || phase1_keep_skeyid(sa, m) == -1 ||
	    phase1_keep(sa, m->public, m->public_len, &gxr) == -1) {
		phase1_no_keys(sa, "they do not fit the SA");
		return;
	}
	p = sa->phase1; /* moved, and the job with it */
	p->public = gxr;
	if (keymat_iv1(sa->hash, sa->cipher, phase1_at(p, p->ke), m->public,
		sa->group->publiclen, p->iv) == -1 ||
	    main_send_values(sa, m->public) == -1) {
		phase1_no_keys(sa, "message 4 cannot be made");
		return;
	}
	story_add(sa->session, STEP_ANSWERED_MAIN, (uint32_t)p->answer_len);
	sa->state = SA_WAIT_ID;
}

enum isakmp_error
main_check_values(const struct ike_sa *sa, const struct isakmp_msg *msg)
{
	const struct isakmp_payload *ke = isakmp_find(msg, PAYLOAD_KE, 0);
	const struct isakmp_payload *ni = isakmp_find(msg, PAYLOAD_NONCE, 0);

	return isakmp_check_nonce(ni) != ISAKMP_OK ||
		ke->len != sa->group->publiclen ?
	    ISAKMP_E_NONCE :
	    ISAKMP_OK;
}

int
main_keep_values(struct ike_sa *sa, const struct isakmp_msg *msg)
{
	const struct isakmp_payload *ke = isakmp_find(msg, PAYLOAD_KE, 0);
	const struct isakmp_payload *ni = isakmp_find(msg, PAYLOAD_NONCE, 0);
	struct span kept;

	if (phase1_keep(sa, ke->body, ke->len, &kept) == -1)
		return -1;
	sa->phase1->ke = kept;
	if (phase1_keep(sa, ni->body, ni->len, &kept) == -1)
		return -1;
	sa->phase1->ni = kept;
	return 0;
}

static void
third_accept(struct ike_sa *sa, const struct isakmp_msg *msg, uint64_t digest)
{
	uint64_t seen = sa->vendor.seen;

	if (main_check_values(sa, msg) != ISAKMP_OK) {
		malformed(ISAKMP_E_NONCE);
		return;
	}
	if (!strangers_admit(digest, STRANGER_DH) || strangers_take(1) == -1) {
		main_counters.limited++; /* the peer will ask again */
		return;
	}
	if (main_keep_values(sa, msg) == -1) {
		session_down(sa->session, DOWN_ERROR);
		return;
	}
	vendor_collect(&sa->vendor, msg); /* the VPN Client 1.1's are here */
	if (sa->vendor.seen != seen)
		story_add(sa->session, STEP_VENDORS, (uint32_t)sa->vendor.seen);
	natd_compare(sa, msg, &sa->sock->local, &sa->peer);
	sa->phase1->digest = digest;
	free(sa->phase1->answer); /* it has message 2 */
	sa->phase1->answer = NULL;
	phase1_ask_keys(sa, key_done);
}

void
main_third(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	static struct isakmp_msg msg;
	enum isakmp_error why;

	if (hdr->flags & ISAKMP_FLAG_E || sock != sa->sock ||
	    !endpoint_equal(peer, &sa->peer)) {
		main_counters.ignored++;
		return;
	}
	msg.hdr = *hdr;
	why = main_parse(
	    &msg, KIND_MAIN_3, buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN);
	if (why == ISAKMP_OK)
		third_accept(sa, &msg, sa_digest(buf, len));
	else
		malformed(why);
}

/* --- messages 5 and 6 --- */

enum isakmp_error
main_open_last(
    const struct ike_sa *sa, uint8_t *body, size_t len, struct main_last *f)
{
	const struct phase1 *p = sa->phase1;
	const struct isakmp_payload *id;
	struct keymat_auth in;
	enum isakmp_error why;

	if (cipher_decrypt(
		sa->cipher, sa->keys->cipher, p->iv, body, len, f->last) == -1)
		return ISAKMP_E_LENGTH;
	why = main_parse(
	    &f->msg, sa->ours ? KIND_MAIN_6 : KIND_MAIN_5, body, len);
	if (why != ISAKMP_OK)
		return why;
	id = isakmp_find(&f->msg, PAYLOAD_ID, 0);
	if ((why = ident_parse(id->body, id->len, &f->id)) != ISAKMP_OK ||
	    (why = ident_check_phase1(&f->id)) != ISAKMP_OK)
		return why;
	phase1_hash_input(sa, p->secret->skeyid, phase1_at(p, p->public), &in);
	in.id = id->body;
	in.idlen = id->len;
	if ((sa->ours ? keymat_hash_r : keymat_hash_i)(
		sa->hash, &in, f->hash) == -1)
		return ISAKMP_E_HASH_OR_SIG;
	return ISAKMP_OK;
}

enum isakmp_error
main_check_hash(const struct ike_sa *sa, const struct main_last *f)
{
	const struct isakmp_payload *hash;

	if (certauth_signs(sa) && !sa->auth->hybrid)
		return ISAKMP_OK; /* its signature is looked at later */
	hash = isakmp_find(&f->msg, PAYLOAD_HASH, 0);
	return hash != NULL &&
		keymat_hash_equal(sa->hash, f->hash, hash->body, hash->len) ?
	    ISAKMP_OK :
	    ISAKMP_E_HASH_OR_SIG;
}

int
main_is_same(const struct ike_sa *sa, const struct main_last *f)
{
	const struct isakmp_payload *id = isakmp_find(&f->msg, PAYLOAD_ID, 0);

	return phase1_ident_digest(id->body, id->len) == sa->session->ident;
}

/* Message 6 or 5; the last cipher block of 6 begins all that follows. */
static int
send_last(struct ike_sa *sa, const struct phase1_ident *us, uint8_t type,
    const uint8_t *proof, size_t prooflen)
{
	struct phase1 *p = sa->phase1;
	struct isakmp_buf ib;
	size_t len;

	phase1_begin(sa, &ib, EXCHANGE_MAIN, ISAKMP_FLAG_E);
	ident_put(&ib, &us->id);
	if (type == PAYLOAD_SIG)
		certauth_put_chain(sa, &ib);
	if (sa->ours)
		certauth_put_requests(sa, &ib);
	ib_payload(&ib, type, proof, prooflen);
	ib_pad(&ib, sa->cipher->blocklen);
	len = ib_finish(&ib);
	if (len == 0 ||
	    cipher_encrypt(sa->cipher, sa->keys->cipher, p->iv,
		ib.p + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN,
		sa->keys->last_block) == -1)
		return -1;
	return phase1_answer(sa, ib.p, len, p->digest);
}

int
main_prove(struct ike_sa *sa)
{
	struct phase1 *p = sa->phase1;
	uint8_t hash[ALG_HASH_MAX];
	struct phase1_ident us;
	struct keymat_auth in;

	phase1_our_ident(sa, &us);
	phase1_hash_input(sa, p->secret->skeyid, phase1_at(p, p->public), &in);
	in.id = us.body;
	in.idlen = us.len;
	if ((sa->ours ? keymat_hash_i : keymat_hash_r)(sa->hash, &in, hash) ==
	    -1)
		return -1;
	return send_last(sa, &us, PAYLOAD_HASH, hash, sa->hash->len);
}

int
main_prove_signed(struct ike_sa *sa, const struct msg_SIGN_DONE *m)
{
	struct phase1_ident us;

	phase1_our_ident(sa, &us);
	return send_last(sa, &us, PAYLOAD_SIG, m->signature, m->signature_len);
}

static void
signed_done(struct job *j, const struct msg_SIGN_DONE *m)
{
	struct ike_sa *sa = j->owner;

	story_add(sa->session, STEP_SIGNED, m->signature_len);
	if (main_prove_signed(sa, m) == -1)
		session_down(sa->session, DOWN_ERROR);
	else
		phase1_established(sa);
}

/*
 * Who made message 5 also made message 3, so what is wrong with its
 * certificate is final: one try costs us one verification.
 */
static int
fifth_check_certificate(struct ike_sa *sa, const struct main_last *f)
{
	char why[CERT_WHY_LEN], text[IDENT_STRLEN];
	struct group *g;

	if ((g = certauth_client(sa, &f->msg, &f->id, f->hash, why)) != NULL) {
		sa->session->group = g;
		story_add(sa->session, STEP_CERTIFICATE, 0);
		return 0;
	}
	memcpy(sa->keys->last_block, f->last, sizeof(f->last));
	certauth_tell_failed(sa);
	(void)ident_text(&f->id, text, sizeof(text));
	session_refuse(sa->session, STEP_CERTIFICATE, text, why);
	return -1;
}

/* The client is who it says: answer. */
static void
fifth_accept(struct ike_sa *sa, const struct main_last *f, uint64_t digest)
{
	struct phase1 *p = sa->phase1;

	memcpy(p->iv, f->last, sizeof(p->iv));
	p->digest = digest;
	free(p->answer); /* it has message 4 */
	p->answer = NULL;
	phase1_learn(sa, &f->msg);
	if (certauth_signs(sa))
		certauth_ask_signature(sa, p->public, signed_done);
	else if (main_prove(sa) == -1)
		session_down(sa->session, DOWN_ERROR);
	else
		phase1_established(sa);
}

/* May message 5 come from there?  It is where a client moves for NAT-T. */
static int
may_move(const struct ike_sa *sa, const struct ike_socket *sock,
    const struct endpoint *peer)
{
	if (sock == sa->sock && endpoint_equal(peer, &sa->peer))
		return 1;
	return sa->natt != NATT_NONE && sock->natt &&
	    addr_equal(&peer->addr, &sa->peer.addr) &&
	    addr_equal(&sock->local.addr, &sa->sock->local.addr);
}

void
main_fifth(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	uint64_t digest = sa_digest(buf, len);
	const struct isakmp_payload *id;
	static struct main_last f;
	enum isakmp_error why;

	if (!(hdr->flags & ISAKMP_FLAG_E)) { /* message 3 again? */
		phase1_again(sa, digest);
		return;
	}
	if (!may_move(sa, sock, peer)) {
		main_counters.ignored++;
		return;
	}
	f.msg.hdr = *hdr;
	why = main_open_last(
	    sa, buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN, &f);
	if (why == ISAKMP_OK)
		why = main_check_hash(sa, &f);
	if (why != ISAKMP_OK) {
		/* forged or keyed otherwise: the true one may still come */
		sa->phase1->unreadable = 1;
		main_counters.bad_hash++;
		refuse_count(why);
		return;
	}
	phase1_move(sa, sock, peer);
	id = isakmp_find(&f.msg, PAYLOAD_ID, 0);
	phase1_name(sa, id->body, id->len);
	if (!certauth_signs(sa) || fifth_check_certificate(sa, &f) == 0)
		fifth_accept(sa, &f, digest);
}

/* Message 6 is kept until the client has shown that it has it (verify.c). */
void
main_over(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	phase1_again(sa, sa_digest(buf, len));
}
