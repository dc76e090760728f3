/*
 * The filter process: changes members of the tables that the parent loaded,
 * and nothing else.  It sees no byte from the network; its requests come
 * from ike, and it refuses addresses that are in no pool.  It holds /dev/pf,
 * or on Linux an nfnetlink socket and CAP_NET_ADMIN.
 */
#include <sys/types.h>

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/timer.h"
#include "fwd/filter.h"
#include "fwd/filter_process.h"
#include "fwd/ktable.h"
#include "fwd/names.h"

/* After a failure the kernel's tables are read and compared: soon, as a
 * client may be waiting, then less and less often. */
#define RETRY_MS 100
#define RETRY_MAX_MS 30000

static struct filter *filter;
static struct event *flush_event; /* once for all messages of one turn */
static struct timer retry_timer;
static uint64_t retry_ms = RETRY_MS;
static int in_force; /* a configuration is */

/* What CONF_TABLE and CONF_POOL told so far; in force with CONF_COMMIT. */
static char **staged_tables;
static size_t nstaged_tables;
static struct filter_range *staged_ranges;
static size_t nstaged_ranges;

static struct {
	uint64_t up, down, refused, shared, members, added, deleted, batches,
	    errors, rereads;
} count;

static const struct proc_counter counters[] = {
	{ "tunnels up", &count.up },
	{ "tunnels down", &count.down },
	{ "tunnels refused", &count.refused },
	{ "addresses of two sessions", &count.shared },
	{ "members wanted", &count.members },
	{ "members added", &count.added },
	{ "members deleted", &count.deleted },
	{ "kernel batches", &count.batches },
	{ "kernel errors", &count.errors },
	{ "kernel tables read", &count.rereads },
	{ NULL, NULL },
};

/* --- the kernel's tables --- */

static void reread(struct timer *);

static void
kernel_failed(const char *what, const char *table)
{
	static struct log_limiter limit;
	const char *hint = "";
	unsigned int held_back;

	count.errors++;
	if (errno == ENOENT || errno == ESRCH)
		hint = " (was the ruleset \"" RULESET_NAME "\" removed?)";
	if (log_limit(&limit, &held_back))
		log_warn("filter table %s: %s%s, again in %" PRIu64
			 " ms (%u more)",
		    table, what, hint, retry_ms, held_back);
	timer_set(&retry_timer, retry_ms, reread);
	retry_ms = retry_ms * 2 < RETRY_MAX_MS ? retry_ms * 2 : RETRY_MAX_MS;
}

/* States of these addresses belong to sessions that are over. */
static void
end_states(const struct filter_change *c, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (c[i].kind != FILTER_ADD &&
		    ktable_end_states(&c[i].addr) == -1)
			count.errors++;
	}
}

/* One batch: 1 more may follow, 0 all done, -1 it failed. */
static int
flush_some(const char *table)
{
	struct filter_change c[KTABLE_BATCH];
	struct ktable_change k[KTABLE_BATCH];
	size_t n, i, nk = 0, added = 0;

	n = filter_changes(filter, table, c, KTABLE_BATCH);
	for (i = 0; i < n; i++) {
		if (c[i].kind == FILTER_RENEW)
			continue;
		k[nk].addr = c[i].addr;
		k[nk].add = c[i].kind == FILTER_ADD;
		added += k[nk++].add;
	}
	if (nk > 0) {
		count.batches++;
		if (ktable_change(table, k, nk) == -1) {
			kernel_failed("change", table);
			return -1;
		}
	}
	count.added += added;
	count.deleted += nk - added;
	end_states(c, n);
	return n == KTABLE_BATCH;
}

static int
flush_all(void)
{
	const char *table;
	size_t i;
	int rc;

	for (i = 0; (table = filter_table(filter, i)) != NULL; i++) {
		do
			rc = flush_some(table);
		while (rc == 1);
		if (rc == -1)
			return -1;
	}
	return 0;
}

static void
flush_now(evutil_socket_t fd, short what, void *arg)
{
	if (timer_is_set(&retry_timer))
		return; /* all is compared then */
	(void)flush_all();
}

static void
flush_soon(void)
{
	count.members = filter_members(filter);
	if (in_force)
		event_active(flush_event, EV_TIMEOUT, 0);
}

struct reading {
	const char *table;
};

static void
has(const struct addr *a, void *arg)
{
	const struct reading *r = arg;

	filter_kernel_has(filter, r->table, a);
}

/* Compare with what the kernel has, and change what differs. */
static void
reread(struct timer *t)
{
	struct reading r;
	size_t i;

	for (i = 0; (r.table = filter_table(filter, i)) != NULL; i++) {
		count.rereads++;
		filter_kernel_begin(filter, r.table);
		if (ktable_list(r.table, has, &r) == -1) {
			kernel_failed("read", r.table);
			return;
		}
		filter_kernel_end(filter, r.table);
	}
	if (flush_all() == 0)
		retry_ms = RETRY_MS;
}

/* --- life --- */

static void
filter_open(void)
{
	if (ktable_open() == -1)
		fatal("filter tables");
}

static void
filter_start(struct event_base *base)
{
	filter = filter_new();
	flush_event = event_new(base, -1, 0, flush_now, NULL);
	if (flush_event == NULL)
		fatalx("event_new");
}

/* Nobody keeps the tables true from now on: no member may stay. */
static void
filter_shutdown(int parent_gone)
{
	const char *table;
	size_t i;

	for (i = 0; (table = filter_table(filter, i)) != NULL; i++) {
		if (ktable_clear(table) == -1 && errno != ENOENT &&
		    errno != ESRCH)
			log_warn("filter table %s: clear", table);
	}
}

static void
filter_peer_up(struct peer *peer)
{
	if (peer_process(peer) == PROC_IKE)
		filter_resync_begin(filter);
}

static void
socket_fd(struct peer *from, const void *payload, int fd)
{
	const struct msg_SOCKET_FD *m = payload;

	if (m->kind != SOCKET_PF) {
		log_warnx("a socket that is not the filter's");
		close(fd);
	} else if (ktable_take(fd) == -1) {
		log_warn("/dev/pf");
		close(fd);
	}
}

/* --- configuration --- */

static void
conf_drop(void)
{
	while (nstaged_tables > 0)
		free(staged_tables[--nstaged_tables]);
	free(staged_tables);
	free(staged_ranges);
	staged_tables = NULL;
	staged_ranges = NULL;
	nstaged_ranges = 0;
}

static void
conf_table(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_TABLE *m = payload;
	char **t;

	t = reallocarray(
	    staged_tables, nstaged_tables + 1, sizeof(*staged_tables));
	if (t == NULL || (t[nstaged_tables] = strdup(m->name)) == NULL)
		fatal("configuration");
	staged_tables = t;
	nstaged_tables++;
}

static void
conf_pool(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_POOL *m = payload;
	struct filter_range *r;

	r = reallocarray(
	    staged_ranges, nstaged_ranges + 1, sizeof(*staged_ranges));
	if (r == NULL)
		fatal("configuration");
	staged_ranges = r;
	r[nstaged_ranges].first = m->first;
	r[nstaged_ranges++].last = m->last;
}

static int
conf_check(char reason[REASON_SIZE], uint32_t *line)
{
	const char *why = ktable_why_not();

	*line = 0;
	if (nstaged_tables == 0 || why == NULL)
		return 0;
	(void)strlcpy(reason, why, REASON_SIZE);
	return -1;
}

static void
conf_commit(void)
{
	filter_configure(filter, (const char *const *)staged_tables,
	    nstaged_tables, staged_ranges, nstaged_ranges);
	conf_drop();
	in_force = 1;
	timer_stop(&retry_timer);
	reread(NULL); /* the parent loaded the rules, perhaps anew */
	flush_soon();
}

/* --- ike's requests --- */

static void
tunnel_up(struct peer *from, const void *payload, int fd)
{
	static const char *const faults[] = {
		[FILTER_SHARED] = "another session has it, too",
		[FILTER_MOVED] = "the session had another before",
		[FILTER_NO_TABLE] = "refused, no table " RULESET_TUNNELS,
		[FILTER_OUTSIDE] = "refused, it is in no pool",
	};
	static struct log_limiter limit;
	const struct msg_TUNNEL_UP *m = payload;
	enum filter_answer answer;
	unsigned int held_back;
	char buf[ADDR_STRLEN];

	answer = filter_add(filter, RULESET_TUNNELS, m->session, &m->address);
	if (answer == FILTER_NO_TABLE || answer == FILTER_OUTSIDE)
		count.refused++;
	else
		count.up++;
	if (answer == FILTER_SHARED)
		count.shared++;
	if (answer != FILTER_OK && log_limit(&limit, &held_back))
		log_warnx("tunnel address %s session %016" PRIx64
			  ": %s (%u more)",
		    addr_text(&m->address, buf), m->session, faults[answer],
		    held_back);
	flush_soon();
}

static void
tunnel_down(struct peer *from, const void *payload, int fd)
{
	const struct msg_TUNNEL_DOWN *m = payload;

	if (filter_remove(filter, RULESET_TUNNELS, m->session) == 0)
		count.down++;
	flush_soon();
}

static void
resync_done(struct peer *from, const void *payload, int fd)
{
	uint64_t n = filter_resync_done(filter);

	if (n != 0)
		log_info("tunnels of sessions that are no more removed "
			 "%" PRIu64,
		    n);
	flush_soon();
}

/* --- ikerctl --- */

static void
show_member(
    const char *table, const struct addr *a, uint64_t session, void *ctl)
{
	struct msg_ROW_TABLE row;

	memset(&row, 0, sizeof(row));
	(void)strlcpy(row.table, table, sizeof(row.table));
	row.address = *a;
	row.session = session;
	bus_send(ctl, MSG_ROW_TABLE, &row, -1);
}

static void
show_tables(struct peer *ctl, const void *payload, int fd)
{
	filter_walk(filter, show_member, ctl);
	proc_ctl_done(ctl, NULL);
}

/* --- what this process is --- */

static const struct msg_handler handlers[] = {
	{ MSG_SOCKET_FD, socket_fd },
	{ MSG_CONF_TABLE, conf_table },
	{ MSG_CONF_POOL, conf_pool },
	{ MSG_TUNNEL_UP, tunnel_up },
	{ MSG_TUNNEL_DOWN, tunnel_down },
	{ MSG_RESYNC_DONE, resync_done },
	{ MSG_SHOW_TABLES, show_tables },
};

static const struct sandbox sandbox = {
	.pledge = NULL, /* none allows changing single members of a table */
	.capsicum = 1,
	.syscalls = NULL, /* the common ones are enough */
	.capabilities = KTABLE_CAPABILITIES,
	.files = 256, /* pipes and ikerctls */
};

const struct proc filter_process = {
	.self = PROC_FILTER,
	.user = "_fwd",
	.chroot = "/var/empty",
	.sandbox = &sandbox,
	.open = filter_open,
	.start = filter_start,
	.handlers = handlers,
	.nhandlers = sizeof(handlers) / sizeof(handlers[0]),
	.peer_up = filter_peer_up,
	.conf_begin = conf_drop,
	.conf_check = conf_check,
	.conf_commit = conf_commit,
	.conf_drop = conf_drop,
	.shutdown = filter_shutdown,
	.counters = counters,
};
