/*
 * The journal file: two copies of a header, then records.  All numbers are
 * big-endian.
 *
 *	header	magic[8] salt[16] check[8]
 *	record	length[4] check[8] version[1] data[length - 1]
 *
 * check is SipHash-2-4 (libsodium's crypto_shorthash) over length, version
 * and data, keyed with the salt: 64 bits are plenty against chance, it costs
 * some 100 ns a record, and no table of our own is needed as for a CRC.  The
 * random salt makes a record of another file, in blocks that a crash left
 * behind or in somebody's user name, as wrong as noise.  It is no protection
 * against who may write the file: nothing in the file could be.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/journal.h"
#include "common/rnd.h"

#define MAGIC "ikerdjl1"
#define MAGIC_LEN 8
#define SALT_LEN crypto_shorthash_KEYBYTES /* 16 */
#define CHECK_LEN crypto_shorthash_BYTES   /* 8 */
#define HEADER_LEN (MAGIC_LEN + SALT_LEN + CHECK_LEN)
#define HEADERS_LEN (2 * HEADER_LEN)
#define PREFIX_LEN (4 + CHECK_LEN) /* in front of version and data */
#define BUFFER_LEN (PREFIX_LEN + JOURNAL_RECORD_MAX)
#define STALE_SLACK 1024 /* records that are not worth a compaction */

struct journal {
	int dirfd, fd;
	char name[NAME_MAX + 1];
	unsigned char salt[SALT_LEN];
	off_t end; /* where the next record goes */
	uint64_t records, unsynced;
	int suspect;  /* a sync failed */
	int buffered; /* being filled by a compaction: write in large pieces */
	size_t used;  /* of buffer, not written yet */
	uint8_t buffer[BUFFER_LEN];
};

static const struct journal_calls system_calls = { pwrite, ftruncate, fsync,
	openat, renameat };
static const struct journal_calls *calls = &system_calls;

void
journal_set_calls(const struct journal_calls *c)
{
	calls = c != NULL ? c : &system_calls;
}

static void
put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* All of it at this offset, or -1 with errno. */
static int
write_all(int fd, const uint8_t *p, size_t len, off_t at)
{
	ssize_t n;

	while (len > 0) {
		n = calls->pwrite(fd, p, len, at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = ENOSPC;
			return -1;
		}
		p += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* --- the header --- */

static int
write_headers(struct journal *j)
{
	static const unsigned char key[SALT_LEN];
	uint8_t h[HEADERS_LEN];

	memcpy(h, MAGIC, MAGIC_LEN);
	memcpy(h + MAGIC_LEN, j->salt, SALT_LEN);
	crypto_shorthash(
	    h + MAGIC_LEN + SALT_LEN, h, MAGIC_LEN + SALT_LEN, key);
	memcpy(h + HEADER_LEN, h, HEADER_LEN);
	return write_all(j->fd, h, sizeof(h), 0);
}

/* The salt, from whichever copy is whole; -1 when neither is. */
static int
read_headers(struct journal *j, const uint8_t *file, size_t size)
{
	static const unsigned char key[SALT_LEN];
	uint8_t check[CHECK_LEN];
	const uint8_t *h;

	for (h = file; size >= HEADERS_LEN && h < file + HEADERS_LEN;
	     h += HEADER_LEN) {
		crypto_shorthash(check, h, MAGIC_LEN + SALT_LEN, key);
		if (memcmp(h, MAGIC, MAGIC_LEN) == 0 &&
		    memcmp(h + MAGIC_LEN + SALT_LEN, check, CHECK_LEN) == 0) {
			memcpy(j->salt, h + MAGIC_LEN, SALT_LEN);
			return 0;
		}
	}
	return -1;
}

/* --- records --- */

/* The check over length, version and data, which lie around its own place. */
static void
record_check(const struct journal *j, const uint8_t *rec, size_t body,
    uint8_t check[CHECK_LEN])
{
	uint8_t first[CHECK_LEN + 4];

	/* two steps, so that the data need not be moved together */
	crypto_shorthash(first, rec + PREFIX_LEN, body, j->salt);
	memcpy(first + CHECK_LEN, rec, 4);
	crypto_shorthash(check, first, sizeof(first), j->salt);
}

/* Bytes of the good record at rec, of which left are in the file; 0: none. */
static size_t
record_len(const struct journal *j, const uint8_t *rec, size_t left)
{
	uint8_t check[CHECK_LEN];
	uint32_t body;

	if (left < PREFIX_LEN + 2)
		return 0;
	body = get32(rec);
	if (body < 2 || body > JOURNAL_RECORD_MAX || body > left - PREFIX_LEN)
		return 0;
	record_check(j, rec, body, check);
	if (memcmp(check, rec + 4, CHECK_LEN) != 0)
		return 0;
	return PREFIX_LEN + body;
}

/*
 * Give every good record to fn.  Where one is damaged the next good one is
 * searched byte by byte: one flipped bit must not cost what comes after it.
 */
static void
replay(struct journal *j, const uint8_t *file, size_t size, journal_replay *fn,
    void *arg, struct journal_report *rep)
{
	size_t at = HEADERS_LEN, good = HEADERS_LEN, n;

	while (at < size) {
		n = record_len(j, file + at, size - at);
		if (n == 0) {
			at++;
			continue;
		}
		rep->damaged += at - good;
		rep->records++;
		if (fn(file[at + PREFIX_LEN], file + at + PREFIX_LEN + 1,
			n - PREFIX_LEN - 1, arg) == -1)
			rep->refused++;
		at += n;
		good = at;
	}
	rep->cut = size - good;
	j->end = (off_t)good;
	j->records = rep->records;
}

/* --- opening --- */

/* The whole file, which the caller frees; NULL with errno. */
static uint8_t *
slurp(int fd, size_t *size)
{
	struct stat st;
	uint8_t *p;
	ssize_t n;
	size_t got = 0;

	if (fstat(fd, &st) == -1)
		return NULL;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return NULL;
	}
	*size = (size_t)st.st_size;
	if ((p = malloc(*size + 1)) == NULL)
		return NULL;
	while (got < *size) {
		n = read(fd, p + got, *size - got);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			free(p);
			return NULL;
		}
		if (n == 0)
			break;
		got += (size_t)n;
	}
	*size = got;
	return p;
}

static int
named(char out[NAME_MAX + 1], const char *name, const char *suffix)
{
	int n = snprintf(out, NAME_MAX + 1, "%s%s", name, suffix);

	if (n < 0 || n > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

static int
open_file(const struct journal *j, const char *name, int flags)
{
	return calls->openat(
	    j->dirfd, name, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static struct journal *
journal_new(int dirfd, const char *name)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->dirfd = dirfd;
	j->fd = -1;
	if (strlcpy(j->name, name, sizeof(j->name)) >= sizeof(j->name)) {
		free(j);
		errno = ENAMETOOLONG;
		return NULL;
	}
	return j;
}

/* Nothing to put into a new journal. */
static int
fill_nothing(struct journal *j, void *arg)
{
	return 0;
}

/* Read and replay the file that is there; 1: what it is is not ours. */
static int
take_over(struct journal *j, journal_replay *fn, void *arg,
    struct journal_report *rep)
{
	uint8_t *file;
	size_t size = 0;

	if ((file = slurp(j->fd, &size)) == NULL)
		return -1;
	if (read_headers(j, file, size) == -1) {
		free(file);
		return 1;
	}
	replay(j, file, size, fn, arg, rep);
	free(file);
	if (rep->cut != 0)
		(void)calls->ftruncate(j->fd, j->end);
	return 0;
}

static int
set_aside(struct journal *j)
{
	char bad[NAME_MAX + 1];

	if (named(bad, j->name, ".bad") == -1)
		return -1;
	return calls->renameat(j->dirfd, j->name, j->dirfd, bad);
}

struct journal *
journal_open(int dirfd, const char *name, journal_replay *fn, void *arg,
    struct journal_report *rep)
{
	struct journal *j;
	int got, saved;

	memset(rep, 0, sizeof(*rep));
	if ((j = journal_new(dirfd, name)) == NULL)
		return NULL;
	if ((j->fd = open_file(j, name, 0)) == -1 && errno != ENOENT)
		goto fail;
	if (j->fd != -1) {
		if ((got = take_over(j, fn, arg, rep)) == -1)
			goto fail;
		if (got == 0)
			return j;
		if (set_aside(j) == -1)
			goto fail;
		rep->set_aside = 1;
	}
	/* made whole under another name: a torn header cannot be */
	if (journal_compact(j, fill_nothing, NULL) == -1)
		goto fail;
	return j;
fail:
	saved = errno;
	journal_close(j);
	errno = saved;
	return NULL;
}

void
journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	if (j->fd != -1)
		close(j->fd);
	free(j);
}

/* --- appending --- */

/*
 * What a failed write left behind end is cut off.  When even that fails the
 * next write goes over it, and a later open finds no good record in it.
 */
static void
cut_back(struct journal *j)
{
	int saved = errno;

	(void)calls->ftruncate(j->fd, j->end);
	errno = saved;
}

static int
flush_buffer(struct journal *j)
{
	if (write_all(j->fd, j->buffer, j->used, j->end) == -1) {
		cut_back(j);
		return -1;
	}
	j->end += (off_t)j->used;
	j->used = 0;
	return 0;
}

int
journal_append(struct journal *j, uint8_t version, const void *data, size_t len)
{
	size_t need = PREFIX_LEN + 1 + len;
	uint8_t *rec;

	if (len == 0 || len >= JOURNAL_RECORD_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	if (need > sizeof(j->buffer) - j->used && flush_buffer(j) == -1)
		return -1;
	rec = j->buffer + j->used;
	put32(rec, (uint32_t)len + 1);
	rec[PREFIX_LEN] = version;
	memcpy(rec + PREFIX_LEN + 1, data, len);
	record_check(j, rec, len + 1, rec + 4);
	j->used += need;
	if (!j->buffered && flush_buffer(j) == -1) {
		j->used = 0;
		return -1;
	}
	j->records++;
	j->unsynced++;
	return 0;
}

int
journal_sync(struct journal *j)
{
	if (j->suspect) {
		errno = EIO;
		return -1;
	}
	if (j->unsynced == 0)
		return 0;
	/* after a failure the kernel may have dropped the pages: not twice */
	if (calls->fsync(j->fd) == -1) {
		j->suspect = 1;
		return -1;
	}
	j->unsynced = 0;
	return 0;
}

/* --- compaction --- */

/* Header, records, sync: a journal complete but for its name. */
static int
write_new(struct journal *n, int (*fill)(struct journal *, void *), void *arg)
{
	rnd_bytes(n->salt, sizeof(n->salt));
	if (write_headers(n) == -1)
		return -1;
	n->end = HEADERS_LEN;
	n->buffered = 1;
	if (fill(n, arg) == -1 || flush_buffer(n) == -1)
		return -1;
	n->buffered = 0;
	return calls->fsync(n->fd);
}

/* Take over everything of n but the name it was written under. */
static void
become(struct journal *j, struct journal *n)
{
	if (j->fd != -1)
		close(j->fd);
	j->fd = n->fd;
	memcpy(j->salt, n->salt, sizeof(j->salt));
	j->end = n->end;
	j->records = n->records;
	j->unsynced = 0;
	j->suspect = 0;
	j->used = 0;
	n->fd = -1;
}

int
journal_compact(
    struct journal *j, int (*fill)(struct journal *, void *arg), void *arg)
{
	char name[NAME_MAX + 1];
	struct journal *n;
	int rc = -1, saved;

	if (named(name, j->name, ".new") == -1 ||
	    (n = journal_new(j->dirfd, name)) == NULL)
		return -1;
	n->fd = open_file(n, name, O_CREAT | O_TRUNC);
	if (n->fd == -1)
		goto done;
	if (write_new(n, fill, arg) == -1 ||
	    calls->renameat(j->dirfd, name, j->dirfd, j->name) == -1) {
		saved = errno;
		(void)unlinkat(j->dirfd, name, 0);
		errno = saved;
		goto done;
	}
	become(j, n);
	rc = calls->fsync(j->dirfd);
	if (rc == -1)
		j->suspect = 1;
done:
	saved = errno;
	journal_close(n);
	errno = saved;
	return rc;
}

uint64_t
journal_bytes(const struct journal *j)
{
	return (uint64_t)j->end;
}

uint64_t
journal_records(const struct journal *j)
{
	return j->records;
}

uint64_t
journal_unsynced(const struct journal *j)
{
	return j->unsynced;
}

int
journal_is_stale(const struct journal *j, uint64_t live)
{
	return j->records > 2 * live + STALE_SLACK;
}
