/*
 * Jobs for several crypto processes: who gets which, what goes first, who is
 * dropped, and that nothing is lost or done twice when one of them dies.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <sodium.h>
#include <unistd.h>

#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/job.h"
#include "regress/unit/ike/tell.h"
#include "regress/unit/test.h"

#define AT_ONCE 8
#define JOBS 64

enum fate {
	WAITS,
	SENT,
	DONE,
	FAILED,
	DROPPED
};

static struct event_base *base;
static struct job jobs[JOBS];
static enum fate fates[JOBS];
static int order[JOBS * 4], sent; /* numbers of jobs as they were sent */
static const char *why_failed;

static int
number(const struct job *j)
{
	return (int)(j - jobs);
}

static void
submit(struct job *j)
{
	struct msg_DH_JOB m;

	memset(&m, 0, sizeof(m));
	m.job = j->id;
	order[sent++] = number(j);
	fates[number(j)] = SENT;
	job_send(MSG_DH_JOB, &m);
}

static void
done(struct job *j, const struct msg_DH_DONE *m)
{
	CHECK_INT(m->job, j->id);
	fates[number(j)] = DONE;
}

static void
failed(struct job *j, const char *why)
{
	fates[number(j)] = FAILED;
	why_failed = why;
}

static void
dropped(struct job *j)
{
	fates[number(j)] = DROPPED;
}

static void
begin(int n, int is_stranger)
{
	struct job *j = &jobs[n];

	memset(j, 0, sizeof(*j));
	fates[n] = WAITS;
	j->submit = submit;
	j->dh_done = done;
	j->failed = failed;
	j->dropped = is_stranger ? dropped : NULL;
	job_begin(j);
}

static void
deliver(struct peer *from, enum msg_type type, const void *payload)
{
	size_t i;

	for (i = 0; i < job_nhandlers; i++) {
		if (job_handlers[i].type == type)
			job_handlers[i].handle(from, payload, -1);
	}
}

static struct peer *
crypto(unsigned int instance)
{
	return bus_find(PROC_CRYPTO, instance);
}

static void
answer(unsigned int instance, int n)
{
	struct msg_DH_DONE m;

	memset(&m, 0, sizeof(m));
	m.job = jobs[n].id;
	deliver(crypto(instance), MSG_DH_DONE, &m);
}

/* A crypto process that is there, with its other end open and unread. */
static void
up(unsigned int instance)
{
	struct msg_CRYPTO_READY m;
	int pair[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	bus_add(PROC_CRYPTO, instance, pair[0]);
	memset(&m, 0, sizeof(m));
	deliver(crypto(instance), MSG_CRYPTO_READY, &m);
}

static void
gone(struct peer *peer)
{
	job_worker_down(peer);
}

static void
start(uint32_t dh_rate)
{
	static struct bus_ops ops = { .peer_down = gone };
	struct msg_CONF_LIMITS l;
	unsigned int i;

	if (base == NULL) {
		CHECK(sodium_init() != -1);
		base = event_base_new();
		bus_init(base, PROC_IKE, &ops);
	}
	for (i = 0; i < CRYPTO_MAX; i++) {
		if (crypto(i) != NULL)
			bus_close(crypto(i));
	}
	job_init();
	ikeconf_begin();
	memset(&l, 0, sizeof(l));
	l.dh_rate = dh_rate;
	tell(MSG_CONF_LIMITS, &l);
	ikeconf_free(ikeconf_commit());
	sent = 0;
	why_failed = NULL;
}

/* Without a crypto process a job waits, and is sent when there is one. */
TEST(waits_for_crypto)
{
	start(100);
	begin(0, 1);
	CHECK_INT(fates[0], WAITS);
	CHECK_INT(job_counters.waiting, 1);
	up(0);
	CHECK_INT(fates[0], SENT);
	CHECK_INT(job_counters.waiting, 0);
	answer(0, 0);
	CHECK_INT(fates[0], DONE);
}

/* Each has its share, never too much, and whoever is free gets the next. */
TEST(least_loaded)
{
	int i, first = 0;

	start(100);
	up(0);
	up(1);
	for (i = 0; i < 2 * AT_ONCE + 2; i++)
		begin(i, 1);
	CHECK_INT(sent, 2 * AT_ONCE);
	for (i = 0; i < 2 * AT_ONCE; i++)
		first += jobs[i].worker == jobs[0].worker;
	CHECK_INT(first, AT_ONCE);
	CHECK_INT(fates[2 * AT_ONCE], WAITS);
	/* one of them answers: the next is its */
	for (i = 0; jobs[i].worker == jobs[0].worker; i++)
		;
	answer(jobs[0].worker < jobs[i].worker ? 1 : 0, i);
	CHECK_INT(fates[i], DONE);
	CHECK_INT(fates[2 * AT_ONCE], SENT);
	CHECK(jobs[2 * AT_ONCE].worker != jobs[0].worker);
	CHECK_INT(fates[2 * AT_ONCE + 1], WAITS);
}

static void
pair_done(struct job *j, const struct msg_PAIR_DONE *m)
{
	CHECK_INT(m->pair, 7);
	fates[number(j)] = DONE;
}

/* Begin a job for a pair, which the process of this instance makes. */
static void
make_pair(unsigned int instance, int n)
{
	struct msg_PAIR_DONE m;

	begin(n, 0);
	CHECK_INT(fates[n], SENT);
	jobs[n].pair_done = pair_done;
	memset(&m, 0, sizeof(m));
	m.job = jobs[n].id;
	m.pair = 7;
	deliver(crypto(instance), MSG_PAIR_DONE, &m);
	CHECK_INT(fates[n], DONE);
	CHECK(jobs[n].only == jobs[n].worker);
}

/* The secret of a pair is with who made it: its next job goes there at once. */
TEST(goes_to_its_pair)
{
	struct job_worker *maker;
	int i;

	start(100);
	up(0);
	make_pair(0, 0);
	maker = jobs[0].only;
	for (i = 1; i <= AT_ONCE; i++)
		begin(i, 1);
	up(1);
	job_begin(&jobs[0]);
	CHECK_INT(fates[0], SENT);
	CHECK(jobs[0].worker == maker);
}

/* It died: another is asked, which says that it has no such pair. */
TEST(its_pair_is_gone)
{
	start(100);
	up(0);
	make_pair(0, 0);
	up(1);
	bus_close(crypto(0));
	fates[0] = WAITS;
	job_begin(&jobs[0]);
	CHECK_INT(fates[0], SENT);
	CHECK(jobs[0].worker != jobs[0].only);
}

/* What a session that is up needs goes before all strangers. */
TEST(sessions_first)
{
	int i;

	start(100);
	up(0);
	for (i = 0; i < AT_ONCE + 3; i++)
		begin(i, 1);
	begin(AT_ONCE + 3, 0);
	begin(AT_ONCE + 4, 0);
	for (i = 0; i < 3; i++)
		answer(0, i);
	CHECK_INT(order[AT_ONCE], AT_ONCE + 3);
	CHECK_INT(order[AT_ONCE + 1], AT_ONCE + 4);
	CHECK_INT(order[AT_ONCE + 2], AT_ONCE);
}

/* No more strangers wait than may come in a second: the oldest go. */
TEST(oldest_dropped)
{
	int i;

	start(4);
	for (i = 0; i < 6; i++)
		begin(i, 1);
	for (i = 6; i < 12; i++)
		begin(i, 0);
	CHECK_INT(job_counters.waiting, 4);
	CHECK_INT(job_counters.dropped, 2);
	for (i = 0; i < 12; i++)
		CHECK_INT(fates[i], i < 2 ? DROPPED : WAITS);
	up(0);
	up(1);
	for (i = 2; i < 12; i++)
		CHECK_INT(fates[i], SENT);
}

/* A crypto process dies: the other does what it had, first and in order. */
TEST(done_again)
{
	int i, at;

	start(100);
	up(0);
	for (i = 0; i < AT_ONCE + 2; i++)
		begin(i, 1);
	answer(0, 0);
	CHECK_INT(sent, AT_ONCE + 1);
	up(1);
	CHECK_INT(sent, AT_ONCE + 2);
	at = sent;
	bus_close(crypto(0));
	CHECK_INT(job_counters.workers, 1);
	CHECK_INT(job_counters.again, AT_ONCE);
	/* the other had one: room for all but one more */
	CHECK_INT(sent, at + AT_ONCE - 1);
	for (i = 0; i < AT_ONCE - 1; i++)
		CHECK_INT(order[at + i], i + 1);
	answer(1, 1);
	CHECK_INT(order[sent - 1], AT_ONCE);
	for (i = 2; i < AT_ONCE + 2; i++)
		answer(1, i);
	for (i = 0; i < AT_ONCE + 2; i++)
		CHECK_INT(fates[i], DONE);
	CHECK_INT(job_counters.waiting, 0);
}

/* A job that was there whenever one died is not tried for ever. */
TEST(deadly_job)
{
	int i;

	start(100);
	begin(0, 0);
	for (i = 0; i < 3; i++) {
		CHECK_INT(fates[0], i == 0 ? WAITS : SENT);
		up(0);
		CHECK_INT(fates[0], SENT);
		bus_close(crypto(0));
	}
	CHECK_INT(fates[0], FAILED);
	CHECK_STR(why_failed, "crypto processes died over it");
}

/* Nobody waits for it: its answer makes room, and nothing else happens. */
TEST(cancelled)
{
	int i;

	start(100);
	up(0);
	for (i = 0; i < AT_ONCE + 2; i++)
		begin(i, 1);
	job_cancel(&jobs[0]);
	job_cancel(&jobs[AT_ONCE]);
	job_cancel(&jobs[AT_ONCE]);
	CHECK_INT(sent, AT_ONCE);
	CHECK_INT(job_counters.waiting, 1);
	answer(0, 0);
	CHECK_INT(fates[0], SENT);
	CHECK_INT(fates[AT_ONCE], WAITS);
	CHECK_INT(fates[AT_ONCE + 1], SENT);
	bus_close(crypto(0));
	CHECK_INT(fates[0], SENT);
}

/* An answer counts from the one that was asked, and for what was asked. */
TEST(wrong_answers)
{
	struct msg_KEY_DONE keys;

	start(100);
	up(0);
	begin(0, 1);
	begin(1, 1);
	up(1);
	answer(1, 0);
	CHECK_INT(fates[0], SENT);
	answer(0, 0);
	answer(0, 0);
	CHECK_INT(fates[0], DONE);
	memset(&keys, 0, sizeof(keys));
	keys.job = jobs[1].id;
	deliver(crypto(0), MSG_KEY_DONE, &keys);
	CHECK_INT(fates[1], FAILED);
}

TESTS(T(waits_for_crypto), T(least_loaded), T(goes_to_its_pair),
    T(its_pair_is_gone), T(sessions_first), T(oldest_dropped), T(done_again),
    T(deadly_job), T(cancelled), T(wrong_answers))
