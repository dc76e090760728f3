/*
 * What filter, poold and authd are told of a session: when it is up, when it is
 * gone, and all of it again when one of them was restarted.
 */
#include <string.h>

#include "common/str.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tell.h"
#include "ikerd/ike/transaction.h"

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

void
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

void
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
