/*
 * A new phase 1 of a session that is there: the session goes on under it, with
 * its address and its SA pairs.  Clients renew phase 1 in many ways: with or
 * without XAUTH, Mode Config, or the old address by value.
 */
#ifndef IKERD_IKE_RESUME_H
#define IKERD_IKE_RESUME_H

#include <stdint.h>

struct addr;
struct ike_sa;

/*
 * The client of this new SA has done what its group asks.  When it is the
 * client of an older session at exactly this place, sa is that session's from
 * now on, and its own session is no more: 1, otherwise 0.  1 also when that
 * was done too often, and sa is dead.
 */
int resume(struct ike_sa *);
/* The same by the inner address that it asks for by value. */
int resume_by_address(struct ike_sa *, const struct addr *);
/* The same by another SA that it names as its own. */
int resume_by_sa(struct ike_sa *, const struct ike_sa *named);

/*
 * The key of phase 1 is this client's alone, and it has logged in before: it
 * need not do so again, and its name is taken over.  1 or 0.
 */
int resume_is_proved(struct ike_sa *);

/* Only the newest SA of a session is kept: the others go after a while. */
void resume_retire_others(struct ike_sa *newest);
/* The lifetime of an established SA is over. */
void resume_lifetime_over(struct ike_sa *);

struct resume_counters {
	uint64_t resumed, storms, overtime;
};
extern struct resume_counters resume_counters;

#endif /* IKERD_IKE_RESUME_H */
