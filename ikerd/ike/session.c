/*
 * Owns the sessions: makes them, and ends each on one path whatever the reason.
 * session_index.c finds them, half_open.c bounds those of strangers, tell.c
 * tells the other processes of them; what a session does in between is in
 * phase1.c, xauth.c, modecfg.c, quick.c and liveness.c.
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
#include "ikerd/ike/failure.h"
#include "ikerd/ike/grant.h"
#include "ikerd/ike/half_open.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/info.h"
#include "ikerd/ike/legacy.h"
#include "ikerd/ike/liveness.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/session_index.h"
#include "ikerd/ike/site.h"
#include "ikerd/ike/strangers.h"
#include "ikerd/ike/tell.h"
#include "ikerd/ike/transaction.h"
#include "ikerd/ike/tunnel.h"

#define BARE_MS 60000 /* without an SA pair */

struct session_counters session_counters;

static TAILQ_HEAD(, session) dead;
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
		story_end(&s->story);
		free(s->user);
		free(s);
	}
}

void
session_init(struct event_base *base)
{
	index_init();
	half_open_init();
	admit_init();
	legacy_init();
	TAILQ_INIT(&dead);
	next_id = clock_sec() << 32; /* never the same after a restart */
	if ((reaper = event_new(base, -1, 0, reap, NULL)) == NULL)
		fatalx("session: event_new");
}

/* --- made --- */

struct session *
session_new(const struct endpoint *source, int dh)
{
	const struct msg_CONF_LIMITS *l = &ikeconf()->limits;
	struct session *s;

	if (session_count() >= l->sessions) {
		session_counters.refused_limit++;
		failure_add(0, STEP_REFUSED, source, "", 0,
		    "the gateway has %u sessions already, as many as `limits' "
		    "allows",
		    l->sessions);
		return NULL;
	}
	/* in this order: what one source has too much costs others nothing */
	if (half_open_reserve(&source->addr) == -1) {
		session_counters.refused_limit++;
		return NULL;
	}
	if (strangers_take(dh) == -1) {
		session_counters.refused_limit++;
		half_open_release(&source->addr);
		return NULL;
	}
	if (session_counters.half_open >= l->half_open &&
	    half_open_oldest() != NULL) { /* it makes room */
		session_counters.dropped_half_open++;
		session_down(half_open_oldest(), DOWN_ERROR);
	}
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		half_open_release(&source->addr);
		return NULL;
	}
	s->id = next_id++;
	s->source = *source;
	s->since = clock_sec();
	LIST_INIT(&s->sas);
	TAILQ_INIT(&s->tunnels);
	LIST_INIT(&s->flows);
	story_begin(&s->story);
	half_open_add(s);
	index_add(s);
	session_counters.sessions++;
	session_counters.started++;
	return s;
}

void
session_authenticated(struct session *s)
{
	half_open_leave(s);
	index_add_place(s);
	session_counters.established++;
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
	index_remove(s);
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
