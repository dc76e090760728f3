/*
 * Fuzz: the file of local users.  What parses has a user for every name it
 * names, hashes within bounds, and a dummy that is one itself; what does not
 * parse says on which of its lines.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "authd/users.h"
#include "common/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

#define FORMS (HASH_BIT(HASH_FORMS) - 1)

/* A line that is a user's: found again, by itself. */
static size_t
check_line(const struct users *set, const char *line, size_t len)
{
	char name[USER_NAME_MAX + 1];
	const struct user *u;
	const char *colon = memchr(line, ':', len);
	struct hash_cost c;

	if (colon == NULL || line[0] == '#')
		return 0;
	MUST(colon - line <= USER_NAME_MAX);
	memcpy(name, line, (size_t)(colon - line));
	name[colon - line] = '\0';
	MUST((u = users_find(set, name)) != NULL);
	MUST(strcmp(u->name, name) == 0);
	MUST(strncmp(u->hash, colon + 1, strlen(u->hash)) == 0);
	MUST(hash_check(u->hash, strlen(u->hash), FORMS, &c) == NULL);
	MUST(hash_cost_equal(&c, &u->cost));
	MUST(c.memory <= HASH_MEMORY_MAX);
	return 1;
}

static void
check_all(const struct users *set, const char *in, size_t size)
{
	const char *end, *p = in;
	size_t n = 0, len;
	struct hash_cost c;

	while (p < in + size) {
		end = memchr(p, '\n', (size_t)(in + size - p));
		len = end == NULL ? (size_t)(in + size - p) : (size_t)(end - p);
		n += check_line(set, p, len);
		p += len + 1;
	}
	MUST(n == users_count(set));
	MUST(users_uneven(set) <= n);
	MUST(hash_check(users_dummy(set), strlen(users_dummy(set)), FORMS,
		 &c) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	static int started;
	struct users_error e;
	struct users *set;
	unsigned int lines = 1;
	size_t i;

	if (!started)
		secret_init();
	started = 1;
	set = users_parse((const char *)in, size, FORMS, &e);
	if (set != NULL) {
		check_all(set, (const char *)in, size);
		users_free(set);
		return 0;
	}
	for (i = 0; i < size; i++)
		lines += in[i] == '\n';
	MUST(e.line >= 1 && e.line <= lines);
	MUST(memchr(e.text, 0, sizeof(e.text)) != NULL && e.text[0] != '\0');
	return 0;
}
