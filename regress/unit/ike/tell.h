/* What the parent would tell ike of its configuration. */
#ifndef REGRESS_UNIT_IKE_TELL_H
#define REGRESS_UNIT_IKE_TELL_H

#include "ikerd/ike/ikeconf.h"

static inline void
tell(enum msg_type type, const void *m)
{
	size_t i;

	for (i = 0; i < ikeconf_nhandlers; i++) {
		if (ikeconf_handlers[i].type == type)
			ikeconf_handlers[i].handle(NULL, m, -1);
	}
}

#endif /* REGRESS_UNIT_IKE_TELL_H */
