/*
 * Pools of addresses and the leases on them: who gets which address, and who
 * had it last.  Pure logic: no descriptor, no clock of its own; what must be
 * remembered over a restart goes through the owner's record() before it is
 * promised.  poold's main file owns one struct leases.
 *
 * Cost does not depend on the size of a pool (nothing is kept for an address
 * nobody ever had) nor on how full it is.
 */
#ifndef POOLD_POOL_H
#define POOLD_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

struct leases;

/* What becomes of a record: 0 it is safe, -1 it is not (do not promise). */
typedef int leases_record(const uint8_t *record, size_t len, void *arg);

/* A pool as configured. */
struct pool_range {
	char name[NAME_SIZE];
	uint32_t line;
	struct addr first, last;
};

/* One lease, for people. */
struct lease_info {
	struct addr address;
	uint64_t session; /* 0: free, remembered for its user */
	uint64_t since;	  /* s since the epoch */
	const char *pool, *user;
};

enum lease_answer {
	LEASE_GRANTED,
	LEASE_FULL,
	LEASE_NO_POOL, /* none of that name */
	LEASE_TAKEN,   /* another session holds the address */
	LEASE_OUTSIDE, /* fixed: no pool has the address */
	LEASE_ERROR    /* record() failed, or nonsense was asked */
};

/*
 * remember: how many users without a session are remembered at most.
 * fatal() when there is no memory, now and later.
 */
struct leases *leases_new(leases_record *, void *arg, size_t remember);
void leases_free(struct leases *);

/*
 * Can these pools be together?  0, or -1 with the reason and the line to
 * blame: a range without addresses, two of a name, two that overlap.
 */
int leases_check(const struct pool_range *, size_t n, char reason[REASON_SIZE],
    uint32_t *line);

/*
 * These are the pools now.  Leases that are held stay, wherever they lie;
 * outside() is told of each pool that has some beyond its (new) range.
 */
void leases_configure(struct leases *, const struct pool_range *, size_t n,
    void (*outside)(const char *pool, uint64_t held));

/*
 * An address for a session: the one it has, the wish when it is free, the one
 * its user had before, one that nobody had, the one that is free the longest.
 */
enum lease_answer leases_get(struct leases *, uint64_t session,
    const char *pool, const char *user, const struct addr *wish, uint64_t now,
    struct addr *out);
/*
 * This address or none, from whatever pool has it: a pool that no group names
 * holds addresses which nobody else is given.
 */
enum lease_answer leases_get_fixed(struct leases *, uint64_t session,
    const char *user, const struct addr *, uint64_t now);
/* ike says that this session has this address. */
enum lease_answer leases_keep(struct leases *, uint64_t session,
    const char *pool, const char *user, const struct addr *, uint64_t now);
/* The session is over; its user is remembered.  -1: it has no lease. */
int leases_put(struct leases *, uint64_t session, uint64_t now);

/* ike begins to tell what it holds (again); what it then did not get or keep
 * is free after leases_resync_done(), which returns how many that were. */
void leases_resync_begin(struct leases *);
uint64_t leases_resync_done(struct leases *, uint64_t now);

/*
 * Records: apply one that record() was given earlier (-1: it makes no sense);
 * give the fewest that lead to the present state to fn, stopping with -1 when
 * it says -1.
 */
#define LEASES_VERSION 1
int leases_replay(struct leases *, const uint8_t *record, size_t len);
int leases_dump(struct leases *, leases_record *fn, void *arg);

/* Every lease: held ones first, then free ones, the longest free first. */
void leases_walk(struct leases *,
    void (*fn)(const struct lease_info *, void *arg), void *arg);

uint64_t leases_held(const struct leases *);
uint64_t leases_remembered(const struct leases *);
uint64_t leases_live(const struct leases *); /* records that dump() gives */
uint64_t leases_pool_held(const struct leases *, const char *pool);

#endif /* POOLD_POOL_H */
