/*
 * Main Mode that the gateway begins, with a pre-shared key (RFC 2409 5.4) or
 * certificates (5.1): what a peer takes and answers that is itself a gateway.
 * The roles are the other way round: CKY-I, Ni and g^xi are the gateway's.
 * Nothing here does I/O.
 */
#include <stdlib.h>
#include <string.h>

#include "session.h"

#define NONCE 20

static struct key_input
key_input(const struct session *s)
{
	const struct phase1 *p1 = s->p1;
	struct key_input in = {
		.psk = is_signature(s->chosen.auth) ? NULL : s->set->psk.b,
		.psk_len = s->set->psk.len,
		.ni = { p1->ni.b, p1->ni.len },
		.nr = { p1->nr.b, p1->nr.len },
		.gxi = p1->gxr,
		.gxr = s->dh->pub,
		.len = s->dh->len,
		.gxy = p1->gxy,
		.gxy_len = s->dh->secret,
		.cky_i = s->cky_i,
		.cky_r = s->cky_r
	};

	return in;
}

static int
fits(const struct offer1 *o, const uint32_t *v)
{
	return o->cipher->ike == v[1] && o->cipher->bits == v[14] &&
	    o->hash->ike == v[2] && o->auth == v[3] && o->group->id == v[4];
}

/* The first of its transforms that the script offers, too; the life is its. */
static int
choose(struct session *s, const struct payload *t, int n)
{
	uint32_t v[17];
	const uint8_t *p;
	struct attr a;
	size_t left;
	int i, k;

	for (i = 0; i < n; i++) {
		memset(v, 0, sizeof(v));
		p = t[i].body + 4;
		left = t[i].len - 4;
		while (wire_attr(&p, &left, &a) == 1)
			if (a.type < 17)
				v[a.type] = a.value;
		if (t[i].body[0] != i + 1 || v[11] != 1 || v[12] == 0)
			return wrong(s,
			    "transforms are not numbered, or have "
			    "no life");
		for (k = 0; k < s->set->offers; k++) {
			if (!fits(&s->set->offer[k], v))
				continue;
			s->chosen = s->set->offer[k];
			if (s->chosen.life == 0 || s->chosen.life > v[12])
				s->chosen.life = v[12];
			s->p1->transform = t[i].body[0];
			return 0;
		}
	}
	return wrong(s, "the gateway offers nothing that the script does");
}

int
respond_take1(struct session *s, const struct message *m)
{
	const struct payload *sa = wire_find(m->p, m->n, P_SA, 0);
	struct payload p[2], t[OFFERS_MAX];
	size_t used;
	int n;

	if (s->p1 == NULL && (s->p1 = calloc(1, sizeof(*s->p1))) == NULL)
		return wrong(s, "out of memory");
	if (sa == NULL || sa->len < 8 || sa->len > sizeof(s->p1->sai) ||
	    m->p[0].type != P_SA || m->h.flags != 0 || m->h.msgid != 0)
		return wrong(
		    s, "not a message 1 with an SA in the first place");
	memcpy(s->p1->sai, sa->body, s->p1->sai_len = sa->len);
	if (wire_chain(P_PROPOSAL, sa->body + 8, sa->len - 8, p, 2, &used) !=
		1 ||
	    p[0].len < 4 || p[0].body[1] != 1 || p[0].body[2] != 0 ||
	    (n = wire_chain(P_TRANSFORM, p[0].body + 4, p[0].len - 4, t,
		 OFFERS_MAX, &used)) != p[0].body[3])
		return wrong(s, "not exactly one proposal");
	if (choose(s, t, n) == -1)
		return -1;
	s->k.cipher = s->chosen.cipher;
	s->k.hash = s->chosen.hash;
	rnd(s->cky_r, sizeof(s->cky_r));
	exchange_take_vendors(s, m);
	return s->peer_xauth ? wrong(s, "XAUTH, from who begins") : 0;
}

int
respond_build2(struct session *s, struct wire *w)
{
	if (s->p1 == NULL || s->p1->transform == 0)
		return wrong(s, "no message 1 to answer");
	wire_start(w, s->cky_i, s->cky_r, X_MAIN, 0, 0);
	wire_open(w, P_SA);
	put32(w, 1);
	put32(w, 1);
	wire_open(w, P_PROPOSAL);
	put8(w, 1);
	put8(w, 1);
	put8(w, 0);
	put8(w, 1);
	exchange_put_transform(w, &s->chosen, s->p1->transform);
	wire_end(w);
	wire_end(w);
	exchange_put_vendors(s, w);
	return 0;
}

int
respond_take3(struct session *s, const struct message *m)
{
	const struct payload *ke = wire_find(m->p, m->n, P_KE, 0);
	const struct payload *ni = wire_find(m->p, m->n, P_NONCE, 0);
	struct phase1 *p1 = s->p1;
	struct key_input in;

	if (m->h.flags != 0 || ke == NULL || ni == NULL || ni->len < 8 ||
	    ni->len > 256)
		return wrong(s, "message 3 without KE or a sound NONCE");
	s->dh = &s->dh_own;
	if (dh_make(s->dh, s->chosen.group, 256) == -1 ||
	    dh_shared(s->dh, ke->body, ke->len, p1->gxy) == -1)
		return wrong(s, "KE is no public value of the group");
	memcpy(p1->gxr, ke->body, ke->len); /* the other side's */
	memcpy(p1->ni.b, ni->body, p1->ni.len = ni->len);
	rnd(p1->nr.b, p1->nr.len = NONCE);
	exchange_take_natd(s, m);
	in = key_input(s);
	if (keys_phase1(&s->k, &in) == -1)
		return wrong(s, "what nobody can do was chosen");
	s->keyed = 1;
	return 0;
}

int
respond_build4(struct session *s, struct wire *w)
{
	if (!s->keyed)
		return wrong(s, "no message 3 to answer");
	wire_start(w, s->cky_i, s->cky_r, X_MAIN, 0, 0);
	put_payload(w, P_KE, s->dh->pub, s->dh->len);
	put_payload(w, P_NONCE, s->p1->nr.b, s->p1->nr.len);
	exchange_put_natd(s, w);
	return 0;
}

int
respond_take5(struct session *s, const struct message *m)
{
	const struct payload *id = wire_find(m->p, m->n, P_ID, 0);
	const struct payload *h = wire_find(m->p, m->n, P_HASH, 0);
	struct piece sai = { s->p1->sai, s->p1->sai_len };
	struct key_input in = key_input(s);
	uint8_t want[HASH_MAX];
	struct piece b;

	if (m->h.flags != FLAG_E || id == NULL)
		return wrong(s, "message 5 without ID");
	if (wire_find(m->p, m->n, P_NOTIFY, 0) != NULL)
		return wrong(s, "INITIAL-CONTACT, when it only renews");
	b = (struct piece){ id->body, id->len };
	keys_hash_auth(&s->k, &in, 0, &sai, &b, want);
	if (is_signature(s->chosen.auth)) {
		if (wire_find(m->p, m->n, P_CERTREQ, 0) == NULL)
			return wrong(s, "message 5 asks for no certificate");
		return cert_take(s, m, want, s->k.hash->len);
	}
	if (h == NULL || h->len != s->k.hash->len ||
	    memcmp(h->body, want, h->len) != 0)
		return wrong(s, "HASH_I does not verify");
	return 0;
}

int
respond_build6(struct session *s, struct wire *w)
{
	struct piece sai = { s->p1->sai, s->p1->sai_len };
	struct piece id = { s->set->id.b, s->set->id.len };
	struct key_input in = key_input(s);
	uint8_t h[HASH_MAX];

	wire_start(w, s->cky_i, s->cky_r, X_MAIN, FLAG_E, 0);
	put_payload(w, P_ID, id.p, id.len);
	keys_hash_auth(&s->k, &in, 1, &sai, &id, h);
	if (is_signature(s->chosen.auth))
		return cert_put(s, w, h, s->k.hash->len);
	put_payload(w, P_HASH, h, s->k.hash->len);
	return 0;
}
