/* The one door for randomness, so that tests can hold it still. */
#ifndef COMMON_RND_H
#define COMMON_RND_H

#include <stddef.h>
#include <stdint.h>

/* Fill buf with len unpredictable bytes (libsodium); cannot fail. */
void rnd_bytes(void *buf, size_t len);
uint32_t rnd_u32(void);

/*
 * Tests: from now on hand out the bytes of a stream that depends on seed
 * alone.
 */
void rnd_hold(uint32_t seed);

#endif /* COMMON_RND_H */
