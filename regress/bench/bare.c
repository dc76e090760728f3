/*
 * The floor: what one connect costs a gateway in OpenSSL alone, with no
 * protocol around it.  Diffie-Hellman as a responder does it at best (a key
 * pair with a 256-bit exponent, a derivation without the y^q check) and the
 * prf, hash and cipher calls of Aggressive Mode, XAUTH, Mode Config and Quick
 * Mode.  Shares no code with the gateway; regress/bench/run calls it.
 */
#include <sys/resource.h>
#include <sys/time.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/provider.h>

#define DH_MAX 1024
#define EXPONENT 256
#define PRFS 26 /* SKEYIDs, stretching, HASHes, KEYMAT: 400 octets or less */
#define PRF_LEN 200
#define HASHES 6    /* IVs */
#define MESSAGES 10 /* encrypted or decrypted */
#define MESSAGE 112

static const struct group {
	const char *name;
	BIGNUM *(*prime)(BIGNUM *);
	const char *curve; /* instead of a prime */
} groups[] = {
	{ "modp768", BN_get_rfc2409_prime_768, NULL },
	{ "modp1024", BN_get_rfc2409_prime_1024, NULL },
	{ "modp1536", BN_get_rfc3526_prime_1536, NULL },
	{ "modp2048", BN_get_rfc3526_prime_2048, NULL },
	{ "modp3072", BN_get_rfc3526_prime_3072, NULL },
	{ "modp4096", BN_get_rfc3526_prime_4096, NULL },
	{ "ecp256", NULL, "P-256" },
	{ "ecp384", NULL, "P-384" },
	{ "ecp521", NULL, "P-521" },
};

static const struct {
	const char *name;
	const char *evp;
} names[] = {
	{ "aes-256", "AES-256-CBC" },
	{ "aes-128", "AES-128-CBC" },
	{ "3des", "DES-EDE3-CBC" },
	{ "des", "DES-CBC" },
	{ "md5", "MD5" },
	{ "sha1", "SHA1" },
	{ "sha2-256", "SHA2-256" },
};

static const char *
evp_name(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].evp;
	errx(2, "%s is unknown", name);
}

static const struct group *
group_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (strcmp(groups[i].name, name) == 0)
			return &groups[i];
	errx(2, "%s is unknown", name);
}

static double
cpu(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

/* The group as parameters: modp1024 has no name in OpenSSL. */
static EVP_PKEY *
parameters(const struct group *g)
{
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	BIGNUM *p = g->prime(NULL), *two = BN_new();
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;

	if (b == NULL || ctx == NULL || p == NULL || two == NULL ||
	    BN_set_word(two, 2) != 1 ||
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_FFC_P, p) != 1 ||
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_FFC_G, two) != 1 ||
	    OSSL_PARAM_BLD_push_int(b, OSSL_PKEY_PARAM_DH_PRIV_LEN, EXPONENT) !=
		1 ||
	    (params = OSSL_PARAM_BLD_to_param(b)) == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEY_PARAMETERS, params) != 1)
		errx(1, "parameters of %s", g->name);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(ctx);
	BN_free(p);
	BN_free(two);
	return key;
}

static EVP_PKEY *
pair(EVP_PKEY_CTX *ctx)
{
	EVP_PKEY *key = NULL;

	if (EVP_PKEY_keygen(ctx, &key) != 1)
		errx(1, "key pair");
	return key;
}

/* The context that makes pairs on a curve. */
static EVP_PKEY_CTX *
curve_generator(const char *curve)
{
	EVP_PKEY_CTX *gen = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

	if (gen == NULL || EVP_PKEY_keygen_init(gen) != 1 ||
	    EVP_PKEY_CTX_set_group_name(gen, curve) != 1)
		errx(1, "key pair generator");
	return gen;
}

/* One connect's Diffie-Hellman: our pair, and g^xy with the peer's value. */
static void
exchange(EVP_PKEY_CTX *gen, EVP_PKEY *peer)
{
	EVP_PKEY *own = pair(gen);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	uint8_t secret[DH_MAX];
	size_t len = sizeof(secret);

	if (ctx == NULL || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) != 1 ||
	    (EVP_PKEY_is_a(own, "DH") &&
		EVP_PKEY_CTX_set_dh_pad(ctx, 1) != 1) ||
	    EVP_PKEY_derive(ctx, secret, &len) != 1)
		errx(1, "derivation");
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(own);
}

/* A template's exponent length is not inherited: say it to the generator. */
static EVP_PKEY_CTX *
prime_generator(const struct group *g)
{
	EVP_PKEY *params = parameters(g);
	EVP_PKEY_CTX *gen = EVP_PKEY_CTX_new_from_pkey(NULL, params, NULL);
	OSSL_PARAM p[2] = { OSSL_PARAM_END, OSSL_PARAM_END };
	int bits = EXPONENT;

	p[0] = OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_DH_PRIV_LEN, &bits);
	if (gen == NULL || EVP_PKEY_keygen_init(gen) != 1 ||
	    EVP_PKEY_CTX_set_params(gen, p) != 1)
		errx(1, "key pair generator");
	EVP_PKEY_free(params);
	return gen;
}

/* Microseconds for each, measured for about that many seconds. */
static double
dh_cost(const struct group *g, double seconds)
{
	EVP_PKEY_CTX *gen = g->curve != NULL ? curve_generator(g->curve) :
					       prime_generator(g);
	EVP_PKEY *peer = pair(gen);
	double begun, now;
	int n = 0;

	for (begun = now = cpu(); now - begun < seconds; n++) {
		exchange(gen, peer);
		now = cpu();
	}
	EVP_PKEY_CTX_free(gen);
	EVP_PKEY_free(peer);
	return (now - begun) * 1e6 / n;
}

struct tools {
	EVP_MAC_CTX *mac;
	EVP_MD *md;
	EVP_MD_CTX *md_ctx;
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *cipher_ctx;
};

static void
symmetric(const struct tools *t)
{
	static uint8_t data[PRF_LEN], key[64], iv[16], out[256];
	size_t len;
	int i, n;

	for (i = 0; i < PRFS; i++)
		if (EVP_MAC_init(t->mac, key, 20, NULL) != 1 ||
		    EVP_MAC_update(t->mac, data, sizeof(data)) != 1 ||
		    EVP_MAC_final(t->mac, out, &len, sizeof(out)) != 1)
			errx(1, "prf");
	for (i = 0; i < HASHES; i++)
		if (EVP_DigestInit_ex(t->md_ctx, t->md, NULL) != 1 ||
		    EVP_DigestUpdate(t->md_ctx, data, 20) != 1 ||
		    EVP_DigestFinal_ex(t->md_ctx, out, NULL) != 1)
			errx(1, "hash");
	for (i = 0; i < MESSAGES; i++)
		if (EVP_CipherInit_ex2(
			t->cipher_ctx, t->cipher, key, iv, i % 2, NULL) != 1 ||
		    EVP_CIPHER_CTX_set_padding(t->cipher_ctx, 0) != 1 ||
		    EVP_CipherUpdate(t->cipher_ctx, out, &n, data, MESSAGE) !=
			1)
			errx(1, "cipher");
}

static double
symmetric_cost(const char *cipher, const char *hash, double seconds)
{
	OSSL_PARAM params[2] = { OSSL_PARAM_END, OSSL_PARAM_END };
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	struct tools t;
	double begun, now;
	int n = 0, i;

	memset(&t, 0, sizeof(t));
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)hash, 0);
	if (mac == NULL || (t.mac = EVP_MAC_CTX_new(mac)) == NULL ||
	    EVP_MAC_CTX_set_params(t.mac, params) != 1 ||
	    (t.md = EVP_MD_fetch(NULL, hash, NULL)) == NULL ||
	    (t.md_ctx = EVP_MD_CTX_new()) == NULL ||
	    (t.cipher = EVP_CIPHER_fetch(NULL, cipher, NULL)) == NULL ||
	    (t.cipher_ctx = EVP_CIPHER_CTX_new()) == NULL)
		errx(1, "OpenSSL lacks %s or %s", cipher, hash);
	for (begun = now = cpu(); now - begun < seconds; n += 16) {
		for (i = 0; i < 16; i++)
			symmetric(&t);
		now = cpu();
	}
	return (now - begun) * 1e6 / n;
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: bare [-a hash] [-d group] [-e cipher] [-t seconds]\n");
	exit(2);
}

int
main(int argc, char *argv[])
{
	const char *hash = "sha1", *group = "modp2048", *cipher = "aes-256";
	double seconds = 1, dh, sym;
	int c;

	while ((c = getopt(argc, argv, "a:d:e:t:")) != -1)
		switch (c) {
		case 'a':
			hash = optarg;
			break;
		case 'd':
			group = optarg;
			break;
		case 'e':
			cipher = optarg;
			break;
		case 't':
			seconds = atof(optarg);
			break;
		default:
			usage();
		}
	if (optind != argc || seconds <= 0)
		usage();
	(void)OSSL_PROVIDER_load(NULL, "default");
	(void)OSSL_PROVIDER_load(NULL, "legacy");
	dh = dh_cost(group_of(group), seconds);
	sym = symmetric_cost(evp_name(cipher), evp_name(hash), seconds / 4);
	printf("bare %s %s %s dh_us %.1f symmetric_us %.1f per_cpu_second "
	       "%.0f\n",
	    group, cipher, hash, dh, sym, 1e6 / (dh + sym));
	return 0;
}
