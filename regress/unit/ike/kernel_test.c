/*
 * The connection to the kernel, against a played one that answers late,
 * wrongly or not at all: replies matched, events kept, losses survived,
 * leftovers swept.
 */
#include <sys/types.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "ikerd/ike/kernel_conn.h"
#include "regress/unit/ike/pfkey_examples.h"
#include "regress/unit/test.h"

#include "regress/bench/fakekey.c"

/* What the peer does with the n-th request, besides answering. */
enum mischief {
	PLAIN,
	DROP_REPLY,   /* done, but the answer gets lost */
	DROP_REQUEST, /* neither done nor answered */
	EVENTS_FIRST, /* EXPIRE, a foreign ADD and rubbish before it */
	FLOOD,	      /* hundreds of such events */
	LATE,	      /* a little later */
};

struct peer {
	struct kernel *k;
	struct fakekey_counts *c;
	pid_t pid;
	int fd;
};

static struct {
	int soft;
	int hard;
	int lost;
	int pending;
	int mappings;
	uint32_t spi;
	struct endpoint where;
} seen;

static void
on_expire(void *arg, uint32_t spi, const struct addr *dst, int hard)
{
	hard ? seen.hard++ : seen.soft++;
	seen.spi = spi;
}

static void
on_mapping(void *arg, uint32_t spi, const struct endpoint *to)
{
	seen.mappings++;
	seen.spi = spi;
	seen.where = *to;
}

static void
on_lost(void *arg)
{
	seen.lost++;
}

static void
on_pending(void *arg)
{
	seen.pending++;
}

static const struct kernel_ops ops = { on_expire, on_mapping, on_lost,
	on_pending };

static void
no_reply(void *arg, const uint8_t *msg, size_t len)
{
}

static void
send_vector(int fd, const char *hex)
{
	uint8_t buf[PFKEY_SENDMAX];
	size_t len = unhex(hex, buf, sizeof(buf));

	reply_fd(&fd, buf, len);
}

/* Another key manager's news, an expiry, and three bytes of nothing. */
static void
noise(int fd)
{
	struct pfkey_msg m;
	struct sa s;

	send_vector(fd, GOLDEN("G2", KERNEL_LINUX)->hex);
	send_vector(fd, "020203");
	memset(&s, 0, sizeof(s));
	s.spi = 0x12345678;
	pfkey_begin(&m, MSG_EXPIRE, KAME_SATYPE_ESP, 0, 0);
	put_sa(&m, &s);
	put_current(&m, &s);
	pfkey_put_lifetime(&m, EXT_LIFETIME_SOFT, 0, 3000);
	reply_fd(&fd, m.buf, pfkey_end(&m));
}

static void
play(int fd, struct fakekey *fk, const enum mischief *script, size_t n)
{
	uint8_t buf[PFKEY_SENDMAX];
	enum mischief now;
	ssize_t len;
	size_t i, at = 0;

	while ((len = recv(fd, buf, sizeof(buf), 0)) > 0) {
		now = at < n ? script[at] : PLAIN;
		at++;
		if (now == EVENTS_FIRST)
			noise(fd);
		for (i = 0; now == FLOOD && i < 400; i++)
			noise(fd);
		if (now == LATE)
			usleep(50000);
		if (now != DROP_REQUEST)
			fakekey_handle(fk, buf, len,
			    now == DROP_REPLY ? no_reply : reply_fd, &fd);
	}
	fakekey_free(fk);
	_exit(0);
}

static struct peer
peer_start(const enum mischief *script, size_t n)
{
	struct peer p;
	int sv[2];

	memset(&seen, 0, sizeof(seen));
	p.c = mmap(NULL, sizeof(*p.c), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANON, -1, 0);
	if (p.c == MAP_FAILED ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) == -1)
		abort();
	if ((p.pid = fork()) == -1)
		abort();
	if (p.pid == 0) {
		close(sv[0]);
		play(sv[1], fakekey_new(p.c), script, n);
	}
	close(sv[1]);
	p.fd = sv[0];
	p.k = kernel_new_variant(p.fd, &ops, NULL, KERNEL_LINUX);
	p.k->wait_ms = 200;
	return p;
}

static void
peer_stop(struct peer *p)
{
	int status = -1;

	kernel_free(p->k);
	close(p->fd);
	waitpid(p->pid, &status, 0);
	CHECK_INT(status, 0);
	munmap(p->c, sizeof(*p->c));
}

static struct esp_sa
linux_sa(const struct esp_flow *f, int in)
{
	struct esp_sa s = observed_sa(
	    in, "198.51.100.2", 0xc0de0001, in ? f->reqid_in : f->reqid_out);

	s.src.addr = in ? f->peer : f->gateway;
	s.dst.addr = in ? f->gateway : f->peer;
	s.natt = 1;
	sa_keys(&s, ESP_AUTH_HMAC_SHA, 0x10, 32, 0x40, 20);
	s.inner = f->remote;
	return s;
}

static struct esp_flow
client_flow(uint32_t n)
{
	struct esp_flow f = flow_between(
	    "10.1.0.0", 16, "10.9.0.0", 32, "198.51.100.2");

	f.remote.addr = addr_ip4(0x0a090000 + n);
	f.priority = 0;
	return f;
}

/* A user connects, sends, moves behind his NAT, and leaves. */
TEST(a_session)
{
	static const enum mischief script[] = { EVENTS_FIRST, LATE,
		EVENTS_FIRST, LATE, EVENTS_FIRST, LATE, EVENTS_FIRST };
	struct peer p = peer_start(script, NELEM(script));
	struct endpoint to = { ip("198.51.100.2"), 31999 };
	struct esp_flow f = client_flow(7);
	struct esp_sa in, out;
	struct esp_counters c;
	struct kernel_algs algs;

	CHECK_INT(kernel_register(p.k, &algs), 0);
	CHECK_INT(algs.nencrypt, 7);
	CHECK_INT(kernel_register(p.k, &algs), 0);
	CHECK_INT(algs.nencrypt, 7);
	CHECK_INT(kernel_flow_add(p.k, &f), 0);
	CHECK(f.reqid_in >= REQID_FIRST && f.reqid_in == f.reqid_out);
	CHECK_INT(p.c->policies, 3);
	in = linux_sa(&f, 1);
	out = linux_sa(&f, 0);
	CHECK_INT(kernel_spi_get(p.k, &in, &in.spi), 0);
	CHECK_INT(p.c->larvals, 1);
	CHECK_INT(kernel_sa_update(p.k, &in), 0);
	CHECK_INT(kernel_sa_add(p.k, &out), 0);
	CHECK_INT(p.c->sas, 2);
	CHECK_INT(kernel_sa_add(p.k, &out), -1);
	CHECK_INT(errno, EEXIST);
	CHECK_STR(kernel_error(p.k), "install outbound SA: File exists");
	CHECK_INT(kernel_sa_move(p.k, &in, &out, &to), 0);
	CHECK_INT(in.src.port, 31999);
	to.addr = ip("203.0.113.9");
	CHECK_INT(kernel_sa_move(p.k, &in, &out, &to), 1);
	CHECK(addr_equal(&out.dst.addr, &to.addr));
	CHECK_INT(kernel_sa_get(p.k, &out, &c), 0);
	CHECK(c.added != 0);
	CHECK_INT(kernel_sa_delete(p.k, &out), 0);
	CHECK_INT(kernel_sa_delete(p.k, &out), 0);
	CHECK_INT(kernel_sa_delete(p.k, &in), 0);
	CHECK_INT(kernel_sa_get(p.k, &in, &c), -1);
	CHECK_INT(errno, ESRCH);
	CHECK_INT(kernel_flow_delete(p.k, &f), 0);
	CHECK_INT(p.c->policies + p.c->sas + p.c->larvals, 0);
	/* the events came in between, and wait for kernel_read() */
	CHECK_INT(seen.pending, 1);
	CHECK_INT(seen.soft, 0);
	kernel_read(p.k);
	CHECK_INT(seen.soft, 4);
	CHECK_INT(seen.spi, 0x12345678);
	CHECK_INT(seen.lost, 0);
	CHECK_INT(kernel_stats(p.k)->bad, 4);
	CHECK_INT(kernel_stats(p.k)->foreign, 4);
	peer_stop(&p);
}

TEST(lost_replies)
{
	static const enum mischief script[] = {
		DROP_REPLY, PLAIN, PLAIN, PLAIN, /* flow, again */
		DROP_REPLY, PLAIN,		 /* SPI, another */
		DROP_REPLY, PLAIN,		 /* UPDATE, seen by GET */
		DROP_REQUEST, PLAIN, PLAIN,	 /* ADD, GET: no, ADD */
		DROP_REPLY, PLAIN,		 /* DELETE, again */
		DROP_REQUEST, DROP_REQUEST,	 /* GET: unknown */
	};
	struct peer p = peer_start(script, NELEM(script));
	struct esp_flow f = client_flow(7);
	struct esp_sa in, out;
	struct esp_counters c;

	CHECK_INT(kernel_flow_add(p.k, &f), 0);
	CHECK_INT(p.c->policies, 3);
	in = linux_sa(&f, 1);
	out = linux_sa(&f, 0);
	CHECK_INT(kernel_spi_get(p.k, &in, &in.spi), 0);
	CHECK_INT(kernel_sa_update(p.k, &in), 0);
	CHECK_INT(kernel_sa_add(p.k, &out), 0);
	CHECK_INT(p.c->sas, 2);
	CHECK_INT(kernel_sa_delete(p.k, &out), 0);
	CHECK_INT(p.c->sas, 1);
	CHECK_INT(kernel_sa_get(p.k, &in, &c), -1);
	CHECK_INT(errno, ETIMEDOUT);
	CHECK_STR(kernel_error(p.k), "read SA: no reply: Connection timed out");
	CHECK_INT(kernel_stats(p.k)->lost, 7);
	kernel_read(p.k);
	CHECK_INT(seen.lost, 1);
	peer_stop(&p);
}

/* Hundreds of others' messages come before the reply. */
TEST(flooded_before_the_reply)
{
	static const enum mischief script[] = { PLAIN, PLAIN, PLAIN, PLAIN,
		FLOOD, FLOOD };
	struct peer p = peer_start(script, NELEM(script));
	struct esp_flow f = client_flow(7);
	struct esp_counters c;
	struct esp_sa s;

	CHECK_INT(kernel_flow_add(p.k, &f), 0);
	s = linux_sa(&f, 0);
	CHECK_INT(kernel_sa_add(p.k, &s), 0);
	CHECK_INT(kernel_sa_get(p.k, &s, &c), 0);
	CHECK_INT(kernel_sa_delete(p.k, &s), 0);
	CHECK_INT(kernel_stats(p.k)->foreign, 800);
	CHECK_INT(kernel_stats(p.k)->lost, 0);
	while (seen.soft < 800 && seen.pending > 0) {
		seen.pending = 0;
		kernel_read(p.k); /* in bursts, pending() asks for the next */
	}
	CHECK_INT(seen.soft, 800);
	peer_stop(&p);
}

/* Nothing more fits into the socket: said, counted, and over when it does. */
TEST(buffer_full)
{
	struct peer p = peer_start(NULL, 0);
	struct esp_flow f = client_flow(7);
	struct esp_counters c;
	struct esp_sa s;
	int fl = fcntl(p.fd, F_GETFL);

	CHECK_INT(kernel_flow_add(p.k, &f), 0);
	s = linux_sa(&f, 0);
	CHECK_INT(kernel_sa_add(p.k, &s), 0);
	kill(p.pid, SIGSTOP);
	CHECK_INT(fcntl(p.fd, F_SETFL, fl | O_NONBLOCK), 0);
	while (send(p.fd, "no message", 10, MSG_DONTWAIT) == 10)
		;
	CHECK_INT(kernel_sa_get(p.k, &s, &c), -1);
	CHECK(errno == EAGAIN || errno == ENOBUFS);
	CHECK(kernel_stats(p.k)->overflow > 0);
	kernel_read(p.k);
	CHECK_INT(seen.lost, 1);
	kill(p.pid, SIGCONT);
	CHECK_INT(fcntl(p.fd, F_SETFL, fl), 0);
	CHECK_INT(kernel_sa_get(p.k, &s, &c), 0);
	peer_stop(&p);
}

TEST(kernel_gone)
{
	struct peer p = peer_start(NULL, 0);
	struct esp_flow f = client_flow(7);
	int status;

	kill(p.pid, SIGKILL);
	waitpid(p.pid, &status, 0);
	CHECK_INT(kernel_flow_add(p.k, &f), -1);
	CHECK_INT(errno, EPIPE);
	kernel_read(p.k);
	kernel_free(p.k);
	close(p.fd);
}

TEST(refused_before_asking)
{
	struct peer p = peer_start(NULL, 0);
	struct esp_flow f = client_flow(7);
	struct esp_sa s;

	CHECK_INT(kernel_flow_add(p.k, &f), 0);
	s = linux_sa(&f, 0);
	s.enc_len = 25;
	CHECK_INT(kernel_sa_add(p.k, &s), -1);
	CHECK_INT(errno, EINVAL);
	s.enc_len = 32;
	s.auth_len = 19;
	CHECK_INT(kernel_sa_add(p.k, &s), -1);
	s.auth_len = 0;
	s.auth = ESP_AUTH_NONE;
	CHECK_INT(kernel_sa_add(p.k, &s), -1);
	s = linux_sa(&f, 0);
	s.dst.port = 0;
	CHECK_INT(kernel_sa_add(p.k, &s), -1);
	s = linux_sa(&f, 0);
	sa_keys(&s, ESP_AUTH_HMAC_SHA2_256, 0x10, 32, 0x40, 32);
	CHECK_INT(kernel_sa_add(p.k, &s), -1); /* 128-bit form on Linux */
	s.trunc96 = 1;
	CHECK_INT(kernel_sa_add(p.k, &s), 0);
	CHECK_INT(p.c->sas, 1);
	peer_stop(&p);
}

/* A client comes back from elsewhere before his old session is gone. */
TEST(replaced_flow_stays)
{
	struct peer p = peer_start(NULL, 0);
	struct esp_flow old = client_flow(7), new = client_flow(7);

	new.peer = ip("203.0.113.9");
	CHECK_INT(kernel_flow_add(p.k, &old), 0);
	CHECK_INT(kernel_flow_add(p.k, &new), 0);
	CHECK(old.reqid_out != new.reqid_out);
	CHECK_INT(p.c->policies, 3);
	CHECK_INT(kernel_flow_delete(p.k, &old), 0);
	CHECK_INT(p.c->policies, 3);
	CHECK_INT(kernel_flow_delete(p.k, &new), 0);
	CHECK_INT(p.c->policies, 0);
	CHECK_INT(kernel_flow_delete(p.k, &new), 0);
	peer_stop(&p);
}

/* More sessions than KAME has numbers for: the kernel chooses the rest. */
TEST(many_flows)
{
	struct peer p = peer_start(NULL, 0);
	struct esp_flow f, first = client_flow(0);
	uint32_t i;
	int bad = 0;

	CHECK_INT(kernel_flow_add(p.k, &first), 0);
	for (i = 1; i < REQID_COUNT; i++) {
		f = client_flow(i);
		bad += kernel_flow_add(p.k, &f) == -1 ||
		    f.reqid_in != f.reqid_out || f.reqid_in > REQID_LAST;
	}
	CHECK_INT(bad, 0);
	f = client_flow(i);
	CHECK_INT(kernel_flow_add(p.k, &f), 0);
	CHECK(f.reqid_out > REQID_LAST && f.reqid_in > REQID_LAST);
	CHECK_INT(p.c->policies, 3 * (REQID_COUNT + 1));
	CHECK_INT(kernel_flow_delete(p.k, &first), 0);
	f = client_flow(i + 1);
	CHECK_INT(kernel_flow_add(p.k, &f), 0);
	CHECK_INT(f.reqid_out, first.reqid_out);
	peer_stop(&p);
}

TEST(guard_covers_the_range)
{
	struct peer p = peer_start(NULL, 0);
	struct addr first = ip("10.89.129.200"), last = ip("10.89.129.204");

	/* .200/30 and .204/32, three directions */
	CHECK_INT(kernel_deny_pool(p.k, &first, &last, 1), 0);
	CHECK_INT(p.c->policies, 6);
	CHECK_INT(kernel_deny_pool(p.k, &first, &last, 0), 0);
	CHECK_INT(p.c->policies, 0);
	first = ip("0.0.0.0");
	last = ip("255.255.255.255");
	CHECK_INT(kernel_deny_pool(p.k, &first, &last, 1), 0);
	CHECK_INT(p.c->policies, 3);
	CHECK_INT(kernel_deny_pool(p.k, &last, &first, 1), -1);
	peer_stop(&p);
}

/*
 * The only address of a guard's network logs in, may reach everything and
 * goes: afterwards its address was not guarded any more.  And a reload while
 * it was there put the guard in the flow's place.
 */
TEST(guard_comes_back)
{
	struct peer p = peer_start(NULL, 0);
	struct addr first = ip("10.89.129.200"), last = ip("10.89.129.204");
	struct esp_flow f;

	memset(&f, 0, sizeof(f));
	f.local.addr.family = ADDR_IP4;
	f.remote.addr = last;
	f.remote.prefix = 32;
	f.gateway = ip("192.168.1.1");
	f.peer = ip("192.168.1.2");
	CHECK_INT(kernel_deny_pool(p.k, &first, &last, 1), 0);
	CHECK_INT(kernel_flow_add(p.k, &f), 0);
	CHECK_INT(p.c->policies, 6); /* it took the guard's place */
	CHECK_INT(kernel_deny_pool(p.k, &first, &last, 0), 0);
	CHECK_INT(p.c->policies, 3);
	CHECK_INT(kernel_deny_pool(p.k, &first, &last, 1), 0);
	CHECK_INT(p.c->policies, 6);
	CHECK_INT(kernel_flow_delete(p.k, &f), 0);
	CHECK_INT(p.c->policies, 6);
	CHECK_INT(kernel_deny_pool(p.k, &first, &last, 0), 0);
	CHECK_INT(p.c->policies, 0);
	peer_stop(&p);
}

static int
pool(const struct network *n, void *arg)
{
	struct addr first = ip("10.9.0.0"), last = ip("10.9.255.255");

	return addr_in_range(&n->addr, &first, &last);
}

TEST(sweep_takes_ours_only)
{
	struct peer p = peer_start(NULL, 0);
	struct esp_flow f, foreign = client_flow(1);
	struct kernel_swept swept;
	struct addr first = ip("10.9.0.0"), last = ip("10.9.0.255");
	struct esp_sa s;
	uint32_t i;

	CHECK_INT(kernel_sweep(p.k, pool, NULL, &swept), 0);
	CHECK_INT(swept.sas + swept.policies, 0);
	foreign.remote.addr = ip("172.16.0.1");
	foreign.reqid_in = foreign.reqid_out = 0x2000;
	CHECK_INT(kernel_flow_add(p.k, &foreign), 0);
	s = linux_sa(&foreign, 0);
	CHECK_INT(kernel_sa_add(p.k, &s), 0);
	for (i = 0; i < 300; i++) {
		f = client_flow(i);
		CHECK_INT(kernel_flow_add(p.k, &f), 0);
		s = linux_sa(&f, 0);
		s.spi = 0xd0000000 + i;
		CHECK_INT(kernel_sa_add(p.k, &s), 0);
		s = linux_sa(&f, 1);
		CHECK_INT(kernel_spi_get(p.k, &s, &s.spi), 0);
	}
	CHECK_INT(kernel_deny_pool(p.k, &first, &last, 1), 0);
	kernel_free(p.k);
	p.k = kernel_new_variant(p.fd, &ops, NULL, KERNEL_LINUX);
	CHECK_INT(kernel_sweep(p.k, pool, NULL, &swept), 0);
	CHECK_INT(swept.sas, 600);
	CHECK_INT(swept.policies, 903);
	CHECK_INT(p.c->sas, 1);
	CHECK_INT(p.c->larvals, 0);
	CHECK_INT(p.c->policies, 3);
	peer_stop(&p);
}

/* Events out of the played kernel itself. */
TEST(events)
{
	struct fakekey_counts c = { 0 };
	struct fakekey *fk = fakekey_new(&c);
	struct esp_flow f = client_flow(7);
	struct esp_sa s = linux_sa(&f, 0);
	struct pfkey_req req = { .op = OP_ADD, .sa = &s };
	struct pfkey_msg m;
	struct kernel *k;
	int sv[2];

	memset(&seen, 0, sizeof(seen));
	CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv), 0);
	k = kernel_new_variant(sv[0], &ops, NULL, KERNEL_LINUX);
	CHECK(pfkey_build(&pfkey_linux, &req, &m) != 0);
	fakekey_handle(fk, m.buf, m.len, no_reply, NULL);
	CHECK_INT(c.sas, 1);
	CHECK_INT(fakekey_mapping(fk, s.spi, 31999, reply_fd, &sv[1]), 0);
	CHECK_INT(fakekey_expire(fk, s.spi, 0, reply_fd, &sv[1]), 0);
	CHECK_INT(fakekey_expire(fk, s.spi, 1, reply_fd, &sv[1]), 0);
	CHECK_INT(c.sas, 0);
	kernel_read(k);
	CHECK_INT(seen.mappings, 1);
	CHECK_INT(seen.where.port, 31999);
	CHECK_INT(seen.soft, 1);
	CHECK_INT(seen.hard, 1);
	CHECK_INT(seen.spi, s.spi);
	kernel_free(k);
	close(sv[0]);
	close(sv[1]);
	fakekey_free(fk);
}

TEST(prepare)
{
	setup_keys();
}

TESTS(T(prepare), T(a_session), T(lost_replies), T(flooded_before_the_reply),
    T(buffer_full), T(kernel_gone), T(refused_before_asking),
    T(replaced_flow_stays), T(many_flows), T(guard_covers_the_range),
    T(guard_comes_back), T(sweep_takes_ours_only), T(events))
