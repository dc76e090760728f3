/*
 * Fuzz: the body of an ATTR payload (XAUTH, Mode Config, Unity).  What parses
 * builds again to the same octets, less padding; text never runs over and
 * holds no secret.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/attr.h"
#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/isakmp_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

static void
rebuild(const struct cfg_msg *m, const uint8_t *in, size_t size)
{
	static const struct isakmp_hdr hdr = { .version = ISAKMP_VERSION };
	static const uint8_t zero[4];
	static uint8_t buf[ISAKMP_MAX_MESSAGE];
	struct isakmp_buf ib;
	size_t i, len;

	ib_init(&ib, buf, sizeof(buf), &hdr);
	cfg_begin(&ib, m->type, m->identifier);
	for (i = 0; i < m->n; i++) {
		if (m->attr[i].is_tv)
			attr_put_tv(&ib, m->attr[i].type, m->attr[i].value);
		else
			attr_put_tlv(&ib, m->attr[i].type, m->attr[i].data,
			    m->attr[i].len);
	}
	ib_payload_end(&ib);
	len = ib_finish(&ib);
	MUST(len > ISAKMP_HDR_LEN + ISAKMP_GENERIC_LEN);
	len -= ISAKMP_HDR_LEN + ISAKMP_GENERIC_LEN;
	MUST(len <= size && size - len < sizeof(zero));
	MUST(memcmp(buf + 36, in + 4, len - 4) == 0);
	MUST(memcmp(zero, in + len, size - len) == 0);
}

static void
fuzz_xauth(const struct cfg_msg *m)
{
	struct xauth x;

	if (xauth_parse(m, &x, m->n & 1) != ISAKMP_OK)
		return;
	MUST(x.user.len <= XAUTH_CAP && x.password.len <= XAUTH_CAP);
	if (x.user.p != NULL)
		MUST(memchr(x.user.p, 0, x.user.len) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	struct isakmp_payload p = { PAYLOAD_ATTR, in, size, NULL };
	char *text, name[32];
	struct cfg_msg m;
	uint64_t v;
	size_t i, room;

	if (size > 60000 || cfg_parse(&p, &m) != ISAKMP_OK)
		return 0;
	for (i = 0; i < m.n; i++) {
		attr_name(m.attr[i].type, name, sizeof(name));
		attr_check(&m.attr[i]);
		attr_uint(&m.attr[i], &v);
		/* on the heap, so that the sanitizer sees its end */
		room = 1 + size % 300;
		if ((text = malloc(room)) == NULL)
			return 0;
		attr_text(&m.attr[i], text, room);
		MUST(strlen(text) < room);
		free(text);
		MUST(cfg_find(&m, m.attr[i].type, 0) != NULL);
	}
	cfg_is_xauth(&m);
	fuzz_xauth(&m);
	rebuild(&m, in, size);
	return 0;
}
