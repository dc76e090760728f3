/*
 * A process's pipes.  Reads framed messages (imsg), checks each against the
 * table in msg.def and calls its handler; a message that breaks the table is
 * never seen by anybody: its sender is reported and its pipe closed.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/compat/imsg.h"
#include "common/log.h"

/* A peer that does not read for so many messages is stuck, not slow. */
#define QUEUE_MAX 262144
/* Events are news that nobody waits for: who is behind misses some. */
#define NEWS_MAX 2048

#define CTLS_MAX 20 /* ikerctls; each has a descriptor */
#define FLUSH_MS 2000

struct peer {
	TAILQ_ENTRY(peer) entry;
	enum process process;
	unsigned int instance;
	struct imsgbuf ibuf;
	struct event *reader, *writer;
	void *data;
	int closing; /* in use further up the stack: free it later */
	int busy;
};

static struct event_base *base;
static enum process self;
static const struct bus_ops *ops;
static TAILQ_HEAD(, peer) peers = TAILQ_HEAD_INITIALIZER(peers);
static int held;
static struct bus_count counts[PROC_COUNT][MSG_COUNT];

void
bus_init(struct event_base *b, enum process me, const struct bus_ops *o)
{
	base = b;
	self = me;
	ops = o;
}

struct peer *
bus_find(enum process p, unsigned int instance)
{
	struct peer *peer;

	TAILQ_FOREACH(peer, &peers, entry) {
		if (peer->process == p && peer->instance == instance &&
		    !peer->closing)
			return peer;
	}
	return NULL;
}

enum process
peer_process(const struct peer *peer)
{
	return peer->process;
}

unsigned int
peer_instance(const struct peer *peer)
{
	return peer->instance;
}

void
peer_set_data(struct peer *peer, void *data)
{
	peer->data = data;
}

void *
peer_data(const struct peer *peer)
{
	return peer->data;
}

const struct bus_count *
bus_counts(enum process peer)
{
	return counts[peer];
}

static void
peer_free(struct peer *peer)
{
	event_free(peer->reader);
	event_free(peer->writer);
	imsgbuf_clear(&peer->ibuf);
	close(peer->ibuf.fd);
	free(peer);
}

void
bus_close(struct peer *peer)
{
	if (peer->closing)
		return;
	peer->closing = 1;
	event_del(peer->reader);
	event_del(peer->writer);
	TAILQ_REMOVE(&peers, peer, entry);
	if (ops->peer_down != NULL)
		ops->peer_down(peer);
	if (!peer->busy)
		peer_free(peer);
}

static const struct msg_handler *
handler_for(uint32_t type)
{
	size_t i;

	for (i = 0; i < ops->nhandlers; i++) {
		if (ops->handlers[i].type == type)
			return &ops->handlers[i];
	}
	return NULL;
}

/* One message: check, count, hand over. */
static void
dispatch(struct peer *peer, struct imsg *imsg)
{
	uint32_t type = imsg_get_type(imsg);
	const struct msg_handler *h;
	const char *why;
	int fd;

	fd = imsg_get_fd(imsg);
	why = msg_check(peer->process, self, type, imsg->data,
	    imsg_get_len(imsg), fd != -1);
	h = handler_for(type);
	if (why == NULL && h == NULL)
		why = "not answered here";
	if (why != NULL) {
		if (fd != -1)
			close(fd);
		if (ops->violation != NULL)
			ops->violation(peer, type, why);
		bus_close(peer);
		return;
	}
	counts[peer->process][type].received++;
	h->handle(peer, imsg->data, fd);
}

/* Messages that are read already; until none is whole or the peer is gone. */
static void
peer_drain(struct peer *peer)
{
	struct imsg imsg;
	int n = 0;

	while (!peer->closing && (n = imsgbuf_get(&peer->ibuf, &imsg)) == 1) {
		dispatch(peer, &imsg);
		imsg_free(&imsg);
	}
	if (n == -1 && !peer->closing) {
		if (ops->violation != NULL)
			ops->violation(peer, MSG_NONE, "broken framing");
		bus_close(peer);
	}
}

static void
peer_readable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;
	int n;

	peer->busy++;
	n = imsgbuf_read(&peer->ibuf);
	peer_drain(peer);
	if (n != 1)
		bus_close(peer);
	if (--peer->busy == 0 && peer->closing)
		peer_free(peer);
}

static void
peer_writable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;

	if (imsgbuf_write(&peer->ibuf) == -1) {
		/* what it sent before it went is read first */
		return;
	}
	if (imsgbuf_queuelen(&peer->ibuf) > 0)
		event_add(peer->writer, NULL);
}

static int
may_read(const struct peer *peer)
{
	return !held || peer->process == PROC_PARENT;
}

void
bus_hold(int on)
{
	struct peer *peer;

	held = on;
	TAILQ_FOREACH(peer, &peers, entry) {
		if (may_read(peer))
			event_add(peer->reader, NULL);
		else
			event_del(peer->reader);
	}
}

/* Forgotten ikerctls never take the last descriptor: the oldest one goes. */
static void
ctl_room(void)
{
	struct peer *peer, *oldest = NULL;
	unsigned int n = 0;

	TAILQ_FOREACH(peer, &peers, entry) {
		if (peer->process == PROC_CTL && n++ == 0)
			oldest = peer;
	}
	if (n >= CTLS_MAX)
		bus_close(oldest);
}

struct peer *
bus_add(enum process process, unsigned int instance, int fd)
{
	struct peer *peer, *old;

	if (process == PROC_CTL)
		ctl_room();
	else if ((old = bus_find(process, instance)) != NULL)
		bus_close(old);
	if ((peer = calloc(1, sizeof(*peer))) == NULL)
		fatal("bus: calloc");
	peer->process = process;
	peer->instance = instance;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (imsgbuf_init(&peer->ibuf, fd) == -1)
		fatal("bus: imsgbuf_init");
	imsgbuf_allow_fdpass(&peer->ibuf);
	peer->reader = event_new(
	    base, fd, EV_READ | EV_PERSIST, peer_readable, peer);
	peer->writer = event_new(base, fd, EV_WRITE, peer_writable, peer);
	if (peer->reader == NULL || peer->writer == NULL)
		fatalx("bus: event_new");
	TAILQ_INSERT_TAIL(&peers, peer, entry);
	if (may_read(peer))
		event_add(peer->reader, NULL);
	if (ops->peer_up != NULL)
		ops->peer_up(peer);
	return peer;
}

static int
is_full(struct peer *peer, enum msg_type type)
{
	return imsgbuf_queuelen(&peer->ibuf) >=
	    (type == MSG_ROW_EVENT ? NEWS_MAX : QUEUE_MAX);
}

int
bus_send(struct peer *peer, enum msg_type type, const void *payload, int fd)
{
	const struct msg_desc *d = msg_desc(type);

	if (peer == NULL || peer->closing || is_full(peer, type)) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	if (imsg_compose(&peer->ibuf, type, 0, 0, fd, payload, d->size) == -1)
		fatal("bus: imsg_compose %s", d->name);
	counts[peer->process][type].sent++;
	event_add(peer->writer, NULL);
	return 0;
}

int
bus_send_to(enum process process, enum msg_type type, const void *payload)
{
	return bus_send(bus_find(process, 0), type, payload, -1);
}

/* Until all is written, the pipe breaks, or the time has come. */
static void
peer_flush(struct peer *peer, uint64_t until)
{
	struct pollfd pfd = { .fd = peer->ibuf.fd, .events = POLLOUT };
	uint64_t now;

	while (imsgbuf_write(&peer->ibuf) == 0 &&
	    imsgbuf_queuelen(&peer->ibuf) > 0) {
		if ((now = clock_ms()) >= until)
			return;
		(void)poll(&pfd, 1, (int)(until - now));
	}
}

void
bus_flush(void)
{
	uint64_t until = clock_ms() + FLUSH_MS;
	struct peer *peer;

	TAILQ_FOREACH(peer, &peers, entry)
		peer_flush(peer, until);
}
