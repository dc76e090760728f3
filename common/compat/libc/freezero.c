/*
 * freezero: free memory that held a secret, erased first.  Compiled where
 * libc has none (COMPAT); callers use it as on OpenBSD.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/compat/compat.h"

void
freezero(void *p, size_t len)
{
	if (p == NULL)
		return;
	explicit_bzero(p, len);
	free(p);
}
