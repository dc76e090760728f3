/* Who needs a legacy line: what "ikerctl show legacy" is told. */
#include <sys/socket.h>

#include <event2/event.h>
#include <sodium.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/compat/imsg.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/legacy.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/tunnel.h"
#include "regress/unit/ike/tell.h"
#include "regress/unit/test.h"

static struct event_base *base;
static struct group group;

/* One good policy, one legacy; the same of esp when there is any. */
static void
configure(int esp)
{
	struct msg_CONF_POLICY p = { .auth = IKE_AUTH_PSK };
	struct msg_CONF_ESP e = { .lifetime = 3600 };

	ikeconf_begin();
	p.priority = 10;
	p.cipher = IKE_ENC_AES;
	p.keybits = 256;
	p.hash = IKE_HASH_SHA;
	p.group = IKE_GROUP_MODP2048;
	tell(MSG_CONF_POLICY, &p);
	p.priority = 20;
	p.cipher = IKE_ENC_DES;
	p.keybits = 0;
	p.hash = IKE_HASH_MD5;
	p.group = IKE_GROUP_MODP1024;
	tell(MSG_CONF_POLICY, &p);
	strlcpy(e.name, "myset", sizeof(e.name));
	e.cipher = 2; /* DES */
	e.auth = 1;   /* MD5 */
	if (esp)
		tell(MSG_CONF_ESP, &e);
	ikeconf_free(ikeconf_commit());
}

static void
start(void)
{
	static struct bus_ops ops;

	if (base == NULL) {
		CHECK(sodium_init() != -1);
		base = event_base_new();
		bus_init(base, PROC_IKE, &ops);
		strlcpy(group.name, "vpn3000", sizeof(group.name));
	}
	legacy_init();
	clock_hold(1000, 1700000000);
	configure(1);
}

/* A pair of SAs of a user: old algorithms in phase 1, in ESP, or none. */
static void
connect_as(const char *user, int old_ike, int old_esp)
{
	static char name[USER_SIZE];
	struct session s;
	struct ike_sa sa;
	struct tunnel t;

	memset(&s, 0, sizeof(s));
	memset(&sa, 0, sizeof(sa));
	memset(&t, 0, sizeof(t));
	strlcpy(name, user, sizeof(name));
	s.user = name;
	s.group = &group;
	s.source.addr = addr_ip4(0xc0a80102);
	s.source.port = 500;
	sa.state = SA_ESTABLISHED;
	sa.cipher = ike_cipher_by_name(old_ike ? "des" : "aes-256");
	sa.hash = ike_hash_by_name(old_ike ? "md5" : "sha1");
	sa.group = ike_group_by_name(old_ike ? "modp1024" : "modp2048");
	LIST_INSERT_HEAD(&s.sas, &sa, entry);
	t.cipher = esp_cipher_by_name(old_esp ? "des" : "aes-256");
	t.auth = esp_auth_by_name(old_esp ? "md5" : "sha1");
	legacy_used(&s, &t);
}

#define ROWS 8
static struct msg_ROW_LEGACY row[ROWS];

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
	legacy_show(ctl);
	bus_flush();
	CHECK_INT(imsgbuf_init(&in, sv[1]), 0);
	CHECK_INT(imsgbuf_read(&in), 1);
	while (n < ROWS && imsgbuf_get(&in, &imsg) == 1) {
		CHECK_INT(imsg_get_type(&imsg), MSG_ROW_LEGACY);
		memcpy(&row[n++], imsg.data, sizeof(row[0]));
		imsg_free(&imsg);
	}
	imsgbuf_clear(&in);
	close(sv[1]);
	bus_close(ctl);
	return n;
}

/* A line that nobody needs is there, with nobody: it can be removed. */
TEST(lines_without_users)
{
	start();
	connect_as("alice", 0, 0);
	CHECK_INT(legacy_count(), 0);
	CHECK_INT(show(), 2);
	CHECK_STR(row[0].line, "ike policy 20");
	CHECK_STR(row[0].algorithms, "ike des md5 modp1024");
	CHECK_STR(row[0].group, "");
	CHECK_INT(row[0].when, 0);
	CHECK_STR(row[1].line, "esp \"myset\"");
	CHECK_STR(row[1].algorithms, "esp des md5");
}

TEST(who_and_when_last)
{
	start();
	connect_as("alice", 1, 1);
	clock_hold(2000, 1700000300);
	connect_as("alice", 1, 0);
	connect_as("bob", 1, 0);
	CHECK_INT(legacy_count(), 3);
	CHECK_INT(show(), 3);
	CHECK_STR(row[0].user, "bob"); /* the last first */
	CHECK_STR(row[1].user, "alice");
	CHECK_STR(row[1].group, "vpn3000");
	CHECK_STR(row[1].line, "ike policy 20");
	CHECK_INT(row[1].times, 2);
	CHECK_INT(row[1].first, 1700000000);
	CHECK_INT(row[1].when, 1700000300);
	CHECK_INT(row[1].source.port, 500);
	CHECK_STR(row[2].algorithms, "esp des md5");
	CHECK_INT(row[2].when, 1700000000);
	/* a reload keeps them; whose line it took away come last */
	configure(0);
	CHECK_INT(show(), 3);
	CHECK_STR(row[2].algorithms, "esp des md5");
	CHECK_STR(row[2].line, "");
}

/* However many users there are. */
TEST(bounded)
{
	char name[32];
	int i;

	start();
	for (i = 0; i < LEGACY_MAX + 10; i++) {
		(void)snprintf(name, sizeof(name), "u%d", i);
		connect_as(name, 0, 1);
		if (i == 20)
			connect_as("u0", 0, 1); /* is not the oldest now */
	}
	CHECK_INT(legacy_count(), LEGACY_MAX);
	connect_as("u0", 0, 1);
	CHECK_INT(legacy_count(), LEGACY_MAX);
}

TESTS(T(lines_without_users), T(who_and_when_last), T(bounded))
