/* ikerctl's rows: tables that fit 80, JSON without secrets, safe text. */
#include "common/clock.h"
#include "ikerd/ctl/show.h"
#include "regress/unit/test.h"

#define NOW 1795504302

static char *text;
static size_t len;

static FILE *
begin(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &len);
}

static size_t
longest_line(void)
{
	size_t most = 0, n;
	const char *p;

	for (p = text; *p != '\0'; p += n + (p[n] == '\n')) {
		n = strcspn(p, "\n");
		if (n > most)
			most = n;
	}
	return most;
}

static void
fill(enum msg_type type, void *payload, int large)
{
	const struct msg_field *f;
	struct endpoint ep = { addr_ip4(0xc0a86464), 54321 };
	struct network net = { addr_ip4(0xc0a86400), 24 };
	uint8_t *at;
	uint64_t u64 = 0x0123456789abcdefULL;
	uint32_t u32 = 0x89abcdef;

	memset(payload, 0, msg_desc(type)->size);
	for (f = msg_desc(type)->fields(); f->name != NULL; f++) {
		at = (uint8_t *)payload + f->offset;
		switch (f->kind) {
		case FIELD_U32:
			memcpy(at, &u32, sizeof(u32));
			break;
		case FIELD_U64:
			u64 = 0x0123456789abcdefULL;
			if (strcmp(f->name, "since") == 0 ||
			    strcmp(f->name, "when") == 0)
				u64 = NOW - 300;
			memcpy(at, &u64, sizeof(u64));
			break;
		case FIELD_STR:
			memset(at, 'x', large ? f->size - 1U : 3);
			break;
		case FIELD_ADDR:
			memcpy(at, &ep.addr, sizeof(ep.addr));
			break;
		case FIELD_ENDPOINT:
			memcpy(at, &ep, sizeof(ep));
			break;
		case FIELD_NET:
			memcpy(at, &net, sizeof(net));
			break;
		default:
			*at = f->low;
		}
	}
}

/* However long names are: only a reason may go on behind column 80. */
TEST(tables_fit_80)
{
	static uint8_t payload[4096];
	unsigned int type, shown = 0;
	struct show *s;
	FILE *f;

	for (type = 1; type < MSG_COUNT; type++) {
		if ((s = show_new(type)) == NULL)
			continue;
		shown++;
		fill(type, payload, 0);
		show_add(s, payload);
		fill(type, payload, 1);
		if (type == MSG_ROW_FAILURE)
			(void)strlcpy(
			    ((struct msg_ROW_FAILURE *)(void *)payload)->reason,
			    "no", TEXT_SIZE);
		if (type == MSG_ROW_PROCESS || type == MSG_ROW_MESSAGE ||
		    type == MSG_ROW_COUNTER)
			(void)strlcpy((char *)payload, "filter", NAME_SIZE);
		if (type == MSG_ROW_PROCESS)
			(void)strlcpy(
			    ((struct msg_ROW_PROCESS *)(void *)payload)->state,
			    "restarting", NAME_SIZE);
		if (type == MSG_ROW_MESSAGE)
			(void)strlcpy(
			    ((struct msg_ROW_MESSAGE *)(void *)payload)->peer,
			    "parent", NAME_SIZE);
		show_add(s, payload);
		CHECK_INT(show_count(s), 2);
		f = begin();
		show_print(s, f);
		fclose(f);
		if (longest_line() > 80) {
			printf("%s:\n%s", msg_desc(type)->name, text);
			test_failures++;
		}
		show_free(s);
	}
	CHECK_INT(shown, 12);
}

TEST(columns)
{
	struct msg_ROW_LEASE m;
	struct show *s = show_new(MSG_ROW_LEASE);
	FILE *f;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.pool, "VPNpool", sizeof(m.pool));
	m.address = addr_ip4(0x0a5981c8);
	(void)strlcpy(m.user, "alice", sizeof(m.user));
	m.session = 0xabc;
	(void)strlcpy(m.state, "held", sizeof(m.state));
	m.since = NOW - 125;
	show_add(s, &m);
	m.address = addr_ip4(0x0a5981c9);
	m.session = 0;
	m.user[0] = '\0';
	m.since = 0;
	show_add(s, &m);
	f = begin();
	show_print(s, f);
	fclose(f);
	CHECK_STR(text,
	    "POOL    ADDRESS       USER  SESSION          STATE FOR\n"
	    "VPNpool 10.89.129.200 alice 0000000000000abc held   2m\n"
	    "VPNpool 10.89.129.201 -     0000000000000000 held    -\n");
	show_free(s);
}

TEST(json)
{
	struct msg_ROW_SA sa;
	struct msg_ROW_USER user;
	FILE *f;

	memset(&sa, 0, sizeof(sa));
	sa.session = 0xfeedULL << 48;
	sa.spi_in = 0x1234;
	sa.remote.addr = addr_ip4(0x0a000001);
	sa.remote.prefix = 32;
	(void)strlcpy(sa.user, "a\"b\\c\n\xff", sizeof(sa.user));
	f = begin();
	json_row(f, MSG_ROW_SA, &sa);
	fclose(f);
	CHECK_STR(text,
	    "{\"row\":\"sa\",\"session\":\"feed000000000000\","
	    "\"user\":\"a\\\"b\\\\c\\u000a\\u00ff\",\"spi_in\":\"00001234\","
	    "\"spi_out\":\"00000000\",\"esp\":\"\",\"local\":null,"
	    "\"remote\":\"10.0.0.1/32\",\"since\":0,\"lifetime\":0,"
	    "\"bytes_in\":0,\"bytes_out\":0}\n");
	memset(&user, 0, sizeof(user));
	user.source.addr = addr_ip4(0xc0000201);
	user.source.port = 500;
	f = begin();
	json_row(f, MSG_ROW_USER, &user);
	fclose(f);
	CHECK(strstr(text, "\"source\":\"192.0.2.1:500\"") != NULL);
}

/* No row has secrets, but if one ever had, they would not be printed. */
TEST(secrets_are_never_shown)
{
	struct msg_LOGIN_START m;
	FILE *f;

	memset(&m, 0, sizeof(m));
	m.password_len = 6;
	memcpy(m.password, "geheim", 6);
	f = begin();
	json_row(f, MSG_LOGIN_START, &m);
	show_details(f, MSG_LOGIN_START, &m);
	fclose(f);
	CHECK(strstr(text, "geheim") == NULL);
	CHECK(strstr(text, "676568656") == NULL);
	CHECK(strstr(text, "password") == NULL);
}

/* A process in a stranger's hand cannot write on the terminal. */
TEST(nothing_unprintable)
{
	struct msg_ROW_EVENT m;
	size_t i;
	FILE *f;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.step, "\033[2J", sizeof(m.step));
	(void)strlcpy(m.text, "a\r\nb\x9b\x7f", sizeof(m.text));
	f = begin();
	show_event(f, &m);
	fclose(f);
	for (i = 0; i + 1 < len; i++)
		CHECK(text[i] >= 0x20 && text[i] < 0x7f);
}

TEST(setup)
{
	setenv("TZ", "UTC", 1);
	clock_hold(0, NOW);
}

TESTS(T(setup), T(tables_fit_80), T(columns), T(json),
    T(secrets_are_never_shown), T(nothing_unprintable))
