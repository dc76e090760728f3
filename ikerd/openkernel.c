/* The real kernel: PF_KEY and the options of IKE's UDP sockets. */
#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/ike/kernel.h"
#include "ikerd/openkernel.h"

int
open_kernel(void)
{
	int fd = kernel_open();

	if (fd != -1)
		return fd;
	if (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT)
		log_warnx("the kernel has no PF_KEY, which IPsec needs "
			  "(Linux: modprobe af_key; FreeBSD: kldload ipsec)");
	else
		log_warn("PF_KEY socket");
	return -1;
}

int
open_kernel_udp(int fd, int family, int natt)
{
	if (kernel_udp_bypass(fd, family) == -1)
		return -1;
	return natt ? kernel_udp_encap(fd, family) : 0;
}

int
open_kernel_is_real(void)
{
	return 1;
}
