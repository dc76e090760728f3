/*
 * The algorithms of IKEv1 and ESP: one row each, read by the configuration
 * parser, its printer, the man page, ike and crypto.  What is not in a table
 * does not exist for us (no null cipher in phase 1, no explicit groups).
 */
#ifndef IKERD_ALG_ALG_H
#define IKERD_ALG_ALG_H

#include <stddef.h>
#include <stdint.h>

/*
 * A table ends with a row whose name is NULL:
 *	for (c = ike_ciphers; c->name != NULL; c++)
 * legacy rows are DES, 3DES, MD5, groups 1, 2 and 5, and ESP that encrypts
 * nothing: they are reached only through the word `legacy' of the
 * configuration.
 */
#define IKE_CIPHERS 5
#define IKE_HASHES 5
#define IKE_GROUPS 12
#define IKE_AUTHS 6

#define ALG_KEY_MAX 32	    /* longest phase 1 cipher key */
#define ALG_BLOCK_MAX 16    /* longest cipher block */
#define ALG_HASH_MAX 64	    /* longest hash */
#define ALG_PUBLIC_MAX 1024 /* longest KE body */
#define ALG_SHARED_MAX 1024 /* longest g^xy */

/* Phase 1 encryption: RFC 2409 App. A class 1, all in CBC mode. */
struct ike_cipher {
	const char *name;
	uint16_t number;
	uint16_t keybits; /* attribute 14; 0: it must be absent */
	uint8_t keylen;	  /* bytes, DES parity included */
	uint8_t blocklen; /* bytes, IV too */
	uint8_t legacy;
	const char *evp; /* OpenSSL's name */
};

/* Phase 1 hash, whose HMAC is the prf: class 2. */
struct ike_hash {
	const char *name;
	uint16_t number;
	uint8_t len; /* bytes */
	uint8_t legacy;
	const char *evp;
};

/* Diffie-Hellman group: class 4, in phase 2 attribute 3 (PFS). */
enum group_kind {
	GROUP_MODP,
	GROUP_ECP,
	GROUP_X25519
};

struct ike_group {
	const char *name;
	uint16_t number;
	uint8_t kind; /* enum group_kind */
	uint8_t legacy;
	uint16_t publiclen; /* bytes of a KE body, always exactly so many */
	uint16_t sharedlen; /* bytes of g^xy, leading zeros kept */
	uint16_t expbits;   /* MODP: bits of our secret exponent */
	const char *evp;    /* OpenSSL's group; NULL: not one of its names */
};

/*
 * Authentication: class 3.  One row is one word of the configuration; the
 * variants with XAUTH have numbers of their own.
 */
enum auth_kind {
	AUTH_PSK,
	AUTH_SIG
};

struct ike_auth {
	const char *name;
	uint16_t number;     /* without XAUTH; 0: does not exist */
	uint16_t xauth_init; /* the initiator is asked; 0: none */
	uint16_t xauth_resp; /* when we start the phase 1; 0: none */
	uint8_t kind;	     /* enum auth_kind: how SKEYID is made */
	uint8_t hybrid;	     /* only the gateway signs */
	const char *hash;    /* hash fixed by the method; NULL: free */
};

/* ESP encryption: RFC 2407 4.4.4 transform ids. */
struct esp_cipher {
	const char *name;
	uint8_t number;
	uint8_t aead; /* carries its own ICV: no esp_auth */
	uint8_t legacy;
	uint8_t keylen;	  /* bytes, DES parity included, salt not */
	uint8_t saltlen;  /* bytes of KEYMAT after the key */
	uint8_t blocklen; /* bytes, to pad to */
	uint8_t ivlen;	  /* bytes on the wire */
	uint8_t icvlen;	  /* bytes; 0 when an esp_auth makes it */
	uint16_t keybits; /* attribute 6; 0: it must be absent */
};

/* ESP authentication: RFC 2407 4.5 attribute 5. */
struct esp_auth {
	const char *name;
	uint16_t number;
	uint8_t keylen; /* bytes */
	uint8_t legacy;
	uint16_t icvbits;
};

extern const struct ike_cipher ike_ciphers[IKE_CIPHERS + 1];
extern const struct ike_hash ike_hashes[IKE_HASHES + 1];
extern const struct ike_group ike_groups[IKE_GROUPS + 1];
extern const struct ike_auth ike_auths[IKE_AUTHS + 1];
extern const struct esp_cipher esp_ciphers[];
extern const struct esp_auth esp_auths[];

/* Rows by the configuration's word; NULL when there is none. */
const struct ike_cipher *ike_cipher_by_name(const char *);
const struct ike_hash *ike_hash_by_name(const char *);
const struct ike_group *ike_group_by_name(const char *);
const struct ike_auth *ike_auth_by_name(const char *);
const struct esp_cipher *esp_cipher_by_name(const char *);
const struct esp_auth *esp_auth_by_name(const char *);

/*
 * Rows by the number on the wire; NULL when there is none.  keybits is the
 * key length attribute, 0 when it was absent.  Method numbers with XAUTH find
 * their row too; *xauth (may be NULL) then becomes 1, otherwise 0; only what a
 * client may offer is found (xauth_resp is not).  SHA2-256 in ESP is the row
 * with the 128-bit ICV; the 96-bit one shares its number and is found by name.
 */
const struct ike_cipher *ike_cipher_by_number(
    uint16_t number, uint16_t keybits);
const struct ike_hash *ike_hash_by_number(uint16_t number);
const struct ike_group *ike_group_by_number(uint16_t number);
const struct ike_auth *ike_auth_by_number(uint16_t number, int *xauth);
/* A number that finds this row: the plain one, or XAUTH's if it has no other */
uint16_t ike_auth_number(const struct ike_auth *);
const struct esp_cipher *esp_cipher_by_number(uint8_t number, uint16_t keybits);
const struct esp_auth *esp_auth_by_number(uint16_t number);

#endif /* IKERD_ALG_ALG_H */
