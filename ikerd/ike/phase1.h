/*
 * What Aggressive and Main Mode share: the state of an exchange that nobody
 * has proved anything in yet, its answers, its keys, and the step into the
 * session that follows.
 */
#ifndef IKERD_IKE_PHASE1_H
#define IKERD_IKE_PHASE1_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/alg/alg.h"
#include "ikerd/ike/choose.h"
#include "ikerd/ike/ident.h"
#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/isakmp_parse.h"
#include "ikerd/ike/job.h"
#include "ikerd/ike/keymat.h"

#define PHASE1_FIRST_MAX 4096 /* octets of message 1, of which much is kept */
#define PHASE1_NONCE_LEN 20   /* vpnc keeps no other length */

struct endpoint;
struct ike_sa;
struct ike_socket;

struct phase1_counters {
	uint64_t first, repeated, ignored, malformed, no_proposal, limited;
	uint64_t unknown, bad_hash, timeouts, crypto_failed;
};

/* A stretch of the octets kept. */
struct span {
	uint16_t at, len;
};

/* Main Mode learns only with message 5 what SKEYID is to be applied to. */
struct phase1_secret {
	uint8_t skeyid[ALG_HASH_MAX];
};

struct phase1 {
	struct job job;
	struct phase1_counters *counters;
	uint64_t digest; /* of the message that answer answers */
	uint8_t *answer; /* or NULL: it is not made yet */
	size_t answer_len;
	uint64_t resent_ms;
	uint8_t resent;
	uint8_t known;	    /* the group's key is configured */
	uint8_t unreadable; /* a last message did not verify */
	uint8_t judged;	    /* certificates of it, where we began */
	char *why;	    /* the last of them was not taken, or NULL */
	uint8_t proposal;
	uint64_t told; /* VENDOR_BITs sent so far */
	uint8_t nr[PHASE1_NONCE_LEN];
	uint8_t iv[ALG_BLOCK_MAX];
	uint8_t hash_i[ALG_HASH_MAX]; /* Aggressive: message 3 must show it */
	struct phase1_secret *secret; /* Main, from message 4 on */
	struct span sai, transform, ke, ni, idii; /* ke, ni: the peer's */
	struct span public; /* our KE; where we answer, with the nonce nr */
	uint64_t pair;	    /* where we began: crypto's number of it */
	size_t kept_len;
	uint8_t kept[];
};

void phase1_init(void);

/* --- message 1 --- */

/* What is chosen among what is offered, and by whose configuration. */
struct phase1_choice {
	struct group *group; /* NULL: not configured */
	struct choose_want want;
	const void *name; /* of the peer, for a refusal */
	size_t namelen;
	struct phase1_counters *counters;
	/* the result */
	const struct ike_transform *transform;
	const struct ike_policy *policy;
	int xauth;
};

/* Choose; -1 when nothing fits, which is noted and told to the peer. */
int phase1_choose(struct phase1_choice *, const struct ike_offer *,
    struct ike_socket *, const struct endpoint *, const struct isakmp_hdr *);

/* The choice, and why, for the session's story. */
void phase1_tell_choice(
    struct ike_sa *, const struct phase1_choice *, const struct ike_offer *);

/*
 * Session and SA for a first message, which is kept (len octets) with spans
 * that the caller sets.  dh: the message costs a Diffie-Hellman computation.
 * NULL: over the limits, or no memory.
 */
struct ike_sa *phase1_open(struct ike_socket *, const struct endpoint *,
    const struct isakmp_msg *, const struct phase1_choice *,
    const uint8_t *kept, size_t len, int dh);

/* The state of an exchange that begins; -1: no memory. */
int phase1_new(
    struct ike_sa *, const uint8_t *kept, size_t len, struct phase1_counters *);
/* Keep more; moves sa->phase1.  -1: no memory. */
int phase1_keep(struct ike_sa *, const uint8_t *, size_t, struct span *);
const uint8_t *phase1_at(const struct phase1 *, struct span);
struct span span_of(const uint8_t *from, const uint8_t *p, size_t len);

/* All of it goes; the SA stays.  From sa.c, and when nobody needs it. */
void phase1_free(struct ike_sa *);

/* --- answers --- */

/* Header of an answer. */
void phase1_begin(
    const struct ike_sa *, struct isakmp_buf *, uint8_t exchange, int flags);
void phase1_put_chosen(const struct ike_sa *, struct isakmp_buf *);
/*
 * What we can do and have not said yet; before the peer has shown our cookie
 * (unproven) only what it can, too: the answer is no longer than the question.
 */
void phase1_put_vendors(
    const struct ike_sa *, struct isakmp_buf *, int unproven);
/* Send it, and again when the message of this digest comes again. */
int phase1_answer(
    struct ike_sa *, const uint8_t *, size_t len, uint64_t digest);
/*
 * The peer repeated itself, or somebody else used its cookies: the same answer
 * for the same message, five times at most; nothing for another.
 */
void phase1_again(struct ike_sa *, uint64_t digest);

/* --- keys --- */

/* Ask crypto for SKEYID and a public value; done is called with them. */
void phase1_ask_keys(
    struct ike_sa *, void (*done)(struct job *, const struct msg_KEY_DONE *));
/* The same for a job of one's own: submit of struct job. */
void phase1_submit_keys(struct job *);
/* What crypto answered cannot be used: the session ends. */
void phase1_no_keys(struct ike_sa *, const char *why);
/* The keys of the SA from crypto's answer; -1 when they do not fit. */
int phase1_take_keys(struct ike_sa *, const struct msg_KEY_DONE *);
int phase1_keep_skeyid(struct ike_sa *, const struct msg_KEY_DONE *);

/*
 * Our identity, and how it stands in the hash: the address that the client
 * reached, or, where we sign, our certificate's subject.
 */
struct phase1_ident {
	struct ident id;
	uint8_t storage[IDENT_BODY_LEN];
	uint8_t body[IDIR_MAX];
	size_t len;
};
void phase1_our_ident(const struct ike_sa *, struct phase1_ident *);
/* What HASH_I and HASH_R cover, but for the identity; public is ours. */
void phase1_hash_input(const struct ike_sa *, const uint8_t *skeyid,
    const uint8_t *public, struct keymat_auth *);

/* --- the last message --- */

/* Who the client says it is: the body of its IDii, at least 4 octets. */
void phase1_name(struct ike_sa *, const uint8_t *idii, size_t len);
uint64_t phase1_ident_digest(const uint8_t *id, size_t len);
/* Vendor ids and notifies of the last message, once it has been verified. */
void phase1_learn(struct ike_sa *, const struct isakmp_msg *);
/* The client has proved itself: phase 1 is over, the user comes next. */
void phase1_established(struct ike_sa *);
/* It speaks from there now. */
void phase1_move(struct ike_sa *, struct ike_socket *, const struct endpoint *);

#endif /* IKERD_IKE_PHASE1_H */
