/*
 * Fuzz: the ike process, from datagrams to what it tells its neighbours and
 * the kernel.  The input is a list of steps: an octet that chooses one of the
 * table below, then what that step reads.  Clients can log in by the book, so
 * every state is reached with keys that fit; then anything may come.  When all
 * sessions are down nothing may be left anywhere (world.c).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/frag.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"
#include "regress/fuzz/client.h"
#include "regress/fuzz/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CLIENTS 4
#define STEPS_MAX 64
#define FIRST_MAX 4096 /* octets that a stranger can make ike keep */

struct cursor {
	const uint8_t *p;
	size_t len;
};

static struct client clients[CLIENTS];
static struct client *c; /* the one that acts */

static uint8_t
take(struct cursor *in)
{
	if (in->len == 0)
		return 0;
	in->len--;
	return *in->p++;
}

static uint16_t
take16(struct cursor *in)
{
	uint16_t high = take(in);

	return (uint16_t)(high << 8 | take(in));
}

/* A stretch of at most 65535 octets, with its length before it. */
static const uint8_t *
take_bytes(struct cursor *in, size_t *len)
{
	const uint8_t *p;

	*len = take16(in);
	if (*len > in->len)
		*len = in->len;
	p = in->p;
	in->p += *len;
	in->len -= *len;
	return p;
}

/* --- the steps --- */

static void
step_client(struct cursor *in)
{
	unsigned int n = take(in) % CLIENTS;
	uint8_t kind = take(in);

	c = &clients[n];
	if (client_session(c) == 0)
		client_init(c, n, kind);
}

static void
step_go(struct cursor *in)
{
	uint8_t choice = take(in);

	client_go(c, choice);
}

/* Straight on, as far as it goes. */
static void
step_login(struct cursor *in)
{
	unsigned int n = take(in) % 16;

	while (n-- > 0)
		client_go(c, 2);
}

/*
 * A stranger's datagram.  It may cause one answer; that of a first message of
 * Aggressive Mode is a job for crypto, so what comes at once is shorter than
 * the question; Main Mode's is no longer, but for ids that end too early.
 */
static void
step_stranger(struct cursor *in)
{
	size_t len, sessions = session_count();
	const uint8_t *p;

	p = take_bytes(in, &len);
	world_sent_reset();
	client_datagram(c, p, len);
	MUST(world_sent.datagrams <= 1);
	MUST(len <= FIRST_MAX || session_count() == sessions);
	if (world_sent.datagrams == 1 && len > 18 && p[18] == EXCHANGE_MAIN)
		MUST(world_sent.octets <= len + 8);
	if (world_sent.datagrams == 1 && session_count() == 0)
		MUST(world_sent.octets < len);
}

/* What a message without a right HASH must not change. */
struct before {
	struct ike_sa *sa;
	uint8_t state, exchanges;
	uint64_t made, deleted; /* tunnels */
};

static void
look(struct before *b)
{
	b->sa = client_sa(c);
	world_sent_reset();
	if (b->sa == NULL)
		return;
	b->state = b->sa->session->state;
	b->exchanges = b->sa->nexchanges;
	b->made = tunnel_count.made;
	b->deleted = tunnel_count.deleted;
}

static void
look_again(const struct before *b)
{
	MUST(client_sa(c) == b->sa);
	if (b->sa == NULL) {
		MUST(world_sent.datagrams == 0);
		return;
	}
	/* message 3 of Main Mode proves nothing, and is answered twice */
	MUST(world_sent.datagrams == 0 || b->sa->state == SA_WAIT_ID);
	MUST(b->sa->session->state == b->state);
	MUST(b->sa->nexchanges == b->exchanges);
	MUST(tunnel_count.made == b->made);
	MUST(tunnel_count.deleted == b->deleted);
}

/* A forged one for this SA, with its cookies. */
static void
step_forged(struct cursor *in)
{
	static uint8_t buf[65536];
	struct ike_sa *sa = client_sa(c);
	struct before before;
	const uint8_t *p;
	size_t len;

	p = take_bytes(in, &len);
	if (sa == NULL || len < ISAKMP_HDR_LEN)
		return;
	memcpy(buf, p, len);
	memcpy(buf, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(buf + 8, sa->cky_r, ISAKMP_COOKIE_LEN);
	look(&before);
	client_datagram(c, buf, len);
	look_again(&before);
}

static void
encrypted(struct cursor *in, int hash)
{
	static const uint8_t exchanges[] = { EXCHANGE_TRANSACTION,
		EXCHANGE_QUICK, EXCHANGE_INFORMATIONAL, EXCHANGE_AGGRESSIVE,
		EXCHANGE_MAIN };
	uint8_t exchange = exchanges[take(in) % 5], which = take(in) % 3;
	uint8_t first = take(in);
	const uint8_t *p;
	size_t len;

	p = take_bytes(in, &len);
	client_encrypted(c, exchange, which, first, p, len, hash);
}

static void
step_hashed(struct cursor *in)
{
	encrypted(in, 1);
}

static void
step_unhashed(struct cursor *in)
{
	struct before before;

	look(&before);
	encrypted(in, 0);
	look_again(&before);
}

/* Is the last datagram this half-open SA's own? */
static int
is_own(const struct ike_sa *sa)
{
	return sa != NULL && sa->state == SA_WAIT_HASH &&
	    endpoint_equal(&sa->peer, &c->at) &&
	    memcmp(client_sent, sa->cky_i, ISAKMP_COOKIE_LEN) == 0;
}

/* The last one again; a half-open SA repeats its answer five times at most. */
static void
step_again(struct cursor *in)
{
	static uint64_t asked; /* session: ids do not come again */
	static size_t answers;
	const struct ike_sa *sa;

	world_sent_reset();
	client_datagram(c, client_sent, client_sent_len);
	sa = client_sa(c);
	if (!is_own(sa) || sa->session->id != asked)
		answers = 0;
	else
		answers += world_sent.datagrams;
	asked = client_session(c);
	MUST(answers <= 5);
}

static void
step_tamper(struct cursor *in)
{
	client_tamper.before_at = take16(in);
	client_tamper.before = take(in);
}

static void
step_tamper_after(struct cursor *in)
{
	client_tamper.after_at = take16(in);
	client_tamper.after = take(in);
}

/* What owners may say, in any state; about this session or another. */
static void
step_owner(struct cursor *in)
{
	static const enum msg_type types[] = { MSG_LOGIN_ACCEPT,
		MSG_LOGIN_REJECT, MSG_LOGIN_CHALLENGE, MSG_SESSION_KICK,
		MSG_LEASE_GRANT, MSG_LEASE_DENY, MSG_KEY_DONE, MSG_DH_DONE,
		MSG_JOB_FAILED, MSG_PAIR_DONE };
	static uint8_t buf[16384];
	uint8_t which = take(in);
	uint64_t session = client_session(c);
	const uint8_t *p;
	size_t len;

	p = take_bytes(in, &len);
	if (len > sizeof(buf) - sizeof(session))
		return;
	memcpy(buf, &session, sizeof(session));
	memcpy(buf + sizeof(session), p, len);
	world_say(types[which % (sizeof(types) / sizeof(*types))], buf,
	    len + sizeof(session));
}

static void
step_restart(struct cursor *in)
{
	world_restart(take(in));
}

static void
step_time(struct cursor *in)
{
	static const uint32_t ms[] = { 100, 1000, 5000, 20000, 60000, 600000,
		3600000, 90000000 };

	world_time(ms[take(in) % 8]);
}

static void
step_kernel(struct cursor *in)
{
	uint8_t what = take(in), newest = take(in) & 1;
	uint16_t port = take16(in);
	struct ike_sa *sa = client_sa(c);
	struct tunnel *t;

	if (sa == NULL || (t = TAILQ_FIRST(&sa->session->tunnels)) == NULL)
		return;
	if (!newest)
		t = TAILQ_LAST(&sa->session->tunnels, tunnels);
	world_kernel((enum world_event)(what % WORLD_EVENTS),
	    what & 0x80 && t->has_out ? t->spi_out : t->spi_in, port);
}

static void
step_ctl(struct cursor *in)
{
	world_ctl(take(in), client_session(c));
}

static void
step_move(struct cursor *in)
{
	c->at.port = (uint16_t)(take16(in) | 1);
	c->natt = take(in) & 1;
}

/* The next message in pieces. */
static void
step_cut(struct cursor *in)
{
	client_cut.size = take(in);
	client_cut.late = take(in);
	client_cut.id = take(in);
}

/* A piece of anything, of this SA. */
static void
step_piece(struct cursor *in)
{
	static uint8_t buf[65536 + 64];
	uint8_t number = take(in), last = take(in);
	struct ike_sa *sa = client_sa(c);
	struct isakmp_hdr hdr;
	struct isakmp_buf ib;
	struct before before;
	const uint8_t *p;
	size_t len;

	p = take_bytes(in, &len);
	if (sa == NULL)
		return;
	memset(&hdr, 0, sizeof(hdr));
	memcpy(hdr.cky_i, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(hdr.cky_r, sa->cky_r, ISAKMP_COOKIE_LEN);
	hdr.version = ISAKMP_VERSION;
	hdr.exchange = EXCHANGE_MAIN;
	ib_init(&ib, buf, sizeof(buf), &hdr);
	ib_fragment(&ib, 1, number, last & 1, p, len);
	look(&before);
	if ((len = ib_finish(&ib)) != 0)
		client_datagram(c, buf, len);
	look_again(&before);
}

/* A client begins a phase 1 anew, from where it is: perhaps a renewal. */
static void
step_renew(struct cursor *in)
{
	c->cky_i[1] = take(in);
	c->kind = (uint8_t)((c->kind & ~0x08) | (take(in) & 0x08));
}

static void (*const steps[])(struct cursor *) = { step_client, step_go,
	step_login, step_stranger, step_forged, step_hashed, step_unhashed,
	step_again, step_tamper, step_tamper_after, step_owner, step_restart,
	step_time, step_kernel, step_ctl, step_move, step_cut, step_piece,
	step_renew };
#define NSTEPS (sizeof(steps) / sizeof(steps[0]))

/* Nobody is authenticated by a group that is not configured. */
static void
check_groups(void)
{
	struct table_link *next;
	struct session *s;
	struct ike_sa *sa;
	size_t slot = 0;

	while ((s = session_walk(&slot, &next)) != NULL) {
		LIST_FOREACH(sa, &s->sas, entry)
			MUST(sa->state < SA_ESTABLISHED || s->group != NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int ready;
	struct cursor in = { data, size };
	unsigned int i;

	if (!ready)
		world_init();
	ready = 1;
	memset(&client_tamper, 0, sizeof(client_tamper));
	memset(&client_cut, 0, sizeof(client_cut));
	client_sent_len = 0;
	world_begin();
	for (i = 0; i < CLIENTS; i++)
		client_init(&clients[i], i, 0);
	c = &clients[0];
	for (i = 0; i < STEPS_MAX && in.len > 0; i++) {
		steps[take(&in) % NSTEPS](&in);
		check_groups();
		MUST(frag_counters.held <= FRAG_TOTAL_MAX);
	}
	world_end();
	return 0;
}
