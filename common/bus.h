/*
 * The pipes of one process to its peers: who is at the other end, sending,
 * and handing what arrives, once it passed msg_check(), to its handler.
 */
#ifndef COMMON_BUS_H
#define COMMON_BUS_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

struct event_base;
struct peer;

/*
 * A message this process answers.  payload is a struct msg_TYPE and belongs
 * to the caller; fd (-1: none) is the handler's to close.
 */
struct msg_handler {
	enum msg_type type;
	void (*handle)(struct peer *from, const void *payload, int fd);
};

struct bus_ops {
	const struct msg_handler *handlers;
	size_t nhandlers;
	/* A pipe to this peer is there, for the first time or again. */
	void (*peer_up)(struct peer *);
	/* It is gone: closed, broken, or it broke the table (told before). */
	void (*peer_down)(struct peer *);
	/* A peer broke the table; the bus closes its pipe after this. */
	void (*violation)(struct peer *, uint32_t type, const char *why);
};

/* Begin: this process is self; ops are kept by reference. */
void bus_init(struct event_base *, enum process self, const struct bus_ops *);

/*
 * A pipe to a process; fd is the bus's from now on.  A pipe to the same
 * process and instance replaces the older one; ikerctls are many, but when
 * they are too many the oldest pipe is closed.
 * While held (bus_hold()) nothing is read from any but the parent.
 */
struct peer *bus_add(enum process, unsigned int instance, int fd);
void bus_hold(int held);
void bus_close(struct peer *);

struct peer *bus_find(enum process, unsigned int instance); /* or NULL */
enum process peer_process(const struct peer *);
unsigned int peer_instance(const struct peer *);
/* For the peer's owner, NULL at first. */
void peer_set_data(struct peer *, void *);
void *peer_data(const struct peer *);

/*
 * Queue a message; payload is the struct of that type.  0, or -1 when there
 * is no such peer now or its queue is full: whoever is restarted is told
 * again by resync.  fd (-1: none) is taken over in every case.
 */
int bus_send(struct peer *, enum msg_type, const void *payload, int fd);
int bus_send_to(enum process, enum msg_type, const void *payload);

/*
 * Write what is queued for every peer, before an exit, and wait for it: 2 s at
 * most, for one that does not read must not keep us.
 */
void bus_flush(void);

/* Messages counted by peer process and type, for SHOW_MESSAGES. */
struct bus_count {
	uint64_t sent, received;
};
const struct bus_count *bus_counts(enum process peer); /* [MSG_COUNT] */

#endif /* COMMON_BUS_H */
