/*
 * Checks on aaa statements, and the defaults of their servers.  Called by
 * check.c.
 */
#include <sys/types.h>

#include "ikerd/conf.h"
#include "ikerd/parse.h"

#define RADIUS_PORT 1812
#define TACACS_PORT 49
#define TIMEOUT 5 /* s */
#define KEY_MIN 8 /* octets: less is guessed from one recorded answer */
#define KEY_SHORT 16

const char *
conf_protocol_word(enum login_protocol p)
{
	static const char *const words[] = {
		[LOGIN_LOCAL] = "local",
		[LOGIN_TACACS] = "tacacs+",
		[LOGIN_RADIUS] = "radius",
	};

	return words[p];
}

static void
check_server_key(struct report *r, const struct conf_server *s)
{
	size_t len = s->key.secret.len;

	if (s->key.place == 0)
		report_error(r, s->place,
		    "the server has no key: add `key file \"FILE\"'");
	else if (len > 0 && len < KEY_MIN)
		report_error(r, s->key.place,
		    "the server's key is too short: use %d random characters "
		    "or more",
		    KEY_SHORT);
	else if (len > 0 && len < KEY_SHORT)
		report_warning(r, s->key.place,
		    "the server's key is short: use %d random characters or "
		    "more",
		    KEY_SHORT);
}

static void
check_server(struct report *r, const struct conf_aaa *a, struct conf_server *s)
{
	const struct conf_server *other;

	if (s->at.port == 0)
		s->at.port = a->protocol == LOGIN_RADIUS ? RADIUS_PORT :
							   TACACS_PORT;
	if (s->timeout == 0)
		s->timeout = TIMEOUT;
	check_server_key(r, s);
	if (s->legacy)
		report_warning(r, s->place,
		    "answers without Message-Authenticator are taken: who is "
		    "on the way to the server can turn a no into a yes "
		    "(CVE-2024-3596)");
	TAILQ_FOREACH(other, &a->servers, entry) {
		if (other == s)
			return;
		if (endpoint_equal(&other->at, &s->at)) {
			report_error(r, s->place,
			    "this server stands in the list already");
			return;
		}
	}
}

void
conf_check_aaas(struct conf *c, struct report *r)
{
	struct conf_server *s;
	struct conf_aaa *a;

	TAILQ_FOREACH(a, &c->aaas, entry) {
		if (a->protocol == LOGIN_LOCAL)
			continue;
		if (TAILQ_EMPTY(&a->servers))
			report_error(
			    r, a->place, "aaa \"%s\" has no server", a->name);
		TAILQ_FOREACH(s, &a->servers, entry)
			check_server(r, a, s);
	}
}
