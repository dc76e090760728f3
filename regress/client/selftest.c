/*
 * Self-test of the test client: its arithmetic against vectors made by other
 * means (vectors.py), its writer and reader against each other and against
 * bytes written by hand.  Needs no gateway.
 */
#include <stdlib.h>

#include "../unit/test.h"
#include "session.h"
#include "vectors.h"

#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

/* One vector's inputs as octets. */
static struct input {
	struct bytes xi, xr, psk, ni, nr, cky_i, cky_r, sai, idii, idir, msgid,
	    spi, rest;
	struct dh_pair i, r;
	uint8_t gxy[DH_MAX];
	struct keys k;
	struct key_input in;
} x;

static void
octets(struct bytes *b, const char *hex)
{
	b->len = (size_t)hex_bytes(hex, b->b, sizeof(b->b));
}

static void
check(const char *what, const struct vector *v, const uint8_t *got,
    const char *hex)
{
	uint8_t want[256];
	int len = hex_bytes(hex, want, sizeof(want));

	if (len <= 0 || memcmp(got, want, (size_t)len) != 0) {
		printf("%s of %s %s %s differs\n", what, v->cipher, v->hash,
		    v->group);
		test_failures++;
	}
}

static void
check_sum(const char *what, const struct vector *v, const uint8_t *p,
    size_t len, const char *hex)
{
	struct piece piece = { p, len };
	uint8_t sum[HASH_MAX];

	digest(hash_name("sha2-256"), &piece, 1, sum);
	check(what, v, sum, hex);
}

static void
load(const struct vector *v)
{
	keys_init();
	memset(&x, 0, sizeof(x));
	octets(&x.xi, v->xi);
	octets(&x.xr, v->xr);
	octets(&x.psk, v->psk);
	octets(&x.ni, v->ni);
	octets(&x.nr, v->nr);
	octets(&x.cky_i, v->cky_i);
	octets(&x.cky_r, v->cky_r);
	octets(&x.sai, v->sai);
	octets(&x.idii, v->idii);
	octets(&x.idir, v->idir);
	octets(&x.msgid, v->msgid);
	octets(&x.spi, v->spi);
	octets(&x.rest, v->rest);
	x.k.cipher = cipher_name(v->cipher);
	x.k.hash = hash_name(v->hash);
	CHECK(dh_fixed(&x.i, group_name(v->group), x.xi.b, x.xi.len) == 0);
	CHECK(dh_fixed(&x.r, group_name(v->group), x.xr.b, x.xr.len) == 0);
	CHECK(dh_shared(&x.i, x.r.pub, x.r.len, x.gxy) == 0);
	x.in = (struct key_input){ .psk = x.psk.b,
		.psk_len = x.psk.len,
		.ni = { x.ni.b, x.ni.len },
		.nr = { x.nr.b, x.nr.len },
		.gxi = x.i.pub,
		.gxr = x.r.pub,
		.gxy = x.gxy,
		.gxy_len = x.i.secret,
		.len = x.i.len,
		.cky_i = x.cky_i.b,
		.cky_r = x.cky_r.b };
	CHECK(keys_phase1(&x.k, &x.in) == 0);
}

static void
unload(void)
{
	dh_free(&x.i);
	dh_free(&x.r);
}

TEST(dh)
{
	const struct vector *v;
	uint8_t other[DH_MAX];

	for (v = vectors; v < vectors + VECTORS; v++) {
		load(v);
		check_sum("g^xi", v, x.i.pub, x.i.len, v->gxi);
		check_sum("g^xr", v, x.r.pub, x.r.len, v->gxr);
		check_sum("g^xy", v, x.gxy, x.i.len, v->gxy);
		CHECK(dh_shared(&x.r, x.i.pub, x.i.len, other) == 0);
		CHECK_MEM(other, x.gxy, x.i.len);
		CHECK(dh_shared(&x.r, x.i.pub, x.i.len - 1, other) == -1);
		unload();
	}
}

/* RFC 5903 8.1; a point that is off the curve is none. */
TEST(curve)
{
	static const char *const hex[] = {
		"c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57"
		"862d1433",
		"c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46"
		"476bee53",
		"dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37"
		"725811805271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58"
		"389e0577b8990bb3",
		"d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc755"
		"4494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f83"
		"53e74f33039872ab",
		"d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d0"
		"4b9442de"
	};
	const struct group *g = group_name("ecp256");
	uint8_t v[5][64], out[64];
	struct dh_pair i, r;
	int n;

	for (n = 0; n < 5; n++)
		hex_bytes(hex[n], v[n], sizeof(v[n]));
	CHECK(dh_fixed(&i, g, v[0], 32) == 0);
	CHECK(dh_fixed(&r, g, v[1], 32) == 0);
	CHECK(i.len == 64 && i.secret == 32);
	CHECK_MEM(i.pub, v[2], 64);
	CHECK_MEM(r.pub, v[3], 64);
	CHECK(dh_shared(&i, r.pub, 64, out) == 0);
	CHECK_MEM(out, v[4], 32);
	CHECK(dh_shared(&r, i.pub, 64, out) == 0);
	CHECK_MEM(out, v[4], 32);
	CHECK(dh_shared(&r, i.pub, 63, out) == -1);
	v[2][63] ^= 1;
	CHECK(dh_shared(&r, v[2], 64, out) == -1);
	CHECK(dh_prime(g, out) == -1);
	dh_free(&i);
	dh_free(&r);
}

TEST(phase1_keys)
{
	struct piece sai, idii, idir;
	const struct vector *v;
	uint8_t h[HASH_MAX];

	for (v = vectors; v < vectors + VECTORS; v++) {
		load(v);
		check("SKEYID_d", v, x.k.skeyid_d, v->skeyid_d);
		check("SKEYID_a", v, x.k.skeyid_a, v->skeyid_a);
		check("SKEYID_e", v, x.k.skeyid_e, v->skeyid_e);
		check("key", v, x.k.key, v->key);
		check("IV", v, x.k.iv, v->iv);
		sai = (struct piece){ x.sai.b, x.sai.len };
		idii = (struct piece){ x.idii.b, x.idii.len };
		idir = (struct piece){ x.idir.b, x.idir.len };
		keys_hash_auth(&x.k, &x.in, 0, &sai, &idii, h);
		check("HASH_I", v, h, v->hash_i);
		keys_hash_auth(&x.k, &x.in, 1, &sai, &idir, h);
		check("HASH_R", v, h, v->hash_r);
		unload();
	}
}

TEST(phase2_keys)
{
	static const struct piece nothing;
	struct piece rest, ni, nr, gqm;
	const struct vector *v;
	uint8_t out[96];
	uint32_t msgid, spi;

	for (v = vectors; v < vectors + VECTORS; v++) {
		load(v);
		msgid = get32(x.msgid.b);
		spi = get32(x.spi.b);
		rest = (struct piece){ x.rest.b, x.rest.len };
		ni = (struct piece){ x.ni.b, x.ni.len };
		nr = (struct piece){ x.nr.b, x.nr.len };
		gqm = (struct piece){ x.gxy, x.i.len };
		keys_iv(&x.k, msgid, out);
		check("IV of a message id", v, out, v->iv2);
		keys_hash2(&x.k, msgid, NULL, &rest, out);
		check("HASH(1)", v, out, v->hash1);
		keys_hash2(&x.k, msgid, &ni, &rest, out);
		check("HASH(2)", v, out, v->hash2);
		keys_hash3(&x.k, msgid, &ni, &nr, out);
		check("HASH(3)", v, out, v->hash3);
		keymat(&x.k, &nothing, 3, spi, &ni, &nr, out, sizeof(out));
		check("KEYMAT", v, out, v->keymat);
		keymat(&x.k, &gqm, 3, spi, &ni, &nr, out, sizeof(out));
		check("KEYMAT with PFS", v, out, v->keymat_pfs);
		unload();
	}
}

static void
one_cbc(const char *name, const char *key, const char *iv, const char *plain,
    const char *secret)
{
	struct keys k = { .cipher = cipher_name(name) };
	uint8_t p[64], s[64], v[BLOCK_MAX];
	int len = hex_bytes(plain, p, sizeof(p));

	keys_init();
	CHECK(hex_bytes(secret, s, sizeof(s)) == len);
	hex_bytes(key, k.key, sizeof(k.key));
	hex_bytes(iv, v, sizeof(v));
	CHECK(cbc(&k, 1, v, p, (size_t)len) == 0);
	CHECK_MEM(p, s, (size_t)len);
	CHECK_MEM(v, s + len - k.cipher->block, k.cipher->block);
	hex_bytes(iv, v, sizeof(v));
	CHECK(cbc(&k, 0, v, p, (size_t)len) == 0);
	CHECK_MEM(v, s + len - k.cipher->block, k.cipher->block);
	hex_bytes(plain, s, sizeof(s));
	CHECK_MEM(p, s, (size_t)len);
	CHECK(cbc(&k, 0, v, p, (size_t)len - 1) == -1);
}

/* SP 800-38A F.2.1 and F.2.5, FIPS 81 table C1. */
TEST(ciphers)
{
	one_cbc("aes-128", "2b7e151628aed2a6abf7158809cf4f3c",
	    "000102030405060708090a0b0c0d0e0f",
	    "6bc1bee22e409f96e93d7e117393172a"
	    "ae2d8a571e03ac9c9eb76fac45af8e51",
	    "7649abac8119b246cee98e9b12e9197d"
	    "5086cb9b507219ee95db113a917678b2");
	one_cbc("aes-256",
	    "603deb1015ca71be2b73aef0857d7781"
	    "1f352c073b6108d72d9810a30914dff4",
	    "000102030405060708090a0b0c0d0e0f",
	    "6bc1bee22e409f96e93d7e117393172a"
	    "ae2d8a571e03ac9c9eb76fac45af8e51",
	    "f58c4c04d6e5f1ba779eabfb5f7bfbd6"
	    "9cfc4e967edb808d679f777bc6702c7d");
	one_cbc("des", "0123456789abcdef", "1234567890abcdef",
	    "4e6f77206973207468652074696d6520"
	    "666f7220616c6c20",
	    "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6");
}

static struct wire w;
static const uint8_t cky_i[8] = "initiatr", cky_r[8] = "responsr";

TEST(write_and_read)
{
	static const char hand[] = "696e69746961747272657370"
				   "6f6e73720d1004000000000000000033"
				   "0a000008616263640d00000700112200000008"
				   "800b0001";
	struct payload p[4];
	struct header h;
	uint8_t want[64];
	size_t used;
	int n;

	wire_start(&w, cky_i, cky_r, X_AGGRESSIVE, 0, 0);
	put_payload(&w, P_VENDOR, "abcd", 4);
	put_payload(&w, P_NONCE, "\x00\x11\x22", 3);
	wire_open(&w, P_VENDOR);
	put_tv(&w, 11, 1);
	wire_end(&w);
	wire_finish(&w);
	n = hex_bytes(hand, want, sizeof(want));
	CHECK_INT(w.len, n);
	CHECK_MEM(w.b, want, (size_t)n);
	CHECK(wire_header(w.b, w.len, &h) == 0);
	CHECK(wire_header(w.b, w.len - 1, &h) == -1);
	n = wire_chain(h.next, w.b + WIRE_HDR, w.len - WIRE_HDR, p, 4, &used);
	CHECK_INT(n, 3);
	CHECK(wire_find(p, n, P_VENDOR, 1) == &p[2]);
	CHECK(wire_find(p, n, P_VENDOR, 2) == NULL);
	CHECK(wire_chain(
		  h.next, w.b + WIRE_HDR, w.len - WIRE_HDR, p, 2, &used) == -1);
}

/* Every cut and every changed length of a chain is refused or harmless. */
TEST(bad_chains)
{
	struct payload p[8];
	uint8_t b[64];
	size_t used, len, i;
	int v;

	wire_start(&w, cky_i, cky_r, X_MAIN, 0, 0);
	put_payload(&w, P_VENDOR, "abcd", 4);
	put_payload(&w, P_NONCE, "0123456789", 10);
	len = w.len - WIRE_HDR;
	for (i = 0; i < len; i++)
		CHECK(
		    wire_chain(P_VENDOR, w.b + WIRE_HDR, i, p, 8, &used) == -1);
	for (v = 0; v < 65536; v++) {
		memcpy(b, w.b + WIRE_HDR, len);
		b[2] = (uint8_t)(v >> 8);
		b[3] = (uint8_t)v;
		if (wire_chain(P_VENDOR, b, len, p, 8, &used) != -1)
			CHECK(used <= len);
	}
}

TEST(attributes)
{
	static const uint8_t b[] = { 0x80, 11, 0, 1, 0, 12, 0, 4, 0, 0x20, 0xc4,
		0x9b, 0, 7, 0, 0 };
	const uint8_t *at = b;
	size_t left = sizeof(b), cut;
	struct attr a;

	CHECK_INT(wire_attr(&at, &left, &a), 1);
	CHECK(a.tv && a.type == 11 && a.value == 1);
	CHECK_INT(wire_attr(&at, &left, &a), 1);
	CHECK(!a.tv && a.type == 12 && a.value == 2147483);
	CHECK_INT(wire_attr(&at, &left, &a), 1);
	CHECK(a.type == 7 && a.len == 0);
	CHECK_INT(wire_attr(&at, &left, &a), 0);
	at = b + 4;
	cut = 7;
	CHECK_INT(wire_attr(&at, &cut, &a), -1);
}

/* What is sealed opens again, once per IV, and not when a bit changed. */
TEST(seal_and_open)
{
	static struct settings set;
	static struct message m;
	struct session a, b;
	uint16_t type = 0;
	uint32_t seq = 0;

	load(&vectors[9]);
	session_init(&a, &set);
	a.k = x.k;
	a.keyed = 1;
	memcpy(a.cky_i, cky_i, 8);
	memcpy(a.cky_r, cky_r, 8);
	b = a;
	CHECK(info_dpd(&a, &w, 36136, 77) == 0 && session_seal(&a, &w) == 0);
	w.b[w.len - 1] ^= 1;
	CHECK_INT(session_open(&b, w.b, w.len, &m), -1);
	w.b[w.len - 1] ^= 1;
	CHECK_INT(session_open(&b, w.b, w.len, &m), 0);
	CHECK(m.authentic && info_take(&m, &type, &seq) == 0);
	CHECK(type == 36136 && seq == 77);
	CHECK_INT(session_open(&b, w.b, w.len, &m), -1);
	unload();
}

TESTS(T(dh), T(curve), T(phase1_keys), T(phase2_keys), T(ciphers),
    T(write_and_read), T(bad_chains), T(attributes), T(seal_and_open))
