/*
 * RADIUS packets: the examples of RFC 2865 7 octet by octet, proofs against
 * values that were computed elsewhere (Python's hmac and hashlib), and every
 * reply that is none.
 */
#include "authd/md5.h"
#include "authd/radius_packet.h"
#include "common/rnd.h"
#include "regress/unit/authd/radius_reply.h"
#include "regress/unit/authd/status_of.h"
#include "regress/unit/test.h"

#define KEY "xyzzy5461"

static uint8_t key_octets[] = KEY;
static const struct secret key = { key_octets, sizeof(key_octets) - 1 };

/* RFC 2865 7.1, 7.2, 7.3: the Request Authenticators. */
static const uint8_t auth_nemo[] = { 0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80,
	0x57, 0xbd, 0x83, 0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a };
static const uint8_t auth_flopsy[] = { 0x2a, 0xee, 0x86, 0xf0, 0x8d, 0x0d, 0x55,
	0x96, 0x9c, 0xa5, 0x97, 0x8e, 0x0d, 0x33, 0x67, 0xa2 };
static const uint8_t auth_mopsy[] = { 0xf3, 0xa4, 0x7a, 0x1f, 0x6a, 0x6d, 0x76,
	0x71, 0x0b, 0x94, 0x7a, 0xb9, 0x30, 0x41, 0xa0, 0x39 };

static struct radius_request q;

/* A request by this Request Authenticator. */
static void
ask(uint8_t id, const uint8_t auth[16])
{
	radius_begin(&q, id);
	memcpy(q.p + 4, auth, 16);
}

static void
start(void)
{
	CHECK_INT(md5_init(), 0);
	ask(7, auth_nemo);
}

static const char *
check(const struct reply *r, size_t len, int optional)
{
	struct radius_reply got;

	return radius_check(&got, r->p, len, &q, &key, optional);
}

static void
unhex(struct reply *r, const char *hex)
{
	unsigned int v;

	memset(r, 0, sizeof(*r));
	for (; sscanf(hex, "%2x", &v) == 1; hex += 2)
		r->p[r->len++] = (uint8_t)v;
}

/* The last attribute of the request is this. */
static void
ends_with(const char *hex)
{
	struct reply want;

	unhex(&want, hex);
	CHECK(q.len > want.len);
	CHECK_MEM(q.p + q.len - want.len, want.p, want.len);
}

/* --- requests --- */

TEST(request_form)
{
	static const uint8_t zero[16];
	struct radius_request other;

	start();
	radius_begin(&q, 7);
	radius_begin(&other, 7);
	CHECK(memcmp(q.p + 4, other.p + 4, 16) != 0); /* by chance */
	CHECK(memcmp(q.p + 4, zero, 16) != 0);
	CHECK_INT(q.len, 38);
	CHECK_INT(q.p[0], 1);
	CHECK_INT(q.p[1], 7);
	CHECK_MEM(q.p + 20, "\120\022", 2); /* Message-Authenticator, first */
	radius_put_u32(&q, RADIUS_SERVICE_TYPE, 0x01020384);
	ends_with("060601020384");
	radius_put_text(&q, RADIUS_USER_NAME, "nemo");
	ends_with("01066e656d6f");
	radius_sign(&q, &key);
	CHECK_INT(q.len, 38 + 6 + 6);
	CHECK_INT(q.p[2] << 8 | q.p[3], q.len);
}

/* RFC 2865 7.1 and 7.3: "arctangent" and "challenge" hidden. */
TEST(rfc_passwords)
{
	start();
	radius_put_password(&q, &key, (const uint8_t *)"arctangent", 10);
	ends_with("02120dbe708d93d413ce3196e43f782a0aee");
	ask(2, auth_mopsy);
	radius_put_password(&q, &key, (const uint8_t *)"challenge", 9);
	ends_with("02123365757377828"
		  "9b570885e15084825c5");
}

/* Computed elsewhere: none, one whole block, one octet more. */
TEST(known_passwords)
{
	const uint8_t *password = (const uint8_t *)"0123456789abcdefg";

	start();
	radius_put_password(&q, &key, password, 0);
	ends_with("02126ccc13f9f2ba74ab5fe2e43f782a0aee");
	ask(7, auth_nemo);
	radius_put_password(&q, &key, password, 16);
	ends_with("02125cfd21cac68f429c67db855d1b4e6f88");
	ask(7, auth_nemo);
	radius_put_password(&q, &key, password, 17);
	ends_with("02225cfd21cac68f429c67db855d1b4e6f88"
		  "a5d4009c1713827bf27e710fcb3f96b4");
}

/* What a server sees: each block by the hidden one before it. */
static void
unhide(const uint8_t *hidden, size_t len, uint8_t *password)
{
	uint8_t in[sizeof(KEY) - 1 + 16], pad[16];
	size_t i;

	memcpy(in, KEY, sizeof(KEY) - 1);
	for (i = 0; i < len; i++) {
		if (i % 16 == 0) {
			memcpy(in + sizeof(KEY) - 1,
			    i == 0 ? q.p + 4 : hidden + i - 16, 16);
			EVP_Digest(in, sizeof(in), pad, NULL, EVP_md5(), NULL);
		}
		password[i] = hidden[i] ^ pad[i % 16];
	}
}

TEST(every_password)
{
	uint8_t password[128], want[128], got[128];
	size_t len, padded;

	start();
	for (len = 0; len <= sizeof(password); len++) {
		rnd_bytes(password, sizeof(password));
		memset(want, 0, sizeof(want));
		memcpy(want, password, len);
		padded = len == 0 ? 16 : (len + 15) / 16 * 16;
		radius_begin(&q, 1);
		radius_put_password(&q, &key, password, len);
		CHECK_INT(q.len, 38 + 2 + padded);
		CHECK_INT(q.p[38], 2);
		CHECK_INT(q.p[39], 2 + padded);
		if (q.len != 38 + 2 + padded)
			break;
		unhide(q.p + 40, padded, got);
		CHECK_MEM(got, want, padded);
	}
}

TEST(request_mac)
{
	struct reply want;

	start();
	radius_put_text(&q, RADIUS_USER_NAME, "nemo");
	radius_put_password(&q, &key, (const uint8_t *)"arctangent", 10);
	radius_put_u32(&q, RADIUS_NAS_IP_ADDRESS, 0xc0a80110);
	radius_put_u32(&q, 5, 3);
	radius_sign(&q, &key);
	unhex(&want, "7eca4a6c522eff447db11e146b8b0ab4");
	CHECK_MEM(q.p + 22, want.p, 16);
	CHECK_INT(q.p[3], 74);
}

static const uint8_t much[256];

static void
long_value(void)
{
	radius_put(&q, RADIUS_USER_NAME, much, RADIUS_VALUE_MAX + 1);
}

static void
long_packet(void)
{
	int i;

	for (i = 0; i < 17; i++)
		radius_put(&q, RADIUS_CLASS, much, RADIUS_VALUE_MAX);
}

static void
long_password(void)
{
	radius_put_password(&q, &key, much, RADIUS_PASSWORD_MAX + 1);
}

TEST(too_much)
{
	int i;

	start();
	CHECK_INT(status_of(long_value), 1);
	CHECK_INT(status_of(long_packet), 1);
	CHECK_INT(status_of(long_password), 1);
	/* to the last octet: 38 + 15 * 255 + 233 */
	for (i = 0; i < 15; i++)
		radius_put(&q, RADIUS_CLASS, much, RADIUS_VALUE_MAX);
	radius_put(&q, RADIUS_CLASS, much, 231);
	CHECK_INT(q.len, RADIUS_MAX);
	radius_sign(&q, &key);
	CHECK_MEM(q.p + 2, "\x10\x00", 2);
}

/* --- replies --- */

#define NO_MAC                                                              \
	"it has no Message-Authenticator: the server must be told to send " \
	"it"
#define BAD_MACS \
	"its Message-Authenticator is twice there, or of a wrong length"

static void
rfc_reply(uint8_t id, const uint8_t auth[16], uint8_t code, const char *hex)
{
	struct radius_reply got;
	struct reply r;

	ask(id, auth);
	unhex(&r, hex);
	CHECK(radius_check(&got, r.p, r.len, &q, &key, 1) == NULL);
	CHECK_INT(radius_code(&got), code);
	CHECK_INT(got.len, r.len);
	CHECK_STR(check(&r, r.len, 0), NO_MAC);
	r.p[r.len - 1] ^= 1;
	CHECK_STR(check(&r, r.len, 1),
	    "its authenticator is wrong: another key, or forged");
}

TEST(rfc_replies)
{
	start();
	rfc_reply(0, auth_nemo, 2,
	    "0200002686fe220e7624ba2a1005f6bf9b55e0b2"
	    "0606000000010f06000000000e06c0a80103");
	rfc_reply(1, auth_flopsy, 2,
	    "0201003815efbc7dab26cfa3dc34d9c03c8601a4"
	    "06060000000207060000000108"
	    "06fffffffe0a06000000020d06000000010c06000005dc");
	rfc_reply(2, auth_mopsy, 11,
	    "0b02004e36f3c8764ae8c71157403c0c71ff9c45"
	    "12304368616c6c656e67652033323736393433302e2020456e746572"
	    "20726573706f6e73652061742070726f6d70742e"
	    "180a3332373639343330");
}

/* Made by another program: the proof first, last, in the middle. */
TEST(known_replies)
{
	static const char *const text[] = {
		"02070032171e4ee5b9fce4f03fa3d6ea11ff7ae4"
		"0606000000021b0600000e10"
		"5012db46f7a1ebcfe97d463b550613aad5d2",
		"020700327c9cde7ee9cf70a39b11948e555241c8"
		"501278636d733f35e6ea168baaee36f3cf46"
		"0606000000021b0600000e10",
		"0b07003117828e202340725cc2a9772a304d3eed"
		"1805616263"
		"5012e7f8eb65ed9d3c01f4bf0d6872ea8557"
		"1206436f6465",
	};
	struct reply r;
	size_t i;

	start();
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		unhex(&r, text[i]);
		CHECK(check(&r, r.len, 0) == NULL);
		CHECK(check(&r, r.len, 1) == NULL);
	}
}

static struct reply
good(void)
{
	struct reply r;

	start();
	reply_begin(&r, 2, 7);
	reply_put(&r, 6, "\0\0\0\2", 4);
	reply_mac(&r);
	reply_put(&r, 27, "\0\0\16\20", 4);
	reply_sign(&r, q.p, KEY);
	return r;
}

/* Whatever octet is another one, it is no reply; trailing ones do not count. */
TEST(each_octet)
{
	struct reply r = good();
	size_t i;

	CHECK(check(&r, r.len, 0) == NULL);
	CHECK(check(&r, r.len + 40, 0) == NULL);
	for (i = 0; i < r.len; i++) {
		r.p[i] ^= 0x80;
		CHECK(check(&r, r.len, 0) != NULL);
		CHECK(check(&r, r.len, 1) != NULL);
		r.p[i] ^= 0x80;
		CHECK(check(&r, i, 0) != NULL);
	}
	CHECK(check(&r, r.len, 0) == NULL);
	q.p[4] ^= 1; /* it answers another request */
	CHECK(check(&r, r.len, 0) != NULL);
}

TEST(lengths)
{
	static const char lies[] = "its length is not that of the datagram";
	struct reply r = good();

	CHECK_STR(check(&r, 0, 0), "it is shorter than a header");
	CHECK_STR(check(&r, 19, 0), "it is shorter than a header");
	CHECK_STR(check(&r, r.len - 1, 0), lies);
	r.p[3] = 19;
	CHECK_STR(check(&r, r.len, 0), lies);
	r.p[3] = 0;
	CHECK_STR(check(&r, r.len, 0), lies);
	r.p[2] = 0x10;
	r.p[3] = 1; /* 4097: more than a packet may have */
	CHECK_STR(check(&r, 4097, 0), lies);
	r.p[3] = 0;
	CHECK(check(&r, 4096, 0) != NULL);
	CHECK(strcmp(check(&r, 4096, 0), lies) != 0);
	reply_begin(&r, 3, 7); /* nothing inside */
	reply_sign(&r, q.p, KEY);
	CHECK(check(&r, r.len, 1) == NULL);
	CHECK_STR(check(&r, r.len, 0), NO_MAC);
}

/* The largest packet there is. */
TEST(largest)
{
	struct reply r;
	int i;

	start();
	reply_begin(&r, 2, 7);
	reply_mac(&r);
	for (i = 0; i < 15; i++)
		reply_put(&r, 25, much, 253);
	reply_put(&r, 25, much, RADIUS_MAX - r.len - 2);
	reply_sign(&r, q.p, KEY);
	CHECK_INT(r.len, 4096);
	CHECK(check(&r, r.len, 0) == NULL);
}

/* Signed right, and yet broken inside. */
static void
broken(const char *octets, size_t len)
{
	struct reply r;

	start();
	reply_begin(&r, 2, 7);
	reply_mac(&r);
	reply_raw(&r, octets, len);
	reply_sign(&r, q.p, KEY);
	CHECK_STR(check(&r, r.len, 0), "an attribute's length is wrong");
	CHECK_STR(check(&r, r.len, 1), "an attribute's length is wrong");
	/* not even when the octets it lacks come behind the packet */
	CHECK_STR(check(&r, r.len + 100, 0), "an attribute's length is wrong");
}

TEST(attributes)
{
	broken("\6", 1);
	broken("\6\0", 2);
	broken("\6\1", 2);
	broken("\6\0\0\0\0\2", 6);
	broken("\6\3", 2);
	broken("\6\7\0\0\0\2", 6);
	broken("\6\377\0\0\0\2", 6);
	broken("\6\6\0\0\0\2\0", 7);
	broken("\22\2\6", 3);
}

TEST(wrong_id)
{
	struct reply r;

	start();
	reply_begin(&r, 2, 8);
	reply_mac(&r);
	reply_sign(&r, q.p, KEY);
	CHECK_STR(check(&r, r.len, 0), "it answers no request that waits");
	r.p[1] = 7; /* and signed for it */
	CHECK_STR(check(&r, r.len, 0),
	    "its authenticator is wrong: another key, or forged");
}

TEST(wrong_key)
{
	struct reply r = good();

	reply_sign(&r, q.p, "xyzzy5462");
	CHECK_STR(check(&r, r.len, 0),
	    "its authenticator is wrong: another key, or forged");
	reply_sign(&r, q.p, KEY "x");
	CHECK(check(&r, r.len, 0) != NULL);
	reply_sign(&r, q.p, "");
	CHECK(check(&r, r.len, 0) != NULL);
	/* right below, wrong above */
	reply_sign(&r, q.p, KEY);
	r.p[19] ^= 1;
	CHECK_STR(check(&r, r.len, 0),
	    "its authenticator is wrong: another key, or forged");
}

/* The Response Authenticator is right in all of these. */
TEST(message_authenticator)
{
	static const uint8_t zero[17];
	struct reply r = good();

	r.p[28] ^= 1;
	reply_prove(&r, q.p, KEY);
	CHECK_STR(check(&r, r.len, 0), "its Message-Authenticator is wrong");
	CHECK_STR(check(&r, r.len, 1), "its Message-Authenticator is wrong");
	reply_mac(&r); /* twice */
	reply_sign(&r, q.p, KEY);
	CHECK_STR(check(&r, r.len, 0), BAD_MACS);
	CHECK_STR(check(&r, r.len, 1), BAD_MACS);
	reply_begin(&r, 2, 7);
	reply_put(&r, 80, zero, 15);
	reply_sign(&r, q.p, KEY);
	CHECK_STR(check(&r, r.len, 0), BAD_MACS);
	CHECK_STR(check(&r, r.len, 1), BAD_MACS);
	reply_begin(&r, 2, 7);
	reply_put(&r, 80, zero, 17);
	reply_sign(&r, q.p, KEY);
	CHECK_STR(check(&r, r.len, 0), BAD_MACS);
	reply_begin(&r, 2, 7);
	reply_put(&r, 80, zero, 0);
	reply_sign(&r, q.p, KEY);
	CHECK_STR(check(&r, r.len, 1), BAD_MACS);
	/* inside a vendor's it is another attribute */
	reply_begin(&r, 2, 7);
	reply_vendor(&r, 9, 80, zero, 16);
	reply_sign(&r, q.p, KEY);
	CHECK_STR(check(&r, r.len, 0), NO_MAC);
	CHECK(check(&r, r.len, 1) == NULL);
}

/*
 * CVE-2024-3596: who makes MD5 collide has a right Response Authenticator
 * without the key, over junk in a Proxy-State.  Even where no
 * Message-Authenticator is asked for it is no reply, nor with a right one.
 */
TEST(blast_radius)
{
	static const char text[] = "it has a Proxy-State, and we sent none";
	uint8_t junk[200];
	struct reply r;

	start();
	rnd_bytes(junk, sizeof(junk));
	reply_begin(&r, 2, 7);
	reply_put(&r, 33, junk, sizeof(junk));
	reply_put(&r, 33, junk, 0);
	reply_sign(&r, q.p, KEY);
	CHECK_STR(check(&r, r.len, 1), text);
	CHECK_STR(check(&r, r.len, 0), text);
	reply_mac(&r);
	reply_sign(&r, q.p, KEY);
	CHECK_STR(check(&r, r.len, 0), text);
	/* the request's proof does not stand for a reply's */
	reply_begin(&r, 2, 7);
	radius_sign(&q, &key);
	reply_put(&r, 80, q.p + 22, 16);
	r.p[3] = (uint8_t)r.len;
	reply_prove(&r, q.p, KEY);
	CHECK_STR(check(&r, r.len, 1), "its Message-Authenticator is wrong");
}

/* RFC 2865 3: what is no answer's code is passed over. */
TEST(codes)
{
	unsigned int code;
	struct reply r;

	start();
	for (code = 0; code < 256; code++) {
		reply_begin(&r, (uint8_t)code, 7);
		reply_mac(&r);
		reply_sign(&r, q.p, KEY);
		if (code == 2 || code == 3 || code == 11)
			CHECK(check(&r, r.len, 0) == NULL);
		else
			CHECK_STR(check(&r, r.len, 0),
			    "its code is not that of an answer");
	}
}

/* --- attributes --- */

static char seen[1024];

static void
see(const struct radius_attr *a, void *arg)
{
	size_t at = strlen(seen), i;

	CHECK(arg == &q);
	at += (size_t)snprintf(seen + at, sizeof(seen) - at,
	    "%u/%u=", a->type >> 8, a->type & 0xff);
	for (i = 0; i < a->len; i++)
		at += (size_t)snprintf(
		    seen + at, sizeof(seen) - at, "%02x", a->value[i]);
	(void)snprintf(seen + at, sizeof(seen) - at, " ");
}

static const char *
walk(struct reply *r)
{
	struct radius_reply got;

	seen[0] = '\0';
	reply_sign(r, q.p, KEY);
	CHECK(radius_check(&got, r->p, r->len, &q, &key, 1) == NULL);
	radius_each(&got, see, &q);
	return seen;
}

/* One Vendor-Specific between two others; the others are seen always. */
static void
inside(const char *octets, size_t len, const char *want)
{
	char all[512];
	struct reply r;

	start();
	reply_begin(&r, 2, 7);
	reply_put(&r, 6, "\0\0\0\2", 4);
	reply_put(&r, 26, octets, len);
	reply_put(&r, 25, "", 0);
	snprintf(all, sizeof(all), "0/6=00000002 %s0/25= ", want);
	CHECK_STR(walk(&r), all);
}

TEST(vendors)
{
	inside("\0\0\1\67\34\6\1\2\3\4", 10, "311/28=01020304 ");
	inside("\0\0\14\4\17\4hi\44\3x\1\2", 13,
	    "3076/15=6869 3076/36=78 3076/1= ");
	inside("\0\377\377\377\377\3x", 7, "16777215/255=78 ");
	inside("\0\0\1\67", 4, ""); /* of nobody's */
	/* a vendor's 26 is not a Vendor-Specific */
	inside(
	    "\0\0\1\67\32\12\0\0\14\4\17\4hi", 14, "311/26=00000c040f046869 ");
}

TEST(broken_vendors)
{
	inside("", 0, "");
	inside("\0", 1, "");
	inside("\0\0\1", 3, "");
	inside("\0\0\1\67\34", 5, "");
	inside("\0\0\1\67\34\0", 6, "");
	inside("\0\0\1\67\34\1", 6, "");
	inside("\0\0\1\67\34\3", 6, "");
	inside("\0\0\1\67\34\7\1\2\3\4", 10, "");
	inside("\0\0\1\67\34\6\1\2\3\4\34", 11, "");
	inside("\0\0\1\67\34\6\1\2\3\4\34\1", 12, "");
	inside("\0\0\0\0\6\6\0\0\0\3", 10, ""); /* nobody is no vendor */
	inside("\1\0\1\67\34\6\1\2\3\4", 10, "");
}

TEST(numbers)
{
	struct radius_attr a = { 6, (const uint8_t *)"\x81\2\3\4\5", 4 };
	uint32_t v = 5;

	CHECK_INT(radius_u32(&a, &v), 0);
	CHECK_INT(v, 0x81020304);
	for (a.len = 0; a.len < 6; a.len++) {
		v = 5;
		if (a.len != 4) {
			CHECK_INT(radius_u32(&a, &v), -1);
			CHECK_INT(v, 5);
		}
	}
}

TESTS(T(request_form), T(rfc_passwords), T(known_passwords), T(every_password),
    T(request_mac), T(too_much), T(rfc_replies), T(known_replies),
    T(each_octet), T(lengths), T(largest), T(attributes), T(wrong_id),
    T(wrong_key), T(message_authenticator), T(blast_radius), T(codes),
    T(vendors), T(broken_vendors), T(numbers))
