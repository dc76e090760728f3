/*
 * Words of the configuration as values: checked, and put into rows.  A wrong
 * one is reported.  Called by the actions of the grammar.
 */
#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ikerd/build_value.h"

#define TIME_MAX (365U * 86400)

int
text_into(struct build *b, char *dst, size_t size, const struct lex_value *v,
    const char *what)
{
	if (v->len == 0) {
		report_error(b->report, v->place, "%s must not be empty", what);
		return -1;
	}
	if (v->len >= size) {
		report_error(b->report, v->place,
		    "%s is too long (at most %zu bytes)", what, size - 1);
		return -1;
	}
	memcpy(dst, v->text, v->len + 1);
	return 0;
}

/* A name that other rows, tables and log lines use: one printable line. */
int
name_into(struct build *b, char *dst, const struct lex_value *v)
{
	if (memchr(v->text, '\n', v->len) != NULL) {
		report_error(b->report, v->place, "a name is one line of text");
		return -1;
	}
	return text_into(b, dst, NAME_SIZE, v, "a name");
}

/* A name that stands in filter rules and commands. */
int
word_into(struct build *b, char *dst, size_t size, const struct lex_value *v,
    const char *what)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (v->len == 0 || v->text[0] == '-' ||
	    strspn(v->text, good) != v->len) {
		report_error(b->report, v->place,
		    "expected %s (letters, digits, _ . -), found \"%s\"", what,
		    v->text);
		return -1;
	}
	return text_into(b, dst, size, v, what);
}

int
ref_into(struct build *b, struct conf_ref *ref, const struct lex_value *v,
    const char *what)
{
	if (ref->place != 0) {
		report_error(b->report, v->place, "%s is given already", what);
		return -1;
	}
	ref->place = v->place;
	return name_into(b, ref->name, v);
}

int
addr_into(struct build *b, struct addr *a, const struct lex_value *v)
{
	if (addr_parse(v->text, a) == 0)
		return 0;
	report_error(b->report, v->place,
	    "expected an address like 10.1.2.3, found \"%s\"", v->text);
	return -1;
}

int
net_into(struct build *b, struct network *n, const struct lex_value *v)
{
	if (network_parse(v->text, n) == 0)
		return 0;
	report_error(b->report, v->place,
	    "expected a network like 10.1.2.0/24, found \"%s\"", v->text);
	return -1;
}

int
clean_net_into(struct build *b, struct network *n, const struct lex_value *v)
{
	if (net_into(b, n, v) == -1)
		return -1;
	if (network_is_clean(n))
		return 0;
	report_error(b->report, v->place,
	    "%s has bits behind its prefix: write the network's first address",
	    v->text);
	return -1;
}

int
number_into(struct build *b, uint64_t *n, const struct lex_value *v,
    uint64_t low, uint64_t high, const char *what)
{
	if (v->number >= low && v->number <= high) {
		*n = v->number;
		return 0;
	}
	report_error(b->report, v->place,
	    "%s must be from %llu to %llu, found %s", what,
	    (unsigned long long)low, (unsigned long long)high, v->text);
	return -1;
}

/* 30s, 10m, 1h, 1d: seconds. */
int
time_into(struct build *b, uint32_t *s, const struct lex_value *v, uint32_t low,
    const char *what)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char digits[16];
	const char *error;
	long long n;
	size_t i;

	for (i = 0; i < 4 && v->len > 1 && v->len < sizeof(digits); i++) {
		if (v->text[v->len - 1] != units[i].unit)
			continue;
		memcpy(digits, v->text, v->len - 1);
		digits[v->len - 1] = '\0';
		if (strspn(digits, "0123456789") != v->len - 1)
			break;
		n = strtonum(digits, 0, TIME_MAX, &error) * units[i].seconds;
		if (error != NULL || n < low || n > TIME_MAX) {
			report_error(b->report, v->place,
			    "%s must be from %us to 365d, found %s", what, low,
			    v->text);
			return -1;
		}
		*s = (uint32_t)n;
		return 0;
	}
	report_error(b->report, v->place,
	    "expected a time like 30s, 10m, 1h or 1d, found \"%s\"", v->text);
	return -1;
}

void
key_into(struct build *b, struct conf_key *k, const struct lex_value *v,
    int is_file, size_t max)
{
	if (k->place != 0) {
		report_error(b->report, v->place, "the key is given already");
		return;
	}
	k->place = v->place;
	if (v->len == 0) {
		report_error(b->report, v->place, "the %s must not be empty",
		    is_file ? "file's name" : "key");
	} else if (is_file) {
		if ((k->file = strdup(v->text)) == NULL)
			fatal("configuration: strdup");
	} else if (v->len > max) {
		report_error(b->report, v->place,
		    "the key is too long (at most %zu bytes)", max);
	} else if (secret_set(&k->secret, v->text, v->len) == -1) {
		fatalx("configuration: no memory for a key");
	}
}
