/*
 * The message table made from msg.def and the check of a received message
 * against it.  Pure: no I/O, no state.  bus.c calls it for every message
 * before its handler sees it.
 */
#include <string.h>

#include "common/msg.h"

/* The sets that msg.def names. */
enum {
	PARENT = PROC_BIT(PROC_PARENT),
	IKE = PROC_BIT(PROC_IKE),
	CRYPTO = PROC_BIT(PROC_CRYPTO),
	AUTHD = PROC_BIT(PROC_AUTHD),
	POOLD = PROC_BIT(PROC_POOLD),
	FILTER = PROC_BIT(PROC_FILTER),
	PROXY = PROC_BIT(PROC_PROXY),
	CTL = PROC_BIT(PROC_CTL),
	CHILDREN = IKE | CRYPTO | AUTHD | POOLD | FILTER | PROXY
};

/* Macros that open what another closes. */
/* clang-format off */

/*
 * The fields of each message, as a function so that its struct has one name
 * for all field macros: fields_LEASE_GET() ...
 */
#define MSG(name, from, to)                                       \
	static const struct msg_field *fields_##name(void)        \
	{                                                         \
		typedef struct msg_##name message;                \
		static const struct msg_field fields[] = {
#define END(name)                                                 \
			{ NULL, FIELD_U8, 0, 0, 0, 0 }            \
		};                                                \
		return fields;                                    \
	}
#define FD
#define PLAIN(f, kind) { #f, kind, offsetof(message, f), 0, 0, 0 },
#define U8(f)		PLAIN(f, FIELD_U8)
#define U16(f)		PLAIN(f, FIELD_U16)
#define U32(f)		PLAIN(f, FIELD_U32)
#define U64(f)		PLAIN(f, FIELD_U64)
#define RANGE(f, lo, hi) { #f, FIELD_RANGE, offsetof(message, f), 0, lo, hi },
#define STR(f, size)	{ #f, FIELD_STR, offsetof(message, f), size, 0, 0 },
#define BYTES(f, max)	{ #f, FIELD_BYTES, offsetof(message, f##_len), max, \
			    0, 0 },
#define SECRET(f, max)	{ #f, FIELD_SECRET, offsetof(message, f##_len), max, \
			    0, 0 },
#define ADDR(f)		PLAIN(f, FIELD_ADDR)
#define ENDPOINT(f)	PLAIN(f, FIELD_ENDPOINT)
#define NET(f)		PLAIN(f, FIELD_NET)
#define ADDRS(f, max)	{ #f, FIELD_ADDRS, offsetof(message, f##_n), max, \
			    0, 0 },
#define NETS(f, max)	{ #f, FIELD_NETS, offsetof(message, f##_n), max, \
			    0, 0 },
#include "common/msg.def"
#include "common/msgundef.h"

/* Does a descriptor come along: has_fd_PEER_FD ... */
#include "common/msgnofields.h"
#undef FD
#define FD + 1
#define MSG(name, from, to) enum { has_fd_##name = 0
#define END(name) };
#include "common/msg.def"
#include "common/msgundef.h"

static const struct msg_desc descs[MSG_COUNT] = {
#include "common/msgnofields.h"
#define MSG(name, from, to)                                       \
	[MSG_##name] = { #name, from, to, sizeof(struct msg_##name), \
		has_fd_##name, fields_##name },
#define END(name)
#include "common/msg.def"
#include "common/msgundef.h"
};

/* clang-format on */

static const char *const process_names[PROC_COUNT] = {
	[PROC_PARENT] = "parent",
	[PROC_IKE] = "ike",
	[PROC_CRYPTO] = "crypto",
	[PROC_AUTHD] = "authd",
	[PROC_POOLD] = "poold",
	[PROC_FILTER] = "filter",
	[PROC_PROXY] = "proxy",
	[PROC_CTL] = "ctl",
};

const char *
process_name(enum process p)
{
	return p < PROC_COUNT ? process_names[p] : "unknown";
}

const struct msg_desc *
msg_desc(uint32_t type)
{
	if (type == MSG_NONE || type >= MSG_COUNT)
		return NULL;
	return &descs[type];
}

static const char *
check_addr(const struct addr *a)
{
	static const uint8_t zero[16];
	size_t len = addr_len(a);

	if (len == 0 && a->family != ADDR_NONE)
		return "unknown address family";
	if (memcmp(a->b + len, zero, sizeof(zero) - len) != 0)
		return "bytes behind the address";
	return NULL;
}

static const char *
check_net(const struct network *net)
{
	const char *why = check_addr(&net->addr);

	if (why == NULL && net->prefix > addr_len(&net->addr) * 8)
		why = "prefix longer than the address";
	return why;
}

/* The elements lie behind their number: they are bytes, unaligned. */
_Static_assert(_Alignof(struct addr) == 1 && _Alignof(struct network) == 1,
    "elements follow their number at once");

static const char *
check_list(const struct msg_field *f, const uint8_t *at)
{
	const char *why = NULL;
	struct network net;
	struct addr addr;
	uint16_t n, i;

	memcpy(&n, at, sizeof(n));
	if (n > f->size)
		return "more elements than the field holds";
	at += sizeof(n);
	for (i = 0; i < n && why == NULL; i++) {
		if (f->kind == FIELD_NETS) {
			memcpy(&net, at + i * sizeof(net), sizeof(net));
			addr = net.addr;
			why = check_net(&net);
		} else {
			memcpy(&addr, at + i * sizeof(addr), sizeof(addr));
			why = check_addr(&addr);
		}
		if (why == NULL && addr.family == ADDR_NONE)
			why = "an element without address";
	}
	return why;
}

static const char *
check_field(const struct msg_field *f, const uint8_t *at)
{
	struct endpoint ep;
	struct network net;
	struct addr addr;
	uint16_t len;

	switch (f->kind) {
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
		return NULL;
	case FIELD_RANGE:
		return *at < f->low || *at > f->high ? "value out of range" :
						       NULL;
	case FIELD_STR:
		return memchr(at, '\0', f->size) == NULL ? "text without end" :
							   NULL;
	case FIELD_BYTES:
	case FIELD_SECRET:
		memcpy(&len, at, sizeof(len));
		return len > f->size ? "length beyond the field" : NULL;
	case FIELD_ADDR:
		memcpy(&addr, at, sizeof(addr));
		return check_addr(&addr);
	case FIELD_ENDPOINT:
		memcpy(&ep, at, sizeof(ep));
		return check_addr(&ep.addr);
	case FIELD_NET:
		memcpy(&net, at, sizeof(net));
		return check_net(&net);
	case FIELD_ADDRS:
	case FIELD_NETS:
		return check_list(f, at);
	}
	return "field of no known kind";
}

const char *
msg_check(enum process from, enum process to, uint32_t type,
    const void *payload, size_t len, int has_fd)
{
	const struct msg_desc *d = msg_desc(type);
	const struct msg_field *f;
	const char *why;

	if (d == NULL)
		return "unknown type";
	if ((d->from & PROC_BIT(from)) == 0)
		return "not this sender's to send";
	if ((d->to & PROC_BIT(to)) == 0)
		return "not for this receiver";
	if (len != d->size)
		return "wrong length";
	if (has_fd != d->has_fd)
		return has_fd ? "a descriptor too many" :
				"no descriptor with it";
	for (f = d->fields(); f->name != NULL; f++) {
		why = check_field(f, (const uint8_t *)payload + f->offset);
		if (why != NULL)
			return why;
	}
	return NULL;
}
