/*
 * Owns the phase 1 SAs: makes and finds them, keeps their keys in locked
 * memory.  What their messages mean is the exchanges' business.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/rnd.h"
#include "common/secret.h"
#include "ikerd/ike/frag.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/phase1.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"

static struct table by_cookies, by_initiator;
static struct secret_pool *keys;
static uint8_t cookie_secret[crypto_shorthash_KEYBYTES];
static uint8_t digest_secret[crypto_shorthash_KEYBYTES];

void
sa_init(void)
{
	table_init(&by_cookies);
	table_init(&by_initiator);
	if ((keys = secret_pool_new(sizeof(struct sa_keys))) == NULL)
		fatalx("no locked memory for keys");
	phase1_init();
	rnd_bytes(cookie_secret, sizeof(cookie_secret));
	rnd_bytes(digest_secret, sizeof(digest_secret));
}

/*
 * RFC 2408 2.5.3: our cookie depends on both ends, on what the peer sent, on
 * a secret, and on chance, so that none can be foretold or come again.
 */
static void
make_cookie(struct ike_sa *sa, uint8_t *cookie)
{
	struct {
		uint8_t cky_i[ISAKMP_COOKIE_LEN];
		uint8_t peer[16], local[16];
		uint16_t peer_port;
		uint8_t chance[14];
	} in;

	memset(&in, 0, sizeof(in));
	memcpy(in.cky_i, sa->cky_i, sizeof(in.cky_i));
	memcpy(in.peer, sa->peer.addr.b, sizeof(in.peer));
	memcpy(in.local, sa->sock->local.addr.b, sizeof(in.local));
	in.peer_port = sa->peer.port;
	do {
		rnd_bytes(in.chance, sizeof(in.chance));
		crypto_shorthash(
		    cookie, (const uint8_t *)&in, sizeof(in), cookie_secret);
	} while (isakmp_cookie_is_zero(cookie));
}

static uint64_t
cookies_hash(const uint8_t *cky_i, const uint8_t *cky_r)
{
	uint8_t both[2 * ISAKMP_COOKIE_LEN];

	memcpy(both, cky_i, ISAKMP_COOKIE_LEN);
	memcpy(both + ISAKMP_COOKIE_LEN, cky_r, ISAKMP_COOKIE_LEN);
	return table_hash(&by_cookies, both, sizeof(both));
}

static uint64_t
initiator_hash(const uint8_t *cky_i, const struct endpoint *peer)
{
	uint8_t key[ISAKMP_COOKIE_LEN + 16 + 2];

	memcpy(key, cky_i, ISAKMP_COOKIE_LEN);
	memcpy(key + ISAKMP_COOKIE_LEN, peer->addr.b, 16);
	memcpy(key + ISAKMP_COOKIE_LEN + 16, &peer->port, 2);
	return table_hash(&by_initiator, key, sizeof(key));
}

static struct ike_sa *
make(struct session *s, struct ike_socket *sock, const struct endpoint *peer)
{
	struct ike_sa *sa;

	if ((sa = calloc(1, sizeof(*sa))) == NULL)
		return NULL;
	sa->sock = sock;
	sa->peer = *peer;
	sa->session = s;
	sa->began_ms = clock_ms();
	LIST_INIT(&sa->exchanges);
	return sa;
}

static void
enter(struct ike_sa *sa)
{
	table_insert(
	    &by_cookies, &sa->by_cookies, cookies_hash(sa->cky_i, sa->cky_r));
	table_insert(&by_initiator, &sa->by_initiator,
	    initiator_hash(sa->cky_i, &sa->peer));
	LIST_INSERT_HEAD(&sa->session->sas, sa, entry);
}

struct ike_sa *
sa_new(struct session *s, const uint8_t *cky_i, struct ike_socket *sock,
    const struct endpoint *peer)
{
	struct ike_sa *sa;

	if ((sa = make(s, sock, peer)) == NULL)
		return NULL;
	memcpy(sa->cky_i, cky_i, sizeof(sa->cky_i));
	make_cookie(sa, sa->cky_r);
	enter(sa);
	return sa;
}

struct ike_sa *
sa_new_ours(
    struct session *s, struct ike_socket *sock, const struct endpoint *peer)
{
	struct ike_sa *sa;

	if ((sa = make(s, sock, peer)) == NULL)
		return NULL;
	sa->ours = 1;
	make_cookie(sa, sa->cky_i);
	enter(sa);
	return sa;
}

void
sa_answered(struct ike_sa *sa, const uint8_t *cky_r)
{
	table_remove(&by_cookies, &sa->by_cookies);
	memcpy(sa->cky_r, cky_r, sizeof(sa->cky_r));
	table_insert(
	    &by_cookies, &sa->by_cookies, cookies_hash(sa->cky_i, sa->cky_r));
}

struct ike_sa *
sa_find(const uint8_t *cky_i, const uint8_t *cky_r)
{
	struct table_link *l;
	struct ike_sa *sa;

	l = table_find(&by_cookies, cookies_hash(cky_i, cky_r));
	for (; l != NULL; l = table_find_next(l)) {
		sa = table_entry(l, struct ike_sa, by_cookies);
		if (memcmp(sa->cky_i, cky_i, ISAKMP_COOKIE_LEN) == 0 &&
		    memcmp(sa->cky_r, cky_r, ISAKMP_COOKIE_LEN) == 0)
			return sa;
	}
	return NULL;
}

struct ike_sa *
sa_find_initiator(const uint8_t *cky_i, const struct endpoint *peer)
{
	struct table_link *l;
	struct ike_sa *sa;

	l = table_find(&by_initiator, initiator_hash(cky_i, peer));
	for (; l != NULL; l = table_find_next(l)) {
		sa = table_entry(l, struct ike_sa, by_initiator);
		if (memcmp(sa->cky_i, cky_i, ISAKMP_COOKIE_LEN) == 0 &&
		    endpoint_equal(&sa->peer, peer))
			return sa;
	}
	return NULL;
}

int
sa_keys_alloc(struct ike_sa *sa)
{
	sa->keys = secret_pool_get(keys);
	return sa->keys == NULL ? -1 : 0;
}

void
sa_established(struct ike_sa *sa)
{
	table_remove(&by_initiator, &sa->by_initiator);
	sa->state = SA_ESTABLISHED;
}

void
sa_down(struct ike_sa *sa)
{
	struct exchange *ex;

	while ((ex = LIST_FIRST(&sa->exchanges)) != NULL)
		exchange_free(ex);
	timer_stop(&sa->timer);
	frag_free(sa);
	if (sa->state < SA_ESTABLISHED)
		table_remove(&by_initiator, &sa->by_initiator);
	table_remove(&by_cookies, &sa->by_cookies);
	sa->state = SA_DEAD;
	phase1_free(sa);
	secret_pool_put(keys, sa->keys);
	sa->keys = NULL;
}

void
sa_free(struct ike_sa *sa)
{
	free(sa->used);
	if (sa->held != NULL)
		freezero(sa->held, sa->held_len);
	free(sa);
}

uint64_t
sa_digest(const uint8_t *buf, size_t len)
{
	uint8_t out[crypto_shorthash_BYTES];
	uint64_t digest;

	crypto_shorthash(out, buf, len, digest_secret);
	memcpy(&digest, out, sizeof(digest));
	return digest;
}
