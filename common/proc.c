/*
 * How every child lives: start confined, take its configuration in two
 * phases, meet its peers, answer ikerctl's common questions, end.  What is
 * particular to a child is in its struct proc; nothing here knows which.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/proc.h"
#include "common/secret.h"
#include "common/timer.h"

static const struct proc *me;
static struct event_base *base;
static struct msg_handler *all_handlers;
static int ending;
static const char *dir;
static const char *name; /* as ikerctl and the log show it */

static void
leave(int parent_gone)
{
	if (ending)
		return;
	ending = 1;
	if (me->shutdown != NULL)
		me->shutdown(parent_gone);
	bus_flush();
}

static void
handle_log_level(struct peer *from, const void *payload, int fd)
{
	const struct msg_LOG_LEVEL *m = payload;

	log_verbose(m->verbose);
}

static void
handle_peer_fd(struct peer *from, const void *payload, int fd)
{
	const struct msg_PEER_FD *m = payload;

	bus_add(m->process, m->instance, fd);
}

static void
handle_conf_begin(struct peer *from, const void *payload, int fd)
{
	if (me->conf_begin != NULL)
		me->conf_begin();
}

static void
handle_conf_end(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_END *m = payload;
	struct msg_CONF_REFUSED no;
	struct msg_CONF_READY yes;

	memset(&no, 0, sizeof(no));
	if (me->conf_check == NULL ||
	    me->conf_check(no.reason, &no.line) == 0) {
		yes.generation = m->generation;
		bus_send(from, MSG_CONF_READY, &yes, -1);
		return;
	}
	no.generation = m->generation;
	bus_send(from, MSG_CONF_REFUSED, &no, -1);
}

static void
handle_conf_commit(struct peer *from, const void *payload, int fd)
{
	if (me->conf_commit != NULL)
		me->conf_commit();
	bus_hold(0); /* the first one lets the peers speak */
}

static void
handle_conf_abort(struct peer *from, const void *payload, int fd)
{
	if (me->conf_drop != NULL)
		me->conf_drop();
}

static void
handle_shutdown(struct peer *from, const void *payload, int fd)
{
	struct msg_SHUTDOWN_DONE done;

	leave(0);
	memset(&done, 0, sizeof(done));
	bus_send(from, MSG_SHUTDOWN_DONE, &done, -1);
	bus_flush();
	exit(0);
}

static void
handle_show_messages(struct peer *ctl, const void *payload, int fd)
{
	const struct bus_count *c;
	struct msg_ROW_MESSAGE row;
	unsigned int p, t;

	for (p = 0; p < PROC_CTL; p++) {
		c = bus_counts(p);
		for (t = 1; t < MSG_COUNT; t++) {
			if (c[t].sent == 0 && c[t].received == 0)
				continue;
			memset(&row, 0, sizeof(row));
			strlcpy(row.process, name, sizeof(row.process));
			strlcpy(row.peer, process_name(p), sizeof(row.peer));
			strlcpy(row.type, msg_desc(t)->name, sizeof(row.type));
			row.sent = c[t].sent;
			row.received = c[t].received;
			bus_send(ctl, MSG_ROW_MESSAGE, &row, -1);
		}
	}
	proc_ctl_done(ctl, NULL);
}

static void
handle_show_counters(struct peer *ctl, const void *payload, int fd)
{
	const struct proc_counter *c;
	struct msg_ROW_COUNTER row;

	for (c = me->counters; c != NULL && c->name != NULL; c++) {
		memset(&row, 0, sizeof(row));
		strlcpy(row.process, name, sizeof(row.process));
		strlcpy(row.name, c->name, sizeof(row.name));
		row.value = *c->value;
		bus_send(ctl, MSG_ROW_COUNTER, &row, -1);
	}
	proc_ctl_done(ctl, NULL);
}

void
proc_ctl_done(struct peer *ctl, const char *error)
{
	struct msg_CTL_DONE done;

	memset(&done, 0, sizeof(done));
	done.failed = error != NULL;
	if (error != NULL)
		strlcpy(done.text, error, sizeof(done.text));
	bus_send(ctl, MSG_CTL_DONE, &done, -1);
}

static const struct msg_handler common_handlers[] = {
	{ MSG_LOG_LEVEL, handle_log_level },
	{ MSG_PEER_FD, handle_peer_fd },
	{ MSG_CONF_BEGIN, handle_conf_begin },
	{ MSG_CONF_END, handle_conf_end },
	{ MSG_CONF_COMMIT, handle_conf_commit },
	{ MSG_CONF_ABORT, handle_conf_abort },
	{ MSG_SHUTDOWN, handle_shutdown },
	{ MSG_SHOW_MESSAGES, handle_show_messages },
	{ MSG_SHOW_COUNTERS, handle_show_counters },
};
#define NCOMMON (sizeof(common_handlers) / sizeof(common_handlers[0]))

static void
on_peer_up(struct peer *peer)
{
	if (peer_process(peer) != PROC_CTL &&
	    peer_process(peer) != PROC_PARENT && me->peer_up != NULL)
		me->peer_up(peer);
}

static void
on_peer_down(struct peer *peer)
{
	if (peer_process(peer) == PROC_PARENT) {
		log_warnx("parent is gone: ending");
		leave(1);
		exit(1);
	}
	if (me->peer_down != NULL)
		me->peer_down(peer);
}

static void
on_violation(struct peer *peer, uint32_t type, const char *why)
{
	const struct msg_desc *d = msg_desc(type);
	struct msg_VIOLATION v;

	log_warnx("message %s from %s: %s", d != NULL ? d->name : "unknown",
	    process_name(peer_process(peer)), why);
	if (peer_process(peer) == PROC_CTL || peer_process(peer) == PROC_PARENT)
		return; /* closing its pipe is all there is to do */
	memset(&v, 0, sizeof(v));
	v.process = peer_process(peer);
	v.instance = (uint8_t)peer_instance(peer);
	v.type = type;
	strlcpy(v.reason, why, sizeof(v.reason));
	bus_send_to(PROC_PARENT, MSG_VIOLATION, &v);
}

const char *
proc_dir(void)
{
	return dir;
}

static void
take_handlers(struct bus_ops *ops)
{
	size_t n = NCOMMON + me->nhandlers;

	all_handlers = calloc(n, sizeof(*all_handlers));
	if (all_handlers == NULL)
		fatal("calloc");
	memcpy(all_handlers, common_handlers, sizeof(common_handlers));
	memcpy(all_handlers + NCOMMON, me->handlers,
	    me->nhandlers * sizeof(*all_handlers));
	ops->handlers = all_handlers;
	ops->nhandlers = n;
}

void
proc_run(const struct proc *p, int argc, char *argv[])
{
	static struct bus_ops ops = { .peer_up = on_peer_up,
		.peer_down = on_peer_down,
		.violation = on_violation };
	int c, to_stderr = 0, verbose = 0;

	me = p;
	dir = p->chroot;
	name = process_name(p->self);
	optind = 1;
	while ((c = getopt(argc, argv, "P:c:di:lv")) != -1) {
		switch (c) {
		case 'P': /* chosen by the program already, */
		case 'l': /* and so is this */
			break;
		case 'c':
			dir = optarg;
			break;
		case 'd':
			to_stderr = 1;
			break;
		case 'i':
			name = optarg;
			break;
		case 'v':
			verbose = 1;
			break;
		default:
			fatalx("%s: unknown option", process_name(p->self));
		}
	}
	log_init(name, to_stderr);
	log_verbose(verbose);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* the parent's business, and so is */
	signal(SIGINT, SIG_IGN); /* ^C in the foreground */
	secret_init();
	if (p->open != NULL)
		p->open();
	if ((base = event_base_new()) == NULL)
		fatalx("event_base_new");
	sandbox_enter(p->sandbox, p->user, dir);
	timer_init(base);
	take_handlers(&ops);
	bus_init(base, p->self, &ops);
	bus_hold(1);
	bus_add(PROC_PARENT, 0, PARENT_FD);
	if (p->start != NULL)
		p->start(base);
	event_base_dispatch(base);
	fatalx("event loop ended");
}
