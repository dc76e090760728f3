/*
 * Opens UDP sockets and the PF_KEY socket as root and passes them to ike, and
 * /dev/pf to the filter.  Reads nothing from any of them.  Called by main.c
 * when a child is started and by reload.c when addresses were added.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "ikerd/conf.h"
#include "ikerd/openkernel.h"
#include "ikerd/sockets.h"
#include "ikerd/sweep.h"
#include "ikerd/system.h"

#define PATIENCE 50    /* tries, */
#define TRY_MS 100     /* one every so many ms */
#define RCVBUF 1048576 /* bytes: a burst of first messages */

struct waiting {
	SLIST_ENTRY(waiting) entry;
	enum socket_kind kind;
	struct endpoint local;
	int fd;
};

SLIST_HEAD(waiting_list, waiting);
static struct waiting_list waiting = SLIST_HEAD_INITIALIZER(waiting);
/* What the ike of now was given, without descriptors: it keeps them. */
static struct waiting_list given = SLIST_HEAD_INITIALIZER(given);

static void
keep(enum socket_kind kind, const struct endpoint *local, int fd)
{
	struct waiting *w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		fatal("sockets");
	w->kind = kind;
	if (local != NULL)
		w->local = *local;
	w->fd = fd;
	SLIST_INSERT_HEAD(&waiting, w, entry);
}

void
sockets_drop(void)
{
	struct waiting *w;

	while ((w = SLIST_FIRST(&waiting)) != NULL) {
		SLIST_REMOVE_HEAD(&waiting, entry);
		close(w->fd);
		free(w);
	}
}

/* The ike that had them is dead. */
static void
forget_given(void)
{
	struct waiting *w;

	while ((w = SLIST_FIRST(&given)) != NULL) {
		SLIST_REMOVE_HEAD(&given, entry);
		free(w);
	}
}

static int
bind_patiently(int fd, const struct sockaddr *sa, socklen_t len, int patient)
{
	const struct timespec pause = { 0, TRY_MS * 1000000L };
	int i;

	for (i = 0; bind(fd, sa, len) == -1; i++) {
		if (errno != EADDRINUSE || !patient || i == PATIENCE)
			return -1;
		/* children of a parent that was killed are on their way out */
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* A bound socket, ready for ike; -1 with errno and what failed. */
static int
udp_open(
    const struct endpoint *local, int natt, int patient, const char **failed)
{
	const int on = 1, size = RCVBUF;
	struct sockaddr_storage ss;
	socklen_t len = endpoint_to_sockaddr(local, &ss);
	int fd, saved;

	*failed = "socket";
	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (ss.ss_family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	system_udp_options(fd, ss.ss_family);
	*failed = "bind";
	if (bind_patiently(fd, (struct sockaddr *)&ss, len, patient) == 0) {
		*failed = "IPsec options of the socket";
		if (open_kernel_udp(fd, ss.ss_family, natt) == 0)
			return fd;
	}
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int
ike_has(enum socket_kind kind, const struct endpoint *local)
{
	const struct waiting *w;

	SLIST_FOREACH(w, &given, entry) {
		if (w->kind == kind && endpoint_equal(&w->local, local))
			return 1;
	}
	return 0;
}

static uint16_t
port_of(const struct conf_listen *l, enum socket_kind kind)
{
	return kind == SOCKET_IKE ? l->port :
	    kind == SOCKET_NATT	  ? l->natt_port :
				    l->udp_port;
}

/* 0 too when the address has no such socket, or ike has it. */
static int
open_one(const struct conf *c, const struct conf_listen *l,
    enum socket_kind kind, int patient, char *why, size_t size)
{
	char text[ADDR_STRLEN], where[CONF_PLACE_STRLEN];
	struct endpoint local = { l->addr, port_of(l, kind) };
	const char *failed;
	int fd;

	if (local.port == 0 || ike_has(kind, &local))
		return 0;
	fd = udp_open(&local, kind != SOCKET_IKE, patient, &failed);
	if (fd == -1) {
		(void)snprintf(why, size, "%s: listen on %s: %s: %s%s",
		    conf_place_text(c, l->place, where),
		    endpoint_text(&local, text), failed, strerror(errno),
		    errno == EADDRINUSE ? " (another IKE daemon runs)" :
			errno == EADDRNOTAVAIL ?
					  " (no interface has the address)" :
					  "");
		return -1;
	}
	keep(kind, &local, fd);
	return 0;
}

static int
open_all(const struct conf *c, int patient, char *why, size_t size)
{
	const struct conf_listen *l;
	int kind;

	TAILQ_FOREACH(l, &c->listens, entry) {
		for (kind = SOCKET_IKE; kind <= SOCKET_UDP; kind++) {
			if (open_one(c, l, (enum socket_kind)kind, patient, why,
				size) == -1)
				return -1;
		}
	}
	return 0;
}

int
sockets_open(const struct conf *c, int patient)
{
	char why[CONF_PLACE_STRLEN + 256];
	int fd;

	sockets_drop();
	forget_given();
	if ((fd = open_kernel()) == -1)
		return -1;
	if (sweep(fd, c) == -1) {
		close(fd);
		return -1;
	}
	keep(SOCKET_PFKEY, NULL, fd);
	if (open_all(c, patient, why, sizeof(why)) == 0)
		return 0;
	log_warnx("%s", why);
	sockets_drop();
	return -1;
}

void
sockets_sweep(const struct conf *c)
{
	int fd;

	if (!open_kernel_is_real() || (fd = open_kernel()) == -1)
		return;
	(void)sweep(fd, c);
	close(fd);
}

static int
is_listened_on(const struct conf *c, const struct waiting *w)
{
	const struct conf_listen *l;

	TAILQ_FOREACH(l, &c->listens, entry) {
		if (addr_equal(&l->addr, &w->local.addr) &&
		    w->local.port == port_of(l, w->kind))
			return 1;
	}
	return 0;
}

void
sockets_forget_closed(const struct conf *c)
{
	struct waiting *w, *next;

	for (w = SLIST_FIRST(&given); w != NULL; w = next) {
		next = SLIST_NEXT(w, entry);
		if (w->kind == SOCKET_PFKEY || is_listened_on(c, w))
			continue;
		SLIST_REMOVE(&given, w, waiting, entry);
		free(w);
	}
}

int
sockets_open_new(const struct conf *next, char *why, size_t size)
{
	sockets_drop();
	if (open_all(next, 0, why, size) == 0)
		return 0;
	sockets_drop();
	return -1;
}

void
sockets_give(struct peer *ike)
{
	struct msg_SOCKET_FD m;
	struct waiting *w;

	while ((w = SLIST_FIRST(&waiting)) != NULL) {
		SLIST_REMOVE_HEAD(&waiting, entry);
		memset(&m, 0, sizeof(m));
		m.kind = (uint8_t)w->kind;
		m.local = w->local;
		(void)bus_send(ike, MSG_SOCKET_FD, &m, w->fd);
		w->fd = -1;
		SLIST_INSERT_HEAD(&given, w, entry);
	}
}

void
sockets_give_filter(struct peer *filter)
{
	struct msg_SOCKET_FD m;
	int fd;

	if ((fd = system_open_pf()) == -1)
		return;
	memset(&m, 0, sizeof(m));
	m.kind = SOCKET_PF;
	(void)bus_send(filter, MSG_SOCKET_FD, &m, fd);
}
