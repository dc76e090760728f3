/*
 * Builds requests and checks replies, as octets.  The key is only looked at
 * here.  Called by radius.c; fuzzed by regress/fuzz/radius_fuzz.c.
 */
#include <string.h>

#include <sodium.h>

#include "authd/md5.h"
#include "authd/radius_packet.h"
#include "common/log.h"
#include "common/rnd.h"

#define AT_CODE 0
#define AT_ID 1
#define AT_LENGTH 2
#define AT_AUTHENTICATOR 4
#define MESSAGE_AUTHENTICATOR_LEN (2 + MD5_LEN)
#define VENDOR_HDR 4

static uint16_t
get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static void
put_u16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* --- requests --- */

void
radius_begin(struct radius_request *r, uint8_t id)
{
	static const uint8_t zero[MD5_LEN];

	memset(r, 0, sizeof(*r));
	r->p[AT_CODE] = RADIUS_ACCESS_REQUEST;
	r->p[AT_ID] = id;
	rnd_bytes(r->p + AT_AUTHENTICATOR, RADIUS_AUTHENTICATOR);
	r->len = RADIUS_HDR;
	radius_put(r, RADIUS_MESSAGE_AUTHENTICATOR, zero, sizeof(zero));
}

void
radius_put(
    struct radius_request *r, enum radius_type type, const void *v, size_t len)
{
	if (len > RADIUS_VALUE_MAX || r->len + 2 + len > sizeof(r->p))
		fatalx("a RADIUS request that fits no packet");
	r->p[r->len] = (uint8_t)type;
	r->p[r->len + 1] = (uint8_t)(2 + len);
	memcpy(r->p + r->len + 2, v, len);
	r->len += 2 + len;
}

void
radius_put_text(
    struct radius_request *r, enum radius_type type, const char *text)
{
	radius_put(r, type, text, strlen(text));
}

void
radius_put_u32(struct radius_request *r, enum radius_type type, uint32_t v)
{
	uint8_t p[4];

	put_u16(p, v >> 16);
	put_u16(p + 2, v);
	radius_put(r, type, p, sizeof(p));
}

void
radius_put_password(struct radius_request *r, const struct secret *key,
    const uint8_t *password, size_t len)
{
	uint8_t p[RADIUS_PASSWORD_MAX], pad[MD5_LEN];
	const uint8_t *before = r->p + AT_AUTHENTICATOR;
	struct md5_part part[2] = { { key->data, key->len } };
	size_t at, i, padded = len == 0 ? MD5_LEN : (len + 15) & ~(size_t)15;

	if (len > sizeof(p))
		fatalx("a password that fits no RADIUS attribute");
	memset(p, 0, sizeof(p));
	memcpy(p, password, len);
	for (at = 0; at < padded; at += MD5_LEN) {
		part[1].p = before;
		part[1].len = MD5_LEN;
		md5_of(part, 2, pad);
		for (i = 0; i < MD5_LEN; i++)
			p[at + i] ^= pad[i];
		before = p + at;
	}
	radius_put(r, RADIUS_USER_PASSWORD, p, padded);
	sodium_memzero(p, sizeof(p));
	sodium_memzero(pad, sizeof(pad));
}

void
radius_sign(struct radius_request *r, const struct secret *key)
{
	uint8_t *mac = r->p + RADIUS_HDR + 2;
	struct md5_part part = { r->p, r->len };

	put_u16(r->p + AT_LENGTH, r->len);
	hmac_md5(key->data, key->len, &part, 1, mac);
}

/* --- replies --- */

/* RFC 2865 3 and 5: what is said to be there is there. */
static const char *
check_form(struct radius_reply *r, const uint8_t *p, size_t len)
{
	size_t at;

	if (len < RADIUS_HDR)
		return "it is shorter than a header";
	r->p = p;
	r->len = get_u16(p + AT_LENGTH);
	if (r->len < RADIUS_HDR || r->len > RADIUS_MAX || r->len > len)
		return "its length is not that of the datagram";
	for (at = RADIUS_HDR; at < r->len; at += p[at + 1]) {
		if (r->len - at < 2 || p[at + 1] < 2 || p[at + 1] > r->len - at)
			return "an attribute's length is wrong";
	}
	return NULL;
}

static int
check_authenticator(const struct radius_reply *r,
    const struct radius_request *q, const struct secret *key)
{
	const struct md5_part part[] = {
		{ r->p, AT_AUTHENTICATOR },
		{ q->p + AT_AUTHENTICATOR, RADIUS_AUTHENTICATOR },
		{ r->p + RADIUS_HDR, r->len - RADIUS_HDR },
		{ key->data, key->len },
	};
	uint8_t want[MD5_LEN];

	md5_of(part, 4, want);
	return sodium_memcmp(r->p + AT_AUTHENTICATOR, want, MD5_LEN) == 0;
}

/* Over the whole packet, with the request's Authenticator and itself zero. */
static int
check_mac(const struct radius_reply *r, const uint8_t *mac,
    const struct radius_request *q, const struct secret *key)
{
	static const uint8_t zero[MD5_LEN];
	const uint8_t *behind = mac + MD5_LEN;
	const struct md5_part part[] = {
		{ r->p, AT_AUTHENTICATOR },
		{ q->p + AT_AUTHENTICATOR, RADIUS_AUTHENTICATOR },
		{ r->p + RADIUS_HDR, (size_t)(mac - r->p) - RADIUS_HDR },
		{ zero, sizeof(zero) },
		{ behind, r->len - (size_t)(behind - r->p) },
	};
	uint8_t want[MD5_LEN];

	hmac_md5(key->data, key->len, part, 5, want);
	return sodium_memcmp(mac, want, MD5_LEN) == 0;
}

static const char *
check_macs(const struct radius_reply *r, const struct radius_request *q,
    const struct secret *key, int optional)
{
	const uint8_t *mac = NULL, *p;
	size_t at;

	for (at = RADIUS_HDR; at < r->len; at += p[1]) {
		p = r->p + at;
		if (p[0] == RADIUS_PROXY_STATE)
			return "it has a Proxy-State, and we sent none";
		if (p[0] != RADIUS_MESSAGE_AUTHENTICATOR)
			continue;
		if (mac != NULL || p[1] != MESSAGE_AUTHENTICATOR_LEN)
			return "its Message-Authenticator is twice there, or "
			       "of a wrong length";
		mac = p + 2;
	}
	if (mac == NULL)
		return optional ? NULL :
				  "it has no Message-Authenticator: the "
				  "server must be told to send it";
	return check_mac(r, mac, q, key) ? NULL :
					   "its Message-Authenticator is wrong";
}

static int
is_answer(enum radius_code code)
{
	return code == RADIUS_ACCESS_ACCEPT || code == RADIUS_ACCESS_REJECT ||
	    code == RADIUS_ACCESS_CHALLENGE;
}

const char *
radius_check(struct radius_reply *r, const uint8_t *p, size_t len,
    const struct radius_request *q, const struct secret *key, int optional)
{
	const char *why;

	if ((why = check_form(r, p, len)) != NULL)
		return why;
	if (p[AT_ID] != q->p[AT_ID])
		return "it answers no request that waits";
	if (!check_authenticator(r, q, key))
		return "its authenticator is wrong: another key, or forged";
	if ((why = check_macs(r, q, key, optional)) != NULL)
		return why;
	return is_answer(radius_code(r)) ? NULL :
					   "its code is not that of an answer";
}

enum radius_code
radius_code(const struct radius_reply *r)
{
	return r->p[AT_CODE];
}

/* Vendor-Specific (RFC 2865 5.26): the vendor, then attributes that fill it. */
static int
is_vendors(const uint8_t *p, size_t len)
{
	size_t at;

	if (len < VENDOR_HDR || p[0] != 0 || get_u32(p) == 0)
		return 0;
	for (at = VENDOR_HDR; at < len; at += p[at + 1]) {
		if (len - at < 2 || p[at + 1] < 2 || p[at + 1] > len - at)
			return 0;
	}
	return 1;
}

static void
each_in(const uint8_t *p, size_t len, uint32_t vendor,
    void (*each)(const struct radius_attr *, void *), void *arg)
{
	struct radius_attr a;
	size_t at;

	for (at = 0; at < len; at += p[at + 1]) {
		a.type = RADIUS_VENDOR(vendor, p[at]);
		a.value = p + at + 2;
		a.len = p[at + 1] - 2U;
		if (a.type != RADIUS_VENDOR_SPECIFIC)
			each(&a, arg);
		else if (is_vendors(a.value, a.len))
			each_in(a.value + VENDOR_HDR, a.len - VENDOR_HDR,
			    get_u32(a.value), each, arg);
	}
}

void
radius_each(const struct radius_reply *r,
    void (*each)(const struct radius_attr *, void *), void *arg)
{
	each_in(r->p + RADIUS_HDR, r->len - RADIUS_HDR, 0, each, arg);
}

int
radius_u32(const struct radius_attr *a, uint32_t *v)
{
	if (a->len != 4)
		return -1;
	*v = get_u32(a->value);
	return 0;
}
