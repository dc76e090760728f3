/*
 * The jobs that crypto has: finds the waiting one by number when an answer
 * comes.  An answer to a job that was cancelled meanwhile is dropped.
 */
#include <string.h>

#include "common/bus.h"
#include "ikerd/ike/job.h"

static struct table jobs;
static uint64_t next_id;

void
job_init(void)
{
	table_init(&jobs);
}

void
job_begin(struct job *j)
{
	j->id = ++next_id;
	j->out = 1;
	table_insert(&jobs, &j->link, table_hash(&jobs, &j->id, sizeof(j->id)));
	j->submit(j);
}

void
job_cancel(struct job *j)
{
	if (!j->out)
		return;
	j->out = 0;
	table_remove(&jobs, &j->link);
}

void
job_send(enum msg_type type, const void *payload)
{
	(void)bus_send_to(PROC_CRYPTO, type, payload);
}

void
job_resubmit(void)
{
	struct table_link *l, *next;
	size_t slot = 0;
	struct job *j;

	while ((l = table_walk(&jobs, &slot, &next)) != NULL) {
		j = table_entry(l, struct job, link);
		j->submit(j);
	}
}

/* Find and take out the job that an answer is for; NULL: nobody waits. */
static struct job *
take(uint64_t id)
{
	struct table_link *l;
	struct job *j;

	l = table_find(&jobs, table_hash(&jobs, &id, sizeof(id)));
	for (; l != NULL; l = table_find_next(l)) {
		j = table_entry(l, struct job, link);
		if (j->id == id) {
			job_cancel(j);
			return j;
		}
	}
	return NULL;
}

static void
handle_key_done(struct peer *from, const void *payload, int fd)
{
	const struct msg_KEY_DONE *m = payload;
	struct job *j = take(m->job);

	if (j == NULL)
		return;
	if (j->key_done != NULL)
		j->key_done(j, m);
	else
		j->failed(j, "answered with keys that were not asked for");
}

static void
handle_dh_done(struct peer *from, const void *payload, int fd)
{
	const struct msg_DH_DONE *m = payload;
	struct job *j = take(m->job);

	if (j == NULL)
		return;
	if (j->dh_done != NULL)
		j->dh_done(j, m);
	else
		j->failed(j, "answered with a secret that was not asked for");
}

static void
handle_failed(struct peer *from, const void *payload, int fd)
{
	const struct msg_JOB_FAILED *m = payload;
	struct job *j = take(m->job);

	if (j != NULL)
		j->failed(j, m->reason);
}

const struct msg_handler job_handlers[] = {
	{ MSG_KEY_DONE, handle_key_done },
	{ MSG_DH_DONE, handle_dh_done },
	{ MSG_JOB_FAILED, handle_failed },
};
const size_t job_nhandlers = sizeof(job_handlers) / sizeof(job_handlers[0]);
