/*
 * authd's side of the hash workers: starts them, queues jobs, gives one to
 * each worker that is free.  local.c submits; nobody else speaks to workers.
 *
 * A worker that dies ends authd: it can only have met a bug or the kernel's
 * refusal, a confined process cannot make another, and the parent starts both
 * anew within moments.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/hasher.h"
#include "common/log.h"
#include "common/secret.h"

struct hash_job {
	TAILQ_ENTRY(hash_job) entry;
	struct worker_job *secret; /* NULL: a worker has it */
	uint64_t id;
	void (*done)(void *, enum hash_answer); /* NULL: cancelled */
	void *arg;
};

struct worker {
	int fd;
	pid_t pid;
	struct event *reader;
	int ready;	      /* it tried itself */
	struct hash_job *job; /* what it computes, or NULL */
};

static struct worker workers[HASHER_WORKERS];
static TAILQ_HEAD(, hash_job) waiting = TAILQ_HEAD_INITIALIZER(waiting);
static struct secret_pool *secrets;
static struct hasher_stats *stats;
static uint64_t last_id;

static void
worker_open(struct worker *w, const struct worker_place *place)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) == -1)
		fatal("hash worker: socketpair");
	switch (w->pid = fork()) {
	case -1:
		fatal("hash worker: fork");
	case 0:
		close(fds[0]);
		worker_run(fds[1], place);
	}
	close(fds[1]);
	w->fd = fds[0];
	if (fcntl(w->fd, F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(w->fd, F_SETFD, FD_CLOEXEC) == -1)
		fatal("hash worker: fcntl");
}

void
hasher_open(const struct worker_place *place)
{
	size_t i;

	memset(workers, 0, sizeof(workers));
	for (i = 0; i < HASHER_WORKERS; i++)
		worker_open(&workers[i], place);
}

static void
job_free(struct hash_job *j)
{
	secret_pool_put(secrets, j->secret);
	free(j);
}

static void
give(struct worker *w, struct hash_job *j)
{
	TAILQ_REMOVE(&waiting, j, entry);
	stats->queue--;
	if (write(w->fd, j->secret, sizeof(*j->secret)) !=
	    (ssize_t)sizeof(*j->secret))
		fatal("hash worker %d: write", (int)w->pid);
	secret_pool_put(secrets, j->secret);
	j->secret = NULL;
	w->job = j;
}

static void
give_all(void)
{
	size_t i;

	for (i = 0; i < HASHER_WORKERS; i++) {
		if (TAILQ_EMPTY(&waiting))
			return;
		if (workers[i].ready && workers[i].job == NULL)
			give(&workers[i], TAILQ_FIRST(&waiting));
	}
}

static void
take_answer(struct worker *w, const struct worker_reply *r)
{
	struct hash_job *j = w->job;

	if (!w->ready) {
		if (r->id != 0 || r->answer != HASH_YES)
			fatalx("hash worker %d cannot compute a hash",
			    (int)w->pid);
		w->ready = 1;
		return;
	}
	if (j == NULL || r->id != j->id || r->answer > HASH_ERROR)
		fatalx("hash worker %d answers what nobody asked", (int)w->pid);
	w->job = NULL;
	stats->hashes++;
	if (j->done != NULL)
		j->done(j->arg, (enum hash_answer)r->answer);
	job_free(j);
}

static void
worker_readable(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct worker_reply r;
	ssize_t n;

	n = read(w->fd, &r, sizeof(r));
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != (ssize_t)sizeof(r))
		fatalx("hash worker %d died: starting over", (int)w->pid);
	take_answer(w, &r);
	give_all();
}

void
hasher_start(struct event_base *base, struct hasher_stats *counts)
{
	struct worker *w;
	size_t i;

	stats = counts;
	if ((secrets = secret_pool_new(sizeof(struct worker_job))) == NULL)
		fatalx("hash workers: no memory");
	for (i = 0; i < HASHER_WORKERS; i++) {
		w = &workers[i];
		w->reader = event_new(
		    base, w->fd, EV_READ | EV_PERSIST, worker_readable, w);
		if (w->reader == NULL || event_add(w->reader, NULL) == -1)
			fatalx("hash workers: event_new");
	}
}

pid_t
hasher_pid(size_t n)
{
	return workers[n].pid;
}

void
hasher_close(void)
{
	struct hash_job *j;
	size_t i;

	while ((j = TAILQ_FIRST(&waiting)) != NULL) {
		TAILQ_REMOVE(&waiting, j, entry);
		job_free(j);
	}
	for (i = 0; i < HASHER_WORKERS; i++) {
		free(workers[i].job);
		if (workers[i].reader != NULL)
			event_free(workers[i].reader);
		close(workers[i].fd);
	}
	memset(workers, 0, sizeof(workers));
	secret_pool_free(secrets);
	secrets = NULL;
}

struct hash_job *
hasher_submit(const char *hash, const uint8_t *password, size_t len,
    void (*done)(void *, enum hash_answer), void *arg)
{
	struct hash_job *j;

	if (stats->queue >= HASHER_QUEUE_MAX || len > PASSWORD_MAX ||
	    (j = calloc(1, sizeof(*j))) == NULL) {
		stats->full++;
		return NULL;
	}
	if ((j->secret = secret_pool_get(secrets)) == NULL) {
		free(j);
		stats->full++;
		return NULL;
	}
	j->id = j->secret->id = ++last_id;
	j->secret->len = (uint16_t)len;
	memcpy(j->secret->password, password, len);
	strlcpy(j->secret->hash, hash, sizeof(j->secret->hash));
	j->done = done;
	j->arg = arg;
	TAILQ_INSERT_TAIL(&waiting, j, entry);
	if (++stats->queue > stats->queue_high)
		stats->queue_high = stats->queue;
	give_all();
	return j;
}

void
hasher_cancel(struct hash_job *j)
{
	if (j->secret == NULL) {
		j->done = NULL;
		return;
	}
	TAILQ_REMOVE(&waiting, j, entry);
	stats->queue--;
	job_free(j);
}
