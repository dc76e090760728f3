/*
 * Tables of pf's anchor "ikerd" on OpenBSD, through the /dev/pf that the
 * parent opened.  pledge(2) has no promise for changing single members or
 * ending states, so the filter process is confined by chroot and user alone,
 * and by how little it does.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <net/if.h>
#include <net/pfvar.h>

#include "fwd/ktable_pf.h"

int
ktable_take(int fd)
{
	if (dev_pf != -1)
		close(dev_pf);
	dev_pf = fd;
	return 0;
}

static int
end_states(const struct addr *a, int as_source)
{
	struct pfioc_state_kill io;
	struct pf_rule_addr *end;

	memset(&io, 0, sizeof(io));
	end = as_source ? &io.psk_src : &io.psk_dst;
	io.psk_af = a->family == ADDR_IP6 ? AF_INET6 : AF_INET;
	memcpy(&end->addr.v.a.addr, a->b, addr_len(a));
	memset(&end->addr.v.a.mask, 0xff, addr_len(a));
	return ioctl(dev_pf, DIOCKILLSTATES, &io);
}

int
ktable_end_states(const struct addr *a)
{
	return end_states(a, 1) == -1 ? -1 : end_states(a, 0);
}
