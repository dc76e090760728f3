/*
 * Decides a login by TACACS+: asks the servers of the list one after the other
 * until one says yes or no.  A server that is asked interactively (ASCII) may
 * ask back: the first time for name and password, which the user has given,
 * then for whatever it likes, which is passed on to the user.  login.c calls it
 * through its table; tacacs_io.c sends.
 */
#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authd/login.h"
#include "authd/tacacs.h"
#include "authd/tacacs_io.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"

struct tacacs {
	struct tacacs_connection c; /* first: the one is the other */
	struct tacacs_request request;
	struct login *login;
	struct server_turn turn;
	enum tacacs_way way;
	uint8_t seq; /* of the reply that is to be answered */
	uint8_t restarted, gave_name, gave_password;
	uint8_t asked_user; /* what the user answered is this server's alone */
};

static void ask_server(struct tacacs *);

/* --- the end --- */

static void
forget(struct tacacs *t)
{
	tacacs_io_close(&t->c);
	login_set_state(t->login, NULL);
	server_turn_end(&t->turn);
	freezero(t, sizeof(*t)); /* a password was in the request */
}

static void
decide(struct tacacs *t, enum login_verdict v, const char *reason)
{
	struct login *l = t->login;

	forget(t);
	login_decided(l, v, reason);
}

static void
says_no(struct tacacs *t, const char *why)
{
	char reason[REASON_SIZE];

	(void)snprintf(
	    reason, sizeof(reason), "server %s: %s", t->turn.server->name, why);
	decide(t, LOGIN_NO, reason);
}

static enum tacacs_way
way_of(const struct login *l, const struct server *s)
{
	const uint8_t *challenge;
	size_t len;

	if (login_is_chap(l, &challenge, &len))
		return TACACS_CHAP;
	return s->interactive ? TACACS_ASCII : TACACS_PAP;
}

static int
ask_next(struct tacacs *t)
{
	if (server_turn(&t->turn, login_servers(t->login)) == -1)
		return -1;
	t->way = way_of(t->login, t->turn.server);
	t->restarted = 0;
	ask_server(t);
	return 0;
}

/* It said nothing that helps: the next one is asked. */
static void
silent(struct tacacs *t, const char *why)
{
	char reason[REASON_SIZE];

	tacacs_io_close(&t->c);
	(t->c.refused ? server_refused : server_silent)(t->turn.server, why);
	(void)snprintf(
	    reason, sizeof(reason), "server %s: %s", t->turn.server->name, why);
	if (t->asked_user || ask_next(t) == -1)
		decide(t, LOGIN_SILENT, reason);
}

/* --- requests --- */

static void
start(struct tacacs *t)
{
	uint8_t chap[TACACS_FIELD_MAX];
	char rem_addr[ADDR_STRLEN];
	struct tacacs_start s = { .way = t->way,
		.user = login_user(t->login),
		.port = login_group(t->login) };
	const uint8_t *password, *challenge;
	size_t len, n;

	s.rem_addr = addr_text(&login_source(t->login)->addr, rem_addr);
	password = login_password(t->login, &len);
	if (t->way == TACACS_CHAP) {
		(void)login_is_chap(t->login, &challenge, &n);
		chap[0] = password[0];
		memcpy(chap + 1, challenge, n);
		memcpy(chap + 1 + n, password + 1, len - 1);
		s.data = chap;
		s.data_len = n + len;
	} else if (t->way == TACACS_PAP) {
		s.data = password;
		s.data_len = len;
	}
	tacacs_start(&t->request, &s);
	tacacs_hide(&t->request, &t->turn.server->key);
	tacacs_io_ask(&t->c, &t->request);
}

static void
go_on(struct tacacs *t, const void *answer, size_t len)
{
	tacacs_continue(&t->request, t->seq, answer, len);
	tacacs_hide(&t->request, &t->turn.server->key);
	tacacs_io_ask(&t->c, &t->request);
}

/* --- replies --- */

static void
ask_user(struct tacacs *t, const struct tacacs_reply *r, const char *otherwise)
{
	int echo = r->status != TACACS_GETPASS && !r->noecho;
	char text[TEXT_SIZE];

	(void)str_message(text, sizeof(text), 0, r->msg, r->msg_len);
	t->asked_user = 1;
	login_ask(t->login, echo ? CHALLENGE_ANSWER : CHALLENGE_PASSCODE, echo,
	    text[0] != '\0' ? text : otherwise);
}

static void
asked(struct tacacs *t, const struct tacacs_reply *r)
{
	const uint8_t *password;
	size_t len;

	if (t->way != TACACS_ASCII || r->seq >= TACACS_SEQ_LAST) {
		silent(t, "it asks back where it must not");
		return;
	}
	t->seq = r->seq;
	if (r->status == TACACS_GETUSER && !t->gave_name) {
		t->gave_name = 1;
		go_on(t, login_user(t->login), strlen(login_user(t->login)));
	} else if (r->status == TACACS_GETPASS && !t->gave_password) {
		t->gave_password = 1;
		password = login_password(t->login, &len);
		go_on(t, password, len);
	} else if (r->status == TACACS_GETUSER) {
		ask_user(t, r, "Name:");
	} else {
		ask_user(t, r, "Passcode:");
	}
}

/* RFC 8907 5.4.2: not this way; a CHAP response fits no other. */
static void
restart(struct tacacs *t)
{
	if (t->restarted || t->way == TACACS_CHAP) {
		says_no(t, "it takes no such login");
		return;
	}
	t->restarted = 1;
	t->way = t->way == TACACS_PAP ? TACACS_ASCII : TACACS_PAP;
	tacacs_io_close(&t->c);
	ask_server(t);
}

static void
rejected(struct tacacs *t, const struct tacacs_reply *r)
{
	char text[TEXT_SIZE];

	(void)str_message(text, sizeof(text), 0, r->msg, r->msg_len);
	if (text[0] != '\0')
		login_say(t->login, text);
	says_no(t, "it says no");
}

static void
accepted(struct tacacs *t, const struct tacacs_reply *r)
{
	struct msg_LOGIN_ACCEPT *m = login_grant(t->login);

	(void)str_message(m->banner, sizeof(m->banner), 0, r->msg, r->msg_len);
	decide(t, LOGIN_YES, NULL);
}

static void
take_reply(struct tacacs *t, const struct tacacs_reply *r)
{
	switch (r->status) {
	case TACACS_PASS:
		accepted(t, r);
		break;
	case TACACS_FAIL:
	case TACACS_FOLLOW: /* to wherever it says: never (5.4.4) */
		rejected(t, r);
		break;
	case TACACS_GETUSER:
	case TACACS_GETPASS:
	case TACACS_GETDATA:
		asked(t, r);
		break;
	case TACACS_RESTART:
		restart(t);
		break;
	case TACACS_ERROR:
		silent(t, "it has an error of its own");
		break;
	default:
		silent(t, "its answer is of no known kind");
		break;
	}
}

static void
reply(struct tacacs_connection *c, uint8_t *p, size_t len)
{
	struct tacacs *t = (struct tacacs *)(void *)c;
	struct tacacs_reply r;
	const char *why;

	switch (
	    tacacs_check(&r, p, len, &t->request, &t->turn.server->key, &why)) {
	case TACACS_GOOD:
		if (r.status != TACACS_ERROR)
			server_answered(
			    t->turn.server, (uint32_t)clock_since(c->sent_ms));
		take_reply(t, &r);
		break;
	case TACACS_BROKEN:
		log_warnx("server %s of \"%s\": an answer was dropped: %s",
		    t->turn.server->name, t->turn.server->servers, why);
		silent(t, why);
		break;
	case TACACS_REFUSED:
		says_no(t, why);
		break;
	}
}

static void
failed(struct tacacs_connection *c, const char *why)
{
	silent((struct tacacs *)(void *)c, why);
}

/* --- what login.c calls --- */

static void
ask_server(struct tacacs *t)
{
	t->gave_name = t->gave_password = 0;
	server_asked(t->turn.server);
	tacacs_io_open(&t->c, t->turn.server);
	start(t);
}

static void
tacacs_login_start(struct login *l)
{
	struct tacacs *t;

	if (login_user(l)[0] == '\0') { /* RFC 8907 5.4.2.2: a name, always */
		login_decided(l, LOGIN_NO, "the name is empty");
		return;
	}
	if ((t = calloc(1, sizeof(*t))) == NULL) {
		login_decided(l, LOGIN_SILENT, "no memory");
		return;
	}
	t->login = l;
	t->c.reply = reply;
	t->c.failed = failed;
	login_set_state(l, t);
	if (ask_next(t) == -1)
		decide(t, LOGIN_SILENT, "the list has no server");
}

static void
tacacs_login_answer(struct login *l, const uint8_t *answer, size_t len)
{
	struct tacacs *t = login_state(l);

	go_on(t, answer, len);
}

static void
tacacs_login_cancel(struct login *l)
{
	struct tacacs *t = login_state(l);

	if (t != NULL)
		forget(t);
}

const struct login_method method_tacacs = {
	.name = "tacacs+",
	.start = tacacs_login_start,
	.answer = tacacs_login_answer,
	.cancel = tacacs_login_cancel,
};
