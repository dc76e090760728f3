/* Door of net.c: one connected UDP socket towards a gateway. */
#ifndef REGRESS_CLIENT_NET_H
#define REGRESS_CLIENT_NET_H

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <stdint.h>

struct net {
	int fd;
	struct sockaddr_in local;
	struct sockaddr_in remote;
	int marker; /* on the NAT-T port: four zero octets before IKE */
};

int net_open(struct net *, const char *, const char *, int, int);
int net_move(struct net *, int, int);
void net_close(struct net *);
int net_send(const struct net *, const uint8_t *, size_t);
int net_send_bare(const struct net *, const uint8_t *, size_t);
ssize_t net_recv(const struct net *, uint8_t *, size_t, int64_t);
int64_t now_ms(void);

#endif /* REGRESS_CLIENT_NET_H */
