/* Identities: names, addresses, networks, and what is refused. */
#include "ikerd/ike/ident.h"
#include "regress/unit/test.h"

static struct ident
make(uint8_t type, const char *data, size_t len)
{
	struct ident id = { type, 0, 0, (const uint8_t *)data, len };

	return id;
}

static const char *
text(uint8_t type, const char *data, size_t len)
{
	static char buf[IDENT_STRLEN];
	struct ident id = make(type, data, len);

	return ident_text(&id, buf, sizeof(buf));
}

TEST(parsing)
{
	static const uint8_t group[] = { 11, 17, 0x01, 0xf4, 'v', 'p', 'n' };
	uint8_t body[4 + 2049] = { 0 };
	struct ident id;

	CHECK_INT(ident_parse(group, sizeof(group), &id), ISAKMP_OK);
	CHECK_INT(id.port, 500);
	CHECK_INT(id.len, 3);
	CHECK(ident_is_name(&id));
	CHECK_INT(ident_check_phase1(&id), ISAKMP_OK);
	CHECK_INT(ident_parse(group, 3, &id), ISAKMP_E_BODY_SHORT);
	CHECK_INT(ident_parse(group, 4, &id), ISAKMP_E_ID_LENGTH);
	/* hybrid client that hides its name */
	CHECK_INT(ident_parse(body, 4, &id), ISAKMP_OK);
	CHECK_INT(ident_check_phase1(&id), ISAKMP_OK);
	CHECK_INT(ident_parse(body, 5, &id), ISAKMP_E_ID_LENGTH);
	body[0] = 12;
	CHECK_INT(ident_parse(body, 8, &id), ISAKMP_E_ID_TYPE);
	body[0] = ID_KEY_ID;
	CHECK_INT(ident_parse(body, 4 + 255, &id), ISAKMP_OK);
	CHECK_INT(ident_parse(body, 4 + 256, &id), ISAKMP_E_ID_LENGTH);
	body[0] = ID_DER_ASN1_DN;
	CHECK_INT(ident_parse(body, 4 + 2048, &id), ISAKMP_OK);
	CHECK_INT(ident_parse(body, 4 + 2049, &id), ISAKMP_E_ID_LENGTH);
	body[0] = ID_IPV4_ADDR;
	CHECK_INT(ident_parse(body, 4 + 4, &id), ISAKMP_OK);
	CHECK_INT(ident_parse(body, 4 + 5, &id), ISAKMP_E_ID_LENGTH);
	body[0] = ID_IPV6_ADDR_RANGE;
	CHECK_INT(ident_parse(body, 4 + 32, &id), ISAKMP_OK);
	CHECK_INT(ident_parse(body, 4 + 8, &id), ISAKMP_E_ID_LENGTH);
}

TEST(phase1)
{
	struct ident id = make(ID_IPV4_ADDR, "\xc0\xa8\x01\x02", 4);

	CHECK_INT(ident_check_phase1(&id), ISAKMP_OK);
	id.protocol = 17;
	id.port = 4500;
	CHECK_INT(ident_check_phase1(&id), ISAKMP_OK);
	id.protocol = 6;
	CHECK_INT(ident_check_phase1(&id), ISAKMP_E_PROTOCOL);
	id = make(ID_IPV4_ADDR_SUBNET, "\0\0\0\0\0\0\0\0", 8);
	CHECK_INT(ident_check_phase1(&id), ISAKMP_E_ID_TYPE);
	id = make(ID_IPV4_ADDR_RANGE, "\0\0\0\0\0\0\0\0", 8);
	CHECK_INT(ident_check_phase1(&id), ISAKMP_E_ID_TYPE);
}

TEST(texts)
{
	struct ident id = make(ID_IPV4_ADDR, "\x0a\x59\x81\xc8", 4);
	char buf[64];

	CHECK_STR(text(ID_KEY_ID, "vpn3000", 7), "KEY_ID vpn3000");
	CHECK_STR(text(ID_FQDN, "a b\n", 4), "FQDN \"a b\\x0a\"");
	CHECK_STR(
	    text(ID_IPV4_ADDR, "\x0a\x59\x81\xc8", 4), "10.89.129.200/32");
	CHECK_STR(
	    text(ID_IPV4_ADDR_SUBNET, "\x0a\x59\x81\x80\xff\xff\xff\x80", 8),
	    "10.89.129.128/25");
	CHECK_STR(
	    text(ID_IPV4_ADDR_SUBNET, "\0\0\0\0\0\0\0\0", 8), "0.0.0.0/0");
	CHECK_STR(text(ID_IPV4_ADDR_RANGE, "\x0a\0\0\1\x0a\0\0\5", 8),
	    "10.0.0.1-10.0.0.5");
	CHECK_STR(text(ID_IPV4_ADDR_SUBNET, "\x0a\0\0\1\xff\0\xff\0", 8),
	    "IPV4_ADDR_SUBNET (subnet mask is not contiguous)");
	CHECK_STR(text(ID_NONE, "", 0), "NONE 0 octets");
	CHECK_STR(text(ID_DER_ASN1_DN, "\x30\0", 2), "DER_ASN1_DN 2 octets");
	CHECK_STR(text(99, "", 0), "ID type 99");
	id.protocol = 6;
	id.port = 80;
	CHECK_STR(ident_text(&id, buf, sizeof(buf)),
	    "10.89.129.200/32 protocol 6 port 80");
	CHECK_STR(ident_text(&id, buf, 5), "10.8");
}

static enum isakmp_error
network(uint8_t type, const char *data, size_t len, const char *want)
{
	struct ident id = make(type, data, len);
	char buf[ADDR_STRLEN];
	struct network net;
	enum isakmp_error e;

	if ((e = ident_network(&id, &net)) == ISAKMP_OK)
		CHECK_STR(network_text(&net, buf), want);
	return e;
}

TEST(networks)
{
	CHECK_INT(network(ID_IPV4_ADDR, "\x0a\0\0\1", 4, "10.0.0.1/32"), 0);
	/* host bits are cleared */
	CHECK_INT(network(ID_IPV4_ADDR_SUBNET, "\x0a\0\0\1\xff\xff\xff\0", 8,
		      "10.0.0.0/24"),
	    0);
	CHECK_INT(network(ID_IPV4_ADDR_RANGE, "\x0a\0\0\0\x0a\0\0\xff", 8,
		      "10.0.0.0/24"),
	    0);
	CHECK_INT(network(ID_IPV4_ADDR_RANGE, "\x0a\0\0\7\x0a\0\0\7", 8,
		      "10.0.0.7/32"),
	    0);
	CHECK_INT(network(ID_IPV4_ADDR_RANGE, "\0\0\0\0\xff\xff\xff\xff", 8,
		      "0.0.0.0/0"),
	    0);
	CHECK_INT(network(ID_IPV4_ADDR_RANGE, "\x0a\0\0\1\x0a\0\0\2", 8, NULL),
	    ISAKMP_E_ID_NOT_NETWORK);
	CHECK_INT(network(ID_IPV4_ADDR_RANGE, "\x0a\0\0\2\x0a\0\0\1", 8, NULL),
	    ISAKMP_E_ID_RANGE);
	CHECK_INT(
	    network(ID_IPV4_ADDR_SUBNET, "\x0a\0\0\2\xff\xff\0\xff", 8, NULL),
	    ISAKMP_E_ID_MASK);
	CHECK_INT(network(ID_KEY_ID, "\x0a\0\0\2", 4, NULL), ISAKMP_E_ID_TYPE);
	CHECK_INT(
	    network(ID_IPV4_ADDR, "\x0a\0\0", 3, NULL), ISAKMP_E_ID_LENGTH);
	CHECK_INT(network(ID_IPV6_ADDR_SUBNET,
		      "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
		      "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0",
		      32, "2001:db8::/64"),
	    0);
}

TEST(building)
{
	static const struct isakmp_hdr h = { .version = ISAKMP_VERSION };
	uint8_t storage[IDENT_BODY_LEN], buf[100];
	struct network net, again;
	struct isakmp_buf ib;
	struct ident id, back;
	size_t len;
	int prefix;

	memset(&net, 0, sizeof(net));
	CHECK_INT(addr_parse("10.89.129.200", &net.addr), 0);
	ident_from_addr(&id, &net.addr, storage);
	id.protocol = 17;
	id.port = 500;
	ib_init(&ib, buf, sizeof(buf), &h);
	ident_put(&ib, &id);
	len = ib_finish(&ib);
	CHECK_INT(len, 28 + 12);
	CHECK_MEM(buf + 28, "\0\0\0\x0c\1\x11\1\xf4\x0a\x59\x81\xc8", 12);
	CHECK_INT(ident_parse(buf + 32, len - 32, &back), ISAKMP_OK);
	CHECK(ident_equal(&id, &back));
	back.port = 0;
	CHECK(!ident_equal(&id, &back));
	for (prefix = 0; prefix <= 32; prefix++) {
		net.addr = addr_ip4(
		    prefix == 0 ? 0 : 0xffffffffU << (32 - prefix));
		net.prefix = (uint8_t)prefix;
		ident_from_network(&id, &net, storage);
		CHECK_INT(ident_network(&id, &again), ISAKMP_OK);
		CHECK(addr_equal(&net.addr, &again.addr));
		CHECK_INT(again.prefix, prefix);
	}
}

TESTS(T(parsing), T(phase1), T(texts), T(networks), T(building))
