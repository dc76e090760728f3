/*
 * Informational exchanges.  Only what came encrypted under an established SA
 * and with a right HASH is read at all; deletes are acted on last, since a
 * message may speak of what it then deletes.
 */
#include <string.h>

#include "ikerd/ike/info.h"
#include "ikerd/ike/liveness.h"
#include "ikerd/ike/offer.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/resume.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"
#include "ikerd/ike/verify.h"
#include "ikerd/ike/wire.h"

struct info_counters info_counters;

static void
both_cookies(const struct ike_sa *sa, uint8_t spi[2 * ISAKMP_COOKIE_LEN])
{
	memcpy(spi, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(spi + ISAKMP_COOKIE_LEN, sa->cky_r, ISAKMP_COOKIE_LEN);
}

static int
is_our_spi(const struct ike_sa *sa, const uint8_t *spi, size_t len)
{
	return len == 2 * ISAKMP_COOKIE_LEN &&
	    memcmp(spi, sa->cky_i, ISAKMP_COOKIE_LEN) == 0 &&
	    memcmp(spi + ISAKMP_COOKIE_LEN, sa->cky_r, ISAKMP_COOKIE_LEN) == 0;
}

/*
 * Message ids of Informational exchanges are not kept (a day of R-U-THEREs is
 * thousands), and HASH(1) does not say who made it, so a copy of an old
 * message, or of one of ours, verifies.  Only a number that a copy cannot have
 * shows that the client speaks now, and from where.
 */
static int
is_news(struct ike_sa *sa, const struct isakmp_notify *n)
{
	uint32_t seq;

	if (!is_our_spi(sa, n->spi, n->spi_len) || n->len != 4)
		return 0;
	seq = wire_u32(n->data);
	if (n->type == NOTIFY_R_U_THERE_ACK)
		return liveness_waits_for(sa->session, seq);
	if (n->type != NOTIFY_R_U_THERE || liveness_asked(sa->session, seq) ||
	    (sa->dpd_heard && (int32_t)(seq - sa->dpd_heard_seq) <= 0))
		return 0;
	sa->dpd_heard = 1;
	sa->dpd_heard_seq = seq;
	return 1;
}

/* RFC 3706 5.3: the same number back. */
static void
dpd_answer(struct ike_sa *sa, const struct isakmp_notify *n)
{
	struct isakmp_buf *ib;
	uint8_t spi[2 * ISAKMP_COOKIE_LEN], seq[4];

	info_counters.dpd_asked++;
	memcpy(spi, n->spi, sizeof(spi));
	memcpy(seq, n->data, sizeof(seq));
	ib = info_begin(sa);
	ib_notify(ib, PROTO_ISAKMP, NOTIFY_R_U_THERE_ACK, spi, sizeof(spi), seq,
	    sizeof(seq));
	info_send(sa, ib);
}

static void
notified(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_payload *pl)
{
	struct isakmp_notify n;
	enum isakmp_error why;
	int news;

	if ((why = isakmp_parse_notify(pl, &n)) != ISAKMP_OK) {
		refuse_count(why);
		return;
	}
	info_counters.notifies++;
	news = is_news(sa, &n);
	if (news) {
		verify_moved(sa, sock, peer);
		liveness_sign(sa->session);
	}
	switch (n.type) {
	case NOTIFY_R_U_THERE: /* never with the ACK that we wait for */
		if (is_our_spi(sa, n.spi, n.spi_len) && n.len == 4 &&
		    !liveness_waits_for(sa->session, wire_u32(n.data)))
			dpd_answer(sa, &n);
		break;
	case NOTIFY_R_U_THERE_ACK:
		info_counters.dpd_acked += (unsigned int)news;
		break;
	case NOTIFY_INITIAL_CONTACT: /* some send it while XAUTH runs */
		if (sa->session->state < SESSION_STATUS)
			sa->session->initial_contact = 1;
		story_add(sa->session, STEP_INITIAL_CONTACT, 0);
		break;
	default:
		story_add(sa->session, STEP_NOTIFY, n.type);
		break;
	}
}

static void
delete_esp(struct session *s, const struct isakmp_delete *d)
{
	const uint8_t *spi;
	struct tunnel *t;
	size_t i;

	for (i = 0; (spi = isakmp_delete_spi(d, i)) != NULL; i++) {
		if ((t = tunnel_of_spi(s, wire_u32(spi))) != NULL)
			tunnel_delete(t);
	}
	session_bare(s);
}

static struct ike_sa *
retiring(const struct session *s)
{
	struct ike_sa *sa;

	LIST_FOREACH(sa, &s->sas, entry) {
		if (sa->retiring && sa->state == SA_ESTABLISHED)
			return sa;
	}
	return NULL;
}

/*
 * The client names an SA, perhaps under another one of its own: vpnc deletes
 * the old one under the new.  That of 2022 names the new one, which it goes on
 * to use; who leaves takes its tunnels down first.
 */
static struct ike_sa *
meant(struct ike_sa *sa, struct ike_sa *named)
{
	struct ike_sa *old;

	if (named != sa || TAILQ_EMPTY(&sa->session->tunnels) ||
	    (old = retiring(sa->session)) == NULL)
		return named;
	return old;
}

/* The session ends with its last.  1: sa is gone. */
static int
deleted_sa(struct ike_sa *sa, struct ike_sa *named)
{
	struct ike_sa *other;

	if (named == NULL ||
	    (named->session != sa->session && !resume_by_sa(sa, named)))
		return 0;
	if (sa->state != SA_ESTABLISHED)
		return 1;
	named = meant(sa, named);
	LIST_FOREACH(other, &sa->session->sas, entry) {
		if (other != named && other->state == SA_ESTABLISHED)
			break;
	}
	if (other == NULL) {
		session_down(sa->session, DOWN_DELETE);
		return 1;
	}
	story_add(sa->session, STEP_OLD_DELETED, 0);
	session_drop_sa(named);
	return named == sa;
}

/* 1: the SA is gone with it. */
static int
deleted(struct ike_sa *sa, const struct isakmp_payload *pl)
{
	struct session *s = sa->session;
	struct isakmp_delete d;
	enum isakmp_error why;
	const uint8_t *spi;
	size_t i;

	if ((why = isakmp_parse_delete(pl, 1, &d)) != ISAKMP_OK) {
		refuse_count(why);
		return 0;
	}
	info_counters.deletes++;
	story_add(s, STEP_DELETE, d.protocol);
	if (d.protocol == PROTO_ESP)
		delete_esp(s, &d);
	if (d.protocol != PROTO_ISAKMP)
		return 0;
	for (i = 0; (spi = isakmp_delete_spi(&d, i)) != NULL; i++) {
		if (d.spi_len == 2 * ISAKMP_COOKIE_LEN &&
		    deleted_sa(sa, sa_find(spi, spi + ISAKMP_COOKIE_LEN)))
			return 1;
	}
	return 0;
}

void
info_send_delete_esp(struct ike_sa *sa, uint32_t spi)
{
	struct isakmp_buf *ib = info_begin(sa);
	uint8_t b[4];

	wire_put_u32(b, spi);
	ib_delete(ib, PROTO_ESP, sizeof(b), b, 1);
	info_send(sa, ib);
}

void
info_send_delete(struct ike_sa *sa)
{
	struct isakmp_buf *ib = info_begin(sa);
	uint8_t spi[2 * ISAKMP_COOKIE_LEN];

	both_cookies(sa, spi);
	ib_delete(ib, PROTO_ISAKMP, sizeof(spi), spi, 1);
	info_send(sa, ib);
}

void
info_send_lifetime(struct ike_sa *sa)
{
	struct offer_life life = { .seconds = sa->lifetime };
	uint8_t spi[2 * ISAKMP_COOKIE_LEN], data[64];
	struct isakmp_buf *ib = info_begin(sa);
	size_t len = offer_life_data(1, &life, data, sizeof(data));

	both_cookies(sa, spi);
	ib_notify(ib, PROTO_ISAKMP, NOTIFY_RESPONDER_LIFETIME, spi, sizeof(spi),
	    data, len);
	info_send(sa, ib);
}

void
info_input(struct ike_sa *sa, struct ike_socket *sock,
    const struct endpoint *peer, const struct isakmp_hdr *hdr, uint8_t *buf,
    size_t len)
{
	static struct isakmp_msg msg;
	const struct isakmp_payload *pl;
	struct exchange *ex;
	enum isakmp_error why;
	size_t i;

	info_counters.messages++;
	if (exchange_find(sa, hdr->msgid) != NULL ||
	    (ex = exchange_new(sa, EXCHANGE_INFORMATIONAL, hdr->msgid)) == NULL)
		return;
	why = verify_hash1(
	    ex, KIND_INFORMATIONAL, sock, peer, hdr, buf, len, &msg);
	exchange_free(ex); /* nothing is answered in it */
	if (why != ISAKMP_OK) {
		info_counters.bad_hash++;
		return;
	}
	for (i = 0; (pl = isakmp_find(&msg, PAYLOAD_N, i)) != NULL; i++)
		notified(sa, sock, peer, pl);
	for (i = 0; (pl = isakmp_find(&msg, PAYLOAD_D, i)) != NULL; i++) {
		if (deleted(sa, pl))
			return;
	}
}
