/*
 * What is ours in the system's filter, by name.  Includes nothing: OpenBSD's
 * net/pfvar.h cannot stand beside common/msg.h ("struct process").
 */
#ifndef FWD_NAMES_H
#define FWD_NAMES_H

/* Our nftables table ("inet ikerd") and our pf anchor. */
#define RULESET_NAME "ikerd"
/* Tables of it that the filter process changes. */
#define RULESET_TUNNELS "tunnels" /* inner addresses of live tunnels */

#endif /* FWD_NAMES_H */
