/*
 * A session is a person's presence: one login, one address, any number of
 * phase 1 SAs and ESP SA pairs, from the first message to the one teardown
 * path.  Everybody in ike reads these structs; each field names its writer
 * where that is not session.c.
 */
#ifndef IKERD_IKE_SESSION_H
#define IKERD_IKE_SESSION_H

#include <sys/queue.h>

#include <stdint.h>

#include "common/addr.h"
#include "common/msg.h"
#include "common/bus.h"
#include "common/table.h"
#include "common/timer.h"
#include "ikerd/ike/story.h"

struct group;
struct ike_sa;

enum session_state {
	SESSION_PHASE1, /* nobody is authenticated yet */
	SESSION_LATER,	/* XAUTH comes with its first Quick Mode */
	SESSION_XAUTH,	/* the client was asked for name and password */
	SESSION_LOGIN,	/* authd was asked */
	SESSION_STATUS, /* the client was told, its ACK is missing */
	SESSION_CONFIG, /* waits for the client's Mode Config request */
	SESSION_LEASE,	/* poold was asked */
	SESSION_PUSHED, /* the client was told its address, ACK is missing */
	SESSION_READY,	/* has an address, no ESP SA yet */
	SESSION_UP,
	SESSION_DEAD /* torn down, freed when nobody stands in it */
};

struct traffic {
	uint64_t bytes_in, bytes_out;
	uint64_t packets_in, packets_out;
};

struct session {
	struct table_link by_id, by_user; /* by_user: from the login on */
	struct table_link by_address;	  /* from the lease on */
	struct table_link by_place;	  /* from the end of phase 1 on */
	TAILQ_ENTRY(session) entry;	  /* the dead, or half-open in order */
	uint64_t id;
	uint8_t state; /* enum session_state */
	uint8_t half_open;
	uint8_t in_users, in_addresses, in_places;
	uint8_t told_up;	 /* authd had SESSION_UP */
	uint8_t told_tunnel;	 /* filter had TUNNEL_UP */
	uint8_t has_lease;	 /* poold was asked, LEASE_PUT is due */
	uint8_t login_out;	 /* authd owes an answer */
	uint8_t initial_contact; /* phase1.c: the client said so */
	uint8_t xauth_tries;	 /* xauth.c: refused so far */
	uint8_t xauth_failed;	 /* xauth.c: the client is being told */
	uint8_t xauth_rounds;	 /* xauth.c: questions asked so far */
	uint8_t challenged;	 /* xauth.c: authd waits for an answer, */
	uint8_t challenge;	 /* of this enum challenge_kind */
	uint32_t asking;	 /* xauth.c: message id of the question */
	uint8_t fixed_address;	 /* grant.c: of the user, from any pool */
	struct grant *grant;	 /* grant.c: the user's, or NULL */
	struct addr wished;	 /* modecfg.c: that poold is asked for */
	uint32_t user_sessions;	 /* grant.c: of the user, 0: the group's */
	struct crowd *crowd;	 /* admit.c: of its group, when admitted, */
	struct crowd *person;	 /* and of its user there */
	LIST_ENTRY(session) of_person;
	uint8_t *chap;		  /* xauth.c: the challenge asked, or NULL */
	struct cfg_wish *wish;	  /* modecfg.c: waits for the lease */
	uint32_t pushed;	  /* modecfg.c: message id of the SET */
	struct group *group;	  /* phase1.c; NULL: unknown group */
	char *user;		  /* xauth.c: as the client gave it; site.c */
	struct endpoint source;	  /* outer, as last seen */
	uint16_t udp_here;	  /* modecfg.c: ports of ipsec-udp, of */
	uint16_t udp_there;	  /* a client that was told; 0: none */
	uint64_t ident;		  /* phase1.c: digest of its IDii */
	uint64_t resumed_ms;	  /* resume.c: since then */
	unsigned int resumed;	  /* so many new phase 1s */
	struct addr first_source; /* whose half-open ones it counts among */
	struct addr address;	  /* inner; none: site.c */
	LIST_HEAD(, ike_sa) sas;
	TAILQ_HEAD(tunnels, tunnel) tunnels; /* tunnel.c, newest first */
	LIST_HEAD(, flow) flows;	     /* flow.c */
	struct traffic past;		     /* of tunnels that are gone */
	uint64_t since;			     /* s since the epoch */
	uint64_t active_ms;	    /* liveness.c: last sign of the client */
	uint64_t traffic_ms;	    /* liveness.c: last traffic seen */
	uint64_t seen_in, seen_out; /* liveness.c: bytes then */
	uint32_t session_timeout;   /* s, authd's or the group's; 0: none */
	uint32_t idle_timeout;
	uint32_t dpd_first; /* liveness.c: the numbers of its R-U-THEREs */
	uint32_t dpd_seq;   /* are above this one and up to that one */
	uint8_t dpd_tries;  /* liveness.c */
	struct timer life;  /* waits of the connect, then liveness.c's */
	struct timer limit; /* session timeout */
	struct story story;
};

struct event_base;
void session_init(struct event_base *);

/*
 * All half-open sessions that there may be are there, and none has had the
 * time that a client needs: a new one would take another's place too early.
 */
int session_crowded(void);

/*
 * A new one in SESSION_PHASE1, which costs such a computation at once (dh), or
 * NULL: no memory or a limit is reached.
 */
struct session *session_new(const struct endpoint *source, int dh);
struct session *session_find(uint64_t id); /* alive, or NULL */

/*
 * The session leaves its half-open life when the client has proved to be of
 * its group; then it does not count against the limits of strangers.
 */
void session_authenticated(struct session *);

/* The user is known now: enter into the table of users. */
void session_set_user(struct session *, const void *name, size_t len);
/* Of the sessions of this user the next after one, or the first, or NULL. */
struct session *session_of_user(const char *user, struct session *after);

/*
 * The one teardown path.  Takes everything out of the kernel, tells filter,
 * poold and authd, sends Deletes when the client can read them, and marks the
 * session and its SAs dead; their memory goes once the event is over.
 */
void session_down(struct session *, enum down_cause);

/* The same after a refusal that an operator may ask about. */
void session_fail(struct session *, enum step, const char *fmt, ...)
    __attribute__((__format__(printf, 3, 4)));

/* The same for who is not of any group yet; name: what it calls itself. */
void session_refuse(
    struct session *, enum step, const char *name, const char *why);

/*
 * The client has ms for its next step; otherwise the session ends as a
 * failure of the step that its state waits for.
 */
void session_wait(struct session *, uint64_t ms);

/* The client is there now. */
void session_moved(struct session *, const struct endpoint *);
/* Of the established ones at this place the next after one, or the first. */
struct session *session_at(const struct endpoint *, struct session *after);

/* The address is this session's from now on; -1: another one has it. */
int session_set_address(struct session *, const struct addr *);
struct session *session_of_address(const struct addr *); /* or NULL */

/* The SA that speaks for the session: its newest established one, or NULL. */
struct ike_sa *session_sa(const struct session *);

/*
 * The SAs of from, a session without address, are to's from now on, as the
 * newest; from is no more, and nobody is told anything.
 */
void session_join(struct session *to, struct session *from);
/* One SA of a session that has others goes; its memory after this event. */
void session_drop_sa(struct ike_sa *);

/* Older sessions of this one's user and source end: INITIAL-CONTACT. */
void session_replace_older(struct session *);

/* The first inbound SA is there: the filter may let the address in. */
void session_tell_tunnel(struct session *);
/* The first SA pair is whole: the session is up. */
void session_up(struct session *);
/*
 * It may have lost its last SA pair: then a client that deletes before it
 * renews has a minute.
 */
void session_bare(struct session *);
/* Tell a filter, poold or authd that was restarted what it must know. */
void session_resync(struct peer *);

/* Counters of all its tunnels, past ones too, read from the kernel. */
void session_traffic(struct session *, struct traffic *);

const char *session_state_name(unsigned int);
const char *down_cause_text(enum down_cause);

/* Walk all that are alive, as table_walk(). */
struct session *session_walk(size_t *slot, struct table_link **next);
size_t session_count(void);

struct session_counters {
	uint64_t sessions, half_open; /* now */
	uint64_t started, established, up, failed;
	uint64_t dropped_half_open, refused_limit;
	uint64_t ended[DOWN_LAST + 1];
};
extern struct session_counters session_counters;

#endif /* IKERD_IKE_SESSION_H */
