/*
 * The actions for aaa statements and the servers in them.  Pure but for the
 * tree and the report.
 */
#include <sys/types.h>

#include <string.h>

#include "ikerd/build_value.h"

void
build_aaa(
    struct build *b, const struct lex_value *name, enum login_protocol protocol)
{
	struct conf_aaa *a = conf_aaa_add(b->conf, name->place);

	(void)name_into(b, a->name, name);
	a->protocol = protocol;
	b->aaa = a;
	if (strcmp(a->name, CONF_LOCAL) == 0)
		report_error(b->report, name->place,
		    "the list " CONF_LOCAL " exists by itself");
	else if (strchr(a->name, ',') != NULL)
		report_error(
		    b->report, name->place, "a list's name has no comma");
}

void
build_server(struct build *b, const struct lex_value *addr)
{
	struct conf_server *s = conf_server_add(b->aaa, addr->place);

	(void)addr_into(b, &s->at.addr, addr);
	b->server = s;
}

void
build_server_port(struct build *b, const struct lex_value *v)
{
	uint64_t n;

	if (number_into(b, &n, v, 1, 65535, "a port") == 0)
		b->server->at.port = (uint16_t)n;
}

void
build_server_timeout(struct build *b, const struct lex_value *v)
{
	(void)time_into(b, &b->server->timeout, v, 1, "timeout");
}

void
build_server_key(struct build *b, const struct lex_value *v, int is_file)
{
	key_into(b, &b->server->key, v, is_file, SERVER_KEY_MAX);
}

void
build_server_interactive(struct build *b, const struct lex_value *v)
{
	if (b->aaa->protocol != LOGIN_TACACS)
		report_error(b->report, v->place,
		    "interactive is for tacacs+: a radius server may always "
		    "ask back");
	b->server->interactive = 1;
}

void
build_server_end(struct build *b, int legacy)
{
	if (legacy && b->aaa->protocol != LOGIN_RADIUS)
		report_error(b->report, b->server->place,
		    "legacy is for radius servers");
	b->server->legacy = (uint8_t)legacy;
}
