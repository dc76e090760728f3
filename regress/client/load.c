/*
 * ikeload: many sessions at once against one gateway, each Aggressive (or
 * Main) Mode, XAUTH, Mode Config and Quick Mode with its own cookies and
 * user, a bounded number of them in flight; then it keeps them up, answers
 * R-U-THERE, and says what it saw.  One loop over poll(2), nothing of any
 * one system.  DH pairs are made once and shared: the client's own cost must
 * not hide the gateway's.
 */
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <arpa/inet.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "issue.h"
#include "user.h"

#define SOURCES_MAX 250
#define PAIRS 8
#define PAIR_BITS 64
#define REASONS 16

struct client {
	struct user u;		   /* first: the one is the other */
	TAILQ_ENTRY(client) entry; /* while it is in flight */
	char user[24];
	struct settings *own; /* of a user with a certificate of its own */
	int source;
	int64_t begun; /* microseconds */
};
TAILQ_HEAD(clients, client);

static struct {
	const char *host;
	const char *from; /* first source address */
	int port, natt;
	int count, inflight, sources, hold, rate;
	int users, down;
	const char *user, *password;
	const char *issuer; /* file of the CA's key */
} opt = { .host = "127.0.0.1",
	.from = "127.0.0.1",
	.port = 500,
	.natt = 4500,
	.count = 100,
	.inflight = 32,
	.sources = 1,
	.user = "u",
	.password = "password" };

static struct settings set;
static EVP_PKEY *issuer;
static struct dh_pair pairs[PAIRS];
static struct client *all;
static struct clients flight = TAILQ_HEAD_INITIALIZER(flight);
static int in_flight, begun, up, failed, lost, dpds, resent, strange;
static int64_t *latency;
static struct {
	char text[96];
	int n;
} reasons[REASONS];
static int socks[SOURCES_MAX][2]; /* IKE port, NAT-T port */
static struct sockaddr_in local[SOURCES_MAX], remote[2];
static volatile sig_atomic_t stop;

static struct client *
client_of(struct user *u)
{
	return (struct client *)(void *)u;
}

static void
transmit(struct user *u, const struct datagram *d)
{
	uint8_t zero[4] = { 0 };
	struct iovec v[2] = { { zero, 4 }, { d->p, d->len } };
	struct msghdr m;
	int f = u->floated;

	memset(&m, 0, sizeof(m));
	m.msg_name = &remote[f];
	m.msg_namelen = sizeof(remote[f]);
	m.msg_iov = f ? v : v + 1;
	m.msg_iovlen = f ? 2 : 1;
	/* lost ones come again */
	(void)sendmsg(socks[client_of(u)->source][f], &m, 0);
}

/* Out of flight. */
static void
landed(struct client *c, enum user_state state)
{
	TAILQ_REMOVE(&flight, c, entry);
	in_flight--;
	c->u.state = state;
	user_settle(&c->u);
	c->u.s.set = &set;
	issue_free(c->own);
	c->own = NULL;
}

static void
is_up(struct user *u)
{
	struct client *c = client_of(u);

	latency[up++] = now_us() - c->begun;
	landed(c, USER_UP);
}

static void
give_up(struct user *u, const char *why)
{
	char text[96];
	int i;

	snprintf(text, sizeof(text), "%s: %s", user_state_names[u->state], why);
	for (i = 0; i < REASONS - 1; i++)
		if (reasons[i].n == 0 || strcmp(reasons[i].text, text) == 0)
			break;
	snprintf(reasons[i].text, sizeof(reasons[i].text), "%s", text);
	reasons[i].n++;
	failed++;
	landed(client_of(u), USER_FAILED);
}

static void
deleted(struct user *u)
{
	lost += u->state == USER_UP;
}

static void
alive(struct user *u)
{
	(void)u;
}

static void
asked(struct user *u)
{
	(void)u;
	dpds++;
}

static void
be_surprised(struct user *u)
{
	(void)u;
	strange++;
}

static struct user_kind kind = {
	.set = &set,
	.remote = "0.0.0.0/0",
	.transmit = transmit,
	.up = is_up,
	.failed = give_up,
	.deleted = deleted,
	.alive = alive,
	.asked = asked,
	.strange = be_surprised,
};

/* Our cookies begin with the number of the session. */
static void
datagram(const uint8_t *p, size_t len)
{
	uint32_t n;

	if (len < WIRE_HDR || (n = get32(p)) == 0 || n > (uint32_t)begun)
		strange++;
	else if (all[n - 1].u.state != USER_FAILED)
		user_take(&all[n - 1].u, p, len);
}

static void
drain(int source, int f)
{
	static uint8_t b[WIRE_MAX];
	ssize_t n;
	int i;

	for (i = 0; i < 64; i++) {
		n = recv(socks[source][f], b, sizeof(b), 0);
		if (n <= 0)
			return;
		if (!f)
			datagram(b, (size_t)n);
		else if (n > 4 && get32(b) == 0)
			datagram(b + 4, (size_t)n - 4);
	}
}

static void
begin(void)
{
	struct client *c = &all[begun];
	struct session *s = &c->u.s;
	uint32_t n = (uint32_t)++begun;

	c->u.kind = &kind;
	snprintf(c->user, sizeof(c->user), "%s%d", opt.user,
	    (int)(n - 1) % opt.users);
	if (issuer != NULL)
		c->own = issue(&set, issuer, c->user, n);
	session_init(s, c->own != NULL ? c->own : &set);
	s->cky_i[0] = (uint8_t)(n >> 24);
	s->cky_i[1] = (uint8_t)(n >> 16);
	s->cky_i[2] = (uint8_t)(n >> 8);
	s->cky_i[3] = (uint8_t)n;
	s->dh = &pairs[n % PAIRS];
	c->source = (int)(n % (uint32_t)opt.sources);
	s->local = local[c->source];
	s->remote = remote[0];
	s->user = c->user;
	s->password = opt.password;
	c->begun = now_us();
	TAILQ_INSERT_TAIL(&flight, c, entry);
	in_flight++;
	user_connect(&c->u);
}

/* Send again what has had no answer: 1, 2, 4 ... seconds. */
static void
resend(void)
{
	struct client *c, *next;
	int64_t now = now_us();

	TAILQ_FOREACH_SAFE(c, &flight, entry, next)
		resent += user_resend(&c->u, now);
}

static void
poll_once(int ms)
{
	static struct pollfd pfd[SOURCES_MAX * 2];
	int i, n = 0, both = set.natt != NATT_OFF;

	for (i = 0; i < opt.sources; i++) {
		pfd[n].fd = socks[i][0];
		pfd[n++].events = POLLIN;
		if (!both)
			continue;
		pfd[n].fd = socks[i][1];
		pfd[n++].events = POLLIN;
	}
	if (poll(pfd, (nfds_t)n, ms) <= 0)
		return;
	for (i = 0; i < n; i++)
		if (pfd[i].revents != 0)
			drain(both ? i / 2 : i, both ? i % 2 : 0);
}

static int
may_begin(int64_t since)
{
	if (begun == opt.count || in_flight >= opt.inflight || stop)
		return 0;
	return opt.rate == 0 ||
	    (now_us() - since) * opt.rate / 1000000 >= begun;
}

static void
connect_all(void)
{
	int64_t since = now_us(), last = since;

	while ((begun < opt.count && !stop) || in_flight > 0) {
		while (may_begin(since))
			begin();
		poll_once(opt.rate != 0 ? 1 : 100);
		if (now_us() - last > 100000) {
			last = now_us();
			resend();
		}
	}
}

static void
hold(int seconds)
{
	int64_t until = now_us() + (int64_t)seconds * 1000000;

	while (!stop && now_us() < until)
		poll_once(200);
}

/* Say goodbye: ISAKMP Delete for each session that is up. */
static void
bring_down(void)
{
	int i;

	for (i = 0; i < begun; i++) {
		if (all[i].u.state != USER_UP)
			continue;
		(void)user_say(&all[i].u,
		    info_delete_isakmp(&all[i].u.s, &all[i].u.s, user_wire()));
		if (i % 64 == 63)
			usleep(5000);
	}
}

static int
cmp64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double
percentile(int p)
{
	if (up == 0)
		return 0;
	return (double)latency[(int64_t)(up - 1) * p / 100] / 1000;
}

/* One line of words and figures, for people and for regress/bench/run. */
static void
report(double seconds)
{
	struct rusage ru;
	double cpu;
	int i;

	getrusage(RUSAGE_SELF, &ru);
	cpu = (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
	qsort(latency, (size_t)up, sizeof(*latency), cmp64);
	printf("sessions %d up %d failed %d seconds %.3f rate %.1f p50 %.2f "
	       "p99 %.2f max %.2f resent %d strange %d cpu %.3f\n",
	    opt.count, up, failed, seconds, up / seconds, percentile(50),
	    percentile(99), percentile(100), resent, strange, cpu);
	for (i = 0; i < REASONS; i++)
		if (reasons[i].n > 0)
			printf(
			    "failure %d %s\n", reasons[i].n, reasons[i].text);
	fflush(stdout);
}

static int
open_socket(struct in_addr a)
{
	struct sockaddr_in sin;
	int fd, size = 4 << 20;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr = a;
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(1, "source address %s", inet_ntoa(a));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

static void
open_sockets(void)
{
	socklen_t len = sizeof(local[0]);
	struct in_addr a;
	int i;

	for (i = 0; i < 2; i++) {
		remote[i].sin_family = AF_INET;
		remote[i].sin_port = htons(
		    (uint16_t)(i == 0 ? opt.port : opt.natt));
		if (inet_pton(AF_INET, opt.host, &remote[i].sin_addr) != 1)
			errx(1, "%s is not an IPv4 address", opt.host);
	}
	if (inet_pton(AF_INET, opt.from, &a) != 1)
		errx(1, "%s is not an IPv4 address", opt.from);
	for (i = 0; i < opt.sources; i++) {
		socks[i][0] = open_socket(a);
		socks[i][1] = set.natt == NATT_OFF ? -1 : open_socket(a);
		if (getsockname(
			socks[i][0], (struct sockaddr *)&local[i], &len) == -1)
			err(1, "getsockname");
		a.s_addr = htonl(ntohl(a.s_addr) + 1);
	}
}

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: ikeload [-DFMXx] [-A method] [-a hash] [-b source] "
	    "[-C chain]\n"
	    "\t[-c in-flight] [-d group] [-e cipher] [-g gateway] [-H hold]\n"
	    "\t[-I issuer-key] [-i group-name] [-K key] [-k psk] [-n sessions] "
	    "[-P natt-port]\n"
	    "\t[-p port] [-R network] [-r rate] [-s sources] [-T trusted]\n"
	    "\t[-U users] [-u user-prefix] [-w password] [-y esp-cipher] "
	    "[-z esp-hash]\n");
	exit(2);
}

static int
positive(const char *text, int max)
{
	const char *why;
	int n = (int)strtonum(text, 0, max, &why);

	if (why != NULL)
		errx(2, "%s is %s", text, why);
	return n;
}

static struct user_words words = USER_WORDS;

static void
options(int argc, char *argv[])
{
	int c;

	while (
	    (c = getopt(argc, argv,
		 "A:a:b:C:c:DFMXd:e:g:H:I:i:K:k:n:P:p:R:r:s:T:U:u:w:xy:z:")) !=
	    -1)
		switch (c) {
		case 'A':
			words.auth = optarg;
			break;
		case 'a':
			words.hash = optarg;
			break;
		case 'b':
			opt.from = optarg;
			break;
		case 'C':
			words.cert = optarg;
			break;
		case 'c':
			opt.inflight = positive(optarg, 100000);
			break;
		case 'D':
			opt.down = 1;
			break;
		case 'd':
			words.group = optarg;
			break;
		case 'e':
			words.cipher = optarg;
			break;
		case 'F':
			set.natt = NATT_FORCE;
			break;
		case 'g':
			opt.host = optarg;
			break;
		case 'H':
			opt.hold = positive(optarg, 1000000);
			break;
		case 'I':
			opt.issuer = optarg;
			break;
		case 'i':
			words.id = optarg;
			break;
		case 'K':
			words.key = optarg;
			break;
		case 'k':
			words.psk = optarg;
			break;
		case 'M':
			kind.main_mode = 1;
			break;
		case 'n':
			opt.count = positive(optarg, 10000000);
			break;
		case 'P':
			opt.natt = positive(optarg, 65535);
			break;
		case 'p':
			opt.port = positive(optarg, 65535);
			break;
		case 'R':
			kind.remote = optarg;
			break;
		case 'r':
			opt.rate = positive(optarg, 1000000);
			break;
		case 's':
			opt.sources = positive(optarg, SOURCES_MAX);
			break;
		case 'T':
			words.trust = optarg;
			break;
		case 'U':
			opt.users = positive(optarg, 10000000);
			break;
		case 'u':
			opt.user = optarg;
			break;
		case 'w':
			opt.password = optarg;
			break;
		case 'X':
			kind.no_config = 1;
			break;
		case 'x':
			kind.no_xauth = 1;
			words.auth = "psk";
			break;
		case 'y':
			words.esp_cipher = optarg;
			break;
		case 'z':
			words.esp_hash = optarg;
			break;
		default:
			usage();
		}
	if (optind != argc || opt.sources == 0 || opt.inflight == 0 ||
	    (opt.issuer != NULL && words.cert == NULL))
		usage();
}

int
main(int argc, char *argv[])
{
	int64_t since;
	int i;

	options(argc, argv);
	keys_init();
	if (user_settings(&set, &words) == -1)
		errx(2,
		    "unknown algorithm, a name or key too long, or a file "
		    "that is none");
	if (opt.issuer != NULL && (issuer = cert_key(opt.issuer)) == NULL)
		errx(2, "%s is no key", opt.issuer);
	for (i = 0; i < PAIRS; i++)
		if (dh_make(&pairs[i], set.offer[0].group, PAIR_BITS) == -1)
			errx(1, "cannot make key pairs");
	if (opt.users == 0)
		opt.users = opt.count;
	all = calloc((size_t)opt.count + 1, sizeof(*all));
	latency = calloc((size_t)opt.count + 1, sizeof(*latency));
	if (all == NULL || latency == NULL)
		err(1, NULL);
	open_sockets();
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	since = now_us();
	connect_all();
	report((double)(now_us() - since) / 1e6);
	if (opt.hold > 0)
		hold(opt.hold);
	if (opt.hold > 0)
		printf("held %d lost %d dpd %d\n", up - lost, lost, dpds);
	if (opt.down)
		bring_down();
	return failed != 0 || up != opt.count || lost != 0;
}
