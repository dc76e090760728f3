/*
 * ikerctl: asks the running ikerd and prints its answers.  Every command is a
 * row of one table: whom it asks what, and how the answer is shown.  Holds no
 * power but its user's right to open the control socket.
 */
#include <sys/types.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/msg.h"
#include "ikerd/ctl/client.h"
#include "ikerd/ctl/hash.h"
#include "ikerd/ctl/show.h"

#define SOCKET_FILE "/var/run/ikerd.sock"

struct command;

/* How this ikerctl was called. */
static const char *socket_path = SOCKET_FILE;
static int json;

struct command {
	const char *words[2];
	const char *argument; /* NULL: none */
	enum process owner;   /* PROC_COUNT: every process */
	enum msg_type request;
	void (*run)(const struct command *, const char *argument);
	const char *help;
};

/* --- answers --- */

struct answer {
	struct show *show;
	int live; /* print rows as they come */
};

static void
take_row(void *arg, enum msg_type type, const void *payload)
{
	struct answer *a = arg;

	if (json) {
		json_row(stdout, type, payload);
	} else if (type == MSG_ROW_EVENT) {
		show_event(stdout, payload);
	} else if (a->live) {
		show_details(stdout, type, payload);
	} else {
		if (a->show == NULL)
			a->show = show_new(type);
		if (a->show != NULL)
			show_add(a->show, payload);
	}
	if (a->live)
		fflush(stdout);
}

static void
answer_end(struct answer *a)
{
	if (a->show != NULL)
		show_print(a->show, stdout);
	show_free(a->show);
	a->show = NULL;
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "stdout");
}

/* A pipe to the process that owns the answer, or an end with the reason. */
static struct client *
owner_open(struct client *parent, enum process owner)
{
	struct client *c;
	char why[TEXT_SIZE];

	if (owner == PROC_PARENT)
		return parent;
	if ((c = client_owner(parent, owner, 0, why, sizeof(why))) == NULL)
		errx(1, "%s", why);
	return c;
}

static void
ask_or_die(struct client *c, const struct command *cmd, const void *payload,
    struct answer *a)
{
	char why[TEXT_SIZE];

	if (client_ask(c, cmd->request, payload, a->live, take_row, a, why,
		sizeof(why)) == -1) {
		answer_end(a);
		errx(1, "%s", why);
	}
}

/* --- commands --- */

static void
run_simple(const struct command *cmd, const char *argument)
{
	static const uint8_t none[8]; /* messages without a choice */
	struct answer a = { NULL, cmd->request == MSG_MONITOR };
	struct client *c;

	c = owner_open(client_parent(socket_path), cmd->owner);
	ask_or_die(c, cmd, none, &a);
	answer_end(&a);
}

/* The processes that are named in the rows of SHOW_PROCESSES. */
struct running {
	enum process process;
	unsigned int n;
};

/* "ike" is one of ike, "crypto-2" one of several crypto processes. */
static void
count_process(void *arg, enum msg_type type, const void *payload)
{
	const struct msg_ROW_PROCESS *m = payload;
	struct running *r = arg;
	size_t len = strcspn(m->process, "-");
	const char *name = process_name(r->process);

	if (type == MSG_ROW_PROCESS && strlen(name) == len &&
	    strncmp(m->process, name, len) == 0)
		r->n++;
}

/* One process's part of an answer; if it does not run, that is told. */
static void
ask_one(struct client *parent, const struct command *cmd,
    const struct running *r, unsigned int instance, struct answer *a)
{
	static const uint8_t none[8];
	struct client *c;
	char why[TEXT_SIZE];

	c = client_owner(parent, r->process, instance, why, sizeof(why));
	if (c == NULL) {
		warnx("%s", why);
		return;
	}
	ask_or_die(c, cmd, none, a);
	client_close(c);
}

/* Every process has its own; one that does not run is left out. */
static void
run_all(const struct command *cmd, const char *argument)
{
	static const uint8_t none[8];
	struct client *parent = client_parent(socket_path);
	struct answer a = { NULL, 0 };
	char why[TEXT_SIZE];
	struct running r;
	unsigned int p, i;

	ask_or_die(parent, cmd, none, &a);
	for (p = PROC_IKE; p < PROC_PROXY; p++) {
		r.process = (enum process)p;
		r.n = 0;
		if (client_ask(parent, MSG_SHOW_PROCESSES, none, 0,
			count_process, &r, why, sizeof(why)) == -1)
			errx(1, "%s", why);
		for (i = 0; i < r.n; i++)
			ask_one(parent, cmd, &r, i, &a);
	}
	answer_end(&a);
}

struct search {
	const char *prefix;
	uint64_t session;
	unsigned int found;
};

static void
match_session(void *arg, enum msg_type type, const void *payload)
{
	const struct msg_ROW_SESSION *m = payload;
	struct search *s = arg;
	char text[17];

	if (type != MSG_ROW_SESSION)
		return;
	(void)snprintf(text, sizeof(text), "%016" PRIx64, m->session);
	if (strncmp(text, s->prefix, strlen(s->prefix)) == 0) {
		s->session = m->session;
		s->found++;
	}
}

/* A session's id, which may be shortened as long as it is one session's. */
static uint64_t
session_id(struct client *ike, const char *text)
{
	static const uint8_t none[8];
	struct search s = { text, 0, 0 };
	size_t len = strlen(text);
	char why[TEXT_SIZE];

	if (len == 0 || len > 16 || strspn(text, "0123456789abcdef") != len)
		errx(1,
		    "\"%s\" is no session: `ikerctl show sessions' lists "
		    "them by 16 hexadecimal digits",
		    text);
	if (len == 16)
		return strtoull(text, NULL, 16);
	if (client_ask(ike, MSG_SHOW_SESSIONS, none, 0, match_session, &s, why,
		sizeof(why)) == -1)
		errx(1, "%s", why);
	if (s.found == 0)
		errx(1,
		    "no session begins with %s: `ikerctl show sessions' "
		    "lists them",
		    text);
	if (s.found > 1)
		errx(1, "%u sessions begin with %s: give more digits", s.found,
		    text);
	return s.session;
}

static void
run_session(const struct command *cmd, const char *argument)
{
	struct answer a = { NULL, 1 };
	struct msg_SHOW_SESSION m;
	struct client *ike;

	ike = owner_open(client_parent(socket_path), PROC_IKE);
	memset(&m, 0, sizeof(m));
	m.session = session_id(ike, argument);
	a.live = 1;
	ask_or_die(ike, cmd, &m, &a);
	answer_end(&a);
}

static void
run_kick(const struct command *cmd, const char *argument)
{
	struct answer a = { NULL, 0 };
	struct client *ike;
	struct msg_KICK m;

	memset(&m, 0, sizeof(m));
	if (cmd->words[1] != NULL && argument[0] == '\0')
		errx(1, "kick user: a name is expected");
	if (strlcpy(m.user, argument, sizeof(m.user)) >= sizeof(m.user))
		errx(1, "the user's name is too long");
	ike = owner_open(client_parent(socket_path), PROC_IKE);
	if (cmd->words[1] == NULL) {
		memset(m.user, 0, sizeof(m.user));
		m.session = session_id(ike, argument);
		if (m.session == 0)
			errx(1, "no session has the id 0");
	}
	ask_or_die(ike, cmd, &m, &a);
	answer_end(&a);
}

static void
run_log(const struct command *cmd, const char *argument)
{
	struct answer a = { NULL, 0 };
	struct msg_CTL_LOG m;

	memset(&m, 0, sizeof(m));
	m.verbose = strcmp(cmd->words[1], "verbose") == 0;
	ask_or_die(client_parent(socket_path), cmd, &m, &a);
}

static void
run_hash(const struct command *cmd, const char *argument)
{
	hash_password();
}

/* --- the table --- */

static const struct command commands[] = {
	{ { "show", "processes" }, NULL, PROC_PARENT, MSG_SHOW_PROCESSES,
	    run_simple, "the suite's processes" },
	{ { "show", "messages" }, NULL, PROC_COUNT, MSG_SHOW_MESSAGES, run_all,
	    "messages counted by sender, receiver and type" },
	{ { "show", "counters" }, NULL, PROC_COUNT, MSG_SHOW_COUNTERS, run_all,
	    "counters of every process" },
	{ { "show", "sessions" }, NULL, PROC_IKE, MSG_SHOW_SESSIONS, run_simple,
	    "who is connected" },
	{ { "show", "session" }, "ID", PROC_IKE, MSG_SHOW_SESSION, run_session,
	    "one session's whole story" },
	{ { "show", "sas" }, NULL, PROC_IKE, MSG_SHOW_SAS, run_simple,
	    "ESP security associations" },
	{ { "show", "failures" }, NULL, PROC_IKE, MSG_SHOW_FAILURES, run_simple,
	    "the last refusals, each with its reason" },
	{ { "show", "aaa" }, NULL, PROC_AUTHD, MSG_SHOW_SERVERS, run_simple,
	    "AAA servers, and which of them answer" },
	{ { "show", "legacy" }, NULL, PROC_IKE, MSG_SHOW_LEGACY, run_simple,
	    "who needs which legacy line, and since when nobody" },
	{ { "show", "certificates" }, NULL, PROC_IKE, MSG_SHOW_CERTIFICATES,
	    run_simple, "certificates and CRLs, and until when they hold" },
	{ { "show", "leases" }, NULL, PROC_POOLD, MSG_SHOW_LEASES, run_simple,
	    "addresses and who holds them" },
	{ { "show", "users" }, NULL, PROC_AUTHD, MSG_SHOW_USERS, run_simple,
	    "who is logged in" },
	{ { "show", "tables" }, NULL, PROC_FILTER, MSG_SHOW_TABLES, run_simple,
	    "members of the filter's tables" },
	{ { "kick", "user" }, "NAME", PROC_IKE, MSG_KICK, run_kick,
	    "end every session of a user" },
	{ { "kick", NULL }, "ID", PROC_IKE, MSG_KICK, run_kick,
	    "end one session" },
	{ { "reload", NULL }, NULL, PROC_PARENT, MSG_RELOAD, run_simple,
	    "read the configuration again" },
	{ { "log", "verbose" }, NULL, PROC_PARENT, MSG_CTL_LOG, run_log,
	    "log more, until told otherwise" },
	{ { "log", "brief" }, NULL, PROC_PARENT, MSG_CTL_LOG, run_log,
	    "log the usual" },
	{ { "monitor", NULL }, NULL, PROC_IKE, MSG_MONITOR, run_simple,
	    "print events as they happen" },
	{ { "hash", NULL }, NULL, PROC_PARENT, MSG_NONE, run_hash,
	    "make a local user's password entry" },
};
#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
command_text(const struct command *c, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s%s%s%s%s", c->words[0],
	    c->words[1] == NULL ? "" : " ",
	    c->words[1] == NULL ? "" : c->words[1],
	    c->argument == NULL ? "" : " ",
	    c->argument == NULL ? "" : c->argument);
}

static void __attribute__((__noreturn__)) usage(FILE *f, int status)
{
	char text[64];
	size_t i;

	fprintf(f, "usage: ikerctl [-hj] [-s socket] command\n\n");
	for (i = 0; i < NCOMMANDS; i++) {
		command_text(&commands[i], text, sizeof(text));
		fprintf(f, "  %-18s %s\n", text, commands[i].help);
	}
	fprintf(f, "\n  -j prints JSON, one object a line\n");
	exit(status);
}

/* How many of the words given are this command's: 0, none fits. */
static int
words_fit(const struct command *c, int argc, char *argv[])
{
	if (argc < 1 || strcmp(argv[0], c->words[0]) != 0)
		return 0;
	if (c->words[1] == NULL)
		return 1;
	return argc >= 2 && strcmp(argv[1], c->words[1]) == 0 ? 2 : 0;
}

static void
run_command(int argc, char *argv[])
{
	const struct command *c;
	char text[64];
	size_t i;
	int n = 0, more;

	for (i = 0; i < NCOMMANDS && n == 0; i++)
		n = words_fit(&commands[i], argc, argv);
	if (n == 0) {
		warnx("there is no command \"%s%s%s\"", argv[0],
		    argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
		usage(stderr, 1);
	}
	c = &commands[i - 1];
	command_text(c, text, sizeof(text));
	more = argc - n;
	if (more != (c->argument != NULL))
		errx(1, "usage: ikerctl [-hj] [-s socket] %s", text);
	c->run(c, more ? argv[n] : NULL);
}

int
main(int argc, char *argv[])
{
	int c;

#ifdef __OpenBSD__
	if (pledge("stdio rpath unix recvfd tty", NULL) == -1)
		err(1, "pledge");
#endif
	while ((c = getopt(argc, argv, "hjs:")) != -1) {
		switch (c) {
		case 'h':
			usage(stdout, 0);
		case 'j':
			json = 1;
			break;
		case 's':
			socket_path = optarg;
			break;
		default:
			usage(stderr, 1);
		}
	}
	argc -= optind;
	argv += optind;
	if (argc == 0)
		usage(stderr, 1);
	run_command(argc, argv);
	return 0;
}
