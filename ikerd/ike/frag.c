/*
 * Messages in pieces, both ways.  Holds what has come of each SA's message and
 * the bounds on it: whoever can send fragments has seen our cookie, but before
 * phase 1 is over that is all that is known of him.  So strangers share a part
 * that is small for each address, and theirs goes first when memory is short.
 * Called by input.c with what came and by whoever has a message to send.
 */
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/frag.h"
#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/sa.h"

#define BUCKETS 4096 /* addresses that share one share a source's bound */
#define UDP_HEADER 8
#define PIECE_HEADER 8 /* generic payload header, id, number, flags */

struct frag_counters frag_counters;

struct piece {
	uint8_t *p; /* NULL: it has not come */
	size_t len;
};

/* The message of one SA that is not whole yet. */
struct frag {
	TAILQ_ENTRY(frag) entry; /* strangers */
	struct ike_sa *sa;
	struct timer timer;
	size_t held;	/* octets charged */
	size_t len;	/* octets of the message so far */
	uint32_t msgid; /* as the pieces' headers have it, or 0 */
	uint16_t bucket;
	uint16_t id;
	uint8_t exchange;
	uint8_t stranger;
	uint8_t have;	 /* pieces */
	uint8_t highest; /* number */
	uint8_t last;	 /* number of the last one, 0: it has not come */
	struct piece piece[FRAG_PIECES];
};

static TAILQ_HEAD(, frag) strangers = TAILQ_HEAD_INITIALIZER(strangers);
static uint32_t of_bucket[BUCKETS]; /* octets held for strangers */

/* --- what is held, and how much --- */

void
frag_free(struct ike_sa *sa)
{
	struct frag *f = sa->frag;
	size_t i;

	if (f == NULL)
		return;
	timer_stop(&f->timer);
	frag_counters.held -= f->held;
	if (f->stranger) {
		of_bucket[f->bucket] -= (uint32_t)f->held;
		TAILQ_REMOVE(&strangers, f, entry);
	}
	for (i = 0; i < FRAG_PIECES; i++)
		free(f->piece[i].p);
	free(f);
	sa->frag = NULL;
}

static void
too_late(struct timer *t)
{
	struct frag *f = (struct frag *)(void *)((char *)t -
	    offsetof(struct frag, timer));

	frag_counters.timeouts++;
	frag_free(f->sa);
}

/*
 * Count n octets more for this message.  -1: its source has enough, or there
 * is no stranger's older message that could make room.
 */
static int
charge(struct frag *f, size_t n)
{
	struct frag *oldest;

	if (f->stranger && of_bucket[f->bucket] + n > FRAG_SOURCE_MAX)
		return -1;
	while (frag_counters.held + n > FRAG_TOTAL_MAX) {
		oldest = TAILQ_FIRST(&strangers);
		if (oldest == NULL || oldest == f)
			return -1;
		frag_counters.no_room++;
		frag_free(oldest->sa);
	}
	f->held += n;
	frag_counters.held += n;
	if (f->stranger)
		of_bucket[f->bucket] += (uint32_t)n;
	return 0;
}

static struct frag *
begin(struct ike_sa *sa, const struct isakmp_hdr *hdr, uint16_t id)
{
	const struct addr *a = &sa->peer.addr;
	struct frag *f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return NULL;
	f->sa = sa;
	f->id = id;
	f->exchange = hdr->exchange;
	f->msgid = hdr->msgid;
	f->stranger = sa->state < SA_ESTABLISHED;
	f->bucket = sa_digest((const uint8_t *)a, sizeof(*a)) % BUCKETS;
	if (f->stranger)
		TAILQ_INSERT_TAIL(&strangers, f, entry);
	sa->frag = f;
	timer_set(&f->timer, FRAG_WAIT_MS, too_late);
	if (charge(f, sizeof(*f)) == -1) {
		frag_counters.no_room++;
		frag_free(sa);
		return NULL;
	}
	return f;
}

/* --- the pieces --- */

static int
is_same(const struct frag *f, const struct piece *p,
    const struct isakmp_fragment *g)
{
	return p->len == g->len && memcmp(p->p, g->data, p->len) == 0 &&
	    (g->last != 0) == (f->last == g->number);
}

/*
 * Can this piece belong to the message of which those have come?  Racoon's id
 * is always 1, and a late copy of the message before may lie here.
 */
static int
belongs(const struct frag *f, const struct isakmp_hdr *hdr,
    const struct isakmp_fragment *g)
{
	const struct piece *p = &f->piece[g->number - 1];

	if (g->id != f->id || hdr->exchange != f->exchange ||
	    hdr->msgid != f->msgid)
		return 0;
	if (f->last != 0 && g->number > f->last)
		return 0;
	if (g->last && g->number < f->highest)
		return 0;
	return p->p == NULL || is_same(f, p, g);
}

/* -1: it is no more than a repetition, or it cannot be kept. */
static int
add(struct frag *f, const struct isakmp_fragment *g)
{
	struct piece *p = &f->piece[g->number - 1];

	if (p->p != NULL) {
		frag_counters.repeated++;
		return -1;
	}
	if (f->len + g->len > FRAG_MESSAGE_MAX) {
		frag_counters.too_long++;
		frag_free(f->sa);
		return -1;
	}
	if (charge(f, g->len) == -1 || (p->p = malloc(g->len)) == NULL) {
		frag_counters.no_room++;
		frag_free(f->sa);
		return -1;
	}
	memcpy(p->p, g->data, g->len);
	p->len = g->len;
	f->len += g->len;
	f->have++;
	if (g->number > f->highest)
		f->highest = g->number;
	if (g->last)
		f->last = g->number;
	return 0;
}

/* Put the pieces together and forget them. */
static uint8_t *
join(struct ike_sa *sa, size_t *whole)
{
	static uint8_t message[FRAG_MESSAGE_MAX];
	const struct frag *f = sa->frag;
	size_t i, at = 0;

	for (i = 0; i < f->last; i++) {
		memcpy(message + at, f->piece[i].p, f->piece[i].len);
		at += f->piece[i].len;
	}
	frag_free(sa);
	if (at < ISAKMP_HDR_LEN ||
	    memcmp(message, sa->cky_i, ISAKMP_COOKIE_LEN) != 0 ||
	    memcmp(message + ISAKMP_COOKIE_LEN, sa->cky_r, ISAKMP_COOKIE_LEN) !=
		0 ||
	    message[2 * ISAKMP_COOKIE_LEN] == PAYLOAD_FRAG) {
		frag_counters.malformed++;
		return NULL;
	}
	frag_counters.whole++;
	*whole = at;
	return message;
}

static enum isakmp_error
parse(const struct isakmp_hdr *hdr, const uint8_t *buf, size_t len,
    struct isakmp_fragment *g)
{
	static struct isakmp_msg msg;
	enum isakmp_error why;

	why = isakmp_parse_payloads(
	    hdr->next, buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN, &msg);
	if (why == ISAKMP_OK && msg.n != 1)
		why = ISAKMP_E_FRAGMENT;
	return why == ISAKMP_OK ? isakmp_parse_fragment(&msg.payload[0], g) :
				  why;
}

/* Who may send one; message 1 cannot have told us what its sender can do. */
static int
may(const struct ike_sa *sa, const struct endpoint *peer)
{
	if (!vendor_has(&sa->vendor, VENDOR_FRAGMENTATION)) {
		frag_counters.unannounced++;
		return 0;
	}
	if (sa->state < SA_ESTABLISHED &&
	    !addr_equal(&peer->addr, &sa->peer.addr)) {
		frag_counters.foreign++;
		return 0;
	}
	return 1;
}

uint8_t *
frag_take(struct ike_sa *sa, const struct endpoint *peer,
    const struct isakmp_hdr *hdr, const uint8_t *buf, size_t len, size_t *whole)
{
	struct isakmp_fragment g;
	struct frag *f;

	frag_counters.received++;
	if (!may(sa, peer))
		return NULL;
	if (parse(hdr, buf, len, &g) != ISAKMP_OK) {
		frag_counters.malformed++;
		return NULL;
	}
	if (g.number > FRAG_PIECES) {
		frag_counters.too_long++;
		return NULL;
	}
	if (sa->frag != NULL && !belongs(sa->frag, hdr, &g)) {
		frag_counters.begun_anew++;
		frag_free(sa);
	}
	if ((f = sa->frag) == NULL && (f = begin(sa, hdr, g.id)) == NULL)
		return NULL;
	if (add(f, &g) == -1 || f->last == 0 || f->have < f->last)
		return NULL;
	return join(sa, whole);
}

/* --- sending --- */

static void
send_piece(const struct ike_sa *sa, const struct isakmp_hdr *hdr, uint16_t id,
    uint8_t number, int last, const uint8_t *piece, size_t len)
{
	uint8_t buf[FRAG_DATAGRAM];
	struct isakmp_buf ib;

	ib_init(&ib, buf, sizeof(buf), hdr);
	ib_fragment(&ib, id, number, last, piece, len);
	if ((len = ib_finish(&ib)) == 0)
		return;
	frag_counters.sent++;
	net_send(sa->sock, &sa->peer, buf, len);
}

void
frag_send(const struct ike_sa *sa, const uint8_t *buf, size_t len)
{
	size_t ip = sa->peer.addr.family == ADDR_IP6 ? 40 : 20;
	size_t most = FRAG_DATAGRAM - ip - UDP_HEADER -
	    (sa->sock->natt ? 4 : 0);
	struct isakmp_hdr hdr;
	size_t at = 0, n;
	uint8_t number = 0;
	uint16_t id;

	if (len <= most || !vendor_has(&sa->vendor, VENDOR_FRAGMENTATION) ||
	    isakmp_parse_header(buf, len, &hdr) != ISAKMP_OK) {
		net_send(sa->sock, &sa->peer, buf, len);
		return;
	}
	hdr.flags &= (uint8_t)~ISAKMP_FLAG_E; /* a FRAG payload is in clear */
	/* the same message again has the same id: its pieces may mix */
	id = (uint16_t)(sa_digest(buf, len) | 1);
	most -= ISAKMP_HDR_LEN + PIECE_HEADER;
	for (; at < len; at += n) {
		n = len - at < most ? len - at : most;
		send_piece(sa, &hdr, id, ++number, at + n == len, buf + at, n);
	}
}
