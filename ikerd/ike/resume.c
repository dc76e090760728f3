/*
 * Decides which older session a new phase 1 belongs to (DESIGN 15: by more
 * than address and identity), gives it the new SA, and ends SAs whose time is
 * over.  session.c moves what there is to move.
 */
#include <stddef.h>
#include <string.h>

#include "common/clock.h"
#include "ikerd/ike/certauth.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/info.h"
#include "ikerd/ike/liveness.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/resume.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/site.h"
#include "ikerd/ike/transaction.h"
#include "ikerd/ike/tunnel.h"

#define RETIRE_MS 10000	   /* for what is under way under the old SA */
#define OVERTIME_MS 300000 /* for a client that renews late; or more */
#define STORM 12	   /* new phase 1s of one session */
#define STORM_MS 60000	   /* in so long a time */

struct resume_counters resume_counters;

static struct ike_sa *
sa_of(struct timer *t)
{
	return (struct ike_sa *)(void *)((char *)t -
	    offsetof(struct ike_sa, timer));
}

/* --- old SAs go --- */

/* Under its own keys: under another SA's vpnc takes it for the end of all. */
static void
retired(struct timer *t)
{
	struct ike_sa *sa = sa_of(t);

	if (session_sa(sa->session) == sa) { /* a newer one went before it */
		session_down(sa->session, DOWN_EXPIRED);
		return;
	}
	info_send_delete(sa);
	session_drop_sa(sa);
}

/* Each side began one, and neither knew of the other's. */
static int
at_once(const struct ike_sa *a, const struct ike_sa *b)
{
	return a->ours != b->ours && a->began_ms <= b->whole_ms &&
	    b->began_ms <= a->whole_ms;
}

/*
 * When both sides renew at once there are two new ones: for both sides the one
 * with the greater CKY-I speaks and is renewed, the other one ends by itself,
 * since a Delete could take with it what the peer has put under it.
 */
static struct ike_sa *
speaker(struct ike_sa *newest)
{
	struct ike_sa *sa;

	LIST_FOREACH(sa, &newest->session->sas, entry) {
		if (sa != newest && sa->state == SA_ESTABLISHED &&
		    !sa->retiring && at_once(sa, newest) &&
		    memcmp(sa->cky_i, newest->cky_i, ISAKMP_COOKIE_LEN) > 0)
			return sa;
	}
	return newest;
}

void
resume_retire_others(struct ike_sa *newest)
{
	struct ike_sa *sa, *one = speaker(newest);

	LIST_REMOVE(one, entry); /* session_sa() finds it first */
	LIST_INSERT_HEAD(&one->session->sas, one, entry);
	LIST_FOREACH(sa, &one->session->sas, entry) {
		if (sa->state == SA_ESTABLISHED && !sa->retiring &&
		    sa != newest && !at_once(sa, newest)) {
			sa->retiring = 1;
			sa->sock = newest->sock; /* it is there now */
			sa->peer = newest->peer;
			timer_set(&sa->timer, RETIRE_MS, retired);
		}
	}
}

/*
 * The client did not renew.  Its SAs live as long as they may, it can be asked
 * whether it is there and say farewell, but nothing new is made.
 */
static void
overtime_over(struct timer *t)
{
	struct ike_sa *sa = sa_of(t);

	sa->closed = 1;
	story_add(sa->session, STEP_CLOSED, 0);
	if (TAILQ_EMPTY(&sa->session->tunnels))
		session_down(sa->session, DOWN_EXPIRED);
}

void
resume_lifetime_over(struct ike_sa *sa)
{
	uint64_t ms = sa->lifetime * 100ULL; /* a tenth */

	if (session_sa(sa->session) != sa) {
		retired(&sa->timer);
		return;
	}
	resume_counters.overtime++;
	story_add(sa->session, STEP_OVERTIME, 0);
	timer_set(
	    &sa->timer, ms > OVERTIME_MS ? ms : OVERTIME_MS, overtime_over);
}

/* --- which session --- */

/*
 * Who logged in is known by that; others by what they call themselves, sites
 * too, which are not users, whatever they are called in the tables.
 */
static int
same_client(const struct session *a, const struct session *b)
{
	if (site_is(a->group) || (a->user == NULL && b->user == NULL))
		return a->ident == b->ident;
	return a->user != NULL && b->user != NULL &&
	    strcmp(a->user, b->user) == 0;
}

/* Who sent INITIAL-CONTACT has nothing left that could go on. */
static int
may_follow(const struct session *old, const struct session *s)
{
	return old != s && old->state >= SESSION_READY &&
	    old->state != SESSION_DEAD && old->group == s->group &&
	    !s->initial_contact && same_client(old, s);
}

/* Has it done all that must come before its address? */
static int
is_through(const struct session *s)
{
	return s->state == SESSION_CONFIG ||
	    (s->state == SESSION_STATUS && !s->xauth_failed);
}

/* At another place it may be followed from where nobody answers any more. */
static int
is_from(const struct session *old, const struct session *s)
{
	return addr_equal(&old->source.addr, &s->source.addr) ||
	    old->dpd_tries > 0;
}

static int
is_storm(struct session *old)
{
	if (clock_since(old->resumed_ms) >= STORM_MS) {
		old->resumed_ms = clock_ms();
		old->resumed = 0;
	}
	return old->resumed++ >= STORM;
}

static void
tell_again(struct ike_sa *sa)
{
	if (sa->xauth) /* vpnc ends when nothing comes after its ACK */
		info_send_lifetime(sa);
	if (sa->session->group->config == CONFIG_PUSH)
		modecfg_push_again(sa);
}

static int
follow(struct session *old, struct ike_sa *sa)
{
	struct session *s = sa->session;

	if (is_storm(old)) {
		resume_counters.storms++;
		session_fail(s, STEP_RESUMED,
		    "phase 1 of this session is renewed too often");
		return 1;
	}
	resume_counters.resumed++;
	session_join(old, s);
	story_add(old, STEP_RESUMED, 0);
	resume_retire_others(sa);
	liveness_sign(old);
	if (sa->natt != NATT_NONE && (sa->nat_peer || sa->nat_us))
		tunnel_move_all(old, &sa->peer);
	tell_again(sa);
	return 1;
}

/*
 * A client is looked for where it is.  A site has an address of its own, so
 * that it is known from any port: a NAT may have given it another.
 */
static int
is_there(const struct session *old, const struct session *s)
{
	return site_is(s->group) || endpoint_equal(&old->source, &s->source);
}

/* A user has few sessions; one address and port may have thousands. */
static struct session *
next_to_follow(const struct session *s, struct session *old)
{
	return s->user != NULL ? session_of_user(s->user, old) :
				 session_at(&s->source, old);
}

int
resume(struct ike_sa *sa)
{
	struct session *old = NULL, *s = sa->session;

	if (!is_through(s))
		return 0;
	while ((old = next_to_follow(s, old)) != NULL) {
		if (is_there(old, s) && may_follow(old, s))
			return follow(old, sa);
	}
	return 0;
}

int
resume_by_address(struct ike_sa *sa, const struct addr *address)
{
	struct session *s = sa->session;
	struct session *old = session_of_address(address);

	if (old == NULL || !is_through(s) || !may_follow(old, s) ||
	    !is_from(old, s))
		return 0;
	return follow(old, sa);
}

int
resume_by_sa(struct ike_sa *sa, const struct ike_sa *named)
{
	struct session *s = sa->session, *old = named->session;

	if (named->state != SA_ESTABLISHED || !is_through(s) ||
	    !may_follow(old, s) || !is_from(old, s))
		return 0;
	return follow(old, sa);
}

/*
 * A certificate, or a key that one address alone has: whoever shows that is
 * the client.
 */
static int
has_own_key(const struct ike_sa *sa)
{
	const struct group *g = sa->session->group;

	if (sa->auth->hybrid) /* only the password says who it is */
		return 0;
	return certauth_signs(sa) ||
	    (g->is_peer && g->peer.addr.family != ADDR_NONE &&
		g->peer.prefix == addr_len(&g->peer.addr) * 8);
}

int
resume_is_proved(struct ike_sa *sa)
{
	struct session *old = NULL, *s = sa->session;

	if (!has_own_key(sa) || s->initial_contact)
		return 0;
	while ((old = session_at(&s->source, old)) != NULL) {
		if (old != s && old->state == SESSION_UP &&
		    old->group == s->group && old->ident == s->ident &&
		    old->user != NULL) {
			session_set_user(s, old->user, strlen(old->user));
			return 1;
		}
	}
	return 0;
}
