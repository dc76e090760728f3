/*
 * The AAA servers of the configuration: lists of them by name, in the order
 * they are asked, and which of them seem dead.
 */
#ifndef AUTHD_SERVERS_H
#define AUTHD_SERVERS_H

#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "common/secret.h"

struct peer;
struct radius_io;

struct server {
	TAILQ_ENTRY(server) entry;
	char servers[NAME_SIZE]; /* its list */
	struct endpoint at;
	char name[ADDR_STRLEN]; /* the same as text, for logs */
	uint32_t timeout;	/* s */
	uint8_t protocol;	/* enum login_protocol */
	uint8_t legacy;
	uint8_t interactive;
	struct secret key;
	struct radius_io *io; /* radius_io.c's, or NULL */

	unsigned int refs;
	unsigned int silent; /* times in a row that it did not answer */
	uint32_t rest_ms;    /* how long it is left alone next, 0: never was */
	uint64_t dead_until; /* ms, clock_ms(); 0: alive */

	uint32_t asked, answered, unanswered;
	uint32_t ms; /* that the last answer took */
};

struct server_stats {
	uint64_t died; /* times that one did not answer any more */
	uint64_t back;
};

void servers_init(struct server_stats *);

/* A configuration is built beside the one in force; struct proc's calls. */
void servers_begin(void);
void servers_add(const struct msg_CONF_SERVER *);
void servers_commit(void); /* what is in both keeps its sockets and state */
void servers_drop(void);

/*
 * The server of the list that comes behind another (NULL: the first), among
 * those that are alive, or all.  NULL: none.  Take a reference to keep it.
 */
struct server *servers_next(
    const char *servers, const struct server *behind, int dead_too);
void server_ref(struct server *);
void server_unref(struct server *);

/* Whose turn it is in one login; zeroed at first. */
struct server_turn {
	struct server *server; /* that is asked, or was last; kept */
	int dead_too;	       /* none was alive: all are tried */
};

/* The next of the list; -1: there is none, and the turn is as it was. */
int server_turn(struct server_turn *, const char *servers);
void server_turn_end(struct server_turn *);

/* A server in force at this address, the n-th of them; NULL: no more. */
struct server *servers_at(const struct endpoint *, size_t n);

/* It is asked; it answered after ms; it did not, and why, for the log. */
void server_asked(struct server *);
void server_answered(struct server *, uint32_t ms);
void server_silent(struct server *, const char *why);
/* Nobody is there: dead at once. */
void server_refused(struct server *, const char *why);

/* The rows of "ikerctl show aaa". */
void servers_handle_show(struct peer *ctl, const void *payload, int fd);

#endif /* AUTHD_SERVERS_H */
