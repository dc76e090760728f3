/*
 * Keeps the children alive: starts and wires them, restarts the dead with a
 * growing pause, kills those that break the message table, ends all of them
 * in order.  What a child is told once it runs is not known here (see
 * struct children_ops, which main.c fills).
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "ikerd/children.h"
#include "ikerd/report.h"
#include "ikerd/spawn.h"

#define STOP_S 8 /* for the orderly end of ike, and of the others */

static struct event_base *base;
static const struct children_options *options;
static const struct children_ops *ops;
static struct child *children;
static size_t nchildren;
static int started, stopping;

static void restart(evutil_socket_t, short, void *);

/* --- who there is --- */

struct child *
children_next(const struct child *c)
{
	size_t i = c == NULL ? 0 : (size_t)(c - children) + 1;

	while (i < nchildren && children[i].state == CHILD_OFF)
		i++;
	return i < nchildren ? &children[i] : NULL;
}

struct child *
children_find(enum process p, unsigned int instance)
{
	struct child *c = NULL;

	while ((c = children_next(c)) != NULL) {
		if (c->process == p && c->instance == instance)
			break;
	}
	return c;
}

struct child *
child_of(const struct peer *peer)
{
	struct child *c = NULL;

	while ((c = children_next(c)) != NULL) {
		if (c->peer == peer)
			break;
	}
	return c;
}

const char *
child_name(const struct child *c)
{
	return c->name;
}

const char *
child_user(const struct child *c)
{
	return c->kind->user;
}

const char *
child_state_name(const struct child *c)
{
	static const char *const names[] = {
		[CHILD_OFF] = "off",
		[CHILD_WAITING] = "restarting",
		[CHILD_STARTING] = "starting",
		[CHILD_RUNNING] = "running",
		[CHILD_ENDING] = "ending",
		[CHILD_ENDED] = "ended",
	};

	return names[c->state];
}

static void
child_init(struct child *c, const struct child_kind *k, unsigned int instance)
{
	c->kind = k;
	c->process = k->process;
	c->instance = instance;
	c->wanted = instance == 0;
	c->state = c->wanted ? CHILD_WAITING : CHILD_OFF;
	if (k->most == 1)
		(void)strlcpy(
		    c->name, process_name(k->process), sizeof(c->name));
	else
		(void)snprintf(c->name, sizeof(c->name), "%s-%u",
		    process_name(k->process), instance + 1);
	if ((c->timer = evtimer_new(base, restart, c)) == NULL)
		fatalx("children: evtimer_new");
}

void
children_init(struct event_base *b, const struct children_options *o,
    const struct children_ops *p)
{
	const struct child_kind *k;
	unsigned int i;
	size_t n = 0;

	base = b;
	options = o;
	ops = p;
	for (k = child_kinds; k->program != NULL; k++) {
		spawn_check(k, o->statedir);
		n += k->most;
	}
	if (n == 0 || (children = calloc(n, sizeof(*children))) == NULL)
		fatal("children");
	for (k = child_kinds; k->program != NULL; k++) {
		for (i = 0; i < k->most; i++)
			child_init(&children[nchildren++], k, i);
	}
}

/* --- start and wiring --- */

int
children_are_peers(enum process a, enum process b)
{
	const struct msg_desc *d;
	uint32_t type;

	for (type = MSG_NONE + 1; type < MSG_COUNT; type++) {
		d = msg_desc(type);
		if (((d->from & PROC_BIT(a)) && (d->to & PROC_BIT(b))) ||
		    ((d->from & PROC_BIT(b)) && (d->to & PROC_BIT(a))))
			return 1;
	}
	return 0;
}

static void
give_end(struct child *to, const struct child *other, int fd)
{
	struct msg_PEER_FD m;

	memset(&m, 0, sizeof(m));
	m.process = (uint8_t)other->process;
	m.instance = (uint8_t)other->instance;
	(void)bus_send(to->peer, MSG_PEER_FD, &m, fd);
}

/* A fresh pipe between two children, if both live and may speak. */
static void
wire(struct child *a, struct child *b)
{
	int pair[2];

	if (a == b || a->peer == NULL || b->peer == NULL ||
	    !children_are_peers(a->process, b->process))
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		fatal("socketpair");
	give_end(a, b, pair[0]);
	give_end(b, a, pair[1]);
}

static void
start(struct child *c)
{
	int fd;

	if ((c->pid = spawn(c, options, &fd)) == -1)
		fatal("%s: cannot be started", child_name(c));
	c->state = CHILD_STARTING;
	c->conf = CONF_IDLE;
	c->since = clock_sec();
	memset(&c->accusations, 0, sizeof(c->accusations));
	memset(&c->accusations_of_ike, 0, sizeof(c->accusations_of_ike));
	c->peer = bus_add(c->process, c->instance, fd);
	log_debug("%s: started, pid %ld", child_name(c), (long)c->pid);
}

void
children_start(void)
{
	struct child *a = NULL, *b;

	started = 1;
	while ((a = children_next(a)) != NULL)
		start(a);
	a = NULL;
	while ((a = children_next(a)) != NULL) {
		for (b = children_next(a); b != NULL; b = children_next(b))
			wire(a, b);
	}
	a = NULL;
	while ((a = children_next(a)) != NULL) {
		if (ops->up(a) == -1)
			fatalx("%s: cannot be started", child_name(a));
	}
}

/* Start one while the others run already. */
static void
join(struct child *c)
{
	struct child *other = NULL;

	start(c);
	while ((other = children_next(other)) != NULL)
		wire(c, other);
	if (ops->up(c) == -1)
		child_kill(c, "what it needs cannot be had");
}

static void
restart(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;

	if (stopping || c->state == CHILD_ENDING) {
		if (c->pid != 0)
			child_kill(c, "it does not end by itself");
		return;
	}
	if (c->state != CHILD_WAITING)
		return;
	c->restarts++;
	join(c);
}

static void
set_timer(struct child *c, uint64_t ms)
{
	const struct timeval tv = { (time_t)(ms / 1000),
		(suseconds_t)(ms % 1000 * 1000) };

	evtimer_add(c->timer, &tv);
}

/* --- death --- */

void
child_kill(struct child *c, const char *why)
{
	if (c->pid == 0)
		return;
	log_warnx("%s: killed, pid %ld: %s", child_name(c), (long)c->pid, why);
	kill(c->pid, SIGKILL);
}

static void stop_next(void);
static void tell_end(struct child *);

static void
log_death(const struct child *c, pid_t pid, int status)
{
	if (WIFSIGNALED(status))
		log_warnx("%s: pid %ld died of signal %d (%s)", child_name(c),
		    (long)pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (c->state == CHILD_ENDING && WEXITSTATUS(status) == 0)
		log_debug("%s: ended", child_name(c));
	else
		log_warnx("%s: pid %ld ended with status %d%s", child_name(c),
		    (long)pid, WEXITSTATUS(status),
		    WEXITSTATUS(status) == 127 ? " (cannot be executed)" : "");
}

static void
died(struct child *c, int status)
{
	unsigned int n;
	pid_t pid = c->pid;

	log_death(c, pid, status);
	c->crashed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	c->pid = 0;
	evtimer_del(c->timer);
	if (c->peer != NULL)
		bus_close(c->peer);
	c->state = stopping ? CHILD_ENDED : CHILD_WAITING;
	c->since = clock_sec();
	if (stopping) {
		stop_next();
		return;
	}
	n = burst_add(&c->deaths, clock_ms(), BURST_MINUTE);
	ops->down(c);
	if (!c->wanted) {
		memset(&c->deaths, 0, sizeof(c->deaths));
		c->state = CHILD_OFF;
		return;
	}
	if (stopping)
		return;
	if (n == BURST_MAX) {
		log_warnx("%s: %d deaths within %d s: giving up", child_name(c),
		    BURST_MAX, BURST_MINUTE / 1000);
		ops->give_up(c);
		return;
	}
	set_timer(c, burst_wait(n));
}

void
children_reap(void)
{
	struct child *c;
	int status;
	pid_t pid;

	for (;;) {
		pid = waitpid(-1, &status, WNOHANG);
		if (pid == -1 && errno == EINTR)
			continue;
		if (pid <= 0)
			return;
		c = NULL;
		while ((c = children_next(c)) != NULL && c->pid != pid)
			;
		if (c != NULL)
			died(c, status);
	}
}

/* --- how many --- */

static void
want(struct child *c, int wanted)
{
	if (c->wanted == wanted)
		return;
	c->wanted = (uint8_t)wanted;
	if (wanted && c->state == CHILD_OFF) {
		c->restarts = 0;
		c->state = CHILD_WAITING;
		if (started)
			join(c);
	} else if (!wanted && c->pid != 0) {
		tell_end(c);
	} else if (!wanted) {
		evtimer_del(c->timer);
		c->state = CHILD_OFF;
	} /* else it is ending still, and is started when it has */
}

void
children_want(enum process p, unsigned int n)
{
	size_t i;

	for (i = 0; i < nchildren; i++) {
		if (children[i].process == p)
			want(&children[i], children[i].instance < n);
	}
}

/* Its pipe is closed: it is dead, or it has to be. */
void
children_peer_down(struct peer *peer)
{
	struct child *c = child_of(peer);

	if (c == NULL)
		return;
	c->peer = NULL;
	if (c->pid != 0 && c->state != CHILD_ENDING)
		kill(c->pid, SIGKILL);
}

/* --- violations of the message table --- */

static void
violation(struct child *c, const char *by, uint32_t type, const char *why)
{
	const struct msg_desc *d = msg_desc(type);
	char text[REASON_SIZE + 128];

	(void)snprintf(text, sizeof(text),
	    "it broke the message table: %s to %s: %s",
	    d != NULL ? d->name : "unknown type", by, why);
	child_kill(c, text);
}

void
children_violation(struct peer *peer, uint32_t type, const char *why)
{
	struct child *c = child_of(peer);
	const struct msg_desc *d = msg_desc(type);

	log_warnx("message %s from %s: %s", d != NULL ? d->name : "unknown",
	    process_name(peer_process(peer)), why);
	if (c != NULL)
		violation(c, "parent", type, why);
}

/*
 * Does it accuse more than the honest do?  ike's death ends every session, so
 * that lies about ike get four an hour, about others four a minute.
 */
static int
accuses_too_often(struct child *accuser, const struct child *c)
{
	unsigned int n;

	if (c->process == PROC_IKE)
		n = burst_add(
		    &accuser->accusations_of_ike, clock_ms(), BURST_HOUR);
	else
		n = burst_add(&accuser->accusations, clock_ms(), BURST_MINUTE);
	return n == BURST_MAX;
}

/* One child says that another broke the table; it, too, may be the liar. */
void
children_handle_violation(struct peer *from, const void *payload, int fd)
{
	const struct msg_VIOLATION *m = payload;
	struct child *accuser = child_of(from), *c;
	char why[REASON_SIZE];

	if (accuser == NULL)
		return;
	c = children_find(m->process, m->instance);
	if (c == NULL || c == accuser ||
	    !children_are_peers(c->process, accuser->process)) {
		child_kill(accuser, "it accused a process it cannot know");
		bus_close(from);
		return;
	}
	if (accuses_too_often(accuser, c)) {
		child_kill(accuser, "it accuses others too often");
		bus_close(from); /* what else it has said already */
		return;
	}
	(void)strlcpy(why, m->reason, sizeof(why));
	(void)report_clean(why);
	violation(c, child_name(accuser), m->type, why);
}

/* --- the end --- */

static void
tell_end(struct child *c)
{
	struct msg_SHUTDOWN m;

	memset(&m, 0, sizeof(m));
	c->state = CHILD_ENDING;
	(void)bus_send(c->peer, MSG_SHUTDOWN, &m, -1);
	set_timer(c, STOP_S * 1000);
}

/* ike first, as the others hold what its sessions need; then the rest. */
static void
stop_next(void)
{
	struct child *c = NULL;
	int ike_lives = 0, others_live = 0;

	while ((c = children_next(c)) != NULL) {
		if (c->pid == 0)
			continue;
		if (c->process == PROC_IKE)
			ike_lives = 1;
		else
			others_live = 1;
	}
	c = NULL;
	while ((c = children_next(c)) != NULL) {
		if (c->pid != 0 && c->state != CHILD_ENDING &&
		    (c->process == PROC_IKE || !ike_lives))
			tell_end(c);
	}
	if (!ike_lives && !others_live)
		ops->all_ended();
}

void
children_stop(void)
{
	struct child *c = NULL;

	if (stopping)
		return;
	stopping = 1;
	while ((c = children_next(c)) != NULL)
		evtimer_del(c->timer);
	stop_next();
}

void
children_handle_shutdown_done(struct peer *from, const void *payload, int fd)
{
	struct child *c = child_of(from);

	if (c == NULL || c->state == CHILD_ENDING)
		return;
	child_kill(c, "it ends, but nobody asked");
	bus_close(from); /* it may have said so a thousand times */
}
