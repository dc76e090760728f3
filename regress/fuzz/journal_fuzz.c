/*
 * Fuzz: journal files.  An input that begins with 'r' is the file as it is.
 * Otherwise it is a script: records that are appended, then damage that is
 * done to the file; what is replayed must be records that were appended, in
 * order, and nothing else.  Either way the journal works afterwards.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/journal.h"
#include "common/rnd.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

#define RECORDS 64
#define NAME "j"

static int dirfd_ = -1;

/* What was appended, as it lies in the input. */
static struct {
	const uint8_t *data;
	size_t len;
} written[RECORDS];
static size_t nwritten, next; /* next: the first that may be replayed */
static int check_content;
static uint64_t replayed;

static int
replay(uint8_t version, const uint8_t *data, size_t len, void *arg)
{
	MUST(len >= 1 && len < JOURNAL_RECORD_MAX);
	replayed++;
	if (!check_content)
		return data[0] & 1 ? -1 : 0;
	for (; next < nwritten; next++) {
		if (written[next].len == len && version == 1 &&
		    memcmp(written[next].data, data, len) == 0)
			break;
	}
	MUST(next < nwritten);
	next++;
	return 0;
}

static struct journal *
reopen(struct journal_report *rep)
{
	struct journal *j;

	next = 0;
	replayed = 0;
	j = journal_open(dirfd_, NAME, replay, NULL, rep);
	MUST(j != NULL);
	MUST(rep->records == replayed);
	return j;
}

static void
store(const uint8_t *in, size_t size)
{
	int fd = openat(dirfd_, NAME, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	MUST(fd != -1);
	MUST(write(fd, in, size) == (ssize_t)size);
	close(fd);
}

/* Records of in[0] bytes each, until a zero; returns what is left. */
static size_t
append_all(const uint8_t *in, size_t size)
{
	struct journal_report rep;
	struct journal *j = reopen(&rep);
	size_t at = 0, len;

	while (at < size && in[at] != 0 && nwritten < RECORDS) {
		len = in[at++];
		if (len > size - at)
			break;
		MUST(journal_append(j, 1, in + at, len) == 0);
		written[nwritten].data = in + at;
		written[nwritten++].len = len;
		at += len;
	}
	journal_close(j);
	return at < size ? at + 1 : size;
}

/* Pairs of where (two bytes) and what: one byte changed, or the end cut. */
static void
damage(const uint8_t *in, size_t size)
{
	int fd = openat(dirfd_, NAME, O_RDWR);
	struct stat st;
	off_t where;
	uint8_t c;

	MUST(fd != -1);
	for (; size >= 3; in += 3, size -= 3) {
		MUST(fstat(fd, &st) == 0);
		if (st.st_size == 0)
			break;
		where = (in[0] << 8 | in[1]) % st.st_size;
		if (in[2] == 0) {
			MUST(ftruncate(fd, where) == 0);
			continue;
		}
		MUST(pread(fd, &c, 1, where) == 1);
		c ^= in[2];
		MUST(pwrite(fd, &c, 1, where) == 1);
	}
	close(fd);
}

/* It goes on: one more record, and nothing is cut any more. */
static void
go_on(void)
{
	static const uint8_t more[] = "more";
	struct journal_report rep;
	struct journal *j = reopen(&rep);
	uint64_t n = rep.records;

	MUST(journal_append(j, 1, more, sizeof(more)) == 0);
	MUST(journal_sync(j) == 0);
	journal_close(j);
	if (nwritten < RECORDS) {
		written[nwritten].data = more;
		written[nwritten++].len = sizeof(more);
	} else
		check_content = 0;
	j = reopen(&rep);
	MUST(rep.records == n + 1 && rep.cut == 0 && !rep.set_aside);
	journal_close(j);
}

static void
start(void)
{
	static char dir[] = "/tmp/journal_fuzz.XXXXXX";

	MUST(mkdtemp(dir) != NULL);
	MUST((dirfd_ = open(dir, O_RDONLY | O_DIRECTORY)) != -1);
	/* the files stay reachable through the descriptor alone */
}

static int
no_fsync(int fd)
{
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	static const struct journal_calls calls = { pwrite, ftruncate, no_fsync,
		openat, renameat };
	size_t used;

	if (dirfd_ == -1)
		start();
	journal_set_calls(&calls);
	rnd_hold(1);
	(void)unlinkat(dirfd_, NAME, 0);
	nwritten = 0;
	check_content = size == 0 || in[0] != 'r';
	if (!check_content)
		store(in + 1, size - 1);
	else {
		used = append_all(in, size);
		damage(in + used, size - used);
	}
	go_on();
	(void)unlinkat(dirfd_, NAME, 0);
	(void)unlinkat(dirfd_, NAME ".bad", 0);
	return 0;
}
