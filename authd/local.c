/*
 * The LOCAL protocol: looks the user up, has a worker compute the hash, and
 * says yes or no.  A user who does not exist costs the same: a dummy hash is
 * computed on the same path.  login.c calls it through its table.
 */
#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "authd/hasher.h"
#include "authd/local.h"
#include "authd/usersfile.h"
#include "common/str.h"

struct local {
	struct login *login;
	struct hash_job *job;
	int known;
};

static void
decide(void *arg, enum hash_answer answer)
{
	struct local *s = arg;
	struct login *l = s->login;
	int known = s->known;

	login_set_state(l, NULL);
	free(s);
	if (answer == HASH_ERROR)
		login_decided(l, LOGIN_SILENT,
		    "the password hash could not be computed (memory?)");
	else if (!known)
		login_decided(l, LOGIN_NO, "no such user");
	else if (answer == HASH_NO)
		login_decided(l, LOGIN_NO, "wrong password");
	else
		login_decided(l, LOGIN_YES, NULL);
}

static void
grant(struct msg_LOGIN_ACCEPT *a, const struct user *u)
{
	a->address = u->address;
	a->session_timeout = u->session;
	a->idle_timeout = u->idle;
	a->sessions = u->sessions;
	if (u->more == NULL)
		return;
	strlcpy(a->group, u->more->group, sizeof(a->group));
	strlcpy(a->domain, u->more->domain, sizeof(a->domain));
	strlcpy(a->banner, u->more->banner, sizeof(a->banner));
	a->netmask = u->more->netmask;
	a->dns_n = (uint16_t)u->more->ndns;
	memcpy(a->dns, u->more->dns, sizeof(a->dns));
	a->wins_n = (uint16_t)u->more->nwins;
	memcpy(a->wins, u->more->wins, sizeof(a->wins));
	a->network_n = (uint16_t)u->more->nnetworks;
	memcpy(a->network, u->more->network, sizeof(a->network));
}

static void
no_users(struct login *l)
{
	char reason[REASON_SIZE];

	(void)str_append(reason, sizeof(reason), 0, "no usable users file: %s",
	    usersfile_error());
	login_decided(l, LOGIN_SILENT, reason);
}

static void
local_start(struct login *l)
{
	const struct users *users;
	const struct user *u;
	const uint8_t *password, *challenge;
	struct local *s;
	size_t len;

	if (login_is_chap(l, &challenge, &len)) {
		login_decided(l, LOGIN_SILENT,
		    "CHAP cannot be checked by a hash of the password: give "
		    "the group another xauth, or a login with a server that "
		    "knows passwords");
		return;
	}
	if ((users = usersfile_get()) == NULL) {
		no_users(l);
		return;
	}
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		login_decided(l, LOGIN_SILENT, "no memory");
		return;
	}
	s->login = l;
	if ((u = users_find(users, login_user(l))) != NULL) {
		s->known = 1;
		grant(login_grant(l), u);
	}
	password = login_password(l, &len);
	s->job = hasher_submit(
	    u != NULL ? u->hash : users_dummy(users), password, len, decide, s);
	if (s->job == NULL) {
		free(s);
		login_decided(l, LOGIN_SILENT, "too many logins wait");
		return;
	}
	login_set_state(l, s);
	login_password_copied(l);
}

static void
local_cancel(struct login *l)
{
	struct local *s = login_state(l);

	if (s == NULL)
		return;
	hasher_cancel(s->job);
	login_set_state(l, NULL);
	free(s);
}

const struct login_method method_local = {
	.name = "local",
	.start = local_start,
	.cancel = local_cancel,
};
