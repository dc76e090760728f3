/* Hash tables: found, not found, same hash, removed while walking, grown. */
#include <sodium.h>

#include "common/rnd.h"
#include "common/table.h"
#include "regress/unit/test.h"

struct thing {
	int filler; /* the link is not the first member */
	struct table_link link;
	uint32_t key;
	int in;
};

static uint64_t
hash(const struct table *t, uint32_t key)
{
	return table_hash(t, &key, sizeof(key));
}

static struct thing *
find(const struct table *t, uint32_t key)
{
	struct table_link *l = table_find(t, hash(t, key));
	struct thing *found;

	for (; l != NULL; l = table_find_next(l)) {
		found = table_entry(l, struct thing, link);
		if (found->key == key)
			return found;
	}
	return NULL;
}

TEST(empty)
{
	struct table_link *next;
	struct table t;
	size_t slot = 0;

	table_init(&t);
	CHECK(find(&t, 1) == NULL);
	CHECK(table_walk(&t, &slot, &next) == NULL);
	CHECK_INT(t.n, 0);
	table_free(&t);
}

/* Entries of one hash: all are found, one after the other. */
TEST(same_hash)
{
	struct thing a = { .key = 1 }, b = { .key = 2 }, c = { .key = 3 };
	struct table_link *l;
	struct table t;
	int n = 0;

	table_init(&t);
	table_insert(&t, &a.link, 77);
	table_insert(&t, &b.link, 77 + t.nbuckets); /* same slot only */
	table_insert(&t, &c.link, 77);
	for (l = table_find(&t, 77); l != NULL; l = table_find_next(l)) {
		CHECK(table_entry(l, struct thing, link)->key != 2);
		n++;
	}
	CHECK_INT(n, 2);
	table_remove(&t, &a.link);
	l = table_find(&t, 77);
	CHECK(l == &c.link);
	CHECK(table_find_next(l) == NULL);
	table_remove(&t, &c.link);
	table_remove(&t, &b.link);
	CHECK_INT(t.n, 0);
	table_free(&t);
}

/* Strangers cannot choose a slot: two tables hash differently. */
TEST(keyed)
{
	struct table a, b;

	table_init(&a);
	table_init(&b);
	CHECK(hash(&a, 1) != hash(&b, 1));
	CHECK(hash(&a, 1) == hash(&a, 1));
	CHECK(hash(&a, 1) != hash(&a, 2));
	table_free(&a);
	table_free(&b);
}

TEST(random_operations)
{
	static struct thing things[5000];
	size_t n = sizeof(things) / sizeof(things[0]), in = 0, slot, seen;
	struct table_link *l, *next = NULL;
	struct table t;
	uint32_t k;
	int step;

	rnd_hold(9);
	table_init(&t);
	for (k = 0; k < n; k++)
		things[k].key = k;
	for (step = 0; step < 100000; step++) {
		k = rnd_u32() % n;
		CHECK((find(&t, k) != NULL) == things[k].in);
		if (things[k].in)
			table_remove(&t, &things[k].link);
		else
			table_insert(&t, &things[k].link, hash(&t, k));
		things[k].in = !things[k].in;
		things[k].in ? in++ : in--;
		if (test_failures != 0)
			break;
	}
	CHECK_INT(t.n, in);
	CHECK(t.nbuckets >= 1024);
	seen = slot = 0;
	while ((l = table_walk(&t, &slot, &next)) != NULL) {
		seen++; /* half of them go while we look at them */
		if (table_entry(l, struct thing, link)->key % 2)
			table_remove(&t, l);
	}
	CHECK_INT(seen, in);
	for (k = 0; k < n; k++)
		CHECK((find(&t, k) != NULL) == (things[k].in && k % 2 == 0));
	table_free(&t);
}

TESTS(T(empty), T(same_hash), T(keyed), T(random_operations))
