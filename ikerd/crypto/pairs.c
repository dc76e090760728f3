/*
 * Keeps key pairs between a PAIR_JOB and the KEY_JOB or DH_JOB that uses them,
 * so that their secrets never leave crypto.  The number of a pair is of chance
 * in its upper half: after a restart it finds nothing.  Called by crypto.c
 * alone.
 */
#include <stddef.h>

#include "common/rnd.h"
#include "ikerd/alg/dh.h"
#include "ikerd/crypto/pairs.h"

static struct {
	uint64_t number;
	struct dh_key *key;
} pairs[PAIRS_MAX];
static uint32_t made;

uint64_t
pairs_keep(struct dh_key *key)
{
	size_t i = made % PAIRS_MAX;

	dh_free(pairs[i].key);
	pairs[i].key = key;
	pairs[i].number = ((uint64_t)rnd_u32() | 1) << 32 | made++;
	return pairs[i].number;
}

struct dh_key *
pairs_take(uint64_t number, const struct ike_group *g)
{
	size_t i = (uint32_t)number % PAIRS_MAX;
	struct dh_key *key = pairs[i].key;

	if (key == NULL || pairs[i].number != number || dh_group(key) != g)
		return NULL;
	pairs[i].key = NULL;
	return key;
}
