/*
 * The functions of common/compat/libc/ for systems that lack them, tested
 * everywhere: compiled here under names of their own.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void compat_freezero(void *, size_t);
void *compat_recallocarray(void *, size_t, size_t, size_t);

#define freezero compat_freezero
#define recallocarray compat_recallocarray
#include "common/compat/libc/freezero.c"
#include "common/compat/libc/recallocarray.c"

#include "regress/unit/test.h"

TEST(grow_is_zero)
{
	uint32_t *a, *b;
	int i;

	a = recallocarray(NULL, 0, 3, sizeof(*a));
	CHECK(a != NULL);
	for (i = 0; i < 3; i++) {
		CHECK_INT(a[i], 0);
		a[i] = (uint32_t)i + 1;
	}
	b = recallocarray(a, 3, 7, sizeof(*b));
	CHECK(b != NULL);
	for (i = 0; i < 7; i++)
		CHECK_INT(b[i], i < 3 ? i + 1 : 0);
	freezero(b, 7 * sizeof(*b));
}

TEST(shrink_keeps_the_rest)
{
	char *a;

	a = recallocarray(NULL, 0, 8, 1);
	CHECK(a != NULL);
	memcpy(a, "abcdefgh", 8);
	a = recallocarray(a, 8, 2, 1);
	CHECK(a != NULL && memcmp(a, "ab", 2) == 0);
	a = recallocarray(a, 2, 0, 1);
	CHECK(a != NULL);
	freezero(a, 0);
	freezero(NULL, 10);
}

TEST(overflow_is_refused)
{
	char *a;

	a = recallocarray(NULL, 0, 4, 1);
	errno = 0;
	CHECK(recallocarray(a, 4, SIZE_MAX / 2, 4) == NULL);
	CHECK_INT(errno, ENOMEM);
	errno = 0;
	CHECK(recallocarray(a, SIZE_MAX, 1, 4) == NULL);
	CHECK_INT(errno, EINVAL);
	freezero(a, 4); /* still ours */
}

TESTS(T(grow_is_zero), T(shrink_keeps_the_rest), T(overflow_is_refused))
