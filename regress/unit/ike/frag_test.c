/*
 * Messages in pieces: whole again in every order, bounded for each SA, each
 * stranger's address and in all, and sent only to whom takes them.
 */
#include <sys/socket.h>
#include <netinet/in.h>

#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/secret.h"
#include "common/timer.h"
#include "ikerd/ike/frag.h"
#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/net.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "regress/unit/test.h"

static struct ike_socket sock = { .fd = -1 };
static struct session session;
static uint64_t now_ms = 10000;

static void
start(void)
{
	static struct event_base *base;

	if (base != NULL)
		return;
	clock_hold(now_ms, 1700000000);
	CHECK(sodium_init() != -1);
	secret_init();
	base = event_base_new();
	timer_init(NULL);
	session_init(base);
	sa_init();
	LIST_INIT(&session.sas);
}

/* A half-open SA of the n-th client of an address, that announced it. */
static struct ike_sa *
client(uint32_t host, uint32_t n)
{
	struct endpoint e = { addr_ip4(host), 500 };
	uint8_t cky_i[ISAKMP_COOKIE_LEN] = { 1 };
	struct ike_sa *sa;

	start();
	memcpy(cky_i + 1, &n, sizeof(n));
	if ((sa = sa_new(&session, cky_i, &sock, &e)) == NULL)
		abort();
	sa->state = SA_WAIT_HASH;
	sa->vendor.seen = VENDOR_BIT(VENDOR_FRAGMENTATION);
	return sa;
}

static void
gone(struct ike_sa *sa)
{
	sa_down(sa);
	LIST_REMOVE(sa, entry);
	sa_free(sa);
}

/* A message of this SA, len octets. */
static const uint8_t *
message(const struct ike_sa *sa, size_t len)
{
	static uint8_t buf[FRAG_MESSAGE_MAX];
	struct isakmp_hdr hdr;
	size_t i;

	memset(&hdr, 0, sizeof(hdr));
	memcpy(hdr.cky_i, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(hdr.cky_r, sa->cky_r, ISAKMP_COOKIE_LEN);
	hdr.next = PAYLOAD_HASH;
	hdr.version = ISAKMP_VERSION;
	hdr.exchange = EXCHANGE_MAIN;
	hdr.flags = ISAKMP_FLAG_E;
	hdr.length = (uint32_t)len;
	isakmp_put_header(buf, &hdr);
	for (i = ISAKMP_HDR_LEN; i < len; i++)
		buf[i] = (uint8_t)(i * 7);
	return buf;
}

static uint8_t *result;
static size_t result_len;

/* One piece from the SA's peer; 1: the message is whole. */
static int
piece(struct ike_sa *sa, uint16_t id, unsigned int number, int last,
    const uint8_t *p, size_t len)
{
	static uint8_t buf[FRAG_MESSAGE_MAX + 64];
	struct isakmp_hdr hdr, parsed;
	struct isakmp_buf ib;
	size_t n;

	CHECK(isakmp_parse_header(message(sa, 64), 64, &hdr) == 0);
	ib_init(&ib, buf, sizeof(buf), &hdr);
	ib_fragment(&ib, id, (uint8_t)number, last, p, len);
	n = ib_finish(&ib);
	CHECK(isakmp_parse_header(buf, n, &parsed) == ISAKMP_OK);
	result = frag_take(sa, &sa->peer, &parsed, buf, n, &result_len);
	return result != NULL;
}

#define LEN 1000
#define PART 300 /* of 4 pieces, the last has 100 */

/* The n-th piece of a message of LEN octets. */
static int
part(struct ike_sa *sa, uint16_t id, unsigned int n)
{
	size_t at = (n - 1) * PART;
	uint8_t copy[PART];

	memcpy(copy, message(sa, LEN) + at, n == 4 ? LEN - at : PART);
	return piece(sa, id, n, n == 4, copy, n == 4 ? LEN - at : PART);
}

static int
is_whole(struct ike_sa *sa)
{
	return result != NULL && result_len == LEN &&
	    memcmp(result, message(sa, LEN), LEN) == 0;
}

TEST(every_order)
{
	struct ike_sa *sa = client(1, 1);
	unsigned int order, n[4], i, j, rest;

	for (order = 0; order < 256; order++) {
		for (i = 0, rest = order; i < 4; i++, rest /= 4)
			n[i] = 1 + rest % 4;
		for (i = 0; i < 4; i++) {
			for (j = 0; j < i && n[j] != n[i]; j++)
				continue;
			if (j < i)
				break;
		}
		if (i < 4)
			continue; /* not all four */
		for (i = 0; i < 3; i++)
			CHECK_INT(part(sa, 1, n[i]), 0);
		CHECK_INT(part(sa, 1, n[3]), 1);
		CHECK(is_whole(sa));
		CHECK(sa->frag == NULL);
	}
	CHECK_INT(frag_counters.whole, 24);
	CHECK_INT(frag_counters.held, 0);
	gone(sa);
}

TEST(one_piece)
{
	struct ike_sa *sa = client(1, 1);
	uint8_t copy[LEN];

	memcpy(copy, message(sa, LEN), LEN);
	CHECK_INT(piece(sa, 7, 1, 1, copy, LEN), 1);
	CHECK(is_whole(sa));
	gone(sa);
}

/* A racoon that got the last piece twice never finished (CVE-2016-10396). */
TEST(duplicates)
{
	struct ike_sa *sa = client(1, 1);
	uint64_t before = frag_counters.repeated;

	CHECK_INT(part(sa, 1, 4), 0);
	CHECK_INT(part(sa, 1, 4), 0);
	CHECK_INT(part(sa, 1, 1), 0);
	CHECK_INT(part(sa, 1, 1), 0);
	CHECK_INT(part(sa, 1, 3), 0);
	CHECK_INT(part(sa, 1, 2), 1);
	CHECK(is_whole(sa));
	CHECK_INT(frag_counters.repeated, before + 2);
	gone(sa);
}

/* What cannot be of the same message begins another one. */
TEST(conflicts)
{
	struct ike_sa *sa = client(1, 1);
	uint64_t before = frag_counters.begun_anew;
	uint8_t other[PART] = { 1 };
	int i;

	for (i = 0; i < 5; i++) {
		CHECK_INT(part(sa, 1, 1), 0);
		CHECK_INT(part(sa, 1, 2), 0);
		CHECK_INT(part(sa, 1, 4), 0);
		if (i == 0) /* other octets */
			CHECK_INT(piece(sa, 1, 2, 0, other, PART), 0);
		else if (i == 1) /* a second last one */
			CHECK_INT(piece(sa, 1, 3, 1, other, PART), 0);
		else if (i == 2) /* behind the last one */
			CHECK_INT(piece(sa, 1, 5, 0, other, PART), 0);
		else if (i == 3) /* another id */
			CHECK_INT(part(sa, 2, 3), 0);
		else /* another length */
			CHECK_INT(piece(sa, 1, 2, 0, other, PART - 1), 0);
		CHECK_INT(frag_counters.begun_anew, ++before);
		/* the rest of the old one is not enough for the new one */
		CHECK_INT(part(sa, 1, 3), 0);
		frag_free(sa);
		before = frag_counters.begun_anew;
	}
	CHECK_INT(frag_counters.held, 0);
	gone(sa);
}

TEST(malformed)
{
	struct ike_sa *sa = client(1, 1), *other = client(1, 2);
	uint64_t before = frag_counters.malformed;
	uint8_t copy[LEN];

	memcpy(copy, message(sa, LEN), LEN);
	CHECK_INT(piece(sa, 1, 0, 0, copy, LEN), 0); /* number 0 */
	CHECK_INT(piece(sa, 1, 1, 1, copy, 0), 0);
	CHECK_INT(piece(sa, 1, 1, 1, copy, ISAKMP_HDR_LEN - 1), 0);
	/* a fragment within, another SA's message within */
	copy[16] = PAYLOAD_FRAG;
	CHECK_INT(piece(sa, 1, 1, 1, copy, LEN), 0);
	memcpy(copy, message(other, LEN), LEN);
	CHECK_INT(piece(sa, 1, 1, 1, copy, LEN), 0);
	CHECK_INT(frag_counters.malformed, before + 5);
	CHECK(sa->frag == NULL);
	gone(sa);
	gone(other);
}

TEST(bounds_of_one)
{
	struct ike_sa *sa = client(1, 1);
	uint64_t before = frag_counters.too_long;
	static uint8_t big[FRAG_MESSAGE_MAX];
	unsigned int i;

	CHECK_INT(piece(sa, 1, FRAG_PIECES + 1, 0, big, 10), 0);
	CHECK_INT(piece(sa, 1, 255, 1, big, 10), 0);
	CHECK_INT(frag_counters.too_long, before + 2);
	CHECK(sa->frag == NULL);
	for (i = 1; i <= 8; i++)
		CHECK_INT(piece(sa, 1, i, 0, big, sizeof(big) / 8), 0);
	CHECK(sa->frag != NULL);
	CHECK_INT(piece(sa, 1, 9, 1, big, 1), 0);
	CHECK(sa->frag == NULL);
	CHECK_INT(frag_counters.too_long, before + 3);
	CHECK_INT(frag_counters.held, 0);
	gone(sa);
}

#define MANY 600

/* Strangers of one address, then of many, then clients that are known. */
TEST(bounds_of_all)
{
	static struct ike_sa *sa[MANY];
	static uint8_t big[FRAG_MESSAGE_MAX - 1000];
	unsigned int i, held = 0;

	for (i = 0; i < MANY; i++) {
		sa[i] = client(1, i);
		piece(sa[i], 1, 1, 0, big, sizeof(big));
	}
	CHECK(frag_counters.held <= FRAG_SOURCE_MAX);
	CHECK(frag_counters.held > FRAG_SOURCE_MAX - FRAG_MESSAGE_MAX);
	for (i = 0; i < MANY; i++)
		gone(sa[i]);
	CHECK_INT(frag_counters.held, 0);
	for (i = 0; i < MANY; i++) {
		sa[i] = client(1000 + i, i);
		piece(sa[i], 1, 1, 0, big, sizeof(big));
	}
	CHECK(frag_counters.held <= FRAG_TOTAL_MAX);
	CHECK(frag_counters.held > FRAG_TOTAL_MAX - FRAG_MESSAGE_MAX);
	CHECK(sa[0]->frag == NULL); /* the oldest went */
	CHECK(sa[MANY - 1]->frag != NULL);
	/* a client that has proved itself gets its room from them */
	for (i = 0; i < MANY; i++) {
		frag_free(sa[i]);
		sa[i]->state = SA_ESTABLISHED;
		piece(sa[i], 1, 1, 0, big, sizeof(big));
		held += sa[i]->frag != NULL;
	}
	CHECK(frag_counters.held <= FRAG_TOTAL_MAX);
	CHECK(held >= FRAG_TOTAL_MAX / FRAG_MESSAGE_MAX);
	/* and strangers get none of theirs */
	sa[MANY - 1]->state = SA_WAIT_HASH;
	piece(sa[MANY - 1], 1, 1, 0, big, sizeof(big));
	CHECK(sa[MANY - 1]->frag == NULL && sa[0]->frag != NULL);
	for (i = 0; i < MANY; i++) {
		sa[i]->state = SA_WAIT_HASH; /* as it was made */
		gone(sa[i]);
	}
	CHECK_INT(frag_counters.held, 0);
}

TEST(who_may)
{
	struct ike_sa *sa = client(1, 1);
	struct endpoint peer = sa->peer;
	uint64_t before = frag_counters.foreign;

	sa->vendor.seen = 0;
	CHECK_INT(part(sa, 1, 1), 0);
	CHECK(sa->frag == NULL);
	CHECK_INT(frag_counters.unannounced, 1);
	sa->vendor.seen = VENDOR_BIT(VENDOR_FRAGMENTATION);
	sa->peer.addr = addr_ip4(2);
	CHECK_INT(part(sa, 1, 1), 0); /* from there it is right */
	CHECK(sa->frag != NULL);
	frag_free(sa);
	sa->peer = peer;
	CHECK_INT(frag_counters.foreign, before);
	gone(sa);
}

/* Half-open, from another address: nothing; the same known: taken. */
TEST(from_elsewhere)
{
	struct ike_sa *sa = client(1, 1);
	struct endpoint elsewhere = { addr_ip4(9), 500 };
	uint8_t buf[200];
	struct isakmp_hdr hdr;
	struct isakmp_buf ib;
	uint64_t before = frag_counters.foreign;
	size_t n, whole;

	CHECK(isakmp_parse_header(message(sa, 64), 64, &hdr) == 0);
	ib_init(&ib, buf, sizeof(buf), &hdr);
	ib_fragment(&ib, 1, 1, 0, "piece", 5);
	n = ib_finish(&ib);
	hdr.next = PAYLOAD_FRAG;
	CHECK(frag_take(sa, &elsewhere, &hdr, buf, n, &whole) == NULL);
	CHECK(sa->frag == NULL);
	CHECK_INT(frag_counters.foreign, before + 1);
	sa->state = SA_ESTABLISHED;
	CHECK(frag_take(sa, &elsewhere, &hdr, buf, n, &whole) == NULL);
	CHECK(sa->frag != NULL);
	sa->state = SA_WAIT_HASH;
	gone(sa);
}

TEST(time_is_over)
{
	struct ike_sa *sa = client(1, 1);

	CHECK_INT(part(sa, 1, 1), 0);
	now_ms += FRAG_WAIT_MS - 100;
	clock_hold(now_ms, 1700000000);
	timer_turn();
	CHECK(sa->frag != NULL);
	now_ms += 300;
	clock_hold(now_ms, 1700000000);
	timer_turn();
	CHECK(sa->frag == NULL);
	CHECK_INT(frag_counters.timeouts, 1);
	CHECK_INT(frag_counters.held, 0);
	gone(sa);
}

/* --- sending --- */

static int
open_wire(void)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&sin, &len) == 0);
	sock.fd = fd;
	return ntohs(sin.sin_port);
}

/* What was sent, put together by what takes it; the datagrams counted. */
static int
received(struct ike_sa *sa, size_t most)
{
	static uint8_t buf[65536];
	struct isakmp_hdr hdr;
	ssize_t n;
	int count = 0, at = sock.natt ? 4 : 0;

	result = NULL;
	while ((n = recv(sock.fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		count++;
		CHECK((size_t)n <= most);
		CHECK(isakmp_parse_header(buf + at, (size_t)(n - at), &hdr) ==
		    ISAKMP_OK);
		CHECK_INT(hdr.exchange, EXCHANGE_MAIN);
		if (hdr.next != PAYLOAD_FRAG)
			continue;
		CHECK_INT(hdr.flags, 0);
		result = frag_take(sa, &sa->peer, &hdr, buf + at,
		    (size_t)(n - at), &result_len);
	}
	return count;
}

TEST(sending)
{
	struct ike_sa *sa = client(INADDR_LOOPBACK, 1);
	static uint8_t copy[FRAG_MESSAGE_MAX];
	size_t most = FRAG_DATAGRAM - 28, len;
	int natt;

	sa->peer.port = (uint16_t)open_wire();
	for (natt = 0; natt < 2; natt++) {
		sock.natt = natt;
		len = most - (natt ? 4 : 0);
		memcpy(copy, message(sa, len + 1), len + 1);
		frag_send(sa, message(sa, len), len);
		CHECK_INT(received(sa, most), 1);
		CHECK(result == NULL);
		frag_send(sa, copy, len + 1);
		CHECK_INT(received(sa, most), 2);
		CHECK(result != NULL && result_len == len + 1 &&
		    memcmp(result, copy, len + 1) == 0);
		memcpy(copy, message(sa, sizeof(copy)), sizeof(copy));
		frag_send(sa, copy, sizeof(copy));
		CHECK_INT(received(sa, most), 14);
		CHECK(result != NULL && result_len == sizeof(copy) &&
		    memcmp(result, copy, sizeof(copy)) == 0);
	}
	/* not to those who did not say that they take them */
	sa->vendor.seen = 0;
	frag_send(sa, message(sa, 5000), 5000);
	CHECK_INT(received(sa, 5004), 1);
	close(sock.fd);
	sock.fd = -1;
	sock.natt = 0;
	gone(sa);
}

TESTS(T(every_order), T(one_piece), T(duplicates), T(conflicts), T(malformed),
    T(bounds_of_one), T(bounds_of_all), T(who_may), T(from_elsewhere),
    T(time_is_over), T(sending))
