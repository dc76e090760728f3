/* The RADIUS protocol as a way to decide logins (RFC 2865). */
#ifndef AUTHD_RADIUS_H
#define AUTHD_RADIUS_H

#include "authd/method.h"

extern const struct login_method method_radius;

/* What the gateway calls itself (NAS-Identifier). */
void radius_init(const char *nas);

#endif /* AUTHD_RADIUS_H */
