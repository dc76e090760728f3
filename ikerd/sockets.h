/*
 * The privileged descriptors that children work with: opened here, handed
 * over, not kept.
 */
#ifndef IKERD_SOCKETS_H
#define IKERD_SOCKETS_H

#include "common/bus.h"

struct conf;

/*
 * Open what ike needs for this configuration: PF_KEY and a UDP socket for
 * each address and port.  They wait here for sockets_give().  An address that
 * is still in use is tried again for some seconds when patient is set.  0, or
 * -1 when one could not be had, which is logged; the others are closed then.
 */
int sockets_open(const struct conf *, int patient);

/*
 * The same for a reload: only the addresses that ike has no socket for yet,
 * and no PF_KEY.  why: text for whoever asked.
 */
int sockets_open_new(const struct conf *next, char *why, size_t size);

/* It is in force: what ike listened on before, and no more, it has closed. */
void sockets_forget_closed(const struct conf *);

/* Hand over what is open, as SOCKET_FD messages; or close it. */
void sockets_give(struct peer *ike);
void sockets_drop(void);

/* What a killed ike left in the kernel goes, when no other ike is to come. */
void sockets_sweep(const struct conf *);

/* /dev/pf for the filter, where the system has one. */
void sockets_give_filter(struct peer *filter);

#endif /* IKERD_SOCKETS_H */
