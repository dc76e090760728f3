/*
 * Ranges of addresses as plain values: what they share, and the networks that
 * they are made of.  Both ends are of one family and belong to the range.
 */
#ifndef COMMON_RANGE_H
#define COMMON_RANGE_H

#include "common/addr.h"

struct range {
	struct addr first, last;
};

#define RANGE_STRLEN (2 * ADDR_STRLEN)

struct range range_of_network(const struct network *);
int range_equal(const struct range *, const struct range *);
/* Does the second lie within the first? */
int range_holds(const struct range *, const struct range *);
/* What both hold: 0 with it in out, or -1 when they share nothing. */
int range_meet(const struct range *, const struct range *, struct range *out);
/* The smallest network that holds all of it. */
struct network range_cover(const struct range *);
/* The fewest networks that it is made of, in order of address. */
void range_networks(const struct range *,
    void (*fn)(const struct network *, void *arg), void *arg);
/* "10.0.0.0/24", "10.0.0.1", or "10.0.0.1 - 10.0.0.9". */
const char *range_text(const struct range *, char buf[RANGE_STRLEN]);

#endif /* COMMON_RANGE_H */
