/*
 * Transaction exchanges: XAUTH (the user logs in) and Mode Config (the client
 * gets its address), from the end of phase 1 until Quick Mode may begin.
 */
#ifndef IKERD_IKE_TRANSACTION_H
#define IKERD_IKE_TRANSACTION_H

#include "common/bus.h"
#include "ikerd/ike/attr.h"
#include "ikerd/ike/sa.h"

/* Phase 1 is over: ask for name and password, or wait for the request. */
void transaction_begin(struct ike_sa *);
/* A Transaction message of an established SA. */
void transaction_input(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);

/* xauth.c */
void xauth_begin(struct ike_sa *);
/*
 * The client offered a plain method, so it expects XAUTH with its first Quick
 * Mode, which tells it so by xauth_now(); without one it is asked soon.
 */
void xauth_later(struct ike_sa *);
void xauth_now(struct ike_sa *);
void xauth_reply(struct exchange *, const struct cfg_msg *);
void xauth_ack(struct exchange *, const struct cfg_msg *);
/* authd is there again: what it was asked is asked again. */
void xauth_restart(struct session *);
extern const struct msg_handler xauth_handlers[];
extern const size_t xauth_nhandlers;

/* modecfg.c */
void modecfg_begin(struct ike_sa *);
void modecfg_request(struct exchange *, const struct cfg_msg *);
/* A session that has its address is told it under a new SA. */
void modecfg_push_again(struct ike_sa *);
void modecfg_ack(struct exchange *, const struct cfg_msg *);
/* poold is there again. */
void modecfg_restart(struct session *);
extern const struct msg_handler modecfg_handlers[];
extern const size_t modecfg_nhandlers;

struct transaction_counters {
	uint64_t messages, unexpected, malformed, bad_hash;
	uint64_t xauth_asked, xauth_replies, xauth_ok, xauth_failed;
	uint64_t config_requests, config_pushed, leases, leases_denied;
};
extern struct transaction_counters transaction_counters;

#endif /* IKERD_IKE_TRANSACTION_H */
