/* Where secret memory comes from on this system; secret.c's own door. */
#ifndef COMMON_SECRET_PAGES_H
#define COMMON_SECRET_PAGES_H

#include <stddef.h>

/*
 * Pages between guard pages, zeroed, in no core file, locked where a confined
 * process may lock; NULL: no memory.  Freeing zeroes them.
 */
void *secret_pages_alloc(size_t len);
void secret_pages_free(void *);

#endif /* COMMON_SECRET_PAGES_H */
