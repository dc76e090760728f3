/*
 * Work for the crypto process: what needs a group key or Diffie-Hellman.  A
 * job is part of whoever waits for it; it is sent again by itself when crypto
 * died before it answered.
 */
#ifndef IKERD_IKE_JOB_H
#define IKERD_IKE_JOB_H

#include <stdint.h>

#include "common/bus.h"
#include "common/msg.h"
#include "common/table.h"

struct job {
	struct table_link link;
	uint64_t id;
	uint8_t out;
	void *owner;
	/* Write the job's message and give it to job_send(). */
	void (*submit)(struct job *);
	/* One of these is called, once; secrets in m are zeroed after it. */
	void (*key_done)(struct job *, const struct msg_KEY_DONE *);
	void (*dh_done)(struct job *, const struct msg_DH_DONE *);
	void (*failed)(struct job *, const char *why);
};

void job_init(void);
/* Enter a job whose fields are filled; calls submit(). */
void job_begin(struct job *);
void job_cancel(struct job *); /* its owner goes; harmless when not begun */
/* From submit(): send, or keep it for when crypto is back. */
void job_send(enum msg_type, const void *payload);
/* crypto is there (again): everything that waits is sent. */
void job_resubmit(void);

extern const struct msg_handler job_handlers[];
extern const size_t job_nhandlers;

#endif /* IKERD_IKE_JOB_H */
