/* Door of actor.c: a session with its socket, as scripts see it. */
#ifndef REGRESS_CLIENT_ACTOR_H
#define REGRESS_CLIENT_ACTOR_H

#include <sys/queue.h>

#include "frag.h"
#include "net.h"
#include "session.h"

#define SEEN 64

struct letter {
	TAILQ_ENTRY(letter) entry;
	struct message m;
};
TAILQ_HEAD(letters, letter);

struct datagram {
	uint8_t b[WIRE_MAX];
	size_t len;
};

struct actor {
	struct actor *next;
	char name[32];
	char user[256], password[256];
	struct settings set;
	struct session s;
	struct session *old; /* whose phase 1 is being renewed, or NULL */
	struct net net;
	struct letters inbox;	/* received, not yet asked for */
	struct letter *request; /* XAUTH request that waits for its answer */
	struct letter *reply;	/* the last Mode Config attributes */
	struct datagram sent, got;
	struct frag frag;
	struct {
		size_t len;
		uint64_t sum;
	} seen[SEEN]; /* datagrams received, to know copies */
	int seen_next;
	int seen_count;
	int copies;
	struct {
		int sent, came; /* datagrams; came: no copies, no R-U-THERE */
		int unreadable; /* of these: not ours, and no Informational */
		size_t out, in; /* octets */
	} window; /* since a step got what it wanted, or silence */
	size_t out_bytes, in_bytes; /* since the last send */
	int in_count;
	int answer_dpd;
	uint32_t dpd_seq;
	int timeout;
	int verbose;
};

typedef int match_fn(struct actor *, const struct message *, const void *);

struct actor *actor_new(const char *);
void actor_free(struct actor *);
void actor_reset(struct actor *);
void actor_renew(struct actor *);
int actor_send_old(struct actor *, struct wire *);
int actor_send(struct actor *, struct wire *);
int actor_transmit(struct actor *, const uint8_t *, size_t, int);
struct letter *actor_await(struct actor *, match_fn *, const void *, int);
void actor_idle(struct actor *, int);
void actor_window(struct actor *);
ssize_t actor_raw(struct actor *, int);

#endif /* REGRESS_CLIENT_ACTOR_H */
