/* Logging: to stderr in the foreground, to syslog(3) as a daemon. */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdint.h>

/*
 * Begin logging as process name ("ike", "poold").  With to_stderr lines go to
 * descriptor 2 with a UTC time in front, otherwise to syslog's LOG_DAEMON;
 * call it before chroot(2), the connection is opened at once.
 */
void log_init(const char *name, int to_stderr);
void log_verbose(int on); /* let log_debug() through */
int log_is_verbose(void);

/* One event, one line, "who: what key value key value". */
void log_warn(const char *fmt, ...) /* adds ": strerror(errno)" */
    __attribute__((__format__(printf, 1, 2)));
void log_warnx(const char *fmt, ...) __attribute__((__format__(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((__format__(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((__format__(printf, 1, 2)));

/* For what cannot happen or cannot be survived: log and exit 1. */
void fatal(const char *fmt, ...)
    __attribute__((__noreturn__, __format__(printf, 1, 2)));
void fatalx(const char *fmt, ...)
    __attribute__((__noreturn__, __format__(printf, 1, 2)));

/*
 * A limiter for lines that strangers can cause: log_limit() says whether one
 * more may be written now (burst of 5, then one a second) and, through
 * suppressed, how many were held back since the last one that passed.
 */
struct log_limiter {
	uint64_t stamp; /* ms, clock_ms() of the last refill */
	unsigned int tokens;
	unsigned int suppressed;
	int started;
};
int log_limit(struct log_limiter *, unsigned int *suppressed);

#endif /* COMMON_LOG_H */
