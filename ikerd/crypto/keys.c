/*
 * Holds the keys of groups and peers of the configuration in force, and of the
 * one being read, in locked memory.  crypto.c is the only caller.
 */
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/msg.h"
#include "common/rnd.h"
#include "common/table.h"
#include "ikerd/crypto/keys.h"

#define UNKNOWN_LEN 24 /* octets of the key that nobody has */

struct named_key {
	struct table_link link;
	char name[NAME_SIZE];
	uint8_t kind;	     /* enum key_kind: a name may be of both */
	struct network peer; /* no family: any */
	struct secret key;
};

static struct table running, building;
static struct secret unknown;

static void
empty(struct table *t)
{
	struct table_link *l, *next;
	struct named_key *k;
	size_t slot = 0;

	while ((l = table_walk(t, &slot, &next)) != NULL) {
		k = table_entry(l, struct named_key, link);
		secret_clear(&k->key);
		free(k);
	}
	table_free(t);
	table_init(t);
}

void
keys_init(void)
{
	uint8_t chance[UNKNOWN_LEN];

	table_init(&running);
	table_init(&building);
	rnd_bytes(chance, sizeof(chance));
	if (secret_set(&unknown, chance, sizeof(chance)) == -1)
		fatalx("no locked memory for keys");
	explicit_bzero(chance, sizeof(chance));
}

void
keys_begin(void)
{
	empty(&building);
}

void
keys_drop(void)
{
	empty(&building);
}

void
keys_add(const struct msg_CONF_KEY *m)
{
	struct named_key *k;

	if ((k = calloc(1, sizeof(*k))) == NULL ||
	    secret_set(&k->key, m->key, m->key_len) == -1)
		fatalx("no locked memory for keys");
	strlcpy(k->name, m->name, sizeof(k->name));
	k->kind = m->kind;
	k->peer = m->peer;
	table_insert(&building, &k->link,
	    table_hash(&building, k->name, strlen(k->name)));
}

void
keys_commit(void)
{
	struct table old = running;

	running = building;
	building = old;
	empty(&building);
}

const struct secret *
keys_of_group(const char *name)
{
	struct table_link *l;
	struct named_key *k;

	l = table_find(&running, table_hash(&running, name, strlen(name)));
	for (; l != NULL; l = table_find_next(l)) {
		k = table_entry(l, struct named_key, link);
		if (k->kind == KEY_GROUP && strcmp(k->name, name) == 0)
			return &k->key;
	}
	return &unknown;
}

const struct secret *
keys_of_peer(const struct addr *a, const char *name)
{
	const struct named_key *k, *best = NULL;
	unsigned int rank, most = 0;
	struct table_link *l, *next;
	size_t slot = 0;

	while ((l = table_walk(&running, &slot, &next)) != NULL) {
		k = table_entry(l, struct named_key, link);
		rank = k->kind == KEY_PEER ? network_rank(&k->peer, a) : 0;
		if (rank <= most)
			continue;
		most = rank;
		best = k;
	}
	return best != NULL && strcmp(best->name, name) == 0 ? &best->key :
							       &unknown;
}
