/*
 * The life of a child process: from main() to its event loop, and what every
 * child does the same way (configuration in two phases, log level, pipes to
 * its peers, ikerctl's pipes, shutdown).  A child's main file fills one
 * struct proc, which reads as the list of what it may do.
 */
#ifndef COMMON_PROC_H
#define COMMON_PROC_H

#include <stddef.h>
#include <stdint.h>

#include "common/bus.h"
#include "common/sandbox.h"

#define PARENT_FD 3 /* where a child finds its pipe to the parent */

struct event_base;

struct proc {
	enum process self;
	const char *user;   /* whom it becomes: "_ikerd" */
	const char *chroot; /* default; -c DIR overrides it */
	const struct sandbox *sandbox;

	/* Open what needs power: as root, before chroot; may be NULL. */
	void (*open)(void);
	/* Confined now, before the first message; may be NULL. */
	void (*start)(struct event_base *);

	const struct msg_handler *handlers;
	size_t nhandlers;
	void (*peer_up)(struct peer *);	  /* not called for ikerctls */
	void (*peer_down)(struct peer *); /* for all; may be NULL */

	/*
	 * Configuration: begin() empties what is being built, items come as
	 * messages, check() says at the end whether this process can live with
	 * it (0, or -1 with the reason and the line to blame), commit() makes
	 * it the one in force, drop() forgets it.
	 */
	void (*conf_begin)(void);
	int (*conf_check)(char reason[REASON_SIZE], uint32_t *line);
	void (*conf_commit)(void);
	void (*conf_drop)(void);

	/*
	 * Let go of everything outside this process (SAs, leases, tables): the
	 * service ends.  Called once; parent_gone when the parent died.
	 */
	void (*shutdown)(int parent_gone);

	/* Counters for SHOW_COUNTERS, ended by a NULL name; may be NULL. */
	const struct proc_counter *counters;
};

struct proc_counter {
	const char *name;
	const uint64_t *value;
};

/*
 * Run a child to its end; argc and argv are main()'s after the program chose
 * this process ("-P name").  Options: -d (log to stderr), -v, -c DIR, -i NAME
 * (what it is called where there are several of it); -l is ike's own
 * (OpenSSL's legacy provider).
 */
void proc_run(const struct proc *, int argc, char *argv[])
    __attribute__((__noreturn__));

/* In open(): the directory that this process will be confined to. */
const char *proc_dir(void);

/* An answer to ikerctl: rows are bus_send()s, this ends them. */
void proc_ctl_done(struct peer *ctl, const char *error);

#endif /* COMMON_PROC_H */
