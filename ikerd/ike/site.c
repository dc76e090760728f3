/*
 * Peers with networks of their own beside the clients.  Such a session has no
 * login and no address; in the tables it is found by the peer's name.  Asked
 * by phase 1, Quick Mode and the reload.
 */
#include <string.h>

#include "common/str.h"
#include "ikerd/ike/flow.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/resume.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/site.h"
#include "ikerd/ike/tunnel.h"

#define QUICK_MS 60000 /* from phase 1 to the first SA */
#define SHOWN 6	       /* networks named in a refusal */

int
site_is(const struct group *g)
{
	return g->config == CONFIG_NONE;
}

void
site_begin(struct ike_sa *sa)
{
	struct session *s = sa->session;

	session_set_user(s, s->group->name, strlen(s->group->name));
	if (s->initial_contact)
		session_replace_older(s);
	s->state = SESSION_CONFIG; /* all that is asked of it is done */
	if (resume(sa))
		s = sa->session; /* the older one, or a dead one */
	else
		s->state = SESSION_READY;
	if (s->state == SESSION_READY)
		session_wait(s, QUICK_MS);
}

static int
lies_in(const struct range *r, const struct network *net, size_t n)
{
	struct range whole;
	size_t i;

	for (i = 0; i < n; i++) {
		whole = range_of_network(&net[i]);
		if (range_holds(&whole, r))
			return 1;
	}
	return 0;
}

static int
reaches(const struct group *g, const struct range *local)
{
	return g->nnets == 0 || lies_in(local, g->net, g->nnets);
}

static const char *
refusal(const char *what, const struct range *r, const struct network *net,
    size_t n, char *text, size_t size)
{
	char one[RANGE_STRLEN];
	size_t i, at;

	at = str_append(text, size, 0, "the peer %s %s; accepted would be",
	    what, range_text(r, one));
	for (i = 0; i < n && i < SHOWN; i++)
		at = str_append(text, size, at, "%s %s", i > 0 ? "," : "",
		    network_text(&net[i], one));
	if (n > SHOWN)
		(void)str_append(text, size, at, " and %zu more", n - SHOWN);
	return text;
}

const char *
site_refuses(const struct group *g, const struct range *local,
    const struct range *remote, char *text, size_t size)
{
	if (!lies_in(remote, g->remote, g->nremotes))
		return refusal(
		    "speaks for", remote, g->remote, g->nremotes, text, size);
	if (!reaches(g, local))
		return refusal("asks for", local, g->net, g->nnets, text, size);
	return NULL;
}

int
site_fits(const struct session *s, const struct group *g)
{
	const struct flow *f;

	LIST_FOREACH(f, &s->flows, entry) {
		if (!reaches(g, &f->local) ||
		    !lies_in(&f->remote, g->remote, g->nremotes))
			return 0;
	}
	return 1;
}
