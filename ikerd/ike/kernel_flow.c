/*
 * Flows: the policies that send packets into the SAs, and the book of which
 * flow owns a selector and which reqids are taken.  Called by ike's sessions
 * and, for whole pools, at its start.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/kernel_conn.h"

#define PRIORITY_DENY 0x10000 /* after every flow */

static int
network_cmp(const struct network *a, const struct network *b)
{
	int c = addr_cmp(&a->addr, &b->addr);

	return c != 0 ? c : (a->prefix > b->prefix) - (a->prefix < b->prefix);
}

static int
row_cmp(const struct kernel_row *a, const struct kernel_row *b)
{
	int c = network_cmp(&a->remote, &b->remote);

	return c != 0 ? c : network_cmp(&a->local, &b->local);
}

RB_PROTOTYPE(kernel_rows, kernel_row, entry, row_cmp)
RB_GENERATE(kernel_rows, kernel_row, entry, row_cmp)

static struct kernel_row *
row_in(struct kernel_rows *rows, const struct esp_flow *f)
{
	struct kernel_row key;

	memset(&key, 0, sizeof(key));
	key.local = f->local;
	key.remote = f->remote;
	return RB_FIND(kernel_rows, rows, &key);
}

static struct kernel_row *
row_find(struct kernel *k, const struct esp_flow *f)
{
	return row_in(&k->rows, f);
}

/* NULL: no memory. */
static struct kernel_row *
row_new(struct kernel_rows *rows, const struct esp_flow *f)
{
	struct kernel_row *r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return NULL;
	r->local = f->local;
	r->remote = f->remote;
	RB_INSERT(kernel_rows, rows, r);
	return r;
}

/* --- reqids --- */

static int
reqid_ours(uint32_t reqid)
{
	return reqid >= REQID_FIRST && reqid <= REQID_LAST;
}

static void
reqid_mark(struct kernel *k, uint32_t reqid, int used)
{
	uint32_t n = reqid - REQID_FIRST;

	if (!reqid_ours(reqid))
		return;
	if (used)
		k->reqid_used[n / 8] |= 1 << n % 8;
	else
		k->reqid_used[n / 8] &= ~(1 << n % 8);
}

/*
 * The next free number of our range, going round so that a number rests
 * before it is used again; 0 when all are taken: the kernel chooses.
 */
static uint32_t
reqid_new(struct kernel *k)
{
	uint32_t i, n;

	for (i = 0; i < REQID_COUNT; i++) {
		n = k->reqid_next - REQID_FIRST;
		if (++k->reqid_next > REQID_LAST)
			k->reqid_next = REQID_FIRST;
		if (!(k->reqid_used[n / 8] & 1 << n % 8)) {
			k->reqid_used[n / 8] |= 1 << n % 8;
			return n + REQID_FIRST;
		}
	}
	if (!k->v->own_reqid)
		return 0;
	if (++k->reqid_above <= REQID_LAST)
		k->reqid_above = REQID_LAST + 1;
	return k->reqid_above;
}

void
kernel_row_drop(struct kernel *k, struct kernel_row *r)
{
	RB_REMOVE(kernel_rows, &k->rows, r);
	reqid_mark(k, r->reqid_in, 0);
	reqid_mark(k, r->reqid_out, 0);
	free(r);
}

/* --- policies --- */

static uint32_t
priority_of(const struct esp_flow *f)
{
	if (f->priority != 0)
		return f->priority;
	return 4096 - 8 * (f->local.prefix + f->remote.prefix);
}

static int
policy(struct kernel *k, struct pfkey_req *req, struct pfkey_info *info)
{
	struct esp_flow f = *req->flow;
	struct pfkey_req q = *req;
	int add = req->op == OP_FLOW_ADD;
	const char *what = add ? "add policy" : "delete policy";
	int tries;

	q.flow = &f;
	f.priority = req->action == ACTION_DENY ? PRIORITY_DENY :
						  priority_of(&f);
	/* both may be said twice, so a lost reply is a second try */
	for (tries = 0; tries < 2; tries++) {
		if (kernel_request(k, &q, what, info) == 0)
			return 0;
		if (!add &&
		    (errno == ESRCH || errno == ENOENT ||
			errno == k->v->spd_gone))
			return 0;
		if (errno != ETIMEDOUT)
			return -1;
	}
	return -1;
}

/* The same for each direction that this kernel has; all are tried. */
static int
policy_each(struct kernel *k, enum pfkey_op op, enum pfkey_action action,
    const struct esp_flow *f)
{
	struct pfkey_req req = { .op = op, .action = action, .flow = f };
	struct pfkey_info info;
	uint8_t last = k->v->fwd ? DIR_FWD : DIR_OUT;
	int r = 0;

	for (req.dir = DIR_IN; req.dir <= last; req.dir++)
		if (policy(k, &req, &info) == -1)
			r = -1;
	return r;
}

/*
 * Out, then forward, then in, with the numbers of ours or the kernel's.
 * A number that the kernel chose cannot be asked for again: then only one
 * policy of each direction can be tied to its SA.  FreeBSD and NetBSD look at
 * it for outgoing packets alone; on Linux transit is what matters.
 */
static int
policies_add(struct kernel *k, struct esp_flow *f)
{
	struct pfkey_req req = {
		.op = OP_FLOW_ADD, .flow = f, .level = LEVEL_UNIQUE
	};
	struct pfkey_info info;
	int tied = k->v->own_reqid || f->reqid_in != 0;

	req.dir = DIR_OUT;
	req.reqid = f->reqid_out;
	if (policy(k, &req, &info) == -1)
		return -1;
	if (!k->v->own_reqid && info.reqid != 0)
		f->reqid_out = info.reqid;
	req.reqid = f->reqid_in;
	if (k->v->fwd) {
		req.dir = DIR_FWD;
		if (policy(k, &req, &info) == -1)
			return -1;
		if (info.reqid != 0)
			f->reqid_in = info.reqid;
	}
	if (f->reqid_in == 0)
		f->reqid_in = f->reqid_out;
	req.dir = DIR_IN;
	req.level = tied ? LEVEL_UNIQUE : LEVEL_REQUIRE;
	return policy(k, &req, &info);
}

/*
 * Kernels hold one policy for a selector, so the flow of a client that may
 * reach everything stands where the guard of its address alone stood (the
 * last of .200 - .204); when it goes the guard comes back.
 */
static int
guard_restore(struct kernel *k, const struct esp_flow *f)
{
	struct esp_flow guard;

	if (row_in(&k->guards, f) == NULL)
		return 0;
	memset(&guard, 0, sizeof(guard));
	guard.local = f->local;
	guard.remote = f->remote;
	return policy_each(k, OP_FLOW_ADD, ACTION_DENY, &guard);
}

int
kernel_flow_add(struct kernel *k, struct esp_flow *f)
{
	struct pfkey_req old = {
		.op = OP_FLOW_DELETE, .flow = f, .dir = DIR_IN
	};
	struct kernel_row *r = row_find(k, f);
	struct pfkey_info info;
	int error;

	if (r == NULL) {
		if ((r = row_new(&k->rows, f)) == NULL)
			return kernel_fail(k, ENOMEM, "add policy");
	} else if (k->v->own_reqid) {
		/* OpenBSD: a replaced inbound flow keeps its old SA cached */
		(void)policy(k, &old, &info);
	}
	if (f->reqid_out == 0 && f->reqid_in == 0)
		f->reqid_in = f->reqid_out = reqid_new(k);
	if (policies_add(k, f) == -1) {
		error = errno;
		(void)policy_each(k, OP_FLOW_DELETE, ACTION_PROTECT, f);
		reqid_mark(k, f->reqid_in, 0);
		reqid_mark(k, f->reqid_out, 0);
		kernel_row_drop(k, r);
		(void)guard_restore(k, f);
		return kernel_fail(k, error, "add policy");
	}
	if (r->reqid_out != f->reqid_out)
		reqid_mark(k, r->reqid_out, 0);
	if (r->reqid_in != f->reqid_in)
		reqid_mark(k, r->reqid_in, 0);
	r->reqid_in = f->reqid_in;
	r->reqid_out = f->reqid_out;
	reqid_mark(k, f->reqid_in, 1);
	reqid_mark(k, f->reqid_out, 1);
	return 0;
}

int
kernel_flow_delete(struct kernel *k, const struct esp_flow *f)
{
	struct kernel_row *r = row_find(k, f);

	if (r == NULL || r->reqid_out != f->reqid_out)
		return 0; /* gone, or another's by now */
	if (policy_each(k, OP_FLOW_DELETE, ACTION_PROTECT, f) == -1)
		return -1;
	kernel_row_drop(k, r);
	return guard_restore(k, f);
}

/* --- the pool's guard --- */

/* The largest network that begins at first and does not go beyond last. */
static struct network
network_within(const struct addr *first, const struct addr *last)
{
	struct network n = { *first, addr_len(first) * 8 };
	struct network wider;
	struct addr end;
	unsigned int bits;

	for (bits = 1; bits <= addr_len(first) * 8 && bits < 63; bits++) {
		wider.addr = *first;
		wider.prefix = addr_len(first) * 8 - bits;
		if (first->b[wider.prefix / 8] & 0x80 >> wider.prefix % 8)
			break; /* host bits */
		if (addr_add(first, ((uint64_t)1 << bits) - 1, &end) == -1 ||
		    addr_cmp(&end, last) > 0)
			break;
		n = wider;
	}
	return n;
}

/* Where a flow stands the kernel is left alone: guard_restore() comes later. */
static int
deny_network(struct kernel *k, const struct network *n, int add)
{
	struct kernel_row *r;
	struct esp_flow f;

	memset(&f, 0, sizeof(f));
	f.remote = *n;
	f.local.addr.family = n->addr.family;
	r = row_in(&k->guards, &f);
	if (add && r == NULL && (r = row_new(&k->guards, &f)) == NULL)
		return kernel_fail(k, ENOMEM, "guard pool");
	if (!add && r != NULL) {
		RB_REMOVE(kernel_rows, &k->guards, r);
		free(r);
	}
	if (row_find(k, &f) != NULL)
		return 0;
	return policy_each(
	    k, add ? OP_FLOW_ADD : OP_FLOW_DELETE, ACTION_DENY, &f);
}

void
kernel_guards_forget(struct kernel *k)
{
	struct kernel_row *r;

	while ((r = RB_ROOT(&k->guards)) != NULL) {
		RB_REMOVE(kernel_rows, &k->guards, r);
		free(r);
	}
}

int
kernel_deny_pool(struct kernel *k, const struct addr *first,
    const struct addr *last, int add)
{
	struct addr at = *first;
	struct network n;

	if (addr_span(first, last) == 0)
		return kernel_fail(k, EINVAL, "guard pool: no range");
	for (;;) {
		n = network_within(&at, last);
		if (deny_network(k, &n, add) == -1)
			return -1;
		/* the address behind it */
		if (addr_add(&at, (uint64_t)1 << (addr_len(&at) * 8 - n.prefix),
			&at) == -1 ||
		    addr_cmp(&at, last) > 0)
			return 0;
	}
}
