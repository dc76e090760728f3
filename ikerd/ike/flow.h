/* What a session's client may reach, and the policies that stand for it. */
#ifndef IKERD_IKE_FLOW_H
#define IKERD_IKE_FLOW_H

#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#include "common/range.h"
#include "ikerd/ike/ident.h"
#include "ikerd/ike/kernel.h"

struct session;

/* An ID payload's body as it was on the wire; len 0: there was none. */
struct flow_ident {
	uint8_t len;
	uint8_t body[IDENT_BODY_LEN];
};

/*
 * One pair of selectors of a session, as the client proposed it, and the
 * policies that stand for it: one, or one for each network that the group may
 * reach and that a range is made of.  Shared by the SA pairs that follow each
 * other in rekeys.
 */
#define FLOW_POLICIES_MAX 256
struct flow {
	LIST_ENTRY(flow) entry;
	struct range local, remote;
	struct flow_ident local_id, remote_id; /* to renew it by */
	struct addr gateway, peer;	       /* outer */
	unsigned int refs;
	uint32_t reqid_in, reqid_out;
	uint16_t nours, ntheirs; /* a policy for each of ours and theirs */
	struct network net[];	 /* ours, then theirs */
};

/* From now on in this kernel. */
void flow_open(struct kernel *);

/*
 * The flow for these selectors, narrowed to nets (none: not narrowed); one
 * that is there already is shared.  NULL: the kernel refused, logged.
 */
struct flow *flow_get(struct session *, const struct range *local,
    const struct range *remote, const struct network *nets, size_t nnets);
void flow_put(struct session *, struct flow *);
/* The bodies of its ID payloads: local is our side's, remote the client's. */
void flow_set_idents(struct flow *, const uint8_t *local, size_t local_len,
    const uint8_t *remote, size_t remote_len);
/* The peer has another address: the policies name it, too. */
void flow_move_all(struct session *, const struct addr *to);

#endif /* IKERD_IKE_FLOW_H */
