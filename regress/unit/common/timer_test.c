/*
 * The timer wheel with the clock held still: never early, at most a tick
 * late, once; stopping, moving and freeing from inside a timer; a long sleep;
 * many of them against a plain list.
 */
#include <time.h>

#include "common/clock.h"
#include "common/rnd.h"
#include "common/timer.h"
#include "regress/unit/test.h"

#define TICK 64

static uint64_t now;

static void
at(uint64_t ms)
{
	now = ms;
	clock_hold(now, 0);
}

static void
begin(void)
{
	at(1000003);
	timer_init(NULL);
}

struct job {
	struct timer timer;
	uint64_t due, fired;
	int times;
	struct timer *victim;
};

static void
fire(struct timer *t)
{
	struct job *j = (struct job *)t;

	j->fired = now;
	j->times++;
	if (j->victim != NULL)
		timer_stop(j->victim);
}

TEST(not_early_not_late)
{
	static const uint64_t waits[] = { 0, 1, 63, 64, 65, 1000, 65535, 65536,
		65537, 200000, 86400000 };
	struct job j;
	size_t i;

	for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		begin();
		memset(&j, 0, sizeof(j));
		timer_set(&j.timer, waits[i], fire);
		CHECK(timer_is_set(&j.timer));
		j.due = now + waits[i];
		while (j.times == 0 && now < j.due + 10 * TICK) {
			at(now + (waits[i] > 100000 ? 37 : 1));
			timer_turn();
		}
		CHECK_INT(j.times, 1);
		CHECK(j.fired >= j.due);
		CHECK(j.fired <= j.due + TICK + 37);
		CHECK(!timer_is_set(&j.timer));
		at(now + 200000);
		timer_turn();
		CHECK_INT(j.times, 1);
	}
}

TEST(stop_and_move)
{
	struct job j;

	begin();
	memset(&j, 0, sizeof(j));
	timer_stop(&j.timer); /* not set: nothing */
	timer_set(&j.timer, 100, fire);
	timer_stop(&j.timer);
	CHECK(!timer_is_set(&j.timer));
	at(now + 1000);
	timer_turn();
	CHECK_INT(j.times, 0);
	timer_set(&j.timer, 100, fire);
	timer_set(&j.timer, 5000, fire); /* again: later */
	at(now + 1000);
	timer_turn();
	CHECK_INT(j.times, 0);
	timer_set(&j.timer, 100, fire); /* and sooner */
	at(now + 200);
	timer_turn();
	CHECK_INT(j.times, 1);
}

/* Two that are due at once, and the first one ends the second. */
TEST(stopped_by_another)
{
	struct job a, b;

	begin();
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	timer_set(&a.timer, 100, fire);
	timer_set(&b.timer, 100, fire);
	a.victim = &b.timer;
	b.victim = &a.timer;
	at(now + 500);
	timer_turn();
	CHECK_INT(a.times + b.times, 1);
	CHECK(!timer_is_set(&a.timer) && !timer_is_set(&b.timer));
}

static void
fire_again(struct timer *t)
{
	struct job *j = (struct job *)t;

	if (++j->times < 5)
		timer_set(t, 0, fire_again);
}

/* Set again from inside: in the next tick, not in a circle. */
TEST(sets_itself)
{
	struct job j;
	int i;

	begin();
	memset(&j, 0, sizeof(j));
	timer_set(&j.timer, 0, fire_again);
	for (i = 0; i < 5; i++) {
		at(now + TICK);
		timer_turn();
		CHECK_INT(j.times, i + 1);
	}
	CHECK(!timer_is_set(&j.timer));
}

TEST(long_sleep)
{
	struct job j[50];
	size_t i;

	begin();
	memset(j, 0, sizeof(j));
	for (i = 0; i < 50; i++)
		timer_set(&j[i].timer, i * 7000, fire);
	at(now + 300000); /* the machine was asleep */
	timer_turn();
	for (i = 0; i < 50; i++)
		CHECK_INT(j[i].times, i * 7000 <= 300000);
	at(now + 100000);
	timer_turn();
	for (i = 0; i < 50; i++)
		CHECK_INT(j[i].times, 1);
}

TEST(random_against_a_list)
{
	static struct job jobs[2000];
	size_t i, n = sizeof(jobs) / sizeof(jobs[0]);
	struct job *j;
	int step;

	begin();
	rnd_hold(5);
	memset(jobs, 0, sizeof(jobs));
	for (step = 0; step < 20000 && test_failures == 0; step++) {
		j = &jobs[rnd_u32() % n];
		if (rnd_u32() % 4 == 0) {
			timer_stop(&j->timer);
			j->due = 0;
		} else {
			j->due = now + rnd_u32() % 150000;
			timer_set(&j->timer, j->due - now, fire);
		}
		at(now + rnd_u32() % 200);
		timer_turn();
		if (step % 50 != 0)
			continue;
		for (i = 0; i < n; i++) {
			j = &jobs[i];
			if (j->due != 0 && j->due + TICK <= now) {
				CHECK(!timer_is_set(&j->timer));
				CHECK(j->fired >= j->due);
				j->due = 0;
			} else if (j->due > now)
				CHECK(timer_is_set(&j->timer));
		}
	}
}

/* 50 000 sessions, each moving its timer with every packet. */
TEST(cheap)
{
	struct job *jobs = calloc(50000, sizeof(*jobs));
	struct timespec a, b;
	uint32_t i;

	begin();
	rnd_hold(6);
	for (i = 0; i < 50000; i++)
		timer_set(&jobs[i].timer, 30000 + i, fire);
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < 500000; i++)
		timer_set(&jobs[i % 50000].timer, 30000 + i % 1000, fire);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("a timer moved among 50000: %.0f ns\n",
	    ((double)(b.tv_sec - a.tv_sec) * 1e9 +
		(double)(b.tv_nsec - a.tv_nsec)) /
		500000);
	for (i = 0; i < 50000; i++)
		timer_stop(&jobs[i].timer);
	free(jobs);
}

TESTS(T(not_early_not_late), T(stop_and_move), T(stopped_by_another),
    T(sets_itself), T(long_sleep), T(random_against_a_list), T(cheap))
