/*
 * Decides a login by RADIUS: asks the servers of the list one after the other
 * until one answers; its answer is final.  A challenge goes to the user and its
 * answer to the same server.  login.c calls it through its table; radius_io.c
 * sends.
 */
#include <sys/types.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authd/login.h"
#include "authd/radius.h"
#include "authd/radius_grant.h"
#include "authd/radius_io.h"
#include "common/log.h"

#define FRAMED 2  /* Service-Type */
#define PPP 1	  /* Framed-Protocol */
#define VIRTUAL 5 /* NAS-Port-Type */

struct radius {
	struct radius_exchange x; /* first: the one is the other */
	struct login *login;
	struct server_turn turn;
	uint8_t *answer; /* to a challenge, in secret memory, or NULL */
	size_t answer_len;
	uint8_t state[RADIUS_VALUE_MAX];
	size_t state_len; /* 0: there was none */
};

static char nas_name[RADIUS_VALUE_MAX + 1];
static struct secret_pool *answers;

void
radius_init(const char *nas)
{
	(void)strlcpy(nas_name, nas, sizeof(nas_name));
	if ((answers = secret_pool_new(LOGIN_PASSWORD_MAX)) == NULL)
		fatalx("radius: no memory");
}

/* --- the request --- */

static void
put_address(struct radius_request *q, const struct addr *a)
{
	if (a->family == ADDR_IP4)
		radius_put(q, RADIUS_NAS_IP_ADDRESS, a->b, 4);
	else if (a->family == ADDR_IP6)
		radius_put(q, RADIUS_NAS_IPV6_ADDRESS, a->b, 16);
}

static void
put_proof(struct radius *r, struct radius_request *q)
{
	const uint8_t *password, *challenge;
	size_t len, challenge_len;

	password = login_password(r->login, &len);
	if (r->answer != NULL) {
		radius_put_password(
		    q, &r->x.server->key, r->answer, r->answer_len);
	} else if (login_is_chap(r->login, &challenge, &challenge_len)) {
		radius_put(q, RADIUS_CHAP_PASSWORD, password, len);
		radius_put(q, RADIUS_CHAP_CHALLENGE, challenge, challenge_len);
	} else {
		radius_put_password(q, &r->x.server->key, password, len);
	}
}

static void
build(struct radius_exchange *x, const struct addr *from)
{
	struct radius *r = (struct radius *)(void *)x;
	struct radius_request *q = &x->request;
	char text[ADDR_STRLEN];

	radius_put_text(q, RADIUS_USER_NAME, login_user(r->login));
	put_proof(r, q);
	if (r->answer != NULL && r->state_len > 0)
		radius_put(q, RADIUS_STATE, r->state, r->state_len);
	put_address(q, from);
	if (nas_name[0] != '\0')
		radius_put_text(q, RADIUS_NAS_IDENTIFIER, nas_name);
	radius_put_u32(q, RADIUS_NAS_PORT_TYPE, VIRTUAL);
	radius_put_u32(q, RADIUS_SERVICE_TYPE, FRAMED);
	radius_put_u32(q, RADIUS_FRAMED_PROTOCOL, PPP);
	radius_put_text(q, RADIUS_CALLING_STATION_ID,
	    addr_text(&login_source(r->login)->addr, text));
	(void)snprintf(
	    text, sizeof(text), "%016" PRIx64, login_session(r->login));
	radius_put_text(q, RADIUS_ACCT_SESSION_ID, text);
	if (login_group(r->login)[0] != '\0')
		radius_put_text(q, RADIUS_NAS_PORT_ID, login_group(r->login));
}

/* --- the answer --- */

static void
forget(struct radius *r)
{
	radius_io_cancel(&r->x);
	login_set_state(r->login, NULL);
	server_turn_end(&r->turn);
	secret_pool_put(answers, r->answer);
	free(r);
}

static void
decide(struct radius *r, enum login_verdict v, const char *reason)
{
	struct login *l = r->login;

	forget(r);
	login_decided(l, v, reason);
}

static void
accepted(struct radius *r, const struct radius_reply *reply)
{
	const char *why;

	why = radius_grant(reply, login_grant(r->login));
	decide(r, why == NULL ? LOGIN_YES : LOGIN_NO, why);
}

static void
rejected(struct radius *r, const struct radius_reply *reply)
{
	char text[TEXT_SIZE], reason[REASON_SIZE];

	if (radius_message(reply, text, sizeof(text)) > 0)
		login_say(r->login, text);
	(void)snprintf(
	    reason, sizeof(reason), "server %s says no", r->turn.server->name);
	decide(r, LOGIN_NO, reason);
}

static void
take_state(const struct radius_attr *a, void *arg)
{
	struct radius *r = arg;

	if (a->type != RADIUS_STATE || r->state_len != 0)
		return;
	memcpy(r->state, a->value, a->len);
	r->state_len = a->len;
}

static void
take_prompt(const struct radius_attr *a, void *arg)
{
	uint32_t *echo = arg;

	if (a->type == RADIUS_PROMPT)
		(void)radius_u32(a, echo);
}

static void
challenged(struct radius *r, const struct radius_reply *reply)
{
	char text[TEXT_SIZE];
	uint32_t echo = 0;

	r->state_len = 0;
	radius_each(reply, take_state, r);
	radius_each(reply, take_prompt, &echo);
	if (radius_message(reply, text, sizeof(text)) == 0)
		(void)strlcpy(text, "Passcode:", sizeof(text));
	login_ask(r->login, echo == 1 ? CHALLENGE_ANSWER : CHALLENGE_PASSCODE,
	    echo == 1, text);
}

static void
take_reply(struct radius *r, const struct radius_reply *reply)
{
	switch (radius_code(reply)) {
	case RADIUS_ACCESS_ACCEPT:
		accepted(r, reply);
		break;
	case RADIUS_ACCESS_CHALLENGE:
		challenged(r, reply);
		break;
	default: /* Access-Reject: radius_check() lets no other through */
		rejected(r, reply);
		break;
	}
}

/* --- one server after the other --- */

static void done(
    struct radius_exchange *, const struct radius_reply *, const char *);

static int
ask_next(struct radius *r)
{
	if (server_turn(&r->turn, login_servers(r->login)) == -1)
		return -1;
	radius_io_begin(&r->x, r->turn.server);
	return 0;
}

static void
done(struct radius_exchange *x, const struct radius_reply *reply,
    const char *why)
{
	struct radius *r = (struct radius *)(void *)x;
	char reason[REASON_SIZE];

	if (reply != NULL) {
		take_reply(r, reply);
		return;
	}
	(void)snprintf(
	    reason, sizeof(reason), "server %s: %s", r->turn.server->name, why);
	/* what the user answered is this server's alone */
	if (r->answer != NULL || ask_next(r) == -1)
		decide(r, LOGIN_SILENT, reason);
}

static void
radius_start(struct login *l)
{
	struct radius *r;

	if (login_user(l)[0] == '\0') {
		login_decided(l, LOGIN_NO, "the name is empty");
		return;
	}
	if (strlen(login_user(l)) > RADIUS_VALUE_MAX) {
		login_decided(l, LOGIN_NO, "the name is too long for RADIUS");
		return;
	}
	if ((r = calloc(1, sizeof(*r))) == NULL) {
		login_decided(l, LOGIN_SILENT, "no memory");
		return;
	}
	r->login = l;
	r->x.build = build;
	r->x.done = done;
	login_set_state(l, r);
	if (ask_next(r) == -1)
		decide(r, LOGIN_SILENT, "the list has no server");
}

static void
radius_answer(struct login *l, const uint8_t *answer, size_t len)
{
	struct radius *r = login_state(l);

	if (r->answer == NULL &&
	    (r->answer = secret_pool_get(answers)) == NULL) {
		decide(r, LOGIN_SILENT, "no memory");
		return;
	}
	memcpy(r->answer, answer, len);
	r->answer_len = len;
	radius_io_begin(&r->x, r->turn.server);
}

static void
radius_cancel(struct login *l)
{
	struct radius *r = login_state(l);

	if (r != NULL)
		forget(r);
}

const struct login_method method_radius = {
	.name = "radius",
	.start = radius_start,
	.answer = radius_answer,
	.cancel = radius_cancel,
};
