/*
 * Keeps one counter for each group that has sessions, and one for each user
 * in a group with the list of that user's; both found by hash.  By name, so
 * that they survive a reload.
 */
#include <sys/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/ike/admit.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/session.h"

/* The sessions of a group, or of one user in it. */
struct crowd {
	struct table_link link;
	LIST_HEAD(, session) sessions; /* of a user only */
	uint32_t n;
	size_t len;
	char key[]; /* group NUL, or group NUL user NUL */
};

#define KEY_SIZE (NAME_SIZE + USER_SIZE)

static struct table crowds;

void
admit_init(void)
{
	table_init(&crowds);
}

/* The key of a group, or of the session's user in it. */
static size_t
key_of(const struct session *s, int user, char key[KEY_SIZE])
{
	size_t len = strlcpy(key, s->group->name, NAME_SIZE) + 1;

	if (user)
		len += strlcpy(key + len, s->user, USER_SIZE) + 1;
	return len;
}

static struct crowd *
find(const char *key, size_t len)
{
	struct table_link *l = table_find(
	    &crowds, table_hash(&crowds, key, len));
	struct crowd *c;

	for (; l != NULL; l = table_find_next(l)) {
		c = table_entry(l, struct crowd, link);
		if (c->len == len && memcmp(c->key, key, len) == 0)
			return c;
	}
	return NULL;
}

static struct crowd *
enter(const struct session *s, int user)
{
	char key[KEY_SIZE];
	size_t len = key_of(s, user, key);
	struct crowd *c = find(key, len);

	if (c == NULL) {
		if ((c = calloc(1, sizeof(*c) + len)) == NULL)
			fatal("admit");
		LIST_INIT(&c->sessions);
		c->len = len;
		memcpy(c->key, key, len);
		table_insert(&crowds, &c->link, table_hash(&crowds, key, len));
	}
	c->n++;
	return c;
}

static void
leave(struct crowd *c)
{
	if (--c->n > 0)
		return;
	table_remove(&crowds, &c->link);
	free(c);
}

static uint32_t
count_of(const struct session *s, int user)
{
	char key[KEY_SIZE];
	struct crowd *c = find(key, key_of(s, user, key));

	return c == NULL ? 0 : c->n;
}

/* The older sessions of this one's user in its group, the newest first. */
static struct session *
another(const struct session *s)
{
	char key[KEY_SIZE];
	struct crowd *c;

	if (s->user == NULL)
		return NULL;
	c = find(key, key_of(s, 1, key));
	return c == NULL ? NULL : LIST_FIRST(&c->sessions);
}

static void
replace(const struct session *s)
{
	struct session *old;

	while ((old = another(s)) != NULL)
		session_down(old, DOWN_REPLACED);
}

/* Two cannot have it, and the newer one is where the user is. */
static void
free_address(const struct session *s)
{
	struct session *old;

	if (s->user == NULL || !s->fixed_address)
		return;
	old = session_of_address(&s->wished);
	if (old != NULL && old->person != NULL && old->group == s->group &&
	    strcmp(old->user, s->user) == 0)
		session_down(old, DOWN_REPLACED);
}

static int
refuse(const char **told, const char *text)
{
	*told = text;
	return -1;
}

int
admit(struct session *s, char why[REASON_SIZE], const char **told)
{
	const struct group *g = s->group;
	uint32_t most = s->user_sessions != 0 ? s->user_sessions :
						g->user_sessions;

	if (s->crowd != NULL)
		return 0;
	if (g->unique == UNIQUE_REPLACE)
		replace(s);
	free_address(s);
	if (g->unique == UNIQUE_REJECT && another(s) != NULL) {
		(void)strlcpy(why,
		    "the user is connected already, and the "
		    "group says `unique reject'",
		    REASON_SIZE);
		return refuse(told, "You are connected already.");
	}
	if (s->user != NULL && most != 0 && count_of(s, 1) >= most) {
		(void)snprintf(why, REASON_SIZE,
		    "the user has %u sessions already, as many as are allowed",
		    most);
		return refuse(told, "You have too many connections.");
	}
	if (g->sessions != 0 && count_of(s, 0) >= g->sessions) {
		(void)snprintf(why, REASON_SIZE,
		    "the group has %u sessions already, as many as are allowed",
		    g->sessions);
		return refuse(told, "Too many users are connected.");
	}
	s->crowd = enter(s, 0);
	if (s->user != NULL) {
		s->person = enter(s, 1);
		LIST_INSERT_HEAD(&s->person->sessions, s, of_person);
	}
	return 0;
}

void
admit_leave(struct session *s)
{
	if (s->crowd == NULL)
		return;
	leave(s->crowd);
	s->crowd = NULL;
	if (s->person == NULL)
		return;
	LIST_REMOVE(s, of_person);
	leave(s->person);
	s->person = NULL;
}
