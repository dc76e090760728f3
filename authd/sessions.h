/* The sessions that are up, as ike tells them. */
#ifndef AUTHD_SESSIONS_H
#define AUTHD_SESSIONS_H

#include <stdint.h>

#include "common/bus.h"

struct session_stats {
	uint64_t up;	  /* now */
	uint64_t high;	  /* the most at once */
	uint64_t begun;	  /* since this process started, replays apart */
	uint64_t lost;	  /* gone with an ike, their end untold */
	uint64_t unknown; /* told about, but never begun */
};

void sessions_init(struct session_stats *);

/* Message handlers. */
void sessions_handle_up(struct peer *, const void *, int);
void sessions_handle_usage(struct peer *, const void *, int);
void sessions_handle_down(struct peer *, const void *, int);
void sessions_handle_resync(struct peer *, const void *, int);
void sessions_handle_show(struct peer *ctl, const void *, int);

/* A new ike: what it does not tell until RESYNC_DONE is gone. */
void sessions_ike_up(void);

#endif /* AUTHD_SESSIONS_H */
