/*
 * Connects to AAA servers: authd asks, gets the descriptor and does the rest.
 * Called by the parent's event loop.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/log.h"
#include "ikerd/conf.h"
#include "ikerd/reload.h"
#include "ikerd/servers.h"

/* authd may be in an attacker's hand: it reaches what the file names. */
static int
is_configured(const struct msg_SERVER_OPEN *m)
{
	const struct conf_server *s;
	const struct conf_aaa *a;

	TAILQ_FOREACH(a, &reload_conf()->aaas, entry) {
		TAILQ_FOREACH(s, &a->servers, entry) {
			if (a->protocol == m->protocol &&
			    endpoint_equal(&s->at, &m->at))
				return 1;
		}
	}
	return 0;
}

/*
 * UDP: connected, so that other senders' datagrams are not seen.  TCP: begun,
 * authd sees what comes of it.
 */
static int
connect_to(const struct msg_SERVER_OPEN *m)
{
	int type = m->protocol == LOGIN_RADIUS ? SOCK_DGRAM : SOCK_STREAM;
	struct sockaddr_storage ss;
	socklen_t len = endpoint_to_sockaddr(&m->at, &ss);
	int fd, saved;

	fd = socket(ss.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&ss, len) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static void
failed(
    struct peer *authd, const struct msg_SERVER_OPEN *asked, const char *reason)
{
	struct msg_SERVER_FAILED m;

	memset(&m, 0, sizeof(m));
	m.protocol = asked->protocol;
	m.at = asked->at;
	(void)strlcpy(m.reason, reason, sizeof(m.reason));
	(void)bus_send(authd, MSG_SERVER_FAILED, &m, -1);
}

void
servers_handle_open(struct peer *authd, const void *payload, int unused)
{
	const struct msg_SERVER_OPEN *m = payload;
	struct msg_SERVER_FD answer;
	int fd;

	if (!is_configured(m)) { /* or a reload has just taken it away */
		failed(authd, m, "no server of the configuration");
		return;
	}
	if ((fd = connect_to(m)) == -1) {
		failed(authd, m, strerror(errno));
		return;
	}
	memset(&answer, 0, sizeof(answer));
	answer.protocol = m->protocol;
	answer.at = m->at;
	(void)bus_send(authd, MSG_SERVER_FD, &answer, fd);
}
