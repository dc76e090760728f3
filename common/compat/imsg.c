/*
 * Our own imsg where the system has none: framed messages with at most one
 * descriptor each over a stream socketpair.  Buffers are zeroed before they
 * are freed, since passwords and keys pass through them.  Only common/bus.c
 * and the control client call this.
 */
#ifndef __OpenBSD__

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/compat/imsg.h"

#define IN_SIZE 65536	    /* more than three largest messages */
#define FD_FLAG 0x80000000U /* in imsg_hdr.len */
#define FDS_AHEAD 16	    /* descriptors without their message */
#define IOV_BATCH 32

struct imsg_out {
	TAILQ_ENTRY(imsg_out) entry;
	size_t len, sent;
	int fd;
	unsigned char bytes[];
};

struct imsg_fd {
	TAILQ_ENTRY(imsg_fd) entry;
	int fd;
};

int
imsgbuf_init(struct imsgbuf *b, int fd)
{
	memset(b, 0, sizeof(*b));
	TAILQ_INIT(&b->out);
	TAILQ_INIT(&b->fds);
	b->fd = fd;
	b->pid = getpid();
	b->in = malloc(IN_SIZE);
	return b->in == NULL ? -1 : 0;
}

void
imsgbuf_allow_fdpass(struct imsgbuf *b)
{
	b->fdpass = 1;
}

static void
out_free(struct imsgbuf *b, struct imsg_out *o)
{
	TAILQ_REMOVE(&b->out, o, entry);
	b->queued--;
	if (o->fd != -1)
		close(o->fd);
	explicit_bzero(o->bytes, o->len);
	free(o);
}

void
imsgbuf_clear(struct imsgbuf *b)
{
	struct imsg_out *o;
	struct imsg_fd *f;

	while ((o = TAILQ_FIRST(&b->out)) != NULL)
		out_free(b, o);
	while ((f = TAILQ_FIRST(&b->fds)) != NULL) {
		TAILQ_REMOVE(&b->fds, f, entry);
		close(f->fd);
		free(f);
	}
	if (b->in != NULL) {
		explicit_bzero(b->in, IN_SIZE);
		free(b->in);
		b->in = NULL;
	}
	b->in_at = b->in_len = 0;
}

uint32_t
imsgbuf_queuelen(struct imsgbuf *b)
{
	return b->queued;
}

/* Keep one received descriptor for the message that announces it. */
static void
fd_keep(struct imsgbuf *b, int fd)
{
	struct imsg_fd *f, *each;
	unsigned int n = 0;

	TAILQ_FOREACH(each, &b->fds, entry)
		n++;
	if (!b->fdpass || n >= FDS_AHEAD || (f = malloc(sizeof(*f))) == NULL) {
		close(fd);
		return;
	}
	f->fd = fd;
	TAILQ_INSERT_TAIL(&b->fds, f, entry);
}

int
imsgbuf_read(struct imsgbuf *b)
{
	union {
		struct cmsghdr hdr;
		char buf[CMSG_SPACE(sizeof(int) * FDS_AHEAD)];
	} control;
	struct msghdr msg;
	struct cmsghdr *c;
	struct iovec iov;
	ssize_t n;
	size_t i, count;
	int fd;

	if (b->in_at > 0) { /* once for all messages that were taken out */
		b->in_len -= b->in_at;
		memmove(b->in, b->in + b->in_at, b->in_len);
		explicit_bzero(b->in + b->in_len, b->in_at);
		b->in_at = 0;
	}
	if (b->in_len == IN_SIZE)
		return 1; /* the caller must take messages out first */
	memset(&msg, 0, sizeof(msg));
	memset(&control, 0, sizeof(control));
	iov.iov_base = b->in + b->in_len;
	iov.iov_len = IN_SIZE - b->in_len;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = &control.buf;
	msg.msg_controllen = sizeof(control.buf);
	n = recvmsg(b->fd, &msg, MSG_CMSG_CLOEXEC);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? 1 : -1;
	for (c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			fd_keep(b, fd);
		}
	}
	b->in_len += (size_t)n;
	return n == 0 ? 0 : 1;
}

/*
 * Send what one sendmsg(2) may carry: a run of messages of which only the
 * first has a descriptor.
 */
static ssize_t
send_run(struct imsgbuf *b)
{
	union {
		struct cmsghdr hdr;
		char buf[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov[IOV_BATCH];
	struct imsg_out *o, *first = TAILQ_FIRST(&b->out);
	struct msghdr msg;
	struct cmsghdr *c;
	int n = 0;

	TAILQ_FOREACH(o, &b->out, entry) {
		if (n == IOV_BATCH || (o != first && o->fd != -1))
			break;
		iov[n].iov_base = o->bytes + o->sent;
		iov[n].iov_len = o->len - o->sent;
		n++;
	}
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = iov;
	msg.msg_iovlen = n;
	if (first->fd != -1) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = &control.buf;
		msg.msg_controllen = sizeof(control.buf);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_len = CMSG_LEN(sizeof(int));
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(c), &first->fd, sizeof(int));
	}
	return sendmsg(b->fd, &msg, MSG_NOSIGNAL);
}

int
imsgbuf_write(struct imsgbuf *b)
{
	struct imsg_out *o;
	ssize_t n;
	size_t left;

	while (!TAILQ_EMPTY(&b->out)) {
		n = send_run(b);
		if (n == -1) {
			if (errno == EINTR)
				continue;
			return errno == EAGAIN || errno == ENOBUFS ? 0 : -1;
		}
		o = TAILQ_FIRST(&b->out);
		if (o->fd != -1) { /* it went with the first byte */
			close(o->fd);
			o->fd = -1;
		}
		for (left = (size_t)n; left > 0; left -= n) {
			o = TAILQ_FIRST(&b->out);
			n = o->len - o->sent < left ?
			    (ssize_t)(o->len - o->sent) :
			    (ssize_t)left;
			o->sent += (size_t)n;
			if (o->sent == o->len)
				out_free(b, o);
		}
	}
	return 0;
}

int
imsgbuf_flush(struct imsgbuf *b)
{
	struct pollfd pfd;

	while (!TAILQ_EMPTY(&b->out)) {
		if (imsgbuf_write(b) == -1)
			return -1;
		if (TAILQ_EMPTY(&b->out))
			break;
		pfd.fd = b->fd;
		pfd.events = POLLOUT;
		if (poll(&pfd, 1, -1) == -1 && errno != EINTR)
			return -1;
	}
	return 0;
}

int
imsgbuf_get(struct imsgbuf *b, struct imsg *m)
{
	unsigned char *in = b->in + b->in_at;
	size_t len, have = b->in_len - b->in_at;
	struct imsg_fd *f;

	if (have < sizeof(m->hdr))
		return 0;
	memcpy(&m->hdr, in, sizeof(m->hdr));
	len = m->hdr.len & ~FD_FLAG;
	if (len < sizeof(m->hdr) || len > MAX_IMSGSIZE) {
		errno = ERANGE;
		return -1;
	}
	if (have < len)
		return 0;
	m->fd = -1;
	if (m->hdr.len & FD_FLAG && (f = TAILQ_FIRST(&b->fds)) != NULL) {
		TAILQ_REMOVE(&b->fds, f, entry);
		m->fd = f->fd;
		free(f);
	}
	m->hdr.len = (uint32_t)len;
	len -= sizeof(m->hdr);
	m->data = NULL;
	if (len > 0) {
		if ((m->data = malloc(len)) == NULL)
			return -1;
		memcpy(m->data, in + sizeof(m->hdr), len);
	}
	explicit_bzero(in, m->hdr.len);
	b->in_at += m->hdr.len;
	return 1;
}

int
imsg_compose(struct imsgbuf *b, uint32_t type, uint32_t id, pid_t pid, int fd,
    const void *data, size_t len)
{
	struct imsg_hdr hdr;
	struct imsg_out *o;

	if (len > MAX_IMSGSIZE - sizeof(hdr)) {
		errno = ERANGE;
		return -1;
	}
	if ((o = malloc(sizeof(*o) + sizeof(hdr) + len)) == NULL)
		return -1;
	memset(&hdr, 0, sizeof(hdr));
	hdr.type = type;
	hdr.len = (uint32_t)(sizeof(hdr) + len) | (fd != -1 ? FD_FLAG : 0);
	hdr.peerid = id;
	hdr.pid = (uint32_t)(pid != 0 ? pid : b->pid);
	memcpy(o->bytes, &hdr, sizeof(hdr));
	if (len > 0)
		memcpy(o->bytes + sizeof(hdr), data, len);
	o->len = sizeof(hdr) + len;
	o->sent = 0;
	o->fd = fd;
	TAILQ_INSERT_TAIL(&b->out, o, entry);
	b->queued++;
	return 1;
}

void
imsg_free(struct imsg *m)
{
	if (m->data != NULL)
		freezero(m->data, imsg_get_len(m));
	m->data = NULL;
	if (m->fd != -1)
		close(m->fd);
	m->fd = -1;
}

int
imsg_get_fd(struct imsg *m)
{
	int fd = m->fd;

	m->fd = -1;
	return fd;
}

int
imsg_get_data(struct imsg *m, void *data, size_t len)
{
	if (imsg_get_len(m) != len) {
		errno = EBADMSG;
		return -1;
	}
	if (len > 0)
		memcpy(data, m->data, len);
	return 0;
}

uint32_t
imsg_get_type(struct imsg *m)
{
	return m->hdr.type;
}

uint32_t
imsg_get_id(struct imsg *m)
{
	return m->hdr.peerid;
}

size_t
imsg_get_len(struct imsg *m)
{
	return m->hdr.len - sizeof(m->hdr);
}

#endif /* !__OpenBSD__ */
