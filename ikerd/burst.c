/* Counts events in a sliding window.  Pure. */
#include <string.h>

#include "ikerd/burst.h"

unsigned int
burst_add(struct burst *b, uint64_t now, uint64_t window)
{
	unsigned int i, kept = 0;

	for (i = 0; i < b->n; i++) {
		if (now - b->at[i] < window)
			b->at[kept++] = b->at[i];
	}
	if (kept == BURST_MAX)
		memmove(b->at, b->at + 1, --kept * sizeof(b->at[0]));
	b->at[kept++] = now;
	b->n = kept;
	return kept;
}

uint64_t
burst_wait(unsigned int n)
{
	if (n <= 1)
		return 0;
	return 1000ULL << (n - 2 > 5 ? 5 : n - 2);
}
