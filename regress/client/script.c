/*
 * The script language: lines into words, variables, loops, and the command of
 * each line from the tables of setup.c, steps.c and bad.c.  The first
 * expectation that does not hold ends the program with file and line.
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
	struct variable *v;
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "%s:%d: ", sc->file, sc->line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	for (v = sc->vars; v != NULL; v = v->next)
		fprintf(stderr, "%s%s = %s", v == sc->vars ? "  [" : ", ",
		    v->name, v->value);
	fprintf(stderr, "]\n");
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
run_words(struct script *sc, char **argv, int argc)
{
	const struct command *c;

	if ((c = find(setup_commands, argv[0])) == NULL &&
	    (c = find(step_commands, argv[0])) == NULL &&
	    (c = find(rekey_commands, argv[0])) == NULL &&
	    (c = find(key_commands, argv[0])) == NULL &&
	    (c = find(bad_commands, argv[0])) == NULL &&
	    (c = find(frag_commands, argv[0])) == NULL)
		fail(sc, "no command %s", argv[0]);
	if (argc - 1 < c->min || argc - 1 > c->max)
		fail(
		    sc, "%s takes %d to %d arguments", c->name, c->min, c->max);
	c->run(sc, argv + 1, argc - 1);
}

/* The line with its variables filled in, as words. */
static int
words(struct script *sc, const char *line, char *buf, size_t max, char **argv)
{
	int argc;

	line += strspn(line, " \t");
	if (*line == '#')
		return 0;
	expand(sc, line, buf, max);
	argc = split(sc, buf, argv);
	argv[argc] = NULL;
	return argc;
}

static int
begins(const char *line, const char *word)
{
	size_t len = strlen(word);

	line += strspn(line, " \t");
	return strncmp(line, word, len) == 0 &&
	    (line[len] == '\0' || isspace((unsigned char)line[len]));
}

/* The line of the "end" that belongs to the "for" in line from. */
static int
block_end(struct script *sc, char **lines, int from, int to)
{
	int depth = 0, i;

	for (i = from; i < to; i++) {
		depth += begins(lines[i], "for");
		depth -= begins(lines[i], "end");
		if (depth == 0)
			return i;
	}
	fail(sc, "for without end");
}

static void run_lines(struct script *, char **, int, int);

/* for NAME in VALUE ... | for NAME from A to B step C, up to its end */
static void
run_for(struct script *sc, char **lines, int at, int end)
{
	char buf[8192], text[32], *v[ARGS_MAX + 1];
	int n = words(sc, lines[at], buf, sizeof(buf), v), i;
	long k;

	if (n > 3 && strcmp(v[2], "in") == 0) {
		for (i = 3; i < n; i++) {
			script_set(sc, v[1], v[i]);
			run_lines(sc, lines, at + 1, end);
		}
		return;
	}
	if (n != 8 || strcmp(v[2], "from") != 0 || number(sc, v[7]) <= 0)
		fail(sc, "for NAME in VALUE ... | for NAME from A to B step C");
	for (k = number(sc, v[3]); k <= number(sc, v[5]);
	     k += number(sc, v[7])) {
		snprintf(text, sizeof(text), "%ld", k);
		script_set(sc, v[1], text);
		run_lines(sc, lines, at + 1, end);
	}
}

static void
run_lines(struct script *sc, char **lines, int from, int to)
{
	char buf[8192], *argv[ARGS_MAX + 1];
	int i, n, end;

	for (i = from; i < to; i++) {
		sc->line = i + 1;
		if (begins(lines[i], "for")) {
			end = block_end(sc, lines, i, to);
			run_for(sc, lines, i, end);
			i = end;
			continue;
		}
		n = words(sc, lines[i], buf, sizeof(buf), argv);
		if (n > 0 && sc->verbose)
			say(sc, "%s:%d: %s", sc->file, sc->line,
			    lines[i] + strspn(lines[i], " \t"));
		if (n > 0)
			run_words(sc, argv, n);
	}
}

static char **
read_lines(const char *path, int *count)
{
	FILE *fp = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	char **lines = NULL, *line = NULL;
	size_t size = 0;
	int n = 0;

	if (fp == NULL)
		err(1, "%s", path);
	while (getline(&line, &size, fp) != -1) {
		line[strcspn(line, "\n")] = '\0';
		lines = realloc(lines, (size_t)(n + 1) * sizeof(*lines));
		if (lines == NULL)
			err(1, NULL);
		lines[n++] = line;
		line = NULL;
		size = 0;
	}
	free(line);
	if (fp != stdin)
		fclose(fp);
	*count = n;
	return lines;
}

/* Run a file; "-" is standard input. */
void
script_file(struct script *sc, const char *path)
{
	const char *file = sc->file;
	int line = sc->line, n;
	char **lines;

	if (sc->depth > 8)
		fail(sc, "includes too deep");
	lines = read_lines(path, &n);
	sc->file = path;
	sc->depth++;
	run_lines(sc, lines, 0, n);
	while (n > 0)
		free(lines[--n]);
	free(lines);
	sc->depth--;
	sc->file = file;
	sc->line = line;
}
