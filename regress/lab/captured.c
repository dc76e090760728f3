/*
 * What an attacker in one of the gateway's processes could send on its pipes:
 * lists the messages that break the table in common/msg.def, and sends one of
 * them through a descriptor borrowed from the running process.  A test tool
 * for Linux, run as root by the scenario "captured"; nothing links it.
 *
 *   captured list FROM TO               a line each: TYPE HOW
 *   captured send PID FD TYPE HOW
 *   captured accuse PID FD NAME         of breaking the table: a lie
 *
 * HOW: forbidden (FROM may not send it to TO; its form is right), short, long,
 * wild (every byte 0xff), framing (a length below the header's).
 */
#include <sys/syscall.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/compat/imsg.h"
#include "common/msg.h"

#define PAYLOAD_MAX 16384

struct frame {
	struct imsg_hdr hdr;
	unsigned char payload[PAYLOAD_MAX];
};

struct how {
	const char *name;
	int forbidden; /* for types that FROM may not send, or that it may */
	int extra;     /* bytes more than the struct has */
	int fill;
	uint32_t len; /* 0: the right one */
};

static const struct how hows[] = {
	{ "forbidden", 1, 0, 0, 0 },
	{ "short", 0, -1, 0, 0 },
	{ "long", 0, 1, 0, 0 },
	{ "wild", 0, 0, 0xff, 0 },
	{ "framing", 0, 0, 0, 5 },
	{ NULL, 0, 0, 0, 0 },
};

static enum process
process_by_name(const char *name)
{
	int p;

	for (p = 0; p < PROC_COUNT; p++) {
		if (strcmp(process_name(p), name) == 0)
			return p;
	}
	errx(1, "no process %s", name);
}

static uint32_t
type_by_name(const char *name)
{
	uint32_t type;

	for (type = MSG_NONE + 1; type < MSG_COUNT; type++) {
		if (strcmp(msg_desc(type)->name, name) == 0)
			return type;
	}
	errx(1, "no message %s", name);
}

static const struct how *
how_by_name(const char *name)
{
	const struct how *h;

	for (h = hows; h->name != NULL; h++) {
		if (strcmp(h->name, name) == 0)
			return h;
	}
	errx(1, "no such way: %s", name);
}

/* Fill in a message of this type, broken this way; returns its length. */
static size_t
make_frame(struct frame *f, uint32_t type, const struct how *h)
{
	size_t size = msg_desc(type)->size + h->extra;

	memset(f, 0, sizeof(*f));
	memset(f->payload, h->fill, size);
	f->hdr.type = type;
	f->hdr.len = h->len != 0 ? h->len : sizeof(f->hdr) + size;
	return sizeof(f->hdr) + size;
}

static int
may_send(enum process from, enum process to, uint32_t type)
{
	const struct msg_desc *d = msg_desc(type);

	return (d->from & PROC_BIT(from)) != 0 && (d->to & PROC_BIT(to)) != 0;
}

/* Has it a field that all-0xff is wrong for?  It is right for plain numbers. */
static int
has_bounds(uint32_t type)
{
	const struct msg_field *f;

	for (f = msg_desc(type)->fields(); f->name != NULL; f++) {
		if (f->kind != FIELD_U8 && f->kind != FIELD_U16 &&
		    f->kind != FIELD_U32 && f->kind != FIELD_U64)
			return 1;
	}
	return 0;
}

/*
 * Does it break the table at all?  Not asked of the checker, which is what is
 * tested.
 */
static int
breaks(enum process from, enum process to, uint32_t type, const struct how *h)
{
	if (may_send(from, to, type) == h->forbidden)
		return 0;
	return h->fill == 0 || has_bounds(type);
}

static void
list(enum process from, enum process to)
{
	const struct how *h;
	uint32_t type;

	for (type = MSG_NONE + 1; type < MSG_COUNT; type++) {
		for (h = hows; h->name != NULL; h++) {
			if (breaks(from, to, type, h))
				printf(
				    "%s %s\n", msg_desc(type)->name, h->name);
		}
	}
}

/* A copy of another process's descriptor: pidfd_getfd(2). */
static int
borrow(pid_t pid, int fd)
{
	int pidfd, copy;

	if ((pidfd = (int)syscall(SYS_pidfd_open, pid, 0)) == -1)
		err(1, "process %d", (int)pid);
	if ((copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0)) == -1)
		err(1, "descriptor %d of %d", fd, (int)pid);
	return copy;
}

static void
send_frame(int fd, uint32_t type, const struct how *h)
{
	static struct frame f;
	size_t len = make_frame(&f, type, h);

	if (write(fd, &f, len) != (ssize_t)len)
		err(1, "write");
}

/* What an honest process says of one that sent it what it may not send. */
static void
send_accusation(int fd, enum process accused)
{
	static struct frame f;
	struct msg_VIOLATION *m = (void *)f.payload;
	size_t len = sizeof(f.hdr) + sizeof(*m);

	f.hdr.type = MSG_VIOLATION;
	f.hdr.len = (uint32_t)len;
	m->process = accused;
	m->type = MSG_VIOLATION;
	snprintf(m->reason, sizeof(m->reason), "a lie");
	if (write(fd, &f, len) != (ssize_t)len)
		err(1, "write");
}

int
main(int argc, char *argv[])
{
	if (argc == 4 && strcmp(argv[1], "list") == 0) {
		list(process_by_name(argv[2]), process_by_name(argv[3]));
	} else if (argc == 6 && strcmp(argv[1], "send") == 0) {
		send_frame(borrow(atoi(argv[2]), atoi(argv[3])),
		    type_by_name(argv[4]), how_by_name(argv[5]));
	} else if (argc == 5 && strcmp(argv[1], "accuse") == 0) {
		send_accusation(borrow(atoi(argv[2]), atoi(argv[3])),
		    process_by_name(argv[4]));
	} else {
		errx(1,
		    "usage: captured list FROM TO | "
		    "send PID FD TYPE HOW | accuse PID FD NAME");
	}
	return 0;
}
