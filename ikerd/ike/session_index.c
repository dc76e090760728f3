/* Finds sessions by what is known of them, without walking them all. */
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/session_index.h"

static struct table by_id, by_user, by_address, by_place;

void
index_init(void)
{
	table_init(&by_id);
	table_init(&by_user);
	table_init(&by_address);
	table_init(&by_place);
}

void
index_add(struct session *s)
{
	table_insert(
	    &by_id, &s->by_id, table_hash(&by_id, &s->id, sizeof(s->id)));
}

void
index_remove(struct session *s)
{
	if (s->in_users)
		table_remove(&by_user, &s->by_user);
	if (s->in_addresses)
		table_remove(&by_address, &s->by_address);
	if (s->in_places)
		table_remove(&by_place, &s->by_place);
	table_remove(&by_id, &s->by_id);
}

/* --- by id --- */

struct session *
session_find(uint64_t id)
{
	struct table_link *l;
	struct session *s;

	l = table_find(&by_id, table_hash(&by_id, &id, sizeof(id)));
	for (; l != NULL; l = table_find_next(l)) {
		s = table_entry(l, struct session, by_id);
		if (s->id == id)
			return s;
	}
	return NULL;
}

struct session *
session_walk(size_t *slot, struct table_link **next)
{
	struct table_link *l = table_walk(&by_id, slot, next);

	return l == NULL ? NULL : table_entry(l, struct session, by_id);
}

size_t
session_count(void)
{
	return by_id.n;
}

/* --- by place --- */

static uint64_t
place_hash(const struct endpoint *e)
{
	uint8_t key[sizeof(e->addr.b) + sizeof(e->port)];

	memcpy(key, e->addr.b, sizeof(e->addr.b));
	memcpy(key + sizeof(e->addr.b), &e->port, sizeof(e->port));
	return table_hash(&by_place, key, sizeof(key));
}

void
index_add_place(struct session *s)
{
	s->in_places = 1;
	table_insert(&by_place, &s->by_place, place_hash(&s->source));
}

void
session_moved(struct session *s, const struct endpoint *to)
{
	if (s->in_places)
		table_remove(&by_place, &s->by_place);
	s->source = *to;
	if (s->in_places)
		table_insert(&by_place, &s->by_place, place_hash(to));
}

struct session *
session_at(const struct endpoint *e, struct session *after)
{
	struct table_link *l = after == NULL ?
	    table_find(&by_place, place_hash(e)) :
	    table_find_next(&after->by_place);

	for (; l != NULL; l = table_find_next(l)) {
		after = table_entry(l, struct session, by_place);
		if (endpoint_equal(&after->source, e))
			return after;
	}
	return NULL;
}

/* --- by address and user --- */

struct session *
session_of_address(const struct addr *a)
{
	struct table_link *l;
	struct session *s;

	l = table_find(&by_address, table_hash(&by_address, a, sizeof(*a)));
	for (; l != NULL; l = table_find_next(l)) {
		s = table_entry(l, struct session, by_address);
		if (addr_equal(&s->address, a))
			return s;
	}
	return NULL;
}

int
session_set_address(struct session *s, const struct addr *a)
{
	if (session_of_address(a) != NULL)
		return -1;
	s->address = *a;
	table_insert(&by_address, &s->by_address,
	    table_hash(&by_address, a, sizeof(*a)));
	s->in_addresses = 1;
	return 0;
}

static uint64_t
user_hash(const char *user)
{
	return table_hash(&by_user, user, strlen(user));
}

void
session_set_user(struct session *s, const void *name, size_t len)
{
	if (s->in_users)
		table_remove(&by_user, &s->by_user);
	s->in_users = 0;
	free(s->user);
	if ((s->user = malloc(len + 1)) == NULL)
		fatal("session_set_user");
	memcpy(s->user, name, len);
	s->user[len] = '\0';
	table_insert(&by_user, &s->by_user, user_hash(s->user));
	s->in_users = 1;
}

struct session *
session_of_user(const char *user, struct session *after)
{
	struct table_link *l = after == NULL ?
	    table_find(&by_user, user_hash(user)) :
	    table_find_next(&after->by_user);

	for (; l != NULL; l = table_find_next(l)) {
		after = table_entry(l, struct session, by_user);
		if (strcmp(after->user, user) == 0)
			return after;
	}
	return NULL;
}
