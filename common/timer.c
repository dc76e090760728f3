/*
 * The timer wheel: 1024 slots of 64 ms.  A timer lies in the slot of the tick
 * it is due at; what is due after a whole turn lies there too and is passed
 * over until its turn has come.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <stddef.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/timer.h"

#define TICK_MS 64
#define SLOTS 1024 /* a power of two */

LIST_HEAD(slot, timer);

static struct slot wheel[SLOTS];
static uint64_t tick; /* the last one that was fired */
static size_t nset;
static struct event *turner;

static void
turn_event(int fd, short what, void *arg)
{
	timer_turn();
}

void
timer_init(struct event_base *base)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		LIST_INIT(&wheel[i]);
	tick = clock_ms() / TICK_MS;
	nset = 0;
	turner = NULL;
	if (base == NULL)
		return;
	turner = event_new(base, -1, EV_PERSIST, turn_event, NULL);
	if (turner == NULL)
		fatalx("timer: event_new");
}

static void
turner_run(int on)
{
	static const struct timeval every = { 0, TICK_MS * 1000 };

	if (turner == NULL)
		return;
	if (on)
		event_add(turner, &every);
	else
		event_del(turner);
}

void
timer_stop(struct timer *t)
{
	if (t->fire == NULL)
		return;
	LIST_REMOVE(t, entry);
	t->fire = NULL;
	if (--nset == 0)
		turner_run(0);
}

void
timer_set(struct timer *t, uint64_t ms, void (*fire)(struct timer *))
{
	uint64_t now = clock_ms(), at;

	timer_stop(t);
	if (nset == 0) { /* the wheel stood still meanwhile */
		tick = now / TICK_MS;
		turner_run(1);
	}
	t->due = now + ms;
	t->fire = fire;
	nset++;
	at = (t->due + TICK_MS - 1) / TICK_MS; /* never early */
	if (at <= tick)
		at = tick + 1;
	LIST_INSERT_HEAD(&wheel[at % SLOTS], t, entry);
}

int
timer_is_set(const struct timer *t)
{
	return t->fire != NULL;
}

/*
 * A timer that fires may stop or free any other, so the due ones are moved to
 * a list of their own first and taken from its head one by one.
 */
static void
fire_slot(struct slot *slot, uint64_t now)
{
	void (*fire)(struct timer *);
	struct timer *t, *next;
	struct slot due;

	LIST_INIT(&due);
	for (t = LIST_FIRST(slot); t != NULL; t = next) {
		next = LIST_NEXT(t, entry);
		if (t->due > now)
			continue;
		LIST_REMOVE(t, entry);
		LIST_INSERT_HEAD(&due, t, entry);
	}
	while ((t = LIST_FIRST(&due)) != NULL) {
		fire = t->fire;
		timer_stop(t);
		fire(t);
	}
}

void
timer_turn(void)
{
	uint64_t now = clock_ms(), upto = now / TICK_MS;

	if (upto - tick >= SLOTS) /* asleep for a whole turn or more */
		tick = upto - SLOTS;
	while (tick < upto) {
		tick++;
		fire_slot(&wheel[tick % SLOTS], now);
	}
}
