/* A session's story: what is kept of it, and how it comes back. */
#include <sys/socket.h>

#include <event2/event.h>
#include <sodium.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/compat/imsg.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/story.h"
#include "regress/unit/test.h"

#define SEC 1700000000ULL

static struct event_base *base;
static struct session s;
static uint64_t now;

static void
begin(void)
{
	static struct bus_ops ops;

	if (base == NULL) {
		CHECK(sodium_init() != -1);
		base = event_base_new();
		bus_init(base, PROC_IKE, &ops);
	}
	memset(&s, 0, sizeof(s));
	s.id = 7;
	now = 5000;
	clock_hold(now, SEC);
	story_begin(&s.story);
}

static void
later(uint64_t ms)
{
	now += ms;
	clock_hold(now, SEC);
}

static struct msg_ROW_EVENT row[STORY_LEN + 1];

static size_t
show(void)
{
	struct imsgbuf in;
	struct imsg imsg;
	struct peer *ctl;
	size_t n = 0;
	int sv[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	ctl = bus_add(PROC_CTL, 0, sv[0]);
	story_show(ctl, &s);
	bus_flush();
	bus_close(ctl);
	CHECK_INT(imsgbuf_init(&in, sv[1]), 0);
	while (imsgbuf_read(&in) == 1) {
		while (imsgbuf_get(&in, &imsg) == 1) {
			CHECK(n <= STORY_LEN);
			CHECK_INT(imsg_get_type(&imsg), MSG_ROW_EVENT);
			if (n <= STORY_LEN)
				memcpy(&row[n++], imsg.data, sizeof(row[0]));
			imsg_free(&imsg);
		}
	}
	imsgbuf_clear(&in);
	close(sv[1]);
	return n;
}

/* The end of a text: its number. */
static const char *
number_of(const char *text)
{
	const char *blank = strrchr(text, ' ');

	return blank == NULL ? text : blank + 1;
}

TEST(nothing_has_happened)
{
	begin();
	CHECK_INT(show(), 0);
	story_end(&s.story);
}

TEST(numbers_and_times_of_every_size)
{
	static const struct {
		uint64_t after;
		uint32_t number;
		const char *text;
	} e[] = { { 0, 0, "0x00000000" }, { 127, 127, "0x0000007f" },
		{ 128, 128, "0x00000080" }, { 16383, 16384, "0x00004000" },
		{ 16384, 2097151, "0x001fffff" },
		{ 268435456, 268435456, "0x10000000" },
		{ 4294967295, 4294967295, "0xffffffff" },
		{ 1, 1, "0x00000001" } };
	uint64_t when = SEC * 1000;
	size_t i;

	begin();
	for (i = 0; i < 8; i++) {
		later(e[i].after);
		story_add(&s, STEP_SA_IN, e[i].number);
	}
	CHECK_INT(show(), 8);
	for (i = 0; i < 8; i++) {
		when += e[i].after;
		CHECK_INT(row[i].when_ms, when);
		CHECK_INT(row[i].session, 7);
		CHECK_STR(row[i].step, "quick mode");
		CHECK_STR(number_of(row[i].text), e[i].text);
	}
	story_end(&s.story);
}

/* What has no number keeps none. */
TEST(a_step_alone_is_two_octets)
{
	begin();
	story_add(&s, STEP_UP, 0);
	CHECK_INT(s.story.len, 2);
	story_add(&s, STEP_LEASE, 0x0a800001);
	CHECK_INT(show(), 2);
	CHECK_STR(row[0].text, "up");
	CHECK_STR(row[1].text, "address leased 10.128.0.1");
	story_end(&s.story);
}

/* Any length of life: the last STORY_LEN are there, in order, on time. */
TEST(the_latest_are_kept)
{
	static struct {
		uint64_t when;
		uint32_t number;
	} all[3000];
	size_t i, n, kept;
	char want[16];

	begin();
	for (n = 0; n < 3000; n++) {
		later(randombytes_uniform(2) ? randombytes_uniform(200) :
					       randombytes_uniform(90000000));
		all[n].when = now;
		all[n].number = randombytes_random() >> randombytes_uniform(32);
		story_add(&s, STEP_SA_OUT, all[n].number);
		if (n % 97 != 0 && n != STORY_LEN)
			continue;
		kept = n + 1 < STORY_LEN ? n + 1 : STORY_LEN;
		CHECK_INT(show(), kept);
		for (i = 0; i < kept; i++) {
			CHECK_INT(row[i].when_ms - SEC * 1000,
			    all[n + 1 - kept + i].when - 5000);
			(void)snprintf(want, sizeof(want), "0x%08x",
			    all[n + 1 - kept + i].number);
			CHECK_STR(number_of(row[i].text), want);
		}
		CHECK(s.story.size <= STORY_LEN * 12);
	}
	story_end(&s.story);
}

TESTS(T(nothing_has_happened), T(numbers_and_times_of_every_size),
    T(a_step_alone_is_two_octets), T(the_latest_are_kept))
