/*
 * The connection to the kernel: one PF_KEY socket, one request at a time
 * with its reply, and the events between them, kept until kernel_read().
 * Called by the ike process and by kernel_*.c; it touches nothing but the
 * descriptor it was given.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/rnd.h"
#include "ikerd/ike/kernel_conn.h"
#include "ikerd/ike/pfkey_kame.h"
#include "ikerd/ike/pfkey_obsd.h"

#define RCVBUF_MAX (2 * 1024 * 1024) /* OpenBSD takes no more */
#define WAIT_KERNEL 200 /* ms: the reply is there before write() returns */
#define WAIT_STUB 1000	/* ms: a process plays the kernel */

const struct pfkey_variant *
pfkey_variant(enum kernel_variant id)
{
	static const struct pfkey_variant *const all[] = { &pfkey_linux,
		&pfkey_freebsd, &pfkey_netbsd, &pfkey_openbsd };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i]->id == id)
			return all[i];
	return NULL;
}

/* The largest buffer up to want that the system gives. */
static int
set_rcvbuf(int fd, int want)
{
	for (; want >= 8192; want /= 2)
		if (setsockopt(
			fd, SOL_SOCKET, SO_RCVBUF, &want, sizeof(want)) == 0)
			return want;
	return 8192;
}

int
kernel_open(void)
{
	int fd;

	fd = socket(PF_KEY, SOCK_RAW | SOCK_CLOEXEC, 2 /* PF_KEY_V2 */);
	if (fd != -1)
		(void)set_rcvbuf(fd, RCVBUF_MAX);
	return fd;
}

struct kernel *
kernel_new(int fd, const struct kernel_ops *ops, void *arg)
{
	return kernel_new_variant(fd, ops, arg, kernel_native());
}

struct kernel *
kernel_new_variant(
    int fd, const struct kernel_ops *ops, void *arg, enum kernel_variant id)
{
	int type = 0;
	socklen_t len = sizeof(type);
	struct kernel *k;

	if ((k = calloc(1, sizeof(*k))) == NULL)
		return NULL;
	k->fd = fd;
	k->v = pfkey_variant(id);
	k->ops = ops;
	k->arg = arg;
	k->pid = getpid();
	k->seq = rnd_u32() >> 1;
	k->reqid_next = REQID_FIRST;
	k->reqid_above = REQID_LAST + 1;
	STAILQ_INIT(&k->events);
	RB_INIT(&k->rows);
	RB_INIT(&k->guards);
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1)
		type = 0;
	k->wait_ms = type == SOCK_RAW ? WAIT_KERNEL : WAIT_STUB;
	k->rcvbuf = set_rcvbuf(fd, RCVBUF_MAX / 4);
	return k;
}

void
kernel_free(struct kernel *k)
{
	struct kernel_event *e;
	struct kernel_row *r;

	if (k == NULL)
		return;
	while ((e = STAILQ_FIRST(&k->events)) != NULL) {
		STAILQ_REMOVE_HEAD(&k->events, entry);
		free(e);
	}
	while ((r = RB_ROOT(&k->rows)) != NULL)
		kernel_row_drop(k, r);
	kernel_guards_forget(k);
	sodium_memzero(k, sizeof(*k));
	free(k);
}

const char *
kernel_error(const struct kernel *k)
{
	return k->error;
}

const struct kernel_stats *
kernel_stats(const struct kernel *k)
{
	return &k->stats;
}

int
kernel_fail(struct kernel *k, int error, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	vsnprintf(k->error, sizeof(k->error), fmt, ap);
	va_end(ap);
	n = strlen(k->error);
	snprintf(k->error + n, sizeof(k->error) - n, ": %s", strerror(error));
	errno = error;
	return -1;
}

void
kernel_forget(struct kernel *k)
{
	sodium_memzero(k->in, sizeof(k->in));
}

/* --- events --- */

static struct kernel_event *
event_add(struct kernel *k, int what)
{
	struct kernel_event *e;

	if ((e = calloc(1, sizeof(*e))) == NULL) {
		k->lost_due = 1;
		return NULL;
	}
	e->what = what;
	STAILQ_INSERT_TAIL(&k->events, e, entry);
	return e;
}

static void
event_lost(struct kernel *k)
{
	struct kernel_event *e;

	STAILQ_FOREACH(e, &k->events, entry)
		if (e->what == EVENT_LOST)
			return;
	(void)event_add(k, EVENT_LOST);
}

/* The receive buffer was full: make it larger while the system lets us. */
static void
overflow(struct kernel *k)
{
	k->stats.overflow++;
	if (k->rcvbuf < RCVBUF_MAX)
		k->rcvbuf = set_rcvbuf(k->fd, k->rcvbuf * 2);
	event_lost(k);
}

/* A message that is no reply to us. */
static void
event_take(struct kernel *k, const uint8_t *buf, size_t len)
{
	struct kernel_event *e;
	struct pfkey_info i;

	if (pfkey_read(k->v, buf, len, &i) == -1) {
		k->stats.bad++;
		return;
	}
	if (i.head.satype != k->v->esp || i.head.error != 0 ||
	    !PFKEY_HAVE(&i, EXT_SA)) {
		k->stats.foreign++;
		return;
	}
	if (i.head.type == MSG_EXPIRE) {
		if ((e = event_add(k, EVENT_EXPIRE)) == NULL)
			return;
		e->spi = i.spi;
		e->where = i.dst;
		e->hard = PFKEY_HAVE(&i, EXT_LIFETIME_HARD);
	} else if (k->v->new_mapping != 0 && i.head.type == k->v->new_mapping) {
		/* af_key: ADDRESS_DST and DPORT are the peer's new place */
		if ((e = event_add(k, EVENT_MAPPING)) == NULL)
			return;
		e->spi = i.spi;
		e->where.addr = i.dst.addr;
		e->where.port = i.natt_dport;
	} else
		k->stats.foreign++;
}

static void
event_deliver(struct kernel *k, const struct kernel_event *e)
{
	k->stats.events++;
	switch (e->what) {
	case EVENT_EXPIRE:
		if (k->ops != NULL && k->ops->expire != NULL)
			k->ops->expire(k->arg, e->spi, &e->where.addr, e->hard);
		break;
	case EVENT_MAPPING:
		if (k->ops != NULL && k->ops->mapping != NULL)
			k->ops->mapping(k->arg, e->spi, &e->where);
		break;
	case EVENT_LOST:
		if (k->ops != NULL && k->ops->lost != NULL)
			k->ops->lost(k->arg);
		break;
	}
}

/*
 * One message into k->in: its length, 0 when there is none, -1 when the
 * other end is gone.  Cut off ones are dropped as broken.
 */
static ssize_t
receive(struct kernel *k)
{
	struct iovec iov = { .iov_base = k->in, .iov_len = sizeof(k->in) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	for (;;) {
		mh.msg_flags = 0;
		n = recvmsg(k->fd, &mh, MSG_DONTWAIT);
		if (n == 0)
			return -1;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == ENOBUFS) {
			overflow(k);
			continue;
		}
		if (n == -1)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
		if (mh.msg_flags & MSG_TRUNC) {
			k->stats.bad++;
			continue;
		}
		return n;
	}
}

/* Events that arrived meanwhile: ask once to be called. */
static void
tell_pending(struct kernel *k)
{
	if (k->told || STAILQ_EMPTY(&k->events))
		return;
	k->told = 1;
	if (k->ops != NULL && k->ops->pending != NULL)
		k->ops->pending(k->arg);
}

static void
drain(struct kernel *k)
{
	ssize_t n;

	while ((n = receive(k)) > 0) {
		event_take(k, k->in, n);
		sodium_memzero(k->in, n);
	}
}

/* At most so many messages are taken in one go, so that others get a turn. */
#define READ_BURST 256

void
kernel_read(struct kernel *k)
{
	struct kernel_event *e;
	ssize_t n;
	int i;

	k->told = 1; /* no pending() from inside */
	for (i = 0; i < READ_BURST && (n = receive(k)) > 0; i++) {
		event_take(k, k->in, n);
		sodium_memzero(k->in, n);
	}
	if (k->lost_due) {
		k->lost_due = 0;
		event_lost(k);
	}
	for (i = 0; i < READ_BURST && (e = STAILQ_FIRST(&k->events)) != NULL;
	     i++) {
		STAILQ_REMOVE_HEAD(&k->events, entry);
		event_deliver(k, e);
		free(e);
	}
	k->told = 0;
	tell_pending(k);
}

/* --- requests --- */

static int
transmit(struct kernel *k, const char *what)
{
	ssize_t n;
	int tries, error = EINTR;

	for (tries = 0; tries < 3; tries++) {
		n = send(k->fd, k->out.buf, k->out.len, MSG_NOSIGNAL);
		if (n == (ssize_t)k->out.len)
			return 0;
		error = n == -1 ? errno : EMSGSIZE;
		if (error == ENOBUFS || error == EAGAIN) {
			overflow(k);
			drain(k); /* then once more */
		} else if (error != EINTR)
			break;
	}
	k->stats.refused++;
	return kernel_fail(k, error, "%s", what);
}

/* A readable descriptor: 1, 0 in time out, -1. */
static int
wait_readable(struct kernel *k)
{
	struct pollfd p = { .fd = k->fd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, k->wait_ms);
	while (n == -1 && errno == EINTR);
	return n;
}

/*
 * The next message that mine() accepts, others go to the events: its length,
 * or -1 with ETIMEDOUT.
 */
static ssize_t
await(struct kernel *k, const struct pfkey_req *req,
    int (*mine)(const struct kernel *, const struct pfkey_req *,
	const struct pfkey_head *))
{
	uint64_t end = clock_ms() + k->wait_ms;
	struct pfkey_head h;
	ssize_t n;

	for (;;) {
		if ((n = receive(k)) == -1) {
			errno = EPIPE;
			return -1;
		}
		if (n == 0) {
			if (clock_ms() > end || wait_readable(k) != 1) {
				errno = ETIMEDOUT;
				return -1;
			}
			continue;
		}
		if (pfkey_read_head(k->in, n, &h) == 0 && mine(k, req, &h))
			return n;
		event_take(k, k->in, n);
		sodium_memzero(k->in, n);
	}
}

/* Some kernels answer GET with DUMP: the number decides, not the type. */
static int
is_reply(const struct kernel *k, const struct pfkey_req *req,
    const struct pfkey_head *h)
{
	uint8_t type = k->v->forms[req->op].type;

	return h->pid == k->pid && h->seq == req->seq &&
	    (h->type == type || (type == MSG_GET && h->type == MSG_DUMP));
}

static int
send_request(struct kernel *k, struct pfkey_req *req, const char *what)
{
	int r;

	if (++k->seq == 0)
		k->seq = 1;
	req->seq = k->seq;
	req->pid = k->pid;
	k->stats.requests++;
	k->error[0] = '\0';
	if (pfkey_build(k->v, req, &k->out) == 0)
		r = kernel_fail(
		    k, EINVAL, "%s: not expressible to %s", what, k->v->name);
	else
		r = transmit(k, what);
	sodium_memzero(&k->out, sizeof(k->out));
	return r;
}

static int
request(struct kernel *k, struct pfkey_req *req, const char *what,
    struct pfkey_info *info)
{
	struct pfkey_head h;
	ssize_t n;
	int error;

	if (send_request(k, req, what) == -1)
		return -1;
	if ((n = await(k, req, is_reply)) == -1) {
		k->stats.lost++;
		event_lost(k);
		return kernel_fail(k, errno, "%s: no reply", what);
	}
	(void)pfkey_read_head(k->in, n, &h);
	error = h.error;
	if (error == 0 && pfkey_read(k->v, k->in, n, info) == -1) {
		k->stats.bad++;
		error = EBADMSG;
	}
	if (error == 0 &&
	    (req->op == OP_GET || req->op == OP_REGISTER || req->op == OP_LIST))
		return 0; /* the caller needs what info points to */
	sodium_memzero(k->in, n);
	if (error == 0)
		return 0;
	k->stats.refused++;
	return kernel_fail(k, error, "%s", what);
}

int
kernel_request(struct kernel *k, struct pfkey_req *req, const char *what,
    struct pfkey_info *info)
{
	int r, error;

	memset(info, 0, sizeof(*info));
	r = request(k, req, what, info);
	error = errno;
	tell_pending(k);
	errno = error;
	return r;
}

/*
 * A second time on one socket is EEXIST on FreeBSD and Linux, without the
 * lists; for no SA type in particular they come all the same.
 */
int
kernel_register(struct kernel *k, struct kernel_algs *algs)
{
	struct pfkey_req req = { .op = OP_REGISTER };
	struct pfkey_info info;
	int r;

	memset(algs, 0, sizeof(*algs));
	r = kernel_request(k, &req, "register for ESP", &info);
	if (r == -1 && errno == EEXIST) {
		req.op = OP_LIST;
		r = kernel_request(k, &req, "list algorithms", &info);
	}
	if (r == 0)
		pfkey_algs(k->v, &info, algs);
	kernel_forget(k);
	return r;
}

/* --- lists --- */

/* Records of a list are numbered by themselves, so pid and type decide. */
static int
is_record(const struct kernel *k, const struct pfkey_req *req,
    const struct pfkey_head *h)
{
	return h->pid == k->pid && h->type == k->v->forms[req->op].type;
}

static int
dump_socket(struct kernel *k, enum pfkey_op op,
    int (*got)(const struct pfkey_info *, void *), void *arg)
{
	struct pfkey_req req = { .op = op };
	struct pfkey_info info;
	struct pfkey_head h;
	uint32_t expect = 0;
	ssize_t n;
	int r = 1, first = 1;

	if (send_request(k, &req, "dump") == -1)
		return -1;
	do {
		if ((n = await(k, &req, is_record)) == -1) {
			k->stats.lost++;
			event_lost(k);
			if (errno == ETIMEDOUT && !first)
				return 0; /* the rest got lost */
			return kernel_fail(k, errno, "dump: no reply");
		}
		(void)pfkey_read_head(k->in, n, &h);
		if (h.error == ENOENT)
			return r; /* nothing to list */
		if (h.error != 0)
			return kernel_fail(k, h.error, "dump");
		if (k->v->dump_counts_down && !first && h.seq != expect)
			r = 0; /* some are missing */
		expect = h.seq - 1;
		first = 0;
		if (pfkey_read(k->v, k->in, n, &info) == -1)
			k->stats.bad++;
		else if (got(&info, arg) == -1)
			return kernel_fail(k, ENOMEM, "dump");
		sodium_memzero(k->in, n);
	} while (h.seq != 0);
	return r;
}

/* The same records from sysctl(3), one behind the other. */
static int
dump_buffer(struct kernel *k, const uint8_t *buf, size_t len,
    int (*got)(const struct pfkey_info *, void *), void *arg)
{
	struct pfkey_info info;
	size_t at, n;

	for (at = 0; len - at >= 16; at += n) {
		n = pfkey_get16(buf + at + 4) * 8U;
		if (n < 16 || n > len - at)
			break;
		if (pfkey_read(k->v, buf + at, n, &info) == -1)
			k->stats.bad++;
		else if (got(&info, arg) == -1)
			return kernel_fail(k, ENOMEM, "dump");
	}
	return 1;
}

int
kernel_dump(struct kernel *k, enum pfkey_op op,
    int (*got)(const struct pfkey_info *, void *), void *arg)
{
	uint8_t *buf;
	size_t len;
	int r;

	if (!k->v->dump_sysctl || kernel_sysctl_dump(op, &buf, &len) == -1) {
		if (k->v->dump_sysctl && errno != ENOTSUP)
			return kernel_fail(k, errno, "sysctl dump");
		r = dump_socket(k, op, got, arg);
		tell_pending(k);
		return r;
	}
	r = dump_buffer(k, buf, len, got, arg);
	if (buf != NULL) {
		sodium_memzero(buf, len);
		free(buf);
	}
	return r;
}
