/*
 * A RADIUS server that a test is, over UDP on loopback, logins that ask it, and
 * the parent that opens sockets, over a pipe.  The clock stands still and is
 * moved by hand.
 */
#ifndef REGRESS_UNIT_AUTHD_RADIUS_WORLD_H
#define REGRESS_UNIT_AUTHD_RADIUS_WORLD_H

#include <sys/socket.h>

#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include "authd/md5.h"
#include "authd/radius_io.h"
#include "common/bus.h"
#include "common/clock.h"
#include "common/compat/imsg.h"
#include "common/log.h"
#include "common/timer.h"
#include "regress/unit/authd/radius_reply.h"
#include "regress/unit/test.h"

#define KEY "a key of some length"
#define TIMEOUT 5  /* s */
#define TURN_MS 64 /* timers fire so late at most */

static struct event_base *base;
static struct server_stats server_stats;
static struct radius_stats stats;
static struct imsgbuf parent;
static int udp = -1; /* the server's socket */
static struct endpoint at;
static struct server *server;
static uint64_t now = 1000000;

static inline void
pass(uint64_t ms)
{
	now += ms;
	clock_hold(now, now / 1000);
	timer_turn();
}

static inline void
set_up(void)
{
	static const struct bus_ops ops;
	int sv[2];

	log_init("radius_io_test", 1);
	secret_init();
	CHECK_INT(md5_init(), 0);
	base = event_base_new();
	bus_init(base, PROC_AUTHD, &ops);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	bus_add(PROC_PARENT, 0, sv[0]);
	CHECK_INT(imsgbuf_init(&parent, sv[1]), 0);
	servers_init(&server_stats);
	radius_io_init(base, &stats);
}

static inline int
udp_socket(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 1 << 20;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(fd != -1);
	CHECK_INT(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	CHECK_INT(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

static inline void
configure(uint8_t legacy)
{
	struct msg_CONF_SERVER m = { .timeout = TIMEOUT, .legacy = legacy };

	strlcpy(m.servers, "list", sizeof(m.servers));
	m.at = at;
	m.key_len = sizeof(KEY) - 1;
	memcpy(m.key, KEY, m.key_len);
	servers_begin();
	servers_add(&m);
	servers_commit();
	server = servers_next("list", NULL, 1);
	CHECK(server != NULL);
}

/* A server of its own for each test; nothing is left of the one before. */
static inline void
start(void)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (base == NULL)
		set_up();
	servers_begin();
	servers_commit();
	if (udp != -1)
		close(udp);
	udp = udp_socket();
	CHECK_INT(getsockname(udp, (struct sockaddr *)&ss, &len), 0);
	CHECK_INT(endpoint_from_sockaddr((struct sockaddr *)&ss, &at), 0);
	clock_hold(now, now / 1000);
	timer_init(NULL);
	memset(&stats, 0, sizeof(stats));
	configure(0);
}

/* --- the parent --- */

/* It was asked for a socket so many times since. */
static inline int
asked(void)
{
	const struct msg_SERVER_OPEN *m;
	struct pollfd p = { parent.fd, POLLIN, 0 };
	struct imsg imsg;
	int n = 0;

	bus_flush();
	while (poll(&p, 1, 0) == 1 && imsgbuf_read(&parent) == 1)
		continue;
	while (imsgbuf_get(&parent, &imsg) == 1) {
		CHECK_INT(imsg_get_type(&imsg), MSG_SERVER_OPEN);
		m = imsg.data;
		CHECK_INT(m->protocol, LOGIN_RADIUS);
		CHECK(endpoint_equal(&m->at, &at));
		imsg_free(&imsg);
		n++;
	}
	return n;
}

static inline void
hand(void)
{
	struct msg_SERVER_FD m = { .protocol = LOGIN_RADIUS, .at = at };
	struct sockaddr_storage ss;
	socklen_t len = endpoint_to_sockaddr(&at, &ss);
	int fd = udp_socket();

	CHECK_INT(connect(fd, (struct sockaddr *)&ss, len), 0);
	radius_io_handle_fd(&m, fd);
}

/* --- logins --- */

struct one {
	struct radius_exchange x; /* first */
	int calls, code;
	char why[64];
	int again; /* begin once more when it is done */
};

static inline void
build(struct radius_exchange *x, const struct addr *from)
{
	char text[ADDR_STRLEN];

	CHECK_STR(addr_text(from, text), "127.0.0.1");
	radius_put_text(&x->request, RADIUS_USER_NAME, "nemo");
}

static inline void
done(struct radius_exchange *x, const struct radius_reply *r, const char *why)
{
	struct one *o = (struct one *)(void *)x;

	o->calls++;
	CHECK((r == NULL) != (why == NULL));
	o->code = r == NULL ? 0 : (int)radius_code(r);
	snprintf(o->why, sizeof(o->why), "%s", why == NULL ? "" : why);
	if (o->again-- > 0)
		radius_io_begin(x, server);
}

static inline void
begin(struct one *o)
{
	memset(o, 0, sizeof(*o));
	o->x.build = build;
	o->x.done = done;
	radius_io_begin(&o->x, server);
}

static inline void
is_silent(const struct one *o, const char *why)
{
	CHECK_INT(o->calls, 1);
	CHECK_INT(o->code, 0);
	CHECK_STR(o->why, why);
}

/* --- the server --- */

struct datagram {
	uint8_t p[RADIUS_MAX];
	ssize_t len;
	struct sockaddr_storage from;
	socklen_t fromlen;
};

/*
 * 1: one came, within a second where one must come; once one did not, no other
 * is waited for.
 */
static inline int
hear(struct datagram *d, int must)
{
	static int patience = 1000;
	struct pollfd p = { udp, POLLIN, 0 };

	if (poll(&p, 1, must ? patience : 0) != 1) {
		if (must)
			patience = 0;
		return 0;
	}
	d->fromlen = sizeof(d->from);
	d->len = recvfrom(udp, d->p, sizeof(d->p), 0,
	    (struct sockaddr *)&d->from, &d->fromlen);
	CHECK(d->len >= 20);
	return d->len >= 20;
}

static inline void
tell(const struct datagram *to, const void *p, size_t len)
{
	CHECK_INT(sendto(udp, p, len, 0, (const struct sockaddr *)&to->from,
		      to->fromlen),
	    len);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static inline void
answer_with(const struct datagram *d, uint8_t code, const char *key, int mac)
{
	struct reply r;

	reply_begin(&r, code, d->p[1]);
	if (mac)
		reply_mac(&r);
	reply_sign(&r, d->p, key);
	tell(d, r.p, r.len);
}

static inline void
answer(const struct datagram *d, uint8_t code)
{
	answer_with(d, code, KEY, 1);
}

/* A server with a socket. */
static inline void
start_open(void)
{
	struct one o;

	start();
	begin(&o);
	CHECK_INT(asked(), 1);
	radius_io_cancel(&o.x);
	hand();
	CHECK_INT(asked(), 0);
	memset(&stats, 0, sizeof(stats));
}

/* One login from begin to end; its identifier. */
static inline uint8_t
whole(void)
{
	struct datagram d = { .len = 0 };
	struct one o;

	begin(&o);
	CHECK(hear(&d, 1));
	answer(&d, 2);
	CHECK_INT(o.calls, 1);
	return d.p[1];
}

#endif /* REGRESS_UNIT_AUTHD_RADIUS_WORLD_H */
