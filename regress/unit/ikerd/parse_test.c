/* The grammar of ikerd.conf: what it takes, and every message it can give. */
#include <sys/stat.h>

#include <stdarg.h>
#include <unistd.h>

#include "common/secret.h"
#include "ikerd/conf.h"
#include "ikerd/parse.h"
#include "regress/unit/test.h"

static char said[65536];

static void
line(void *arg, const char *text)
{
	(void)strlcat(said, text, sizeof(said));
	(void)strlcat(said, "\n", sizeof(said));
}

static struct conf *
load(const char *text, struct report *r)
{
	said[0] = '\0';
	memset(r, 0, sizeof(*r));
	r->line = line;
	return conf_load_buffer("t", text, strlen(text), r);
}

/* What nearly every test needs around its own lines. */
#define OUTSIDE "interface outside em0 security 0 { address 192.0.2.1/24 }\n"
#define REST                                            \
	"pool p 10.0.0.1 - 10.0.0.9\n"                  \
	"ike policy 10 psk aes-256 sha2-256 modp2048\n" \
	"esp e aes-256 sha2-256\n"
#define GROUP(options)                                                      \
	"group g {\n key \"0123456789abcdefghij\"\n pool p\n login LOCAL\n" \
	" esp e\n" options "}\n"

#define NAME50 "a23456789.b23456789.c23456789.d23456789.e23456789."

#define PEER(who, options)                                         \
	"peer " who " {\n key \"0123456789abcdefghij\"\n pool p\n" \
	" login LOCAL\n esp e\n" options "}\n"

#define SITE(who, options)                                           \
	"peer " who " {\n key \"0123456789abcdefghij\"\n no xauth\n" \
	" no config\n esp e\n" options "}\n"

TEST(seed_network)
{
	struct report r;
	struct conf *c = load(
	    "# the network of the example\n"
	    "inside = 10.89.129.194/28\n"
	    "interface outside em0 security 0   { address 192.168.1.1/24 }\n"
	    "interface inside  em1 security 100 {\n"
	    "	address $inside\n"
	    "}\n"
	    "pool \"VPNpool\" 10.89.129.200 - 10.89.129.204\n"
	    "aaa \"AuthInbound\" local\n"
	    "ike policy 20 psk aes-256 \\\n"
	    "    sha2-256 modp2048 lifetime 12h\n"
	    "legacy ike policy 10 psk des md5 modp1024 lifetime 1d\n"
	    "esp \"strong\" aes-256 sha2-256-96 pfs modp2048\n"
	    "esp \"gcm\" aes-256-gcm lifetime 1h lifetime 4608000 kB\n"
	    "legacy esp \"myset\" des md5\n"
	    "limits { half-open 7, sessions 100; dh-rate 9\n"
	    "	half-open-source 3 }\n"
	    "dpd 1m ; # not a separator out here\n",
	    &r);

	CHECK(c == NULL); /* the last line */
	CHECK(strstr(said, "t:17: found \";\", expected: dpd TIME\n") != NULL);
	CHECK_INT(r.errors, 1);

	c = load("interface outside em0 security 0 { address 192.168.1.1/24 }\n"
		 "interface inside  em1 security 100 {\n"
		 "	address 10.89.129.194/28; address 10.0.0.1/8\n"
		 "}\n"
		 "pool \"VPNpool\" 10.89.129.200 - 10.89.129.204\n"
		 "ike policy 20 psk aes-256 sha2-256 modp2048 lifetime 12h\n"
		 "legacy ike policy 10 psk des md5 modp1024\n"
		 "esp \"strong\" aes-256 sha2-256-96 pfs modp2048\n"
		 "legacy esp \"myset\" des md5 lifetime 1h lifetime 2560 kB\n"
		 "no dpd\n"
		 "keepalive 10s\n"
		 "crypto processes 3\n"
		 "filter keep\n"
		 "group \"vpn3000\" { key \"a\\\"b\\\\c\"; pool \"VPNpool\"\n"
		 "	no login\n"
		 "	esp {\n \"strong\",\n \"myset\"\n }\n"
		 "	idle 30m; session 1d\n"
		 "	dns 10.0.0.53, 10.0.0.54\n"
		 "	wins 10.0.0.55\n"
		 "	domain \"example.org\"\n"
		 "	banner \"one\\ntwo\"\n"
		 "	network 10.89.129.128/25\n"
		 "	network 10.0.0.0/8\n"
		 "	netmask 255.255.255.128\n"
		 "	split-dns example.org, \"example.com\"\n"
		 "	backup-server 192.0.2.2,\n gw.example.org\n"
		 "	save-password\n"
		 "}",
	    &r);
	CHECK_STR(said,
	    "t:14: warning: group keys are used in Aggressive Mode: whoever "
	    "asks the gateway, or records one login, can try guesses at the "
	    "key offline; make keys long and random\n"
	    "t:14: warning: the key of group \"vpn3000\" is short: use 20 "
	    "random characters or more\n");
	if (c == NULL)
		return;
	CHECK_INT(TAILQ_FIRST(&c->policies)->priority, 10);
	CHECK_INT(TAILQ_FIRST(&c->policies)->lifetime, CONF_IKE_LIFETIME);
	CHECK_INT(c->dpd, 0);
	CHECK_INT(c->keepalive, 10);
	CHECK_INT(c->crypto, 3);
	CHECK_INT(c->filter_keep, 1);
	CHECK_INT(TAILQ_FIRST(&c->listens)->port, 500);
	CHECK(TAILQ_NEXT(TAILQ_FIRST(&c->listens), entry) == NULL);
	struct conf_group *g = TAILQ_FIRST(&c->groups);
	CHECK(secret_equal(&g->key.secret, "a\"b\\c", 5));
	CHECK_STR(g->banner, "one\ntwo");
	CHECK_INT(g->nesp, 2);
	CHECK_INT(g->idle, 1800);
	CHECK_INT(g->session, 86400);
	CHECK_INT(g->ndns, 2);
	CHECK_INT(g->nwins, 1);
	CHECK_INT(TAILQ_FIRST(&g->nets)->net.prefix, 25);
	CHECK_INT(g->netmask, 25);
	CHECK_STR(g->split_dns, "example.org,example.com");
	CHECK_STR(g->backup, "192.0.2.2,gw.example.org");
	CHECK_INT(g->save_password, 1);
	conf_free(c);
}

/* Each message, and the line it names. */
static const struct {
	const char *text, *want;
} messages[] = {
	/* words */
	{ "pool \"a\n", "t:1: the quote is not closed on its line" },
	{ "pool \"a\\x\"\n",
	    "t:1: in a string only \\\", \\\\ and \\n begin "
	    "with a backslash" },
	{ "pool \"a\tb\"\n", "t:1: control character in a string" },
	{ "pool [\n", "t:1: '[' has no meaning here" },
	{ "pool \x80\n", "t:1: byte 0x80 has no meaning here" },
	{ "ike policy 99999999999999999999999 psk\n",
	    "t:1: the number is too large" },
	{ "pool $x\n", "t:1: macro $x is not defined before this line" },
	{ "x = 1\nx = 2\n", "t:2: macro x is defined already" },
	{ "x =\n", "t:1: expected: x = VALUE" },
	{ "x-y = 1\n", "t:1: a macro's name has only letters, digits and _" },
	{ "x = \"$x\"\npool $x\n", "t:2: a macro's value may not hold a $" },
	{ "pool $\n", "t:1: after $ the name of a macro is expected" },
	{ "\ninclude \"x\"\n", "t:2: include is not allowed" },
	{ "include x\n", "t:1: expected: include \"FILE\"" },
	{ "include \"x\" y\n",
	    "t:1: nothing may follow include \"FILE\" on its line" },
	/* statements */
	{ "frob\n",
	    "t:1: found \"frob\", expected one of: aaa, ca, certificate, "
	    "crypto, dpd, esp, "
	    "filter, group, ike, include, interface, keepalive, legacy, "
	    "limits, listen, no, peer, pool" },
	{ "interface outside\n",
	    "t:1: found the end of the line, expected: "
	    "interface NAME DEVICE security LEVEL { address ADDRESS/BITS }" },
	{ "interface \"a b\" em0 security 0\n",
	    "t:1: expected an interface's "
	    "name (letters, digits, _ . -), found \"a b\"" },
	{ "interface a 0123456789abcdef security 0\n",
	    "t:1: the system's name "
	    "of the interface is too long (at most 15 bytes)" },
	{ "interface a b security 101\n",
	    "t:1: the security level must be from 0 to 100, found 101" },
	{ "interface a b security 0 { address 10.0.0.1 }\n",
	    "t:1: expected a network like 10.1.2.0/24, found \"10.0.0.1\"" },
	{ "interface a b security 0 { address 10.0.0.1/33 }\n",
	    "t:1: expected a network like 10.1.2.0/24, found \"10.0.0.1/33\"" },
	{ "interface a b security 0 {\n frob 1\n}\n",
	    "t:2: found \"frob\", expected one of: address" },
	{ "interface a b security 0\ninterface a c security 1\n",
	    "t:2: interface \"a\" is defined already, at t:1" },
	{ "interface a b security 0\ninterface c b security 1\n",
	    "t:2: device \"b\" is defined already, at t:1" },
	{ OUTSIDE "interface i em1 security 9 { address 192.0.2.1/8 }\n",
	    "t:2: address 192.0.2.1 is given twice" },
	{ "listen on nowhere\n",
	    "t:1: expected an address like 10.1.2.3, found \"nowhere\"" },
	{ "listen on 10.0.0.1 port 0\n",
	    "t:1: a port must be from 1 to 65535, found 0" },
	{ "listen on 10.0.0.1 port 4500\n",
	    "t:1: port and nat-t port must differ" },
	{ "listen on 10.0.0.1\nlisten on 10.0.0.1\n",
	    "t:2: listen on 10.0.0.1 is given twice" },
	{ "listen 10.0.0.1\n",
	    "t:1: found \"10.0.0.1\", expected: listen on "
	    "ADDRESS [port N] [nat-t port N]" },
	{ "dpd 30s\n",
	    "there is no address to listen on: write `interface "
	    "outside DEVICE security 0 { address ADDRESS/BITS }' or `listen "
	    "on ADDRESS'" },
	{ "pool p 10.0.0.1-10.0.0.9\n",
	    "t:1: found the end of the line, "
	    "expected: pool \"NAME\" FIRST - LAST" },
	{ "pool p 10.0.0.9 - 10.0.0.1\n",
	    "t:1: a pool goes from its lowest "
	    "to its highest address, found 10.0.0.9 - 10.0.0.1" },
	{ "pool \"\" 10.0.0.1 - 10.0.0.1\n", "t:1: a name must not be empty" },
	{ "pool \"a\\nb\" 10.0.0.1 - 10.0.0.1\n",
	    "t:1: a name is one line of text" },
	{ "pool a 10.0.0.1 - 10.0.0.1\n\npool a 10.0.0.2 - 10.0.0.2\n",
	    "t:3: pool \"a\" is defined already, at t:1" },
	{ "pool a 10.0.0.1 - 10.0.0.5\npool b 10.0.0.5 - 10.0.0.7\n",
	    "t:2: pool \"b\" overlaps pool \"a\"" },
	{ "pool a 10.0.0.1 - 10.0.0.99\npool b 10.0.0.5 - 10.0.0.7\n"
	  "pool c 10.0.0.9 - 10.0.0.9\n",
	    "t:3: pool \"c\" overlaps pool \"a\"" },
	{ OUTSIDE "pool a 192.0.2.0 - 192.0.2.9\n",
	    "t:2: pool \"a\" holds "
	    "192.0.2.1, the address of interface outside" },
	{ "pool a 2001:db8::1 - 2001:db8::2\n",
	    "t:1: pool \"a\": clients of "
	    "IKEv1 take IPv4 addresses only" },
	{ "ike policy 0 psk aes-256 sha1 modp2048\n",
	    "t:1: the priority must be from 1 to 65535, found 0" },
	{ "ike policy 1 psk rot13 sha1 modp2048\n",
	    "t:1: expected a cipher "
	    "(aes-256, aes-192, aes-128, 3des, des), found \"rot13\"" },
	{ "ike policy 1 psk aes-256 crc32 modp2048\n",
	    "t:1: expected a hash "
	    "(sha2-512, sha2-384, sha2-256, sha1, md5), found \"crc32\"" },
	{ "ike policy 1 psk aes-256 sha1 dh99\n",
	    "t:1: expected a Diffie-Hellman group (modp2048, " },
	{ "ike policy 1 password aes-256 sha1 modp2048\n",
	    "t:1: expected an authentication (psk, " },
	{ "ike policy 1 rsa aes-256 sha1 modp2048\n",
	    "t:1: rsa needs a certificate with an rsa key: add `certificate "
	    "file \"FILE\" key file \"FILE\"'" },
	{ "ike policy 1 hybrid aes-256 sha1 modp2048\n",
	    "t:1: hybrid needs a certificate with an rsa key: add " },
	{ "ike policy 1 ecdsa-384 aes-256 sha2-384 modp2048\n",
	    "t:1: ecdsa-384 needs a certificate with an ecdsa-384 key: add " },
	{ "ike policy 1 ecdsa-256 aes-256 sha1 modp2048\n",
	    "t:1: ecdsa-256 goes with sha2-256, found \"sha1\"" },
	{ "certificate \"c\"\n",
	    "t:1: found \"c\", expected: certificate file \"FILE\" key file "
	    "\"FILE\"" },
	{ "certificate file \"\" key file \"k\"\n",
	    "t:1: the file's name must not be empty" },
	{ "ca \"c\"\n",
	    "t:1: found the end of the line, expected: ca \"NAME\" file "
	    "\"FILE\" [crl file \"FILE\"]" },
	{ "ca a file \"f\"\nca a file \"g\"\n",
	    "t:2: ca \"a\" is defined already" },
	{ OUTSIDE REST GROUP("ca c\n"), "t:10: ca \"c\" is not defined" },
	{ OUTSIDE REST GROUP("ca c\nca d\n"), "t:11: the ca is given already" },
	{ OUTSIDE REST GROUP("identity \"*\"\n"),
	    "t:10: group \"g\" has an identity and no ca: add `ca \"NAME\"'" },
	{ OUTSIDE REST GROUP("identity \"staff=1\"\n"),
	    "t:10: expected names like OU=staff, CN=*.example.com, found "
	    "\"staff=1\"" },
	{ "ca c file \"f\"\n" PEER("any", "ca c\n"),
	    "t:7: peer any has a ca and no identity: add `identity "
	    "\"PATTERN\"' to say whose certificates are taken (\"*\": all)" },
	{ "group g {\n hybrid\n no login\n}\n",
	    "t:2: group \"g\" has hybrid and no login: anybody could connect" },
	{ OUTSIDE REST GROUP("hybrid\n"),
	    "t:10: warning: no ike policy says hybrid, so group \"g\" cannot "
	    "use this" },
	{ "ca c file \"f\"\n" OUTSIDE REST GROUP("ca c\n"),
	    "t:11: warning: no ike policy says rsa or ecdsa, so group \"g\" "
	    "cannot use this" },
	{ "ike policy 1 psk aes-256 sha1\n",
	    "t:1: found the end of the line, "
	    "expected: ike policy N AUTHENTICATION CIPHER HASH GROUP "
	    "[lifetime TIME]" },
	{ "ike policy 1 psk aes-256 sha1 modp2048 lifetime 1y\n",
	    "t:1: expected a time like 30s, 10m, 1h or 1d, found \"1y\"" },
	{ "ike policy 1 psk aes-256 sha1 modp2048 lifetime 1s\n",
	    "t:1: the lifetime must be from 120s to 365d, found 1s" },
	{ "ike policy 1 psk des sha1 modp2048\n",
	    "t:1: des is too weak to be "
	    "used without saying so: put the word legacy in front of this "
	    "line to use it" },
	{ "ike policy 1 psk aes-256 md5 modp2048\n", "t:1: md5 is too weak" },
	{ "esp e null sha1\n", "t:1: null is too weak" },
	{ "legacy esp e null\n",
	    "t:1: null needs a hash behind it, like sha2-256" },
	{ "ike policy 1 psk aes-256 sha1 modp1024\n",
	    "t:1: modp1024 is too weak" },
	{ "legacy ike policy 1 psk aes-256 sha1 modp2048\n",
	    "t:1: warning: legacy is not needed here: nothing on this line is "
	    "weak" },
	{ REST "ike policy 10 psk aes-256 sha1 modp2048\n",
	    "t:4: ike policy 10 is defined already" },
	{ "esp e aes-256\n",
	    "t:1: aes-256 needs a hash behind it, like sha2-256" },
	{ "esp e aes-256-gcm sha1\n",
	    "t:1: aes-256-gcm authenticates by itself: no hash may follow" },
	{ "esp e 3des sha1\n", "t:1: 3des is too weak" },
	{ "esp e aes-256 sha1 pfs modp2048 pfs modp2048\n",
	    "t:1: pfs is given already" },
	{ "esp e aes-256 sha1 lifetime 5000 bytes\n",
	    "t:1: expected kB (or a time like 8h), found \"bytes\"" },
	{ "esp e aes-256 sha1 lifetime 1 kB\n",
	    "t:1: the lifetime in kB must be from 2560 to 4294967295, found "
	    "1" },
	{ "esp e aes-256 sha1\nesp e aes-256 sha1\n",
	    "t:2: esp \"e\" is defined already, at t:1" },
	{ "aaa x tacacs\n",
	    "t:1: found \"tacacs\", expected: aaa \"NAME\" local, or aaa "
	    "\"NAME\" tacacs+ { ... }, or aaa \"NAME\" radius { ... }" },
	{ "aaa x tacacs+ {\n legacy server 10.0.0.1 key \"0123456789abcdef\"\n"
	  "}\n",
	    "t:2: legacy is for radius servers" },
	{ "aaa x radius {\n server 10.0.0.1 key \"0123456789abcdef\" "
	  "interactive\n}\n",
	    "t:2: interactive is for tacacs+: a radius server may always ask "
	    "back" },
	{ "aaa x radius {\n}\n", "t:1: aaa \"x\" has no server" },
	{ "aaa x radius {\n frob\n}\n",
	    "t:2: found \"frob\", expected one of: legacy, server" },
	{ "aaa x radius {\n server 10.0.0.1 port\n}\n",
	    "t:2: found the end of the line, expected: server ADDRESS key file "
	    "\"FILE\" [port N] [timeout TIME] [interactive]" },
	{ "aaa x radius {\n server host key \"0123456789abcdef\"\n}\n",
	    "t:2: expected an address like 10.1.2.3, found \"host\"" },
	{ "aaa x radius {\n server 10.0.0.1\n}\n",
	    "t:2: the server has no key: add `key file \"FILE\"'" },
	{ "aaa x radius {\n server 10.0.0.1 key \"short\"\n}\n",
	    "t:2: the server's key is too short: use 16 random characters or "
	    "more" },
	{ "aaa x radius {\n server 10.0.0.1 key \"less short\"\n}\n",
	    "t:2: warning: the server's key is short: use 16 random characters "
	    "or more" },
	{ "aaa x radius {\n server 10.0.0.1 key \"a\" key \"b\"\n}\n",
	    "t:2: the key is given already" },
	{ "aaa x radius {\n server 10.0.0.1 key \"0123456789abcdef\" "
	  "timeout 0s\n}\n",
	    "t:2: timeout must be from 1s to 365d, found 0s" },
	{ "aaa x radius {\n legacy server 10.0.0.1 key \"0123456789abcdef\"\n"
	  "}\n",
	    "t:2: warning: answers without Message-Authenticator are taken: "
	    "who is on the way to the server can turn a no into a yes "
	    "(CVE-2024-3596)" },
	{ "aaa x radius {\n server 10.0.0.1 key \"0123456789abcdef\"\n"
	  " server 10.0.0.1 key \"0123456789abcdef\" port 1812\n}\n",
	    "t:3: this server stands in the list already" },
	{ "aaa LOCAL local\n", "t:1: the list LOCAL exists by itself" },
	{ "aaa x local\naaa x local\n",
	    "t:2: aaa \"x\" is defined already, at t:1" },
	{ "limits { half-open 0 }\n",
	    "t:1: half-open must be from 1 to 1000000, found 0" },
	{ "limits {\n frob 1, sessions 5\n}\n",
	    "t:2: found \"frob\", expected "
	    "one of: dh-rate, half-open, half-open-source, sessions" },
	{ "limits {\n sessions x\n}\n",
	    "t:2: found \"x\", expected: sessions N" },
	{ "keepalive 0s\n",
	    "t:1: keepalive must be from 1s to 365d, found 0s" },
	{ "crypto processes 0\n",
	    "t:1: crypto processes must be from 1 to 16, found 0" },
	{ "crypto 2\n", "t:1: found \"2\", expected: crypto processes N" },
	{ "filter drop\n", "t:1: found \"drop\", expected: filter keep" },
	{ "no group\n",
	    "t:1: found \"group\", expected: no dpd, or no "
	    "keepalive" },
	/* groups */
	{ "dpd 1m\n",
	    "warning: there is no group and no peer: nobody can connect" },
	{ GROUP(""),
	    "there is no ike policy: add `ike policy 10 psk aes-256 "
	    "sha2-256 modp2048'" },
	{ "group g { frob }\n",
	    "t:1: found \"frob\", expected one of: backup-server, banner, ca, "
	    "config, dns, domain, esp, hybrid, identity, idle, ipsec-udp, key, "
	    "local-lan, "
	    "login, netmask, network, no, pool, remote, save-password, session, "
	    "sessions, split-dns, unique, user-sessions, wins, xauth" },
	{ "group g {\n",
	    "t:2: found the end of the file, expected one of: "
	    "backup-server, banner, " },
	{ "group g\n",
	    "t:1: found the end of the line, expected: group "
	    "\"NAME\" { ... }" },
	{ "group g {\n}\n",
	    "t:1: group \"g\" has no key: add `key file "
	    "\"FILE\"'" },
	{ "group g {\n}\n",
	    "t:1: group \"g\" has no pool: add `pool "
	    "\"NAME\"'" },
	{ "group g {\n}\n",
	    "t:1: group \"g\" has no login: add `login "
	    "\"LIST\"', or `no login' if the group key is enough" },
	{ "group g {\n}\n",
	    "t:1: group \"g\" has no esp: add `esp { "
	    "\"NAME\" }'" },
	{ GROUP("") GROUP(""), "t:7: group \"g\" is defined already, at t:1" },
	{ GROUP(""), "t:3: pool \"p\" is not defined" },
	{ GROUP(""), "t:5: esp \"e\" is not defined" },
	{ GROUP("esp e\n"), "t:6: esp \"e\" is given twice" },
	{ "group g {\n login x\n}\n", "t:2: aaa \"x\" is not defined" },
	{ GROUP("no login\n"), "t:6: group \"g\" has both login and no login" },
	{ GROUP("login LOCAL\n"), "t:6: the login is given already" },
	{ "group g {\n login LOCAL, LOCAL\n}\n",
	    "t:2: aaa \"LOCAL\" is given twice" },
	{ "group g {\n login LOCAL, x\n}\n", "t:2: aaa \"x\" is not defined" },
	{ "group g {\n login a, b, c, d, e\n}\n",
	    "t:2: at most 4 lists for a login" },
	{ "group g {\n login a123456789012345678901234567890, "
	  "b123456789012345678901234567890\n}\n",
	    "t:2: the names of the lists are too long together (at most 63 "
	    "bytes)" },
	{ "aaa \"a, b\" local\n", "t:1: a list's name has no comma" },
	{ GROUP("pool p\n"), "t:6: the pool is given already" },
	{ GROUP("key \"x\"\n"), "t:6: the key is given already" },
	{ "group g {\n key \"\"\n}\n", "t:2: the key must not be empty" },
	{ "group g {\n key file \"\"\n}\n",
	    "t:2: the file's name must not be empty" },
	{ GROUP("idle 30\n"),
	    "t:6: expected a time like 30s, 10m, 1h or 1d, found \"30\"" },
	{ GROUP("dns 1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4, 1.1.1.5\n"),
	    "t:6: at most 4 servers of a kind for a group" },
	{ GROUP("dns 1.1.1.1, x\n"),
	    "t:6: expected an address like 10.1.2.3, found \"x\"" },
	{ GROUP("wins ::1\n"),
	    "t:1: group \"g\": clients of IKEv1 take IPv4 addresses only" },
	{ GROUP("network 10.1.2.3/24\n"),
	    "t:6: 10.1.2.3/24 has bits behind "
	    "its prefix: write the network's first address" },
	{ GROUP("banner hello\n"),
	    "t:6: found \"hello\", expected: banner \"TEXT\"" },
	{ GROUP("netmask 255.255.0.255\n"),
	    "t:6: expected a netmask like 255.255.255.0, found "
	    "\"255.255.0.255\"" },
	{ GROUP("netmask 0.0.0.0\n"),
	    "t:6: expected a netmask like 255.255.255.0, found \"0.0.0.0\"" },
	{ GROUP("netmask 24\n"),
	    "t:6: expected an address like 10.1.2.3, found \"24\"" },
	{ GROUP("split-dns \"a b\"\n"),
	    "t:6: expected a domain (letters, digits, _ . -), found \"a b\"" },
	{ GROUP("split-dns\n"),
	    "t:6: found the end of the line, expected: split-dns \"DOMAIN\", "
	    "..." },
	{ GROUP("split-dns example.com\n"),
	    "t:1: warning: group \"g\" has split-dns but no dns: clients have "
	    "nobody to ask for those names" },
	{ GROUP("backup-server \"a,b\"\n"),
	    "t:6: expected an address or a name (letters, digits, _ . -), "
	    "found \"a,b\"" },
	{ GROUP("backup-server " NAME50 "0, " NAME50 "1, " NAME50 "2, " NAME50
		"3, " NAME50 "4, " NAME50 "5, " NAME50 "6, " NAME50 "7, " NAME50
		"8, " NAME50 "9, " NAME50 "\n"),
	    "t:6: too many: the names take more than 511 bytes, with commas" },
	{ GROUP("unique no\n"),
	    "t:6: found \"no\", expected: unique keep, unique replace, or "
	    "unique reject" },
	{ GROUP("sessions 0\n"),
	    "t:6: sessions must be from 1 to 1000000, found 0" },
	{ GROUP("user-sessions 0\n"),
	    "t:6: user-sessions must be from 1 to 1000000, found 0" },
	{ GROUP("user-sessions x\n"),
	    "t:6: found \"x\", expected: user-sessions N" },
	{ GROUP("xauth otp\n"),
	    "t:6: expected password, chap or token, found \"otp\"" },
	{ GROUP("xauth\n"),
	    "t:6: found the end of the line, expected: xauth password, xauth "
	    "chap, or xauth token" },
	{ GROUP("xauth chap\n"),
	    "t:6: warning: group \"g\" has xauth chap, and a login that is "
	    "local alone: " },
	{ "group g {\n no login\n xauth token\n}\n",
	    "t:3: group \"g\" has xauth but no login: nobody is asked" },
	{ GROUP("save-password yes\n"),
	    "t:6: found \"yes\", expected: save-password" },
	{ GROUP("local-lan 10.1.2.3/24\n"),
	    "t:6: 10.1.2.3/24 has bits behind its prefix: " },
	{ GROUP("local-lan 10.1.2.0/24\nnetwork 10.1.0.0/16\n"),
	    "t:1: group \"g\" has both network and local-lan: with network all "
	    "else goes past the tunnel anyway" },
	{ GROUP("esp { a b c d e f g h i j k l m n o q r }\n"),
	    "t:6: at most 16 esp for a group" },
	/* peers */
	{ "peer\n",
	    "t:1: found the end of the line, expected: peer any { ... }, peer "
	    "ADDRESS { ... }, or peer ADDRESS/BITS { ... }" },
	{ "peer \"any\" {\n}\n", "t:1: found \"any\", expected: peer any" },
	{ "peer here {\n}\n",
	    "t:1: expected any, an address or a network like 192.0.2.0/24, "
	    "found \"here\"" },
	{ "peer 192.0.2.1/33 {\n}\n",
	    "t:1: expected a network like 10.1.2.0/24, found "
	    "\"192.0.2.1/33\"" },
	{ "peer 192.0.2.1/24 {\n}\n",
	    "t:1: 192.0.2.1/24 has bits behind its prefix: " },
	{ "peer any {\n}\n",
	    "t:1: peer any has no key: add `key file \"FILE\"'" },
	{ "peer 192.0.2.0/24 {\n}\n",
	    "t:1: peer 192.0.2.0/24 has no login: add `login \"LIST\"', or `no "
	    "login' if the peer's key is enough" },
	{ PEER("any", "") PEER("any", ""),
	    "t:7: group \"peer any\" is defined already, at t:1" },
	{ PEER("192.0.2.1", "") PEER("192.0.2.1/32", ""),
	    "t:7: group \"peer 192.0.2.1\" is defined already, at t:1" },
	{ PEER("any", "") "group \"peer any\" {\n}\n",
	    "t:7: group \"peer any\" is defined already, at t:1" },
	{ PEER("any", "config pull up\n"),
	    "t:6: found \"up\", expected: config push, or config pull" },
	{ PEER("any", "config both\n"),
	    "t:6: found \"both\", expected: config push, or config pull" },
	{ PEER("any", "frob\n"),
	    "t:6: found \"frob\", expected one of: backup-server, banner, " },
	/* ESP in UDP of Cisco's own */
	{ GROUP("ipsec-udp 10000\n"),
	    "t:6: found \"10000\", expected: ipsec-udp port N" },
	{ GROUP("ipsec-udp port 0\n"),
	    "t:6: a port must be from 1 to 65535, found 0" },
	{ OUTSIDE REST GROUP("ipsec-udp port 4500\n"),
	    "t:1: the port of ipsec-udp, 4500, is one that IKE listens on" },
	{ OUTSIDE REST GROUP("ipsec-udp port 10000\n")
		PEER("any", "ipsec-udp port 10001\n"),
	    "t:17: ipsec-udp has one port for all: 10000 is given already" },
	/* peers with networks of their own */
	{ SITE("192.0.2.1", "remote network 10.2.0.1/16\n"),
	    "t:6: 10.2.0.1/16 has bits behind its prefix: " },
	{ SITE("192.0.2.1", "remote 10.2.0.0/16\n"),
	    "t:6: found \"10.2.0.0/16\", expected: remote network "
	    "ADDRESS/BITS" },
	{ SITE("192.0.2.1", "no frob\n"),
	    "t:6: found \"frob\", expected: no login, no xauth, or no "
	    "config" },
	{ SITE("192.0.2.1", ""),
	    "t:4: peer 192.0.2.1 has no config, and no network: add `remote "
	    "network ADDRESS/BITS'" },
	{ SITE("any", ""),
	    "t:4: peer any: no config is for the peer of one address, as in "
	    "`peer 192.0.2.1 { ... }'" },
	{ SITE("192.0.2.0/24", ""),
	    "t:4: peer 192.0.2.0/24: no config is for the peer of one " },
	{ GROUP("no config\n"),
	    "t:6: group \"g\": no config is for the peer of one address" },
	{ SITE("192.0.2.1", "pool p\n"),
	    "t:6: peer 192.0.2.1 has both pool and no config" },
	{ PEER("192.0.2.1", "no config\n"),
	    "t:4: peer 192.0.2.1 has both login and no config" },
	{ "peer 192.0.2.1 {\n no config\n}\n",
	    "t:1: peer 192.0.2.1 has no login: add `login \"LIST\"', or `no "
	    "xauth' if the peer's key is enough" },
	{ SITE("192.0.2.1", "banner \"hello\"\n"),
	    "t:4: peer 192.0.2.1 has no config: what clients are told has no "
	    "place in it (config push, " },
	{ SITE("192.0.2.1", "netmask 255.255.255.0\n"),
	    "t:4: peer 192.0.2.1 has no config: what clients are told" },
	{ SITE("192.0.2.1", "config push\n"),
	    "t:4: peer 192.0.2.1 has no config: what clients are told" },
	{ PEER("192.0.2.1", "remote network 10.2.0.0/16\n"),
	    "t:6: peer 192.0.2.1: remote network needs `no config': who is "
	    "given an address has no networks" },
	{ REST SITE("192.0.2.1", "\nremote network 10.0.0.0/24\n"),
	    "t:10: remote network 10.0.0.0/24 holds addresses of pool \"p\"" },
	{ REST SITE("192.0.2.1", "remote network 10.0.0.8/32\n"),
	    "t:9: remote network 10.0.0.8/32 holds addresses of pool \"p\"" },
	{ OUTSIDE SITE("192.0.2.9", "remote network 192.0.2.0/28\n"),
	    "t:7: remote network 192.0.2.0/28 holds 192.0.2.1, the address of "
	    "interface outside" },
	{ SITE(
	      "192.0.2.1", "network 10.2.1.0/24\nremote network 10.2.0.0/16\n"),
	    "t:7: remote network 10.2.0.0/16 overlaps network 10.2.1.0/24 of "
	    "the same peer" },
	{ SITE("192.0.2.1",
	      "remote network 10.2.0.0/16\nremote network 10.2.3.0/24\n"),
	    "t:7: remote network 10.2.3.0/24 overlaps 10.2.0.0/16 of the same "
	    "peer" },
	{ SITE("192.0.2.1", "remote network 10.2.0.0/16\n")
		SITE("192.0.2.2", "remote network 10.2.3.0/24\n"),
	    "t:13: remote network 10.2.3.0/24 overlaps 10.2.0.0/16 of peer "
	    "192.0.2.1" },
	{ SITE("192.0.2.1", "remote network 2001:db8::/32\n"),
	    "t:1: peer 192.0.2.1: clients of IKEv1 take IPv4 addresses only" },
	{ OUTSIDE REST PEER("any", ""),
	    "t:5: warning: the key of peer any is shared: " },
	{ OUTSIDE REST PEER("192.0.2.0/24", ""),
	    "t:5: warning: the key of peer 192.0.2.0/24 is shared: " },
	{ OUTSIDE REST GROUP(""),
	    "t:5: warning: group keys are used in "
	    "Aggressive Mode: " },
};

TEST(every_message)
{
	struct report r;
	size_t i;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		conf_free(load(messages[i].text, &r));
		if (strstr(said, messages[i].want) == NULL) {
			printf("text:\n%swant: %s\nsaid:\n%s\n",
			    messages[i].text, messages[i].want, said);
			test_failures++;
		}
	}
}

TEST(several_errors_in_one_run)
{
	struct report r;

	CHECK(load(OUTSIDE
		  "pool a\n"
		  "group g {\n key\n idle x\n frob {\n a\n }\n wins y\n}\n"
		  "frob {\n a\n b\n}\n"
		  "dpd x\n",
		  &r) == NULL);
	CHECK(strstr(said, "t:2: ") != NULL);
	CHECK(strstr(said, "t:4: ") != NULL);
	CHECK(strstr(said, "t:5: ") != NULL);
	CHECK(strstr(said, "t:6: ") != NULL);
	CHECK(strstr(said, "t:9: ") != NULL);
	CHECK(strstr(said, "t:11: ") != NULL);
	CHECK(strstr(said, "t:12: ") == NULL); /* within what was refused */
	CHECK(strstr(said, "t:15: ") != NULL);
}

TEST(a_good_file_says_nothing_but_the_warning)
{
	struct report r;
	struct conf *c = load(OUTSIDE REST GROUP(""), &r);

	CHECK(c != NULL);
	CHECK_INT(r.warnings, 1);
	CHECK_INT(r.errors, 0);
	conf_free(c);
}

/* --- files --- */

static char dir[64];

static const char *
file(const char *name, mode_t mode, const char *text)
{
	static char path[16][128];
	static int n;
	char *p = path[n++ % 16];
	FILE *f;

	(void)snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	if ((f = fopen(p, "w")) == NULL || fputs(text, f) == EOF ||
	    fclose(f) == EOF || chmod(p, mode) == -1) {
		perror(p);
		exit(1);
	}
	return p;
}

static struct conf *
load_file(const char *path, struct report *r)
{
	said[0] = '\0';
	memset(r, 0, sizeof(*r));
	r->line = line;
	return conf_load(path, r);
}

#define KEYFILE_GROUP \
	"group g {\n key file \"k\"\n pool p\n login LOCAL\n esp e\n}\n"

/* A peer is a group that is found by address; the one of a host is nobody
 * else's, and says nothing. */
TEST(peers)
{
	struct conf_group *g;
	struct report r;
	struct conf *c = load(OUTSIDE REST PEER("192.0.2.1", "config push\n")
				  PEER("2001:db8::/32", "config pull\n")
				      PEER("any", ""),
	    &r);
	char text[CONF_GROUP_STRLEN];

	CHECK(c != NULL);
	if (c == NULL)
		return;
	CHECK(strstr(said, "peer 192.0.2.1") == NULL);
	CHECK(strstr(said, "Aggressive") == NULL);
	g = TAILQ_FIRST(&c->groups);
	CHECK_INT(g->is_peer, 1);
	CHECK_INT(g->peer.prefix, 32);
	CHECK_INT(g->config, CONFIG_PUSH);
	CHECK_STR(g->name, "peer 192.0.2.1");
	CHECK_STR(conf_group_text(g, text), "peer 192.0.2.1");
	g = TAILQ_NEXT(g, entry);
	CHECK_INT(g->peer.addr.family, ADDR_IP6);
	CHECK_INT(g->config, CONFIG_PULL);
	CHECK_STR(g->name, "peer 2001:db8::/32");
	g = TAILQ_NEXT(g, entry);
	CHECK_INT(g->peer.addr.family, ADDR_NONE);
	CHECK_INT(g->config, CONFIG_EITHER);
	CHECK_STR(g->name, "peer any");
	conf_free(c);
}

TEST(sites)
{
	struct conf_group *g;
	struct report r;
	struct conf *c = load(
	    OUTSIDE REST SITE("192.0.2.9",
		"network 10.1.0.0/16\n"
		"remote network 10.2.0.0/16\n"
		"remote network 10.3.0.0/16\n")
		SITE("192.0.2.8", "remote network 10.4.0.0/16\n"),
	    &r);

	CHECK(c != NULL);
	CHECK_STR(said, "");
	if (c == NULL)
		return;
	g = TAILQ_FIRST(&c->groups);
	CHECK_INT(g->no_config, 8);
	CHECK_INT(g->no_login, 7);
	CHECK_INT(TAILQ_FIRST(&g->remotes)->net.prefix, 16);
	CHECK_INT(TAILQ_FIRST(&g->remotes)->place, 11);
	CHECK(TAILQ_NEXT(TAILQ_FIRST(&g->nets), entry) == NULL);
	conf_free(c);
}

TEST(key_files)
{
	const char *main_file;
	struct report r;
	struct conf *c;
	char long_key[400];

	main_file = file("m", 0644, OUTSIDE REST KEYFILE_GROUP);
	CHECK(load_file(main_file, &r) == NULL);
	CHECK(strstr(said, "/m:6: ") != NULL &&
	    strstr(said, "/k: No such file or directory") != NULL);

	(void)file("k", 0644, "secret secret secret secret\n");
	CHECK(load_file(main_file, &r) == NULL);
	CHECK(strstr(said,
		  "/k holds a key and others may read or change it: "
		  "chmod 600 ") != NULL);

	(void)file("k", 0640, "secret secret secret secret\r\n");
	c = load_file(main_file, &r);
	CHECK(c != NULL);
	if (c != NULL)
		CHECK(secret_equal(&TAILQ_FIRST(&c->groups)->key.secret,
		    "secret secret secret secret", 27));
	conf_free(c);

	(void)file("k", 0600, "\n");
	CHECK(load_file(main_file, &r) == NULL);
	CHECK(strstr(said, "/k is empty") != NULL);
	(void)file("k", 0600, "a\nb\n");
	CHECK(load_file(main_file, &r) == NULL);
	CHECK(strstr(said, "/k must hold one line of text") != NULL);
	memset(long_key, 'x', sizeof(long_key) - 1);
	long_key[sizeof(long_key) - 1] = '\0';
	(void)file("k", 0600, long_key);
	CHECK(load_file(main_file, &r) == NULL);
	CHECK(strstr(said, "/k is too long for a key (at most 256 bytes)") !=
	    NULL);
	long_key[PSK_MAX] = '\0';
	(void)file("k", 0600, long_key);
	c = load_file(main_file, &r);
	CHECK(c != NULL);
	conf_free(c);
	(void)file("k", 0600, "short\n");
	c = load_file(main_file, &r);
	CHECK(c != NULL);
	CHECK(strstr(said, "/m:6: warning: the key of group \"g\" is short") !=
	    NULL);
	conf_free(c);
}

TEST(keys_in_the_file_itself)
{
	struct report r;
	struct conf *c;

	CHECK(load_file(file("m", 0644, OUTSIDE REST GROUP("")), &r) == NULL);
	CHECK(strstr(said, "/m:6: a key stands here and others may read ") !=
	    NULL);
	c = load_file(file("m", 0600, OUTSIDE REST GROUP("")), &r);
	CHECK(c != NULL);
	conf_free(c);
}

TEST(includes)
{
	const char *m;
	struct report r;
	struct conf *c;

	(void)file("pools", 0600,
	    "pool p $range\nike policy 1 psk des sha1 "
	    "modp2048"); /* no newline */
	m = file("m", 0600,
	    "range = \"10.0.0.1 - 10.0.0.9\"\ninclude \"pools\"\n" OUTSIDE
	    "esp e aes-256 sha1\n" GROUP("frob\n"));
	CHECK(load_file(m, &r) == NULL);
	CHECK(strstr(said, "/pools:2: des is too weak") != NULL);
	CHECK(strstr(said, "/m:10: found \"frob\"") != NULL);
	CHECK_INT(r.errors, 2);

	(void)file("pools", 0600,
	    "pool p 10.0.0.1 - 10.0.0.9\nike policy 1 "
	    "psk aes-256 sha1 modp2048");
	m = file("m", 0600,
	    "include \"pools\"\n" OUTSIDE "esp e aes-256 sha1\n" GROUP(""));
	c = load_file(m, &r);
	CHECK(c != NULL);
	conf_free(c);

	m = file("m", 0600, "include \"m\"\n");
	CHECK(load_file(m, &r) == NULL);
	CHECK(strstr(said, "/m:1: include within include, more than 8 deep") !=
	    NULL);
	m = file("m", 0600, "include \"nothing\"\ndpd x\n");
	CHECK(load_file(m, &r) == NULL);
	CHECK(strstr(said, "/m:1: ") != NULL &&
	    strstr(said, "/nothing: No such file or directory") != NULL);
	CHECK(strstr(said, "/m:2: ") != NULL);
	m = file("m", 0662, "dpd 1m\n");
	CHECK(load_file(m, &r) == NULL);
	CHECK(strstr(said, "/m can be written by others: chmod go-w") != NULL);
	CHECK(load_file(dir, &r) == NULL);
	CHECK(strstr(said, " is not a file") != NULL);
}

TEST(no_include_bomb)
{
	char text[4096] = "";
	struct report r;
	int i;

	/* each level reads the next one many times: bounded by their number */
	for (i = 0; i < 100; i++)
		(void)strlcat(text, "include \"b\"\n", sizeof(text));
	(void)file("b", 0600, text);
	CHECK(load_file(file("m", 0600, text), &r) == NULL);
	CHECK(r.errors > 100);
}

/* The example that is installed; only its key is not there. */
TEST(example)
{
	char text[16384], *key;
	struct report r;
	struct conf *c;
	size_t n;
	FILE *f = fopen("etc/ikerd.conf", "r");

	if (f == NULL) {
		printf("etc/ikerd.conf: not here, run from the top\n");
		return;
	}
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	c = load(text, &r);
	CHECK(c != NULL);
	CHECK_INT(r.warnings, 1);
	conf_free(c);

	/* what is commented out is right, too */
	while ((key = strstr(text, "\n# legacy ")) != NULL ||
	    (key = strstr(text, "\n# dpd")) != NULL ||
	    (key = strstr(text, "\n# keepalive")) != NULL ||
	    (key = strstr(text, "\n# filter")) != NULL ||
	    (key = strstr(text, "\n# limits")) != NULL ||
	    (key = strstr(text, "\n# peer any {")) != NULL ||
	    (key = strstr(text, "\n# }")) != NULL ||
	    (key = strstr(text, "\n#\t")) != NULL)
		key[1] = ' ';
	while ((key = strstr(text, "\n\t# session")) != NULL ||
	    (key = strstr(text, "\n\t# dns")) != NULL ||
	    (key = strstr(text, "\n\t# wins")) != NULL ||
	    (key = strstr(text, "\n\t# domain")) != NULL ||
	    (key = strstr(text, "\n\t# banner")) != NULL ||
	    (key = strstr(text, "\n\t# network")) != NULL)
		key[2] = ' ';
	c = load(text, &r);
	CHECK(c != NULL);
	if (c != NULL) {
		CHECK_INT(c->half_open, CONF_HALF_OPEN);
		CHECK_INT(c->half_open_source, CONF_HALF_OPEN_SOURCE);
		CHECK_INT(c->sessions, CONF_SESSIONS);
		CHECK_INT(c->dh_rate, CONF_DH_RATE);
		CHECK_INT(c->dpd, CONF_DPD);
		CHECK_INT(c->keepalive, CONF_KEEPALIVE);
		CHECK_INT(c->filter_keep, 1);
		CHECK_STR(TAILQ_FIRST(&c->groups)->banner, "Welcome");
		CHECK_STR(
		    TAILQ_LAST(&c->groups, conf_groups)->name, "peer any");
	} else {
		printf("%s", said);
	}
	conf_free(c);
}

TEST(setup)
{
	secret_init();
	(void)strlcpy(dir, "/tmp/parse_test.XXXXXXXX", sizeof(dir));
	CHECK(mkdtemp(dir) != NULL);
}

TEST(cleanup)
{
	static const char *const names[] = { "m", "k", "pools", "b" };
	char path[128];
	size_t i;

	for (i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	CHECK_INT(rmdir(dir), 0);
}

TESTS(T(setup), T(seed_network), T(every_message), T(several_errors_in_one_run),
    T(a_good_file_says_nothing_but_the_warning), T(peers), T(sites),
    T(key_files), T(keys_in_the_file_itself), T(includes), T(no_include_bomb),
    T(example), T(cleanup))
