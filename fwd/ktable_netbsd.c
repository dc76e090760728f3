/*
 * NetBSD's filter is npf, for which there is no back end: the filter process
 * refuses its configuration with that reason.
 */
#include <errno.h>

#include "fwd/ktable.h"

int
ktable_open(void)
{
	return 0;
}

int
ktable_take(int fd)
{
	errno = EOPNOTSUPP;
	return -1;
}

const char *
ktable_why_not(void)
{
	return "npf is not supported: this system has no filter for tunnels";
}

int
ktable_change(const char *table, const struct ktable_change *c, size_t n)
{
	errno = EOPNOTSUPP;
	return -1;
}

int
ktable_list(
    const char *table, void (*fn)(const struct addr *, void *), void *arg)
{
	errno = EOPNOTSUPP;
	return -1;
}

int
ktable_clear(const char *table)
{
	errno = EOPNOTSUPP;
	return -1;
}

int
ktable_end_states(const struct addr *a)
{
	errno = EOPNOTSUPP;
	return -1;
}
