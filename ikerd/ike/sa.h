/*
 * The phase 1 SA (ISAKMP SA) and the exchanges under it: found by cookies,
 * with the keys of the session, one IV chain for each message id, and the
 * last answer of each exchange for the peer that asks again.
 */
#ifndef IKERD_IKE_SA_H
#define IKERD_IKE_SA_H

#include <sys/queue.h>

#include <stdint.h>

#include "common/addr.h"
#include "common/table.h"
#include "common/timer.h"
#include "ikerd/alg/alg.h"
#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/isakmp_parse.h"
#include "ikerd/ike/vendor.h"

struct ike_socket;
struct session;

enum sa_state {
	SA_WAIT_KE,	/* Main: message 2 is sent */
	SA_KEYING,	/* crypto has the job */
	SA_WAIT_HASH,	/* Aggressive: message 2 is sent, 3 must prove it */
	SA_WAIT_ID,	/* Main: message 4 is sent, 5 must prove it */
	SA_OURS_FIRST,	/* Main, begun by us: message 1 is sent, */
	SA_OURS_THIRD,	/* or 3, */
	SA_OURS_FIFTH,	/* or 5, and 6 must prove it */
	SA_OURS_KEYING, /* crypto has its job */
	SA_ESTABLISHED,
	SA_DEAD
};

/* Which NAT-T both sides speak; decides payload and attribute numbers. */
enum natt_variant {
	NATT_NONE,
	NATT_RFC3947,
	NATT_DRAFT
};

/* Session keys: in locked memory, one record for each SA. */
struct sa_keys {
	uint8_t skeyid_d[ALG_HASH_MAX];
	uint8_t skeyid_a[ALG_HASH_MAX];
	uint8_t cipher[ALG_KEY_MAX];
	uint8_t last_block[ALG_BLOCK_MAX]; /* of phase 1: begins every IV */
};

struct ike_sa {
	struct table_link by_cookies;
	struct table_link by_initiator; /* until authenticated */
	LIST_ENTRY(ike_sa) entry;	/* of its session */
	struct session *session;
	uint8_t cky_i[ISAKMP_COOKIE_LEN], cky_r[ISAKMP_COOKIE_LEN];
	uint8_t state; /* enum sa_state */
	uint8_t ours;  /* we began it: CKY-I is our cookie */
	uint8_t natt;  /* enum natt_variant */
	uint8_t nat_peer, nat_us;
	uint8_t nexchanges;
	uint8_t xauth;		/* the method chosen demands it */
	uint8_t retiring;	/* resume.c: a newer one speaks now */
	uint8_t closed;		/* resume.c: makes nothing new */
	uint8_t tell_life;	/* it is shorter than was offered */
	uint8_t dpd_heard;	/* info.c: an R-U-THERE of the client's, */
	uint32_t dpd_heard_seq; /* the highest number so far */
	struct ike_socket *sock;
	struct endpoint peer;
	const struct ike_auth *auth;
	const struct ike_cipher *cipher;
	const struct ike_hash *hash;
	const struct ike_group *group;
	uint32_t lifetime; /* s */
	uint64_t began_ms;
	uint64_t whole_ms; /* life.c: when it was established */
	struct vendor_set vendor;
	struct sa_keys *keys;  /* NULL until the key job is done */
	struct phase1 *phase1; /* phase1.c; NULL when nobody needs it */
	struct frag *frag;     /* frag.c; NULL: no piece of a message is here */
	LIST_HEAD(, exchange) exchanges;
	uint32_t *used; /* message ids that must not come again */
	uint16_t nused;
	uint8_t *held; /* quick.c: a Quick Mode that came before XAUTH */
	uint16_t held_len;
	uint8_t unholding;  /* quick.c: it is being processed */
	struct timer timer; /* half-open, then lifetime */
};

void sa_init(void);

/*
 * A new SA for a first message: cookies set, found by both tables, in the
 * session's list.  NULL: no memory.
 */
struct ike_sa *sa_new(struct session *, const uint8_t *cky_i,
    struct ike_socket *, const struct endpoint *peer);
/* One of a session that is there, which we begin: CKY-R is zero so far. */
struct ike_sa *sa_new_ours(
    struct session *, struct ike_socket *, const struct endpoint *peer);
/* The peer has chosen its cookie. */
void sa_answered(struct ike_sa *, const uint8_t *cky_r);
struct ike_sa *sa_find(const uint8_t *cky_i, const uint8_t *cky_r);
struct ike_sa *sa_find_initiator(
    const uint8_t *cky_i, const struct endpoint *peer);
/* Phase 1 is over: keys are final, the first message is forgotten. */
void sa_established(struct ike_sa *);
int sa_keys_alloc(struct ike_sa *); /* -1: no locked memory */
/* From session_down() only: stop timers, leave tables, zero keys. */
void sa_down(struct ike_sa *);
void sa_free(struct ike_sa *);

/* Datagram fingerprint for "have I seen exactly this?". */
uint64_t sa_digest(const uint8_t *buf, size_t len);

/*
 * One exchange with a message id.  Kept for a while after it is over, since
 * the peer may have lost our last message.
 */
struct exchange {
	LIST_ENTRY(exchange) entry;
	struct ike_sa *sa;
	uint32_t msgid;
	uint8_t type; /* enum isakmp_exchange */
	uint8_t ours; /* we began it and send again until answered */
	uint8_t over;
	uint8_t final;	/* out ends it: for a peer that repeats itself */
	uint8_t resent; /* answers sent again, or our own tries */
	uint8_t iv[ALG_BLOCK_MAX];
	uint64_t in_digest;
	uint64_t resent_ms;
	uint8_t *out; /* last datagram we sent in it */
	size_t out_len;
	struct timer timer;
	struct quick *quick; /* quick.c */
	void (*give_up)(struct exchange *);
};

#define EXCHANGES_MAX 8 /* open ones of one SA */

struct exchange *exchange_find(struct ike_sa *, uint32_t msgid);
/*
 * Begin one: the peer's with its message id (vpnc's farewells have ids of one
 * octet, 0 too), or ours with a fresh one.  NULL: too many, the id was used,
 * or no memory.
 */
struct exchange *exchange_new(
    struct ike_sa *, enum isakmp_exchange, uint32_t msgid);
struct exchange *exchange_start(struct ike_sa *, enum isakmp_exchange);
/* It is over; answers are kept for the peer's sake. */
void exchange_over(struct exchange *);
/* The same, and the peer has shown that it has our last message. */
void exchange_answered(struct exchange *);
/*
 * The client's connect is over, which shows that it has all of our answers in
 * the Transaction exchanges before: those that are over go at once.
 */
void exchange_forget_config(struct ike_sa *);
void exchange_free(struct exchange *);

/*
 * Decrypt a message of this exchange in place (len octets after the header),
 * walk its payloads, check them for kind, leaving the IV alone; next gets the
 * IV that exchange_accept() commits once the HASH is verified.
 */
enum isakmp_error exchange_open(struct exchange *, enum isakmp_kind,
    struct isakmp_msg *, uint8_t *body, size_t len, uint8_t *next);
void exchange_accept(struct exchange *, const uint8_t *next, uint64_t digest);

/*
 * Write a message: begin (header, empty HASH), payloads, then seal with
 * HASH(1) or, for what has another hash, fill ib_hash_body() and send.
 */
struct isakmp_buf *exchange_begin(struct exchange *);
int exchange_hash1(struct exchange *, struct isakmp_buf *);
int exchange_send(struct exchange *, struct isakmp_buf *);
/* Send again after 2, 4, 8, 16 s until exchange_over(); then give_up(). */
void exchange_repeat(struct exchange *, void (*give_up)(struct exchange *));
/* The peer repeated itself: so do we, within bounds. */
void exchange_resend(struct exchange *);

/* An own message that nobody answers: Informational. */
struct isakmp_buf *info_begin(struct ike_sa *);
void info_send(struct ike_sa *, struct isakmp_buf *);

#endif /* IKERD_IKE_SA_H */
