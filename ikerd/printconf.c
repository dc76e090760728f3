/*
 * Prints a configuration in canonical form for "ikerd -nv": every statement
 * in one order, defaults written out, macros and includes resolved.  What is
 * printed parses to the same configuration.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <stdio.h>
#include <string.h>

#include "ikerd/conf.h"
#include "ikerd/printconf.h"

static void
print_text(FILE *f, const char *bytes, size_t len)
{
	size_t i;

	putc('"', f);
	for (i = 0; i < len; i++) {
		if (bytes[i] == '\n') {
			fputs("\\n", f);
			continue;
		}
		if (bytes[i] == '"' || bytes[i] == '\\')
			putc('\\', f);
		putc(bytes[i], f);
	}
	putc('"', f);
}

static void
print_string(FILE *f, const char *s)
{
	print_text(f, s, strlen(s));
}

/* In the largest unit that has no rest. */
static void
print_time(FILE *f, uint32_t s)
{
	if (s % 86400 == 0 && s > 0)
		fprintf(f, "%ud", s / 86400);
	else if (s % 3600 == 0 && s > 0)
		fprintf(f, "%uh", s / 3600);
	else if (s % 60 == 0 && s > 0)
		fprintf(f, "%um", s / 60);
	else
		fprintf(f, "%us", s);
}

static void
print_interface(FILE *f, const struct conf_interface *i)
{
	char text[ADDR_STRLEN];
	size_t n;

	/* quoted: a name may be a word of the language */
	fprintf(f, "interface \"%s\" \"%s\" security %u", i->name, i->device,
	    i->security);
	if (i->naddresses > 0) {
		fputs(" {\n", f);
		for (n = 0; n < i->naddresses; n++)
			fprintf(f, "\taddress %s\n",
			    network_text(&i->address[n], text));
		putc('}', f);
	}
	putc('\n', f);
}

static void
print_listen(FILE *f, const struct conf_listen *l)
{
	char text[ADDR_STRLEN];

	if (l->implied)
		return;
	fprintf(f, "listen on %s port %u nat-t port %u\n",
	    addr_text(&l->addr, text), l->port, l->natt_port);
}

static void
print_pool(FILE *f, const struct conf_pool *p)
{
	char first[ADDR_STRLEN], last[ADDR_STRLEN];

	fputs("pool ", f);
	print_string(f, p->name);
	fprintf(f, " %s - %s\n", addr_text(&p->first, first),
	    addr_text(&p->last, last));
}

static void
print_policy(FILE *f, const struct conf_policy *p)
{
	fprintf(f, "%sike policy %u %s %s %s %s lifetime ",
	    conf_policy_legacy(p) ? "legacy " : "", p->priority, p->auth->name,
	    p->cipher->name, p->hash->name, p->group->name);
	print_time(f, p->lifetime);
	putc('\n', f);
}

static void
print_esp(FILE *f, const struct conf_esp *e)
{
	fprintf(f, "%sesp ", conf_esp_legacy(e) ? "legacy " : "");
	print_string(f, e->name);
	fprintf(f, " %s", e->cipher->name);
	if (e->auth != NULL)
		fprintf(f, " %s", e->auth->name);
	if (e->pfs != NULL)
		fprintf(f, " pfs %s", e->pfs->name);
	fputs(" lifetime ", f);
	print_time(f, e->lifetime);
	if (e->lifetime_kb != 0)
		fprintf(
		    f, " lifetime %llu kB", (unsigned long long)e->lifetime_kb);
	putc('\n', f);
}

static void
print_certificate(FILE *f, const struct conf_certificate *c)
{
	fprintf(f, "%scertificate file ", c->legacy ? "legacy " : "");
	print_string(f, c->file);
	fputs(" key file ", f);
	print_string(f, c->key_file);
	putc('\n', f);
}

static void
print_ca(FILE *f, const struct conf_ca *c)
{
	fprintf(f, "%sca ", c->legacy ? "legacy " : "");
	print_string(f, c->name);
	fputs(" file ", f);
	print_string(f, c->file);
	if (c->crl_file != NULL) {
		fputs(" crl file ", f);
		print_string(f, c->crl_file);
	}
	putc('\n', f);
}

/* key file "FILE", or the text. */
static void
print_key(FILE *f, const struct conf_key *k)
{
	if (k->file != NULL) {
		fputs("key file ", f);
		print_string(f, k->file);
	} else {
		fputs("key ", f);
		print_text(f, (const char *)k->secret.data, k->secret.len);
	}
}

static void
print_server(FILE *f, const struct conf_server *s)
{
	char text[ADDR_STRLEN];

	fprintf(f, "\t%sserver %s ", s->legacy ? "legacy " : "",
	    addr_text(&s->at.addr, text));
	print_key(f, &s->key);
	fprintf(f, " port %u timeout ", s->at.port);
	print_time(f, s->timeout);
	fputs(s->interactive ? " interactive\n" : "\n", f);
}

static void
print_aaa(FILE *f, const struct conf_aaa *a)
{
	const struct conf_server *s;

	fputs("aaa ", f);
	print_string(f, a->name);
	if (a->protocol == LOGIN_LOCAL) {
		fputs(" local\n", f);
		return;
	}
	fprintf(f, " %s {\n", conf_protocol_word(a->protocol));
	TAILQ_FOREACH(s, &a->servers, entry)
		print_server(f, s);
	fputs("}\n", f);
}

static void
print_login(FILE *f, const struct conf_login *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		fputs(i == 0 ? "\tlogin " : ", ", f);
		print_string(f, l->name[i]);
	}
	if (l->n > 0)
		putc('\n', f);
}

static void
print_servers(FILE *f, const char *word, const struct addr *a, size_t n)
{
	char text[ADDR_STRLEN];
	size_t i;

	for (i = 0; i < n; i++)
		fprintf(
		    f, "%s%s", i == 0 ? word : ", ", addr_text(&a[i], text));
	if (n > 0)
		putc('\n', f);
}

static void
print_option(FILE *f, const char *word, const char *text)
{
	if (text[0] == '\0')
		return;
	fprintf(f, "\t%s ", word);
	print_string(f, text);
	putc('\n', f);
}

/* What is kept as one text with commas. */
static void
print_list(FILE *f, const char *word, const char *list)
{
	size_t len;

	for (; list[0] != '\0'; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		fprintf(f, "%s", word);
		print_text(f, list, len);
		if (list[len] == '\0')
			putc('\n', f);
		word = ", ";
	}
}

static void
print_nets(FILE *f, const char *word, const struct conf_nets *nets)
{
	const struct conf_net *n;
	char text[ADDR_STRLEN];

	TAILQ_FOREACH(n, nets, entry)
		fprintf(f, "\t%s %s\n", word, network_text(&n->net, text));
}

static void
print_netmask(FILE *f, unsigned int bits)
{
	struct addr mask = addr_ip4(0xffffffffU << (32 - bits));
	char text[ADDR_STRLEN];

	fprintf(f, "\tnetmask %s\n", addr_text(&mask, text));
}

static void
print_timeout(FILE *f, const char *word, uint32_t s)
{
	if (s == 0)
		return;
	fprintf(f, "\t%s ", word);
	print_time(f, s);
	putc('\n', f);
}

static void
print_group(FILE *f, const struct conf_group *g)
{
	const struct conf_identity *id;
	size_t i;

	if (g->is_peer) {
		fprintf(f, "\n%s {\n", g->name);
	} else {
		fputs("\ngroup ", f);
		print_string(f, g->name);
		fputs(" {\n", f);
	}
	if (g->key.place != 0) {
		putc('\t', f);
		print_key(f, &g->key);
		putc('\n', f);
	}
	print_option(f, "ca", g->ca.name);
	TAILQ_FOREACH(id, &g->identities, entry)
		print_option(f, "identity", id->pattern);
	if (g->hybrid)
		fputs("\thybrid\n", f);
	print_option(f, "pool", g->pool.name);
	print_login(f, &g->login);
	if (g->xauth != XAUTH_PASSWORD)
		fprintf(f, "\txauth %s\n", conf_xauth_word(g->xauth));
	if (g->no_login)
		fputs(g->no_config ? "\tno xauth\n" : "\tno login\n", f);
	if (g->no_config)
		fputs("\tno config\n", f);
	for (i = 0; i < g->nesp; i++) {
		fputs(i == 0 ? "\tesp { " : ", ", f);
		print_string(f, g->esp[i].name);
	}
	if (g->nesp > 0)
		fputs(" }\n", f);
	if (g->config != CONFIG_EITHER)
		fprintf(f, "\tconfig %s\n",
		    g->config == CONFIG_PUSH ? "push" : "pull");
	if (g->udp.port != 0)
		fprintf(f, "\tipsec-udp port %u\n", g->udp.port);
	print_timeout(f, "idle", g->idle);
	print_timeout(f, "session", g->session);
	if (g->unique != UNIQUE_KEEP)
		fprintf(f, "\tunique %s\n", conf_unique_word(g->unique));
	if (g->sessions != 0)
		fprintf(f, "\tsessions %u\n", g->sessions);
	if (g->user_sessions != 0)
		fprintf(f, "\tuser-sessions %u\n", g->user_sessions);
	print_servers(f, "\tdns ", g->dns, g->ndns);
	print_servers(f, "\twins ", g->wins, g->nwins);
	print_option(f, "domain", g->domain);
	print_option(f, "banner", g->banner);
	print_list(f, "\tsplit-dns ", g->split_dns);
	print_list(f, "\tbackup-server ", g->backup);
	if (g->netmask != 0)
		print_netmask(f, g->netmask);
	if (g->save_password)
		fputs("\tsave-password\n", f);
	print_nets(f, "network", &g->nets);
	print_nets(f, "local-lan", &g->local);
	print_nets(f, "remote network", &g->remotes);
	fputs("}\n", f);
}

static void
print_timer(FILE *f, const char *word, uint32_t s)
{
	if (s == 0) {
		fprintf(f, "no %s\n", word);
		return;
	}
	fprintf(f, "%s ", word);
	print_time(f, s);
	putc('\n', f);
}

static void
print_globals(FILE *f, const struct conf *c)
{
	fprintf(f,
	    "limits {\n\thalf-open %u\n\thalf-open-source %u\n\tsessions %u\n"
	    "\tdh-rate %u\n}\n",
	    c->half_open, c->half_open_source, c->sessions, c->dh_rate);
	print_timer(f, "dpd", c->dpd);
	print_timer(f, "keepalive", c->keepalive);
	if (c->crypto != 0)
		fprintf(f, "crypto processes %u\n", c->crypto);
	if (c->filter_keep)
		fputs("filter keep\n", f);
}

#define PRINT_ALL(f, c, type, list)                    \
	do {                                           \
		const struct conf_##type *row_;        \
                                                       \
		TAILQ_FOREACH(row_, &(c)->list, entry) \
			print_##type((f), row_);       \
	} while (0)

void
conf_print(const struct conf *c, FILE *f)
{
	PRINT_ALL(f, c, interface, interfaces);
	PRINT_ALL(f, c, listen, listens);
	print_globals(f, c);
	PRINT_ALL(f, c, pool, pools);
	PRINT_ALL(f, c, aaa, aaas);
	PRINT_ALL(f, c, certificate, certificates);
	PRINT_ALL(f, c, ca, cas);
	PRINT_ALL(f, c, policy, policies);
	PRINT_ALL(f, c, esp, esps);
	PRINT_ALL(f, c, group, groups);
}
