/* "Five times within a while": for deaths and accusations. */
#ifndef IKERD_BURST_H
#define IKERD_BURST_H

#include <stdint.h>

#define BURST_MAX 5
#define BURST_MINUTE 60000 /* ms */
#define BURST_HOUR 3600000

struct burst {
	uint64_t at[BURST_MAX]; /* ms, the last ones */
	unsigned int n;
};

/* One more at now (clock_ms()); how many there were in the window's last ms,
 * this one included, at most BURST_MAX. */
unsigned int burst_add(struct burst *, uint64_t now, uint64_t window);

/* ms to wait after the n-th death in a minute: 0, 1 s, 2 s, 4 s ... 32 s. */
uint64_t burst_wait(unsigned int n);

#endif /* IKERD_BURST_H */
