/*
 * Stands in for authd/method.c in the authd of tests: LOCAL, but some names
 * are asked more, as a token server would ask them.
 *
 *   token    passcode 123456, then a new PIN of four digits, then a message
 *   chap     password "password", by CHAP or as it is
 *   endless  a question after each answer
 */
#include <openssl/evp.h>

#include <string.h>

#include "authd/local.h"
#include "authd/method.h"

static void
token_answer(struct login *l, const uint8_t *answer, size_t len)
{
	uintptr_t round = (uintptr_t)login_state(l);

	login_set_state(l, (void *)(round + 1));
	switch (round) {
	case 1:
		if (len == 6 && memcmp(answer, "123456", 6) == 0) {
			login_ask(l, CHALLENGE_NEXT_PIN, 0,
			    "Enter a new PIN of 4 digits:");
			return;
		}
		login_say(l, "Wrong passcode.");
		login_decided(l, LOGIN_NO, "wrong passcode");
		break;
	case 2:
		if (len == 4)
			login_ask(l, CHALLENGE_MESSAGE, 1,
			    "Your PIN has been changed.");
		else
			login_decided(l, LOGIN_NO, "not a PIN");
		break;
	default:
		login_decided(l, LOGIN_YES, NULL);
		break;
	}
}

static void
endless_answer(struct login *l, const uint8_t *answer, size_t len)
{
	login_ask(l, CHALLENGE_ANSWER, 1, "And then?");
}

static void
chap_start(struct login *l)
{
	static const char secret[] = "password";
	uint8_t in[256], md5[EVP_MAX_MD_SIZE];
	const uint8_t *challenge, *password;
	size_t len, n;
	int good;

	password = login_password(l, &len);
	if (login_is_chap(l, &challenge, &n)) {
		in[0] = password[0];
		memcpy(in + 1, secret, strlen(secret));
		memcpy(in + 1 + strlen(secret), challenge, n);
		good = EVP_Digest(in, 1 + strlen(secret) + n, md5, NULL,
			   EVP_md5(), NULL) == 1 &&
		    memcmp(md5, password + 1, 16) == 0;
	} else {
		good = len == strlen(secret) &&
		    memcmp(password, secret, len) == 0;
	}
	login_decided(l, good ? LOGIN_YES : LOGIN_NO, "wrong password");
}

static void
ask_start(struct login *l)
{
	const char *user = login_user(l);

	if (strcmp(user, "token") == 0) {
		login_set_state(l, (void *)(uintptr_t)1);
		login_ask(l, CHALLENGE_PASSCODE, 0, "Enter PASSCODE:");
	} else if (strcmp(user, "endless") == 0) {
		login_ask(l, CHALLENGE_ANSWER, 1, "And then?");
	} else if (strcmp(user, "chap") == 0) {
		chap_start(l);
	} else {
		method_local.start(l);
	}
}

static void
ask_answer(struct login *l, const uint8_t *bytes, size_t len)
{
	if (strcmp(login_user(l), "token") == 0)
		token_answer(l, bytes, len);
	else
		endless_answer(l, bytes, len);
}

static void
ask_cancel(struct login *l)
{
	const char *user = login_user(l);

	if (strcmp(user, "token") != 0 && strcmp(user, "endless") != 0)
		method_local.cancel(l);
}

static const struct login_method asking = {
	.name = "local",
	.start = ask_start,
	.answer = ask_answer,
	.cancel = ask_cancel,
};

const struct login_method *
method_find(unsigned int protocol)
{
	return protocol == LOGIN_LOCAL ? &asking : NULL;
}
