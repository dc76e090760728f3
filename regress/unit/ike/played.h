/*
 * A played kernel, which has SAs by SPI and destination as every kernel has
 * them, and clients whose sessions are up: for tests of what is above them.
 */
#ifndef REGRESS_UNIT_IKE_PLAYED_H
#define REGRESS_UNIT_IKE_PLAYED_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <errno.h>
#include <event2/event.h>
#include <sodium.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/timer.h"
#include "ikerd/alg/provider.h"
#include "ikerd/ike/flow.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/job.h"
#include "ikerd/ike/kernel.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/rekey.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"
#include "regress/unit/test.h"

/* --- the kernel --- */

struct played {
	uint32_t spi;
	struct addr dst;
	uint64_t bytes;
	uint8_t key[128]; /* of encryption, then of authentication */
};

static struct esp_sa last_in;
static struct played sas[512];
static size_t nsas;
static uint32_t next_spi = 0x1000;
static const struct kernel_ops *ops;

static inline struct played *
played_find(uint32_t spi, const struct addr *dst)
{
	size_t i;

	for (i = 0; i < nsas; i++) {
		if (sas[i].spi == spi && addr_equal(&sas[i].dst, dst))
			return &sas[i];
	}
	return NULL;
}

static inline int
played_add(uint32_t spi, const struct addr *dst)
{
	if (played_find(spi, dst) != NULL) {
		errno = EEXIST;
		return -1;
	}
	memset(&sas[nsas], 0, sizeof(sas[nsas]));
	sas[nsas].spi = spi;
	sas[nsas++].dst = *dst;
	return 0;
}

static inline int
played_take(uint32_t spi, const struct addr *dst)
{
	struct played *p = played_find(spi, dst);

	if (p == NULL) {
		errno = ESRCH;
		return -1;
	}
	*p = sas[--nsas];
	return 0;
}

struct kernel *
kernel_new(int fd, const struct kernel_ops *o, void *arg)
{
	ops = o;
	return (struct kernel *)(void *)&sas;
}

int
kernel_register(struct kernel *k, struct kernel_algs *algs)
{
	return 0;
}

void
kernel_read(struct kernel *k)
{
}

const char *
kernel_error(const struct kernel *k)
{
	return "played";
}

int
kernel_deny_pool(
    struct kernel *k, const struct addr *first, const struct addr *last, int on)
{
	return 0;
}

static struct esp_flow flows[512];
static size_t nflows;

int
kernel_flow_add(struct kernel *k, struct esp_flow *f)
{
	flows[nflows++ % 512] = *f;
	return 0;
}

int
kernel_flow_delete(struct kernel *k, const struct esp_flow *f)
{
	nflows--;
	return 0;
}

int
kernel_spi_get(struct kernel *k, const struct esp_sa *sa, uint32_t *spi)
{
	last_in = *sa;
	*spi = next_spi++;
	return played_add(*spi, &sa->dst.addr);
}

static inline void
played_key(const struct esp_sa *sa)
{
	struct played *p = played_find(sa->spi, &sa->dst.addr);

	CHECK(p != NULL && sa->enc_len + sa->auth_len <= sizeof(p->key));
	memcpy(p->key, sa->enc_key, sa->enc_len);
	memcpy(p->key + sa->enc_len, sa->auth_key, sa->auth_len);
}

int
kernel_sa_update(struct kernel *k, const struct esp_sa *sa)
{
	played_key(sa);
	return 0;
}

int
kernel_sa_add(struct kernel *k, const struct esp_sa *sa)
{
	if (played_add(sa->spi, &sa->dst.addr) == -1)
		return -1;
	played_key(sa);
	return 0;
}

int
kernel_sa_get(struct kernel *k, const struct esp_sa *sa, struct esp_counters *c)
{
	struct played *p = played_find(sa->spi, &sa->dst.addr);

	memset(c, 0, sizeof(*c));
	if (p == NULL)
		return -1;
	c->bytes = p->bytes;
	return 0;
}

int
kernel_sa_delete(struct kernel *k, const struct esp_sa *sa)
{
	(void)played_take(sa->spi, &sa->dst.addr);
	return 0;
}

/* As Linux does: deleted, then added, which may fail. */
int
kernel_sa_move(struct kernel *k, struct esp_sa *in, struct esp_sa *out,
    const struct endpoint *to)
{
	in->src = *to;
	if (played_take(out->spi, &out->dst.addr) == -1 ||
	    played_add(out->spi, &to->addr) == -1)
		return -1;
	out->dst = *to;
	return 1;
}

/* --- clients --- */

static struct event_base *base;
static struct ike_socket sock;
static struct group group;
static const struct esp_suite *suite;

static inline void
played_gone(struct peer *peer)
{
	job_worker_down(peer);
}

static inline void
start(void)
{
	static struct esp_suite strong;
	static const struct bus_ops bus = { .peer_down = played_gone };
	struct msg_CONF_LIMITS l;
	int sv[2];

	if (base != NULL)
		return;
	clock_hold(10000, 1700000000);
	CHECK(sodium_init() != -1);
	CHECK_INT(alg_init(0), 0);
	base = event_base_new();
	timer_init(NULL);
	bus_init(base, PROC_IKE, &bus);
	session_init(base);
	sa_init();
	quick_init();
	job_init();
	tunnel_init(base);
	ikeconf_begin();
	memset(&l, 0, sizeof(l));
	l.half_open = l.half_open_source = l.sessions = l.dh_rate = 100;
	CHECK_INT(ikeconf_handlers[0].type, MSG_CONF_LIMITS);
	ikeconf_handlers[0].handle(NULL, &l, -1);
	ikeconf_free(ikeconf_commit());
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	CHECK_INT(tunnel_open(sv[0]), 0);
	sock.fd = -1;
	sock.natt = 1;
	sock.local.addr = addr_ip4(0xc0000201);
	sock.local.port = 4500;
	strong.cipher = esp_cipher_by_number(12, 128);
	strong.auth = esp_auth_by_number(2);
	CHECK(strong.cipher != NULL && strong.auth != NULL);
	suite = &strong;
}

static inline struct session *
client(uint32_t at)
{
	struct endpoint e = { addr_ip4(at), 4500 };
	static const uint8_t cky_i[ISAKMP_COOKIE_LEN] = { 1 };
	struct session *s = session_new(&e, 1);
	struct ike_sa *sa;

	CHECK(s != NULL);
	CHECK((sa = sa_new(s, cky_i, &sock, &e)) != NULL);
	sa->hash = ike_hash_by_name("sha1");
	sa->cipher = ike_cipher_by_name("aes-128");
	sa->group = ike_group_by_name("modp2048");
	CHECK_INT(sa_keys_alloc(sa), 0);
	sa_established(sa);
	s->group = &group;
	session_authenticated(s);
	s->state = SESSION_UP;
	return s;
}

static inline struct tunnel *
pair(struct session *s, uint32_t inner, uint32_t spi_out)
{
	struct range local = { addr_ip4(0), addr_ip4(0xffffffff) };
	struct range remote = { addr_ip4(inner), addr_ip4(inner) };
	uint8_t keymat[128] = { 0 };
	struct tunnel *t;

	t = tunnel_new(s, flow_get(s, &local, &remote, NULL, 0), suite, 1);
	CHECK(t != NULL);
	t->spi_out = spi_out;
	tunnel_set_life(t, 3600, 0);
	CHECK_INT(tunnel_add_in(t, keymat), 0);
	CHECK_INT(tunnel_add_out(t, keymat), 0);
	return t;
}

static inline void
leave(struct session *s)
{
	session_down(s, DOWN_DELETE);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static inline void
pass(uint64_t ms)
{
	static uint64_t now = 1000000;

	for (; ms > 0; ms -= ms < 1000 ? ms : 1000) {
		now += ms < 1000 ? ms : 1000;
		clock_hold(now, 1700000000 + now / 1000);
		timer_turn();
	}
}

static inline int
count(const struct session *s)
{
	struct tunnel *t;
	int n = 0;

	TAILQ_FOREACH(t, &s->tunnels, entry)
		n++;
	return n;
}

/* A pair that is up, as after its Quick Mode. */
static inline struct tunnel *
whole(struct session *s, uint32_t spi_out, int ours)
{
	struct tunnel *t = pair(s, 0x0a000002, spi_out);

	rekey_whole(t, ours);
	return t;
}

#endif /* REGRESS_UNIT_IKE_PLAYED_H */
