/*
 * poold: hands out addresses.  Owns the pools, the leases and the journal
 * they are written to before they are promised; speaks with ike only (and
 * with ikerctl), holds no secret and no socket.
 */
#include <sys/types.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/journal.h"
#include "common/log.h"
#include "common/proc.h"
#include "common/str.h"
#include "common/timer.h"
#include "poold/pool.h"

#define JOURNAL_NAME "leases"
#define REMEMBER 65536 /* users without a session, of each pool */
#define SYNC_MS 10000  /* a power cut ends the tunnels, too: no hurry */
#define COMPACT_MS 1000
#define COMPACT_AGAIN_MS 60000 /* after one that failed */

#define USER_TEXT (2 * USER_SIZE)

static int dirfd = -1;
static struct journal *journal;
static struct timer journal_timer;
static struct leases *leases;

/* What CONF_POOL told so far; in force with CONF_COMMIT. */
static struct pool_range *staged;
static size_t nstaged;

static struct {
	uint64_t granted, full, no_pool, errors, kept, conflicts, released,
	    freed, held, remembered, journal_bytes, journal_errors;
} count;

static const struct proc_counter counters[] = {
	{ "leases granted", &count.granted },
	{ "leases denied, pool full", &count.full },
	{ "leases denied, no such pool", &count.no_pool },
	{ "leases denied, error", &count.errors },
	{ "leases kept after a restart", &count.kept },
	{ "leases in conflict", &count.conflicts },
	{ "leases released", &count.released },
	{ "leases freed after a restart", &count.freed },
	{ "leases held", &count.held },
	{ "users remembered", &count.remembered },
	{ "journal bytes", &count.journal_bytes },
	{ "journal errors", &count.journal_errors },
	{ NULL, NULL },
};

static void
update_gauges(void)
{
	count.held = leases_held(leases);
	count.remembered = leases_remembered(leases);
	count.journal_bytes = journal_bytes(journal);
}

/* --- the journal --- */

static void
journal_failed(const char *what)
{
	static struct log_limiter limit;
	unsigned int held_back;

	count.journal_errors++;
	if (log_limit(&limit, &held_back))
		log_warn("journal %s in %s: %s (%u more)", JOURNAL_NAME,
		    proc_dir(), what, held_back);
}

static int
dump_record(const uint8_t *record, size_t len, void *arg)
{
	return journal_append(arg, LEASES_VERSION, record, len);
}

static int
dump_all(struct journal *to, void *arg)
{
	return leases_dump(leases, dump_record, to);
}

/* Compact or sync, whichever it is time for. */
static void
journal_work(struct timer *t)
{
	if (!journal_is_stale(journal, leases_live(leases))) {
		if (journal_sync(journal) == 0)
			return;
		journal_failed("sync"); /* a new file mends that */
	}
	if (journal_compact(journal, dump_all, NULL) == -1) {
		journal_failed("compaction");
		timer_set(t, COMPACT_AGAIN_MS, journal_work);
	}
	update_gauges();
}

/* Called before a lease is promised; leases are not yet as it says. */
static int
record(const uint8_t *bytes, size_t len, void *arg)
{
	int rc = journal_append(journal, LEASES_VERSION, bytes, len);

	if (rc == -1)
		journal_failed("write, so leases are refused");
	if (!timer_is_set(&journal_timer))
		timer_set(&journal_timer,
		    journal_is_stale(journal, leases_live(leases)) ?
			COMPACT_MS :
			SYNC_MS,
		    journal_work);
	return rc;
}

static int
replay(uint8_t version, const uint8_t *bytes, size_t len, void *arg)
{
	if (version != LEASES_VERSION)
		return -1;
	return leases_replay(leases, bytes, len);
}

static void
report(const struct journal_report *r)
{
	if (r->set_aside)
		log_warnx("%s in %s is no journal: renamed to %s.bad",
		    JOURNAL_NAME, proc_dir(), JOURNAL_NAME);
	if (r->damaged != 0 || r->cut != 0 || r->refused != 0)
		log_warnx("journal %s: damaged bytes %" PRIu64
			  " torn bytes %" PRIu64 " records not understood "
			  "%" PRIu64 ": passed over",
		    JOURNAL_NAME, r->damaged, r->cut, r->refused);
	log_debug("journal %s: records %" PRIu64 " held %" PRIu64
		  " remembered %" PRIu64,
	    JOURNAL_NAME, r->records, leases_held(leases),
	    leases_remembered(leases));
}

/* --- life --- */

static void
poold_open(void)
{
	dirfd = open(proc_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd == -1)
		fatal("open %s", proc_dir());
}

static void
poold_start(struct event_base *base)
{
	struct journal_report r;

	leases = leases_new(record, NULL, REMEMBER);
	journal = journal_open(dirfd, JOURNAL_NAME, replay, NULL, &r);
	if (journal == NULL)
		fatal("journal %s in %s, which must be writable by this user",
		    JOURNAL_NAME, proc_dir());
	report(&r);
	if (journal_is_stale(journal, leases_live(leases)))
		timer_set(&journal_timer, COMPACT_MS, journal_work);
	update_gauges();
}

static void
poold_shutdown(int parent_gone)
{
	/* what is held still is freed when the next ike has resynced */
	if (journal_sync(journal) == -1)
		journal_failed("sync");
}

/* A new ike, or the first: what it does not tell it has is free. */
static void
poold_peer_up(struct peer *peer)
{
	if (peer_process(peer) == PROC_IKE)
		leases_resync_begin(leases);
}

/* --- configuration --- */

static void
conf_drop(void)
{
	free(staged);
	staged = NULL;
	nstaged = 0;
}

static void
conf_pool(struct peer *from, const void *payload, int fd)
{
	const struct msg_CONF_POOL *m = payload;
	struct pool_range *r;

	staged = reallocarray(staged, nstaged + 1, sizeof(*staged));
	if (staged == NULL)
		fatal("reallocarray");
	r = &staged[nstaged++];
	memset(r, 0, sizeof(*r));
	(void)strlcpy(r->name, m->name, sizeof(r->name));
	r->line = m->line;
	r->first = m->first;
	r->last = m->last;
}

static int
conf_check(char reason[REASON_SIZE], uint32_t *line)
{
	return leases_check(staged, nstaged, reason, line);
}

static void
tell_outside(const char *pool, uint64_t held)
{
	log_info("pool \"%s\" no longer holds the addresses of %" PRIu64
		 " sessions: they keep them until they end",
	    pool, held);
}

static void
conf_commit(void)
{
	leases_configure(leases, staged, nstaged, tell_outside);
	conf_drop();
	update_gauges();
}

/* --- ike's requests --- */

static void
tell_denied(const struct msg_LEASE_GET *m, const char *why)
{
	static struct log_limiter limit;
	unsigned int held_back;
	char user[USER_TEXT], pool[2 * NAME_SIZE];

	if (!log_limit(&limit, &held_back))
		return;
	(void)str_printable(user, sizeof(user), m->user, strlen(m->user));
	(void)str_printable(pool, sizeof(pool), m->pool, strlen(m->pool));
	log_warnx("lease denied: %s pool \"%s\" held %" PRIu64
		  " user \"%s\" session %016" PRIx64 " (%u more)",
	    why, pool, leases_pool_held(leases, m->pool), user, m->session,
	    held_back);
}

/* How each answer but LEASE_GRANTED is counted, told and logged. */
static const struct {
	uint64_t *counter;
	uint8_t cause;
	const char *why;
} denials[] = {
	[LEASE_FULL] = { &count.full, DENY_FULL, "pool full" },
	[LEASE_NO_POOL] = { &count.no_pool, DENY_NO_POOL, "no such pool" },
	[LEASE_TAKEN] = { &count.conflicts, DENY_TAKEN, "address held" },
	[LEASE_OUTSIDE] = { &count.no_pool, DENY_OUTSIDE,
	    "address of no pool" },
	[LEASE_ERROR] = { &count.errors, DENY_ERROR, "not recorded" },
};

static void
deny(struct peer *to, uint64_t session, enum lease_answer answer)
{
	struct msg_LEASE_DENY no;

	memset(&no, 0, sizeof(no));
	no.session = session;
	no.cause = denials[answer].cause;
	(*denials[answer].counter)++;
	bus_send(to, MSG_LEASE_DENY, &no, -1);
}

static void
lease_get(struct peer *from, const void *payload, int fd)
{
	const struct msg_LEASE_GET *m = payload;
	struct msg_LEASE_GRANT yes;
	enum lease_answer answer;

	memset(&yes, 0, sizeof(yes));
	if (m->fixed) {
		yes.address = m->wish;
		answer = leases_get_fixed(
		    leases, m->session, m->user, &m->wish, clock_sec());
	} else {
		answer = leases_get(leases, m->session, m->pool, m->user,
		    &m->wish, clock_sec(), &yes.address);
	}
	if (answer == LEASE_GRANTED) {
		yes.session = m->session;
		count.granted++;
		bus_send(from, MSG_LEASE_GRANT, &yes, -1);
	} else {
		tell_denied(m, denials[answer].why);
		deny(from, m->session, answer);
	}
	update_gauges();
}

static void
lease_keep(struct peer *from, const void *payload, int fd)
{
	const struct msg_LEASE_KEEP *m = payload;
	enum lease_answer answer;
	char buf[ADDR_STRLEN];

	answer = leases_keep(
	    leases, m->session, m->pool, m->user, &m->address, clock_sec());
	if (answer == LEASE_GRANTED)
		count.kept++;
	else {
		log_warnx("lease not kept: %s address %s session %016" PRIx64,
		    denials[answer].why, addr_text(&m->address, buf),
		    m->session);
		deny(from, m->session, answer);
	}
	update_gauges();
}

static void
lease_put(struct peer *from, const void *payload, int fd)
{
	const struct msg_LEASE_PUT *m = payload;

	if (leases_put(leases, m->session, clock_sec()) == 0)
		count.released++;
	update_gauges();
}

static void
resync_done(struct peer *from, const void *payload, int fd)
{
	uint64_t n = leases_resync_done(leases, clock_sec());

	if (n != 0)
		log_info(
		    "leases of sessions that are no more freed %" PRIu64, n);
	count.freed += n;
	update_gauges();
}

/* --- ikerctl --- */

static void
show_lease(const struct lease_info *i, void *ctl)
{
	struct msg_ROW_LEASE row;

	memset(&row, 0, sizeof(row));
	(void)str_printable(
	    row.pool, sizeof(row.pool), i->pool, strlen(i->pool));
	(void)str_printable(
	    row.user, sizeof(row.user), i->user, strlen(i->user));
	(void)strlcpy(
	    row.state, i->session != 0 ? "held" : "free", sizeof(row.state));
	row.address = i->address;
	row.session = i->session;
	row.since = i->since;
	bus_send(ctl, MSG_ROW_LEASE, &row, -1);
}

static void
show_leases(struct peer *ctl, const void *payload, int fd)
{
	leases_walk(leases, show_lease, ctl);
	proc_ctl_done(ctl, NULL);
}

/* --- what this process is --- */

static const struct msg_handler handlers[] = {
	{ MSG_CONF_POOL, conf_pool },
	{ MSG_LEASE_GET, lease_get },
	{ MSG_LEASE_KEEP, lease_keep },
	{ MSG_LEASE_PUT, lease_put },
	{ MSG_RESYNC_DONE, resync_done },
	{ MSG_SHOW_LEASES, show_leases },
};

static const char *const syscalls[] = { "fsync", "ftruncate", "openat",
	"pwrite64", "renameat", "renameat2", "unlinkat", NULL };

static const struct sandbox sandbox = {
	.pledge = "stdio rpath wpath cpath recvfd",
	.capsicum = 1, /* everything below dirfd, opened before */
	.syscalls = syscalls,
	.files = 256, /* pipes and ikerctls */
};

static const struct proc poold = {
	.self = PROC_POOLD,
	.user = "_poold",
	.chroot = STATEDIR "/poold",
	.sandbox = &sandbox,
	.open = poold_open,
	.start = poold_start,
	.handlers = handlers,
	.nhandlers = sizeof(handlers) / sizeof(handlers[0]),
	.peer_up = poold_peer_up,
	.conf_begin = conf_drop,
	.conf_check = conf_check,
	.conf_commit = conf_commit,
	.conf_drop = conf_drop,
	.shutdown = poold_shutdown,
	.counters = counters,
};

int
main(int argc, char *argv[])
{
	proc_run(&poold, argc, argv);
}
