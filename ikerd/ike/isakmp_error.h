/*
 * Why the codec refused something: one enum for all of it, so that a counter
 * and a line of "show failures" can be kept for each reason.  A new reason is
 * a new row.
 */
#ifndef IKERD_IKE_ISAKMP_ERROR_H
#define IKERD_IKE_ISAKMP_ERROR_H

/* name, RFC 2408 notify type that would tell the peer, text */
#define ISAKMP_ERRORS(E)                                                       \
	E(ISAKMP_OK, 0, "no error")                                            \
	/* header */                                                           \
	E(ISAKMP_E_SHORT, 30, "shorter than an ISAKMP header")                 \
	E(ISAKMP_E_LENGTH, 30, "length in the header does not fit")            \
	E(ISAKMP_E_COOKIE, 4, "a cookie is zero that must not be")             \
	E(ISAKMP_E_VERSION, 5, "not IKE version 1")                            \
	E(ISAKMP_E_EXCHANGE, 29, "exchange type not supported")                \
	E(ISAKMP_E_FLAGS, 8, "flags do not fit the exchange")                  \
	E(ISAKMP_E_MSGID, 9, "message id does not fit the exchange")           \
	E(ISAKMP_E_EMPTY, 16, "no payload in the message")                     \
	/* payload chain */                                                    \
	E(ISAKMP_E_PAYLOAD_SHORT, 16, "payload shorter than its header")       \
	E(ISAKMP_E_PAYLOAD_OVERRUN, 16, "payload longer than the message")     \
	E(ISAKMP_E_RESERVED, 16, "reserved octet of a payload is not zero")    \
	E(ISAKMP_E_PAYLOAD_COUNT, 16, "too many payloads")                     \
	E(ISAKMP_E_PADDING, 16, "too many octets after the last payload")      \
	/* which payloads a message may hold */                                \
	E(ISAKMP_E_PAYLOAD_TYPE, 1, "payload type not allowed here")           \
	E(ISAKMP_E_PAYLOAD_REPEATED, 16, "payload type too many times")        \
	E(ISAKMP_E_PAYLOAD_MISSING, 16, "a required payload is missing")       \
	E(ISAKMP_E_PAYLOAD_ORDER, 16, "first payload is the wrong one")        \
	E(ISAKMP_E_HASH_OR_SIG, 16, "neither or both of HASH and SIG")         \
	E(ISAKMP_E_ID_PAIR, 16, "one identity without the other")              \
	/* bodies */                                                           \
	E(ISAKMP_E_BODY_SHORT, 16, "payload body too short")                   \
	E(ISAKMP_E_BODY_LENGTH, 16, "payload body has the wrong length")       \
	E(ISAKMP_E_DOI, 2, "DOI is not IPsec")                                 \
	E(ISAKMP_E_SITUATION, 3, "situation is not SIT_IDENTITY_ONLY")         \
	E(ISAKMP_E_PROTOCOL, 10, "protocol not allowed here")                  \
	E(ISAKMP_E_SPI_SIZE, 11, "SPI size does not fit the protocol")         \
	E(ISAKMP_E_SPI, 11, "SPI of the reserved range")                       \
	E(ISAKMP_E_NONCE, 16, "nonce not of 8 to 256 octets")                  \
	E(ISAKMP_E_FRAGMENT, 16, "bad IKE fragment")                           \
	/* SA payload */                                                       \
	E(ISAKMP_E_PROPOSAL_SYNTAX, 15, "bad proposal syntax")                 \
	E(ISAKMP_E_PROPOSAL_ORDER, 15, "proposal numbers go down")             \
	E(ISAKMP_E_PROPOSAL_COUNT, 15, "too many proposals")                   \
	E(ISAKMP_E_TRANSFORM_COUNT, 15, "transform count is wrong")            \
	E(ISAKMP_E_TRANSFORMS, 15, "too many transforms")                      \
	E(ISAKMP_E_GROUPS_DIFFER, 15, "transforms with different PFS groups")  \
	E(ISAKMP_E_BUNDLE, 15, "the same protocol twice in one bundle")        \
	E(ISAKMP_E_TRANSFORM_ID, 12, "transform id not allowed here")          \
	/* attributes */                                                       \
	E(ISAKMP_E_ATTR_OVERRUN, 16, "attribute longer than its payload")      \
	E(ISAKMP_E_ATTR_COUNT, 16, "too many attributes")                      \
	E(ISAKMP_E_ATTR_REPEATED, 16, "attribute repeated")                    \
	E(ISAKMP_E_ATTR_FORM, 16, "attribute in the wrong form")               \
	E(ISAKMP_E_ATTR_LENGTH, 16, "attribute value has the wrong length")    \
	E(ISAKMP_E_ATTR_VALUE, 13, "attribute value not supported")            \
	E(ISAKMP_E_ATTR_UNSUPPORTED, 13, "attribute not supported")            \
	E(ISAKMP_E_ATTR_MISSING, 13, "a required attribute is missing")        \
	E(ISAKMP_E_LIFE, 13, "bad life type or duration")                      \
	E(ISAKMP_E_KEYLEN_MISSING, 13, "cipher needs a key length")            \
	E(ISAKMP_E_KEYLEN, 13, "key length does not fit the cipher")           \
	E(ISAKMP_E_NULL_CIPHER, 14, "no encryption")                           \
	E(ISAKMP_E_NO_AUTH, 14, "no authentication algorithm")                 \
	E(ISAKMP_E_AUTH_MISMATCH, 14, "authentication does not fit transform") \
	E(ISAKMP_E_CFG_TYPE, 16, "unknown type of ATTR payload")               \
	/* identities */                                                       \
	E(ISAKMP_E_ID_TYPE, 18, "identity type not allowed here")              \
	E(ISAKMP_E_ID_LENGTH, 18, "identity has the wrong length")             \
	E(ISAKMP_E_ID_MASK, 18, "subnet mask is not contiguous")               \
	E(ISAKMP_E_ID_RANGE, 18, "address range is reversed")                  \
	E(ISAKMP_E_ID_NOT_NETWORK, 18, "address range is not one network")     \
	/* XAUTH */                                                            \
	E(ISAKMP_E_NAME_NUL, 16, "NUL in the user name")                       \
	E(ISAKMP_E_CREDENTIAL, 16, "user name or password too long")

#define ISAKMP_ERROR_ENUM(name, notify, text) name,
enum isakmp_error {
	ISAKMP_ERRORS(ISAKMP_ERROR_ENUM) ISAKMP_E_MAX
};
#undef ISAKMP_ERROR_ENUM

/* The text above; "unknown error" outside the enum. */
const char *isakmp_error_text(enum isakmp_error);
/* The symbol ("ISAKMP_E_SHORT") as a short name, for counters. */
const char *isakmp_error_name(enum isakmp_error);
/* The notify type above, 0 for none. */
unsigned int isakmp_error_notify(enum isakmp_error);

#endif /* IKERD_IKE_ISAKMP_ERROR_H */
