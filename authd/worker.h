/*
 * A process that only computes password hashes: one pipe, one job at a time.
 * hasher.c starts it and speaks with it.
 */
#ifndef AUTHD_WORKER_H
#define AUTHD_WORKER_H

#include <stdint.h>

#include "authd/hash.h"
#include "common/msg.h"

/* Whom a worker becomes and where; user NULL: stay as we are (tests). */
struct worker_place {
	const char *user;
	const char *dir;
};

/* What goes to a worker, and what comes back; fixed size, one datagram. */
struct worker_job {
	uint64_t id; /* not 0 */
	uint16_t len;
	char hash[HASH_SIZE];
	uint8_t password[PASSWORD_MAX];
};

struct worker_reply {
	uint64_t id;	 /* 0: first of all, the worker tried itself */
	uint32_t answer; /* enum hash_answer */
	uint32_t zero;
};

/*
 * Live as a worker on this descriptor until its other end is closed; never
 * returns.  Called in a forked process, with the privilege to confine itself.
 */
void worker_run(int fd, const struct worker_place *)
    __attribute__((__noreturn__));

#endif /* AUTHD_WORKER_H */
