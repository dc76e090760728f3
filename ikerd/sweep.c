/*
 * Clears the kernel of what a killed ike left, before its successor gets the
 * PF_KEY socket.  It is done here, not there, because on OpenBSD it needs
 * sysctl(3) and root, which ike has given up.  Called by sockets.c.
 */
#include <sys/queue.h>

#include "common/log.h"
#include "ikerd/conf.h"
#include "ikerd/ike/kernel.h"
#include "ikerd/sweep.h"

/* Ours is what leads to an address of a pool. */
static int
in_a_pool(const struct network *remote, void *arg)
{
	const struct conf *c = arg;
	const struct conf_pool *p;

	TAILQ_FOREACH(p, &c->pools, entry) {
		if (addr_in_range(&remote->addr, &p->first, &p->last))
			return 1;
	}
	return 0;
}

int
sweep(int fd, const struct conf *c)
{
	static const struct kernel_ops none;
	struct kernel_swept swept;
	struct kernel *k;
	int result;

	if ((k = kernel_new(fd, &none, NULL)) == NULL) {
		log_warn("PF_KEY");
		return -1;
	}
	result = kernel_sweep(k, in_a_pool, (void *)(uintptr_t)c, &swept);
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
