/*
 * Who was refused, and why: the list behind `ikerctl show failures', and a line
 * in the log.
 */
#ifndef IKERD_IKE_FAILURE_H
#define IKERD_IKE_FAILURE_H

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"
#include "ikerd/ike/story.h"

/*
 * A refusal: who (endpoint, group or user name as it came), where in the
 * exchange, why.  Kept in a list of the last FAILURES for `show failures', one
 * limited line in the log.  session may be 0.
 */
#define FAILURES 128
void failure_add(uint64_t session, enum step, const struct endpoint *,
    const void *name, size_t namelen, const char *fmt, ...)
    __attribute__((__format__(printf, 6, 7)));

/* The answer to ikerctl: rows only, the caller ends them. */
void failures_show(struct peer *ctl);

#endif /* IKERD_IKE_FAILURE_H */
