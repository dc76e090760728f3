/* What a killed ike left in the kernel goes. */
#ifndef IKERD_SWEEP_H
#define IKERD_SWEEP_H

struct conf;

/* The pools and remote networks of a configuration that comes into force. */
void sweep_remember(const struct conf *);

/*
 * Remove SAs and policies of ours through this PF_KEY socket: those that lead
 * to addresses of c's pools and remote networks, or of those before.  0, or -1
 * with the reason logged.
 */
int sweep(int fd, const struct conf *c);

#endif /* IKERD_SWEEP_H */
