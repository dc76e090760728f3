/*
 * Fuzz: ikerd.conf from memory through lexer, grammar and checks.  What is
 * accepted must print, and what is printed must be accepted again and print
 * the same; every message made from it must pass its receiver's check.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/secret.h"
#include "ikerd/conf.h"
#include "ikerd/conf_send.h"
#include "ikerd/parse.h"
#include "ikerd/printconf.h"
#include "ikerd/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

/* A line of the report is one line, whatever stands in the file. */
static void
line(void *arg, const char *text)
{
	MUST(strchr(text, '\n') == NULL);
}

static struct conf *
load(const void *bytes, size_t len)
{
	struct report r;

	memset(&r, 0, sizeof(r));
	r.line = line;
	return conf_load_buffer("fuzz", bytes, len, &r);
}

static char *
print(const struct conf *c)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	MUST(f != NULL);
	conf_print(c, f);
	MUST(fclose(f) == 0);
	return text;
}

static void
emit(void *arg, enum msg_type type, const void *payload)
{
	const enum process *to = arg;

	MUST(msg_check(PROC_PARENT, *to, type, payload, msg_desc(type)->size,
		 0) == NULL);
}

static void
use(const struct conf *c)
{
	char reason[REASON_SIZE];
	enum process to;
	uint32_t place;

	for (to = PROC_IKE; to < PROC_COUNT; to++)
		conf_send(c, to, emit, &to);
	free(rules_text(c, reason, &place));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int started;
	struct conf *c, *again;
	char *text, *same;

	if (!started) {
		secret_init();
		started = 1;
	}
	if ((c = load(data, size)) == NULL)
		return 0;
	use(c);
	text = print(c);
	again = load(text, strlen(text));
	MUST(again != NULL);
	same = print(again);
	MUST(strcmp(text, same) == 0);
	conf_free(c);
	conf_free(again);
	free(text);
	free(same);
	return 0;
}
