/*
 * What the parent does differently on each system, one file per system
 * (system_linux.c ...).  Settings of the machine are looked at and reported,
 * never changed.
 */
#ifndef IKERD_SYSTEM_H
#define IKERD_SYSTEM_H

#include <stddef.h>

#include "common/addr.h"
#include "ikerd/run.h"

/* Warn of settings the gateway needs, each with the command that sets it. */
void system_check(void);

/* /dev/pf for the filter process; -1: this system's needs none. */
int system_open_pf(void);

/* Options an IKE socket wants here beyond PF_KEY's; failures do no harm. */
void system_udp_options(int fd, int family);

/*
 * One address for which we answer ARP on a device, and the device by which
 * what is sent to it leaves, encrypted ("": the same).
 */
struct arp_entry {
	struct addr addr;
	char device[16];
	char away[16];
};

/*
 * Answer ARP for the addresses, or stop (publish 0): 0, or -1 with the
 * reason.  An entry that is there or gone already is no error.
 */
int system_arp(
    const struct arp_entry *, size_t n, int publish, char why[RUN_OUTPUT]);

#endif /* IKERD_SYSTEM_H */
