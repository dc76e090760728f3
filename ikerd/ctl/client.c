/*
 * The control socket seen from ikerctl: connects, asks, waits for answers
 * with a deadline.  Prints nothing but its own last words.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/compat/imsg.h"
#include "ikerd/ctl/client.h"

#define ANSWER_MS 45000 /* longer than a reload may take */

#if defined(__OpenBSD__)
#define START "rcctl start ikerd"
#elif defined(__FreeBSD__) || defined(__NetBSD__)
#define START "service ikerd start"
#else
#define START "systemctl start ikerd"
#endif

struct client {
	struct imsgbuf ibuf;
	enum process process;
};

static struct client *
client_new(enum process p, int fd)
{
	struct client *c;

	if ((c = calloc(1, sizeof(*c))) == NULL ||
	    imsgbuf_init(&c->ibuf, fd) == -1)
		err(1, NULL);
	imsgbuf_allow_fdpass(&c->ibuf);
	c->process = p;
	return c;
}

struct client *
client_parent(const char *path)
{
	struct sockaddr_un sun;
	int fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		errx(1, "%s: too long for a socket's path", path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		err(1, "socket");
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return client_new(PROC_PARENT, fd);
	if (errno == ENOENT)
		errx(1,
		    "ikerd is not running (no socket at %s): start it "
		    "with: " START,
		    path);
	if (errno == ECONNREFUSED)
		errx(1,
		    "ikerd is not running (nobody listens at %s): start it "
		    "with: " START,
		    path);
	if (errno == EACCES || errno == EPERM)
		errx(1, "must be root to use %s", path);
	err(1, "%s", path);
}

void
client_close(struct client *c)
{
	imsgbuf_clear(&c->ibuf);
	close(c->ibuf.fd);
	free(c);
}

static void __attribute__((__noreturn__)) gone(const struct client *c)
{
	errx(1,
	    "%s closed the connection before its answer was whole: see "
	    "the log",
	    process_name(c->process));
}

/* Wait until there is something to read. */
static void
wait_readable(struct client *c, uint64_t until)
{
	struct pollfd pfd = { .fd = c->ibuf.fd, .events = POLLIN };
	uint64_t now;
	int left = -1, n;

	do {
		if (until != 0) {
			now = clock_ms();
			left = now < until ? (int)(until - now) : 0;
		}
		n = poll(&pfd, 1, left);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		err(1, "poll");
	if (n == 0)
		errx(1,
		    "%s does not answer: see `ikerctl show processes' and "
		    "the log",
		    process_name(c->process));
}

/* The next message, checked; the caller frees it. */
static void
next_message(struct client *c, struct imsg *imsg, uint64_t until)
{
	const char *why;
	int n;

	while ((n = imsgbuf_get(&c->ibuf, imsg)) == 0) {
		wait_readable(c, until);
		if (imsgbuf_read(&c->ibuf) != 1)
			gone(c);
	}
	if (n == -1)
		errx(1, "%s sent what is no message", process_name(c->process));
	why = msg_check(c->process, PROC_CTL, imsg_get_type(imsg), imsg->data,
	    imsg_get_len(imsg),
	    msg_desc(imsg_get_type(imsg)) != NULL &&
		msg_desc(imsg_get_type(imsg))->has_fd);
	if (why != NULL)
		errx(1,
		    "message from %s: %s: are ikerctl and ikerd of the "
		    "same version?",
		    process_name(c->process), why);
}

static void
send_message(struct client *c, enum msg_type type, const void *payload)
{
	if (imsg_compose(
		&c->ibuf, type, 0, 0, -1, payload, msg_desc(type)->size) == -1)
		err(1, "imsg_compose");
	if (imsgbuf_flush(&c->ibuf) == -1)
		gone(c);
}

struct client *
client_owner(struct client *parent, enum process p, unsigned int instance,
    char *why, size_t size)
{
	const struct msg_CTL_DONE *done;
	struct msg_CTL_OPEN open;
	struct client *c = NULL;
	struct imsg imsg;
	int fd;

	memset(&open, 0, sizeof(open));
	open.process = (uint8_t)p;
	open.instance = (uint8_t)instance;
	send_message(parent, MSG_CTL_OPEN, &open);
	next_message(parent, &imsg, clock_ms() + ANSWER_MS);
	if (imsg_get_type(&imsg) == MSG_CTL_DONE) {
		done = imsg.data;
		(void)strlcpy(why, done->text, size);
	} else if (imsg_get_type(&imsg) == MSG_CTL_PIPE &&
	    (fd = imsg_get_fd(&imsg)) != -1) {
		c = client_new(p, fd);
	} else {
		errx(1,
		    "the parent answered something else: are ikerctl and "
		    "ikerd of the same version?");
	}
	imsg_free(&imsg);
	return c;
}

int
client_ask(struct client *c, enum msg_type type, const void *payload,
    int forever, client_row *row, void *arg, char *why, size_t size)
{
	const struct msg_CTL_DONE *done;
	struct imsg imsg;
	int failed;

	send_message(c, type, payload);
	for (;;) {
		next_message(c, &imsg, forever ? 0 : clock_ms() + ANSWER_MS);
		if (imsg_get_type(&imsg) == MSG_CTL_DONE)
			break;
		if (row != NULL)
			row(arg, imsg_get_type(&imsg), imsg.data);
		imsg_free(&imsg);
	}
	done = imsg.data;
	failed = done->failed;
	(void)strlcpy(why, done->text, size);
	imsg_free(&imsg);
	return failed ? -1 : 0;
}
