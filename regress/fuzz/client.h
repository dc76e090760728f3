/*
 * A client for ike's fuzz target.  It looks into ike's own SA for keys and
 * states, so that it can always do the next right thing, or a wrong thing
 * that is encrypted and hashed as it must be.
 */
#ifndef REGRESS_FUZZ_CLIENT_H
#define REGRESS_FUZZ_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

struct ike_sa;

struct client {
	uint8_t cky_i[8];
	struct endpoint at;
	int natt;	  /* sends to port 4500 */
	uint8_t kind;	  /* bits: group, algorithms, NAT-T, ... */
	uint8_t sai[512]; /* body as sent */
	uint8_t idii[64];
	size_t sai_len, idii_len;
	uint32_t msgid; /* of its last Quick Mode or request */
	uint8_t qm_iv[16];
};

/* Changes to the next right message: an octet before it is hashed, after. */
struct tamper {
	uint16_t before_at, after_at;
	uint8_t before, after; /* xor; 0: none */
};
extern struct tamper client_tamper;

/* The next message goes as IKE fragments of 1 + size octets; 0: whole. */
struct cut {
	uint8_t size;
	uint8_t late; /* number of the piece that comes last; 0: in order */
	uint16_t id;
};
extern struct cut client_cut;

/* The last datagram that a client sent. */
extern uint8_t client_sent[65536];
extern size_t client_sent_len;

void client_init(struct client *, unsigned int number, uint8_t kind);
struct ike_sa *client_sa(const struct client *); /* NULL: none now */
uint64_t client_session(const struct client *);	 /* 0: none */

/* The next step of a login by the book; choice picks among answers. */
void client_go(struct client *, uint8_t choice);

/* Any datagram. */
void client_datagram(struct client *, const uint8_t *, size_t);

/*
 * An encrypted message under the SA: plaintext begins with payload first;
 * with hash a HASH(1) that fits is put before it.  which chooses the message
 * id: 0 ike's open exchange, 1 the client's last, or a fresh one.
 */
void client_encrypted(struct client *, uint8_t exchange, uint8_t which,
    uint8_t first, const uint8_t *, size_t, int hash);

#endif /* REGRESS_FUZZ_CLIENT_H */
