/*
 * HASH_I and HASH_R (RFC 2409 5).  Pure functions; called by ike's phase 1 and
 * by the crypto process, which signs nothing else.
 */
#include "ikerd/alg/keymat_auth.h"
#include "ikerd/alg/prf.h"

int
keymat_hash_i(
    const struct ike_hash *h, const struct keymat_auth *a, uint8_t *out)
{
	const struct prf_part parts[] = {
		{ a->gxi, a->gxlen },
		{ a->gxr, a->gxlen },
		{ a->cky_i, sizeof(a->cky_i) },
		{ a->cky_r, sizeof(a->cky_r) },
		{ a->sai, a->sailen },
		{ a->id, a->idlen },
	};

	return prf(h, a->skeyid, h->len, parts, 6, out);
}

int
keymat_hash_r(
    const struct ike_hash *h, const struct keymat_auth *a, uint8_t *out)
{
	const struct prf_part parts[] = {
		{ a->gxr, a->gxlen },
		{ a->gxi, a->gxlen },
		{ a->cky_r, sizeof(a->cky_r) },
		{ a->cky_i, sizeof(a->cky_i) },
		{ a->sai, a->sailen },
		{ a->id, a->idlen },
	};

	return prf(h, a->skeyid, h->len, parts, 6, out);
}
