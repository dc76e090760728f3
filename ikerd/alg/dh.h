/*
 * Diffie-Hellman: key pairs, shared secrets, and a stock of pairs made ahead
 * of need.  A pair is for one exchange: peers' values are checked by range
 * (MODP) or curve (ECP), not by order, so a secret must never be used twice.
 */
#ifndef IKERD_ALG_DH_H
#define IKERD_ALG_DH_H

#include "ikerd/alg/alg.h"

struct dh_key;

/* A fresh pair; NULL when OpenSSL cannot.  The caller frees it. */
struct dh_key *dh_generate(const struct ike_group *);
/* Zeroes and frees; NULL is allowed. */
void dh_free(struct dh_key *);
const struct ike_group *dh_group(const struct dh_key *);

/*
 * Our KE body: exactly group->publiclen bytes, len says how many out holds.
 * 0, or -1 when len is less.
 */
int dh_public(const struct dh_key *, uint8_t *out, size_t len);

/*
 * g^xy into out, which has room for group->sharedlen bytes, leading zeros
 * kept (ECP: x alone, RFC 5903 7).  peer is the other side's KE body.  -1
 * when its length is not the group's, its value is 0, 1, p-1 or above, its
 * point is not on the curve, or the result is trivial; out is then zeroed.
 */
int dh_shared(
    struct dh_key *, const uint8_t *peer, size_t peerlen, uint8_t *out);

/* For alg_init(): make the group's parameters; -1 when it is missing. */
int dh_init(const struct ike_group *);

struct dh_pool;

struct dh_pool *dh_pool_new(void); /* NULL: no memory */
void dh_pool_free(struct dh_pool *);
/* Keep n pairs of this group ready (0: none any more); -1: no memory. */
int dh_pool_keep(struct dh_pool *, const struct ike_group *, unsigned int n);
/*
 * For idle time: make one pair for the group that is furthest below its
 * number.  1 when one was made, 0 when all are full, -1 when it failed.
 */
int dh_pool_fill(struct dh_pool *);
/* A ready pair, or one made now; NULL when that fails.  Caller frees. */
struct dh_key *dh_pool_take(struct dh_pool *, const struct ike_group *);
unsigned int dh_pool_ready(const struct dh_pool *, const struct ike_group *);

#endif /* IKERD_ALG_DH_H */
