/*
 * The connection to the kernel, shared by kernel*.c and nobody else: one
 * request at a time, its reply, and the events that came in between.
 */
#ifndef IKERD_IKE_KERNEL_CONN_H
#define IKERD_IKE_KERNEL_CONN_H

#include <sys/queue.h>
#include <sys/tree.h>

#include "ikerd/ike/kernel.h"
#include "ikerd/ike/pfkey.h"

/* An event waiting for kernel_read(). */
struct kernel_event {
	STAILQ_ENTRY(kernel_event) entry;
	enum {
		EVENT_EXPIRE,
		EVENT_MAPPING,
		EVENT_LOST
	} what;
	uint32_t spi;
	struct endpoint where; /* destination, or the peer's new place */
	int hard;
};
STAILQ_HEAD(kernel_events, kernel_event);

/* Who owns a selector: the last kernel_flow_add; or a guard's selector. */
struct kernel_row {
	RB_ENTRY(kernel_row) entry;
	struct network local;
	struct network remote;
	uint32_t reqid_in;
	uint32_t reqid_out;
};
RB_HEAD(kernel_rows, kernel_row);

/*
 * The part of the reqids that is ours to give: KAME honours numbers up to
 * 0x3fff, and what lies below 0x1000 is left to administrators.
 */
#define REQID_FIRST 0x1000
#define REQID_LAST 0x3fff
#define REQID_COUNT (REQID_LAST - REQID_FIRST + 1)

struct kernel {
	int fd;
	const struct pfkey_variant *v;
	const struct kernel_ops *ops;
	void *arg;
	uint32_t pid;
	uint32_t seq;
	int wait_ms;  /* for a reply */
	int told;     /* pending() was called */
	int rcvbuf;   /* bytes */
	int lost_due; /* an EVENT_LOST is queued */
	struct kernel_events events;
	struct kernel_rows rows;
	struct kernel_rows guards; /* no reqids */
	uint32_t reqid_next;
	uint32_t reqid_above; /* own_reqid: the next one beyond REQID_LAST */
	uint8_t reqid_used[REQID_COUNT / 8];
	struct kernel_stats stats;
	char error[256];
	struct pfkey_msg out;
	uint8_t in[PFKEY_RECVMAX];
};

/*
 * Ask and wait.  Fills in req's seq and pid; what names the request in
 * kernel_error().  0, or -1 with errno: the kernel's, or ETIMEDOUT when no
 * reply came and what happened is unknown.  Pointers in info are good after
 * GET and REGISTER only, until kernel_forget(); otherwise all is wiped here.
 */
int kernel_request(
    struct kernel *, struct pfkey_req *, const char *what, struct pfkey_info *);
void kernel_forget(struct kernel *);

/*
 * List SAs or policies: each is handed to got (its keys are wiped after).
 * 1: the whole list, 0: some were lost, -1 with errno.
 */
int kernel_dump(struct kernel *, enum pfkey_op,
    int (*got)(const struct pfkey_info *, void *), void *arg);

/* Set kernel_error() and errno; returns -1. */
int kernel_fail(struct kernel *, int error, const char *fmt, ...)
    __attribute__((__format__(printf, 3, 4)));

/* kernel_SYSTEM.c: OpenBSD's sysctl lists; -1 with ENOTSUP elsewhere. */
int kernel_sysctl_dump(enum pfkey_op, uint8_t **buf, size_t *len);

/* kernel_flow.c: forget a selector's owner and give its reqids back. */
void kernel_row_drop(struct kernel *, struct kernel_row *);
void kernel_guards_forget(struct kernel *); /* the kernel keeps them */

/* kernel_alg.c: NULL, or why the SA's algorithms and keys do not fit. */
const char *kernel_sa_wrong(enum kernel_variant, const struct esp_sa *);

#endif /* IKERD_IKE_KERNEL_CONN_H */
