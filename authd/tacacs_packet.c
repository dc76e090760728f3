/*
 * Builds the packets of a login by TACACS+ and checks replies, as octets.  The
 * key is only looked at here.  Called by the login method; fuzzed by
 * regress/fuzz/tacacs_fuzz.c.
 */
#include <string.h>

#include <sodium.h>

#include "authd/md5.h"
#include "authd/tacacs_packet.h"
#include "common/log.h"
#include "common/rnd.h"

/* RFC 8907 4.1: the header */
#define AT_VERSION 0
#define AT_TYPE 1
#define AT_SEQ 2
#define AT_FLAGS 3
#define AT_SESSION 4
#define AT_LENGTH 8
#define SESSION_LEN 4
#define VERSION_MAJOR 0xc0
#define TYPE_AUTHEN 1
#define FLAG_UNENCRYPTED 1

/* 5.1: START */
#define ACTION_LOGIN 1
#define PRIV_LVL_USER 1
#define SERVICE_PPP 3
#define START_LENGTHS 4 /* of user, port, rem_addr, data */
#define START_FIXED 8

/* 5.2: REPLY */
#define AT_STATUS 0
#define AT_REPLY_FLAGS 1
#define AT_MSG_LEN 2
#define AT_DATA_LEN 4
#define REPLY_FIXED 6
#define REPLY_NOECHO 1

/* 5.3: CONTINUE */
#define CONTINUE_FIXED 5

static size_t
get_u16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

static void
put_u16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* 4.5: the same way both to hide and to uncover. */
static void
xor_pad(uint8_t *p, size_t len, const struct secret *key)
{
	uint8_t pad[MD5_LEN];
	struct md5_part part[] = {
		{ p + AT_SESSION, SESSION_LEN }, { key->data, key->len },
		{ p + AT_VERSION, 1 }, { p + AT_SEQ, 1 },
		{ pad, 0 }, /* the one before, from the second on */
	};
	size_t i;

	for (i = 0; i < len - TACACS_HDR; i++) {
		if (i % MD5_LEN == 0) {
			md5_of(part, 5, pad);
			part[4].len = MD5_LEN;
		}
		p[TACACS_HDR + i] ^= pad[i % MD5_LEN];
	}
	sodium_memzero(pad, sizeof(pad));
}

/* --- what we send --- */

static void
put(struct tacacs_request *r, const void *v, size_t len)
{
	if (len > 0)
		memcpy(r->p + r->len, v, len);
	r->len += len;
}

void
tacacs_start(struct tacacs_request *r, const struct tacacs_start *s)
{
	const struct {
		const void *p;
		size_t len;
	} field[] = {
		{ s->user, strlen(s->user) },
		{ s->port, strlen(s->port) },
		{ s->rem_addr, strlen(s->rem_addr) },
		{ s->data, s->data_len },
	};
	uint8_t *body = r->p + TACACS_HDR;
	size_t i;

	memset(r, 0, sizeof(*r));
	r->p[AT_VERSION] = VERSION_MAJOR | (s->way != TACACS_ASCII);
	r->p[AT_TYPE] = TYPE_AUTHEN;
	r->p[AT_SEQ] = 1;
	rnd_bytes(r->p + AT_SESSION, SESSION_LEN);
	body[0] = ACTION_LOGIN;
	body[1] = PRIV_LVL_USER;
	body[2] = (uint8_t)s->way;
	body[3] = SERVICE_PPP;
	r->len = TACACS_HDR + START_FIXED;
	for (i = 0; i < sizeof(field) / sizeof(*field); i++) {
		if (field[i].len > TACACS_FIELD_MAX)
			fatalx("a TACACS+ login that fits no packet");
		body[START_LENGTHS + i] = (uint8_t)field[i].len;
		put(r, field[i].p, field[i].len);
	}
	put_u16(r->p + AT_LENGTH + 2, r->len - TACACS_HDR);
}

void
tacacs_continue(struct tacacs_request *r, uint8_t reply_seq,
    const uint8_t *answer, size_t len)
{
	uint8_t *body = r->p + TACACS_HDR;

	if (len > TACACS_ANSWER_MAX || reply_seq >= TACACS_SEQ_LAST)
		fatalx("a TACACS+ answer that fits no packet");
	sodium_memzero(body, sizeof(r->p) - TACACS_HDR);
	r->p[AT_SEQ] = (uint8_t)(reply_seq + 1);
	put_u16(body, len);
	r->len = TACACS_HDR + CONTINUE_FIXED;
	put(r, answer, len);
	put_u16(r->p + AT_LENGTH + 2, r->len - TACACS_HDR);
}

void
tacacs_hide(struct tacacs_request *r, const struct secret *key)
{
	xor_pad(r->p, r->len, key);
}

/* --- what comes --- */

size_t
tacacs_length(const uint8_t hdr[TACACS_HDR])
{
	size_t body = get_u16(hdr + AT_LENGTH) << 16 |
	    get_u16(hdr + AT_LENGTH + 2);

	if ((hdr[AT_VERSION] & 0xf0) != VERSION_MAJOR ||
	    body > TACACS_MAX - TACACS_HDR)
		return 0;
	return TACACS_HDR + body;
}

/* Is it of the request's session, and the next in it? */
static const char *
check_header(const uint8_t *p, size_t len, const struct tacacs_request *q)
{
	if (len < TACACS_HDR)
		return "it is shorter than a header";
	if ((p[AT_VERSION] & 0xf0) != VERSION_MAJOR)
		return "its version is not that of TACACS+";
	if (p[AT_TYPE] != TYPE_AUTHEN)
		return "it is of another type";
	if (memcmp(p + AT_SESSION, q->p + AT_SESSION, SESSION_LEN) != 0)
		return "it is of another session";
	if (p[AT_SEQ] != q->p[AT_SEQ] + 1)
		return "its sequence number is not the next";
	return NULL;
}

static int
asks(uint8_t status)
{
	return status == TACACS_GETDATA || status == TACACS_GETUSER ||
	    status == TACACS_GETPASS;
}

/* 5.2; the sum is the only sign of the right key (4.5). */
static const char *
check_body(struct tacacs_reply *r, const uint8_t *body, size_t len)
{
	if (len < REPLY_FIXED)
		return "its body is shorter than a reply's";
	r->status = body[AT_STATUS];
	r->noecho = (body[AT_REPLY_FLAGS] & REPLY_NOECHO) != 0;
	r->msg_len = get_u16(body + AT_MSG_LEN);
	r->data_len = get_u16(body + AT_DATA_LEN);
	if (REPLY_FIXED + r->msg_len + r->data_len != len)
		return "its lengths do not match: another key, or malformed";
	r->msg = body + REPLY_FIXED;
	r->data = r->msg + r->msg_len;
	if (asks(r->status) && r->seq >= TACACS_SEQ_LAST)
		return "it asks once more than a session has numbers for";
	return NULL;
}

enum tacacs_verdict
tacacs_check(struct tacacs_reply *r, uint8_t *p, size_t len,
    const struct tacacs_request *q, const struct secret *key, const char **why)
{
	if ((*why = check_header(p, len, q)) != NULL)
		return TACACS_BROKEN;
	if (p[AT_FLAGS] & FLAG_UNENCRYPTED) {
		*why = "it is not encrypted";
		return TACACS_REFUSED;
	}
	if (tacacs_length(p) != len) {
		*why = "its length is not that of the packet";
		return TACACS_BROKEN;
	}
	if (len == TACACS_HDR) {
		*why = "it has no body: an error of the server's";
		return TACACS_BROKEN;
	}
	xor_pad(p, len, key);
	r->seq = p[AT_SEQ];
	*why = check_body(r, p + TACACS_HDR, len - TACACS_HDR);
	return *why == NULL ? TACACS_GOOD : TACACS_BROKEN;
}
