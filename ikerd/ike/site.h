/*
 * Peers with networks of their own (`no config'): what they may speak for
 * and reach, and how their sessions begin.
 */
#ifndef IKERD_IKE_SITE_H
#define IKERD_IKE_SITE_H

#include <stddef.h>

#include "common/range.h"

struct group;
struct ike_sa;
struct session;

int site_is(const struct group *);
/*
 * Phase 1 is over: nothing is asked or told, Quick Mode may come at once.  The
 * session of before goes on, when the same peer has one.
 */
void site_begin(struct ike_sa *);
/*
 * May the peer have a pair of SAs for these?  NULL, or the reason, in text,
 * which names what it may.
 */
const char *site_refuses(const struct group *, const struct range *local,
    const struct range *remote, char *text, size_t size);
/* Do the flows of the session fit the group as it is configured now? */
int site_fits(const struct session *, const struct group *);

#endif /* IKERD_IKE_SITE_H */
