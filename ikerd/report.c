/*
 * Formats what is wrong with a configuration as "FILE:LINE: text" and hands
 * it to the report's owner.  Called by everything that reads or checks a
 * configuration; prints nothing itself.
 */
#include <stdarg.h>
#include <stdio.h>

#include "ikerd/conf.h"
#include "ikerd/report.h"

/* More errors than anybody reads: the rest is only counted. */
#define REPORT_MAX 100

char *
report_clean(char *text)
{
	char *p;

	for (p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	}
	return text;
}

static void __attribute__((__format__(printf, 4, 0)))
report_line(struct report *r, uint32_t place, const char *kind, const char *fmt,
    va_list ap)
{
	char text[1024], where[CONF_PLACE_STRLEN], line[2048];

	if (r->line == NULL || r->errors + r->warnings > REPORT_MAX)
		return;
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	if (place != 0 && r->conf != NULL)
		(void)snprintf(line, sizeof(line), "%s: %s%s",
		    conf_place_text(r->conf, place, where), kind, text);
	else
		(void)snprintf(line, sizeof(line), "%s%s", kind, text);
	r->line(r->arg, report_clean(line)); /* what it quotes may be odd */
}

void
report_error(struct report *r, uint32_t place, const char *fmt, ...)
{
	va_list ap;

	r->errors++;
	va_start(ap, fmt);
	report_line(r, place, "", fmt, ap);
	va_end(ap);
}

void
report_warning(struct report *r, uint32_t place, const char *fmt, ...)
{
	va_list ap;

	r->warnings++;
	va_start(ap, fmt);
	report_line(r, place, "warning: ", fmt, ap);
	va_end(ap);
}
