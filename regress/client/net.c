/*
 * The scripted client's socket: connected UDP to the gateway's IKE or NAT-T
 * port, the latter with the non-ESP marker (RFC 3948 2.2).  Plain POSIX.
 */
#include <sys/uio.h>

#include <arpa/inet.h>

#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net.h"

int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
open_socket(struct net *n)
{
	socklen_t len = sizeof(n->local);

	if ((n->fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1)
		return -1;
	if (bind(n->fd, (struct sockaddr *)&n->local, sizeof(n->local)) == -1 ||
	    connect(n->fd, (struct sockaddr *)&n->remote, sizeof(n->remote)) ==
		-1 ||
	    getsockname(n->fd, (struct sockaddr *)&n->local, &len) == -1) {
		close(n->fd);
		n->fd = -1;
		return -1;
	}
	return 0;
}

/* Open towards host and port, from an address (NULL: any) and port (0: any). */
int
net_open(
    struct net *n, const char *host, const char *from, int port, int from_port)
{
	memset(n, 0, sizeof(*n));
	n->fd = -1;
	n->remote.sin_family = n->local.sin_family = AF_INET;
	n->remote.sin_port = htons((uint16_t)port);
	n->local.sin_port = htons((uint16_t)from_port);
	if (inet_pton(AF_INET, host, &n->remote.sin_addr) != 1 ||
	    (from != NULL && inet_pton(AF_INET, from, &n->local.sin_addr) != 1))
		return -1;
	return open_socket(n);
}

/* A new local port, and another remote one if port is not 0. */
int
net_move(struct net *n, int port, int from_port)
{
	net_close(n);
	n->local.sin_port = htons((uint16_t)from_port);
	if (port != 0) {
		n->remote.sin_port = htons((uint16_t)port);
		n->marker = 1;
	}
	return open_socket(n);
}

void
net_close(struct net *n)
{
	if (n->fd != -1)
		close(n->fd);
	n->fd = -1;
}

/* Send as it is, without a marker. */
int
net_send_bare(const struct net *n, const uint8_t *p, size_t len)
{
	return send(n->fd, p, len, 0) == (ssize_t)len ? 0 : -1;
}

int
net_send(const struct net *n, const uint8_t *p, size_t len)
{
	uint8_t zero[4] = { 0 };
	struct iovec v[2] = { { zero, 4 }, { (void *)(uintptr_t)p, len } };

	if (!n->marker)
		return net_send_bare(n, p, len);
	return writev(n->fd, v, 2) == (ssize_t)len + 4 ? 0 : -1;
}

/*
 * The next datagram, without its marker, until the time (now_ms) given; 0 if
 * none came.  Refused ports count as nothing received.
 */
ssize_t
net_recv(const struct net *n, uint8_t *b, size_t max, int64_t until)
{
	struct pollfd pfd = { .fd = n->fd, .events = POLLIN };
	int64_t left;
	ssize_t r;

	for (;;) {
		left = until - now_ms();
		if (left < 0)
			left = 0;
		if (poll(&pfd, 1, (int)left) <= 0)
			return 0;
		r = recv(n->fd, b, max, 0);
		if (r > 0 && n->marker) {
			if (r <= 4 || memcmp(b, "\0\0\0\0", 4) != 0)
				continue;
			memmove(b, b + 4, (size_t)r - 4);
			return r - 4;
		}
		if (r > 0)
			return r;
	}
}
