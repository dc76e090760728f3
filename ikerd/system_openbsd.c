/*
 * OpenBSD: published ARP entries by arp(8), settings by sysctl(2), /dev/pf
 * for the filter process.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/if_dl.h>
#include <netinet/in.h>
#include <netinet/ip_esp.h>

#include <fcntl.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "ikerd/system.h"

static const struct setting {
	int mib[4];
	const char *name;
	int want;
	const char *why;
} settings[] = {
	{ { CTL_NET, PF_INET, IPPROTO_IP, IPCTL_FORWARDING },
	    "net.inet.ip.forwarding", 1,
	    "clients reach nothing behind the gateway" },
	{ { CTL_NET, PF_INET, IPPROTO_ESP, ESPCTL_ENABLE },
	    "net.inet.esp.enable", 1, "the kernel does no ESP" },
	{ { CTL_NET, PF_INET, IPPROTO_ESP, ESPCTL_UDPENCAP_ENABLE },
	    "net.inet.esp.udpencap", 1, "clients behind NAT pass no traffic" },
	{ { CTL_NET, PF_INET, IPPROTO_ESP, ESPCTL_UDPENCAP_PORT },
	    "net.inet.esp.udpencap_port", 4500,
	    "clients behind NAT pass no traffic" },
};

void
system_check(void)
{
	size_t i, len;
	int value;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		len = sizeof(value);
		if (sysctl(settings[i].mib, 4, &value, &len, NULL, 0) == -1)
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
		fatal("/dev/pf");
	return fd;
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
		mac = (const unsigned char *)LLADDR(dl);
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
	const char *const del[] = { "/usr/sbin/arp", "-d", text, NULL };
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
