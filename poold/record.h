/*
 * The records of poold's journal, as bytes and as a struct.  Pure; pool.c
 * makes and reads them, nobody else knows their form.
 */
#ifndef POOLD_RECORD_H
#define POOLD_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

enum record_kind {
	RECORD_HELD = 1, /* session has address */
	RECORD_FREE,	 /* user had address until since: remembered */
	RECORD_PUT	 /* session is over: its lease becomes free */
};

struct record {
	uint8_t kind;
	uint64_t session, since;
	struct addr address;  /* not of RECORD_PUT, and so are */
	char pool[NAME_SIZE]; /* pool */
	char user[USER_SIZE]; /* and user */
};

#define RECORD_MAX (1 + 8 + 8 + 1 + 16 + 1 + NAME_SIZE + 1 + USER_SIZE)

size_t record_encode(const struct record *, uint8_t out[RECORD_MAX]);
int record_parse(struct record *, const uint8_t *, size_t len); /* 0 or -1 */

#endif /* POOLD_RECORD_H */
