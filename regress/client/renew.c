/*
 * Quick Mode that the gateway begins, taken as the strictest client known
 * takes it, vpnc: one proposal with one transform that is the one agreed
 * before, a nonce of 20 octets, the same traffic seen from the other side.
 */
#include <stdlib.h>
#include <string.h>

#include "session.h"

void
renew_free(struct session *s)
{
	if (s->r == NULL)
		return;
	dh_free(&s->r->dh);
	free(s->r);
	s->r = NULL;
}

static int
same_transform(const struct offer2 *o, const struct payload *t)
{
	const uint8_t *at = t->body + 4;
	size_t left = t->len - 4;
	uint32_t v[12] = { 0 };
	struct attr a;

	while (wire_attr(&at, &left, &a) == 1)
		if (a.type < 12)
			v[a.type] = a.value;
	return t->body[1] == o->cipher->esp && v[1] != 0 && v[2] != 0 &&
	    v[3] == (o->group == NULL ? 0u : o->group->id) && v[4] == o->mode &&
	    v[5] == o->hash->esp && v[6] == o->cipher->bits;
}

static int
take_proposal(struct session *s, const struct payload *sa)
{
	struct payload p[2], t[2];
	size_t used;

	if (sa->len < 8 ||
	    wire_chain(P_PROPOSAL, sa->body + 8, sa->len - 8, p, 2, &used) !=
		1 ||
	    p[0].len < 8 || p[0].body[1] != 3 || p[0].body[2] != 4 ||
	    p[0].body[3] != 1)
		return wrong(s, "not exactly one ESP proposal");
	s->r->spi_out = get32(p[0].body + 4);
	if (wire_chain(P_TRANSFORM, p[0].body + 8, p[0].len - 8, t, 2, &used) !=
		1 ||
	    t[0].len < 4 || !same_transform(&s->r->chosen, &t[0]))
		return wrong(s, "not the one transform of before");
	return s->r->spi_out < 256 ? wrong(s, "SPI is reserved") : 0;
}

static int
is_id(const struct payload *p, const struct bytes *id)
{
	return p == NULL ?
	    id->len == 0 :
	    p->len == id->len && memcmp(p->body, id->b, id->len) == 0;
}

/* Message 1 of the gateway, whose HASH(1) has been verified. */
int
renew_take1(struct session *s, const struct message *m)
{
	const struct payload *sa = wire_find(m->p, m->n, P_SA, 0);
	const struct payload *ni = wire_find(m->p, m->n, P_NONCE, 0);
	const struct payload *ke = wire_find(m->p, m->n, P_KE, 0);
	struct quick *r;

	if (s->q == NULL || !s->q->done)
		return wrong(s, "nothing to renew");
	renew_free(s);
	if ((s->r = r = calloc(1, sizeof(*r))) == NULL)
		return wrong(s, "out of memory");
	r->msgid = m->h.msgid;
	r->chosen = s->q->chosen;
	r->idci = s->q->idci; /* as ours the next time */
	r->idcr = s->q->idcr;
	if (sa == NULL || m->p[1].type != P_SA)
		return wrong(s, "SA is not the second payload");
	if (ni == NULL || ni->len != 20)
		return wrong(s, "nonce is not of 20 octets");
	memcpy(r->ni.b, ni->body, r->ni.len = ni->len);
	if (!is_id(wire_find(m->p, m->n, P_ID, 0), &r->idcr) ||
	    !is_id(wire_find(m->p, m->n, P_ID, 1), &r->idci))
		return wrong(s, "identities are not those of before");
	if ((r->chosen.group != NULL) != (ke != NULL))
		return wrong(s, "KE where none belongs, or none");
	if (ke != NULL &&
	    (dh_make(&r->dh, r->chosen.group, 256) == -1 ||
		dh_shared(&r->dh, ke->body, ke->len, r->gqm) == -1))
		return wrong(s, "KE is no public value of the group");
	return take_proposal(s, sa);
}

int
renew_build2(struct session *s, struct wire *w)
{
	struct quick *r = s->r;

	if (r == NULL)
		return wrong(s, "the gateway began nothing");
	do
		rnd(&r->spi_in, 4);
	while (r->spi_in < 256);
	rnd(r->nr.b, r->nr.len = 24);
	session_start(s, w, X_QUICK, r->msgid);
	w->hash = H_QM2;
	wire_open(w, P_SA);
	put32(w, 1);
	put32(w, 1);
	wire_open(w, P_PROPOSAL);
	put8(w, 1);
	put8(w, 3);
	put8(w, 4);
	put8(w, 1);
	put32(w, r->spi_in);
	quick_put_transform(w, &r->chosen);
	wire_end(w);
	wire_end(w);
	put_payload(w, P_NONCE, r->nr.b, r->nr.len);
	if (r->chosen.group != NULL)
		exchange_put_ke(w, &r->dh, s->ke);
	if (r->idci.len != 0) {
		put_payload(w, P_ID, r->idcr.b, r->idcr.len);
		put_payload(w, P_ID, r->idci.b, r->idci.len);
	}
	quick_derive(s, r);
	return 0;
}

/* Message 3 has come: the pair is the current one. */
void
renew_done(struct session *s)
{
	quick_free(s);
	s->q = s->r;
	s->q->done = 1;
	s->r = NULL;
}
