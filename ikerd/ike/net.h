/*
 * ike's UDP sockets: datagrams in, datagrams out, the non-ESP marker of
 * RFC 3948 put on and taken off.  Nothing here looks into a datagram further.
 */
#ifndef IKERD_IKE_NET_H
#define IKERD_IKE_NET_H

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/msg.h"

struct event_base;

struct ike_socket {
	struct ike_socket *next;
	int fd;
	int natt; /* port 4500: IKE has four zero bytes before it */
	enum socket_kind kind; /* UDP: ESP is the kernel's, no IKE here */
	struct endpoint local;
	struct event *reader;
};

/* What is called for each IKE message; buf may be written to. */
typedef void net_input(
    struct ike_socket *, const struct endpoint *peer, uint8_t *buf, size_t len);

struct net_counters {
	uint64_t datagrams, bytes, sent, send_errors;
	uint64_t keepalives, short_datagrams, not_ike;
};
extern struct net_counters net_counters;

void net_init(struct event_base *, net_input *);
/* A bound socket from the parent; read from the first net_start() on. */
void net_add(int fd, const struct endpoint *local, enum socket_kind);
void net_start(void);
/* Close those that keep() says no to; nobody may hold one of them. */
void net_close(int (*keep)(const struct ike_socket *));

/* Send one IKE message; lost ones are the peer's to ask for again. */
void net_send(struct ike_socket *, const struct endpoint *peer,
    const uint8_t *buf, size_t len);
/* RFC 3948 2.3 NAT-keepalive: one octet of 0xff. */
void net_keepalive(struct ike_socket *, const struct endpoint *peer);

#endif /* IKERD_IKE_NET_H */
