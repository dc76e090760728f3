/*
 * An administrator writes the users file and makes every mistake there is:
 * each is told with its line, and nothing of such a file is taken.
 */
#include <sys/types.h>

#include <sodium.h>
#include <unistd.h>

#include "authd/users.h"
#include "common/log.h"
#include "common/secret.h"
#include "regress/unit/test.h"

#define ALL (HASH_BIT(HASH_FORMS) - 1)
#define SALT "$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA"
#define RESULT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define GOOD "$argon2id" SALT "$" RESULT
#define BCRYPT "abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzabcde"
#define SHA256 "abcdefghijabcdefghijabcdefghijabcdefghijabc"
#define SHA512                                    \
	"abcdefghijabcdefghijabcdefghijabcdefghi" \
	"abcdefghijabcdefghijabcdefghijabcdefghijabcdefg"

static struct users_error error;

static struct users *
parse(const char *text)
{
	return users_parse(text, strlen(text), ALL, &error);
}

TEST(good_file)
{
	const struct user *u;
	struct users *set;
	char a[ADDR_STRLEN];

	set = parse(
	    "# local users\n"
	    "\n"
	    "cisco_customer:" GOOD "\n"
	    "j\xc3\xbcrg M.:" GOOD ":address=10.89.129.204,session=8h,idle=90\n"
	    "last:" GOOD ":idle=30m");
	CHECK(set != NULL);
	if (set == NULL) {
		printf("line %u: %s\n", error.line, error.text);
		return;
	}
	CHECK_INT(users_count(set), 3);
	CHECK_INT(users_uneven(set), 0);
	u = users_find(set, "cisco_customer");
	CHECK(u != NULL && u->address.family == ADDR_NONE && u->session == 0);
	CHECK(u != NULL && strcmp(u->hash, GOOD) == 0 && u->line == 3);
	u = users_find(set, "j\xc3\xbcrg M.");
	CHECK(u != NULL);
	if (u != NULL) {
		CHECK_STR(addr_text(&u->address, a), "10.89.129.204");
		CHECK_INT(u->session, 8 * 3600);
		CHECK_INT(u->idle, 90);
	}
	u = users_find(set, "last");
	CHECK(u != NULL && u->idle == 1800);
	CHECK(users_find(set, "Last") == NULL);
	CHECK(users_find(set, "") == NULL);
	users_free(set);
}

TEST(empty_file)
{
	struct users *set = parse("");
	struct hash_cost c;

	CHECK(set != NULL && users_count(set) == 0);
	/* what "ikerctl hash" would make, so that nobody looks different */
	CHECK(hash_check(users_dummy(set), strlen(users_dummy(set)), ALL, &c) ==
	    NULL);
	CHECK(c.form == HASH_ARGON2ID && c.memory == 65536 && c.time == 2);
	users_free(set);
}

TEST(each_error)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *reason;
	} bad[] = {
		{ "a\n", 1, "expected name:hash" },
		{ "#\n\na\n", 3, "expected name:hash" },
		{ ":" GOOD "\n", 1, "the name is empty" },
		{ " a:" GOOD "\n", 1, "a blank at an end of the name" },
		{ "a :" GOOD "\n", 1, "a blank at an end of the name" },
		{ "a:" GOOD "\nb:" GOOD "\na:" GOOD "\n", 3,
		    "the name is on line 1 already" },
		{ "a:" GOOD "\r\n", 1, "control byte in column 96" },
		{ "a\tb:" GOOD "\n", 1, "control byte in column 2" },
		{ "a\x7f:" GOOD "\n", 1, "control byte in column 2" },
		{ "a:\n", 1, "the hash is empty" },
		{ "a::idle=3\n", 1, "the hash is empty" },
		{ "a:password\n", 1,
		    "the hash is of no known form (make one with "
		    "\"ikerctl hash\")" },
		{ "a:$1$abc$def\n", 1,
		    "the hash is of no known form (make one with "
		    "\"ikerctl hash\")" },
		{ "a:$argon2id$v=16$m=8,t=1,p=1$A$A\n", 1,
		    "argon2: expected v=19$m=KIB,t=PASSES,p=1$SALT$HASH" },
		{ "a:$argon2id$v=19$m=08,t=1,p=1$A$A\n", 1,
		    "argon2: expected v=19$m=KIB,t=PASSES,p=1$SALT$HASH" },
		{ "a:$argon2id$v=19$m=4294967304,t=1,p=1$A$A\n", 1,
		    "argon2: expected v=19$m=KIB,t=PASSES,p=1$SALT$HASH" },
		{ "a:$argon2id$v=19$m=8,t=1,p=4$A$A\n", 1,
		    "argon2: p must be 1" },
		{ "a:$argon2id$v=19$m=8,t=1,p=1$AAAA$" RESULT "\n", 1,
		    "argon2: the salt must be 16 bytes in base64" },
		{ "a:$argon2id" SALT "\n", 1,
		    "argon2: the hash must be 16 to 64 bytes in base64" },
		{ "a:$argon2id" SALT "$AAAA\n", 1,
		    "argon2: the hash must be 16 to 64 bytes in base64" },
		{ "a:$argon2id" SALT "$" RESULT "!\n", 1,
		    "argon2: the hash must be 16 to 64 bytes in base64" },
		{ "a:$argon2id$v=19$m=7,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$" RESULT
		  "\n",
		    1, "argon2: m must be 8 to 262144" },
		{ "a:$argon2id$v=19$m=4194304,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA"
		  "$" RESULT "\n",
		    1, "argon2: m must be 8 to 262144" },
		{ "a:$argon2i" SALT "$" RESULT "\n", 1,
		    "argon2: t must be 1 (argon2i: 3) to 16" },
		{ "a:$argon2id$v=19$m=8,t=17,p=1$AAAAAAAAAAAAAAAAAAAAAA"
		  "$" RESULT "\n",
		    1, "argon2: t must be 1 (argon2i: 3) to 16" },
		{ "a:$argon2id$v=19$m=262144,t=5,p=1$AAAAAAAAAAAAAAAAAAAAAA"
		  "$" RESULT "\n",
		    1, "argon2: m times t must not exceed 1048576" },
		{ "a:$2b$10$short\n", 1,
		    "bcrypt: expected two digits of cost, $, 53 characters" },
		{ "a:$2b$03$" BCRYPT "\n", 1,
		    "bcrypt: the cost must be 04 to 14" },
		{ "a:$2y$31$" BCRYPT "\n", 1,
		    "bcrypt: the cost must be 04 to 14" },
		{ "a:$5$rounds=999999999$salt$" SHA256 "\n", 1,
		    "crypt: rounds must be 1000 to 1000000" },
		{ "a:$6$rounds=999$salt$" SHA512 "\n", 1,
		    "crypt: rounds must be 1000 to 1000000" },
		{ "a:$6$rounds=x$salt$" SHA512 "\n", 1,
		    "crypt: expected rounds=NUMBER$" },
		{ "a:$6$$" SHA512 "\n", 1,
		    "crypt: the salt must be 1 to 16 characters" },
		{ "a:$6$12345678901234567$" SHA512 "\n", 1,
		    "crypt: the salt must be 1 to 16 characters" },
		{ "a:$6$salt$" SHA256 "\n", 1,
		    "crypt: the hash has a wrong length or character" },
		{ "a:" GOOD ":\n", 1, "expected key=value after the hash" },
		{ "a:" GOOD ":idle\n", 1, "expected key=value after the hash" },
		{ "a:" GOOD ":idle=3,\n", 1,
		    "expected key=value after the hash" },
		{ "a:" GOOD ":shell=/bin/sh\n", 1,
		    "unknown key before \"=\": expected address, session, idle, "
		    "sessions, group, netmask, dns, wins, domain, banner or "
		    "network" },
		{ "a:" GOOD ":sessions=0\n", 1,
		    "sessions: expected a number, and not too large" },
		{ "a:" GOOD ":group=\n", 1,
		    "group: expected a text, and not too long" },
		{ "a:" GOOD ":netmask=255.0.255.0\n", 1,
		    "netmask: expected a netmask as in 255.255.255.0" },
		{ "a:" GOOD ":dns=::1\n", 1,
		    "dns: expected an address as in 10.1.2.3" },
		{ "a:" GOOD ":wins=10.0.0.1,wins=10.0.0.2,wins=10.0.0.3,"
		  "wins=10.0.0.4,wins=10.0.0.5\n",
		    1, "wins: given more than 4 times" },
		{ "a:" GOOD ":network=10.1.2.0\n", 1,
		    "network: expected a network as in 10.1.2.0/24" },
		{ "a:" GOOD ":network=10.1.2.0/33\n", 1,
		    "network: expected a network as in 10.1.2.0/24" },
		{ "a:" GOOD ":network=10.1.2.0/8\n", 1,
		    "network: has bits behind its prefix" },
		{ "a:" GOOD ":domain=a,domain=b\n", 1,
		    "domain is given twice" },
		{ "a:" GOOD ":idle=3,idle=4\n", 1, "idle is given twice" },
		{ "a:" GOOD ":idle=\n", 1,
		    "idle: expected a time as in 90, 30m, 8h or 1d, at most "
		    "365d" },
		{ "a:" GOOD ":session=3w\n", 1,
		    "session: expected a time as in 90, 30m, 8h or 1d, at most "
		    "365d" },
		{ "a:" GOOD ":session=99999999999999999999d\n", 1,
		    "session: expected a time as in 90, 30m, 8h or 1d, at most "
		    "365d" },
		{ "a:" GOOD ":address=10.0.0\n", 1,
		    "address: expected an address as in 10.1.2.3" },
	};
	struct users *set;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set = parse(bad[i].text);
		CHECK(set == NULL);
		CHECK_INT(error.line, bad[i].line);
		CHECK_STR(error.text, bad[i].reason);
		users_free(set);
	}
}

TEST(bounds)
{
	char text[2048];
	struct users *set;

	/* names of 253 and 254 bytes */
	memset(text, 'n', 254);
	strlcpy(text + 253, ":" GOOD "\n", sizeof(text) - 253);
	set = parse(text);
	CHECK(set != NULL);
	users_free(set);
	text[253] = 'n';
	strlcpy(text + 254, ":" GOOD "\n", sizeof(text) - 254);
	CHECK(parse(text) == NULL);
	CHECK_STR(error.text, "the name is longer than 253 bytes");

	/* lines of 1024 and 1025 bytes, the second without an end */
	memset(text, '#', 1025);
	text[1024] = '\n';
	text[1025] = '\0';
	set = parse(text);
	CHECK(set != NULL);
	users_free(set);
	text[1024] = '#';
	CHECK(parse(text) == NULL);
	CHECK_STR(error.text, "the line is longer than 1024 bytes");

	/* a NUL is a byte like others */
	CHECK(users_parse("a\0b:c\n", 6, ALL, &error) == NULL);
	CHECK_STR(error.text, "control byte in column 2");

	memset(text, 'x', 400);
	memcpy(text, "a:$6$", 5);
	text[400] = '\0';
	CHECK(parse(text) == NULL);
	CHECK_STR(error.text, "the hash is too long");
}

TEST(unknown_to_this_system)
{
	static const char text[] = "a:$5$salt$" SHA256 "\n";

	CHECK(users_parse(text, sizeof(text) - 1, HASH_BIT(HASH_ARGON2ID),
		  &error) == NULL);
	CHECK_STR(error.text, "this system's crypt(3) does not know this form");
}

/* The dummy costs what most entries cost; the odd ones are counted. */
TEST(dummy_of_the_commonest)
{
	struct users *set;
	struct hash_cost c;

	set = parse("a:" GOOD "\nb:$2b$10$" BCRYPT "\nc:$2y$10$" BCRYPT
		    "\nd:$2b$11$" BCRYPT "\n");
	CHECK(set != NULL);
	CHECK(hash_check(users_dummy(set), strlen(users_dummy(set)), ALL, &c) ==
	    NULL);
	CHECK(c.form == HASH_BCRYPT && c.time == 10);
	CHECK_INT(users_uneven(set), 2);
	users_free(set);
}

/* Every form: right and wrong passwords, and the dummy of its cost. */
TEST(verify)
{
	static const char *const settings[] = { "$2b$04$abcdefghijklmnopqrstuu",
		"$2a$04$abcdefghijklmnopqrstuu", "$5$rounds=1000$saltstring",
		"$6$rounds=1000$saltstring", "$6$saltstring" };
	static const uint8_t right[] = "se same", wrong[] = "se samf";
	unsigned int forms = hash_forms();
	char text[crypto_pwhash_STRBYTES], dummy[HASH_SIZE];
	struct hash_cost c;
	const char *h;
	size_t i;

	CHECK(forms & HASH_BIT(HASH_ARGON2ID));
	CHECK(forms & HASH_BIT(HASH_ARGON2I));
	CHECK(forms & HASH_BIT(HASH_BCRYPT));
	/* another program's idea of the form: libsodium's own */
	CHECK_INT(crypto_pwhash_str(text, (const char *)right, 7, 1, 8192), 0);
	CHECK_INT(hash_verify(text, right, 7), HASH_YES);
	CHECK_INT(hash_verify(text, wrong, 7), HASH_NO);
	CHECK_INT(hash_verify(text, right, 6), HASH_NO);
	CHECK_INT(hash_verify(text, right, 0), HASH_NO);
	CHECK_INT(crypto_pwhash_str_alg(text, (const char *)right, 7, 3, 8192,
		      crypto_pwhash_ALG_ARGON2I13),
	    0);
	CHECK_INT(hash_verify(text, right, 7), HASH_YES);
	CHECK_INT(hash_verify(text, wrong, 7), HASH_NO);

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		h = crypt((const char *)right, settings[i]);
		if (h == NULL || h[0] != '$' ||
		    hash_check(h, strlen(h), forms, &c) != NULL) {
			printf("%s: not known here\n", settings[i]);
			continue;
		}
		strlcpy(text, h, sizeof(text));
		CHECK_INT(hash_verify(text, right, 7), HASH_YES);
		CHECK_INT(hash_verify(text, wrong, 7), HASH_NO);
		if (text[1] == '2' && text[2] == 'b') { /* PHP's */
			text[2] = 'y';
			CHECK_INT(hash_verify(text, right, 7), HASH_YES);
			CHECK_INT(hash_verify(text, wrong, 7), HASH_NO);
		}
		hash_dummy(&c, dummy);
		CHECK(hash_check(dummy, strlen(dummy), forms, &c) == NULL);
		CHECK_INT(hash_verify(dummy, right, 7), HASH_NO);
	}
}

/* More memory than the process may have is an error, not a wrong password. */
TEST(no_memory_is_no_verdict)
{
	static const struct hash_cost c = { HASH_ARGON2ID, 1, 4000000000U };
	char dummy[HASH_SIZE];

	hash_dummy(&c, dummy);
	CHECK_INT(hash_verify(dummy, (const uint8_t *)"x", 1), HASH_ERROR);
	CHECK_INT(hash_verify("*0", (const uint8_t *)"x", 1), HASH_ERROR);
}

static void
prepare(void)
{
	log_init("users_test", 1);
	secret_init();
}

/* What a user is given beside an address and limits. */
TEST(more)
{
	const struct user_more *m;
	struct users *set;

	set = parse(
	    "a:" GOOD ":sessions=3,group=vpn3000,netmask=255.255.0.0,"
	    "dns=10.0.0.1,dns=10.0.0.2,wins=10.0.0.3,domain=example.com,"
	    "banner=Hello: there,network=10.1.0.0/16,network=0.0.0.0/0\n"
	    "b:" GOOD ":sessions=1\n");
	CHECK(set != NULL);
	if (set == NULL)
		return;
	CHECK_INT(users_find(set, "a")->sessions, 3);
	CHECK(users_find(set, "b")->more == NULL);
	m = users_find(set, "a")->more;
	CHECK_STR(m->group, "vpn3000");
	CHECK_INT(m->netmask, 16);
	CHECK_INT(m->ndns, 2);
	CHECK_INT(m->nwins, 1);
	CHECK_STR(m->domain, "example.com");
	CHECK_STR(m->banner, "Hello: there");
	CHECK_INT(m->nnetworks, 2);
	CHECK_INT(m->network[0].prefix, 16);
	CHECK_INT(m->network[1].prefix, 0);
	users_free(set);
}

TEST(set_up)
{
	prepare();
}

TESTS(T(set_up), T(good_file), T(more), T(empty_file), T(each_error), T(bounds),
    T(unknown_to_this_system), T(dummy_of_the_commonest), T(verify),
    T(no_memory_is_no_verdict))
