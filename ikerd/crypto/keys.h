/* The group keys: the one place where they are held. */
#ifndef IKERD_CRYPTO_KEYS_H
#define IKERD_CRYPTO_KEYS_H

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

#endif /* IKERD_CRYPTO_KEYS_H */
