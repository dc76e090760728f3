/*
 * Door of frag.c: messages in pieces (Cisco's and Microsoft's FRAG payload),
 * and the script commands for them.
 */
#ifndef REGRESS_CLIENT_FRAG_H
#define REGRESS_CLIENT_FRAG_H

#include <stddef.h>
#include <stdint.h>

#define FRAG_MAX 255 /* pieces */

/* How a session cuts what it sends, and what has come of a message. */
struct frag {
	size_t size;		 /* octets of a piece, 0: messages go whole */
	uint16_t id;		 /* racoon's is always 1 */
	uint8_t order[FRAG_MAX]; /* of the next message: which, and when */
	int orders;		 /* 0: each once, in order */
	struct {
		uint8_t *p;
		size_t len;
	} in[FRAG_MAX];
	int last; /* number of the last one, 0: it has not come */
	int came; /* pieces of the last message received, 0: it was whole */
};

struct actor;
int frag_transmit(struct actor *, const uint8_t *, size_t);
int frag_receive(struct actor *);
void frag_clear(struct frag *);

#endif /* REGRESS_CLIENT_FRAG_H */
