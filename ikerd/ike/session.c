/*
 * Owns the sessions: makes them, finds them, bounds the half-open ones, and
 * ends each on one path whatever the reason.  What a session does in between
 * is in phase1.c, xauth.c, modecfg.c, quick.c and liveness.c.
 */
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "ikerd/ike/admit.h"
#include "ikerd/ike/grant.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/info.h"
#include "ikerd/ike/legacy.h"
#include "ikerd/ike/liveness.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/site.h"
#include "ikerd/ike/strangers.h"
#include "ikerd/ike/transaction.h"
#include "ikerd/ike/tunnel.h"

#define BARE_MS 60000 /* without an SA pair */

#define HALF_OPEN_MIN_MS \
	3000 /* what an exchange has before it may be dropped */

struct session_counters session_counters;

/* Half-open sessions of one source address. */
struct source {
	struct table_link link;
	struct addr addr;
	unsigned int n;
};

TAILQ_HEAD(sessions, session);

static struct table by_id, by_user, by_address, by_place, sources;
static struct sessions half_open, dead;
static LIST_HEAD(, ike_sa) dead_sas;
static uint64_t next_id;
static struct event *reaper;

static void
reap(evutil_socket_t fd, short what, void *arg)
{
	struct session *s;
	struct ike_sa *sa;

	while ((sa = LIST_FIRST(&dead_sas)) != NULL) {
		LIST_REMOVE(sa, entry);
		sa_free(sa);
	}
	while ((s = TAILQ_FIRST(&dead)) != NULL) {
		TAILQ_REMOVE(&dead, s, entry);
		while ((sa = LIST_FIRST(&s->sas)) != NULL) {
			LIST_REMOVE(sa, entry);
			sa_free(sa);
		}
		free(s->wish);
		free(s->chap);
		grant_free(s);
		free(s->user);
		free(s);
	}
}

void
session_init(struct event_base *base)
{
	table_init(&by_id);
	table_init(&by_user);
	table_init(&by_address);
	admit_init();
	legacy_init();
	table_init(&by_place);
	table_init(&sources);
	TAILQ_INIT(&half_open);
	TAILQ_INIT(&dead);
	next_id = clock_sec() << 32; /* never the same after a restart */
	if ((reaper = event_new(base, -1, 0, reap, NULL)) == NULL)
		fatalx("session: event_new");
}

/* --- the half-open ones --- */

static struct source *
source_find(const struct addr *a, uint64_t hash)
{
	struct table_link *l = table_find(&sources, hash);

	for (; l != NULL; l = table_find_next(l)) {
		if (addr_equal(&table_entry(l, struct source, link)->addr, a))
			return table_entry(l, struct source, link);
	}
	return NULL;
}

static uint64_t
source_hash(const struct addr *a)
{
	return table_hash(&sources, a, sizeof(*a));
}

/* One more from this address; -1: it has enough. */
static int
source_enter(const struct addr *a)
{
	uint64_t hash = source_hash(a);
	struct source *src = source_find(a, hash);

	if (src == NULL) {
		if ((src = calloc(1, sizeof(*src))) == NULL)
			return -1;
		src->addr = *a;
		table_insert(&sources, &src->link, hash);
	}
	if (src->n >= ikeconf()->limits.half_open_source)
		return -1;
	src->n++;
	return 0;
}

static void
source_leave(const struct addr *a)
{
	struct source *src = source_find(a, source_hash(a));

	if (src == NULL || --src->n > 0)
		return;
	table_remove(&sources, &src->link);
	free(src);
}

static void
half_open_leave(struct session *s)
{
	if (!s->half_open)
		return;
	s->half_open = 0;
	TAILQ_REMOVE(&half_open, s, entry);
	source_leave(&s->first_source);
	session_counters.half_open--;
}

int
session_crowded(void)
{
	const struct session *oldest = TAILQ_FIRST(&half_open);

	return oldest != NULL &&
	    session_counters.half_open >= ikeconf()->limits.half_open &&
	    clock_since(oldest->story.began_clock) < HALF_OPEN_MIN_MS;
}

struct session *
session_new(const struct endpoint *source, int dh)
{
	const struct msg_CONF_LIMITS *l = &ikeconf()->limits;
	struct session *s;

	if (by_id.n >= l->sessions) {
		session_counters.refused_limit++;
		failure_add(0, STEP_REFUSED, source, "", 0,
		    "the gateway has %u sessions already, as many as `limits' "
		    "allows",
		    l->sessions);
		return NULL;
	}
	/* in this order: what one source has too much costs others nothing */
	if (source_enter(&source->addr) == -1) {
		session_counters.refused_limit++;
		return NULL;
	}
	if (strangers_take(dh) == -1) {
		session_counters.refused_limit++;
		source_leave(&source->addr);
		return NULL;
	}
	if (session_counters.half_open >= l->half_open &&
	    !TAILQ_EMPTY(&half_open)) { /* the oldest makes room */
		session_counters.dropped_half_open++;
		session_down(TAILQ_FIRST(&half_open), DOWN_ERROR);
	}
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		source_leave(&source->addr);
		return NULL;
	}
	s->id = next_id++;
	s->source = *source;
	s->first_source = source->addr;
	s->since = clock_sec();
	s->half_open = 1;
	LIST_INIT(&s->sas);
	TAILQ_INIT(&s->tunnels);
	LIST_INIT(&s->flows);
	story_begin(&s->story);
	TAILQ_INSERT_TAIL(&half_open, s, entry);
	table_insert(
	    &by_id, &s->by_id, table_hash(&by_id, &s->id, sizeof(s->id)));
	session_counters.half_open++;
	session_counters.sessions++;
	session_counters.started++;
	return s;
}

static uint64_t
place_hash(const struct endpoint *e)
{
	uint8_t key[sizeof(e->addr.b) + sizeof(e->port)];

	memcpy(key, e->addr.b, sizeof(e->addr.b));
	memcpy(key + sizeof(e->addr.b), &e->port, sizeof(e->port));
	return table_hash(&by_place, key, sizeof(key));
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

void
session_authenticated(struct session *s)
{
	half_open_leave(s);
	s->in_places = 1;
	table_insert(&by_place, &s->by_place, place_hash(&s->source));
	session_counters.established++;
}

/* --- finding --- */

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

struct ike_sa *
session_sa(const struct session *s)
{
	struct ike_sa *sa;

	LIST_FOREACH(sa, &s->sas, entry) {
		if (sa->state == SA_ESTABLISHED)
			return sa;
	}
	return NULL;
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

/* A site has no user: what it calls itself tells it from its neighbours. */
static int
is_older(const struct session *old, const struct session *s)
{
	return old != s && old->state >= SESSION_STATUS &&
	    old->group == s->group &&
	    (!site_is(s->group) || old->ident == s->ident) &&
	    addr_equal(&old->source.addr, &s->source.addr);
}

void
session_replace_older(struct session *s)
{
	struct session *old;

	do { /* a removal may change the chain: begin again */
		old = NULL;
		while ((old = session_of_user(s->user, old)) != NULL &&
		    !is_older(old, s))
			;
		if (old != NULL)
			session_down(old, DOWN_REPLACED);
	} while (old != NULL);
}

/* --- waiting, up --- */

static const char *const state_names[] = {
	[SESSION_PHASE1] = "phase 1",
	[SESSION_LATER] = "xauth later",
	[SESSION_XAUTH] = "xauth",
	[SESSION_LOGIN] = "login",
	[SESSION_STATUS] = "xauth status",
	[SESSION_CONFIG] = "mode config",
	[SESSION_LEASE] = "lease",
	[SESSION_PUSHED] = "address told",
	[SESSION_READY] = "ready",
	[SESSION_UP] = "up",
	[SESSION_DEAD] = "down",
};

const char *
session_state_name(unsigned int state)
{
	return state_names[state];
}

/* What a session in this state waited for, and the step that did not come. */
static const struct {
	enum step step;
	const char *text;
} waits[] = {
	[SESSION_PHASE1] = { STEP_ANSWERED, "phase 1 did not end" },
	[SESSION_LATER] = { STEP_XAUTH_LATER, "XAUTH was not begun" },
	[SESSION_XAUTH] = { STEP_XAUTH_ASKED,
	    "the client did not answer the question for name and password" },
	[SESSION_LOGIN] = { STEP_LOGIN_ASKED, "authd did not answer in time" },
	[SESSION_STATUS] = { STEP_STATUS,
	    "the client did not acknowledge the result of the login" },
	[SESSION_CONFIG] = { STEP_CONFIG_REQUEST,
	    "the client did not ask for an address" },
	[SESSION_LEASE] = { STEP_LEASE, "poold did not answer in time" },
	[SESSION_PUSHED] = { STEP_CONFIG_PUSH,
	    "the client did not acknowledge the address it was told" },
	[SESSION_READY] = { STEP_QUICK, "the client began no Quick Mode" },
	[SESSION_UP] = { STEP_QUICK, "no SA is left" },
	[SESSION_DEAD] = { STEP_DOWN, "down" },
};

static void
waited(struct timer *t)
{
	struct session *s = (struct session *)(void *)((char *)t -
	    offsetof(struct session, life));

	if (s->state == SESSION_STATUS && s->xauth_failed)
		session_down(s, DOWN_ERROR); /* told, and noted before */
	else
		session_fail(
		    s, waits[s->state].step, "%s", waits[s->state].text);
}

void
session_wait(struct session *s, uint64_t ms)
{
	timer_set(&s->life, ms, waited);
}

void
session_tell_tunnel(struct session *s)
{
	struct msg_TUNNEL_UP m;

	if (s->address.family == ADDR_NONE)
		return; /* a peer's networks are in the ruleset itself */
	memset(&m, 0, sizeof(m));
	m.session = s->id;
	m.address = s->address;
	s->told_tunnel = 1;
	(void)bus_send_to(PROC_FILTER, MSG_TUNNEL_UP, &m);
}

static void
tell_up(struct session *s, int replay)
{
	struct msg_SESSION_UP m;

	memset(&m, 0, sizeof(m));
	m.session = s->id;
	m.replay = (uint8_t)replay;
	if (s->user != NULL)
		strlcpy(m.user, s->user, sizeof(m.user));
	strlcpy(m.group, s->group->name, sizeof(m.group));
	m.address = s->address;
	m.source = s->source;
	m.since = s->since;
	s->told_up = 1;
	(void)bus_send_to(PROC_AUTHD, MSG_SESSION_UP, &m);
}

static void
log_up(const struct session *s)
{
	char user[USER_SIZE], source[ADDR_STRLEN], addr[ADDR_STRLEN];

	str_printable(user, sizeof(user), s->user != NULL ? s->user : "",
	    s->user != NULL ? strlen(s->user) : 0);
	log_info("up session %016llx user \"%s\" group \"%s\" source %s "
		 "address %s",
	    (unsigned long long)s->id, user, s->group->name,
	    endpoint_text(&s->source, source), addr_text(&s->address, addr));
}

void
session_up(struct session *s)
{
	struct ike_sa *sa;

	if (s->state == SESSION_UP)
		return;
	s->state = SESSION_UP;
	LIST_FOREACH(sa, &s->sas, entry)
		exchange_forget_config(sa);
	liveness_start(s);
	if (s->told_up)
		return;
	session_counters.up++;
	story_add(s, STEP_UP, 0);
	log_up(s);
	tell_up(s, 0);
}

void
session_bare(struct session *s)
{
	if (!TAILQ_EMPTY(&s->tunnels) || s->state != SESSION_UP)
		return;
	s->state = SESSION_READY;
	session_wait(s, BARE_MS);
}

void
session_traffic(struct session *s, struct traffic *sum)
{
	*sum = s->past;
	tunnel_traffic(s, sum);
}

/* --- the one teardown path --- */

static const char *const cause_texts[] = {
	[DOWN_DELETE] = "deleted by the client",
	[DOWN_DPD] = "client does not answer",
	[DOWN_IDLE] = "idle timeout",
	[DOWN_SESSION_TIMEOUT] = "session timeout",
	[DOWN_KICK] = "kicked",
	[DOWN_REPLACED] = "replaced by a new session of the user",
	[DOWN_CONFIG] = "its group is no longer configured",
	[DOWN_EXPIRED] = "lifetime is over",
	[DOWN_SHUTDOWN] = "shutdown",
	[DOWN_ERROR] = "failed",
};

const char *
down_cause_text(enum down_cause cause)
{
	return cause_texts[cause];
}

/* RFC 2408 3.15: tell the client, for each SA, that it is gone. */
static void
send_deletes(struct session *s)
{
	struct ike_sa *sa = session_sa(s);
	struct tunnel *t;

	if (sa == NULL)
		return;
	TAILQ_FOREACH(t, &s->tunnels, entry)
		info_send_delete_esp(sa, t->spi_in);
	LIST_FOREACH(sa, &s->sas, entry) {
		if (sa->state == SA_ESTABLISHED)
			info_send_delete(sa);
	}
}

static void
tell_down(struct session *s, enum down_cause cause)
{
	struct msg_TUNNEL_DOWN tunnel;
	struct msg_SESSION_DOWN down;
	struct msg_LOGIN_CANCEL cancel;
	struct msg_LEASE_PUT lease;

	if (s->told_tunnel) {
		memset(&tunnel, 0, sizeof(tunnel));
		tunnel.session = s->id;
		tunnel.address = s->address;
		(void)bus_send_to(PROC_FILTER, MSG_TUNNEL_DOWN, &tunnel);
	}
	if (s->has_lease) {
		memset(&lease, 0, sizeof(lease));
		lease.session = s->id;
		(void)bus_send_to(PROC_POOLD, MSG_LEASE_PUT, &lease);
	}
	if (s->login_out || s->challenged) {
		memset(&cancel, 0, sizeof(cancel));
		cancel.session = s->id;
		(void)bus_send_to(PROC_AUTHD, MSG_LOGIN_CANCEL, &cancel);
	}
	if (s->told_up) {
		memset(&down, 0, sizeof(down));
		down.session = s->id;
		down.cause = (uint8_t)cause;
		down.bytes_in = s->past.bytes_in;
		down.bytes_out = s->past.bytes_out;
		down.packets_in = s->past.packets_in;
		down.packets_out = s->past.packets_out;
		(void)bus_send_to(PROC_AUTHD, MSG_SESSION_DOWN, &down);
	}
}

static void
log_down(const struct session *s, enum down_cause cause)
{
	char user[USER_SIZE], addr[ADDR_STRLEN];

	if (!s->told_up)
		return;
	str_printable(user, sizeof(user), s->user != NULL ? s->user : "",
	    s->user != NULL ? strlen(s->user) : 0);
	log_info("down session %016llx user \"%s\" address %s cause \"%s\" "
		 "seconds %llu bytes in %llu out %llu",
	    (unsigned long long)s->id, user, addr_text(&s->address, addr),
	    cause_texts[cause], (unsigned long long)(clock_sec() - s->since),
	    (unsigned long long)s->past.bytes_in,
	    (unsigned long long)s->past.bytes_out);
}

/* It is found no more; callers up the stack still stand in it. */
static void
leave(struct session *s)
{
	s->state = SESSION_DEAD;
	timer_stop(&s->life);
	timer_stop(&s->limit);
	half_open_leave(s);
	admit_leave(s);
	if (s->in_users)
		table_remove(&by_user, &s->by_user);
	if (s->in_addresses)
		table_remove(&by_address, &s->by_address);
	if (s->in_places)
		table_remove(&by_place, &s->by_place);
	table_remove(&by_id, &s->by_id);
	session_counters.sessions--;
	TAILQ_INSERT_TAIL(&dead, s, entry);
	event_active(reaper, EV_TIMEOUT, 0); /* freed after this event */
}

void
session_down(struct session *s, enum down_cause cause)
{
	struct ike_sa *sa;
	struct tunnel *t;

	if (s->state == SESSION_DEAD)
		return;
	story_add(s, STEP_DOWN, cause);
	if (cause != DOWN_DELETE)
		send_deletes(s);
	leave(s);
	LIST_FOREACH(sa, &s->sas, entry)
		sa_down(sa); /* unfinished Quick Modes with it */
	while ((t = TAILQ_FIRST(&s->tunnels)) != NULL)
		tunnel_delete(t);
	tell_down(s, cause);
	log_down(s, cause);
	session_counters.ended[cause]++;
}

/* --- one session of two --- */

static void
log_resumed(const struct session *s, const struct endpoint *from)
{
	char source[ADDR_STRLEN];

	log_info("session %016llx goes on under a new phase 1 from %s",
	    (unsigned long long)s->id, endpoint_text(from, source));
}

void
session_join(struct session *to, struct session *from)
{
	struct ike_sa *sa;

	log_resumed(to, &from->source);
	while ((sa = LIST_FIRST(&from->sas)) != NULL) {
		LIST_REMOVE(sa, entry);
		sa->session = to;
		LIST_INSERT_HEAD(&to->sas, sa, entry);
	}
	session_moved(to, &from->source);
	to->idle_timeout = from->idle_timeout;
	leave(from);
	tell_down(from, DOWN_REPLACED);
}

void
session_drop_sa(struct ike_sa *sa)
{
	sa_down(sa);
	LIST_REMOVE(sa, entry);
	LIST_INSERT_HEAD(&dead_sas, sa, entry);
	event_active(reaper, EV_TIMEOUT, 0);
}

void
session_refuse(
    struct session *s, enum step step, const char *name, const char *why)
{
	session_counters.failed++;
	failure_add(s->id, step, &s->source, name, strlen(name), "%s", why);
	session_down(s, DOWN_ERROR);
}

void
session_fail(struct session *s, enum step step, const char *fmt, ...)
{
	const char *name = s->user != NULL ? s->user :
	    s->group != NULL		   ? s->group->name :
					     "";
	char why[TEXT_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	session_refuse(s, step, name, why);
}

/* --- after a restart of a neighbour --- */

static void
resync_session(struct session *s, enum process who)
{
	struct msg_LEASE_KEEP keep;

	switch (who) {
	case PROC_FILTER:
		if (s->told_tunnel)
			session_tell_tunnel(s);
		break;
	case PROC_AUTHD:
		if (s->told_up)
			tell_up(s, 1);
		xauth_restart(s);
		break;
	case PROC_POOLD:
		if (s->state == SESSION_LEASE) {
			modecfg_restart(s);
		} else if (s->has_lease) {
			memset(&keep, 0, sizeof(keep));
			keep.session = s->id;
			strlcpy(keep.pool, s->group->pool, sizeof(keep.pool));
			if (s->user != NULL)
				strlcpy(keep.user, s->user, sizeof(keep.user));
			keep.address = s->address;
			(void)bus_send_to(PROC_POOLD, MSG_LEASE_KEEP, &keep);
		}
		break;
	default:
		break;
	}
}

void
session_resync(struct peer *peer)
{
	struct msg_RESYNC_DONE done;
	struct table_link *next;
	struct session *s;
	size_t slot = 0;

	while ((s = session_walk(&slot, &next)) != NULL)
		resync_session(s, peer_process(peer));
	memset(&done, 0, sizeof(done));
	done.count = (uint32_t)session_count();
	bus_send(peer, MSG_RESYNC_DONE, &done, -1);
}
