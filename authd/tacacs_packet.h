/*
 * TACACS+ packets of an authentication (RFC 8907 4, 5): built and checked, no
 * I/O; nothing here decides anything.
 */
#ifndef AUTHD_TACACS_PACKET_H
#define AUTHD_TACACS_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "common/secret.h"

#define TACACS_HDR 12
#define TACACS_MAX (TACACS_HDR + 65536) /* of a reply, RFC 8907 4.1 */
#define TACACS_FIELD_MAX 255  /* user, port, rem_addr, data of START */
#define TACACS_ANSWER_MAX 255 /* user_msg of CONTINUE: ours */
#define TACACS_SEQ_LAST 254   /* of replies; none wraps, 4.1 */

enum tacacs_way { /* authen_type */
	TACACS_ASCII = 1,
	TACACS_PAP = 2,
	TACACS_CHAP = 3
};

enum tacacs_status {
	TACACS_PASS = 1,
	TACACS_FAIL = 2,
	TACACS_GETDATA = 3,
	TACACS_GETUSER = 4,
	TACACS_GETPASS = 5,
	TACACS_RESTART = 6,
	TACACS_ERROR = 7,
	TACACS_FOLLOW = 0x21
};

/* --- what we send --- */

struct tacacs_request {
	uint8_t p[TACACS_HDR + 8 + 4 * TACACS_FIELD_MAX];
	size_t len;
};

struct tacacs_start {
	enum tacacs_way way;
	const char *user, *port, *rem_addr; /* up to TACACS_FIELD_MAX each */
	const uint8_t *data; /* PAP: the password; CHAP: id, challenge, MD5 */
	size_t data_len;     /* up to TACACS_FIELD_MAX; 0: data may be NULL */
};

/*
 * START of a login (RFC 8907 5.1), sequence number 1, a new session id by
 * chance; priv_lvl 1, service PPP.  What is too long for its field is a bug of
 * the caller: fatalx().
 */
void tacacs_start(struct tacacs_request *, const struct tacacs_start *);
/*
 * CONTINUE (5.3) of that session, in answer to the reply with this number:
 * takes the place of the packet sent before, which is zeroed.  An answer
 * longer than TACACS_ANSWER_MAX, or one to TACACS_SEQ_LAST: fatalx().
 */
void tacacs_continue(struct tacacs_request *, uint8_t reply_seq,
    const uint8_t *answer, size_t len);
/* Hide the body (4.5); the last thing before it is sent. */
void tacacs_hide(struct tacacs_request *, const struct secret *key);

/* --- what comes --- */

struct tacacs_reply {
	uint8_t status; /* enum tacacs_status, or what else came */
	uint8_t seq;
	uint8_t noecho;
	/* server_msg, data: any octets, in the caller's buffer */
	const uint8_t *msg, *data;
	size_t msg_len, data_len;
};

enum tacacs_verdict {
	TACACS_GOOD,
	TACACS_BROKEN, /* malformed, or hidden with another key: as if silent */
	TACACS_REFUSED /* the UNENCRYPTED flag: 10.5.2, a no */
};

/*
 * How long is the packet that begins with these TACACS_HDR octets, with them?
 * 0: longer than TACACS_MAX, or no TACACS+ of major version 0xc.
 */
size_t tacacs_length(const uint8_t hdr[TACACS_HDR]);

/*
 * Is this whole packet the reply to the request?  Checked in this order: major
 * version, type, session id, its number, which is the request's plus one, the
 * UNENCRYPTED flag, the length.  Its body is then uncovered in place, and every
 * length in it checked against the header's (4.5, 5.2).  A body of length 0 is
 * an error of unknown kind: TACACS_BROKEN (3.6), as is a question with number
 * TACACS_SEQ_LAST, which nobody could answer.  why: for a log, NULL when good;
 * the reply is to be used only then.
 */
enum tacacs_verdict tacacs_check(struct tacacs_reply *, uint8_t *p, size_t len,
    const struct tacacs_request *, const struct secret *key, const char **why);

#endif /* AUTHD_TACACS_PACKET_H */
