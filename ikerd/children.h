/*
 * The parent's children: started, wired to each other as the message table
 * says, started again when they die, stopped in order.
 */
#ifndef IKERD_CHILDREN_H
#define IKERD_CHILDREN_H

#include <sys/types.h>

#include <stdint.h>

#include "common/bus.h"
#include "ikerd/burst.h"

struct event;
struct event_base;

#define CHILD_NAME_SIZE 16

enum child_state {
	CHILD_OFF,	/* fewer of its kind are wanted */
	CHILD_WAITING,	/* dead, to be started again */
	CHILD_STARTING, /* has no configuration in force yet */
	CHILD_RUNNING,
	CHILD_ENDING, /* was told to shut down */
	CHILD_ENDED
};

/* Where it stands in taking a configuration: reload.c's. */
enum child_conf {
	CONF_IDLE,
	CONF_ASKED,
	CONF_AGREED
};

struct child {
	enum process process;
	unsigned int instance;
	char name[CHILD_NAME_SIZE]; /* "ike"; "crypto-1" of several */
	enum child_state state;
	uint8_t wanted;
	enum child_conf conf;
	struct peer *peer; /* NULL: no pipe */
	pid_t pid;	   /* 0: none */
	uint64_t since;	   /* s since the epoch: this state of life */
	uint32_t restarts;
	uint8_t crashed; /* the last one of it did not end by itself */
	struct burst deaths, accusations;
	struct burst accusations_of_ike;
	struct event *timer; /* start again, or kill at the end */
	const struct child_kind *kind;
};

struct children_options {
	const char *builddir; /* -B: where make put them; NULL: installed */
	const char *statedir;
	int foreground, verbose;
	int legacy; /* ike needs OpenSSL's legacy provider */
};

struct children_ops {
	/* It runs, its pipes are there: give it what it needs. -1: it can't
	 * be had, and is killed. */
	int (*up)(struct child *);
	void (*down)(struct child *);	 /* it is dead; peer is NULL already */
	void (*give_up)(struct child *); /* it died too often */
	void (*all_ended)(void);	 /* after children_stop() */
};

/* Options and ops are kept by reference.  fatal() when a user is missing. */
void children_init(struct event_base *, const struct children_options *,
    const struct children_ops *);
/* Start all of them, wire all of them, then call up() for each. */
void children_start(void);
/*
 * So many of this kind are to run, 1 unless told: before the start, or with a
 * new configuration in force.  Those too many are told to end.
 */
void children_want(enum process, unsigned int n);
/* SIGCHLD came. */
void children_reap(void);
/* Tell ike to shut down, then the others, then kill; all_ended() follows. */
void children_stop(void);

/* All but those off, in order of start, first with NULL; NULL at the end. */
struct child *children_next(const struct child *);
struct child *children_find(enum process, unsigned int instance);
struct child *child_of(const struct peer *); /* NULL: an ikerctl */
const char *child_name(const struct child *);
const char *child_user(const struct child *);
const char *child_state_name(const struct child *);
/* End it now, as if it had crashed; the log says why. */
void child_kill(struct child *, const char *why);

/* From the bus. */
void children_peer_down(struct peer *);
void children_violation(struct peer *, uint32_t type, const char *why);
void children_handle_violation(struct peer *, const void *payload, int fd);
void children_handle_shutdown_done(struct peer *, const void *payload, int fd);

/* May these two processes speak to each other (by the message table)? */
int children_are_peers(enum process, enum process);

#endif /* IKERD_CHILDREN_H */
