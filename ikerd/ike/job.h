/*
 * Work for the crypto processes: what needs a long-term key or
 * Diffie-Hellman.  A job is part of whoever waits for it.  It goes to the
 * process that has least to do; when that one dies before it answered, another
 * does it.  ike itself never waits.
 */
#ifndef IKERD_IKE_JOB_H
#define IKERD_IKE_JOB_H

#include <sys/queue.h>

#include <stdint.h>

#include "common/bus.h"
#include "common/msg.h"
#include "common/table.h"

struct job_worker;

struct job {
	struct table_link link;
	TAILQ_ENTRY(job) entry;	   /* of those that wait, or its worker's */
	struct job_worker *worker; /* NULL: it waits for one */
	struct job_worker *only;   /* who has what it needs, or NULL */
	uint64_t id;
	uint8_t out;
	uint8_t deaths; /* of workers that had it */
	void *owner;
	/* Write the job's message and give it to job_send(). */
	void (*submit)(struct job *);
	/* One of these is called, once; secrets in m are zeroed after it. */
	void (*key_done)(struct job *, const struct msg_KEY_DONE *);
	void (*dh_done)(struct job *, const struct msg_DH_DONE *);
	/* The job that uses the pair goes to the same process. */
	void (*pair_done)(struct job *, const struct msg_PAIR_DONE *);
	void (*sign_done)(struct job *, const struct msg_SIGN_DONE *);
	void (*failed)(struct job *, const char *why);
	/*
	 * A stranger's: others go first, and when too many wait, the one that
	 * has waited longest makes room.  NULL: an established session's.
	 */
	void (*dropped)(struct job *);
};

struct job_counters {
	uint64_t waiting, waiting_most; /* strangers' */
	uint64_t workers;		/* crypto processes that are ready */
	uint64_t dropped, again;
};
extern struct job_counters job_counters;

void job_init(void);
/* Enter a job whose fields are filled; submit() is called when it is sent. */
void job_begin(struct job *);
void job_cancel(struct job *); /* its owner goes; harmless when not begun */
/* From submit(): to the process that was chosen. */
void job_send(enum msg_type, const void *payload);
/* This crypto process is gone: others get its jobs. */
void job_worker_down(const struct peer *);

extern const struct msg_handler job_handlers[];
extern const size_t job_nhandlers;

#endif /* IKERD_IKE_JOB_H */
