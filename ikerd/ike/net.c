/*
 * Reads and writes ike's UDP sockets.  The only file of this process that
 * touches the network; what it reads goes to one function, unparsed.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "ikerd/ike/net.h"

#define MARKER_LEN 4
#define BATCH 64 /* datagrams of one socket before others get their turn */

struct net_counters net_counters;

static struct event_base *base;
static net_input *input;
static struct ike_socket *sockets;
static int started;

void
net_init(struct event_base *b, net_input *in)
{
	base = b;
	input = in;
}

/* Take the marker off; 0 when what is left is an IKE message. */
static int
unwrap(const struct ike_socket *s, uint8_t **buf, size_t *len)
{
	static const uint8_t marker[MARKER_LEN];

	if (s->kind == SOCKET_UDP) { /* keepalives, if anything */
		net_counters.not_ike++;
		return -1;
	}
	if (!s->natt)
		return 0;
	if (*len == 1 && **buf == 0xff) {
		net_counters.keepalives++;
		return -1;
	}
	if (*len < MARKER_LEN || memcmp(*buf, marker, MARKER_LEN) != 0) {
		net_counters.not_ike++; /* ESP that the kernel did not want */
		return -1;
	}
	*buf += MARKER_LEN;
	*len -= MARKER_LEN;
	return 0;
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t packet[65536];
	struct ike_socket *s = arg;
	struct sockaddr_storage from;
	struct endpoint peer;
	socklen_t fromlen;
	uint8_t *buf;
	ssize_t n;
	size_t len;
	int i;

	for (i = 0; i < BATCH; i++) {
		fromlen = sizeof(from);
		n = recvfrom(s->fd, packet, sizeof(packet), MSG_DONTWAIT,
		    (struct sockaddr *)&from, &fromlen);
		if (n == -1)
			return; /* empty, or an ICMP error of some peer */
		net_counters.datagrams++;
		net_counters.bytes += (uint64_t)n;
		buf = packet;
		len = (size_t)n;
		if (endpoint_from_sockaddr((struct sockaddr *)&from, &peer) ==
			-1 ||
		    peer.port == 0 || unwrap(s, &buf, &len) == -1)
			continue;
		input(s, &peer, buf, len);
	}
}

void
net_add(int fd, const struct endpoint *local, enum socket_kind kind)
{
	struct ike_socket *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		fatal("net");
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	s->fd = fd;
	s->local = *local;
	s->kind = kind;
	s->natt = kind != SOCKET_IKE;
	s->reader = event_new(base, fd, EV_READ | EV_PERSIST, readable, s);
	if (s->reader == NULL)
		fatalx("net: event_new");
	s->next = sockets;
	sockets = s;
	if (started)
		event_add(s->reader, NULL);
}

void
net_start(void)
{
	struct ike_socket *s;

	started = 1;
	for (s = sockets; s != NULL; s = s->next)
		event_add(s->reader, NULL);
}

void
net_close(int (*keep)(const struct ike_socket *))
{
	struct ike_socket **p = &sockets, *s;

	while ((s = *p) != NULL) {
		if (keep(s)) {
			p = &s->next;
			continue;
		}
		*p = s->next;
		event_free(s->reader);
		close(s->fd);
		free(s);
	}
}

static void
send_parts(struct ike_socket *s, const struct endpoint *peer, struct iovec *iov,
    int niov)
{
	struct sockaddr_storage to;
	struct msghdr msg;

	memset(&msg, 0, sizeof(msg));
	msg.msg_namelen = endpoint_to_sockaddr(peer, &to);
	msg.msg_name = &to;
	msg.msg_iov = iov;
	msg.msg_iovlen = niov;
	net_counters.sent++;
	if (sendmsg(s->fd, &msg, MSG_DONTWAIT) == -1)
		net_counters.send_errors++;
}

void
net_send(struct ike_socket *s, const struct endpoint *peer, const uint8_t *buf,
    size_t len)
{
	static uint8_t marker[MARKER_LEN];
	struct iovec iov[2];

	iov[0].iov_base = marker;
	iov[0].iov_len = MARKER_LEN;
	iov[1].iov_base = (void *)(uintptr_t)buf;
	iov[1].iov_len = len;
	if (s->natt)
		send_parts(s, peer, iov, 2);
	else
		send_parts(s, peer, iov + 1, 1);
}

void
net_keepalive(struct ike_socket *s, const struct endpoint *peer)
{
	static uint8_t octet = 0xff;
	struct iovec iov = { &octet, 1 };

	send_parts(s, peer, &iov, 1);
}
