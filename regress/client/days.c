/*
 * ikedays: users who live with one gateway for a while, each by its own whims:
 * they rekey, move to other ports behind their NAT, leave with and without a
 * word, come back from other addresses, and notice by DPD when the gateway has
 * lost them.  In the end all come back and stay, the program prints who has
 * which address and SPIs, for the caller to compare, and on SIGTERM they leave.
 * What fails on the way is counted; that somebody cannot come back is an error.
 * At pace 1 each does something every 1 to 8 seconds, at pace 10 every 10
 * to 80.
 */
#include <arpa/inet.h>

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net.h"
#include "user.h"

#define USERS_MAX 1000
#define PAIRS 8
#define PAIR_BITS 64
#define SECOND 1000000LL
#define ASK_EVERY (8 * SECOND) /* one who has heard nothing asks */
#define GIVE_UP (32 * SECOND)  /* and then believes the gateway dead */
#define SETTLE (300 * SECOND)

/* A person, who is present on the network or not. */
struct life {
	struct user u; /* first: the one is the other */
	struct net net;
	char name[24];
	int present;
	int64_t next;  /* whim */
	int64_t asked; /* last R-U-THERE sent */
	int64_t heard; /* last authentic answer */
	uint32_t seq;
	uint32_t spi_in, spi_out, spi_old;
};

enum event {
	CONNECTED,
	FAILED,
	REKEYED,
	MOVED,
	VANISHED,
	LEFT,
	RENEWED,
	LOST,
	DELETED,
	ASKED,
	STRANGE,
	EVENTS
};
static const char *const event_names[EVENTS] = { "connected", "failed",
	"rekeyed", "moved", "vanished", "left", "renewed", "lost", "deleted",
	"asked", "strange" };
static unsigned long count[EVENTS];

static struct {
	const char *host, *from, *password;
	int users, sources, seconds, pace;
} opt = { "127.0.0.1", "127.0.0.1", "password", 20, 1, 10, 1 };

static struct user_words words = USER_WORDS;
static struct settings plain, first; /* the first say INITIAL-CONTACT */
static struct dh_pair pairs[PAIRS];
static struct life lives[USERS_MAX];
static struct pollfd pfd[USERS_MAX];
static int settling;
static int64_t settling_since;
static volatile sig_atomic_t stop;

static struct life *
life_of(struct user *u)
{
	return (struct life *)(void *)u;
}

/* Between low and high, in tenths of a second, from now. */
static int64_t
after(int low, int high)
{
	return now_us() + (low + random() % (high - low + 1)) * SECOND / 10;
}

static int64_t
next_whim(void)
{
	return after(10 * opt.pace, 80 * opt.pace);
}

/* --- what happens to them --- */

static void
transmit(struct user *u, const struct datagram *d)
{
	struct net *n = &life_of(u)->net;

	if (u->floated && !n->marker && net_move(n, 4500, 0) == -1)
		err(1, "cannot move to the NAT-T port");
	(void)net_send(n, d->p, d->len); /* lost ones come again */
}

/* No longer on the network, for a while. */
static void
away(struct life *l)
{
	user_free(&l->u);
	net_close(&l->net);
	l->u.state = USER_IDLE;
	l->present = 0;
	l->next = settling ? now_us() : after(5, 60);
}

static void
goodbye(struct life *l)
{
	(void)user_say(
	    &l->u, info_delete_isakmp(&l->u.s, &l->u.s, user_wire()));
}

static void
drop_old_pair(struct life *l)
{
	if (l->spi_old != 0)
		(void)user_say(
		    &l->u, info_delete_esp(&l->u.s, user_wire(), l->spi_old));
	l->spi_old = 0;
}

static void
is_up(struct user *u)
{
	struct life *l = life_of(u);

	count[l->spi_in == 0 ? CONNECTED : REKEYED]++;
	l->spi_old = l->spi_in;
	l->spi_in = u->s.q->spi_in;
	l->spi_out = u->s.q->spi_out;
	drop_old_pair(l);
	user_settle(u);
	l->heard = now_us();
	l->next = next_whim();
}

static void
failed(struct user *u, const char *why)
{
	count[FAILED]++;
	printf(
	    "%s %s: %s\n", life_of(u)->name, user_state_names[u->state], why);
	away(life_of(u));
}

static void
deleted(struct user *u)
{
	count[DELETED]++;
	away(life_of(u));
}

static void
alive(struct user *u)
{
	life_of(u)->heard = now_us();
}

static void
asked(struct user *u)
{
	(void)u;
	count[ASKED]++;
}

static void
be_surprised(struct user *u)
{
	(void)u;
	count[STRANGE]++;
}

static struct user_kind kinds[2] = { { .set = &plain,
    .remote = "0.0.0.0/0",
    .transmit = transmit,
    .up = is_up,
    .failed = failed,
    .deleted = deleted,
    .alive = alive,
    .asked = asked,
    .strange = be_surprised } };

/* --- what they do --- */

static void
ask(struct life *l)
{
	l->asked = now_us();
	(void)user_say(&l->u, info_dpd(&l->u.s, user_wire(), 36136, l->seq++));
}

static void
come(struct life *l)
{
	struct session *s = &l->u.s;
	struct in_addr from;

	inet_pton(AF_INET, opt.from, &from);
	from.s_addr = htonl(
	    ntohl(from.s_addr) + (uint32_t)(random() % opt.sources));
	memset(&l->u, 0, sizeof(l->u));
	l->u.kind = &kinds[random() % 2];
	session_init(s, l->u.kind->set);
	if (net_open(&l->net, opt.host, inet_ntoa(from), 500, 0) == -1)
		err(1, "%s", inet_ntoa(from));
	s->local = l->net.local;
	s->remote = l->net.remote;
	s->dh = &pairs[random() % PAIRS];
	s->user = l->name;
	s->password = opt.password;
	l->present = 1;
	l->spi_in = l->spi_out = l->spi_old = 0;
	l->seq = (uint32_t)random() & 0xffffff;
	l->asked = l->heard = now_us();
	user_connect(&l->u);
}

static void
move(struct life *l)
{
	count[MOVED]++;
	if (net_move(&l->net, 4500, 0) == -1)
		err(1, "cannot move");
	ask(l);
}

static void
whim(struct life *l)
{
	int r = (int)(random() % 100);

	l->next = next_whim();
	if (r < 40)
		user_quick(&l->u);
	else if (r < 65)
		move(l);
	else if (r < 75) {
		count[RENEWED]++;
		l->spi_old = l->spi_in;
		drop_old_pair(l);
		l->spi_in = 0;
		user_quick(&l->u);
	} else if (r < 87) {
		count[LEFT]++;
		goodbye(l);
		away(l);
	} else {
		count[VANISHED]++;
		away(l);
	}
}

/* The gateway may have lost it, or was killed and started again. */
static int
is_lost(struct life *l, int64_t now)
{
	if (now - l->heard >= ASK_EVERY && now - l->asked >= ASK_EVERY / 2)
		ask(l);
	return now - l->heard >= GIVE_UP;
}

static void
live(struct life *l, int64_t now)
{
	if (!l->present) {
		if (now >= l->next)
			come(l);
	} else if (l->u.state >= USER_QUICK && is_lost(l, now)) {
		count[LOST]++;
		away(l);
	} else if (l->u.state < USER_UP) {
		(void)user_resend(&l->u, now);
	} else if (!settling && now >= l->next) {
		whim(l);
	}
}

/* --- the world --- */

static void
hear(struct life *l)
{
	static uint8_t b[WIRE_MAX];
	ssize_t n;

	n = net_recv(&l->net, b, sizeof(b), now_ms());
	if (n > 0)
		user_take(&l->u, b, (size_t)n);
}

static void
one_round(void)
{
	static struct life *of[USERS_MAX];
	int64_t now = now_us();
	int i, n = 0;

	for (i = 0; i < opt.users; i++)
		live(&lives[i], now);
	for (i = 0; i < opt.users; i++) {
		if (!lives[i].present)
			continue;
		of[n] = &lives[i];
		pfd[n].fd = lives[i].net.fd;
		pfd[n++].events = POLLIN;
	}
	if (poll(pfd, (nfds_t)n, 50) <= 0)
		return;
	for (i = 0; i < n; i++)
		if (pfd[i].revents != 0 && of[i]->present &&
		    of[i]->net.fd == pfd[i].fd)
			hear(of[i]);
}

/* All are up, and the gateway has said so since the whims ended. */
static int
settled(void)
{
	int i, n = 0;

	for (i = 0; i < opt.users; i++)
		n += lives[i].present && lives[i].u.state == USER_UP &&
		    lives[i].heard > settling_since + SECOND;
	return n == opt.users;
}

static void
settle(void)
{
	settling = 1;
	settling_since = now_us();
	while (!settled() && !stop) {
		if (now_us() - settling_since > SETTLE)
			errx(1, "not all could come back");
		one_round();
	}
}

static void
report(void)
{
	char address[INET_ADDRSTRLEN];
	struct life *l;
	int i;

	for (i = 0; i < EVENTS; i++)
		printf("%s %lu%s", event_names[i], count[i],
		    i == EVENTS - 1 ? "\n" : " ");
	for (i = 0; i < opt.users; i++) {
		l = &lives[i];
		printf("up %s %s %08x %08x\n", l->name,
		    inet_ntop(
			AF_INET, l->u.s.address, address, sizeof(address)),
		    l->spi_in, l->spi_out);
	}
	printf("settled\n");
	fflush(stdout);
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
	    "usage: ikedays [-b first-source] [-d group] [-g gateway] "
	    "[-i group-name]\n"
	    "\t[-k psk] [-n users] [-p pace] [-r seed] [-s sources] "
	    "[-t seconds]\n\t[-w password]\n");
	exit(2);
}

static int
number(const char *text, int min, int max)
{
	const char *why;
	int n = (int)strtonum(text, min, max, &why);

	if (why != NULL)
		errx(2, "%s is %s", text, why);
	return n;
}

static void
options(int argc, char *argv[])
{
	int c;

	srandom(1);
	while ((c = getopt(argc, argv, "b:d:g:i:k:n:p:r:s:t:w:")) != -1)
		switch (c) {
		case 'b':
			opt.from = optarg;
			break;
		case 'd':
			words.group = optarg;
			break;
		case 'g':
			opt.host = optarg;
			break;
		case 'i':
			words.id = optarg;
			break;
		case 'k':
			words.psk = optarg;
			break;
		case 'n':
			opt.users = number(optarg, 1, USERS_MAX);
			break;
		case 'p':
			opt.pace = number(optarg, 1, 1000);
			break;
		case 'r':
			srandom((unsigned int)number(optarg, 0, INT32_MAX));
			break;
		case 's':
			opt.sources = number(optarg, 1, 250);
			break;
		case 't':
			opt.seconds = number(optarg, 0, 1000000);
			break;
		case 'w':
			opt.password = optarg;
			break;
		default:
			usage();
		}
	if (optind != argc)
		usage();
}

int
main(int argc, char *argv[])
{
	int64_t until;
	int i;

	options(argc, argv);
	keys_init();
	setvbuf(stdout, NULL, _IOLBF, 0);
	plain.natt = first.natt = NATT_FORCE;
	plain.natt_port = first.natt_port = 4500;
	first.initial_contact = 1;
	if (user_settings(&plain, &words) == -1 ||
	    user_settings(&first, &words) == -1)
		errx(2, "unknown group, or a name or key too long");
	kinds[1] = kinds[0];
	kinds[1].set = &first;
	for (i = 0; i < PAIRS; i++)
		if (dh_make(&pairs[i], plain.offer[0].group, PAIR_BITS) == -1)
			errx(1, "cannot make key pairs");
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	until = now_us() + opt.seconds * SECOND;
	for (i = 0; i < opt.users; i++) {
		snprintf(lives[i].name, sizeof(lives[i].name), "u%d", i);
		lives[i].next = after(0, 2 * opt.users);
	}
	while (now_us() < until && !stop)
		one_round();
	settle();
	report();
	while (!stop)
		one_round();
	for (i = 0; i < opt.users; i++)
		if (lives[i].present && lives[i].u.state == USER_UP)
			goodbye(&lives[i]);
	return 0;
}
