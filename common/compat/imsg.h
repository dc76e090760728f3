/*
 * imsg for systems whose libutil has none, or an older one: the part of
 * OpenBSD's imsg_init(3) interface (as of OpenBSD 7.9) that this suite uses.
 */
#ifndef COMMON_COMPAT_IMSG_H
#define COMMON_COMPAT_IMSG_H

#ifdef __OpenBSD__
#include <sys/queue.h>
#include <sys/uio.h>
#include <stdint.h>
#include_next <imsg.h>
#else

#include <sys/types.h>
#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#define MAX_IMSGSIZE 16384
#define IMSG_HEADER_SIZE sizeof(struct imsg_hdr)

struct imsg_hdr {
	uint32_t type;
	uint32_t len; /* with the header; top bit: a descriptor comes along */
	uint32_t peerid;
	uint32_t pid;
};

struct imsg {
	struct imsg_hdr hdr;
	void *data; /* hdr.len - IMSG_HEADER_SIZE bytes, malloc(3)ed */
	int fd;
};

struct imsg_out; /* one queued message */
struct imsg_fd;	 /* one descriptor received ahead of its message */

struct imsgbuf {
	TAILQ_HEAD(, imsg_out) out;
	TAILQ_HEAD(, imsg_fd) fds;
	unsigned char *in;
	size_t in_at, in_len; /* taken out up to, filled up to */
	uint32_t queued;
	int fd;
	int fdpass;
	pid_t pid;
};

int imsgbuf_init(struct imsgbuf *, int fd); /* 0, -1 with errno */
void imsgbuf_allow_fdpass(struct imsgbuf *);
void imsgbuf_clear(struct imsgbuf *); /* drop both queues, zeroed */
int imsgbuf_read(struct imsgbuf *);   /* 1 more or again, 0 end, -1 error */
int imsgbuf_write(struct imsgbuf *);  /* 0 written or again, -1 error */
int imsgbuf_flush(struct imsgbuf *);  /* write all, waits; 0 or -1 */
uint32_t imsgbuf_queuelen(struct imsgbuf *);
int imsgbuf_get(struct imsgbuf *, struct imsg *); /* 1 one, 0 none, -1 */

int imsg_compose(struct imsgbuf *, uint32_t type, uint32_t id, pid_t, int fd,
    const void *, size_t); /* 1 queued, -1 with errno; takes fd over */
void imsg_free(struct imsg *);
int imsg_get_fd(struct imsg *); /* the caller's from now on, or -1 */
int imsg_get_data(struct imsg *, void *, size_t); /* exact length, else -1 */
uint32_t imsg_get_type(struct imsg *);
uint32_t imsg_get_id(struct imsg *);
size_t imsg_get_len(struct imsg *);

#endif /* !__OpenBSD__ */
#endif /* COMMON_COMPAT_IMSG_H */
