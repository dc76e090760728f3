/* Random bytes, from libsodium's generator. */
#include <sodium.h>
#include <string.h>

#include "common/rnd.h"

static int held;
static uint64_t held_next;
static unsigned char held_seed[randombytes_SEEDBYTES];

void
rnd_bytes(void *buf, size_t len)
{
	if (held) {
		memcpy(held_seed + 8, &held_next, sizeof(held_next));
		held_next++;
		randombytes_buf_deterministic(buf, len, held_seed);
		return;
	}
	randombytes_buf(buf, len);
}

uint32_t
rnd_u32(void)
{
	uint32_t v;

	rnd_bytes(&v, sizeof(v));
	return v;
}

void
rnd_hold(uint32_t seed)
{
	held = 1;
	held_next = 0;
	memset(held_seed, 0, sizeof(held_seed));
	memcpy(held_seed, &seed, sizeof(seed));
}
