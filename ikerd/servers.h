/* Sockets to AAA servers, for authd, which may not open any itself. */
#ifndef IKERD_SERVERS_H
#define IKERD_SERVERS_H

struct peer;

/*
 * SERVER_OPEN: connects to a server of the configuration, and to no other; the
 * answer is SERVER_FD or SERVER_FAILED.
 */
void servers_handle_open(struct peer *authd, const void *payload, int fd);

#endif /* IKERD_SERVERS_H */
