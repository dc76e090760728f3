/*
 * Fuzz: what a RADIUS server answers.  The input is
 *
 *	how[1] datagram
 *
 * an answer to a fixed request; as how says it is signed as the true server
 * does, so that its attributes are reached.  Only what was signed passes, all
 * of it that has a right form does, and what is made of it is a message that
 * may be sent.
 */
#include <stdlib.h>
#include <string.h>

#include "authd/md5.h"
#include "authd/radius_grant.h"
#include "common/rnd.h"
#include "regress/unit/authd/radius_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

#define HOW_SIGN 1     /* length, identifier and proofs are made right */
#define HOW_MAC 2      /* a Message-Authenticator is put in front */
#define HOW_OPTIONAL 4 /* it may lack one */
#define HOW_BEHIND 8   /* octets come behind the packet */
#define HOW_ID 16      /* the identifier is made right */
#define HOW_MAX 31

#define KEY "a key of some length"
#define BEHIND 7 /* octets */

static struct radius_request q;

static void
start(void)
{
	rnd_hold(1);
	MUST(md5_init() == 0);
	radius_begin(&q, 7);
	radius_put_text(&q, RADIUS_USER_NAME, "nemo");
}

/* The form that is right, looked at once more. */
static int
is_right(const uint8_t *p, size_t len, int optional)
{
	size_t at, macs = 0;

	if (len > RADIUS_MAX || (p[0] != 2 && p[0] != 3 && p[0] != 11))
		return 0;
	for (at = 20; at < len; at += p[at + 1]) {
		if (at + 2 > len || p[at + 1] < 2 || at + p[at + 1] > len)
			return 0;
		if (p[at] == 33 || (p[at] == 80 && p[at + 1] != 18))
			return 0;
		macs += p[at] == 80;
	}
	return macs == 1 || (macs == 0 && optional);
}

/* Texts for people: printable, or the end of a line. */
static void
check_text(const char *text, size_t size, int lines)
{
	size_t i;

	MUST(memchr(text, '\0', size) != NULL);
	for (i = 0; text[i] != '\0'; i++)
		MUST((text[i] >= 0x20 && text[i] <= 0x7e) ||
		    (lines && text[i] == '\n'));
}

/* A value lies inside its reply. */
static void
see(const struct radius_attr *a, void *arg)
{
	const struct radius_reply *r = arg;

	MUST(a->value >= r->p + 22 && a->len <= RADIUS_VALUE_MAX);
	MUST(a->len <= (size_t)(r->p + r->len - a->value));
}

static void
use(const struct radius_reply *r)
{
	struct msg_LOGIN_ACCEPT m;
	char text[TEXT_SIZE];
	const char *why;
	size_t n;

	radius_each(r, see, (void *)(uintptr_t)r);
	n = radius_message(r, text, sizeof(text));
	MUST(n == strlen(text));
	check_text(text, sizeof(text), 1);
	memset(&m, 0, sizeof(m));
	m.session = 1;
	why = radius_grant(r, &m);
	MUST(why == NULL || (why[0] != '\0' && strlen(why) < REASON_SIZE));
	if (why != NULL)
		return;
	check_text(m.banner, sizeof(m.banner), 1);
	check_text(m.domain, sizeof(m.domain), 0);
	check_text(m.group, sizeof(m.group), 0);
	MUST(msg_check(PROC_AUTHD, PROC_IKE, MSG_LOGIN_ACCEPT, &m, sizeof(m),
		 0) == NULL);
}

/* In memory of just this size, so that one octet too far is seen. */
static void
take(const uint8_t *p, size_t len, int right, int signed_, int optional)
{
	static const struct secret key = { (uint8_t *)(uintptr_t)KEY,
		sizeof(KEY) - 1 };
	uint8_t *copy = malloc(len);
	struct radius_reply r;
	const char *why;

	MUST(copy != NULL || len == 0);
	if (len > 0)
		memcpy(copy, p, len);
	why = radius_check(&r, copy, len, &q, &key, optional);
	MUST(why == NULL ? signed_ : why[0] != '\0');
	MUST(!signed_ || (why == NULL) == right);
	if (why == NULL) {
		MUST(r.p == copy && r.len <= len);
		use(&r);
	}
	free(copy);
}

static void
take_signed(const uint8_t *in, size_t size, unsigned int how)
{
	int right, optional = (how & HOW_OPTIONAL) != 0;
	struct reply r;

	reply_begin(&r, in[0], 7);
	if (how & HOW_MAC)
		reply_mac(&r);
	reply_raw(&r, in + 20, size - 20);
	reply_sign(&r, q.p, KEY);
	right = is_right(r.p, r.len, optional);
	if (how & HOW_BEHIND)
		reply_raw(&r, "\0\1\2\3\4\5\6", BEHIND);
	take(r.p, r.len, right, 1, optional);
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	uint8_t p[REPLY_SIZE];
	unsigned int how;

	if (q.len == 0)
		start();
	if (size < 1 || in[0] > HOW_MAX || size > sizeof(p))
		return 0;
	how = in[0];
	memcpy(p, in + 1, size - 1);
	if (how & HOW_ID && size > 2)
		p[1] = 7;
	if (how & HOW_SIGN && size > 20)
		take_signed(p, size - 1, how);
	else
		take(p, size - 1, 0, 0, (how & HOW_OPTIONAL) != 0);
	return 0;
}
