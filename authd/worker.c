/*
 * The process that computes a password hash.  It has no file, no network and
 * no descriptor but the pipe it gets jobs from, bounded memory, and ends when
 * that pipe does.  Passwords are zeroed before the answer is given.
 */
#include <sys/types.h>
#include <sys/time.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "authd/worker.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "common/secret.h"

#define WORKER_FD 3
/* The program itself, its libraries and stacks, beside the largest hash. */
#define MEMORY_SLACK (96U * 1024 * 1024)
#ifndef RLIMIT_AS /* OpenBSD: mmap(2) counts as data there */
#define RLIMIT_AS RLIMIT_DATA
#endif

/* Nothing beyond what every process may do, and on OpenBSD less. */
static const struct sandbox confined = {
	.pledge = "stdio",
	.capsicum = 1,
	.files = 8,
};

static void
limit_memory(void)
{
	struct rlimit rl;

	rl.rlim_cur = rl.rlim_max = (rlim_t)HASH_MEMORY_MAX * 1024 +
	    MEMORY_SLACK;
	if (setrlimit(RLIMIT_AS, &rl) == -1)
		fatal("hash worker: setrlimit");
}

static void
confine(int fd, const struct worker_place *place)
{
	if (place->user == NULL)
		return;
	if (fd != WORKER_FD && dup2(fd, WORKER_FD) == -1)
		fatal("hash worker: dup2");
	closefrom(WORKER_FD + 1);
	limit_memory();
	sandbox_enter(&confined, place->user, place->dir);
	close(0);
	close(1);
	close(2);
}

/* Can this process compute at all?  Confinement that forbids it shows here. */
static enum hash_answer
try_itself(void)
{
	static const struct hash_cost small = { HASH_ARGON2ID, 1, 1024 };
	char dummy[HASH_SIZE];

	hash_dummy(&small, dummy);
	return hash_verify(dummy, (const uint8_t *)"x", 1) == HASH_NO ?
	    HASH_YES :
	    HASH_ERROR;
}

static void
answer(int fd, uint64_t id, enum hash_answer a)
{
	struct worker_reply reply;

	memset(&reply, 0, sizeof(reply));
	reply.id = id;
	reply.answer = a;
	if (write(fd, &reply, sizeof(reply)) != (ssize_t)sizeof(reply))
		_exit(1);
}

void
worker_run(int fd, const struct worker_place *place)
{
	struct worker_job *job;
	enum hash_answer a;
	uint64_t id;
	ssize_t n;

	/* before: pledge(2) has no promise for mlock(2) */
	if ((job = secret_alloc(sizeof(*job))) == NULL)
		fatalx("hash worker: no memory");
	confine(fd, place);
	if (place->user != NULL)
		fd = WORKER_FD;
	answer(fd, 0, try_itself());
	for (;;) {
		n = read(fd, job, sizeof(*job));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			_exit(0);
		if (n != (ssize_t)sizeof(*job) ||
		    memchr(job->hash, 0, sizeof(job->hash)) == NULL)
			_exit(1);
		id = job->id;
		a = hash_verify(job->hash, job->password, job->len);
		sodium_memzero(job, sizeof(*job));
		answer(fd, id, a);
	}
}
