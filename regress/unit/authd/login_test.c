/*
 * ike, played by this test over a real pipe, asks authd to log users in:
 * right and wrong passwords, users that do not exist, a file that changes, a
 * client that gives up, too many at once.  Hashes are computed by the real
 * worker processes, confined when the test runs as root.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <time.h>
#include <unistd.h>

#include "authd/hasher.h"
#include "authd/limit.h"
#include "authd/lists.h"
#include "authd/login.h"
#include "authd/sessions.h"
#include "authd/usersfile.h"
#include "common/compat/imsg.h"
#include "common/log.h"
#include "common/secret.h"
#include "common/timer.h"
#include "regress/unit/authd/status_of.h"
#include "regress/unit/test.h"

#define LIST "local"

static struct event_base *base;
static struct login_stats logins;
static struct hasher_stats hashes;
static struct usersfile_stats files;
static struct session_stats sessions;
static struct imsgbuf ike, ctl;
static char dir[] = "/tmp/authd_test.XXXXXX";
static int dirfd;
static char good[crypto_pwhash_STRBYTES]; /* "secret", 8 MiB */
static uint64_t last_session = 0x1000;

static const struct msg_handler handlers[] = {
	{ MSG_LOGIN_START, login_handle_start },
	{ MSG_LOGIN_ANSWER, login_handle_answer },
	{ MSG_LOGIN_CANCEL, login_handle_cancel },
	{ MSG_SESSION_UP, sessions_handle_up },
	{ MSG_SESSION_USAGE, sessions_handle_usage },
	{ MSG_SESSION_DOWN, sessions_handle_down },
	{ MSG_RESYNC_DONE, sessions_handle_resync },
	{ MSG_SHOW_USERS, sessions_handle_show },
};

static void
peer_up(struct peer *peer)
{
	if (peer_process(peer) == PROC_IKE)
		sessions_ike_up();
}

static const struct bus_ops ops = {
	.handlers = handlers,
	.nhandlers = sizeof(handlers) / sizeof(handlers[0]),
	.peer_up = peer_up,
	.peer_down = login_peer_down,
};

static void
connect_to(struct imsgbuf *b, enum process p)
{
	int fds[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	bus_add(p, 0, fds[0]);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	imsgbuf_init(b, fds[1]);
	imsgbuf_allow_fdpass(b);
}

static void
users_file(const char *text)
{
	int fd = openat(
	    dirfd, USERSFILE_NAME, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd != -1);
	CHECK_INT(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
config(const char *list, uint8_t protocol)
{
	struct msg_CONF_LOGIN m = { .line = 7, .protocol = protocol };

	strlcpy(m.list, list, sizeof(m.list));
	lists_add(&m);
}

/* fixed and cisco_customer, and others to fail with: failures delay. */
static void
usual_users(void)
{
	char text[4096], line[256];
	int i;

	snprintf(text, sizeof(text),
	    "cisco_customer:%s\nfixed:%s:address=10.89.129.204,session=8h,"
	    "idle=30m\n",
	    good, good);
	for (i = 0; i < 8; i++) {
		snprintf(line, sizeof(line), "u%d:%s\n", i, good);
		strlcat(text, line, sizeof(text));
	}
	users_file(text);
}

TEST(set_up)
{
	struct worker_place place = { NULL, NULL };

	log_init("login_test", 1);
	secret_init();
	timer_init(NULL);
	CHECK(mkdtemp(dir) != NULL);
	if (geteuid() == 0) { /* chroot(2) is root's */
		place.user = "nobody";
		place.dir = dir;
	}
	hasher_open(&place);
	base = event_base_new();
	timer_init(base);
	dirfd = open(dir, O_RDONLY | O_DIRECTORY);
	CHECK(dirfd != -1);
	usersfile_init(dirfd, dir, hash_forms(), &files);
	hasher_start(base, &hashes);
	login_init(&logins);
	sessions_init(&sessions);
	bus_init(base, PROC_AUTHD, &ops);
	connect_to(&ike, PROC_IKE);
	lists_begin();
	config(LIST, LOGIN_LOCAL);
	lists_commit();
	CHECK_INT(crypto_pwhash_str(good, "secret", 6, 1, 8 << 20), 0);
	usual_users();
}

static void
tell(uint32_t type, const void *payload, size_t len)
{
	CHECK_INT(imsg_compose(&ike, type, 0, 0, -1, payload, len), 1);
	CHECK_INT(imsgbuf_flush(&ike), 0);
}

static uint64_t
start_from(const char *user, const char *password, size_t len, const char *list,
    uint32_t source)
{
	struct msg_LOGIN_START m;

	memset(&m, 0, sizeof(m));
	m.session = ++last_session;
	strlcpy(m.list, list, sizeof(m.list));
	strlcpy(m.group, "vpn3000", sizeof(m.group));
	strlcpy(m.user, user, sizeof(m.user));
	m.source.addr = addr_ip4(source);
	m.source.port = 500;
	memcpy(m.password, password, len);
	m.password_len = (uint16_t)len;
	tell(MSG_LOGIN_START, &m, sizeof(m));
	return m.session;
}

/* Each from another source: limits are limit_test's business. */
static uint64_t
start(const char *user, const char *password)
{
	static uint32_t source = 0x0a000001;

	return start_from(user, password, strlen(password), LIST, source++);
}

/* Run authd until a message comes out of it; its type, 0 after ms. */
static uint32_t
hear(struct imsgbuf *b, void *payload, size_t size, int ms)
{
	const struct timeval tick = { 0, 1000 };
	struct timespec t0, t;
	struct imsg imsg;
	uint32_t type;

	clock_gettime(CLOCK_MONOTONIC, &t0);
	for (;;) {
		if (imsgbuf_get(b, &imsg) == 1) {
			type = imsg_get_type(&imsg);
			memset(payload, 0, size);
			CHECK(imsg_get_len(&imsg) <= size);
			if (imsg_get_len(&imsg) <= size)
				memcpy(payload, imsg.data, imsg_get_len(&imsg));
			imsg_free(&imsg);
			return type;
		}
		event_base_loopexit(base, &tick);
		event_base_dispatch(base);
		if (imsgbuf_read(b) == -1)
			return 0;
		clock_gettime(CLOCK_MONOTONIC, &t);
		if ((t.tv_sec - t0.tv_sec) * 1000 +
			(t.tv_nsec - t0.tv_nsec) / 1000000 >
		    ms)
			return 0;
	}
}

/* reason NULL: whatever it is. */
static void
rejected_for(uint64_t session, enum reject_cause cause, const char *reason)
{
	struct msg_LOGIN_REJECT no;

	CHECK_INT(hear(&ike, &no, sizeof(no), 5000), MSG_LOGIN_REJECT);
	CHECK_INT(no.session, session);
	CHECK_INT(no.cause, cause);
	if (reason != NULL)
		CHECK_STR(no.reason, reason);
}

static void
rejected(uint64_t session, enum reject_cause cause)
{
	rejected_for(session, cause, NULL);
}

static struct msg_LOGIN_ACCEPT
accepted(uint64_t session)
{
	struct msg_LOGIN_ACCEPT yes;

	CHECK_INT(hear(&ike, &yes, sizeof(yes), 5000), MSG_LOGIN_ACCEPT);
	CHECK_INT(yes.session, session);
	return yes;
}

TEST(right_password)
{
	struct msg_LOGIN_ACCEPT yes;
	char a[ADDR_STRLEN];

	yes = accepted(start("cisco_customer", "secret"));
	CHECK(yes.address.family == ADDR_NONE && yes.session_timeout == 0 &&
	    yes.idle_timeout == 0);
	yes = accepted(start("fixed", "secret"));
	CHECK_STR(addr_text(&yes.address, a), "10.89.129.204");
	CHECK_INT(yes.session_timeout, 8 * 3600);
	CHECK_INT(yes.idle_timeout, 1800);
	/* some clients send a NUL behind it (Android) */
	accepted(start_from("fixed", "secret", 7, LIST, 0x0b000001));
	CHECK_INT(logins.accepted, 3);
	CHECK_INT(logins.now, 0);
	CHECK_INT(files.users, 10);
}

TEST(wrong_password)
{
	char long_one[PASSWORD_MAX];

	rejected_for(start("u0", "Secret"), REJECT_PASSWORD, "wrong password");
	rejected_for(
	    start("nobody", "secret"), REJECT_PASSWORD, "no such user");
	rejected_for(start("", "secret"), REJECT_PASSWORD, "no such user");
	rejected_for(start("u1", ""), REJECT_PASSWORD, "the password is empty");
	rejected_for(start_from("u2", "", 1, LIST, 0x0b000002), REJECT_PASSWORD,
	    "the password is empty");
	rejected_for(start_from("u3", "sec\0ret", 7, LIST, 0x0b000003),
	    REJECT_PASSWORD, "the password holds a NUL");
	memset(long_one, 'x', sizeof(long_one));
	rejected_for(start_from("u4", long_one, 129, LIST, 0x0b000004),
	    REJECT_PASSWORD, "the password is longer than 128 bytes");
	rejected_for(start_from("u5", long_one, 128, LIST, 0x0b000005),
	    REJECT_PASSWORD, "wrong password");
	CHECK_INT(logins.rejected, 8);
	CHECK_INT(logins.now, 0);
}

TEST(lists)
{
	char reason[REASON_SIZE];
	uint32_t line = 0;
	int i;

	rejected_for(start_from("fixed", "secret", 6, "none", 1), REJECT_ERROR,
	    "no such list");
	lists_begin();
	for (i = 0; i < LIST_STEPS_MAX; i++)
		config("AuthInbound", LOGIN_LOCAL);
	CHECK_INT(lists_check(reason, &line), 0);
	config("AuthInbound", LOGIN_LOCAL);
	CHECK_INT(lists_check(reason, &line), -1);
	CHECK_INT(line, 7);
	CHECK(strstr(reason, "aaa \"AuthInbound\"") == reason);
	lists_drop();
	accepted(start("fixed", "secret")); /* what was in force still is */
}

/* The file changes under a running authd. */
TEST(file_changes)
{
	char text[512];

	snprintf(text, sizeof(text), "other:%s\n", good);
	users_file(text);
	rejected(start("fixed", "secret"), REJECT_PASSWORD);
	accepted(start("other", "secret"));
	/* broken: the users read before stay */
	users_file("other:nonsense\n");
	accepted(start("other", "secret"));
	CHECK_INT(files.broken, 1);
	CHECK(strstr(usersfile_error(), "no known form") != NULL);
	users_file(text);
	CHECK_INT(fchmodat(dirfd, USERSFILE_NAME, 0604, 0), 0);
	accepted(start("other", "secret"));
	CHECK_INT(files.broken, 2);
	CHECK_INT(fchmodat(dirfd, USERSFILE_NAME, 0660, 0), 0);
	accepted(start("other", "secret"));
	CHECK_INT(files.broken, 3);
	accepted(start("other", "secret"));
	CHECK_INT(files.broken, 3); /* told once */
	CHECK_INT(unlinkat(dirfd, USERSFILE_NAME, 0), 0);
	accepted(start("other", "secret"));
	CHECK_INT(symlinkat("/etc/passwd", dirfd, USERSFILE_NAME), 0);
	accepted(start("other", "secret"));
	CHECK_INT(unlinkat(dirfd, USERSFILE_NAME, 0), 0);
	snprintf(
	    text, sizeof(text), "cisco_customer:%s\nfixed:%s\n", good, good);
	users_file(text);
	accepted(start("fixed", "secret"));
	CHECK_STR(usersfile_error(), "");
}

/* The largest hash that a file may ask for fits what a worker may have. */
TEST(largest_hash)
{
	users_file("big:$argon2id$v=19$m=262144,t=1,p=1$"
		   "AAAAAAAAAAAAAAAAAAAAAA$"
		   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
	rejected(start("big", "secret"), REJECT_PASSWORD);
	usual_users();
}

TEST(cancel)
{
	struct msg_LOGIN_CANCEL c;
	struct msg_LOGIN_REJECT no;
	uint64_t n = hashes.hashes, s[6];
	int i;

	for (i = 0; i < 6; i++)
		s[i] = start("fixed", "secret");
	for (i = 0; i < 5; i++) {
		c.session = s[i];
		tell(MSG_LOGIN_CANCEL, &c, sizeof(c));
	}
	accepted(s[5]);
	CHECK_INT(logins.cancelled, 5);
	/* cancelled ones that waited were never computed */
	CHECK(hashes.hashes - n <= 3);
	CHECK_INT(hear(&ike, &no, sizeof(no), 50), 0);
	CHECK_INT(logins.now, 0);
	/* once more: nothing to cancel; an answer to no question */
	tell(MSG_LOGIN_CANCEL, &c, sizeof(c));
	CHECK_INT(hear(&ike, &no, sizeof(no), 10), 0);
	CHECK_INT(logins.cancelled, 5);
}

TEST(begun_again)
{
	uint64_t s = start("fixed", "wrong");

	last_session--;
	CHECK_INT(start("fixed", "secret"), s);
	accepted(s);
	CHECK_INT(logins.now, 0);
}

/* The fourth wrong password in a row waits a second before it is looked at. */
TEST(delay)
{
	struct msg_LOGIN_REJECT no;
	uint64_t s;
	int i;

	for (i = 0; i < 3; i++)
		rejected(start_from("delayed", "x", 1, LIST, 0x0c000001),
		    REJECT_PASSWORD);
	s = start_from("delayed", "x", 1, LIST, 0x0c000001);
	CHECK_INT(hear(&ike, &no, sizeof(no), 900), 0);
	CHECK_INT(logins.delayed, 1);
	rejected(s, REJECT_PASSWORD);
}

/* Guesses side by side: some are told so, none is free. */
TEST(limited)
{
	struct msg_LOGIN_REJECT no;
	struct msg_LOGIN_CANCEL c;
	uint64_t s[9];
	int i, limited = 0, wrong = 0;

	for (i = 0; i < 9; i++)
		s[i] = start_from("many", "x", 1, LIST, 0x0c000002);
	for (i = 0; i < 4; i++) {
		CHECK_INT(hear(&ike, &no, sizeof(no), 900), MSG_LOGIN_REJECT);
		limited += no.cause == REJECT_LIMITED;
		wrong += no.cause == REJECT_PASSWORD;
	}
	CHECK_INT(wrong, 3);
	CHECK_INT(limited, 1);
	for (i = 0; i < 9; i++) {
		c.session = s[i];
		tell(MSG_LOGIN_CANCEL, &c, sizeof(c));
	}
	CHECK_INT(hear(&ike, &no, sizeof(no), 50), 0);
	CHECK_INT(logins.now, 0);
}

/* A hundred at once: all are decided, the loop is never away for long. */
TEST(crowd)
{
	struct msg_LOGIN_ACCEPT yes;
	int i;

	for (i = 0; i < 100; i++) {
		start("cisco_customer", "secret");
		if (i % 10 == 0) /* the pipe does not hold them all */
			event_base_loop(base, EVLOOP_NONBLOCK);
	}
	for (i = 0; i < 100; i++)
		CHECK_INT(
		    hear(&ike, &yes, sizeof(yes), 5000), MSG_LOGIN_ACCEPT);
	CHECK(hashes.queue_high > 50);
	CHECK_INT(hashes.queue, 0);
	CHECK_INT(hashes.full, 0);
}

static int64_t
time_of(const char *user, enum reject_cause cause)
{
	struct timespec a, b;
	uint64_t s;

	clock_gettime(CLOCK_MONOTONIC, &a);
	s = start(user, "wrong password");
	rejected(s, cause);
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

#define TRIES 21

/* Nobody learns from the clock which users exist. */
TEST(equal_time)
{
	char text[8192] = "", line[256], name[16], hash[128];
	int64_t known[TRIES], unknown[TRIES];
	int i;

	/* 32 MiB: tens of ms, so that a skipped hash cannot hide in the noise
	 */
	CHECK_INT(crypto_pwhash_str(hash, "secret", 6, 1, 32 << 20), 0);
	for (i = 0; i < TRIES; i++) {
		snprintf(line, sizeof(line), "known%d:%s\n", i, hash);
		strlcat(text, line, sizeof(text));
	}
	users_file(text);
	for (i = 0; i < TRIES; i++) {
		snprintf(name, sizeof(name), "known%d", i);
		known[i] = time_of(name, REJECT_PASSWORD);
		snprintf(name, sizeof(name), "wrong%d", i);
		unknown[i] = time_of(name, REJECT_PASSWORD);
	}
	qsort(known, TRIES, sizeof(known[0]), compare);
	qsort(unknown, TRIES, sizeof(unknown[0]), compare);
	printf("medians: known %lld us, unknown %lld us\n",
	    (long long)known[TRIES / 2], (long long)unknown[TRIES / 2]);
	CHECK(unknown[TRIES / 2] * 4 > known[TRIES / 2] * 3);
	CHECK(known[TRIES / 2] * 4 > unknown[TRIES / 2] * 3);
}

static void
up(uint64_t session, const char *user, int replay)
{
	struct msg_SESSION_UP m;

	memset(&m, 0, sizeof(m));
	m.session = session;
	m.replay = (uint8_t)replay;
	strlcpy(m.user, user, sizeof(m.user));
	strlcpy(m.group, "vpn3000", sizeof(m.group));
	m.address = addr_ip4(0x0a5981c8);
	m.source.addr = addr_ip4(0xc0a80102);
	m.source.port = 4500;
	m.since = 1000000000;
	tell(MSG_SESSION_UP, &m, sizeof(m));
}

static int
show(struct msg_ROW_USER *rows, int max)
{
	struct msg_SHOW_USERS ask = { 0 };
	union {
		struct msg_ROW_USER row;
		struct msg_CTL_DONE done;
	} u;
	uint32_t type;
	int n = 0;

	imsg_compose(&ctl, MSG_SHOW_USERS, 0, 0, -1, &ask, sizeof(ask));
	imsgbuf_flush(&ctl);
	while ((type = hear(&ctl, &u, sizeof(u), 1000)) == MSG_ROW_USER) {
		if (n < max)
			rows[n] = u.row;
		n++;
	}
	CHECK_INT(type, MSG_CTL_DONE);
	CHECK_INT(u.done.failed, 0);
	return n;
}

/* Who is connected, as "ikerctl show users" sees it; and after a new ike. */
TEST(sessions_table)
{
	struct msg_SESSION_DOWN down;
	struct msg_SESSION_USAGE usage;
	struct msg_RESYNC_DONE done = { 1 };
	struct msg_ROW_USER row[3];
	char a[ADDR_STRLEN];

	connect_to(&ctl, PROC_CTL);
	CHECK_INT(show(row, 3), 0);
	up(1, "evil\x1b[2Juser", 0);
	up(2, "two", 0);
	up(3, "three", 0);
	memset(&usage, 0, sizeof(usage));
	usage.session = 1;
	tell(MSG_SESSION_USAGE, &usage, sizeof(usage));
	usage.session = 99;
	tell(MSG_SESSION_USAGE, &usage, sizeof(usage));
	memset(&down, 0, sizeof(down));
	down.session = 3;
	tell(MSG_SESSION_DOWN, &down, sizeof(down));
	down.session = 2;
	tell(MSG_SESSION_DOWN, &down, sizeof(down));
	CHECK_INT(hear(&ike, a, sizeof(a), 20), 0);
	CHECK_INT(show(row, 3), 1);
	CHECK_INT(row[0].session, 1);
	CHECK_STR(row[0].user, "evil\\x1b[2Juser");
	CHECK_STR(row[0].group, "vpn3000");
	CHECK_STR(addr_text(&row[0].address, a), "10.89.129.200");
	CHECK_INT(row[0].since, 1000000000);
	CHECK_INT(sessions.begun, 3);
	CHECK_INT(sessions.high, 3);
	CHECK_INT(sessions.unknown, 1);

	/* ike dies with a login under way; a new one knows one session more */
	up(4, "four", 0);
	start("fixed", "secret");
	CHECK_INT(hear(&ike, a, sizeof(a), 0), 0);
	close(ike.fd);
	imsgbuf_clear(&ike);
	connect_to(&ike, PROC_IKE);
	CHECK_INT(hear(&ike, a, sizeof(a), 100), 0);
	CHECK_INT(logins.now, 0);
	CHECK_INT(show(row, 3), 2);
	up(4, "four", 1);
	tell(MSG_RESYNC_DONE, &done, sizeof(done));
	CHECK_INT(hear(&ike, a, sizeof(a), 20), 0);
	CHECK_INT(show(row, 3), 1);
	CHECK_INT(row[0].session, 4);
	CHECK_INT(sessions.lost, 1);
	CHECK_INT(sessions.begun, 4);
}

static void
worker_that_dies(void)
{
	static const struct worker_place place = { NULL, NULL };
	static struct hasher_stats counts;
	struct event_base *b = event_base_new();

	hasher_close(); /* this copy's ends of the pipes */
	hasher_open(&place);
	hasher_start(b, &counts);
	kill(hasher_pid(0), SIGKILL);
	event_base_dispatch(b);
}

/* A worker that dies takes authd along, for the parent to start both anew. */
TEST(worker_dies)
{
	CHECK_INT(status_of(worker_that_dies), 1);
}

TEST(clean_up)
{
	hasher_close();
	(void)unlinkat(dirfd, USERSFILE_NAME, 0);
	CHECK_INT(rmdir(dir), 0);
}

TESTS(T(set_up), T(right_password), T(wrong_password), T(lists),
    T(file_changes), T(largest_hash), T(cancel), T(begun_again), T(delay),
    T(limited), T(crowd), T(equal_time), T(sessions_table), T(worker_dies),
    T(clean_up))
