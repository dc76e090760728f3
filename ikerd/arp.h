/* ARP for pool addresses that lie in a connected subnet, as PIX does. */
#ifndef IKERD_ARP_H
#define IKERD_ARP_H

struct conf;

/*
 * Answer ARP for exactly the pool addresses that lie in a subnet of one of
 * the configuration's interfaces; NULL: for none any more.  What cannot be
 * had is logged.
 */
void arp_publish(const struct conf *);

#endif /* IKERD_ARP_H */
