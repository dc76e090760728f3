/* TACACS+ as a way to decide logins (RFC 8907 5). */
#ifndef AUTHD_TACACS_H
#define AUTHD_TACACS_H

#include "authd/method.h"

extern const struct login_method method_tacacs;

#endif /* AUTHD_TACACS_H */
