/*
 * Fuzz: what a captured process can write into its pipe.  The input is
 *
 *	from[1] to[1] how[1] bytes
 *
 * and the bytes go over a socketpair, in pieces and with descriptors as how
 * says.  What passes msg_check() must be what the table says it is, and no
 * descriptor may be left over.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/compat/imsg.h"
#include "common/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(e)                  \
	do {                     \
		if (!(e))        \
			abort(); \
	} while (0)

#define PIECE_MAX 4096

static enum process from, to;

/* A field that passed is what its receiver will take it for. */
static void
check_field(const struct msg_field *f, const uint8_t *at)
{
	struct addr a;
	uint16_t len;

	switch (f->kind) {
	case FIELD_RANGE:
		MUST(*at >= f->low && *at <= f->high);
		break;
	case FIELD_STR:
		MUST(strnlen((const char *)at, f->size) < f->size);
		break;
	case FIELD_BYTES:
	case FIELD_SECRET:
		memcpy(&len, at, sizeof(len));
		MUST(len <= f->size);
		break;
	case FIELD_ADDR:
	case FIELD_ENDPOINT:
	case FIELD_NET:
		memcpy(&a, at, sizeof(a));
		MUST(a.family == ADDR_NONE || addr_len(&a) != 0);
		break;
	case FIELD_ADDRS:
	case FIELD_NETS:
		memcpy(&len, at, sizeof(len));
		MUST(len <= f->size);
		break;
	default:
		break;
	}
}

static void
take(struct imsg *imsg)
{
	uint32_t type = imsg_get_type(imsg);
	const struct msg_desc *d = msg_desc(type);
	const struct msg_field *f;
	int fd = imsg_get_fd(imsg);

	if (msg_check(from, to, type, imsg->data, imsg_get_len(imsg),
		fd != -1) == NULL) {
		MUST(d != NULL && imsg_get_len(imsg) == d->size);
		MUST((d->from & PROC_BIT(from)) && (d->to & PROC_BIT(to)));
		MUST((fd != -1) == d->has_fd);
		for (f = d->fields(); f->name != NULL; f++)
			check_field(f, (const uint8_t *)imsg->data + f->offset);
	}
	if (fd != -1) {
		MUST(fcntl(fd, F_GETFD) != -1);
		close(fd);
	}
}

/* One piece of the stream, a descriptor with it or not. */
static size_t
give(int s, const uint8_t *p, size_t len, int fd)
{
	union {
		struct cmsghdr hdr;
		char buf[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { (void *)(uintptr_t)p, len };
	struct msghdr m;
	ssize_t n;

	memset(&m, 0, sizeof(m));
	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	if (fd != -1) {
		memset(&control, 0, sizeof(control));
		m.msg_control = control.buf;
		m.msg_controllen = sizeof(control.buf);
		control.hdr.cmsg_len = CMSG_LEN(sizeof(int));
		control.hdr.cmsg_level = SOL_SOCKET;
		control.hdr.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&control.hdr), &fd, sizeof(fd));
	}
	n = sendmsg(s, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	MUST(n > 0);
	return (size_t)n;
}

/* Read what was given; -1 when the stream is broken or ends. */
static int
drain(struct imsgbuf *b)
{
	struct imsg imsg;
	int n = imsgbuf_read(b), got;

	while ((got = imsgbuf_get(b, &imsg)) == 1) {
		take(&imsg);
		imsg_free(&imsg);
	}
	return n == 1 && got == 0 ? 0 : -1;
}

static int
lowest_fd(void)
{
	int fd = dup(2);

	MUST(fd != -1);
	close(fd);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	int s[2], before = lowest_fd();
	struct imsgbuf b;
	size_t piece, n;
	uint8_t how;

	if (size < 3)
		return 0;
	from = in[0] % PROC_COUNT;
	to = in[1] % PROC_COUNT;
	how = in[2];
	in += 3;
	size -= 3;
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	fcntl(s[1], F_SETFL, O_NONBLOCK);
	MUST(imsgbuf_init(&b, s[1]) == 0);
	if (how & 1)
		imsgbuf_allow_fdpass(&b);
	while (size > 0) {
		piece = how & 2 ? 1 + how / 8U : PIECE_MAX;
		n = give(
		    s[0], in, size < piece ? size : piece, how & 4 ? 2 : -1);
		in += n;
		size -= n;
		if (drain(&b) == -1)
			break;
	}
	close(s[0]);
	while (drain(&b) == 0)
		;
	imsgbuf_clear(&b);
	close(s[1]);
	MUST(lowest_fd() == before);
	return 0;
}
