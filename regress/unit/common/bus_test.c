/*
 * Pipes between processes, over socketpairs in one: what is right arrives in
 * order, what breaks the table is never seen and ends its pipe.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/compat/imsg.h"
#include "regress/unit/test.h"

static struct event_base *base;
static int ups, downs, violations, leases, fds;
static uint64_t last_session;
static char why_text[128];

static void
on_lease(struct peer *from, const void *payload, int fd)
{
	const struct msg_LEASE_GET *m = payload;

	CHECK_INT(peer_process(from), PROC_IKE);
	CHECK_INT(fd, -1);
	leases++;
	last_session = m->session;
}

static void
on_peer_fd(struct peer *from, const void *payload, int fd)
{
	CHECK(fd != -1);
	fds++;
	close(fd);
}

static void
on_conf_begin(struct peer *from, const void *payload, int fd)
{
	bus_close(from); /* a handler may do that */
}

static const struct msg_handler handlers[] = {
	{ MSG_LEASE_GET, on_lease },
	{ MSG_PEER_FD, on_peer_fd },
	{ MSG_CONF_BEGIN, on_conf_begin },
};

static void
on_up(struct peer *p)
{
	ups++;
}

static void
on_down(struct peer *p)
{
	downs++;
}

static void
on_violation(struct peer *p, uint32_t type, const char *why)
{
	violations++;
	(void)strlcpy(why_text, why, sizeof(why_text));
}

static const struct bus_ops ops = { handlers, 3, on_up, on_down, on_violation };

/* The other end, which sends what it likes. */
static struct imsgbuf far;

static struct peer *
connect_as(enum process p)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1 ||
	    imsgbuf_init(&far, pair[1]) == -1)
		abort();
	imsgbuf_allow_fdpass(&far);
	ups = downs = violations = leases = fds = 0;
	why_text[0] = '\0';
	return bus_add(p, 0, pair[0]);
}

static void
far_close(void)
{
	int fd = far.fd;

	imsgbuf_clear(&far);
	close(fd);
}

static void
far_send(uint32_t type, const void *payload, size_t len, int fd)
{
	CHECK_INT(imsg_compose(&far, type, 0, 0, fd, payload, len), 1);
	CHECK_INT(imsgbuf_flush(&far), 0);
}

static void
turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

TEST(messages_arrive_in_order)
{
	struct msg_LEASE_GET m;
	int i;

	connect_as(PROC_IKE);
	CHECK_INT(ups, 1);
	memset(&m, 0, sizeof(m));
	for (i = 1; i <= 100; i++) {
		m.session = (uint64_t)i;
		far_send(MSG_LEASE_GET, &m, sizeof(m), -1);
	}
	for (i = 0; i < 20; i++)
		turn();
	CHECK_INT(leases, 100);
	CHECK_INT(last_session, 100);
	CHECK_INT(violations, 0);
	CHECK_INT(bus_counts(PROC_IKE)[MSG_LEASE_GET].received, 100);
	far_close();
	turn();
	CHECK_INT(downs, 1);
	CHECK(bus_find(PROC_IKE, 0) == NULL);
}

TEST(descriptors_come_along)
{
	struct msg_PEER_FD m;

	connect_as(PROC_PARENT);
	memset(&m, 0, sizeof(m));
	far_send(MSG_PEER_FD, &m, sizeof(m), open("/dev/null", O_RDONLY));
	turn();
	CHECK_INT(fds, 1);
	CHECK_INT(violations, 0);
	far_send(MSG_PEER_FD, &m, sizeof(m), -1); /* and must */
	turn();
	CHECK_INT(violations, 1);
	CHECK_STR(why_text, "no descriptor with it");
	CHECK_INT(downs, 1);
	far_close();
}

/* One broken message; the good one behind it must not be seen. */
static void
breaks(enum process p, uint32_t type, size_t len, const char *why)
{
	static uint8_t payload[4096];
	struct msg_LEASE_GET good;

	connect_as(p);
	memset(&good, 0, sizeof(good));
	CHECK_INT(imsg_compose(&far, type, 0, 0, -1, payload, len), 1);
	far_send(MSG_LEASE_GET, &good, sizeof(good), -1);
	turn();
	turn();
	CHECK_INT(violations, 1);
	CHECK_STR(why_text, why);
	CHECK_INT(downs, 1);
	CHECK_INT(leases, 0);
	CHECK(bus_find(p, 0) == NULL);
	far_close();
}

TEST(out_of_turn)
{
	breaks(PROC_CRYPTO, MSG_LEASE_GET, sizeof(struct msg_LEASE_GET),
	    "not this sender's to send");
	breaks(PROC_IKE, MSG_TUNNEL_UP, sizeof(struct msg_TUNNEL_UP),
	    "not for this receiver");
	breaks(PROC_IKE, MSG_LEASE_GET, 7, "wrong length");
	breaks(PROC_IKE, 9999, 0, "unknown type");
	breaks(PROC_IKE, MSG_LEASE_PUT, sizeof(struct msg_LEASE_PUT),
	    "not answered here");
}

TEST(broken_framing)
{
	connect_as(PROC_IKE);
	CHECK_INT(write(far.fd, "\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0", 16), 16);
	turn();
	CHECK_INT(violations, 1);
	CHECK_STR(why_text, "broken framing");
	CHECK_INT(downs, 1);
	far_close();
}

TEST(held_until_told)
{
	struct msg_LEASE_GET m;

	bus_hold(1);
	connect_as(PROC_IKE);
	memset(&m, 0, sizeof(m));
	far_send(MSG_LEASE_GET, &m, sizeof(m), -1);
	turn();
	CHECK_INT(leases, 0);
	bus_hold(0);
	turn();
	CHECK_INT(leases, 1);
	far_close();
	turn();
}

TEST(a_new_pipe_replaces_the_old)
{
	struct msg_LEASE_GRANT m;
	int old;

	memset(&m, 0, sizeof(m));
	connect_as(PROC_IKE);
	old = far.fd;
	imsgbuf_clear(&far);
	connect_as(PROC_IKE);
	CHECK_INT(downs, 1);
	CHECK_INT(bus_send_to(PROC_IKE, MSG_LEASE_GRANT, &m), 0);
	bus_flush();
	CHECK_INT(imsgbuf_read(&far), 1);
	CHECK(far.fd != old);
	close(old);
	far_close();
	turn();
	CHECK_INT(bus_send_to(PROC_IKE, MSG_LEASE_GRANT, &m), -1);
}

/*
 * Fifty forgotten "ikerctl monitor"s took the last descriptor of a process,
 * whose next one from the parent was lost: it ended over that.
 */
TEST(ikerctls_are_bounded)
{
	struct peer *first;
	int i, sv[2], before = downs, others[100];
	char byte;

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	first = bus_add(PROC_CTL, 0, sv[0]);
	others[0] = sv[1];
	CHECK(bus_find(PROC_CTL, 0) == first);
	for (i = 1; i < 100; i++) {
		CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
		bus_add(PROC_CTL, (unsigned int)i, sv[0]);
		others[i] = sv[1];
	}
	CHECK(downs - before >= 70);
	CHECK(bus_find(PROC_CTL, 0) == NULL);
	CHECK(bus_find(PROC_CTL, 99) != NULL);
	CHECK_INT(read(others[0], &byte, 1), 0); /* it is told */
	for (i = 0; i < 100; i++)
		close(others[i]);
	event_base_loop(base, EVLOOP_NONBLOCK);
	CHECK(bus_find(PROC_CTL, 99) == NULL);
}

/* A captured or stopped peer that reads nothing kept us from ending. */
TEST(flush_waits_for_nobody_for_ever)
{
	struct msg_LEASE_GRANT grant;
	struct peer *deaf;
	int i, sv[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	deaf = bus_add(PROC_IKE, 0, sv[0]);
	memset(&grant, 0, sizeof(grant));
	for (i = 0; i < 20000; i++)
		bus_send(deaf, MSG_LEASE_GRANT, &grant, -1);
	alarm(10);
	bus_flush();
	alarm(0);
	close(sv[1]);
	alarm(10);
	bus_flush(); /* broken */
	alarm(0);
	bus_close(deaf);
}

/* A stopped "ikerctl monitor" had what strangers did kept for it in memory. */
TEST(a_monitor_that_does_not_look_misses)
{
	struct msg_ROW_EVENT row;
	struct peer *ctl;
	int i, sv[2], sent = 0;

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	ctl = bus_add(PROC_CTL, 0, sv[0]);
	memset(&row, 0, sizeof(row));
	for (i = 0; i < 10000; i++)
		sent += bus_send(ctl, MSG_ROW_EVENT, &row, -1) == 0;
	CHECK_INT(sent, 2048);
	bus_close(ctl);
	close(sv[1]);
}

TEST(a_handler_closes_its_own_pipe)
{
	struct msg_CONF_BEGIN m;

	memset(&m, 0, sizeof(m));
	connect_as(PROC_PARENT);
	CHECK_INT(
	    imsg_compose(&far, MSG_CONF_BEGIN, 0, 0, -1, &m, sizeof(m)), 1);
	far_send(MSG_CONF_BEGIN, &m, sizeof(m), -1);
	turn();
	CHECK_INT(downs, 1);
	CHECK(bus_find(PROC_PARENT, 0) == NULL);
	far_close();
}

TEST(setup)
{
	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	bus_init(base, PROC_POOLD, &ops);
}

TESTS(T(setup), T(messages_arrive_in_order), T(descriptors_come_along),
    T(ikerctls_are_bounded), T(flush_waits_for_nobody_for_ever),
    T(a_monitor_that_does_not_look_misses), T(out_of_turn), T(broken_framing),
    T(held_until_told), T(a_new_pipe_replaces_the_old),
    T(a_handler_closes_its_own_pipe))
