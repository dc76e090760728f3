/*
 * The configuration in force, and how another one takes its place: offered to
 * every child, committed when all agree, otherwise dropped by all.
 */
#ifndef IKERD_RELOAD_H
#define IKERD_RELOAD_H

#include "common/bus.h"
#include "ikerd/children.h"

struct conf;
struct event_base;

struct reload_ops {
	/* The first configuration is in force everywhere. */
	void (*started)(void);
	/* The first one was refused, or a child died over it. */
	void (*start_failed)(void);
	/* A reload came to its end; error NULL: in force.  For ctl. */
	void (*answer)(struct peer *ctl, const char *error);
};

void reload_init(
    struct event_base *, const char *path, const struct reload_ops *);

/* Offer the first configuration (taken over) to all children. */
void reload_first(struct conf *);
const struct conf *reload_conf(void); /* in force, or the first one offered */

/*
 * Read the file again and offer it.  ctl: who asked and gets the answer; NULL
 * for a signal, the log has the answer in any case.
 */
void reload_request(struct peer *ctl);
void reload_forget_ctl(const struct peer *ctl);

/* A child was started again: it gets the configuration in force. */
void reload_child_up(struct child *);
/* A child died: what it was asked has no answer any more. */
void reload_child_down(struct child *);

void reload_handle_ready(struct peer *, const void *payload, int fd);
void reload_handle_refused(struct peer *, const void *payload, int fd);

#endif /* IKERD_RELOAD_H */
