/*
 * What a killed predecessor left in the kernel: found by listing policies and
 * SAs, removed one by one, others' left alone.  Called once, at the start of
 * a new ike process.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/kernel_conn.h"
#include "ikerd/ike/pfkey_kame.h"
#include "ikerd/ike/pfkey_obsd.h"

#define PASSES_MAX 64 /* of a list that loses records */

struct left_policy {
	struct esp_flow flow;
	uint8_t action;
	uint8_t dir;
};

struct sweep {
	struct kernel *k;
	int (*ours)(const struct network *, void *);
	void *arg;
	struct left_policy *policies;
	size_t npolicies;
	struct esp_sa *sas;
	size_t nsas;
	uint32_t *ids; /* reqids of our policies */
	size_t nids;
	uint32_t *foreign; /* reqids of others' policies */
	size_t nforeign;
};

/* Room for one more, doubling. */
static void *
grow(void *p, size_t n, size_t size)
{
	if (n & (n - 1) || n == 1)
		return p;
	return reallocarray(p, n == 0 ? 2 : 2 * n, size);
}

static int
id_add(uint32_t **ids, size_t *n, uint32_t id)
{
	uint32_t *p;

	if (id == 0)
		return 0;
	if ((p = grow(*ids, *n, sizeof(**ids))) == NULL)
		return -1;
	*ids = p;
	p[(*n)++] = id;
	return 0;
}

static int
id_cmp(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int
id_has(const uint32_t *ids, size_t n, uint32_t id)
{
	return n != 0 && bsearch(&id, ids, n, sizeof(id), id_cmp) != NULL;
}

static int
got_policy(const struct pfkey_info *i, void *arg)
{
	struct sweep *s = arg;
	struct left_policy *p;
	int out = i->dir == DIR_OUT;
	const struct network *remote = out ? &i->flow_dst : &i->flow_src;

	if (i->dir < DIR_IN || i->dir > DIR_FWD ||
	    remote->addr.family == ADDR_NONE)
		return 0;
	if (i->proto != 0 || !s->ours(remote, s->arg))
		return id_add(&s->foreign, &s->nforeign, i->reqid);
	if (id_add(&s->ids, &s->nids, i->reqid) == -1 ||
	    (p = grow(s->policies, s->npolicies, sizeof(*p))) == NULL)
		return -1;
	s->policies = p;
	p += s->npolicies++;
	memset(p, 0, sizeof(*p));
	p->dir = i->dir;
	p->action = i->policy_type ==
		(s->k->v->own_reqid ? OBSD_FLOW_DENY : KAME_POLICY_DISCARD) ?
	    ACTION_DENY :
	    ACTION_PROTECT;
	p->flow.remote = *remote;
	p->flow.local = out ? i->flow_src : i->flow_dst;
	p->flow.priority = i->priority;
	return 0;
}

/* OpenBSD: our name on this end, and an address of our pools on the other? */
static int
named(const struct sweep *s, const struct pfkey_ident *local,
    const struct pfkey_ident *remote)
{
	char text[sizeof(remote->text)], *slash;
	struct network n;
	const char *bad = NULL;

	if (local->type != OBSD_IDENT_FQDN ||
	    strncmp(local->text, OBSD_IDENT_OURS, strlen(OBSD_IDENT_OURS)) !=
		0 ||
	    remote->type != OBSD_IDENT_PREFIX)
		return 0;
	strlcpy(text, remote->text, sizeof(text));
	if ((slash = strchr(text, '/')) == NULL)
		return 0;
	*slash = '\0';
	n.prefix = strtonum(slash + 1, 0, 128, &bad);
	return bad == NULL && addr_parse(text, &n.addr) == 0 &&
	    s->ours(&n, s->arg);
}

static int
got_sa(const struct pfkey_info *i, void *arg)
{
	struct sweep *s = arg;
	struct esp_sa *l;
	int mine;

	if (i->head.satype != s->k->v->esp || !PFKEY_HAVE(i, EXT_SA) ||
	    i->spi == 0)
		return 0;
	if (s->k->v->own_reqid)
		mine = named(s, &i->id_src, &i->id_dst) ||
		    named(s, &i->id_dst, &i->id_src);
	else
		mine = id_has(s->ids, s->nids, i->reqid) ||
		    (i->reqid >= REQID_FIRST && i->reqid <= REQID_LAST &&
			!id_has(s->foreign, s->nforeign, i->reqid));
	if (!mine)
		return 0;
	if ((l = grow(s->sas, s->nsas, sizeof(*l))) == NULL)
		return -1;
	s->sas = l;
	l += s->nsas++;
	memset(l, 0, sizeof(*l));
	l->src = i->src;
	l->dst = i->dst;
	l->spi = i->spi;
	return 0;
}

static int
policy_remove(struct sweep *s, const struct left_policy *p)
{
	struct pfkey_req req = { .op = OP_FLOW_DELETE,
		.action = p->action,
		.flow = &p->flow,
		.dir = p->dir };
	struct pfkey_info info;

	if (kernel_request(s->k, &req, "delete old policy", &info) == 0)
		return 1;
	if (errno == ESRCH || errno == ENOENT || errno == s->k->v->spd_gone)
		return 0;
	return -1;
}

/*
 * List and delete until a whole list holds nothing of ours: SAs first, so
 * that packets are dropped and do not leak.  Each pass needs the policies
 * to know the SAs, so both lists are read before anything goes.
 */
static int
pass(struct sweep *s, struct kernel_swept *swept, int *more)
{
	int whole, r;
	size_t i;

	s->npolicies = s->nsas = 0;
	if ((whole = kernel_dump(s->k, OP_DUMP_FLOW, got_policy, s)) == -1)
		return -1;
	if (s->nids != 0)
		qsort(s->ids, s->nids, sizeof(*s->ids), id_cmp);
	if (s->nforeign != 0)
		qsort(s->foreign, s->nforeign, sizeof(*s->foreign), id_cmp);
	if ((r = kernel_dump(s->k, OP_DUMP_SA, got_sa, s)) == -1)
		return -1;
	whole = whole && r;
	for (i = 0; i < s->nsas; i++) {
		if (kernel_sa_delete(s->k, &s->sas[i]) == -1 &&
		    errno == ETIMEDOUT)
			return -1;
		swept->sas++;
	}
	for (i = 0; i < s->npolicies; i++) {
		if ((r = policy_remove(s, &s->policies[i])) == -1)
			return -1;
		swept->policies += r;
	}
	*more = !whole;
	return 0;
}

int
kernel_sweep(struct kernel *k, int (*ours)(const struct network *, void *),
    void *arg, struct kernel_swept *swept)
{
	struct sweep s = { .k = k, .ours = ours, .arg = arg };
	int i, r = 0, more = 1;

	memset(swept, 0, sizeof(*swept));
	for (i = 0; i < PASSES_MAX && r == 0 && more; i++)
		r = pass(&s, swept, &more);
	free(s.policies);
	free(s.sas);
	free(s.ids);
	free(s.foreign);
	return r;
}
