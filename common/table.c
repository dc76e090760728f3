/* Hash tables with chains; doubled when there are more entries than slots. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/rnd.h"
#include "common/table.h"

#define FIRST_SIZE 64

void
table_init(struct table *t)
{
	memset(t, 0, sizeof(*t));
	t->nbuckets = FIRST_SIZE;
	t->bucket = calloc(t->nbuckets, sizeof(*t->bucket));
	if (t->bucket == NULL)
		fatal("table: calloc");
	rnd_bytes(t->key, sizeof(t->key));
}

void
table_free(struct table *t)
{
	free(t->bucket);
	memset(t, 0, sizeof(*t));
}

uint64_t
table_hash(const struct table *t, const void *key, size_t len)
{
	unsigned char out[crypto_shorthash_BYTES];
	uint64_t hash;

	crypto_shorthash(out, key, len, t->key);
	memcpy(&hash, out, sizeof(hash));
	return hash;
}

static void
put(struct table *t, struct table_link *l)
{
	struct table_link **b = &t->bucket[l->hash & (t->nbuckets - 1)];

	l->next = *b;
	*b = l;
}

static void
grow(struct table *t)
{
	struct table_link **old = t->bucket, *l, *next;
	size_t i, n = t->nbuckets;

	if ((t->bucket = calloc(n * 2, sizeof(*t->bucket))) == NULL) {
		t->bucket = old; /* slower, but right */
		return;
	}
	t->nbuckets = n * 2;
	for (i = 0; i < n; i++) {
		for (l = old[i]; l != NULL; l = next) {
			next = l->next;
			put(t, l);
		}
	}
	free(old);
}

void
table_insert(struct table *t, struct table_link *l, uint64_t hash)
{
	if (t->n >= t->nbuckets)
		grow(t);
	l->hash = hash;
	put(t, l);
	t->n++;
}

void
table_remove(struct table *t, struct table_link *l)
{
	struct table_link **p = &t->bucket[l->hash & (t->nbuckets - 1)];

	while (*p != l) {
		if (*p == NULL)
			fatalx("table: removing what is not there");
		p = &(*p)->next;
	}
	*p = l->next;
	l->next = NULL;
	t->n--;
}

struct table_link *
table_find(const struct table *t, uint64_t hash)
{
	struct table_link *l;

	for (l = t->bucket[hash & (t->nbuckets - 1)]; l != NULL; l = l->next) {
		if (l->hash == hash)
			return l;
	}
	return NULL;
}

struct table_link *
table_find_next(const struct table_link *from)
{
	struct table_link *l;

	for (l = from->next; l != NULL; l = l->next) {
		if (l->hash == from->hash)
			return l;
	}
	return NULL;
}

struct table_link *
table_walk(const struct table *t, size_t *slot, struct table_link **next)
{
	struct table_link *l = *slot == 0 ? NULL : *next;

	while (l == NULL && *slot < t->nbuckets)
		l = t->bucket[(*slot)++];
	if (l != NULL)
		*next = l->next;
	return l;
}
