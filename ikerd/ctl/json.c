/*
 * A row as one JSON object on one line, every field but secrets, by the
 * message table alone.  Names that are numbers (sessions, SPIs) are strings,
 * as 64 bits do not fit into every reader's numbers.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ikerd/ctl/show.h"

static void
json_string(FILE *f, const char *s)
{
	const unsigned char *p;

	putc('"', f);
	for (p = (const unsigned char *)s; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(f, "\\%c", *p);
		else if (*p < 0x20 || *p > 0x7e)
			fprintf(f, "\\u%04x", *p);
		else
			putc(*p, f);
	}
	putc('"', f);
}

static int
is_number(const struct msg_field *f)
{
	switch (f->kind) {
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_RANGE:
		return strcmp(f->name, "session") != 0 &&
		    strncmp(f->name, "spi_", 4) != 0;
	default:
		return 0;
	}
}

static void
json_value(FILE *out, const struct msg_field *f, const void *payload)
{
	char text[FIELD_TEXT_SIZE];

	if (f->kind == FIELD_STR) { /* its bytes, not what a terminal gets */
		json_string(out, (const char *)payload + f->offset);
		return;
	}
	field_text(f, payload, text);
	if (is_number(f))
		fputs(text, out);
	else if (text[0] == '\0')
		fputs("null", out); /* no address */
	else
		json_string(out, text);
}

void
json_row(FILE *out, enum msg_type type, const void *payload)
{
	const struct msg_desc *d = msg_desc(type);
	const struct msg_field *f;
	const char *p = d->name;

	if (strncmp(p, "ROW_", 4) == 0)
		p += 4;
	fputs("{\"row\":\"", out);
	for (; *p != '\0'; p++)
		putc(tolower((unsigned char)*p), out);
	putc('"', out);
	for (f = d->fields(); f->name != NULL; f++) {
		if (f->kind == FIELD_SECRET)
			continue;
		putc(',', out);
		json_string(out, f->name);
		putc(':', out);
		json_value(out, f, payload);
	}
	fputs("}\n", out);
}
