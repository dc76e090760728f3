/*
 * The KAME dialect of PF_KEY: FreeBSD, NetBSD and Linux's af_key.  What
 * differs between the three is in their rows of struct pfkey_variant and
 * their tables of forms at the end of this file, nowhere else.  Pure
 * functions; called through the variant by pfkey_msg.c.
 */
#include <string.h>

#include "ikerd/ike/pfkey.h"
#include "ikerd/ike/pfkey_kame.h"

static void
put_address(struct pfkey_msg *m, const struct pfkey_variant *v, uint16_t type,
    const struct addr *a, uint8_t prefix)
{
	size_t at = pfkey_open_ext(m, type);

	pfkey_u8(m, KAME_PROTO_ANY);
	pfkey_u8(m, prefix);
	pfkey_u16(m, 0);
	pfkey_sockaddr(m, v, a);
	pfkey_close_ext(m, at);
}

/* SA messages carry outer addresses, policies the inner networks. */
static void
emit_address(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	const struct network *n;
	const struct addr *a;
	int src = type == EXT_ADDRESS_SRC;

	if (req->flow != NULL) {
		n = (req->dir == DIR_OUT) == src ? &req->flow->local :
						   &req->flow->remote;
		put_address(m, v, type, &n->addr, n->prefix);
	} else {
		a = src ? &req->sa->src.addr : &req->sa->dst.addr;
		put_address(m, v, type, a, addr_len(a) * 8);
	}
}

/* FreeBSD: where a live SA's packets now come from or go to. */
static void
emit_new_address(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	const struct addr *a;

	if (req->new_addr.family == ADDR_NONE)
		return;
	if (type == KAME_EXT_NEW_ADDRESS_SRC)
		a = req->op == OP_MOVE_IN ? &req->new_addr : &req->sa->src.addr;
	else
		a = req->op == OP_MOVE_OUT ? &req->new_addr :
					     &req->sa->dst.addr;
	put_address(m, v, type, a, addr_len(a) * 8);
}

static void
emit_sa(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	const struct esp_sa *sa = req->sa;

	if (req->op == OP_DELETE || req->op == OP_GET)
		pfkey_put_sa(m, sa->spi, 0, 0, 0, 0);
	else
		pfkey_put_sa(m, sa->spi, v->replay,
		    pfkey_auth_id(v->id, sa->auth),
		    pfkey_encrypt_id(v->id, sa->encrypt), 0);
}

static void
emit_sa2(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	size_t at = pfkey_open_ext(m, type);

	pfkey_u8(m, KAME_MODE_TUNNEL);
	pfkey_u8(m, 0);
	pfkey_u16(m, 0);
	pfkey_u32(m, 0);
	pfkey_u32(m, req->sa->reqid);
	pfkey_close_ext(m, at);
}

/* All three want both lifetimes or neither. */
static void
emit_lifetime(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	const struct esp_sa *sa = req->sa;

	if (sa->hard_s == 0 && sa->soft_s == 0 && sa->hard_bytes == 0 &&
	    sa->soft_bytes == 0)
		return;
	if (type == EXT_LIFETIME_HARD)
		pfkey_put_lifetime(m, type, sa->hard_bytes, sa->hard_s);
	else
		pfkey_put_lifetime(m, type, sa->soft_bytes, sa->soft_s);
}

static void
emit_key(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	const struct esp_sa *sa = req->sa;

	if (type == EXT_KEY_ENCRYPT)
		pfkey_put_key(m, type, sa->enc_key, sa->enc_len);
	else if (sa->auth != ESP_AUTH_NONE)
		pfkey_put_key(m, type, sa->auth_key, sa->auth_len);
}

/* All three or none: with one missing FreeBSD silently ignores the rest. */
static void
emit_natt(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	size_t at;

	if (!req->sa->natt)
		return;
	at = pfkey_open_ext(m, type);
	if (type == KAME_EXT_NAT_T_TYPE)
		pfkey_u8(m, KAME_ENCAP_ESPINUDP);
	else if (type == KAME_EXT_NAT_T_SPORT)
		pfkey_be16(m, req->sa->src.port);
	else
		pfkey_be16(m, req->sa->dst.port);
	pfkey_close_ext(m, at);
}

static void
emit_spirange(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	pfkey_put_spirange(m, v->spi_min, v->spi_max);
}

/* struct sadb_x_ipsecrequest: its length is in bytes, its reqid 16 or 32. */
static void
put_ipsecrequest(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req)
{
	const struct esp_flow *f = req->flow;
	int out = req->dir == DIR_OUT;
	size_t addr = f->peer.family == ADDR_IP6 ? 28 : 16;

	pfkey_u16(m, v->request_len + 2 * addr);
	pfkey_u16(m, 50); /* ESP */
	pfkey_u8(m, KAME_MODE_TUNNEL);
	pfkey_u8(m, req->level);
	if (v->request_len == 8)
		pfkey_u16(m, req->reqid);
	else {
		pfkey_u16(m, 0);
		pfkey_u32(m, req->reqid);
		pfkey_u32(m, 0);
	}
	pfkey_sockaddr(m, v, out ? &f->gateway : &f->peer);
	pfkey_sockaddr(m, v, out ? &f->peer : &f->gateway);
}

static void
emit_policy(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	static const uint8_t types[] = { [ACTION_PROTECT] = KAME_POLICY_IPSEC,
		[ACTION_DENY] = KAME_POLICY_DISCARD,
		[ACTION_BYPASS] = KAME_POLICY_NONE };
	size_t at = pfkey_open_ext(m, type);

	pfkey_u16(m, types[req->action]);
	pfkey_u8(m, req->dir);
	pfkey_u8(m, 0);
	pfkey_u32(m, 0); /* id: the kernel's */
	pfkey_u32(m, req->flow->priority);
	if (req->op == OP_FLOW_ADD && req->action == ACTION_PROTECT)
		put_ipsecrequest(m, v, req);
	pfkey_close_ext(m, at);
}

static const struct emitter {
	void (*emit)(struct pfkey_msg *, const struct pfkey_variant *,
	    const struct pfkey_req *, uint8_t);
} emitters[] = { [EXT_SA] = { emit_sa },
	[EXT_LIFETIME_HARD] = { emit_lifetime },
	[EXT_LIFETIME_SOFT] = { emit_lifetime },
	[EXT_ADDRESS_SRC] = { emit_address },
	[EXT_ADDRESS_DST] = { emit_address },
	[EXT_KEY_AUTH] = { emit_key },
	[EXT_KEY_ENCRYPT] = { emit_key },
	[EXT_SPIRANGE] = { emit_spirange },
	[KAME_EXT_POLICY] = { emit_policy },
	[KAME_EXT_SA2] = { emit_sa2 },
	[KAME_EXT_NAT_T_TYPE] = { emit_natt },
	[KAME_EXT_NAT_T_SPORT] = { emit_natt },
	[KAME_EXT_NAT_T_DPORT] = { emit_natt },
	[KAME_EXT_NEW_ADDRESS_SRC] = { emit_new_address },
	[KAME_EXT_NEW_ADDRESS_DST] = { emit_new_address } };

static void
kame_emit(struct pfkey_msg *m, const struct pfkey_variant *v,
    const struct pfkey_req *req, uint8_t type)
{
	emitters[type].emit(m, v, req, type);
}

/* The first request of a policy; what follows it is not ours. */
static int
take_ipsecrequest(const struct pfkey_variant *v, const uint8_t *p, size_t len,
    struct pfkey_info *i)
{
	struct endpoint e;
	size_t n, size;

	if (len < v->request_len)
		return -1;
	size = pfkey_get16(p);
	if (size < v->request_len || size > len)
		return -1;
	i->level = p[5];
	i->reqid = v->request_len == 8 ? pfkey_get16(p + 6) :
					 pfkey_get32(p + 8);
	p += v->request_len;
	size -= v->request_len;
	if (size == 0)
		return 0; /* transport mode */
	if ((n = pfkey_get_sockaddr(v, p, size, &e)) == 0)
		return -1;
	i->tunnel_src = e.addr;
	if (pfkey_get_sockaddr(v, p + n, size - n, &e) == 0)
		return -1;
	i->tunnel_dst = e.addr;
	return 0;
}

static int
take_policy(const struct pfkey_variant *v, const uint8_t *p, size_t len,
    struct pfkey_info *i)
{
	if (len < 16)
		return -1;
	i->policy_type = pfkey_get16(p + 4);
	i->dir = p[6];
	i->policy_id = pfkey_get32(p + 8);
	i->priority = pfkey_get32(p + 12);
	return len == 16 ? 0 : take_ipsecrequest(v, p + 16, len - 16, i);
}

static int
kame_take(const struct pfkey_variant *v, uint8_t type, const uint8_t *p,
    size_t len, struct pfkey_info *i)
{
	switch (type) {
	case KAME_EXT_POLICY:
		return take_policy(v, p, len, i);
	case KAME_EXT_SA2:
		if (len < 16)
			return -1;
		i->reqid = pfkey_get32(p + 12);
		return 0;
	case KAME_EXT_NAT_T_TYPE:
		i->natt_type = p[4];
		return 0;
	case KAME_EXT_NAT_T_SPORT:
		i->natt_sport = p[4] << 8 | p[5];
		return 0;
	case KAME_EXT_NAT_T_DPORT:
		i->natt_dport = p[4] << 8 | p[5];
		return 0;
	}
	return 0;
}

static int
kame_finish(const struct pfkey_variant *v, struct pfkey_info *i)
{
	if (i->src_prefix > 128 || i->dst_prefix > 128)
		return -1;
	i->packets = i->current.allocations;
	if (!PFKEY_HAVE(i, KAME_EXT_POLICY))
		return 0;
	i->flow_src.addr = i->src.addr;
	i->flow_src.prefix = i->src_prefix;
	i->flow_dst.addr = i->dst.addr;
	i->flow_dst.prefix = i->dst_prefix;
	return 0;
}

#define NATT KAME_EXT_NAT_T_TYPE, KAME_EXT_NAT_T_SPORT, KAME_EXT_NAT_T_DPORT
#define ADDRS EXT_ADDRESS_SRC, EXT_ADDRESS_DST
#define ESP KAME_SATYPE_ESP

/* FreeBSD: the order of the messages that its kernel was seen to accept. */
static const struct pfkey_form freebsd_forms[OP_MAX] = {
	[OP_REGISTER] = { MSG_REGISTER, ESP, { 0 } },
	[OP_LIST] = { MSG_REGISTER, 0, { 0 } },
	[OP_GETSPI] = { MSG_GETSPI, ESP,
	    { KAME_EXT_SA2, ADDRS, EXT_SPIRANGE } },
	[OP_UPDATE] = { MSG_UPDATE, ESP,
	    { EXT_SA, KAME_EXT_SA2, EXT_LIFETIME_HARD, EXT_LIFETIME_SOFT, ADDRS,
		EXT_KEY_AUTH, EXT_KEY_ENCRYPT, NATT } },
	[OP_ADD] = { MSG_ADD, ESP,
	    { EXT_SA, KAME_EXT_SA2, EXT_LIFETIME_HARD, EXT_LIFETIME_SOFT, ADDRS,
		EXT_KEY_AUTH, EXT_KEY_ENCRYPT, NATT } },
	[OP_MOVE_IN] = { MSG_UPDATE, ESP,
	    { EXT_SA, KAME_EXT_SA2, EXT_LIFETIME_HARD, EXT_LIFETIME_SOFT, ADDRS,
		NATT, KAME_EXT_NEW_ADDRESS_SRC, KAME_EXT_NEW_ADDRESS_DST } },
	[OP_MOVE_OUT] = { MSG_UPDATE, ESP,
	    { EXT_SA, KAME_EXT_SA2, EXT_LIFETIME_HARD, EXT_LIFETIME_SOFT, ADDRS,
		NATT, KAME_EXT_NEW_ADDRESS_SRC, KAME_EXT_NEW_ADDRESS_DST } },
	[OP_DELETE] = { MSG_DELETE, ESP, { EXT_SA, ADDRS } },
	[OP_GET] = { MSG_GET, ESP, { EXT_SA, ADDRS } },
	[OP_FLOW_ADD] = { KAME_SPDUPDATE, 0, { KAME_EXT_POLICY, ADDRS } },
	[OP_FLOW_DELETE] = { KAME_SPDDELETE, 0, { KAME_EXT_POLICY, ADDRS } },
	[OP_DUMP_SA] = { MSG_DUMP, ESP, { 0 } },
	[OP_DUMP_FLOW] = { KAME_SPDDUMP, 0, { 0 } }
};

/* Linux, NetBSD: a live SA is updated by the whole message, or not at all. */
static const struct pfkey_form kame_forms[OP_MAX] = {
	[OP_REGISTER] = { MSG_REGISTER, ESP, { 0 } },
	[OP_LIST] = { MSG_REGISTER, 0, { 0 } },
	[OP_GETSPI] = { MSG_GETSPI, ESP,
	    { KAME_EXT_SA2, ADDRS, EXT_SPIRANGE } },
	[OP_UPDATE] = { MSG_UPDATE, ESP,
	    { EXT_SA, KAME_EXT_SA2, ADDRS, EXT_LIFETIME_SOFT, EXT_LIFETIME_HARD,
		NATT, EXT_KEY_ENCRYPT, EXT_KEY_AUTH } },
	[OP_ADD] = { MSG_ADD, ESP,
	    { EXT_SA, KAME_EXT_SA2, ADDRS, EXT_LIFETIME_SOFT, EXT_LIFETIME_HARD,
		NATT, EXT_KEY_ENCRYPT, EXT_KEY_AUTH } },
	[OP_MOVE_IN] = { MSG_UPDATE, ESP,
	    { EXT_SA, KAME_EXT_SA2, ADDRS, EXT_LIFETIME_SOFT, EXT_LIFETIME_HARD,
		NATT, EXT_KEY_ENCRYPT, EXT_KEY_AUTH } },
	[OP_MOVE_OUT] = { MSG_UPDATE, ESP,
	    { EXT_SA, KAME_EXT_SA2, ADDRS, EXT_LIFETIME_SOFT, EXT_LIFETIME_HARD,
		NATT, EXT_KEY_ENCRYPT, EXT_KEY_AUTH } },
	[OP_DELETE] = { MSG_DELETE, ESP, { EXT_SA, ADDRS } },
	[OP_GET] = { MSG_GET, ESP, { EXT_SA, ADDRS } },
	[OP_FLOW_ADD] = { KAME_SPDUPDATE, 0, { ADDRS, KAME_EXT_POLICY } },
	[OP_FLOW_DELETE] = { KAME_SPDDELETE, 0, { ADDRS, KAME_EXT_POLICY } },
	[OP_DUMP_SA] = { MSG_DUMP, ESP, { 0 } },
	[OP_DUMP_FLOW] = { KAME_SPDDUMP, 0, { 0 } }
};

const struct pfkey_variant pfkey_freebsd = { .id = KERNEL_FREEBSD,
	.name = "FreeBSD",
	.forms = freebsd_forms,
	.emit = kame_emit,
	.take = kame_take,
	.finish = kame_finish,
	.esp = KAME_SATYPE_ESP,
	.replay = 8, /* bytes of bitmap: 64 packets */
	.sa_len = 1,
	.af_inet6 = 28,
	.request_len = 8,
	.dump_counts_down = 1,
	.move_port = 1,
	.move_addr = 1,
	.spd_gone = 22, /* EINVAL */
	.spi_min = 0x1000,
	.spi_max = 0xffffffff };

const struct pfkey_variant pfkey_netbsd = { .id = KERNEL_NETBSD,
	.name = "NetBSD",
	.forms = kame_forms,
	.emit = kame_emit,
	.take = kame_take,
	.finish = kame_finish,
	.esp = KAME_SATYPE_ESP,
	.replay = 8,
	.sa_len = 1,
	.af_inet6 = 24,
	.request_len = 8,
	.dump_counts_down = 1,
	.spd_gone = 22,
	.spi_min = 0x100,
	.spi_max = 0x0fffffff };

const struct pfkey_variant pfkey_linux = { .id = KERNEL_LINUX,
	.name = "Linux",
	.forms = kame_forms,
	.emit = kame_emit,
	.take = kame_take,
	.finish = kame_finish,
	.esp = KAME_SATYPE_ESP,
	.replay = 32, /* packets, the most of the legacy bitmap */
	.af_inet6 = 10,
	.request_len = 16,
	.fwd = 1,
	.move_keys = 1,
	.move_port = 1,
	.spd_gone = 2, /* ENOENT */
	.new_mapping = KAME_NEW_MAPPING,
	.spi_min = 0x100,
	.spi_max = 0x0fffffff };
