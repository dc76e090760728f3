/*
 * Keeps what authd said of a session's user beside what its group says, and
 * answers for both.  A user of whom nothing was said costs no memory.
 */
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/grant.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/session.h"

struct grant {
	struct addr dns[SERVERS_MAX], wins[SERVERS_MAX];
	uint8_t ndns, nwins, netmask, nnets;
	char *banner, *domain; /* within text */
	struct network *net;   /* behind the struct, then the texts */
};

static int
says_something(const struct msg_LOGIN_ACCEPT *m)
{
	return m->dns_n > 0 || m->wins_n > 0 || m->network_n > 0 ||
	    m->netmask != 0 || m->banner[0] != '\0' || m->domain[0] != '\0';
}

static int
all_ip4(const struct msg_LOGIN_ACCEPT *m)
{
	size_t i;

	for (i = 0; i < m->dns_n; i++) {
		if (m->dns[i].family != ADDR_IP4)
			return 0;
	}
	for (i = 0; i < m->wins_n; i++) {
		if (m->wins[i].family != ADDR_IP4)
			return 0;
	}
	for (i = 0; i < m->network_n; i++) {
		if (m->network[i].addr.family != ADDR_IP4)
			return 0;
	}
	return m->address.family != ADDR_IP6;
}

/* One piece of memory: the struct, its networks, its texts. */
static struct grant *
grant_new(const struct msg_LOGIN_ACCEPT *m)
{
	size_t nets = m->network_n * sizeof(m->network[0]);
	size_t banner = strlen(m->banner) + 1, domain = strlen(m->domain) + 1;
	struct grant *g;
	char *p;

	if ((g = calloc(1, sizeof(*g) + nets + banner + domain)) == NULL)
		return NULL;
	p = (char *)(g + 1);
	g->net = (struct network *)(void *)p;
	memcpy(g->net, m->network, nets);
	g->banner = memcpy(p + nets, m->banner, banner);
	g->domain = memcpy(p + nets + banner, m->domain, domain);
	memcpy(g->dns, m->dns, m->dns_n * sizeof(m->dns[0]));
	memcpy(g->wins, m->wins, m->wins_n * sizeof(m->wins[0]));
	g->nnets = (uint8_t)m->network_n;
	g->ndns = (uint8_t)m->dns_n;
	g->nwins = (uint8_t)m->wins_n;
	g->netmask = m->netmask;
	return g;
}

const char *
grant_take(struct session *s, const struct msg_LOGIN_ACCEPT *m)
{
	const struct group *g = s->group;

	grant_free(s);
	if (m->group[0] != '\0' && strcmp(m->group, g->name) != 0)
		return "the user is allowed in another group only";
	if (!all_ip4(m))
		return "the login gave the user IPv6 addresses, which clients "
		       "of IKEv1 do not take";
	if (says_something(m) && (s->grant = grant_new(m)) == NULL)
		return "no memory";
	s->address = m->address; /* a wish for the lease, until granted */
	s->fixed_address = m->address.family != ADDR_NONE;
	s->user_sessions = m->sessions;
	s->session_timeout = m->session_timeout != 0 ? m->session_timeout :
						       g->session;
	s->idle_timeout = m->idle_timeout != 0 ? m->idle_timeout : g->idle;
	return NULL;
}

void
grant_free(struct session *s)
{
	free(s->grant);
	s->grant = NULL;
}

const struct addr *
grant_dns(const struct session *s, size_t *n)
{
	if (s->grant != NULL && s->grant->ndns > 0) {
		*n = s->grant->ndns;
		return s->grant->dns;
	}
	*n = s->group->ndns;
	return s->group->dns;
}

const struct addr *
grant_wins(const struct session *s, size_t *n)
{
	if (s->grant != NULL && s->grant->nwins > 0) {
		*n = s->grant->nwins;
		return s->grant->wins;
	}
	*n = s->group->nwins;
	return s->group->wins;
}

const struct network *
grant_networks(const struct session *s, size_t *n)
{
	if (s->grant != NULL && s->grant->nnets > 0) {
		*n = s->grant->nnets;
		return s->grant->net;
	}
	*n = s->group->nnets;
	return s->group->net;
}

unsigned int
grant_netmask(const struct session *s)
{
	return s->grant != NULL && s->grant->netmask != 0 ? s->grant->netmask :
							    s->group->netmask;
}

const char *
grant_banner(const struct session *s)
{
	return s->grant != NULL && s->grant->banner[0] != '\0' ?
	    s->grant->banner :
	    s->group->banner;
}

const char *
grant_domain(const struct session *s)
{
	return s->grant != NULL && s->grant->domain[0] != '\0' ?
	    s->grant->domain :
	    s->group->domain;
}
