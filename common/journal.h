/*
 * An append-only journal: records that survive kill -9 once appended, and a
 * power cut once synced.  Torn or damaged parts are passed over at open and a
 * torn tail is cut; compaction writes a new file and renames it.  Everything
 * happens inside one directory whose descriptor was opened beforehand, so it
 * works after chroot, in capability mode and under pledge "rpath wpath
 * cpath".  One process writes a journal at a time; it blocks while it writes.
 */
#ifndef COMMON_JOURNAL_H
#define COMMON_JOURNAL_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#define JOURNAL_RECORD_MAX 65536

struct journal;

/*
 * A record that was read at open, in the order it was appended; version is
 * what its writer said.  Return 0, or -1 when the owner cannot make sense of
 * it: counted and told, the rest is still read.
 */
typedef int journal_replay(
    uint8_t version, const uint8_t *data, size_t len, void *arg);

/* What journal_open() met. */
struct journal_report {
	uint64_t records; /* good ones */
	uint64_t refused; /* by the owner */
	uint64_t damaged; /* bytes passed over, in front of good records */
	uint64_t cut;	  /* bytes of a torn tail */
	int set_aside;	  /* no journal of ours: renamed to NAME.bad */
};

/*
 * Open or create the journal name in the directory dirfd (kept by reference:
 * it must stay open) and replay it.  NULL with errno when it cannot be read
 * or written; nothing is lost then.
 */
struct journal *journal_open(int dirfd, const char *name, journal_replay *fn,
    void *arg, struct journal_report *);
void journal_close(struct journal *); /* does not sync; NULL is allowed */

/*
 * Append one record (1 to JOURNAL_RECORD_MAX - 1 bytes) of this version.  0:
 * it is in the file, the process may die.  -1 with errno (ENOSPC, EFBIG,
 * EIO ...): it is not, and the journal is as it was.
 */
int journal_append(
    struct journal *, uint8_t version, const void *data, size_t len);

/*
 * Make everything appended so far survive a power cut: one call for all that
 * wait (group commit).  -1 with errno: what was appended since the last sync
 * may be lost, and this stays so until journal_compact() succeeds.
 */
int journal_sync(struct journal *);

/*
 * Replace the file by one that holds what fill() appends to the journal it is
 * given.  Synced when it returns 0.  -1 with errno: the old one is in force
 * still, unless the last step alone, syncing the directory, failed.
 */
int journal_compact(
    struct journal *, int (*fill)(struct journal *, void *arg), void *arg);

uint64_t journal_bytes(const struct journal *);
uint64_t journal_records(const struct journal *);  /* in the file, good ones */
uint64_t journal_unsynced(const struct journal *); /* appended since sync */

/* Time to compact: more than half of the records (live: needed ones) is old. */
int journal_is_stale(const struct journal *, uint64_t live);

/* The system calls that may fail, so that tests can make them. */
struct journal_calls {
	ssize_t (*pwrite)(int, const void *, size_t, off_t);
	int (*ftruncate)(int, off_t);
	int (*fsync)(int);
	int (*openat)(int, const char *, int, ...);
	int (*renameat)(int, const char *, int, const char *);
};
void journal_set_calls(const struct journal_calls *); /* NULL: the system's */

#endif /* COMMON_JOURNAL_H */
