/*
 * What happened to a session, step by step: the last events in each session for
 * `ikerctl show session', lines for `ikerctl monitor' and the debug log.
 */
#ifndef IKERD_IKE_STORY_H
#define IKERD_IKE_STORY_H

#include <stddef.h>
#include <stdint.h>

struct peer;
struct session;

/* name, what its number means, text */
#define STORY_STEPS(S)                                                        \
	S(STEP_FIRST, PLAIN, "phase 1", "Aggressive Mode message 1 accepted") \
	S(STEP_FIRST_MAIN, PLAIN, "phase 1", "Main Mode message 1 accepted")  \
	S(STEP_VENDORS, VENDORS, "phase 1", "the client's vendor ids:")       \
	S(STEP_PROPOSAL, ONE_OF, "phase 1", "transform chosen: number")       \
	S(STEP_POLICY, COUNT, "phase 1", "by the ike policy with priority")   \
	S(STEP_UNKNOWN_GROUP, PLAIN, "phase 1", "group is not configured")    \
	S(STEP_ANSWERED, COUNT, "phase 1", "message 2 sent, octets")          \
	S(STEP_ANSWERED_MAIN, COUNT, "phase 1", "message 4 sent, octets")     \
	S(STEP_CERTIFICATE, PLAIN, "certificate", "client verified")          \
	S(STEP_SIGNED, COUNT, "certificate", "signature made, octets")        \
	S(STEP_AUTHENTICATED, PLAIN, "phase 1", "SA has been authenticated")  \
	S(STEP_INITIAL_CONTACT, PLAIN, "phase 1", "INITIAL-CONTACT")          \
	S(STEP_RESUMED, PLAIN, "phase 1", "renewed: the session goes on")     \
	S(STEP_RENEW_PHASE1, PLAIN, "phase 1", "renewal begun by us")         \
	S(STEP_OVERTIME, PLAIN, "phase 1",                                    \
	    "lifetime is over: the client may still renew")                   \
	S(STEP_CLOSED, PLAIN, "phase 1", "not renewed: no new SA is made")    \
	S(STEP_NAT_PEER, PLAIN, "nat-t", "the client is behind NAT")          \
	S(STEP_NAT_US, PLAIN, "nat-t", "this gateway is behind NAT")          \
	S(STEP_MOVED, COUNT, "nat-t", "client is now at port")                \
	S(STEP_XAUTH_LATER, PLAIN, "xauth", "plain method: asked later")      \
	S(STEP_XAUTH_ASKED, COUNT, "xauth", "name and password asked, round") \
	S(STEP_XAUTH_CHAP, COUNT, "xauth", "name and CHAP asked, round")      \
	S(STEP_XAUTH_TOKEN, COUNT, "xauth", "name and passcode asked, round") \
	S(STEP_XAUTH_FURTHER, COUNT, "xauth",                                 \
	    "question of the login passed on, round")                         \
	S(STEP_XAUTH_REPLY, PLAIN, "xauth", "reply received")                 \
	S(STEP_LOGIN_ASKED, PLAIN, "login", "authd asked")                    \
	S(STEP_LOGIN_OK, PLAIN, "login", "accepted")                          \
	S(STEP_LOGIN_UNFIT, PLAIN, "login", "accepted, but not for here")     \
	S(STEP_REFUSED, PLAIN, "session", "no more sessions for the user")    \
	S(STEP_LOGIN_CHALLENGE, PLAIN, "login", "challenge")                  \
	S(STEP_LOGIN_REJECTED, COUNT, "login", "rejected, cause")             \
	S(STEP_STATUS, COUNT, "xauth", "status told, 1 is ok:")               \
	S(STEP_STATUS_ACK, PLAIN, "xauth", "status acknowledged")             \
	S(STEP_CONFIG_REQUEST, COUNT, "mode config", "request, attributes")   \
	S(STEP_LEASE, IP4, "mode config", "address leased")                   \
	S(STEP_LEASE_DENIED, COUNT, "mode config", "no address, cause")       \
	S(STEP_CONFIG_TOLD, ATTRS, "mode config", "told:")                    \
	S(STEP_CONFIG_LEFT, ATTRS, "mode config", "not told:")                \
	S(STEP_CONFIG_REPLY, PLAIN, "mode config", "reply sent")              \
	S(STEP_CONFIG_PUSH, PLAIN, "mode config",                             \
	    "address told to the client")                                     \
	S(STEP_CONFIG_ACK, PLAIN, "mode config", "address accepted")          \
	S(STEP_QUICK_HELD, PLAIN, "quick mode", "held: need XAUTH first")     \
	S(STEP_QUICK, HEX, "quick mode", "message 1, message id")             \
	S(STEP_QUICK_CHOSEN, ONE_OF, "quick mode", "proposal chosen: number") \
	S(STEP_SA_IN, HEX, "quick mode", "inbound SA, SPI")                   \
	S(STEP_SA_OUT, HEX, "quick mode", "outbound SA, SPI")                 \
	S(STEP_QUICK_PROVED, HEX, "quick mode",                               \
	    "ESP came before message 3, message id")                          \
	S(STEP_RENEW, HEX, "quick mode", "SA pair renewed, our message id")   \
	S(STEP_REPLACED, HEX, "quick mode", "SA pair replaced, inbound SPI")  \
	S(STEP_SA_GONE, HEX, "kernel", "SA pair deleted, inbound SPI")        \
	S(STEP_EXPIRED, HEX, "kernel", "SA expired, SPI")                     \
	S(STEP_UP, PLAIN, "session", "up")                                    \
	S(STEP_NOTIFY, COUNT, "informational", "notify received, type")       \
	S(STEP_DELETE, COUNT, "informational", "delete received, protocol")   \
	S(STEP_OLD_DELETED, PLAIN, "informational",                           \
	    "the client deleted one of its phase 1 SAs")                      \
	S(STEP_DPD, COUNT, "dpd", "no sign of the client: asked, try")        \
	S(STEP_DOWN, CAUSE, "session", "down:")

#define STORY_ENUM(step, form, name, text) step,
enum step {
	STORY_STEPS(STORY_ENUM) STEP_COUNT
};
#undef STORY_ENUM

#define STORY_LEN 32 /* events: the latest */

/* Sessions are many, so events are kept as few octets: story.c. */
struct story {
	uint64_t began; /* ms since the epoch */
	uint64_t began_clock;
	uint64_t before_ms, last_ms; /* of the one forgotten last, the last */
	uint8_t *event;		     /* n of them, in len octets of size */
	uint16_t len, size;
	uint8_t n;
};

void story_begin(struct story *);
void story_end(struct story *); /* frees the events */

/*
 * It happened now; number as the step's row says, otherwise 0.  Without memory
 * it is told to who listens, but not kept.
 */
void story_add(struct session *, enum step, uint32_t number);
/* Number n (its own, not its place) of so many. */
#define STORY_ONE_OF(n, many) ((uint32_t)(n) << 16 | ((many)&0xffff))

/*
 * More about a step, for the debug log and ikerctl monitor alone; only when
 * one of them is read is it worth the words.
 */
int story_is_heard(void);
void story_tell(struct session *, enum step, const char *text);

/* Answers to ikerctl: rows only, the caller ends them. */
void story_show(struct peer *ctl, const struct session *);
/* From now on this ikerctl gets every event, until its pipe closes. */
void monitor_add(struct peer *ctl);
void monitor_remove(struct peer *ctl);

const char *step_name(enum step);

#endif /* IKERD_IKE_STORY_H */
