/*
 * PF_KEY: every message byte for byte against the vectors, in the dialects of
 * all four kernels on any system; the reader against broken messages; what
 * the kernels can.
 */
#include <errno.h>

#include "ikerd/ike/kernel_conn.h"
#include "ikerd/ike/pfkey_kame.h"
#include "ikerd/ike/pfkey_obsd.h"
#include "regress/unit/ike/pfkey_examples.h"
#include "regress/unit/test.h"

static void
dump(const char *what, const uint8_t *p, size_t len)
{
	size_t i;

	printf("  %-5s", what);
	for (i = 0; i < len; i++)
		printf("%s%02x", i % 8 == 0 ? " " : "", p[i]);
	printf("\n");
}

static void
check_bytes(const struct vector *want, const struct pfkey_msg *m)
{
	uint8_t buf[PFKEY_SENDMAX];
	size_t len = unhex(want->hex, buf, sizeof(buf));

	if (m->bad || len != m->len || memcmp(buf, m->buf, len) != 0) {
		printf("%s of %s differs\n", want->name,
		    pfkey_variant(want->variant)->name);
		dump("want", buf, len);
		dump("got", m->buf, m->len);
		test_failures++;
	}
}

static void
check_build(const struct vector *want, const struct pfkey_variant *v,
    struct pfkey_req *req, uint32_t seq, uint32_t pid)
{
	struct pfkey_msg m;

	req->seq = seq;
	req->pid = pid;
	CHECK(pfkey_build(v, req, &m) != 0);
	check_bytes(want, &m);
}

/* --- the golden messages --- */

#define NATT KAME_EXT_NAT_T_TYPE, KAME_EXT_NAT_T_SPORT, KAME_EXT_NAT_T_DPORT
#define ADDRS EXT_ADDRESS_SRC, EXT_ADDRESS_DST
#define FLOWX                                                    \
	OBSD_EXT_SRC_FLOW, OBSD_EXT_SRC_MASK, OBSD_EXT_DST_FLOW, \
	    OBSD_EXT_DST_MASK, OBSD_EXT_PROTOCOL

static struct pfkey_form forms[OP_MAX];

/* The golden messages have one order; FreeBSD's and OpenBSD's ours differ. */
static struct pfkey_variant
golden_variant(enum kernel_variant id)
{
	struct pfkey_variant v = *pfkey_variant(id);
	const struct pfkey_form sa = { MSG_ADD, 2,
		{ EXT_SA, ADDRS, EXT_LIFETIME_SOFT, EXT_LIFETIME_HARD,
		    OBSD_EXT_UDPENCAP, EXT_KEY_ENCRYPT, EXT_KEY_AUTH } };
	const struct pfkey_form move = { MSG_UPDATE, 3,
		{ EXT_SA, KAME_EXT_SA2, ADDRS, EXT_LIFETIME_SOFT,
		    EXT_LIFETIME_HARD, NATT } };
	const struct pfkey_form by_spi = { MSG_GET, 2, { EXT_SA, ADDRS } };
	const struct pfkey_form flow = { OBSD_ADDFLOW, 2,
		{ OBSD_EXT_FLOW_TYPE, EXT_ADDRESS_DST, FLOWX } };

	v.spi_min = 0x100;
	v.spi_max = 0x0fffffff;
	if (id == KERNEL_FREEBSD) {
		memcpy(forms, pfkey_linux.forms, sizeof(forms));
		forms[OP_MOVE_OUT] = move;
		v.forms = forms;
	} else if (id == KERNEL_OPENBSD) {
		memcpy(forms, v.forms, sizeof(forms));
		forms[OP_ADD] = forms[OP_UPDATE] = sa;
		forms[OP_UPDATE].type = MSG_UPDATE;
		forms[OP_GET] = forms[OP_DELETE] = by_spi;
		forms[OP_DELETE].type = MSG_DELETE;
		forms[OP_FLOW_ADD] = flow;
		forms[OP_FLOW_DELETE].exts[1] = OBSD_EXT_SRC_FLOW;
		forms[OP_FLOW_DELETE].exts[2] = OBSD_EXT_SRC_MASK;
		forms[OP_FLOW_DELETE].exts[3] = OBSD_EXT_DST_FLOW;
		forms[OP_FLOW_DELETE].exts[4] = OBSD_EXT_DST_MASK;
		forms[OP_FLOW_DELETE].exts[5] = OBSD_EXT_PROTOCOL;
		v.forms = forms;
	}
	return v;
}

static void
golden_sas(enum kernel_variant id, const struct pfkey_variant *v)
{
	struct esp_sa a = sa_between(
	    "192.0.2.1", "198.51.100.7", 0x11223344, 4097);
	struct esp_sa in = sa_between(
	    "203.0.113.50", "192.0.2.1", 0x0c0ffee1, 4098);
	struct esp_sa out = sa_between(
	    "192.0.2.1", "203.0.113.50", 0x55667788, 4098);
	struct pfkey_req req = { .op = OP_GETSPI, .sa = &in };

	sa_keys(&a, ESP_AUTH_HMAC_SHA2_256, 0, 32, 0x40, 32);
	sa_keys(&in, ESP_AUTH_HMAC_SHA, 0x80, 16, 0xa0, 20);
	sa_keys(&out, ESP_AUTH_HMAC_SHA, 0x80, 16, 0xa0, 20);
	in.natt = out.natt = 1;
	in.src.port = out.dst.port = 31000;
	in.dst.port = out.src.port = 4500;
	check_build(GOLDEN("G1", id), v, &req, 1, 4242);
	req.op = OP_ADD;
	req.sa = &a;
	check_build(GOLDEN("G2", id), v, &req, 2, 4242);
	req.op = OP_UPDATE;
	req.sa = &in;
	check_build(GOLDEN("G3", id), v, &req, 3, 4242);
	req.op = OP_ADD;
	req.sa = &out;
	check_build(GOLDEN("G4", id), v, &req, 4, 4242);
	out.dst.port = 31999;
	req.op = OP_MOVE_OUT;
	check_build(GOLDEN("G5", id), v, &req, 5, 4242);
	req.op = OP_DELETE;
	req.sa = &a;
	check_build(GOLDEN("G10", id), v, &req, 10, 4242);
	req.op = OP_GET;
	check_build(GOLDEN("G11", id), v, &req, 11, 4242);
	req.op = OP_REGISTER;
	check_build(GOLDEN("G12", id), v, &req, 12, 4242);
}

static void
golden_flows(enum kernel_variant id, const struct pfkey_variant *v)
{
	struct esp_flow f = flow_between(
	    "10.1.0.0", 16, "10.9.8.7", 32, "198.51.100.7");
	struct esp_flow clear = flow_between(
	    "10.1.0.0", 16, "10.1.0.0", 16, "198.51.100.7");
	struct esp_flow site = flow_between(
	    "10.1.0.0", 16, "10.2.0.0", 16, "198.51.100.7");
	struct pfkey_req req = { .op = OP_FLOW_ADD,
		.flow = &f,
		.dir = DIR_OUT,
		.level = LEVEL_UNIQUE,
		.reqid = 4097 };

	check_build(GOLDEN("G6", id), v, &req, 6, 4242);
	req.dir = DIR_IN;
	check_build(GOLDEN("G7", id), v, &req, 7, 4242);
	if (v->fwd) {
		req.dir = DIR_FWD;
		check_build(GOLDEN("G7f", id), v, &req, 17, 4242);
	}
	req.dir = DIR_OUT;
	req.op = OP_FLOW_DELETE;
	check_build(GOLDEN("G9", id), v, &req, 9, 4242);
	clear.priority = 10;
	req.op = OP_FLOW_ADD;
	req.action = ACTION_BYPASS;
	req.flow = &clear;
	check_build(GOLDEN("G8", id), v, &req, 8, 4242);
	req.action = ACTION_PROTECT;
	req.flow = &site; /* a peer's network */
	check_build(GOLDEN("G13", id), v, &req, 6, 4242);
}

TEST(golden_messages)
{
	static const enum kernel_variant ids[] = { KERNEL_LINUX, KERNEL_FREEBSD,
		KERNEL_OPENBSD };
	struct pfkey_variant v;
	size_t i;

	for (i = 0; i < NELEM(ids); i++) {
		v = golden_variant(ids[i]);
		golden_sas(ids[i], &v);
		golden_flows(ids[i], &v);
	}
}

/* --- what real kernels accepted --- */

TEST(freebsd_accepted)
{
	struct pfkey_variant v = pfkey_freebsd;
	struct esp_sa in = observed_sa(1, "198.51.100.2", 0x87852005, 101);
	struct esp_sa out = observed_sa(0, "198.51.100.2", 0xc0de0001, 101);
	struct esp_sa gcm = observed_sa(0, "198.51.100.2", 0x81001, 101);
	struct pfkey_req req = { .op = OP_GETSPI, .sa = &in };
	enum kernel_variant fb = KERNEL_FREEBSD;
	uint8_t key[36];

	v.replay = 4;
	check_build(OBSERVED("GETSPI", fb), &v, &req, 0x66, 0x12);
	req.op = OP_UPDATE;
	check_build(OBSERVED("UPDATE", fb), &v, &req, 0x67, 0x12);
	in.natt = 1;
	check_build(OBSERVED("UPDATE NAT-T", fb), &v, &req, 0x67, 0x12);
	req.op = OP_GET;
	check_build(OBSERVED("GET", fb), &v, &req, 0x6b, 0x12);
	req.op = OP_DELETE;
	check_build(OBSERVED("DELETE", fb), &v, &req, 0x70, 0x12);
	req.op = OP_ADD;
	req.sa = &out;
	check_build(OBSERVED("ADD", fb), &v, &req, 0x68, 0x12);
	out.natt = 1;
	check_build(OBSERVED("ADD NAT-T", fb), &v, &req, 0x68, 0x12);
	memcpy(key, keys + 0x10, 32);
	memcpy(key + 32, "0123", 4);
	sa_keys(&gcm, ESP_AUTH_NONE, 0, 36, 0, 0);
	gcm.enc_key = key;
	gcm.encrypt = ESP_AES_GCM_16;
	gcm.soft_s = gcm.hard_s = 0;
	req.sa = &gcm;
	CHECK(kernel_sa_wrong(fb, &gcm) == NULL);
	check_build(OBSERVED("ADD GCM", fb), &v, &req, 0x68, 0x12);
}

TEST(freebsd_accepted_policies)
{
	struct pfkey_variant v = pfkey_freebsd;
	struct pfkey_form own[OP_MAX];
	struct esp_flow f = flow_between(
	    "10.1.0.0", 24, "10.2.0.0", 24, "198.51.100.2");
	struct pfkey_req req = { .op = OP_FLOW_ADD,
		.flow = &f,
		.dir = DIR_OUT,
		.level = LEVEL_UNIQUE,
		.reqid = 101 };

	memcpy(own, v.forms, sizeof(own));
	own[OP_FLOW_ADD].type = KAME_SPDADD; /* ours is SPDUPDATE */
	v.forms = own;
	f.priority = 0;
	check_build(
	    OBSERVED("SPDADD out", KERNEL_FREEBSD), &v, &req, 0x69, 0x12);
	req.dir = DIR_IN;
	check_build(
	    OBSERVED("SPDADD in", KERNEL_FREEBSD), &v, &req, 0x6a, 0x12);
}

TEST(freebsd_moves)
{
	struct esp_sa in = observed_sa(1, "198.51.100.2", 0x87852005, 101);
	struct pfkey_req req = {
		.op = OP_MOVE_IN, .sa = &in, .new_addr = ip("203.0.113.5")
	};
	struct pfkey_info i;
	struct pfkey_msg m;

	in.natt = 1;
	CHECK(pfkey_build(&pfkey_freebsd, &req, &m) != 0);
	CHECK_INT(pfkey_read(&pfkey_freebsd, m.buf, m.len, &i), 0);
	CHECK(PFKEY_HAVE(&i, KAME_EXT_NEW_ADDRESS_SRC));
	CHECK(PFKEY_HAVE(&i, KAME_EXT_NEW_ADDRESS_DST));
	CHECK(!PFKEY_HAVE(&i, EXT_KEY_ENCRYPT));  /* EINVAL with keys */
	CHECK(PFKEY_HAVE(&i, EXT_LIFETIME_HARD)); /* wiped without */
	CHECK_INT(i.natt_sport, 31000);
}

TEST(openbsd_accepted)
{
	const struct pfkey_variant *v = &pfkey_openbsd;
	struct esp_sa in = observed_sa(1, "192.0.2.2", 0xfb86c605, 0);
	struct esp_sa out = observed_sa(0, "192.0.2.2", 0xc0000002, 0);
	struct pfkey_req req = { .op = OP_GETSPI, .sa = &in };
	enum kernel_variant ob = KERNEL_OPENBSD;
	uint32_t pid = 0x131d;

	in.inner = out.inner = net("192.0.2.2", 32);
	in.src.port = out.dst.port = 40001;
	check_build(OBSERVED("GETSPI", ob), v, &req, 0x70, pid);
	req.op = OP_UPDATE;
	check_build(OBSERVED("UPDATE", ob), v, &req, 0x71, pid);
	in.natt = out.natt = 1;
	check_build(OBSERVED("UPDATE NAT-T", ob), v, &req, 0x71, pid);
	req.op = OP_GET;
	check_build(OBSERVED("GET", ob), v, &req, 0x75, pid);
	req.op = OP_DELETE;
	check_build(OBSERVED("DELETE", ob), v, &req, 0x79, pid);
	req.op = OP_ADD;
	req.sa = &out;
	check_build(OBSERVED("ADD NAT-T", ob), v, &req, 0x72, pid);
	req.op = OP_REGISTER;
	check_build(OBSERVED("REGISTER", ob), v, &req, 0x65, 0xb982);
}

TEST(openbsd_accepted_flows)
{
	const struct pfkey_variant *v = &pfkey_openbsd;
	struct esp_flow f = flow_between(
	    "10.1.0.0", 24, "10.2.1.0", 24, "192.0.2.2");
	struct pfkey_req req = {
		.op = OP_FLOW_ADD, .flow = &f, .dir = DIR_OUT
	};
	struct pfkey_info i, want;
	struct pfkey_msg m;
	uint8_t buf[256];
	size_t len;

	check_build(
	    OBSERVED("ADDFLOW out", KERNEL_OPENBSD), v, &req, 0x73, 0x131d);
	/* inbound ours is REQUIRE, with identities of our own making */
	len = unhex(
	    OBSERVED("ADDFLOW in", KERNEL_OPENBSD)->hex, buf, sizeof(buf));
	CHECK_INT(pfkey_read(v, buf, len, &want), 0);
	req.dir = DIR_IN;
	req.reqid = 4097;
	CHECK(pfkey_build(v, &req, &m) != 0);
	CHECK_INT(pfkey_read(v, m.buf, m.len, &i), 0);
	CHECK(i.have == want.have);
	CHECK_INT(i.policy_type, OBSD_FLOW_REQUIRE);
	CHECK_INT(i.dir, DIR_IN);
	CHECK_MEM(&i.flow_src, &want.flow_src, sizeof(i.flow_src));
	CHECK_MEM(&i.flow_dst, &want.flow_dst, sizeof(i.flow_dst));
	CHECK_MEM(&i.src, &want.src, sizeof(i.src));
	CHECK_MEM(&i.dst, &want.dst, sizeof(i.dst));
	CHECK_STR(i.id_src.text, "ikerd-4097");
	CHECK_STR(i.id_dst.text, "10.2.1.0/24");
	req.op = OP_FLOW_DELETE;
	req.dir = DIR_OUT;
	check_build(OBSERVED("DELFLOW", KERNEL_OPENBSD), v, &req, 0x77, 0x131d);
}

/* What the flow says of itself, the SAs must say too. */
TEST(openbsd_identities_agree)
{
	struct esp_flow f = flow_between(
	    "0.0.0.0", 0, "10.2.1.7", 32, "192.0.2.2");
	struct esp_sa s = observed_sa(0, "192.0.2.2", 0xc0000002, 4097);
	struct pfkey_req req = { .op = OP_ADD, .sa = &s };
	struct pfkey_req flow = {
		.op = OP_FLOW_ADD, .flow = &f, .dir = DIR_IN, .reqid = 4097
	};
	struct pfkey_info a, b;
	struct pfkey_msg m;

	s.inner = f.remote;
	CHECK(pfkey_build(&pfkey_openbsd, &flow, &m) != 0);
	CHECK_INT(pfkey_read(&pfkey_openbsd, m.buf, m.len, &a), 0);
	CHECK(pfkey_build(&pfkey_openbsd, &req, &m) != 0);
	CHECK_INT(pfkey_read(&pfkey_openbsd, m.buf, m.len, &b), 0);
	CHECK_MEM(&a.id_src, &b.id_src, sizeof(a.id_src));
	CHECK_MEM(&a.id_dst, &b.id_dst, sizeof(a.id_dst));
	s = observed_sa(1, "192.0.2.2", 0xc0000003, 4097);
	s.inner = f.remote;
	req.op = OP_UPDATE;
	CHECK(pfkey_build(&pfkey_openbsd, &req, &m) != 0);
	CHECK_INT(pfkey_read(&pfkey_openbsd, m.buf, m.len, &b), 0);
	CHECK_MEM(&a.id_src, &b.id_dst, sizeof(a.id_src));
	CHECK_MEM(&a.id_dst, &b.id_src, sizeof(a.id_dst));
}

/* A range behind a peer is several flows, and one pair of SAs for them. */
TEST(openbsd_identity_of_a_range)
{
	struct esp_flow whole = flow_between(
	    "0.0.0.0", 0, "10.2.0.0", 16, "192.0.2.2");
	struct esp_flow part = flow_between(
	    "0.0.0.0", 0, "10.2.128.0", 18, "192.0.2.2");
	struct pfkey_req req = {
		.op = OP_FLOW_ADD, .flow = &whole, .dir = DIR_IN, .reqid = 4097
	};
	struct pfkey_info a, b;
	struct pfkey_msg one, two;

	CHECK(pfkey_build(&pfkey_openbsd, &req, &one) != 0);
	CHECK_INT(pfkey_read(&pfkey_openbsd, one.buf, one.len, &a), 0);
	part.inner = whole.remote;
	req.flow = &part;
	CHECK(pfkey_build(&pfkey_openbsd, &req, &two) != 0);
	CHECK_INT(pfkey_read(&pfkey_openbsd, two.buf, two.len, &b), 0);
	CHECK_STR(a.id_dst.text, "10.2.0.0/16");
	CHECK_MEM(&a.id_dst, &b.id_dst, sizeof(a.id_dst));
	CHECK_INT(b.flow_src.prefix, 18);
}

TEST(sixteen_octets)
{
	struct esp_flow f = flow_between(
	    "10.1.0.0", 16, "10.9.8.7", 32, "198.51.100.7");
	struct pfkey_req req = { .op = OP_FLOW_ADD,
		.flow = &f,
		.dir = DIR_OUT,
		.level = LEVEL_UNIQUE,
		.reqid = 4097 };
	static const enum kernel_variant ids[] = { KERNEL_LINUX, KERNEL_FREEBSD,
		KERNEL_NETBSD, KERNEL_OPENBSD };
	struct pfkey_info i;
	struct pfkey_msg m;
	size_t n;

	f.local = net("2001:db8:1::", 48);
	f.remote = net("2001:db8:2::7", 128);
	f.gateway = ip("2001:db8::1");
	f.peer = ip("2001:db8:f::9");
	for (n = 0; n < NELEM(ids); n++) {
		CHECK(pfkey_build(pfkey_variant(ids[n]), &req, &m) != 0);
		CHECK_INT(
		    pfkey_read(pfkey_variant(ids[n]), m.buf, m.len, &i), 0);
		CHECK(addr_equal(&i.flow_src.addr, &f.local.addr));
		CHECK_INT(i.flow_src.prefix, 48);
		CHECK_INT(i.flow_dst.prefix, 128);
		CHECK(addr_equal(&i.tunnel_src, &f.gateway));
		CHECK(addr_equal(&i.tunnel_dst, &f.peer));
	}
}

/* --- reading --- */

static size_t
observed_bytes(const char *name, enum kernel_variant id, uint8_t *buf)
{
	return unhex(OBSERVED(name, id)->hex, buf, PFKEY_SENDMAX);
}

TEST(read_replies)
{
	uint8_t buf[PFKEY_SENDMAX];
	struct pfkey_info i;
	size_t len;

	len = observed_bytes("GET reply", KERNEL_FREEBSD, buf);
	CHECK_INT(pfkey_read(&pfkey_freebsd, buf, len, &i), 0);
	CHECK_INT(i.spi, 0x87852005);
	CHECK_INT(i.reqid, 101);
	CHECK_INT(i.state, SASTATE_MATURE);
	CHECK_INT(i.hard.addtime, 3600);
	CHECK_INT(i.soft.addtime, 3000);
	CHECK_INT(i.current.addtime, 0x6b044345);
	CHECK_INT(i.key_encrypt.len, 32);
	CHECK_MEM(i.key_auth.p, keys + 0x40, 32);
	len = observed_bytes("SPDADD out reply", KERNEL_FREEBSD, buf);
	CHECK_INT(pfkey_read(&pfkey_freebsd, buf, len, &i), 0);
	CHECK_INT(i.policy_id, 1);
	CHECK_INT(i.reqid, 101);
	CHECK_INT(i.dir, DIR_OUT);
	CHECK_INT(i.flow_dst.prefix, 24);
	len = observed_bytes("GETSPI reply", KERNEL_OPENBSD, buf);
	CHECK_INT(pfkey_read(&pfkey_openbsd, buf, len, &i), 0);
	CHECK_INT(i.spi, 0xfb86c605);
}

/* Move every extension to the front once: the same is understood. */
TEST(read_any_order)
{
	uint8_t buf[PFKEY_SENDMAX], turned[PFKEY_SENDMAX];
	struct pfkey_info a, b;
	size_t len, n, times;

	len = observed_bytes("GET reply", KERNEL_FREEBSD, buf);
	CHECK_INT(pfkey_read(&pfkey_freebsd, buf, len, &a), 0);
	for (times = 0; times < 9; times++) {
		n = pfkey_get16(buf + 16) * 8;
		memcpy(turned, buf, 16);
		memcpy(turned + 16, buf + 16 + n, len - 16 - n);
		memcpy(turned + len - n, buf + 16, n);
		memcpy(buf, turned, len);
		CHECK_INT(pfkey_read(&pfkey_freebsd, buf, len, &b), 0);
		CHECK(a.have == b.have && a.spi == b.spi);
		CHECK_INT(b.key_encrypt.len, 32);
		CHECK_INT(b.hard.addtime, 3600);
	}
}

static void
set16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
}

TEST(read_unknown_and_broken)
{
	uint8_t good[PFKEY_SENDMAX], buf[PFKEY_SENDMAX];
	const struct pfkey_variant *v = &pfkey_freebsd;
	struct pfkey_info i;
	size_t len, keya;

	len = observed_bytes("UPDATE", KERNEL_FREEBSD, good);
	keya = len - 80;
	CHECK_INT(pfkey_get16(good + keya + 2), EXT_KEY_AUTH);
#define TRY(want, change)                                     \
	do {                                                  \
		memcpy(buf, good, len);                       \
		change;                                       \
		CHECK_INT(pfkey_read(v, buf, len, &i), want); \
	} while (0)
	TRY(0, set16(buf + 18, 61));		     /* unknown type below 64 */
	TRY(0, set16(buf + 18, 40000));		     /* far beyond */
	TRY(-1, set16(buf + 18, EXT_LIFETIME_HARD)); /* too short, twice */
	TRY(-1, set16(buf + 16, 0));
	TRY(-1, set16(buf + 16, 500));
	TRY(-1, set16(buf + 34, EXT_SA)); /* duplicate */
	TRY(-1, set16(buf + 4, len / 8 + 1));
	TRY(-1, set16(buf + 4, len / 8 - 1));
	TRY(-1, buf[0] = 1);
	TRY(-1, set16(buf + keya + 4, 300)); /* bits, not 256 */
	TRY(-1, set16(buf + keya + 4, 0));
	TRY(0, set16(buf + keya + 4, 255)); /* still 32 bytes */
	TRY(-1, buf[112 + 8 + 1] = 99);	    /* family */
	TRY(-1, buf[112 + 8] = 28);	    /* sa_len */
	TRY(-1, buf[112 + 8 + 1] = 28);	    /* IPv6 in 16 bytes */
#undef TRY
	for (len = 0; len < 16; len++)
		CHECK_INT(pfkey_read(v, good, len, &i), -1);
}

/* Every truncation of every vector is refused, or is whole. */
TEST(read_truncated)
{
	uint8_t buf[PFKEY_SENDMAX], *exact;
	struct pfkey_info info;
	size_t i, len, cut;

	for (i = 0; i < NELEM(observed); i++) {
		len = unhex(observed[i].hex, buf, sizeof(buf));
		for (cut = 0; cut < len; cut++) {
			exact = malloc(cut + 1);
			memcpy(exact, buf, cut);
			if (cut >= 6)
				set16(exact + 4, cut / 8);
			(void)pfkey_read(pfkey_variant(observed[i].variant),
			    exact, cut, &info);
			free(exact);
		}
	}
}

/* --- what kernels can --- */

static struct kernel_algs
algs_of(const char *name, enum kernel_variant id)
{
	uint8_t buf[PFKEY_SENDMAX];
	struct kernel_algs algs;
	struct pfkey_info i;
	size_t len = observed_bytes(name, id, buf);

	CHECK_INT(pfkey_read(pfkey_variant(id), buf, len, &i), 0);
	pfkey_algs(pfkey_variant(id), &i, &algs);
	return algs;
}

static int
can(const struct kernel_algs *a, uint8_t enc, unsigned int bits, uint16_t auth,
    int trunc96)
{
	char why[128];
	int r = kernel_can(a, enc, bits, auth, trunc96, why, sizeof(why));

	CHECK(r == (why[0] == '\0'));
	return r;
}

TEST(freebsd_can)
{
	struct kernel_algs a = algs_of("REGISTER reply", KERNEL_FREEBSD);

	CHECK_INT(a.nauth, 9);
	CHECK_INT(a.nencrypt, 6);
	CHECK(can(&a, ESP_AES, 128, ESP_AUTH_HMAC_SHA, 0));
	CHECK(can(&a, ESP_AES, 256, ESP_AUTH_HMAC_SHA2_256, 0));
	CHECK(!can(&a, ESP_AES, 256, ESP_AUTH_HMAC_SHA2_256, 1));
	CHECK(can(&a, ESP_AES_GCM_16, 256, ESP_AUTH_NONE, 0));
	CHECK(!can(&a, ESP_AES_GCM_16, 256, ESP_AUTH_HMAC_SHA, 0));
	CHECK(!can(&a, ESP_AES, 256, ESP_AUTH_NONE, 0));
	CHECK(!can(&a, ESP_AES, 200, ESP_AUTH_HMAC_SHA, 0));
	CHECK(!can(&a, ESP_AES, 0, ESP_AUTH_HMAC_SHA, 0));
	CHECK(!can(&a, ESP_3DES, 0, ESP_AUTH_HMAC_SHA, 0));
	CHECK(!can(&a, ESP_DES, 0, ESP_AUTH_HMAC_SHA, 0));
	CHECK(!can(&a, ESP_AES, 128, ESP_AUTH_HMAC_MD5, 0));
	CHECK(can(&a, ESP_NULL, 0, ESP_AUTH_HMAC_SHA, 0));
	CHECK(!can(&a, ESP_NULL, 0, ESP_AUTH_NONE, 0));
	CHECK(!can(&a, ESP_NULL, 64, ESP_AUTH_HMAC_SHA, 0));
}

TEST(linux_and_openbsd_can)
{
	struct kernel_algs lx = { .variant = KERNEL_LINUX,
		.nauth = 4,
		.nencrypt = 3,
		.auth = { { 2, 128, 128 }, { 3, 160, 160 }, { 5, 256, 256 },
		    { 7, 512, 512 } },
		.encrypt = {
		    { 2, 64, 64 }, { 3, 192, 192 }, { 12, 128, 256 } } };
	struct kernel_algs ob = lx;

	ob.variant = KERNEL_OPENBSD;
	CHECK(!can(&lx, ESP_NULL, 0, ESP_AUTH_HMAC_SHA, 0)); /* not listed */
	CHECK(can(&lx, ESP_DES, 0, ESP_AUTH_HMAC_MD5, 0));
	CHECK(can(&lx, ESP_3DES, 192, ESP_AUTH_HMAC_SHA, 0));
	CHECK(!can(&lx, ESP_AES, 128, ESP_AUTH_HMAC_SHA2_256, 0));
	CHECK(can(&lx, ESP_AES, 128, ESP_AUTH_HMAC_SHA2_256, 1));
	CHECK(!can(&lx, ESP_AES, 128, ESP_AUTH_HMAC_SHA, 1));
	CHECK(!can(&lx, ESP_AES_GCM_16, 128, ESP_AUTH_NONE, 0));
	CHECK(can(&ob, ESP_AES_GCM_16, 128, ESP_AUTH_NONE, 0)); /* unlisted */
	CHECK(!can(&ob, ESP_DES, 0, ESP_AUTH_HMAC_MD5, 0));
	CHECK(can(&ob, ESP_3DES, 0, ESP_AUTH_HMAC_MD5, 0));
}

/* ESP that encrypts nothing: an empty key, but on OpenBSD none. */
TEST(key_of_null)
{
	struct esp_sa s = observed_sa(0, "192.0.2.2", 0xc0000002, 4097);
	struct pfkey_req req = { .op = OP_ADD, .sa = &s };
	struct pfkey_info i;
	struct pfkey_msg m;

	sa_keys(&s, ESP_AUTH_HMAC_SHA, 0, 0, 0x40, 20);
	s.encrypt = ESP_NULL;
	CHECK(kernel_sa_wrong(KERNEL_FREEBSD, &s) == NULL);
	CHECK(pfkey_build(&pfkey_freebsd, &req, &m) != 0);
	CHECK_INT(pfkey_read(&pfkey_freebsd, m.buf, m.len, &i), 0);
	CHECK(PFKEY_HAVE(&i, EXT_KEY_ENCRYPT));
	CHECK_INT(i.key_encrypt.len, 0);
	CHECK(pfkey_build(&pfkey_linux, &req, &m) != 0);
	CHECK_INT(pfkey_read(&pfkey_linux, m.buf, m.len, &i), 0);
	CHECK(PFKEY_HAVE(&i, EXT_KEY_ENCRYPT));
	CHECK(kernel_sa_wrong(KERNEL_OPENBSD, &s) == NULL);
	CHECK(pfkey_build(&pfkey_openbsd, &req, &m) != 0);
	CHECK_INT(pfkey_read(&pfkey_openbsd, m.buf, m.len, &i), 0);
	CHECK(!PFKEY_HAVE(&i, EXT_KEY_ENCRYPT));
	CHECK_INT(i.key_auth.len, 20);
	s.auth_key = NULL;
	s.auth_len = 0;
	s.auth = ESP_AUTH_NONE;
	CHECK(kernel_sa_wrong(KERNEL_FREEBSD, &s) != NULL);
}

TEST(key_sizes)
{
	size_t enc, auth;

	CHECK_INT(
	    kernel_key_sizes(ESP_3DES, 0, ESP_AUTH_HMAC_MD5, &enc, &auth), 0);
	CHECK_INT(enc, 24);
	CHECK_INT(auth, 16);
	CHECK_INT(
	    kernel_key_sizes(ESP_AES_GCM_16, 256, ESP_AUTH_NONE, &enc, &auth),
	    0);
	CHECK_INT(enc, 36);
	CHECK_INT(auth, 0);
	CHECK_INT(
	    kernel_key_sizes(ESP_AES, 256, ESP_AUTH_NONE, &enc, &auth), -1);
	CHECK_INT(
	    kernel_key_sizes(ESP_AES, 0, ESP_AUTH_HMAC_SHA, &enc, &auth), -1);
}

TEST(prepare)
{
	setup_keys();
}

TESTS(T(prepare), T(golden_messages), T(freebsd_accepted),
    T(freebsd_accepted_policies), T(freebsd_moves), T(openbsd_accepted),
    T(openbsd_accepted_flows), T(openbsd_identities_agree),
    T(openbsd_identity_of_a_range), T(sixteen_octets), T(read_replies),
    T(read_any_order), T(read_unknown_and_broken), T(read_truncated),
    T(freebsd_can), T(linux_and_openbsd_can), T(key_of_null), T(key_sizes))
