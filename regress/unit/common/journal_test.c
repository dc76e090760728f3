/*
 * The journal, broken in every way a disk can break it: cut at every byte, a
 * bit flipped at every byte, full, read-only, and compaction stopped after
 * each of its steps.
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/journal.h"
#include "regress/unit/test.h"

#define MAX 64

/* What replay saw. */
static struct {
	int n;
	uint8_t version[MAX];
	char text[MAX][64];
} seen;

static char dir[64];
static int dirfd_ = -1;

static int
see(uint8_t version, const uint8_t *data, size_t len, void *arg)
{
	if (seen.n < MAX && len < sizeof(seen.text[0])) {
		seen.version[seen.n] = version;
		memcpy(seen.text[seen.n], data, len);
		seen.text[seen.n][len] = '\0';
	}
	seen.n++;
	return len > 0 && data[0] == '!' ? -1 : 0;
}

static void
begin(void)
{
	if (sodium_init() == -1)
		abort();
	(void)strlcpy(dir, "/tmp/journal_test.XXXXXX", sizeof(dir));
	if (mkdtemp(dir) == NULL)
		abort();
	if ((dirfd_ = open(dir, O_RDONLY | O_DIRECTORY)) == -1)
		abort();
}

static void
end(void)
{
	(void)fchmod(dirfd_, 0700);
	(void)unlinkat(dirfd_, "j", 0);
	(void)unlinkat(dirfd_, "j.new", 0);
	(void)unlinkat(dirfd_, "j.bad", 0);
	close(dirfd_);
	CHECK_INT(rmdir(dir), 0);
	journal_set_calls(NULL);
}

static struct journal *
reopen(struct journal_report *rep)
{
	static struct journal_report none;

	memset(&seen, 0, sizeof(seen));
	return journal_open(dirfd_, "j", see, NULL, rep != NULL ? rep : &none);
}

static void
append(struct journal *j, const char *s)
{
	CHECK_INT(journal_append(j, 1, s, strlen(s)), 0);
}

static void
write_three(void)
{
	struct journal *j = reopen(NULL);

	append(j, "first");
	append(j, "second one");
	append(j, "third");
	journal_close(j);
}

static uint8_t *
load(size_t *len)
{
	int fd = openat(dirfd_, "j", O_RDONLY);
	uint8_t *p = malloc(4096);

	*len = (size_t)read(fd, p, 4096);
	close(fd);
	return p;
}

static void
store(const uint8_t *p, size_t len)
{
	int fd = openat(dirfd_, "j", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK_INT(write(fd, p, len), len);
	close(fd);
}

TEST(round_trip)
{
	struct journal_report rep;
	struct journal *j;

	begin();
	j = reopen(&rep);
	CHECK(j != NULL);
	CHECK_INT(rep.records, 0);
	CHECK_INT(journal_append(j, 7, "a", 1), 0);
	CHECK_INT(journal_append(j, 8, "bcd", 3), 0);
	CHECK_INT(journal_unsynced(j), 2);
	CHECK_INT(journal_sync(j), 0);
	CHECK_INT(journal_unsynced(j), 0);
	journal_close(j);
	j = reopen(&rep);
	CHECK_INT(rep.records, 2);
	CHECK_INT(rep.damaged + rep.cut, 0);
	CHECK_INT(seen.version[0], 7);
	CHECK_INT(seen.version[1], 8);
	CHECK_STR(seen.text[0], "a");
	CHECK_STR(seen.text[1], "bcd");
	append(j, "!odd");
	journal_close(j);
	journal_close(reopen(&rep));
	CHECK_INT(rep.records, 3);
	CHECK_INT(rep.refused, 1);
	end();
}

TEST(sizes)
{
	static uint8_t big[JOURNAL_RECORD_MAX];
	struct journal_report rep;
	struct journal *j;

	begin();
	j = reopen(NULL);
	CHECK_INT(journal_append(j, 1, big, 0), -1);
	CHECK_INT(journal_append(j, 1, big, sizeof(big)), -1);
	CHECK_INT(errno, EMSGSIZE);
	CHECK_INT(journal_append(j, 1, big, sizeof(big) - 1), 0);
	append(j, "small");
	journal_close(j);
	journal_close(reopen(&rep));
	CHECK_INT(rep.records, 2);
	CHECK_STR(seen.text[1], "small");
	end();
}

/* kill -9 or a power cut in the middle of a write, at every byte. */
TEST(torn_at_every_byte)
{
	struct journal_report rep;
	struct journal *j;
	size_t len, cut;
	uint8_t *file;
	int n;

	begin();
	write_three();
	file = load(&len);
	for (cut = 0; cut < len; cut++) {
		store(file, cut);
		j = reopen(&rep);
		CHECK(j != NULL);
		CHECK_INT(rep.set_aside, cut < 64);
		CHECK_INT(rep.records, seen.n);
		CHECK_INT(rep.damaged, 0);
		n = seen.n;
		CHECK_INT(n, (cut >= 82) + (cut >= 105));
		append(j, "after");
		journal_close(j);
		journal_close(reopen(&rep));
		CHECK_INT(rep.cut, 0);
		CHECK_INT(seen.n, n + 1);
		CHECK_STR(seen.text[n], "after");
	}
	free(file);
	end();
}

/* One bit goes bad: what is beside it survives. */
TEST(bit_flips_at_every_byte)
{
	struct journal_report rep;
	struct journal *j;
	size_t len, at;
	uint8_t *file;
	int bit;

	begin();
	write_three();
	file = load(&len);
	CHECK_INT(len, 123);
	for (at = 0; at < len; at++) {
		for (bit = 0; bit < 8; bit++) {
			file[at] ^= (uint8_t)(1 << bit);
			store(file, len);
			file[at] ^= (uint8_t)(1 << bit);
			j = reopen(&rep);
			CHECK(j != NULL);
			CHECK_INT(rep.set_aside, 0);
			CHECK_INT(seen.n, at < 64 ? 3 : 2);
			if (at >= 64)
				CHECK_STR(seen.text[0],
				    at < 82 ? "second one" : "first");
			CHECK_INT(rep.cut + rep.damaged,
			    at < 64		       ? 0 :
				(at < 82 || at >= 105) ? 18 :
							 23);
			journal_close(j);
		}
	}
	free(file);
	end();
}

TEST(strange_file_is_set_aside)
{
	struct journal_report rep;
	struct journal *j;
	struct stat st;

	begin();
	store((const uint8_t *)"#!/bin/sh\necho not a journal\n", 29);
	j = reopen(&rep);
	CHECK(j != NULL);
	CHECK_INT(rep.set_aside, 1);
	CHECK_INT(fstatat(dirfd_, "j.bad", &st, 0), 0);
	CHECK_INT(st.st_size, 29);
	append(j, "new");
	journal_close(j);
	journal_close(reopen(&rep));
	CHECK_INT(seen.n, 1);
	end();
}

/* Records of one file are noise in another: the salt differs. */
TEST(stale_blocks_are_noise)
{
	struct journal_report rep;
	size_t len, len2;
	uint8_t *old, *new;

	begin();
	write_three();
	old = load(&len);
	(void)unlinkat(dirfd_, "j", 0);
	write_three();
	new = load(&len2);
	memcpy(new + 82, old + 82, len - 82);
	store(new, len2);
	journal_close(reopen(&rep));
	CHECK_INT(seen.n, 1);
	CHECK_INT(rep.cut, len - 82);
	free(old);
	free(new);
	end();
}

TEST(full_disk)
{
	struct rlimit was, rl;
	struct journal_report rep;
	struct journal *j;
	int i, ok = 0;

	begin();
	signal(SIGXFSZ, SIG_IGN);
	j = reopen(NULL);
	CHECK_INT(getrlimit(RLIMIT_FSIZE, &was), 0);
	rl = was;
	rl.rlim_cur = 200;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &rl), 0);
	for (i = 0; i < 20; i++)
		ok += journal_append(j, 1, "twelve bytes", 12) == 0;
	CHECK_INT(errno, EFBIG);
	CHECK_INT(ok, (200 - 64) / 25);
	CHECK_INT(journal_records(j), ok);
	CHECK_INT(journal_bytes(j), 64 + 25 * ok);
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &was), 0);
	append(j, "room again");
	journal_close(j);
	journal_close(reopen(&rep));
	CHECK_INT(seen.n, ok + 1);
	CHECK_INT(rep.cut + rep.damaged, 0);
	end();
}

/* Calls that fail from the n-th on, as if the process had died there. */
static int countdown, failing;

static int
dead(void)
{
	if (countdown-- > 0)
		return 0;
	failing++;
	errno = EIO;
	return 1;
}

static ssize_t
dying_pwrite(int fd, const void *p, size_t len, off_t at)
{
	if (dead()) {
		if (failing == 1) /* a part gets through */
			(void)!pwrite(fd, p, len / 2, at);
		return -1;
	}
	return pwrite(fd, p, len, at);
}

static int
dying_ftruncate(int fd, off_t at)
{
	return dead() ? -1 : ftruncate(fd, at);
}

static int
dying_fsync(int fd)
{
	return dead() ? -1 : fsync(fd);
}

static int
dying_openat(int fd, const char *name, int flags, ...)
{
	return dead() ? -1 : openat(fd, name, flags, 0600);
}

static int
dying_renameat(int fd, const char *a, int fd2, const char *b)
{
	return dead() ? -1 : renameat(fd, a, fd2, b);
}

static const struct journal_calls dying = { dying_pwrite, dying_ftruncate,
	dying_fsync, dying_openat, dying_renameat };

static int
fill_two(struct journal *j, void *arg)
{
	if (journal_append(j, 1, "new a", 5) == -1)
		return -1;
	return journal_append(j, 1, "new b", 5);
}

TEST(compaction)
{
	struct journal_report rep;
	struct journal *j;

	begin();
	write_three();
	j = reopen(NULL);
	CHECK_INT(journal_compact(j, fill_two, NULL), 0);
	CHECK_INT(journal_records(j), 2);
	append(j, "after");
	journal_close(j);
	journal_close(reopen(&rep));
	CHECK_INT(seen.n, 3);
	CHECK_STR(seen.text[0], "new a");
	CHECK_STR(seen.text[2], "after");
	end();
}

TEST(compaction_interrupted_at_each_step)
{
	struct journal_report rep;
	struct journal *j;
	int step, rc;

	for (step = 0; step < 10; step++) {
		begin();
		write_three();
		j = reopen(NULL);
		countdown = step;
		failing = 0;
		journal_set_calls(&dying);
		rc = journal_compact(j, fill_two, NULL);
		journal_set_calls(NULL);
		CHECK_INT(rc, failing > 0 ? -1 : 0);
		/* goes on with whichever file is in force */
		append(j, "after");
		journal_close(j);
		journal_close(reopen(&rep));
		CHECK_INT(rep.cut + rep.damaged, 0);
		CHECK(seen.n == 3 || seen.n == 4);
		CHECK_STR(seen.text[seen.n - 1], "after");
		CHECK_STR(seen.text[0], seen.n == 4 ? "first" : "new a");
		end();
		if (rc == 0)
			break;
	}
	CHECK_INT(step, 6); /* open, 2 writes, sync, rename, sync */
}

/* The write fails half-way and cannot even be cut off; the next one works. */
TEST(append_fails_half_way)
{
	struct journal_report rep;
	struct journal *j;
	int step;

	for (step = 0; step < 2; step++) {
		begin();
		j = reopen(NULL);
		append(j, "kept");
		countdown = 0;
		failing = 0;
		journal_set_calls(&dying);
		CHECK_INT(
		    journal_append(j, 1, "a long record that is lost", 26), -1);
		CHECK_INT(errno, EIO);
		journal_set_calls(NULL);
		if (step == 1)
			append(j, "next");
		journal_close(j);
		j = reopen(&rep);
		CHECK_INT(seen.n, 1 + step);
		CHECK_INT(rep.damaged, 0);
		append(j, "last");
		journal_close(j);
		journal_close(reopen(&rep));
		CHECK_STR(seen.text[1 + step], "last");
		CHECK_INT(rep.cut + rep.damaged, 0);
		end();
	}
}

/* A failed sync is not forgotten until a new file was written whole. */
TEST(sync_fails)
{
	struct journal *j;

	begin();
	j = reopen(NULL);
	append(j, "a");
	countdown = failing = 0;
	journal_set_calls(&dying);
	CHECK_INT(journal_sync(j), -1);
	journal_set_calls(NULL);
	CHECK_INT(journal_sync(j), -1);
	append(j, "b");
	CHECK_INT(journal_sync(j), -1);
	CHECK_INT(journal_compact(j, fill_two, NULL), 0);
	CHECK_INT(journal_sync(j), 0);
	journal_close(j);
	end();
}

TEST(cannot_be_opened)
{
	struct journal_report rep;
	int step;

	begin();
	for (step = 0; step < 5; step++) { /* creation fails at each call */
		countdown = step;
		journal_set_calls(&dying);
		CHECK(reopen(&rep) == NULL);
		CHECK_INT(errno, EIO);
		journal_set_calls(NULL);
		if (step < 4)
			CHECK_INT(faccessat(dirfd_, "j", F_OK, 0), -1);
	}
	(void)unlinkat(dirfd_, "j", 0);
	CHECK_INT(mkdirat(dirfd_, "j", 0700), 0);
	CHECK(reopen(&rep) == NULL);
	CHECK_INT(unlinkat(dirfd_, "j", AT_REMOVEDIR), 0);
	CHECK_INT(symlinkat("/etc/passwd", dirfd_, "j"), 0);
	CHECK(reopen(&rep) == NULL);
	end();
}

TEST(stale)
{
	struct journal *j;
	int i;

	begin();
	j = reopen(NULL);
	for (i = 0; i < 1100; i++)
		append(j, "x");
	CHECK(journal_is_stale(j, 10));
	CHECK(!journal_is_stale(j, 100));
	journal_close(j);
	end();
}

TESTS(T(round_trip), T(sizes), T(torn_at_every_byte),
    T(bit_flips_at_every_byte), T(strange_file_is_set_aside),
    T(stale_blocks_are_noise), T(full_disk), T(compaction),
    T(compaction_interrupted_at_each_step), T(append_fails_half_way),
    T(sync_fails), T(cannot_be_opened), T(stale))
