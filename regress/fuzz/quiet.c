/*
 * Stands in for common/log.c in fuzz targets: lines are made, so that what
 * goes into them is checked, and thrown away; what would end a process is a
 * finding.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

static void drop(const char *fmt, va_list ap)
    __attribute__((__format__(printf, 1, 0)));

static void
drop(const char *fmt, va_list ap)
{
	static char line[8192];
	int n = vsnprintf(line, sizeof(line), fmt, ap);

	if (n < 0 || strchr(line, '\n') != NULL)
		abort(); /* one event, one line */
}

#define LINE(name)                      \
	void name(const char *fmt, ...) \
	{                               \
		va_list ap;             \
                                        \
		va_start(ap, fmt);      \
		drop(fmt, ap);          \
		va_end(ap);             \
	}
LINE(log_warn)
LINE(log_warnx)
LINE(log_info)
LINE(log_debug)

#define END(name)                          \
	void name(const char *fmt, ...)    \
	{                                  \
		va_list ap;                \
                                           \
		va_start(ap, fmt);         \
		vfprintf(stderr, fmt, ap); \
		fputc('\n', stderr);       \
		abort();                   \
	}
END(fatal)
END(fatalx)

void
log_init(const char *name, int to_stderr)
{
}

void
log_verbose(int on)
{
}

int
log_is_verbose(void)
{
	return 1;
}

int
log_limit(struct log_limiter *l, unsigned int *suppressed)
{
	*suppressed = l->suppressed;
	return 1;
}
