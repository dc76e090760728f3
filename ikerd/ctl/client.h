/*
 * ikerctl's pipes: to the parent by its socket, to an owner through the
 * parent.  What arrives is checked against the message table.
 */
#ifndef IKERD_CTL_CLIENT_H
#define IKERD_CTL_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

struct client;

/* Called for each message of an answer but CTL_DONE. */
typedef void client_row(void *arg, enum msg_type, const void *payload);

/* Connect to the parent; says what to do and exits when that cannot be. */
struct client *client_parent(const char *path);
/*
 * A pipe to a process that the parent knows; NULL when it does not run, with
 * the reason in why.
 */
struct client *client_owner(struct client *parent, enum process,
    unsigned int instance, char *why, size_t size);
void client_close(struct client *);

/*
 * Send a request and hand over the rows of its answer until it is done.  0,
 * or -1 when the other side says that it failed, with the reason in why.
 * forever: no answer may take long (monitor).  Exits when the other side is
 * gone or breaks the table.
 */
int client_ask(struct client *, enum msg_type, const void *payload, int forever,
    client_row *, void *arg, char *why, size_t size);

#endif /* IKERD_CTL_CLIENT_H */
