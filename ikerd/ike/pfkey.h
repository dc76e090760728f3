/*
 * PF_KEY v2 messages (RFC 2367) as bytes: a bounded builder, a bounded reader,
 * and what the dialects of four kernels have in common.  Private to the files
 * kernel*.c and pfkey*.c; no function here does I/O or keeps state.
 *
 * A request is a struct pfkey_req (plain values); a dialect's table of forms
 * says which extensions, in which order, make the message of an operation,
 * and one emitter writes each extension.  A message that was read becomes a
 * struct pfkey_info whatever its dialect.
 */
#ifndef IKERD_IKE_PFKEY_H
#define IKERD_IKE_PFKEY_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/ike/kernel.h"

#define PFKEY_SENDMAX 2048 /* FreeBSD takes no more */
#define PFKEY_RECVMAX 16384

/* RFC 2367 3.1: numbers that every dialect shares. */
enum {
	SADB_V2 = 2,
	MSG_GETSPI = 1,
	MSG_UPDATE = 2,
	MSG_ADD = 3,
	MSG_DELETE = 4,
	MSG_GET = 5,
	MSG_ACQUIRE = 6,
	MSG_REGISTER = 7,
	MSG_EXPIRE = 8,
	MSG_DUMP = 10
};
enum {
	EXT_SA = 1,
	EXT_LIFETIME_CURRENT = 2,
	EXT_LIFETIME_HARD = 3,
	EXT_LIFETIME_SOFT = 4,
	EXT_ADDRESS_SRC = 5,
	EXT_ADDRESS_DST = 6,
	EXT_ADDRESS_PROXY = 7,
	EXT_KEY_AUTH = 8,
	EXT_KEY_ENCRYPT = 9,
	EXT_IDENTITY_SRC = 10,
	EXT_IDENTITY_DST = 11,
	EXT_SUPPORTED_AUTH = 14,
	EXT_SUPPORTED_ENCRYPT = 15,
	EXT_SPIRANGE = 16
};
enum {
	SASTATE_LARVAL = 0,
	SASTATE_MATURE = 1,
	SASTATE_DYING = 2
};

/* What is asked of a kernel. */
enum pfkey_op {
	OP_REGISTER,
	OP_LIST, /* the algorithms only */
	OP_GETSPI,
	OP_UPDATE,  /* inbound SA on its reserved SPI */
	OP_ADD,	    /* outbound SA */
	OP_MOVE_IN, /* UPDATE of a live SA: new peer endpoint */
	OP_MOVE_OUT,
	OP_DELETE,
	OP_GET,
	OP_FLOW_ADD,
	OP_FLOW_DELETE,
	OP_DUMP_SA,
	OP_DUMP_FLOW,
	OP_MAX
};

/* What a flow does with packets that match: through its SAs, drop, clear. */
enum pfkey_action {
	ACTION_PROTECT,
	ACTION_DENY,
	ACTION_BYPASS
};

enum pfkey_dir {
	DIR_IN = 1,
	DIR_OUT = 2,
	DIR_FWD = 3
};
enum pfkey_level {
	LEVEL_REQUIRE = 2,
	LEVEL_UNIQUE = 3
};

/* One request; what an operation does not need is left zero. */
struct pfkey_req {
	enum pfkey_op op;
	uint32_t seq;
	uint32_t pid;
	const struct esp_sa *sa;
	struct addr new_addr;	     /* MOVE: the peer's, ADDR_NONE if same */
	const struct esp_flow *flow; /* flows: selectors, gateways, priority */
	uint8_t dir;		     /* enum pfkey_dir */
	uint8_t action;		     /* enum pfkey_action */
	uint8_t level;		     /* FLOW_ADD on KAME */
	uint32_t reqid;		     /* flows */
};

/* A message being built. */
struct pfkey_msg {
	size_t len;
	int bad; /* did not fit, or a value cannot be said */
	uint8_t buf[PFKEY_SENDMAX];
};

#define PFKEY_FORM_EXTS 16

/* How an operation looks in a dialect: type 0 is an operation it lacks. */
struct pfkey_form {
	uint8_t type;
	uint8_t satype;
	uint8_t exts[PFKEY_FORM_EXTS]; /* in order, ended by 0 */
};

struct pfkey_info;

/* Everything that differs between kernels. */
struct pfkey_variant {
	enum kernel_variant id;
	const char *name;
	const struct pfkey_form *forms; /* [OP_MAX] */
	/* write extension type for the request; nothing when not needed */
	void (*emit)(struct pfkey_msg *, const struct pfkey_variant *,
	    const struct pfkey_req *, uint8_t type);
	/* take extension type (>= 17) apart; -1: broken */
	int (*take)(const struct pfkey_variant *, uint8_t type, const uint8_t *,
	    size_t, struct pfkey_info *);
	/* complete what several extensions say together; -1: broken */
	int (*finish)(const struct pfkey_variant *, struct pfkey_info *);
	uint8_t esp;	/* SADB_SATYPE_ESP */
	uint8_t replay; /* sadb_sa_replay for 64 packets or the most */
	uint8_t sa_len; /* sockaddr begins with its length */
	uint8_t af_inet6;
	uint8_t request_len; /* struct sadb_x_ipsecrequest */
	uint8_t fwd;	     /* has forward policies */
	uint8_t dump_counts_down;
	uint8_t move_keys;   /* UPDATE of a live SA: keys again */
	uint8_t move_port;   /* UPDATE of a live SA may change ports */
	uint8_t move_addr;   /* and addresses */
	uint8_t spd_gone;    /* errno of deleting an absent policy */
	uint8_t dump_sysctl; /* policies are listed by sysctl only */
	uint8_t own_reqid;   /* no kernel part in reqids */
	uint8_t new_mapping; /* message type, 0: none */
	uint32_t spi_min;
	uint32_t spi_max;
};

const struct pfkey_variant *pfkey_variant(enum kernel_variant);

/* RFC 2367 2.1: the header. */
struct pfkey_head {
	uint8_t type;
	uint8_t error;
	uint8_t satype;
	uint32_t seq;
	uint32_t pid;
};

struct pfkey_life {
	uint32_t allocations;
	uint64_t bytes;
	uint64_t addtime;
	uint64_t usetime;
};

struct pfkey_key { /* points into the message */
	const uint8_t *p;
	size_t len;
};

struct pfkey_ident {
	uint16_t type;
	char text[64]; /* cut off when longer */
};

/* A message taken apart; have has a bit for each extension type below 64. */
struct pfkey_info {
	struct pfkey_head head;
	uint64_t have;
	uint32_t spi; /* host order */
	uint8_t state;
	uint8_t auth;	 /* PF_KEY's number */
	uint8_t encrypt; /* PF_KEY's number */
	uint8_t proto;	 /* of the selectors; 0 any, also for KAME's 255 */
	uint32_t flags;
	uint32_t reqid; /* of the SA, or of a policy's request */
	struct pfkey_life current;
	struct pfkey_life hard;
	struct pfkey_life soft;
	struct endpoint src;
	struct endpoint dst;
	uint8_t src_prefix; /* KAME */
	uint8_t dst_prefix;
	struct pfkey_key key_auth;
	struct pfkey_key key_encrypt;
	struct pfkey_ident id_src;
	struct pfkey_ident id_dst;
	struct pfkey_key supported_auth;
	struct pfkey_key supported_encrypt;
	uint8_t natt_type; /* 2: RFC 3948 */
	uint16_t natt_sport;
	uint16_t natt_dport;
	uint64_t packets;
	/* a policy or flow, also when dumped */
	uint8_t policy_type;
	uint8_t dir;
	uint8_t level;
	uint32_t policy_id;
	uint32_t priority;
	struct network flow_src;
	struct network flow_dst;
	struct addr tunnel_src;
	struct addr tunnel_dst;
	/* OpenBSD's masks until finish() joins them */
	struct addr mask_src;
	struct addr mask_dst;
};
#define PFKEY_HAVE(i, type) (((i)->have >> (type)) & 1)

/* --- pfkey_msg.c: building --- */

/*
 * Build the message of a request: its length, or 0 when the dialect lacks
 * the operation or a value cannot be said in it.
 */
size_t pfkey_build(
    const struct pfkey_variant *, const struct pfkey_req *, struct pfkey_msg *);

void pfkey_begin(struct pfkey_msg *, uint8_t type, uint8_t satype, uint32_t seq,
    uint32_t pid);
size_t pfkey_end(struct pfkey_msg *);
size_t pfkey_open_ext(struct pfkey_msg *, uint16_t type); /* its offset */
void pfkey_close_ext(struct pfkey_msg *, size_t offset);  /* pads to 8 */
void pfkey_u8(struct pfkey_msg *, uint8_t);
void pfkey_u16(struct pfkey_msg *, uint16_t); /* host order */
void pfkey_u32(struct pfkey_msg *, uint32_t); /* host order */
void pfkey_u64(struct pfkey_msg *, uint64_t); /* host order */
void pfkey_be16(struct pfkey_msg *, uint16_t);
void pfkey_be32(struct pfkey_msg *, uint32_t);
void pfkey_bytes(struct pfkey_msg *, const void *, size_t);
void pfkey_sockaddr(
    struct pfkey_msg *, const struct pfkey_variant *, const struct addr *);
/* extensions that look the same everywhere */
void pfkey_put_sa(struct pfkey_msg *, uint32_t spi, uint8_t replay,
    uint8_t auth, uint8_t encrypt, uint32_t flags);
void pfkey_put_key(struct pfkey_msg *, uint16_t type, const uint8_t *, size_t);
void pfkey_put_lifetime(
    struct pfkey_msg *, uint16_t type, uint64_t bytes, uint64_t addtime);
void pfkey_put_spirange(struct pfkey_msg *, uint32_t min, uint32_t max);

/* --- pfkey_msg.c: reading --- */

/*
 * The header of a message of len bytes: 0, or -1 when it is none (version,
 * length field not len).
 */
int pfkey_read_head(const uint8_t *, size_t len, struct pfkey_head *);
/*
 * Take a whole message apart.  Extensions in any order; unknown ones are
 * skipped; -1 for lengths that do not fit, duplicates, sockaddrs cut short,
 * key bits that do not match the key.  Pointers in info are into buf.
 */
int pfkey_read(const struct pfkey_variant *, const uint8_t *buf, size_t len,
    struct pfkey_info *);

uint16_t pfkey_get16(const uint8_t *); /* host order */
uint32_t pfkey_get32(const uint8_t *);
uint64_t pfkey_get64(const uint8_t *);
uint32_t pfkey_getbe32(const uint8_t *);
/*
 * A sockaddr at the start of len bytes: its size, or 0 when it is cut short
 * or of an unknown family.  Family 0 gives ADDR_NONE.
 */
size_t pfkey_get_sockaddr(const struct pfkey_variant *, const uint8_t *,
    size_t len, struct endpoint *);

/* --- kernel_alg.c --- */

/* IKE's numbers to PF_KEY's and back; 0: this kernel has none. */
uint8_t pfkey_encrypt_id(enum kernel_variant, uint8_t transform);
uint8_t pfkey_auth_id(enum kernel_variant, uint16_t attribute);
uint8_t pfkey_encrypt_ike(enum kernel_variant, uint8_t id);
uint16_t pfkey_auth_ike(enum kernel_variant, uint8_t id);
void pfkey_algs(const struct pfkey_variant *, const struct pfkey_info *,
    struct kernel_algs *);

#endif /* IKERD_IKE_PFKEY_H */
