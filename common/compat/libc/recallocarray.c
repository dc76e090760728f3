/*
 * recallocarray: resize an array so that new elements are zero and no copy
 * of the old ones is left behind.  Compiled where libc has none (COMPAT);
 * callers use it as on OpenBSD.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/compat/compat.h"

void *
recallocarray(void *old, size_t oldnmemb, size_t nmemb, size_t size)
{
	size_t oldlen, len;
	void *p;

	if (old == NULL)
		return calloc(nmemb, size);
	if (size != 0 && nmemb > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	if (size != 0 && oldnmemb > SIZE_MAX / size) {
		errno = EINVAL;
		return NULL;
	}
	oldlen = oldnmemb * size;
	len = nmemb * size;

	/* always a new block: realloc(3) could leave the old one unerased */
	p = calloc(1, len != 0 ? len : 1);
	if (p == NULL)
		return NULL;
	memcpy(p, old, oldlen < len ? oldlen : len);
	freezero(old, oldlen);
	return p;
}
