/* The table of protocols that a login can be decided by. */
#include "authd/local.h"
#include "authd/method.h"
#include "authd/radius.h"
#include "authd/tacacs.h"

static const struct login_method *const methods[] = {
	[LOGIN_LOCAL] = &method_local,
	[LOGIN_TACACS] = &method_tacacs,
	[LOGIN_RADIUS] = &method_radius,
};
#define NMETHODS (sizeof(methods) / sizeof(methods[0]))

const struct login_method *
method_find(unsigned int protocol)
{
	return protocol < NMETHODS ? methods[protocol] : NULL;
}
