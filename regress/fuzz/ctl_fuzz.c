/*
 * Fuzz: what goes between ikerctl and the others.  The input is
 *
 *	how[1] type[1] bytes
 *
 * how 0: bytes are an answer of that type from a process in a stranger's
 * hand; when it passes the check, ikerctl shows it in all its ways, and
 * nothing unprintable comes out.  how 1: bytes go into the parent's control
 * socket as they are.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/msg.h"
#include "ikerd/children.h"
#include "ikerd/control.h"
#include "ikerd/ctl/show.h"
#include "ikerd/reload.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

/* --- answers --- */

static void
show(enum msg_type type, const void *payload)
{
	struct msg_ROW_EVENT event;
	struct show *s = show_new(type);
	char *text = NULL;
	size_t len, i;
	FILE *f = open_memstream(&text, &len);

	MUST(f != NULL);
	json_row(f, type, payload);
	show_details(f, type, payload);
	if (s != NULL) {
		show_add(s, payload);
		show_add(s, payload);
		show_print(s, f);
	}
	if (type == MSG_ROW_EVENT) {
		memcpy(&event, payload, sizeof(event));
		show_event(f, &event);
	}
	show_free(s);
	MUST(fclose(f) == 0);
	for (i = 0; i < len; i++)
		MUST((text[i] >= 0x20 && text[i] < 0x7f) || text[i] == '\n');
	free(text);
}

static void
answer(uint8_t type, const uint8_t *data, size_t size)
{
	const struct msg_desc *d;
	enum process from;
	void *payload;

	if ((d = msg_desc(type)) == NULL)
		return;
	if ((payload = calloc(1, d->size)) == NULL)
		return;
	memcpy(payload, data, size < d->size ? size : d->size);
	for (from = PROC_PARENT; from < PROC_CTL; from++) {
		if (msg_check(from, PROC_CTL, type, payload, d->size,
			d->has_fd) == NULL) {
			show(type, payload);
			break;
		}
	}
	free(payload);
}

/* --- requests --- */

static struct event_base *base;
static char path[64];

static void
log_level(int verbose)
{
}

static void
peer_down(struct peer *p)
{
	control_peer_down(p);
}

static void
take_away(void)
{
	control_close();
}

static void
parent(void)
{
	static const struct reload_ops reload_ops = { .answer = control_done };
	static struct bus_ops ops = { .peer_down = peer_down,
		.violation = children_violation };

	(void)snprintf(
	    path, sizeof(path), "/tmp/ctl_fuzz.%ld.sock", (long)getpid());
	MUST((base = event_base_new()) != NULL);
	ops.handlers = control_handlers;
	ops.nhandlers = control_nhandlers;
	bus_init(base, PROC_PARENT, &ops);
	reload_init(base, "/nonexistent/ikerd.conf", &reload_ops);
	control_init(base, path, log_level);
	atexit(take_away);
}

static void
turn(void)
{
	int i;

	for (i = 0; i < 3; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
request(const uint8_t *data, size_t size)
{
	struct sockaddr_un sun;
	int fd;

	if (base == NULL)
		parent();
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	MUST((fd = socket(AF_UNIX, SOCK_STREAM, 0)) != -1);
	MUST(connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0);
	(void)send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	turn();
	close(fd);
	turn();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	if (data[0] & 1)
		request(data + 2, size - 2);
	else
		answer(data[1], data + 2, size - 2);
	return 0;
}
