/*
 * ID payloads (RFC 2407 4.6.2): parse, build, text for logs, and the phase 2
 * selectors in them as networks and ranges.  Pure functions; data points into
 * the caller's buffer.
 */
#ifndef IKERD_IKE_IDENT_H
#define IKERD_IKE_IDENT_H

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"
#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/isakmp_error.h"
#include "ikerd/ike/isakmp_parse.h"

#define IDENT_NAME_MAX 255 /* octets of FQDN, USER_FQDN, KEY_ID */
#define IDENT_DN_MAX 2048  /* octets of a DER name */
#define IDENT_BODY_LEN 36  /* fits the body of every address type */
#define IDENT_STRLEN 320   /* fits ident_text() of nearly everything */

struct ident {
	uint8_t type; /* enum ident_type */
	uint8_t protocol;
	uint16_t port;
	const uint8_t *data;
	size_t len;
};

/* Type known, length right for it.  The body of the payload goes in. */
enum isakmp_error ident_parse(const uint8_t *body, size_t len, struct ident *);
/* Phase 1: protocol 0 or UDP, any port; not a subnet or a range. */
enum isakmp_error ident_check_phase1(const struct ident *);
/* A name: FQDN, USER_FQDN or KEY_ID. */
int ident_is_name(const struct ident *);
/* Same type, protocol, port and octets. */
int ident_equal(const struct ident *, const struct ident *);

/* "KEY_ID vpn3000", "10.89.129.200/32 tcp..."; safe to print, cut to fit. */
const char *ident_text(const struct ident *, char *buf, size_t size);
const char *ident_type_name(unsigned int type);

/*
 * A phase 2 selector.  Refused: names, a mask that is not contiguous, a range
 * that ends before it begins.  Host bits of a subnet are cleared.  The second
 * also refuses a range that is not exactly one network.
 */
enum isakmp_error ident_range(
    const struct ident *, struct addr *first, struct addr *last);
enum isakmp_error ident_network(const struct ident *, struct network *);

/* A whole ID payload. */
void ident_put(struct isakmp_buf *, const struct ident *);
/*
 * An identity for an address (ID_IPV4_ADDR...) or a network (..._SUBNET);
 * storage holds its data and must live as long as the ident.
 */
void ident_from_addr(
    struct ident *, const struct addr *, uint8_t storage[IDENT_BODY_LEN]);
void ident_from_network(
    struct ident *, const struct network *, uint8_t storage[IDENT_BODY_LEN]);

#endif /* IKERD_IKE_IDENT_H */
