/*
 * The parent's door to the kernel: a bench links another openkernel.c, with
 * a stub kernel behind it, instead.
 */
#ifndef IKERD_OPENKERNEL_H
#define IKERD_OPENKERNEL_H

/*
 * A PF_KEY socket for ike, once for each ike that is started; -1 when there
 * is none, which is logged.
 */
int open_kernel(void);

/*
 * Prepare a bound UDP socket of this family (AF_INET, AF_INET6) for IKE, and
 * for ESP in UDP when natt is set; -1 with errno.
 */
int open_kernel_udp(int fd, int family, int natt);

/* 0: there is no filter to load rules into and no ARP to answer. */
int open_kernel_is_real(void);

#endif /* IKERD_OPENKERNEL_H */
