/*
 * The life of a login: from LOGIN_START through the steps of its aaa list to
 * one LOGIN_ACCEPT or LOGIN_REJECT.
 */
#ifndef AUTHD_LOGIN_H
#define AUTHD_LOGIN_H

#include <stdint.h>

#include "common/bus.h"

#define LOGINS_MAX 4096	       /* at once, those that must wait included */
#define LOGIN_DEADLINE 20000   /* ms, from the first step to the answer */
#define LOGIN_ANSWER_MS 150000 /* for the user; ike gives up before that */
#define LOGIN_ROUNDS_MAX 8     /* questions beyond name and password */
#define LOGIN_PASSWORD_MAX 128 /* bytes: RADIUS' limit (RFC 2865 5.2) */

struct login_stats {
	uint64_t accepted;
	uint64_t rejected;
	uint64_t limited;
	uint64_t errors;
	uint64_t cancelled;
	uint64_t delayed; /* had to wait for earlier failures */
	uint64_t now;	  /* under way */
	uint64_t high;	  /* the most at once */
};

void login_init(struct login_stats *); /* timer_init() came before */

/* Message handlers. */
void login_handle_start(struct peer *, const void *, int);
void login_handle_answer(struct peer *, const void *, int);
void login_handle_cancel(struct peer *, const void *, int);

/* A peer is gone, and its logins with it. */
void login_peer_down(struct peer *);

#endif /* AUTHD_LOGIN_H */
