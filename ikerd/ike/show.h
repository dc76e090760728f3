/* What ike answers to ikerctl. */
#ifndef IKERD_IKE_SHOW_H
#define IKERD_IKE_SHOW_H

#include "common/bus.h"
#include "common/proc.h"

extern const struct msg_handler show_handlers[];
extern const size_t show_nhandlers;
extern const struct proc_counter show_counters[];

#endif /* IKERD_IKE_SHOW_H */
