/*
 * The ike process.  Speaks IKEv1 with everybody who sends a datagram and puts
 * SAs into the kernel.  It holds the keys of live sessions and no others: no
 * group key, no private key, no password once authd has it.  The tables below
 * are all that it may do and all that it answers.
 */
#include <sys/types.h>

#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/proc.h"
#include "ikerd/alg/provider.h"
#include "ikerd/ike/ike.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/input.h"
#include "ikerd/ike/job.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/show.h"
#include "ikerd/ike/site.h"
#include "ikerd/ike/transaction.h"
#include "ikerd/ike/tunnel.h"

/* Beyond common/sandbox_linux.c: the PF_KEY socket's receive buffer. */
static const char *const syscalls[] = { "getsockopt", "setsockopt", NULL };

static const struct sandbox sandbox = {
	.pledge = "stdio inet recvfd",
	.capsicum = 0, /* an unconnected socket cannot send from there */
	.syscalls = syscalls,
	.capabilities = 0,
	.files = 1024, /* two sockets for each address listened on */
};

static void
handle_socket(struct peer *from, const void *payload, int fd)
{
	const struct msg_SOCKET_FD *m = payload;

	switch (m->kind) {
	case SOCKET_IKE:
	case SOCKET_NATT:
	case SOCKET_UDP:
		net_add(fd, &m->local, (enum socket_kind)m->kind);
		break;
	case SOCKET_PFKEY:
		if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == -1)
			fatal("PF_KEY socket");
		if (tunnel_open(fd) == -1)
			fatalx("the kernel has no IPsec for us");
		break;
	default:
		close(fd);
		break;
	}
}

static int
conf_check(char reason[REASON_SIZE], uint32_t *line)
{
	if (tunnel_algs() == NULL) {
		strlcpy(reason, "no PF_KEY socket", REASON_SIZE);
		return -1;
	}
	return ikeconf_check(tunnel_algs(), reason, line);
}

static int
is_listened_on(const struct ike_socket *sock)
{
	return ikeconf_listens(&sock->local, sock->kind);
}

/* Does the new configuration still have what the session stands on? */
static int
survives(struct session *s)
{
	struct group *before;
	struct ike_sa *sa;

	LIST_FOREACH(sa, &s->sas, entry) {
		if (!is_listened_on(sa->sock))
			return 0;
	}
	if ((before = s->group) == NULL)
		return 1;
	if ((s->group = ikeconf_same(before)) == NULL ||
	    site_is(s->group) != site_is(before))
		return 0;
	return !site_is(s->group) || site_fits(s, s->group);
}

/*
 * Sessions follow their group into the new configuration; those whose group
 * or listen address went with the old one end.
 */
static void
follow(void)
{
	struct table_link *next;
	struct session *s;
	struct group *before;
	size_t slot = 0;

	while ((s = session_walk(&slot, &next)) != NULL) {
		before = s->group;
		if (survives(s))
			continue;
		s->group = before; /* the old one, to say farewell by */
		session_down(s, DOWN_CONFIG);
	}
}

static void
conf_commit(void)
{
	struct ikeconf *old = ikeconf_commit();

	tunnel_guard(old, ikeconf());
	follow();
	net_close(is_listened_on);
	ikeconf_free(old);
	net_start();
}

static void
peer_up(struct peer *peer)
{
	/* a crypto process says by itself when it is ready */
	if (peer_process(peer) != PROC_CRYPTO)
		session_resync(peer);
}

static void
peer_down(struct peer *peer)
{
	monitor_remove(peer);
	if (peer_process(peer) == PROC_CRYPTO)
		job_worker_down(peer);
}

static void
end(int parent_gone)
{
	struct table_link *next;
	struct session *s;
	size_t slot = 0;

	while ((s = session_walk(&slot, &next)) != NULL)
		session_down(s, DOWN_SHUTDOWN);
	tunnel_guard(ikeconf(), NULL);
}

/*
 * OpenSSL's legacy provider (single DES) is loaded only when the parent says
 * that the configuration needs it, and only before chroot.
 */
static int with_legacy;

static void
open_before(void)
{
	if (alg_init(with_legacy) == -1)
		fatalx("cryptography is not available");
}

static void
start(struct event_base *base)
{
	session_init(base);
	sa_init();
	quick_init();
	job_init();
	tunnel_init(base);
	net_init(base, input);
}

/* All handlers in one table, as struct proc wants them. */
static struct msg_handler *
collect(size_t *n)
{
	static const struct msg_handler own[] = {
		{ MSG_SOCKET_FD, handle_socket },
	};
	const struct {
		const struct msg_handler *h;
		size_t n;
	} parts[] = {
		{ own, 1 },
		{ ikeconf_handlers, ikeconf_nhandlers },
		{ certconf_handlers, certconf_nhandlers },
		{ job_handlers, job_nhandlers },
		{ xauth_handlers, xauth_nhandlers },
		{ modecfg_handlers, modecfg_nhandlers },
		{ show_handlers, show_nhandlers },
	};
	struct msg_handler *all = NULL;
	size_t i;

	*n = 0;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		all = reallocarray(all, *n + parts[i].n, sizeof(*all));
		if (all == NULL)
			fatal("handlers");
		memcpy(all + *n, parts[i].h, parts[i].n * sizeof(*all));
		*n += parts[i].n;
	}
	return all;
}

void
ike_main(int argc, char *argv[])
{
	static struct proc proc = {
		.self = PROC_IKE,
		.user = "_ikerd",
		.chroot = "/var/empty",
		.sandbox = &sandbox,
		.open = open_before,
		.start = start,
		.peer_up = peer_up,
		.peer_down = peer_down,
		.conf_begin = ikeconf_begin,
		.conf_check = conf_check,
		.conf_commit = conf_commit,
		.conf_drop = ikeconf_drop,
		.shutdown = end,
		.counters = show_counters,
	};
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-l") == 0)
			with_legacy = 1;
	}
	proc.handlers = collect(&proc.nhandlers);
	proc_run(&proc, argc, argv);
}
