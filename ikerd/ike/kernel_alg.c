/*
 * Ciphers and authentication of ESP: IKE's numbers, PF_KEY's numbers in each
 * kernel, key sizes, and what may be used here.  Tables and pure functions;
 * ike calls them when it matches proposals, the parent when it checks a
 * configuration.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ikerd/ike/kernel_conn.h"

#define KERNELS (KERNEL_OPENBSD + 1)

/* Key sizes are without the salt; a cipher with one size needs no keybits. */
static const struct cipher {
	uint8_t transform; /* RFC 2407 4.4.4 */
	const char *name;
	uint8_t id[KERNELS]; /* by enum kernel_variant; 0: none */
	uint16_t min;	     /* bits */
	uint16_t max;
	uint16_t step;
	uint8_t salt;	  /* bytes behind the key */
	uint8_t combined; /* authenticates by itself */
	uint8_t unlisted; /* a variant where it works without being listed */
} ciphers[] = {
	/*                       -  LX FB NB OB */
	{ ESP_DES, "des", { 0, 2, 2, 2, 0 }, 64, 64, 64, 0, 0, 0 },
	{ ESP_3DES, "3des", { 0, 3, 3, 3, 3 }, 192, 192, 64, 0, 0, 0 },
	{ ESP_CAST, "cast128", { 0, 6, 6, 6, 6 }, 128, 128, 64, 0, 0, 0 },
	{ ESP_BLOWFISH, "blowfish", { 0, 7, 7, 7, 7 }, 128, 448, 8, 0, 0, 0 },
	{ ESP_NULL, "null", { 0, 11, 11, 11, 11 }, 0, 0, 64, 0, 0, 0 },
	{ ESP_AES, "aes", { 0, 12, 12, 12, 12 }, 128, 256, 64, 0, 0, 0 },
	{ ESP_AES_CTR, "aes-ctr", { 0, 13, 13, 13, 13 }, 128, 256, 64, 4, 0,
	    KERNEL_OPENBSD },
	{ ESP_AES_GCM_16, "aes-gcm", { 0, 20, 20, 20, 20 }, 128, 256, 64, 4, 1,
	    KERNEL_OPENBSD }
};

static const struct mac {
	uint16_t attribute; /* RFC 2407 4.5 */
	const char *name;
	uint8_t id;    /* the same everywhere */
	uint16_t bits; /* of the key; kernels do not check it */
} macs[] = { { ESP_AUTH_HMAC_MD5, "md5", 2, 128 },
	{ ESP_AUTH_HMAC_SHA, "sha1", 3, 160 },
	{ ESP_AUTH_HMAC_SHA2_256, "sha2-256", 5, 256 },
	{ ESP_AUTH_HMAC_SHA2_384, "sha2-384", 6, 384 },
	{ ESP_AUTH_HMAC_SHA2_512, "sha2-512", 7, 512 } };

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

static const struct cipher *
cipher_find(uint8_t transform)
{
	size_t i;

	for (i = 0; i < NELEM(ciphers); i++)
		if (ciphers[i].transform == transform)
			return &ciphers[i];
	return NULL;
}

static const struct mac *
mac_find(uint16_t attribute)
{
	size_t i;

	for (i = 0; i < NELEM(macs); i++)
		if (macs[i].attribute == attribute)
			return &macs[i];
	return NULL;
}

uint8_t
pfkey_encrypt_id(enum kernel_variant v, uint8_t transform)
{
	const struct cipher *c = cipher_find(transform);

	return c == NULL ? 0 : c->id[v];
}

uint8_t
pfkey_auth_id(enum kernel_variant v, uint16_t attribute)
{
	const struct mac *m = mac_find(attribute);

	return m == NULL ? 0 : m->id;
}

uint8_t
pfkey_encrypt_ike(enum kernel_variant v, uint8_t id)
{
	size_t i;

	for (i = 0; i < NELEM(ciphers); i++)
		if (id != 0 && ciphers[i].id[v] == id)
			return ciphers[i].transform;
	return 0;
}

uint16_t
pfkey_auth_ike(enum kernel_variant v, uint8_t id)
{
	size_t i;

	for (i = 0; i < NELEM(macs); i++)
		if (macs[i].id == id)
			return macs[i].attribute;
	return 0;
}

/* struct sadb_alg, RFC 2367 2.3.7. */
static uint8_t
take_algs(const struct pfkey_key *list, struct kernel_alg *out)
{
	size_t at;
	uint8_t n = 0;

	for (at = 0; at + 8 <= list->len && n < KERNEL_ALGS_MAX; at += 8) {
		out[n].id = list->p[at];
		out[n].minbits = pfkey_get16(list->p + at + 2);
		out[n].maxbits = pfkey_get16(list->p + at + 4);
		n++;
	}
	return n;
}

void
pfkey_algs(const struct pfkey_variant *v, const struct pfkey_info *i,
    struct kernel_algs *algs)
{
	memset(algs, 0, sizeof(*algs));
	algs->variant = v->id;
	algs->nauth = take_algs(&i->supported_auth, algs->auth);
	algs->nencrypt = take_algs(&i->supported_encrypt, algs->encrypt);
}

static const struct kernel_alg *
listed(const struct kernel_alg *list, uint8_t n, uint8_t id)
{
	uint8_t i;

	for (i = 0; i < n; i++)
		if (list[i].id == id)
			return &list[i];
	return NULL;
}

static int
size_fits(const struct cipher *c, unsigned int *keybits)
{
	if (*keybits == 0 && c->min == c->max)
		*keybits = c->min;
	return *keybits >= c->min && *keybits <= c->max &&
	    *keybits % c->step == 0;
}

/* Some kernels list sizes with the salt, some without. */
static int
cipher_can(const struct kernel_algs *algs, const struct cipher *c,
    unsigned int keybits)
{
	const struct kernel_alg *a;

	if (c->id[algs->variant] == 0)
		return 0;
	a = listed(algs->encrypt, algs->nencrypt, c->id[algs->variant]);
	if (a == NULL)
		return c->unlisted == algs->variant;
	return (keybits >= a->minbits && keybits <= a->maxbits) ||
	    (keybits + c->salt * 8U >= a->minbits &&
		keybits + c->salt * 8U <= a->maxbits);
}

static int no(char *why, size_t len, const char *fmt, ...)
    __attribute__((__format__(printf, 3, 4)));

static int
no(char *why, size_t len, const char *fmt, ...)
{
	va_list ap;

	if (why == NULL)
		return 0;
	va_start(ap, fmt);
	vsnprintf(why, len, fmt, ap);
	va_end(ap);
	return 0;
}

static int
mac_can(const struct kernel_algs *algs, uint16_t auth, int trunc96, char *why,
    size_t whylen)
{
	const struct mac *m = mac_find(auth);
	const struct kernel_alg *a;
	int lx = algs->variant == KERNEL_LINUX;

	if (m == NULL)
		return no(why, whylen, "%s", "unknown authentication");
	a = listed(algs->auth, algs->nauth, m->id);
	if (a == NULL || m->bits < a->minbits || m->bits > a->maxbits)
		return no(why, whylen, "this kernel has no %s authentication",
		    m->name);
	if (auth != ESP_AUTH_HMAC_SHA2_256)
		return trunc96 ?
		    no(why, whylen, "%s has no other 96-bit form", m->name) :
		    1;
	/* af_key takes the length of the ICV from its own table: 96 */
	if (lx && !trunc96)
		return no(why, whylen, "%s",
		    "Linux's PF_KEY cuts sha2-256 to 96 bits, which only "
		    "peers with the draft's form understand");
	if (!lx && trunc96)
		return no(why, whylen, "%s",
		    "only Linux's kernel has sha2-256 with 96 bits");
	return 1;
}

int
kernel_can(const struct kernel_algs *algs, uint8_t encrypt,
    unsigned int keybits, uint16_t auth, int trunc96, char *why, size_t whylen)
{
	const struct cipher *c = cipher_find(encrypt);

	if (why != NULL && whylen != 0)
		why[0] = '\0';
	if (c == NULL || algs->variant == 0 || algs->variant >= KERNELS)
		return no(why, whylen, "%s", "unknown cipher");
	if (!size_fits(c, &keybits))
		return no(why, whylen, "no such key size for %s", c->name);
	if (!cipher_can(algs, c, keybits))
		return no(why, whylen,
		    "this kernel's PF_KEY has no %s with that key size",
		    c->name);
	if (c->combined)
		return auth == ESP_AUTH_NONE ?
		    1 :
		    no(why, whylen, "%s authenticates by itself", c->name);
	if (auth == ESP_AUTH_NONE)
		return no(why, whylen, "%s without authentication", c->name);
	return mac_can(algs, auth, trunc96, why, whylen);
}

int
kernel_key_sizes(uint8_t encrypt, unsigned int keybits, uint16_t auth,
    size_t *enc_len, size_t *auth_len)
{
	const struct cipher *c = cipher_find(encrypt);
	const struct mac *m = mac_find(auth);

	if (c == NULL || !size_fits(c, &keybits) ||
	    (m == NULL) != (auth == ESP_AUTH_NONE) ||
	    (m == NULL) != (c->combined != 0))
		return -1;
	*enc_len = keybits / 8 + c->salt;
	*auth_len = m == NULL ? 0 : m->bits / 8;
	return 0;
}

/* The last gate: what kernels take without a word. */
const char *
kernel_sa_wrong(enum kernel_variant v, const struct esp_sa *sa)
{
	const struct cipher *c = cipher_find(sa->encrypt);
	size_t enc_len, auth_len;

	if (c == NULL || c->id[v] == 0)
		return "unknown cipher";
	if (c->max != 0 && (sa->enc_key == NULL || sa->enc_len <= c->salt))
		return "no key";
	if (kernel_key_sizes(sa->encrypt, (sa->enc_len - c->salt) * 8, sa->auth,
		&enc_len, &auth_len) == -1)
		return "cipher, key size and authentication do not fit";
	if (sa->auth_len != auth_len || (auth_len != 0 && sa->auth_key == NULL))
		return "wrong size of the authentication key";
	if (sa->trunc96 != (v == KERNEL_LINUX) &&
	    sa->auth == ESP_AUTH_HMAC_SHA2_256)
		return "this kernel has another form of sha2-256";
	if (sa->natt && (sa->src.port == 0 || sa->dst.port == 0))
		return "ESP in UDP without ports";
	return NULL;
}
