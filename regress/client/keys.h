/* Door of keys.c: the arithmetic of RFC 2409 section 5 and appendix B. */
#ifndef REGRESS_CLIENT_KEYS_H
#define REGRESS_CLIENT_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "suite.h"

#define HASH_MAX 64
#define KEY_MAX 32
#define BLOCK_MAX 16
#define KEYMAT_MAX 128

/* A piece of what goes through a hash or prf. */
struct piece {
	const void *p;
	size_t len;
};
#define PIECES(a) (a), sizeof(a) / sizeof((a)[0])

/* What phase 1 leaves behind. */
struct keys {
	const struct hash *hash;
	const struct cipher *cipher;
	uint8_t skeyid[HASH_MAX];
	uint8_t skeyid_d[HASH_MAX];
	uint8_t skeyid_a[HASH_MAX];
	uint8_t skeyid_e[HASH_MAX];
	uint8_t key[KEY_MAX];  /* of the phase 1 cipher */
	uint8_t iv[BLOCK_MAX]; /* running IV of phase 1, frozen at its end */
};

/* What goes into the keys. */
struct key_input {
	const uint8_t *psk; /* NULL: signatures */
	size_t psk_len;
	struct piece ni, nr; /* bodies */
	const uint8_t *gxi;  /* public values, each len octets */
	const uint8_t *gxr;
	size_t len;
	const uint8_t *gxy;
	size_t gxy_len;
	const uint8_t *cky_i;
	const uint8_t *cky_r;
};

void keys_init(void);
void rnd(void *, size_t);
void digest(const struct hash *, const struct piece *, size_t, uint8_t *);
void prf(const struct hash *, const uint8_t *, size_t, const struct piece *,
    size_t, uint8_t *);

int keys_phase1(struct keys *, const struct key_input *);
void keys_hash_auth(const struct keys *, const struct key_input *, int,
    const struct piece *, const struct piece *, uint8_t *);
void keys_iv(const struct keys *, uint32_t, uint8_t *);
void keys_hash2(const struct keys *, uint32_t, const struct piece *,
    const struct piece *, uint8_t *);
void keys_hash3(const struct keys *, uint32_t, const struct piece *,
    const struct piece *, uint8_t *);
void keymat(const struct keys *, const struct piece *, uint8_t, uint32_t,
    const struct piece *, const struct piece *, uint8_t *, size_t);
int cbc(const struct keys *, int, uint8_t *, uint8_t *, size_t);

#endif /* REGRESS_CLIENT_KEYS_H */
