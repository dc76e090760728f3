/* Being a daemon: into the background, one at a time, a pid file. */
#ifndef IKERD_DAEMON_H
#define IKERD_DAEMON_H

/*
 * Go on in the background: the caller returns in a new process, while the old
 * one waits for daemon_ready() and exits with status 0, or with 1 when this
 * process ends before that.
 */
void daemon_begin(void);
/* Started: let the old process go, and the terminal. */
void daemon_ready(void);

/*
 * Write our pid into a file and hold a lock on it to the end; fatal() when
 * another ikerd holds it.  A file without a holder is a dead one's.
 */
void daemon_pidfile(const char *path);
void daemon_pidfile_remove(void);

#endif /* IKERD_DAEMON_H */
