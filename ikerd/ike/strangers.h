/*
 * Whose message is served when strangers ask for more than they may: in a
 * flood nearly all messages are new ones, so a part of what they may have is
 * kept for those that come again, as a client's do that had no answer.
 */
#ifndef IKERD_IKE_STRANGERS_H
#define IKERD_IKE_STRANGERS_H

#include <stdint.h>

struct strangers_counters {
	uint64_t away;	/* turned away before they were read */
	uint64_t again; /* let in as they came again */
};
extern struct strangers_counters strangers_counters;

/* What serving a message costs. */
#define STRANGER_SESSION 1 /* a half-open session */
#define STRANGER_DH 2	   /* a Diffie-Hellman computation */

/*
 * May the message of this digest (sa_digest()) be read now?  0: it is dropped,
 * and remembered: an equal one that comes later is let in if it can.
 */
int strangers_admit(uint64_t digest, int cost);

/*
 * The message that was admitted last takes what it costs; -1: there is none
 * left, of dh-rate computations a second.
 */
int strangers_take(int dh);

#endif /* IKERD_IKE_STRANGERS_H */
