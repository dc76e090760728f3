/*
 * Secret memory on OpenBSD: pledge(2) has no promise for mlock(2), so pages
 * are mapped by hand between two that trap, concealed from core dumps; swap
 * is encrypted by the system.
 */
#include <sys/types.h>
#include <sys/mman.h>

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "common/secret_pages.h"

/* One page that says how many follow, one that traps, the pages, a trap. */
void *
secret_pages_alloc(size_t len)
{
	size_t page = (size_t)getpagesize(), whole;
	char *p;

	if (len > SIZE_MAX / 2)
		return NULL;
	whole = (len + page - 1) / page * page;
	p = mmap(NULL, whole + 3 * page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_CONCEAL, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	memcpy(p, &whole, sizeof(whole));
	if (mprotect(p, page, PROT_READ) == -1 ||
	    mprotect(p + page, page, PROT_NONE) == -1 ||
	    mprotect(p + 2 * page + whole, page, PROT_NONE) == -1) {
		(void)munmap(p, whole + 3 * page);
		return NULL;
	}
	return p + 2 * page;
}

void
secret_pages_free(void *secret)
{
	size_t page = (size_t)getpagesize(), whole;
	char *p;

	if (secret == NULL)
		return;
	p = (char *)secret - 2 * page;
	memcpy(&whole, p, sizeof(whole));
	explicit_bzero(secret, whole);
	(void)munmap(p, whole + 3 * page);
}
