/*
 * Keeps who is connected: user, group, addresses, since when, how many bytes.
 * Answers "ikerctl show users".  Accounting will hang on the two places where
 * a session begins and ends here.
 */
#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "authd/sessions.h"
#include "common/log.h"
#include "common/proc.h"
#include "common/str.h"
#include "common/table.h"

struct session {
	struct table_link link;
	uint64_t id;
	uint64_t since; /* s since the epoch */
	uint64_t bytes_in, bytes_out;
	uint64_t packets_in, packets_out;
	struct addr address;
	struct endpoint source;
	uint32_t told; /* the resync that last told of it */
	uint32_t group;
	char names[]; /* the user's, and from group on the group's */
};

static struct table sessions;
static struct session_stats *stats;
static uint32_t resync; /* counts ikes that came up */

void
sessions_init(struct session_stats *counts)
{
	stats = counts;
	table_init(&sessions);
}

static struct session *
find(uint64_t id)
{
	struct table_link *l;
	struct session *s;

	l = table_find(&sessions, table_hash(&sessions, &id, sizeof(id)));
	for (; l != NULL; l = table_find_next(l)) {
		s = table_entry(l, struct session, link);
		if (s->id == id)
			return s;
	}
	return NULL;
}

static struct session *
session_begin(const struct msg_SESSION_UP *m)
{
	size_t user = strlen(m->user) + 1, group = strlen(m->group) + 1;
	struct session *s;

	if ((s = calloc(1, sizeof(*s) + user + group)) == NULL)
		fatal("sessions");
	s->id = m->session;
	s->group = (uint32_t)user;
	memcpy(s->names, m->user, user);
	memcpy(s->names + user, m->group, group);
	table_insert(
	    &sessions, &s->link, table_hash(&sessions, &s->id, sizeof(s->id)));
	if (!m->replay)
		stats->begun++;
	stats->up = sessions.n;
	if (stats->up > stats->high)
		stats->high = stats->up;
	return s;
}

static void
session_end(struct session *s)
{
	table_remove(&sessions, &s->link);
	stats->up = sessions.n;
	free(s);
}

void
sessions_handle_up(struct peer *peer, const void *payload, int fd)
{
	const struct msg_SESSION_UP *m = payload;
	struct session *s;

	if ((s = find(m->session)) == NULL)
		s = session_begin(m);
	s->address = m->address;
	s->source = m->source;
	s->since = m->since;
	s->told = resync;
}

void
sessions_handle_usage(struct peer *peer, const void *payload, int fd)
{
	const struct msg_SESSION_USAGE *m = payload;
	struct session *s;

	if ((s = find(m->session)) == NULL) {
		stats->unknown++;
		return;
	}
	s->bytes_in = m->bytes_in;
	s->bytes_out = m->bytes_out;
	s->packets_in = m->packets_in;
	s->packets_out = m->packets_out;
}

void
sessions_handle_down(struct peer *peer, const void *payload, int fd)
{
	const struct msg_SESSION_DOWN *m = payload;
	struct session *s;

	if ((s = find(m->session)) == NULL) {
		stats->unknown++;
		return;
	}
	s->bytes_in = m->bytes_in;
	s->bytes_out = m->bytes_out;
	s->packets_in = m->packets_in;
	s->packets_out = m->packets_out;
	session_end(s);
}

void
sessions_ike_up(void)
{
	resync++;
}

void
sessions_handle_resync(struct peer *peer, const void *payload, int fd)
{
	struct table_link *l, *next = NULL;
	struct session *s;
	size_t slot = 0;
	uint64_t before = stats->lost;

	while ((l = table_walk(&sessions, &slot, &next)) != NULL) {
		s = table_entry(l, struct session, link);
		if (s->told == resync)
			continue;
		stats->lost++;
		session_end(s);
	}
	if (stats->lost != before)
		log_info("resync: sessions %llu went with the old ike",
		    (unsigned long long)(stats->lost - before));
}

void
sessions_handle_show(struct peer *ctl, const void *payload, int fd)
{
	struct table_link *l, *next = NULL;
	const struct session *s;
	struct msg_ROW_USER row;
	const char *group;
	size_t slot = 0;

	while ((l = table_walk(&sessions, &slot, &next)) != NULL) {
		s = table_entry(l, struct session, link);
		memset(&row, 0, sizeof(row));
		str_printable(
		    row.user, sizeof(row.user), s->names, strlen(s->names));
		group = s->names + s->group;
		str_printable(
		    row.group, sizeof(row.group), group, strlen(group));
		row.session = s->id;
		row.address = s->address;
		row.source = s->source;
		row.since = s->since;
		if (bus_send(ctl, MSG_ROW_USER, &row, -1) == -1)
			return; /* it went, or does not read */
	}
	proc_ctl_done(ctl, NULL);
}
