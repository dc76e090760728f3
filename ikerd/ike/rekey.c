/*
 * Watches SA pairs, each by one timer: before its end a pair is renewed, when
 * the client has not done so; a pair that a newer one stands for stays while
 * the client still sends on it, then goes with a Delete.  Changes nothing of
 * the kernel but through tunnel.c.
 */
#include <stddef.h>
#include <string.h>

#include "common/clock.h"
#include "ikerd/ike/info.h"
#include "ikerd/ike/quick_ours.h"
#include "ikerd/ike/rekey.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"

#define AGAIN_MS 15000 /* when renewing did not begin, or failed */
#define SOONEST_MS                                                           \
	2000	       /* after a pair came up: lives of nothing are offered \
			*/
#define QUIET_MS 30000 /* without ESP on the replaced pair, it goes */
#define TOLD_MS 3000   /* after we renewed: some wait for our Delete */
#define LATE_MS 5000   /* after the hard end, when the kernel says nothing */

struct rekey_counters rekey_counters;

static struct tunnel *
tunnel_of(struct timer *t)
{
	return (struct tunnel *)(void *)((char *)t -
	    offsetof(struct tunnel, timer));
}

/* --- renewing --- */

/* Is a newer pair for the same traffic there, or being made? */
static int
is_renewed(const struct tunnel *t)
{
	const struct tunnel *newer = t;

	while ((newer = TAILQ_PREV(newer, tunnels, entry)) != NULL) {
		if (newer->flow == t->flow)
			return 1;
	}
	return 0;
}

static void
due(struct timer *timer)
{
	struct tunnel *t = tunnel_of(timer);
	uint64_t hard = (t->lifetime + TUNNEL_LATER_S) * 1000ULL + LATE_MS;

	if (clock_since(t->whole_ms) >= hard)
		tunnel_expired(t);
	else
		rekey_soft(t);
}

void
rekey_soft(struct tunnel *t)
{
	struct session *s = t->session;
	uint64_t age = clock_since(t->whole_ms);

	if (!t->has_out || t->replaced)
		return;
	if (age < SOONEST_MS) {
		timer_set(&t->timer, SOONEST_MS - age, due);
		return;
	}
	timer_set(&t->timer, AGAIN_MS, due);
	if (s->state != SESSION_UP || is_renewed(t))
		return;
	if (quick_ours_begin(t) == 0)
		rekey_counters.begun++;
}

void
rekey_failed(const struct tunnel *t)
{
	struct tunnel *old;

	TAILQ_FOREACH(old, &t->session->tunnels, entry) {
		if (old != t && old->flow == t->flow && old->has_out) {
			if (!old->replaced)
				timer_set(&old->timer, AGAIN_MS, due);
			return;
		}
	}
}

/* --- the old ones go --- */

static void
send_delete(const struct tunnel *t)
{
	struct ike_sa *sa = session_sa(t->session);

	if (sa != NULL)
		info_send_delete_esp(sa, t->spi_in);
}

/* It goes when the client has not used it for a while. */
static void
fade(struct timer *timer)
{
	struct tunnel *t = tunnel_of(timer);
	struct traffic now;

	memset(&now, 0, sizeof(now));
	(void)tunnel_counters(t, &now);
	if (now.bytes_in == t->seen_in) {
		if (!t->told)
			send_delete(t);
		tunnel_delete(t);
		return;
	}
	t->seen_in = now.bytes_in;
	timer_set(timer, QUIET_MS, fade);
}

/* Some clients use the old pair until we delete it when we renewed it. */
static void
tell(struct timer *timer)
{
	struct tunnel *t = tunnel_of(timer);

	t->told = 1;
	send_delete(t);
	timer_set(timer, QUIET_MS, fade);
}

static void
replace(struct tunnel *old, int ours)
{
	struct traffic now;

	memset(&now, 0, sizeof(now));
	(void)tunnel_counters(old, &now);
	old->replaced = 1;
	old->seen_in = now.bytes_in;
	rekey_counters.replaced++;
	story_add(old->session, STEP_REPLACED, old->spi_in);
	if (ours)
		timer_set(&old->timer, TOLD_MS, tell);
	else
		timer_set(&old->timer, QUIET_MS, fade);
}

/*
 * A pair stands for those that were whole when its Quick Mode began.  When
 * both sides renew at once each makes one, and neither is deleted by the
 * other's coming: the surplus ends with its life.
 */
void
rekey_whole(struct tunnel *t, int ours)
{
	struct tunnel *old;

	t->whole_ms = clock_ms();
	if (t->soft_ms != 0)
		timer_set(&t->timer, t->soft_ms, due);
	TAILQ_FOREACH(old, &t->session->tunnels, entry) {
		if (old != t && old->flow == t->flow && old->whole_ms != 0 &&
		    !old->replaced && old->whole_ms <= t->began_ms)
			replace(old, ours);
	}
}
