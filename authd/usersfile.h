/*
 * The users file on disk and the set of users in force: read at start and
 * again whenever the file is another one.  A broken file is told once and
 * changes nothing.
 */
#ifndef AUTHD_USERSFILE_H
#define AUTHD_USERSFILE_H

#include <stdint.h>

#include "authd/users.h"

#define USERSFILE_NAME "users" /* in authd's directory */
#define USERSFILE_MAX (32U * 1024 * 1024)

struct usersfile_stats {
	uint64_t users;	 /* in force */
	uint64_t loads;	 /* times a file was taken */
	uint64_t broken; /* times one was refused */
};

/*
 * Once: dirfd is the directory (kept open), dir its name for people, forms
 * what hash_forms() said.
 */
void usersfile_init(
    int dirfd, const char *dir, unsigned int forms, struct usersfile_stats *);

/*
 * The users in force, after a look whether the file changed (one system call
 * when it did not).  NULL: there never was a good file; usersfile_error()
 * says why.  Valid until the next call.
 */
const struct users *usersfile_get(void);
const char *usersfile_error(void); /* of the file seen last, "": none */

#endif /* AUTHD_USERSFILE_H */
