/*
 * The kernel's own PF_KEY, driven through ikerd/ike/kernel.h: register, flow,
 * SPI, install, read, move, expire, delete, sweep, each checked by reading
 * back.  Needs root and a kernel with PF_KEY: run in the lab's machine.  Not a
 * unit test; prints "ok" or "FAILED" for each step and exits 1 on a failure.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ikerd/ike/kernel_conn.h"

static struct kernel *k;
static struct kernel_algs algs;
static int failures;
static int soft, hard;
static uint8_t key[64];

static void
step(const char *what, int ok)
{
	printf("%-6s %s%s%s\n", ok ? "ok" : "FAILED", what, ok ? "" : ": ",
	    ok ? "" : kernel_error(k));
	fflush(stdout);
	failures += !ok;
}

static void
on_expire(void *arg, uint32_t spi, const struct addr *dst, int h)
{
	h ? hard++ : soft++;
}

static void
on_nothing(void *arg)
{
}

static const struct kernel_ops ops = {
	.expire = on_expire, .lost = on_nothing, .pending = on_nothing
};

static struct addr
ip(const char *text)
{
	struct addr a;

	if (addr_parse(text, &a) == -1)
		abort();
	return a;
}

static struct esp_flow
flow(const char *inner, const char *peer)
{
	struct esp_flow f;

	memset(&f, 0, sizeof(f));
	f.local.addr = ip("10.1.0.0");
	f.local.prefix = 16;
	f.remote.addr = ip(inner);
	f.remote.prefix = 32;
	f.gateway = ip("192.0.2.1");
	f.peer = ip(peer);
	return f;
}

static struct esp_sa
sa(const struct esp_flow *f, int in, int natt)
{
	struct esp_sa s;

	memset(&s, 0, sizeof(s));
	s.src.addr = in ? f->peer : f->gateway;
	s.dst.addr = in ? f->gateway : f->peer;
	s.natt = natt;
	s.src.port = in ? 31000 : 4500;
	s.dst.port = in ? 4500 : 31000;
	s.inner = f->remote;
	s.reqid = in ? f->reqid_in : f->reqid_out;
	s.encrypt = ESP_AES;
	s.auth = ESP_AUTH_HMAC_SHA;
	s.enc_key = key;
	s.enc_len = 32;
	s.auth_key = key + 32;
	s.auth_len = 20;
	s.soft_s = 3000;
	s.hard_s = 3600;
	s.soft_bytes = 1000000;
	s.hard_bytes = 2000000;
	return s;
}

static int
got_one(const struct pfkey_info *i, void *arg)
{
	(*(int *)arg)++;
	return 0;
}

static int
count(enum pfkey_op op)
{
	int n = 0;

	if (kernel_dump(k, op, got_one, &n) == -1)
		return -1;
	return n;
}

/* What the kernel says of an SA. */
static int
look(const struct esp_sa *s, struct pfkey_info *info)
{
	struct pfkey_req req = { .op = OP_GET, .sa = s };

	return kernel_request(k, &req, "look", info);
}

static int
pool(const struct network *n, void *arg)
{
	struct addr first = ip("10.9.0.0"), last = ip("10.9.255.255");

	return addr_in_range(&n->addr, &first, &last);
}

/* One SA pair: everything that a session does. */
static void
session(struct esp_flow *f, struct esp_sa *in, struct esp_sa *out)
{
	struct esp_counters c;

	step("flow add", kernel_flow_add(k, f) == 0);
	step("reqids written back", f->reqid_in != 0 && f->reqid_out != 0);
	*in = sa(f, 1, in->natt);
	*out = sa(f, 0, out->natt);
	step("getspi", kernel_spi_get(k, in, &in->spi) == 0);
	step("update", kernel_sa_update(k, in) == 0);
	out->spi = 0xc0de0000 + (f->remote.addr.b[3]);
	step("add", kernel_sa_add(k, out) == 0);
	step("add twice is EEXIST",
	    kernel_sa_add(k, out) == -1 && errno == EEXIST);
	step("counters in",
	    kernel_sa_get(k, in, &c) == 0 && c.added != 0 && c.bytes == 0);
	step("counters out", kernel_sa_get(k, out, &c) == 0);
}

static void
read_back(const struct esp_sa *s)
{
	struct pfkey_info i;

	step("get", look(s, &i) == 0);
	step("state mature", i.state == SASTATE_MATURE);
	step("reqid", k->v->own_reqid || i.reqid == s->reqid);
	step("lifetimes",
	    i.hard.addtime == 3600 && i.soft.addtime == 3000 &&
		i.hard.bytes == 2000000 && i.soft.bytes == 1000000);
	step("encryption key",
	    i.key_encrypt.len == 32 && memcmp(i.key_encrypt.p, key, 32) == 0);
	step("authentication key",
	    i.key_auth.len == 20 && memcmp(i.key_auth.p, key + 32, 20) == 0);
	step("ports",
	    !s->natt ||
		(i.natt_sport == s->src.port && i.natt_dport == s->dst.port));
	kernel_forget(k);
}

static void
moves(struct esp_flow *f, struct esp_sa *in, struct esp_sa *out)
{
	struct endpoint to = { ip("198.51.100.7"), 31999 };
	struct pfkey_info i;
	int r;

	r = kernel_sa_move(k, in, out, &to);
	step("move port", r == 0 || (r == 1 && !k->v->move_port));
	step("moved in", look(in, &i) == 0 && i.natt_sport == 31999);
	step("moved out", look(out, &i) == 0 && i.natt_dport == 31999);
	to.addr = ip("203.0.113.50");
	r = kernel_sa_move(k, in, out, &to);
	step("move address", r == !k->v->move_addr);
	step(
	    "moved in", look(in, &i) == 0 && addr_equal(&i.src.addr, &to.addr));
	step("moved out",
	    look(out, &i) == 0 && addr_equal(&i.dst.addr, &to.addr));
	step("reqid kept", i.reqid == out->reqid || k->v->own_reqid);
	step("key kept",
	    i.key_encrypt.len == 32 && memcmp(i.key_encrypt.p, key, 32) == 0);
	f->peer = to.addr;
	step("flow moved", kernel_flow_add(k, f) == 0);
}

static void
expiries(struct esp_flow *f)
{
	struct esp_sa s = sa(f, 0, 0);
	struct pollfd p = { .fd = k->fd, .events = POLLIN };
	int i;

	s.spi = 0xabcdef01;
	s.soft_s = 1;
	s.hard_s = 2;
	step("short-lived SA", kernel_sa_add(k, &s) == 0);
	for (i = 0; i < 60 && hard == 0; i++) {
		if (poll(&p, 1, 100) == 1)
			kernel_read(k);
	}
	step("soft expiry seen", soft == 1);
	step("hard expiry seen", hard == 1);
	step("delete of the expired", kernel_sa_delete(k, &s) == 0);
}

/* Thousands at once: reqids beyond the manual range, long lists. */
static void
many(int n)
{
	struct kernel_swept swept;
	struct esp_flow f;
	struct esp_sa s;
	int i, bad = 0;

	for (i = 0; i < n; i++) {
		f = flow("10.9.0.0", "198.51.100.7");
		f.remote.addr.b[2] = i / 250;
		f.remote.addr.b[3] = i % 250 + 1;
		bad += kernel_flow_add(k, &f) == -1;
		s = sa(&f, 0, 0);
		s.spi = 0xd0000000 + i;
		bad += kernel_sa_add(k, &s) == -1;
	}
	step("many flows and SAs", bad == 0);
	step("listed", count(OP_DUMP_SA) == n);
	kernel_free(k);
	k = kernel_new(k == NULL ? -1 : 3, &ops, NULL);
	step("sweep many", kernel_sweep(k, pool, NULL, &swept) == 0);
	printf("       %u SAs %u policies\n", swept.sas, swept.policies);
	step("swept all", (int)swept.sas == n);
}

static void
sockets(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int fd6 = socket(AF_INET6, SOCK_DGRAM, 0);

	sin.sin_port = htons(4500);
	step("bind 4500", bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0);
	step("bypass", kernel_udp_bypass(fd, AF_INET) == 0);
	step("encap", kernel_udp_encap(fd, AF_INET) == 0);
	step("bypass v6", fd6 == -1 || kernel_udp_bypass(fd6, AF_INET6) == 0);
	close(fd6);
	close(fd);
}

static void
foreign_left(struct esp_sa *theirs)
{
	struct kernel_swept swept;
	struct esp_flow f = flow("172.16.1.1", "198.51.100.9");
	struct esp_flow ours = flow("10.9.8.7", "198.51.100.7");
	struct esp_sa s, larval;

	f.reqid_in = f.reqid_out = 0x1777; /* in our range, but theirs */
	step("foreign flow", kernel_flow_add(k, &f) == 0);
	*theirs = sa(&f, 0, 0);
	theirs->spi = 0xf0f0f0f0;
	step("foreign SA", kernel_sa_add(k, theirs) == 0);
	step("our flow", kernel_flow_add(k, &ours) == 0);
	s = sa(&ours, 0, 0);
	s.spi = 0xe0e0e0e0;
	step("our SA", kernel_sa_add(k, &s) == 0);
	larval = sa(&ours, 1, 0);
	step("our larval SA", kernel_spi_get(k, &larval, &larval.spi) == 0);
	kernel_free(k); /* as if killed: the descriptor is all that stays */
	k = kernel_new(3, &ops, NULL);
	step("sweep", kernel_sweep(k, pool, NULL, &swept) == 0);
	printf("       %u SAs %u policies\n", swept.sas, swept.policies);
	step("swept 2 SAs", swept.sas == 2);
	step("swept policies", swept.policies == (k->v->fwd ? 3 : 2));
	step("foreign SA stays", kernel_sa_delete(k, theirs) == 0);
	step("one left no more", count(OP_DUMP_SA) == 0);
	/* and away with the foreign flow, by the same means */
	step("foreign flow stays", count(OP_DUMP_FLOW) >= (k->v->fwd ? 3 : 2));
	step("adopt", kernel_flow_add(k, &f) == 0);
	step("remove", kernel_flow_delete(k, &f) == 0);
}

int
main(int argc, char *argv[])
{
	struct addr first = ip("10.9.8.5"), last = ip("10.9.8.20");
	struct esp_flow f = flow("10.9.8.7", "198.51.100.7");
	struct esp_sa in = { .natt = 1 }, out = { .natt = 1 }, theirs;
	char why[128];
	size_t i;
	int fd, before;

	for (i = 0; i < sizeof(key); i++)
		key[i] = i;
	if ((fd = kernel_open()) == -1) {
		perror("PF_KEY");
		return 2;
	}
	if (dup2(fd, 3) == -1)
		return 2;
	k = kernel_new(3, &ops, NULL);
	step("register", kernel_register(k, &algs) == 0);
	step("register again", kernel_register(k, &algs) == 0);
	printf("       %u ciphers %u auths\n", algs.nencrypt, algs.nauth);
	for (i = 0; i < algs.nencrypt; i++)
		printf("       encrypt %u %u-%u\n", algs.encrypt[i].id,
		    algs.encrypt[i].minbits, algs.encrypt[i].maxbits);
	for (i = 0; i < algs.nauth; i++)
		printf("       auth %u %u-%u\n", algs.auth[i].id,
		    algs.auth[i].minbits, algs.auth[i].maxbits);
	step("can aes sha1",
	    kernel_can(
		&algs, ESP_AES, 256, ESP_AUTH_HMAC_SHA, 0, why, sizeof(why)));
	before = count(OP_DUMP_FLOW);
	sockets();
	session(&f, &in, &out);
	step("3 or 2 policies",
	    count(OP_DUMP_FLOW) == before + (k->v->fwd ? 3 : 2));
	read_back(&in);
	read_back(&out);
	moves(&f, &in, &out);
	step("guard pool", kernel_deny_pool(k, &first, &last, 1) == 0);
	step("guard again", kernel_deny_pool(k, &first, &last, 1) == 0);
	step("guard off", kernel_deny_pool(k, &first, &last, 0) == 0);
	expiries(&f);
	step("delete in", kernel_sa_delete(k, &in) == 0);
	step("delete out", kernel_sa_delete(k, &out) == 0);
	step("delete again", kernel_sa_delete(k, &out) == 0);
	step("flow delete", kernel_flow_delete(k, &f) == 0);
	step("no policy left", count(OP_DUMP_FLOW) == before);
	step("no SA left", count(OP_DUMP_SA) == 0);
	foreign_left(&theirs);
	many(argc > 1 ? atoi(argv[1]) : 2000);
	step("no policy left at the end", count(OP_DUMP_FLOW) == before);
	step("no SA left at the end", count(OP_DUMP_SA) == 0);
	printf("lost %llu overflow %llu foreign %llu bad %llu\n",
	    (unsigned long long)kernel_stats(k)->lost,
	    (unsigned long long)kernel_stats(k)->overflow,
	    (unsigned long long)kernel_stats(k)->foreign,
	    (unsigned long long)kernel_stats(k)->bad);
	printf("pfkey_live: %d failed\n", failures);
	return failures != 0;
}
