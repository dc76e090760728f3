/*
 * Admission of messages whose sender has proved nothing.  Two buckets share
 * dh-rate: one for all, one for messages that come again after a while; those
 * that were turned away are remembered by digest in a table of fixed size, in
 * which a flood overwrites some.  Called before a message is parsed, so that
 * turning away costs one hash.
 */
#include "common/clock.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/strangers.h"

#define SLOTS (1U << 18) /* of 8 octets, touched in a flood only */
#define AGAIN_MIN_MS 300 /* clients wait a second or two, a burst does not */
#define AGAIN_MAX_MS 20000
#define AGAIN_SHARE 4 /* a fourth of dh-rate is kept for them */

struct bucket {
	uint64_t filled_ms;
	uint64_t tokens;
};

struct strangers_counters strangers_counters;

static struct {
	uint32_t tag, ms;
} seen[SLOTS];
static struct bucket everybody, kept;
static int came_again; /* the message that was admitted last */

static void
fill(struct bucket *b, uint64_t rate)
{
	uint64_t now = clock_ms(), more = (now - b->filled_ms) * rate / 1000;

	if (more == 0)
		return;
	b->filled_ms = now;
	b->tokens += more;
	if (b->tokens > rate)
		b->tokens = rate;
}

/* Was it here before, some time ago?  If not, it has been now. */
static int
remember(uint64_t digest)
{
	uint32_t tag = (uint32_t)(digest >> 32) | 1, now = (uint32_t)clock_ms();
	uint32_t slot = (uint32_t)digest & (SLOTS - 1), age;

	age = now - seen[slot].ms;
	if (seen[slot].tag == tag && age <= AGAIN_MAX_MS)
		return age >= AGAIN_MIN_MS;
	seen[slot].tag = tag;
	seen[slot].ms = now;
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
