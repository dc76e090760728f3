/*
 * The script language: lines into words, variables, and the command of each
 * line from the tables of setup.c, steps.c and bad.c.  The first expectation
 * that does not hold ends the program with file and line.
 */
#include <ctype.h>
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

void
fail(struct script *sc, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "%s:%d: ", sc->file, sc->line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	exit(1);
}

/* A result for people, unless -q. */
void
say(struct script *sc, const char *fmt, ...)
{
	va_list ap;

	if (sc->quiet)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

long
number(struct script *sc, const char *text)
{
	char *end;
	long n = strtol(text, &end, 0);

	if (*text == '\0' || *end != '\0')
		fail(sc, "%s is not a number", text);
	return n;
}

/* Send what a builder made (r is its result), or fail with its reason. */
void
send_built(struct script *sc, int r)
{
	if (sc->cur->net.fd == -1)
		fail(sc, "not connected");
	if (r == -1 || actor_send(sc->cur, &sc->w) == -1)
		fail(sc, "cannot send: %s", sc->cur->s.why);
}

void
script_set(struct script *sc, const char *name, const char *value)
{
	struct variable *v;

	for (v = sc->vars; v != NULL; v = v->next)
		if (strcmp(v->name, name) == 0)
			break;
	if (v == NULL) {
		if ((v = calloc(1, sizeof(*v))) == NULL)
			err(1, NULL);
		snprintf(v->name, sizeof(v->name), "%s", name);
		v->next = sc->vars;
		sc->vars = v;
	}
	snprintf(v->value, sizeof(v->value), "%s", value);
}

static const char *
lookup(struct script *sc, const char *name, size_t len)
{
	struct variable *v;

	for (v = sc->vars; v != NULL; v = v->next)
		if (strlen(v->name) == len && memcmp(v->name, name, len) == 0)
			return v->value;
	fail(sc, "no variable %.*s (give it with -D)", (int)len, name);
}

/* Replace $name by its value. */
static void
expand(struct script *sc, const char *in, char *out, size_t max)
{
	const char *value, *end;
	size_t n = 0, len;

	while (*in != '\0' && n + 1 < max) {
		if (*in != '$') {
			out[n++] = *in++;
			continue;
		}
		for (end = ++in; isalnum((unsigned char)*end) || *end == '_';)
			end++;
		value = lookup(sc, in, (size_t)(end - in));
		len = strlen(value);
		if (n + len + 1 > max)
			fail(sc, "line too long");
		memcpy(out + n, value, len);
		n += len;
		in = end;
	}
	out[n] = '\0';
}

/* Words between blanks; "quotes" keep blanks; # begins a comment. */
static int
split(struct script *sc, char *p, char **argv)
{
	int argc = 0, quoted;

	for (;;) {
		while (isspace((unsigned char)*p))
			p++;
		if (*p == '\0' || *p == '#')
			return argc;
		if (argc == ARGS_MAX)
			fail(sc, "too many words");
		quoted = *p == '"';
		p += quoted;
		argv[argc++] = p;
		while (*p != '\0' &&
		    (quoted ? *p != '"' : !isspace((unsigned char)*p)))
			p++;
		if (*p == '\0' && quoted)
			fail(sc, "quote without end");
		if (*p != '\0')
			*p++ = '\0';
	}
}

static const struct command *
find(const struct command *t, const char *name)
{
	for (; t->name != NULL; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

static void
run_line(struct script *sc, char *line)
{
	char text[8192], words[8192], *argv[ARGS_MAX + 1];
	const struct command *c;
	int argc;

	if (strlen(line) + 1 > sizeof(text))
		fail(sc, "line too long");
	snprintf(text, sizeof(text), "%s", line);
	if (text[strspn(text, " \t")] == '#')
		return;
	expand(sc, text, words, sizeof(words));
	if ((argc = split(sc, words, argv)) == 0)
		return;
	argv[argc] = NULL;
	if ((c = find(setup_commands, argv[0])) == NULL &&
	    (c = find(step_commands, argv[0])) == NULL &&
	    (c = find(bad_commands, argv[0])) == NULL)
		fail(sc, "no command %s", argv[0]);
	if (argc - 1 < c->min || argc - 1 > c->max)
		fail(
		    sc, "%s takes %d to %d arguments", c->name, c->min, c->max);
	if (sc->verbose)
		say(sc, "%s:%d: %s", sc->file, sc->line,
		    line + strspn(line, " \t"));
	c->run(sc, argv + 1, argc - 1);
}

/* Run a file; "-" is standard input. */
void
script_file(struct script *sc, const char *path)
{
	const char *file = sc->file;
	int line_no = sc->line;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	FILE *fp;

	if (sc->depth > 8)
		fail(sc, "includes too deep");
	fp = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	if (fp == NULL)
		err(1, "%s", path);
	sc->file = path;
	sc->line = 0;
	sc->depth++;
	while ((n = getline(&line, &size, fp)) != -1) {
		sc->line++;
		if (n > 0 && line[n - 1] == '\n')
			line[n - 1] = '\0';
		run_line(sc, line);
	}
	free(line);
	if (fp != stdin)
		fclose(fp);
	sc->depth--;
	sc->file = file;
	sc->line = line_no;
}
