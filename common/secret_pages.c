/*
 * Secret memory from libsodium: guarded and locked.  For every system but
 * OpenBSD, whose pledge(2) ends a process that locks memory.
 */
#ifndef __OpenBSD__

#include <sodium.h>
#include <string.h>

#include "common/secret_pages.h"

void *
secret_pages_alloc(size_t len)
{
	void *p;

	if ((p = sodium_malloc(len)) != NULL)
		memset(p, 0, len);
	return p;
}

void
secret_pages_free(void *p)
{
	sodium_free(p);
}

#endif /* !__OpenBSD__ */
