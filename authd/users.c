/*
 * Parses the users file: "name:hash[:key=value,...]", one user a line.  A
 * pure function over a bounded buffer that decides nothing but what is well
 * formed; usersfile.c reads the file and calls it, local.c looks users up.
 */
#include <sys/types.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authd/users.h"
#include "common/log.h"
#include "common/secret.h"

#define COSTS_MAX 16 /* different ones that are counted */
#define TIME_LIMIT (365U * 86400)

/* What an entry costs when there is none to look at: "ikerctl hash". */
static const struct hash_cost usual = { HASH_ARGON2ID, 2, 65536 };

struct users {
	struct table table;
	struct secret_pool *hashes;
	char dummy[HASH_SIZE];
	size_t uneven;
};

struct parser {
	struct users *set;
	unsigned int forms;
	struct users_error *error;
	unsigned int line;
	struct {
		struct hash_cost cost;
		size_t n;
	} costs[COSTS_MAX];
	size_t ncosts;
};

typedef const char *parse_value(struct user *, const char *value);

static parse_value parse_address, parse_session, parse_idle, parse_sessions;
static parse_value parse_group, parse_netmask, parse_dns, parse_wins;
static parse_value parse_domain, parse_banner, parse_network;

static const struct user_key {
	const char *name;
	parse_value *parse;
	int repeats; /* may be given again: it is a list */
	int more;    /* goes into struct user_more */
} keys[] = {
	{ "address", parse_address, 0, 0 },
	{ "session", parse_session, 0, 0 },
	{ "idle", parse_idle, 0, 0 },
	{ "sessions", parse_sessions, 0, 0 },
	{ "group", parse_group, 0, 1 },
	{ "netmask", parse_netmask, 0, 1 },
	{ "dns", parse_dns, 1, 1 },
	{ "wins", parse_wins, 1, 1 },
	{ "domain", parse_domain, 0, 1 },
	{ "banner", parse_banner, 0, 1 },
	{ "network", parse_network, 1, 1 },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static int refuse(struct parser *, const char *fmt, ...)
    __attribute__((__format__(printf, 2, 3)));

static int
refuse(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	p->error->line = p->line;
	va_start(ap, fmt);
	vsnprintf(p->error->text, sizeof(p->error->text), fmt, ap);
	va_end(ap);
	return -1;
}

/* Clients of IKEv1 take no other. */
static const char *
parse_ip4(const char *value, struct addr *a)
{
	if (addr_parse(value, a) == -1 || a->family != ADDR_IP4)
		return "expected an address as in 10.1.2.3";
	return NULL;
}

static const char *
parse_address(struct user *u, const char *value)
{
	return parse_ip4(value, &u->address);
}

/* "90", "90s", "30m", "8h", "1d" as in ikerd.conf(5). */
static const char *
parse_time(const char *value, uint32_t *out)
{
	static const char units[] = "smhd";
	static const uint32_t seconds[] = { 1, 60, 3600, 86400 };
	uint64_t v = 0, unit = 1;
	const char *p, *u;

	for (p = value; *p >= '0' && *p <= '9' && v <= TIME_LIMIT; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	if (p != value && *p != '\0' && (u = strchr(units, *p)) != NULL) {
		unit = seconds[u - units];
		p++;
	}
	if (p == value || *p != '\0' || v == 0 || v * unit > TIME_LIMIT)
		return "expected a time as in 90, 30m, 8h or 1d, at most 365d";
	*out = (uint32_t)(v * unit);
	return NULL;
}

static const char *
parse_session(struct user *u, const char *value)
{
	return parse_time(value, &u->session);
}

static const char *
parse_idle(struct user *u, const char *value)
{
	return parse_time(value, &u->idle);
}

static const char *
parse_number(const char *value, long long low, long long high, uint32_t *out)
{
	const char *error;
	long long n = strtonum(value, low, high, &error);

	if (error != NULL)
		return "expected a number, and not too large";
	*out = (uint32_t)n;
	return NULL;
}

static const char *
parse_sessions(struct user *u, const char *value)
{
	return parse_number(value, 1, 1000000, &u->sessions);
}

static const char *
parse_text(char *into, size_t size, const char *value)
{
	if (value[0] == '\0' || strlcpy(into, value, size) >= size)
		return "expected a text, and not too long";
	return NULL;
}

static const char *
parse_group(struct user *u, const char *value)
{
	return parse_text(u->more->group, sizeof(u->more->group), value);
}

static const char *
parse_domain(struct user *u, const char *value)
{
	return parse_text(u->more->domain, sizeof(u->more->domain), value);
}

static const char *
parse_banner(struct user *u, const char *value)
{
	return parse_text(u->more->banner, sizeof(u->more->banner), value);
}

static const char *
parse_netmask(struct user *u, const char *value)
{
	struct addr a;

	if (parse_ip4(value, &a) != NULL || addr_mask_bits(&a) == 0)
		return "expected a netmask as in 255.255.255.0";
	u->more->netmask = (uint8_t)addr_mask_bits(&a);
	return NULL;
}

static const char *
parse_server(struct addr list[SERVERS_MAX], size_t *n, const char *value)
{
	if (*n == SERVERS_MAX)
		return "given more than 4 times";
	return parse_ip4(value, &list[(*n)++]);
}

static const char *
parse_dns(struct user *u, const char *value)
{
	return parse_server(u->more->dns, &u->more->ndns, value);
}

static const char *
parse_wins(struct user *u, const char *value)
{
	return parse_server(u->more->wins, &u->more->nwins, value);
}

static const char *
parse_network(struct user *u, const char *value)
{
	struct network net;

	if (u->more->nnetworks == NETS_MAX)
		return "given more than 50 times";
	if (network_parse(value, &net) == -1 || net.addr.family != ADDR_IP4)
		return "expected a network as in 10.1.2.0/24";
	if (!network_is_clean(&net))
		return "has bits behind its prefix";
	u->more->network[u->more->nnetworks++] = net;
	return NULL;
}

/* One "key=value". */
static int
parse_pair(struct parser *p, struct user *u, char *pair, unsigned int *seen)
{
	char *value;
	const char *why;
	size_t i;

	if ((value = strchr(pair, '=')) == NULL)
		return refuse(p, "expected key=value after the hash");
	*value++ = '\0';
	for (i = 0; i < NKEYS; i++) {
		if (strcmp(keys[i].name, pair) == 0)
			break;
	}
	if (i == NKEYS)
		return refuse(p,
		    "unknown key before \"=\": expected address, session, idle, "
		    "sessions, group, netmask, dns, wins, domain, banner or "
		    "network");
	if (*seen & 1U << i && !keys[i].repeats)
		return refuse(p, "%s is given twice", keys[i].name);
	*seen |= 1U << i;
	if (keys[i].more && u->more == NULL &&
	    (u->more = calloc(1, sizeof(*u->more))) == NULL)
		return refuse(p, "no memory");
	if ((why = keys[i].parse(u, value)) != NULL)
		return refuse(p, "%s: %s", keys[i].name, why);
	return 0;
}

static int
parse_pairs(struct parser *p, struct user *u, char *text)
{
	unsigned int seen = 0;
	char *pair;

	while ((pair = strsep(&text, ",")) != NULL) {
		if (parse_pair(p, u, pair, &seen) == -1)
			return -1;
	}
	return 0;
}

static int
check_name(struct parser *p, const char *name, size_t len)
{
	const struct user *other;

	if (len == 0)
		return refuse(p, "the name is empty");
	if (len > USER_NAME_MAX)
		return refuse(
		    p, "the name is longer than %d bytes", USER_NAME_MAX);
	if (name[0] == ' ' || name[len - 1] == ' ')
		return refuse(p, "a blank at an end of the name");
	if ((other = users_find(p->set, name)) != NULL)
		return refuse(p, "the name is on line %u already", other->line);
	return 0;
}

static void
count_cost(struct parser *p, const struct hash_cost *c)
{
	size_t i;

	for (i = 0; i < p->ncosts; i++) {
		if (hash_cost_equal(&p->costs[i].cost, c)) {
			p->costs[i].n++;
			return;
		}
	}
	if (p->ncosts < COSTS_MAX) {
		p->costs[p->ncosts].cost = *c;
		p->costs[p->ncosts++].n = 1;
	}
}

static void
user_free(struct users *set, struct user *u)
{
	secret_pool_put(set->hashes, u->hash);
	free(u->name);
	free(u->more);
	free(u);
}

/* The user is in the set, or nowhere. */
static int
add_user(struct parser *p, struct user *u, const char *name, const char *hash)
{
	u->line = p->line;
	if ((u->name = strdup(name)) == NULL ||
	    (u->hash = secret_pool_get(p->set->hashes)) == NULL)
		return refuse(p, "no memory");
	strlcpy(u->hash, hash, HASH_SIZE);
	table_insert(&p->set->table, &u->link,
	    table_hash(&p->set->table, name, strlen(name)));
	count_cost(p, &u->cost);
	return 0;
}

/* text: one line, ended by NUL, without control bytes; it is cut up. */
static int
parse_user(struct parser *p, char *text)
{
	char *name, *hash;
	struct user *u;
	const char *why;

	name = strsep(&text, ":");
	if ((hash = strsep(&text, ":")) == NULL)
		return refuse(p, "expected name:hash");
	if (check_name(p, name, strlen(name)) == -1)
		return -1;
	if ((u = calloc(1, sizeof(*u))) == NULL)
		return refuse(p, "no memory");
	why = hash_check(hash, strlen(hash), p->forms, &u->cost);
	if (why != NULL)
		(void)refuse(p, "%s", why);
	else if ((text == NULL || parse_pairs(p, u, text) == 0) &&
	    add_user(p, u, name, hash) == 0)
		return 0;
	user_free(p->set, u);
	return -1;
}

static int
parse_line(struct parser *p, const char *bytes, size_t len, char *copy)
{
	size_t i;

	if (len > USERS_LINE_MAX)
		return refuse(
		    p, "the line is longer than %d bytes", USERS_LINE_MAX);
	for (i = 0; i < len; i++) {
		if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f)
			return refuse(p, "control byte in column %zu", i + 1);
	}
	if (strspn(memcpy(copy, bytes, len), " ") == len || copy[0] == '#')
		return 0;
	copy[len] = '\0';
	return parse_user(p, copy);
}

static int
parse_lines(struct parser *p, const char *bytes, size_t len)
{
	char *copy;
	const char *end;
	size_t n;
	int r = 0;

	if ((copy = secret_alloc(USERS_LINE_MAX + 1)) == NULL)
		return refuse(p, "no memory");
	while (r == 0 && len > 0) {
		end = memchr(bytes, '\n', len);
		n = end == NULL ? len : (size_t)(end - bytes);
		p->line++;
		memset(copy, 0, USERS_LINE_MAX + 1);
		r = parse_line(p, bytes, n, copy);
		if (end != NULL)
			n++;
		bytes += n;
		len -= n;
	}
	secret_free(copy);
	return r;
}

/* The cost most users have; a dummy of it. */
static void
settle_cost(struct parser *p)
{
	struct hash_cost cost = usual;
	size_t i, most = 0;

	for (i = 0; i < p->ncosts; i++) {
		if (p->costs[i].n > most) {
			most = p->costs[i].n;
			cost = p->costs[i].cost;
		}
	}
	p->set->uneven = p->set->table.n - most;
	hash_dummy(&cost, p->set->dummy);
}

struct users *
users_parse(const char *bytes, size_t len, unsigned int forms,
    struct users_error *error)
{
	struct parser p;

	memset(error, 0, sizeof(*error));
	memset(&p, 0, sizeof(p));
	p.forms = forms;
	p.error = error;
	if ((p.set = calloc(1, sizeof(*p.set))) == NULL) {
		(void)refuse(&p, "no memory");
		return NULL;
	}
	table_init(&p.set->table);
	p.set->hashes = secret_pool_new(HASH_SIZE);
	if (p.set->hashes == NULL || parse_lines(&p, bytes, len) == -1) {
		if (p.set->hashes == NULL)
			(void)refuse(&p, "no memory");
		users_free(p.set);
		return NULL;
	}
	settle_cost(&p);
	return p.set;
}

void
users_free(struct users *set)
{
	struct table_link *l, *next = NULL;
	size_t slot = 0;

	if (set == NULL)
		return;
	while ((l = table_walk(&set->table, &slot, &next)) != NULL) {
		table_remove(&set->table, l);
		user_free(set, table_entry(l, struct user, link));
	}
	table_free(&set->table);
	secret_pool_free(set->hashes);
	free(set);
}

const struct user *
users_find(const struct users *set, const char *name)
{
	struct table_link *l;
	struct user *u;

	l = table_find(
	    &set->table, table_hash(&set->table, name, strlen(name)));
	for (; l != NULL; l = table_find_next(l)) {
		u = table_entry(l, struct user, link);
		if (strcmp(u->name, name) == 0)
			return u;
	}
	return NULL;
}

size_t
users_count(const struct users *set)
{
	return set->table.n;
}

size_t
users_uneven(const struct users *set)
{
	return set->uneven;
}

const char *
users_dummy(const struct users *set)
{
	return set->dummy;
}
