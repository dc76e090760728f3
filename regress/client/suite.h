/* Door of suite.c: names and numbers of everything that is negotiated. */
#ifndef REGRESS_CLIENT_SUITE_H
#define REGRESS_CLIENT_SUITE_H

#include <stddef.h>
#include <stdint.h>

struct cipher {
	const char *name;
	uint8_t ike;   /* phase 1 attribute 1; 0 is null, never sensible */
	uint8_t esp;   /* transform id */
	uint16_t bits; /* key length attribute, 0: none is sent */
	uint8_t keylen;
	uint8_t block;
	const char *evp; /* NULL: cannot be used, only offered */
};

struct hash {
	const char *name;
	uint8_t ike; /* phase 1 attribute 2 */
	uint8_t esp; /* phase 2 attribute 5 */
	uint8_t len;
	uint8_t block;
	const char *evp;
};

struct group {
	const char *name;
	uint16_t id;
	uint16_t bits;	   /* of the prime */
	const char *curve; /* OpenSSL's name of it; NULL: modp */
};

struct number {
	const char *name;
	uint32_t n;
};

const struct cipher *cipher_name(const char *);
const struct cipher *cipher_ike(uint32_t, uint32_t);
const struct cipher *cipher_esp(uint32_t, uint32_t);
const struct hash *hash_name(const char *);
const struct hash *hash_ike(uint32_t);
const struct hash *hash_esp(uint32_t);
const struct group *group_name(const char *);
const struct group *group_id(uint32_t);

extern const struct number auth_methods[];
extern const struct number notify_types[];
extern const struct number id_types[];
extern const struct number encap_modes[];

int number_find(const struct number *, const char *, uint32_t *);
const char *number_text(const struct number *, uint32_t);

/* Vendor ids: bytes of a name or of hex digits; -1 if neither. */
int vendor_find(const char *, uint8_t *, size_t);
int hex_bytes(const char *, uint8_t *, size_t);

#endif /* REGRESS_CLIENT_SUITE_H */
