/*
 * SKEYID, SKEYID_d, SKEYID_a and SKEYID_e (RFC 2409 5).  Pure functions;
 * called by the crypto process, which alone knows the group key.
 */
#include <string.h>

#include <sodium.h>

#include "ikerd/alg/prf.h"
#include "ikerd/crypto/skeyid.h"

/* prf(SKEYID, [before |] g^xy | CKY-I | CKY-R | octet) */
static int
derive(const struct ike_hash *h, const struct skeyid *s, const uint8_t *before,
    const struct skeyid_input *in, uint8_t octet, uint8_t *out)
{
	const struct prf_part parts[] = {
		{ before, before == NULL ? 0 : h->len },
		{ in->gxy, in->gxylen },
		{ in->cky_i, sizeof(in->cky_i) },
		{ in->cky_r, sizeof(in->cky_r) },
		{ &octet, 1 },
	};

	return prf(h, s->skeyid, h->len, parts, 5, out);
}

static int
family(
    const struct ike_hash *h, const struct skeyid_input *in, struct skeyid *s)
{
	s->len = h->len;
	if (derive(h, s, NULL, in, 0, s->d) == 0 &&
	    derive(h, s, s->d, in, 1, s->a) == 0 &&
	    derive(h, s, s->a, in, 2, s->e) == 0)
		return 0;
	sodium_memzero(s, sizeof(*s));
	return -1;
}

int
skeyid_psk(const struct ike_hash *h, const void *psk, size_t psklen,
    const struct skeyid_input *in, struct skeyid *out)
{
	const struct prf_part nonces[] = {
		{ in->ni, in->nilen },
		{ in->nr, in->nrlen },
	};

	sodium_memzero(out, sizeof(*out));
	if (prf(h, psk, psklen, nonces, 2, out->skeyid) == -1)
		return -1;
	return family(h, in, out);
}

int
skeyid_sig(
    const struct ike_hash *h, const struct skeyid_input *in, struct skeyid *out)
{
	const struct prf_part gxy = { in->gxy, in->gxylen };
	uint8_t key[2 * SKEYID_NONCE_MAX];

	sodium_memzero(out, sizeof(*out));
	if (in->nilen > SKEYID_NONCE_MAX || in->nrlen > SKEYID_NONCE_MAX)
		return -1;
	memcpy(key, in->ni, in->nilen);
	memcpy(key + in->nilen, in->nr, in->nrlen);
	if (prf(h, key, in->nilen + in->nrlen, &gxy, 1, out->skeyid) == -1)
		return -1;
	return family(h, in, out);
}
