/*
 * Which addresses the gateway answers ARP for: pool addresses within the
 * subnet of an interface, where hosts would look for them on the wire.
 * Called by the parent when a configuration comes into force and at the end;
 * the entries are made by system_arp().
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/arp.h"
#include "ikerd/conf.h"
#include "ikerd/openkernel.h"
#include "ikerd/system.h"

#define ARP_MAX 16384 /* more than any Ethernet segment holds */

struct arp_set {
	struct arp_entry *entry;
	size_t n, size;
};

static struct arp_set published;

static void
set_add(struct arp_set *s, const struct arp_entry *add)
{
	if (s->n == s->size) {
		s->size = s->size == 0 ? 64 : s->size * 2;
		s->entry = reallocarray(s->entry, s->size, sizeof(*add));
		if (s->entry == NULL)
			fatal("arp");
	}
	s->entry[s->n++] = *add;
}

static int
entry_cmp(const void *a, const void *b)
{
	const struct arp_entry *x = a, *y = b;
	int cmp = addr_cmp(&x->addr, &y->addr);

	if (cmp == 0)
		cmp = strcmp(x->device, y->device);
	return cmp != 0 ? cmp : strcmp(x->away, y->away);
}

/* The pool's addresses within one IPv4 subnet; e says on which devices. */
static void
collect(struct arp_set *s, const struct conf_pool *p, const struct network *net,
    struct arp_entry *e)
{
	uint32_t mask, low, high, first, last, a;

	if (net->addr.family != ADDR_IP4 || p->first.family != ADDR_IP4 ||
	    net->prefix == 0 || net->prefix > 30)
		return;
	mask = ~(uint32_t)0 << (32 - net->prefix);
	low = (addr_to_ip4(&net->addr) & mask) + 1;   /* not the network's, */
	high = (addr_to_ip4(&net->addr) | ~mask) - 1; /* nor its broadcast */
	first = addr_to_ip4(&p->first) > low ? addr_to_ip4(&p->first) : low;
	last = addr_to_ip4(&p->last) < high ? addr_to_ip4(&p->last) : high;
	for (a = first; a <= last; a++) {
		if (s->n == ARP_MAX) {
			log_warnx("arp: only the first %d pool addresses are "
				  "answered for",
			    ARP_MAX);
			return;
		}
		e->addr = addr_ip4(a);
		set_add(s, e);
	}
}

/* Where clients are: the interface of the lowest security level. */
static const char *
outermost(const struct conf *c)
{
	const struct conf_interface *i, *out = NULL;

	TAILQ_FOREACH(i, &c->interfaces, entry) {
		if (out == NULL || i->security < out->security)
			out = i;
	}
	return out == NULL ? "" : out->device;
}

static void
wanted(struct arp_set *s, const struct conf *c)
{
	const char *away = outermost(c);
	const struct conf_interface *i;
	const struct conf_pool *p;
	struct arp_entry e;
	size_t n;

	TAILQ_FOREACH(p, &c->pools, entry) {
		TAILQ_FOREACH(i, &c->interfaces, entry) {
			memset(&e, 0, sizeof(e));
			(void)strlcpy(e.device, i->device, sizeof(e.device));
			if (strcmp(away, i->device) != 0)
				(void)strlcpy(e.away, away, sizeof(e.away));
			for (n = 0; n < i->naddresses; n++)
				collect(s, p, &i->address[n], &e);
		}
	}
	if (s->n > 1)
		qsort(s->entry, s->n, sizeof(*s->entry), entry_cmp);
}

/* Publish, or withdraw, what is in a and not in b; both are sorted. */
static void
apply(const struct arp_set *a, const struct arp_set *b, int publish)
{
	struct arp_set todo = { NULL, 0, 0 };
	char why[RUN_OUTPUT];
	size_t i, j = 0;

	for (i = 0; i < a->n; i++) {
		while (j < b->n && entry_cmp(&b->entry[j], &a->entry[i]) < 0)
			j++;
		if (j == b->n || entry_cmp(&b->entry[j], &a->entry[i]) != 0)
			set_add(&todo, &a->entry[i]);
	}
	if (todo.n > 0 && system_arp(todo.entry, todo.n, publish, why) == -1)
		log_warnx("arp: %s %zu addresses: %s",
		    publish ? "publish" : "withdraw", todo.n, why);
	else if (todo.n > 0)
		log_debug("arp: %s %zu addresses",
		    publish ? "published" : "withdrew", todo.n);
	free(todo.entry);
}

void
arp_publish(const struct conf *c)
{
	struct arp_set next = { NULL, 0, 0 };

	if (!open_kernel_is_real())
		return;
	if (c != NULL)
		wanted(&next, c);
	apply(&published, &next, 0);
	apply(&next, &published, 1);
	free(published.entry);
	published = next;
}
