/*
 * Phase 1 as initiator: Aggressive Mode and Main Mode (RFC 2409 5) with a
 * pre-shared key, certificates or hybrid, NAT-T detection (RFC 3947), one
 * function a message and a table that puts them in order.  Strict with what the
 * gateway answers.
 */
#include <stdlib.h>
#include <string.h>

#include "session.h"

#define NONCE 20

static struct phase1 *
phase1(struct session *s)
{
	if (s->p1 == NULL)
		s->p1 = calloc(1, sizeof(*s->p1));
	if (s->p1 == NULL)
		abort();
	return s->p1;
}

void
exchange_put_transform(struct wire *w, const struct offer1 *o, int number)
{
	uint8_t life[4] = { (uint8_t)(o->life >> 24), (uint8_t)(o->life >> 16),
		(uint8_t)(o->life >> 8), (uint8_t)o->life };

	wire_open(w, P_TRANSFORM);
	put8(w, (uint8_t)number);
	put8(w, 1); /* KEY_IKE */
	put16(w, 0);
	put_tv(w, 1, o->cipher->ike);
	put_tv(w, 2, o->hash->ike);
	put_tv(w, 3, o->auth);
	put_tv(w, 4, o->group->id);
	if (o->cipher->bits != 0)
		put_tv(w, 14, o->cipher->bits);
	if (o->life != 0) {
		put_tv(w, 11, 1);
		put_tlv(w, 12, life, 4);
	}
	wire_end(w);
}

static void
put_sa(struct session *s, struct wire *w)
{
	const struct settings *set = s->set;
	size_t at;
	int i;

	wire_open(w, P_SA);
	at = w->len;
	put32(w, 1); /* DOI */
	put32(w, 1); /* SIT_IDENTITY_ONLY */
	wire_open(w, P_PROPOSAL);
	put8(w, 1);
	put8(w, 1); /* PROTO_ISAKMP */
	put8(w, 0);
	put8(w, (uint8_t)set->offers);
	for (i = 0; i < set->offers; i++)
		exchange_put_transform(
		    w, &set->offer[i], set->first_number + i);
	wire_end(w);
	wire_end(w);
	if ((s->p1->sai_len = w->len - at) <= sizeof(s->p1->sai))
		memcpy(s->p1->sai, w->b + at, s->p1->sai_len);
	else
		w->full = 1;
}

/* The public value as the script wants it: right, or one that must fail. */
void
exchange_put_ke(struct wire *w, const struct dh_pair *d, enum ke_kind kind)
{
	uint8_t v[DH_MAX + 8] = { 0 };
	size_t len = d->len;

	if (kind == KE_GOOD || kind == KE_SHORT || kind == KE_LONG)
		memcpy(v, d->pub, len);
	if (kind == KE_ONE)
		v[len - 1] = 1;
	if (kind == KE_P || kind == KE_P_1)
		dh_prime(d->group, v);
	if (kind == KE_P_1)
		v[len - 1] ^= 1; /* p is odd */
	if (kind == KE_SHORT)
		len--;
	if (kind == KE_LONG)
		len++;
	if (kind != KE_NONE)
		put_payload(w, P_KE, v, len);
}

static int
make_pair(struct session *s, const struct group *g)
{
	if (s->dh != NULL && s->dh->group == g)
		return 0;
	if (s->dh == &s->dh_own)
		dh_free(&s->dh_own);
	s->dh = &s->dh_own;
	if (dh_make(s->dh, g, 256) == -1)
		return wrong(s, "cannot make a key pair");
	return 0;
}

static void
put_nonce(struct session *s, struct wire *w)
{
	struct bytes *ni = &s->p1->ni;

	if (ni->len == 0) {
		ni->len = NONCE;
		rnd(ni->b, NONCE);
	}
	put_payload(w, P_NONCE, ni->b, ni->len);
}

void
exchange_put_vendors(struct session *s, struct wire *w)
{
	int i;

	for (i = 0; i < s->set->vendors; i++)
		put_payload(
		    w, P_VENDOR, s->set->vendor[i].b, s->set->vendor[i].len);
}

static void
natd(const struct session *s, const struct sockaddr_in *a, uint8_t *out)
{
	struct piece v[] = { { s->cky_i, 8 }, { s->cky_r, 8 },
		{ &a->sin_addr, 4 }, { &a->sin_port, 2 } };

	digest(s->k.hash, PIECES(v), out);
}

/* NAT-D of the other end, then of ours; forced: ours is a lie. */
void
exchange_put_natd(struct session *s, struct wire *w)
{
	uint8_t h[HASH_MAX];

	if (s->natd_type == 0)
		return;
	natd(s, &s->remote, h);
	put_payload(w, (uint8_t)s->natd_type, h, s->k.hash->len);
	natd(s, &s->local, h);
	if (s->set->natt == NATT_FORCE)
		h[0] ^= 1;
	put_payload(w, (uint8_t)s->natd_type, h, s->k.hash->len);
}

static struct key_input
key_input(const struct session *s)
{
	const struct phase1 *p1 = s->p1;
	struct key_input in = {
		.psk = is_signature(s->chosen.auth) ? NULL : s->set->psk.b,
		.psk_len = s->set->psk.len,
		.ni = { p1->ni.b, p1->ni.len },
		.nr = { p1->nr.b, p1->nr.len },
		.gxi = s->dh->pub,
		.gxr = p1->gxr,
		.len = s->dh->len,
		.gxy = p1->gxy,
		.gxy_len = s->dh->secret,
		.cky_i = s->cky_i,
		.cky_r = s->cky_r
	};

	return in;
}

/* HASH_I, or the certificate and the signature of it. */
static int
put_proof(struct session *s, struct wire *w)
{
	struct key_input in = key_input(s);
	struct piece sai = { s->p1->sai, s->p1->sai_len };
	struct piece id = { s->set->id.b, s->set->id.len };
	uint8_t h[HASH_MAX];

	keys_hash_auth(&s->k, &in, 0, &sai, &id, h);
	if (is_signature(s->chosen.auth) && !is_hybrid(s->chosen.auth))
		return cert_put(s, w, h, s->k.hash->len);
	put_payload(w, P_HASH, h, s->k.hash->len);
	return 0;
}

static void
put_initial_contact(struct session *s, struct wire *w)
{
	if (!s->set->initial_contact)
		return;
	wire_open(w, P_NOTIFY);
	put32(w, 1);
	put8(w, 1);
	put8(w, 16);
	put16(w, 24578);
	putb(w, s->cky_i, 8);
	putb(w, s->cky_r, 8);
	wire_end(w);
}

/* The attributes of the one transform that the gateway chose. */
static int
take_attributes(
    struct session *s, const uint8_t *p, size_t left, uint32_t *v, size_t max)
{
	struct attr a;
	int r;

	while ((r = wire_attr(&p, &left, &a)) == 1) {
		if (a.type >= max)
			return wrong(
			    s, "answer has an attribute never offered");
		v[a.type] = a.value;
	}
	return r == 0 ? 0 : wrong(s, "attributes cut short");
}

static int
same_offer(const struct offer1 *o, const uint32_t *v)
{
	return o->cipher->ike == v[1] && o->cipher->bits == v[14] &&
	    o->hash->ike == v[2] && o->auth == v[3] && o->group->id == v[4] &&
	    o->life == v[12];
}

/* The answer's SA: one proposal, one transform, and that one of ours. */
static int
take_sa(struct session *s, const struct message *m)
{
	const struct payload *sa = wire_find(m->p, m->n, P_SA, 0);
	struct payload p[2], t[2];
	uint32_t v[17] = { 0 };
	size_t used, skip;
	int n;

	if (sa == NULL || sa->len < 8 || get32(sa->body) != 1 ||
	    get32(sa->body + 4) != 1)
		return wrong(s, "answer has no usable SA");
	if (wire_chain(P_PROPOSAL, sa->body + 8, sa->len - 8, p, 2, &used) !=
		1 ||
	    used != sa->len - 8 || p[0].len < 4 || p[0].body[1] != 1 ||
	    p[0].body[3] != 1)
		return wrong(s, "answer is not exactly one proposal");
	skip = 4u + p[0].body[2];
	if (skip != 4)
		return wrong(s, "answer's proposal has an SPI");
	if (wire_chain(P_TRANSFORM, p[0].body + 4, p[0].len - 4, t, 2, &used) !=
		1 ||
	    t[0].len < 4 || t[0].body[1] != 1)
		return wrong(s, "answer is not exactly one transform");
	if (take_attributes(s, t[0].body + 4, t[0].len - 4, v, 17) == -1)
		return -1;
	n = t[0].body[0] - s->set->first_number;
	if (n < 0 || n >= s->set->offers || !same_offer(&s->set->offer[n], v))
		return wrong(s, "answer's transform is not the one offered");
	s->chosen = s->set->offer[n];
	s->k.cipher = s->chosen.cipher;
	s->k.hash = s->chosen.hash;
	memcpy(s->cky_r, m->h.cky_r, 8);
	return 0;
}

/* NAT-T's vendor ids of any kind: one alone may be answered. */
static int
is_natt(const struct payload *v)
{
	static const char *const names[] = { "natt", "natt-00", "natt-01",
		"natt-02", "natt-02n", "natt-03", "natt-04", "natt-05",
		"natt-06", "natt-07", "natt-08", "natt-apple" };
	uint8_t b[64];
	size_t i;
	int len;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		len = vendor_find(names[i], b, sizeof(b));
		if ((size_t)len == v->len && memcmp(b, v->body, v->len) == 0)
			return 1;
	}
	return 0;
}

void
exchange_take_vendors(struct session *s, const struct message *m)
{
	static const struct {
		const char *name;
		size_t off;
	} flags[] = {
		{ "xauth", offsetof(struct session, peer_xauth) },
		{ "dpd", offsetof(struct session, peer_dpd) },
		{ "unity", offsetof(struct session, peer_unity) },
	};
	static const struct {
		const char *name;
		int natd;
	} natt[] = { { "natt", P_NATD }, { "natt-03", P_NATD_DRAFT },
		{ "natt-02n", P_NATD_DRAFT }, { "natt-02", P_NATD_DRAFT } };
	const struct payload *v;
	uint8_t b[64];
	size_t i;
	int n, len;

	for (n = 0; (v = wire_find(m->p, m->n, P_VENDOR, n)) != NULL; n++) {
		s->natt_ids += is_natt(v);
		for (i = 0; i < 3; i++) {
			len = vendor_find(flags[i].name, b, sizeof(b));
			if ((size_t)len == v->len &&
			    memcmp(b, v->body, v->len) == 0)
				*(int *)((char *)s + flags[i].off) = 1;
		}
		for (i = 0; i < 4; i++) {
			len = vendor_find(natt[i].name, b, sizeof(b));
			if ((size_t)len == v->len &&
			    memcmp(b, v->body, v->len) == 0)
				s->natd_type = natt[i].natd;
		}
	}
}

/* Who is behind a NAT, by the gateway's NAT-D. */
void
exchange_take_natd(struct session *s, const struct message *m)
{
	const struct payload *p;
	uint8_t h[HASH_MAX];
	int n;

	if (s->natd_type == 0)
		return;
	p = wire_find(m->p, m->n, (uint8_t)s->natd_type, 0);
	if (p == NULL || p->len != s->k.hash->len) {
		s->natd_type = 0;
		return;
	}
	natd(s, &s->local, h);
	s->nat_here = memcmp(p->body, h, p->len) != 0;
	natd(s, &s->remote, h);
	s->nat_there = 1;
	for (n = 1;
	     (p = wire_find(m->p, m->n, (uint8_t)s->natd_type, n)) != NULL; n++)
		if (p->len == s->k.hash->len && memcmp(p->body, h, p->len) == 0)
			s->nat_there = 0;
}

/* KE and Nr, and from them every key. */
static int
take_values(struct session *s, const struct message *m)
{
	const struct payload *ke = wire_find(m->p, m->n, P_KE, 0);
	const struct payload *nr = wire_find(m->p, m->n, P_NONCE, 0);
	struct phase1 *p1 = s->p1;
	struct key_input in;

	if (ke == NULL || nr == NULL)
		return wrong(s, "answer has no KE or no NONCE");
	if (nr->len < 8 || nr->len > 256)
		return wrong(s, "nonce is not 8 to 256 octets");
	if (dh_shared(s->dh, ke->body, ke->len, p1->gxy) == -1)
		return wrong(s, "KE is no public value of the group");
	memcpy(p1->gxr, ke->body, ke->len);
	memcpy(p1->nr.b, nr->body, nr->len);
	p1->nr.len = nr->len;
	in = key_input(s);
	if (keys_phase1(&s->k, &in) == -1)
		return wrong(s, "gateway chose what nobody can do");
	s->keyed = 1;
	return 0;
}

/* HASH_R, or the gateway's certificate and signature of it. */
static int
take_proof(struct session *s, const struct message *m)
{
	const struct payload *id = wire_find(m->p, m->n, P_ID, 0);
	const struct payload *h = wire_find(m->p, m->n, P_HASH, 0);
	struct piece sai = { s->p1->sai, s->p1->sai_len };
	struct key_input in = key_input(s);
	uint8_t want[HASH_MAX];
	struct piece b;

	if (id == NULL || id->len < 4 || id->len > 256)
		return wrong(s, "answer has no ID");
	memcpy(s->p1->idir.b, id->body, id->len);
	s->p1->idir.len = id->len;
	b = (struct piece){ id->body, id->len };
	keys_hash_auth(&s->k, &in, 1, &sai, &b, want);
	if (is_signature(s->chosen.auth))
		return cert_take(s, m, want, s->k.hash->len);
	if (h == NULL || h->len != s->k.hash->len ||
	    memcmp(h->body, want, h->len) != 0)
		return wrong(s, "HASH_R does not verify");
	return 0;
}

static int
expect_type(struct session *s, const struct message *m, uint8_t type, int enc)
{
	if (m->h.exchange != type || m->h.msgid != 0)
		return wrong(s, "not an answer of this exchange");
	if ((m->h.flags & FLAG_E) != enc)
		return wrong(s, "encryption flag is not as it must be");
	return 0;
}

static int
am_build1(struct session *s, struct wire *w)
{
	static const uint8_t zero[8];

	phase1(s);
	if (s->set->offers == 0 || make_pair(s, s->set->offer[0].group) == -1)
		return wrong(s, "nothing to offer");
	wire_start(w, s->cky_i, zero, X_AGGRESSIVE, 0, 0);
	put_sa(s, w);
	exchange_put_ke(w, s->dh, s->ke);
	put_nonce(s, w);
	put_payload(w, P_ID, s->set->id.b, s->set->id.len);
	exchange_put_vendors(s, w);
	return 0;
}

static int
am_take2(struct session *s, const struct message *m)
{
	if (expect_type(s, m, X_AGGRESSIVE, 0) == -1 || take_sa(s, m) == -1 ||
	    take_values(s, m) == -1)
		return -1;
	exchange_take_vendors(s, m);
	exchange_take_natd(s, m);
	return take_proof(s, m);
}

static int
am_build3(struct session *s, struct wire *w)
{
	if (!s->keyed)
		return wrong(s, "no message 2 to go on from");
	wire_start(w, s->cky_i, s->cky_r, X_AGGRESSIVE, FLAG_E, 0);
	if (put_proof(s, w) == -1)
		return -1;
	exchange_put_natd(s, w);
	put_initial_contact(s, w);
	return 0;
}

static int
mm_build1(struct session *s, struct wire *w)
{
	static const uint8_t zero[8];

	phase1(s);
	wire_start(w, s->cky_i, zero, X_MAIN, 0, 0);
	put_sa(s, w);
	exchange_put_vendors(s, w);
	return 0;
}

static int
mm_take2(struct session *s, const struct message *m)
{
	if (expect_type(s, m, X_MAIN, 0) == -1 || take_sa(s, m) == -1)
		return -1;
	exchange_take_vendors(s, m);
	return 0;
}

static int
mm_build3(struct session *s, struct wire *w)
{
	if (s->chosen.group == NULL || make_pair(s, s->chosen.group) == -1)
		return wrong(s, "no message 2 to go on from");
	wire_start(w, s->cky_i, s->cky_r, X_MAIN, 0, 0);
	exchange_put_ke(w, s->dh, s->ke);
	put_nonce(s, w);
	exchange_put_natd(s, w);
	return 0;
}

static int
mm_take4(struct session *s, const struct message *m)
{
	if (expect_type(s, m, X_MAIN, 0) == -1)
		return -1;
	exchange_take_vendors(s, m);
	exchange_take_natd(s, m);
	return take_values(s, m);
}

static int
mm_build5(struct session *s, struct wire *w)
{
	if (!s->keyed)
		return wrong(s, "no message 4 to go on from");
	wire_start(w, s->cky_i, s->cky_r, X_MAIN, FLAG_E, 0);
	put_payload(w, P_ID, s->set->id.b, s->set->id.len);
	if (put_proof(s, w) == -1)
		return -1;
	put_initial_contact(s, w);
	return 0;
}

static int
mm_take6(struct session *s, const struct message *m)
{
	if (expect_type(s, m, X_MAIN, FLAG_E) == -1)
		return -1;
	return take_proof(s, m);
}

const struct exchange exchanges[] = {
	{ "aggressive", X_AGGRESSIVE,
	    { { "am1", am_build1, NULL }, { "am2", NULL, am_take2 },
		{ "am3", am_build3, NULL }, { NULL, NULL, NULL } } },
	{ "main", X_MAIN,
	    { { "mm1", mm_build1, NULL }, { "mm2", NULL, mm_take2 },
		{ "mm3", mm_build3, NULL }, { "mm4", NULL, mm_take4 },
		{ "mm5", mm_build5, NULL }, { "mm6", NULL, mm_take6 },
		{ NULL, NULL, NULL } } },
	{ NULL, 0, { { NULL, NULL, NULL } } },
};
