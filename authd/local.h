/* LOCAL: logins decided by the users file. */
#ifndef AUTHD_LOCAL_H
#define AUTHD_LOCAL_H

#include "authd/method.h"

extern const struct login_method method_local;

#endif /* AUTHD_LOCAL_H */
