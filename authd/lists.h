/*
 * The aaa lists of the configuration: which protocols a list tries, in order.
 */
#ifndef AUTHD_LISTS_H
#define AUTHD_LISTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

#define LIST_STEPS_MAX 8

struct aaa_step {
	uint8_t protocol;	 /* enum login_protocol */
	char servers[NAME_SIZE]; /* that are asked, "" for local */
};

struct aaa_list {
	char name[NAME_SIZE];
	uint32_t line;
	struct aaa_step step[LIST_STEPS_MAX];
	size_t nsteps;
};

/* A configuration is built beside the one in force; struct proc's calls. */
void lists_begin(void);
void lists_add(const struct msg_CONF_LOGIN *);
int lists_check(char reason[REASON_SIZE], uint32_t *line);
void lists_commit(void);
void lists_drop(void);

/* A list in force, or NULL; valid until the next lists_commit(). */
const struct aaa_list *lists_find(const char *name);

#endif /* AUTHD_LISTS_H */
