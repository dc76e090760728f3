/*
 * TACACS+ packets: what is sent, octet by octet (RFC 8907 5.1, 5.3), hiding
 * against values that were computed elsewhere (Python's hashlib), and every
 * reply that is none.
 */
#include "authd/md5.h"
#include "authd/tacacs_packet.h"
#include "regress/unit/authd/status_of.h"
#include "regress/unit/authd/tacacs_reply.h"
#include "regress/unit/test.h"

#define KEY "a key, and longer than one block of MD5 is"

static uint8_t key_octets[] = KEY;
static const struct secret key = { key_octets, sizeof(key_octets) - 1 };

static const uint8_t session[] = { 0x12, 0x34, 0x56, 0x78 };

static const struct tacacs_start nemo = { TACACS_ASCII, "nemo", "vpn",
	"192.0.2.1", NULL, 0 };

static struct tacacs_request q;
static struct reply r;

/* A login in a session of this name. */
static void
ask(const struct tacacs_start *s)
{
	CHECK_INT(md5_init(), 0);
	memset(&q, 0xee, sizeof(q)); /* what was there before is gone */
	tacacs_start(&q, s);
	memcpy(q.p + 4, session, sizeof(session));
}

/* --- what we send --- */

static void
is_hex(const uint8_t *p, size_t len, const char *hex)
{
	char got[2 * 64 + 1] = "";
	size_t i;

	for (i = 0; i < len && i < 64; i++)
		(void)snprintf(got + 2 * i, 3, "%02x", p[i]);
	CHECK_STR(got, hex);
}

TEST(start_ascii)
{
	ask(&nemo);
	is_hex(q.p, q.len,
	    "c0010100123456780000001801010103040309006e656d6f76706e3139322e302e"
	    "322e31");
	/* who asks for a name gives none */
	ask(&(const struct tacacs_start){ TACACS_ASCII, "", "", "", NULL, 0 });
	is_hex(q.p, q.len, "c001010012345678000000080101010300000000");
}

TEST(start_pap)
{
	ask(&(const struct tacacs_start){ TACACS_PAP, "nemo", "vpn", "::1",
	    (const uint8_t *)"\0fish\xff", 6 });
	is_hex(q.p, q.len,
	    "c1010100123456780000001801010203040303066e656d6f76706e3a3a31006669"
	    "7368ff");
}

TEST(start_chap)
{
	/* id, a challenge of 8 octets, MD5 */
	const char *data = "\7challenge0123456789abcde";

	ask(&(const struct tacacs_start){
	    TACACS_CHAP, "nemo", "", "::1", (const uint8_t *)data, 25 });
	is_hex(q.p, q.len,
	    "c1010100123456780000002801010303040003196e656d6f3a3a310763"
	    "68616c6c656e676530313233343536373839616263646"
	    "5");
}

TEST(start_largest)
{
	static char text[256];
	uint8_t data[255];

	memset(text, 'x', 255);
	memset(data, 'd', sizeof(data));
	ask(&(const struct tacacs_start){
	    TACACS_PAP, text, text, text, data, sizeof(data) });
	CHECK_INT(q.len, 1040);
	is_hex(q.p, 20,
	    "c10101001234567800000404"
	    "01010203ffffffff");
	CHECK_MEM(q.p + 20, text, 255);
	CHECK_MEM(q.p + 275, text, 255);
	CHECK_MEM(q.p + 530, text, 255);
	CHECK_MEM(q.p + 785, data, 255);
}

TEST(session_by_chance)
{
	static const uint8_t zero[4];
	static struct tacacs_request other;

	tacacs_start(&q, &nemo);
	tacacs_start(&other, &nemo);
	CHECK(memcmp(q.p + 4, other.p + 4, 4) != 0);
	CHECK(memcmp(q.p + 4, zero, 4) != 0);
}

TEST(continues)
{
	static const uint8_t zero[sizeof(q.p)];
	uint8_t answer[255];

	ask(&nemo);
	tacacs_hide(&q, &key);
	tacacs_continue(&q, 2, (const uint8_t *)"fi\0h", 4);
	is_hex(q.p, q.len,
	    "c00103001234567800000009"
	    "000400000066690068");
	CHECK_MEM(q.p + q.len, zero, sizeof(q.p) - q.len);
	tacacs_continue(&q, 4, NULL, 0);
	is_hex(q.p, q.len, "c001050012345678000000050000000000");
	CHECK_MEM(q.p + q.len, zero, sizeof(q.p) - q.len);
	memset(answer, 'a', sizeof(answer));
	tacacs_continue(&q, 252, answer, sizeof(answer));
	CHECK_INT(q.len, 12 + 5 + 255);
	is_hex(q.p, 17, "c001fd00123456780000010400ff000000");
	CHECK_MEM(q.p + 17, answer, 255);
	tacacs_continue(&q, 6, answer, 1);
	CHECK_MEM(q.p + q.len, zero, sizeof(q.p) - q.len);
}

static char much[257];
static struct tacacs_start large;

static void
start_large(void)
{
	tacacs_start(&q, &large);
}

static void
long_answer(void)
{
	tacacs_continue(&q, 2, (const uint8_t *)much, TACACS_ANSWER_MAX + 1);
}

static void
late_answer(void)
{
	tacacs_continue(&q, TACACS_SEQ_LAST, (const uint8_t *)much, 1);
}

TEST(too_much)
{
	memset(much, 'x', 256);
	ask(&nemo);
	CHECK_INT(status_of(long_answer), 1);
	CHECK_INT(status_of(late_answer), 1);
	large = nemo;
	large.user = much;
	CHECK_INT(status_of(start_large), 1);
	large = nemo;
	large.port = much;
	CHECK_INT(status_of(start_large), 1);
	large = nemo;
	large.rem_addr = much;
	CHECK_INT(status_of(start_large), 1);
	large = nemo;
	large.data = (const uint8_t *)much;
	large.data_len = 256;
	CHECK_INT(status_of(start_large), 1);
}

/* --- hiding --- */

/* A packet with a body of n octets, of which hidden the last are these. */
static void
hides(size_t n, const char *last)
{
	size_t i, shown = n < 20 ? n : 20;
	uint8_t body[1000];
	struct reply want;

	ask(&(const struct tacacs_start){ TACACS_PAP, "", "", "", NULL, 0 });
	for (i = 0; i < n; i++)
		body[i] = (uint8_t)(7 * i + 3);
	memcpy(q.p + 12, body, n);
	q.len = 12 + n;
	q.p[q.len] = 0x5a;
	memcpy(want.p, q.p, q.len);
	reply_hide(want.p, q.len, KEY);
	tacacs_hide(&q, &key);
	is_hex(q.p + q.len - shown, shown, last);
	CHECK_MEM(q.p, want.p, q.len);
	/* nothing behind it changes, and the same way leads back */
	CHECK_INT(q.p[q.len], 0x5a);
	tacacs_hide(&q, &key);
	CHECK_MEM(q.p + 12, body, n);
}

TEST(known_pads)
{
	hides(0, "");
	hides(1, "05");
	hides(15, "05700b517ad07194568797a70ebac5");
	hides(16, "05700b517ad07194568797a70ebac5b5");
	hides(17, "05700b517ad07194568797a70ebac5b5b7");
	hides(255, "3b084434e28b4165614f140377815cf99762defb");
	hides(1000, "8bd0923531c2ff1612217b1e76de6612797fd453");
}

/* --- what comes --- */

static struct tacacs_reply got;
static const char *why;

/* Hidden with this key, and in memory of just this size. */
static enum tacacs_verdict
check_by(const char *by)
{
	static uint8_t *copy;
	enum tacacs_verdict v;

	free(copy);
	if ((copy = malloc(r.len)) == NULL)
		abort();
	memcpy(copy, r.p, r.len);
	if (r.len > 12)
		reply_hide(copy, r.len, by);
	why = "untouched";
	v = tacacs_check(&got, copy, r.len, &q, &key, &why);
	CHECK((v == TACACS_GOOD) == (why == NULL));
	return v;
}

static void
broken(const char *text)
{
	CHECK_INT(check_by(KEY), TACACS_BROKEN);
	CHECK_STR(why, text);
}

static void
good(uint8_t status, const char *msg, const char *data)
{
	CHECK_INT(check_by(KEY), TACACS_GOOD);
	if (why != NULL) {
		CHECK_STR(why, "good");
		return;
	}
	CHECK_INT(got.status, status);
	CHECK_INT(got.seq, q.p[2] + 1);
	CHECK_INT(got.msg_len, strlen(msg));
	CHECK_INT(got.data_len, strlen(data));
	CHECK_MEM(got.msg, msg, strlen(msg));
	CHECK_MEM(got.data, data, strlen(data));
}

/* "Password: " is asked for. */
static void
asked(void)
{
	ask(&nemo);
	reply_begin(&r, q.p);
	reply_text(&r, TACACS_GETPASS, 1, "Password: ", "some data");
}

static void
unhex(const char *hex)
{
	unsigned int v;

	for (r.len = 0; sscanf(hex, "%2x", &v) == 1; hex += 2)
		r.p[r.len++] = (uint8_t)v;
	reply_hide(r.p, r.len, KEY);
}

/* Computed elsewhere; the pad is by the reply's own version. */
TEST(known_replies)
{
	ask(&nemo);
	unhex("c10102001234567800000006839577b22cb5");
	good(TACACS_PASS, "", "");
	CHECK_INT(got.noecho, 0);
	unhex("c001020012345678000000100e48e774fcb16aa5c48a5d6e4cdf221e");
	good(TACACS_GETPASS, "Password: ", "");
	CHECK_INT(got.noecho, 1);
	tacacs_continue(&q, got.seq, (const uint8_t *)"fish", 4);
	unhex("c0010400123456780000001892204ab6e8edd52722f3df971834d91094"
	      "0bf6010e838040");
	good(TACACS_ERROR, "try later", "disk full");
	CHECK_INT(got.noecho, 0);
}

/* The vectors above are taken as they came, not hidden again by us. */
TEST(as_it_came)
{
	uint8_t p[] = { 0xc1, 0x01, 0x02, 0x00, 0x12, 0x34, 0x56, 0x78, 0, 0, 0,
		6, 0x83, 0x95, 0x77, 0xb2, 0x2c, 0xb5 };

	ask(&nemo);
	CHECK_INT(
	    tacacs_check(&got, p, sizeof(p), &q, &key, &why), TACACS_GOOD);
	CHECK(why == NULL);
	is_hex(p, sizeof(p), "c10102001234567800000006010000000000");
	CHECK(got.msg == p + 18 && got.data == p + 18);
}

/* Whatever status it has, and whatever else stands in its flags. */
TEST(every_status)
{
	unsigned int status;

	ask(&nemo);
	for (status = 0; status < 256; status++) {
		reply_begin(&r, q.p);
		reply_text(&r, (uint8_t)status, 0, "m", "data");
		good((uint8_t)status, "m", "data");
		CHECK_INT(got.noecho, 0);
		r.p[13] = 0xff;
		good((uint8_t)status, "m", "data");
		CHECK_INT(got.noecho, 1);
		r.p[13] = 0xfe;
		good((uint8_t)status, "m", "data");
		CHECK_INT(got.noecho, 0);
	}
}

/* A good reply, but for this octet of its header. */
static void
with_octet(size_t at, unsigned int v, int right, const char *text)
{
	asked();
	r.p[at] = (uint8_t)v;
	if (right)
		good(TACACS_GETPASS, "Password: ", "some data");
	else
		broken(text);
}

TEST(headers)
{
	unsigned int i;

	for (i = 0; i < 256; i++) {
		with_octet(
		    0, i, i >> 4 == 0xc, "its version is not that of TACACS+");
		with_octet(1, i, i == 1, "it is of another type");
		with_octet(2, i, i == 2, "its sequence number is not the next");
		if ((i & 1) == 0)
			with_octet(3, i, 1, "");
	}
	for (i = 4; i < 8; i++) {
		asked();
		r.p[i] ^= 0x80;
		broken("it is of another session");
		r.p[i] ^= 0x81;
		broken("it is of another session");
	}
}

/* Refused only if it is ours; otherwise anybody's octets would be a no. */
TEST(unencrypted)
{
	unsigned int i;

	for (i = 1; i < 256; i += 2) {
		asked();
		r.p[3] = (uint8_t)i;
		CHECK_INT(check_by(KEY), TACACS_REFUSED);
		CHECK_STR(why, "it is not encrypted");
	}
	reply_hide(r.p, r.len, KEY); /* its body as it is */
	CHECK_INT(check_by(KEY), TACACS_REFUSED);
	r.len = 12; /* no body */
	CHECK_INT(check_by(KEY), TACACS_REFUSED);
	r.p[7] ^= 1;
	broken("it is of another session");
	r.p[7] ^= 1;
	r.p[2] = 1;
	broken("its sequence number is not the next");
}

/* 4.1: numbers never wrap; the last one may end the login, not go on. */
TEST(last_number)
{
	static const char text[] = "it asks once more than a session has "
				   "numbers for";
	unsigned int status;

	ask(&nemo);
	for (status = 0; status < 256; status++) {
		q.p[2] = TACACS_SEQ_LAST - 1;
		reply_begin(&r, q.p);
		reply_text(&r, (uint8_t)status, 0, "m", "");
		if (status >= 3 && status <= 5)
			broken(text);
		else
			good((uint8_t)status, "m", "");
		q.p[2] = TACACS_SEQ_LAST - 3;
		r.p[2] = TACACS_SEQ_LAST - 2;
		good((uint8_t)status, "m", "");
	}
	/* nobody's answer has number 0 */
	q.p[2] = 255;
	reply_begin(&r, q.p);
	CHECK_INT(r.p[2], 0);
	reply_text(&r, TACACS_PASS, 0, "", "");
	broken("its sequence number is not the next");
}

#define SUMS "its lengths do not match: another key, or malformed"
#define NOT_ITS "its length is not that of the packet"

/* Every length that lies by one, alone. */
TEST(lies_by_one)
{
	static const int by[] = { 1, -1 };
	size_t i;

	for (i = 0; i < 2; i++) {
		asked();
		r.p[11] = (uint8_t)(r.p[11] + by[i]);
		broken(NOT_ITS);
		asked();
		r.p[15] = (uint8_t)(r.p[15] + by[i]); /* server_msg */
		broken(SUMS);
		asked();
		r.p[17] = (uint8_t)(r.p[17] + by[i]); /* data */
		broken(SUMS);
		/* together they are right again */
		r.p[15] = (uint8_t)(r.p[15] - by[i]);
		CHECK_INT(check_by(KEY), TACACS_GOOD);
	}
	/* octets missing, or too many, with a header that says so */
	asked();
	r.len--;
	reply_length(&r);
	broken(SUMS);
	asked();
	reply_raw(&r, "x", 1);
	broken(SUMS);
}

TEST(lies_of_the_header)
{
	size_t i;

	for (i = 8; i < 11; i++) {
		asked();
		r.p[i]++;
		broken(NOT_ITS);
	}
	/* sums that wrap: of 32 bits with the header, and without it */
	asked();
	memcpy(r.p + 8, "\xff\xff\xff\xf4", 4);
	broken(NOT_ITS);
	memcpy(r.p + 8, "\xff\xff\xff\xff", 4);
	broken(NOT_ITS);
}

/* 6 + server_msg + data, in 16 bits: 6 + 65535 + 1 is 6 again. */
TEST(sums_that_wrap)
{
	static const size_t len[][2] = {
		{ 0xffff, 1 },
		{ 1, 0xffff },
		{ 0x8000, 0x8000 },
		{ 0xffff, 0xffff },
		{ 0xfffa, 0 },
		{ 0, 0xfffa },
	};
	size_t i, n;

	ask(&nemo);
	for (i = 0; i < sizeof(len) / sizeof(*len); i++) {
		reply_begin(&r, q.p);
		reply_fixed(&r, TACACS_PASS, 0, len[i][0], len[i][1]);
		for (n = 0; n < 8; n++) {
			broken(r.len < 18 ? "its body is shorter than a "
					    "reply's" :
					    SUMS);
			reply_raw(&r, "\0", 1);
		}
	}
}

TEST(too_short)
{
	size_t n;

	ask(&nemo);
	for (n = 0; n < 6; n++) {
		reply_begin(&r, q.p);
		reply_raw(&r, "\1\0\0\0\0", n);
		broken(n == 0 ? "it has no body: an error of the server's" :
				"its body is shorter than a reply's");
	}
	for (n = 0; n < 12; n++) {
		asked();
		r.len = n == 0 ? 1 : n;
		broken("it is shorter than a header");
	}
}

/* To the last octet that may come; server_msg and data keep apart. */
TEST(largest)
{
	static uint8_t text[65530];

	memset(text, 'm', 65000);
	memset(text + 65000, 'd', 530);
	ask(&nemo);
	reply_begin(&r, q.p);
	reply_fixed(&r, TACACS_FAIL, 0, 65000, 530);
	reply_raw(&r, text, sizeof(text));
	CHECK_INT(r.len, TACACS_MAX);
	CHECK_INT(tacacs_length(r.p), TACACS_MAX);
	CHECK_INT(check_by(KEY), TACACS_GOOD);
	if (why != NULL)
		return;
	CHECK_INT(got.msg_len, 65000);
	CHECK_INT(got.data_len, 530);
	CHECK_MEM(got.msg, text, 65000);
	CHECK_MEM(got.data, text + 65000, 530);
	r.p[15]++;
	reply_raw(&r, "m", 1);
	broken(NOT_ITS);
}

/* Lengths by chance match once in a great many keys. */
TEST(other_key)
{
	asked();
	CHECK_INT(check_by("a key, and longer than one block of MD5 iS"),
	    TACACS_BROKEN);
	CHECK_STR(why, SUMS);
	CHECK_INT(check_by("a key, and longer than one block of MD5 i"),
	    TACACS_BROKEN);
	CHECK_STR(why, SUMS);
	CHECK_INT(check_by(""), TACACS_BROKEN);
	CHECK_STR(why, SUMS);
	reply_hide(r.p, r.len, KEY); /* not hidden at all */
	CHECK_INT(check_by(KEY), TACACS_BROKEN);
	CHECK_STR(why, SUMS);
}

static size_t
length(unsigned int version, const char *octets)
{
	uint8_t hdr[12] = { (uint8_t)version, 1, 2, 0, 1, 2, 3, 4 };

	memcpy(hdr + 8, octets, 4);
	return tacacs_length(hdr);
}

TEST(lengths)
{
	unsigned int i;

	for (i = 0; i < 256; i++)
		CHECK_INT(length(i, "\0\0\0\6"), i >> 4 == 0xc ? 18 : 0);
	CHECK_INT(length(0xc0, "\0\0\0\0"), 12);
	CHECK_INT(length(0xc0, "\0\0\2\1"), 12 + 513);
	CHECK_INT(length(0xc0, "\0\0\xff\xff"), 12 + 65535);
	CHECK_INT(length(0xc0, "\0\1\0\0"), TACACS_MAX);
	CHECK_INT(length(0xc0, "\0\1\0\1"), 0);
	CHECK_INT(length(0xc0, "\0\2\0\0"), 0);
	CHECK_INT(length(0xc0, "\1\0\0\0"), 0);
	CHECK_INT(length(0xc0, "\xff\xff\xff\xf4"), 0);
	CHECK_INT(length(0xc0, "\xff\xff\xff\xff"), 0);
}

TESTS(T(start_ascii), T(start_pap), T(start_chap), T(start_largest),
    T(session_by_chance), T(continues), T(too_much), T(known_pads),
    T(known_replies), T(as_it_came), T(every_status), T(headers),
    T(unencrypted), T(last_number), T(lies_by_one), T(lies_of_the_header),
    T(sums_that_wrap), T(too_short), T(largest), T(other_key), T(lengths))
