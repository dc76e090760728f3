/*
 * Requests to RADIUS servers and their answers: identifiers, sockets, sending
 * again (RFC 5080 2.2.1), giving up.
 */
#ifndef AUTHD_RADIUS_IO_H
#define AUTHD_RADIUS_IO_H

#include <sys/queue.h>

#include <stdint.h>

#include "authd/radius_packet.h"
#include "authd/servers.h"
#include "common/timer.h"

struct event_base;
struct peer;
struct radius_socket;

struct radius_stats {
	uint64_t requests;
	uint64_t resent;
	uint64_t replies;
	uint64_t dropped; /* answers that were none, or not provably */
	uint64_t silent;  /* requests that got none */
};

/* One request; part of the caller's struct, zeroed before the first use. */
struct radius_exchange {
	TAILQ_ENTRY(radius_exchange) entry; /* while it waits for a socket */
	struct server *server;
	struct radius_socket *socket; /* NULL: it waits for one */
	struct radius_request request;
	struct timer timer;
	uint64_t deadline;
	uint64_t sent_ms; /* the last time */
	uint32_t again_ms;
	/*
	 * Fill the request in behind what radius_begin() has put; from: our
	 * address towards the server.
	 */
	void (*build)(struct radius_exchange *, const struct addr *from);
	/*
	 * Once: the reply, or NULL and why there was none.  The exchange is
	 * over and may be freed.
	 */
	void (*done)(struct radius_exchange *, const struct radius_reply *,
	    const char *why);
};

/* Before the first exchange. */
void radius_io_init(struct event_base *, struct radius_stats *);

/* build and done are set; the server is kept until the end. */
void radius_io_begin(struct radius_exchange *, struct server *);
/* done() will not be called; 0: it was not under way. */
void radius_io_cancel(struct radius_exchange *);

/* Answers of the parent to SERVER_OPEN. */
void radius_io_handle_fd(const struct msg_SERVER_FD *, int fd);
void radius_io_handle_failed(const struct msg_SERVER_FAILED *);

/* A server's sockets; nothing is under way.  NULL is allowed. */
void radius_io_free(struct radius_io *);

#endif /* AUTHD_RADIUS_IO_H */
