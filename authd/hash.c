/*
 * The forms of password hashes: argon2 through libsodium's raw crypto_pwhash
 * (its str_verify cannot tell a wrong password from lack of memory), the rest
 * through the system's crypt(3).  No descriptor, no state; users.c checks
 * with it, worker.c computes.
 */
#include <sys/types.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/hash.h"
#include "common/msg.h"
#include "common/rnd.h"

#define ARGON2_VERSION "v=19" /* 1.3, the only one libsodium has */
#define ARGON2_MIN_MEMORY 8   /* KiB, libsodium's least */
#define ARGON2_MAX_TIME 16
#define ARGON2_MAX_WORK (4U * HASH_MEMORY_MAX) /* KiB times passes */
#define ARGON2_RESULT_MAX 64
#define BCRYPT_MIN 4
#define BCRYPT_MAX 14
#define BCRYPT_LEN 60
#define SHA_ROUNDS 5000 /* when the text does not say */
#define SHA_ROUNDS_MIN 1000
#define SHA_ROUNDS_MAX 1000000
#define SHA_SALT_MAX 16

static const char crypt64
    [] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char bcrypt64
    [] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

struct argon2 {
	uint32_t time, memory;
	uint8_t salt[crypto_pwhash_SALTBYTES];
	uint8_t result[ARGON2_RESULT_MAX];
	size_t result_len;
};

struct form {
	const char *prefix;
	enum hash_form form;
	const char *(*check)(const char *rest, struct hash_cost *);
	int alg;	   /* argon2: libsodium's number */
	size_t result_len; /* sha: characters of the result */
};

static const char *check_argon2(const char *, struct hash_cost *);
static const char *check_bcrypt(const char *, struct hash_cost *);
static const char *check_sha(const char *, struct hash_cost *);

/* The first row of a form is the one that dummies are made of. */
static const struct form forms_table[] = {
	{ "$argon2id$", HASH_ARGON2ID, check_argon2,
	    crypto_pwhash_ALG_ARGON2ID13, 0 },
	{ "$argon2i$", HASH_ARGON2I, check_argon2, crypto_pwhash_ALG_ARGON2I13,
	    0 },
	{ "$2b$", HASH_BCRYPT, check_bcrypt, 0, 0 },
	{ "$2a$", HASH_BCRYPT, check_bcrypt, 0, 0 },
	{ "$2y$", HASH_BCRYPT, check_bcrypt, 0, 0 },
	{ "$5$", HASH_SHA256, check_sha, 0, 43 },
	{ "$6$", HASH_SHA512, check_sha, 0, 86 },
};
#define NFORMS (sizeof(forms_table) / sizeof(forms_table[0]))

static const struct form *
form_of(const char *text)
{
	size_t i;

	for (i = 0; i < NFORMS; i++) {
		if (strncmp(text, forms_table[i].prefix,
			strlen(forms_table[i].prefix)) == 0)
			return &forms_table[i];
	}
	return NULL;
}

static const struct form *
form_row(enum hash_form form)
{
	size_t i;

	for (i = 0; i < NFORMS; i++) {
		if (forms_table[i].form == form)
			return &forms_table[i];
	}
	return NULL;
}

/* Decimal, no sign, no zero in front; *at moves behind it.  0 or -1. */
static int
take_number(const char **at, uint32_t *value)
{
	const char *p = *at;
	uint64_t v = 0;

	if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9'))
		return -1;
	for (; *p >= '0' && *p <= '9'; p++) {
		v = v * 10 + (uint64_t)(*p - '0');
		if (v > UINT32_MAX)
			return -1;
	}
	*at = p;
	*value = (uint32_t)v;
	return 0;
}

static int
take_word(const char **at, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*at, word, n) != 0)
		return -1;
	*at += n;
	return 0;
}

/* "v=19$m=65536,t=2,p=1$salt$result" behind the prefix. */
static const char *
split_argon2(const char *p, struct argon2 *a)
{
	uint32_t lanes;
	size_t n;

	memset(a, 0, sizeof(*a));
	if (take_word(&p, ARGON2_VERSION "$m=") == -1 ||
	    take_number(&p, &a->memory) == -1 || take_word(&p, ",t=") == -1 ||
	    take_number(&p, &a->time) == -1 || take_word(&p, ",p=") == -1 ||
	    take_number(&p, &lanes) == -1 || take_word(&p, "$") == -1)
		return "argon2: expected v=19$m=KIB,t=PASSES,p=1$SALT$HASH";
	if (lanes != 1)
		return "argon2: p must be 1";
	if (sodium_base642bin(a->salt, sizeof(a->salt), p, strcspn(p, "$"),
		NULL, &n, NULL,
		sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 ||
	    n != sizeof(a->salt))
		return "argon2: the salt must be 16 bytes in base64";
	p += strcspn(p, "$");
	if (take_word(&p, "$") == -1 ||
	    sodium_base642bin(a->result, sizeof(a->result), p, strlen(p), NULL,
		&n, NULL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 ||
	    n < crypto_pwhash_BYTES_MIN)
		return "argon2: the hash must be 16 to 64 bytes in base64";
	a->result_len = n;
	return NULL;
}

static const char *
check_argon2(const char *rest, struct hash_cost *c)
{
	struct argon2 a;
	const char *why;

	why = split_argon2(rest, &a);
	c->time = a.time;
	c->memory = a.memory;
	sodium_memzero(&a, sizeof(a));
	if (why != NULL)
		return why;
	if (c->memory < ARGON2_MIN_MEMORY || c->memory > HASH_MEMORY_MAX)
		return "argon2: m must be 8 to 262144";
	if (c->time < (c->form == HASH_ARGON2I ? 3 : 1) ||
	    c->time > ARGON2_MAX_TIME)
		return "argon2: t must be 1 (argon2i: 3) to 16";
	if ((uint64_t)c->time * c->memory > ARGON2_MAX_WORK)
		return "argon2: m times t must not exceed 1048576";
	return NULL;
}

/* "10$" and 53 characters: 22 of the salt, 31 of the result. */
static const char *
check_bcrypt(const char *rest, struct hash_cost *c)
{
	if (strlen(rest) != BCRYPT_LEN - strlen("$2b$") || rest[0] < '0' ||
	    rest[0] > '9' || rest[1] < '0' || rest[1] > '9' || rest[2] != '$' ||
	    strspn(rest + 3, bcrypt64) != 53)
		return "bcrypt: expected two digits of cost, $, 53 characters";
	c->time = (uint32_t)((rest[0] - '0') * 10 + rest[1] - '0');
	if (c->time < BCRYPT_MIN || c->time > BCRYPT_MAX)
		return "bcrypt: the cost must be 04 to 14";
	return NULL;
}

/* "rounds=5000$salt$result", where rounds may be absent. */
static const char *
check_sha(const char *p, struct hash_cost *c)
{
	const struct form *f = form_row(c->form);
	size_t n;

	c->time = SHA_ROUNDS;
	if (take_word(&p, "rounds=") == 0) {
		if (take_number(&p, &c->time) == -1 || take_word(&p, "$") == -1)
			return "crypt: expected rounds=NUMBER$";
		if (c->time < SHA_ROUNDS_MIN || c->time > SHA_ROUNDS_MAX)
			return "crypt: rounds must be 1000 to 1000000";
	}
	n = strspn(p, crypt64);
	if (n == 0 || n > SHA_SALT_MAX || p[n] != '$')
		return "crypt: the salt must be 1 to 16 characters";
	p += n + 1;
	if (strlen(p) != f->result_len || strspn(p, crypt64) != f->result_len)
		return "crypt: the hash has a wrong length or character";
	return NULL;
}

const char *
hash_check(
    const char *text, size_t len, unsigned int forms, struct hash_cost *cost)
{
	const struct form *f;
	char copy[HASH_SIZE];
	const char *why;

	memset(cost, 0, sizeof(*cost));
	if (len == 0)
		return "the hash is empty";
	if (len >= sizeof(copy))
		return "the hash is too long";
	if (memchr(text, 0, len) != NULL)
		return "the hash holds a NUL";
	memcpy(copy, text, len);
	copy[len] = '\0';
	if ((f = form_of(copy)) == NULL)
		why = "the hash is of no known form (make one with "
		      "\"ikerctl hash\")";
	else if (!(forms & HASH_BIT(f->form)))
		why = "this system's crypt(3) does not know this form";
	else {
		cost->form = f->form;
		why = f->check(copy + strlen(f->prefix), cost);
	}
	sodium_memzero(copy, sizeof(copy));
	/* cppcheck-suppress returnDanglingLifetime ; why is constant text */
	return why;
}

int
hash_cost_equal(const struct hash_cost *a, const struct hash_cost *b)
{
	return a->form == b->form && a->time == b->time &&
	    a->memory == b->memory;
}

static void
random_text(char *out, size_t n, const char *alphabet)
{
	uint8_t b;

	while (n-- > 0) {
		rnd_bytes(&b, 1);
		*out++ = alphabet[b & 63];
	}
	*out = '\0';
}

static void
dummy_argon2(const struct form *f, const struct hash_cost *c, char *out)
{
	uint8_t salt[crypto_pwhash_SALTBYTES], result[32];
	char s[32], r[48];

	rnd_bytes(salt, sizeof(salt));
	rnd_bytes(result, sizeof(result));
	sodium_bin2base64(s, sizeof(s), salt, sizeof(salt),
	    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	sodium_bin2base64(r, sizeof(r), result, sizeof(result),
	    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	snprintf(out, HASH_SIZE, "%s" ARGON2_VERSION "$m=%u,t=%u,p=1$%s$%s",
	    f->prefix, c->memory, c->time, s, r);
}

void
hash_dummy(const struct hash_cost *c, char out[HASH_SIZE])
{
	const struct form *f = form_row(c->form);
	char salt[32], result[96];

	switch (c->form) {
	case HASH_BCRYPT:
		random_text(salt, 21, bcrypt64);
		random_text(result, 31, bcrypt64);
		/* the 22nd character carries two bits only: "." is canonical */
		snprintf(out, HASH_SIZE, "%s%02u$%s.%s", f->prefix, c->time,
		    salt, result);
		break;
	case HASH_SHA256:
	case HASH_SHA512:
		random_text(salt, SHA_SALT_MAX, crypt64);
		random_text(result, f->result_len, crypt64);
		snprintf(out, HASH_SIZE, "%srounds=%u$%s$%s", f->prefix,
		    c->time, salt, result);
		break;
	default:
		dummy_argon2(f, c, out);
	}
}

static enum hash_answer
verify_argon2(
    const struct form *f, const char *text, const char *password, size_t len)
{
	struct argon2 a;
	uint8_t got[ARGON2_RESULT_MAX];
	enum hash_answer answer = HASH_ERROR;

	if (split_argon2(text + strlen(f->prefix), &a) == NULL &&
	    crypto_pwhash(got, a.result_len, password, len, a.salt, a.time,
		(size_t)a.memory * 1024, f->alg) == 0)
		answer = sodium_memcmp(got, a.result, a.result_len) == 0 ?
		    HASH_YES :
		    HASH_NO;
	sodium_memzero(&a, sizeof(a));
	sodium_memzero(got, sizeof(got));
	return answer;
}

/*
 * crypt(3) answers NULL or "*0" when it will not compute: what it says is
 * compared only when it is a hash of the same form and length.
 */
static enum hash_answer
verify_crypt(const struct form *f, const char *text, const char *password)
{
	char setting[HASH_SIZE];
	enum hash_answer answer = HASH_ERROR;
	size_t skip = strlen(f->prefix), n = strlen(text);
	char *got;

	strlcpy(setting, text, sizeof(setting));
	if (strcmp(f->prefix, "$2y$") == 0) /* PHP's name for $2b$ */
		setting[2] = 'b';
	got = crypt(password, setting);
	if (got != NULL && got[0] == '$' && strlen(got) == n) {
		answer = sodium_memcmp(got + skip, text + skip, n - skip) == 0 ?
		    HASH_YES :
		    HASH_NO;
		sodium_memzero(got, n);
	}
	sodium_memzero(setting, sizeof(setting));
	return answer;
}

enum hash_answer
hash_verify(const char *text, const uint8_t *password, size_t len)
{
	const struct form *f = form_of(text);
	char copy[PASSWORD_MAX + 1];
	enum hash_answer answer;

	if (f == NULL || len > PASSWORD_MAX)
		return HASH_ERROR;
	memcpy(copy, password, len);
	copy[len] = '\0';
	if (f->alg != 0)
		answer = verify_argon2(f, text, copy, len);
	else
		answer = verify_crypt(f, text, copy);
	sodium_memzero(copy, sizeof(copy));
	return answer;
}

unsigned int
hash_forms(void)
{
	static const struct hash_cost least[] = {
		{ HASH_ARGON2ID, 1, ARGON2_MIN_MEMORY },
		{ HASH_ARGON2I, 3, ARGON2_MIN_MEMORY },
		{ HASH_BCRYPT, BCRYPT_MIN, 0 },
		{ HASH_SHA256, SHA_ROUNDS_MIN, 0 },
		{ HASH_SHA512, SHA_ROUNDS_MIN, 0 },
	};
	char dummy[HASH_SIZE];
	unsigned int forms = 0;
	size_t i;

	for (i = 0; i < sizeof(least) / sizeof(least[0]); i++) {
		hash_dummy(&least[i], dummy);
		if (hash_verify(dummy, (const uint8_t *)"x", 1) == HASH_NO)
			forms |= HASH_BIT(least[i].form);
	}
	return forms;
}
