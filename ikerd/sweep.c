/*
 * Clears the kernel of what a killed ike left, before its successor gets the
 * PF_KEY socket.  It is done here, not there, because on OpenBSD it needs
 * sysctl(3) and root, which ike has given up.  Called by sockets.c.
 */
#include <sys/queue.h>

#include <stdlib.h>

#include "common/log.h"
#include "common/range.h"
#include "ikerd/conf.h"
#include "ikerd/ike/kernel.h"
#include "ikerd/sweep.h"

/*
 * Ours is what leads to an address of a pool or to a peer's network; of one
 * that is configured no more, too, for its sessions stayed when it went.
 */
static struct range *ranges;
static size_t nranges;

static int
is_ours(const struct network *remote, void *arg)
{
	size_t i;

	for (i = 0; i < nranges; i++) {
		if (addr_in_range(
			&remote->addr, &ranges[i].first, &ranges[i].last))
			return 1;
	}
	return 0;
}

static void
remember(const struct range *r)
{
	size_t i;

	for (i = 0; i < nranges; i++) {
		if (range_equal(&ranges[i], r))
			return;
	}
	ranges = reallocarray(ranges, nranges + 1, sizeof(*ranges));
	if (ranges == NULL)
		fatal("sweep");
	ranges[nranges++] = *r;
}

void
sweep_remember(const struct conf *c)
{
	const struct conf_group *g;
	const struct conf_pool *p;
	const struct conf_net *n;
	struct range r;

	TAILQ_FOREACH(p, &c->pools, entry) {
		r.first = p->first;
		r.last = p->last;
		remember(&r);
	}
	TAILQ_FOREACH(g, &c->groups, entry) {
		TAILQ_FOREACH(n, &g->remotes, entry) {
			r = range_of_network(&n->net);
			remember(&r);
		}
	}
}

int
sweep(int fd, const struct conf *c)
{
	static const struct kernel_ops none;
	struct kernel_swept swept;
	struct kernel *k;
	int result;

	sweep_remember(c);
	if ((k = kernel_new(fd, &none, NULL)) == NULL) {
		log_warn("PF_KEY");
		return -1;
	}
	result = kernel_sweep(k, is_ours, NULL, &swept);
	if (result == -1)
		log_warnx("PF_KEY: clearing what an earlier ike left: %s",
		    kernel_error(k));
	else if (swept.sas + swept.policies > 0)
		log_info("kernel: %u SAs and %u policies of an earlier ike "
			 "removed",
		    swept.sas, swept.policies);
	kernel_free(k);
	return result;
}
