/*
 * The gate that every encrypted message with HASH(1) goes through (Quick Mode
 * 1, Transaction, Informational).  A message that fails leaves no trace but a
 * counter: IVs, addresses and timers stay as they were.
 */
#include <string.h>

#include "ikerd/ike/keymat.h"
#include "ikerd/ike/liveness.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/phase1.h"
#include "ikerd/ike/refuse.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"
#include "ikerd/ike/verify.h"

struct verify_counters verify_counters;

void
verify_moved(
    struct ike_sa *sa, struct ike_socket *sock, const struct endpoint *peer)
{
	struct session *s = sa->session;

	if (sa->sock == sock && endpoint_equal(&sa->peer, peer))
		return;
	if (sa->natt == NATT_NONE || !sock->natt)
		return;
	verify_counters.moved++;
	story_add(s, STEP_MOVED, peer->port);
	sa->sock = sock;
	sa->peer = *peer;
	session_moved(s, peer);
	tunnel_move_all(s, peer);
}

enum isakmp_error
verify_hash1(struct exchange *ex, enum isakmp_kind kind,
    struct ike_socket *sock, const struct endpoint *peer,
    const struct isakmp_hdr *hdr, uint8_t *buf, size_t len,
    struct isakmp_msg *msg)
{
	uint8_t next[ALG_BLOCK_MAX], want[ALG_HASH_MAX];
	struct ike_sa *sa = ex->sa;
	uint64_t digest = sa_digest(buf, len);
	const struct isakmp_payload *hash;
	enum isakmp_error why;

	msg->hdr = *hdr;
	why = exchange_open(
	    ex, kind, msg, buf + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN, next);
	hash = isakmp_find(msg, PAYLOAD_HASH, 0);
	if (why != ISAKMP_OK || hash == NULL || msg->after_hash == NULL ||
	    keymat_hash1(sa->hash, sa->keys->skeyid_a, ex->msgid,
		msg->after_hash, msg->after_hash_len, want) == -1 ||
	    !keymat_hash_equal(sa->hash, want, hash->body, hash->len)) {
		/* a wrong key shows itself as nonsense: not told apart */
		verify_counters.bad_hash++;
		if (why == ISAKMP_OK)
			why = ISAKMP_E_HASH_OR_SIG;
		refuse_count(why);
		return why;
	}
	exchange_accept(ex, next, digest);
	/* Informational ids may come again, so a copy verifies: see info.c */
	if (kind != KIND_INFORMATIONAL) {
		phase1_free(sa); /* the client has Main Mode's message 6 */
		verify_moved(sa, sock, peer);
		liveness_sign(sa->session);
	}
	return ISAKMP_OK;
}
