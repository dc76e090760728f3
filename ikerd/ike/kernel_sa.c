/*
 * Security associations: reserve, install, read, move, delete.  A lost reply
 * is answered by looking at the SA.  Called by ike's Quick Mode and sessions.
 */
#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "ikerd/ike/kernel_conn.h"

static int
get(struct kernel *k, const struct esp_sa *sa, struct pfkey_info *info)
{
	struct pfkey_req req = { .op = OP_GET, .sa = sa };
	int r;

	/* reading twice does no harm */
	if ((r = kernel_request(k, &req, "read SA", info)) == -1 &&
	    errno == ETIMEDOUT)
		r = kernel_request(k, &req, "read SA", info);
	return r;
}

/* After a lost reply: is the SA there as it should be? */
static int
installed(struct kernel *k, const struct esp_sa *sa)
{
	struct pfkey_info info;
	int r = get(k, sa, &info);

	kernel_forget(k);
	return r == 0 && info.state == SASTATE_MATURE &&
	    addr_equal(&info.src.addr, &sa->src.addr) &&
	    addr_equal(&info.dst.addr, &sa->dst.addr) &&
	    (k->v->own_reqid || info.reqid == sa->reqid);
}

static int
install(struct kernel *k, const struct esp_sa *sa, enum pfkey_op op,
    const char *what)
{
	struct pfkey_req req = { .op = op, .sa = sa };
	const char *wrong = kernel_sa_wrong(k->v->id, sa);
	struct pfkey_info info;
	int tries;

	if (wrong != NULL)
		return kernel_fail(k, EINVAL, "%s: %s", what, wrong);
	for (tries = 0; tries < 2; tries++) {
		if (kernel_request(k, &req, what, &info) == 0)
			return 0;
		if (errno != ETIMEDOUT)
			return -1;
		if (installed(k, sa))
			return 0;
	}
	return kernel_fail(k, ETIMEDOUT, "%s: no reply", what);
}

int
kernel_spi_get(struct kernel *k, const struct esp_sa *sa, uint32_t *spi)
{
	struct pfkey_req req = { .op = OP_GETSPI, .sa = sa };
	struct pfkey_info info;
	int r;

	/* an SPI whose reply was lost goes away by itself */
	if ((r = kernel_request(k, &req, "reserve SPI", &info)) == -1 &&
	    errno == ETIMEDOUT)
		r = kernel_request(k, &req, "reserve SPI", &info);
	if (r == -1)
		return -1;
	if (info.spi < 256)
		return kernel_fail(k, EBADMSG, "reserve SPI");
	*spi = info.spi;
	return 0;
}

int
kernel_sa_update(struct kernel *k, const struct esp_sa *sa)
{
	return install(k, sa, OP_UPDATE, "install inbound SA");
}

int
kernel_sa_add(struct kernel *k, const struct esp_sa *sa)
{
	return install(k, sa, OP_ADD, "install outbound SA");
}

int
kernel_sa_delete(struct kernel *k, const struct esp_sa *sa)
{
	struct pfkey_req req = { .op = OP_DELETE, .sa = sa };
	struct pfkey_info info;
	int tries;

	for (tries = 0; tries < 2; tries++) {
		if (kernel_request(k, &req, "delete SA", &info) == 0 ||
		    errno == ESRCH)
			return 0;
		if (errno != ETIMEDOUT)
			return -1;
	}
	return -1;
}

int
kernel_sa_get(struct kernel *k, const struct esp_sa *sa, struct esp_counters *c)
{
	struct pfkey_info info;

	memset(c, 0, sizeof(*c));
	if (get(k, sa, &info) == -1)
		return -1;
	kernel_forget(k);
	c->bytes = info.current.bytes;
	c->packets = info.packets;
	c->added = info.current.addtime;
	c->used = info.current.usetime;
	return 0;
}

/* --- moving --- */

/* The SA as the kernel has it; the keys are in k->in. */
static int
recall(struct kernel *k, const struct esp_sa *sa, struct esp_sa *now,
    struct pfkey_info *info)
{
	if (get(k, sa, info) == -1)
		return -1;
	*now = *sa;
	now->encrypt = pfkey_encrypt_ike(k->v->id, info->encrypt);
	now->auth = pfkey_auth_ike(k->v->id, info->auth);
	now->trunc96 = k->v->id == KERNEL_LINUX &&
	    now->auth == ESP_AUTH_HMAC_SHA2_256;
	now->enc_key = info->key_encrypt.p;
	now->enc_len = info->key_encrypt.len;
	now->auth_key = info->key_auth.p;
	now->auth_len = info->key_auth.len;
	now->soft_s = info->soft.addtime;
	now->hard_s = info->hard.addtime;
	now->soft_bytes = info->soft.bytes;
	now->hard_bytes = info->hard.bytes;
	return 0;
}

/*
 * k->in holds the keys while the request is built; kernel_request() reads
 * the reply over them only after it was sent.
 */
static int
move_live(struct kernel *k, const struct esp_sa *sa, enum pfkey_op op,
    const struct endpoint *peer)
{
	const struct endpoint *old = op == OP_MOVE_IN ? &sa->src : &sa->dst;
	struct pfkey_req req = { .op = op };
	struct pfkey_info info;
	struct esp_sa now;
	int r;

	if (recall(k, sa, &now, &info) == -1)
		return -1;
	if (op == OP_MOVE_IN)
		now.src.port = peer->port;
	else
		now.dst.port = peer->port;
	req.sa = &now;
	if (!addr_equal(&old->addr, &peer->addr))
		req.new_addr = peer->addr;
	r = kernel_request(k, &req, "move SA", &info);
	kernel_forget(k);
	return r;
}

/* Where a live SA cannot change: take it out, put it back elsewhere. */
static int
move_anew(struct kernel *k, const struct esp_sa *sa, enum pfkey_op op,
    const struct endpoint *peer)
{
	uint8_t keys[128];
	struct pfkey_info info;
	struct esp_sa now;
	int r = -1;

	if (recall(k, sa, &now, &info) == -1)
		return -1;
	if (now.enc_len + now.auth_len > sizeof(keys)) {
		kernel_forget(k);
		return kernel_fail(k, EMSGSIZE, "move SA");
	}
	memcpy(keys, now.enc_key, now.enc_len);
	if (now.auth_len != 0)
		memcpy(keys + now.enc_len, now.auth_key, now.auth_len);
	kernel_forget(k);
	now.enc_key = keys;
	now.auth_key = keys + now.enc_len;
	if (kernel_sa_delete(k, sa) == 0) {
		*(op == OP_MOVE_IN ? &now.src : &now.dst) = *peer;
		r = install(k, &now, OP_ADD, "move SA");
	}
	sodium_memzero(keys, sizeof(keys));
	return r;
}

int
kernel_sa_move(struct kernel *k, struct esp_sa *in, struct esp_sa *out,
    const struct endpoint *peer)
{
	int port_only = addr_equal(&in->src.addr, &peer->addr);
	int live = port_only ? k->v->move_port : k->v->move_addr;
	int (*move)(struct kernel *, const struct esp_sa *, enum pfkey_op,
	    const struct endpoint *) = live ? move_live : move_anew;

	/* each as soon as it is true: a failed half can still be deleted */
	if (move(k, in, OP_MOVE_IN, peer) == -1)
		return -1;
	in->src = *peer;
	if (move(k, out, OP_MOVE_OUT, peer) == -1)
		return -1;
	out->dst = *peer;
	return live ? 0 : 1;
}
