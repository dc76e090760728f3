/*
 * Hash tables that grow: the link is part of the caller's struct, keys are
 * hashed with SipHash under a secret key, so strangers cannot choose a slot.
 */
#ifndef COMMON_TABLE_H
#define COMMON_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_link {
	struct table_link *next;
	uint64_t hash;
};

struct table {
	struct table_link **bucket;
	size_t nbuckets; /* a power of two */
	size_t n;
	unsigned char key[16];
};

void table_init(struct table *);
void table_free(struct table *); /* the table, not what is linked into it */

uint64_t table_hash(const struct table *, const void *key, size_t len);
void table_insert(struct table *, struct table_link *, uint64_t hash);
void table_remove(struct table *, struct table_link *); /* must be in it */

/*
 * Entries with this hash, one after the other; the caller compares keys.
 * Nothing may be inserted between the two calls.
 */
struct table_link *table_find(const struct table *, uint64_t hash);
struct table_link *table_find_next(const struct table_link *);

/*
 * Walk all: *slot starts at 0; NULL at the end.  The entry returned may be
 * removed before the next call; inserting ends the walk's promises.
 */
struct table_link *table_walk(
    const struct table *, size_t *slot, struct table_link **next);

/* The struct that a link is part of. */
#define table_entry(link, type, member) \
	((type *)(void *)((char *)(link)-offsetof(type, member)))

#endif /* COMMON_TABLE_H */
