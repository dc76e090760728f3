/*
 * ikerd: the parent of the suite, and, with -P, the program of two of its
 * children.  What the parent does is in main()'s order: read the
 * configuration, open what needs root, start the children, answer ikerctl,
 * see to it that all of this ends as a whole.  It handles no byte that came
 * from the network.
 */
#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/secret.h"
#include "ikerd/arp.h"
#include "ikerd/children.h"
#include "ikerd/conf.h"
#include "ikerd/control.h"
#include "ikerd/crypto/crypto.h"
#include "ikerd/daemon.h"
#include "ikerd/ike/ike.h"
#include "ikerd/parse.h"
#include "ikerd/printconf.h"
#include "ikerd/reload.h"
#include "ikerd/rules.h"
#include "ikerd/servers.h"
#include "ikerd/sockets.h"
#include "ikerd/system.h"

#define CONF_FILE SYSCONFDIR "/ikerd.conf"
#define SOCKET_FILE "/var/run/ikerd.sock"

static struct event_base *base;
static struct children_options options = { .statedir = STATEDIR };
static int exit_status;
static int stopping;

/* --- -n --- */

static void
print_line(void *arg, const char *line)
{
	fprintf(stderr, "%s\n", line);
}

/* The ruleset as comments: what was printed stays a configuration. */
static void
print_rules(const struct conf *conf)
{
	char reason[REASON_SIZE], *text, *line, *rest;
	uint32_t place;

	if ((text = rest = rules_text(conf, reason, &place)) == NULL) {
		if (reason[0] != '\0')
			warnx("ruleset: %s", reason);
		return;
	}
	printf("\n");
	while ((line = strsep(&rest, "\n")) != NULL)
		printf("# %s\n", line);
	free(text);
}

static void __attribute__((__noreturn__))
check_only(const char *path, int verbose)
{
	struct report report;
	struct conf *conf;

	memset(&report, 0, sizeof(report));
	report.line = print_line;
	conf = conf_load(path, &report);
	if (conf == NULL) {
		fprintf(stderr, "%s: %u error%s\n", path, report.errors,
		    report.errors == 1 ? "" : "s");
		exit(1);
	}
	if (verbose)
		conf_print(conf, stdout);
	if (verbose > 1)
		print_rules(conf);
	conf_free(conf);
	if (fflush(stdout) == EOF)
		err(1, "stdout");
	fprintf(stderr, "configuration OK\n");
	exit(0);
}

/* --- the end --- */

static void
stop(int status)
{
	if (status > exit_status)
		exit_status = status;
	if (stopping)
		return;
	stopping = 1;
	control_close();
	children_stop();
}

static void
all_ended(void)
{
	const struct child *ike = children_find(PROC_IKE, 0);
	const struct conf *conf = reload_conf();

	/* no other ike comes that would have it swept away */
	if (conf != NULL && ike != NULL && ike->crashed)
		sockets_sweep(conf);
	arp_publish(NULL);
	if (conf != NULL && !conf->filter_keep)
		rules_clear();
	daemon_pidfile_remove();
	log_info("ended");
	exit(exit_status);
}

/* --- children and configuration --- */

static int
child_up(struct child *c)
{
	if (c->process == PROC_IKE) {
		/* at the start they are open already */
		if (c->restarts > 0 && sockets_open(reload_conf(), 1) == -1)
			return -1;
		sockets_give(c->peer);
	} else if (c->process == PROC_FILTER) {
		sockets_give_filter(c->peer);
	}
	reload_child_up(c);
	return 0;
}

static void
child_down(struct child *c)
{
	reload_child_down(c);
	if (reload_conf() != NULL) /* NULL: the start failed over it */
		options.legacy = conf_legacy_provider(reload_conf());
}

static void
child_give_up(struct child *c)
{
	stop(1);
}

static const struct children_ops children_ops = {
	.up = child_up,
	.down = child_down,
	.give_up = child_give_up,
	.all_ended = all_ended,
};

static void
started(void)
{
	log_info("started, pid %ld", (long)getpid());
	if (!options.foreground)
		log_init("ikerd", 0);
	daemon_ready();
	if (!options.foreground)
		log_info("started, pid %ld", (long)getpid());
}

static void
start_failed(void)
{
	stop(1);
}

static const struct reload_ops reload_ops = {
	.started = started,
	.start_failed = start_failed,
	.answer = control_done,
};

static void
set_log_level(int verbose)
{
	struct msg_LOG_LEVEL m;
	struct child *c = NULL;

	log_verbose(verbose);
	options.verbose = verbose; /* for those that are started later */
	memset(&m, 0, sizeof(m));
	m.verbose = (uint8_t)verbose;
	while ((c = children_next(c)) != NULL) {
		if (c->peer != NULL)
			(void)bus_send(c->peer, MSG_LOG_LEVEL, &m, -1);
	}
}

/* --- pipes --- */

static const struct msg_handler child_handlers[] = {
	{ MSG_CONF_READY, reload_handle_ready },
	{ MSG_CONF_REFUSED, reload_handle_refused },
	{ MSG_VIOLATION, children_handle_violation },
	{ MSG_SHUTDOWN_DONE, children_handle_shutdown_done },
	{ MSG_SERVER_OPEN, servers_handle_open },
};
#define NCHILD (sizeof(child_handlers) / sizeof(child_handlers[0]))

static void
peer_down(struct peer *peer)
{
	if (peer_process(peer) == PROC_CTL)
		control_peer_down(peer);
	else
		children_peer_down(peer);
}

static void
start_bus(void)
{
	static struct bus_ops ops = {
		.peer_down = peer_down,
		.violation = children_violation,
	};
	struct msg_handler *all;

	all = calloc(NCHILD + control_nhandlers, sizeof(*all));
	if (all == NULL)
		fatal("calloc");
	memcpy(all, child_handlers, sizeof(child_handlers));
	memcpy(
	    all + NCHILD, control_handlers, control_nhandlers * sizeof(*all));
	ops.handlers = all;
	ops.nhandlers = NCHILD + control_nhandlers;
	bus_init(base, PROC_PARENT, &ops);
}

/* --- signals --- */

static void
on_signal(evutil_socket_t sig, short what, void *arg)
{
	switch (sig) {
	case SIGCHLD:
		children_reap();
		break;
	case SIGHUP:
		if (!stopping)
			reload_request(NULL);
		break;
	default:
		if (!stopping)
			log_info("%s: ending", strsignal((int)sig));
		stop(0);
	}
}

static void
start_signals(void)
{
	static const int signals[] = { SIGCHLD, SIGHUP, SIGINT, SIGTERM };
	struct event *ev;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		ev = evsignal_new(base, signals[i], on_signal, NULL);
		if (ev == NULL || event_add(ev, NULL) == -1)
			fatalx("signals");
	}
}

/* --- start --- */

static void
log_report(void *arg, const char *line)
{
	log_warnx("%s", line);
}

static struct conf *
first_conf(const char *path)
{
	struct report report;
	struct conf *conf;

	memset(&report, 0, sizeof(report));
	report.line = log_report;
	if ((conf = conf_load(path, &report)) == NULL)
		fatalx("%s: %u error%s: not started", path, report.errors,
		    report.errors == 1 ? "" : "s");
	return conf;
}

/* Paths must stay good when the directory changes. */
static char *
absolute(const char *path)
{
	char cwd[PATH_MAX], *out = NULL;

	if (path[0] == '/')
		out = strdup(path);
	else if (getcwd(cwd, sizeof(cwd)) != NULL &&
	    asprintf(&out, "%s/%s", cwd, path) == -1)
		out = NULL;
	if (out == NULL)
		fatal("%s", path);
	return out;
}

/* /var/run/ikerd.sock: /var/run/ikerd.pid lies beside it. */
static char *
pid_path(const char *socket_path)
{
	size_t len = strlen(socket_path);
	char *out;

	if (len > 5 && strcmp(socket_path + len - 5, ".sock") == 0)
		len -= 5;
	if (asprintf(&out, "%.*s.pid", (int)len, socket_path) == -1)
		fatal("asprintf");
	return out;
}

static void __attribute__((__noreturn__)) usage(void)
{
	fprintf(stderr,
	    "usage: ikerd [-dnv] [-B builddir] [-f file] "
	    "[-S statedir] [-s socket]\n");
	exit(1);
}

static void __attribute__((__noreturn__))
run_child(const char *name, int argc, char *argv[])
{
	if (strcmp(name, "ike") == 0)
		ike_main(argc, argv);
	if (strcmp(name, "crypto") == 0)
		crypto_main(argc, argv);
	errx(1, "-P %s: no such process", name);
}

static void __attribute__((__noreturn__))
run_parent(const char *file, const char *socket_path)
{
	struct conf *conf;
	char *pid_file;

	if (geteuid() != 0)
		errx(1, "must be started as root");
	log_init("ikerd", 1);
	log_verbose(options.verbose);
	if (!options.foreground)
		daemon_begin();
	secret_init();
	conf = first_conf(file);
	pid_file = pid_path(socket_path);
	daemon_pidfile(pid_file);
	free(pid_file);
	system_check();
	if (sockets_open(conf, 1) == -1)
		fatalx("not started");

	if ((base = event_base_new()) == NULL)
		fatalx("event_base_new");
	start_signals();
	start_bus();
	options.legacy = conf_legacy_provider(conf);
	children_init(base, &options, &children_ops);
	children_want(PROC_CRYPTO, conf_crypto(conf));
	reload_init(base, file, &reload_ops);
	control_init(base, socket_path, set_log_level);
	children_start();
	reload_first(conf);

	event_base_dispatch(base);
	fatalx("event loop ended");
}

int
main(int argc, char *argv[])
{
	const char *file = CONF_FILE, *socket_path = SOCKET_FILE;
	int c, check = 0, verbose = 0;

	if (argc > 2 && strcmp(argv[1], "-P") == 0)
		run_child(argv[2], argc, argv);
	while ((c = getopt(argc, argv, "B:df:nS:s:v")) != -1) {
		switch (c) {
		case 'B':
			options.builddir = absolute(optarg);
			break;
		case 'd':
			options.foreground = 1;
			break;
		case 'f':
			file = optarg;
			break;
		case 'n':
			check = 1;
			break;
		case 'S':
			options.statedir = absolute(optarg);
			break;
		case 's':
			socket_path = optarg;
			break;
		case 'v':
			verbose++;
			break;
		default:
			usage();
		}
	}
	if (argc > optind)
		usage();
	options.verbose = verbose > 0;
	if (check) {
		secret_init();
		check_only(file, verbose);
	}
	run_parent(absolute(file), absolute(socket_path));
}
