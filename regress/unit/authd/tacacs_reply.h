/*
 * What a TACACS+ server answers, made without authd's own code: a header, a
 * body, and the body hidden as RFC 8907 4.5 says.
 */
#ifndef REGRESS_UNIT_AUTHD_TACACS_REPLY_H
#define REGRESS_UNIT_AUTHD_TACACS_REPLY_H

#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

#define REPLY_SIZE (12 + 65536 + 64) /* more than a packet may have */

struct reply {
	uint8_t p[REPLY_SIZE];
	size_t len;
};

/* The header's length is that of what is there. */
static inline void
reply_length(struct reply *r)
{
	size_t i;

	for (i = 0; i < 4; i++)
		r->p[8 + i] = (uint8_t)((r->len - 12) >> (24 - 8 * i));
}

/* Octets as they are; what does not fit is left out. */
static inline void
reply_raw(struct reply *r, const void *p, size_t len)
{
	if (len == 0 || len > sizeof(r->p) - r->len)
		return;
	memcpy(r->p + r->len, p, len);
	r->len += len;
	reply_length(r);
}

/* The header of the answer to this packet, no body yet. */
static inline void
reply_begin(struct reply *r, const uint8_t *request)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->p, request, 12);
	r->p[2]++;
	r->len = 12;
	reply_length(r);
}

/* The fixed part, with these lengths whatever comes. */
static inline void
reply_fixed(struct reply *r, uint8_t status, uint8_t flags, size_t msg_len,
    size_t data_len)
{
	const uint8_t p[] = { status, flags, (uint8_t)(msg_len >> 8),
		(uint8_t)msg_len, (uint8_t)(data_len >> 8), (uint8_t)data_len };

	reply_raw(r, p, sizeof(p));
}

static inline void
reply_text(struct reply *r, uint8_t status, uint8_t flags, const char *msg,
    const char *data)
{
	reply_fixed(r, status, flags, strlen(msg), strlen(data));
	reply_raw(r, msg, strlen(msg));
	reply_raw(r, data, strlen(data));
}

/* Hide a packet's body, or uncover it. */
static inline void
reply_hide(uint8_t *p, size_t len, const char *key)
{
	uint8_t in[4 + 256 + 2 + 16], pad[16];
	size_t n = 4, i, keylen = strlen(key);

	memcpy(in, p + 4, 4);
	memcpy(in + n, key, keylen);
	n += keylen;
	in[n++] = p[0];
	in[n++] = p[2];
	for (i = 12; i < len; i++) {
		if ((i - 12) % 16 == 0) {
			EVP_Digest(in, n + (i == 12 ? 0 : 16), pad, NULL,
			    EVP_md5(), NULL);
			memcpy(in + n, pad, 16);
		}
		p[i] ^= pad[(i - 12) % 16];
	}
}

#endif /* REGRESS_UNIT_AUTHD_TACACS_REPLY_H */
