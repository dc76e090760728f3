/* Door of issue.c: a certificate of its own for each user. */
#ifndef REGRESS_CLIENT_ISSUE_H
#define REGRESS_CLIENT_ISSUE_H

#include <stdint.h>

#include "session.h"

/*
 * A copy of the settings whose certificate is that of before with the serial
 * number and the common name changed, signed by the key; its subject is the
 * identity.  Freed by issue_free().  Ends the program when it fails.
 */
struct settings *issue(
    const struct settings *, EVP_PKEY *, const char *name, uint32_t serial);
void issue_free(struct settings *);

#endif /* REGRESS_CLIENT_ISSUE_H */
