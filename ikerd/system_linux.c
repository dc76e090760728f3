/*
 * Linux: proxy neighbour entries by ip(8), settings read from /proc/sys.
 * nftables needs no descriptor: the filter process opens its own socket.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "ikerd/system.h"

/* What must be set, what it is for. */
static const struct setting {
	const char *file, *name, *want, *why;
} settings[] = {
	{ "/proc/sys/net/ipv4/ip_forward", "net.ipv4.ip_forward", "1",
	    "clients reach nothing behind the gateway" },
	/* decrypted packets come in on the device of their ESP */
	{ "/proc/sys/net/ipv4/conf/all/rp_filter",
	    "net.ipv4.conf.all.rp_filter", "0",
	    "packets of clients may be dropped as forged" },
};

void
system_check(void)
{
	char value[32];
	ssize_t n;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		fd = open(settings[i].file, O_RDONLY | O_CLOEXEC);
		if (fd == -1)
			continue;
		n = read(fd, value, sizeof(value) - 1);
		close(fd);
		if (n <= 0)
			continue;
		value[n] = '\0';
		value[strcspn(value, "\n")] = '\0';
		if (strcmp(value, settings[i].want) != 0)
			log_warnx("%s is %s: %s; set it with: sysctl -w %s=%s",
			    settings[i].name, value, settings[i].why,
			    settings[i].name, settings[i].want);
	}
}

int
system_open_pf(void)
{
	return -1;
}

void
system_udp_options(int fd, int family)
{
	const int dont = IP_PMTUDISC_DONT;

	/* IKE's datagrams may be larger than the path: fragments, not loss */
	if (family == AF_INET &&
	    setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof(dont)) ==
		-1)
		log_debug("IP_MTU_DISCOVER not set");
}

/*
 * Linux answers for an address only when its route leads away from the device
 * that was asked on, so each gets a route of its own beside the entry.
 */
static size_t
arp_batch(const struct arp_entry *e, int publish, char *batch, size_t size)
{
	const char *verb = publish ? "replace" : "del";
	char text[ADDR_STRLEN];
	size_t at = 0;

	addr_text(&e->addr, text);
	at += (size_t)snprintf(
	    batch, size, "neigh %s proxy %s dev %s\n", verb, text, e->device);
	if (e->away[0] != '\0')
		at += (size_t)snprintf(batch + at, size - at,
		    "route %s %s/32 dev %s\n", verb, text, e->away);
	return at;
}

int
system_arp(
    const struct arp_entry *entry, size_t n, int publish, char why[RUN_OUTPUT])
{
	char path[64], *batch;
	const char *argv[] = { path, "-force", "-batch", "-", NULL };
	size_t size, i, at = 0;
	int error;

	if (run_find("ip", path, sizeof(path)) == NULL) {
		(void)strlcpy(
		    why, "there is no ip(8): install iproute2", RUN_OUTPUT);
		return -1;
	}
	size = n * 2 * (ADDR_STRLEN + 64) + 1;
	if ((batch = calloc(1, size)) == NULL)
		fatal("arp: calloc");
	for (i = 0; i < n; i++)
		at += arp_batch(&entry[i], publish, batch + at, size - at);
	error = run_command(argv, batch, why);
	free(batch);
	return error;
}
