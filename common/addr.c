/* IP addresses as values: compare, count, read and print; no I/O, no state. */
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/addr.h"

size_t
addr_len(const struct addr *a)
{
	if (a->family == ADDR_IP4)
		return 4;
	return a->family == ADDR_IP6 ? 16 : 0;
}

int
addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->b, b->b, addr_len(a));
}

int
addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_cmp(a, b) == 0;
}

int
endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

struct addr
addr_ip4(uint32_t v)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.family = ADDR_IP4;
	a.b[0] = (uint8_t)(v >> 24);
	a.b[1] = (uint8_t)(v >> 16);
	a.b[2] = (uint8_t)(v >> 8);
	a.b[3] = (uint8_t)v;
	return a;
}

uint32_t
addr_to_ip4(const struct addr *a)
{
	return (uint32_t)a->b[0] << 24 | (uint32_t)a->b[1] << 16 |
	    (uint32_t)a->b[2] << 8 | a->b[3];
}

int
addr_add(const struct addr *a, uint64_t n, struct addr *out)
{
	size_t i = addr_len(a);
	struct addr sum = *a;

	while (i-- > 0) {
		n += sum.b[i];
		sum.b[i] = (uint8_t)n;
		n >>= 8;
	}
	if (n != 0 || addr_len(a) == 0)
		return -1;
	*out = sum;
	return 0;
}

uint64_t
addr_span(const struct addr *first, const struct addr *last)
{
	size_t i, len = addr_len(first);
	uint64_t n = 0;
	int borrow = 0, high = 0;
	uint8_t diff[16];

	if (first->family != last->family || len == 0 ||
	    addr_cmp(first, last) > 0)
		return 0;
	for (i = len; i-- > 0;) {
		int d = last->b[i] - first->b[i] - borrow;

		borrow = d < 0;
		diff[i] = (uint8_t)d;
	}
	for (i = 0; i < len; i++) {
		if (len - i > 8 && diff[i] != 0)
			high = 1;
		n = n << 8 | diff[i];
	}
	return high || n == UINT64_MAX ? UINT64_MAX : n + 1;
}

unsigned int
addr_mask_bits(const struct addr *a)
{
	uint32_t mask = a->family == ADDR_IP4 ? addr_to_ip4(a) : 0;
	unsigned int bits = 0;

	while (bits < 32 && mask & (0x80000000U >> bits))
		bits++;
	return bits < 32 && mask << bits != 0 ? 0 : bits;
}

int
addr_in_range(
    const struct addr *a, const struct addr *first, const struct addr *last)
{
	return a->family == first->family && addr_cmp(first, a) <= 0 &&
	    addr_cmp(a, last) <= 0;
}

int
network_has(const struct network *n, const struct addr *a)
{
	unsigned int whole = n->prefix / 8, rest = n->prefix % 8;

	if (n->addr.family != a->family || n->prefix > addr_len(a) * 8)
		return 0;
	if (memcmp(n->addr.b, a->b, whole) != 0)
		return 0;
	return rest == 0 ||
	    ((n->addr.b[whole] ^ a->b[whole]) >> (8 - rest)) == 0;
}

unsigned int
network_rank(const struct network *n, const struct addr *a)
{
	if (n->addr.family == ADDR_NONE)
		return 1;
	return network_has(n, a) ? n->prefix + 2U : 0;
}

int
addr_parse(const char *s, struct addr *a)
{
	struct addr v;

	memset(&v, 0, sizeof(v));
	if (inet_pton(AF_INET, s, v.b) == 1)
		v.family = ADDR_IP4;
	else if (inet_pton(AF_INET6, s, v.b) == 1)
		v.family = ADDR_IP6;
	else
		return -1;
	*a = v;
	return 0;
}

int
network_parse(const char *s, struct network *n)
{
	const char *slash = strchr(s, '/'), *error;
	char text[ADDR_STRLEN];
	long long bits;

	if (slash == NULL || (size_t)(slash - s) >= sizeof(text))
		return -1;
	memcpy(text, s, (size_t)(slash - s));
	text[slash - s] = '\0';
	if (addr_parse(text, &n->addr) == -1)
		return -1;
	bits = strtonum(
	    slash + 1, 0, (long long)addr_len(&n->addr) * 8, &error);
	if (error != NULL)
		return -1;
	n->prefix = (uint8_t)bits;
	return 0;
}

int
network_is_clean(const struct network *n)
{
	unsigned int i, bits = (unsigned int)addr_len(&n->addr) * 8;

	for (i = n->prefix; i < bits; i++) {
		if (n->addr.b[i / 8] & (0x80 >> (i % 8)))
			return 0;
	}
	return 1;
}

const char *
addr_text(const struct addr *a, char buf[ADDR_STRLEN])
{
	int af = a->family == ADDR_IP6 ? AF_INET6 : AF_INET;

	if (addr_len(a) == 0 || inet_ntop(af, a->b, buf, ADDR_STRLEN) == NULL)
		(void)snprintf(buf, ADDR_STRLEN, "none");
	return buf;
}

const char *
endpoint_text(const struct endpoint *e, char buf[ADDR_STRLEN])
{
	char a[ADDR_STRLEN];

	addr_text(&e->addr, a);
	(void)snprintf(buf, ADDR_STRLEN,
	    e->addr.family == ADDR_IP6 ? "[%.45s]:%u" : "%.45s:%u", a, e->port);
	return buf;
}

const char *
network_text(const struct network *n, char buf[ADDR_STRLEN])
{
	char a[ADDR_STRLEN];

	addr_text(&n->addr, a);
	(void)snprintf(buf, ADDR_STRLEN, "%.45s/%u", a, n->prefix);
	return buf;
}

int
endpoint_from_sockaddr(const struct sockaddr *sa, struct endpoint *e)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	memset(e, 0, sizeof(*e));
	switch (sa->sa_family) {
	case AF_INET:
		memcpy(&sin, sa, sizeof(sin));
		e->addr.family = ADDR_IP4;
		memcpy(e->addr.b, &sin.sin_addr, 4);
		e->port = ntohs(sin.sin_port);
		return 0;
	case AF_INET6:
		memcpy(&sin6, sa, sizeof(sin6));
		e->addr.family = ADDR_IP6;
		memcpy(e->addr.b, &sin6.sin6_addr, 16);
		e->port = ntohs(sin6.sin6_port);
		return 0;
	default:
		return -1;
	}
}

socklen_t
endpoint_to_sockaddr(const struct endpoint *e, struct sockaddr_storage *ss)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	memset(ss, 0, sizeof(*ss));
	if (e->addr.family == ADDR_IP6) {
		memset(&sin6, 0, sizeof(sin6));
		sin6.sin6_family = AF_INET6;
		memcpy(&sin6.sin6_addr, e->addr.b, 16);
		sin6.sin6_port = htons(e->port);
		memcpy(ss, &sin6, sizeof(sin6));
		return sizeof(sin6);
	}
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	memcpy(&sin.sin_addr, e->addr.b, 4);
	sin.sin_port = htons(e->port);
	memcpy(ss, &sin, sizeof(sin));
	return sizeof(sin);
}
