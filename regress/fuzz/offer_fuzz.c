/*
 * Fuzz: the body of an SA payload; the first octet's low bit says which phase
 * (0: phase 1).  Spans stay inside, whatever may be chosen survives being
 * answered and being offered by us.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/isakmp_parse.h"
#include "ikerd/ike/offer.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

static uint8_t buf[ISAKMP_MAX_MESSAGE];
static const struct isakmp_hdr hdr = { .version = ISAKMP_VERSION };

/* The SA body that was just built. */
static const uint8_t *
built(struct isakmp_buf *ib, size_t *len)
{
	static struct isakmp_msg m;
	size_t n;

	n = ib_finish(ib);
	MUST(n > ISAKMP_HDR_LEN);
	MUST(isakmp_parse_payloads(buf[16], buf + ISAKMP_HDR_LEN,
		 n - ISAKMP_HDR_LEN, &m) == ISAKMP_OK);
	MUST(m.n == 1 && m.payload[0].type == PAYLOAD_SA && m.padding == 0);
	*len = m.payload[0].len;
	return m.payload[0].body;
}

static void
same_ike(const struct ike_transform *a, const struct ike_transform *b)
{
	MUST(a->proposal == b->proposal && a->number == b->number);
	MUST(a->enc == b->enc && a->keylen == b->keylen);
	MUST(a->hash == b->hash && a->auth == b->auth && a->group == b->group);
	MUST(a->life.seconds == b->life.seconds);
	MUST(a->life.kilobytes == b->life.kilobytes);
	MUST(b->why == ISAKMP_OK);
}

static void
fuzz_ike(const uint8_t *in, size_t size)
{
	static struct ike_offer o, again;
	char text[OFFER_STRLEN];
	struct isakmp_buf ib;
	const uint8_t *body;
	size_t i, len;

	if (ike_offer_parse(in, size, &o) != ISAKMP_OK)
		return;
	for (i = 0; i < o.n; i++) {
		MUST(o.transform[i].raw >= in);
		MUST(o.transform[i].raw + o.transform[i].raw_len <= in + size);
		ike_transform_text(&o.transform[i], text, sizeof(text));
		if (o.transform[i].why != ISAKMP_OK)
			continue;
		ib_init(&ib, buf, sizeof(buf), &hdr);
		ike_offer_put_chosen(&ib, &o.transform[i]);
		body = built(&ib, &len);
		MUST(ike_offer_parse(body, len, &again) == ISAKMP_OK);
		MUST(again.n == 1);
		same_ike(&o.transform[i], &again.transform[0]);
		ib_init(&ib, buf, sizeof(buf), &hdr);
		ike_offer_put(&ib, &o.transform[i], 1);
		body = built(&ib, &len);
		MUST(ike_offer_parse(body, len, &again) == ISAKMP_OK);
		MUST(again.n == 1);
		same_ike(&o.transform[i], &again.transform[0]);
	}
}

static void
same_ipsec(const struct ipsec_transform *a, const struct ipsec_transform *b)
{
	MUST(a->number == b->number && a->id == b->id);
	MUST(a->encap == b->encap && a->auth == b->auth);
	MUST(a->keylen == b->keylen && a->group == b->group);
	MUST(a->life.seconds == b->life.seconds);
	MUST(a->life.kilobytes == b->life.kilobytes);
	MUST(b->why == ISAKMP_OK);
}

/* Answer a bundle with the first usable transform of each proposal. */
static void
choose(const struct ipsec_offer *o, const struct ipsec_bundle *b)
{
	static const uint8_t spi[4] = { 0xc0, 0xff, 0xee, 0x01 };
	static struct ipsec_offer again;
	struct ipsec_choice c[OFFER_MAX_PROPOSALS];
	const struct ipsec_proposal *p;
	struct isakmp_buf ib;
	const uint8_t *body;
	size_t i, j, len;

	for (i = 0; i < b->n; i++) {
		p = &o->proposal[b->first + i];
		for (j = 0; o->transform[p->first + j].why != ISAKMP_OK; j++)
			MUST(j + 1 < p->n);
		c[i].proposal = p;
		c[i].transform = &o->transform[p->first + j];
		c[i].spi = spi;
		c[i].spi_len = p->spi_len;
	}
	ib_init(&ib, buf, sizeof(buf), &hdr);
	ipsec_offer_put_chosen(&ib, c, b->n);
	body = built(&ib, &len);
	MUST(ipsec_offer_parse(body, len, &again) == ISAKMP_OK);
	MUST(again.n_bundles == 1 && again.bundle[0].n == b->n);
	MUST(again.bundle[0].why == ISAKMP_OK);
	for (i = 0; i < b->n; i++)
		same_ipsec(c[i].transform, &again.transform[i]);
}

static void
fuzz_ipsec(const uint8_t *in, size_t size)
{
	static struct ipsec_offer o;
	char text[OFFER_STRLEN];
	size_t i, j, proposals = 0, transforms = 0;

	if (ipsec_offer_parse(in, size, &o) != ISAKMP_OK)
		return;
	for (i = 0; i < o.n_proposals; i++) {
		MUST(o.proposal[i].first == transforms);
		MUST(o.proposal[i].spi + o.proposal[i].spi_len <= in + size);
		transforms += o.proposal[i].n;
		for (j = o.proposal[i].first; j < transforms; j++)
			ipsec_transform_text(o.proposal[i].protocol,
			    &o.transform[j], text, sizeof(text));
	}
	MUST(transforms == o.n_transforms);
	for (i = 0; i < o.n_bundles; i++) {
		MUST(o.bundle[i].first == proposals);
		proposals += o.bundle[i].n;
		if (o.bundle[i].why == ISAKMP_OK)
			choose(&o, &o.bundle[i]);
	}
	MUST(proposals == o.n_proposals);
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	struct offer_life life;

	if (size == 0 || size > UINT16_MAX)
		return 0;
	if (in[0] & 1)
		fuzz_ipsec(in + 1, size - 1);
	else
		fuzz_ike(in + 1, size - 1);
	offer_life_parse(in + 1, size - 1, 1 + (in[0] & 1), &life);
	return 0;
}
