/*
 * The book of the SA pairs that this process has in the kernel, found by SPI
 * when the kernel speaks of them.  With flow.c the only user of kernel.h at run
 * time; every failure is logged there, once, with its session.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "ikerd/alg/alg.h"
#include "ikerd/ike/flow.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/life.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/rekey.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"

struct tunnel_count tunnel_count;

static struct event_base *base;
static struct kernel *kernel;
static struct kernel_algs algs;
static struct event *reader, *pending;
static struct table by_spi_in, by_spi_out;

void
tunnel_refused(const struct session *s, const char *what)
{
	tunnel_count.refused++;
	log_warnx("session %016llx: %s: %s", (unsigned long long)s->id, what,
	    kernel_error(kernel));
}

/* --- finding --- */

static struct tunnel *
find_in(uint32_t spi)
{
	struct table_link *l;
	struct tunnel *t;

	l = table_find(&by_spi_in, table_hash(&by_spi_in, &spi, sizeof(spi)));
	for (; l != NULL; l = table_find_next(l)) {
		t = table_entry(l, struct tunnel, by_spi_in);
		if (t->spi_in == spi)
			return t;
	}
	return NULL;
}

/* Outbound SPIs are the clients' choice: only with the address are they one. */
static struct tunnel *
find_out(uint32_t spi, const struct addr *peer)
{
	struct table_link *l;
	struct tunnel *t;

	l = table_find(&by_spi_out, table_hash(&by_spi_out, &spi, sizeof(spi)));
	for (; l != NULL; l = table_find_next(l)) {
		t = table_entry(l, struct tunnel, by_spi_out);
		if (t->spi_out == spi && addr_equal(&t->peer.addr, peer))
			return t;
	}
	return NULL;
}

/* --- events --- */

void
tunnel_expired(struct tunnel *t)
{
	struct session *s = t->session;

	tunnel_count.expired++;
	story_add(s, STEP_EXPIRED, t->spi_in);
	tunnel_delete(t);
	if (TAILQ_EMPTY(&s->tunnels) && s->state == SESSION_UP)
		session_down(s, DOWN_EXPIRED);
}

static void
on_expire(void *arg, uint32_t spi, const struct addr *dst, int hard)
{
	struct tunnel *t = find_in(spi);

	if (t == NULL || !addr_equal(&t->local.addr, dst))
		t = find_out(spi, dst);
	if (t == NULL || !t->has_out) /* unfinished: quick.c's */
		return;
	if (hard)
		tunnel_expired(t);
	else
		rekey_soft(t);
}

static void
on_mapping(void *arg, uint32_t spi, const struct endpoint *to)
{
	struct tunnel *t = find_in(spi);
	struct session *s;
	struct ike_sa *sa;

	if (t == NULL || !t->natt || endpoint_equal(&t->peer, to))
		return;
	s = t->session;
	story_add(s, STEP_MOVED, to->port);
	if (t->udp) { /* IKE has another socket, and another port */
		s->udp_there = to->port;
		tunnel_move_all(s, to);
		return;
	}
	LIST_FOREACH(sa, &s->sas, entry)
		sa->peer = *to;
	session_moved(s, to);
	tunnel_move_all(s, to);
}

/*
 * Messages of the kernel were lost, expiries perhaps among them: ask for
 * every SA that is booked, and let go of what is no longer there.
 */
static void
on_lost(void *arg)
{
	struct table_link *l, *next;
	struct traffic traffic;
	size_t slot = 0;
	struct tunnel *t;

	tunnel_count.resynced++;
	log_warnx("PF_KEY messages were lost: reading the kernel's SAs again");
	while ((l = table_walk(&by_spi_in, &slot, &next)) != NULL) {
		t = table_entry(l, struct tunnel, by_spi_in);
		memset(&traffic, 0, sizeof(traffic));
		if (t->has_in && t->has_out &&
		    tunnel_counters(t, &traffic) == -1 && errno == ESRCH)
			tunnel_expired(t);
	}
}

static void
on_pending(void *arg)
{
	event_active(pending, EV_READ, 0);
}

static const struct kernel_ops ops = { .expire = on_expire,
	.mapping = on_mapping,
	.lost = on_lost,
	.pending = on_pending };

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	kernel_read(kernel);
}

void
tunnel_init(struct event_base *b)
{
	base = b;
	table_init(&by_spi_in);
	table_init(&by_spi_out);
}

int
tunnel_open(int fd)
{
	if ((kernel = kernel_new(fd, &ops, NULL)) == NULL)
		fatal("kernel_new");
	flow_open(kernel);
	if (kernel_register(kernel, &algs) == -1) {
		log_warnx("PF_KEY: %s", kernel_error(kernel));
		return -1;
	}
	reader = event_new(base, fd, EV_READ | EV_PERSIST, readable, NULL);
	pending = event_new(base, -1, 0, readable, NULL);
	if (reader == NULL || pending == NULL)
		fatalx("tunnel: event_new");
	event_add(reader, NULL);
	return 0;
}

const struct kernel_algs *
tunnel_algs(void)
{
	return kernel == NULL ? NULL : &algs;
}

static int
is_guarded(const struct ikeconf *c, const struct range *r)
{
	size_t i;

	for (i = 0; c != NULL && i < c->nguards; i++) {
		if (range_equal(&c->guard[i], r))
			return 1;
	}
	return 0;
}

/* Guard what one names and the other does not, or stop doing so. */
static void
guard(const struct ikeconf *of, const struct ikeconf *not_in, int on)
{
	char text[RANGE_STRLEN];
	const struct range *r;
	size_t i;

	for (i = 0; of != NULL && i < of->nguards; i++) {
		r = &of->guard[i];
		if (!is_guarded(not_in, r) &&
		    kernel_deny_pool(kernel, &r->first, &r->last, on) == -1)
			log_warnx("%s: %s", range_text(r, text),
			    kernel_error(kernel));
	}
}

void
tunnel_guard(const struct ikeconf *from, const struct ikeconf *to)
{
	if (kernel == NULL)
		return;
	guard(from, to, 0);
	guard(to, from, 1);
}

/* --- SA pairs --- */

static void
describe(const struct tunnel *t, int in, struct esp_sa *sa)
{
	memset(sa, 0, sizeof(*sa));
	sa->src = in ? t->peer : t->local;
	sa->dst = in ? t->local : t->peer;
	sa->inner = range_cover(&t->flow->remote);
	sa->natt = t->natt;
	sa->spi = in ? t->spi_in : t->spi_out;
	sa->reqid = in ? t->flow->reqid_in : t->flow->reqid_out;
	sa->encrypt = t->cipher->number;
	if (t->auth != NULL) {
		sa->auth = t->auth->number;
		sa->trunc96 = t->auth->number == ESP_AUTH_HMAC_SHA2_256 &&
		    t->auth->icvbits == 96;
	}
	/* the client renews first: ours ends a little later than it knows */
	sa->hard_s = t->lifetime + TUNNEL_LATER_S;
	sa->soft_s = (uint32_t)((t->soft_ms + 999) / 1000);
	sa->hard_bytes = t->lifetime_kb * 1024;
	sa->soft_bytes = t->lifetime_kb * 1024 / 10 * 9;
}

void
tunnel_set_life(struct tunnel *t, uint32_t seconds, uint64_t kb)
{
	t->lifetime = seconds;
	t->lifetime_kb = kb;
	t->soft_ms = life_soft_ms(seconds);
}

/* Reserve its inbound SPI and enter it; it goes when that is refused. */
static struct tunnel *
enter(struct session *s, struct tunnel *t, int natt)
{
	const struct ike_sa *sa = session_sa(s);
	struct esp_sa in;

	t->session = s;
	t->local = sa->sock->local;
	t->peer = sa->peer;
	t->natt = (uint8_t)natt;
	if (!natt && s->udp_here != 0) {
		t->natt = t->udp = 1;
		t->local.port = s->udp_here;
		t->peer.port = s->udp_there;
	}
	t->since = clock_sec();
	t->began_ms = clock_ms();
	describe(t, 1, &in);
	if (kernel_spi_get(kernel, &in, &t->spi_in) == -1) {
		tunnel_refused(s, "reserving an SPI");
		flow_put(s, t->flow);
		free(t);
		return NULL;
	}
	table_insert(&by_spi_in, &t->by_spi_in,
	    table_hash(&by_spi_in, &t->spi_in, sizeof(t->spi_in)));
	TAILQ_INSERT_HEAD(&s->tunnels, t, entry);
	tunnel_count.tunnels++;
	tunnel_count.made++;
	return t;
}

struct tunnel *
tunnel_new(
    struct session *s, struct flow *f, const struct esp_suite *suite, int natt)
{
	struct tunnel *t;

	if (session_sa(s) == NULL || (t = calloc(1, sizeof(*t))) == NULL) {
		flow_put(s, f);
		return NULL;
	}
	t->flow = f;
	t->cipher = suite->cipher;
	t->auth = suite->auth;
	return enter(s, t, natt);
}

struct tunnel *
tunnel_again(const struct tunnel *old)
{
	struct tunnel *t;

	if (session_sa(old->session) == NULL ||
	    (t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	t->flow = old->flow;
	t->flow->refs++;
	t->cipher = old->cipher;
	t->auth = old->auth;
	t->pfs = old->pfs;
	t->encap = old->encap;
	t->keylen = old->keylen;
	tunnel_set_life(t, old->lifetime, old->lifetime_kb);
	return enter(old->session, t, old->natt && !old->udp);
}

static int
add(struct tunnel *t, int in, const uint8_t *keymat)
{
	struct esp_sa sa;
	int result;

	describe(t, in, &sa);
	sa.enc_key = keymat;
	sa.enc_len = (size_t)t->cipher->keylen + t->cipher->saltlen;
	sa.auth_key = keymat + sa.enc_len;
	sa.auth_len = t->auth != NULL ? t->auth->keylen : 0;
	result = in ? kernel_sa_update(kernel, &sa) :
		      kernel_sa_add(kernel, &sa);
	if (result == -1)
		tunnel_refused(t->session, in ? "inbound SA" : "outbound SA");
	return result;
}

int
tunnel_add_in(struct tunnel *t, const uint8_t *keymat)
{
	if (add(t, 1, keymat) == -1)
		return -1;
	t->has_in = 1;
	story_add(t->session, STEP_SA_IN, t->spi_in);
	return 0;
}

int
tunnel_add_out(struct tunnel *t, const uint8_t *keymat)
{
	if (add(t, 0, keymat) == -1)
		return -1;
	t->has_out = 1;
	table_insert(&by_spi_out, &t->by_spi_out,
	    table_hash(&by_spi_out, &t->spi_out, sizeof(t->spi_out)));
	story_add(t->session, STEP_SA_OUT, t->spi_out);
	return 0;
}

int
tunnel_counters(const struct tunnel *t, struct traffic *sum)
{
	struct esp_counters c;
	struct esp_sa sa;

	describe(t, 1, &sa);
	if (t->has_in) {
		if (kernel_sa_get(kernel, &sa, &c) == -1)
			return -1;
		sum->bytes_in += c.bytes;
		sum->packets_in += c.packets;
	}
	describe(t, 0, &sa);
	if (t->has_out) {
		if (kernel_sa_get(kernel, &sa, &c) == -1)
			return -1;
		sum->bytes_out += c.bytes;
		sum->packets_out += c.packets;
	}
	return 0;
}

int
tunnel_used(const struct tunnel *t)
{
	struct esp_counters c;
	struct esp_sa sa;

	describe(t, 1, &sa);
	return t->has_in && kernel_sa_get(kernel, &sa, &c) == 0 && c.bytes > 0;
}

void
tunnel_traffic(const struct session *s, struct traffic *sum)
{
	const struct tunnel *t;

	TAILQ_FOREACH(t, &s->tunnels, entry)
		(void)tunnel_counters(t, sum);
}

void
tunnel_delete(struct tunnel *t)
{
	struct session *s = t->session;
	struct esp_sa sa;

	timer_stop(&t->timer);
	(void)tunnel_counters(t, &s->past);
	describe(t, 0, &sa);
	if (t->has_out) {
		if (kernel_sa_delete(kernel, &sa) == -1)
			tunnel_refused(s, "deleting the outbound SA");
		table_remove(&by_spi_out, &t->by_spi_out);
	}
	describe(t, 1, &sa); /* also while it is no more than an SPI */
	if (kernel_sa_delete(kernel, &sa) == -1)
		tunnel_refused(s, "deleting the inbound SA");
	table_remove(&by_spi_in, &t->by_spi_in);
	TAILQ_REMOVE(&s->tunnels, t, entry);
	flow_put(s, t->flow);
	tunnel_count.tunnels--;
	tunnel_count.deleted++;
	story_add(s, STEP_SA_GONE, t->spi_in);
	free(t);
}

void
tunnel_make_room(struct session *s)
{
	struct tunnel *t, *oldest = NULL;
	unsigned int n = 0;

	TAILQ_FOREACH(t, &s->tunnels, entry) {
		n++;
		if (t->has_out) /* the others are quick.c's */
			oldest = t;
	}
	if (n >= TUNNELS_MAX && oldest != NULL)
		tunnel_delete(oldest);
}

struct tunnel *
tunnel_of_spi(struct session *s, uint32_t spi)
{
	struct tunnel *t;

	TAILQ_FOREACH(t, &s->tunnels, entry) {
		if (t->has_out && t->spi_out == spi)
			return t;
	}
	TAILQ_FOREACH(t, &s->tunnels, entry) {
		if (t->has_out && t->spi_in == spi)
			return t;
	}
	return NULL;
}

/*
 * A pair that could not follow: out of the kernel with it, each half where it
 * is by now.  Anything else with its SPI is another client's.
 */
static void
left_behind(struct tunnel *t, const struct esp_sa *in, const struct esp_sa *out)
{
	(void)tunnel_counters(t, &t->session->past);
	if (kernel_sa_delete(kernel, out) == -1)
		tunnel_refused(t->session, "deleting the outbound SA");
	table_remove(&by_spi_out, &t->by_spi_out);
	t->has_out = 0;
	t->has_in = 0;
	t->peer = in->src;
	tunnel_delete(t);
}

static void
move(struct tunnel *t, const struct endpoint *to)
{
	struct tunnel *other = find_out(t->spi_out, &to->addr);
	struct traffic sum = t->session->past;
	struct esp_sa in, out;
	int moved;

	describe(t, 1, &in);
	describe(t, 0, &out);
	if (other != NULL && other != t) {
		log_warnx("session %016llx: an SA pair cannot move: another "
			  "client there chose the same SPI",
		    (unsigned long long)t->session->id);
		left_behind(t, &in, &out);
		return;
	}
	(void)tunnel_counters(t, &sum);
	if ((moved = kernel_sa_move(kernel, &in, &out, to)) == -1) {
		tunnel_refused(t->session, "moving an SA pair");
		left_behind(t, &in, &out);
		return;
	}
	if (moved == 1) /* its counters begin anew */
		t->session->past = sum;
	t->peer = *to;
	tunnel_count.moved++;
}

/*
 * Oldest first: OpenBSD prefers the SA that was changed last, and that must
 * be the newest pair.
 */
void
tunnel_move_all(struct session *s, const struct endpoint *to)
{
	struct tunnel *t, *newer;
	struct endpoint there;
	int address_moved = 0;

	TAILQ_FOREACH(t, &s->tunnels, entry) {
		if (!addr_equal(&t->peer.addr, &to->addr))
			address_moved = 1;
	}
	if (address_moved)
		flow_move_all(s, &to->addr);
	for (t = TAILQ_LAST(&s->tunnels, tunnels); t != NULL; t = newer) {
		newer = TAILQ_PREV(t, tunnels, entry);
		there = *to;
		if (t->udp)
			there.port = s->udp_there;
		if (t->has_in && t->has_out &&
		    !endpoint_equal(&t->peer, &there))
			move(t, &there);
	}
}

const char *
tunnel_text(const struct tunnel *t, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s%s%s%s", t->cipher->name,
	    t->auth != NULL ? " " : "", t->auth != NULL ? t->auth->name : "",
	    t->natt ? " udp" : "");
	return buf;
}
