/*
 * Memory for secrets: locked, between guard pages, in no core file, zeroed
 * when it is freed.
 */
#ifndef COMMON_SECRET_H
#define COMMON_SECRET_H

#include <stddef.h>
#include <stdint.h>

/*
 * Once at start-up, while resource limits may still be set: libsodium, no
 * core files, as much locked memory as the hard limit allows.  fatal() when
 * libsodium cannot start.
 */
void secret_init(void);

/* One block of its own (some pages each: for few, long-lived secrets). */
/* zeroed, aligned for uint64_t; NULL: no memory */
void *secret_alloc(size_t);
void secret_free(void *); /* zeroes first; NULL is allowed */

/* A key or password of some length; len 0 and data NULL when there is none. */
struct secret {
	uint8_t *data;
	size_t len;
};

/* Replace what s holds by a copy; -1 when there is no memory (s: empty). */
int secret_set(struct secret *, const void *, size_t len);
void secret_clear(struct secret *);
/* Constant time for equal lengths; 1 or 0. */
int secret_equal(const struct secret *, const void *, size_t len);

/*
 * Many small records of one size (session keys): packed into large locked
 * slabs.  Get and put cost the same however many are held; a record is zeroed
 * when it is put back.  Aligned for uint64_t.
 */
struct secret_pool;

struct secret_pool *secret_pool_new(size_t size); /* NULL: no memory */
/* Zeroes and frees every record and the pool; NULL is allowed. */
void secret_pool_free(struct secret_pool *);
void *secret_pool_get(struct secret_pool *); /* zeroed; NULL: no memory */
/* NULL is allowed; fatal() for what is not a record in use. */
void secret_pool_put(struct secret_pool *, void *);
size_t secret_pool_used(const struct secret_pool *);  /* records in use */
size_t secret_pool_bytes(const struct secret_pool *); /* slabs in all */

#endif /* COMMON_SECRET_H */
