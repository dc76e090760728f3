/*
 * The protocols a login can be decided by, one row each, and what a protocol
 * may do with a login.  A protocol is a file beside local.c and a row in
 * method.c.
 */
#ifndef AUTHD_METHOD_H
#define AUTHD_METHOD_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

struct login;

struct login_method {
	const char *name;
	/*
	 * Begin to decide: login_decided() comes, now or later.  It may end
	 * the login: do not touch it afterwards.
	 */
	void (*start)(struct login *);
	/*
	 * The user's answer to login_ask(), without a NUL; len may be 0.
	 * NULL: it never asks.
	 */
	void (*answer)(struct login *, const uint8_t *answer, size_t len);
	/* Forget it: login_decided() must not be called any more. */
	void (*cancel)(struct login *);
};

/* enum login_protocol; NULL: not spoken here. */
const struct login_method *method_find(unsigned int protocol);

/* --- what login.c offers to a method --- */

enum login_verdict {
	LOGIN_YES,
	LOGIN_NO,
	LOGIN_SILENT /* no server could say: the list's next step is asked */
};

/* reason: for the operator; NULL with LOGIN_YES. */
void login_decided(struct login *, enum login_verdict, const char *reason);

const char *login_user(const struct login *);
const char *login_group(const struct login *); /* of clients, or "" */
const struct endpoint *login_source(const struct login *);
uint64_t login_session(const struct login *);
/* The servers of this step, as the configuration names them. */
const char *login_servers(const struct login *);
/*
 * Ask the user something more: the answer comes to the method's answer(), or
 * the login ends.  It may end here, after LOGIN_ROUNDS_MAX questions.
 * echo: the answer is no secret.  prompt: as the user shall see it.
 */
void login_ask(
    struct login *, enum challenge_kind, int echo, const char *prompt);
/* The user shall read this when the login ends with a no. */
void login_say(struct login *, const char *message);
/*
 * Is the password CHAP's identifier and response (CHAP_RESPONSE_SIZE bytes)
 * to this challenge?  0: it is the password itself.
 */
int login_is_chap(
    const struct login *, const uint8_t **challenge, size_t *challenge_len);
/* Secret memory, without a NUL at the end; until login_password_copied(). */
const uint8_t *login_password(const struct login *, size_t *len);
/* This step needs it no more: zeroed unless another step may come. */
void login_password_copied(struct login *);
/* What an accept will grant; zero at the start of each step. */
struct msg_LOGIN_ACCEPT *login_grant(struct login *);
/* The method's own state of this login, NULL at the start of each step. */
void login_set_state(struct login *, void *);
void *login_state(const struct login *);

#endif /* AUTHD_METHOD_H */
