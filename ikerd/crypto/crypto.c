/*
 * The crypto process.  Holds the shared keys and the gateway's private keys and
 * does Diffie-Hellman for ike: jobs of fixed shape come in, session keys and
 * signatures go out, the long-term keys never do.
 * It has one peer beside the parent, no network and no files; there are
 * several of it, all alike.
 */
#include <sys/types.h>

#include <event2/event.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/proc.h"
#include "ikerd/alg/dh.h"
#include "ikerd/alg/provider.h"
#include "ikerd/crypto/crypto.h"
#include "ikerd/crypto/keys.h"
#include "ikerd/crypto/pairs.h"
#include "ikerd/crypto/sign.h"
#include "ikerd/crypto/skeyid.h"

#define READY_PAIRS 32 /* made ahead, of each group that a policy names */
#define JOBS_PER_DH 3  /* of dh-rate: as many again to sign, and for PFS */
#define DEAD_SHARE 2   /* so many times its share, for those that are dead */

static const struct sandbox sandbox = {
	.pledge = "stdio recvfd",
	.capsicum = 1,
	.syscalls = NULL,
	.capabilities = 0,
	.files = 64, /* pipes and ikerctls */
};

static struct dh_pool *pool;
static struct event *filler;
static uint64_t wanted_rate, job_rate;	    /* jobs a second */
static int configured;			    /* keys are there */
static uint64_t wanted_groups, used_groups; /* bits by row of ike_groups */
static uint64_t jobs_done, jobs_failed, jobs_refused, pairs_ready, pairs_late;

/* Idle time: one pair, then look whether a job has come meanwhile. */
static void
fill(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now;

	if (dh_pool_fill(pool) == 1)
		event_add(filler, &now);
}

static void
fill_later(void)
{
	static const struct timeval soon = { 0, 2000 };

	event_add(filler, &soon);
}

static void
job_failed(struct peer *ike, uint64_t job, const char *why)
{
	struct msg_JOB_FAILED m;

	jobs_failed++;
	memset(&m, 0, sizeof(m));
	m.job = job;
	strlcpy(m.reason, why, sizeof(m.reason));
	bus_send(ike, MSG_JOB_FAILED, &m, -1);
}

/*
 * Is there room for one more job?  ike keeps to dh-rate by itself; a captured
 * one finds its limit here.
 */
static int
job_allowed(void)
{
	static uint64_t filled_ms, tokens;
	uint64_t now = clock_ms(), more;

	more = (now - filled_ms) * job_rate / 1000;
	if (more > 0) {
		filled_ms = now;
		tokens += more;
		if (tokens > job_rate)
			tokens = job_rate;
	}
	if (tokens == 0)
		return 0;
	tokens--;
	return 1;
}

/* A pair of ours.  NULL on success, else why not. */
static const char *
take_pair(const struct ike_group *g, struct dh_key **key)
{
	if (!job_allowed()) {
		jobs_refused++;
		return "more jobs than dh-rate allows";
	}
	if (g == NULL || !alg_has_group(g))
		return "unknown group";
	if (dh_pool_ready(pool, g) > 0)
		pairs_ready++;
	else
		pairs_late++;
	*key = dh_pool_take(pool, g);
	fill_later();
	return *key == NULL ? "no key pair" : NULL;
}

/* The same, or the one that was made for a PAIR_JOB, which is used once. */
static const char *
find_pair(const struct ike_group *g, uint64_t pair, struct dh_key **key)
{
	if (pair == 0)
		return take_pair(g, key);
	*key = pairs_take(pair, g);
	return *key == NULL ? "the key pair is no longer there" : NULL;
}

/*
 * With a pair of ours our public value and the shared secret with the peer's.
 * NULL on success, else why not.
 */
static const char *
agree(const struct ike_group *g, uint64_t pair, const uint8_t *peer,
    size_t peerlen, uint8_t *public, uint16_t *publiclen, uint8_t *shared)
{
	struct dh_key *key;
	const char *why;

	if ((why = find_pair(g, pair, &key)) != NULL)
		return why;
	*publiclen = g->publiclen;
	if (dh_public(key, public, g->publiclen) == -1)
		why = "no public value";
	else if (dh_shared(key, peer, peerlen, shared) == -1)
		why = "the peer's public value is not one of the group";
	dh_free(key);
	return why;
}

static void
answer_keys(struct peer *ike, struct msg_KEY_DONE *m, const struct skeyid *k)
{
	m->skeyid_len = m->skeyid_d_len = m->skeyid_a_len = m->skeyid_e_len =
	    (uint16_t)k->len;
	memcpy(m->skeyid, k->skeyid, k->len);
	memcpy(m->skeyid_d, k->d, k->len);
	memcpy(m->skeyid_a, k->a, k->len);
	memcpy(m->skeyid_e, k->e, k->len);
	jobs_done++;
	bus_send(ike, MSG_KEY_DONE, m, -1);
}

static const struct secret *
key_of(const struct msg_KEY_JOB *m)
{
	if (m->kind == KEY_PEER)
		return keys_of_peer(&m->peer, m->name);
	return keys_of_group(m->kind == KEY_GROUP ? m->name : "");
}

/* By the method: with a shared key, or with none (signatures, hybrid). */
static int
skeyid_of(const struct msg_KEY_JOB *m, const struct ike_hash *hash,
    const struct skeyid_input *in, struct skeyid *out)
{
	const struct ike_auth *auth = ike_auth_by_number(m->auth, NULL);
	const struct secret *psk;

	if (auth == NULL)
		return -1;
	if (auth->kind == AUTH_SIG)
		return skeyid_sig(hash, in, out);
	psk = key_of(m);
	return skeyid_psk(hash, psk->data, psk->len, in, out);
}

static void
handle_key_job(struct peer *ike, const void *payload, int fd)
{
	const struct msg_KEY_JOB *m = payload;
	const struct ike_group *g = ike_group_by_number(m->group);
	const struct ike_hash *hash = ike_hash_by_number(m->hash);
	struct skeyid_input in;
	struct msg_KEY_DONE done;
	uint8_t shared[ALG_SHARED_MAX];
	struct skeyid keys;
	const char *why;

	memset(&done, 0, sizeof(done));
	memset(&in, 0, sizeof(in));
	done.job = m->job;
	in.ni = m->ni;
	in.nilen = m->ni_len;
	in.nr = m->nr;
	in.nrlen = m->nr_len;
	in.gxy = shared;
	memcpy(in.cky_i, m->cky_i, sizeof(in.cky_i));
	memcpy(in.cky_r, m->cky_r, sizeof(in.cky_r));
	why = agree(g, m->pair, m->peer_public, m->peer_public_len, done.public,
	    &done.public_len, shared);
	if (why == NULL) {
		in.gxylen = g->sharedlen;
		if (hash == NULL || skeyid_of(m, hash, &in, &keys) == -1)
			why = "hash is not available";
	}
	if (why == NULL)
		answer_keys(ike, &done, &keys);
	else
		job_failed(ike, m->job, why);
	explicit_bzero(&keys, sizeof(keys));
	explicit_bzero(&done, sizeof(done));
	explicit_bzero(shared, sizeof(shared));
}

static void
handle_dh_job(struct peer *ike, const void *payload, int fd)
{
	const struct msg_DH_JOB *m = payload;
	const struct ike_group *g = ike_group_by_number(m->group);
	struct msg_DH_DONE done;
	const char *why;

	memset(&done, 0, sizeof(done));
	done.job = m->job;
	why = agree(g, m->pair, m->peer_public, m->peer_public_len, done.public,
	    &done.public_len, done.shared);
	if (why == NULL) {
		done.shared_len = g->sharedlen;
		jobs_done++;
		bus_send(ike, MSG_DH_DONE, &done, -1);
	} else {
		job_failed(ike, m->job, why);
	}
	explicit_bzero(&done, sizeof(done));
}

static void
handle_pair_job(struct peer *ike, const void *payload, int fd)
{
	const struct msg_PAIR_JOB *m = payload;
	const struct ike_group *g = ike_group_by_number(m->group);
	struct msg_PAIR_DONE done;
	struct dh_key *key;
	const char *why;

	memset(&done, 0, sizeof(done));
	done.job = m->job;
	if ((why = take_pair(g, &key)) != NULL) {
		job_failed(ike, m->job, why);
		return;
	}
	done.public_len = g->publiclen;
	(void)dh_public(key, done.public, g->publiclen);
	done.pair = pairs_keep(key);
	jobs_done++;
	bus_send(ike, MSG_PAIR_DONE, &done, -1);
}

static void
handle_sign_job(struct peer *ike, const void *payload, int fd)
{
	const struct msg_SIGN_JOB *m = payload;
	struct msg_SIGN_DONE done;
	const char *why = "more jobs than dh-rate allows";

	memset(&done, 0, sizeof(done));
	done.job = m->job;
	if (job_allowed())
		why = sign_job(m, &done);
	else
		jobs_refused++;
	if (why == NULL) {
		jobs_done++;
		bus_send(ike, MSG_SIGN_DONE, &done, -1);
	} else {
		job_failed(ike, m->job, why);
	}
}

static void
handle_limits(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_LIMITS *m = payload;
	uint64_t all = (uint64_t)m->dh_rate * JOBS_PER_DH;

	wanted_rate = all * DEAD_SHARE / m->crypto;
	if (wanted_rate > all)
		wanted_rate = all;
	if (wanted_rate == 0)
		wanted_rate = 1;
}

static void
handle_policy(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_POLICY *m = payload;
	const struct ike_group *g = ike_group_by_number(m->group);

	if (g != NULL)
		wanted_groups |= (uint64_t)1 << (g - ike_groups);
}

static void
handle_key(struct peer *from, const void *payload, int fd)
{
	keys_add(payload);
}

static void
handle_sign_key(struct peer *from, const void *payload, int fd)
{
	sign_add(payload);
}

static void
conf_begin(void)
{
	keys_begin();
	sign_begin();
	wanted_groups = 0;
}

static int
conf_check(char reason[REASON_SIZE], uint32_t *line)
{
	const char *why = sign_check(line);

	if (why != NULL)
		strlcpy(reason, why, REASON_SIZE);
	return why == NULL ? 0 : -1;
}

static void
conf_drop(void)
{
	keys_drop();
	sign_drop();
}

static void
tell_ready(struct peer *ike)
{
	struct msg_CRYPTO_READY m;

	memset(&m, 0, sizeof(m));
	(void)bus_send(ike, MSG_CRYPTO_READY, &m, -1);
}

static void
peer_up(struct peer *ike)
{
	if (configured)
		tell_ready(ike);
}

static void
conf_commit(void)
{
	const struct ike_group *g;
	int i;

	if (!configured) {
		configured = 1;
		tell_ready(bus_find(PROC_IKE, 0));
	}

	keys_commit();
	sign_commit();
	job_rate = wanted_rate;
	for (i = 0, g = ike_groups; g->name != NULL; g++, i++) {
		if ((wanted_groups ^ used_groups) & (uint64_t)1 << i)
			dh_pool_keep(pool, g,
			    wanted_groups & (uint64_t)1 << i ? READY_PAIRS : 0);
	}
	used_groups = wanted_groups;
	fill_later();
}

static void
open_before(void)
{
	if (alg_init(0) == -1)
		fatalx("cryptography is not available");
	if ((pool = dh_pool_new()) == NULL)
		fatalx("no memory for key pairs");
}

static void
start(struct event_base *base)
{
	keys_init();
	if ((filler = event_new(base, -1, 0, fill, NULL)) == NULL)
		fatalx("crypto: event_new");
}

static const struct msg_handler handlers[] = {
	{ MSG_CONF_LIMITS, handle_limits },
	{ MSG_CONF_POLICY, handle_policy },
	{ MSG_CONF_KEY, handle_key },
	{ MSG_CONF_SIGN_KEY, handle_sign_key },
	{ MSG_KEY_JOB, handle_key_job },
	{ MSG_PAIR_JOB, handle_pair_job },
	{ MSG_SIGN_JOB, handle_sign_job },
	{ MSG_DH_JOB, handle_dh_job },
};

static const struct proc_counter counters[] = {
	{ "jobs done", &jobs_done },
	{ "jobs failed", &jobs_failed },
	{ "jobs over the rate", &jobs_refused },
	{ "key pairs taken ready", &pairs_ready },
	{ "key pairs made on demand", &pairs_late },
	{ NULL, NULL },
};

static const struct proc proc = {
	.self = PROC_CRYPTO,
	.user = "_ikerkey",
	.chroot = "/var/empty",
	.sandbox = &sandbox,
	.open = open_before,
	.start = start,
	.handlers = handlers,
	.nhandlers = sizeof(handlers) / sizeof(handlers[0]),
	.peer_up = peer_up,
	.conf_begin = conf_begin,
	.conf_check = conf_check,
	.conf_commit = conf_commit,
	.conf_drop = conf_drop,
	.counters = counters,
};

void
crypto_main(int argc, char *argv[])
{
	proc_run(&proc, argc, argv);
}
