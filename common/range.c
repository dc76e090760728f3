/*
 * Ranges of addresses and networks, each as the other.  Pure functions, used
 * where policies, rules and identities name more than one address.
 */
#include <stdio.h>

#include "common/range.h"

/* The last address of the network of this prefix length around a. */
static struct addr
network_last(const struct addr *a, unsigned int prefix)
{
	struct addr last = *a;
	size_t bit;

	for (bit = prefix; bit < addr_len(a) * 8; bit++)
		last.b[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return last;
}

static struct addr
network_first(const struct addr *a, unsigned int prefix)
{
	struct addr first = *a;
	size_t bit;

	for (bit = prefix; bit < addr_len(a) * 8; bit++)
		first.b[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	return first;
}

static int
bit_is_set(const struct addr *a, unsigned int bit)
{
	return (a->b[bit / 8] & 0x80 >> bit % 8) != 0;
}

struct range
range_of_network(const struct network *n)
{
	struct range r;

	r.first = network_first(&n->addr, n->prefix);
	r.last = network_last(&n->addr, n->prefix);
	return r;
}

int
range_equal(const struct range *a, const struct range *b)
{
	return addr_equal(&a->first, &b->first) &&
	    addr_equal(&a->last, &b->last);
}

int
range_holds(const struct range *outer, const struct range *inner)
{
	return addr_in_range(&inner->first, &outer->first, &outer->last) &&
	    addr_in_range(&inner->last, &outer->first, &outer->last);
}

int
range_meet(const struct range *a, const struct range *b, struct range *out)
{
	struct range r;

	if (a->first.family != b->first.family)
		return -1;
	r.first = addr_cmp(&a->first, &b->first) > 0 ? a->first : b->first;
	r.last = addr_cmp(&a->last, &b->last) < 0 ? a->last : b->last;
	if (addr_cmp(&r.first, &r.last) > 0)
		return -1;
	*out = r;
	return 0;
}

struct network
range_cover(const struct range *r)
{
	struct network n = { r->first, 0 };
	unsigned int bits = (unsigned int)addr_len(&r->first) * 8;

	while (n.prefix < bits &&
	    bit_is_set(&r->first, n.prefix) == bit_is_set(&r->last, n.prefix))
		n.prefix++;
	n.addr = network_first(&r->first, n.prefix);
	return n;
}

void
range_networks(const struct range *r,
    void (*fn)(const struct network *, void *), void *arg)
{
	unsigned int bits = (unsigned int)addr_len(&r->first) * 8;
	struct network net;
	struct addr end;

	net.addr = r->first;
	for (;;) {
		/* as wide as alignment and the range's end allow */
		net.prefix = (uint8_t)bits;
		while (
		    net.prefix > 0 && !bit_is_set(&net.addr, net.prefix - 1U)) {
			end = network_last(&net.addr, net.prefix - 1U);
			if (addr_cmp(&end, &r->last) > 0)
				break;
			net.prefix--;
		}
		fn(&net, arg);
		end = network_last(&net.addr, net.prefix);
		if (addr_cmp(&end, &r->last) >= 0 ||
		    addr_add(&end, 1, &net.addr) == -1)
			return;
	}
}

const char *
range_text(const struct range *r, char buf[RANGE_STRLEN])
{
	struct network n = range_cover(r);
	struct range whole = range_of_network(&n);
	char first[ADDR_STRLEN], last[ADDR_STRLEN];

	if (addr_equal(&r->first, &r->last))
		return addr_text(&r->first, buf);
	if (range_equal(&whole, r))
		return network_text(&n, buf);
	(void)snprintf(buf, RANGE_STRLEN, "%s - %s",
	    addr_text(&r->first, first), addr_text(&r->last, last));
	return buf;
}
