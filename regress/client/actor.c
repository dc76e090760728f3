/*
 * A session with its socket, as scripts see it: sends what was built, waits
 * for the message that a step wants, keeps others for later steps, answers
 * R-U-THERE by itself and knows copies of what came before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actor.h"

struct actor *
actor_new(const char *name)
{
	struct actor *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return NULL;
	snprintf(a->name, sizeof(a->name), "%s", name);
	TAILQ_INIT(&a->inbox);
	a->net.fd = -1;
	a->answer_dpd = 1;
	a->timeout = 5000;
	a->set.first_number = 1;
	a->set.natt_port = 4500;
	session_init(&a->s, &a->set);
	a->s.user = a->user;
	a->s.password = a->password;
	return a;
}

static void
drop(struct letter **l)
{
	free(*l);
	*l = NULL;
}

/* Begin anew with other cookies; settings and socket stay. */
static void begin(struct actor *);

static void
forget_old(struct actor *a)
{
	if (a->old == NULL)
		return;
	session_clear(a->old);
	free(a->old);
	a->old = NULL;
}

void
actor_reset(struct actor *a)
{
	struct letter *l;

	while ((l = TAILQ_FIRST(&a->inbox)) != NULL) {
		TAILQ_REMOVE(&a->inbox, l, entry);
		free(l);
	}
	drop(&a->request);
	drop(&a->reply);
	forget_old(a);
	session_clear(&a->s);
	begin(a);
}

/*
 * A new phase 1 of the same client, from the same place, with the address and
 * the SA pair that it has; the SA of before is kept aside.
 */
void
actor_renew(struct actor *a)
{
	forget_old(a);
	if ((a->old = malloc(sizeof(*a->old))) == NULL)
		return;
	if (a->s.dh == &a->s.dh_own)
		dh_free(&a->s.dh_own);
	a->s.dh = NULL;
	*a->old = a->s;
	begin(a);
	a->s.q = a->old->q;
	a->old->q = NULL;
	memcpy(a->s.address, a->old->address, sizeof(a->s.address));
	a->s.has_address = a->old->has_address;
}

static void
begin(struct actor *a)
{
	session_init(&a->s, &a->set);
	a->s.local = a->net.local;
	a->s.remote = a->net.remote;
	a->s.user = a->user;
	a->s.password = a->password;
}

void
actor_free(struct actor *a)
{
	actor_reset(a);
	forget_old(a);
	session_clear(&a->s);
	net_close(&a->net);
	frag_clear(&a->frag);
	free(a);
}

/* Send octets; bare: never with a marker. */
int
actor_transmit(struct actor *a, const uint8_t *p, size_t len, int bare)
{
	int r;

	if (p != a->sent.b) {
		memcpy(a->sent.b, p, len);
		a->sent.len = len;
	}
	a->out_bytes = len;
	a->in_bytes = 0;
	a->in_count = 0;
	a->window.sent++;
	a->window.out += len;
	if (a->verbose)
		printf("%s: send %zu octets\n", a->name, len);
	r = bare ? net_send_bare(&a->net, p, len) : frag_transmit(a, p, len);
	return r == -1 ? wrong(&a->s, "cannot send") : 0;
}

/* Seal and send. */
int
actor_send(struct actor *a, struct wire *w)
{
	if (session_seal(&a->s, w) == -1)
		return -1;
	return actor_transmit(a, w->b, w->len, 0);
}

/* The same under the SA of before. */
int
actor_send_old(struct actor *a, struct wire *w)
{
	if (a->old == NULL)
		return wrong(&a->s, "there is no SA of before");
	if (session_seal(a->old, w) == -1)
		return wrong(&a->s, a->old->why);
	return actor_transmit(a, w->b, w->len, 0);
}

/* FNV-1a, enough to know a copy of one's own. */
static int
is_copy(struct actor *a, const uint8_t *p, size_t len)
{
	uint64_t sum = 14695981039346656037u;
	size_t i;
	int n;

	for (i = 0; i < len; i++)
		sum = (sum ^ p[i]) * 1099511628211u;
	for (n = 0; n < a->seen_count; n++)
		if (a->seen[n].len == len && a->seen[n].sum == sum)
			return 1;
	a->seen[a->seen_next].len = len;
	a->seen[a->seen_next].sum = sum;
	a->seen_next = (a->seen_next + 1) % SEEN;
	if (a->seen_count < SEEN)
		a->seen_count++;
	return 0;
}

/*
 * The next datagram into a->got, for at most ms; 0 if none came.  Copies are
 * counted in a->copies, and returned like others.
 */
ssize_t
actor_raw(struct actor *a, int ms)
{
	ssize_t n;

	n = net_recv(&a->net, a->got.b, sizeof(a->got.b), now_ms() + ms);
	if (n <= 0)
		return 0;
	a->got.len = (size_t)n;
	a->in_bytes += (size_t)n;
	a->in_count++;
	if (a->verbose)
		printf("%s: receive %zd octets\n", a->name, n);
	return n;
}

/* Answer a R-U-THERE; 1 if the message was one. */
static int
dpd_answered(struct actor *a, const struct message *m)
{
	static struct wire w;
	struct datagram *keep;
	uint16_t type;
	uint32_t seq;

	if (!a->answer_dpd || !m->authentic || m->old ||
	    info_take(m, &type, &seq) == -1 || type != 36136)
		return 0;
	if ((keep = malloc(sizeof(*keep))) == NULL)
		return 0;
	*keep = a->sent;
	if (info_dpd(&a->s, &w, 36137, seq) == 0)
		(void)actor_send(a, &w);
	a->sent = *keep;
	free(keep);
	return 1;
}

/* Count a datagram that could not be opened. */
static void
unreadable(struct actor *a)
{
	if (a->got.len < WIRE_HDR || a->got.b[18] != X_INFO)
		a->window.unreadable++;
	if (a->verbose)
		printf("%s: drop: %s\n", a->name, a->s.why);
}

/* The next message that is neither a copy nor answered by itself. */
static struct letter *
receive(struct actor *a, int64_t until)
{
	struct letter *l;
	int64_t left;

	if ((l = malloc(sizeof(*l))) == NULL)
		return NULL;
	while ((left = until - now_ms()) > -50) {
		if (actor_raw(a, left < 0 ? 0 : (int)left) == 0)
			break;
		if (!frag_receive(a))
			continue;
		if (is_copy(a, a->got.b, a->got.len)) {
			a->copies++;
			continue;
		}
		if (a->old != NULL &&
		    session_open(a->old, a->got.b, a->got.len, &l->m) == 0)
			l->m.old = 1;
		else if (session_open(&a->s, a->got.b, a->got.len, &l->m) ==
		    -1) {
			l->m.n = 0;
			unreadable(a);
		} else if (dpd_answered(a, &l->m))
			continue;
		a->window.came++;
		a->window.in += a->got.len;
		if (l->m.n > 0)
			return l;
	}
	free(l);
	return NULL;
}

/* A step got what it wanted: what comes from now on is counted anew. */
void
actor_window(struct actor *a)
{
	memset(&a->window, 0, sizeof(a->window));
}

/*
 * Wait, at most ms, for the message that match wants; others stay in the
 * inbox.  The caller frees what it gets; NULL if it did not come.
 */
struct letter *
actor_await(struct actor *a, match_fn *match, const void *arg, int ms)
{
	int64_t until = now_ms() + ms;
	struct letter *l;

	TAILQ_FOREACH(l, &a->inbox, entry)
		if (match(a, &l->m, arg)) {
			TAILQ_REMOVE(&a->inbox, l, entry);
			actor_window(a);
			return l;
		}
	while ((l = receive(a, until)) != NULL) {
		if (match(a, &l->m, arg)) {
			actor_window(a);
			return l;
		}
		TAILQ_INSERT_TAIL(&a->inbox, l, entry);
	}
	return NULL;
}

static int
nothing(struct actor *a, const struct message *m, const void *arg)
{
	return 0;
}

/* For ms all that comes goes into the inbox. */
void
actor_idle(struct actor *a, int ms)
{
	(void)actor_await(a, nothing, NULL, ms);
}
