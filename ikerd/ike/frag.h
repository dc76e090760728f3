/*
 * IKE fragmentation as Cisco and Microsoft do it: a message too long for one
 * datagram comes and goes as FRAG payloads, each under a header with the SA's
 * cookies.  Bounded in pieces, octets and time for each SA, in octets for each
 * source that has proved nothing, and in all.
 */
#ifndef IKERD_IKE_FRAG_H
#define IKERD_IKE_FRAG_H

#include <stddef.h>
#include <stdint.h>

struct endpoint;
struct ike_sa;
struct isakmp_hdr;

#define FRAG_PIECES 32		     /* of one message */
#define FRAG_MESSAGE_MAX 16384	     /* octets of one message */
#define FRAG_SOURCE_MAX (64 * 1024)  /* octets kept for a stranger's address */
#define FRAG_TOTAL_MAX (4096 * 1024) /* octets kept in all */
#define FRAG_WAIT_MS 10000	     /* from the first piece to the last */

struct frag_counters {
	uint64_t received, whole, sent; /* pieces, messages, pieces */
	uint64_t held;			/* octets, now */
	uint64_t repeated;		/* a piece that is there */
	uint64_t begun_anew;		/* a piece of another message came */
	uint64_t malformed, too_long;
	uint64_t first;	      /* of message 1, where no SA can hold them */
	uint64_t unannounced; /* by a client without the vendor id */
	uint64_t foreign;     /* for a half-open SA, from elsewhere */
	uint64_t no_room;     /* dropped for a bound, or to make room */
	uint64_t timeouts;
};
extern struct frag_counters frag_counters;

/*
 * Take a datagram of len octets whose header says FRAG, for an SA with its
 * cookies.  Returns the whole message when this was the last piece missing, in
 * a buffer that may be written to and is good until the next call, with
 * *whole octets; NULL otherwise.  What is returned has the SA's cookies and is
 * no fragment; nothing else of it was looked at.
 */
uint8_t *frag_take(struct ike_sa *, const struct endpoint *peer,
    const struct isakmp_hdr *, const uint8_t *buf, size_t len, size_t *whole);

/* Forget what has come of a message; for an SA that ends. */
void frag_free(struct ike_sa *);

/*
 * Send a message of this SA to its peer: as fragments if it is longer than
 * FRAG_DATAGRAM with its headers and the peer said that it takes them.
 */
#define FRAG_DATAGRAM 1280 /* octets, IP and UDP headers with them */
void frag_send(const struct ike_sa *, const uint8_t *, size_t);

#endif /* IKERD_IKE_FRAG_H */
