/*
 * What an Access-Accept gives a user, as a session has it (RFC 2865 5; the
 * vendors Microsoft, and Cisco's VPN 3000).
 */
#ifndef AUTHD_RADIUS_GRANT_H
#define AUTHD_RADIUS_GRANT_H

#include <stddef.h>

#include "authd/radius_packet.h"
#include "common/msg.h"

/*
 * Fill in what the reply's attributes say; others are passed over.  NULL, or
 * why the user cannot have what the server demands: it is a refusal then.
 */
const char *radius_grant(
    const struct radius_reply *, struct msg_LOGIN_ACCEPT *);

/*
 * The Reply-Messages of any reply, joined by newlines, each octet that is not
 * printable as '?'; returns the length, 0: there are none.
 */
size_t radius_message(const struct radius_reply *, char *text, size_t size);

#endif /* AUTHD_RADIUS_GRANT_H */
