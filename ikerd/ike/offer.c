/*
 * Reads the SA payload of phase 1 and phase 2 into flat arrays (RFC 2408 3.4
 * to 3.6, 4.2; RFC 2409 appendix A; RFC 2407 4.5).  Loops with counters, no
 * recursion, nothing decided: transforms that make no sense keep the reason.
 * Called by the exchanges; the answers are in offer_build.c.
 */
#include <string.h>

#include "ikerd/ike/attr.h"
#include "ikerd/ike/offer.h"
#include "ikerd/ike/wire.h"

#define SA_FIXED 8 /* DOI, situation */
#define P_FIXED 8  /* generic header, number, protocol, SPI size, count */
#define T_FIXED 8  /* generic header, number, id, reserved */

/* What a proposal or transform looks like before its meaning is read. */
struct piece {
	const uint8_t *p; /* generic header */
	size_t len;
};

/*
 * Take the next piece of a chain of one type (P or T): 1 with it in out, 0
 * when the chain is over, -1 when it is broken.  *more is 1 before the first.
 */
static int
next_piece(const uint8_t **p, size_t *left, uint8_t type, size_t fixed,
    int *more, struct piece *out)
{
	size_t len;

	if (!*more)
		return *left == 0 ? 0 : -1;
	if (*left < fixed || (*p)[1] != 0)
		return -1;
	if ((*p)[0] != type && (*p)[0] != PAYLOAD_NONE)
		return -1;
	len = wire_u16(*p + 2);
	if (len < fixed || len > *left)
		return -1;
	out->p = *p;
	out->len = len;
	*more = (*p)[0] == type;
	*p += len;
	*left -= len;
	return 1;
}

static enum isakmp_error
sa_body(const uint8_t **p, size_t *left)
{
	if (*left < SA_FIXED)
		return ISAKMP_E_BODY_SHORT;
	if (wire_u32(*p) != DOI_IPSEC)
		return ISAKMP_E_DOI;
	if (wire_u32(*p + 4) != SIT_IDENTITY_ONLY)
		return ISAKMP_E_SITUATION;
	*p += SA_FIXED;
	*left -= SA_FIXED;
	return ISAKMP_OK;
}

/* Attributes of a transform, walked with what both phases share. */
struct transform_walk {
	struct attr_walk walk;
	struct attr attr;
	uint32_t seen;	    /* bits of the classes met, life not among them */
	uint16_t life_type; /* of the life type directly before, or 0 */
};

/* A duration of 0 is none: strongSwan's with rekeying turned off. */
static enum isakmp_error
life_duration(struct transform_walk *w, struct offer_life *life)
{
	uint64_t v;
	uint32_t *field;

	field = w->life_type == LIFE_SECONDS ? &life->seconds :
					       &life->kilobytes;
	if (w->life_type == 0)
		return ISAKMP_E_LIFE;
	w->life_type = 0;
	if (attr_uint(&w->attr, &v) == -1)
		return ISAKMP_E_LIFE;
	if (*field != 0)
		return ISAKMP_E_ATTR_REPEATED;
	*field = v < UINT32_MAX ? (uint32_t)v : UINT32_MAX;
	return ISAKMP_OK;
}

/*
 * One attribute of a transform, if it is about life: 1 when it was (*why says
 * how it went), 0 when it is another.  A duration comes directly behind its
 * type.
 */
static int
life_attr(struct transform_walk *w, uint16_t type_class,
    uint16_t duration_class, struct offer_life *life, enum isakmp_error *why)
{
	const struct attr *a = &w->attr;

	*why = ISAKMP_OK;
	if (a->type == duration_class) {
		*why = life_duration(w, life);
		return 1;
	}
	if (w->life_type != 0) {
		*why = ISAKMP_E_LIFE;
		return 1;
	}
	if (a->type != type_class)
		return 0;
	if (!a->is_tv)
		*why = ISAKMP_E_ATTR_FORM;
	else if (a->value != LIFE_SECONDS && a->value != LIFE_KILOBYTES)
		*why = ISAKMP_E_LIFE;
	else
		w->life_type = a->value;
	return 1;
}

/* Basic attributes are TV and come once (RFC 2408 3.3). */
static enum isakmp_error
basic_attr(struct transform_walk *w)
{
	if (w->attr.type >= 32)
		return ISAKMP_E_ATTR_UNSUPPORTED;
	if (w->seen & 1U << w->attr.type)
		return ISAKMP_E_ATTR_REPEATED;
	w->seen |= 1U << w->attr.type;
	return w->attr.is_tv ? ISAKMP_OK : ISAKMP_E_ATTR_FORM;
}

/* Where the value of a basic attribute goes, or NULL: refuse. */
static uint16_t *
ike_field(struct ike_transform *t, uint16_t class)
{
	switch (class) {
	case IKE_ATTR_ENCRYPTION:
		return &t->enc;
	case IKE_ATTR_HASH:
		return &t->hash;
	case IKE_ATTR_AUTH_METHOD:
		return &t->auth;
	case IKE_ATTR_GROUP:
		return &t->group;
	case IKE_ATTR_KEY_LENGTH:
		return &t->keylen;
	}
	return NULL;
}

static enum isakmp_error
ike_attr(struct transform_walk *w, struct ike_transform *t)
{
	enum isakmp_error why;
	uint16_t *field;

	if (life_attr(
		w, IKE_ATTR_LIFE_TYPE, IKE_ATTR_LIFE_DURATION, &t->life, &why))
		return why;
	if ((field = ike_field(t, w->attr.type)) == NULL)
		return ISAKMP_E_ATTR_UNSUPPORTED;
	if ((why = basic_attr(w)) != ISAKMP_OK)
		return why;
	*field = w->attr.value;
	return ISAKMP_OK;
}

static int
aes_key_ok(uint16_t bits)
{
	return bits == 128 || bits == 192 || bits == 256;
}

/* Do the attributes make one sensible phase 1 transform? */
static enum isakmp_error
ike_sense(const struct ike_transform *t, uint32_t seen)
{
	const uint32_t need = 1U << IKE_ATTR_ENCRYPTION | 1U << IKE_ATTR_HASH |
	    1U << IKE_ATTR_AUTH_METHOD | 1U << IKE_ATTR_GROUP;
	int has_keylen = (seen & 1U << IKE_ATTR_KEY_LENGTH) != 0;

	if (t->raw[5] != KEY_IKE)
		return ISAKMP_E_TRANSFORM_ID;
	if ((seen & need) != need)
		return ISAKMP_E_ATTR_MISSING;
	switch (t->enc) {
	case IKE_ENC_NULL:
		return ISAKMP_E_NULL_CIPHER;
	case IKE_ENC_DES:
	case IKE_ENC_3DES:
	case IKE_ENC_IDEA:
		return has_keylen ? ISAKMP_E_KEYLEN : ISAKMP_OK;
	case IKE_ENC_AES:
	case IKE_ENC_CAMELLIA:
		if (!has_keylen)
			return ISAKMP_E_KEYLEN_MISSING;
		return aes_key_ok(t->keylen) ? ISAKMP_OK : ISAKMP_E_KEYLEN;
	}
	return ISAKMP_OK;
}

static void
ike_transform_parse(const struct piece *piece, uint8_t proposal,
    enum isakmp_error why, struct ike_transform *t)
{
	struct transform_walk w;
	int more;

	memset(t, 0, sizeof(*t));
	memset(&w, 0, sizeof(w));
	t->proposal = proposal;
	t->number = piece->p[4];
	t->raw = piece->p;
	t->raw_len = (uint16_t)piece->len;
	attr_walk(&w.walk, piece->p + T_FIXED, piece->len - T_FIXED);
	t->why = ISAKMP_OK;
	while (t->why == ISAKMP_OK &&
	    (more = attr_next(&w.walk, &w.attr, &t->why)) == 1)
		t->why = ike_attr(&w, t);
	if (t->why == ISAKMP_OK && w.life_type != 0)
		t->why = ISAKMP_E_LIFE;
	if (t->why == ISAKMP_OK)
		t->why = ike_sense(t, w.seen);
	if (why != ISAKMP_OK)
		t->why = why;
}

/* Where a proposal's transforms begin; NULL when its SPI does not fit. */
static const uint8_t *
proposal_transforms(const struct piece *p, size_t *left)
{
	size_t spi_len = p->p[6];

	if (P_FIXED + spi_len > p->len)
		return NULL;
	*left = p->len - P_FIXED - spi_len;
	return p->p + P_FIXED + spi_len;
}

static enum isakmp_error
ike_proposal_parse(const struct piece *p, struct ike_offer *o)
{
	enum isakmp_error why = ISAKMP_OK;
	const uint8_t *at;
	struct piece t;
	size_t left, n = 0;
	int more = p->p[7] != 0, rc;

	if (p->p[5] != PROTO_ISAKMP)
		why = ISAKMP_E_PROTOCOL;
	else if (p->p[6] > 2 * ISAKMP_COOKIE_LEN)
		why = ISAKMP_E_SPI_SIZE;
	if ((at = proposal_transforms(p, &left)) == NULL)
		return ISAKMP_E_PROPOSAL_SYNTAX;
	while (
	    (rc = next_piece(&at, &left, PAYLOAD_T, T_FIXED, &more, &t)) == 1) {
		if (o->n == OFFER_MAX_TRANSFORMS)
			return ISAKMP_E_TRANSFORMS;
		ike_transform_parse(&t, p->p[4], why, &o->transform[o->n++]);
		n++;
	}
	if (rc == -1)
		return ISAKMP_E_PROPOSAL_SYNTAX;
	return n == p->p[7] ? ISAKMP_OK : ISAKMP_E_TRANSFORM_COUNT;
}

enum isakmp_error
ike_offer_parse(const uint8_t *p, size_t left, struct ike_offer *o)
{
	enum isakmp_error e;
	struct piece piece;
	int more = 1, rc, last = -1;
	size_t n = 0;

	o->n = 0;
	if ((e = sa_body(&p, &left)) != ISAKMP_OK)
		return e;
	while ((rc = next_piece(
		    &p, &left, PAYLOAD_P, P_FIXED, &more, &piece)) == 1) {
		if (n++ == OFFER_MAX_PROPOSALS)
			return ISAKMP_E_PROPOSAL_COUNT;
		if (piece.p[4] < last)
			return ISAKMP_E_PROPOSAL_ORDER;
		last = piece.p[4];
		if ((e = ike_proposal_parse(&piece, o)) != ISAKMP_OK)
			return e;
	}
	return rc == -1 ? ISAKMP_E_PROPOSAL_SYNTAX : ISAKMP_OK;
}

/* Phase 2.  ESP transforms: do they take a key length, are they AEAD? */
#define KEY_FIXED 0 /* must be absent */
#define KEY_AES 1   /* 128, 192 or 256 */
#define KEY_FREE 2  /* old ciphers, never chosen */

static const struct {
	uint8_t id;
	uint8_t key;
	uint8_t aead;
} esp_ids[] = {
	{ IPSEC_ESP_DES_IV64, KEY_FIXED, 0 },
	{ IPSEC_ESP_DES, KEY_FIXED, 0 },
	{ IPSEC_ESP_3DES, KEY_FIXED, 0 },
	{ IPSEC_ESP_RC5, KEY_FREE, 0 },
	{ IPSEC_ESP_IDEA, KEY_FIXED, 0 },
	{ IPSEC_ESP_CAST, KEY_FREE, 0 },
	{ IPSEC_ESP_BLOWFISH, KEY_FREE, 0 },
	{ IPSEC_ESP_3IDEA, KEY_FIXED, 0 },
	{ IPSEC_ESP_DES_IV32, KEY_FIXED, 0 },
	{ IPSEC_ESP_RC4, KEY_FREE, 0 },
	{ IPSEC_ESP_NULL, KEY_FIXED, 0 },
	{ IPSEC_ESP_AES_CBC, KEY_AES, 0 },
	{ IPSEC_ESP_AES_CTR, KEY_AES, 0 },
	{ IPSEC_ESP_AES_CCM_8, KEY_AES, 1 },
	{ IPSEC_ESP_AES_CCM_12, KEY_AES, 1 },
	{ IPSEC_ESP_AES_CCM_16, KEY_AES, 1 },
	{ IPSEC_ESP_AES_GCM_8, KEY_AES, 1 },
	{ IPSEC_ESP_AES_GCM_12, KEY_AES, 1 },
	{ IPSEC_ESP_AES_GCM_16, KEY_AES, 1 },
	{ IPSEC_ESP_CAMELLIA, KEY_AES, 0 },
	{ IPSEC_ESP_NULL_AES_GMAC, KEY_AES, 1 },
};
#define N_ESP_IDS (sizeof(esp_ids) / sizeof(*esp_ids))

/* AH: transform id and authentication attribute must agree. */
static const struct {
	uint8_t id;
	uint16_t auth;
} ah_ids[] = {
	{ IPSEC_AH_MD5, IPSEC_AUTH_HMAC_MD5 },
	{ IPSEC_AH_SHA, IPSEC_AUTH_HMAC_SHA },
	{ IPSEC_AH_DES, IPSEC_AUTH_DES_MAC },
	{ IPSEC_AH_SHA2_256, IPSEC_AUTH_HMAC_SHA2_256 },
	{ IPSEC_AH_SHA2_384, IPSEC_AUTH_HMAC_SHA2_384 },
	{ IPSEC_AH_SHA2_512, IPSEC_AUTH_HMAC_SHA2_512 },
	{ IPSEC_AH_RIPEMD, IPSEC_AUTH_HMAC_RIPEMD },
	{ IPSEC_AH_AES_XCBC, IPSEC_AUTH_AES_XCBC },
};

int
ipsec_is_aead(uint8_t id)
{
	size_t i;

	for (i = 0; i < N_ESP_IDS; i++) {
		if (esp_ids[i].id == id)
			return esp_ids[i].aead;
	}
	return 0;
}

static uint16_t *
ipsec_field(struct ipsec_transform *t, uint16_t class)
{
	switch (class) {
	case IPSEC_ATTR_GROUP:
		return &t->group;
	case IPSEC_ATTR_ENCAP:
		return &t->encap;
	case IPSEC_ATTR_AUTH:
		return &t->auth;
	case IPSEC_ATTR_KEY_LENGTH:
		return &t->keylen;
	}
	return NULL;
}

static enum isakmp_error
ipsec_attr(struct transform_walk *w, struct ipsec_transform *t)
{
	enum isakmp_error why;
	uint16_t *field;

	if (life_attr(w, IPSEC_ATTR_LIFE_TYPE, IPSEC_ATTR_LIFE_DURATION,
		&t->life, &why))
		return why;
	if (w->attr.type == IPSEC_ATTR_ECN_TUNNEL)
		return basic_attr(w);
	if ((field = ipsec_field(t, w->attr.type)) == NULL)
		return ISAKMP_E_ATTR_UNSUPPORTED;
	if ((why = basic_attr(w)) != ISAKMP_OK)
		return why;
	if (w->attr.value == 0) /* the struct's word for "not given" */
		return ISAKMP_E_ATTR_VALUE;
	*field = w->attr.value;
	return ISAKMP_OK;
}

static enum isakmp_error
encap_sense(uint16_t encap)
{
	if (encap <= ENCAP_UDP_TRANSPORT || encap == ENCAP_UDP_TUNNEL_DRAFT ||
	    encap == ENCAP_UDP_TRANSPORT_DRAFT)
		return ISAKMP_OK;
	return ISAKMP_E_ATTR_VALUE;
}

static enum isakmp_error
esp_sense(const struct ipsec_transform *t)
{
	size_t i;

	for (i = 0; i < N_ESP_IDS && esp_ids[i].id != t->id; i++)
		continue;
	if (i == N_ESP_IDS)
		return ISAKMP_E_TRANSFORM_ID;
	if (esp_ids[i].key == KEY_FIXED && t->keylen != 0)
		return ISAKMP_E_KEYLEN;
	if (esp_ids[i].key == KEY_AES && t->keylen == 0)
		return ISAKMP_E_KEYLEN_MISSING;
	if (esp_ids[i].key == KEY_AES && !aes_key_ok(t->keylen))
		return ISAKMP_E_KEYLEN;
	if (esp_ids[i].aead && t->auth != IPSEC_AUTH_NONE)
		return ISAKMP_E_AUTH_MISMATCH;
	if (!esp_ids[i].aead && t->auth == IPSEC_AUTH_NONE)
		return ISAKMP_E_NO_AUTH;
	return ISAKMP_OK;
}

static enum isakmp_error
ah_sense(const struct ipsec_transform *t)
{
	size_t i, n = sizeof(ah_ids) / sizeof(*ah_ids);

	for (i = 0; i < n && ah_ids[i].id != t->id; i++)
		continue;
	if (i == n)
		return ISAKMP_E_TRANSFORM_ID;
	if (t->auth == IPSEC_AUTH_NONE)
		return ISAKMP_E_NO_AUTH;
	if (t->auth != ah_ids[i].auth)
		return ISAKMP_E_AUTH_MISMATCH;
	return t->keylen != 0 ? ISAKMP_E_KEYLEN : ISAKMP_OK;
}

static enum isakmp_error
ipsec_sense(uint8_t protocol, const struct ipsec_transform *t)
{
	enum isakmp_error e;

	if ((e = encap_sense(t->encap)) != ISAKMP_OK)
		return e;
	if (protocol == PROTO_ESP)
		return esp_sense(t);
	if (protocol == PROTO_AH)
		return ah_sense(t);
	return ISAKMP_OK; /* IPCOMP, or a proposal that has its own reason */
}

static void
ipsec_transform_parse(
    const struct piece *piece, uint8_t protocol, struct ipsec_transform *t)
{
	struct transform_walk w;
	int more;

	memset(t, 0, sizeof(*t));
	memset(&w, 0, sizeof(w));
	t->number = piece->p[4];
	t->id = piece->p[5];
	t->raw = piece->p;
	t->raw_len = (uint16_t)piece->len;
	attr_walk(&w.walk, piece->p + T_FIXED, piece->len - T_FIXED);
	t->why = ISAKMP_OK;
	while (t->why == ISAKMP_OK &&
	    (more = attr_next(&w.walk, &w.attr, &t->why)) == 1)
		t->why = ipsec_attr(&w, t);
	if (t->why == ISAKMP_OK && w.life_type != 0)
		t->why = ISAKMP_E_LIFE;
	if (t->why == ISAKMP_OK)
		t->why = ipsec_sense(protocol, t);
}

uint32_t
ipsec_proposal_spi(const struct ipsec_proposal *p)
{
	uint32_t v = 0;
	size_t i;

	for (i = 0; i < p->spi_len && i < 4; i++)
		v = v << 8 | p->spi[i];
	return v;
}

/* A proposal's own fault: protocol, SPI. */
static enum isakmp_error
proposal_sense(const struct ipsec_proposal *p)
{
	if (p->protocol < PROTO_AH || p->protocol > PROTO_IPCOMP)
		return ISAKMP_E_PROTOCOL;
	if (p->spi_len != 4 &&
	    !(p->protocol == PROTO_IPCOMP && p->spi_len == 2))
		return ISAKMP_E_SPI_SIZE;
	if (p->protocol != PROTO_IPCOMP && ipsec_proposal_spi(p) < 256)
		return ISAKMP_E_SPI; /* RFC 4303 2.1 */
	return ISAKMP_OK;
}

static enum isakmp_error
ipsec_proposal_parse(
    const struct piece *piece, struct ipsec_offer *o, struct ipsec_proposal *p)
{
	const uint8_t *at;
	struct piece t;
	size_t left;
	int more = piece->p[7] != 0, rc;

	p->number = piece->p[4];
	p->protocol = piece->p[5];
	p->spi_len = piece->p[6];
	p->spi = piece->p + P_FIXED;
	p->first = (uint16_t)o->n_transforms;
	p->n = 0;
	if ((at = proposal_transforms(piece, &left)) == NULL)
		return ISAKMP_E_PROPOSAL_SYNTAX;
	p->why = proposal_sense(p);
	while (
	    (rc = next_piece(&at, &left, PAYLOAD_T, T_FIXED, &more, &t)) == 1) {
		if (o->n_transforms == OFFER_MAX_TRANSFORMS ||
		    p->n == OFFER_MAX_PER_PROPOSAL)
			return ISAKMP_E_TRANSFORMS;
		ipsec_transform_parse(
		    &t, p->protocol, &o->transform[o->n_transforms++]);
		p->n++;
	}
	if (rc == -1)
		return ISAKMP_E_PROPOSAL_SYNTAX;
	return p->n == piece->p[7] ? ISAKMP_OK : ISAKMP_E_TRANSFORM_COUNT;
}

/* Put the proposal just parsed into the bundle of its number. */
static enum isakmp_error
bundle_add(struct ipsec_offer *o, const struct ipsec_proposal *p)
{
	struct ipsec_bundle *b = NULL;

	if (o->n_bundles != 0)
		b = &o->bundle[o->n_bundles - 1];
	if (b != NULL && p->number < b->number)
		return ISAKMP_E_PROPOSAL_ORDER;
	if (b == NULL || p->number != b->number) {
		b = &o->bundle[o->n_bundles++];
		b->number = p->number;
		b->first = (uint8_t)o->n_proposals;
		b->n = 0;
		b->why = ISAKMP_OK;
	}
	b->n++;
	return ISAKMP_OK;
}

/* The reason of a proposal: its own, or that of its first transform. */
static enum isakmp_error
proposal_why(const struct ipsec_offer *o, const struct ipsec_proposal *p)
{
	size_t i;

	if (p->why != ISAKMP_OK)
		return p->why;
	for (i = 0; i < p->n; i++) {
		if (o->transform[p->first + i].why == ISAKMP_OK)
			return ISAKMP_OK;
	}
	return p->n == 0 ? ISAKMP_E_TRANSFORM_COUNT :
			   o->transform[p->first].why;
}

static enum isakmp_error
bundle_why(const struct ipsec_offer *o, const struct ipsec_bundle *b)
{
	const struct ipsec_proposal *p = &o->proposal[b->first];
	enum isakmp_error e;
	unsigned int seen = 0;
	size_t i;

	for (i = 0; i < b->n; i++) {
		if ((e = proposal_why(o, &p[i])) != ISAKMP_OK)
			return e;
		if (seen & 1U << p[i].protocol) /* is 2..4 here */
			return ISAKMP_E_BUNDLE;
		seen |= 1U << p[i].protocol;
	}
	return ISAKMP_OK;
}

/*
 * The one PFS group of all usable AH and ESP transforms, or an error when
 * there are two: there is only one KE (RFC 2409 5.5).
 */
static enum isakmp_error
offer_group(struct ipsec_offer *o)
{
	const struct ipsec_transform *t;
	const struct ipsec_proposal *p;
	size_t i, j;
	int first = 1;

	o->group = IKE_GROUP_NONE;
	for (i = 0; i < o->n_proposals; i++) {
		p = &o->proposal[i];
		if (p->why != ISAKMP_OK || p->protocol == PROTO_IPCOMP)
			continue;
		for (j = 0; j < p->n; j++) {
			t = &o->transform[p->first + j];
			if (t->why != ISAKMP_OK)
				continue;
			if (!first && t->group != o->group)
				return ISAKMP_E_GROUPS_DIFFER;
			o->group = t->group;
			first = 0;
		}
	}
	return ISAKMP_OK;
}

enum isakmp_error
ipsec_offer_parse(const uint8_t *p, size_t left, struct ipsec_offer *o)
{
	struct ipsec_proposal *pr;
	enum isakmp_error e;
	struct piece piece;
	int more = 1, rc;
	size_t i;

	o->n_bundles = o->n_proposals = o->n_transforms = 0;
	o->group = IKE_GROUP_NONE;
	if ((e = sa_body(&p, &left)) != ISAKMP_OK)
		return e;
	while ((rc = next_piece(
		    &p, &left, PAYLOAD_P, P_FIXED, &more, &piece)) == 1) {
		if (o->n_proposals == OFFER_MAX_PROPOSALS)
			return ISAKMP_E_PROPOSAL_COUNT;
		pr = &o->proposal[o->n_proposals];
		if ((e = ipsec_proposal_parse(&piece, o, pr)) != ISAKMP_OK ||
		    (e = bundle_add(o, pr)) != ISAKMP_OK)
			return e;
		o->n_proposals++;
	}
	if (rc == -1)
		return ISAKMP_E_PROPOSAL_SYNTAX;
	for (i = 0; i < o->n_bundles; i++)
		o->bundle[i].why = bundle_why(o, &o->bundle[i]);
	return offer_group(o);
}

enum isakmp_error
offer_life_parse(
    const uint8_t *data, size_t len, int phase, struct offer_life *life)
{
	uint16_t type, duration;
	struct transform_walk w;
	enum isakmp_error e;
	int rc;

	type = phase == 1 ? IKE_ATTR_LIFE_TYPE : IPSEC_ATTR_LIFE_TYPE;
	duration = phase == 1 ? IKE_ATTR_LIFE_DURATION :
				IPSEC_ATTR_LIFE_DURATION;
	memset(life, 0, sizeof(*life));
	memset(&w, 0, sizeof(w));
	attr_walk(&w.walk, data, len);
	while ((rc = attr_next(&w.walk, &w.attr, &e)) == 1) {
		life_attr(&w, type, duration, life, &e);
		if (e != ISAKMP_OK)
			return e;
	}
	if (rc == -1)
		return e;
	return w.life_type != 0 ? ISAKMP_E_LIFE : ISAKMP_OK;
}
