/*
 * explicit_bzero: erase memory, and let no optimizer leave it out.  Compiled
 * where libc has none (COMPAT); NetBSD has the same under another name.
 */
#include <string.h>

#include "common/compat/compat.h"

void
explicit_bzero(void *p, size_t len)
{
	(void)explicit_memset(p, 0, len);
}
