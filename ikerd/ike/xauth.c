/*
 * XAUTH (draft-beaulieu-ike-xauth-02): asks the client for name and password,
 * hands them to authd and forgets them, tells the client what came of it.
 * Further questions of authd become further rounds of the same transaction.
 */
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/rnd.h"
#include "ikerd/ike/failure.h"
#include "ikerd/ike/grant.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/resume.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/transaction.h"

#define LATER_MS 2000	 /* for a Quick Mode that asks for XAUTH */
#define ANSWER_MS 120000 /* people type slowly */
#define LOGIN_MS 60000	 /* authd has deadlines of its own, shorter */
#define ACK_MS 30000
#define FAIL_MS 2000 /* for the ACK of a refusal */
#define TRIES_MAX 3
#define ROUNDS_MAX 12 /* questions to one client, all tries together */

static void
keep_waiting(struct exchange *ex)
{
	/* the session's own timer ends it */
}

static uint16_t
identifier(const struct session *s)
{
	return (uint16_t)s->id; /* the same through the whole transaction */
}

static int
send_attrs(struct exchange *ex, struct isakmp_buf *ib,
    void (*give_up)(struct exchange *))
{
	ib_payload_end(ib);
	if (exchange_hash1(ex, ib) == -1 || exchange_send(ex, ib) == -1)
		return -1;
	exchange_repeat(ex, give_up);
	return 0;
}

/* What the group's way of asking puts into a question. */
static uint16_t
wanted(const struct session *s)
{
	static const uint16_t token[] = {
		[CHALLENGE_PASSWORD] = XAUTH_USER_PASSWORD,
		[CHALLENGE_PASSCODE] = XAUTH_PASSCODE,
		[CHALLENGE_NEXT_PIN] = XAUTH_NEXT_PIN,
		[CHALLENGE_ANSWER] = XAUTH_ANSWER,
		[CHALLENGE_MESSAGE] = XAUTH_ANSWER,
	};

	if (s->group->xauth != XAUTH_TOKEN)
		return XAUTH_USER_PASSWORD; /* what every client knows */
	return s->challenged ? token[s->challenge] : XAUTH_PASSCODE;
}

static int
new_chap(struct session *s)
{
	if (s->chap == NULL && (s->chap = malloc(CHALLENGE_SIZE)) == NULL)
		return -1;
	rnd_bytes(s->chap, CHALLENGE_SIZE);
	return 0;
}

static void
put_question(
    struct isakmp_buf *ib, const struct session *s, const char *message)
{
	uint16_t want = wanted(s);

	cfg_begin(ib, CFG_REQUEST, identifier(s));
	if (s->chap != NULL) {
		attr_put_tv(ib, XAUTH_TYPE, XAUTH_TYPE_RADIUS_CHAP);
		attr_put_tlv(ib, XAUTH_CHALLENGE, s->chap, CHALLENGE_SIZE);
	} else {
		attr_put_tv(ib, XAUTH_TYPE, XAUTH_TYPE_GENERIC);
	}
	/* 6.2: next PIN and answer stand beside type and message alone */
	if (want == XAUTH_USER_PASSWORD || want == XAUTH_PASSCODE)
		attr_put_tlv(ib, XAUTH_USER_NAME, "", 0);
	attr_put_tlv(ib, want, "", 0);
	if (message != NULL && message[0] != '\0')
		attr_put_tlv(ib, XAUTH_MESSAGE, message, strlen(message));
}

static enum step
step_of(const struct session *s)
{
	if (s->challenged)
		return STEP_XAUTH_FURTHER;
	return s->group->xauth == XAUTH_CHAP ? STEP_XAUTH_CHAP :
	    s->group->xauth == XAUTH_TOKEN   ? STEP_XAUTH_TOKEN :
					       STEP_XAUTH_ASKED;
}

/*
 * One round: the name, what is wanted to prove it and, when there is something
 * to say, MESSAGE.  CHAP is for the first question of a login alone.
 */
static void
ask(struct ike_sa *sa, const char *message)
{
	struct session *s = sa->session;
	struct isakmp_buf *ib;
	struct exchange *ex;

	free(s->chap);
	s->chap = NULL;
	if ((s->group->xauth == XAUTH_CHAP && !s->challenged &&
		new_chap(s) == -1) ||
	    (ex = exchange_start(sa, EXCHANGE_TRANSACTION)) == NULL) {
		session_down(s, DOWN_ERROR);
		return;
	}
	s->state = SESSION_XAUTH;
	s->asking = ex->msgid;
	session_wait(s, ANSWER_MS);
	transaction_counters.xauth_asked++;
	story_add(s, step_of(s), ++s->xauth_rounds);
	ib = exchange_begin(ex);
	put_question(ib, s, message);
	if (send_attrs(ex, ib, keep_waiting) == -1)
		session_down(s, DOWN_ERROR);
}

static void
status_unanswered(struct exchange *ex)
{
	struct session *s = ex->sa->session;

	if (s->state == SESSION_STATUS)
		session_fail(s, STEP_STATUS, "the client did not acknowledge");
	else
		exchange_over(ex); /* it has gone on: its ACK was lost */
}

/* SET with STATUS alone: vpnc takes no second attribute. */
static void
tell_status(struct ike_sa *sa, uint16_t status)
{
	struct session *s = sa->session;
	struct isakmp_buf *ib;
	struct exchange *ex;

	if ((ex = exchange_start(sa, EXCHANGE_TRANSACTION)) == NULL) {
		session_down(s, DOWN_ERROR);
		return;
	}
	s->state = SESSION_STATUS;
	s->xauth_failed = status != XAUTH_STATUS_OK;
	session_wait(s, s->xauth_failed ? FAIL_MS : ACK_MS);
	story_add(s, STEP_STATUS, status);
	ib = exchange_begin(ex);
	cfg_begin(ib, CFG_SET, identifier(s));
	attr_put_tv(ib, XAUTH_STATUS, status);
	if (send_attrs(ex, ib, status_unanswered) == -1)
		session_down(s, DOWN_ERROR);
}

void
xauth_begin(struct ike_sa *sa)
{
	if (sa->session->group->login[0] == '\0' || resume_is_proved(sa))
		tell_status(sa, XAUTH_STATUS_OK);
	else
		ask(sa, NULL);
}

static void
quiet(struct timer *t)
{
	struct session *s = (struct session *)(void *)((char *)t -
	    offsetof(struct session, life));
	struct ike_sa *sa = session_sa(s);

	if (sa != NULL)
		xauth_now(sa);
}

void
xauth_later(struct ike_sa *sa)
{
	struct session *s = sa->session;

	s->state = SESSION_LATER;
	story_add(s, STEP_XAUTH_LATER, 0);
	timer_set(&s->life, LATER_MS, quiet);
}

void
xauth_now(struct ike_sa *sa)
{
	if (sa->session->state == SESSION_LATER)
		xauth_begin(sa);
}

static void
login_start(struct session *s, const struct xauth_field *proof)
{
	struct msg_LOGIN_START m;

	memset(&m, 0, sizeof(m));
	m.session = s->id;
	strlcpy(m.list, s->group->login, sizeof(m.list));
	strlcpy(m.group, s->group->name, sizeof(m.group));
	strlcpy(m.user, s->user, sizeof(m.user));
	m.source = s->source;
	if (s->chap != NULL) {
		m.kind = LOGIN_CHAP;
		m.challenge_len = CHALLENGE_SIZE;
		memcpy(m.challenge, s->chap, CHALLENGE_SIZE);
	}
	m.password_len = (uint16_t)proof->len;
	memcpy(m.password, proof->p, proof->len);
	(void)bus_send_to(PROC_AUTHD, MSG_LOGIN_START, &m);
	explicit_bzero(&m, sizeof(m));
}

static void
login_answer(struct session *s, const struct xauth_field *proof)
{
	struct msg_LOGIN_ANSWER m;

	memset(&m, 0, sizeof(m));
	m.session = s->id;
	m.answer_len = (uint16_t)proof->len;
	if (proof->len > 0)
		memcpy(m.answer, proof->p, proof->len);
	(void)bus_send_to(PROC_AUTHD, MSG_LOGIN_ANSWER, &m);
	explicit_bzero(&m, sizeof(m));
}

/* What proves the name: what was asked for, or what the client has instead. */
static const struct xauth_field *
proof_of(const struct xauth *x, uint16_t want)
{
	const struct {
		uint16_t number;
		const struct xauth_field *field;
	} fields[] = {
		{ XAUTH_USER_PASSWORD, &x->password },
		{ XAUTH_PASSCODE, &x->passcode },
		{ XAUTH_ANSWER, &x->answer },
		{ XAUTH_NEXT_PIN, &x->next_pin },
	};
	const struct xauth_field *other = &x->password;
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].field->p == NULL)
			continue;
		if (fields[i].number == want)
			return fields[i].field;
		if (other->p == NULL)
			other = fields[i].field;
	}
	return other;
}

/* NULL: the reply is one that authd can judge. */
static const char *
unfit(const struct session *s, const struct xauth *x,
    const struct xauth_field *proof)
{
	uint16_t type = s->chap != NULL ? XAUTH_TYPE_RADIUS_CHAP :
					  XAUTH_TYPE_GENERIC;

	if (x->has_status && x->status == XAUTH_STATUS_FAIL)
		return "the user gave up";
	if (x->has_type && x->type != type)
		return s->chap != NULL ?
		    "the client does not do CHAP: use another kind of xauth "
		    "in its group" :
		    "the client answered in an XAUTH type that was not asked";
	if (!s->challenged && x->user.len == 0)
		return "the client sent no user name: it has no credentials, "
		       "or cannot do XAUTH of this type";
	if (s->challenged && x->user.len != 0 &&
	    (strlen(s->user) != x->user.len ||
		memcmp(s->user, x->user.p, x->user.len) != 0))
		return "the client answered the question of a login with "
		       "another user's name";
	if (proof->p == NULL &&
	    !(s->challenged && s->challenge == CHALLENGE_MESSAGE))
		return "the client sent no password: it has no credentials, or "
		       "cannot do XAUTH of this type";
	if (s->chap != NULL && proof->len != CHAP_RESPONSE_SIZE)
		return "the client's CHAP is not identifier and MD5";
	return NULL;
}

/* The reply makes sense: on to authd. */
static void
pass_on(
    struct session *s, const struct xauth *x, const struct xauth_field *proof)
{
	if (s->challenged) {
		login_answer(s, proof);
	} else {
		session_set_user(s, x->user.p, x->user.len);
		login_start(s, proof);
	}
	free(s->chap);
	s->chap = NULL;
	s->challenged = 0;
	s->login_out = 1;
	s->state = SESSION_LOGIN;
	story_add(s, STEP_LOGIN_ASKED, 0);
	session_wait(s, LOGIN_MS);
}

void
xauth_reply(struct exchange *ex, const struct cfg_msg *m)
{
	struct session *s = ex->sa->session;
	const struct xauth_field *proof;
	enum isakmp_error error;
	const char *why;
	struct xauth x;

	transaction_counters.xauth_replies++;
	story_add(s, STEP_XAUTH_REPLY, 0);
	exchange_over(ex);
	error = xauth_parse(m, &x, s->chap != NULL);
	proof = proof_of(&x, wanted(s));
	why = error != ISAKMP_OK ? isakmp_error_text(error) :
				   unfit(s, &x, proof);
	if (why != NULL)
		session_fail(s, STEP_XAUTH_REPLY, "%s", why);
	else
		pass_on(s, &x, proof);
	explicit_bzero(&x, sizeof(x));
}

void
xauth_ack(struct exchange *ex, const struct cfg_msg *m)
{
	struct ike_sa *sa = ex->sa;

	exchange_over(ex);
	story_add(sa->session, STEP_STATUS_ACK, 0);
	if (sa->session->xauth_failed)
		session_down(sa->session, DOWN_ERROR);
	else
		modecfg_begin(sa);
}

void
xauth_restart(struct session *s)
{
	struct ike_sa *sa = session_sa(s);
	struct exchange *ex;

	if (sa == NULL ||
	    !(s->state == SESSION_LOGIN ||
		(s->state == SESSION_XAUTH && s->challenged)))
		return;
	s->login_out = 0;
	s->challenged = 0;
	/* an answer to the old authd's question is no password */
	if ((ex = exchange_find(sa, s->asking)) != NULL)
		exchange_over(ex);
	ask(sa, NULL); /* the password is gone, so ask again */
}

/* The session that authd's answer is for, when it still waits for one. */
static struct session *
waiting(uint64_t id)
{
	struct session *s = session_find(id);

	if (s == NULL || s->state != SESSION_LOGIN || !s->login_out)
		return NULL;
	s->login_out = 0;
	return session_sa(s) != NULL ? s : NULL;
}

static void
handle_accept(struct peer *from, const void *payload, int fd)
{
	const struct msg_LOGIN_ACCEPT *m = payload;
	struct session *s = waiting(m->session);
	const char *why;

	if (s == NULL)
		return;
	if ((why = grant_take(s, m)) != NULL) {
		transaction_counters.xauth_failed++;
		story_add(s, STEP_LOGIN_UNFIT, 0);
		failure_add(s->id, STEP_LOGIN_UNFIT, &s->source, s->user,
		    strlen(s->user), "%s", why);
		tell_status(session_sa(s), XAUTH_STATUS_FAIL);
		return;
	}
	transaction_counters.xauth_ok++;
	story_add(s, STEP_LOGIN_OK, 0);
	if (s->initial_contact)
		session_replace_older(s);
	tell_status(session_sa(s), XAUTH_STATUS_OK);
}

static void
handle_reject(struct peer *from, const void *payload, int fd)
{
	const struct msg_LOGIN_REJECT *m = payload;
	struct session *s = waiting(m->session);

	if (s == NULL)
		return;
	transaction_counters.xauth_failed++;
	story_add(s, STEP_LOGIN_REJECTED, m->cause);
	failure_add(s->id, STEP_LOGIN_REJECTED, &s->source, s->user,
	    strlen(s->user), "%s", m->reason);
	if (m->cause == REJECT_PASSWORD && ++s->xauth_tries < TRIES_MAX &&
	    s->xauth_rounds < ROUNDS_MAX)
		ask(session_sa(s),
		    m->message[0] != '\0' ? m->message : "Login incorrect.");
	else
		tell_status(session_sa(s), XAUTH_STATUS_FAIL);
}

static void
handle_challenge(struct peer *from, const void *payload, int fd)
{
	const struct msg_LOGIN_CHALLENGE *m = payload;
	struct session *s = waiting(m->session);

	if (s == NULL)
		return;
	story_add(s, STEP_LOGIN_CHALLENGE, 0);
	s->challenged = 1;
	s->challenge = m->kind;
	if (s->xauth_rounds < ROUNDS_MAX)
		ask(session_sa(s), m->prompt);
	else
		session_fail(s, STEP_LOGIN_CHALLENGE,
		    "the login asks more than %d questions", ROUNDS_MAX);
}

static void
handle_kick(struct peer *from, const void *payload, int fd)
{
	const struct msg_SESSION_KICK *m = payload;
	struct session *s = session_find(m->session);

	if (s != NULL)
		session_down(s, DOWN_KICK);
}

const struct msg_handler xauth_handlers[] = {
	{ MSG_LOGIN_ACCEPT, handle_accept },
	{ MSG_LOGIN_REJECT, handle_reject },
	{ MSG_LOGIN_CHALLENGE, handle_challenge },
	{ MSG_SESSION_KICK, handle_kick },
};
const size_t xauth_nhandlers = sizeof(xauth_handlers) /
    sizeof(xauth_handlers[0]);
