/*
 * What a RADIUS server answers, made without authd's own code: attributes one
 * behind the other, signed as RFC 2865 3 and RFC 2869 5.14 say.
 */
#ifndef REGRESS_UNIT_AUTHD_RADIUS_REPLY_H
#define REGRESS_UNIT_AUTHD_RADIUS_REPLY_H

#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define REPLY_SIZE 4200 /* more than a packet may have */

struct reply {
	uint8_t p[REPLY_SIZE];
	size_t len;
};

static inline void
reply_begin(struct reply *r, uint8_t code, uint8_t id)
{
	memset(r, 0, sizeof(*r));
	r->p[0] = code;
	r->p[1] = id;
	r->len = 20;
}

/* Octets as they are; what does not fit is left out. */
static inline void
reply_raw(struct reply *r, const void *p, size_t len)
{
	if (len > sizeof(r->p) - r->len)
		return;
	memcpy(r->p + r->len, p, len);
	r->len += len;
}

static inline void
reply_put(struct reply *r, uint8_t type, const void *value, size_t len)
{
	uint8_t head[2] = { type, (uint8_t)(len + 2) };

	reply_raw(r, head, 2);
	reply_raw(r, value, len);
}

static inline void
reply_vendor(struct reply *r, uint32_t vendor, uint8_t type, const void *value,
    size_t len)
{
	uint8_t p[255] = { 0, (uint8_t)(vendor >> 16), (uint8_t)(vendor >> 8),
		(uint8_t)vendor, type, (uint8_t)(len + 2) };

	memcpy(p + 6, value, len);
	reply_put(r, 26, p, len + 6);
}

/* Room for a Message-Authenticator; reply_sign() fills the first one in. */
static inline void
reply_mac(struct reply *r)
{
	static const uint8_t zero[16];

	reply_put(r, 80, zero, sizeof(zero));
}

static inline uint8_t *
reply_find_mac(struct reply *r, size_t end)
{
	size_t at;

	for (at = 20; end - at >= 18 && r->p[at + 1] >= 2; at += r->p[at + 1]) {
		if (r->p[at] == 80 && r->p[at + 1] == 18)
			return r->p + at + 2;
		if (r->p[at + 1] > end - at)
			break;
	}
	return NULL;
}

/* The Response Authenticator, over what is there. */
static inline void
reply_prove(struct reply *r, const uint8_t *request, const char *key)
{
	uint8_t all[REPLY_SIZE + 256];
	size_t len = strlen(key);

	memcpy(all, r->p, r->len);
	memcpy(all + 4, request + 4, 16);
	memcpy(all + r->len, key, len);
	EVP_Digest(all, r->len + len, r->p + 4, NULL, EVP_md5(), NULL);
}

/* Length, Message-Authenticator if it is there, Response Authenticator. */
static inline void
reply_sign(struct reply *r, const uint8_t *request, const char *key)
{
	uint8_t *mac = reply_find_mac(r, r->len);

	r->p[2] = (uint8_t)(r->len >> 8);
	r->p[3] = (uint8_t)r->len;
	memcpy(r->p + 4, request + 4, 16);
	if (mac != NULL) {
		memset(mac, 0, 16);
		HMAC(EVP_md5(), key, (int)strlen(key), r->p, r->len, mac, NULL);
	}
	reply_prove(r, request, key);
}

#endif /* REGRESS_UNIT_AUTHD_RADIUS_REPLY_H */
