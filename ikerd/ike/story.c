/*
 * Keeps the stories of sessions, and tells them to ikerctl and to the log.
 * Called from all of ike; decides nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "ikerd/ike/answer.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/story.h"
#include "ikerd/ike/vendor.h"

enum number_form {
	PLAIN,
	COUNT,
	ONE_OF,	 /* STORY_ONE_OF() */
	VENDORS, /* the first 32 VENDOR_BIT()s */
	HEX,
	IP4,
	CAUSE, /* enum down_cause */
	ATTRS  /* a set of answer.h */
};

struct step_row {
	enum number_form form;
	const char *name, *text;
};

#define STORY_ROW(step, form, name, text) { form, name, text },
static const struct step_row steps[STEP_COUNT] = { STORY_STEPS(STORY_ROW) };
#undef STORY_ROW

#define MONITORS 16
static struct peer *monitors[MONITORS];
static unsigned int nmonitors;

/*
 * One event, as it is told.  It is kept as its step, the milliseconds since the
 * event before it and, when the step has one, its number; these two in groups
 * of seven bits, the lowest first, each but the last with its top bit set.
 */
struct event {
	uint64_t ms; /* after the session began */
	uint32_t number;
	uint8_t step;
};

#define EVENT_MAX (1 + 5 + 5)
#define GROWTH 24 /* octets at a time */

const char *
step_name(enum step s)
{
	return steps[s].name;
}

static void
vendor_names(uint32_t seen, const char *before, char *buf, size_t size)
{
	size_t at = str_append(buf, size, 0, "%s", before);
	unsigned int v;

	for (v = VENDOR_UNKNOWN; v < 32; v++) {
		if (seen & VENDOR_BIT(v))
			at = str_append(
			    buf, size, at, " %s", vendor_name((enum vendor)v));
	}
}

static void
event_text(const struct event *e, char *buf, size_t size)
{
	const struct step_row *row = &steps[e->step];
	struct addr addr;
	char text[ADDR_STRLEN], names[TEXT_SIZE - 16];

	switch (row->form) {
	case PLAIN:
		strlcpy(buf, row->text, size);
		break;
	case COUNT:
		(void)snprintf(buf, size, "%s %u", row->text, e->number);
		break;
	case ONE_OF:
		(void)snprintf(buf, size, "%s %u of %u", row->text,
		    e->number >> 16, e->number & 0xffff);
		break;
	case VENDORS:
		vendor_names(e->number, row->text, buf, size);
		break;
	case HEX:
		(void)snprintf(buf, size, "%s 0x%08x", row->text, e->number);
		break;
	case CAUSE:
		(void)snprintf(
		    buf, size, "%s %s", row->text, down_cause_text(e->number));
		break;
	case ATTRS:
		(void)snprintf(buf, size, "%s %s", row->text,
		    answer_names(e->number, names, sizeof(names)));
		break;
	case IP4:
		addr = addr_ip4(e->number);
		(void)snprintf(
		    buf, size, "%s %s", row->text, addr_text(&addr, text));
		break;
	}
}

void
story_begin(struct story *s)
{
	memset(s, 0, sizeof(*s));
	s->began = clock_sec() * 1000;
	s->began_clock = clock_ms();
}

void
story_end(struct story *s)
{
	free(s->event);
	memset(s, 0, sizeof(*s));
}

/* --- events as octets --- */

static size_t
put_number(uint8_t *p, uint32_t n)
{
	size_t len = 0;

	for (; n > 0x7f; n >>= 7)
		p[len++] = 0x80 | (n & 0x7f);
	p[len++] = (uint8_t)n;
	return len;
}

static size_t
get_number(const uint8_t *p, uint32_t *n)
{
	size_t len = 0;

	*n = 0;
	do
		*n |= (uint32_t)(p[len] & 0x7f) << 7 * len;
	while (p[len++] & 0x80);
	return len;
}

/* The event at p, after one at before_ms; returns its length. */
static size_t
get_event(const uint8_t *p, uint64_t before_ms, struct event *e)
{
	size_t len = 1;
	uint32_t after;

	e->step = p[0];
	len += get_number(p + len, &after);
	e->ms = before_ms + after;
	e->number = 0;
	if (steps[e->step].form != PLAIN)
		len += get_number(p + len, &e->number);
	return len;
}

static void
forget_oldest(struct story *s)
{
	struct event e;
	size_t len = get_event(s->event, s->before_ms, &e);

	s->before_ms = e.ms;
	s->len -= (uint16_t)len;
	s->n--;
	memmove(s->event, s->event + len, s->len);
}

static void
keep(struct story *s, const struct event *e)
{
	uint64_t after = e->ms - s->last_ms;
	uint8_t octets[EVENT_MAX], *more;
	size_t len = 1;

	octets[0] = e->step;
	len += put_number(
	    octets + len, after > UINT32_MAX ? UINT32_MAX : (uint32_t)after);
	if (steps[e->step].form != PLAIN)
		len += put_number(octets + len, e->number);
	if (s->n == STORY_LEN)
		forget_oldest(s);
	if (s->len + len > s->size) {
		if ((more = realloc(s->event, s->size + GROWTH)) == NULL)
			return;
		s->event = more;
		s->size += GROWTH;
	}
	memcpy(s->event + s->len, octets, len);
	s->len += (uint16_t)len;
	s->n++;
	s->last_ms = e->ms;
}

/* --- told --- */

static void
row_event(
    const struct session *s, const struct event *e, struct msg_ROW_EVENT *row)
{
	memset(row, 0, sizeof(*row));
	row->when_ms = s->story.began + e->ms;
	row->session = s->id;
	strlcpy(row->step, steps[e->step].name, sizeof(row->step));
	event_text(e, row->text, sizeof(row->text));
}

int
story_is_heard(void)
{
	return nmonitors > 0 || log_is_verbose();
}

static void
say(const struct msg_ROW_EVENT *row)
{
	unsigned int i;

	log_debug("%s session %016llx: %s", row->step,
	    (unsigned long long)row->session, row->text);
	for (i = 0; i < nmonitors; i++)
		bus_send(monitors[i], MSG_ROW_EVENT, row, -1);
}

void
story_add(struct session *s, enum step step, uint32_t number)
{
	struct story *story = &s->story;
	struct msg_ROW_EVENT row;
	struct event e = { .step = (uint8_t)step, .number = number };

	e.ms = clock_ms() - story->began_clock;
	keep(story, &e);
	if (!story_is_heard())
		return;
	row_event(s, &e, &row);
	say(&row);
}

void
story_tell(struct session *s, enum step step, const char *text)
{
	struct msg_ROW_EVENT row;

	memset(&row, 0, sizeof(row));
	row.when_ms = s->story.began + clock_ms() - s->story.began_clock;
	row.session = s->id;
	strlcpy(row.step, steps[step].name, sizeof(row.step));
	strlcpy(row.text, text, sizeof(row.text));
	say(&row);
}

void
story_show(struct peer *ctl, const struct session *s)
{
	const struct story *story = &s->story;
	struct event e = { .ms = story->before_ms };
	struct msg_ROW_EVENT row;
	size_t at = 0;

	while (at < story->len) {
		at += get_event(story->event + at, e.ms, &e);
		row_event(s, &e, &row);
		bus_send(ctl, MSG_ROW_EVENT, &row, -1);
	}
}

void
monitor_add(struct peer *ctl)
{
	if (nmonitors == MONITORS)
		return;
	monitors[nmonitors++] = ctl;
	log_debug("monitors: %u", nmonitors);
}

void
monitor_remove(struct peer *ctl)
{
	unsigned int i;

	for (i = 0; i < nmonitors; i++) {
		if (monitors[i] == ctl)
			monitors[i--] = monitors[--nmonitors];
	}
}
