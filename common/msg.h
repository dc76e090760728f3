/*
 * Messages between the suite's processes: types, payload structs and the
 * check that every received one must pass.  All made from common/msg.def.
 */
#ifndef COMMON_MSG_H
#define COMMON_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

enum process {
	PROC_PARENT,
	PROC_IKE,
	PROC_CRYPTO,
	PROC_AUTHD,
	PROC_POOLD,
	PROC_FILTER,
	PROC_PROXY,
	PROC_CTL, /* an ikerctl */
	PROC_COUNT
};

/* Sets of processes, for msg.def and for wiring. */
#define PROC_BIT(p) (1U << (p))

#define CRYPTO_MAX 16 /* crypto processes */

#define NAME_SIZE 64  /* groups, pools, lists, steps; with the NUL */
#define USER_SIZE 256 /* user names */
#define TEXT_SIZE 512
#define REASON_SIZE 256
#define PASSWORD_MAX 255
#define SERVERS_MAX 4	      /* DNS and WINS each, of a user */
#define NETS_MAX 50	      /* of a user */
#define CHALLENGE_SIZE 16     /* of ours */
#define CHAP_RESPONSE_SIZE 17 /* identifier and MD5, RFC 2865 5.3 */
#define PSK_MAX 256
#define SERVER_KEY_MAX 128 /* of an AAA server */
#define COOKIE_LEN 8
#define NONCE_MAX 256	   /* RFC 2409 5 */
#define HASH_MAX 64	   /* SHA2-512 */
#define DH_PUBLIC_MAX 1024 /* modp8192 */
#define SAI_MAX 4096	   /* the initiator's SA payload that is kept */
#define IDIR_MAX 2052	   /* an identity: header and DER name */
#define CERT_MAX 4096	   /* DER of one certificate */
#define CHAIN_MAX 5	   /* certificates of one chain, leaf and all */
#define CRL_CHUNK 8192	   /* of a CRL's DER in one message */
#define SIGN_KEY_MAX 5120  /* DER of a private key: RSA of 8192 bits */
#define SIG_MAX 1024	   /* a signature: RSA of 8192 bits */

enum socket_kind {
	SOCKET_IKE,
	SOCKET_NATT,
	SOCKET_UDP, /* ESP of Cisco's own encapsulation, no IKE */
	SOCKET_PFKEY,
	SOCKET_PF
};
enum server_kind {
	SERVER_DNS,
	SERVER_WINS
};
enum key_kind {
	KEY_GROUP,
	KEY_PEER,
	KEY_UNKNOWN
};
enum net_kind {
	NET_INCLUDE, /* through the tunnel */
	NET_EXCLUDE  /* past it */
};
enum sign_kind { /* what a certificate's key is; the gateway has one of each */
	SIGN_RSA,
	SIGN_ECDSA_256,
	SIGN_ECDSA_384,
	SIGN_ECDSA_521,
	SIGN_KINDS
};
enum config_mode {
	CONFIG_EITHER, /* pull; push to a client that does not ask */
	CONFIG_PULL,
	CONFIG_PUSH,
	CONFIG_NONE /* a peer with networks of its own */
};
enum unique_policy { /* a user who is connected already */
	UNIQUE_KEEP,
	UNIQUE_REPLACE,
	UNIQUE_REJECT
};
enum xauth_mode {
	XAUTH_PASSWORD, /* name and password, in every round */
	XAUTH_CHAP,	/* a challenge instead of the password */
	XAUTH_TOKEN	/* passcode, PIN and answer as what they are */
};
/* What a password in LOGIN_START is. */
enum login_kind {
	LOGIN_PASSWORD,
	LOGIN_CHAP /* CHAP's identifier and MD5 over the challenge */
};
/* What authd wants to know in another round. */
enum challenge_kind {
	CHALLENGE_PASSWORD,
	CHALLENGE_PASSCODE,
	CHALLENGE_NEXT_PIN,
	CHALLENGE_ANSWER,
	CHALLENGE_MESSAGE /* nothing: the user is told something */
};
enum login_protocol {
	LOGIN_LOCAL,
	LOGIN_TACACS,
	LOGIN_RADIUS
};
enum reject_cause {
	REJECT_PASSWORD, /* unknown user, too: nobody is told which */
	REJECT_LIMITED,	 /* too many tries */
	REJECT_ERROR	 /* no server could say */
};
enum deny_cause {
	DENY_FULL,
	DENY_NO_POOL,
	DENY_ERROR,
	DENY_TAKEN,   /* the fixed address is another session's */
	DENY_OUTSIDE, /* or of no pool */
	DENY_LAST = DENY_OUTSIDE
};
enum down_cause {
	DOWN_DELETE, /* the client said so */
	DOWN_DPD,
	DOWN_IDLE,
	DOWN_SESSION_TIMEOUT,
	DOWN_KICK,
	DOWN_REPLACED, /* INITIAL-CONTACT of the same user, or unique */
	DOWN_CONFIG,   /* its group went with a reload */
	DOWN_EXPIRED,
	DOWN_SHUTDOWN,
	DOWN_ERROR,
	DOWN_LAST = DOWN_ERROR
};

/* One struct for each message: struct msg_LEASE_GET ... */
#define MSG(name, from, to) struct msg_##name {
#define END(name) \
	}         \
	;
#define FD
#define U8(f) uint8_t f;
#define U16(f) uint16_t f;
#define U32(f) uint32_t f;
#define U64(f) uint64_t f;
#define RANGE(f, lo, hi) uint8_t f;
#define STR(f, size) char f[size];
#define BYTES(f, max)     \
	uint16_t f##_len; \
	uint8_t f[max];
#define SECRET(f, max) BYTES(f, max)
#define ADDR(f) struct addr f;
#define ENDPOINT(f) struct endpoint f;
#define NET(f) struct network f;
#define ADDRS(f, max)   \
	uint16_t f##_n; \
	struct addr f[max];
#define NETS(f, max)    \
	uint16_t f##_n; \
	struct network f[max];
#include "common/msg.def"
#include "common/msgundef.h"

/* The types: MSG_LEASE_GET ... */
enum msg_type {
	MSG_NONE,
#define MSG(name, from, to) MSG_##name,
#define END(name)
#include "common/msgnofields.h"
#include "common/msg.def"
#include "common/msgundef.h"
	MSG_COUNT
};

/* What kind of value a field holds, for the check and for printing. */
enum field_kind {
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_RANGE,
	FIELD_STR,
	FIELD_BYTES,
	FIELD_SECRET,
	FIELD_ADDR,
	FIELD_ENDPOINT,
	FIELD_NET,
	FIELD_ADDRS,
	FIELD_NETS
};

struct msg_field {
	const char *name;
	enum field_kind kind;
	uint16_t offset;
	uint16_t size;	   /* STR: its array; BYTES, ADDRS...: the most */
	uint8_t low, high; /* RANGE */
};

struct msg_desc {
	const char *name;
	uint32_t from, to; /* sets of PROC_BIT() */
	uint16_t size;
	uint8_t has_fd;
	const struct msg_field *(*fields)(void); /* ends with a NULL name */
};

const struct msg_desc *msg_desc(uint32_t type); /* NULL: no such type */
const char *process_name(enum process);

/*
 * Check a received message against the table: may this sender send this type
 * to this receiver, is the length right, is there a descriptor if and only if
 * there must be one, is every field within its bounds.  Returns NULL when all
 * is well, otherwise the reason in words.
 */
const char *msg_check(enum process from, enum process to, uint32_t type,
    const void *payload, size_t len, int has_fd);

#endif /* COMMON_MSG_H */
