/*
 * Timers for many sessions: a hashed wheel, so that setting, moving and
 * stopping one costs the same however many there are.  One libevent timer
 * turns the wheel, and only while something is set.
 */
#ifndef COMMON_TIMER_H
#define COMMON_TIMER_H

#include <sys/queue.h>

#include <stdint.h>

struct event_base;

/* Part of the struct that wants to be woken; all zero: not set. */
struct timer {
	LIST_ENTRY(timer) entry;
	uint64_t due;		      /* ms, clock_ms() */
	void (*fire)(struct timer *); /* NULL: not set */
};

/* The wheel begins with one entry per 64 ms over 64 s; NULL base: tests turn
 * it. */
void timer_init(struct event_base *);

/* Call fire(t) once, in ms milliseconds at the earliest, 64 ms later at most.
 */
void timer_set(struct timer *, uint64_t ms, void (*fire)(struct timer *));
void timer_stop(struct timer *);
int timer_is_set(const struct timer *);

/* Fire what is due at clock_ms(); tests call it, the event loop does else. */
void timer_turn(void);

#endif /* COMMON_TIMER_H */
