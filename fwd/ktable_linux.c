/*
 * Tables as sets of our nftables table, through one nfnetlink socket that is
 * opened before confinement.  The kernel asks for CAP_NET_ADMIN with every
 * message, so the process keeps that.  A table "tunnels" is two sets:
 * "tunnels" for IPv4 and "tunnels6" for IPv6.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <linux/capability.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <string.h>

#include "fwd/ktable.h"
#include "fwd/names.h"

/* NOLINTNEXTLINE(misc-redundant-expression): equal is what it must be */
_Static_assert(KTABLE_CAPABILITIES == (uint64_t)1 << CAP_NET_ADMIN,
    "ktable.h names another capability");

#define BUFFER_SIZE 65536 /* KTABLE_BATCH elements are a third of it */
#define SOCKET_BUFFER (1 << 20)
#define SET_NAME_SIZE 64

static struct mnl_socket *nl;
static uint32_t seq;

static const int families[] = { ADDR_IP4, ADDR_IP6 };

int
ktable_open(void)
{
	int size = SOCKET_BUFFER, on = 1, fd;

	nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (nl == NULL)
		return -1;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == -1)
		return -1;
	fd = mnl_socket_get_fd(nl);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ==
		-1 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) ==
		-1)
		return -1;
	/* an error's answer need not bring the whole request back */
	(void)mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &on, sizeof(on));
	return 0;
}

int
ktable_take(int fd)
{
	errno = EOPNOTSUPP;
	return -1;
}

const char *
ktable_why_not(void)
{
	return nl != NULL ? NULL : "no nfnetlink socket";
}

static void
set_name(char name[SET_NAME_SIZE], const char *table, int family)
{
	(void)snprintf(
	    name, SET_NAME_SIZE, "%s%s", table, family == ADDR_IP6 ? "6" : "");
}

static struct nftnl_set *
set_new(const char *table, int family)
{
	struct nftnl_set *s = nftnl_set_alloc();
	char name[SET_NAME_SIZE];

	if (s == NULL)
		return NULL;
	set_name(name, table, family);
	if (nftnl_set_set_str(s, NFTNL_SET_TABLE, RULESET_NAME) == -1 ||
	    nftnl_set_set_str(s, NFTNL_SET_NAME, name) == -1) {
		nftnl_set_free(s);
		return NULL;
	}
	return s;
}

/* --- one transaction --- */

struct batch {
	struct mnl_nlmsg_batch *b;
	size_t nacks; /* answers to come */
	char buf[2 * BUFFER_SIZE];
};

static int
batch_begin(struct batch *t)
{
	t->nacks = 0;
	if ((t->b = mnl_nlmsg_batch_start(t->buf, BUFFER_SIZE)) == NULL)
		return -1;
	nftnl_batch_begin(mnl_nlmsg_batch_current(t->b), seq++);
	mnl_nlmsg_batch_next(t->b);
	return 0;
}

static int
batch_add(struct batch *t, uint16_t type, struct nftnl_set *s)
{
	struct nlmsghdr *h;

	h = nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(t->b), type,
	    NFPROTO_INET,
	    (uint16_t)((type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0) |
		NLM_F_ACK),
	    seq++);
	nftnl_set_elems_nlmsg_build_payload(h, s);
	t->nacks++;
	if (mnl_nlmsg_batch_next(t->b))
		return 0;
	errno = EMSGSIZE; /* BUFFER_SIZE is made for KTABLE_BATCH */
	return -1;
}

/* What the answers in buf say: the first error, or 0; counts them. */
static int
read_answers(const char *buf, int len, size_t *nacks)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)buf;
	const struct nlmsgerr *e;
	int error = 0;

	for (; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len)) {
		if (h->nlmsg_type != NLMSG_ERROR ||
		    h->nlmsg_len < mnl_nlmsg_size(sizeof(*e)))
			continue;
		e = mnl_nlmsg_get_payload(h);
		(*nacks)++;
		if (e->error != 0 && error == 0)
			error = -e->error;
	}
	return error;
}

/* The kernel has answered when sendto(2) returns: read until it is dry. */
static int
batch_answers(const struct batch *t, char *buf)
{
	size_t nacks = 0;
	int error = 0, got;
	ssize_t n;

	for (;;) {
		n = recv(mnl_socket_get_fd(nl), buf, BUFFER_SIZE, MSG_DONTWAIT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			break;
		if (n == -1) /* ENOBUFS: answers were lost */
			return -1;
		got = read_answers(buf, (int)n, &nacks);
		if (error == 0)
			error = got;
	}
	if (error == 0 && nacks < t->nacks)
		error = ENOBUFS;
	errno = error;
	return error == 0 ? 0 : -1;
}

static int
batch_end(struct batch *t)
{
	int rc, saved;

	nftnl_batch_end(mnl_nlmsg_batch_current(t->b), seq++);
	mnl_nlmsg_batch_next(t->b);
	rc = mnl_socket_sendto(nl, mnl_nlmsg_batch_head(t->b),
		 mnl_nlmsg_batch_size(t->b)) == -1 ?
	    -1 :
	    batch_answers(t, t->buf);
	saved = errno;
	mnl_nlmsg_batch_stop(t->b);
	errno = saved;
	return rc;
}

/* --- changes --- */

/* Those changes of one family and kind; 0 when there are none. */
static int
add_elements(struct batch *t, const char *table, const struct ktable_change *c,
    size_t n, int family, int add)
{
	struct nftnl_set *s = set_new(table, family);
	struct nftnl_set_elem *e;
	int any = 0, rc = 0;
	size_t i;

	if (s == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		if (c[i].addr.family != family || c[i].add != add)
			continue;
		if ((e = nftnl_set_elem_alloc()) == NULL) {
			nftnl_set_free(s);
			return -1;
		}
		nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, c[i].addr.b,
		    (uint32_t)addr_len(&c[i].addr));
		nftnl_set_elem_add(s, e);
		any = 1;
	}
	if (any)
		rc = batch_add(
		    t, add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM, s);
	nftnl_set_free(s);
	return rc;
}

int
ktable_change(const char *table, const struct ktable_change *c, size_t n)
{
	static struct batch t;
	size_t f;

	if (n > KTABLE_BATCH) {
		errno = EMSGSIZE;
		return -1;
	}
	if (batch_begin(&t) == -1)
		return -1;
	for (f = 0; f < 2; f++) {
		if (add_elements(&t, table, c, n, families[f], 0) == -1 ||
		    add_elements(&t, table, c, n, families[f], 1) == -1) {
			mnl_nlmsg_batch_stop(t.b);
			return -1;
		}
	}
	return batch_end(&t);
}

int
ktable_clear(const char *table)
{
	static struct batch t;
	struct nftnl_set *s;
	size_t f;
	int rc;

	if (batch_begin(&t) == -1)
		return -1;
	for (f = 0; f < 2; f++) {
		/* no elements named: all of them */
		s = set_new(table, families[f]);
		rc = s != NULL ? batch_add(&t, NFT_MSG_DELSETELEM, s) : -1;
		nftnl_set_free(s);
		if (rc == -1) {
			mnl_nlmsg_batch_stop(t.b);
			return -1;
		}
	}
	return batch_end(&t);
}

/* --- reading --- */

struct listing {
	int family;
	void (*fn)(const struct addr *, void *);
	void *arg;
};

static int
list_element(struct nftnl_set_elem *e, void *data)
{
	const struct listing *l = data;
	struct addr a;
	const void *key;
	uint32_t len;

	memset(&a, 0, sizeof(a));
	a.family = (uint8_t)l->family;
	key = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY, &len);
	if (key == NULL || len != addr_len(&a))
		return 0;
	memcpy(a.b, key, len);
	l->fn(&a, l->arg);
	return 0;
}

static int
list_message(const struct nlmsghdr *h, void *data)
{
	struct listing *l = data;
	struct nftnl_set *s = nftnl_set_alloc();

	if (s == NULL)
		return MNL_CB_ERROR;
	if (nftnl_set_elems_nlmsg_parse(h, s) == 0)
		(void)nftnl_set_elem_foreach(s, list_element, l);
	nftnl_set_free(s);
	return MNL_CB_OK;
}

static int
list_family(const char *table, struct listing *l)
{
	static char buf[BUFFER_SIZE];
	struct nftnl_set *s = set_new(table, l->family);
	struct nlmsghdr *h;
	ssize_t n;
	int rc;

	if (s == NULL)
		return -1;
	h = nftnl_nlmsg_build_hdr(
	    buf, NFT_MSG_GETSETELEM, NFPROTO_INET, NLM_F_DUMP, ++seq);
	nftnl_set_elems_nlmsg_build_payload(h, s);
	nftnl_set_free(s);
	if (mnl_socket_sendto(nl, h, h->nlmsg_len) == -1)
		return -1;
	do {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n == -1)
			return -1;
		rc = mnl_cb_run(buf, (size_t)n, seq, mnl_socket_get_portid(nl),
		    list_message, l);
	} while (rc > MNL_CB_STOP);
	return rc == MNL_CB_STOP ? 0 : -1;
}

int
ktable_list(
    const char *table, void (*fn)(const struct addr *, void *), void *arg)
{
	struct listing l = { 0, fn, arg };
	size_t f;

	for (f = 0; f < 2; f++) {
		l.family = families[f];
		if (list_family(table, &l) == -1)
			return -1;
	}
	return 0;
}

/* Our rules look at every packet, not at states: there is nothing to end. */
int
ktable_end_states(const struct addr *a)
{
	return 0;
}
