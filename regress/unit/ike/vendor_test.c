/* Vendor ids: recognised whole or by their beginning, sent as they should. */
#include "ikerd/ike/vendor.h"
#include "regress/unit/test.h"
#include "regress/unit/vectors/messages.h"

static struct isakmp_msg m;

static void
collect(const uint8_t *p, size_t len, struct vendor_set *set)
{
	memset(set, 0, sizeof(*set));
	CHECK_INT(isakmp_parse_header(p, len, &m.hdr), ISAKMP_OK);
	CHECK_INT(
	    isakmp_parse_payloads(m.hdr.next, p + 28, m.hdr.length - 28, &m),
	    ISAKMP_OK);
	vendor_collect(set, &m);
}

TEST(clients)
{
	struct vendor_set set;
	char text[200];

	collect(vpnc_aggressive_1, sizeof(vpnc_aggressive_1), &set);
	CHECK_STR(vendor_text(&set, text, sizeof(text)),
	    "XAUTH DPD Unity NAT-T-RFC3947 NAT-T-02 NAT-T-02n NAT-T-03");
	CHECK(!vendor_has(&set, VENDOR_UNKNOWN));
	collect(cisco4_aggressive_1, sizeof(cisco4_aggressive_1), &set);
	CHECK_STR(vendor_text(&set, text, sizeof(text)),
	    "XAUTH DPD Unity NAT-T-02n FRAGMENTATION");
	CHECK_INT(set.frag_caps, FRAG_PHASE1);
	CHECK_STR(vendor_text(&set, text, 8), "XAUTH D");
}

TEST(matching)
{
	uint8_t id[32];

	memcpy(
	    id, "\x12\xf5\xf2\x8c\x45\x71\x68\xa9\x70\x2d\x9f\xe2\x74\xcc", 14);
	id[14] = 1;
	id[15] = 5; /* another version of Unity */
	CHECK_INT(vendor_lookup(id, 16), VENDOR_UNITY);
	CHECK_INT(vendor_lookup(id, 13), VENDOR_UNKNOWN);
	memcpy(id, "\x09\x00\x26\x89\xdf\xd6\xb7\x12", 8);
	CHECK_INT(vendor_lookup(id, 8), VENDOR_XAUTH);
	CHECK_INT(vendor_lookup(id, 9), VENDOR_UNKNOWN);
	CHECK_INT(vendor_lookup(id, 0), VENDOR_UNKNOWN);
	CHECK_INT(vendor_lookup((const uint8_t *)"CISCOVPN-REV-02", 15),
	    VENDOR_CISCOVPN_REV_02);
}

/* The bare id, and the one with a word of capabilities. */
TEST(fragmentation)
{
	static const struct isakmp_hdr h = { .version = ISAKMP_VERSION };
	struct vendor_set set;
	struct isakmp_buf ib;
	uint8_t buf[100];
	size_t len;

	ib_init(&ib, buf, sizeof(buf), &h);
	vendor_put(&ib, VENDOR_FRAGMENTATION);
	len = ib_finish(&ib);
	CHECK_INT(len, 28 + 4 + 20);
	memset(&set, 0, sizeof(set));
	buf[28 + 4 + 16] = 0xc0;
	CHECK_INT(isakmp_parse_payloads(13, buf + 28, len - 28, &m), 0);
	vendor_collect(&set, &m);
	CHECK_INT(set.frag_caps, FRAG_PHASE1 | FRAG_BASE);
	memset(&set, 0, sizeof(set));
	m.payload[0].len = 16;
	vendor_collect(&set, &m);
	CHECK_INT(set.frag_caps, FRAG_PHASE1);
}

TEST(sending)
{
	static const struct isakmp_hdr h = { .version = ISAKMP_VERSION };
	struct isakmp_buf ib;
	uint8_t buf[100];
	unsigned int v;
	size_t len;

	for (v = VENDOR_UNKNOWN + 1; v < VENDOR_MAX; v++) {
		ib_init(&ib, buf, sizeof(buf), &h);
		vendor_put(&ib, v);
		len = ib_finish(&ib);
		CHECK(len > 32);
		CHECK_INT(vendor_lookup(buf + 32, len - 32), v);
		CHECK(vendor_name(v) != NULL);
	}
	ib_init(&ib, buf, sizeof(buf), &h);
	vendor_put(&ib, VENDOR_DPD);
	CHECK_INT(ib_finish(&ib), 28 + 4 + 16);
	CHECK_MEM(buf + 32,
	    "\xaf\xca\xd7\x13\x68\xa1\xf1\xc9\x6b\x86\x96\xfc\x77\x57\x01\x00",
	    16);
	ib_init(&ib, buf, sizeof(buf), &h);
	vendor_put(&ib, VENDOR_UNKNOWN);
	CHECK_INT(ib_finish(&ib), 28);
}

TESTS(T(clients), T(matching), T(fragmentation), T(sending))
