/*
 * Limits on login attempts: who failed often waits longer and longer before
 * the next password is looked at.  Nobody is refused for having failed, so
 * nobody can lock a user out; names are kept as keyed hashes only.
 */
#ifndef AUTHD_LIMIT_H
#define AUTHD_LIMIT_H

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

#define LIMIT_FREE 3		 /* failures that cost nothing */
#define LIMIT_DECAY 600		 /* s after the last failure: forgotten */
#define LIMIT_WAIT_MAX 60	 /* s */
#define LIMIT_WAIT_USER_MAX 8	 /* s, for others' failures with this name */
#define LIMIT_SOURCE_PENDING 256 /* attempts of one source at once */
#define LIMIT_SOURCE_SLOW 16	 /* the same after LIMIT_FREE failures */

struct limits;

enum limit_outcome {
	LIMIT_SUCCESS,
	LIMIT_FAILURE,
	LIMIT_NEITHER /* cancelled, or no answer to be had */
};

/* max: how many users, sources and pairs with failures are remembered. */
struct limits *limits_new(size_t max); /* NULL: no memory */
void limits_free(struct limits *);

/*
 * An attempt of this user from this source (its port does not matter):
 * milliseconds to wait before the password is looked at, or -1: too many are
 * waiting already.  Each one that may go on ends with limits_end().
 */
int64_t limits_begin(
    struct limits *, const char *user, const struct addr *source);
void limits_end(struct limits *, const char *user, const struct addr *source,
    enum limit_outcome);

size_t limits_count(const struct limits *); /* entries remembered */

#endif /* AUTHD_LIMIT_H */
