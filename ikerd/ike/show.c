/*
 * Rows for ikerctl: sessions, SAs, stories, refusals, counters; and kick.
 * Reads everything, changes nothing but by session_down().
 */
#include <stdio.h>
#include <string.h>

#include "common/str.h"
#include "ikerd/ike/aggressive.h"
#include "ikerd/ike/certauth.h"
#include "ikerd/ike/failure.h"
#include "ikerd/ike/flow.h"
#include "ikerd/ike/frag.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/info.h"
#include "ikerd/ike/input.h"
#include "ikerd/ike/job.h"
#include "ikerd/ike/legacy.h"
#include "ikerd/ike/main_ours.h"
#include "ikerd/ike/mainmode.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/rekey.h"
#include "ikerd/ike/resume.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/show.h"
#include "ikerd/ike/strangers.h"
#include "ikerd/ike/transaction.h"
#include "ikerd/ike/tunnel.h"
#include "ikerd/ike/verify.h"

static void
user_text(const struct session *s, char *buf, size_t size)
{
	str_printable(buf, size, s->user != NULL ? s->user : "",
	    s->user != NULL ? strlen(s->user) : 0);
}

static void
row_session(const struct session *s, struct msg_ROW_SESSION *row)
{
	const struct ike_sa *sa = session_sa(s);
	const struct tunnel *t = TAILQ_FIRST(&s->tunnels);
	struct traffic traffic = s->past;

	if (sa == NULL) /* half-open */
		sa = LIST_FIRST(&s->sas);
	memset(row, 0, sizeof(*row));
	row->session = s->id;
	user_text(s, row->user, sizeof(row->user));
	if (s->group != NULL)
		strlcpy(row->group, s->group->name, sizeof(row->group));
	row->source = s->source;
	row->address = s->address;
	strlcpy(row->state, session_state_name(s->state), sizeof(row->state));
	row->since = s->since;
	tunnel_traffic(s, &traffic);
	row->bytes_in = traffic.bytes_in;
	row->bytes_out = traffic.bytes_out;
	if (sa != NULL && sa->cipher != NULL) {
		row->nat = sa->nat_peer || sa->nat_us;
		(void)snprintf(row->ike, sizeof(row->ike), "%s %s %s",
		    sa->cipher->name, sa->hash->name, sa->group->name);
	}
	if (t != NULL)
		tunnel_text(t, row->esp, sizeof(row->esp));
}

static void
handle_sessions(struct peer *ctl, const void *payload, int fd)
{
	struct msg_ROW_SESSION row;
	struct table_link *next;
	struct session *s;
	size_t slot = 0;

	while ((s = session_walk(&slot, &next)) != NULL) {
		row_session(s, &row);
		bus_send(ctl, MSG_ROW_SESSION, &row, -1);
	}
	proc_ctl_done(ctl, NULL);
}

static void
handle_session(struct peer *ctl, const void *payload, int fd)
{
	const struct msg_SHOW_SESSION *m = payload;
	struct session *s = session_find(m->session);
	struct msg_ROW_SESSION row;

	if (s == NULL) {
		proc_ctl_done(ctl,
		    "no such session: \"ikerctl show sessions\" "
		    "lists them");
		return;
	}
	row_session(s, &row);
	bus_send(ctl, MSG_ROW_SESSION, &row, -1);
	story_show(ctl, s);
	proc_ctl_done(ctl, NULL);
}

static void
rows_sa(struct peer *ctl, const struct session *s)
{
	struct msg_ROW_SA row;
	struct traffic traffic;
	struct tunnel *t;

	TAILQ_FOREACH(t, &s->tunnels, entry) {
		memset(&row, 0, sizeof(row));
		memset(&traffic, 0, sizeof(traffic));
		(void)tunnel_counters(t, &traffic);
		row.session = s->id;
		user_text(s, row.user, sizeof(row.user));
		row.spi_in = t->spi_in;
		row.spi_out = t->spi_out;
		tunnel_text(t, row.esp, sizeof(row.esp));
		row.local = range_cover(&t->flow->local);
		row.remote = range_cover(&t->flow->remote);
		row.since = t->since;
		row.lifetime = t->lifetime;
		row.bytes_in = traffic.bytes_in;
		row.bytes_out = traffic.bytes_out;
		bus_send(ctl, MSG_ROW_SA, &row, -1);
	}
}

static void
handle_sas(struct peer *ctl, const void *payload, int fd)
{
	struct table_link *next;
	struct session *s;
	size_t slot = 0;

	while ((s = session_walk(&slot, &next)) != NULL)
		rows_sa(ctl, s);
	proc_ctl_done(ctl, NULL);
}

static void
handle_failures(struct peer *ctl, const void *payload, int fd)
{
	failures_show(ctl);
	proc_ctl_done(ctl, NULL);
}

static void
handle_legacy(struct peer *ctl, const void *payload, int fd)
{
	legacy_show(ctl);
	proc_ctl_done(ctl, NULL);
}

static void
handle_certificates(struct peer *ctl, const void *payload, int fd)
{
	certconf_show(ctl, &ikeconf()->certs);
	proc_ctl_done(ctl, NULL);
}

static void
handle_kick(struct peer *ctl, const void *payload, int fd)
{
	const struct msg_KICK *m = payload;
	struct table_link *next;
	struct session *s;
	unsigned int kicked = 0;
	size_t slot = 0;

	while ((s = session_walk(&slot, &next)) != NULL) {
		if (m->session != 0 ?
			s->id != m->session :
			s->user == NULL || strcmp(s->user, m->user) != 0)
			continue;
		session_down(s, DOWN_KICK);
		kicked++;
	}
	proc_ctl_done(ctl,
	    kicked > 0 ?
		NULL :
		"nobody to kick: \"ikerctl show sessions\" lists who is "
		"here");
}

static void
handle_monitor(struct peer *ctl, const void *payload, int fd)
{
	monitor_add(ctl);
}

const struct msg_handler show_handlers[] = {
	{ MSG_SHOW_SESSIONS, handle_sessions },
	{ MSG_SHOW_SESSION, handle_session },
	{ MSG_SHOW_SAS, handle_sas },
	{ MSG_SHOW_FAILURES, handle_failures },
	{ MSG_SHOW_LEGACY, handle_legacy },
	{ MSG_SHOW_CERTIFICATES, handle_certificates },
	{ MSG_KICK, handle_kick },
	{ MSG_MONITOR, handle_monitor },
};
const size_t show_nhandlers = sizeof(show_handlers) / sizeof(show_handlers[0]);

const struct proc_counter show_counters[] = {
	{ "datagrams", &net_counters.datagrams },
	{ "datagrams sent", &net_counters.sent },
	{ "send errors", &net_counters.send_errors },
	{ "nat keepalives", &net_counters.keepalives },
	{ "not IKE on the NAT-T port", &net_counters.not_ike },
	{ "messages", &input_counters.messages },
	{ "malformed headers", &input_counters.malformed },
	{ "unknown cookies", &input_counters.unknown_cookies },
	{ "not in this state", &input_counters.not_in_state },
	{ "in clear, refused", &input_counters.in_clear },
	{ "repeated messages", &input_counters.repeated },
	{ "first messages of no known mode", &input_counters.first_unknown },
	{ "fragments", &frag_counters.received },
	{ "fragments made whole", &frag_counters.whole },
	{ "fragments sent", &frag_counters.sent },
	{ "fragments held, octets", &frag_counters.held },
	{ "fragments repeated", &frag_counters.repeated },
	{ "fragments begun anew", &frag_counters.begun_anew },
	{ "fragments malformed", &frag_counters.malformed },
	{ "fragments of too long messages", &frag_counters.too_long },
	{ "fragments of first messages", &frag_counters.first },
	{ "fragments not announced", &frag_counters.unannounced },
	{ "fragments from elsewhere", &frag_counters.foreign },
	{ "fragments without room", &frag_counters.no_room },
	{ "fragments timed out", &frag_counters.timeouts },
	{ "bad HASH", &verify_counters.bad_hash },
	{ "clients moved", &verify_counters.moved },
	{ "aggressive first", &aggressive_counters.first },
	{ "aggressive repeated", &aggressive_counters.repeated },
	{ "aggressive ignored", &aggressive_counters.ignored },
	{ "aggressive malformed", &aggressive_counters.malformed },
	{ "aggressive no proposal", &aggressive_counters.no_proposal },
	{ "aggressive over the limits", &aggressive_counters.limited },
	{ "aggressive unknown group", &aggressive_counters.unknown },
	{ "aggressive bad HASH_I", &aggressive_counters.bad_hash },
	{ "aggressive timeouts", &aggressive_counters.timeouts },
	{ "aggressive crypto failed", &aggressive_counters.crypto_failed },
	{ "main mode first", &main_counters.first },
	{ "main mode repeated", &main_counters.repeated },
	{ "main mode ignored", &main_counters.ignored },
	{ "main mode malformed", &main_counters.malformed },
	{ "main mode no proposal", &main_counters.no_proposal },
	{ "main mode over the limits", &main_counters.limited },
	{ "main mode unknown peer", &main_counters.unknown },
	{ "main mode bad HASH_I", &main_counters.bad_hash },
	{ "main mode timeouts", &main_counters.timeouts },
	{ "main mode crypto failed", &main_counters.crypto_failed },
	{ "certificates verified", &certauth_counters.verified },
	{ "certificates refused", &certauth_counters.refused },
	{ "signatures asked", &certauth_counters.signed_ },
	{ "half-open", &session_counters.half_open },
	{ "half-open dropped", &session_counters.dropped_half_open },
	{ "strangers turned away", &strangers_counters.away },
	{ "strangers let in again", &strangers_counters.again },
	{ "sessions", &session_counters.sessions },
	{ "sessions started", &session_counters.started },
	{ "sessions authenticated", &session_counters.established },
	{ "sessions up", &session_counters.up },
	{ "sessions renewed", &resume_counters.resumed },
	{ "sessions renewed too often", &resume_counters.storms },
	{ "phase 1 renewed by us", &main_ours_counters.begun },
	{ "phase 1 renewed by us, done", &main_ours_counters.done },
	{ "phase 1 renewed by us, failed", &main_ours_counters.failed },
	{ "phase 1 renewed by us, ignored", &main_ours_counters.ignored },
	{ "phase 1 not renewed in time", &resume_counters.overtime },
	{ "sessions failed", &session_counters.failed },
	{ "transactions", &transaction_counters.messages },
	{ "transactions unexpected", &transaction_counters.unexpected },
	{ "transactions malformed", &transaction_counters.malformed },
	{ "xauth asked", &transaction_counters.xauth_asked },
	{ "xauth replies", &transaction_counters.xauth_replies },
	{ "logins accepted", &transaction_counters.xauth_ok },
	{ "logins rejected", &transaction_counters.xauth_failed },
	{ "config requests", &transaction_counters.config_requests },
	{ "config pushed", &transaction_counters.config_pushed },
	{ "leases", &transaction_counters.leases },
	{ "leases denied", &transaction_counters.leases_denied },
	{ "quick first", &quick_counters.first },
	{ "quick completed", &quick_counters.completed },
	{ "quick held", &quick_counters.held },
	{ "quick too late", &quick_counters.refused_late },
	{ "quick too early", &quick_counters.refused_early },
	{ "quick bad HASH", &quick_counters.bad_hash },
	{ "quick malformed", &quick_counters.malformed },
	{ "quick no proposal", &quick_counters.no_proposal },
	{ "quick bad identities", &quick_counters.bad_ident },
	{ "quick failed", &quick_counters.failed },
	{ "SA pairs renewed by us", &quick_counters.ours },
	{ "SA pairs replaced", &rekey_counters.replaced },
	{ "informational", &info_counters.messages },
	{ "informational bad HASH", &info_counters.bad_hash },
	{ "dpd asked by clients", &info_counters.dpd_asked },
	{ "dpd answered by clients", &info_counters.dpd_acked },
	{ "deletes", &info_counters.deletes },
	{ "crypto processes", &job_counters.workers },
	{ "key jobs waiting", &job_counters.waiting },
	{ "key jobs waiting, most", &job_counters.waiting_most },
	{ "key jobs dropped", &job_counters.dropped },
	{ "key jobs done again", &job_counters.again },
	{ "SA pairs", &tunnel_count.tunnels },
	{ "SA pairs made", &tunnel_count.made },
	{ "SA pairs expired", &tunnel_count.expired },
	{ "flows", &tunnel_count.flows },
	{ "kernel refused", &tunnel_count.refused },
	{ "kernel messages lost", &tunnel_count.resynced },
	{ NULL, NULL },
};
