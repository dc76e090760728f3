/*
 * What a session is given: what authd said of its user, where it said
 * something, otherwise what its group says.  Only here is the order decided.
 */
#ifndef IKERD_IKE_GRANT_H
#define IKERD_IKE_GRANT_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

struct session;

/*
 * Take what an accepted login says: timeouts, a fixed address (a wish until
 * it is leased), and the rest, which the session then owns.  NULL, or why
 * this user cannot have a session here.
 */
const char *grant_take(struct session *, const struct msg_LOGIN_ACCEPT *);
void grant_free(struct session *);

/* IPv4 only; n is how many. */
const struct addr *grant_dns(const struct session *, size_t *n);
const struct addr *grant_wins(const struct session *, size_t *n);
/* What it may reach; none: everything. */
const struct network *grant_networks(const struct session *, size_t *n);
unsigned int grant_netmask(const struct session *); /* bits */
const char *grant_banner(const struct session *);   /* "": none */
const char *grant_domain(const struct session *);

#endif /* IKERD_IKE_GRANT_H */
