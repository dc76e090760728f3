/*
 * Answers ikerctl.  What the parent knows itself (processes, its counters of
 * messages) it tells; for everything else it makes a pipe between ikerctl and
 * the process that owns the answer, and sees none of it.  Connections are
 * bounded in number, time and requests.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "ikerd/children.h"
#include "ikerd/control.h"
#include "ikerd/reload.h"

#define CLIENTS_MAX 16
#define CLIENT_S 60	/* then its connection ends; its pipes go on */
#define REQUESTS_MAX 64 /* of one connection */

struct client {
	LIST_ENTRY(client) entry;
	struct peer *peer;
	struct event *timer;
	unsigned int requests;
};

static struct event_base *base;
static struct event *listener;
static const char *socket_path;
static void (*set_log_level)(int);
static LIST_HEAD(, client) clients = LIST_HEAD_INITIALIZER(clients);
static unsigned int nclients, last_instance;
static uint64_t started; /* s since the epoch */
static uint64_t count_clients, count_refused, count_requests;

/* --- connections --- */

static void
client_late(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;

	bus_close(c->peer);
}

static void
accepted(evutil_socket_t lfd, short what, void *arg)
{
	const struct timeval tv = { CLIENT_S, 0 };
	struct client *c;
	int fd;

	if ((fd = accept(lfd, NULL, NULL)) == -1) {
		if (errno != EINTR && errno != EAGAIN && errno != ECONNABORTED)
			log_warn("control: accept");
		return;
	}
	if (nclients == CLIENTS_MAX) {
		count_refused++;
		close(fd);
		return;
	}
	if ((c = calloc(1, sizeof(*c))) == NULL ||
	    (c->timer = evtimer_new(base, client_late, c)) == NULL)
		fatal("control");
	nclients++;
	count_clients++;
	LIST_INSERT_HEAD(&clients, c, entry);
	evtimer_add(c->timer, &tv);
	c->peer = bus_add(PROC_CTL, 0, fd);
	peer_set_data(c->peer, c);
}

void
control_peer_down(struct peer *peer)
{
	struct client *c = peer_data(peer);

	reload_forget_ctl(peer);
	if (c == NULL)
		return;
	LIST_REMOVE(c, entry);
	nclients--;
	event_free(c->timer);
	free(c);
}

/* Too many requests on one connection end it; 1: go on. */
static int
admit(struct peer *peer)
{
	struct client *c = peer_data(peer);

	count_requests++;
	if (c != NULL && ++c->requests <= REQUESTS_MAX)
		return 1;
	bus_close(peer);
	return 0;
}

void
control_init(
    struct event_base *b, const char *path, void (*log_level)(int verbose))
{
	struct sockaddr_un sun;
	mode_t old;
	int fd;

	base = b;
	socket_path = path;
	set_log_level = log_level;
	started = clock_sec();
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		fatalx("%s: too long for a socket's path", path);
	/* the lock on the pid file says that nobody else listens there */
	if (unlink(path) == -1 && errno != ENOENT)
		fatal("%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		fatal("control: socket");
	old = umask(0177);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		fatal("%s", path);
	umask(old);
	if (listen(fd, CLIENTS_MAX) == -1)
		fatal("%s", path);
	listener = event_new(base, fd, EV_READ | EV_PERSIST, accepted, NULL);
	if (listener == NULL || event_add(listener, NULL) == -1)
		fatalx("control: event_new");
}

void
control_close(void)
{
	struct client *c;

	if (listener == NULL)
		return;
	close(event_get_fd(listener));
	event_free(listener);
	listener = NULL;
	(void)unlink(socket_path);
	while ((c = LIST_FIRST(&clients)) != NULL)
		bus_close(c->peer);
}

void
control_done(struct peer *ctl, const char *error)
{
	struct msg_CTL_DONE m;

	memset(&m, 0, sizeof(m));
	m.failed = error != NULL;
	if (error != NULL)
		(void)strlcpy(m.text, error, sizeof(m.text));
	(void)bus_send(ctl, MSG_CTL_DONE, &m, -1);
}

/* --- requests --- */

/* A pipe between this ikerctl and a process: one end to each. */
static void
handle_open(struct peer *ctl, const void *payload, int fd)
{
	const struct msg_CTL_OPEN *m = payload;
	struct msg_CTL_PIPE to_ctl;
	struct msg_PEER_FD to_child;
	struct child *c = children_find(m->process, m->instance);
	char text[TEXT_SIZE];
	int pair[2];

	if (!admit(ctl))
		return;
	if (c == NULL || c->state != CHILD_RUNNING) {
		(void)snprintf(text, sizeof(text), "%s is not running%s",
		    process_name(m->process),
		    c == NULL ? ": this ikerd has no such process" :
				" now: try again in some seconds");
		control_done(ctl, text);
		return;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1) {
		log_warn("control: socketpair");
		control_done(ctl, "no pipe can be made: see the log");
		return;
	}
	memset(&to_ctl, 0, sizeof(to_ctl));
	to_ctl.process = m->process;
	to_ctl.instance = m->instance;
	memset(&to_child, 0, sizeof(to_child));
	to_child.process = PROC_CTL;
	to_child.instance = (uint8_t)++last_instance;
	(void)bus_send(c->peer, MSG_PEER_FD, &to_child, pair[0]);
	(void)bus_send(ctl, MSG_CTL_PIPE, &to_ctl, pair[1]);
}

static void
handle_reload(struct peer *ctl, const void *payload, int fd)
{
	if (admit(ctl))
		reload_request(ctl);
}

static void
handle_log(struct peer *ctl, const void *payload, int fd)
{
	const struct msg_CTL_LOG *m = payload;

	if (!admit(ctl))
		return;
	set_log_level(m->verbose);
	control_done(ctl, NULL);
}

static void
process_row(struct peer *ctl, const char *name, pid_t pid, const char *user,
    const char *state, uint64_t since, uint32_t restarts)
{
	struct msg_ROW_PROCESS m;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.process, name, sizeof(m.process));
	(void)strlcpy(m.user, user, sizeof(m.user));
	(void)strlcpy(m.state, state, sizeof(m.state));
	m.pid = (uint32_t)pid;
	m.since = since;
	m.restarts = restarts;
	(void)bus_send(ctl, MSG_ROW_PROCESS, &m, -1);
}

static void
handle_show_processes(struct peer *ctl, const void *payload, int fd)
{
	const struct child *c = NULL;

	if (!admit(ctl))
		return;
	process_row(ctl, process_name(PROC_PARENT), getpid(), "root", "running",
	    started, 0);
	while ((c = children_next(c)) != NULL)
		process_row(ctl, child_name(c), c->pid, child_user(c),
		    child_state_name(c), c->since, c->restarts);
	control_done(ctl, NULL);
}

static void
handle_show_messages(struct peer *ctl, const void *payload, int fd)
{
	const struct bus_count *n;
	struct msg_ROW_MESSAGE m;
	unsigned int p, t;

	if (!admit(ctl))
		return;
	for (p = 0; p < PROC_COUNT; p++) {
		n = bus_counts((enum process)p);
		for (t = MSG_NONE + 1; t < MSG_COUNT; t++) {
			if (n[t].sent == 0 && n[t].received == 0)
				continue;
			memset(&m, 0, sizeof(m));
			(void)strlcpy(m.process, process_name(PROC_PARENT),
			    sizeof(m.process));
			(void)strlcpy(m.peer, process_name((enum process)p),
			    sizeof(m.peer));
			(void)strlcpy(
			    m.type, msg_desc(t)->name, sizeof(m.type));
			m.sent = n[t].sent;
			m.received = n[t].received;
			(void)bus_send(ctl, MSG_ROW_MESSAGE, &m, -1);
		}
	}
	control_done(ctl, NULL);
}

static void
handle_show_counters(struct peer *ctl, const void *payload, int fd)
{
	const struct {
		const char *name;
		uint64_t value;
	} counters[] = {
		{ "control connections", count_clients },
		{ "control refused", count_refused },
		{ "control requests", count_requests },
	};
	struct msg_ROW_COUNTER m;
	size_t i;

	if (!admit(ctl))
		return;
	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		memset(&m, 0, sizeof(m));
		(void)strlcpy(
		    m.process, process_name(PROC_PARENT), sizeof(m.process));
		(void)strlcpy(m.name, counters[i].name, sizeof(m.name));
		m.value = counters[i].value;
		(void)bus_send(ctl, MSG_ROW_COUNTER, &m, -1);
	}
	control_done(ctl, NULL);
}

const struct msg_handler control_handlers[] = {
	{ MSG_CTL_OPEN, handle_open },
	{ MSG_RELOAD, handle_reload },
	{ MSG_CTL_LOG, handle_log },
	{ MSG_SHOW_PROCESSES, handle_show_processes },
	{ MSG_SHOW_MESSAGES, handle_show_messages },
	{ MSG_SHOW_COUNTERS, handle_show_counters },
};
const size_t control_nhandlers = sizeof(control_handlers) /
    sizeof(control_handlers[0]);
