/* What the other processes are told of a session; see session.h, too. */
#ifndef IKERD_IKE_TELL_H
#define IKERD_IKE_TELL_H

#include "common/msg.h"

struct session;

/* authd: it is up; replay: authd was restarted and is told again. */
void tell_up(struct session *, int replay);
/* Everybody who was told of it, or owes it an answer: it is gone. */
void tell_down(struct session *, enum down_cause);

#endif /* IKERD_IKE_TELL_H */
