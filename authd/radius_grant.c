/*
 * One row for each attribute that is honoured, one function for each way to
 * read one.  Called by radius.c with replies that have been checked; fuzzed by
 * regress/fuzz/radius_fuzz.c.
 */
#include <string.h>

#include "authd/radius_grant.h"
#include "common/str.h"

#define MICROSOFT 311
#define VPN3000 3076

#define SERVICE_LOGIN 1
#define SERVICE_FRAMED 2
#define SERVICE_OUTBOUND 5

#define ANY_ADDRESS 0xffffffff	/* the user may choose */
#define POOL_ADDRESS 0xfffffffe /* we choose */

struct taking {
	struct msg_LOGIN_ACCEPT *to;
	const char *why;
	size_t banner, second; /* lengths so far: of ours, of Banner2 */
	char reply[TEXT_SIZE]; /* Reply-Messages: a banner if there is none */
	char banner2[TEXT_SIZE];
};

/* --- ways to read a value --- */

/* A name, whole and printable or not at all. */
static const char *
take_name(
    char *name, size_t size, const struct radius_attr *a, const char *otherwise)
{
	size_t i;

	if (a->len == 0 || a->len >= size)
		return otherwise;
	for (i = 0; i < a->len; i++) {
		if (a->value[i] < 0x20 || a->value[i] > 0x7e)
			return otherwise;
	}
	memcpy(name, a->value, a->len);
	name[a->len] = '\0';
	return NULL;
}

static const char *
take_seconds(uint32_t *s, const struct radius_attr *a, const char *otherwise)
{
	uint32_t v;

	if (radius_u32(a, &v) == -1)
		return otherwise;
	if (v != 0 && (*s == 0 || v < *s))
		*s = v;
	return NULL;
}

static void
take_server(struct addr *server, uint16_t *n, const struct radius_attr *a)
{
	uint32_t v;

	if (*n < SERVERS_MAX && radius_u32(a, &v) == 0 && v != 0)
		server[(*n)++] = addr_ip4(v);
}

/* --- attributes --- */

static void
service_type(struct taking *t, const struct radius_attr *a)
{
	uint32_t v;

	if (radius_u32(a, &v) == -1 ||
	    (v != SERVICE_LOGIN && v != SERVICE_FRAMED &&
		v != SERVICE_OUTBOUND))
		t->why = "accepted for a Service-Type that is not given here";
}

static void
framed_address(struct taking *t, const struct radius_attr *a)
{
	uint32_t v;

	if (radius_u32(a, &v) == -1) {
		t->why = "accepted with a Framed-IP-Address that is none";
		return;
	}
	if (v == ANY_ADDRESS || v == POOL_ADDRESS)
		return;
	if (v >> 24 == 0 || v >> 24 == 127 || v >> 28 >= 14)
		t->why = "accepted with a Framed-IP-Address that no user can "
			 "have";
	else
		t->to->address = addr_ip4(v);
}

static void
framed_netmask(struct taking *t, const struct radius_attr *a)
{
	struct addr mask;
	uint32_t v;

	if (radius_u32(a, &v) == -1)
		return;
	mask = addr_ip4(v);
	t->to->netmask = (uint8_t)addr_mask_bits(&mask);
}

static void
filter_id(struct taking *t, const struct radius_attr *a)
{
	t->why = "accepted with a Filter-Id, and there are no filters here";
}

static void
reply_message(struct taking *t, const struct radius_attr *a)
{
	size_t at = strlen(t->reply);

	if (at > 0)
		at = str_append(t->reply, sizeof(t->reply), at, "\n");
	(void)str_message(t->reply, sizeof(t->reply), at, a->value, a->len);
}

static void
session_timeout(struct taking *t, const struct radius_attr *a)
{
	t->why = take_seconds(&t->to->session_timeout, a,
	    "accepted with a Session-Timeout that is no number");
}

static void
idle_timeout(struct taking *t, const struct radius_attr *a)
{
	t->why = take_seconds(&t->to->idle_timeout, a,
	    "accepted with an Idle-Timeout that is no number");
}

static void
dns(struct taking *t, const struct radius_attr *a)
{
	take_server(t->to->dns, &t->to->dns_n, a);
}

static void
wins(struct taking *t, const struct radius_attr *a)
{
	take_server(t->to->wins, &t->to->wins_n, a);
}

static void
simultaneous_logins(struct taking *t, const struct radius_attr *a)
{
	uint32_t v;

	if (radius_u32(a, &v) == -1 || v == 0)
		t->why = "accepted with no Simultaneous-Logins";
	else
		t->to->sessions = v;
}

static void
banner1(struct taking *t, const struct radius_attr *a)
{
	t->banner = str_message(
	    t->to->banner, sizeof(t->to->banner), t->banner, a->value, a->len);
}

static void
banner2(struct taking *t, const struct radius_attr *a)
{
	t->second = str_message(
	    t->banner2, sizeof(t->banner2), t->second, a->value, a->len);
}

static void
default_domain(struct taking *t, const struct radius_attr *a)
{
	(void)take_name(t->to->domain, sizeof(t->to->domain), a, NULL);
}

static void
group_lock(struct taking *t, const struct radius_attr *a)
{
	t->why = take_name(t->to->group, sizeof(t->to->group), a,
	    "accepted for a group whose name nothing has");
}

/* Networks joined by commas; the name of a list elsewhere is of no use here. */
static void
split_tunnel_list(struct taking *t, const struct radius_attr *a)
{
	struct msg_LOGIN_ACCEPT *m = t->to;
	char list[RADIUS_VALUE_MAX + 1], *rest = list, *one;

	(void)str_message(list, sizeof(list), 0, a->value, a->len);
	while ((one = strsep(&rest, ", ")) != NULL) {
		if (*one == '\0')
			continue;
		if (m->network_n == NETS_MAX ||
		    network_parse(one, &m->network[m->network_n]) == -1 ||
		    !network_is_clean(&m->network[m->network_n])) {
			t->why = "accepted with an IPSec-Split-Tunnel-List "
				 "that is no list of networks";
			return;
		}
		m->network_n++;
	}
}

static const struct row {
	uint32_t type;
	void (*take)(struct taking *, const struct radius_attr *);
} rows[] = {
	{ RADIUS_SERVICE_TYPE, service_type },
	{ RADIUS_FRAMED_IP_ADDRESS, framed_address },
	{ RADIUS_FRAMED_IP_NETMASK, framed_netmask },
	{ RADIUS_FILTER_ID, filter_id },
	{ RADIUS_REPLY_MESSAGE, reply_message },
	{ RADIUS_SESSION_TIMEOUT, session_timeout },
	{ RADIUS_IDLE_TIMEOUT, idle_timeout },
	{ RADIUS_VENDOR(MICROSOFT, 28), dns },
	{ RADIUS_VENDOR(MICROSOFT, 29), dns },
	{ RADIUS_VENDOR(MICROSOFT, 30), wins },
	{ RADIUS_VENDOR(MICROSOFT, 31), wins },
	{ RADIUS_VENDOR(VPN3000, 2), simultaneous_logins },
	{ RADIUS_VENDOR(VPN3000, 5), dns },
	{ RADIUS_VENDOR(VPN3000, 6), dns },
	{ RADIUS_VENDOR(VPN3000, 7), wins },
	{ RADIUS_VENDOR(VPN3000, 8), wins },
	{ RADIUS_VENDOR(VPN3000, 15), banner1 },
	{ RADIUS_VENDOR(VPN3000, 27), split_tunnel_list },
	{ RADIUS_VENDOR(VPN3000, 28), default_domain },
	{ RADIUS_VENDOR(VPN3000, 36), banner2 },
	{ RADIUS_VENDOR(VPN3000, 85), group_lock },
};

static void
take(const struct radius_attr *a, void *arg)
{
	struct taking *t = arg;
	size_t i;

	for (i = 0; t->why == NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].type == a->type)
			rows[i].take(t, a);
	}
}

const char *
radius_grant(const struct radius_reply *r, struct msg_LOGIN_ACCEPT *m)
{
	struct taking t = { .to = m };

	radius_each(r, take, &t);
	(void)strlcat(m->banner, t.banner2, sizeof(m->banner));
	if (m->banner[0] == '\0')
		(void)strlcpy(m->banner, t.reply, sizeof(m->banner));
	return t.why;
}

static void
take_message(const struct radius_attr *a, void *arg)
{
	if (a->type == RADIUS_REPLY_MESSAGE)
		reply_message(arg, a);
}

size_t
radius_message(const struct radius_reply *r, char *text, size_t size)
{
	struct taking t;

	memset(&t, 0, sizeof(t));
	radius_each(r, take_message, &t);
	(void)strlcpy(text, t.reply, size);
	return strlen(text);
}
