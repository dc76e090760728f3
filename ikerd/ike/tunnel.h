/*
 * ESP SA pairs of the sessions: what ike has put into the kernel, booked so
 * that it all comes out again.
 */
#ifndef IKERD_IKE_TUNNEL_H
#define IKERD_IKE_TUNNEL_H

#include <sys/queue.h>

#include <stdint.h>

#include "common/addr.h"
#include "common/table.h"
#include "common/timer.h"
#include "ikerd/ike/kernel.h"

struct esp_cipher;
struct esp_auth;
struct esp_suite;
struct event_base;
struct flow;
struct ike_group;
struct ikeconf;
struct session;
struct traffic;

struct tunnel {
	TAILQ_ENTRY(tunnel) entry; /* of its session, newest first */
	struct table_link by_spi_in;
	struct table_link by_spi_out; /* when complete */
	struct session *session;
	struct flow *flow;
	const struct esp_cipher *cipher;
	const struct esp_auth *auth;
	struct endpoint local, peer; /* outer */
	uint32_t spi_in, spi_out;    /* host order */
	const struct ike_group *pfs; /* of its Quick Mode, or NULL */
	uint16_t encap;		     /* enum ipsec_encap, as agreed */
	uint16_t keylen;	     /* bits as agreed, 0: none was told */
	uint8_t natt;
	uint8_t udp; /* of those, ipsec-udp: ports of its own, not IKE's */
	uint8_t has_in, has_out;
	uint64_t since; /* s since the epoch */
	uint32_t lifetime;
	uint64_t lifetime_kb;
	/* rekey.c */
	struct timer timer;
	uint64_t soft_ms; /* after that it is to be renewed; 0: never */
	uint64_t began_ms, whole_ms;
	uint64_t seen_in; /* octets at the last look */
	uint8_t replaced; /* a newer one stands for it */
	uint8_t told;	  /* the client had a Delete for it */
};

void tunnel_init(struct event_base *);
/* The PF_KEY socket from the parent; -1 when the kernel refuses REGISTER. */
int tunnel_open(int fd);
const struct kernel_algs *tunnel_algs(void); /* NULL before tunnel_open() */
/* What the new configuration guards is guarded, that of the old no more. */
void tunnel_guard(const struct ikeconf *from, const struct ikeconf *to);

/*
 * A pair with a reserved inbound SPI; takes the flow over.  natt: in UDP as
 * IKE is; a session that was told the port of ipsec-udp has it there.  NULL:
 * refused.
 */
struct tunnel *tunnel_new(
    struct session *, struct flow *, const struct esp_suite *, int natt);
/* One more like old, for the same flow; its lives are old's. */
struct tunnel *tunnel_again(const struct tunnel *old);
/*
 * Its life, before it is put in force: it is to be renewed a little before its
 * end, which comes TUNNEL_LATER_S later than the client knows.
 */
#define TUNNEL_LATER_S 60
void tunnel_set_life(struct tunnel *, uint32_t seconds, uint64_t kb);
/*
 * One pair more is to come: a session that has its fill loses the oldest, so
 * that no client fills the kernel by beginning anew and deleting nothing.
 */
#define TUNNELS_MAX \
	128 /* networks of a group, each twice while it is renewed */
void tunnel_make_room(struct session *);
/* Put one direction in force; keymat is encryption key, then authentication. */
int tunnel_add_in(struct tunnel *, const uint8_t *keymat);
int tunnel_add_out(struct tunnel *, const uint8_t *keymat);
/* Take it out of the kernel, counters into session->past, and free it. */
void tunnel_delete(struct tunnel *);

/* Its life is over: it goes, and with the last one the session. */
void tunnel_expired(struct tunnel *);

/* By an SPI the peer names: its inbound one, or mistakenly ours. */
struct tunnel *tunnel_of_spi(struct session *, uint32_t spi);
/* The peer is somewhere else now. */
void tunnel_move_all(struct session *, const struct endpoint *);
/* Add the counters of what is in the kernel now. */
void tunnel_traffic(const struct session *, struct traffic *);
int tunnel_counters(const struct tunnel *, struct traffic *);
/* Has ESP of the client come in? */
int tunnel_used(const struct tunnel *);
const char *tunnel_text(const struct tunnel *, char *buf, size_t size);

/* The kernel refused to do this, which is logged and counted. */
void tunnel_refused(const struct session *, const char *what);

struct tunnel_count {
	uint64_t tunnels, flows; /* now */
	uint64_t made, deleted, expired, moved, refused, resynced;
};
extern struct tunnel_count tunnel_count;

#endif /* IKERD_IKE_TUNNEL_H */
