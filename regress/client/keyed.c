/*
 * Script commands about the keys of the SA pair that was made last: to show
 * them, and to compare them with those that the gateway gave to its kernel,
 * when that is played (regress/bench/openkernel.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "script.h"

/* "SPI KEYMAT", as the played kernel writes it, too */
static char *
line_of(uint32_t spi, const uint8_t *key, size_t len)
{
	static char text[16 + 2 * KEYMAT_MAX];
	size_t i, at;

	at = (size_t)snprintf(text, sizeof(text), "%08x ", spi);
	for (i = 0; i < len; i++)
		snprintf(text + at + 2 * i, 3, "%02x", key[i]);
	return text;
}

static const struct quick *
done(struct script *sc)
{
	const struct quick *q = sc->cur->s.q;

	if (q == NULL || q->spi_out == 0)
		fail(sc, "no Quick Mode is done");
	return q;
}

/* show-keys: SPI and KEYMAT of both SAs */
static void
do_show_keys(struct script *sc, char **v, int n)
{
	const struct quick *q = done(sc);

	say(sc, "in %s", line_of(q->spi_in, q->keys_in, q->keys_len));
	say(sc, "out %s", line_of(q->spi_out, q->keys_out, q->keys_len));
}

/* Has the kernel got this SA?  With other keys the script fails. */
static int
has(struct script *sc, const char *path, const char *want)
{
	char line[16 + 2 * KEYMAT_MAX];
	int found = 0;
	FILE *f;

	if ((f = fopen(path, "r")) == NULL)
		fail(sc, "cannot read %s", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, want, 9) != 0)
			continue;
		if (strcmp(line, want) != 0)
			fail(sc,
			    "the gateway's kernel got other keys: %s, not %s",
			    line, want);
		found = 1;
	}
	fclose(f);
	return found;
}

static void
await(struct script *sc, const char *path, const char *want)
{
	static const struct timespec pause = { 0, 50000000 };
	int64_t until = now_ms() + sc->cur->timeout;

	while (!has(sc, path, want)) {
		if (now_ms() > until)
			fail(sc, "the gateway's kernel has not got %s", want);
		nanosleep(&pause, NULL);
	}
}

/* expect-keys FILE: the played kernel has both SAs; none: it is not played */
static void
do_expect_keys(struct script *sc, char **v, int n)
{
	const struct quick *q = done(sc);

	if (strcmp(v[0], "none") == 0)
		return;
	await(sc, v[0], line_of(q->spi_out, q->keys_out, q->keys_len));
	await(sc, v[0], line_of(q->spi_in, q->keys_in, q->keys_len));
}

const struct command key_commands[] = {
	{ "show-keys", 0, 0, do_show_keys },
	{ "expect-keys", 1, 1, do_expect_keys },
	{ NULL, 0, 0, NULL },
};
