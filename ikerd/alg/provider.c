/*
 * Loads OpenSSL's providers and fetches every algorithm of alg.c's tables
 * once, so that later calls neither look names up nor open files.  May touch
 * OpenSSL's library-wide state; called by each process's start-up.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "common/log.h"
#include "ikerd/alg/dh.h"
#include "ikerd/alg/provider.h"

static struct {
	OSSL_PROVIDER *standard;
	OSSL_PROVIDER *legacy;
	EVP_CIPHER *ciphers[IKE_CIPHERS];
	EVP_MD *hashes[IKE_HASHES];
	EVP_MAC *hmac;
} fetched;

static int
load(OSSL_PROVIDER **provider, const char *name)
{
	const char *why;

	if (*provider == NULL)
		*provider = OSSL_PROVIDER_load(NULL, name);
	if (*provider != NULL)
		return 0;
	why = ERR_reason_error_string(ERR_peek_last_error());
	log_warnx("openssl: provider %s: %s", name,
	    why == NULL ? "cannot be loaded" : why);
	return -1;
}

/* Whatever is not there stays NULL; a later call tries again. */
static void
fetch(void)
{
	size_t i;

	for (i = 0; i < IKE_CIPHERS; i++)
		if (fetched.ciphers[i] == NULL)
			fetched.ciphers[i] = EVP_CIPHER_fetch(
			    NULL, ike_ciphers[i].evp, NULL);
	for (i = 0; i < IKE_HASHES; i++)
		if (fetched.hashes[i] == NULL)
			fetched.hashes[i] = EVP_MD_fetch(
			    NULL, ike_hashes[i].evp, NULL);
	for (i = 0; i < IKE_GROUPS; i++)
		dh_init(&ike_groups[i]);
	if (fetched.hmac == NULL)
		fetched.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
}

int
alg_init(int legacy)
{
	unsigned char seed;
	int rv = 0;

	if (load(&fetched.standard, "default") == -1)
		return -1;
	if (legacy && load(&fetched.legacy, "legacy") == -1)
		rv = -1;
	fetch();
	if (RAND_bytes(&seed, 1) != 1 || RAND_priv_bytes(&seed, 1) != 1) {
		log_warnx("openssl: no random numbers");
		rv = -1;
	}
	ERR_clear_error();
	return rv;
}

int
alg_has_cipher(const struct ike_cipher *c)
{
	return provider_cipher(c) != NULL;
}

int
alg_has_hash(const struct ike_hash *h)
{
	return provider_hash(h) != NULL && provider_hmac() != NULL;
}

int
alg_has_group(const struct ike_group *g)
{
	return dh_init(g) == 0;
}

const EVP_CIPHER *
provider_cipher(const struct ike_cipher *c)
{
	return fetched.ciphers[c - ike_ciphers];
}

const EVP_MD *
provider_hash(const struct ike_hash *h)
{
	return fetched.hashes[h - ike_hashes];
}

EVP_MAC *
provider_hmac(void)
{
	return fetched.hmac;
}
