/*
 * The played kernel: see fakekey.h.  Requests are taken apart by the suite's
 * own reader, answers have the extensions and the order of Linux's af_key.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ikerd/ike/pfkey.h"
#include "ikerd/ike/pfkey_kame.h"
#include "regress/bench/fakekey.h"

#define KEY_MAX 64

struct sa {
	struct sa *next;
	struct endpoint src; /* ports: of the UDP around it */
	struct endpoint dst;
	struct pfkey_life hard;
	struct pfkey_life soft;
	uint64_t bytes;
	uint64_t added;
	uint64_t used;
	uint32_t packets;
	uint32_t spi;
	uint32_t reqid;
	uint8_t larval;
	uint8_t natt;
	uint8_t auth;
	uint8_t encrypt;
	uint8_t auth_len;
	uint8_t enc_len;
	uint8_t auth_key[KEY_MAX];
	uint8_t enc_key[KEY_MAX];
};

struct policy {
	struct policy *next;
	struct network src;
	struct network dst;
	struct addr tunnel_src;
	struct addr tunnel_dst;
	uint32_t id;
	uint32_t priority;
	uint32_t reqid;
	uint8_t dir;
	uint8_t type;
	uint8_t level;
};

struct fakekey {
	struct fakekey_counts *c;
	struct sa **sas;
	size_t nsas; /* buckets, a power of 2 */
	struct policy **policies;
	size_t npolicies;
	uint64_t sas_held;
	uint64_t policies_held;
	uint32_t spi_next;
	uint32_t reqid_next;
	uint32_t policy_next;
	int registered;
	int keys_fd; /* -1: keys are shown to nobody */
};

/* What is being answered. */
struct turn {
	struct fakekey *fk;
	const struct pfkey_info *i;
	fakekey_reply *reply;
	void *arg;
	struct pfkey_msg m;
};

static uint32_t
hash(const void *p, size_t len, uint32_t h)
{
	const uint8_t *b = p;

	while (len-- > 0)
		h = (h ^ *b++) * 16777619;
	return h ^ h >> 15;
}

static uint32_t
policy_hash(const struct network *src, const struct network *dst, uint8_t dir)
{
	uint32_t h = hash(&dir, 1, 2166136261U);

	h = hash(src->addr.b, sizeof(src->addr.b), h);
	return hash(dst->addr.b, sizeof(dst->addr.b), h);
}

static struct sa **
sa_bucket(struct fakekey *fk, uint32_t spi)
{
	return &fk->sas[hash(&spi, sizeof(spi), 2166136261U) & (fk->nsas - 1)];
}

static struct sa *
sa_find(struct fakekey *fk, uint32_t spi, const struct addr *dst)
{
	struct sa *s;

	for (s = *sa_bucket(fk, spi); s != NULL; s = s->next)
		if (s->spi == spi &&
		    (dst == NULL || addr_equal(&s->dst.addr, dst)))
			return s;
	return NULL;
}

/* Twice the buckets when there is one SA for each. */
static void
sa_grow(struct fakekey *fk)
{
	struct sa **old = fk->sas, **to, *s;
	size_t i, n = fk->nsas;

	if (fk->sas_held < n ||
	    (fk->sas = calloc(2 * n, sizeof(*old))) == NULL) {
		fk->sas = old;
		return;
	}
	fk->nsas = 2 * n;
	for (i = 0; i < n; i++)
		while ((s = old[i]) != NULL) {
			old[i] = s->next;
			to = sa_bucket(fk, s->spi);
			s->next = *to;
			*to = s;
		}
	free(old);
}

static struct sa *
sa_insert(struct fakekey *fk, uint32_t spi)
{
	struct sa *s = calloc(1, sizeof(*s)), **to;

	if (s == NULL)
		return NULL;
	sa_grow(fk);
	s->spi = spi;
	s->larval = 1;
	to = sa_bucket(fk, spi);
	s->next = *to;
	*to = s;
	fk->sas_held++;
	fk->c->larvals++;
	return s;
}

static void
sa_remove(struct fakekey *fk, struct sa *s)
{
	struct sa **p = sa_bucket(fk, s->spi);

	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	fk->sas_held--;
	if (s->larval)
		fk->c->larvals--;
	else
		fk->c->sas--;
	free(s);
}

static struct policy **
policy_bucket(struct fakekey *fk, const struct network *src,
    const struct network *dst, uint8_t dir)
{
	return &fk->policies[policy_hash(src, dst, dir) & (fk->npolicies - 1)];
}

static int
network_same(const struct network *a, const struct network *b)
{
	return a->prefix == b->prefix && addr_equal(&a->addr, &b->addr);
}

static struct policy *
policy_find(struct fakekey *fk, const struct pfkey_info *i)
{
	struct policy *p;

	p = *policy_bucket(fk, &i->flow_src, &i->flow_dst, i->dir);
	for (; p != NULL; p = p->next)
		if (p->dir == i->dir && network_same(&p->src, &i->flow_src) &&
		    network_same(&p->dst, &i->flow_dst))
			return p;
	return NULL;
}

static void
policy_grow(struct fakekey *fk)
{
	struct policy **old = fk->policies, **to, *p;
	size_t i, n = fk->npolicies;

	if (fk->policies_held < n ||
	    (fk->policies = calloc(2 * n, sizeof(*old))) == NULL) {
		fk->policies = old;
		return;
	}
	fk->npolicies = 2 * n;
	for (i = 0; i < n; i++)
		while ((p = old[i]) != NULL) {
			old[i] = p->next;
			to = policy_bucket(fk, &p->src, &p->dst, p->dir);
			p->next = *to;
			*to = p;
		}
	free(old);
}

struct fakekey *
fakekey_new(struct fakekey_counts *c)
{
	struct fakekey *fk = calloc(1, sizeof(*fk));

	if (fk == NULL)
		return NULL;
	fk->c = c;
	fk->keys_fd = -1;
	fk->nsas = fk->npolicies = 1024;
	fk->sas = calloc(fk->nsas, sizeof(*fk->sas));
	fk->policies = calloc(fk->npolicies, sizeof(*fk->policies));
	fk->spi_next = 0xc0000000;
	fk->reqid_next = KAME_REQID_MANUAL_MAX;
	if (fk->sas == NULL || fk->policies == NULL) {
		fakekey_free(fk);
		return NULL;
	}
	return fk;
}

void
fakekey_free(struct fakekey *fk)
{
	struct policy *p;
	struct sa *s;
	size_t i;

	if (fk == NULL)
		return;
	for (i = 0; fk->sas != NULL && i < fk->nsas; i++)
		while ((s = fk->sas[i]) != NULL) {
			fk->sas[i] = s->next;
			free(s);
		}
	for (i = 0; fk->policies != NULL && i < fk->npolicies; i++)
		while ((p = fk->policies[i]) != NULL) {
			fk->policies[i] = p->next;
			free(p);
		}
	free(fk->sas);
	free(fk->policies);
	free(fk);
}

/* --- answers --- */

static void
put_address(struct pfkey_msg *m, uint16_t type, uint8_t proto,
    const struct addr *a, uint8_t prefix)
{
	size_t at = pfkey_open_ext(m, type);

	pfkey_u8(m, proto);
	pfkey_u8(m, prefix);
	pfkey_u16(m, 0);
	pfkey_sockaddr(m, &pfkey_linux, a);
	pfkey_close_ext(m, at);
}

static void
put_port(struct pfkey_msg *m, uint16_t type, uint16_t port)
{
	size_t at = pfkey_open_ext(m, type);

	pfkey_be16(m, port);
	pfkey_close_ext(m, at);
}

static void
put_sa(struct pfkey_msg *m, const struct sa *s)
{
	size_t at = pfkey_open_ext(m, EXT_SA);

	pfkey_be32(m, s->spi);
	pfkey_u8(m, s->larval ? 0 : 32);
	pfkey_u8(m, s->larval ? SASTATE_LARVAL : SASTATE_MATURE);
	pfkey_u8(m, s->auth);
	pfkey_u8(m, s->encrypt);
	pfkey_u32(m, 0);
	pfkey_close_ext(m, at);
}

static void
put_current(struct pfkey_msg *m, const struct sa *s)
{
	size_t at = pfkey_open_ext(m, EXT_LIFETIME_CURRENT);

	pfkey_u32(m, s->packets);
	pfkey_u64(m, s->bytes);
	pfkey_u64(m, s->added);
	pfkey_u64(m, s->used);
	pfkey_close_ext(m, at);
}

/* In the order of af_key's pfkey_xfrm_state2msg(). */
static void
put_state(struct pfkey_msg *m, const struct sa *s)
{
	size_t at;

	put_sa(m, s);
	pfkey_put_lifetime(
	    m, EXT_LIFETIME_HARD, s->hard.bytes, s->hard.addtime);
	pfkey_put_lifetime(
	    m, EXT_LIFETIME_SOFT, s->soft.bytes, s->soft.addtime);
	put_current(m, s);
	put_address(
	    m, EXT_ADDRESS_SRC, 0, &s->src.addr, addr_len(&s->src.addr) * 8);
	put_address(
	    m, EXT_ADDRESS_DST, 0, &s->dst.addr, addr_len(&s->dst.addr) * 8);
	if (s->auth_len != 0)
		pfkey_put_key(m, EXT_KEY_AUTH, s->auth_key, s->auth_len);
	if (s->enc_len != 0)
		pfkey_put_key(m, EXT_KEY_ENCRYPT, s->enc_key, s->enc_len);
	at = pfkey_open_ext(m, KAME_EXT_SA2);
	pfkey_u8(m, KAME_MODE_TUNNEL);
	pfkey_u8(m, 0);
	pfkey_u16(m, 0);
	pfkey_u32(m, 0);
	pfkey_u32(m, s->reqid);
	pfkey_close_ext(m, at);
	if (!s->natt)
		return;
	at = pfkey_open_ext(m, KAME_EXT_NAT_T_TYPE);
	pfkey_u8(m, KAME_ENCAP_ESPINUDP);
	pfkey_close_ext(m, at);
	put_port(m, KAME_EXT_NAT_T_SPORT, s->src.port);
	put_port(m, KAME_EXT_NAT_T_DPORT, s->dst.port);
}

static void
put_policy(struct pfkey_msg *m, const struct policy *p)
{
	size_t at;

	put_address(
	    m, EXT_ADDRESS_SRC, KAME_PROTO_ANY, &p->src.addr, p->src.prefix);
	put_address(
	    m, EXT_ADDRESS_DST, KAME_PROTO_ANY, &p->dst.addr, p->dst.prefix);
	pfkey_put_lifetime(m, EXT_LIFETIME_HARD, 0, 0);
	pfkey_put_lifetime(m, EXT_LIFETIME_SOFT, 0, 0);
	pfkey_put_lifetime(m, EXT_LIFETIME_CURRENT, 0, 0);
	at = pfkey_open_ext(m, KAME_EXT_POLICY);
	pfkey_u16(m, p->type);
	pfkey_u8(m, p->dir);
	pfkey_u8(m, 0);
	pfkey_u32(m, p->id);
	pfkey_u32(m, p->priority);
	if (p->tunnel_src.family != ADDR_NONE) {
		pfkey_u16(m, p->tunnel_src.family == ADDR_IP6 ? 72 : 48);
		pfkey_u16(m, 50);
		pfkey_u8(m, KAME_MODE_TUNNEL);
		pfkey_u8(m, p->level);
		pfkey_u16(m, 0);
		pfkey_u32(m, p->reqid);
		pfkey_u32(m, 0);
		pfkey_sockaddr(m, &pfkey_linux, &p->tunnel_src);
		pfkey_sockaddr(m, &pfkey_linux, &p->tunnel_dst);
	}
	pfkey_close_ext(m, at);
}

static void
begin(struct turn *t)
{
	pfkey_begin(&t->m, t->i->head.type, t->i->head.satype, t->i->head.seq,
	    t->i->head.pid);
}

static void
finish(struct turn *t)
{
	size_t len = pfkey_end(&t->m);

	if (len != 0)
		t->reply(t->arg, t->m.buf, len);
}

/* The header alone, with what is wrong. */
static void
refuse(struct turn *t, int error)
{
	begin(t);
	t->m.buf[2] = error;
	t->fk->c->errors++;
	finish(t);
}

/* --- requests --- */

static void
do_getspi(struct turn *t)
{
	struct fakekey *fk = t->fk;
	struct sa *s;

	while (sa_find(fk, ++fk->spi_next, &t->i->dst.addr) != NULL ||
	    fk->spi_next < 256)
		;
	if ((s = sa_insert(fk, fk->spi_next)) == NULL) {
		refuse(t, ENOMEM);
		return;
	}
	s->src = t->i->src;
	s->dst = t->i->dst;
	s->reqid = t->i->reqid;
	begin(t);
	put_state(&t->m, s);
	finish(t);
}

static void
sa_fill(struct sa *s, const struct pfkey_info *i)
{
	s->src.addr = i->src.addr;
	s->dst.addr = i->dst.addr;
	s->natt = i->natt_type != 0;
	s->src.port = i->natt_sport;
	s->dst.port = i->natt_dport;
	s->reqid = i->reqid;
	s->auth = i->auth;
	s->encrypt = i->encrypt;
	s->hard = i->hard;
	s->soft = i->soft;
	s->auth_len = i->key_auth.len;
	s->enc_len = i->key_encrypt.len;
	if (s->auth_len != 0)
		memcpy(s->auth_key, i->key_auth.p, s->auth_len);
	memcpy(s->enc_key, i->key_encrypt.p, s->enc_len);
}

static int
sa_bad(const struct pfkey_info *i)
{
	return i->spi < 256 || i->key_encrypt.p == NULL ||
	    i->key_encrypt.len > KEY_MAX || i->key_auth.len > KEY_MAX ||
	    PFKEY_HAVE(i, EXT_LIFETIME_HARD) !=
	    PFKEY_HAVE(i, EXT_LIFETIME_SOFT);
}

void
fakekey_show_keys(struct fakekey *fk, int fd)
{
	fk->keys_fd = fd;
}

static void
show_keys(const struct fakekey *fk, const struct sa *s)
{
	char line[16 + 4 * KEY_MAX];
	size_t i, at;

	if (fk->keys_fd == -1)
		return;
	at = (size_t)snprintf(line, sizeof(line), "%08x ", s->spi);
	for (i = 0; i < s->enc_len; i++, at += 2)
		snprintf(line + at, 3, "%02x", s->enc_key[i]);
	for (i = 0; i < s->auth_len; i++, at += 2)
		snprintf(line + at, 3, "%02x", s->auth_key[i]);
	line[at++] = '\n';
	(void)!write(fk->keys_fd, line, at);
}

/* ADD of a new one, UPDATE of a larval or live one. */
static void
do_add(struct turn *t)
{
	struct fakekey *fk = t->fk;
	struct sa *s = sa_find(fk, t->i->spi, &t->i->dst.addr);
	int add = t->i->head.type == MSG_ADD;

	if (sa_bad(t->i))
		refuse(t, EINVAL);
	else if (add && s != NULL)
		refuse(t, EEXIST);
	else if (!add && s == NULL)
		refuse(t, ESRCH);
	else if (add && (s = sa_insert(fk, t->i->spi)) == NULL)
		refuse(t, ENOMEM);
	else {
		if (s->larval) {
			s->larval = 0;
			s->added = time(NULL);
			fk->c->larvals--;
			fk->c->sas++;
		}
		sa_fill(s, t->i);
		show_keys(fk, s);
		begin(t);
		put_state(&t->m, s);
		finish(t);
	}
}

static void
do_get(struct turn *t)
{
	struct sa *s = sa_find(t->fk, t->i->spi, &t->i->dst.addr);

	if (s == NULL) {
		refuse(t, ESRCH);
		return;
	}
	begin(t);
	put_state(&t->m, s);
	if (t->i->head.type == MSG_DELETE)
		sa_remove(t->fk, s);
	finish(t);
}

static void
do_register(struct turn *t)
{
	/* id, ivlen, minbits, maxbits: what Debian's kernel lists */
	static const uint16_t auth[][3] = { { 251, 0, 0 }, { 2, 128, 128 },
		{ 3, 160, 160 }, { 5, 256, 256 }, { 6, 384, 384 },
		{ 7, 512, 512 } };
	static const uint16_t enc[][3] = { { 11, 0, 0 }, { 2, 64, 64 },
		{ 3, 192, 192 }, { 6, 40, 128 }, { 7, 40, 448 },
		{ 12, 128, 256 }, { 13, 160, 288 } };
	const uint16_t(*list)[3] = auth;
	size_t at, i, n = sizeof(auth) / sizeof(auth[0]);
	uint16_t type;

	if (t->i->head.satype != 0 && t->fk->registered) {
		refuse(t, EEXIST);
		return;
	}
	t->fk->registered = t->i->head.satype != 0;
	begin(t);
	for (type = EXT_SUPPORTED_AUTH; type <= EXT_SUPPORTED_ENCRYPT; type++) {
		at = pfkey_open_ext(&t->m, type);
		pfkey_u32(&t->m, 0);
		for (i = 0; i < n; i++) {
			pfkey_u8(&t->m, list[i][0]);
			pfkey_u8(&t->m, 0);
			pfkey_u16(&t->m, list[i][1]);
			pfkey_u16(&t->m, list[i][2]);
			pfkey_u16(&t->m, 0);
		}
		pfkey_close_ext(&t->m, at);
		list = enc;
		n = sizeof(enc) / sizeof(enc[0]);
	}
	finish(t);
}

static struct policy *
policy_insert(struct fakekey *fk, const struct pfkey_info *i)
{
	struct policy *p = calloc(1, sizeof(*p)), **to;

	if (p == NULL)
		return NULL;
	policy_grow(fk);
	p->src = i->flow_src;
	p->dst = i->flow_dst;
	p->dir = i->dir;
	p->id = ++fk->policy_next * 8 + i->dir - 1;
	to = policy_bucket(fk, &p->src, &p->dst, p->dir);
	p->next = *to;
	*to = p;
	fk->policies_held++;
	fk->c->policies++;
	return p;
}

/* As af_key's parse_ipsecrequest(): a unique reqid is the kernel's to make. */
static uint32_t
reqid_of(struct fakekey *fk, const struct pfkey_info *i)
{
	if (i->level != KAME_LEVEL_UNIQUE)
		return 0;
	if (i->reqid == 0 || i->reqid > KAME_REQID_MANUAL_MAX)
		return ++fk->reqid_next;
	return i->reqid;
}

static void
do_spdadd(struct turn *t)
{
	struct policy *p = policy_find(t->fk, t->i);

	if (t->i->dir < 1 || t->i->dir > 3 || t->i->policy_type > 2 ||
	    t->i->head.satype != 0) {
		refuse(t, EINVAL);
		return;
	}
	if (p != NULL && t->i->head.type == KAME_SPDADD) {
		refuse(t, EEXIST);
		return;
	}
	if (p == NULL && (p = policy_insert(t->fk, t->i)) == NULL) {
		refuse(t, ENOMEM);
		return;
	}
	p->type = t->i->policy_type;
	p->priority = t->i->priority;
	p->level = t->i->level;
	p->reqid = reqid_of(t->fk, t->i);
	p->tunnel_src = t->i->tunnel_src;
	p->tunnel_dst = t->i->tunnel_dst;
	begin(t);
	put_policy(&t->m, p);
	finish(t);
}

static void
do_spddelete(struct turn *t)
{
	struct policy *p = policy_find(t->fk, t->i), **from;

	if (p == NULL) {
		refuse(t, ENOENT);
		return;
	}
	begin(t);
	put_policy(&t->m, p);
	from = policy_bucket(t->fk, &p->src, &p->dst, p->dir);
	while (*from != p)
		from = &(*from)->next;
	*from = p->next;
	free(p);
	t->fk->policies_held--;
	t->fk->c->policies--;
	finish(t);
}

/* Records count up, the last one has seq 0. */
static void
do_dump(struct turn *t)
{
	struct fakekey *fk = t->fk;
	struct sa *s;
	uint32_t n = 0;
	size_t i;

	if (fk->sas_held == 0)
		refuse(t, ENOENT);
	for (i = 0; i < fk->nsas; i++)
		for (s = fk->sas[i]; s != NULL; s = s->next) {
			n++;
			pfkey_begin(&t->m, MSG_DUMP, KAME_SATYPE_ESP,
			    n == fk->sas_held ? 0 : n, t->i->head.pid);
			put_state(&t->m, s);
			finish(t);
		}
}

static void
do_spddump(struct turn *t)
{
	struct fakekey *fk = t->fk;
	struct policy *p;
	uint32_t n = 0;
	size_t i;

	if (fk->policies_held == 0)
		refuse(t, ENOENT);
	for (i = 0; i < fk->npolicies; i++)
		for (p = fk->policies[i]; p != NULL; p = p->next) {
			n++;
			pfkey_begin(&t->m, KAME_SPDDUMP, 0,
			    n == fk->policies_held ? 0 : n, t->i->head.pid);
			put_policy(&t->m, p);
			finish(t);
		}
}

static const struct {
	uint8_t type;
	void (*handle)(struct turn *);
} handlers[] = { { MSG_GETSPI, do_getspi }, { MSG_UPDATE, do_add },
	{ MSG_ADD, do_add }, { MSG_DELETE, do_get }, { MSG_GET, do_get },
	{ MSG_REGISTER, do_register }, { MSG_DUMP, do_dump },
	{ KAME_SPDUPDATE, do_spdadd }, { KAME_SPDADD, do_spdadd },
	{ KAME_SPDDELETE, do_spddelete }, { KAME_SPDDUMP, do_spddump } };

void
fakekey_handle(struct fakekey *fk, const uint8_t *msg, size_t len,
    fakekey_reply *reply, void *arg)
{
	struct pfkey_info info;
	struct turn t = { .fk = fk, .i = &info, .reply = reply, .arg = arg };
	size_t i;

	fk->c->messages++;
	if (pfkey_read(&pfkey_linux, msg, len, &info) == -1) {
		refuse(&t, EINVAL);
		return;
	}
	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == info.head.type) {
			handlers[i].handle(&t);
			return;
		}
	refuse(&t, EOPNOTSUPP);
}

static void
reply_fd(void *arg, const uint8_t *msg, size_t len)
{
	while (
	    send(*(int *)arg, msg, len, MSG_NOSIGNAL) == -1 && errno == EINTR)
		;
}

int
fakekey_serve(struct fakekey *fk, int fd)
{
	uint8_t buf[PFKEY_SENDMAX];
	ssize_t n;

	while (fk != NULL) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n == 0)
			return 0;
		if (n == -1 && errno != EINTR)
			break;
		if (n > 0)
			fakekey_handle(fk, buf, n, reply_fd, &fd);
	}
	return 1;
}

/* --- traffic --- */

int
fakekey_use(struct fakekey *fk, uint32_t spi, uint64_t bytes, uint32_t packets)
{
	struct sa *s = sa_find(fk, spi, NULL);

	if (s == NULL)
		return -1;
	s->bytes += bytes;
	s->packets += packets;
	if (s->used == 0)
		s->used = time(NULL);
	return 0;
}

int
fakekey_expire(
    struct fakekey *fk, uint32_t spi, int hard, fakekey_reply *reply, void *arg)
{
	struct pfkey_msg m;
	struct sa *s = sa_find(fk, spi, NULL);
	size_t len;

	if (s == NULL)
		return -1;
	pfkey_begin(&m, MSG_EXPIRE, KAME_SATYPE_ESP, 0, 0);
	put_sa(&m, s);
	put_current(&m, s);
	pfkey_put_lifetime(&m, hard ? EXT_LIFETIME_HARD : EXT_LIFETIME_SOFT,
	    s->hard.bytes, s->hard.addtime);
	put_address(
	    &m, EXT_ADDRESS_SRC, 0, &s->src.addr, addr_len(&s->src.addr) * 8);
	put_address(
	    &m, EXT_ADDRESS_DST, 0, &s->dst.addr, addr_len(&s->dst.addr) * 8);
	if ((len = pfkey_end(&m)) != 0)
		reply(arg, m.buf, len);
	if (hard)
		sa_remove(fk, s);
	return 0;
}

int
fakekey_mapping(struct fakekey *fk, uint32_t spi, uint16_t port,
    fakekey_reply *reply, void *arg)
{
	struct pfkey_msg m;
	struct sa *s = sa_find(fk, spi, NULL);
	size_t len;

	if (s == NULL || !s->natt)
		return -1;
	pfkey_begin(&m, KAME_NEW_MAPPING, KAME_SATYPE_ESP, 0, 0);
	put_sa(&m, s);
	put_address(
	    &m, EXT_ADDRESS_SRC, 0, &s->src.addr, addr_len(&s->src.addr) * 8);
	put_port(&m, KAME_EXT_NAT_T_SPORT, s->src.port);
	put_address(
	    &m, EXT_ADDRESS_DST, 0, &s->src.addr, addr_len(&s->src.addr) * 8);
	put_port(&m, KAME_EXT_NAT_T_DPORT, port);
	if ((len = pfkey_end(&m)) != 0)
		reply(arg, m.buf, len);
	return 0;
}
