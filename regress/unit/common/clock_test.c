/* The clock that tests hold still, and spans that never go backwards. */
#include "common/clock.h"
#include "regress/unit/test.h"

TEST(held)
{
	clock_hold(5000, 1700000000);
	CHECK_INT(clock_ms(), 5000);
	CHECK_INT(clock_sec(), 1700000000);
}

/*
 * A session was ended as idle after its first minute, because its traffic was
 * newer than the time that had been read before looking at it.
 */
TEST(since)
{
	clock_hold(5000, 1700000000);
	CHECK_INT(clock_since(1000), 4000);
	CHECK_INT(clock_since(5000), 0);
	CHECK_INT(clock_since(5001), 0);
}

TESTS(T(held), T(since))
