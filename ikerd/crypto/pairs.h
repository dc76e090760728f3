/*
 * Key pairs whose public value has gone out before the peer's is known: in
 * phase 1 that the gateway begins, and in Quick Modes of its own with PFS.
 */
#ifndef IKERD_CRYPTO_PAIRS_H
#define IKERD_CRYPTO_PAIRS_H

#include <stdint.h>

struct dh_key;
struct ike_group;

/*
 * Kept at once; the oldest makes room.  A message is repeated for a minute, so
 * that 16 may be begun each second before one that is still awaited goes.
 */
#define PAIRS_MAX 1024

/* The pair is kept, and freed when nobody asks for it: its number, never 0. */
uint64_t pairs_keep(struct dh_key *);
/* It is the caller's, who frees it; NULL: not there, or of another group. */
struct dh_key *pairs_take(uint64_t number, const struct ike_group *);

#endif /* IKERD_CRYPTO_PAIRS_H */
