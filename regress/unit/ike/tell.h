/* What the parent would tell ike of its configuration. */
#ifndef REGRESS_UNIT_IKE_TELL_H
#define REGRESS_UNIT_IKE_TELL_H

#include "ikerd/ike/ikeconf.h"

static inline void
tell_one(
    const struct msg_handler *h, size_t n, enum msg_type type, const void *m)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (h[i].type == type)
			h[i].handle(NULL, m, -1);
	}
}

static inline void
tell(enum msg_type type, const void *m)
{
	tell_one(ikeconf_handlers, ikeconf_nhandlers, type, m);
	tell_one(certconf_handlers, certconf_nhandlers, type, m);
}

#endif /* REGRESS_UNIT_IKE_TELL_H */
