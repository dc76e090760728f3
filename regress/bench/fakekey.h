/*
 * A kernel's PF_KEY played by a process: Linux's af_key dialect on one end of
 * a socketpair, with hash tables of SAs and policies and nothing behind them.
 * For the bench (many thousand sessions without ESP in the kernel) and for
 * tests.  How to use it:
 *
 *	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv);
 *	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
 *	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
 *	if (fork() == 0) {
 *		close(sv[0]);
 *		_exit(fakekey_serve(fakekey_new(counts), sv[1]));
 *	}
 *	close(sv[1]);
 *
 * and sv[0] is what ike gets as its PF_KEY descriptor, with
 * kernel_new_variant(sv[0], ..., KERNEL_LINUX).  The helper ends when the
 * other end is closed; its CPU time is not the gateway's.  Link it with ike's
 * library.
 */
#ifndef REGRESS_BENCH_FAKEKEY_H
#define REGRESS_BENCH_FAKEKEY_H

#include <stddef.h>
#include <stdint.h>

struct fakekey;

/* May lie in shared memory, for another process to read. */
struct fakekey_counts {
	uint64_t messages; /* requests so far */
	uint64_t errors;   /* answered with an errno */
	uint64_t sas;	   /* live now, larval ones not counted */
	uint64_t larvals;
	uint64_t policies;
};

typedef void fakekey_reply(void *arg, const uint8_t *msg, size_t len);

struct fakekey *fakekey_new(struct fakekey_counts *);
void fakekey_free(struct fakekey *);

/* Answer one request: any number of replies, each handed to reply. */
void fakekey_handle(struct fakekey *, const uint8_t *msg, size_t len,
    fakekey_reply *reply, void *arg);

/* Answer requests on fd until its other end is closed: 0, or 1 on error. */
int fakekey_serve(struct fakekey *, int fd);

/* Write the keys of each SA as it comes: a line of SPI and KEYMAT, in hex. */
void fakekey_show_keys(struct fakekey *, int fd);

/* Let an SA have carried traffic.  -1: no such SPI. */
int fakekey_use(
    struct fakekey *, uint32_t spi, uint64_t bytes, uint32_t packets);
/* An SA expires: the event is handed to reply, hard deletes it. */
int fakekey_expire(
    struct fakekey *, uint32_t spi, int hard, fakekey_reply *reply, void *arg);
/* Packets of an inbound SA came from port: the event. */
int fakekey_mapping(struct fakekey *, uint32_t spi, uint16_t port,
    fakekey_reply *reply, void *arg);

#endif /* REGRESS_BENCH_FAKEKEY_H */
