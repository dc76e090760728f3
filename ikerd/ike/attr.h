/*
 * Data attributes (RFC 2408 3.3) and what XAUTH, Mode Config and Unity put in
 * them: the walker, the ATTR payload, and one table of their numbers, names
 * and forms.  Pure functions; pointers point into the caller's buffer.
 */
#ifndef IKERD_IKE_ATTR_H
#define IKERD_IKE_ATTR_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/isakmp_error.h"
#include "ikerd/ike/isakmp_parse.h"

#define ATTR_TV 0x8000	 /* set in the type: value instead of length */
#define ATTR_MAX 64	 /* in one payload or transform; more: refused */
#define XAUTH_CAP 255	 /* octets of a name, password, answer */
#define UNITY_NET_LEN 14 /* one record of SPLIT_INCLUDE and LOCAL_LAN */

/* draft-dukes-ike-mode-cfg-02, draft-beaulieu-ike-xauth-02, Cisco Unity */
enum attr_number {
	INTERNAL_IP4_ADDRESS = 1,
	INTERNAL_IP4_NETMASK = 2,
	INTERNAL_IP4_DNS = 3,
	INTERNAL_IP4_NBNS = 4,
	INTERNAL_ADDRESS_EXPIRY = 5,
	INTERNAL_IP4_DHCP = 6,
	APPLICATION_VERSION = 7,
	INTERNAL_IP6_ADDRESS = 8,
	INTERNAL_IP6_NETMASK = 9,
	INTERNAL_IP6_DNS = 10,
	INTERNAL_IP6_NBNS = 11,
	INTERNAL_IP6_DHCP = 12,
	INTERNAL_IP4_SUBNET = 13,
	SUPPORTED_ATTRIBUTES = 14,
	INTERNAL_IP6_SUBNET = 15,
	XAUTH_CISCO_21 = 21, /* seen in XAUTH requests, meaning unknown */
	XAUTH_TYPE = 16520,
	XAUTH_USER_NAME = 16521,
	XAUTH_USER_PASSWORD = 16522,
	XAUTH_PASSCODE = 16523,
	XAUTH_MESSAGE = 16524,
	XAUTH_CHALLENGE = 16525,
	XAUTH_DOMAIN = 16526,
	XAUTH_STATUS = 16527,
	XAUTH_NEXT_PIN = 16528,
	XAUTH_ANSWER = 16529,
	UNITY_BANNER = 28672,
	UNITY_SAVE_PASSWD = 28673,
	UNITY_DEFAULT_DOMAIN = 28674,
	UNITY_SPLIT_DNS = 28675,
	UNITY_SPLIT_INCLUDE = 28676,
	UNITY_NATT_PORT = 28677,
	UNITY_LOCAL_LAN = 28678,
	UNITY_PFS = 28679,
	UNITY_FW_TYPE = 28680,
	UNITY_BACKUP_SERVERS = 28681,
	UNITY_DDNS_HOSTNAME = 28682,
	UNITY_SMARTCARD_REMOVAL = 28683,
	XAUTH_CISCO_VENDOR = 32136
};

#define XAUTH_TYPE_GENERIC 0
#define XAUTH_TYPE_RADIUS_CHAP 1
#define XAUTH_TYPE_OTP 2
#define XAUTH_TYPE_SKEY 3
#define XAUTH_STATUS_FAIL 0
#define XAUTH_STATUS_OK 1

struct attr {
	uint16_t type;	     /* without ATTR_TV */
	uint8_t is_tv;	     /* value holds it, data its two octets */
	uint16_t value;	     /* TV only */
	const uint8_t *data; /* never NULL */
	size_t len;	     /* TV: 2 */
};

struct attr_walk {
	const uint8_t *p;
	size_t left;
	size_t n; /* attributes handed out */
};

/*
 * Walk attributes: attr_next() gives 1 with the next one in a, 0 at the end,
 * or -1 with the reason in why (one is cut by the end, or there are more than
 * ATTR_MAX).
 */
void attr_walk(struct attr_walk *, const uint8_t *p, size_t len);
int attr_next(struct attr_walk *, struct attr *a, enum isakmp_error *why);

/* The value as a number: TV, or TLV of 1..8 octets; -1 otherwise. */
int attr_uint(const struct attr *, uint64_t *value);

void attr_put_tv(struct isakmp_buf *, uint16_t type, uint16_t value);
void attr_put_tlv(
    struct isakmp_buf *, uint16_t type, const void *data, size_t len);
void attr_put_u32(struct isakmp_buf *, uint16_t type, uint32_t value);

/* The table: one row for each number above. */
enum attr_form {
	ATTR_FORM_NUMBER,  /* TV */
	ATTR_FORM_SECONDS, /* 4 octets */
	ATTR_FORM_IP4,	   /* 4 octets */
	ATTR_FORM_IP6,	   /* 16 octets */
	ATTR_FORM_NET4,	   /* 8 octets, address and mask */
	ATTR_FORM_NET6,	   /* 17 octets, address and prefix length */
	ATTR_FORM_TEXT,
	ATTR_FORM_SECRET, /* never shown */
	ATTR_FORM_NETS,	  /* n records of UNITY_NET_LEN octets */
	ATTR_FORM_TYPES,  /* n attribute numbers */
	ATTR_FORM_OPAQUE
};
struct attr_info {
	uint16_t number;
	uint8_t form;  /* enum attr_form */
	uint8_t unity; /* only between peers that sent the Unity vendor id */
	const char *name;
};
const struct attr_info *attr_info(uint16_t number); /* NULL: not known */
/* The name, or "attribute 12345" put into buf. */
const char *attr_name(uint16_t number, char *buf, size_t size);
/*
 * Is the value's length (or TV form) the one of the table?  An empty value is
 * always right (a request), an unknown number too.
 */
enum isakmp_error attr_check(const struct attr *);
/* "NAME value" for logs, safe to print; secrets as "(hidden)". */
const char *attr_text(const struct attr *, char *buf, size_t size);

/* An ATTR payload: REQUEST, REPLY, SET or ACK.  Up to 3 zeros may follow. */
struct cfg_msg {
	uint8_t type; /* enum cfg_type */
	uint16_t identifier;
	struct attr attr[ATTR_MAX];
	size_t n;
};
enum isakmp_error cfg_parse(const struct isakmp_payload *, struct cfg_msg *);
const char *cfg_type_name(unsigned int type);
/* The nth (from 0) attribute of a number, or NULL. */
const struct attr *cfg_find(const struct cfg_msg *, uint16_t number, size_t n);
/* Does it hold an attribute of XAUTH?  If not it is Mode Config. */
int cfg_is_xauth(const struct cfg_msg *);
/* Begin an ATTR payload; then attr_put_*(), then ib_payload_end(). */
void cfg_begin(struct isakmp_buf *, uint8_t type, uint16_t identifier);

/*
 * What an XAUTH message says.  Spans point into the message and may hold
 * secrets: wipe the message when done.
 */
struct xauth_field {
	const uint8_t *p; /* NULL: the attribute was not there */
	size_t len;	  /* at most XAUTH_CAP */
};
struct xauth {
	uint8_t has_type;
	uint8_t has_status;
	uint16_t type;
	uint16_t status;
	struct xauth_field user; /* holds no NUL */
	struct xauth_field password;
	struct xauth_field passcode;
	struct xauth_field answer;
	struct xauth_field next_pin;
	struct xauth_field domain;
	struct xauth_field message;
	struct xauth_field challenge;
};
/*
 * Pick the fields out of a message.  One trailing NUL of the name and of each
 * secret is dropped (Android sends it); a NUL inside the name, a field over
 * XAUTH_CAP or one given twice is refused.  Other attributes are skipped.
 * binary: secrets are no text (CHAP), and stay as they are.
 */
enum isakmp_error xauth_parse(
    const struct cfg_msg *, struct xauth *, int binary);

#endif /* IKERD_IKE_ATTR_H */
