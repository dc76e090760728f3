/*
 * Admission of messages whose sender has proved nothing.  Two buckets share
 * dh-rate: one for all, one for messages that come again after a while.  Those
 * that were turned away are remembered by digest in a table of fixed size: each
 * set of it forgets its oldest, so that all are known for about the same time,
 * ten seconds when 200 000 a second come.  Called before a message is parsed,
 * so that turning away costs one hash and one line of the cache.
 */
#include <stdalign.h>
#include <string.h>

#include "common/clock.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/strangers.h"

#define SETS (1U << 17) /* 8 MB, touched in a flood only */
#define WAYS 16		/* of 4 octets: a tag, and when it was seen */
#define TICK_MS 64
#define TICK_BITS 10 /* a minute, then they repeat */
#define TICK_MASK ((1U << TICK_BITS) - 1)
#define AGAIN_MIN_TICKS 5   /* 0.3 s: clients wait, a burst does not */
#define AGAIN_MAX_TICKS 310 /* 20 s */
#define AGAIN_SHARE 4	    /* a fourth of dh-rate is kept for them */

struct bucket {
	uint64_t filled_ms;
	uint64_t tokens;
};

struct strangers_counters strangers_counters;

static alignas(64) uint32_t seen[SETS][WAYS]; /* the latest first */
static struct bucket everybody, kept;
static int came_again; /* the message that was admitted last */

static void
fill(struct bucket *b, uint64_t rate)
{
	uint64_t now = clock_ms(), more = (now - b->filled_ms) * rate / 1000;

	if (more == 0)
		return;
	b->filled_ms += more * 1000 / rate;
	b->tokens += more;
	if (b->tokens > rate)
		b->tokens = rate;
}

/* Was it here before, some time ago?  If not, it has been now. */
static int
remember(uint64_t digest)
{
	uint32_t *set = seen[digest % SETS], ago;
	uint32_t tag = (uint32_t)(digest >> 32) & ~TICK_MASK;
	uint32_t now = (uint32_t)(clock_ms() / TICK_MS) & TICK_MASK;
	int i;

	for (i = 0; i < WAYS; i++) {
		ago = (now - set[i]) & TICK_MASK;
		if ((set[i] & ~TICK_MASK) == tag && ago <= AGAIN_MAX_TICKS)
			return ago >= AGAIN_MIN_TICKS;
	}
	memmove(set + 1, set, (WAYS - 1) * sizeof(*set));
	set[0] = tag | now;
	return 0;
}

int
strangers_admit(uint64_t digest, int cost)
{
	uint64_t rate = ikeconf()->limits.dh_rate;

	came_again = 0;
	fill(&everybody, rate - rate / AGAIN_SHARE);
	fill(&kept, rate / AGAIN_SHARE);
	if (!(cost & STRANGER_DH && everybody.tokens == 0) &&
	    !(cost & STRANGER_SESSION && session_crowded()))
		return 1;
	if (remember(digest) && kept.tokens > 0) {
		came_again = 1;
		strangers_counters.again++;
		return 1;
	}
	strangers_counters.away++;
	return 0;
}

int
strangers_take(int dh)
{
	uint64_t rate = ikeconf()->limits.dh_rate;

	if (came_again && kept.tokens > 0) {
		came_again = 0;
		kept.tokens--;
		return 0;
	}
	if (!dh)
		return 0;
	fill(&everybody, rate - rate / AGAIN_SHARE);
	if (everybody.tokens == 0)
		return -1;
	everybody.tokens--;
	return 0;
}
