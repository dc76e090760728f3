/* The control socket: ikerctl's requests to the parent. */
#ifndef IKERD_CONTROL_H
#define IKERD_CONTROL_H

#include "common/bus.h"

struct event_base;

/*
 * Listen at path (mode 0600; one that is left over is replaced) and answer.
 * log_level is called for CTL_LOG.
 */
void control_init(
    struct event_base *, const char *path, void (*log_level)(int verbose));
void control_close(void); /* the socket and every connection */

void control_peer_down(struct peer *);
/* A request was done; error NULL: well. */
void control_done(struct peer *, const char *error);

extern const struct msg_handler control_handlers[];
extern const size_t control_nhandlers;

#endif /* IKERD_CONTROL_H */
