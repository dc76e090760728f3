/*
 * Sends a request when its connection stands and collects the reply, octet by
 * octet if it must be.  Memory for a reply is taken when its header has come
 * and its length is one that TACACS+ has.  Called by tacacs.c.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/tacacs_io.h"
#include "common/bus.h"
#include "common/clock.h"
#include "common/log.h"

static TAILQ_HEAD(, tacacs_connection) waiting = TAILQ_HEAD_INITIALIZER(
    waiting);
static struct event_base *base;

void
tacacs_io_init(struct event_base *b)
{
	base = b;
}

static void
drop_reply(struct tacacs_connection *c)
{
	if (c->in != NULL)
		freezero(c->in, c->want);
	c->in = NULL;
	c->got = c->want = 0;
}

void
tacacs_io_close(struct tacacs_connection *c)
{
	if (c->server == NULL)
		return;
	timer_stop(&c->timer);
	if (c->fd == -1) {
		TAILQ_REMOVE(&waiting, c, entry);
	} else {
		event_free(c->readable);
		event_free(c->writable);
		close(c->fd);
	}
	drop_reply(c);
	c->out = NULL;
	server_unref(c->server);
	c->server = NULL;
}

static void
fail(struct tacacs_connection *c, const char *why)
{
	tacacs_io_close(c);
	c->failed(c, why);
}

static void
fail_with(struct tacacs_connection *c, int error)
{
	c->refused = error == ECONNREFUSED;
	fail(c, strerror(error));
}

static struct tacacs_connection *
connection_of(struct timer *t)
{
	return (struct tacacs_connection *)(void *)((char *)t -
	    offsetof(struct tacacs_connection, timer));
}

static void
out_of_time(struct timer *t)
{
	struct tacacs_connection *c = connection_of(t);

	fail(c, c->fd == -1 ? "no socket came in time" : "it does not answer");
}

/* --- sending --- */

static void
transmit(struct tacacs_connection *c)
{
	ssize_t n;

	n = send(
	    c->fd, c->out->p + c->sent, c->out->len - c->sent, MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN && errno != EINTR &&
	    errno != EINPROGRESS && errno != ENOTCONN) {
		fail_with(c, errno);
		return;
	}
	if (n > 0)
		c->sent += (size_t)n;
	if (c->sent < c->out->len && event_add(c->writable, NULL) == -1)
		fatalx("tacacs: event_add");
}

static void
writable(evutil_socket_t fd, short what, void *arg)
{
	transmit(arg);
}

void
tacacs_io_ask(struct tacacs_connection *c, const struct tacacs_request *r)
{
	c->out = r;
	c->sent = 0;
	c->sent_ms = clock_ms();
	timer_set(&c->timer, c->server->timeout * 1000ULL, out_of_time);
	if (c->fd != -1)
		transmit(c);
}

/* --- receiving --- */

static void
whole(struct tacacs_connection *c)
{
	uint8_t *p = c->in;
	size_t len = c->want;

	c->in = NULL;
	c->got = c->want = 0;
	c->out = NULL;
	timer_stop(&c->timer);
	c->reply(c, p, len);
	freezero(p, len);
}

/* A header is there: 0, or -1 when the connection is over. */
static int
begin_reply(struct tacacs_connection *c)
{
	size_t len = tacacs_length(c->hdr);

	if (c->out == NULL || len == 0) {
		fail(c,
		    c->out == NULL ? "it speaks unasked" :
				     "it does not speak TACACS+");
		return -1;
	}
	if ((c->in = malloc(len)) == NULL) {
		fail(c, "no memory for its answer");
		return -1;
	}
	c->want = len;
	memcpy(c->in, c->hdr, TACACS_HDR);
	return 0;
}

static void
closed(struct tacacs_connection *c, ssize_t n)
{
	if (n == -1)
		fail_with(c, errno);
	else if (c->got > 0)
		fail(c, "it closed within its answer");
	else
		fail(c,
		    "it closed without an answer: does it know this gateway's "
		    "address and key?");
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	struct tacacs_connection *c = arg;
	size_t end = c->in == NULL ? TACACS_HDR : c->want;
	ssize_t n;

	n = recv(
	    c->fd, (c->in == NULL ? c->hdr : c->in) + c->got, end - c->got, 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
		return;
	if (n <= 0) {
		closed(c, n);
		return;
	}
	c->got += (size_t)n;
	if (c->in == NULL && c->got == TACACS_HDR && begin_reply(c) == -1)
		return;
	if (c->in != NULL && c->got == c->want)
		whole(c);
}

/* --- sockets --- */

void
tacacs_io_open(struct tacacs_connection *c, struct server *s)
{
	struct msg_SERVER_OPEN m;

	server_ref(s);
	c->server = s;
	c->fd = -1;
	c->refused = 0;
	c->out = NULL;
	TAILQ_INSERT_TAIL(&waiting, c, entry);
	timer_set(&c->timer, s->timeout * 1000ULL, out_of_time);
	memset(&m, 0, sizeof(m));
	m.protocol = LOGIN_TACACS;
	m.at = s->at;
	(void)bus_send_to(PROC_PARENT, MSG_SERVER_OPEN, &m);
}

/* The connection that waits the longest for a socket to this address. */
static struct tacacs_connection *
who_waits(const struct endpoint *at)
{
	struct tacacs_connection *c;

	TAILQ_FOREACH(c, &waiting, entry) {
		if (endpoint_equal(&c->server->at, at))
			return c;
	}
	return NULL;
}

void
tacacs_io_handle_fd(const struct msg_SERVER_FD *m, int fd)
{
	struct tacacs_connection *c = who_waits(&m->at);

	if (c == NULL) { /* it went meanwhile */
		close(fd);
		return;
	}
	TAILQ_REMOVE(&waiting, c, entry);
	c->fd = fd;
	c->readable = event_new(base, fd, EV_READ | EV_PERSIST, readable, c);
	c->writable = event_new(base, fd, EV_WRITE, writable, c);
	if (c->readable == NULL || c->writable == NULL ||
	    event_add(c->readable, NULL) == -1)
		fatalx("tacacs: event_new");
	if (c->out != NULL)
		transmit(c);
}

void
tacacs_io_handle_failed(const struct msg_SERVER_FAILED *m)
{
	struct tacacs_connection *c = who_waits(&m->at);

	if (c != NULL)
		fail(c, m->reason);
}
