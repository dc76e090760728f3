/*
 * Who is let in when strangers ask for more than they may: all while there is
 * enough, then those who come again, also when a flood came between.
 */
#include "common/clock.h"
#include "ikerd/ike/strangers.h"
#include "regress/unit/ike/tell.h"
#include "regress/unit/test.h"

#define RATE 100	   /* computations a second */
#define ALL (RATE * 3 / 4) /* for all */
#define KEPT (RATE / 4)	   /* for who comes again */
#define FLOOD 200	   /* messages in a millisecond */

static uint64_t now_ms = 100000;

static void
later(uint64_t ms)
{
	now_ms += ms;
	clock_hold(now_ms, 1700000000);
}

/* A message that nobody has seen: digests are spread evenly. */
static uint64_t
fresh(void)
{
	static uint64_t n;

	return ++n * 0x9e3779b97f4a7c15ULL;
}

static int
served(uint64_t digest)
{
	return strangers_admit(digest, STRANGER_SESSION | STRANGER_DH) &&
	    strangers_take(1) == 0;
}

static uint32_t
flood(uint64_t ms)
{
	uint32_t i, n = 0;

	while (ms-- > 0) {
		later(1);
		for (i = 0; i < FLOOD; i++)
			n += (uint32_t)served(fresh());
	}
	return n;
}

/* Takes what the bucket for all holds, by new messages. */
static uint32_t
drain(void)
{
	uint32_t n = 0;

	while (served(fresh()))
		n++;
	return n;
}

/* From here on nobody has anything. */
static void
dry(void)
{
	struct msg_CONF_LIMITS l = { .half_open = 1000, .dh_rate = RATE };

	ikeconf_begin();
	tell(MSG_CONF_LIMITS, &l);
	ikeconf_free(ikeconf_commit());
	later(60000);
	(void)drain();
}

TEST(all_are_served_up_to_the_rate)
{
	dry();
	later(60000);
	CHECK_INT(drain(), ALL);
	later(500);
	CHECK_INT(drain(), ALL / 2);
}

TEST(who_comes_again_is_served)
{
	uint64_t user = fresh();

	dry();
	CHECK(!served(user));
	later(1000);
	(void)drain();
	CHECK(served(user));
}

TEST(a_burst_is_not_again)
{
	uint64_t user = fresh();

	dry();
	CHECK(!served(user));
	CHECK(!served(user));
	later(100);
	(void)drain();
	CHECK(!served(user));
}

TEST(who_stays_away_is_new)
{
	uint64_t user = fresh();

	dry();
	CHECK(!served(user));
	later(21000);
	(void)drain();
	CHECK(!served(user));
}

TEST(again_has_its_own_share_and_no_more)
{
	uint64_t user[100];
	uint32_t i, n = 0;

	dry();
	for (i = 0; i < 100; i++)
		CHECK(!served(user[i] = fresh()));
	later(1000);
	(void)drain();
	for (i = 0; i < 100; i++)
		n += (uint32_t)served(user[i]);
	CHECK_INT(n, KEPT);
}

/* Clients come again after 1 to 8 seconds. */
TEST(a_flood_does_not_make_forget)
{
	uint64_t user[20];
	uint32_t i, wait, n;

	for (wait = 1000; wait <= 8000; wait *= 2) {
		dry();
		for (i = 0; i < 20; i++)
			CHECK(!served(user[i] = fresh()));
		(void)flood(wait);
		for (n = i = 0; i < 20; i++)
			n += (uint32_t)served(user[i]);
		CHECK_INT(n, 20);
	}
}

/* What tags have in common by chance lets nearly nobody in. */
TEST(a_flood_gets_its_share_only)
{
	uint64_t again;
	uint32_t n;

	dry();
	again = strangers_counters.again;
	n = flood(5000);
	CHECK(n >= 5 * ALL - 1 && n < 5 * ALL + 30);
	CHECK(strangers_counters.again - again < 30);
}

TESTS(T(all_are_served_up_to_the_rate), T(who_comes_again_is_served),
    T(a_burst_is_not_again), T(who_stays_away_is_new),
    T(again_has_its_own_share_and_no_more), T(a_flood_does_not_make_forget),
    T(a_flood_gets_its_share_only));
