/*
 * FreeBSD: published ARP entries by arp(8), settings by sysctlbyname(3),
 * /dev/pf for the filter process.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "ikerd/system.h"

static const struct setting {
	const char *name;
	int want;
	const char *why;
} settings[] = {
	{ "net.inet.ip.forwarding", 1,
	    "clients reach nothing behind the gateway" },
	/* otherwise the kernel sends on the SA before the last rekey */
	{ "net.key.preferred_oldsa", 0, "traffic stops after each rekey" },
	/* the rules look at packets inside the tunnel, on enc0 */
	{ "net.enc.in.ipsec_filter_mask", 2,
	    "the filter does not see tunnelled packets" },
	{ "net.enc.out.ipsec_filter_mask", 1,
	    "the filter does not see tunnelled packets" },
};

void
system_check(void)
{
	size_t i, len;
	int value;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		len = sizeof(value);
		if (sysctlbyname(settings[i].name, &value, &len, NULL, 0) == -1)
			log_warn(
			    "sysctl %s: %s", settings[i].name, settings[i].why);
		else if (value != settings[i].want)
			log_warnx("%s is %d: %s; set it with: sysctl %s=%d",
			    settings[i].name, value, settings[i].why,
			    settings[i].name, settings[i].want);
	}
}

int
system_open_pf(void)
{
	int fd = open("/dev/pf", O_RDWR | O_CLOEXEC);

	if (fd == -1)
		fatal("/dev/pf (load it with: kldload pf)");
	return fd;
}

void
system_udp_options(int fd, int family)
{
}

int
system_arp(
    const struct arp_entry *entry, size_t n, int publish, char why[RUN_OUTPUT])
{
	char text[ADDR_STRLEN];
	const char *const add[] = { "/usr/sbin/arp", "-s", text, "auto", "pub",
		NULL };
	const char *const del[] = { "/usr/sbin/arp", "-d", text, "pub", NULL };
	int error = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		(void)addr_text(&entry[i].addr, text);
		if (run_command(publish ? add : del, NULL, why) == -1 &&
		    publish)
			error = -1;
	}
	return error;
}
