/*
 * The whole unit test harness: a test is a function named with TEST(), a
 * statement about it is a CHECK, and TESTS() at the end of the file lists
 * what main() runs.  The last line is "NAME: N passed, N failed".
 */
#ifndef REGRESS_UNIT_TEST_H
#define REGRESS_UNIT_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_failures; /* failed checks of the test that runs now */

#define TEST(name) static void name(void)

#define CHECK(e)                                                               \
	do {                                                                   \
		if (!(e)) {                                                    \
			printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #e); \
			test_failures++;                                       \
		}                                                              \
	} while (0)

#define CHECK_INT(got, want)                                               \
	do {                                                               \
		long long g_ = (long long)(got);                           \
		long long w_ = (long long)(want);                          \
		if (g_ != w_) {                                            \
			printf("%s:%d: %s is %lld, want %lld\n", __FILE__, \
			    __LINE__, #got, g_, w_);                       \
			test_failures++;                                   \
		}                                                          \
	} while (0)

#define CHECK_STR(got, want)                                                   \
	do {                                                                   \
		const char *g_ = (got), *w_ = (want);                          \
		if (g_ == NULL || strcmp(g_, w_) != 0) {                       \
			printf("%s:%d: %s is \"%s\", want \"%s\"\n", __FILE__, \
			    __LINE__, #got, g_ == NULL ? "(null)" : g_, w_);   \
			test_failures++;                                       \
		}                                                              \
	} while (0)

#define CHECK_MEM(got, want, len)                                       \
	do {                                                            \
		if (memcmp((got), (want), (len)) != 0) {                \
			printf("%s:%d: %s differs from %s\n", __FILE__, \
			    __LINE__, #got, #want);                     \
			test_failures++;                                \
		}                                                       \
	} while (0)

struct test {
	const char *name;
	void (*run)(void);
};

#define T(f)          \
	{             \
#f, f \
	}

#define TESTS(...)                                                             \
	int main(int argc, char *argv[])                                       \
	{                                                                      \
		static const struct test tests[] = { __VA_ARGS__ };            \
		int passed = 0, failed = 0;                                    \
		size_t i;                                                      \
                                                                               \
		setvbuf(stdout, NULL, _IOLBF, 0);                              \
		for (i = 0; i < sizeof(tests) / sizeof(*tests); i++) {         \
			if (argc > 1 && strcmp(argv[1], tests[i].name) != 0)   \
				continue;                                      \
			test_failures = 0;                                     \
			tests[i].run();                                        \
			if (test_failures != 0)                                \
				printf("FAIL %s\n", tests[i].name);            \
			test_failures == 0 ? passed++ : failed++;              \
		}                                                              \
		printf("%s: %d passed, %d failed\n", argv[0], passed, failed); \
		return failed != 0;                                            \
	}

#endif /* REGRESS_UNIT_TEST_H */
