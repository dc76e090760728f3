/*
 * poold's journal records.  Version 1, numbers big-endian:
 *
 *	kind[1] session[8] since[8]
 *	and, but for PUT: family[1] address[4 or 16] len[1] pool len[1] user
 *
 * Pure functions over bounded buffers; the journal says when bytes are bad,
 * this only that they make no sense.
 */
#include <string.h>

#include "poold/record.h"

static uint8_t *
put64(uint8_t *p, uint64_t v)
{
	int i;

	for (i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
	return p + 8;
}

static uint8_t *
put_text(uint8_t *p, const char *s)
{
	size_t len = strlen(s);

	*p++ = (uint8_t)len; /* USER_SIZE - 1 at most */
	memcpy(p, s, len);
	return p + len;
}

size_t
record_encode(const struct record *r, uint8_t out[RECORD_MAX])
{
	size_t len = addr_len(&r->address);
	uint8_t *p = out;

	*p++ = r->kind;
	p = put64(p, r->session);
	p = put64(p, r->since);
	if (r->kind != RECORD_PUT) {
		*p++ = r->address.family;
		memcpy(p, r->address.b, len);
		p = put_text(p + len, r->pool);
		p = put_text(p, r->user);
	}
	return (size_t)(p - out);
}

/* What is left of the bytes, and whether they were enough so far. */
struct reader {
	const uint8_t *p;
	size_t left;
	int short_of;
};

static const uint8_t *
take(struct reader *r, size_t n)
{
	static const uint8_t zero[16];
	const uint8_t *p = r->p;

	if (n > r->left) {
		r->short_of = 1;
		r->left = 0;
		return zero; /* n is 16 at most where this is used */
	}
	r->p += n;
	r->left -= n;
	return p;
}

static uint64_t
take64(struct reader *r)
{
	const uint8_t *p = take(r, 8);
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static void
take_text(struct reader *r, char *out, size_t size)
{
	size_t len = *take(r, 1);

	if (len > r->left || len >= size || memchr(r->p, '\0', len) != NULL) {
		r->short_of = 1;
		return;
	}
	memcpy(out, r->p, len);
	out[len] = '\0';
	(void)take(r, len);
}

int
record_parse(struct record *r, const uint8_t *data, size_t len)
{
	struct reader in = { data, len, 0 };

	memset(r, 0, sizeof(*r));
	r->kind = *take(&in, 1);
	r->session = take64(&in);
	r->since = take64(&in);
	if (r->kind == RECORD_HELD || r->kind == RECORD_FREE) {
		r->address.family = *take(&in, 1);
		len = addr_len(&r->address);
		if (len == 0)
			return -1;
		memcpy(r->address.b, take(&in, len), len);
		take_text(&in, r->pool, sizeof(r->pool));
		take_text(&in, r->user, sizeof(r->user));
	} else if (r->kind != RECORD_PUT)
		return -1;
	if (in.short_of || in.left != 0)
		return -1;
	return (r->session == 0) == (r->kind == RECORD_FREE) ? 0 : -1;
}
