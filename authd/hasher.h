/*
 * Verifying passwords without waiting: a bounded queue in front of worker
 * processes, one job at a time for each.
 */
#ifndef AUTHD_HASHER_H
#define AUTHD_HASHER_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "authd/worker.h"

#define HASHER_WORKERS 2
#define HASHER_QUEUE_MAX 1024 /* jobs that wait */

struct event_base;
struct hash_job;

struct hasher_stats {
	uint64_t hashes; /* computed */
	uint64_t queue;	 /* jobs that wait now */
	uint64_t queue_high;
	uint64_t full; /* times the queue was */
};

/* Start the workers, while this process may still fork; fatal() if not. */
void hasher_open(const struct worker_place *);
/* Begin to serve; stats are counted from now on. */
void hasher_start(struct event_base *, struct hasher_stats *);
/* Tests: the process of a worker; end the workers, forget the queue. */
pid_t hasher_pid(size_t n);
void hasher_close(void);

/*
 * Does this password fit this hash?  Both are copied into secret memory, and
 * done(arg) is called once, later.  NULL: the queue is full.
 */
struct hash_job *hasher_submit(const char *hash, const uint8_t *password,
    size_t len, void (*done)(void *arg, enum hash_answer), void *arg);
/* done() will not be called; a job that a worker has is finished for nothing.
 */
void hasher_cancel(struct hash_job *);

#endif /* AUTHD_HASHER_H */
