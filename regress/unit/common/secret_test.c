/* Secret blocks, and the pool of records against a plain array as a model. */
#include <sys/resource.h>
#include <sys/wait.h>

#include <unistd.h>

#include "common/log.h"
#include "common/rnd.h"
#include "common/secret.h"
#include "regress/unit/test.h"

#define MODEL 3000
#define SIZE 100

TEST(start)
{
	struct rlimit core;

	secret_init();
	CHECK_INT(getrlimit(RLIMIT_CORE, &core), 0);
	CHECK_INT(core.rlim_max, 0);
}

TEST(a_secret_is_set_compared_and_cleared)
{
	struct secret s = { NULL, 0 };

	CHECK(secret_equal(&s, "", 0));
	CHECK_INT(secret_set(&s, "group key", 9), 0);
	CHECK(secret_equal(&s, "group key", 9));
	CHECK(!secret_equal(&s, "group kez", 9));
	CHECK(!secret_equal(&s, "group ke", 8));
	CHECK_INT(secret_set(&s, s.data + 6, 3), 0); /* from itself */
	CHECK(secret_equal(&s, "key", 3));
	CHECK_INT(secret_set(&s, NULL, 0), 0);
	CHECK(s.data == NULL && s.len == 0);
	secret_clear(&s);
}

TEST(blocks_are_aligned_and_zero)
{
	uint8_t *p, zero[64] = { 0 };
	size_t len;

	for (len = 1; len <= sizeof(zero); len++) {
		p = secret_alloc(len);
		CHECK(p != NULL && (uintptr_t)p % 8 == 0);
		CHECK_MEM(p, zero, len);
		memset(p, 1, len);
		secret_free(p);
	}
	secret_free(NULL);
}

static int
holds(const uint8_t *p, uint8_t value)
{
	size_t i;

	for (i = 0; i < SIZE; i++)
		if (p[i] != value)
			return 0;
	return 1;
}

/* Random gets and puts: records never overlap and always come zeroed. */
TEST(pool_against_a_model)
{
	static uint8_t *record[MODEL];
	struct secret_pool *pool = secret_pool_new(SIZE);
	size_t used = 0;
	uint32_t r;
	int i, n, grow;

	rnd_hold(1);
	for (i = 0; i < 60000; i++) {
		r = rnd_u32();
		n = r % MODEL;
		grow = (i / 10000) % 2 == 0 ? 3 : 1; /* of 4 */
		if (record[n] == NULL && (int)((r >> 16) % 4) < grow) {
			record[n] = secret_pool_get(pool);
			CHECK(holds(record[n], 0));
			memset(record[n], 1 + n % 255, SIZE);
			used++;
		} else if (record[n] != NULL && (int)((r >> 16) % 4) >= grow) {
			CHECK(holds(record[n], 1 + n % 255));
			secret_pool_put(pool, record[n]);
			record[n] = NULL;
			used--;
		}
		if (secret_pool_used(pool) != used)
			break;
	}
	CHECK_INT(secret_pool_used(pool), used);
	for (n = 0; n < MODEL; n++) {
		if (record[n] != NULL)
			CHECK(holds(record[n], 1 + n % 255));
		secret_pool_put(pool, record[n]);
	}
	CHECK_INT(secret_pool_used(pool), 0);
	secret_pool_free(pool);
}

/* Overhead stays small, and memory comes back when records do. */
TEST(pool_is_dense_and_shrinks)
{
	static void *record[20000];
	struct secret_pool *pool = secret_pool_new(SIZE);
	size_t full, i;

	CHECK_INT(secret_pool_bytes(pool), 0);
	for (i = 0; i < 20000; i++)
		record[i] = secret_pool_get(pool);
	full = secret_pool_bytes(pool);
	CHECK(full < 20000 * (SIZE + 24));
	for (i = 0; i < 20000; i++)
		secret_pool_put(pool, record[i]);
	CHECK(secret_pool_bytes(pool) * 20 < full);
	secret_pool_free(pool);
	secret_pool_free(NULL);
}

TEST(pool_of_large_records)
{
	struct secret_pool *pool = secret_pool_new(50000);
	uint8_t *a = secret_pool_get(pool), *b = secret_pool_get(pool);

	memset(a, 1, 50000);
	memset(b, 2, 50000);
	CHECK_INT(a[49999], 1);
	secret_pool_put(pool, a);
	CHECK_INT(b[0], 2);
	secret_pool_free(pool); /* b with it */
}

/* Putting a record back twice is a fault of ours: the process ends. */
TEST(double_put_is_fatal)
{
	struct secret_pool *pool = secret_pool_new(SIZE);
	void *keep = secret_pool_get(pool), *p = secret_pool_get(pool);
	pid_t pid;
	int status;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		close(2); /* the message is expected */
		secret_pool_put(pool, p);
		secret_pool_put(pool, p);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	secret_pool_put(pool, keep);
	secret_pool_free(pool);
}

TESTS(T(start), T(a_secret_is_set_compared_and_cleared),
    T(blocks_are_aligned_and_zero), T(pool_against_a_model),
    T(pool_is_dense_and_shrinks), T(pool_of_large_records),
    T(double_put_is_fatal))
