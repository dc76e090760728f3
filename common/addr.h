/* IP addresses as plain values that fit messages: no sockaddr, no pointers. */
#ifndef COMMON_ADDR_H
#define COMMON_ADDR_H

#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>

enum addr_family {
	ADDR_NONE = 0, /* no address */
	ADDR_IP4 = 4,
	ADDR_IP6 = 6
};

struct addr {
	uint8_t family; /* enum addr_family */
	uint8_t b[16];	/* network order; 4 or 16 bytes, the rest zero */
};

/* An address and a UDP or TCP port in host order. */
struct endpoint {
	struct addr addr;
	uint16_t port;
};

/* A network: prefix length in bits. */
struct network {
	struct addr addr;
	uint8_t prefix;
};

#define ADDR_STRLEN 64 /* fits every text below with its NUL */

size_t addr_len(const struct addr *); /* 4, 16 or 0 */
int addr_equal(const struct addr *, const struct addr *);
int addr_cmp(const struct addr *, const struct addr *); /* family, then value */
int endpoint_equal(const struct endpoint *, const struct endpoint *);

/* Make an IPv4 address from its value in host order, and back. */
struct addr addr_ip4(uint32_t);
uint32_t addr_to_ip4(const struct addr *);

/* The n-th address after a; 0, or -1 when the family's space ends before. */
int addr_add(const struct addr *a, uint64_t n, struct addr *out);
/*
 * How many addresses first..last holds, at most UINT64_MAX; 0 when last comes
 * before first or the families differ.
 */
uint64_t addr_span(const struct addr *first, const struct addr *last);
int addr_in_range(
    const struct addr *, const struct addr *first, const struct addr *last);
/* The prefix length of an IPv4 netmask, 1 to 32; 0: it is none. */
unsigned int addr_mask_bits(const struct addr *);
int network_has(const struct network *, const struct addr *);
/*
 * How closely a network names an address, to find the closest of many: 0 not
 * at all, more for a longer prefix.  A network without family (ADDR_NONE)
 * has every address, least closely.
 */
unsigned int network_rank(const struct network *, const struct addr *);

/* Text to value: 0, or -1 when the text is no address ("10.1.2.3"). */
int addr_parse(const char *, struct addr *);
/* The same of a network, "10.1.2.0/24"; bits behind the prefix are kept. */
int network_parse(const char *, struct network *);
/* Has the address no bits behind the prefix? */
int network_is_clean(const struct network *);

/* Value to text, into the caller's buffer, which is returned. */
const char *addr_text(const struct addr *, char buf[ADDR_STRLEN]);
const char *endpoint_text(const struct endpoint *, char buf[ADDR_STRLEN]);
const char *network_text(const struct network *, char buf[ADDR_STRLEN]);

/* Socket addresses; from: -1 for a family that is neither IPv4 nor IPv6. */
int endpoint_from_sockaddr(const struct sockaddr *, struct endpoint *);
socklen_t endpoint_to_sockaddr(
    const struct endpoint *, struct sockaddr_storage *);

#endif /* COMMON_ADDR_H */
