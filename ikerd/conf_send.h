/* The configuration as messages, each process's part and no more. */
#ifndef IKERD_CONF_SEND_H
#define IKERD_CONF_SEND_H

#include "common/msg.h"

struct conf;

/* Where the messages go; payload is gone after the call. */
typedef void conf_emit(void *arg, enum msg_type, const void *payload);

/*
 * Emit the CONF_ items that this process may know, in the order in which they
 * refer to each other; CONF_BEGIN and CONF_END are the caller's.  Keys,
 * private ones too, go to crypto alone.
 */
void conf_send(const struct conf *, enum process to, conf_emit *, void *arg);

#endif /* IKERD_CONF_SEND_H */
