/* The keys of groups and peers: the one place where they are held. */
#ifndef IKERD_CRYPTO_KEYS_H
#define IKERD_CRYPTO_KEYS_H

#include "common/addr.h"
#include "common/secret.h"

struct msg_CONF_KEY;

void keys_init(void);
void keys_begin(void);
void keys_add(const struct msg_CONF_KEY *);
void keys_commit(void);
void keys_drop(void);

/*
 * The key of a group.  For one that does not exist a key of this process's
 * own that nobody knows, so that the work and its time are the same.
 */
const struct secret *keys_of_group(const char *name);

/*
 * The key for an address (RFC 2409 5.4): of the peer whose network names it
 * most closely.  It must be the peer of that name, too: ike acts by a
 * configuration of its own, which may for a moment be another one.
 */
const struct secret *keys_of_peer(const struct addr *, const char *name);

#endif /* IKERD_CRYPTO_KEYS_H */
