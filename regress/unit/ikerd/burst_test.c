/* Deaths within a minute, the pauses they cost, commands that are run. */
#include "common/clock.h"
#include "ikerd/burst.h"
#include "ikerd/children.h"
#include "ikerd/run.h"
#include "regress/unit/test.h"

TEST(five_in_a_minute)
{
	struct burst b;

	memset(&b, 0, sizeof(b));
	CHECK_INT(burst_add(&b, 1000, BURST_MINUTE), 1);
	CHECK_INT(burst_add(&b, 2000, BURST_MINUTE), 2);
	CHECK_INT(burst_add(&b, 3000, BURST_MINUTE), 3);
	CHECK_INT(burst_add(&b, 4000, BURST_MINUTE), 4);
	CHECK_INT(burst_add(&b, 60999, BURST_MINUTE), 5);
	/* the first one is forgotten */
	CHECK_INT(burst_add(&b, 61000, BURST_MINUTE), 5);
	CHECK_INT(burst_add(&b, 500000, BURST_MINUTE), 1);
	CHECK_INT(burst_add(&b, 3000000, BURST_HOUR), 2);
}

TEST(pauses_double)
{
	CHECK_INT(burst_wait(1), 0);
	CHECK_INT(burst_wait(2), 1000);
	CHECK_INT(burst_wait(3), 2000);
	CHECK_INT(burst_wait(4), 4000);
	CHECK_INT(burst_wait(100), 32000);
}

TEST(who_speaks_to_whom)
{
	CHECK(children_are_peers(PROC_IKE, PROC_CRYPTO));
	CHECK(children_are_peers(PROC_CRYPTO, PROC_IKE));
	CHECK(children_are_peers(PROC_IKE, PROC_POOLD));
	CHECK(children_are_peers(PROC_AUTHD, PROC_PROXY));
	CHECK(!children_are_peers(PROC_CRYPTO, PROC_AUTHD));
	CHECK(!children_are_peers(PROC_CRYPTO, PROC_FILTER));
	CHECK(!children_are_peers(PROC_POOLD, PROC_AUTHD));
	CHECK(!children_are_peers(PROC_POOLD, PROC_POOLD));
}

TEST(commands)
{
	const char *const yes[] = { "/bin/sh", "-c",
		"read a && test \"$a\" = hello", NULL };
	const char *const no[] = { "/bin/sh", "-c",
		"echo first; echo why >&2; exit 3", NULL };
	const char *const silent[] = { "/bin/sh", "-c", "exit 4", NULL };
	const char *const deaf[] = { "/bin/sh", "-c", "exit 0", NULL };
	const char *const none[] = { "/nonexistent", NULL };
	char why[RUN_OUTPUT], *big;

	CHECK_INT(run_command(yes, "hello\n", why), 0);
	CHECK_INT(run_command(no, NULL, why), -1);
	CHECK_STR(why, "first;why");
	CHECK_INT(run_command(silent, "", why), -1);
	CHECK_STR(why, "/bin/sh: exit status 4");
	CHECK_INT(run_command(none, NULL, why), -1);
	CHECK_STR(why, "/nonexistent: No such file or directory");
	big = calloc(1, 1 << 20);
	memset(big, 'x', (1 << 20) - 1);
	CHECK_INT(run_command(deaf, big, why), 0); /* it does not read all */
	free(big);
	CHECK(run_find("sh", why, sizeof(why)) != NULL);
	CHECK(run_find("no-such-command", why, sizeof(why)) == NULL);
}

TESTS(T(five_in_a_minute), T(pauses_double), T(who_speaks_to_whom), T(commands))
