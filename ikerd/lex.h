/*
 * The words of ikerd.conf: files and the macros and includes in them become
 * one stream of tokens, each with its place.  The grammar (parse.y) calls
 * this; which words are keywords is the grammar's business.
 */
#ifndef IKERD_LEX_H
#define IKERD_LEX_H

#include <stddef.h>
#include <stdint.h>

struct conf;
struct lexer;
struct report;

/* Anything else that lex_next() returns is a character of its own: { } , - */
enum lex_kind {
	LEX_END = 0,
	LEX_WORD = 1, /* bare: names, addresses, algorithms, times */
	LEX_STRING,   /* was quoted */
	LEX_NUMBER,   /* digits only; text is there too */
	LEX_BAD	      /* reported already */
};

/* text lives until lex_close(); '\n' and characters have their own text. */
struct lex_value {
	uint32_t place;
	const char *text;
	size_t len;
	uint64_t number;
};

/*
 * Read a file (refused: not a regular file, writable by others, too large),
 * or a buffer, in which include is refused.  Files are noted in the
 * configuration, errors in the report.  lex_file: NULL when the file cannot
 * be read, which is reported.
 */
struct lexer *lex_file(const char *path, struct conf *, struct report *);
struct lexer *lex_buffer(const char *name, const void *bytes, size_t len,
    struct conf *, struct report *);
/* Zeroes everything that was read: there may have been keys in it. */
void lex_close(struct lexer *);

int lex_next(struct lexer *, struct lex_value *);
/* How many braces are open after the last token. */
unsigned int lex_depth(const struct lexer *);

#endif /* IKERD_LEX_H */
