/*
 * pf's table ioctls, which OpenBSD and FreeBSD have alike (only the size of
 * struct pfr_addr differs).  Included by ktable_openbsd.c and
 * ktable_freebsd.c, after the system's net/pfvar.h, and by nobody else.
 */
#ifndef FWD_KTABLE_PF_H
#define FWD_KTABLE_PF_H

#include <sys/ioctl.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fwd/ktable.h"
#include "fwd/names.h"

static int dev_pf = -1;

int
ktable_open(void)
{
	return 0; /* the parent opens it, and sends it */
}

const char *
ktable_why_not(void)
{
	return dev_pf != -1 ? NULL : "no /dev/pf: is pf loaded?";
}

static void
pf_table(struct pfioc_table *io, const char *table)
{
	memset(io, 0, sizeof(*io));
	(void)strlcpy(io->pfrio_table.pfrt_anchor, RULESET_NAME,
	    sizeof(io->pfrio_table.pfrt_anchor));
	(void)strlcpy(io->pfrio_table.pfrt_name, table,
	    sizeof(io->pfrio_table.pfrt_name));
	io->pfrio_esize = sizeof(struct pfr_addr);
}

static void
pf_addr_out(struct pfr_addr *p, const struct addr *a)
{
	memset(p, 0, sizeof(*p));
	p->pfra_af = a->family == ADDR_IP6 ? AF_INET6 : AF_INET;
	p->pfra_net = (uint8_t)(addr_len(a) * 8);
	memcpy(&p->pfra_u, a->b, addr_len(a));
}

/* 0, or -1 for what is no single address: nothing of ours. */
static int
pf_addr_in(struct addr *a, const struct pfr_addr *p)
{
	memset(a, 0, sizeof(*a));
	a->family = p->pfra_af == AF_INET6 ? ADDR_IP6 : ADDR_IP4;
	memcpy(a->b, &p->pfra_u, addr_len(a));
	return p->pfra_net == addr_len(a) * 8 && !p->pfra_not ? 0 : -1;
}

static int
pf_some(const char *table, const struct ktable_change *c, size_t n, int add)
{
	struct pfr_addr addrs[KTABLE_BATCH];
	struct pfioc_table io;
	size_t i, k = 0;

	for (i = 0; i < n && i < KTABLE_BATCH; i++) {
		if (c[i].add == add)
			pf_addr_out(&addrs[k++], &c[i].addr);
	}
	if (k == 0)
		return 0;
	pf_table(&io, table);
	io.pfrio_buffer = addrs;
	io.pfrio_size = (int)k;
	return ioctl(dev_pf, add ? DIOCRADDADDRS : DIOCRDELADDRS, &io);
}

int
ktable_change(const char *table, const struct ktable_change *c, size_t n)
{
	if (pf_some(table, c, n, 0) == -1)
		return -1;
	return pf_some(table, c, n, 1);
}

int
ktable_clear(const char *table)
{
	struct pfioc_table io;

	pf_table(&io, table);
	io.pfrio_esize = 0;
	return ioctl(dev_pf, DIOCRCLRADDRS, &io);
}

/* Ask how many, make room and a little more, ask again until all fit. */
int
ktable_list(
    const char *table, void (*fn)(const struct addr *, void *), void *arg)
{
	struct pfr_addr *addrs = NULL, *p;
	struct pfioc_table io;
	int room = 0, i;
	struct addr a;

	for (;;) {
		pf_table(&io, table);
		io.pfrio_buffer = addrs;
		io.pfrio_size = room;
		if (ioctl(dev_pf, DIOCRGETADDRS, &io) == -1) {
			free(addrs);
			return -1;
		}
		if (io.pfrio_size <= room)
			break;
		room = io.pfrio_size + 64;
		p = reallocarray(addrs, (size_t)room, sizeof(*addrs));
		if (p == NULL) {
			free(addrs);
			return -1;
		}
		addrs = p;
	}
	for (i = 0; i < io.pfrio_size; i++) {
		if (pf_addr_in(&a, &addrs[i]) == 0)
			fn(&a, arg);
	}
	free(addrs);
	return 0;
}

#endif /* FWD_KTABLE_PF_H */
