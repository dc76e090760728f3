/*
 * Keeps the stories of sessions and the list of refusals, and tells them to
 * ikerctl and to the log.  Called from all of ike; decides nothing.
 */
#include <stdarg.h>
#include <stdio.h>
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

static struct msg_ROW_FAILURE failures[FAILURES];
static unsigned int nfailures, failure_next;
static struct log_limiter failure_limiter;

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
event_text(const struct story_event *e, char *buf, size_t size)
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

static void
row_event(const struct session *s, const struct story_event *e,
    struct msg_ROW_EVENT *row)
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
	struct story_event *e;

	if (story->n < STORY_LEN) {
		e = &story->event[story->n++];
	} else {
		e = &story->event[story->oldest];
		story->oldest = (story->oldest + 1) % STORY_LEN;
	}
	e->ms = (uint32_t)(clock_ms() - story->began_clock);
	e->step = (uint8_t)step;
	e->number = number;
	if (!story_is_heard())
		return;
	row_event(s, e, &row);
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
	struct msg_ROW_EVENT row;
	unsigned int i;

	for (i = 0; i < s->story.n; i++) {
		row_event(s, &s->story.event[(s->story.oldest + i) % STORY_LEN],
		    &row);
		bus_send(ctl, MSG_ROW_EVENT, &row, -1);
	}
}

void
monitor_add(struct peer *ctl)
{
	if (nmonitors < MONITORS)
		monitors[nmonitors++] = ctl;
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

/* The same refusal as the newest one is counted there, not listed again. */
static int
same_failure(const struct msg_ROW_FAILURE *a, const struct msg_ROW_FAILURE *b)
{
	return strcmp(a->step, b->step) == 0 && strcmp(a->name, b->name) == 0 &&
	    strcmp(a->reason, b->reason) == 0 &&
	    addr_equal(&a->source.addr, &b->source.addr);
}

/* authd's and crypto's reasons may hold what others said. */
static void
one_line(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
	}
}

void
failure_add(uint64_t session, enum step step, const struct endpoint *source,
    const void *name, size_t namelen, const char *fmt, ...)
{
	struct msg_ROW_FAILURE f, *last;
	char at[ADDR_STRLEN];
	unsigned int held;
	va_list ap;

	memset(&f, 0, sizeof(f));
	f.when = clock_sec();
	f.session = session;
	f.source = *source;
	f.times = 1;
	strlcpy(f.step, steps[step].name, sizeof(f.step));
	str_printable(f.name, sizeof(f.name), name, namelen);
	va_start(ap, fmt);
	(void)vsnprintf(f.reason, sizeof(f.reason), fmt, ap);
	va_end(ap);
	one_line(f.reason);
	if (log_limit(&failure_limiter, &held))
		log_info("%s session %016llx source %s name \"%s\": %s%s",
		    f.step, (unsigned long long)session,
		    endpoint_text(source, at), f.name, f.reason,
		    held > 0 ? " (lines before this were held back)" : "");
	last = &failures[(failure_next + FAILURES - 1) % FAILURES];
	if (nfailures > 0 && same_failure(last, &f)) {
		last->times++;
		last->when = f.when;
		last->session = session;
		return;
	}
	failures[failure_next] = f;
	failure_next = (failure_next + 1) % FAILURES;
	if (nfailures < FAILURES)
		nfailures++;
}

void
failures_show(struct peer *ctl)
{
	unsigned int i, first;

	first = (failure_next + FAILURES - nfailures) % FAILURES;
	for (i = 0; i < nfailures; i++)
		bus_send(ctl, MSG_ROW_FAILURE,
		    &failures[(first + i) % FAILURES], -1);
}
