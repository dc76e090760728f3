/*
 * Logins that ask more than a password, and CHAP: ike is played over a real
 * pipe, the method is regress/bench/askmethod.c, which takes the place of
 * authd/method.c here as it does in the scripted client's gateway.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <unistd.h>

#include "authd/lists.h"
#include "authd/login.h"
#include "common/clock.h"
#include "common/compat/imsg.h"
#include "common/log.h"
#include "common/secret.h"
#include "common/timer.h"
#include "regress/bench/askmethod.c"
#include "regress/unit/test.h"

static struct event_base *base;
static struct login_stats logins;
static struct imsgbuf ike;
static uint64_t session = 0x1000, now_ms = 100000;

static const struct msg_handler handlers[] = {
	{ MSG_LOGIN_START, login_handle_start },
	{ MSG_LOGIN_ANSWER, login_handle_answer },
	{ MSG_LOGIN_CANCEL, login_handle_cancel },
};
static const struct bus_ops ops = {
	.handlers = handlers,
	.nhandlers = sizeof(handlers) / sizeof(handlers[0]),
	.peer_down = login_peer_down,
};

TEST(set_up)
{
	struct msg_CONF_LOGIN m = { .protocol = LOGIN_LOCAL };
	int sv[2];

	log_init("challenge_test", 1);
	secret_init();
	base = event_base_new();
	clock_hold(now_ms, 1700000000);
	timer_init(NULL);
	login_init(&logins);
	bus_init(base, PROC_AUTHD, &ops);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	bus_add(PROC_IKE, 0, sv[0]);
	CHECK_INT(imsgbuf_init(&ike, sv[1]), 0);
	lists_begin();
	strlcpy(m.list, "list", sizeof(m.list));
	lists_add(&m);
	lists_commit();
}

static void
tell(uint32_t type, const void *payload, size_t len)
{
	CHECK_INT(imsg_compose(&ike, type, 0, 0, -1, payload, len), 1);
	CHECK_INT(imsgbuf_flush(&ike), 0);
	event_base_loop(base, EVLOOP_ONCE);
}

/* What authd said, or 0: nothing. */
static uint32_t
hear(void *payload, size_t size)
{
	struct imsg imsg;
	uint32_t type = 0;

	bus_flush();
	memset(payload, 0, size);
	if (imsgbuf_get(&ike, &imsg) != 1) {
		if (recv(ike.fd, &type, 1, MSG_PEEK | MSG_DONTWAIT) != 1)
			return 0;
		CHECK_INT(imsgbuf_read(&ike), 1);
		if (imsgbuf_get(&ike, &imsg) != 1)
			return 0;
	}
	type = imsg_get_type(&imsg);
	CHECK(imsg_get_len(&imsg) <= size);
	memcpy(payload, imsg.data, imsg_get_len(&imsg));
	imsg_free(&imsg);
	return type;
}

static void
start(const char *user, enum login_kind kind, const void *password, size_t len)
{
	struct msg_LOGIN_START m;

	memset(&m, 0, sizeof(m));
	m.session = ++session;
	strlcpy(m.list, "list", sizeof(m.list));
	strlcpy(m.user, user, sizeof(m.user));
	m.source.addr = addr_ip4((uint32_t)session); /* each from elsewhere */
	m.kind = (uint8_t)kind;
	m.challenge_len = kind == LOGIN_CHAP ? CHALLENGE_SIZE : 0;
	memcpy(m.password, password, len);
	m.password_len = (uint16_t)len;
	tell(MSG_LOGIN_START, &m, sizeof(m));
}

static void
answer_bytes(const void *bytes, size_t len)
{
	struct msg_LOGIN_ANSWER m;

	memset(&m, 0, sizeof(m));
	m.session = session;
	memcpy(m.answer, bytes, len);
	m.answer_len = (uint16_t)len;
	tell(MSG_LOGIN_ANSWER, &m, sizeof(m));
}

static void
say(const char *text)
{
	answer_bytes(text, strlen(text));
}

static void
asked(enum challenge_kind kind, const char *prompt)
{
	struct msg_LOGIN_CHALLENGE m;

	CHECK_INT(hear(&m, sizeof(m)), MSG_LOGIN_CHALLENGE);
	CHECK_INT(m.session, session);
	CHECK_INT(m.kind, kind);
	CHECK_STR(m.prompt, prompt);
}

static void
accepted(void)
{
	struct msg_LOGIN_ACCEPT m;

	CHECK_INT(hear(&m, sizeof(m)), MSG_LOGIN_ACCEPT);
	CHECK_INT(logins.now, 0);
}

static void
rejected(enum reject_cause cause, const char *reason, const char *message)
{
	struct msg_LOGIN_REJECT m;

	CHECK_INT(hear(&m, sizeof(m)), MSG_LOGIN_REJECT);
	CHECK_INT(m.cause, cause);
	CHECK_STR(m.reason, reason);
	CHECK_STR(m.message, message);
	CHECK_INT(logins.now, 0);
}

TEST(rounds)
{
	start("token", LOGIN_PASSWORD, "x", 1);
	asked(CHALLENGE_PASSCODE, "Enter PASSCODE:");
	answer_bytes("123456", 7); /* a NUL behind it: Android */
	asked(CHALLENGE_NEXT_PIN, "Enter a new PIN of 4 digits:");
	say("9876");
	asked(CHALLENGE_MESSAGE, "Your PIN has been changed.");
	say("");
	accepted();
}

TEST(wrong_answers)
{
	static const char nul[] = "12\00056";
	char text[PASSWORD_MAX];

	start("token", LOGIN_PASSWORD, "x", 1);
	asked(CHALLENGE_PASSCODE, "Enter PASSCODE:");
	say("654321");
	rejected(REJECT_PASSWORD, "wrong passcode", "Wrong passcode.");
	start("token", LOGIN_PASSWORD, "x", 1);
	asked(CHALLENGE_PASSCODE, "Enter PASSCODE:");
	answer_bytes(nul, 5);
	rejected(REJECT_PASSWORD, "the password holds a NUL", "");
	start("token", LOGIN_PASSWORD, "x", 1);
	asked(CHALLENGE_PASSCODE, "Enter PASSCODE:");
	memset(text, 'x', sizeof(text));
	answer_bytes(text, sizeof(text));
	rejected(REJECT_PASSWORD, "the password is longer than 128 bytes", "");
	clock_hold(now_ms += 600000, 1700000600); /* failures are forgotten */
	timer_turn();
}

/* An answer that nobody waits for, and one to a login that ended. */
TEST(answers_to_nothing)
{
	struct msg_LOGIN_CANCEL c;
	struct msg_LOGIN_REJECT no;

	say("123456");
	CHECK_INT(hear(&no, sizeof(no)), 0);
	start("token", LOGIN_PASSWORD, "x", 1);
	asked(CHALLENGE_PASSCODE, "Enter PASSCODE:");
	memset(&c, 0, sizeof(c));
	c.session = session;
	tell(MSG_LOGIN_CANCEL, &c, sizeof(c));
	CHECK_INT(logins.now, 0);
	say("123456");
	CHECK_INT(hear(&no, sizeof(no)), 0);
}

/* People take their time, but not for ever. */
TEST(no_answer)
{
	start("token", LOGIN_PASSWORD, "x", 1);
	asked(CHALLENGE_PASSCODE, "Enter PASSCODE:");
	clock_hold(now_ms += LOGIN_ANSWER_MS - 1000, 1700000800);
	timer_turn();
	CHECK_INT(logins.now, 1);
	clock_hold(now_ms += 2000, 1700000802);
	timer_turn();
	rejected(
	    REJECT_ERROR, "the user did not answer the login's question", "");
}

TEST(no_end_of_questions)
{
	int i;

	start("endless", LOGIN_PASSWORD, "x", 1);
	for (i = 0; i < LOGIN_ROUNDS_MAX; i++) {
		asked(CHALLENGE_ANSWER, "And then?");
		say("then");
	}
	rejected(REJECT_PASSWORD, "the login asks without end", "");
}

TEST(chap)
{
	uint8_t in[25] = { 7, 'p', 'a', 's', 's', 'w', 'o', 'r', 'd' };
	uint8_t out[1 + EVP_MAX_MD_SIZE] = { 7 };

	CHECK_INT(
	    EVP_Digest(in, sizeof(in), out + 1, NULL, EVP_md5(), NULL), 1);
	start("chap", LOGIN_CHAP, out, CHAP_RESPONSE_SIZE);
	accepted();
	out[16] ^= 1;
	start("chap", LOGIN_CHAP, out, CHAP_RESPONSE_SIZE);
	rejected(REJECT_PASSWORD, "wrong password", "");
	start("chap", LOGIN_CHAP, out, CHAP_RESPONSE_SIZE - 1);
	rejected(REJECT_PASSWORD, "that is no CHAP response", "");
	/* one that ends with NUL, or holds it, is a response as well */
	memset(out, 0, sizeof(out));
	start("chap", LOGIN_CHAP, out, CHAP_RESPONSE_SIZE);
	rejected(REJECT_PASSWORD, "wrong password", "");
}

/* No hash of a password tells what CHAP has to be: said, not guessed. */
TEST(local_cannot_do_chap)
{
	struct msg_LOGIN_REJECT m;
	uint8_t out[CHAP_RESPONSE_SIZE] = { 1 };

	start("alice", LOGIN_CHAP, out, sizeof(out));
	CHECK_INT(hear(&m, sizeof(m)), MSG_LOGIN_REJECT);
	CHECK_INT(m.cause, REJECT_ERROR);
	CHECK(strncmp(m.reason, "CHAP cannot be checked by a hash", 32) == 0);
}

TESTS(T(set_up), T(rounds), T(wrong_answers), T(answers_to_nothing),
    T(no_answer), T(no_end_of_questions), T(chap), T(local_cannot_do_chap))
