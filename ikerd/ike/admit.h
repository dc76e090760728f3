/*
 * Who may have one more session: how often a user is connected, and how many
 * sessions a group has.  Asked when a session is about to get its address, so
 * that a client which only renews its phase 1 is not taken for another one.
 */
#ifndef IKERD_IKE_ADMIT_H
#define IKERD_IKE_ADMIT_H

#include "common/msg.h"

struct session;

void admit_init(void);

/*
 * Count the session among those of its group and user, or refuse it.  Ends
 * older sessions of the user where the group says `unique replace', and the
 * one that has the user's fixed address.  0, or -1 with why for the operator
 * and told for the user.
 */
int admit(struct session *, char why[REASON_SIZE], const char **told);
/* It is over; one that was not admitted may be given, too. */
void admit_leave(struct session *);

#endif /* IKERD_IKE_ADMIT_H */
