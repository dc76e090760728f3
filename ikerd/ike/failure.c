/*
 * Keeps the last refusals, and tells them to ikerctl and to the log.  Called
 * from all of ike; decides nothing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "ikerd/ike/failure.h"

static struct msg_ROW_FAILURE failures[FAILURES];
static unsigned int nfailures, failure_next;
static struct log_limiter failure_limiter;

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
	strlcpy(f.step, step_name(step), sizeof(f.step));
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
