/* ISAKMP messages: what clients send is read, what is wrong has a reason. */
#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/isakmp_parse.h"
#include "regress/unit/test.h"
#include "regress/unit/vectors/messages.h"

static struct isakmp_msg m;

static enum isakmp_error
parse(const uint8_t *p, size_t len)
{
	enum isakmp_error e;

	if ((e = isakmp_parse_header(p, len, &m.hdr)) != ISAKMP_OK)
		return e;
	return isakmp_parse_payloads(
	    m.hdr.next, p + ISAKMP_HDR_LEN, m.hdr.length - ISAKMP_HDR_LEN, &m);
}

/* Every message of the corpus, its kind and how many payloads it has. */
#define SAMPLE(name, kind, n)                      \
	{                                          \
#name, name, sizeof(name), kind, n \
	}
static const struct {
	const char *name;
	const uint8_t *p;
	size_t len;
	enum isakmp_kind kind;
	size_t n;
} samples[] = {
	SAMPLE(vpnc_aggressive_1, KIND_AGGRESSIVE_1, 11),
	SAMPLE(cisco4_aggressive_1, KIND_AGGRESSIVE_1, 9),
	SAMPLE(aggressive_2, KIND_AGGRESSIVE_2, 11),
	SAMPLE(aggressive_3, KIND_AGGRESSIVE_3, 4),
	SAMPLE(cisco11_main_1, KIND_MAIN_1, 1),
	SAMPLE(main_3, KIND_MAIN_3, 4),
	SAMPLE(main_5, KIND_MAIN_5, 3),
	SAMPLE(main_5_cert, KIND_MAIN_5, 4),
	SAMPLE(cisco4_quick_1, KIND_QUICK_1, 5),
	SAMPLE(vpnc_quick_1, KIND_QUICK_1, 5),
	SAMPLE(racoon_quick_1, KIND_QUICK_1, 6),
	SAMPLE(quick_3, KIND_QUICK_3, 1),
	SAMPLE(xauth_request, KIND_TRANSACTION, 2),
	SAMPLE(xauth_reply, KIND_TRANSACTION, 2),
	SAMPLE(cisco4_cfg_request, KIND_TRANSACTION, 2),
	SAMPLE(cfg_reply, KIND_TRANSACTION, 2),
	SAMPLE(dpd, KIND_INFORMATIONAL, 2),
	SAMPLE(delete, KIND_INFORMATIONAL, 3),
};

TEST(clients)
{
	enum isakmp_error e;
	uint8_t bad;
	size_t i;

	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		if ((e = parse(samples[i].p, samples[i].len)) == ISAKMP_OK)
			e = isakmp_check_payloads(&m, samples[i].kind, &bad);
		if (e != ISAKMP_OK || m.n != samples[i].n) {
			printf("%s: %s, %zu payloads\n", samples[i].name,
			    isakmp_error_text(e), m.n);
			test_failures++;
		}
	}
}

/* Cut at every octet: refused, never read past the end. */
TEST(truncated)
{
	static uint8_t buf[2048];
	uint8_t *p;
	size_t i, len;

	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		for (len = 0; len < samples[i].len; len++) {
			CHECK(parse(samples[i].p, len) != ISAKMP_OK);
			if (len < ISAKMP_HDR_LEN)
				continue;
			/* and with a header that says so, on the heap */
			memcpy(buf, samples[i].p, len);
			buf[26] = (uint8_t)(len >> 8);
			buf[27] = (uint8_t)len;
			if ((p = malloc(len)) == NULL)
				abort();
			memcpy(p, buf, len);
			if (parse(p, len) == ISAKMP_OK)
				CHECK(samples[i].len - len <= 8); /* padding */
			free(p);
		}
	}
}

static enum isakmp_error
header(size_t at, uint8_t value, size_t len)
{
	uint8_t buf[sizeof(xauth_request)];
	struct isakmp_hdr h;

	memcpy(buf, xauth_request, sizeof(buf));
	buf[at] = value;
	return isakmp_parse_header(buf, len, &h);
}

TEST(headers)
{
	size_t len = sizeof(xauth_request);
	uint8_t buf[sizeof(cisco11_main_1)];
	struct isakmp_hdr h;

	CHECK_INT(header(16, 8, len), ISAKMP_OK);
	CHECK_INT(header(16, 8, 27), ISAKMP_E_SHORT);
	CHECK_INT(header(17, 0x20, len), ISAKMP_E_VERSION);
	CHECK_INT(header(17, 0x11, len), ISAKMP_OK);
	CHECK_INT(header(18, 1, len), ISAKMP_E_EXCHANGE);
	CHECK_INT(header(18, 3, len), ISAKMP_E_EXCHANGE);
	CHECK_INT(header(18, 33, len), ISAKMP_E_EXCHANGE);
	CHECK_INT(header(18, 35, len), ISAKMP_E_EXCHANGE);
	CHECK_INT(header(18, 2, len), ISAKMP_E_MSGID);
	CHECK_INT(header(19, 0x05, len), ISAKMP_E_FLAGS);
	CHECK_INT(header(19, 0x03, len), ISAKMP_OK); /* commit: ignored */
	CHECK_INT(header(16, 0, len), ISAKMP_E_EMPTY);
	CHECK_INT(header(26, 1, len), ISAKMP_E_LENGTH);
	CHECK_INT(header(24, 0xff, len), ISAKMP_E_LENGTH);
	CHECK_INT(header(27, 27, len), ISAKMP_E_LENGTH);
	CHECK_INT(header(27, 28, len), ISAKMP_E_EMPTY);

	memcpy(buf, cisco11_main_1, sizeof(buf));
	CHECK_INT(isakmp_parse_header(buf, sizeof(buf), &h), ISAKMP_OK);
	CHECK(isakmp_cookie_is_zero(h.cky_r));
	buf[19] = ISAKMP_FLAG_E;
	CHECK_INT(isakmp_parse_header(buf, sizeof(buf), &h), ISAKMP_E_COOKIE);
	buf[19] = 0;
	memset(buf, 0, 8);
	CHECK_INT(isakmp_parse_header(buf, sizeof(buf), &h), ISAKMP_E_COOKIE);
	memcpy(buf, cisco11_main_1, 8);
	buf[18] = EXCHANGE_INFORMATIONAL;
	CHECK_INT(isakmp_parse_header(buf, sizeof(buf), &h), ISAKMP_E_COOKIE);
}

TEST(msgid_zero)
{
	uint8_t buf[sizeof(xauth_request)];
	struct isakmp_hdr h;

	memcpy(buf, xauth_request, sizeof(buf));
	memset(buf + 20, 0, 4);
	CHECK_INT(isakmp_parse_header(buf, sizeof(buf), &h), ISAKMP_E_MSGID);
	buf[16] = PAYLOAD_FRAG; /* vendors differ there */
	CHECK_INT(isakmp_parse_header(buf, sizeof(buf), &h), ISAKMP_OK);
}

TEST(chains)
{
	static const uint8_t length0[] = { 0, 0, 0, 0 };
	static const uint8_t length3[] = { 0, 0, 0, 3 };
	static const uint8_t past[] = { 0, 0, 0, 5 };
	static const uint8_t reserved[] = { 0, 1, 0, 4 };
	static const uint8_t no_next[] = { 8, 0, 0, 4 };
	static uint8_t many[4 * 10000], padded[4 + 256];
	size_t i;

	CHECK_INT(
	    isakmp_parse_payloads(13, length0, 4, &m), ISAKMP_E_PAYLOAD_SHORT);
	CHECK_INT(
	    isakmp_parse_payloads(13, length3, 4, &m), ISAKMP_E_PAYLOAD_SHORT);
	CHECK_INT(
	    isakmp_parse_payloads(13, past, 4, &m), ISAKMP_E_PAYLOAD_OVERRUN);
	CHECK_INT(
	    isakmp_parse_payloads(13, past, 3, &m), ISAKMP_E_PAYLOAD_OVERRUN);
	CHECK_INT(
	    isakmp_parse_payloads(13, reserved, 4, &m), ISAKMP_E_RESERVED);
	CHECK_INT(isakmp_parse_payloads(13, no_next, 4, &m),
	    ISAKMP_E_PAYLOAD_OVERRUN);
	CHECK_INT(isakmp_parse_payloads(0, length0, 4, &m), ISAKMP_E_EMPTY);
	CHECK_INT(isakmp_parse_payloads(13, NULL, 0, &m), ISAKMP_E_EMPTY);
	for (i = 0; i < sizeof(many); i += 4) {
		many[i] = PAYLOAD_VID;
		many[i + 3] = 4;
	}
	CHECK_INT(isakmp_parse_payloads(13, many, sizeof(many), &m),
	    ISAKMP_E_PAYLOAD_COUNT);
	padded[3] = 4;
	CHECK_INT(isakmp_parse_payloads(13, padded, 4 + 255, &m), ISAKMP_OK);
	CHECK_INT(m.padding, 255);
	CHECK_INT(
	    isakmp_parse_payloads(13, padded, 4 + 256, &m), ISAKMP_E_PADDING);
}

TEST(hash_span)
{
	CHECK_INT(parse(xauth_reply, sizeof(xauth_reply)), ISAKMP_OK);
	CHECK_INT(m.padding, 7);
	CHECK(m.after_hash == xauth_reply + 28 + 24);
	CHECK_INT(m.after_hash_len, sizeof(xauth_reply) - 28 - 24 - 7);
	CHECK_INT(parse(quick_3, sizeof(quick_3)), ISAKMP_OK);
	CHECK(m.after_hash != NULL);
	CHECK_INT(m.after_hash_len, 0);
	CHECK_INT(parse(main_3, sizeof(main_3)), ISAKMP_OK);
	CHECK(m.after_hash == NULL);
}

TEST(finding)
{
	CHECK_INT(
	    parse(vpnc_aggressive_1, sizeof(vpnc_aggressive_1)), ISAKMP_OK);
	CHECK_INT(isakmp_count(&m, PAYLOAD_VID), 7);
	CHECK(isakmp_find(&m, PAYLOAD_VID, 6) == &m.payload[10]);
	CHECK(isakmp_find(&m, PAYLOAD_VID, 7) == NULL);
	CHECK(isakmp_find(&m, PAYLOAD_HASH, 0) == NULL);
	CHECK_INT(isakmp_find(&m, PAYLOAD_KE, 0)->len, 256);
	CHECK(isakmp_find(&m, PAYLOAD_SA, 0)->raw == vpnc_aggressive_1 + 28);
}

/* A message of these payloads, each with an empty body. */
static enum isakmp_error
check(enum isakmp_kind kind, const char *types, uint8_t *bad)
{
	size_t i;

	m.n = strlen(types);
	for (i = 0; i < m.n; i++)
		m.payload[i].type = (uint8_t)types[i];
	return isakmp_check_payloads(&m, kind, bad);
}

TEST(tables)
{
	uint8_t bad;

	CHECK_INT(
	    check(KIND_MAIN_1, "\x01\x01", &bad), ISAKMP_E_PAYLOAD_REPEATED);
	CHECK_INT(bad, PAYLOAD_SA);
	CHECK_INT(check(KIND_MAIN_1, "\x0d\x01", &bad), ISAKMP_E_PAYLOAD_ORDER);
	CHECK_INT(check(KIND_MAIN_1, "\x01\x21", &bad), /* IKEv2's SA */
	    ISAKMP_E_PAYLOAD_TYPE);
	CHECK_INT(bad, 0x21);
	CHECK_INT(check(KIND_MAIN_1, "\x01\x04", &bad), ISAKMP_E_PAYLOAD_TYPE);
	CHECK_INT(check(KIND_MAIN_1, "\x01\x02", &bad), ISAKMP_E_PAYLOAD_TYPE);
	CHECK_INT(check(KIND_MAIN_3, "\x04", &bad), ISAKMP_E_PAYLOAD_MISSING);
	CHECK_INT(bad, PAYLOAD_NONCE);
	CHECK_INT(check(KIND_MAIN_3, "\x0a\x04\x82\x82", &bad), ISAKMP_OK);
	CHECK_INT(check(KIND_MAIN_5, "\x05", &bad), ISAKMP_E_HASH_OR_SIG);
	CHECK_INT(
	    check(KIND_MAIN_5, "\x05\x08\x09", &bad), ISAKMP_E_HASH_OR_SIG);
	CHECK_INT(
	    check(KIND_AGGRESSIVE_3, "\x08\x0d\x14\x14\x0b", &bad), ISAKMP_OK);
	CHECK_INT(
	    check(KIND_QUICK_1, "\x01\x08\x0a", &bad), ISAKMP_E_PAYLOAD_ORDER);
	CHECK_INT(check(KIND_QUICK_1, "\x08\x0a\x01", &bad), ISAKMP_OK);
	CHECK_INT(
	    check(KIND_QUICK_1, "\x08\x01\x0a\x05", &bad), ISAKMP_E_ID_PAIR);
	CHECK_INT(check(KIND_QUICK_1, "\x08\x01\x0a\x05\x05\x05", &bad),
	    ISAKMP_E_PAYLOAD_REPEATED);
	CHECK_INT(
	    check(KIND_QUICK_1, "\x01\x0a", &bad), ISAKMP_E_PAYLOAD_MISSING);
	CHECK_INT(check(KIND_QUICK_1, "\x08\x08\x01\x0a", &bad),
	    ISAKMP_E_PAYLOAD_REPEATED);
	CHECK_INT(check(KIND_TRANSACTION, "\x08\x0e\x0e", &bad),
	    ISAKMP_E_PAYLOAD_REPEATED);
	CHECK_INT(
	    check(KIND_TRANSACTION, "\x0e", &bad), ISAKMP_E_PAYLOAD_MISSING);
	CHECK_INT(
	    check(KIND_INFORMATIONAL, "\x08", &bad), ISAKMP_E_PAYLOAD_MISSING);
	CHECK_INT(
	    check(KIND_INFORMATIONAL, "\x08\x0c\x0b\x0b", &bad), ISAKMP_OK);
	CHECK_INT(
	    check(KIND_INFORMATIONAL, "\x0b", &bad), ISAKMP_E_PAYLOAD_MISSING);
	CHECK_INT(check(KIND_QUICK_4, "\x08", &bad), ISAKMP_E_PAYLOAD_MISSING);
	CHECK_INT(check(KIND_MAIN_1, "", NULL), ISAKMP_E_EMPTY);
}

TEST(too_many_vids)
{
	char types[50];
	uint8_t bad;

	memset(types, PAYLOAD_VID, sizeof(types));
	types[0] = PAYLOAD_SA;
	types[41] = '\0';
	CHECK_INT(check(KIND_MAIN_1, types, &bad), ISAKMP_OK);
	types[41] = PAYLOAD_VID;
	types[42] = '\0';
	CHECK_INT(check(KIND_MAIN_1, types, &bad), ISAKMP_E_PAYLOAD_REPEATED);
}

TEST(notifies)
{
	struct isakmp_payload p = { PAYLOAD_N, NULL, 0, NULL };
	struct isakmp_notify n;
	uint8_t body[12] = { 0, 0, 0, 1, 3, 4, 0x60, 0x02, 1, 2, 3, 4 };

	CHECK_INT(parse(dpd, sizeof(dpd)), ISAKMP_OK);
	CHECK_INT(isakmp_parse_notify(&m.payload[1], &n), ISAKMP_OK);
	CHECK_INT(n.type, NOTIFY_R_U_THERE);
	CHECK_INT(n.protocol, PROTO_ISAKMP);
	CHECK_INT(n.spi_len, 16);
	CHECK_MEM(n.spi, dpd, 16);
	CHECK_INT(n.len, 4);
	CHECK_MEM(n.data, "\0\0\x12\x34", 4);

	p.body = body;
	p.len = 12;
	CHECK_INT(isakmp_parse_notify(&p, &n), ISAKMP_OK);
	CHECK_INT(n.type, NOTIFY_INITIAL_CONTACT);
	CHECK_INT(n.len, 0);
	p.len = 11;
	CHECK_INT(isakmp_parse_notify(&p, &n), ISAKMP_E_BODY_SHORT);
	p.len = 7;
	CHECK_INT(isakmp_parse_notify(&p, &n), ISAKMP_E_BODY_SHORT);
	p.len = 12;
	body[5] = 17;
	CHECK_INT(isakmp_parse_notify(&p, &n), ISAKMP_E_SPI_SIZE);
	body[4] = 5;
	CHECK_INT(isakmp_parse_notify(&p, &n), ISAKMP_E_PROTOCOL);
	body[3] = 2;
	CHECK_INT(isakmp_parse_notify(&p, &n), ISAKMP_E_DOI);
}

TEST(deletes)
{
	uint8_t body[16] = { 0, 0, 0, 1, 3, 4, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8 };
	struct isakmp_payload p = { PAYLOAD_D, body, 16, NULL };
	struct isakmp_delete d;

	CHECK_INT(isakmp_parse_delete(&p, 0, &d), ISAKMP_OK);
	CHECK_INT(d.count, 2);
	CHECK_MEM(isakmp_delete_spi(&d, 1), "\5\6\7\x8", 4);
	CHECK(isakmp_delete_spi(&d, 2) == NULL);
	p.len = 15;
	CHECK_INT(isakmp_parse_delete(&p, 0, &d), ISAKMP_E_BODY_LENGTH);
	p.len = 16;
	body[7] = 1;
	CHECK_INT(isakmp_parse_delete(&p, 0, &d), ISAKMP_E_BODY_LENGTH);
	CHECK_INT(isakmp_parse_delete(&p, 1, &d), ISAKMP_OK);
	body[7] = 0;
	CHECK_INT(isakmp_parse_delete(&p, 1, &d), ISAKMP_E_BODY_LENGTH);
	body[6] = 0xff;
	CHECK_INT(isakmp_parse_delete(&p, 1, &d), ISAKMP_E_BODY_LENGTH);
	body[5] = 2;
	CHECK_INT(isakmp_parse_delete(&p, 1, &d), ISAKMP_E_SPI_SIZE);
	body[4] = 1;
	CHECK_INT(isakmp_parse_delete(&p, 1, &d), ISAKMP_E_SPI_SIZE);
	body[4] = 0;
	CHECK_INT(isakmp_parse_delete(&p, 1, &d), ISAKMP_E_PROTOCOL);
	/* Cisco's Delete of the ISAKMP SA has DOI 0 */
	CHECK_INT(parse(delete, sizeof(delete)), ISAKMP_OK);
	CHECK_INT(isakmp_parse_delete(&m.payload[2], 0, &d), ISAKMP_OK);
	CHECK_INT(d.doi, DOI_ISAKMP);
	CHECK_INT(d.spi_len, 16);
}

TEST(small_bodies)
{
	uint8_t body[257] = { 0, 1, 2, 1, 9 };
	struct isakmp_payload p = { PAYLOAD_FRAG, body, 5, NULL };
	struct isakmp_fragment f;
	struct isakmp_cert c;

	CHECK_INT(isakmp_parse_fragment(&p, &f), ISAKMP_OK);
	CHECK_INT(f.id, 1);
	CHECK_INT(f.number, 2);
	CHECK_INT(f.last, 1);
	CHECK_INT(f.len, 1);
	p.len = 4;
	CHECK_INT(isakmp_parse_fragment(&p, &f), ISAKMP_E_FRAGMENT);
	p.len = 5;
	body[2] = 0;
	CHECK_INT(isakmp_parse_fragment(&p, &f), ISAKMP_E_FRAGMENT);
	p.len = 1;
	body[0] = CERT_X509_SIGNATURE;
	CHECK_INT(isakmp_parse_cert(&p, &c), ISAKMP_OK);
	CHECK_INT(c.encoding, CERT_X509_SIGNATURE);
	CHECK_INT(c.len, 0);
	p.len = 0;
	CHECK_INT(isakmp_parse_cert(&p, &c), ISAKMP_E_BODY_SHORT);
	p.len = 7;
	CHECK_INT(isakmp_check_nonce(&p), ISAKMP_E_NONCE);
	p.len = 8;
	CHECK_INT(isakmp_check_nonce(&p), ISAKMP_OK);
	p.len = 257;
	CHECK_INT(isakmp_check_nonce(&p), ISAKMP_E_NONCE);
}

/* The DPD message of the corpus, octet by octet. */
TEST(building)
{
	uint8_t buf[sizeof(dpd)];
	struct isakmp_buf ib;
	struct isakmp_hdr h;
	const uint8_t *after;
	size_t len;

	CHECK_INT(isakmp_parse_header(dpd, sizeof(dpd), &h), ISAKMP_OK);
	h.next = 99;
	h.length = 0;
	ib_init(&ib, buf, sizeof(buf), &h);
	CHECK(ib_hash_body(&ib) == NULL);
	ib_hash(&ib, 20);
	ib_notify(
	    &ib, PROTO_ISAKMP, NOTIFY_R_U_THERE, dpd, 16, "\0\0\x12\x34", 4);
	after = ib_after_hash(&ib, &len);
	CHECK(after == buf + 52);
	CHECK_INT(len, sizeof(dpd) - 52);
	memcpy(ib_hash_body(&ib), dpd + 32, 20);
	CHECK_INT(ib_finish(&ib), sizeof(dpd));
	CHECK_MEM(buf, dpd, sizeof(dpd));
}

TEST(padding)
{
	static const struct isakmp_hdr h = { .version = ISAKMP_VERSION };
	struct isakmp_buf ib;
	uint8_t buf[128];
	size_t len;

	memset(buf, 0xff, sizeof(buf));
	ib_init(&ib, buf, sizeof(buf), &h);
	ib_hash(&ib, 16);
	ib_payload(&ib, PAYLOAD_N, "abcdefgh", 8);
	ib_pad(&ib, 8);
	CHECK_INT(ib.len, 28 + 32); /* fits already */
	ib_payload(&ib, PAYLOAD_VID, "x", 1);
	ib.end = 0;
	ib_pad(&ib, 16);
	ib_after_hash(&ib, &len);
	CHECK_INT(len, 17);
	CHECK_INT(ib_finish(&ib), 28 + 48);
	CHECK_INT(buf[27], 28 + 48);
	CHECK_MEM(buf + 28 + 37, "\0\0\0\0\0\0\0\0\0\0\0", 11);
	CHECK_INT(buf[28 + 48], 0xff);
}

TEST(overflow)
{
	static const struct isakmp_hdr h = { .version = ISAKMP_VERSION };
	static uint8_t big[ISAKMP_MAX_MESSAGE + 100];
	struct isakmp_buf ib;
	size_t size, len;
	uint8_t *p;

	for (size = 0; size < sizeof(dpd); size++) {
		if ((p = malloc(size + 1)) == NULL)
			abort();
		p[size] = 0x5a;
		ib_init(&ib, p, size, &h);
		ib_hash(&ib, 20);
		ib_notify(&ib, 1, 2, dpd, 16, dpd, 4);
		ib_pad(&ib, 16);
		CHECK_INT(ib_finish(&ib), 0);
		CHECK(ib_hash_body(&ib) == NULL);
		CHECK(ib_after_hash(&ib, &len) == NULL);
		CHECK_INT(p[size], 0x5a);
		free(p);
	}
	ib_init(&ib, big, sizeof(big), &h);
	ib_payload_begin(&ib, PAYLOAD_VID);
	ib_zero(&ib, ISAKMP_MAX_MESSAGE - 32);
	ib_payload_end(&ib);
	CHECK_INT(ib_finish(&ib), ISAKMP_MAX_MESSAGE);
	ib_u8(&ib, 0);
	CHECK_INT(ib_finish(&ib), 0);
}

TEST(builders)
{
	static const struct isakmp_hdr h = { { 1 }, { 2 }, 0, ISAKMP_VERSION,
		EXCHANGE_INFORMATIONAL, ISAKMP_FLAG_E, 7, 0 };
	struct isakmp_fragment f;
	struct isakmp_delete d;
	struct isakmp_cert c;
	struct isakmp_buf ib;
	uint8_t buf[200];

	ib_init(&ib, buf, sizeof(buf), &h);
	ib_delete(&ib, PROTO_ESP, 4, "\1\2\3\4\5\6\7\x8", 2);
	ib_cert(&ib, PAYLOAD_CERTREQ, CERT_X509_SIGNATURE, "name", 4);
	ib_fragment(&ib, 1, 3, 1, "piece", 5);
	CHECK_INT(parse(buf, ib_finish(&ib)), ISAKMP_OK);
	CHECK_INT(m.n, 3);
	CHECK_INT(m.hdr.msgid, 7);
	CHECK_INT(isakmp_parse_delete(&m.payload[0], 0, &d), ISAKMP_OK);
	CHECK_INT(d.count, 2);
	CHECK_INT(isakmp_parse_cert(&m.payload[1], &c), ISAKMP_OK);
	CHECK_INT(c.len, 4);
	CHECK_INT(isakmp_parse_fragment(&m.payload[2], &f), ISAKMP_OK);
	CHECK_INT(f.number, 3);
	CHECK_MEM(f.data, "piece", 5);
}

TEST(texts)
{
	int i;

	for (i = 0; i < ISAKMP_E_MAX; i++)
		CHECK(isakmp_error_text((enum isakmp_error)i)[0] != '\0');
	CHECK_STR(isakmp_error_name(ISAKMP_E_LIFE), "ISAKMP_E_LIFE");
	CHECK_STR(isakmp_error_text(ISAKMP_E_MAX), "unknown error");
	CHECK_INT(isakmp_error_notify(ISAKMP_E_DOI), NOTIFY_DOI_NOT_SUPPORTED);
	for (i = 0; i < KIND_MAX; i++)
		CHECK(isakmp_kind_name((enum isakmp_kind)i) != NULL);
	CHECK_STR(isakmp_payload_name(PAYLOAD_NATD), "NAT-D");
	CHECK(isakmp_payload_name(99) == NULL);
	CHECK_STR(isakmp_exchange_name(EXCHANGE_QUICK), "Quick Mode");
	CHECK_STR(isakmp_notify_name(36136), "R-U-THERE");
}

TESTS(T(clients), T(truncated), T(headers), T(msgid_zero), T(chains),
    T(hash_span), T(finding), T(tables), T(too_many_vids), T(notifies),
    T(deletes), T(small_bodies), T(building), T(padding), T(overflow),
    T(builders), T(texts))
