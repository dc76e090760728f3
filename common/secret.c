/*
 * Secret memory in guarded pages, and a pool that packs small records into
 * large slabs of them.  Called by every process that holds keys
 * or passwords.
 */
#include <sys/queue.h>
#include <sys/resource.h>

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/secret.h"
#include "common/secret_pages.h"

#define SLAB_BYTES 65536
#define SLAB_MIN 8 /* records, however large they are */

/* In front of each record; its data is zero while it is free. */
struct record {
	struct slab *slab;
	struct record *next; /* free list, or &in_use */
	uint64_t data[];
};

static struct record in_use;

struct slab {
	LIST_ENTRY(slab) entry;
	struct record *free;
	size_t used;
	uint8_t *memory; /* secret_alloc */
};

LIST_HEAD(slab_list, slab);

struct secret_pool {
	size_t size;   /* bytes a user gets */
	size_t stride; /* bytes from record to record */
	size_t per_slab;
	size_t used, slabs;
	struct slab_list room; /* slabs with a free record */
	struct slab_list full;
};

void
secret_init(void)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit lock;

	if (sodium_init() == -1)
		fatalx("libsodium cannot start");
	if (setrlimit(RLIMIT_CORE, &none) == -1)
		fatal("setrlimit core");
	/* what does not fit is guarded and zeroed all the same */
	if (getrlimit(RLIMIT_MEMLOCK, &lock) == 0) {
		lock.rlim_cur = lock.rlim_max;
		if (setrlimit(RLIMIT_MEMLOCK, &lock) == -1)
			log_debug("secret: locked memory limit unchanged");
	}
}

static size_t
round8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

void *
secret_alloc(size_t len)
{
	/* the end may lie at a page's end: round, so that it is aligned */
	return secret_pages_alloc(round8(len));
}

void
secret_free(void *p)
{
	secret_pages_free(p);
}

int
secret_set(struct secret *s, const void *data, size_t len)
{
	uint8_t *copy = NULL;

	if (len > 0) {
		if ((copy = secret_alloc(len)) == NULL) {
			secret_clear(s);
			return -1;
		}
		memcpy(copy, data, len);
	}
	secret_clear(s);
	s->data = copy;
	s->len = len;
	return 0;
}

void
secret_clear(struct secret *s)
{
	secret_free(s->data);
	s->data = NULL;
	s->len = 0;
}

int
secret_equal(const struct secret *s, const void *data, size_t len)
{
	if (s->len != len)
		return 0;
	return len == 0 || sodium_memcmp(s->data, data, len) == 0;
}

struct secret_pool *
secret_pool_new(size_t size)
{
	struct secret_pool *pool;

	if ((pool = calloc(1, sizeof(*pool))) == NULL)
		return NULL;
	pool->size = size;
	pool->stride = round8(sizeof(struct record) + size);
	pool->per_slab = SLAB_BYTES / pool->stride;
	if (pool->per_slab < SLAB_MIN)
		pool->per_slab = SLAB_MIN;
	LIST_INIT(&pool->room);
	LIST_INIT(&pool->full);
	return pool;
}

static void
slab_free(struct secret_pool *pool, struct slab *slab)
{
	LIST_REMOVE(slab, entry);
	secret_free(slab->memory);
	free(slab);
	pool->slabs--;
}

void
secret_pool_free(struct secret_pool *pool)
{
	struct slab *slab;

	if (pool == NULL)
		return;
	while ((slab = LIST_FIRST(&pool->room)) != NULL ||
	    (slab = LIST_FIRST(&pool->full)) != NULL)
		slab_free(pool, slab);
	free(pool);
}

static struct slab *
slab_new(struct secret_pool *pool)
{
	struct slab *slab;
	struct record *r;
	size_t i;

	if ((slab = calloc(1, sizeof(*slab))) == NULL)
		return NULL;
	slab->memory = secret_alloc(pool->per_slab * pool->stride);
	if (slab->memory == NULL) {
		free(slab);
		return NULL;
	}
	for (i = pool->per_slab; i-- > 0;) {
		r = (struct record *)(void *)(slab->memory + i * pool->stride);
		r->slab = slab;
		r->next = slab->free;
		slab->free = r;
	}
	LIST_INSERT_HEAD(&pool->room, slab, entry);
	pool->slabs++;
	return slab;
}

void *
secret_pool_get(struct secret_pool *pool)
{
	struct slab *slab;
	struct record *r;

	slab = LIST_FIRST(&pool->room);
	if (slab == NULL && (slab = slab_new(pool)) == NULL)
		return NULL;
	if ((r = slab->free) == NULL)
		fatalx("secret: a slab in the wrong list");
	slab->free = r->next;
	r->next = &in_use;
	slab->used++;
	pool->used++;
	if (slab->free == NULL) {
		LIST_REMOVE(slab, entry);
		LIST_INSERT_HEAD(&pool->full, slab, entry);
	}
	return r->data;
}

void
secret_pool_put(struct secret_pool *pool, void *data)
{
	struct record *r;
	struct slab *slab;

	if (data == NULL)
		return;
	r = (struct record *)(void *)((uint8_t *)data - sizeof(*r));
	if (r->next != &in_use)
		fatalx("secret pool: record is not in use");
	sodium_memzero(data, pool->size);
	slab = r->slab;
	if (slab->free == NULL) {
		LIST_REMOVE(slab, entry);
		LIST_INSERT_HEAD(&pool->room, slab, entry);
	}
	r->next = slab->free;
	slab->free = r;
	slab->used--;
	pool->used--;
	/* an empty slab goes, unless it is the only one with room */
	if (slab->used == 0 &&
	    (LIST_FIRST(&pool->room) != slab || LIST_NEXT(slab, entry) != NULL))
		slab_free(pool, slab);
}

size_t
secret_pool_used(const struct secret_pool *pool)
{
	return pool->used;
}

size_t
secret_pool_bytes(const struct secret_pool *pool)
{
	return pool->slabs * pool->per_slab * pool->stride;
}
