/*
 * The set of local users that a users file describes.  Pure: made from bytes,
 * looked up by name, never changed.
 */
#ifndef AUTHD_USERS_H
#define AUTHD_USERS_H

#include <stddef.h>
#include <stdint.h>

#include "authd/hash.h"
#include "common/msg.h"
#include "common/table.h"

#define USERS_LINE_MAX 1024 /* bytes without the newline */
#define USER_NAME_MAX 253

struct users;

struct user {
	struct table_link link;
	char *name;
	char *hash; /* HASH_SIZE bytes of secret memory */
	unsigned int line;
	struct hash_cost cost;
	struct addr address;	/* or none */
	uint32_t session;	/* s, 0: the group's */
	uint32_t idle;		/* s, 0: the group's */
	uint32_t sessions;	/* at once, 0: the group's */
	struct user_more *more; /* or NULL: nothing of it is said */
};

/* What few users have. */
struct user_more {
	char group[NAME_SIZE]; /* the only one to come in by */
	char domain[TEXT_SIZE], banner[TEXT_SIZE];
	uint8_t netmask; /* bits, 0: the group's */
	struct addr dns[SERVERS_MAX], wins[SERVERS_MAX];
	size_t ndns, nwins;
	struct network network[NETS_MAX];
	size_t nnetworks;
};

/* Why a file was refused: its first error. */
struct users_error {
	unsigned int line; /* 0: the file as a whole */
	char text[REASON_SIZE];
};

/*
 * The users of a file's bytes, or NULL with the first error.  forms: the
 * hashes that can be checked here (hash_forms()).
 */
struct users *users_parse(
    const char *bytes, size_t len, unsigned int forms, struct users_error *);
void users_free(struct users *); /* NULL is allowed */

const struct user *users_find(const struct users *, const char *name);
size_t users_count(const struct users *);
/* How many cost something else than most: time tells their names. */
size_t users_uneven(const struct users *);
/* A hash that nothing fits and that costs what most users' do. */
const char *users_dummy(const struct users *);

#endif /* AUTHD_USERS_H */
