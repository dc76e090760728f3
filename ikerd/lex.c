/*
 * Splits configuration text into tokens.  Includes and macros are resolved
 * here, within bounds (depth, number and size of files, length of a macro),
 * so that the grammar never hears of them.  Reads the files it is told to;
 * changes nothing.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "ikerd/conf.h"
#include "ikerd/lex.h"
#include "ikerd/report.h"

#define FILE_MAX (16U * 1024 * 1024)
#define INCLUDE_DEPTH 8
#define WORD_MAX 2048
#define MACRO_MAX 4096 /* bytes of one value */

#define AT_END (-1)	 /* of everything */
#define AT_FILE_END (-2) /* an included file ended: the line too */

struct source {
	struct source *below;
	char *bytes;
	size_t len, pos;
	size_t file;
	unsigned int line;
	int macro; /* its text, not a file's */
};

struct macro {
	SLIST_ENTRY(macro) entry;
	char *name, *value;
};

/* Text of tokens: kept together so that all of it can be zeroed. */
struct text {
	SLIST_ENTRY(text) entry;
	size_t len;
	char bytes[];
};

struct lexer {
	struct conf *conf;
	struct report *report;
	struct source *top;
	SLIST_HEAD(, macro) macros;
	SLIST_HEAD(, text) texts;
	unsigned int depth;
	int line_start; /* nothing of this statement was read yet */
	int ended;
	int includes; /* allowed */
};

static void *
get(size_t size)
{
	void *p;

	if ((p = calloc(1, size)) == NULL)
		fatal("configuration: calloc");
	return p;
}

static uint32_t
here(const struct lexer *l)
{
	if (l->top == NULL)
		return 0;
	return conf_place(l->top->file, l->top->line);
}

static const char *
keep(struct lexer *l, const char *bytes, size_t len)
{
	struct text *t = get(sizeof(*t) + len + 1);

	t->len = len;
	memcpy(t->bytes, bytes, len);
	SLIST_INSERT_HEAD(&l->texts, t, entry);
	return t->bytes;
}

static void
push(struct lexer *l, char *bytes, size_t len, size_t file, unsigned int line,
    int macro)
{
	struct source *s = get(sizeof(*s));

	s->bytes = bytes;
	s->len = len;
	s->file = file;
	s->line = line;
	s->macro = macro;
	s->below = l->top;
	l->top = s;
}

static void
pop(struct lexer *l)
{
	struct source *s = l->top;

	l->top = s->below;
	freezero(s->bytes, s->len + 1);
	free(s);
}

/* The next character, or AT_...; a line that goes on is a blank. */
static int
next_char(struct lexer *l)
{
	struct source *s;

	if ((s = l->top) == NULL)
		return AT_END;
	if (s->pos == s->len) {
		if (s->macro) {
			pop(l);
			return ' '; /* words do not grow together */
		}
		return AT_FILE_END;
	}
	if (s->bytes[s->pos] == '\\' && s->pos + 1 < s->len &&
	    s->bytes[s->pos + 1] == '\n') {
		s->pos += 2;
		s->line++;
		return ' ';
	}
	return (unsigned char)s->bytes[s->pos++];
}

/* Look at the next character of this source only: none at its end. */
static int
peek(const struct lexer *l)
{
	const struct source *s = l->top;

	if (s == NULL || s->pos == s->len)
		return AT_END;
	return (unsigned char)s->bytes[s->pos];
}

static void
skip_line(struct lexer *l)
{
	while (peek(l) != AT_END && peek(l) != '\n')
		l->top->pos++;
}

static int
is_word(int c)
{
	return c > 0 && c < 0x80 &&
	    (isalnum(c) || strchr("._:/%@+*-", c) != NULL);
}

/* --- files --- */

static int
file_allowed(
    struct lexer *l, const char *path, const struct stat *st, uint32_t place)
{
	const char *why = NULL;

	if (!S_ISREG(st->st_mode))
		why = "is not a file";
	else if (st->st_uid != 0 && st->st_uid != getuid())
		why = "belongs to somebody else than root and you";
	else if (st->st_mode & (S_IWGRP | S_IWOTH))
		why = "can be written by others: chmod go-w";
	else if (st->st_size > (off_t)FILE_MAX)
		why = "is larger than 16 MB";
	else if (l->conf->nfiles == CONF_FILES_MAX)
		why = "is one file too many";
	if (why != NULL)
		report_error(l->report, place, "%s %s", path, why);
	return why == NULL;
}

/* All of a descriptor's size bytes; NULL with errno. */
static char *
read_all(int fd, size_t size)
{
	char *bytes = get(size + 1);
	size_t have = 0;
	ssize_t n;

	while (have < size) {
		n = read(fd, bytes + have, size - have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = EIO; /* it became shorter */
			freezero(bytes, size + 1);
			return NULL;
		}
		have += (size_t)n;
	}
	return bytes;
}

static void
note_file(struct lexer *l, const char *name, mode_t mode)
{
	struct conf_file *f = &l->conf->file[l->conf->nfiles++];

	if ((f->name = strdup(name)) == NULL)
		fatal("configuration: strdup");
	f->mode = mode;
}

static int
push_file(struct lexer *l, const char *path, uint32_t place)
{
	struct stat st;
	char *bytes = NULL;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 || fstat(fd, &st) == -1) {
		report_error(l->report, place, "%s: %s", path, strerror(errno));
	} else if (file_allowed(l, path, &st, place)) {
		bytes = read_all(fd, (size_t)st.st_size);
		if (bytes == NULL)
			report_error(
			    l->report, place, "%s: %s", path, strerror(errno));
	}
	if (fd != -1)
		close(fd);
	if (bytes == NULL)
		return -1;
	note_file(l, path, st.st_mode);
	push(l, bytes, (size_t)st.st_size, l->conf->nfiles - 1, 1, 0);
	return 0;
}

static struct lexer *
lexer_new(struct conf *conf, struct report *report)
{
	struct lexer *l = get(sizeof(*l));

	l->conf = conf;
	l->report = report;
	l->line_start = 1;
	report->conf = conf;
	return l;
}

struct lexer *
lex_file(const char *path, struct conf *conf, struct report *report)
{
	struct lexer *l = lexer_new(conf, report);

	l->includes = 1;
	if (push_file(l, path, 0) == -1) {
		lex_close(l);
		return NULL;
	}
	return l;
}

struct lexer *
lex_buffer(const char *name, const void *bytes, size_t len, struct conf *conf,
    struct report *report)
{
	struct lexer *l = lexer_new(conf, report);
	char *copy = get(len + 1);

	memcpy(copy, bytes, len);
	note_file(l, name, 0);
	push(l, copy, len, 0, 1, 0);
	return l;
}

void
lex_close(struct lexer *l)
{
	struct macro *m;
	struct text *t;

	while (l->top != NULL)
		pop(l);
	while ((m = SLIST_FIRST(&l->macros)) != NULL) {
		SLIST_REMOVE_HEAD(&l->macros, entry);
		freezero(m->value, strlen(m->value));
		free(m->name);
		free(m);
	}
	while ((t = SLIST_FIRST(&l->texts)) != NULL) {
		SLIST_REMOVE_HEAD(&l->texts, entry);
		freezero(t, sizeof(*t) + t->len + 1);
	}
	free(l);
}

unsigned int
lex_depth(const struct lexer *l)
{
	return l->depth;
}

/* --- tokens --- */

static int
bad(struct lexer *l, struct lex_value *v, const char *why)
{
	report_error(l->report, v->place, "%s", why);
	v->text = "";
	v->len = 0;
	return LEX_BAD;
}

/* One character of a quoted string; 0, or -1 when it may not be there. */
static int
string_char(struct lexer *l, int c, char *out)
{
	if (c == '\\') {
		c = peek(l);
		if (c != '"' && c != '\\' && c != 'n')
			return -1;
		l->top->pos++;
		*out = (char)(c == 'n' ? '\n' : c);
		return 0;
	}
	if (c < 0x20 || c == 0x7f)
		return -1;
	*out = (char)c;
	return 0;
}

static int
lex_string(struct lexer *l, struct lex_value *v)
{
	char buf[WORD_MAX];
	size_t n = 0;
	int c, kind = LEX_STRING;

	for (;;) {
		c = peek(l);
		if (c == AT_END || c == '\n') {
			kind = bad(l, v, "the quote is not closed on its line");
			break;
		}
		l->top->pos++;
		if (c == '"')
			break;
		if (n == sizeof(buf)) {
			kind = bad(l, v, "the string is too long");
			skip_line(l);
			break;
		}
		if (string_char(l, c, &buf[n]) == -1) {
			kind = bad(l, v,
			    c == '\\' ?
				"in a string only \\\", \\\\ and \\n begin "
				"with a backslash" :
				"control character in a string");
			skip_line(l);
			break;
		}
		n++;
	}
	if (kind == LEX_STRING) {
		v->text = keep(l, buf, n);
		v->len = n;
	}
	explicit_bzero(buf, sizeof(buf));
	return kind;
}

static int
lex_number(struct lexer *l, struct lex_value *v)
{
	const char *p;

	v->number = 0;
	for (p = v->text; *p != '\0'; p++) {
		if (v->number > UINT64_MAX / 10 - 1)
			return bad(l, v, "the number is too large");
		v->number = v->number * 10 + (uint64_t)(*p - '0');
	}
	return LEX_NUMBER;
}

static int
lex_word(struct lexer *l, struct lex_value *v)
{
	struct source *s = l->top;
	size_t from = s->pos - 1;

	while (s->pos < s->len && is_word((unsigned char)s->bytes[s->pos]))
		s->pos++;
	if (s->pos - from > WORD_MAX)
		return bad(l, v, "the word is too long");
	v->len = s->pos - from;
	v->text = keep(l, s->bytes + from, v->len);
	if (v->text[strspn(v->text, "0123456789")] == '\0')
		return lex_number(l, v);
	return strcmp(v->text, "-") == 0 ? '-' : LEX_WORD;
}

static struct macro *
macro_find(struct lexer *l, const char *name)
{
	struct macro *m;

	SLIST_FOREACH(m, &l->macros, entry) {
		if (strcmp(m->name, name) == 0)
			return m;
	}
	return NULL;
}

/* $name: its text is read next.  A value holds no $, so this cannot loop. */
static int
expand(struct lexer *l, struct lex_value *v)
{
	struct source *s = l->top;
	struct macro *m;
	size_t from = s->pos;
	char name[NAME_SIZE], *copy;

	if (s->macro)
		return bad(l, v, "a macro's value may not hold a $");
	while (s->pos < s->len &&
	    (isalnum((unsigned char)s->bytes[s->pos]) ||
		s->bytes[s->pos] == '_'))
		s->pos++;
	if (s->pos == from || s->pos - from >= sizeof(name))
		return bad(l, v, "after $ the name of a macro is expected");
	memcpy(name, s->bytes + from, s->pos - from);
	name[s->pos - from] = '\0';
	if ((m = macro_find(l, name)) == NULL) {
		report_error(l->report, v->place,
		    "macro $%s is not defined before this line", name);
		return LEX_BAD;
	}
	if ((copy = strdup(m->value)) == NULL)
		fatal("configuration: strdup");
	push(l, copy, strlen(copy), s->file, s->line, 1);
	return 0;
}

/* One token; includes and definitions are not seen yet. */
static int
raw_next(struct lexer *l, struct lex_value *v)
{
	int c;

	for (;;) {
		c = next_char(l);
		memset(v, 0, sizeof(*v));
		v->place = here(l);
		v->text = "";
		if (c == ' ' || c == '\t' || c == '\r')
			continue;
		if (c == '#') {
			skip_line(l);
			continue;
		}
		if (c == '$') {
			if ((c = expand(l, v)) != 0)
				return c;
			continue;
		}
		break;
	}
	if (c < 0)
		return c;
	if (c == '\n') {
		if (l->top->line < CONF_LINE_MAX)
			l->top->line++;
		return c;
	}
	if (c == '"')
		return lex_string(l, v);
	if (is_word(c))
		return lex_word(l, v);
	if (c != '\0' && strchr("{},;=()<>!", c) != NULL) {
		v->len = 1;
		v->text = keep(l, (char[]){ (char)c, '\0' }, 1);
		return c;
	}
	if (c > 0x20 && c < 0x7f)
		report_error(
		    l->report, v->place, "'%c' has no meaning here", c);
	else
		report_error(
		    l->report, v->place, "byte 0x%02x has no meaning here", c);
	return LEX_BAD;
}

/* --- include and NAME = VALUE, at the beginning of a line only --- */

static unsigned int
include_depth(const struct lexer *l)
{
	const struct source *s;
	unsigned int n = 0;

	for (s = l->top; s != NULL; s = s->below)
		n++;
	return n;
}

static void
include(struct lexer *l)
{
	struct lex_value name, end;
	char *path;
	int kind;

	kind = raw_next(l, &name);
	if (kind != LEX_STRING) {
		if (kind != LEX_BAD)
			report_error(l->report, name.place,
			    "expected: include \"FILE\"");
		if (kind != '\n')
			skip_line(l);
		return;
	}
	if ((kind = raw_next(l, &end)) != '\n' && kind >= 0) {
		report_error(l->report, end.place,
		    "nothing may follow include \"FILE\" on its line");
		skip_line(l);
	}
	if (!l->includes) {
		report_error(l->report, name.place, "include is not allowed");
	} else if (include_depth(l) > INCLUDE_DEPTH) {
		report_error(l->report, name.place,
		    "include within include, more than %d deep", INCLUDE_DEPTH);
	} else {
		path = conf_path(l->conf, name.place, name.text);
		(void)push_file(l, path, name.place);
		free(path);
	}
}

/* Is this bare word the name of a macro that is being defined? */
static int
is_definition(struct lexer *l)
{
	const struct source *s = l->top;
	size_t i;

	if (s == NULL || s->macro)
		return 0;
	for (i = s->pos; i < s->len; i++) {
		if (s->bytes[i] != ' ' && s->bytes[i] != '\t')
			return s->bytes[i] == '=';
	}
	return 0;
}

static void
define(struct lexer *l, const struct lex_value *name)
{
	struct lex_value v;
	struct macro *m;
	char value[MACRO_MAX] = "";
	int kind;

	(void)raw_next(l, &v); /* = */
	while ((kind = raw_next(l, &v)) != '\n' && kind >= 0) {
		if (kind == LEX_BAD)
			continue;
		if (value[0] != '\0')
			(void)strlcat(value, " ", sizeof(value));
		if (strlcat(value, v.text, sizeof(value)) >= sizeof(value)) {
			report_error(l->report, v.place,
			    "the value of %s is too long", name->text);
			skip_line(l);
		}
	}
	if (strspn(name->text,
		"abcdefghijklmnopqrstuvwxyz0123456789_"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ") != name->len ||
	    name->len >= NAME_SIZE) {
		report_error(l->report, name->place,
		    "a macro's name has only letters, digits and _");
	} else if (value[0] == '\0') {
		report_error(
		    l->report, name->place, "expected: %s = VALUE", name->text);
	} else if (macro_find(l, name->text) != NULL) {
		report_error(l->report, name->place,
		    "macro %s is defined already", name->text);
	} else {
		m = get(sizeof(*m));
		m->name = strdup(name->text);
		m->value = strdup(value);
		if (m->name == NULL || m->value == NULL)
			fatal("configuration: strdup");
		SLIST_INSERT_HEAD(&l->macros, m, entry);
	}
	explicit_bzero(value, sizeof(value));
}

/* A file ended.  Its last line ends with it, newline or not. */
static int
file_end(struct lexer *l, struct lex_value *v)
{
	if (!l->line_start) {
		l->line_start = 1;
		return '\n';
	}
	if (l->top->below == NULL) {
		l->ended = 1;
		return LEX_END;
	}
	pop(l);
	return lex_next(l, v);
}

int
lex_next(struct lexer *l, struct lex_value *v)
{
	int kind;

	for (;;) {
		if (l->ended || (kind = raw_next(l, v)) == AT_END) {
			v->place = here(l);
			return LEX_END;
		}
		if (kind == AT_FILE_END)
			return file_end(l, v);
		if (kind != LEX_WORD || !l->line_start || l->depth > 0)
			break;
		if (strcmp(v->text, "include") == 0)
			include(l);
		else if (is_definition(l))
			define(l, v);
		else
			break;
	}
	l->line_start = kind == '\n';
	if (kind == '{')
		l->depth++;
	else if (kind == '}' && l->depth > 0)
		l->depth--;
	return kind;
}
