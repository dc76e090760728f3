/*
 * Where errors and warnings about the configuration go: one line each, with
 * file and line, to whoever asked (a terminal, the log, ikerctl).
 */
#ifndef IKERD_REPORT_H
#define IKERD_REPORT_H

#include <stdint.h>

struct conf;

struct report {
	void (*line)(void *arg, const char *text); /* NULL: only counted */
	void *arg;
	const struct conf *conf; /* whose places the lines name */
	unsigned int errors;
	unsigned int warnings;
};

/* place: see conf_place(); 0 names no line.  Text ends without a newline. */
void report_error(struct report *, uint32_t place, const char *fmt, ...)
    __attribute__((__format__(printf, 3, 4)));
void report_warning(struct report *, uint32_t place, const char *fmt, ...)
    __attribute__((__format__(printf, 3, 4)));

/* Text from elsewhere made fit for a line: control characters become '?'. */
char *report_clean(char *);

#endif /* IKERD_REPORT_H */
