/*
 * Fuzz: a datagram, as ike gets it from anybody.  Header, chain, the payload
 * tables, every small body, identities and vendor ids.  What parses must
 * build again to the same octets.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/ident.h"
#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/isakmp_parse.h"
#include "ikerd/ike/vendor.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

static void
fuzz_ident(const struct isakmp_payload *p)
{
	struct addr first, last;
	struct network net;
	struct ident id, again;
	uint8_t storage[IDENT_BODY_LEN];
	char text[IDENT_STRLEN];

	if (ident_parse(p->body, p->len, &id) != ISAKMP_OK)
		return;
	ident_check_phase1(&id);
	ident_text(&id, text, sizeof(text));
	MUST(ident_equal(&id, &id));
	if (ident_network(&id, &net) != ISAKMP_OK)
		return;
	MUST(ident_range(&id, &first, &last) == ISAKMP_OK);
	MUST(addr_cmp(&first, &last) <= 0);
	ident_from_network(&again, &net, storage);
	memset(&net, 0, sizeof(net));
	MUST(ident_network(&again, &net) == ISAKMP_OK);
	MUST(addr_equal(&net.addr, &first) && network_has(&net, &last));
}

static void
fuzz_body(const struct isakmp_payload *p)
{
	struct isakmp_notify n;
	struct isakmp_delete d;
	struct isakmp_cert c;
	struct isakmp_fragment f;

	switch (p->type) {
	case PAYLOAD_ID:
		fuzz_ident(p);
		break;
	case PAYLOAD_N:
		if (isakmp_parse_notify(p, &n) == ISAKMP_OK)
			MUST(n.data + n.len == p->body + p->len);
		break;
	case PAYLOAD_D:
		if (isakmp_parse_delete(p, 1, &d) == ISAKMP_OK)
			MUST(isakmp_delete_spi(&d, d.count - 1U) + d.spi_len <=
			    p->body + p->len);
		break;
	case PAYLOAD_CERT:
	case PAYLOAD_CERTREQ:
		isakmp_parse_cert(p, &c);
		break;
	case PAYLOAD_FRAG:
		if (isakmp_parse_fragment(p, &f) == ISAKMP_OK)
			MUST(f.data + f.len == p->body + p->len);
		break;
	case PAYLOAD_NONCE:
		isakmp_check_nonce(p);
		break;
	}
}

/* Build what was parsed: the same octets, but for the length and padding. */
static void
rebuild(const struct isakmp_msg *m, const uint8_t *in)
{
	static uint8_t buf[ISAKMP_MAX_MESSAGE];
	const uint8_t *after;
	struct isakmp_buf ib;
	size_t i, len;

	ib_init(&ib, buf, sizeof(buf), &m->hdr);
	for (i = 0; i < m->n; i++) {
		if (i == 0 && m->payload[i].type == PAYLOAD_HASH) {
			ib_hash(&ib, m->payload[i].len);
			memcpy(ib_hash_body(&ib), m->payload[i].body,
			    m->payload[i].len);
			continue;
		}
		ib_payload(&ib, m->payload[i].type, m->payload[i].body,
		    m->payload[i].len);
	}
	after = ib_after_hash(&ib, &len);
	MUST((after == NULL) == (m->after_hash == NULL));
	if (after != NULL)
		MUST(len == m->after_hash_len &&
		    memcmp(after, m->after_hash, len) == 0);
	len = ib_finish(&ib);
	MUST(len + m->padding == m->hdr.length);
	MUST(memcmp(buf, in, 24) == 0);
	MUST(memcmp(buf + 28, in + 28, len - 28) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	struct vendor_set vendors = { 0, 0 };
	static struct isakmp_msg m;
	char text[200];
	uint8_t bad;
	size_t i;
	int kind;

	if (size > ISAKMP_MAX_MESSAGE)
		return 0;
	if (isakmp_parse_header(in, size, &m.hdr) != ISAKMP_OK)
		return 0;
	if (isakmp_parse_payloads(m.hdr.next, in + ISAKMP_HDR_LEN,
		m.hdr.length - ISAKMP_HDR_LEN, &m) != ISAKMP_OK)
		return 0;
	for (kind = 0; kind < KIND_MAX; kind++)
		isakmp_check_payloads(&m, (enum isakmp_kind)kind, &bad);
	for (i = 0; i < m.n; i++)
		fuzz_body(&m.payload[i]);
	vendor_collect(&vendors, &m);
	vendor_text(&vendors, text, sizeof(text));
	rebuild(&m, in);
	return 0;
}
