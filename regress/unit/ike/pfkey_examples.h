/*
 * What pfkey_test.c and kernel_test.c share: vectors by name, addresses from
 * text, SAs and flows as in the vectors.
 */
#ifndef REGRESS_UNIT_IKE_PFKEY_EXAMPLES_H
#define REGRESS_UNIT_IKE_PFKEY_EXAMPLES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/pfkey.h"
#include "regress/unit/ike/pfkey_vectors.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

static uint8_t keys[256]; /* 00 01 02 ... */

static inline void
setup_keys(void)
{
	size_t i;

	for (i = 0; i < sizeof(keys); i++)
		keys[i] = i;
}

static inline size_t
unhex(const char *s, uint8_t *out, size_t max)
{
	unsigned int v;
	size_t n = 0;

	for (; n < max && sscanf(s, "%2x", &v) == 1; s += 2)
		out[n++] = v;
	return n;
}

static inline const struct vector *
vector(const struct vector *list, size_t n, const char *name,
    enum kernel_variant id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i].variant == id && strcmp(list[i].name, name) == 0)
			return &list[i];
	printf("no vector %s\n", name);
	abort();
}
#define GOLDEN(name, id) vector(golden, NELEM(golden), name, id)
#define OBSERVED(name, id) vector(observed, NELEM(observed), name, id)

static inline struct addr
ip(const char *text)
{
	struct addr a;

	if (addr_parse(text, &a) == -1)
		abort();
	return a;
}

static inline struct network
net(const char *text, uint8_t prefix)
{
	struct network n = { ip(text), prefix };

	return n;
}

static inline struct esp_sa
sa_between(const char *src, const char *dst, uint32_t spi, uint32_t reqid)
{
	struct esp_sa s;

	memset(&s, 0, sizeof(s));
	s.src.addr = ip(src);
	s.dst.addr = ip(dst);
	s.spi = spi;
	s.reqid = reqid;
	s.encrypt = ESP_AES;
	s.soft_s = 25920;
	s.hard_s = 28800;
	s.soft_bytes = 4246732800;
	s.hard_bytes = 4718592000;
	return s;
}

static inline void
sa_keys(struct esp_sa *s, uint16_t auth, size_t enc, size_t enc_len,
    size_t auth_at, size_t auth_len)
{
	s->auth = auth;
	s->enc_key = keys + enc;
	s->enc_len = enc_len;
	s->auth_key = keys + auth_at;
	s->auth_len = auth_len;
}

static inline struct esp_flow
flow_between(
    const char *local, int lp, const char *remote, int rp, const char *peer)
{
	struct esp_flow f;

	memset(&f, 0, sizeof(f));
	f.local = net(local, lp);
	f.remote = net(remote, rp);
	f.gateway = ip("192.0.2.1");
	f.peer = ip(peer);
	f.priority = 1000;
	return f;
}

static inline struct esp_sa
observed_sa(int in, const char *peer, uint32_t spi, uint32_t reqid)
{
	struct esp_sa s = in ? sa_between(peer, "192.0.2.1", spi, reqid) :
			       sa_between("192.0.2.1", peer, spi, reqid);

	s.soft_s = 3000;
	s.hard_s = 3600;
	s.soft_bytes = s.hard_bytes = 0;
	sa_keys(&s, ESP_AUTH_HMAC_SHA2_256, 0x10, 32, 0x40, 32);
	s.src.port = in ? 31000 : 4500;
	s.dst.port = in ? 4500 : 31000;
	return s;
}

#endif /* REGRESS_UNIT_IKE_PFKEY_EXAMPLES_H */
