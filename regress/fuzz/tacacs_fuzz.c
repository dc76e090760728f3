/*
 * Fuzz: what a TACACS+ server answers.  The input is
 *
 *	how[1] packet
 *
 * an answer to a fixed request; as how says its header is made right and its
 * body hidden with the true key, so that what lies behind is reached.  What a
 * packet must be taken for is found once more here, with a pad of our own;
 * what asks is then answered.
 */
#include <stdlib.h>
#include <string.h>

#include "authd/md5.h"
#include "authd/tacacs_packet.h"
#include "common/rnd.h"
#include "regress/unit/authd/tacacs_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

#define HOW_OURS 1   /* type, session and number are made right */
#define HOW_LENGTH 2 /* the header's length is made right */
#define HOW_HIDE 4   /* the body is hidden with the true key */
#define HOW_LAST 8   /* it is the last answer that a session may have */
#define HOW_MAX 15

#define KEY "a key of some length"

static struct tacacs_request first, last; /* a START; a late CONTINUE */
static struct reply packet, plain;

static void
start(void)
{
	static const struct tacacs_start nemo = { TACACS_ASCII, "nemo", "vpn",
		"192.0.2.1", NULL, 0 };

	rnd_hold(1);
	MUST(md5_init() == 0);
	tacacs_start(&first, &nemo);
	last = first;
	tacacs_continue(&last, 252, (const uint8_t *)"fish", 4);
}

static size_t
number(const uint8_t *p, size_t octets)
{
	size_t v = 0;

	while (octets-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* The header alone: as a connection sees it before there is a body. */
static void
check_length(const uint8_t *p)
{
	size_t len = tacacs_length(p), said = number(p + 8, 4);

	if (p[0] >> 4 != 0xc || said > 65536)
		MUST(len == 0);
	else
		MUST(len == 12 + said && len <= TACACS_MAX);
}

static enum tacacs_verdict
expected(const uint8_t *p, size_t len, const struct tacacs_request *q)
{
	const uint8_t *body = plain.p + 12;

	if (len < 12 || p[0] >> 4 != 0xc || p[1] != 1 ||
	    memcmp(p + 4, q->p + 4, 4) != 0 || p[2] != q->p[2] + 1)
		return TACACS_BROKEN;
	if (p[3] & 1)
		return TACACS_REFUSED;
	if (number(p + 8, 4) != len - 12 || len < 18 || len > 12 + 65536 ||
	    6 + number(body + 2, 2) + number(body + 4, 2) != len - 12)
		return TACACS_BROKEN;
	return p[2] == 254 && body[0] >= 3 && body[0] <= 5 ? TACACS_BROKEN :
							     TACACS_GOOD;
}

/* All of it is where it was sent, and can be answered if it asks. */
static void
use(const struct tacacs_reply *r, const uint8_t *p, size_t len,
    const struct tacacs_request *q)
{
	struct tacacs_request next = *q;
	size_t n = r->msg_len;

	MUST(memcmp(p, plain.p, len) == 0);
	MUST(r->status == p[12] && r->noecho == (p[13] & 1));
	MUST(r->seq == q->p[2] + 1);
	MUST(r->msg == p + 18 && r->msg_len == number(p + 14, 2));
	MUST(
	    r->data == r->msg + r->msg_len && r->data + r->data_len == p + len);
	if (r->status < TACACS_GETDATA || r->status > TACACS_GETPASS)
		return;
	if (n > TACACS_ANSWER_MAX)
		n = TACACS_ANSWER_MAX;
	tacacs_continue(&next, r->seq, r->msg, n);
	MUST(next.p[2] == r->seq + 1 && next.len <= sizeof(next.p));
	MUST(tacacs_length(next.p) == next.len && next.len == 17 + n);
	MUST(
	    number(next.p + 12, 2) == n && memcmp(next.p + 17, r->msg, n) == 0);
}

/* In memory of just this size, so that one octet too far is seen. */
static void
take(const uint8_t *p, size_t len, const struct tacacs_request *q)
{
	static const struct secret key = { (uint8_t *)(uintptr_t)KEY,
		sizeof(KEY) - 1 };
	uint8_t *copy = malloc(len);
	const char *why = "untouched";
	struct tacacs_reply r;
	enum tacacs_verdict v;

	MUST(copy != NULL || len == 0);
	if (len > 0)
		memcpy(copy, p, len);
	if (len >= 12)
		check_length(copy);
	v = tacacs_check(&r, copy, len, q, &key, &why);
	MUST(v == expected(p, len, q));
	MUST((v == TACACS_GOOD) == (why == NULL));
	if (v == TACACS_GOOD)
		use(&r, copy, len, q);
	else
		MUST(strcmp(why, "untouched") != 0);
	free(copy);
}

/* The answer as it travels in packet, and uncovered in plain. */
static void
make(const uint8_t *in, size_t len, unsigned int how,
    const struct tacacs_request *q)
{
	packet.len = len;
	memcpy(packet.p, in, len);
	if (how & HOW_OURS && len >= 12) {
		packet.p[1] = 1;
		packet.p[2] = q->p[2] + 1;
		memcpy(packet.p + 4, q->p + 4, 4);
	}
	if (how & HOW_LENGTH && len >= 12)
		reply_length(&packet);
	memcpy(plain.p, packet.p, len);
	if (len >= 12)
		reply_hide(how & HOW_HIDE ? packet.p : plain.p, len, KEY);
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	const struct tacacs_request *q;

	if (first.len == 0)
		start();
	if (size < 1 || in[0] > HOW_MAX || size - 1 > REPLY_SIZE)
		return 0;
	q = in[0] & HOW_LAST ? &last : &first;
	make(in + 1, size - 1, in[0], q);
	take(packet.p, size - 1, q);
	return 0;
}
