/*
 * The control socket: what an ikerctl may ask while no child runs, how many
 * may ask, and what is done with one that breaks the table or only sits there.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <event2/event.h>
#include <signal.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/compat/imsg.h"
#include "ikerd/children.h"
#include "ikerd/control.h"
#include "ikerd/openkernel.h"
#include "ikerd/reload.h"
#include "ikerd/sweep.h"
#include "regress/unit/test.h"

/* No kernel stands behind this parent. */
int
open_kernel(void)
{
	return -1;
}

int
open_kernel_udp(int fd, int family, int natt)
{
	return 0;
}

int
open_kernel_is_real(void)
{
	return 0;
}

int
sweep(int fd, const struct conf *c)
{
	return 0;
}

void
sweep_remember(const struct conf *c)
{
}

static struct event_base *base;
static char dir[64], path[96];
static int verbose = -1;

static void
set_verbose(int on)
{
	verbose = on;
}

static void
peer_down(struct peer *p)
{
	control_peer_down(p);
}

static void
client(struct imsgbuf *b)
{
	struct sockaddr_un sun;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    imsgbuf_init(b, fd) == -1)
		abort();
	imsgbuf_allow_fdpass(b);
}

static void
done(struct imsgbuf *b)
{
	close(b->fd);
	b->fd = -1;
	imsgbuf_clear(b);
}

static void
turn(void)
{
	int i;

	for (i = 0; i < 5; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
ask(struct imsgbuf *b, uint32_t type, const void *payload, size_t size)
{
	CHECK_INT(imsg_compose(b, type, 0, 0, -1, payload, size), 1);
	CHECK_INT(imsgbuf_flush(b), 0);
	turn();
}

/* How many rows come before CTL_DONE, which is copied; -1: closed. */
static int
answer(struct imsgbuf *b, struct msg_CTL_DONE *out)
{
	struct imsg m;
	int rows = 0, n;

	for (;;) {
		while ((n = imsgbuf_get(b, &m)) == 1) {
			CHECK(
			    msg_check(PROC_PARENT, PROC_CTL, imsg_get_type(&m),
				m.data, imsg_get_len(&m), 0) == NULL);
			if (imsg_get_type(&m) == MSG_CTL_DONE) {
				memcpy(out, m.data, sizeof(*out));
				imsg_free(&m);
				return rows;
			}
			rows++;
			imsg_free(&m);
		}
		if (recv(b->fd, &n, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
			return -1;
		if (imsgbuf_read(b) != 1)
			return -1;
	}
}

TEST(socket_is_roots_alone)
{
	struct stat st;

	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
}

TEST(questions)
{
	struct msg_SHOW_PROCESSES none;
	struct msg_CTL_DONE d;
	struct msg_CTL_OPEN open;
	struct msg_CTL_LOG log;
	struct imsgbuf b;

	client(&b);
	memset(&none, 0, sizeof(none));
	memset(&open, 0, sizeof(open));
	memset(&log, 0, sizeof(log));
	ask(&b, MSG_SHOW_PROCESSES, &none, sizeof(none));
	CHECK_INT(answer(&b, &d), 1); /* the parent itself */
	CHECK_INT(d.failed, 0);
	ask(&b, MSG_SHOW_COUNTERS, &none, sizeof(none));
	CHECK_INT(answer(&b, &d), 3);
	ask(&b, MSG_SHOW_MESSAGES, &none, sizeof(none));
	CHECK(answer(&b, &d) > 0);
	open.process = PROC_IKE;
	ask(&b, MSG_CTL_OPEN, &open, sizeof(open));
	CHECK_INT(answer(&b, &d), 0);
	CHECK_INT(d.failed, 1);
	CHECK_STR(d.text, "ike is not running: this ikerd has no such process");
	log.verbose = 1;
	ask(&b, MSG_CTL_LOG, &log, sizeof(log));
	CHECK_INT(answer(&b, &d), 0);
	CHECK_INT(verbose, 1);
	done(&b);
	turn();
}

TEST(what_only_owners_answer_ends_the_connection)
{
	struct msg_KICK kick;
	struct msg_CTL_DONE d;
	struct imsgbuf b;

	client(&b);
	memset(&kick, 0, sizeof(kick));
	ask(&b, MSG_KICK, &kick, sizeof(kick));
	CHECK_INT(answer(&b, &d), -1);
	done(&b);
	client(&b);
	ask(&b, MSG_SHOW_PROCESSES, &kick, sizeof(kick)); /* too long */
	CHECK_INT(answer(&b, &d), -1);
	done(&b);
	client(&b);
	CHECK_INT(write(b.fd, "GET / HTTP/1.1\r\n\r\n", 18), 18);
	turn();
	CHECK_INT(answer(&b, &d), -1);
	done(&b);
	turn();
}

TEST(many_requests_on_one_connection)
{
	struct msg_SHOW_PROCESSES none;
	struct msg_CTL_DONE d;
	struct imsgbuf b;
	int i;

	client(&b);
	memset(&none, 0, sizeof(none));
	for (i = 0; i < 64; i++) {
		ask(&b, MSG_SHOW_PROCESSES, &none, sizeof(none));
		CHECK_INT(answer(&b, &d), 1);
	}
	ask(&b, MSG_SHOW_PROCESSES, &none, sizeof(none));
	CHECK_INT(answer(&b, &d), -1);
	done(&b);
	turn();
}

TEST(many_that_hang)
{
	struct msg_SHOW_PROCESSES none;
	struct msg_CTL_DONE d;
	struct imsgbuf b[16], one;
	int i;

	memset(&none, 0, sizeof(none));
	for (i = 0; i < 16; i++)
		client(&b[i]);
	turn();
	client(&one);
	turn();
	CHECK_INT(answer(&one, &d), -1); /* one too many */
	done(&one);
	ask(&b[3], MSG_SHOW_PROCESSES, &none, sizeof(none));
	CHECK_INT(answer(&b[3], &d), 1);
	done(&b[3]);
	turn();
	client(&one); /* there is room again */
	ask(&one, MSG_SHOW_PROCESSES, &none, sizeof(none));
	CHECK_INT(answer(&one, &d), 1);
	done(&one);
	for (i = 0; i < 16; i++) {
		if (i != 3)
			done(&b[i]);
	}
	turn();
}

TEST(reload_says_why_not)
{
	struct msg_RELOAD m;
	struct msg_CTL_DONE d;
	struct imsgbuf b;

	client(&b);
	memset(&m, 0, sizeof(m));
	ask(&b, MSG_RELOAD, &m, sizeof(m));
	CHECK_INT(answer(&b, &d), 0);
	CHECK_INT(d.failed, 1);
	CHECK(strstr(d.text, "/nothing.conf: No such file") != NULL);
	done(&b);
	turn();
}

TEST(setup)
{
	static const struct reload_ops reload_ops = { .answer = control_done };
	static struct bus_ops ops = { .peer_down = peer_down,
		.violation = children_violation };
	static char conf[96];

	signal(SIGPIPE, SIG_IGN);
	(void)strlcpy(dir, "/tmp/control_test.XXXXXXXX", sizeof(dir));
	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof(path), "%s/sock", dir);
	(void)snprintf(conf, sizeof(conf), "%s/nothing.conf", dir);
	base = event_base_new();
	ops.handlers = control_handlers;
	ops.nhandlers = control_nhandlers;
	bus_init(base, PROC_PARENT, &ops);
	reload_init(base, conf, &reload_ops);
	control_init(base, path, set_verbose);
}

TEST(end_takes_the_socket_away)
{
	struct stat st;

	control_close();
	CHECK_INT(stat(path, &st), -1);
	CHECK_INT(rmdir(dir), 0);
}

TESTS(T(setup), T(socket_is_roots_alone), T(questions),
    T(what_only_owners_answer_ends_the_connection),
    T(many_requests_on_one_connection), T(many_that_hang),
    T(reload_says_why_not), T(end_takes_the_socket_away))
