/*
 * Each server has connected UDP sockets that the parent opens, one for 256
 * requests at a time.  A request goes out again as it is after one second, then
 * two, four ..., each time a tenth more or less, until the server's timeout.
 * An answer that does not prove itself is dropped, and the true one awaited.
 * Called by radius.c.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/radius_io.h"
#include "common/bus.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/rnd.h"

#define AGAIN_MS 1000
#define IDS 256
#define SOCKETS_MAX 16 /* of a server: 4096 logins */

struct radius_socket {
	SLIST_ENTRY(radius_socket) entry;
	struct server *server;
	struct addr from;
	int fd;
	struct event *readable;
	struct radius_exchange *at[IDS];
	/* A ring: the identifier that was free for the longest time is next. */
	uint8_t free[IDS];
	unsigned int next;
	unsigned int used;
};

struct radius_io {
	SLIST_HEAD(, radius_socket) sockets;
	unsigned int nsockets;
	int opening; /* the parent was asked for one more */
	TAILQ_HEAD(, radius_exchange) waiting;
};

static struct event_base *base;
static struct radius_stats *stats;
static struct log_limiter limiter;

static void pump(struct server *);

void
radius_io_init(struct event_base *b, struct radius_stats *counts)
{
	base = b;
	stats = counts;
}

static struct radius_io *
io_of(struct server *s)
{
	if (s->io != NULL)
		return s->io;
	if ((s->io = calloc(1, sizeof(*s->io))) == NULL)
		fatal("radius");
	SLIST_INIT(&s->io->sockets);
	TAILQ_INIT(&s->io->waiting);
	return s->io;
}

static void
socket_free(struct radius_socket *k)
{
	event_free(k->readable);
	close(k->fd);
	free(k);
}

void
radius_io_free(struct radius_io *io)
{
	struct radius_socket *k;

	if (io == NULL)
		return;
	while ((k = SLIST_FIRST(&io->sockets)) != NULL) {
		SLIST_REMOVE_HEAD(&io->sockets, entry);
		socket_free(k);
	}
	free(io);
}

/* --- identifiers (RFC 5080 2.2.2) --- */

/* One is free. */
static uint8_t
take_id(struct radius_socket *k, struct radius_exchange *x)
{
	uint8_t id = k->free[k->next];

	k->next = (k->next + 1) % IDS;
	k->used++;
	k->at[id] = x;
	return id;
}

static void
put_id(struct radius_socket *k, uint8_t id)
{
	k->at[id] = NULL;
	k->free[(k->next + IDS - k->used) % IDS] = id;
	k->used--;
}

/* --- the end of an exchange --- */

static void
take_off(struct radius_exchange *x)
{
	timer_stop(&x->timer);
	if (x->socket == NULL) {
		TAILQ_REMOVE(&x->server->io->waiting, x, entry);
		return;
	}
	put_id(x->socket, x->request.p[1]);
	x->socket = NULL;
}

static void
end(struct radius_exchange *x)
{
	struct server *s = x->server;

	take_off(x);
	x->server = NULL;
	pump(s);
	server_unref(s);
}

static void
answered(struct radius_exchange *x, const struct radius_reply *r)
{
	stats->replies++;
	server_answered(x->server, (uint32_t)clock_since(x->sent_ms));
	end(x);
	x->done(x, r, NULL);
}

static void
unanswered(struct radius_exchange *x, const char *why,
    void (*judge)(struct server *, const char *))
{
	stats->silent++;
	judge(x->server, why);
	end(x);
	x->done(x, NULL, why);
}

void
radius_io_cancel(struct radius_exchange *x)
{
	if (x->server != NULL)
		end(x);
}

/* --- sending --- */

/* A tenth more or less, so that many do not come at once. */
static uint32_t
about(uint32_t ms)
{
	return ms - ms / 10 + rnd_u32() % (ms / 5 + 1);
}

static void send_again(struct timer *);

static ssize_t
send_request(const struct radius_exchange *x)
{
	return send(x->socket->fd, x->request.p, x->request.len, 0);
}

static void
transmit(struct radius_exchange *x)
{
	uint64_t now = clock_ms();
	uint32_t wait = about(x->again_ms);

	x->sent_ms = now;
	x->again_ms *= 2;
	if (now + wait > x->deadline)
		wait = now < x->deadline ? (uint32_t)(x->deadline - now) : 0;
	timer_set(&x->timer, wait, send_again);
	/*
	 * A full queue is as a lost datagram.  What ICMP said of an earlier one
	 * comes here too, then nothing was sent: once more, and what ICMP says
	 * of it comes by reading.
	 */
	if (send_request(x) == -1)
		(void)send_request(x);
}

static void
send_again(struct timer *t)
{
	struct radius_exchange *x = (struct radius_exchange *)(void *)((char *)
									   t -
	    offsetof(struct radius_exchange, timer));

	if (clock_ms() >= x->deadline) {
		unanswered(x, "it does not answer", server_silent);
		return;
	}
	stats->resent++;
	transmit(x);
}

static void
out_of_time(struct timer *t)
{
	struct radius_exchange *x = (struct radius_exchange *)(void *)((char *)
									   t -
	    offsetof(struct radius_exchange, timer));

	unanswered(x, "no socket came in time", server_silent);
}

static void
launch(struct radius_socket *k, struct radius_exchange *x)
{
	take_off(x);
	x->socket = k;
	radius_begin(&x->request, take_id(k, x));
	x->build(x, &k->from);
	radius_sign(&x->request, &x->server->key);
	stats->requests++;
	server_asked(x->server);
	transmit(x);
}

static struct radius_socket *
socket_with_room(struct radius_io *io)
{
	struct radius_socket *k;

	SLIST_FOREACH(k, &io->sockets, entry) {
		if (k->used < IDS)
			return k;
	}
	return NULL;
}

static void
ask_for_socket(struct server *s)
{
	struct msg_SERVER_OPEN m;

	if (s->io->opening || s->io->nsockets >= SOCKETS_MAX)
		return;
	memset(&m, 0, sizeof(m));
	m.protocol = LOGIN_RADIUS;
	m.at = s->at;
	s->io->opening = 1;
	(void)bus_send_to(PROC_PARENT, MSG_SERVER_OPEN, &m);
}

/* Send what waits, as far as there are identifiers for it. */
static void
pump(struct server *s)
{
	struct radius_exchange *x;
	struct radius_socket *k;

	while ((x = TAILQ_FIRST(&s->io->waiting)) != NULL) {
		if ((k = socket_with_room(s->io)) == NULL) {
			ask_for_socket(s);
			return;
		}
		launch(k, x);
	}
}

void
radius_io_begin(struct radius_exchange *x, struct server *s)
{
	struct radius_io *io = io_of(s);

	server_ref(s);
	x->server = s;
	x->socket = NULL;
	x->again_ms = AGAIN_MS;
	x->deadline = clock_ms() + s->timeout * 1000ULL;
	timer_set(&x->timer, s->timeout * 1000ULL, out_of_time);
	TAILQ_INSERT_TAIL(&io->waiting, x, entry);
	pump(s);
}

/* --- receiving --- */

static void
dropped(const struct server *s, const char *why)
{
	unsigned int held;

	stats->dropped++;
	if (log_limit(&limiter, &held))
		log_warnx("server %s of \"%s\": an answer was dropped: %s%s",
		    s->name, s->servers, why,
		    held > 0 ? " (lines before this were held back)" : "");
}

static void
take_datagram(struct radius_socket *k, const uint8_t *p, size_t len)
{
	struct radius_exchange *x = len >= 2 ? k->at[p[1]] : NULL;
	struct radius_reply r;
	const char *why;

	if (x == NULL) { /* late: it was answered before, or given up */
		stats->dropped++;
		return;
	}
	why = radius_check(
	    &r, p, len, &x->request, &k->server->key, k->server->legacy);
	if (why != NULL)
		dropped(k->server, why);
	else
		answered(x, &r);
}

/* ICMP said that nobody is there. */
static void
refused(struct radius_socket *k, const char *why)
{
	unsigned int id;

	for (id = 0; id < IDS; id++) {
		if (k->at[id] != NULL)
			unanswered(k->at[id], why, server_refused);
	}
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t buf[RADIUS_MAX + 1];
	struct radius_socket *k = arg;
	struct server *s = k->server;
	ssize_t n;

	server_ref(s);
	while ((n = recv(fd, buf, sizeof(buf), 0)) >= 0)
		take_datagram(k, buf, (size_t)n);
	if (errno == ECONNREFUSED || errno == EHOSTUNREACH ||
	    errno == ENETUNREACH)
		refused(k, strerror(errno));
	server_unref(s);
}

/* --- sockets --- */

static int
from_of(int fd, struct addr *from)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct endpoint local;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1 ||
	    endpoint_from_sockaddr((struct sockaddr *)&ss, &local) == -1)
		return -1;
	*from = local.addr;
	return 0;
}

static struct radius_socket *
socket_new(struct server *s, int fd)
{
	struct radius_socket *k;
	uint32_t first;
	unsigned int i;

	if ((k = calloc(1, sizeof(*k))) == NULL)
		fatal("radius");
	k->server = s;
	k->fd = fd;
	first = rnd_u32();
	for (i = 0; i < IDS; i++)
		k->free[i] = (uint8_t)(first + i);
	if (from_of(fd, &k->from) == -1)
		memset(&k->from, 0, sizeof(k->from));
	k->readable = event_new(base, fd, EV_READ | EV_PERSIST, readable, k);
	if (k->readable == NULL || event_add(k->readable, NULL) == -1)
		fatalx("radius: event_new");
	return k;
}

/* The server that waits for a socket to this address. */
static struct server *
opening(const struct endpoint *at)
{
	struct server *s;
	size_t n;

	for (n = 0; (s = servers_at(at, n)) != NULL; n++) {
		if (s->io != NULL && s->io->opening)
			return s;
	}
	return NULL;
}

void
radius_io_handle_fd(const struct msg_SERVER_FD *m, int fd)
{
	struct server *s = opening(&m->at);
	struct radius_socket *k;

	if (s == NULL) { /* a reload took it away meanwhile */
		close(fd);
		return;
	}
	k = socket_new(s, fd);
	s->io->opening = 0;
	s->io->nsockets++;
	SLIST_INSERT_HEAD(&s->io->sockets, k, entry);
	pump(s);
}

void
radius_io_handle_failed(const struct msg_SERVER_FAILED *m)
{
	struct server *s = opening(&m->at);
	struct radius_exchange *x;
	size_t n = 0;

	if (s == NULL)
		return;
	server_ref(s);
	TAILQ_FOREACH(x, &s->io->waiting, entry)
		n++;
	while (n-- > 0 && (x = TAILQ_FIRST(&s->io->waiting)) != NULL)
		unanswered(x, m->reason, server_silent);
	s->io->opening = 0;
	pump(s); /* those that began meanwhile ask anew */
	server_unref(s);
}
