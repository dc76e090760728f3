/* The static ruleset: made from the configuration by fwd/, loaded here. */
#ifndef IKERD_RULES_H
#define IKERD_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

struct conf;

/*
 * Load the configuration's ruleset, all or nothing.  keep: one of ours is in
 * force, its tables keep their members.  0, or -1 with the reason and the
 * place to blame (0: none).
 */
int rules_load(
    const struct conf *, int keep, char reason[REASON_SIZE], uint32_t *place);

/* Remove it, tables and all; failure is logged. */
void rules_clear(void);

/* Its text for a reader, NULL when this system has no filter; free it. */
char *rules_text(
    const struct conf *, char reason[REASON_SIZE], uint32_t *place);

#endif /* IKERD_RULES_H */
