/*
 * NetBSD: published ARP entries by arp(8), settings by sysctlbyname(3); it
 * has no pf any more, so there is no filter descriptor.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/if_dl.h>

#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "ikerd/system.h"

void
system_check(void)
{
	size_t len;
	int value;

	len = sizeof(value);
	if (sysctlbyname("net.inet.ip.forwarding", &value, &len, NULL, 0) == -1)
		log_warn("sysctl net.inet.ip.forwarding");
	else if (value != 1)
		log_warnx("net.inet.ip.forwarding is %d: clients reach nothing "
			  "behind the gateway; set it with: sysctl -w "
			  "net.inet.ip.forwarding=1",
		    value);
}

int
system_open_pf(void)
{
	return -1;
}

void
system_udp_options(int fd, int family)
{
}

/* The device's own Ethernet address as text; -1: it has none. */
static int
device_mac(const char *device, char *text, size_t size)
{
	const struct sockaddr_dl *dl;
	const unsigned char *mac;
	struct ifaddrs *all, *a;
	int found = -1;

	if (getifaddrs(&all) == -1)
		return -1;
	for (a = all; a != NULL && found == -1; a = a->ifa_next) {
		if (a->ifa_addr == NULL || a->ifa_addr->sa_family != AF_LINK ||
		    strcmp(a->ifa_name, device) != 0)
			continue;
		dl = (const struct sockaddr_dl *)(const void *)a->ifa_addr;
		if (dl->sdl_alen != 6)
			continue;
		mac = (const unsigned char *)CLLADDR(dl);
		(void)snprintf(text, size, "%02x:%02x:%02x:%02x:%02x:%02x",
		    mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
		found = 0;
	}
	freeifaddrs(all);
	return found;
}

int
system_arp(
    const struct arp_entry *entry, size_t n, int publish, char why[RUN_OUTPUT])
{
	char text[ADDR_STRLEN], mac[18];
	const char *const add[] = { "/usr/sbin/arp", "-s", text, mac, "pub",
		NULL };
	const char *const del[] = { "/usr/sbin/arp", "-d", text, "pub", NULL };
	int error = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		(void)addr_text(&entry[i].addr, text);
		if (publish &&
		    device_mac(entry[i].device, mac, sizeof(mac)) == -1) {
			(void)snprintf(why, RUN_OUTPUT,
			    "%s has no Ethernet address", entry[i].device);
			return -1;
		}
		if (run_command(publish ? add : del, NULL, why) == -1 &&
		    publish)
			error = -1;
	}
	return error;
}
