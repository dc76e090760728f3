/*
 * ikeflood: what a gateway must stand, at full speed or so many messages a
 * second, from many addresses, with a cookie of its own in each message:
 *
 *   first      Aggressive Mode's message 1, which asks for a computation
 *   main       Main Mode's message 1, and never more
 *   half-open  Main Mode up to message 3, which asks for one, and no more
 *   fragments  Main Mode's message 1, then fragments that never end
 *   proposals  as first, with as many transforms as a message takes
 *
 * Answers are read and, where the kind says so, followed by one more step.
 * The last line says how much was sent and how much came back.
 */
#include <arpa/inet.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user.h"

#define SOURCES_MAX 1000
#define BATCH 32	  /* datagrams, then answers are read */
#define FRAGMENTS 24	  /* fragments of one message */
#define PIECE_OCTETS 1000 /* of each */
#define COOKIES 16	  /* both, at the start of a message */

static struct settings set;
static struct session session;
static struct wire first, more;
static int socks[SOURCES_MAX], sources = 200, rate; /* 0: full speed */
static struct sockaddr_in gateway;
static unsigned long long sent, octets, answers, lost;
static volatile sig_atomic_t stop;

static void more_nothing(int, const uint8_t *);
static void more_third(int, const uint8_t *);
static void more_fragments(int, const uint8_t *);

static const struct kind {
	const char *name;
	int main_mode;
	int offers;
	void (*more)(int fd, const uint8_t *cookies); /* after an answer */
} kinds[] = {
	{ "first", 0, 1, more_nothing },
	{ "main", 1, 1, more_nothing },
	{ "half-open", 1, 1, more_third },
	{ "fragments", 1, 1, more_fragments },
	{ "proposals", 0, OFFERS_MAX, more_nothing },
	{ NULL, 0, 0, NULL },
};

static void
transmit(int fd, const struct wire *w)
{
	if (send(fd, w->b, w->len, 0) == -1) {
		lost++;
		return;
	}
	sent++;
	octets += w->len;
}

/* --- after an answer --- */

static void
more_nothing(int fd, const uint8_t *cookies)
{
}

static void
more_third(int fd, const uint8_t *cookies)
{
	uint8_t value[256], nonce[20];

	arc4random_buf(value, sizeof(value));
	arc4random_buf(nonce, sizeof(nonce));
	value[0] = 0x7f; /* less than the prime */
	wire_start(&more, cookies, cookies + 8, X_MAIN, 0, 0);
	put_payload(&more, P_KE, value, sizeof(value));
	put_payload(&more, P_NONCE, nonce, sizeof(nonce));
	wire_finish(&more);
	transmit(fd, &more);
}

static void
more_fragments(int fd, const uint8_t *cookies)
{
	static uint8_t octets_of_one[PIECE_OCTETS];
	uint8_t i;

	for (i = 1; i <= FRAGMENTS; i++) {
		wire_start(&more, cookies, cookies + 8, X_MAIN, 0, 0);
		wire_open(&more, P_FRAG);
		put16(&more, 1); /* the message's number */
		put8(&more, i);
		put8(&more, 0); /* not the last */
		putb(&more, octets_of_one, sizeof(octets_of_one));
		wire_end(&more);
		wire_finish(&more);
		transmit(fd, &more);
	}
}

/* --- the flood --- */

static void
read_answers(const struct kind *k, int fd)
{
	uint8_t b[2048];
	ssize_t n;
	int i;

	for (i = 0; i < BATCH; i++) {
		n = recv(fd, b, sizeof(b), 0);
		if (n < WIRE_HDR)
			return;
		answers++;
		k->more(fd, b);
	}
}

/* Wait until so many may be sent. */
static void
keep_rate(int64_t began)
{
	int64_t ahead;

	if (rate == 0)
		return;
	ahead = (int64_t)sent * 1000000 / rate - (now_us() - began);
	if (ahead > 0)
		usleep((useconds_t)ahead);
}

static void
flood(const struct kind *k, int seconds)
{
	int64_t began = now_us(), until = began + (int64_t)seconds * 1000000;
	int i, fd, turn = 0;

	while (!stop && now_us() < until) {
		keep_rate(began);
		fd = socks[turn++ % sources];
		for (i = 0; i < BATCH; i++) {
			arc4random_buf(first.b, COOKIES / 2);
			transmit(fd, &first);
		}
		read_answers(k, fd);
	}
}

static void
message_1(const struct kind *k)
{
	int i;

	for (i = 1; i < k->offers; i++) { /* refused ones, the good one last */
		set.offer[i] = set.offer[0];
		set.offer[i - 1].hash = hash_name("md5");
	}
	set.offers = k->offers;
	session_init(&session, &set);
	if (exchanges[k->main_mode].step[0].build(&session, &first) == -1 ||
	    session_seal(&session, &first) == -1)
		errx(1, "message 1: %s", session.why);
}

static void
open_sockets(const char *from, const char *host)
{
	struct sockaddr_in sin;
	struct in_addr a;
	int i;

	memset(&sin, 0, sizeof(sin));
	gateway.sin_family = sin.sin_family = AF_INET;
	gateway.sin_port = sin.sin_port = htons(500);
	if (inet_pton(AF_INET, from, &a) != 1 ||
	    inet_pton(AF_INET, host, &gateway.sin_addr) != 1)
		errx(2, "%s or %s is not an IPv4 address", from, host);
	for (i = 0; i < sources; i++) {
		sin.sin_addr = a;
		if ((socks[i] = socket(AF_INET, SOCK_DGRAM, 0)) == -1 ||
		    fcntl(socks[i], F_SETFL, O_NONBLOCK) == -1 ||
		    bind(socks[i], (struct sockaddr *)&sin, sizeof(sin)) ==
			-1 ||
		    connect(socks[i], (struct sockaddr *)&gateway,
			sizeof(gateway)) == -1)
			err(1, "source address %s", inet_ntoa(a));
		a.s_addr = htonl(ntohl(a.s_addr) + 1);
	}
}

static void
on_signal(int sig)
{
	stop = 1;
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: ikeflood [-b first-source] [-g gateway] [-i group] "
	    "[-r rate]\n\t[-s sources] [-t seconds]\n"
	    "\tfirst | main | half-open | fragments | proposals\n");
	exit(2);
}

int
main(int argc, char *argv[])
{
	struct user_words words = USER_WORDS;
	const char *from = "127.1.0.1", *host = "127.0.0.1";
	const struct kind *k;
	int c, seconds = 5;

	while ((c = getopt(argc, argv, "b:g:i:r:s:t:")) != -1) {
		switch (c) {
		case 'b':
			from = optarg;
			break;
		case 'g':
			host = optarg;
			break;
		case 'i':
			words.id = optarg;
			break;
		case 'r':
			rate = (int)strtonum(optarg, 1, 10000000, NULL);
			break;
		case 's':
			sources = (int)strtonum(optarg, 1, SOURCES_MAX, NULL);
			break;
		case 't':
			seconds = (int)strtonum(optarg, 1, 3600, NULL);
			break;
		default:
			usage();
		}
	}
	if (argc != optind + 1 || sources == 0 || seconds == 0)
		usage();
	for (k = kinds; k->name != NULL && strcmp(k->name, argv[optind]); k++)
		;
	if (k->name == NULL)
		usage();
	keys_init();
	set.natt = NATT_ON;
	if (user_settings(&set, &words) == -1)
		errx(2, "unknown algorithm");
	set.vendor[set.vendors].len = (size_t)vendor_find(
	    "frag", set.vendor[set.vendors].b, sizeof(set.vendor[0].b));
	set.vendors++;
	message_1(k);
	open_sockets(from, host);
	signal(SIGTERM, on_signal);
	flood(k, seconds);
	printf("flood %s sent %llu octets %llu answers %llu not sent %llu\n",
	    k->name, sent, octets, answers, lost);
	return 0;
}
