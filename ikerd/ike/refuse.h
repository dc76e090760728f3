/* What bad input gets: a counter for each reason, and few short answers. */
#ifndef IKERD_IKE_REFUSE_H
#define IKERD_IKE_REFUSE_H

#include "ikerd/ike/isakmp_parse.h"

struct endpoint;
struct ike_socket;

void refuse_count(enum isakmp_error);
/* [ISAKMP_E_MAX], by reason. */
extern uint64_t refuse_counters[ISAKMP_E_MAX];

/*
 * Tell a stranger in clear why its first message is refused: one notify,
 * shorter than what it sent (a first message has more than 60 octets), at
 * most 10 a second in all.
 */
void refuse_first(struct ike_socket *, const struct endpoint *peer,
    const struct isakmp_hdr *, enum isakmp_notify_type);

#endif /* IKERD_IKE_REFUSE_H */
