/*
 * Watches established phase 1 SAs, each by one timer, until resume.c takes
 * them over: at the end of their lifetime or when a newer one is there.  Where
 * the peer is a gateway as we are, we renew when it has not done so.
 */
#include <stddef.h>

#include "common/clock.h"
#include "common/rnd.h"
#include "ikerd/ike/life.h"
#include "ikerd/ike/main_ours.h"
#include "ikerd/ike/resume.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"

#define AGAIN_MS 15000	/* when renewing did not begin, or failed */
#define SOONEST_MS 2000 /* what lives so long, or less, just ends */

uint64_t
life_soft_ms(uint32_t seconds)
{
	uint64_t ms = seconds * 1000ULL, before = ms / 20, least = ms / 10;

	if (least > 30000)
		least = 30000;
	if (before < least)
		before = least;
	if (before > 0)
		before = before * 3 / 4 + rnd_u32() % before / 4;
	return ms - before;
}

static void
due(struct timer *t)
{
	struct ike_sa *sa = (struct ike_sa *)(void *)((char *)t -
	    offsetof(struct ike_sa, timer));
	uint64_t age = clock_since(sa->whole_ms);
	uint64_t life = sa->lifetime * 1000ULL, again = AGAIN_MS;

	if (age >= life) {
		resume_lifetime_over(sa);
		return;
	}
	if (again > life - age)
		again = life - age;
	timer_set(t, again, due);
	if (session_sa(sa->session) == sa && main_ours_fits(sa))
		main_ours_begin(sa);
}

/* A life of nothing is not renewed: that would have no end. */
void
life_begin(struct ike_sa *sa)
{
	uint64_t ms = sa->lifetime * 1000ULL;

	sa->whole_ms = clock_ms();
	if (ms > SOONEST_MS && main_ours_fits(sa))
		ms = life_soft_ms(sa->lifetime);
	timer_set(&sa->timer, ms, due);
}
