/*
 * The tables of algorithms and the look-ups in them: constants only, no
 * OpenSSL.  Called by the configuration parser and printer, ike and crypto.
 */
#include <string.h>

#include "ikerd/alg/alg.h"

#define LEGACY 1

/* RFC 2409 App. A; AES: RFC 3602 */
const struct ike_cipher ike_ciphers[IKE_CIPHERS + 1] = {
	{ "aes-256", 7, 256, 32, 16, 0, "AES-256-CBC" },
	{ "aes-192", 7, 192, 24, 16, 0, "AES-192-CBC" },
	{ "aes-128", 7, 128, 16, 16, 0, "AES-128-CBC" },
	{ "3des", 5, 0, 24, 8, LEGACY, "DES-EDE3-CBC" },
	{ "des", 1, 0, 8, 8, LEGACY, "DES-CBC" },
	{ NULL, 0, 0, 0, 0, 0, NULL },
};

const struct ike_hash ike_hashes[IKE_HASHES + 1] = {
	{ "sha2-512", 6, 64, 0, "SHA2-512" },
	{ "sha2-384", 5, 48, 0, "SHA2-384" },
	{ "sha2-256", 4, 32, 0, "SHA2-256" },
	{ "sha1", 2, 20, 0, "SHA1" },
	{ "md5", 1, 16, LEGACY, "MD5" },
	{ NULL, 0, 0, 0, NULL },
};

/*
 * RFC 2409 6, RFC 3526, RFC 5903, RFC 8031.  Exponents: twice the group's
 * strength and a bit (RFC 7919 5.2 for the same sizes), never under 225.
 */
const struct ike_group ike_groups[IKE_GROUPS + 1] = {
	{ "modp2048", 14, GROUP_MODP, 0, 256, 256, 225, "modp_2048" },
	{ "modp3072", 15, GROUP_MODP, 0, 384, 384, 275, "modp_3072" },
	{ "modp4096", 16, GROUP_MODP, 0, 512, 512, 325, "modp_4096" },
	{ "modp6144", 17, GROUP_MODP, 0, 768, 768, 375, "modp_6144" },
	{ "modp8192", 18, GROUP_MODP, 0, 1024, 1024, 400, "modp_8192" },
	{ "ecp256", 19, GROUP_ECP, 0, 64, 32, 0, "P-256" },
	{ "ecp384", 20, GROUP_ECP, 0, 96, 48, 0, "P-384" },
	{ "ecp521", 21, GROUP_ECP, 0, 132, 66, 0, "P-521" },
	{ "curve25519", 31, GROUP_X25519, 0, 32, 32, 0, "X25519" },
	{ "modp1536", 5, GROUP_MODP, LEGACY, 192, 192, 225, "modp_1536" },
	{ "modp1024", 2, GROUP_MODP, LEGACY, 128, 128, 225, NULL },
	{ "modp768", 1, GROUP_MODP, LEGACY, 96, 96, 225, NULL },
	{ NULL, 0, 0, 0, 0, 0, 0, NULL },
};

/* RFC 2409 App. A, RFC 4754; draft-ietf-ipsec-isakmp-xauth-02 7.2, hybrid-05 */
const struct ike_auth ike_auths[IKE_AUTHS + 1] = {
	{ "psk", 1, 65001, 65002, AUTH_PSK, 0, NULL },
	{ "rsa", 3, 65005, 65006, AUTH_SIG, 0, NULL },
	{ "hybrid", 0, 64221, 64222, AUTH_SIG, 1, NULL },
	{ "ecdsa-256", 9, 0, 0, AUTH_SIG, 0, "sha2-256" },
	{ "ecdsa-384", 10, 0, 0, AUTH_SIG, 0, "sha2-384" },
	{ "ecdsa-521", 11, 0, 0, AUTH_SIG, 0, "sha2-512" },
	{ NULL, 0, 0, 0, 0, 0, NULL },
};

/* RFC 2407 4.4.4, RFC 3602, RFC 4106 (ICV of 16 bytes), RFC 2410 */
const struct esp_cipher esp_ciphers[] = {
	{ "aes-256-gcm", 20, 1, 0, 32, 4, 4, 8, 16, 256 },
	{ "aes-128-gcm", 20, 1, 0, 16, 4, 4, 8, 16, 128 },
	{ "aes-256", 12, 0, 0, 32, 0, 16, 16, 0, 256 },
	{ "aes-192", 12, 0, 0, 24, 0, 16, 16, 0, 192 },
	{ "aes-128", 12, 0, 0, 16, 0, 16, 16, 0, 128 },
	{ "3des", 3, 0, LEGACY, 24, 0, 8, 8, 0, 0 },
	{ "des", 2, 0, LEGACY, 8, 0, 8, 8, 0, 0 },
	{ "null", 11, 0, LEGACY, 0, 0, 4, 0, 0, 0 },
	{ NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0 },
};

/* RFC 2407 4.5, RFC 4868; the 96-bit row is what was built before 4868 */
const struct esp_auth esp_auths[] = {
	{ "sha2-512", 7, 64, 0, 256 },
	{ "sha2-384", 6, 48, 0, 192 },
	{ "sha2-256", 5, 32, 0, 128 },
	{ "sha2-256-96", 5, 32, 0, 96 },
	{ "sha1", 2, 20, 0, 96 },
	{ "md5", 1, 16, LEGACY, 96 },
	{ NULL, 0, 0, 0, 0 },
};

/* Look a row up by its name: one function for each table. */
#define BY_NAME(type, table)                                \
	const struct type *type##_by_name(const char *name) \
	{                                                   \
		const struct type *row;                     \
                                                            \
		for (row = table; row->name != NULL; row++) \
			if (strcmp(row->name, name) == 0)   \
				return row;                 \
		return NULL;                                \
	}

BY_NAME(ike_cipher, ike_ciphers)
BY_NAME(ike_hash, ike_hashes)
BY_NAME(ike_group, ike_groups)
BY_NAME(ike_auth, ike_auths)
BY_NAME(esp_cipher, esp_ciphers)
BY_NAME(esp_auth, esp_auths)

const struct ike_cipher *
ike_cipher_by_number(uint16_t number, uint16_t keybits)
{
	const struct ike_cipher *c;

	for (c = ike_ciphers; c->name != NULL; c++)
		if (c->number == number && c->keybits == keybits)
			return c;
	return NULL;
}

const struct ike_hash *
ike_hash_by_number(uint16_t number)
{
	const struct ike_hash *h;

	for (h = ike_hashes; h->name != NULL; h++)
		if (h->number == number)
			return h;
	return NULL;
}

const struct ike_group *
ike_group_by_number(uint16_t number)
{
	const struct ike_group *g;

	for (g = ike_groups; g->name != NULL; g++)
		if (g->number == number)
			return g;
	return NULL;
}

const struct ike_auth *
ike_auth_by_number(uint16_t number, int *xauth)
{
	const struct ike_auth *a;

	if (xauth != NULL)
		*xauth = 0;
	if (number == 0)
		return NULL;
	for (a = ike_auths; a->name != NULL; a++) {
		if (a->number == number)
			return a;
		if (a->xauth_init == number) {
			if (xauth != NULL)
				*xauth = 1;
			return a;
		}
	}
	return NULL;
}

uint16_t
ike_auth_number(const struct ike_auth *a)
{
	return a->number != 0 ? a->number : a->xauth_init;
}

const struct esp_cipher *
esp_cipher_by_number(uint8_t number, uint16_t keybits)
{
	const struct esp_cipher *c;

	for (c = esp_ciphers; c->name != NULL; c++)
		if (c->number == number && c->keybits == keybits)
			return c;
	return NULL;
}

const struct esp_auth *
esp_auth_by_number(uint16_t number)
{
	const struct esp_auth *a;

	for (a = esp_auths; a->name != NULL; a++)
		if (a->number == number)
			return a;
	return NULL;
}
