/*
 * Keeps the servers in force and judges by what the protocols tell whether one
 * is dead: three times silent in a row, or nobody there.  It is left alone for
 * half a minute then, each time twice as long up to five minutes, and the next
 * login tries it.  main.c feeds it; radius.c and tacacs.c ask.
 */
#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "authd/method.h"
#include "authd/radius_io.h"
#include "authd/servers.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/proc.h"

#define SILENT_MAX 3
#define REST_MS 30000
#define REST_MAX_MS 300000

TAILQ_HEAD(list, server);

static struct list in_force = TAILQ_HEAD_INITIALIZER(in_force);
static struct list building = TAILQ_HEAD_INITIALIZER(building);
static struct server_stats *stats;

void
servers_init(struct server_stats *counts)
{
	stats = counts;
}

void
server_ref(struct server *s)
{
	s->refs++;
}

void
server_unref(struct server *s)
{
	if (--s->refs > 0)
		return;
	radius_io_free(s->io);
	secret_clear(&s->key);
	free(s);
}

static void
clear(struct list *l)
{
	struct server *s;

	while ((s = TAILQ_FIRST(l)) != NULL) {
		TAILQ_REMOVE(l, s, entry);
		server_unref(s);
	}
}

void
servers_begin(void)
{
	clear(&building);
}

void
servers_drop(void)
{
	clear(&building);
}

void
servers_add(const struct msg_CONF_SERVER *m)
{
	struct server *s;

	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    secret_set(&s->key, m->key, m->key_len) == -1)
		fatal("servers");
	s->refs = 1;
	(void)strlcpy(s->servers, m->servers, sizeof(s->servers));
	s->at = m->at;
	(void)endpoint_text(&s->at, s->name);
	s->timeout = m->timeout;
	s->protocol = m->protocol;
	s->legacy = m->legacy;
	s->interactive = m->interactive;
	TAILQ_INSERT_TAIL(&building, s, entry);
}

/* The same server before the reload. */
static struct server *
same(const struct server *s)
{
	struct server *old;

	TAILQ_FOREACH(old, &in_force, entry) {
		if (strcmp(old->servers, s->servers) == 0 &&
		    old->protocol == s->protocol &&
		    endpoint_equal(&old->at, &s->at) &&
		    secret_equal(&old->key, s->key.data, s->key.len))
			return old;
	}
	return NULL;
}

void
servers_commit(void)
{
	struct list next = TAILQ_HEAD_INITIALIZER(next);
	struct server *s, *old;

	while ((s = TAILQ_FIRST(&building)) != NULL) {
		TAILQ_REMOVE(&building, s, entry);
		if ((old = same(s)) != NULL) {
			old->timeout = s->timeout;
			old->legacy = s->legacy;
			old->interactive = s->interactive;
			TAILQ_REMOVE(&in_force, old, entry);
			server_unref(s);
			s = old;
		}
		TAILQ_INSERT_TAIL(&next, s, entry);
	}
	clear(&in_force);
	TAILQ_CONCAT(&in_force, &next, entry);
}

struct server *
servers_next(const char *servers, const struct server *behind, int dead_too)
{
	int found = behind == NULL;
	struct server *s;

	TAILQ_FOREACH(s, &in_force, entry) {
		if (found && strcmp(s->servers, servers) == 0 &&
		    (dead_too || s->dead_until <= clock_ms()))
			return s;
		if (s == behind)
			found = 1;
	}
	return NULL;
}

int
server_turn(struct server_turn *t, const char *servers)
{
	struct server *s = servers_next(servers, t->server, t->dead_too);

	if (s == NULL && t->server == NULL) {
		t->dead_too = 1;
		s = servers_next(servers, NULL, 1);
	}
	if (s == NULL)
		return -1;
	server_ref(s);
	server_turn_end(t);
	t->server = s;
	return 0;
}

void
server_turn_end(struct server_turn *t)
{
	if (t->server != NULL)
		server_unref(t->server);
	t->server = NULL;
}

struct server *
servers_at(const struct endpoint *at, size_t n)
{
	struct server *s;

	TAILQ_FOREACH(s, &in_force, entry) {
		if (endpoint_equal(&s->at, at) && n-- == 0)
			return s;
	}
	return NULL;
}

void
server_asked(struct server *s)
{
	s->asked++;
}

void
server_answered(struct server *s, uint32_t ms)
{
	s->answered++;
	s->ms = ms;
	if (s->rest_ms != 0) {
		stats->back++;
		log_info("server %s of \"%s\": is back", s->name, s->servers);
	}
	s->silent = 0;
	s->rest_ms = 0;
	s->dead_until = 0;
}

void
server_silent(struct server *s, const char *why)
{
	s->unanswered++;
	if (s->dead_until > clock_ms() || ++s->silent < SILENT_MAX)
		return;
	s->silent = SILENT_MAX - 1; /* once more is enough from now on */
	s->rest_ms = s->rest_ms == 0 ? REST_MS : 2 * s->rest_ms;
	if (s->rest_ms > REST_MAX_MS)
		s->rest_ms = REST_MAX_MS;
	s->dead_until = clock_ms() + s->rest_ms;
	stats->died++;
	log_warnx("server %s of \"%s\": %s; it is left alone for %u s", s->name,
	    s->servers, why, s->rest_ms / 1000);
}

void
server_refused(struct server *s, const char *why)
{
	if (s->silent < SILENT_MAX - 1)
		s->silent = SILENT_MAX - 1;
	server_silent(s, why);
}

void
servers_handle_show(struct peer *ctl, const void *payload, int fd)
{
	struct msg_ROW_SERVER row;
	const struct server *s;

	TAILQ_FOREACH(s, &in_force, entry) {
		memset(&row, 0, sizeof(row));
		(void)strlcpy(row.list, s->servers, sizeof(row.list));
		(void)strlcpy(row.protocol, method_find(s->protocol)->name,
		    sizeof(row.protocol));
		row.server = s->at;
		(void)strlcpy(row.state,
		    s->dead_until > clock_ms() ? "dead" :
			s->silent > 0	       ? "silent" :
						 "alive",
		    sizeof(row.state));
		row.asked = s->asked;
		row.answered = s->answered;
		row.silent = s->unanswered;
		row.ms = s->ms;
		if (bus_send(ctl, MSG_ROW_SERVER, &row, -1) == -1)
			return; /* it went, or does not read */
	}
	proc_ctl_done(ctl, NULL);
}
