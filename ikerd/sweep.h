/* What a killed ike left in the kernel goes. */
#ifndef IKERD_SWEEP_H
#define IKERD_SWEEP_H

struct conf;

/*
 * Remove SAs and policies of ours through this PF_KEY socket: those that lead
 * to addresses of c's pools.  0, or -1 with the reason logged.
 */
int sweep(int fd, const struct conf *c);

#endif /* IKERD_SWEEP_H */
