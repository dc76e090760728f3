/*
 * authd: decides logins and knows who is logged in.  Holds what passwords are
 * checked against, the keys of AAA servers and in time the accounting
 * journal; never an IKE key, nor the filter.
 *
 * This file reads as the list of what the process may do.
 */
#include <sys/types.h>

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "authd/hash.h"
#include "authd/hasher.h"
#include "authd/lists.h"
#include "authd/login.h"
#include "authd/md5.h"
#include "authd/radius.h"
#include "authd/radius_io.h"
#include "authd/servers.h"
#include "authd/tacacs_io.h"
#include "authd/sessions.h"
#include "authd/usersfile.h"
#include "common/log.h"
#include "common/proc.h"

#define USER "_authd"

static struct login_stats login_stats;
static struct hasher_stats hasher_stats;
static struct usersfile_stats usersfile_stats;
static struct session_stats session_stats;
static struct server_stats server_stats;
static struct radius_stats radius_stats;

static int has_md5;	     /* some systems' OpenSSL has none */
static uint32_t server_line; /* of a server in what is built, 0: none */

static const struct proc_counter counters[] = {
	{ "logins accepted", &login_stats.accepted },
	{ "logins rejected", &login_stats.rejected },
	{ "logins limited", &login_stats.limited },
	{ "logins failed by error", &login_stats.errors },
	{ "logins cancelled", &login_stats.cancelled },
	{ "logins delayed", &login_stats.delayed },
	{ "logins now", &login_stats.now },
	{ "logins at once, most", &login_stats.high },
	{ "hashes computed", &hasher_stats.hashes },
	{ "hash queue now", &hasher_stats.queue },
	{ "hash queue, longest", &hasher_stats.queue_high },
	{ "hash queue full", &hasher_stats.full },
	{ "radius requests", &radius_stats.requests },
	{ "radius requests sent again", &radius_stats.resent },
	{ "radius answers", &radius_stats.replies },
	{ "radius answers dropped", &radius_stats.dropped },
	{ "radius requests unanswered", &radius_stats.silent },
	{ "servers died", &server_stats.died },
	{ "servers came back", &server_stats.back },
	{ "local users", &usersfile_stats.users },
	{ "users files read", &usersfile_stats.loads },
	{ "users files broken", &usersfile_stats.broken },
	{ "sessions up", &session_stats.up },
	{ "sessions up, most", &session_stats.high },
	{ "sessions begun", &session_stats.begun },
	{ "sessions lost with ike", &session_stats.lost },
	{ "sessions unknown", &session_stats.unknown },
	{ NULL, NULL },
};

static const char *const syscalls[] = { "getsockname", "openat", NULL };

/* The users file is reached through the descriptor of our directory. */
static const struct sandbox sandbox = {
	.pledge = "stdio rpath recvfd",
	.capsicum = 1,
	.syscalls = syscalls,
	.files = 256,
};

/* As root: workers while fork(2) is allowed, and a way to our directory. */
static void
open_early(void)
{
	struct worker_place place = { USER, proc_dir() };
	char name[256];
	int dirfd;

	hasher_open(&place);
	dirfd = open(proc_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd == -1)
		fatal("%s", proc_dir());
	usersfile_init(dirfd, proc_dir(), hash_forms(), &usersfile_stats);
	has_md5 = md5_init() == 0;
	if (gethostname(name, sizeof(name)) == -1)
		fatal("gethostname");
	name[sizeof(name) - 1] = '\0';
	radius_init(name);
}

static void
start(struct event_base *base)
{
	hasher_start(base, &hasher_stats);
	servers_init(&server_stats);
	radius_io_init(base, &radius_stats);
	tacacs_io_init(base);
	login_init(&login_stats);
	sessions_init(&session_stats);
	(void)usersfile_get(); /* tell what is wrong with it now */
}

static void
handle_conf_login(struct peer *from, const void *payload, int fd)
{
	lists_add(payload);
}

static void
handle_conf_server(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_SERVER *m = payload;

	server_line = m->line;
	servers_add(m);
}

static void
handle_server_fd(struct peer *from, const void *payload, int fd)
{
	const struct msg_SERVER_FD *m = payload;

	if (m->protocol == LOGIN_RADIUS)
		radius_io_handle_fd(m, fd);
	else
		tacacs_io_handle_fd(m, fd);
}

static void
handle_server_failed(struct peer *from, const void *payload, int fd)
{
	const struct msg_SERVER_FAILED *m = payload;

	if (m->protocol == LOGIN_RADIUS)
		radius_io_handle_failed(m);
	else
		tacacs_io_handle_failed(m);
}

static const struct msg_handler handlers[] = {
	{ MSG_CONF_SERVER, handle_conf_server },
	{ MSG_SERVER_FD, handle_server_fd },
	{ MSG_SERVER_FAILED, handle_server_failed },
	{ MSG_CONF_LOGIN, handle_conf_login },
	{ MSG_LOGIN_START, login_handle_start },
	{ MSG_LOGIN_ANSWER, login_handle_answer },
	{ MSG_LOGIN_CANCEL, login_handle_cancel },
	{ MSG_SESSION_UP, sessions_handle_up },
	{ MSG_SESSION_USAGE, sessions_handle_usage },
	{ MSG_SESSION_DOWN, sessions_handle_down },
	{ MSG_RESYNC_DONE, sessions_handle_resync },
	{ MSG_SHOW_USERS, sessions_handle_show },
	{ MSG_SHOW_SERVERS, servers_handle_show },
};

static void
peer_up(struct peer *peer)
{
	if (peer_process(peer) == PROC_IKE)
		sessions_ike_up();
}

static void
conf_begin(void)
{
	server_line = 0;
	servers_begin();
	lists_begin();
}

static int
conf_check(char reason[REASON_SIZE], uint32_t *line)
{
	if (has_md5 || server_line == 0)
		return lists_check(reason, line);
	(void)strlcpy(reason,
	    "this system's OpenSSL has no MD5, which AAA servers need",
	    REASON_SIZE);
	*line = server_line;
	return -1;
}

static void
conf_drop(void)
{
	servers_drop();
	lists_drop();
}

static void
conf_commit(void)
{
	servers_commit();
	lists_commit();
	(void)usersfile_get();
}

static const struct proc authd = {
	.self = PROC_AUTHD,
	.user = USER,
	.chroot = STATEDIR "/authd",
	.sandbox = &sandbox,
	.open = open_early,
	.start = start,
	.handlers = handlers,
	.nhandlers = sizeof(handlers) / sizeof(handlers[0]),
	.peer_up = peer_up,
	.peer_down = login_peer_down,
	.conf_begin = conf_begin,
	.conf_check = conf_check,
	.conf_commit = conf_commit,
	.conf_drop = conf_drop,
	.counters = counters,
};

int
main(int argc, char *argv[])
{
	proc_run(&authd, argc, argv);
}
