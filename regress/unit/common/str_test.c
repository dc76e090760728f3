/* Strangers' bytes become one safe line, cut where it does not fit. */
#include "common/str.h"
#include "regress/unit/test.h"

static const char *
show(const void *bytes, size_t len, size_t size)
{
	static char buf[300];
	size_t n;

	memset(buf, 'Z', sizeof(buf));
	n = str_printable(buf, size, bytes, len);
	CHECK_INT(n, strlen(buf));
	CHECK(n < size);
	CHECK_INT(buf[size], 'Z');
	return buf;
}

TEST(plain)
{
	CHECK_STR(show("cisco_customer", 14, 64), "cisco_customer");
	CHECK_STR(show("", 0, 64), "");
	CHECK_STR(show("a b", 3, 4), "a b");
}

TEST(escapes)
{
	CHECK_STR(show("a\nb\0c", 5, 64), "a\\x0ab\\x00c");
	CHECK_STR(show("\"\\", 2, 64), "\\\"\\\\");
	CHECK_STR(show("\x1b[2J\x7f\xff", 6, 64), "\\x1b[2J\\x7f\\xff");
}

TEST(cut)
{
	CHECK_STR(show("abcdefgh", 8, 9), "abcdefgh");
	CHECK_STR(show("abcdefgh", 8, 8), "abcd...");
	CHECK_STR(show("ab\n\n", 4, 10), "ab\\x0a...");
	CHECK_STR(show("ab\n\n", 4, 9), "ab...");
	CHECK_STR(show("abcdefgh", 8, 3), "..");
	CHECK_STR(show("abcdefgh", 8, 1), "");
	CHECK_INT(str_printable(NULL, 0, "x", 1), 0);
}

TEST(append)
{
	char buf[8];
	size_t at;

	at = str_append(buf, sizeof(buf), 0, "%s", "abc");
	at = str_append(buf, sizeof(buf), at, " %d", 12);
	CHECK_INT(at, 6);
	CHECK_STR(buf, "abc 12");
	at = str_append(buf, sizeof(buf), at, "%s", "345");
	CHECK_INT(at, 7);
	CHECK_STR(buf, "abc 123");
	at = str_append(buf, sizeof(buf), at, "x");
	CHECK_INT(at, 7);
	CHECK_STR(buf, "abc 123");
	buf[0] = 'Z';
	str_append(buf, 1, 0, "x");
	CHECK_STR(buf, "");
}

TEST(messages)
{
	char buf[16];
	size_t at;

	at = str_message(buf, sizeof(buf), 0, "one\r\ntwo", 8);
	CHECK_INT(at, 7);
	CHECK_STR(buf, "one\ntwo");
	at = str_message(buf, sizeof(buf), at, "\x1b[2J\0\xff", 6);
	CHECK_INT(at, 13);
	CHECK_STR(buf, "one\ntwo?[2J??");
	at = str_message(buf, sizeof(buf), at, "abc", 3);
	CHECK_INT(at, 15);
	CHECK_STR(buf, "one\ntwo?[2J??ab");
	CHECK_INT(str_message(buf, sizeof(buf), 0, NULL, 0), 0);
	CHECK_STR(buf, "");
}

TESTS(T(plain), T(escapes), T(cut), T(append), T(messages))
