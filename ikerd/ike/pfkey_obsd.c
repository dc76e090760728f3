/*
 * The OpenBSD dialect of PF_KEY: flows instead of policies, identities
 * instead of reqids, a flag and a port for ESP in UDP.  Pure functions;
 * called through the variant by pfkey_msg.c.
 */
#include <stdio.h>
#include <string.h>

#include "ikerd/ike/pfkey.h"
#include "ikerd/ike/pfkey_obsd.h"

static void
put_address(struct pfkey_msg *m, const struct pfkey_variant *v, uint16_t type,
    const struct addr *a)
{
	size_t at = pfkey_open_ext(m, type);

	pfkey_u32(m, 0);
	pfkey_sockaddr(m, v, a);
	pfkey_close_ext(m, at);
}

/*
 * SAs have the addresses of their packets.  Flows of both directions have
 * ours as source and the peer's as destination.
 */
static void
emit_address(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	int src = type == EXT_ADDRESS_SRC;

	if (req->flow != NULL && req->action != ACTION_PROTECT)
		return; /* no gateways */
	if (req->flow != NULL)
		put_address(
		    m, v, type, src ? &req->flow->gateway : &req->flow->peer);
	else if (src && req->op == OP_MOVE_IN &&
	    req->new_addr.family != ADDR_NONE)
		put_address(m, v, type, &req->new_addr);
	else
		put_address(
		    m, v, type, src ? &req->sa->src.addr : &req->sa->dst.addr);
}

/* A live outbound SA's new destination. */
static void
emit_proxy(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	if (req->new_addr.family != ADDR_NONE)
		put_address(m, v, type, &req->new_addr);
}

static void
emit_sa(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	const struct esp_sa *sa = req->sa;

	if (req->op == OP_DELETE || req->op == OP_GET) {
		pfkey_put_sa(m, sa->spi, 0, 0, 0, 0);
		return;
	}
	pfkey_put_sa(m, sa->spi, v->replay, pfkey_auth_id(v->id, sa->auth),
	    pfkey_encrypt_id(v->id, sa->encrypt),
	    OBSD_SAFLAGS_TUNNEL | (sa->natt ? OBSD_SAFLAGS_UDPENCAP : 0));
}

static void
emit_lifetime(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	const struct esp_sa *sa = req->sa;

	if (type == EXT_LIFETIME_HARD &&
	    (sa->hard_s != 0 || sa->hard_bytes != 0))
		pfkey_put_lifetime(m, type, sa->hard_bytes, sa->hard_s);
	if (type == EXT_LIFETIME_SOFT &&
	    (sa->soft_s != 0 || sa->soft_bytes != 0))
		pfkey_put_lifetime(m, type, sa->soft_bytes, sa->soft_s);
}

static void
emit_key(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	const struct esp_sa *sa = req->sa;

	if (type == EXT_KEY_ENCRYPT && sa->encrypt == ESP_NULL)
		return; /* an empty one is EINVAL, where others want it */
	if (type == EXT_KEY_ENCRYPT)
		pfkey_put_key(m, type, sa->enc_key, sa->enc_len);
	else if (sa->auth != ESP_AUTH_NONE)
		pfkey_put_key(m, type, sa->auth_key, sa->auth_len);
}

static void
put_identity(
    struct pfkey_msg *m, uint16_t type, uint16_t idtype, const char *text)
{
	size_t at = pfkey_open_ext(m, type);

	pfkey_u16(m, idtype);
	pfkey_u16(m, 0);
	pfkey_u64(m, 0);
	pfkey_bytes(m, text, strlen(text) + 1);
	pfkey_close_ext(m, at);
}

/* The peer, by its inner network; us, by the reqid if there is one. */
static void
put_remote_id(struct pfkey_msg *m, uint16_t type, const struct network *inner)
{
	char text[ADDR_STRLEN];

	put_identity(m, type, OBSD_IDENT_PREFIX, network_text(inner, text));
}

static void
put_local_id(struct pfkey_msg *m, uint16_t type, uint32_t reqid,
    const struct addr *gateway)
{
	struct network n = { *gateway, addr_len(gateway) * 8 };
	char text[ADDR_STRLEN];

	if (reqid == 0) {
		put_remote_id(m, type, &n);
		return;
	}
	snprintf(text, sizeof(text), "%s%u", OBSD_IDENT_OURS, reqid);
	put_identity(m, type, OBSD_IDENT_FQDN, text);
}

/*
 * What ties a flow to its SAs, so that neighbours behind one NAT address
 * cannot use each other's.  Only UPDATE, which installs the inbound SA, has
 * them in the packet's order.
 */
static void
emit_identity(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	int src = type == EXT_IDENTITY_SRC;
	const struct esp_sa *sa = req->sa;

	if (req->flow != NULL) {
		if (req->reqid == 0 || req->action != ACTION_PROTECT)
			return;
		if (src)
			put_local_id(m, type, req->reqid, &req->flow->gateway);
		else
			put_remote_id(m, type,
			    req->flow->inner.addr.family != ADDR_NONE ?
				&req->flow->inner :
				&req->flow->remote);
		return;
	}
	if (sa->inner.addr.family == ADDR_NONE)
		return;
	if (src == (req->op == OP_UPDATE))
		put_remote_id(m, type, &sa->inner);
	else
		put_local_id(
		    m, type, sa->reqid, src ? &sa->src.addr : &sa->dst.addr);
}

/* The peer's port, whichever end it is. */
static void
emit_udpencap(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	int inbound = req->op == OP_UPDATE || req->op == OP_MOVE_IN;
	size_t at;

	if (!req->sa->natt)
		return;
	at = pfkey_open_ext(m, type);
	pfkey_be16(m, inbound ? req->sa->src.port : req->sa->dst.port);
	pfkey_close_ext(m, at);
}

static void
emit_spirange(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	pfkey_put_spirange(m, v->spi_min, v->spi_max);
}

static void
emit_flow_type(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	static const uint8_t types[] = { [ACTION_PROTECT] = OBSD_FLOW_REQUIRE,
		[ACTION_DENY] = OBSD_FLOW_DENY,
		[ACTION_BYPASS] = OBSD_FLOW_BYPASS };
	size_t at = pfkey_open_ext(m, type);

	pfkey_u8(m, types[req->action]);
	pfkey_u8(m, req->dir);
	pfkey_close_ext(m, at);
}

static void
emit_protocol(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	pfkey_close_ext(m, pfkey_open_ext(m, type)); /* any */
}

static struct addr
prefix_mask(uint8_t family, uint8_t prefix)
{
	struct addr a = { .family = family };
	unsigned int i;

	for (i = 0; i < prefix && i < 128; i++)
		a.b[i / 8] |= 0x80 >> i % 8;
	return a;
}

/* Selectors in the direction of the packet. */
static void
emit_flow_address(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	int src = type == OBSD_EXT_SRC_FLOW || type == OBSD_EXT_SRC_MASK;
	const struct network *n = (req->dir == DIR_OUT) == src ?
	    &req->flow->local :
	    &req->flow->remote;
	struct addr mask = prefix_mask(n->addr.family, n->prefix);

	if (type == OBSD_EXT_SRC_FLOW || type == OBSD_EXT_DST_FLOW)
		put_address(m, v, type, &n->addr);
	else
		put_address(m, v, type, &mask);
}

static const struct emitter {
	void (*emit)(struct pfkey_msg *, const struct pfkey_variant *,
	    const struct pfkey_req *, uint8_t);
} emitters[] = { [EXT_SA] = { emit_sa },
	[EXT_LIFETIME_HARD] = { emit_lifetime },
	[EXT_LIFETIME_SOFT] = { emit_lifetime },
	[EXT_ADDRESS_SRC] = { emit_address },
	[EXT_ADDRESS_DST] = { emit_address },
	[EXT_ADDRESS_PROXY] = { emit_proxy },
	[EXT_KEY_AUTH] = { emit_key },
	[EXT_KEY_ENCRYPT] = { emit_key },
	[EXT_IDENTITY_SRC] = { emit_identity },
	[EXT_IDENTITY_DST] = { emit_identity },
	[EXT_SPIRANGE] = { emit_spirange },
	[OBSD_EXT_SRC_MASK] = { emit_flow_address },
	[OBSD_EXT_DST_MASK] = { emit_flow_address },
	[OBSD_EXT_PROTOCOL] = { emit_protocol },
	[OBSD_EXT_FLOW_TYPE] = { emit_flow_type },
	[OBSD_EXT_SRC_FLOW] = { emit_flow_address },
	[OBSD_EXT_DST_FLOW] = { emit_flow_address },
	[OBSD_EXT_UDPENCAP] = { emit_udpencap } };

static void
obsd_emit(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	emitters[type].emit(m, v, req, type);
}

static int
take_flow_address(
    const struct pfkey_variant *v, const uint8_t *p, size_t len, struct addr *a)
{
	struct endpoint e;

	if (len < 24 || pfkey_get_sockaddr(v, p + 8, len - 8, &e) == 0)
		return -1;
	*a = e.addr;
	return 0;
}

static int
obsd_take(const struct pfkey_variant *v, uint8_t type, const uint8_t *p,
    size_t len, struct pfkey_info *i)
{
	switch (type) {
	case OBSD_EXT_FLOW_TYPE:
		i->policy_type = p[4];
		i->dir = p[5];
		return 0;
	case OBSD_EXT_PROTOCOL:
		i->proto = p[4];
		return 0;
	case OBSD_EXT_SRC_FLOW:
		return take_flow_address(v, p, len, &i->flow_src.addr);
	case OBSD_EXT_DST_FLOW:
		return take_flow_address(v, p, len, &i->flow_dst.addr);
	case OBSD_EXT_SRC_MASK:
		return take_flow_address(v, p, len, &i->mask_src);
	case OBSD_EXT_DST_MASK:
		return take_flow_address(v, p, len, &i->mask_dst);
	case OBSD_EXT_UDPENCAP:
		i->natt_type = 2;
		i->natt_dport = p[4] << 8 | p[5];
		return 0;
	case OBSD_EXT_COUNTER:
		if (len < 72)
			return -1;
		/* packets of one SA go one way: in, then out */
		i->packets = pfkey_get64(p + 8) + pfkey_get64(p + 16);
		return 0;
	}
	return 0;
}

static uint8_t
mask_prefix(const struct addr *mask)
{
	uint8_t n = 0;

	while (n < addr_len(mask) * 8 && (mask->b[n / 8] & 0x80 >> n % 8))
		n++;
	return n;
}

static int
obsd_finish(const struct pfkey_variant *v, struct pfkey_info *i)
{
	i->flow_src.prefix = mask_prefix(&i->mask_src);
	i->flow_dst.prefix = mask_prefix(&i->mask_dst);
	if (PFKEY_HAVE(i, OBSD_EXT_SRC_FLOW)) {
		i->tunnel_src = i->src.addr;
		i->tunnel_dst = i->dst.addr;
	}
	return 0;
}

#define ESP OBSD_SATYPE_ESP
#define ADDRS EXT_ADDRESS_SRC, EXT_ADDRESS_DST
#define IDS EXT_IDENTITY_SRC, EXT_IDENTITY_DST
#define SELECTORS                                                 \
	OBSD_EXT_FLOW_TYPE, OBSD_EXT_PROTOCOL, OBSD_EXT_SRC_FLOW, \
	    OBSD_EXT_SRC_MASK, OBSD_EXT_DST_FLOW, OBSD_EXT_DST_MASK

/* The order of the messages that OpenBSD's kernel was seen to accept. */
static const struct pfkey_form obsd_forms[OP_MAX] = {
	[OP_REGISTER] = { MSG_REGISTER, ESP, { 0 } },
	[OP_LIST] = { MSG_REGISTER, 0, { 0 } },
	[OP_GETSPI] = { MSG_GETSPI, ESP, { ADDRS, EXT_SPIRANGE } },
	[OP_UPDATE] = { MSG_UPDATE, ESP,
	    { EXT_SA, ADDRS, EXT_KEY_AUTH, EXT_KEY_ENCRYPT, EXT_LIFETIME_SOFT,
		EXT_LIFETIME_HARD, IDS, OBSD_EXT_UDPENCAP } },
	[OP_ADD] = { MSG_ADD, ESP,
	    { EXT_SA, ADDRS, EXT_KEY_AUTH, EXT_KEY_ENCRYPT, EXT_LIFETIME_SOFT,
		EXT_LIFETIME_HARD, IDS, OBSD_EXT_UDPENCAP } },
	[OP_MOVE_IN] = { MSG_UPDATE, ESP,
	    { EXT_SA, ADDRS, EXT_LIFETIME_SOFT, EXT_LIFETIME_HARD,
		OBSD_EXT_UDPENCAP } },
	[OP_MOVE_OUT] = { MSG_UPDATE, ESP,
	    { EXT_SA, ADDRS, EXT_ADDRESS_PROXY, EXT_LIFETIME_SOFT,
		EXT_LIFETIME_HARD, OBSD_EXT_UDPENCAP } },
	[OP_DELETE] = { MSG_DELETE, ESP, { EXT_SA, EXT_ADDRESS_DST } },
	[OP_GET] = { MSG_GET, ESP, { EXT_SA, EXT_ADDRESS_DST } },
	[OP_FLOW_ADD] = { OBSD_ADDFLOW, ESP, { ADDRS, IDS, SELECTORS } },
	[OP_FLOW_DELETE] = { OBSD_DELFLOW, ESP, { SELECTORS } },
	[OP_DUMP_SA] = { MSG_DUMP, ESP, { 0 } },
	[OP_DUMP_FLOW] = { OBSD_SPDDUMP, ESP, { 0 } }
};

const struct pfkey_variant pfkey_openbsd = { .id = KERNEL_OPENBSD,
	.name = "OpenBSD",
	.forms = obsd_forms,
	.emit = obsd_emit,
	.take = obsd_take,
	.finish = obsd_finish,
	.esp = OBSD_SATYPE_ESP,
	.replay = 64,
	.sa_len = 1,
	.af_inet6 = 24,
	.move_port = 1,
	.move_addr = 1,
	.spd_gone = 3, /* ESRCH */
	.dump_sysctl = 1,
	.own_reqid = 1,
	.spi_min = 0x100,
	.spi_max = 0xffffffff };
