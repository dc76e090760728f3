/*
 * The two-phase change of configuration.  One change at a time: all children
 * are asked (CONF_BEGIN, items, CONF_END), the ruleset is loaded when all
 * have agreed, then all commit; whatever fails before that leaves everything
 * as it was.  A child that was started again is asked alone.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/arp.h"
#include "ikerd/conf.h"
#include "ikerd/conf_send.h"
#include "ikerd/parse.h"
#include "ikerd/reload.h"
#include "ikerd/report.h"
#include "ikerd/rules.h"
#include "ikerd/sockets.h"
#include "ikerd/sweep.h"

#define ANSWER_S 30 /* a child that needs longer to judge is stuck */

static const struct reload_ops *ops;
static const char *path;
static struct conf *in_force, *offered;
static uint32_t generation;
static struct event *timer;
static struct peer *asker;

static void late(evutil_socket_t, short, void *);

void
reload_init(
    struct event_base *base, const char *file, const struct reload_ops *o)
{
	path = file;
	ops = o;
	if ((timer = evtimer_new(base, late, NULL)) == NULL)
		fatalx("reload: evtimer_new");
}

const struct conf *
reload_conf(void)
{
	return in_force != NULL ? in_force : offered;
}

static void
send_item(void *arg, enum msg_type type, const void *payload)
{
	struct child *c = arg;

	(void)bus_send(c->peer, type, payload, -1);
}

static void
ask(struct child *c, const struct conf *conf)
{
	struct msg_CONF_BEGIN begin;
	struct msg_CONF_END end;

	if (c->peer == NULL)
		return;
	memset(&begin, 0, sizeof(begin));
	memset(&end, 0, sizeof(end));
	begin.generation = end.generation = generation;
	(void)bus_send(c->peer, MSG_CONF_BEGIN, &begin, -1);
	conf_send(conf, c->process, send_item, c);
	(void)bus_send(c->peer, MSG_CONF_END, &end, -1);
	c->conf = CONF_ASKED;
}

static void
ask_all(void)
{
	const struct timeval tv = { ANSWER_S, 0 };
	struct child *c = NULL;

	generation++;
	evtimer_add(timer, &tv);
	while ((c = children_next(c)) != NULL)
		ask(c, offered);
}

static void
commit(struct child *c)
{
	struct msg_CONF_COMMIT m;

	memset(&m, 0, sizeof(m));
	m.generation = generation;
	(void)bus_send(c->peer, MSG_CONF_COMMIT, &m, -1);
	c->conf = CONF_IDLE;
	if (c->state == CHILD_STARTING)
		c->state = CHILD_RUNNING;
}

static void
drop(struct child *c)
{
	struct msg_CONF_ABORT m;

	memset(&m, 0, sizeof(m));
	m.generation = generation;
	(void)bus_send(c->peer, MSG_CONF_ABORT, &m, -1);
	c->conf = CONF_IDLE;
}

static void
answer(const char *error)
{
	struct peer *ctl = asker;

	asker = NULL;
	if (ctl != NULL)
		ops->answer(ctl, error);
}

/* The offered one is not to be. */
static void
give_up(const char *why)
{
	struct child *c = NULL;
	int first = in_force == NULL;

	evtimer_del(timer);
	sockets_drop();
	while ((c = children_next(c)) != NULL) {
		if (c->peer != NULL && c->conf != CONF_IDLE)
			drop(c);
	}
	log_warnx("%s: %s: %s", path,
	    first ? "not started" : "not reloaded, the old one stays", why);
	conf_free(offered);
	offered = NULL;
	answer(why);
	if (first)
		ops->start_failed();
}

/* All agreed. */
static void
apply(void)
{
	struct conf *old = in_force;
	struct child *c = NULL;
	struct child *ike = children_find(PROC_IKE, 0);
	char reason[REASON_SIZE], where[CONF_PLACE_STRLEN];
	char text[CONF_PLACE_STRLEN + REASON_SIZE];
	uint32_t place;

	if (rules_load(offered, old != NULL, reason, &place) == -1) {
		(void)snprintf(text, sizeof(text), "%s%s%s",
		    place == 0 ? "" : conf_place_text(offered, place, where),
		    place == 0 ? "" : ": ", reason);
		give_up(text);
		return;
	}
	evtimer_del(timer);
	if (old != NULL && ike != NULL && ike->peer != NULL)
		sockets_give(ike->peer);
	while ((c = children_next(c)) != NULL) {
		if (c->peer != NULL)
			commit(c);
	}
	in_force = offered;
	offered = NULL;
	children_want(PROC_CRYPTO, conf_crypto(in_force));
	sockets_forget_closed(in_force);
	sweep_remember(in_force);
	arp_publish(in_force);
	if (old == NULL) {
		ops->started();
		return;
	}
	conf_free(old);
	log_info("%s: reloaded, generation %u", path, generation);
	answer(NULL);
}

/* Has every child that lives agreed? */
static int
all_agreed(void)
{
	struct child *c = NULL;

	while ((c = children_next(c)) != NULL) {
		if (c->peer != NULL && c->conf == CONF_ASKED)
			return 0;
	}
	return 1;
}

static void
late(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = NULL;
	char text[128] = "";

	while ((c = children_next(c)) != NULL) {
		if (c->peer == NULL || c->conf != CONF_ASKED)
			continue;
		(void)snprintf(
		    text, sizeof(text), "%s does not answer", child_name(c));
		child_kill(c, "it does not judge a configuration");
	}
	if (offered != NULL)
		give_up(text);
}

/* --- requests --- */

void
reload_first(struct conf *conf)
{
	offered = conf;
	ask_all();
}

/* Lines of the report: all into the log, the first one for the asker. */
static void
report_into(void *arg, const char *line)
{
	char *first = arg;

	log_warnx("%s", line);
	if (first[0] == '\0' && strstr(line, ": warning: ") == NULL &&
	    strncmp(line, "warning: ", 9) != 0)
		(void)strlcpy(first, line, TEXT_SIZE);
}

static void
refuse_now(struct peer *ctl, const char *why)
{
	log_warnx("%s: not reloaded: %s", path, why);
	if (ctl != NULL)
		ops->answer(ctl, why);
}

void
reload_request(struct peer *ctl)
{
	char why[TEXT_SIZE] = "", more[64];
	struct report report;
	struct child *c = NULL;

	while ((c = children_next(c)) != NULL) {
		if (offered != NULL || in_force == NULL ||
		    c->state != CHILD_RUNNING) {
			refuse_now(ctl,
			    "a start, restart or reload is under way: try "
			    "again in some seconds");
			return;
		}
	}
	memset(&report, 0, sizeof(report));
	report.line = report_into;
	report.arg = why;
	offered = conf_load(path, &report);
	if (offered == NULL) {
		if (report.errors > 1) {
			(void)snprintf(more, sizeof(more),
			    " (and %u more: ikerd -n shows them)",
			    report.errors - 1);
			(void)strlcat(why, more, sizeof(why));
		}
		refuse_now(ctl, why);
		return;
	}
	if (sockets_open_new(offered, why, sizeof(why)) == -1) {
		conf_free(offered);
		offered = NULL;
		refuse_now(ctl, why);
		return;
	}
	asker = ctl;
	ask_all();
}

void
reload_forget_ctl(const struct peer *ctl)
{
	if (asker == ctl)
		asker = NULL;
}

/* --- what children say --- */

void
reload_child_up(struct child *c)
{
	const struct timeval tv = { ANSWER_S, 0 };

	if (in_force == NULL)
		return; /* reload_first() comes */
	if (offered != NULL)
		give_up("a process was restarted meanwhile");
	evtimer_add(timer, &tv);
	ask(c, in_force);
}

void
reload_child_down(struct child *c)
{
	char text[128];

	c->conf = CONF_IDLE;
	if (offered == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%s died over it", child_name(c));
	give_up(text);
}

void
reload_handle_ready(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_READY *m = payload;
	struct child *c = child_of(from);

	if (c == NULL || c->conf != CONF_ASKED || m->generation != generation)
		return; /* an answer to what is dropped already */
	c->conf = CONF_AGREED;
	if (offered == NULL) {
		commit(c); /* the one in force, to one that is new */
		if (all_agreed())
			evtimer_del(timer);
		log_info("%s: running%s", child_name(c),
		    c->restarts > 0 ? " again" : "");
	} else if (all_agreed()) {
		apply();
	}
}

void
reload_handle_refused(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_REFUSED *m = payload;
	struct child *c = child_of(from);
	const struct conf *conf = offered != NULL ? offered : in_force;
	char where[CONF_PLACE_STRLEN], reason[REASON_SIZE];
	char text[CONF_PLACE_STRLEN + REASON_SIZE + 16];

	if (c == NULL || c->conf != CONF_ASKED || m->generation != generation)
		return;
	c->conf = CONF_IDLE;
	(void)strlcpy(reason, m->reason, sizeof(reason));
	(void)report_clean(reason);
	(void)snprintf(text, sizeof(text), "%s%s%s",
	    m->line == 0 ? child_name(c) :
			   conf_place_text(conf, m->line, where),
	    ": ", reason);
	if (offered != NULL) {
		drop(c);
		give_up(text);
	} else {
		log_warnx("%s", text);
		child_kill(c, "it refuses the configuration in force");
	}
}
