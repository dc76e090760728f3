/*
 * Log lines of every process.  Nothing here reads the network; what a stranger
 * sent must be made printable by the caller (str_printable()) before it gets
 * into a line.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "common/clock.h"
#include "common/log.h"

static const char *log_name = "ikerd";
static int log_stderr = 1;
static int log_debugging;

void
log_init(const char *name, int to_stderr)
{
	static char buffer[BUFSIZ];

	log_name = name;
	log_stderr = to_stderr;
	/* one write(2) a line, so that processes do not mix theirs; a buffer
	 * of our own, for stdio would ask whether it is a terminal, which a
	 * confined process may not */
	if (to_stderr)
		setvbuf(stderr, buffer, _IOLBF, sizeof(buffer));
	else
		openlog(name, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	tzset();
}

void
log_verbose(int on)
{
	log_debugging = on;
}

int
log_is_verbose(void)
{
	return log_debugging;
}

/* Nobody makes two lines of one, whatever got into it. */
static void
one_line(char *line)
{
	for (; *line != '\0'; line++) {
		if ((unsigned char)*line < ' ' || *line == 0x7f)
			*line = '?';
	}
}

static void __attribute__((__format__(printf, 3, 0)))
log_line(int priority, const char *error, const char *fmt, va_list ap)
{
	char line[1024], stamp[32];
	struct timespec ts;
	struct tm tm;
	int saved = errno;

	(void)vsnprintf(line, sizeof(line), fmt, ap);
	one_line(line);
	if (!log_stderr) {
		if (error != NULL)
			syslog(priority, "%s: %s", line, error);
		else
			syslog(priority, "%s", line);
		errno = saved;
		return;
	}
	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%H:%M:%S", &tm);
	fprintf(stderr, "%s.%03ld %s: %s%s%s\n", stamp, ts.tv_nsec / 1000000,
	    log_name, line, error != NULL ? ": " : "",
	    error != NULL ? error : "");
	errno = saved;
}

void
log_warn(const char *fmt, ...)
{
	const char *error = strerror(errno);
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_ERR, error, fmt, ap);
	va_end(ap);
}

void
log_warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_ERR, NULL, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_INFO, NULL, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (!log_debugging)
		return;
	va_start(ap, fmt);
	log_line(LOG_DEBUG, NULL, fmt, ap);
	va_end(ap);
}

void
fatal(const char *fmt, ...)
{
	const char *error = strerror(errno);
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_CRIT, error, fmt, ap);
	va_end(ap);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_CRIT, NULL, fmt, ap);
	va_end(ap);
	exit(1);
}

#define LIMIT_BURST 5
#define LIMIT_EVERY 1000 /* ms for one more line */

int
log_limit(struct log_limiter *l, unsigned int *suppressed)
{
	uint64_t now = clock_ms(), more;

	if (!l->started) {
		l->started = 1;
		l->stamp = now;
		l->tokens = LIMIT_BURST;
	}
	more = (now - l->stamp) / LIMIT_EVERY;
	if (more > 0) {
		l->stamp += more * LIMIT_EVERY;
		l->tokens = more + l->tokens > LIMIT_BURST ?
		    LIMIT_BURST :
		    l->tokens + (unsigned int)more;
	}
	if (l->tokens == 0) {
		l->suppressed++;
		return 0;
	}
	l->tokens--;
	*suppressed = l->suppressed;
	l->suppressed = 0;
	return 1;
}
