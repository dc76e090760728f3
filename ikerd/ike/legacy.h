/*
 * Who still needs what the configuration calls legacy: one entry for each
 * user, group and set of algorithms, with how often and when last, so that
 * the lines can be removed one day.
 */
#ifndef IKERD_IKE_LEGACY_H
#define IKERD_IKE_LEGACY_H

#include <stddef.h>

struct peer;
struct session;
struct tunnel;

/* Entries; beyond them the one that was used the longest ago goes. */
#define LEGACY_MAX 4096

void legacy_init(void);
/*
 * A session has this pair of SAs now: noted when its phase 1, or the pair, has
 * an algorithm that is legacy.
 */
void legacy_used(const struct session *, const struct tunnel *);

/*
 * Rows for ikerctl: for each legacy line of the configuration who used its
 * algorithms, or nobody; then users of algorithms that no line has any more.
 * The caller ends them.
 */
void legacy_show(struct peer *ctl);

size_t legacy_count(void);

#endif /* IKERD_IKE_LEGACY_H */
