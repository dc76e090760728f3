/*
 * When SA pairs are renewed and when the renewed ones go (RFC 2409 5.5 leaves
 * it open).  Both sides may renew, also at once: then both new pairs live.
 */
#ifndef IKERD_IKE_REKEY_H
#define IKERD_IKE_REKEY_H

#include <stdint.h>

struct tunnel;

/* Both SAs of a pair are in force; ours: we began its Quick Mode. */
void rekey_whole(struct tunnel *, int ours);

/* Its end is near, by the kernel's clock or count. */
void rekey_soft(struct tunnel *);

/* The Quick Mode that was to renew a pair failed; t is the pair it made. */
void rekey_failed(const struct tunnel *t);

struct rekey_counters {
	uint64_t begun, replaced;
};
extern struct rekey_counters rekey_counters;

#endif /* IKERD_IKE_REKEY_H */
