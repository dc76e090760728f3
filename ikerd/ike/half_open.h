/* Sessions of strangers are bounded: all together, and of one address. */
#ifndef IKERD_IKE_HALF_OPEN_H
#define IKERD_IKE_HALF_OPEN_H

#include "common/addr.h"

struct session;

void half_open_init(void);

/* A place for one more from this address; -1: it has enough, or no memory. */
int half_open_reserve(const struct addr *);
/* For who reserved one and has no session. */
void half_open_release(const struct addr *);

/* The session, new and with a source, takes the place that was reserved. */
void half_open_add(struct session *);
/* It is half-open no more, and its place is free; nothing if it was not. */
void half_open_leave(struct session *);
struct session *half_open_oldest(void); /* or NULL */

#endif /* IKERD_IKE_HALF_OPEN_H */
