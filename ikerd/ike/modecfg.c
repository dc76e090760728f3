/*
 * Mode Config (draft-dukes-ike-mode-cfg-02).  Pull: the client asks, poold
 * gives an address, and every attribute asked for is answered by answer.c or
 * left out.  Push: the client is told, and says that it took it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/ike/admit.h"
#include "ikerd/ike/answer.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/quick.h"
#include "ikerd/ike/resume.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/transaction.h"

#define REQUEST_MS 30000 /* from XAUTH's end to the request */
#define QUIET_MS 2000	 /* a client that has not asked then is told */
#define ACK_MS 30000
#define LEASE_MS 10000
#define QUICK_MS 60000 /* from the reply to the first SA */

/* A request that waits for its lease, or our wish to tell. */
struct cfg_wish {
	uint8_t push;
	uint32_t msgid;
	uint16_t identifier;
	struct addr address; /* that poold is asked for, or none */
	uint16_t n;
	uint16_t number[ATTR_MAX];
};

static void
keep_waiting(struct exchange *ex)
{
	/* the session's own timer ends it */
}

/* --- the answers --- */

/* What it is told and, where it asked, what it is not. */
static void
put_answers(struct isakmp_buf *ib, const struct ike_sa *sa,
    const uint16_t *number, size_t n)
{
	struct session *s = sa->session;
	uint32_t put, left;
	size_t i;

	for (i = 0; i < n; i++) { /* who asks for the port will use it */
		if (number[i] == UNITY_NATT_PORT)
			s->udp_here = s->udp_there = answer_udp_port(sa);
	}
	put = answer_put(ib, sa, number, n, &left);
	if (put != 0)
		story_add(s, STEP_CONFIG_TOLD, put);
	if (left != 0)
		story_add(s, STEP_CONFIG_LEFT, left);
}

/* A reply always goes out; denied: it has no address, and says why. */
static int
send_reply(struct ike_sa *sa, const struct cfg_wish *w, const char *denied)
{
	struct exchange *ex = exchange_find(sa, w->msgid);
	struct isakmp_buf *ib;

	if (ex == NULL || ex->over)
		return -1;
	ib = exchange_begin(ex);
	cfg_begin(ib, CFG_REPLY, w->identifier);
	if (denied == NULL)
		put_answers(ib, sa, w->number, w->n);
	else
		answer_put_banner(ib, sa, denied);
	ib_payload_end(ib);
	if (exchange_hash1(ex, ib) == -1 || exchange_send(ex, ib) == -1)
		return -1;
	exchange_over(ex);
	story_add(sa->session, STEP_CONFIG_REPLY, 0);
	return 0;
}

/*
 * Push: what a client can be told unasked.  Many take no more than that, so
 * netmask, expiry and version are for those that ask.
 */
static struct exchange *
tell_address(struct ike_sa *sa, void (*give_up)(struct exchange *))
{
	static const uint16_t told[] = { INTERNAL_IP4_ADDRESS, INTERNAL_IP4_DNS,
		INTERNAL_IP4_NBNS, UNITY_BANNER, UNITY_DEFAULT_DOMAIN,
		UNITY_SPLIT_DNS, UNITY_SPLIT_INCLUDE, UNITY_LOCAL_LAN };
	struct session *s = sa->session;
	struct isakmp_buf *ib;
	struct exchange *ex;

	if ((ex = exchange_start(sa, EXCHANGE_TRANSACTION)) == NULL)
		return NULL;
	ib = exchange_begin(ex);
	cfg_begin(ib, CFG_SET, (uint16_t)(s->id + 1)); /* XAUTH had s->id */
	put_answers(ib, sa, told, sizeof(told) / sizeof(told[0]));
	ib_payload_end(ib);
	if (exchange_hash1(ex, ib) == -1 || exchange_send(ex, ib) == -1)
		return NULL;
	exchange_repeat(ex, give_up);
	s->pushed = ex->msgid;
	transaction_counters.config_pushed++;
	story_add(s, STEP_CONFIG_PUSH, 0);
	return ex;
}

static int
send_set(struct ike_sa *sa)
{
	struct session *s = sa->session;

	if (tell_address(sa, keep_waiting) == NULL)
		return -1;
	s->state = SESSION_PUSHED;
	session_wait(s, ACK_MS);
	return 0;
}

void
modecfg_push_again(struct ike_sa *sa)
{
	(void)tell_address(sa, exchange_over); /* the ACK is not waited for */
}

/* It has its address: Quick Mode may begin, or has begun. */
static void
ready(struct session *s)
{
	s->state = SESSION_READY;
	session_wait(s, QUICK_MS);
	quick_held(session_sa(s));
}

void
modecfg_ack(struct exchange *ex, const struct cfg_msg *m)
{
	struct session *s = ex->sa->session;

	exchange_over(ex);
	/* it names what it took; some name nothing */
	if (m->n > 0 && cfg_find(m, INTERNAL_IP4_ADDRESS, 0) == NULL) {
		session_fail(s, STEP_CONFIG_PUSH,
		    "the client did not take the address it was told");
		return;
	}
	story_add(s, STEP_CONFIG_ACK, 0);
	ready(s);
}

/* --- the request, and the lease it waits for --- */

static void ask_lease(struct session *);

static void
push(struct session *s)
{
	if ((s->wish = calloc(1, sizeof(*s->wish))) == NULL) {
		session_down(s, DOWN_ERROR);
		return;
	}
	s->wish->push = 1;
	s->wish->address = s->address; /* authd's */
	memset(&s->address, 0, sizeof(s->address));
	ask_lease(s);
}

static void
quiet(struct timer *t)
{
	push((struct session *)(void *)((char *)t -
	    offsetof(struct session, life)));
}

void
modecfg_begin(struct ike_sa *sa)
{
	struct session *s = sa->session;

	if (s->state > SESSION_CONFIG)
		return; /* the request overtook the ACK */
	s->state = SESSION_CONFIG;
	if (resume(sa))
		return; /* a session that has its address */
	if (s->group->config == CONFIG_PUSH)
		push(s);
	else if (s->group->config == CONFIG_EITHER &&
	    !vendor_has(&sa->vendor, VENDOR_UNITY))
		timer_set(&s->life, QUIET_MS, quiet);
	else
		session_wait(s, REQUEST_MS);
}

/* No address for it: the client is told, the operator reads why. */
static void
refuse(struct session *s, enum step step, const char *told, const char *why)
{
	(void)send_reply(session_sa(s), s->wish, told);
	session_fail(s, step, "%s", why);
}

static void
ask_lease(struct session *s)
{
	char why[REASON_SIZE];
	struct msg_LEASE_GET m;
	const char *told;

	s->wished = s->wish->address;
	if (admit(s, why, &told) == -1) {
		story_add(s, STEP_REFUSED, 0);
		refuse(s, STEP_REFUSED, told, why);
		return;
	}
	memset(&m, 0, sizeof(m));
	m.session = s->id;
	strlcpy(m.pool, s->group->pool, sizeof(m.pool));
	if (s->user != NULL)
		strlcpy(m.user, s->user, sizeof(m.user));
	m.wish = s->wish->address;
	m.fixed = s->fixed_address;
	s->has_lease = 1;
	s->state = SESSION_LEASE;
	session_wait(s, LEASE_MS);
	(void)bus_send_to(PROC_POOLD, MSG_LEASE_GET, &m);
}

/* The address that the client would like: asked for by value. */
static void
client_wish(const struct cfg_msg *m, struct addr *wish)
{
	const struct attr *a = cfg_find(m, INTERNAL_IP4_ADDRESS, 0);
	static const uint8_t zero[4];

	if (a == NULL || a->is_tv || a->len != 4 ||
	    memcmp(a->data, zero, 4) == 0)
		return;
	wish->family = ADDR_IP4;
	memcpy(wish->b, a->data, 4);
}

/* A client that has its address, or is being told it, asks. */
static void
answer_again(struct ike_sa *sa, const struct cfg_wish *w)
{
	struct session *s = sa->session;
	struct exchange *told = exchange_find(sa, s->pushed);

	if (send_reply(sa, w, NULL) == -1 || s->state != SESSION_PUSHED)
		return;
	if (told != NULL)
		exchange_over(told); /* it need not say so twice */
	ready(s);
}

/* What clients say they are; some ask what we are, with nothing in it. */
static void
log_client(const struct session *s, const struct cfg_msg *m)
{
	const struct attr *a = cfg_find(m, APPLICATION_VERSION, 0);
	char text[TEXT_SIZE];

	if (a != NULL && a->len > 0)
		log_debug("session %016llx client %s",
		    (unsigned long long)s->id,
		    attr_text(a, text, sizeof(text)));
}

void
modecfg_request(struct exchange *ex, const struct cfg_msg *m)
{
	struct ike_sa *sa = ex->sa;
	struct addr wish = { .family = ADDR_NONE };
	struct cfg_wish *w;
	struct session *s;
	size_t i;

	transaction_counters.config_requests++;
	client_wish(m, &wish);
	/* by its place, or by the address that it had */
	if (resume(sa) ||
	    (wish.family != ADDR_NONE && resume_by_address(sa, &wish))) {
		if (sa->state != SA_ESTABLISHED)
			return;
	}
	s = sa->session;
	story_add(s, STEP_CONFIG_REQUEST, (uint32_t)m->n);
	log_client(s, m);
	if ((w = s->wish) != NULL && !w->push) /* one at a time */
		return;
	if (w == NULL && (w = calloc(1, sizeof(*w))) == NULL)
		return;
	w->push = 0; /* it asks after all: answered, not told */
	w->msgid = ex->msgid;
	w->identifier = m->identifier;
	for (i = 0; i < m->n; i++)
		w->number[w->n++] = m->attr[i].type;
	if (w == s->wish)
		return;
	if (s->state >= SESSION_PUSHED) { /* asks again: the same address */
		answer_again(sa, w);
		free(w);
		return;
	}
	s->wish = w;
	w->address = s->address; /* authd's wins over the client's */
	if (w->address.family == ADDR_NONE)
		w->address = wish;
	memset(&s->address, 0, sizeof(s->address));
	ask_lease(s);
}

void
modecfg_restart(struct session *s)
{
	if (s->state == SESSION_LEASE)
		ask_lease(s);
}

static struct session *
waiting(uint64_t id)
{
	struct session *s = session_find(id);

	if (s == NULL || s->state != SESSION_LEASE || session_sa(s) == NULL)
		return NULL;
	return s;
}

static void
handle_grant(struct peer *from, const void *payload, int fd)
{
	const struct msg_LEASE_GRANT *m = payload;
	struct session *s = waiting(m->session);
	struct cfg_wish *w;

	if (s == NULL)
		return;
	/* poold's word alone must not send one client's packets to another */
	if (!ikeconf_in_pool(
		s->fixed_address ? NULL : s->group->pool, &m->address) ||
	    session_set_address(s, &m->address) == -1) {
		session_fail(s, STEP_LEASE,
		    "poold gave an address that is not of pool \"%s\", or is "
		    "another session's",
		    s->group->pool);
		return;
	}
	transaction_counters.leases++;
	story_add(s, STEP_LEASE, addr_to_ip4(&s->address));
	w = s->wish;
	s->wish = NULL;
	if (w->push) {
		if (send_set(session_sa(s)) == -1)
			session_down(s, DOWN_ERROR);
	} else if (send_reply(session_sa(s), w, NULL) == 0) {
		ready(s);
	} else {
		s->state = SESSION_READY; /* it will ask again */
		session_wait(s, QUICK_MS);
	}
	free(w);
}

/*
 * A restarted poold cannot let a session keep the address it was told of: it
 * is somebody else's.  That session ends; two with one address never live.
 */
static void
lease_lost(struct session *s)
{
	if (s == NULL || !s->has_lease || s->state < SESSION_PUSHED)
		return;
	s->has_lease = 0;
	session_fail(s, STEP_LEASE_DENIED,
	    "its address belongs to another session after a restart");
}

static void
handle_deny(struct peer *from, const void *payload, int fd)
{
	static const char *const told[] = {
		[DENY_FULL] = "All addresses are in use; try again later.",
		[DENY_NO_POOL] = "No addresses are configured for your group.",
		[DENY_ERROR] = "No address can be given now.",
		[DENY_TAKEN] = "Your address is in use by another session.",
		[DENY_OUTSIDE] = "Your address cannot be given here.",
	};
	static const char *const logged[] = {
		[DENY_FULL] = "all addresses of the pool are in use",
		[DENY_NO_POOL] = "the pool does not exist",
		[DENY_ERROR] = "poold cannot record leases",
		[DENY_TAKEN] = "another session has it",
		[DENY_OUTSIDE] = "it is in no pool: add one that has it",
	};
	const struct msg_LEASE_DENY *m = payload;
	struct session *s = waiting(m->session);
	char why[REASON_SIZE], addr[ADDR_STRLEN];

	if (s == NULL) {
		lease_lost(session_find(m->session));
		return;
	}
	transaction_counters.leases_denied++;
	s->has_lease = 0;
	story_add(s, STEP_LEASE_DENIED, m->cause);
	if (s->fixed_address)
		(void)snprintf(why, sizeof(why), "address %s of the user: %s",
		    addr_text(&s->wished, addr), logged[m->cause]);
	else
		(void)snprintf(why, sizeof(why), "pool \"%s\": %s",
		    s->group->pool, logged[m->cause]);
	refuse(s, STEP_LEASE_DENIED, told[m->cause], why);
}

const struct msg_handler modecfg_handlers[] = {
	{ MSG_LEASE_GRANT, handle_grant },
	{ MSG_LEASE_DENY, handle_deny },
};
const size_t modecfg_nhandlers = sizeof(modecfg_handlers) /
    sizeof(modecfg_handlers[0]);
