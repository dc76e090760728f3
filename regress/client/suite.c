/*
 * Names and numbers of ciphers, hashes, groups, methods, notifications and
 * vendor ids as the test client knows them (RFC 2407, RFC 2409 appendix A).
 * Constant tables and their look-up, nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static const struct cipher ciphers[] = {
	{ "aes-256", 7, 12, 256, 32, 16, "AES-256-CBC" },
	{ "aes-192", 7, 12, 192, 24, 16, "AES-192-CBC" },
	{ "aes-128", 7, 12, 128, 16, 16, "AES-128-CBC" },
	{ "aes", 7, 12, 0, 16, 16, NULL }, /* key length forgotten */
	{ "3des", 5, 3, 0, 24, 8, "DES-EDE3-CBC" },
	{ "des", 1, 2, 0, 8, 8, "DES-CBC" },
	{ "des-64", 1, 2, 64, 8, 8, NULL }, /* key length too many */
	{ "null", 0, 11, 0, 0, 8, NULL },
	{ "blowfish", 3, 7, 128, 16, 8, NULL },
	{ "blowfish-192", 3, 7, 192, 24, 8, NULL },
	{ "blowfish-256", 3, 7, 256, 32, 8, NULL },
	{ "cast", 6, 6, 0, 16, 8, NULL },
	{ "aes-gcm-16", 0, 20, 128, 16, 16, NULL },
	{ "aes-gmac", 0, 23, 128, 16, 16, NULL },
	{ "unknown-cipher", 99, 99, 0, 16, 16, NULL },
};

static const struct hash hashes[] = {
	{ "md5", 1, 1, 16, 64, "MD5" }, { "sha1", 2, 2, 20, 64, "SHA1" },
	{ "sha2-256", 4, 5, 32, 64, "SHA2-256" },
	{ "sha2-384", 5, 6, 48, 128, "SHA2-384" },
	{ "sha2-512", 6, 7, 64, 128, "SHA2-512" },
	{ "unknown-hash", 99, 99, 20, 64, NULL },
	{ "none", 0, 0, 0, 64, NULL }, /* ESP without authentication */
};

static const struct group groups[] = {
	{ "modp768", 1, 768, NULL },
	{ "modp1024", 2, 1024, NULL },
	{ "modp1536", 5, 1536, NULL },
	{ "modp2048", 14, 2048, NULL },
	{ "modp3072", 15, 3072, NULL },
	{ "modp4096", 16, 4096, NULL },
	{ "modp6144", 17, 6144, NULL },
	{ "modp8192", 18, 8192, NULL },
	{ "ecp256", 19, 256, "P-256" },
	{ "ecp384", 20, 384, "P-384" },
	{ "ecp521", 21, 521, "P-521" },
	{ "unknown-group", 1025, 2048, NULL },
};

const struct number auth_methods[] = {
	{ "psk", 1 },
	{ "rsa-sig", 3 },
	{ "ecdsa-256", 9 },
	{ "ecdsa-384", 10 },
	{ "ecdsa-521", 11 },
	{ "xauth", 65001 },
	{ "xauth-resp", 65002 },
	{ "xauth-rsa", 65005 },
	{ "hybrid", 64221 },
	{ NULL, 0 },
};

const struct number notify_types[] = {
	{ "invalid-payload-type", 1 },
	{ "doi-not-supported", 2 },
	{ "situation-not-supported", 3 },
	{ "invalid-cookie", 4 },
	{ "invalid-major-version", 5 },
	{ "invalid-minor-version", 6 },
	{ "invalid-exchange-type", 7 },
	{ "invalid-flags", 8 },
	{ "invalid-message-id", 9 },
	{ "invalid-protocol-id", 10 },
	{ "invalid-spi", 11 },
	{ "invalid-transform-id", 12 },
	{ "attributes-not-supported", 13 },
	{ "no-proposal-chosen", 14 },
	{ "bad-proposal-syntax", 15 },
	{ "payload-malformed", 16 },
	{ "invalid-key-information", 17 },
	{ "invalid-id-information", 18 },
	{ "invalid-hash-information", 23 },
	{ "authentication-failed", 24 },
	{ "unsupported-exchange-type", 29 },
	{ "unequal-payload-lengths", 30 },
	{ "connected", 16384 },
	{ "responder-lifetime", 24576 },
	{ "replay-status", 24577 },
	{ "initial-contact", 24578 },
	{ "r-u-there", 36136 },
	{ "r-u-there-ack", 36137 },
	{ "heartbeat", 40500 },
	{ "load-balance", 40501 },
	{ NULL, 0 },
};

const struct number id_types[] = {
	{ "none", 0 },
	{ "ipv4", 1 },
	{ "fqdn", 2 },
	{ "user-fqdn", 3 },
	{ "subnet", 4 },
	{ "range", 7 },
	{ "keyid", 11 },
	{ NULL, 0 },
};

const struct number encap_modes[] = {
	{ "no-mode", 0 },
	{ "tunnel", 1 },
	{ "transport", 2 },
	{ "udp-tunnel", 3 },
	{ "udp-transport", 4 },
	{ "udp-tunnel-draft", 61443 },
	{ "udp-transport-draft", 61444 },
	{ NULL, 0 },
};

static const struct vendor {
	const char *name;
	const char *hex;
} vendors[] = {
	{ "xauth", "09002689dfd6b712" },
	{ "dpd", "afcad71368a1f1c96b8696fc77570100" },
	{ "unity", "12f5f28c457168a9702d9fe274cc0100" },
	{ "natt", "4a131c81070358455c5728f20e95452f" },
	{ "natt-03", "7d9419a65310ca6f2c179d9215529d56" },
	{ "natt-02n", "90cb80913ebb696e086381b5ec427b1f" },
	{ "natt-02", "cd60464335df21f87cfdb2fc68b6a448" },
	{ "natt-00", "4485152d18b6bbcd0be8a8469579ddcc" },
	{ "natt-01", "16f6ca16e4a4066d83821a0f0aeaa862" },
	{ "natt-04", "9909b64eed937c6573de52ace952fa6b" },
	{ "natt-05", "80d0bb3def54565ee84645d4c85ce3ee" },
	{ "natt-06", "4d1e0e136deafa34c4f3ea9f02ec7285" },
	{ "natt-07", "439b59f8ba676c4c7737ae22eab8f582" },
	{ "natt-08", "8f8d83826d246b6fc7a8a6a428c11de8" },
	{ "natt-apple", "4df37928e9fc4fd1b3262170d515c662" },
	{ "frag", "4048b7d56ebce88525e7de7f00d6c2d380000000" },
};

#define N(t) (sizeof(t) / sizeof((t)[0]))

const struct cipher *
cipher_name(const char *name)
{
	size_t i;

	for (i = 0; i < N(ciphers); i++)
		if (strcmp(ciphers[i].name, name) == 0)
			return &ciphers[i];
	return NULL;
}

/* The cipher of a phase 1 answer; bits is 0 when no key length was given. */
const struct cipher *
cipher_ike(uint32_t id, uint32_t bits)
{
	size_t i;

	for (i = 0; i < N(ciphers); i++)
		if (ciphers[i].ike == id && ciphers[i].bits == bits)
			return &ciphers[i];
	return NULL;
}

const struct cipher *
cipher_esp(uint32_t id, uint32_t bits)
{
	size_t i;

	for (i = 0; i < N(ciphers); i++)
		if (ciphers[i].esp == id && ciphers[i].bits == bits)
			return &ciphers[i];
	return NULL;
}

const struct hash *
hash_name(const char *name)
{
	size_t i;

	for (i = 0; i < N(hashes); i++)
		if (strcmp(hashes[i].name, name) == 0)
			return &hashes[i];
	return NULL;
}

const struct hash *
hash_ike(uint32_t id)
{
	size_t i;

	for (i = 0; i < N(hashes); i++)
		if (hashes[i].ike == id)
			return &hashes[i];
	return NULL;
}

const struct hash *
hash_esp(uint32_t id)
{
	size_t i;

	for (i = 0; i < N(hashes); i++)
		if (hashes[i].esp == id)
			return &hashes[i];
	return NULL;
}

const struct group *
group_name(const char *name)
{
	size_t i;

	for (i = 0; i < N(groups); i++)
		if (strcmp(groups[i].name, name) == 0)
			return &groups[i];
	return NULL;
}

const struct group *
group_id(uint32_t id)
{
	size_t i;

	for (i = 0; i < N(groups); i++)
		if (groups[i].id == id)
			return &groups[i];
	return NULL;
}

/* A name of the table, or a plain number; -1 if it is neither. */
int
number_find(const struct number *t, const char *text, uint32_t *n)
{
	char *end;

	for (; t->name != NULL; t++)
		if (strcmp(t->name, text) == 0) {
			*n = t->n;
			return 0;
		}
	*n = (uint32_t)strtoul(text, &end, 0);
	return *text != '\0' && *end == '\0' ? 0 : -1;
}

/* The name of a number, for people; good until the next call. */
const char *
number_text(const struct number *t, uint32_t n)
{
	static char buf[16];

	for (; t->name != NULL; t++)
		if (t->n == n)
			return t->name;
	snprintf(buf, sizeof(buf), "%u", n);
	return buf;
}

/* Bytes of a string of hex digits; returns how many, -1 if it is none. */
int
hex_bytes(const char *text, uint8_t *out, size_t max)
{
	size_t len = strlen(text), i;
	unsigned int v;

	if (len % 2 != 0 || len / 2 > max ||
	    strspn(text, "0123456789abcdefABCDEF") != len)
		return -1;
	for (i = 0; i < len / 2; i++) {
		if (sscanf(text + 2 * i, "%2x", &v) != 1)
			return -1;
		out[i] = (uint8_t)v;
	}
	return (int)(len / 2);
}

int
vendor_find(const char *text, uint8_t *out, size_t max)
{
	size_t i;

	for (i = 0; i < N(vendors); i++)
		if (strcmp(vendors[i].name, text) == 0)
			return hex_bytes(vendors[i].hex, out, max);
	return hex_bytes(text, out, max);
}
