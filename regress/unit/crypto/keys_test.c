/* Which key is found: by the group's name, or by the peer's address. */
#include "common/msg.h"
#include "ikerd/crypto/keys.h"
#include "regress/unit/test.h"

static void
add(enum key_kind kind, const char *name, uint32_t addr, unsigned int prefix,
    const char *key)
{
	struct msg_CONF_KEY m;

	memset(&m, 0, sizeof(m));
	m.kind = (uint8_t)kind;
	strlcpy(m.name, name, sizeof(m.name));
	if (addr != 0)
		m.peer.addr = addr_ip4(addr);
	m.peer.prefix = (uint8_t)prefix;
	m.key_len = (uint16_t)strlen(key);
	memcpy(m.key, key, m.key_len);
	keys_add(&m);
}

static void
check_peer(uint32_t addr, const char *name, const char *key)
{
	struct addr a = addr_ip4(addr);
	const struct secret *s = keys_of_peer(&a, name);

	if (key == NULL)
		CHECK(s == keys_of_group("not configured"));
	else
		CHECK(secret_equal(s, key, strlen(key)));
}

TEST(closest_peer)
{
	keys_begin();
	add(KEY_PEER, "peer any", 0, 0, "of any");
	add(KEY_PEER, "peer 10.0.0.0/8", 0x0a000000, 8, "of 8");
	add(KEY_PEER, "peer 10.1.0.0/16", 0x0a010000, 16, "of 16");
	add(KEY_PEER, "peer 10.1.2.3", 0x0a010203, 32, "of one");
	add(KEY_GROUP, "peer any", 0, 0, "of the group");
	keys_commit();
	check_peer(0x0a010203, "peer 10.1.2.3", "of one");
	check_peer(0x0a010204, "peer 10.1.0.0/16", "of 16");
	check_peer(0x0a020204, "peer 10.0.0.0/8", "of 8");
	check_peer(0x0b020204, "peer any", "of any");
	/* ike has another configuration: nobody's key */
	check_peer(0x0a010203, "peer any", NULL);
	check_peer(0x0a010203, "", NULL);
	/* a name of Aggressive Mode reaches no peer's key */
	CHECK(secret_equal(keys_of_group("peer any"), "of the group", 12));
	CHECK(keys_of_group("peer 10.1.2.3") == keys_of_group("nobody"));
}

TEST(no_peer)
{
	keys_begin();
	add(KEY_PEER, "peer 10.1.2.3", 0x0a010203, 32, "of one");
	keys_commit();
	check_peer(0x0a010204, "peer 10.1.2.3", NULL);
	check_peer(0x0a010203, "peer 10.1.2.3", "of one");
	keys_begin();
	keys_commit();
	check_peer(0x0a010203, "peer 10.1.2.3", NULL);
}

TEST(setup)
{
	secret_init();
	keys_init();
}

TESTS(T(setup), T(closest_peer), T(no_peer))
