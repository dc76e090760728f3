/* The one door for time, so that tests can hold it still. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

uint64_t clock_ms(void);  /* monotonic milliseconds, for timers */
uint64_t clock_sec(void); /* seconds since the epoch, for people and files */

/* Milliseconds from then (a clock_ms() value) to now; 0 if then is ahead. */
uint64_t clock_since(uint64_t then);

/* Tests: from now on both clocks stand still at these values. */
void clock_hold(uint64_t ms, uint64_t sec);

#endif /* COMMON_CLOCK_H */
