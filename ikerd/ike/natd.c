/*
 * NAT detection.  Each side hashes the addresses and ports as it knows them;
 * where the other's hash differs, somebody translated in between.
 */
#include <sodium.h>
#include <string.h>

#include "ikerd/alg/prf.h"
#include "ikerd/ike/natd.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/sa.h"

#define IKE_PORT 500
#define NATT_PORT 4500

static uint8_t
payload_type(const struct ike_sa *sa)
{
	return sa->natt == NATT_DRAFT ? PAYLOAD_NATD_DRAFT : PAYLOAD_NATD;
}

void
natd_choose(struct ike_sa *sa)
{
	if (vendor_has(&sa->vendor, VENDOR_NATT_RFC3947))
		sa->natt = NATT_RFC3947;
	else if (natd_vendor(sa) != 0)
		sa->natt = NATT_DRAFT;
	else
		sa->natt = NATT_NONE;
}

/* Exactly one is answered: a client takes the last it knows. */
int
natd_vendor(const struct ike_sa *sa)
{
	static const enum vendor order[] = { VENDOR_NATT_RFC3947,
		VENDOR_NATT_03, VENDOR_NATT_02N, VENDOR_NATT_02 };
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (vendor_has(&sa->vendor, order[i]))
			return (int)order[i];
	}
	return 0;
}

/* HASH(CKY-I | CKY-R | IP | Port) */
static int
natd_hash(const struct ike_sa *sa, const struct addr *addr, uint16_t port,
    uint8_t *out)
{
	uint8_t p[2] = { (uint8_t)(port >> 8), (uint8_t)port };
	const struct prf_part parts[] = {
		{ sa->cky_i, ISAKMP_COOKIE_LEN },
		{ sa->cky_r, ISAKMP_COOKIE_LEN },
		{ addr->b, addr_len(addr) },
		{ p, sizeof(p) },
	};

	return prf_hash(sa->hash, parts, 4, out);
}

void
natd_put(const struct ike_sa *sa, struct isakmp_buf *ib)
{
	uint8_t hash[ALG_HASH_MAX];

	if (sa->natt == NATT_NONE)
		return;
	if (natd_hash(sa, &sa->peer.addr, sa->peer.port, hash) == 0)
		ib_payload(ib, payload_type(sa), hash, sa->hash->len);
	if (natd_hash(sa, &sa->sock->local.addr, sa->sock->local.port, hash) ==
	    0)
		ib_payload(ib, payload_type(sa), hash, sa->hash->len);
}

static int
is_hash_of(const struct ike_sa *sa, const struct isakmp_payload *pl,
    const struct addr *addr, uint16_t port)
{
	uint8_t hash[ALG_HASH_MAX];

	return pl->len == sa->hash->len &&
	    natd_hash(sa, addr, port, hash) == 0 &&
	    sodium_memcmp(pl->body, hash, pl->len) == 0;
}

/* Either the port that is seen, or the one of before or after the float. */
static int
names_end(const struct ike_sa *sa, const struct isakmp_payload *pl,
    const struct endpoint *seen, uint16_t first_port)
{
	return is_hash_of(sa, pl, &seen->addr, seen->port) ||
	    is_hash_of(sa, pl, &seen->addr, first_port) ||
	    is_hash_of(sa, pl, &seen->addr, NATT_PORT);
}

void
natd_compare(struct ike_sa *sa, const struct isakmp_msg *msg,
    const struct endpoint *local, const struct endpoint *peer)
{
	const struct isakmp_payload *pl;
	size_t i;

	if (sa->natt == NATT_NONE)
		return;
	if ((pl = isakmp_find(msg, payload_type(sa), 0)) == NULL) {
		sa->natt = NATT_NONE; /* announced, not done */
		return;
	}
	sa->nat_us = !names_end(sa, pl, local, IKE_PORT);
	sa->nat_peer = 1;
	for (i = 1; (pl = isakmp_find(msg, payload_type(sa), i)) != NULL; i++) {
		/* the source of message 1 is what a client knew itself by */
		if (names_end(sa, pl, peer, sa->peer.port))
			sa->nat_peer = 0;
	}
}
