/*
 * Takes the aaa lists from the parent, step by step, and keeps those in
 * force.  main.c feeds it, login.c looks lists up; a login copies its steps,
 * so a reload never changes one under way.
 */
#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authd/lists.h"
#include "common/log.h"

struct lists {
	struct aaa_list *list;
	size_t n;
	char error[REASON_SIZE]; /* "": none so far */
	uint32_t error_line;
};

static struct lists in_force, building;

static void
lists_clear(struct lists *l)
{
	free(l->list);
	memset(l, 0, sizeof(*l));
}

static struct aaa_list *
find(const struct lists *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (strcmp(l->list[i].name, name) == 0)
			return &l->list[i];
	}
	return NULL;
}

void
lists_begin(void)
{
	lists_clear(&building);
}

static void
refuse(uint32_t line, const char *list, const char *why)
{
	if (building.error[0] != '\0')
		return;
	building.error_line = line;
	snprintf(building.error, sizeof(building.error), "aaa \"%s\": %s", list,
	    why);
}

static struct aaa_list *
add_list(const struct msg_CONF_LOGIN *m)
{
	struct aaa_list *l;

	l = reallocarray(building.list, building.n + 1, sizeof(*l));
	if (l == NULL)
		fatal("aaa lists");
	building.list = l;
	l += building.n++;
	memset(l, 0, sizeof(*l));
	strlcpy(l->name, m->list, sizeof(l->name));
	l->line = m->line;
	return l;
}

void
lists_add(const struct msg_CONF_LOGIN *m)
{
	struct aaa_list *l;

	if ((l = find(&building, m->list)) == NULL)
		l = add_list(m);
	if (l->nsteps == LIST_STEPS_MAX) {
		refuse(m->line, m->list, "more than 8 steps");
		return;
	}
	l->step[l->nsteps].protocol = m->protocol;
	(void)strlcpy(
	    l->step[l->nsteps].servers, m->servers, sizeof(l->step[0].servers));
	l->nsteps++;
}

int
lists_check(char reason[REASON_SIZE], uint32_t *line)
{
	if (building.error[0] == '\0')
		return 0;
	strlcpy(reason, building.error, REASON_SIZE);
	*line = building.error_line;
	return -1;
}

void
lists_commit(void)
{
	lists_clear(&in_force);
	in_force = building;
	memset(&building, 0, sizeof(building));
}

void
lists_drop(void)
{
	lists_clear(&building);
}

const struct aaa_list *
lists_find(const char *name)
{
	return find(&in_force, name);
}
