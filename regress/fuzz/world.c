/*
 * See world.h.  Stands in for ikerd/ike/net.c, common/bus.c and common/proc.c,
 * none of which is linked then.
 */
#include <sys/socket.h>

#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/proc.h"
#include "common/rnd.h"
#include "common/secret.h"
#include "common/timer.h"
#include "ikerd/alg/provider.h"
#include "ikerd/ike/frag.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/job.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/pfkey.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/show.h"
#include "ikerd/ike/transaction.h"
#include "ikerd/ike/tunnel.h"
#include "regress/bench/fakekey.h"
#include "regress/fuzz/world.h"

static struct event_base *base;

/* --- the network --- */

struct world_sent world_sent;
struct net_counters net_counters;
static struct ike_socket sockets[2];

void
world_sent_reset(void)
{
	world_sent.len = world_sent.datagrams = world_sent.octets = 0;
}

struct ike_socket *
world_socket(int natt)
{
	return &sockets[natt != 0];
}

void
net_send(struct ike_socket *s, const struct endpoint *peer, const uint8_t *buf,
    size_t len)
{
	MUST(len >= ISAKMP_HDR_LEN && len <= sizeof(world_sent.last));
	memcpy(world_sent.last, buf, len);
	world_sent.len = len;
	world_sent.datagrams++;
	world_sent.octets += len;
}

void
net_keepalive(struct ike_socket *s, const struct endpoint *peer)
{
}

static void
make_sockets(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		sockets[i].natt = i;
		sockets[i].local.addr = addr_ip4(0xc0a80101);
		sockets[i].local.port = i ? 4500 : 500;
	}
}

/* --- the neighbours --- */

struct peer {
	enum process process;
};
static struct peer peers[PROC_COUNT];

/* What was promised about a session and must be taken back. */
struct promise {
	uint64_t session;
	uint8_t up, tunnel, lease, login;
};
/* of login: an answer is owed, or one is waited for */
#define AUTHD_OWES 1
#define AUTHD_ASKS 2
#define PROMISES 256
static struct promise promises[PROMISES];
static size_t npromises;

/* What crypto has to do, the oldest first; each begins with its number. */
#define JOBS 64
struct todo {
	enum msg_type type;
	union {
		uint64_t job;
		struct msg_KEY_JOB key;
		struct msg_DH_JOB dh;
		struct msg_PAIR_JOB pair;
	} m;
};
static struct todo jobs[JOBS];
static size_t njobs;
static uint64_t next_pair;

static struct promise *
promise_of(uint64_t session)
{
	size_t i;

	for (i = 0; i < npromises; i++) {
		if (promises[i].session == session)
			return &promises[i];
	}
	if (npromises == PROMISES)
		return NULL;
	memset(&promises[npromises], 0, sizeof(promises[0]));
	promises[npromises].session = session;
	return &promises[npromises++];
}

/* Each message that matters begins with the session's id. */
static void
keep_promise(enum msg_type type, const void *payload)
{
	struct promise *p;
	uint64_t session;

	if (type == MSG_RESYNC_DONE)
		return;
	memcpy(&session, payload, sizeof(session));
	if ((p = promise_of(session)) == NULL)
		return;
	switch (type) {
	case MSG_LOGIN_START:
		MUST(!p->login);
		p->login = AUTHD_OWES;
		break;
	case MSG_LOGIN_ANSWER:
		MUST(p->login == AUTHD_ASKS);
		p->login = AUTHD_OWES;
		break;
	case MSG_LOGIN_CANCEL:
		MUST(p->login);
		p->login = 0;
		break;
	case MSG_SESSION_UP:
		p->up = 1;
		break;
	case MSG_SESSION_DOWN:
		MUST(p->up);
		p->up = 0;
		break;
	case MSG_LEASE_GET:
		p->lease = 1;
		break;
	case MSG_LEASE_KEEP:
		MUST(p->lease);
		break;
	case MSG_LEASE_PUT:
		MUST(p->lease);
		p->lease = 0;
		break;
	case MSG_TUNNEL_UP:
		p->tunnel = 1;
		break;
	case MSG_TUNNEL_DOWN:
		MUST(p->tunnel);
		p->tunnel = 0;
		break;
	default:
		break;
	}
}

/* Whatever a client sends, ike speaks to its neighbours by the table. */
int
bus_send(struct peer *to, enum msg_type type, const void *payload, int fd)
{
	const struct msg_desc *d = msg_desc(type);

	MUST(msg_check(PROC_IKE, to->process, type, payload, d->size, 0) ==
	    NULL);
	if (type == MSG_KEY_JOB || type == MSG_DH_JOB || type == MSG_PAIR_JOB) {
		if (njobs < JOBS) {
			jobs[njobs].type = type;
			memcpy(&jobs[njobs++].m, payload, d->size);
		}
	} else if (to->process != PROC_CTL && to->process != PROC_CRYPTO) {
		keep_promise(type, payload);
	}
	return 0;
}

int
bus_send_to(enum process process, enum msg_type type, const void *payload)
{
	return bus_send(&peers[process], type, payload, -1);
}

enum process
peer_process(const struct peer *p)
{
	return p->process;
}

unsigned int
peer_instance(const struct peer *p)
{
	return 0;
}

void
proc_ctl_done(struct peer *ctl, const char *error)
{
	MUST(ctl->process == PROC_CTL);
}

static const struct msg_handler *
handler_of(const struct msg_handler *h, size_t n, enum msg_type type)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (h[i].type == type)
			return &h[i];
	}
	return NULL;
}

static void
deliver(enum process from, enum msg_type type, const void *payload)
{
	const struct msg_handler *h;

	if ((h = handler_of(job_handlers, job_nhandlers, type)) == NULL &&
	    (h = handler_of(xauth_handlers, xauth_nhandlers, type)) == NULL &&
	    (h = handler_of(modecfg_handlers, modecfg_nhandlers, type)) ==
		NULL &&
	    (h = handler_of(show_handlers, show_nhandlers, type)) == NULL)
		h = handler_of(ikeconf_handlers, ikeconf_nhandlers, type);
	if (h != NULL)
		h->handle(&peers[from], payload, -1);
}

static void
crypto_ready(void)
{
	struct msg_CRYPTO_READY m;

	memset(&m, 0, sizeof(m));
	deliver(PROC_CRYPTO, MSG_CRYPTO_READY, &m);
}

static void
answer_key(const struct msg_KEY_JOB *job)
{
	const struct ike_hash *hash = ike_hash_by_number(job->hash);
	const struct ike_group *group = ike_group_by_number(job->group);
	struct msg_KEY_DONE m;

	MUST(hash != NULL && group != NULL);
	memset(&m, 0, sizeof(m));
	m.job = job->job;
	m.skeyid_len = m.skeyid_d_len = hash->len;
	m.skeyid_a_len = m.skeyid_e_len = hash->len;
	m.public_len = group->publiclen;
	memset(m.skeyid, FILL_SKEYID, hash->len);
	memset(m.skeyid_d, FILL_SKEYID_D, hash->len);
	memset(m.skeyid_a, FILL_SKEYID_A, hash->len);
	memset(m.skeyid_e, FILL_SKEYID_E, hash->len);
	memset(m.public, FILL_PUBLIC, m.public_len);
	deliver(PROC_CRYPTO, MSG_KEY_DONE, &m);
}

static void
answer_dh(const struct msg_DH_JOB *job)
{
	const struct ike_group *group = ike_group_by_number(job->group);
	struct msg_DH_DONE m;

	MUST(group != NULL && job->pair <= next_pair);
	MUST(job->peer_public_len == group->publiclen);
	memset(&m, 0, sizeof(m));
	m.job = job->job;
	m.public_len = group->publiclen;
	m.shared_len = group->sharedlen;
	memset(m.public, FILL_PUBLIC, m.public_len);
	memset(m.shared, FILL_PUBLIC, m.shared_len);
	deliver(PROC_CRYPTO, MSG_DH_DONE, &m);
}

static void
answer_pair(const struct msg_PAIR_JOB *job)
{
	const struct ike_group *group = ike_group_by_number(job->group);
	struct msg_PAIR_DONE m;

	MUST(group != NULL);
	memset(&m, 0, sizeof(m));
	m.job = job->job;
	m.pair = ++next_pair;
	m.public_len = group->publiclen;
	memset(m.public, FILL_PUBLIC, m.public_len);
	deliver(PROC_CRYPTO, MSG_PAIR_DONE, &m);
}

static void
answer_failed(uint64_t job)
{
	struct msg_JOB_FAILED m;

	memset(&m, 0, sizeof(m));
	m.job = job;
	strlcpy(m.reason, "because", sizeof(m.reason));
	deliver(PROC_CRYPTO, MSG_JOB_FAILED, &m);
}

int
world_answer_job(int fail)
{
	struct todo oldest;

	if (njobs == 0)
		return 0;
	oldest = jobs[0];
	memmove(&jobs[0], &jobs[1], --njobs * sizeof(jobs[0]));
	if (fail)
		answer_failed(oldest.m.job);
	else if (oldest.type == MSG_KEY_JOB)
		answer_key(&oldest.m.key);
	else if (oldest.type == MSG_PAIR_JOB)
		answer_pair(&oldest.m.pair);
	else
		answer_dh(&oldest.m.dh);
	return 1;
}

void
world_say(enum msg_type type, const void *bytes, size_t len)
{
	static uint8_t payload[16384] __attribute__((__aligned__(8)));
	const struct msg_desc *d = msg_desc(type);
	const struct session *s;
	struct promise *p;
	enum process from;
	uint64_t session;

	MUST(d != NULL && d->size <= sizeof(payload));
	memset(payload, 0, d->size);
	memcpy(payload, bytes, len < d->size ? len : d->size);
	for (from = PROC_IKE; from < PROC_CTL; from++) {
		if (d->from & PROC_BIT(from))
			break;
	}
	if (msg_check(from, PROC_IKE, type, payload, d->size, 0) != NULL)
		return;
	memcpy(&session, payload, sizeof(session));
	/* an answer to a login ends what authd owes */
	if ((type == MSG_LOGIN_ACCEPT || type == MSG_LOGIN_REJECT ||
		type == MSG_LOGIN_CHALLENGE) &&
	    (p = promise_of(session)) != NULL) {
		if (p->login != AUTHD_OWES)
			return; /* authd says nothing unasked: not tried */
		p->login = type == MSG_LOGIN_CHALLENGE ? AUTHD_ASKS : 0;
	}
	/* the lease is poold's again; a session that had it ends */
	s = session_find(session);
	if (type == MSG_LEASE_DENY && s != NULL && s->state >= SESSION_LEASE &&
	    (p = promise_of(session)) != NULL)
		p->lease = 0;
	deliver(from, type, payload);
}

void
world_restart(unsigned int which)
{
	static const enum process who[] = { PROC_CRYPTO, PROC_AUTHD, PROC_POOLD,
		PROC_FILTER };
	enum process p = who[which % 4];
	size_t i;

	for (i = 0; i < npromises; i++) {
		if (p == PROC_AUTHD) /* forgotten there */
			promises[i].login = 0;
	}
	if (p == PROC_CRYPTO) {
		njobs = 0;
		job_worker_down(&peers[p]);
		crypto_ready();
	} else {
		session_resync(&peers[p]);
	}
}

void
world_ctl(unsigned int what, uint64_t session)
{
	static const enum msg_type shows[] = { MSG_SHOW_SESSIONS,
		MSG_SHOW_SESSION, MSG_SHOW_SAS, MSG_SHOW_FAILURES, MSG_KICK,
		MSG_SHOW_LEGACY };
	struct msg_KICK m; /* the longest of them */

	memset(&m, 0, sizeof(m));
	m.session = session;
	deliver(PROC_CTL, shows[what % 6], &m);
}

/* --- the kernel --- */

static struct fakekey *fake;
static struct fakekey_counts counts;
static uint64_t guards; /* policies that stay */
static int kernel_fd;	/* its end */
static pthread_mutex_t kernel_lock = PTHREAD_MUTEX_INITIALIZER;

static void
kernel_reply(void *arg, const uint8_t *msg, size_t len)
{
	(void)send(kernel_fd, msg, len, MSG_NOSIGNAL);
}

static void *
kernel_serve(void *arg)
{
	uint8_t buf[PFKEY_SENDMAX];
	ssize_t n;

	while ((n = recv(kernel_fd, buf, sizeof(buf), 0)) > 0) {
		pthread_mutex_lock(&kernel_lock);
		fakekey_handle(fake, buf, (size_t)n, kernel_reply, NULL);
		pthread_mutex_unlock(&kernel_lock);
	}
	return NULL;
}

static void
make_kernel(void)
{
	pthread_t thread;
	int sv[2];

	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) == 0);
	kernel_fd = sv[1];
	MUST((fake = fakekey_new(&counts)) != NULL);
	MUST(pthread_create(&thread, NULL, kernel_serve, NULL) == 0);
	MUST(tunnel_open(sv[0]) == 0);
}

void
world_kernel(enum world_event what, uint32_t spi, uint16_t port)
{
	pthread_mutex_lock(&kernel_lock);
	switch (what) {
	case WORLD_SOFT:
	case WORLD_HARD:
		(void)fakekey_expire(
		    fake, spi, what == WORLD_HARD, kernel_reply, NULL);
		break;
	case WORLD_MAPPING:
		(void)fakekey_mapping(fake, spi, port, kernel_reply, NULL);
		break;
	default:
		(void)fakekey_use(fake, spi, port, 1);
		break;
	}
	pthread_mutex_unlock(&kernel_lock);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* --- configuration --- */

static void
conf_policy(uint16_t cipher, uint16_t keybits, uint16_t hash, uint16_t group)
{
	struct msg_CONF_POLICY m;

	memset(&m, 0, sizeof(m));
	m.auth = 1;
	m.cipher = cipher;
	m.keybits = keybits;
	m.hash = hash;
	m.group = group;
	m.lifetime = 86400;
	deliver(PROC_PARENT, MSG_CONF_POLICY, &m);
}

static void
conf_esp(const char *name, uint16_t cipher, uint16_t keybits, uint16_t pfs)
{
	struct msg_CONF_ESP m;

	memset(&m, 0, sizeof(m));
	strlcpy(m.name, name, sizeof(m.name));
	m.cipher = cipher;
	m.keybits = keybits;
	m.auth = 2;
	m.pfs = pfs;
	m.lifetime = 3600;
	m.lifetime_kb = 1000000;
	deliver(PROC_PARENT, MSG_CONF_ESP, &m);
}

static void
conf_group(const char *name, const char *login, const char *esp)
{
	struct msg_CONF_GROUP m;
	struct msg_CONF_GROUP_ESP e;

	memset(&m, 0, sizeof(m));
	m.has_key = 1;
	strlcpy(m.name, name, sizeof(m.name));
	strlcpy(m.pool, "pool", sizeof(m.pool));
	strlcpy(m.login, login, sizeof(m.login));
	strlcpy(m.domain, "example.org", sizeof(m.domain));
	strlcpy(m.banner, "Hello.", sizeof(m.banner));
	strlcpy(m.split_dns, "example.org", sizeof(m.split_dns));
	strlcpy(m.backup, "192.0.2.2", sizeof(m.backup));
	m.netmask = 24;
	m.save_password = 1;
	m.sessions = 3;
	m.user_sessions = 2;
	m.idle = 1800;
	deliver(PROC_PARENT, MSG_CONF_GROUP, &m);
	memset(&e, 0, sizeof(e));
	strlcpy(e.group, name, sizeof(e.group));
	strlcpy(e.esp, esp, sizeof(e.esp));
	deliver(PROC_PARENT, MSG_CONF_GROUP_ESP, &e);
}

/* One address is told its inner address, all others ask or are told late. */
static void
conf_peer(const char *name, uint32_t host, enum config_mode config)
{
	struct msg_CONF_GROUP m;
	struct msg_CONF_GROUP_ESP e;

	memset(&m, 0, sizeof(m));
	m.kind = KEY_PEER;
	m.config = (uint8_t)config;
	if (host != 0) {
		m.peer.addr = addr_ip4(host);
		m.peer.prefix = 32;
	}
	m.has_key = 1;
	strlcpy(m.name, name, sizeof(m.name));
	strlcpy(m.pool, "pool", sizeof(m.pool));
	strlcpy(m.login, "LOCAL", sizeof(m.login));
	m.unique = host != 0 ? UNIQUE_REJECT : UNIQUE_REPLACE;
	m.xauth = host != 0 ? XAUTH_CHAP : XAUTH_TOKEN;
	deliver(PROC_PARENT, MSG_CONF_GROUP, &m);
	memset(&e, 0, sizeof(e));
	strlcpy(e.group, name, sizeof(e.group));
	strlcpy(e.esp, "aes", sizeof(e.esp));
	deliver(PROC_PARENT, MSG_CONF_GROUP_ESP, &e);
	strlcpy(e.esp, "pfs", sizeof(e.esp));
	deliver(PROC_PARENT, MSG_CONF_GROUP_ESP, &e);
}

/* Group "a" logs in, "b" does not, uses PFS and reaches two networks. */
static void
configure(void)
{
	char reason[REASON_SIZE];
	struct msg_CONF_LIMITS l;
	struct msg_CONF_POOL p;
	struct msg_CONF_GROUP_NET n;
	uint32_t line = 0;

	ikeconf_begin();
	memset(&l, 0, sizeof(l));
	l.half_open = 4;
	l.half_open_source = 3;
	l.sessions = 12;
	l.dh_rate = 1000000;
	l.dpd = 20;
	l.keepalive = 20;
	l.legacy = 1;
	deliver(PROC_PARENT, MSG_CONF_LIMITS, &l);
	conf_policy(7, 128, 2, 14); /* AES-128 SHA-1 modp2048 */
	conf_policy(1, 0, 1, 1);    /* DES MD5 modp768 */
	conf_esp("aes", 12, 128, 0);
	conf_esp("pfs", 12, 256, 2);
	memset(&p, 0, sizeof(p));
	strlcpy(p.name, "pool", sizeof(p.name));
	p.first = addr_ip4(0x0a59c001);
	p.last = addr_ip4(0x0a59c00a);
	deliver(PROC_PARENT, MSG_CONF_POOL, &p);
	conf_group("a", "LOCAL", "aes");
	conf_group("b", "", "pfs");
	memset(&n, 0, sizeof(n));
	strlcpy(n.group, "a", sizeof(n.group));
	n.kind = NET_EXCLUDE;
	n.net.addr = addr_ip4(0xc0a80000);
	n.net.prefix = 16;
	deliver(PROC_PARENT, MSG_CONF_GROUP_NET, &n);
	conf_peer("peer any", 0, CONFIG_EITHER);
	conf_peer("peer 192.168.1.3", 0xc0a80103, CONFIG_PUSH);
	memset(&n, 0, sizeof(n));
	strlcpy(n.group, "b", sizeof(n.group));
	n.net.addr = addr_ip4(0x0a590000);
	n.net.prefix = 16;
	deliver(PROC_PARENT, MSG_CONF_GROUP_NET, &n);
	n.net.addr = addr_ip4(0x0a600000);
	deliver(PROC_PARENT, MSG_CONF_GROUP_NET, &n);
	MUST(ikeconf_check(tunnel_algs(), reason, &line) == 0);
	ikeconf_free(ikeconf_commit());
	tunnel_guard(NULL, ikeconf());
}

/* --- the life of an input --- */

static uint64_t now_ms = 1000000, now_sec = 1700000000;

void
world_time(uint64_t ms)
{
	now_ms += ms;
	now_sec += (ms + 999) / 1000;
	clock_hold(now_ms, now_sec);
	timer_turn();
	event_base_loop(base, EVLOOP_NONBLOCK);
}

void
world_init(void)
{
	size_t i;

	clock_hold(now_ms, now_sec);
	rnd_hold(1);
	for (i = 0; i < PROC_COUNT; i++)
		peers[i].process = (enum process)i;
	secret_init();
	MUST(alg_init(1) == 0);
	MUST((base = event_base_new()) != NULL);
	make_sockets();
	timer_init(NULL);
	session_init(base);
	sa_init();
	quick_init();
	job_init();
	crypto_ready();
	tunnel_init(base);
	make_kernel();
	configure();
	guards = counts.policies;
}

void
world_begin(void)
{
	rnd_hold(1);
	world_time(3600 * 1000);
	world_sent_reset();
	npromises = njobs = next_pair = 0;
}

void
world_end(void)
{
	struct table_link *next;
	struct session *s;
	size_t i, slot = 0;

	while ((s = session_walk(&slot, &next)) != NULL)
		session_down(s, DOWN_SHUTDOWN);
	event_base_loop(base, EVLOOP_NONBLOCK);
	MUST(session_count() == 0);
	MUST(session_counters.sessions == 0 && session_counters.half_open == 0);
	MUST(frag_counters.held == 0);
	MUST(tunnel_count.tunnels == 0 && tunnel_count.flows == 0);
	for (i = 0; i < npromises; i++)
		MUST(!promises[i].up && !promises[i].tunnel &&
		    !promises[i].lease && !promises[i].login);
	pthread_mutex_lock(&kernel_lock);
	MUST(counts.sas == 0 && counts.larvals == 0);
	MUST(counts.policies == guards);
	pthread_mutex_unlock(&kernel_lock);
}
