/*
 * The policies in the kernel that stand for what a session's client may reach:
 * made when its first SA pair asks for them, gone with the last.
 */
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/ike/flow.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"

static struct kernel *kernel;

void
flow_open(struct kernel *k)
{
	kernel = k;
}

/* --- ranges as networks --- */

/* Networks that one side of a flow is made of: kernels know no ranges. */
struct pieces {
	struct network net[FLOW_POLICIES_MAX];
	size_t n;
	int too_many;
};

static void
piece(const struct network *net, void *arg)
{
	struct pieces *p = arg;

	if (p->n == FLOW_POLICIES_MAX)
		p->too_many = 1;
	else
		p->net[p->n++] = *net;
}

static void
cut(struct pieces *p, const struct range *r)
{
	p->n = 0;
	p->too_many = 0;
	range_networks(r, piece, p);
}

/* The same of what of r lies in nets. */
static void
cut_within(struct pieces *p, const struct range *r, const struct network *nets,
    size_t n)
{
	struct range net, both;
	size_t i;

	p->n = 0;
	p->too_many = 0;
	for (i = 0; i < n; i++) {
		net = range_of_network(&nets[i]);
		if (range_meet(r, &net, &both) == 0)
			range_networks(&both, piece, p);
	}
}

/* --- made and gone --- */

static struct flow *
flow_find(
    struct session *s, const struct range *local, const struct range *remote)
{
	struct flow *f;

	LIST_FOREACH(f, &s->flows, entry) {
		if (range_equal(&f->local, local) &&
		    range_equal(&f->remote, remote))
			return f;
	}
	return NULL;
}

static size_t
npolicies(const struct flow *f)
{
	return (size_t)f->nours * f->ntheirs;
}

static struct esp_flow
policy(const struct flow *f, size_t i)
{
	struct esp_flow p;

	memset(&p, 0, sizeof(p));
	p.local = f->net[i / f->ntheirs];
	p.remote = f->net[f->nours + i % f->ntheirs];
	p.inner = range_cover(&f->remote);
	p.gateway = f->gateway;
	p.peer = f->peer;
	p.reqid_in = f->reqid_in;
	p.reqid_out = f->reqid_out;
	return p;
}

static int
remove_first(const struct flow *f, size_t n)
{
	struct esp_flow p;
	int rv = 0;

	while (n-- > 0) {
		p = policy(f, n);
		if (kernel_flow_delete(kernel, &p) == -1)
			rv = -1;
	}
	return rv;
}

/* Put the flow's policies into the kernel, all or none. */
static int
flow_install(struct flow *f)
{
	struct esp_flow p;
	size_t i;

	for (i = 0; i < npolicies(f); i++) {
		p = policy(f, i);
		if (kernel_flow_add(kernel, &p) == -1) {
			(void)remove_first(f, i);
			return -1;
		}
		f->reqid_in = p.reqid_in;
		f->reqid_out = p.reqid_out;
	}
	return 0;
}

static struct flow *
flow_new(struct session *s, const struct range *local,
    const struct range *remote, const struct pieces *ours,
    const struct pieces *theirs)
{
	const struct ike_sa *sa = session_sa(s);
	struct flow *f;

	f = calloc(1, sizeof(*f) + (ours->n + theirs->n) * sizeof(f->net[0]));
	if (f == NULL || sa == NULL) {
		free(f);
		return NULL;
	}
	f->local = *local;
	f->remote = *remote;
	f->gateway = sa->sock->local.addr;
	f->peer = sa->peer.addr;
	f->nours = (uint16_t)ours->n;
	f->ntheirs = (uint16_t)theirs->n;
	memcpy(f->net, ours->net, ours->n * sizeof(f->net[0]));
	memcpy(f->net + ours->n, theirs->net, theirs->n * sizeof(f->net[0]));
	return f;
}

struct flow *
flow_get(struct session *s, const struct range *local,
    const struct range *remote, const struct network *nets, size_t nnets)
{
	static struct pieces ours, theirs;
	struct flow *f;

	if ((f = flow_find(s, local, remote)) != NULL) {
		f->refs++;
		return f;
	}
	cut(&theirs, remote);
	if (nnets == 0)
		cut(&ours, local);
	else
		cut_within(&ours, local, nets, nnets);
	if (ours.n == 0)
		return NULL; /* nothing that may be reached */
	if (ours.too_many || theirs.too_many ||
	    ours.n * theirs.n > FLOW_POLICIES_MAX) {
		log_warnx("session %016llx: its ranges are too many networks",
		    (unsigned long long)s->id);
		return NULL;
	}
	if ((f = flow_new(s, local, remote, &ours, &theirs)) == NULL)
		return NULL;
	if (flow_install(f) == -1) {
		tunnel_refused(s, "flow");
		free(f);
		return NULL;
	}
	f->refs = 1;
	LIST_INSERT_HEAD(&s->flows, f, entry);
	tunnel_count.flows++;
	return f;
}

static void
keep_ident(struct flow_ident *id, const uint8_t *body, size_t len)
{
	id->len = 0;
	if (len > sizeof(id->body))
		return;
	id->len = (uint8_t)len;
	memcpy(id->body, body, len);
}

void
flow_set_idents(struct flow *f, const uint8_t *local, size_t local_len,
    const uint8_t *remote, size_t remote_len)
{
	keep_ident(&f->local_id, local, local_len);
	keep_ident(&f->remote_id, remote, remote_len);
}

void
flow_put(struct session *s, struct flow *f)
{
	if (--f->refs > 0)
		return;
	if (remove_first(f, npolicies(f)) == -1)
		tunnel_refused(s, "deleting a flow");
	LIST_REMOVE(f, entry);
	tunnel_count.flows--;
	free(f);
}

void
flow_move_all(struct session *s, const struct addr *to)
{
	struct flow *f;

	LIST_FOREACH(f, &s->flows, entry) {
		f->peer = *to;
		if (flow_install(f) == -1)
			tunnel_refused(s, "moving a flow");
	}
}
