/* Reads the system's clocks; the only file that does, but for log stamps. */
#include <stdint.h>
#include <time.h>

#include "common/clock.h"

static int held;
static uint64_t held_ms, held_sec;

uint64_t
clock_ms(void)
{
	struct timespec ts;

	if (held)
		return held_ms;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t
clock_sec(void)
{
	struct timespec ts;

	if (held)
		return held_sec;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec;
}

uint64_t
clock_since(uint64_t then)
{
	uint64_t now = clock_ms();

	return now > then ? now - then : 0;
}

void
clock_hold(uint64_t ms, uint64_t sec)
{
	held = 1;
	held_ms = ms;
	held_sec = sec;
}
