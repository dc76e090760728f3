/*
 * What surrounds ike in its fuzz target: a socket that keeps what is sent,
 * neighbours that keep what they are told and answer when asked to, a played
 * kernel, and clocks that stand still.  What ike may never do is checked here
 * as it happens.
 */
#ifndef REGRESS_FUZZ_WORLD_H
#define REGRESS_FUZZ_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

/* What a key job is answered with: octets of one value. */
#define FILL_SKEYID 0x11
#define FILL_SKEYID_D 0x22
#define FILL_SKEYID_A 0x33
#define FILL_SKEYID_E 0x44
#define FILL_PUBLIC 0x55

struct world_sent { /* by ike, to the network */
	uint8_t last[65536];
	size_t len;
	size_t datagrams, octets; /* since world_sent_reset() */
};
extern struct world_sent world_sent;

void world_init(void);	/* once */
void world_begin(void); /* before each input */
void world_end(void);	/* everything ends; nothing may be left */
void world_sent_reset(void);

struct ike_socket *world_socket(int natt);

/* Answer the oldest job of crypto; 0: there is none. */
int world_answer_job(int fail);

/* What an owner says, if the table lets it: payload as it came from fuzzing. */
void world_say(enum msg_type, const void *payload, size_t len);

/* Neighbours and ikerctls. */
void world_restart(unsigned int which);
void world_ctl(unsigned int what, uint64_t session);

void world_time(uint64_t ms);

enum world_event {
	WORLD_SOFT,
	WORLD_HARD,
	WORLD_MAPPING,
	WORLD_TRAFFIC,
	WORLD_EVENTS
};
void world_kernel(enum world_event, uint32_t spi, uint16_t port);

#endif /* REGRESS_FUZZ_WORLD_H */
