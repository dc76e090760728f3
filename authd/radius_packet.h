/*
 * RADIUS packets (RFC 2865 3, RFC 2869 5.14): requests built, replies checked,
 * attributes walked.  No I/O; nothing here knows what an attribute means.
 */
#ifndef AUTHD_RADIUS_PACKET_H
#define AUTHD_RADIUS_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "common/secret.h"

#define RADIUS_MAX 4096
#define RADIUS_HDR 20
#define RADIUS_AUTHENTICATOR 16 /* octets */
#define RADIUS_VALUE_MAX 253	/* of one attribute */
#define RADIUS_PASSWORD_MAX 128 /* RFC 2865 5.2 */

enum radius_code {
	RADIUS_ACCESS_REQUEST = 1,
	RADIUS_ACCESS_ACCEPT = 2,
	RADIUS_ACCESS_REJECT = 3,
	RADIUS_ACCESS_CHALLENGE = 11
};

/* RFC 2865 5, 2869 5, 3162; vendors' are RADIUS_VENDOR(vendor, type). */
enum radius_type {
	RADIUS_USER_NAME = 1,
	RADIUS_USER_PASSWORD = 2,
	RADIUS_CHAP_PASSWORD = 3,
	RADIUS_NAS_IP_ADDRESS = 4,
	RADIUS_SERVICE_TYPE = 6,
	RADIUS_FRAMED_PROTOCOL = 7,
	RADIUS_FRAMED_IP_ADDRESS = 8,
	RADIUS_FRAMED_IP_NETMASK = 9,
	RADIUS_FILTER_ID = 11,
	RADIUS_REPLY_MESSAGE = 18,
	RADIUS_STATE = 24,
	RADIUS_CLASS = 25,
	RADIUS_VENDOR_SPECIFIC = 26,
	RADIUS_SESSION_TIMEOUT = 27,
	RADIUS_IDLE_TIMEOUT = 28,
	RADIUS_CALLING_STATION_ID = 31,
	RADIUS_NAS_IDENTIFIER = 32,
	RADIUS_PROXY_STATE = 33,
	RADIUS_ACCT_SESSION_ID = 44,
	RADIUS_CHAP_CHALLENGE = 60,
	RADIUS_NAS_PORT_TYPE = 61,
	RADIUS_PROMPT = 76,
	RADIUS_MESSAGE_AUTHENTICATOR = 80,
	RADIUS_NAS_PORT_ID = 87,
	RADIUS_NAS_IPV6_ADDRESS = 95
};
#define RADIUS_VENDOR(vendor, type) ((uint32_t)(vendor) << 8 | (type))

/* --- requests --- */

struct radius_request {
	uint8_t p[RADIUS_MAX];
	size_t len;
};

/*
 * A new Access-Request with an Authenticator by chance; Message-Authenticator
 * comes first, as an answer to CVE-2024-3596.
 */
void radius_begin(struct radius_request *, uint8_t id);
/* At most RADIUS_VALUE_MAX octets, and all together must fit: fatalx(). */
void radius_put(
    struct radius_request *, enum radius_type, const void *, size_t len);
void radius_put_text(struct radius_request *, enum radius_type, const char *);
void radius_put_u32(struct radius_request *, enum radius_type, uint32_t);
/* User-Password, hidden (RFC 2865 5.2); at most RADIUS_PASSWORD_MAX. */
void radius_put_password(struct radius_request *, const struct secret *key,
    const uint8_t *password, size_t len);
/* Fills in length and Message-Authenticator. */
void radius_sign(struct radius_request *, const struct secret *key);

/* --- replies --- */

struct radius_attr {
	uint32_t type; /* enum radius_type or RADIUS_VENDOR() */
	const uint8_t *value;
	size_t len;
};

/* A packet whose form has been checked, in the caller's buffer. */
struct radius_reply {
	const uint8_t *p;
	size_t len;
};

/*
 * Is this len octets of a datagram an answer to the request, made by whoever
 * knows the key?  NULL: yes, and r stands for it; otherwise what is wrong, for
 * a log.  Checked in this order: lengths, identifier, Response Authenticator
 * (RFC 2865 3), Message-Authenticator (RFC 2869 5.14), which must be there
 * unless optional, and no Proxy-State, as we send none; the code, one of the
 * three that answer an Access-Request.
 */
const char *radius_check(struct radius_reply *r, const uint8_t *p, size_t len,
    const struct radius_request *, const struct secret *key, int optional);

enum radius_code radius_code(const struct radius_reply *);
/*
 * Each attribute, and each one inside a Vendor-Specific, in order.  A
 * Vendor-Specific whose inside is broken is passed over.
 */
void radius_each(const struct radius_reply *,
    void (*each)(const struct radius_attr *, void *arg), void *arg);
/* Four octets as a number; -1 with *v untouched if it has not four. */
int radius_u32(const struct radius_attr *, uint32_t *v);

#endif /* AUTHD_RADIUS_PACKET_H */
