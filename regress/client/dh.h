/* Door of dh.c: Diffie-Hellman over primes and curves. */
#ifndef REGRESS_CLIENT_DH_H
#define REGRESS_CLIENT_DH_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/bn.h>

#include "suite.h"

#define DH_MAX 1024 /* octets of modp8192 */

struct dh_pair {
	const struct group *group;
	BIGNUM *x;
	uint8_t pub[DH_MAX]; /* as it stands in KE */
	size_t len;
	size_t secret; /* octets of g^xy */
};

/*
 * A key pair with an exponent of that many bits, for a curve as many as it
 * has; -1: no such group.  The load generator takes short ones: it wants
 * correct answers, not secrets.
 */
int dh_make(struct dh_pair *, const struct group *, int);
/* A key pair with a given exponent, for vectors. */
int dh_fixed(struct dh_pair *, const struct group *, const uint8_t *, size_t);
void dh_free(struct dh_pair *);
/*
 * g^xy, d->secret octets with its leading zeros; of a curve the x of the point
 * (RFC 5903 7).  -1: the peer's value is not as long as it must be, or no point
 * of the curve.
 */
int dh_shared(const struct dh_pair *, const uint8_t *, size_t, uint8_t *);
/* The group's prime, g->bits / 8 octets; -1: it is a curve. */
int dh_prime(const struct group *, uint8_t *);

#endif /* REGRESS_CLIENT_DH_H */
