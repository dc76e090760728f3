/*
 * Main Mode as responder (RFC 2409 5): with a key found by the peer's address
 * (5.4) or with certificates (5.1), six messages, the Diffie-Hellman
 * computation at the third, so that it is done only for who has shown to
 * receive our answers.
 */
#ifndef IKERD_IKE_MAINMODE_H
#define IKERD_IKE_MAINMODE_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/ike/phase1.h"

/* A first message; buf is the whole datagram, hdr its header. */
void main_first(struct ike_socket *, const struct endpoint *peer,
    const struct isakmp_hdr *, uint8_t *buf, size_t len);
/* The others, by the state of the SA: waits for KE, for ID, has both. */
void main_third(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);
void main_fifth(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);
void main_over(struct ike_sa *, struct ike_socket *,
    const struct endpoint *peer, const struct isakmp_hdr *, uint8_t *buf,
    size_t len);

/* --- what is the same for who begins --- */

/* Parse and check the payloads of a message; its header is in msg. */
enum isakmp_error main_parse(
    struct isakmp_msg *, enum isakmp_kind, const uint8_t *body, size_t len);

/* Messages 3 and 4: KE and NONCE of the peer; -1: no memory. */
enum isakmp_error main_check_values(
    const struct ike_sa *, const struct isakmp_msg *);
int main_keep_values(struct ike_sa *, const struct isakmp_msg *);
/* And ours, with vendor ids and NAT-D; public has the group's length. */
int main_send_values(struct ike_sa *, const uint8_t *public);

/* Message 5 or 6 of the peer, and what it must prove. */
struct main_last {
	struct isakmp_msg msg;
	struct ident id;
	uint8_t hash[ALG_HASH_MAX];  /* HASH_I or HASH_R as it must be */
	uint8_t last[ALG_BLOCK_MAX]; /* its last cipher block */
};
/* Decrypt it in place, parse it, and compute its HASH. */
enum isakmp_error main_open_last(
    const struct ike_sa *, uint8_t *body, size_t len, struct main_last *);
/* A pre-shared key and hybrid show the HASH itself. */
enum isakmp_error main_check_hash(
    const struct ike_sa *, const struct main_last *);
/* Does it call itself as the peer of the session did? */
int main_is_same(const struct ike_sa *, const struct main_last *);
/* Ours with a HASH; its last cipher block is in sa->keys.  -1: cannot. */
int main_prove(struct ike_sa *);
/* The same with our certificates and the signature that crypto made. */
int main_prove_signed(struct ike_sa *, const struct msg_SIGN_DONE *);

extern struct phase1_counters main_counters;

#endif /* IKERD_IKE_MAINMODE_H */
