/* Key pairs that wait for the peer's value: each for one use, none for ever. */
#include "ikerd/alg/dh.h"
#include "ikerd/alg/provider.h"
#include "ikerd/crypto/pairs.h"
#include "regress/unit/test.h"

static const struct ike_group *group, *other;

static uint64_t
keep(void)
{
	struct dh_key *key;

	if (group == NULL) {
		CHECK_INT(alg_init(0), 0);
		group = ike_group_by_number(19);
		other = ike_group_by_number(20);
	}
	CHECK((key = dh_generate(group)) != NULL);
	return pairs_keep(key);
}

TEST(used_once)
{
	uint64_t a = keep(), b = keep();
	struct dh_key *key;

	CHECK(a != 0 && b != 0 && a != b);
	CHECK((key = pairs_take(b, group)) != NULL);
	dh_free(key);
	CHECK(pairs_take(b, group) == NULL);
	CHECK((key = pairs_take(a, group)) != NULL);
	dh_free(key);
}

TEST(not_anothers)
{
	uint64_t a = keep();
	struct dh_key *key;

	CHECK(pairs_take(a, other) == NULL);
	CHECK(pairs_take(a ^ (uint64_t)1 << 40, group) == NULL);
	CHECK(pairs_take(a + PAIRS_MAX, group) == NULL);
	CHECK((key = pairs_take(a, group)) != NULL);
	dh_free(key);
}

/* Who never comes back keeps no memory. */
TEST(the_oldest_makes_room)
{
	uint64_t first = keep(), second = keep();
	struct dh_key *key;
	int i;

	for (i = 0; i < PAIRS_MAX - 1; i++)
		(void)keep();
	CHECK(pairs_take(first, group) == NULL);
	CHECK((key = pairs_take(second, group)) != NULL);
	dh_free(key);
}

TESTS(T(used_once), T(not_anothers), T(the_oldest_makes_room))
