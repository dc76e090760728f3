/*
 * Quick Mode as initiator (RFC 2409 5.5): any number of ESP proposals, PFS,
 * client identities, and the keys of both SAs.  The kernel never sees them;
 * a script can print them and compare.
 */
#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"

#define PROTO_ESP 3
#define PROTO_IPCOMP 4

void
quick_free(struct session *s)
{
	if (s->q == NULL)
		return;
	dh_free(&s->q->dh);
	free(s->q);
	s->q = NULL;
}

/* Steps are about the n-th Quick Mode from now on; the others stay. */
void
quick_switch(struct session *s, int n)
{
	s->parked[s->which] = s->q;
	s->q = s->parked[n];
	s->parked[n] = NULL;
	s->which = n;
}

void
quick_free_all(struct session *s)
{
	int i;

	for (i = 0; i < QUICKS; i++) {
		quick_switch(s, i);
		quick_free(s);
	}
}

/* The Quick Mode with this message id, or NULL. */
const struct quick *
quick_find(const struct session *s, uint32_t msgid)
{
	int i;

	if (s->q != NULL && s->q->msgid == msgid)
		return s->q;
	for (i = 0; i < QUICKS; i++)
		if (s->parked[i] != NULL && s->parked[i]->msgid == msgid)
			return s->parked[i];
	return NULL;
}

/* An ID body from "address", A.B.C.D, A.B.C.D/bits or A.B.C.D-A.B.C.D. */
static int
traffic_id(const struct session *s, const char *text, struct bytes *id)
{
	char first[64], *sep, *second = NULL;
	uint32_t mask;
	int type = 1;

	memset(id, 0, sizeof(*id));
	if (strcmp(text, "address") == 0) {
		memcpy(id->b + 4, s->address, 4);
		id->b[0] = 1;
		id->len = 8;
		return s->has_address ? 0 : -1;
	}
	snprintf(first, sizeof(first), "%s", text);
	if ((sep = strpbrk(first, "/-")) != NULL) {
		type = *sep == '/' ? 4 : 7;
		*sep = '\0';
		second = sep + 1;
	}
	id->b[0] = (uint8_t)type;
	id->len = type == 1 ? 8 : 12;
	if (inet_pton(AF_INET, first, id->b + 4) != 1)
		return -1;
	if (type == 7)
		return inet_pton(AF_INET, second, id->b + 8) == 1 ? 0 : -1;
	if (type == 4 && strchr(second, '.') != NULL)
		return inet_pton(AF_INET, second, id->b + 8) == 1 ? 0 : -1;
	if (type == 4) {
		mask = atoi(second) == 0 ?
		    0 :
		    htonl(0xffffffffu << (32 - atoi(second)));
		memcpy(id->b + 8, &mask, 4);
	}
	return 0;
}

/* Begin a Quick Mode for the traffic named; "-" for both: no identities. */
int
quick_new(struct session *s, const char *local, const char *remote)
{
	struct quick *q;

	quick_free(s);
	if ((q = calloc(1, sizeof(*q))) == NULL)
		return wrong(s, "out of memory");
	s->q = q;
	if (strcmp(local, "-") != 0 &&
	    (traffic_id(s, local, &q->idci) == -1 ||
		traffic_id(s, remote, &q->idcr) == -1))
		return wrong(s, "identity of the traffic");
	q->msgid = session_msgid();
	q->ni.len = 20;
	rnd(q->ni.b, q->ni.len);
	do
		rnd(&q->spi_in, 4);
	while (q->spi_in < 256);
	if (s->set->esps > 0 && s->set->esp[0].group != NULL &&
	    dh_make(&q->dh, s->set->esp[0].group, 256) == -1)
		return wrong(s, "cannot make a key pair");
	return 0;
}

void
quick_put_transform(struct wire *w, const struct offer2 *o)
{
	uint8_t life[4] = { (uint8_t)(o->life >> 24), (uint8_t)(o->life >> 16),
		(uint8_t)(o->life >> 8), (uint8_t)o->life };

	wire_open(w, P_TRANSFORM);
	put8(w, 1);
	put8(w, o->cipher->esp);
	put16(w, 0);
	if (o->life != 0) {
		put_tv(w, 1, 1);
		put_tlv(w, 2, life, 4);
	}
	if (o->group != NULL)
		put_tv(w, 3, o->group->id);
	if (o->mode != 0)
		put_tv(w, 4, (uint16_t)o->mode);
	if (o->hash->esp != 0)
		put_tv(w, 5, o->hash->esp);
	if (o->cipher->bits != 0)
		put_tv(w, 6, o->cipher->bits);
	wire_end(w);
}

/* How many of the offers from here on are one proposal's transforms. */
static int
transforms(const struct settings *set, int i)
{
	int n = 1;

	while (i + n < set->esps && set->esp[i + n].more)
		n++;
	return n;
}

/* One proposal of n transforms, and what is ANDed with it. */
static void
put_proposal(struct session *s, struct wire *w, int number,
    const struct offer2 *o, int n)
{
	size_t at;
	int i;

	wire_open(w, P_PROPOSAL);
	put8(w, (uint8_t)number);
	put8(w, PROTO_ESP);
	put8(w, 4);
	put8(w, (uint8_t)n);
	put32(w, s->q->spi_in);
	for (i = 0; i < n; i++) {
		at = w->len;
		quick_put_transform(w, &o[i]);
		if (!w->full)
			w->b[at + 4] = (uint8_t)(i + 1);
	}
	wire_end(w);
	if (!o->ipcomp)
		return;
	wire_open(w, P_PROPOSAL);
	put8(w, (uint8_t)number);
	put8(w, PROTO_IPCOMP);
	put8(w, 2);
	put8(w, 1);
	put16(w, (uint16_t)(s->q->spi_in | 0x100));
	wire_open(w, P_TRANSFORM);
	put8(w, 1);
	put8(w, 3); /* LZS */
	put16(w, 0);
	put_tv(w, 4, (uint16_t)o->mode);
	wire_end(w);
	wire_end(w);
}

int
quick_build1(struct session *s, struct wire *w)
{
	struct quick *q = s->q;
	int i, n, number = s->set->first_number;

	session_start(s, w, X_QUICK, q->msgid);
	wire_open(w, P_SA);
	put32(w, 1);
	put32(w, 1);
	for (i = 0; i < s->set->esps; i += n) {
		n = transforms(s->set, i);
		put_proposal(s, w, number++, &s->set->esp[i], n);
	}
	wire_end(w);
	put_payload(w, P_NONCE, q->ni.b, q->ni.len);
	if (q->dh.group != NULL)
		exchange_put_ke(w, &q->dh, s->ke);
	if (q->idci.len != 0) {
		put_payload(w, P_ID, q->idci.b, q->idci.len);
		put_payload(w, P_ID, q->idcr.b, q->idcr.len);
	}
	return 0;
}

static int
same_offer(const struct offer2 *o, const uint32_t *v)
{
	return o->hash->esp == v[5] && o->cipher->bits == v[6] &&
	    o->mode == v[4] && (o->group == NULL ? 0 : o->group->id) == v[3];
}

/* Which offer has these numbers of proposal and transform; -1: none. */
static int
offer_of(const struct settings *set, int proposal, int transform)
{
	int i, n, number = set->first_number;

	for (i = 0; i < set->esps; i += n, number++) {
		n = transforms(set, i);
		if (number == proposal)
			return transform >= 1 && transform <= n ?
			    i + transform - 1 :
			    -1;
	}
	return -1;
}

/* The one proposal that came back; its SPI is where we would send to. */
static int
take_proposal(struct session *s, const struct payload *sa)
{
	struct quick *q = s->q;
	struct payload p[2], t[2];
	uint32_t v[12] = { 0 };
	const uint8_t *at;
	struct attr a;
	size_t used, left;
	int n;

	if (sa->len < 8 ||
	    wire_chain(P_PROPOSAL, sa->body + 8, sa->len - 8, p, 2, &used) !=
		1 ||
	    used != sa->len - 8 || p[0].len < 8 || p[0].body[1] != PROTO_ESP ||
	    p[0].body[2] != 4)
		return wrong(s, "answer is not exactly one ESP proposal");
	q->spi_out = get32(p[0].body + 4);
	if (wire_chain(P_TRANSFORM, p[0].body + 8, p[0].len - 8, t, 2, &used) !=
		1 ||
	    t[0].len < 4)
		return wrong(s, "answer is not exactly one transform");
	at = t[0].body + 4;
	left = t[0].len - 4;
	while ((n = wire_attr(&at, &left, &a)) == 1)
		if (a.type < 12)
			v[a.type] = a.value;
	n = offer_of(s->set, p[0].body[0], t[0].body[0]);
	if (n < 0 || s->set->esp[n].ipcomp ||
	    s->set->esp[n].cipher->esp != t[0].body[1] ||
	    !same_offer(&s->set->esp[n], v))
		return wrong(s, "answer's proposal is not one offered");
	q->chosen = s->set->esp[n];
	return q->spi_out < 256 ? wrong(s, "SPI is reserved") : 0;
}

static int
take_ids(struct session *s, const struct message *m)
{
	const struct payload *i = wire_find(m->p, m->n, P_ID, 0);
	const struct payload *r = wire_find(m->p, m->n, P_ID, 1);
	const struct quick *q = s->q;

	if (q->idci.len == 0)
		return 0;
	if (i == NULL || r == NULL || i->len != q->idci.len ||
	    r->len != q->idcr.len || memcmp(i->body, q->idci.b, i->len) != 0 ||
	    memcmp(r->body, q->idcr.b, r->len) != 0)
		return wrong(s, "identities came back changed");
	return 0;
}

static int
take_pfs(struct session *s, const struct message *m)
{
	const struct payload *ke = wire_find(m->p, m->n, P_KE, 0);
	struct quick *q = s->q;

	if ((q->chosen.group != NULL) != (ke != NULL))
		return wrong(s, "KE where none belongs, or none");
	if (ke != NULL && dh_shared(&q->dh, ke->body, ke->len, q->gqm) == -1)
		return wrong(s, "KE is no public value of the group");
	return 0;
}

static void
take_lifetime(struct session *s, const struct message *m)
{
	const struct payload *p;
	const uint8_t *at;
	struct attr a;
	size_t left;
	int n;

	for (n = 0; (p = wire_find(m->p, m->n, P_NOTIFY, n)) != NULL; n++) {
		if (p->len < 8 || get16(p->body + 6) != 24576 ||
		    p->len < 8u + p->body[5])
			continue;
		at = p->body + 8 + p->body[5];
		left = p->len - 8 - p->body[5];
		while (wire_attr(&at, &left, &a) == 1)
			if (a.type == 2)
				s->q->responder_life = a.value;
	}
}

void
quick_derive(struct session *s, struct quick *q)
{
	struct piece gqm = { q->gqm, q->dh.secret };
	struct piece ni = { q->ni.b, q->ni.len };
	struct piece nr = { q->nr.b, q->nr.len };

	q->keys_len = q->chosen.cipher->keylen + q->chosen.hash->len;
	keymat(&s->k, &gqm, PROTO_ESP, q->spi_in, &ni, &nr, q->keys_in,
	    q->keys_len);
	keymat(&s->k, &gqm, PROTO_ESP, q->spi_out, &ni, &nr, q->keys_out,
	    q->keys_len);
}

/* Message 2, whose HASH(2) has been verified when it was opened. */
int
quick_take2(struct session *s, const struct message *m)
{
	const struct payload *sa = wire_find(m->p, m->n, P_SA, 0);
	const struct payload *nr = wire_find(m->p, m->n, P_NONCE, 0);

	if (s->q == NULL || m->h.exchange != X_QUICK || !m->authentic ||
	    m->h.msgid != s->q->msgid)
		return wrong(s, "not an answer to this Quick Mode");
	if (sa == NULL || nr == NULL || nr->len < 8 || nr->len > 256)
		return wrong(s, "answer has no SA or no proper NONCE");
	memcpy(s->q->nr.b, nr->body, nr->len);
	s->q->nr.len = nr->len;
	if (take_proposal(s, sa) == -1 || take_ids(s, m) == -1 ||
	    take_pfs(s, m) == -1)
		return -1;
	take_lifetime(s, m);
	quick_derive(s, s->q);
	return 0;
}

int
quick_build3(struct session *s, struct wire *w)
{
	if (s->q == NULL || s->q->nr.len == 0)
		return wrong(s, "no message 2 to go on from");
	session_start(s, w, X_QUICK, s->q->msgid);
	w->hash = H_QM3;
	s->q->done = 1;
	return 0;
}
