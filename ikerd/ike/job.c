/*
 * The jobs that the crypto processes have, and those that wait for one.  Each
 * process has a few at a time, so that it is never idle and what is urgent
 * still waits here, where it can go first.  An answer to a job that was
 * cancelled meanwhile is dropped.
 */
#include <string.h>

#include "common/bus.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/job.h"

#define AT_ONCE 8    /* jobs of one process: it answers in order */
#define DEATHS_MAX 3 /* a job that was there so often may be the cause */

TAILQ_HEAD(jobs, job);

struct job_worker {
	struct peer *peer; /* NULL: not there, or not ready */
	unsigned int n;	   /* answers it owes, cancelled jobs' too */
	struct jobs jobs;  /* what it has, in the order it got them */
};

struct job_counters job_counters;

static struct table by_id;
static uint64_t next_id;
static struct job_worker workers[CRYPTO_MAX];
static unsigned int last; /* the worker that got the last job */
static struct jobs first, strangers;

void
job_init(void)
{
	size_t i;

	table_init(&by_id);
	TAILQ_INIT(&first);
	TAILQ_INIT(&strangers);
	memset(workers, 0, sizeof(workers));
	memset(&job_counters, 0, sizeof(job_counters));
	for (i = 0; i < CRYPTO_MAX; i++)
		TAILQ_INIT(&workers[i].jobs);
}

/* --- waiting --- */

static void
wait_at(struct job *j, int at_head)
{
	struct jobs *q = j->dropped == NULL ? &first : &strangers;

	j->worker = NULL;
	if (at_head)
		TAILQ_INSERT_HEAD(q, j, entry);
	else
		TAILQ_INSERT_TAIL(q, j, entry);
	if (j->dropped != NULL &&
	    ++job_counters.waiting > job_counters.waiting_most)
		job_counters.waiting_most = job_counters.waiting;
}

/* Out of the list where it waits, or out of its worker's. */
static void
leave(struct job *j)
{
	if (j->worker != NULL) {
		TAILQ_REMOVE(&j->worker->jobs, j, entry);
		return;
	}
	if (j->dropped != NULL)
		job_counters.waiting--;
	TAILQ_REMOVE(j->dropped == NULL ? &first : &strangers, j, entry);
}

/* --- distribution --- */

/*
 * Who has least to do and room for more; the same load: each in turn.  What
 * one alone can do goes there at once; when that one has died, any other says
 * that it cannot.
 */
static struct job_worker *
idlest(const struct job *j)
{
	struct job_worker *w, *best = NULL;
	unsigned int i;

	if (j->only != NULL && j->only->peer != NULL)
		return j->only;
	for (i = 1; i <= CRYPTO_MAX; i++) {
		w = &workers[(last + i) % CRYPTO_MAX];
		if (w->peer != NULL && w->n < AT_ONCE &&
		    (best == NULL || w->n < best->n))
			best = w;
	}
	return best;
}

static void
give(struct job_worker *w, struct job *j)
{
	leave(j);
	j->worker = w;
	TAILQ_INSERT_TAIL(&w->jobs, j, entry);
	w->n++;
	last = (unsigned int)(w - workers);
	j->submit(j);
}

static void
distribute(void)
{
	struct job_worker *w;
	struct job *j;

	for (;;) {
		if ((j = TAILQ_FIRST(&first)) == NULL)
			j = TAILQ_FIRST(&strangers);
		if (j == NULL || (w = idlest(j)) == NULL)
			return;
		give(w, j);
	}
}

void
job_send(enum msg_type type, const void *payload)
{
	(void)bus_send(workers[last].peer, type, payload, -1);
}

/*
 * No more wait than strangers may ask for in a second: who comes behind so
 * many has gone, or asks again, before the answer.
 */
static void
make_room(void)
{
	struct job *j;

	while (job_counters.waiting > ikeconf()->limits.dh_rate) {
		j = TAILQ_FIRST(&strangers);
		job_cancel(j);
		job_counters.dropped++;
		j->dropped(j);
	}
}

void
job_begin(struct job *j)
{
	j->id = ++next_id;
	j->out = 1;
	j->deaths = 0;
	table_insert(
	    &by_id, &j->link, table_hash(&by_id, &j->id, sizeof(j->id)));
	wait_at(j, 0);
	distribute();
	make_room();
}

void
job_cancel(struct job *j)
{
	if (!j->out)
		return;
	j->out = 0;
	leave(j);
	table_remove(&by_id, &j->link);
}

/* --- crypto processes come and go --- */

static struct job_worker *
worker_of(const struct peer *peer)
{
	struct job_worker *w;

	if (peer_instance(peer) >= CRYPTO_MAX)
		return NULL;
	w = &workers[peer_instance(peer)];
	return w->peer == peer ? w : NULL;
}

static void
handle_ready(struct peer *from, const void *payload, int fd)
{
	struct job_worker *w;

	if (peer_instance(from) >= CRYPTO_MAX || worker_of(from) != NULL)
		return;
	w = &workers[peer_instance(from)];
	w->peer = from;
	w->n = 0;
	job_counters.workers++;
	distribute();
}

void
job_worker_down(const struct peer *peer)
{
	struct job_worker *w = worker_of(peer);
	struct job *j;

	if (w == NULL)
		return;
	w->peer = NULL;
	job_counters.workers--;
	/* from the last one, so that their order stays */
	while ((j = TAILQ_LAST(&w->jobs, jobs)) != NULL) {
		if (++j->deaths >= DEATHS_MAX) {
			job_cancel(j);
			j->failed(j, "crypto processes died over it");
			continue;
		}
		job_counters.again++;
		leave(j);
		wait_at(j, 1);
	}
	distribute();
}

/* --- answers --- */

/* Take out the job that an answer is for; NULL: nobody waits for it. */
static struct job *
take(const struct peer *from, uint64_t id)
{
	struct job_worker *w = worker_of(from);
	struct table_link *l;
	struct job *j;

	if (w == NULL)
		return NULL;
	if (w->n > 0)
		w->n--;
	l = table_find(&by_id, table_hash(&by_id, &id, sizeof(id)));
	for (; l != NULL; l = table_find_next(l)) {
		j = table_entry(l, struct job, link);
		if (j->id == id && j->worker == w) {
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
	struct job *j = take(from, m->job);

	if (j != NULL && j->key_done != NULL)
		j->key_done(j, m);
	else if (j != NULL)
		j->failed(j, "answered with keys that were not asked for");
	distribute();
}

static void
handle_dh_done(struct peer *from, const void *payload, int fd)
{
	const struct msg_DH_DONE *m = payload;
	struct job *j = take(from, m->job);

	if (j != NULL && j->dh_done != NULL)
		j->dh_done(j, m);
	else if (j != NULL)
		j->failed(j, "answered with a secret that was not asked for");
	distribute();
}

static void
handle_pair_done(struct peer *from, const void *payload, int fd)
{
	const struct msg_PAIR_DONE *m = payload;
	struct job *j = take(from, m->job);

	if (j != NULL && j->pair_done != NULL) {
		j->only = worker_of(from);
		j->pair_done(j, m);
	} else if (j != NULL) {
		j->failed(j, "answered with a pair that nobody asked for");
	}
	distribute();
}

static void
handle_sign_done(struct peer *from, const void *payload, int fd)
{
	const struct msg_SIGN_DONE *m = payload;
	struct job *j = take(from, m->job);

	if (j != NULL && j->sign_done != NULL)
		j->sign_done(j, m);
	else if (j != NULL)
		j->failed(j, "answered with a signature that nobody asked for");
	distribute();
}

static void
handle_failed(struct peer *from, const void *payload, int fd)
{
	const struct msg_JOB_FAILED *m = payload;
	struct job *j = take(from, m->job);

	if (j != NULL)
		j->failed(j, m->reason);
	distribute();
}

const struct msg_handler job_handlers[] = {
	{ MSG_CRYPTO_READY, handle_ready },
	{ MSG_KEY_DONE, handle_key_done },
	{ MSG_DH_DONE, handle_dh_done },
	{ MSG_PAIR_DONE, handle_pair_done },
	{ MSG_SIGN_DONE, handle_sign_done },
	{ MSG_JOB_FAILED, handle_failed },
};
const size_t job_nhandlers = sizeof(job_handlers) / sizeof(job_handlers[0]);
