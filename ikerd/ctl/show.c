/*
 * Tables for people.  Which fields of a row are shown, in which order and how
 * wide, is one const table per row type; a table wider than 80 has its texts
 * shortened, never its addresses and numbers, and its last column never.
 */
#include <sys/types.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "ikerd/ctl/show.h"

#define WIDTH 80
#define COLUMNS_MAX 8

enum format {
	AS_IS,
	RIGHT,	/* a number: aligned at its end */
	AGE,	/* s since the epoch: how long ago */
	WHEN,	/* s since the epoch: date and time */
	DAY,	/* s since the epoch: the date, with its year */
	TRAFFIC /* bytes: 1.2M */
};

struct column {
	const char *field, *title;
	enum format format;
	int least; /* may be shortened to this; 0: never */
};

static const struct column processes[COLUMNS_MAX + 1] = {
	{ "process", "PROCESS", AS_IS, 0 },
	{ "pid", "PID", RIGHT, 0 },
	{ "user", "USER", AS_IS, 8 },
	{ "state", "STATE", AS_IS, 0 },
	{ "since", "FOR", AGE, 0 },
	{ "restarts", "RESTARTS", RIGHT, 0 },
	{ NULL, NULL, AS_IS, 0 },
};
static const struct column messages[COLUMNS_MAX + 1] = {
	{ "process", "PROCESS", AS_IS, 0 },
	{ "peer", "PEER", AS_IS, 0 },
	{ "type", "MESSAGE", AS_IS, 16 },
	{ "sent", "SENT", RIGHT, 0 },
	{ "received", "RECEIVED", RIGHT, 0 },
	{ NULL, NULL, AS_IS, 0 },
};
static const struct column counters[COLUMNS_MAX + 1] = {
	{ "process", "PROCESS", AS_IS, 0 },
	{ "name", "COUNTER", AS_IS, 24 },
	{ "value", "VALUE", RIGHT, 0 },
	{ NULL, NULL, AS_IS, 0 },
};
static const struct column sessions[COLUMNS_MAX + 1] = {
	{ "session", "SESSION", AS_IS, 0 },
	{ "user", "USER", AS_IS, 6 },
	{ "group", "GROUP", AS_IS, 6 },
	{ "address", "ADDRESS", AS_IS, 0 },
	{ "source", "FROM", AS_IS, 0 },
	{ "state", "STATE", AS_IS, 5 },
	{ "since", "FOR", AGE, 0 },
	{ NULL, NULL, AS_IS, 0 },
};
static const struct column sas[COLUMNS_MAX + 1] = {
	{ "session", "SESSION", AS_IS, 0 },
	{ "spi_in", "SPI-IN", AS_IS, 0 },
	{ "spi_out", "SPI-OUT", AS_IS, 0 },
	{ "remote", "REMOTE", AS_IS, 0 },
	{ "esp", "ESP", AS_IS, 8 },
	{ "bytes_in", "IN", TRAFFIC, 0 },
	{ "bytes_out", "OUT", TRAFFIC, 0 },
	{ "since", "FOR", AGE, 0 },
	{ NULL, NULL, AS_IS, 0 },
};
static const struct column servers[COLUMNS_MAX + 1] = {
	{ "list", "LIST", AS_IS, 8 },
	{ "protocol", "PROTOCOL", AS_IS, 7 },
	{ "server", "SERVER", AS_IS, 0 },
	{ "state", "STATE", AS_IS, 6 },
	{ "asked", "ASKED", RIGHT, 0 },
	{ "silent", "SILENT", RIGHT, 0 },
	{ "ms", "MS", RIGHT, 0 },
	{ NULL, NULL, AS_IS, 0 },
};
static const struct column failures[COLUMNS_MAX + 1] = {
	{ "when", "WHEN", WHEN, 0 },
	{ "source", "FROM", AS_IS, 0 },
	{ "name", "NAME", AS_IS, 8 },
	{ "step", "STEP", AS_IS, 8 },
	{ "times", "TIMES", RIGHT, 0 },
	{ "reason", "REASON", AS_IS, 0 },
	{ NULL, NULL, AS_IS, 0 },
};
static const struct column legacies[COLUMNS_MAX + 1] = {
	{ "line", "LINE", AS_IS, 6 },
	{ "algorithms", "ALGORITHMS", AS_IS, 10 },
	{ "user", "USER", AS_IS, 5 },
	{ "group", "GROUP", AS_IS, 5 },
	{ "source", "FROM", AS_IS, 0 },
	{ "times", "TIMES", RIGHT, 0 },
	{ "when", "LAST", WHEN, 0 },
	{ NULL, NULL, AS_IS, 0 },
};
static const struct column certificates[COLUMNS_MAX + 1] = {
	{ "kind", "WHAT", AS_IS, 7 },
	{ "name", "NAME", AS_IS, 9 },
	{ "state", "STATE", AS_IS, 13 },
	{ "not_after", "UNTIL", DAY, 0 },
	{ "subject", "SUBJECT", AS_IS, 16 },
	{ NULL, NULL, AS_IS, 0 },
};
static const struct column leases[COLUMNS_MAX + 1] = {
	{ "pool", "POOL", AS_IS, 8 },
	{ "address", "ADDRESS", AS_IS, 0 },
	{ "user", "USER", AS_IS, 8 },
	{ "session", "SESSION", AS_IS, 0 },
	{ "state", "STATE", AS_IS, 5 },
	{ "since", "FOR", AGE, 0 },
	{ NULL, NULL, AS_IS, 0 },
};
static const struct column users[COLUMNS_MAX + 1] = {
	{ "user", "USER", AS_IS, 8 },
	{ "group", "GROUP", AS_IS, 6 },
	{ "address", "ADDRESS", AS_IS, 0 },
	{ "source", "FROM", AS_IS, 0 },
	{ "session", "SESSION", AS_IS, 0 },
	{ "since", "FOR", AGE, 0 },
	{ NULL, NULL, AS_IS, 0 },
};
static const struct column tables[COLUMNS_MAX + 1] = {
	{ "table", "TABLE", AS_IS, 16 },
	{ "address", "ADDRESS", AS_IS, 0 },
	{ "session", "SESSION", AS_IS, 0 },
	{ NULL, NULL, AS_IS, 0 },
};

static const struct {
	enum msg_type type;
	const struct column *columns;
} layouts[] = {
	{ MSG_ROW_PROCESS, processes },
	{ MSG_ROW_MESSAGE, messages },
	{ MSG_ROW_COUNTER, counters },
	{ MSG_ROW_SESSION, sessions },
	{ MSG_ROW_SA, sas },
	{ MSG_ROW_FAILURE, failures },
	{ MSG_ROW_LEGACY, legacies },
	{ MSG_ROW_SERVER, servers },
	{ MSG_ROW_CERTIFICATE, certificates },
	{ MSG_ROW_LEASE, leases },
	{ MSG_ROW_USER, users },
	{ MSG_ROW_TABLE, tables },
};

struct show {
	enum msg_type type;
	const struct column *columns;
	size_t ncolumns, nrows, size;
	char **cells; /* nrows * ncolumns */
};

/* --- cells --- */

static uint64_t
number_of(const struct msg_field *f, const void *payload)
{
	const uint8_t *at = (const uint8_t *)payload + f->offset;
	uint32_t u32;
	uint64_t u64;

	if (f->kind == FIELD_U64) {
		memcpy(&u64, at, sizeof(u64));
		return u64;
	}
	if (f->kind == FIELD_U32) {
		memcpy(&u32, at, sizeof(u32));
		return u32;
	}
	return *at;
}

/* 42s, 17m, 5h, 12d: how long since. */
static void
age_text(uint64_t since, char buf[FIELD_TEXT_SIZE])
{
	uint64_t now = clock_sec(), s = now > since ? now - since : 0;

	if (since == 0)
		(void)strlcpy(buf, "-", FIELD_TEXT_SIZE);
	else if (s < 120)
		(void)snprintf(buf, FIELD_TEXT_SIZE, "%" PRIu64 "s", s);
	else if (s < 7200)
		(void)snprintf(buf, FIELD_TEXT_SIZE, "%" PRIu64 "m", s / 60);
	else if (s < 172800)
		(void)snprintf(buf, FIELD_TEXT_SIZE, "%" PRIu64 "h", s / 3600);
	else
		(void)snprintf(buf, FIELD_TEXT_SIZE, "%" PRIu64 "d", s / 86400);
}

enum when {
	TIME,	  /* 17:04:05 */
	DAY_TIME, /* 11-24 17:04:05 */
	FULL_DAY, /* 2026-11-24 */
	FULL_TIME /* 2026-11-24 17:04:05 */
};

static void
when_text(uint64_t when, enum when form, char buf[FIELD_TEXT_SIZE])
{
	time_t t = (time_t)when;
	struct tm tm;
	size_t n = 0;

	if (localtime_r(&t, &tm) != NULL) {
		if (form == TIME)
			n = strftime(buf, FIELD_TEXT_SIZE, "%H:%M:%S", &tm);
		else if (form == DAY_TIME)
			n = strftime(
			    buf, FIELD_TEXT_SIZE, "%m-%d %H:%M:%S", &tm);
		else if (form == FULL_DAY)
			n = strftime(buf, FIELD_TEXT_SIZE, "%Y-%m-%d", &tm);
		else
			n = strftime(
			    buf, FIELD_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
	}
	if (n == 0)
		(void)strlcpy(buf, "?", FIELD_TEXT_SIZE);
}

static void
traffic_text(uint64_t n, char buf[FIELD_TEXT_SIZE])
{
	static const char units[] = "KMGTPE";
	double v = (double)n;
	size_t u = 0;

	if (n < 1024) {
		(void)snprintf(buf, FIELD_TEXT_SIZE, "%" PRIu64, n);
		return;
	}
	for (v /= 1024; v >= 1024 && u < sizeof(units) - 2; u++)
		v /= 1024;
	(void)snprintf(
	    buf, FIELD_TEXT_SIZE, v < 10 ? "%.1f%c" : "%.0f%c", v, units[u]);
}

static void
cell_text(enum msg_type type, const struct column *c, const void *payload,
    char buf[FIELD_TEXT_SIZE])
{
	const struct msg_field *f = field_find(type, c->field);

	buf[0] = '\0';
	if (f == NULL)
		return;
	switch (c->format) {
	case AGE:
		age_text(number_of(f, payload), buf);
		return;
	case WHEN:
		if (number_of(f, payload) == 0) {
			(void)strlcpy(buf, "never", FIELD_TEXT_SIZE);
			return;
		}
		when_text(number_of(f, payload), DAY_TIME, buf);
		return;
	case DAY:
		if (number_of(f, payload) != 0)
			when_text(number_of(f, payload), FULL_DAY, buf);
		break;
	case TRAFFIC:
		traffic_text(number_of(f, payload), buf);
		return;
	case AS_IS:
	case RIGHT:
		field_text(f, payload, buf);
	}
	if (buf[0] == '\0')
		(void)strlcpy(buf, "-", FIELD_TEXT_SIZE);
}

/* --- tables --- */

struct show *
show_new(enum msg_type type)
{
	struct show *s;
	size_t i;

	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].type == type)
			break;
	}
	if (i == sizeof(layouts) / sizeof(layouts[0]))
		return NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		err(1, NULL);
	s->type = type;
	s->columns = layouts[i].columns;
	while (s->columns[s->ncolumns].field != NULL)
		s->ncolumns++;
	return s;
}

void
show_add(struct show *s, const void *payload)
{
	char text[FIELD_TEXT_SIZE];
	size_t i;

	if (s->nrows == s->size) {
		s->size = s->size == 0 ? 64 : s->size * 2;
		s->cells = reallocarray(
		    s->cells, s->size, s->ncolumns * sizeof(*s->cells));
		if (s->cells == NULL)
			err(1, NULL);
	}
	for (i = 0; i < s->ncolumns; i++) {
		cell_text(s->type, &s->columns[i], payload, text);
		s->cells[s->nrows * s->ncolumns + i] = strdup(text);
		if (s->cells[s->nrows * s->ncolumns + i] == NULL)
			err(1, NULL);
	}
	s->nrows++;
}

size_t
show_count(const struct show *s)
{
	return s->nrows;
}

void
show_free(struct show *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->nrows * s->ncolumns; i++)
		free(s->cells[i]);
	free(s->cells);
	free(s);
}

/* As wide as their contents; then the shortest texts give way, evenly. */
static void
measure(const struct show *s, int width[COLUMNS_MAX])
{
	int total = (int)s->ncolumns - 1, len, most;
	size_t i, r, last = s->ncolumns - 1;

	for (i = 0; i < s->ncolumns; i++) {
		width[i] = (int)strlen(s->columns[i].title);
		/* a last column of text goes on as long as it is */
		if (i == last && s->columns[i].format == AS_IS &&
		    s->type == MSG_ROW_FAILURE) {
			total += 16;
			continue;
		}
		for (r = 0; r < s->nrows; r++) {
			len = (int)strlen(s->cells[r * s->ncolumns + i]);
			if (len > width[i])
				width[i] = len;
		}
		total += width[i];
	}
	while (total > WIDTH) {
		most = -1;
		for (i = 0; i < s->ncolumns; i++) {
			if (s->columns[i].least != 0 &&
			    width[i] > s->columns[i].least &&
			    (most == -1 || width[i] > width[most]))
				most = (int)i;
		}
		if (most == -1)
			break;
		width[most]--;
		total--;
	}
}

static void
print_cell(
    FILE *f, const struct column *c, const char *text, int width, int last)
{
	int len = (int)strlen(text);

	if (c->format != AS_IS)
		fprintf(f, "%*s", width, text);
	else if (len > width && c->least != 0)
		fprintf(f, "%.*s~", width - 1, text);
	else if (last)
		fputs(text, f);
	else
		fprintf(f, "%-*s", width, text);
	putc(last ? '\n' : ' ', f);
}

void
show_print(const struct show *s, FILE *f)
{
	int width[COLUMNS_MAX];
	size_t i, r;

	measure(s, width);
	for (i = 0; i < s->ncolumns; i++)
		print_cell(f, &s->columns[i], s->columns[i].title, width[i],
		    i == s->ncolumns - 1);
	for (r = 0; r < s->nrows; r++) {
		for (i = 0; i < s->ncolumns; i++)
			print_cell(f, &s->columns[i],
			    s->cells[r * s->ncolumns + i], width[i],
			    i == s->ncolumns - 1);
	}
}

void
show_details(FILE *out, enum msg_type type, const void *payload)
{
	const struct msg_field *f;
	char text[FIELD_TEXT_SIZE];
	size_t i;

	for (f = msg_desc(type)->fields(); f->name != NULL; f++) {
		if (f->kind == FIELD_SECRET)
			continue;
		if (strcmp(f->name, "since") == 0)
			when_text(number_of(f, payload), FULL_TIME, text);
		else
			field_text(f, payload, text);
		if (text[0] == '\0')
			(void)strlcpy(text, "-", sizeof(text));
		for (i = 0; f->name[i] != '\0'; i++)
			putc(f->name[i] == '_' ? ' ' : f->name[i], out);
		fprintf(out, "%*s%s\n", i < 12 ? (int)(12 - i) : 1, "", text);
	}
}

void
show_event(FILE *out, const struct msg_ROW_EVENT *m)
{
	char when[FIELD_TEXT_SIZE], step[FIELD_TEXT_SIZE];
	char text[FIELD_TEXT_SIZE];

	when_text(m->when_ms / 1000, TIME, when);
	field_text(field_find(MSG_ROW_EVENT, "step"), m, step);
	field_text(field_find(MSG_ROW_EVENT, "text"), m, text);
	fprintf(out, "%s.%03u %016" PRIx64 " %-16s %s\n", when,
	    (unsigned int)(m->when_ms % 1000), m->session, step, text);
}
