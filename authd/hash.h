/*
 * Password hashes as the users file holds them: which forms there are, what
 * one costs to compute, and whether a password fits.  Pure, and slow where it
 * computes: the worker processes call hash_verify(), never the event loop.
 */
#ifndef AUTHD_HASH_H
#define AUTHD_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_SIZE 160 /* the longest text with its NUL */

/* Most that a hash of the file may ask for; workers are limited to it. */
#define HASH_MEMORY_MAX 262144 /* KiB */

enum hash_form {
	HASH_ARGON2ID,
	HASH_ARGON2I,
	HASH_BCRYPT,
	HASH_SHA256,
	HASH_SHA512,
	HASH_FORMS
};
#define HASH_BIT(form) (1U << (form))

/* What makes two hashes cost the same. */
struct hash_cost {
	enum hash_form form;
	uint32_t time;	 /* argon2 passes, bcrypt log2(rounds), rounds */
	uint32_t memory; /* argon2: KiB, else 0 */
};

enum hash_answer {
	HASH_NO,
	HASH_YES,
	HASH_ERROR /* not computed: no memory, or crypt(3) would not */
};

/*
 * Is this a hash that hash_verify() can and may compute?  NULL and its cost,
 * or the reason in words.  forms: those this system has (hash_forms()).
 */
const char *hash_check(
    const char *text, size_t len, unsigned int forms, struct hash_cost *);

int hash_cost_equal(const struct hash_cost *, const struct hash_cost *);

/* A hash of that cost which no password fits (random salt and result). */
void hash_dummy(const struct hash_cost *, char out[HASH_SIZE]);

/*
 * Does the password (len <= PASSWORD_MAX, no NUL inside) fit the hash?  Takes
 * as long as the hash's cost says, whatever the answer.
 */
enum hash_answer hash_verify(
    const char *text, const uint8_t *password, size_t len);

/*
 * The forms that this system computes, as a set of HASH_BIT()s: each is tried
 * once.  Takes some milliseconds.
 */
unsigned int hash_forms(void);

#endif /* AUTHD_HASH_H */
