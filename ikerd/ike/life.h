/*
 * How long a phase 1 SA lives, and when what ends is renewed.
 */
#ifndef IKERD_IKE_LIFE_H
#define IKERD_IKE_LIFE_H

#include <stdint.h>

struct ike_sa;

/*
 * When we renew what lives for so many seconds, in ms from its beginning:
 * later than the client, which does so after 80 or 90 %, in time for four
 * tries, and not for all sessions at once.
 */
uint64_t life_soft_ms(uint32_t seconds);

/* The SA is established: its life begins. */
void life_begin(struct ike_sa *);

#endif /* IKERD_IKE_LIFE_H */
