/* Attributes, and what XAUTH and Mode Config say with them. */
#include "ikerd/ike/attr.h"
#include "regress/unit/test.h"
#include "regress/unit/vectors/messages.h"

static const struct isakmp_hdr hdr = { .version = ISAKMP_VERSION };
static struct cfg_msg cfg;

static enum isakmp_error
parse(const void *body, size_t len)
{
	struct isakmp_payload p = { PAYLOAD_ATTR, body, len, NULL };

	return cfg_parse(&p, &cfg);
}

/* The ATTR payload of a message of the corpus. */
static void
load(const uint8_t *p, size_t len)
{
	static struct isakmp_msg m;

	CHECK_INT(isakmp_parse_header(p, len, &m.hdr), ISAKMP_OK);
	CHECK_INT(
	    isakmp_parse_payloads(m.hdr.next, p + 28, m.hdr.length - 28, &m),
	    ISAKMP_OK);
	CHECK_INT(cfg_parse(isakmp_find(&m, PAYLOAD_ATTR, 0), &cfg), ISAKMP_OK);
}

TEST(walking)
{
	static const uint8_t two[] = { 0x80, 1, 0, 7, 0, 2, 0, 3, 'a', 'b',
		'c' };
	static uint8_t many[65 * 4];
	enum isakmp_error why = ISAKMP_OK;
	struct attr_walk w;
	struct attr a;
	size_t i;

	attr_walk(&w, two, sizeof(two));
	CHECK_INT(attr_next(&w, &a, &why), 1);
	CHECK_INT(a.type, 1);
	CHECK_INT(a.is_tv, 1);
	CHECK_INT(a.value, 7);
	CHECK_INT(attr_next(&w, &a, &why), 1);
	CHECK_INT(a.type, 2);
	CHECK_INT(a.len, 3);
	CHECK_MEM(a.data, "abc", 3);
	CHECK_INT(attr_next(&w, &a, &why), 0);
	for (i = 5; i < sizeof(two); i++) {
		attr_walk(&w, two, i);
		CHECK_INT(attr_next(&w, &a, &why), 1);
		CHECK_INT(attr_next(&w, &a, &why), -1);
		CHECK_INT(why, ISAKMP_E_ATTR_OVERRUN);
	}
	attr_walk(&w, many, sizeof(many));
	for (i = 0; i < 64; i++)
		CHECK_INT(attr_next(&w, &a, &why), 1);
	CHECK_INT(attr_next(&w, &a, &why), -1);
	CHECK_INT(why, ISAKMP_E_ATTR_COUNT);
}

/* libreswan's ACK of a pushed address: 14 octets of attribute, rounded up. */
TEST(padded)
{
	static const uint8_t ack[] = { CFG_ACK, 0, 0, 1, 0, 1, 0, 4, 0, 0, 0, 0,
		0x70, 4, 0, 14, 10, 89, 129, 200, 255, 255, 255, 255, 0, 0, 0,
		0, 0, 0, 0, 0, 0 };
	uint8_t other[sizeof(ack)];
	size_t n;

	for (n = sizeof(ack) - 3; n <= sizeof(ack); n++) {
		CHECK_INT(parse(ack, n), ISAKMP_OK);
		CHECK_INT(cfg.n, 2);
		CHECK_INT(cfg.attr[1].len, 14);
	}
	memcpy(other, ack, sizeof(ack));
	for (n = sizeof(ack) - 2; n <= sizeof(ack); n++) {
		other[n - 1] = 1;
		CHECK_INT(parse(other, n), ISAKMP_E_ATTR_OVERRUN);
		other[n - 1] = 0;
	}
}

TEST(numbers)
{
	static const uint8_t b[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct attr a = { 12, 0, 0, b, 0 };
	uint64_t v;

	CHECK_INT(attr_uint(&a, &v), -1);
	a.len = 1;
	CHECK_INT(attr_uint(&a, &v), 0);
	CHECK(v == 1);
	a.len = 3;
	CHECK_INT(attr_uint(&a, &v), 0);
	CHECK(v == 0x010203);
	a.len = 8;
	CHECK_INT(attr_uint(&a, &v), 0);
	CHECK(v == 0x0102030405060708ULL);
	a.len = 9;
	CHECK_INT(attr_uint(&a, &v), -1);
}

/* The seed's client asks for twelve things and tells its version. */
TEST(cisco_request)
{
	static const uint16_t want[] = { 1, 2, 3, 4, 5, 7, 28672, 28673, 28674,
		28676, 28679, 28680, 28677 };
	char text[100];
	size_t i;

	load(cisco4_cfg_request, sizeof(cisco4_cfg_request));
	CHECK_INT(cfg.type, CFG_REQUEST);
	CHECK_INT(cfg.identifier, 0x5678);
	CHECK_INT(cfg.n, 13);
	for (i = 0; i < cfg.n; i++) {
		CHECK_INT(cfg.attr[i].type, want[i]);
		CHECK(attr_info(want[i]) != NULL);
		CHECK_INT(attr_check(&cfg.attr[i]), ISAKMP_OK);
	}
	CHECK(!cfg_is_xauth(&cfg));
	CHECK_STR(attr_text(cfg_find(&cfg, APPLICATION_VERSION, 0), text,
		      sizeof(text)),
	    "APPLICATION_VERSION \"Cisco Systems VPN Client 4.0.5:WinNT\"");
	CHECK_STR(attr_text(&cfg.attr[0], text, sizeof(text)),
	    "INTERNAL_IP4_ADDRESS");
	CHECK(cfg_find(&cfg, 1, 1) == NULL);
}

TEST(login)
{
	char text[100];
	struct xauth x;

	load(xauth_reply, sizeof(xauth_reply));
	CHECK(cfg_is_xauth(&cfg));
	CHECK_STR(cfg_type_name(cfg.type), "REPLY");
	CHECK_INT(xauth_parse(&cfg, &x, 0), ISAKMP_OK);
	CHECK_INT(x.has_type, 1);
	CHECK_INT(x.type, XAUTH_TYPE_GENERIC);
	CHECK_INT(x.user.len, 14);
	CHECK_MEM(x.user.p, "cisco_customer", 14);
	CHECK_INT(x.password.len, 5); /* without Android's NUL */
	CHECK_MEM(x.password.p, "cisco", 5);
	CHECK(x.passcode.p == NULL);
	CHECK_INT(x.has_status, 0);
	CHECK_STR(attr_text(cfg_find(&cfg, XAUTH_USER_PASSWORD, 0), text,
		      sizeof(text)),
	    "XAUTH_USER_PASSWORD (hidden)");
	CHECK_STR(
	    attr_text(cfg_find(&cfg, XAUTH_USER_NAME, 0), text, sizeof(text)),
	    "XAUTH_USER_NAME \"cisco_customer\"");
	load(xauth_request, sizeof(xauth_request));
	CHECK_INT(xauth_parse(&cfg, &x, 0), ISAKMP_OK);
	CHECK(x.user.p != NULL);
	CHECK_INT(x.user.len, 0);
}

/* ATTR REPLY with one attribute. */
static enum isakmp_error
xauth_one(uint16_t type, const void *data, size_t len, struct xauth *x)
{
	static uint8_t buf[70000];
	struct isakmp_buf ib;

	ib_init(&ib, buf, sizeof(buf), &hdr);
	cfg_begin(&ib, CFG_REPLY, 1);
	attr_put_tlv(&ib, type, data, len);
	ib_payload_end(&ib);
	CHECK_INT(parse(buf + 32, ib_finish(&ib) - 32), ISAKMP_OK);
	return xauth_parse(&cfg, x, 0);
}

TEST(bad_logins)
{
	static char big[256];
	struct xauth x;

	memset(big, 'x', sizeof(big));
	CHECK_INT(xauth_one(XAUTH_USER_NAME, "a\0b", 3, &x), ISAKMP_E_NAME_NUL);
	CHECK_INT(
	    xauth_one(XAUTH_USER_NAME, "a\0\0", 3, &x), ISAKMP_E_NAME_NUL);
	CHECK_INT(xauth_one(XAUTH_USER_NAME, "ab\0", 3, &x), ISAKMP_OK);
	CHECK_INT(x.user.len, 2);
	CHECK_INT(xauth_one(XAUTH_USER_NAME, big, 255, &x), ISAKMP_OK);
	CHECK_INT(
	    xauth_one(XAUTH_USER_NAME, big, 256, &x), ISAKMP_E_CREDENTIAL);
	CHECK_INT(
	    xauth_one(XAUTH_USER_PASSWORD, big, 256, &x), ISAKMP_E_CREDENTIAL);
	CHECK_INT(xauth_one(XAUTH_USER_PASSWORD, "a\0b", 3, &x), ISAKMP_OK);
	CHECK_INT(x.password.len, 3);
	CHECK_INT(xauth_one(XAUTH_TYPE, "\0\0", 2, &x), ISAKMP_E_ATTR_FORM);
	/* strongSwan's ACK */
	CHECK_INT(xauth_one(XAUTH_STATUS, "", 0, &x), ISAKMP_OK);
	CHECK_INT(x.has_status, 0);
}

TEST(bad_payloads)
{
	static uint8_t many[4 + 65 * 4] = { 1 };

	CHECK_INT(parse("\1\0\0", 3), ISAKMP_E_BODY_SHORT);
	CHECK_INT(parse("\0\0\0\0", 4), ISAKMP_E_CFG_TYPE);
	CHECK_INT(parse("\5\0\0\0", 4), ISAKMP_E_CFG_TYPE);
	CHECK_INT(parse("\2\0\0\0", 4), ISAKMP_OK); /* strongSwan's empty one */
	CHECK_INT(cfg.n, 0);
	CHECK_INT(parse("\2\0\0\0\0\1\0\1", 8), ISAKMP_E_ATTR_OVERRUN);
	CHECK_INT(parse("\2\0\0\0\x80\1\0", 7), ISAKMP_E_ATTR_OVERRUN);
	CHECK_INT(parse(many, sizeof(many)), ISAKMP_E_ATTR_COUNT);
	CHECK_INT(parse(many, sizeof(many) - 4), ISAKMP_OK);
	CHECK_INT(cfg.n, 64);
}

TEST(repeated)
{
	static const uint8_t twice[] = { 2, 0, 0, 0, 0x40, 0x89, 0, 1, 'a',
		0x40, 0x89, 0, 1, 'b' };
	static const uint8_t status[] = { 2, 0, 0, 0, 0xc0, 0x8f, 0, 1, 0xc0,
		0x8f, 0, 0 };
	struct xauth x;

	CHECK_INT(parse(twice, sizeof(twice)), ISAKMP_OK);
	CHECK_INT(xauth_parse(&cfg, &x, 0), ISAKMP_E_ATTR_REPEATED);
	CHECK_INT(parse(status, sizeof(status)), ISAKMP_OK);
	CHECK_INT(xauth_parse(&cfg, &x, 0), ISAKMP_E_ATTR_REPEATED);
}

static enum isakmp_error
check(uint16_t type, int is_tv, size_t len)
{
	static const uint8_t zero[64];
	struct attr a = { type, (uint8_t)is_tv, 0, zero, len };

	return attr_check(&a);
}

/* One row of every form. */
TEST(forms)
{
	CHECK_INT(check(INTERNAL_IP4_ADDRESS, 0, 0), ISAKMP_OK);
	CHECK_INT(check(INTERNAL_IP4_ADDRESS, 0, 4), ISAKMP_OK);
	CHECK_INT(check(INTERNAL_IP4_ADDRESS, 0, 5), ISAKMP_E_ATTR_LENGTH);
	CHECK_INT(check(INTERNAL_IP4_ADDRESS, 1, 2), ISAKMP_E_ATTR_FORM);
	CHECK_INT(check(INTERNAL_ADDRESS_EXPIRY, 0, 4), ISAKMP_OK);
	CHECK_INT(check(INTERNAL_IP6_ADDRESS, 0, 16), ISAKMP_OK);
	CHECK_INT(check(INTERNAL_IP6_ADDRESS, 0, 17), ISAKMP_E_ATTR_LENGTH);
	CHECK_INT(check(INTERNAL_IP4_SUBNET, 0, 8), ISAKMP_OK);
	CHECK_INT(check(INTERNAL_IP6_SUBNET, 0, 17), ISAKMP_OK);
	CHECK_INT(check(SUPPORTED_ATTRIBUTES, 0, 6), ISAKMP_OK);
	CHECK_INT(check(SUPPORTED_ATTRIBUTES, 0, 7), ISAKMP_E_ATTR_LENGTH);
	CHECK_INT(check(UNITY_SPLIT_INCLUDE, 0, 28), ISAKMP_OK);
	CHECK_INT(check(UNITY_SPLIT_INCLUDE, 0, 27), ISAKMP_E_ATTR_LENGTH);
	CHECK_INT(check(UNITY_PFS, 1, 2), ISAKMP_OK);
	CHECK_INT(check(UNITY_PFS, 0, 2), ISAKMP_E_ATTR_FORM);
	CHECK_INT(check(UNITY_BANNER, 0, 40), ISAKMP_OK);
	CHECK_INT(check(UNITY_FW_TYPE, 1, 2), ISAKMP_OK);
	CHECK_INT(check(4711, 0, 3), ISAKMP_OK);
}

TEST(texts)
{
	char text[100], name[32];
	size_t i;
	static const char *const want[] = {
		"INTERNAL_IP4_ADDRESS 10.89.129.200",
		"INTERNAL_IP4_NETMASK 255.255.255.255",
		"INTERNAL_IP4_DNS 10.89.129.131",
		"UNITY_BANNER \"welcome\"",
		"UNITY_DEFAULT_DOMAIN \"example.com\"",
		"UNITY_SPLIT_INCLUDE 10.89.129.128/255.255.255.128",
		"UNITY_SAVE_PASSWD 1",
		"UNITY_PFS 0",
	};

	load(cfg_reply, sizeof(cfg_reply));
	CHECK_INT(cfg.n, sizeof(want) / sizeof(*want));
	for (i = 0; i < cfg.n; i++)
		CHECK_STR(attr_text(&cfg.attr[i], text, sizeof(text)), want[i]);
	CHECK_STR(attr_name(4711, name, sizeof(name)), "attribute 4711");
	CHECK_STR(attr_text(&cfg.attr[0], text, 12), "INTERNAL_IP");
	/* a wrong length is not read as if it were right */
	cfg.attr[0].len = 3;
	CHECK_STR(attr_text(&cfg.attr[0], text, sizeof(text)),
	    "INTERNAL_IP4_ADDRESS (3 octets)");
	/* a secret stays one in any form */
	cfg.attr[6].type = XAUTH_USER_PASSWORD;
	CHECK_STR(attr_text(&cfg.attr[6], text, sizeof(text)),
	    "XAUTH_USER_PASSWORD (hidden)");
}

/* What we send: the reply of the corpus, octet by octet. */
TEST(building)
{
	static const uint8_t net[UNITY_NET_LEN] = { 10, 89, 129, 128, 255, 255,
		255, 128 };
	uint8_t buf[sizeof(cfg_reply)];
	struct isakmp_buf ib;
	size_t len;

	ib_init(&ib, buf, sizeof(buf), &hdr);
	cfg_begin(&ib, CFG_REPLY, 0x5678);
	attr_put_u32(&ib, INTERNAL_IP4_ADDRESS, 0x0a5981c8);
	attr_put_u32(&ib, INTERNAL_IP4_NETMASK, 0xffffffff);
	attr_put_u32(&ib, INTERNAL_IP4_DNS, 0x0a598183);
	attr_put_tlv(&ib, UNITY_BANNER, "welcome", 7);
	attr_put_tlv(&ib, UNITY_DEFAULT_DOMAIN, "example.com", 11);
	attr_put_tlv(&ib, UNITY_SPLIT_INCLUDE, net, sizeof(net));
	attr_put_tv(&ib, UNITY_SAVE_PASSWD, 1);
	attr_put_tv(&ib, UNITY_PFS, 0);
	ib_payload_end(&ib);
	len = ib_finish(&ib);
	CHECK_INT(len, sizeof(cfg_reply) - 24);
	CHECK_MEM(buf + 28, cfg_reply + 28 + 24, len - 28);
	attr_put_tlv(&ib, UNITY_BANNER, buf, 65536);
	CHECK_INT(ib_finish(&ib), 0);
}

TESTS(T(walking), T(padded), T(numbers), T(cisco_request), T(login),
    T(bad_logins), T(bad_payloads), T(repeated), T(forms), T(texts),
    T(building))
