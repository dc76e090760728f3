/*
 * MD5 and HMAC-MD5 with contexts of OpenSSL that are made once.  No key stays
 * in one.  Called by the protocols of AAA servers.
 */
#include <sys/types.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "authd/md5.h"
#include "common/log.h"

static EVP_MD *md;
static EVP_MD_CTX *md_ctx;
static EVP_MAC_CTX *mac_ctx;

static const uint8_t no_key[MD5_LEN];

static int
open_mac(void)
{
	char name[] = "MD5";
	OSSL_PARAM params[2];
	EVP_MAC *mac;

	if ((mac = EVP_MAC_fetch(NULL, "HMAC", NULL)) == NULL)
		return -1;
	mac_ctx = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac); /* the context holds it */
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_MAC_PARAM_DIGEST, name, 0);
	params[1] = OSSL_PARAM_construct_end();
	return mac_ctx != NULL && EVP_MAC_CTX_set_params(mac_ctx, params) ? 0 :
									    -1;
}

int
md5_init(void)
{
	if (md != NULL)
		return 0;
	if ((md = EVP_MD_fetch(NULL, "MD5", NULL)) == NULL ||
	    (md_ctx = EVP_MD_CTX_new()) == NULL)
		return -1;
	return open_mac();
}

void
md5_of(const struct md5_part *part, size_t n, uint8_t out[MD5_LEN])
{
	int ok = EVP_DigestInit_ex2(md_ctx, md, NULL);
	size_t i;

	for (i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(md_ctx, part[i].p, part[i].len);
	if (!ok || !EVP_DigestFinal_ex(md_ctx, out, NULL))
		fatalx("MD5");
}

void
hmac_md5(const void *key, size_t len, const struct md5_part *part, size_t n,
    uint8_t out[MD5_LEN])
{
	int ok = EVP_MAC_init(mac_ctx, len == 0 ? no_key : key, len, NULL);
	size_t i, outlen;

	for (i = 0; ok && i < n; i++)
		ok = EVP_MAC_update(mac_ctx, part[i].p, part[i].len);
	if (!ok || !EVP_MAC_final(mac_ctx, out, &outlen, MD5_LEN) ||
	    outlen != MD5_LEN)
		fatalx("HMAC-MD5");
	/* a new key is how the context forgets the old one */
	(void)EVP_MAC_init(mac_ctx, no_key, sizeof(no_key), NULL);
}
