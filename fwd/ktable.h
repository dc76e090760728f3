/*
 * The filter's tables in the kernel (sets of nftables, tables of pf): the
 * few things the filter process may do to them.  One file per system,
 * ktable_SYSTEM.c, with the same functions; filter_process.c calls them.
 * None of them logs; all say -1 with errno.
 */
#ifndef FWD_KTABLE_H
#define FWD_KTABLE_H

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

#define KTABLE_BATCH 256 /* changes of one call, at most */

/* Linux: what must be kept for it, CAP_NET_ADMIN and nothing else. */
#define KTABLE_CAPABILITIES ((uint64_t)1 << 12)

struct ktable_change {
	struct addr addr;
	uint8_t add; /* else delete */
};

/* As root, before confinement: what this process opens itself (Linux). */
int ktable_open(void);
/* The descriptor that the parent sent (BSD), which is limited to what is
 * done here where the system can. */
int ktable_take(int fd);
/* NULL when tables can be changed, else why not, in words. */
const char *ktable_why_not(void);

/*
 * Make up to KTABLE_BATCH changes to a table of ours.  -1: none or only some
 * were made (ENOENT or ESRCH: no such table): read it to know.
 */
int ktable_change(const char *table, const struct ktable_change *, size_t n);
/* Every member, to fn.  -1: some may be missing. */
int ktable_list(
    const char *table, void (*fn)(const struct addr *, void *arg), void *arg);
/* Remove every member. */
int ktable_clear(const char *table);

/* End the states that an address still has, so that its next user does not
 * inherit them; where the system has no such thing nothing is done. */
int ktable_end_states(const struct addr *);

#endif /* FWD_KTABLE_H */
