/* The part of the checks that is about how people prove who they are. */
#ifndef IKERD_CHECKCERT_H
#define IKERD_CHECKCERT_H

#include "ikerd/report.h"

struct conf;
struct conf_group;

/* Each policy has what it needs, and somebody who uses it. */
void check_methods(const struct conf *, struct report *);
/* A group's key, ca, identities and hybrid, against each other. */
void check_group_proof(
    const struct conf *, struct report *, const struct conf_group *);

#endif /* IKERD_CHECKCERT_H */
