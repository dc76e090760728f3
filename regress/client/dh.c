/*
 * Diffie-Hellman of the test client with plain numbers: powers modulo the
 * primes of RFC 2409 and 3526, multiples on the curves of RFC 5903.  OpenSSL
 * does the arithmetic alone; its key agreement is what the gateway uses.
 */
#include <err.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/objects.h>

#include "dh.h"

#define GROUPS 16

static const struct {
	uint16_t id;
	BIGNUM *(*prime)(BIGNUM *);
} primes[] = {
	{ 1, BN_get_rfc2409_prime_768 },
	{ 2, BN_get_rfc2409_prime_1024 },
	{ 5, BN_get_rfc3526_prime_1536 },
	{ 14, BN_get_rfc3526_prime_2048 },
	{ 15, BN_get_rfc3526_prime_3072 },
	{ 16, BN_get_rfc3526_prime_4096 },
	{ 17, BN_get_rfc3526_prime_6144 },
	{ 18, BN_get_rfc3526_prime_8192 },
	/* an unknown group is offered with a value of a known one */
	{ 1025, BN_get_rfc3526_prime_2048 },
};

/* Each group's numbers, found once. */
static struct field {
	const struct group *group;
	BIGNUM *p;
	BN_MONT_CTX *mont;
	EC_GROUP *curve; /* instead of the two */
} fields[GROUPS];

static BN_CTX *bn_ctx;

static int
fill_curve(struct field *f, const struct group *g)
{
	f->curve = EC_GROUP_new_by_curve_name(EC_curve_nist2nid(g->curve));
	return f->curve == NULL ? -1 : 0;
}

static int
fill_prime(struct field *f, const struct group *g)
{
	size_t i;

	for (i = 0; i < sizeof(primes) / sizeof(primes[0]); i++)
		if (primes[i].id == g->id)
			break;
	if (i == sizeof(primes) / sizeof(primes[0]))
		return -1;
	f->p = primes[i].prime(NULL);
	f->mont = BN_MONT_CTX_new();
	if (f->p == NULL || f->mont == NULL ||
	    BN_MONT_CTX_set(f->mont, f->p, bn_ctx) != 1)
		errx(1, "modulus of %s", g->name);
	return 0;
}

static struct field *
field(const struct group *g)
{
	struct field *f;

	if (bn_ctx == NULL && (bn_ctx = BN_CTX_new()) == NULL)
		errx(1, "out of memory");
	for (f = fields; f->group != NULL; f++)
		if (f->group == g)
			return f;
	if ((g->curve != NULL ? fill_curve(f, g) : fill_prime(f, g)) == -1)
		return NULL;
	f->group = g;
	return f;
}

int
dh_prime(const struct group *g, uint8_t *out)
{
	struct field *f = field(g);

	if (f == NULL || f->p == NULL)
		return -1;
	return BN_bn2binpad(f->p, out, g->bits / 8) < 0 ? -1 : 0;
}

/* out = base ^ x, g's own base when there is none given; len octets. */
static int
power(const struct field *f, const BIGNUM *x, const uint8_t *base, uint8_t *out,
    size_t len)
{
	BIGNUM *y = BN_new(), *b = BN_new();
	int r = -1;

	if (y != NULL && b != NULL &&
	    (base == NULL ? BN_set_word(b, 2) == 1 :
			    BN_bin2bn(base, (int)len, b) != NULL) &&
	    BN_mod_exp_mont(y, b, x, f->p, bn_ctx, f->mont) == 1 &&
	    BN_bn2binpad(y, out, (int)len) > 0)
		r = 0;
	BN_free(b);
	BN_clear_free(y);
	return r;
}

/* The peer's point from its two coordinates; it must be on the curve. */
static EC_POINT *
point(const struct field *f, const uint8_t *xy, size_t len)
{
	EC_POINT *p = EC_POINT_new(f->curve);
	BIGNUM *x = BN_bin2bn(xy, (int)len / 2, NULL);
	BIGNUM *y = BN_bin2bn(xy + len / 2, (int)len / 2, NULL);

	if (p != NULL && x != NULL && y != NULL &&
	    EC_POINT_set_affine_coordinates(f->curve, p, x, y, bn_ctx) != 1) {
		EC_POINT_free(p);
		p = NULL;
	}
	BN_free(x);
	BN_free(y);
	return p;
}

/* The coordinates of x times a point (NULL: the base), len octets in all. */
static int
multiple(const struct field *f, const BIGNUM *x, const EC_POINT *base,
    uint8_t *out, size_t len)
{
	EC_POINT *p = EC_POINT_new(f->curve);
	BIGNUM *px = BN_new(), *py = BN_new();
	int r = -1;

	if (p != NULL && px != NULL && py != NULL &&
	    EC_POINT_mul(f->curve, p, base == NULL ? x : NULL, base,
		base == NULL ? NULL : x, bn_ctx) == 1 &&
	    EC_POINT_get_affine_coordinates(f->curve, p, px, py, bn_ctx) == 1 &&
	    BN_bn2binpad(px, out, (int)len / 2) > 0 &&
	    BN_bn2binpad(py, out + len / 2, (int)len / 2) > 0)
		r = 0;
	EC_POINT_free(p);
	BN_clear_free(px);
	BN_clear_free(py);
	return r;
}

static int
public_value(struct dh_pair *d)
{
	struct field *f = field(d->group);

	d->secret = (d->group->bits + 7u) / 8;
	d->len = d->group->curve != NULL ? 2 * d->secret : d->secret;
	if (f == NULL)
		return -1;
	if (f->curve != NULL)
		return multiple(f, d->x, NULL, d->pub, d->len);
	return power(f, d->x, NULL, d->pub, d->len);
}

int
dh_make(struct dh_pair *d, const struct group *g, int bits)
{
	d->group = g;
	if (g->curve != NULL)
		bits = g->bits - 1; /* less than the order */
	if ((d->x = BN_new()) == NULL ||
	    BN_rand(d->x, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) != 1)
		return -1;
	return public_value(d);
}

int
dh_fixed(struct dh_pair *d, const struct group *g, const uint8_t *x, size_t len)
{
	d->group = g;
	if ((d->x = BN_bin2bn(x, (int)len, NULL)) == NULL)
		return -1;
	return public_value(d);
}

void
dh_free(struct dh_pair *d)
{
	BN_clear_free(d->x);
	memset(d, 0, sizeof(*d));
}

static int
curve_shared(const struct dh_pair *d, const struct field *f,
    const uint8_t *peer, uint8_t *out)
{
	EC_POINT *p = point(f, peer, d->len);
	uint8_t xy[2 * DH_MAX];
	int r = -1;

	if (p != NULL && multiple(f, d->x, p, xy, d->len) == 0) {
		memcpy(out, xy, d->secret);
		r = 0;
	}
	EC_POINT_free(p);
	return r;
}

int
dh_shared(
    const struct dh_pair *d, const uint8_t *peer, size_t len, uint8_t *out)
{
	struct field *f = field(d->group);

	if (f == NULL || len != d->len)
		return -1;
	if (f->curve != NULL)
		return curve_shared(d, f, peer, out);
	return power(f, d->x, peer, out, len);
}
