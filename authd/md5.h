/*
 * MD5 and HMAC-MD5 over parts, from OpenSSL: what RADIUS and TACACS+ prove and
 * hide with.
 */
#ifndef AUTHD_MD5_H
#define AUTHD_MD5_H

#include <stddef.h>
#include <stdint.h>

#define MD5_LEN 16

struct md5_part {
	const void *p; /* NULL when len is 0 */
	size_t len;
};

/* Before the first of the others; -1: this system's OpenSSL has no MD5. */
int md5_init(void);

/* Cannot fail once md5_init() has not. */
void md5_of(const struct md5_part *, size_t n, uint8_t out[MD5_LEN]);
void hmac_md5(const void *key, size_t len, const struct md5_part *, size_t n,
    uint8_t out[MD5_LEN]); /* RFC 2104 */

#endif /* AUTHD_MD5_H */
