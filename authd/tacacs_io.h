/*
 * Connections to TACACS+ servers (RFC 8907 4.3): each carries one session, one
 * packet at a time in each direction.
 */
#ifndef AUTHD_TACACS_IO_H
#define AUTHD_TACACS_IO_H

#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#include "authd/servers.h"
#include "authd/tacacs_packet.h"
#include "common/timer.h"

struct event;
struct event_base;
struct peer;

/* Part of the caller's struct, zeroed before the first use. */
struct tacacs_connection {
	TAILQ_ENTRY(tacacs_connection)
	entry;		       /* while it waits for its socket */
	struct server *server; /* NULL: closed */
	int fd;		       /* -1: not there yet */
	struct event *readable, *writable;
	struct timer timer;
	const struct tacacs_request *out; /* what is asked, or NULL */
	size_t sent;
	uint64_t sent_ms;
	int refused; /* when it failed: nobody is there */
	uint8_t hdr[TACACS_HDR];
	uint8_t *in; /* the whole packet, when its length is known */
	size_t got, want;
	/*
	 * One whole packet, which it may change, has come for what was asked.
	 * It may close, and free, the connection.
	 */
	void (*reply)(struct tacacs_connection *, uint8_t *p, size_t len);
	/* It is closed, and why; may free it. */
	void (*failed)(struct tacacs_connection *, const char *why);
};

void tacacs_io_init(struct event_base *);

/* reply and failed are set; the server is kept until it is closed. */
void tacacs_io_open(struct tacacs_connection *, struct server *);
/*
 * Ask, once the socket is there: hidden already, the request stays the caller's
 * and untouched until the reply.  The server's timeout begins.
 */
void tacacs_io_ask(struct tacacs_connection *, const struct tacacs_request *);
/* Nothing is called any more. */
void tacacs_io_close(struct tacacs_connection *);

/* Answers of the parent to SERVER_OPEN. */
void tacacs_io_handle_fd(const struct msg_SERVER_FD *, int fd);
void tacacs_io_handle_failed(const struct msg_SERVER_FAILED *);

#endif /* AUTHD_TACACS_IO_H */
