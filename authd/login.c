/*
 * Keeps every login under way, by the peer that asked and its session id:
 * limits first, then one step of the list after the other until one decides,
 * then exactly one answer, one log line, one count.  Holds the password in
 * secret memory until the last step has taken it.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "authd/limit.h"
#include "authd/lists.h"
#include "authd/login.h"
#include "authd/method.h"
#include "common/log.h"
#include "common/secret.h"
#include "common/str.h"
#include "common/table.h"
#include "common/timer.h"

#define REMEMBERED 65536 /* users, sources and pairs with failures */

struct login {
	struct table_link link;
	struct peer *peer;
	uint64_t session;
	char list[NAME_SIZE];
	char group[NAME_SIZE];
	char user[USER_SIZE];
	struct endpoint source;
	uint8_t *password; /* LOGIN_PASSWORD_MAX of secret memory, or NULL */
	size_t password_len;
	uint8_t kind; /* enum login_kind: what the password is */
	uint8_t challenge[CHALLENGE_SIZE]; /* that it answers, of CHAP */
	size_t challenge_len;
	unsigned int rounds; /* questions asked beyond the first */
	int asking;	     /* the user's answer is awaited */
	const char *bad;     /* why no step will be asked, or NULL */

	struct aaa_step step[LIST_STEPS_MAX];
	size_t nsteps, next;
	const struct login_method *method; /* that decides now, or NULL */
	void *state;			   /* the method's */
	struct msg_LOGIN_ACCEPT grant;
	char message[TEXT_SIZE]; /* to the user, with a reject */

	struct timer timer; /* the wait, then the deadline */
	int limited;	    /* limits_end() is owed */
};

/* How a login ends. */
enum outcome {
	ACCEPTED,
	REJECTED,
	LIMITED,
	ERROR
};

static const struct {
	const char *word;
	enum reject_cause cause;
	enum limit_outcome limit;
	size_t count; /* in struct login_stats */
} outcomes[] = {
	[ACCEPTED] = { "accepted", 0, LIMIT_SUCCESS,
	    offsetof(struct login_stats, accepted) },
	[REJECTED] = { "rejected", REJECT_PASSWORD, LIMIT_FAILURE,
	    offsetof(struct login_stats, rejected) },
	[LIMITED] = { "rejected", REJECT_LIMITED, LIMIT_NEITHER,
	    offsetof(struct login_stats, limited) },
	[ERROR] = { "rejected", REJECT_ERROR, LIMIT_NEITHER,
	    offsetof(struct login_stats, errors) },
};

static struct table logins;
static struct limits *limits;
static struct secret_pool *passwords;
static struct login_stats *stats;
static struct log_limiter limiter; /* for what costs us no hash */

void
login_init(struct login_stats *counts)
{
	stats = counts;
	table_init(&logins);
	if ((limits = limits_new(REMEMBERED)) == NULL ||
	    (passwords = secret_pool_new(LOGIN_PASSWORD_MAX)) == NULL)
		fatalx("logins: no memory");
}

static uint64_t
key_of(const struct peer *peer, uint64_t session)
{
	uint64_t key[3] = { peer_process(peer), peer_instance(peer), session };

	return table_hash(&logins, key, sizeof(key));
}

static struct login *
find(const struct peer *peer, uint64_t session)
{
	struct table_link *link = table_find(&logins, key_of(peer, session));
	struct login *l;

	for (; link != NULL; link = table_find_next(link)) {
		l = table_entry(link, struct login, link);
		if (l->peer == peer && l->session == session)
			return l;
	}
	return NULL;
}

static void
forget_password(struct login *l)
{
	secret_pool_put(passwords, l->password);
	l->password = NULL;
	l->password_len = 0;
}

/* Every way out ends here. */
static void
login_free(struct login *l, enum limit_outcome outcome)
{
	timer_stop(&l->timer);
	if (l->method != NULL && l->method->cancel != NULL)
		l->method->cancel(l);
	if (l->limited)
		limits_end(limits, l->user, &l->source.addr, outcome);
	forget_password(l);
	table_remove(&logins, &l->link);
	stats->now = logins.n;
	free(l);
}

static void
log_outcome(const struct login *l, enum outcome o, const char *reason)
{
	char user[USER_SIZE], list[NAME_SIZE], source[ADDR_STRLEN];
	unsigned int held_back = 0;

	if ((o == LIMITED || o == ERROR) && !log_limit(&limiter, &held_back))
		return;
	if (held_back != 0)
		log_info("login: %u lines held back", held_back);
	str_printable(user, sizeof(user), l->user, strlen(l->user));
	str_printable(list, sizeof(list), l->list, strlen(l->list));
	log_info("login session %016llx user \"%s\" list \"%s\" source %s: "
		 "%s%s%s",
	    (unsigned long long)l->session, user, list,
	    endpoint_text(&l->source, source), outcomes[o].word,
	    reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

static void
send_answer(struct login *l, enum outcome o, const char *reason)
{
	struct msg_LOGIN_REJECT no;

	if (o == ACCEPTED) {
		l->grant.session = l->session;
		bus_send(l->peer, MSG_LOGIN_ACCEPT, &l->grant, -1);
		return;
	}
	memset(&no, 0, sizeof(no));
	no.session = l->session;
	no.cause = (uint8_t)outcomes[o].cause;
	strlcpy(no.reason, reason, sizeof(no.reason));
	strlcpy(no.message, l->message, sizeof(no.message));
	bus_send(l->peer, MSG_LOGIN_REJECT, &no, -1);
}

static void
count(enum outcome o)
{
	uint64_t *n = (void *)((char *)stats + outcomes[o].count);

	(*n)++;
}

static void
finish(struct login *l, enum outcome o, const char *reason)
{
	count(o);
	log_outcome(l, o, reason);
	send_answer(l, o, reason);
	login_free(l, outcomes[o].limit);
}

/* Ask the list's next step; silence: why the last one said nothing. */
static void
next_step(struct login *l, const char *silence)
{
	if (l->next == l->nsteps) {
		finish(l, ERROR, silence);
		return;
	}
	l->method = method_find(l->step[l->next++].protocol);
	l->state = NULL;
	memset(&l->grant, 0, sizeof(l->grant));
	l->message[0] = '\0';
	l->method->start(l);
}

void
login_decided(struct login *l, enum login_verdict v, const char *reason)
{
	l->method = NULL; /* it has nothing left to cancel */
	switch (v) {
	case LOGIN_YES:
		finish(l, ACCEPTED, NULL);
		break;
	case LOGIN_NO:
		finish(l, REJECTED, reason);
		break;
	case LOGIN_SILENT:
		next_step(l, reason);
		break;
	}
}

static void
on_deadline(struct timer *t)
{
	struct login *l = table_entry(t, struct login, timer);

	finish(l, ERROR,
	    l->asking ? "the user did not answer the login's question" :
			"no answer in time");
}

void
login_ask(
    struct login *l, enum challenge_kind kind, int echo, const char *prompt)
{
	struct msg_LOGIN_CHALLENGE m;

	if (l->rounds++ == LOGIN_ROUNDS_MAX) {
		if (l->method->cancel != NULL)
			l->method->cancel(l);
		login_decided(l, LOGIN_NO, "the login asks without end");
		return;
	}
	memset(&m, 0, sizeof(m));
	m.session = l->session;
	m.kind = (uint8_t)kind;
	m.echo = echo != 0;
	strlcpy(m.prompt, prompt, sizeof(m.prompt));
	l->asking = 1;
	timer_set(&l->timer, LOGIN_ANSWER_MS, on_deadline);
	bus_send(l->peer, MSG_LOGIN_CHALLENGE, &m, -1);
}

static void
begin(struct login *l)
{
	if (l->bad != NULL) {
		finish(l, REJECTED, l->bad);
		return;
	}
	timer_set(&l->timer, LOGIN_DEADLINE, on_deadline);
	next_step(l, "the list is empty");
}

static void
on_waited(struct timer *t)
{
	begin(table_entry(t, struct login, timer));
}

/*
 * Some clients end the password with one NUL; others inside it, an empty one
 * and one that no server would take are wrong passwords.
 */
static const char *
judge_text(const uint8_t *text, size_t *len)
{
	if (*len > 0 && text[*len - 1] == '\0')
		(*len)--;
	if (*len > LOGIN_PASSWORD_MAX)
		return "the password is longer than 128 bytes";
	if (memchr(text, 0, *len) != NULL)
		return "the password holds a NUL";
	return NULL;
}

static const char *
judge_password(const struct msg_LOGIN_START *m, size_t *len)
{
	const char *why;

	if (m->kind == LOGIN_CHAP)
		return *len == CHAP_RESPONSE_SIZE && m->challenge_len != 0 ?
		    NULL :
		    "that is no CHAP response";
	why = judge_text(m->password, len);
	return why == NULL && *len == 0 ? "the password is empty" : why;
}

static int
take_password(struct login *l, const struct msg_LOGIN_START *m)
{
	size_t len = m->password_len;

	l->kind = m->kind;
	l->challenge_len = m->challenge_len;
	memcpy(l->challenge, m->challenge, l->challenge_len);
	if ((l->bad = judge_password(m, &len)) != NULL)
		return 0;
	if ((l->password = secret_pool_get(passwords)) == NULL)
		return -1;
	memcpy(l->password, m->password, len);
	l->password_len = len;
	return 0;
}

static struct login *
login_new(struct peer *peer, const struct msg_LOGIN_START *m)
{
	struct login *l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	l->peer = peer;
	l->session = m->session;
	strlcpy(l->list, m->list, sizeof(l->list));
	strlcpy(l->group, m->group, sizeof(l->group));
	strlcpy(l->user, m->user, sizeof(l->user));
	l->source = m->source;
	table_insert(&logins, &l->link, key_of(peer, m->session));
	stats->now = logins.n;
	if (stats->now > stats->high)
		stats->high = stats->now;
	return l;
}

/* No room even to remember who asked. */
static void
turn_away(struct peer *peer, uint64_t session)
{
	struct msg_LOGIN_REJECT no;

	count(LIMITED);
	memset(&no, 0, sizeof(no));
	no.session = session;
	no.cause = REJECT_LIMITED;
	strlcpy(no.reason, "too many logins at once", sizeof(no.reason));
	bus_send(peer, MSG_LOGIN_REJECT, &no, -1);
}

static int
take_list(struct login *l)
{
	const struct aaa_list *list = lists_find(l->list);

	if (list == NULL)
		return -1;
	memcpy(l->step, list->step, sizeof(l->step));
	l->nsteps = list->nsteps;
	return 0;
}

void
login_handle_start(struct peer *peer, const void *payload, int fd)
{
	const struct msg_LOGIN_START *m = payload;
	struct login *l;
	int64_t wait;

	if ((l = find(peer, m->session)) != NULL) {
		log_warnx("login session %016llx: begun again",
		    (unsigned long long)m->session);
		login_free(l, LIMIT_NEITHER);
	}
	if (logins.n >= LOGINS_MAX || (l = login_new(peer, m)) == NULL) {
		turn_away(peer, m->session);
		return;
	}
	if (take_list(l) == -1) {
		finish(l, ERROR, "no such list");
		return;
	}
	if (take_password(l, m) == -1) {
		finish(l, ERROR, "no memory");
		return;
	}
	wait = limits_begin(limits, l->user, &l->source.addr);
	if (wait == -1) {
		finish(l, LIMITED, "too many failed or waiting logins");
		return;
	}
	l->limited = 1;
	if (wait == 0) {
		begin(l);
		return;
	}
	stats->delayed++;
	log_debug("login session %016llx waits %lld ms",
	    (unsigned long long)l->session, (long long)wait);
	timer_set(&l->timer, (uint64_t)wait, on_waited);
}

void
login_handle_answer(struct peer *peer, const void *payload, int fd)
{
	const struct msg_LOGIN_ANSWER *m = payload;
	struct login *l = find(peer, m->session);
	size_t len = m->answer_len;
	const char *why;

	if (l == NULL || !l->asking) {
		/* the login may have ended while the answer was on its way */
		log_debug("login session %016llx: answer to no question",
		    (unsigned long long)m->session);
		return;
	}
	l->asking = 0;
	if ((why = judge_text(m->answer, &len)) != NULL) {
		finish(l, REJECTED, why);
		return;
	}
	timer_set(&l->timer, LOGIN_DEADLINE, on_deadline);
	l->method->answer(l, m->answer, len);
}

void
login_handle_cancel(struct peer *peer, const void *payload, int fd)
{
	const struct msg_LOGIN_CANCEL *m = payload;
	struct login *l = find(peer, m->session);

	if (l == NULL)
		return;
	stats->cancelled++;
	log_debug(
	    "login session %016llx: cancelled", (unsigned long long)m->session);
	login_free(l, LIMIT_NEITHER);
}

void
login_peer_down(struct peer *peer)
{
	struct table_link *link, *next = NULL;
	struct login *l;
	size_t slot = 0;

	while ((link = table_walk(&logins, &slot, &next)) != NULL) {
		l = table_entry(link, struct login, link);
		if (l->peer != peer)
			continue;
		stats->cancelled++;
		login_free(l, LIMIT_NEITHER);
	}
}

const char *
login_user(const struct login *l)
{
	return l->user;
}

const char *
login_group(const struct login *l)
{
	return l->group;
}

const struct endpoint *
login_source(const struct login *l)
{
	return &l->source;
}

uint64_t
login_session(const struct login *l)
{
	return l->session;
}

const char *
login_servers(const struct login *l)
{
	return l->step[l->next - 1].servers;
}

const uint8_t *
login_password(const struct login *l, size_t *len)
{
	*len = l->password_len;
	return l->password;
}

int
login_is_chap(
    const struct login *l, const uint8_t **challenge, size_t *challenge_len)
{
	if (l->kind != LOGIN_CHAP)
		return 0;
	*challenge = l->challenge;
	*challenge_len = l->challenge_len;
	return 1;
}

void
login_password_copied(struct login *l)
{
	if (l->next == l->nsteps)
		forget_password(l);
}

void
login_say(struct login *l, const char *message)
{
	strlcpy(l->message, message, sizeof(l->message));
}

struct msg_LOGIN_ACCEPT *
login_grant(struct login *l)
{
	return &l->grant;
}

void
login_set_state(struct login *l, void *state)
{
	l->state = state;
}

void *
login_state(const struct login *l)
{
	return l->state;
}
