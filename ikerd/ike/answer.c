/*
 * The values that Mode Config gives (draft-dukes-ike-mode-cfg-02 3.4, Cisco
 * Unity): what the session has, written as its attribute wants it.  Writes
 * into a message and reads everything else; modecfg.c calls it.
 */
#include <string.h>

#include "common/str.h"
#include "ikerd/ike/answer.h"
#include "ikerd/ike/attr.h"
#include "ikerd/ike/grant.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "ikerd/ike/wire.h"

/* Each puts its attribute or, when there is nothing to say, none. */
typedef void put_attr(struct isakmp_buf *, const struct ike_sa *);

static uint32_t
mask_of(unsigned int prefix)
{
	return prefix == 0 ? 0 : 0xffffffffU << (32 - prefix);
}

static void
put_addrs(
    struct isakmp_buf *ib, uint16_t number, const struct addr *a, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) /* one attribute each: vpnc refuses a list */
		attr_put_tlv(ib, number, a[i].b, addr_len(&a[i]));
}

static void
put_text(struct isakmp_buf *ib, uint16_t number, const char *text)
{
	if (text[0] != '\0')
		attr_put_tlv(ib, number, text, strlen(text));
}

/*
 * Networks as address and mask, each in a record of size octets whose rest is
 * zero (Unity: protocol and ports).
 */
static void
put_nets(struct isakmp_buf *ib, uint16_t number, const struct network *net,
    size_t n, size_t size)
{
	uint8_t nets[GROUP_NETS * UNITY_NET_LEN], *p = nets;
	size_t i;

	memset(nets, 0, sizeof(nets));
	for (i = 0; i < n; i++) {
		if (net[i].addr.family != ADDR_IP4)
			continue;
		memcpy(p, net[i].addr.b, 4);
		wire_put_u32(p + 4, mask_of(net[i].prefix));
		p += size;
	}
	if (p > nets)
		attr_put_tlv(ib, number, nets, (size_t)(p - nets));
}

static void
put_address(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	put_addrs(ib, INTERNAL_IP4_ADDRESS, &sa->session->address, 1);
}

static void
put_netmask(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	attr_put_u32(
	    ib, INTERNAL_IP4_NETMASK, mask_of(grant_netmask(sa->session)));
}

static void
put_dns(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	const struct addr *a;
	size_t n;

	a = grant_dns(sa->session, &n);
	put_addrs(ib, INTERNAL_IP4_DNS, a, n);
}

static void
put_nbns(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	const struct addr *a;
	size_t n;

	a = grant_wins(sa->session, &n);
	put_addrs(ib, INTERNAL_IP4_NBNS, a, n);
}

/* The address is the session's, which its own limit may end sooner. */
static void
put_expiry(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	uint32_t limit = sa->session->session_timeout;

	attr_put_u32(ib, INTERNAL_ADDRESS_EXPIRY,
	    limit != 0 && limit < sa->lifetime ? limit : sa->lifetime);
}

static void
put_version(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	attr_put_tlv(ib, APPLICATION_VERSION, "ikerd", 5);
}

static void
put_subnets(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	const struct network *net;
	size_t n;

	net = grant_networks(sa->session, &n);
	put_nets(ib, INTERNAL_IP4_SUBNET, net, n, 8);
}

static put_attr put_supported;

static void
put_banner(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	put_text(ib, UNITY_BANNER, grant_banner(sa->session));
}

static void
put_save_password(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	attr_put_tv(ib, UNITY_SAVE_PASSWD, sa->session->group->save_password);
}

static void
put_domain(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	put_text(ib, UNITY_DEFAULT_DOMAIN, grant_domain(sa->session));
}

static void
put_split_dns(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	put_text(ib, UNITY_SPLIT_DNS, sa->session->group->split_dns);
}

static void
put_split_include(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	const struct network *net;
	size_t n;

	net = grant_networks(sa->session, &n);
	put_nets(ib, UNITY_SPLIT_INCLUDE, net, n, UNITY_NET_LEN);
}

static void
put_local_lan(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	const struct group *g = sa->session->group;

	put_nets(ib, UNITY_LOCAL_LAN, g->local, g->nlocal, UNITY_NET_LEN);
}

/*
 * Cisco's clients and vpnc take this for "do PFS, in group 2" and everything
 * else for "do none", so nothing is said where another group is demanded: a
 * client that was configured for that one must not be led off it.
 */
static void
put_pfs(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	const struct group *g = sa->session->group;
	size_t i;

	for (i = 0; i < g->nsuites; i++) {
		if (g->suite[i]->pfs == NULL ||
		    g->suite[i]->pfs->number != IKE_GROUP_MODP1024)
			return;
	}
	if (g->nsuites > 0)
		attr_put_tv(ib, UNITY_PFS, 1);
}

static int
speaks_unity(const struct ike_sa *sa)
{
	return vendor_has(&sa->vendor, VENDOR_UNITY);
}

uint16_t
answer_udp_port(const struct ike_sa *sa)
{
	return sa->nat_peer || sa->nat_us || !speaks_unity(sa) ?
	    0 :
	    sa->session->group->udp_port;
}

static void
put_udp_port(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	if (answer_udp_port(sa) != 0)
		attr_put_tv(ib, UNITY_NATT_PORT, answer_udp_port(sa));
}

static void
put_backup(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	put_text(ib, UNITY_BACKUP_SERVERS, sa->session->group->backup);
}

/*
 * NULL: known, and never told.  Pools are IPv4; firewalls and smart cards are
 * not done here; nobody relays DHCP.
 */
static const struct {
	uint16_t number;
	put_attr *put;
} answers[] = {
	{ INTERNAL_IP4_ADDRESS, put_address },
	{ INTERNAL_IP4_NETMASK, put_netmask },
	{ INTERNAL_IP4_DNS, put_dns },
	{ INTERNAL_IP4_NBNS, put_nbns },
	{ INTERNAL_ADDRESS_EXPIRY, put_expiry },
	{ INTERNAL_IP4_DHCP, NULL },
	{ APPLICATION_VERSION, put_version },
	{ INTERNAL_IP6_ADDRESS, NULL },
	{ INTERNAL_IP6_NETMASK, NULL },
	{ INTERNAL_IP6_DNS, NULL },
	{ INTERNAL_IP6_NBNS, NULL },
	{ INTERNAL_IP6_DHCP, NULL },
	{ INTERNAL_IP4_SUBNET, put_subnets },
	{ SUPPORTED_ATTRIBUTES, put_supported },
	{ INTERNAL_IP6_SUBNET, NULL },
	{ UNITY_BANNER, put_banner },
	{ UNITY_SAVE_PASSWD, put_save_password },
	{ UNITY_DEFAULT_DOMAIN, put_domain },
	{ UNITY_SPLIT_DNS, put_split_dns },
	{ UNITY_SPLIT_INCLUDE, put_split_include },
	{ UNITY_NATT_PORT, put_udp_port },
	{ UNITY_LOCAL_LAN, put_local_lan },
	{ UNITY_PFS, put_pfs },
	{ UNITY_FW_TYPE, NULL },
	{ UNITY_BACKUP_SERVERS, put_backup },
	{ UNITY_DDNS_HOSTNAME, NULL },
	{ UNITY_SMARTCARD_REMOVAL, NULL },
};
#define NANSWERS (sizeof(answers) / sizeof(answers[0]))
_Static_assert(NANSWERS < 31, "a set has a bit for each row");

/* draft-dukes-ike-mode-cfg-02 3.4: the attributes that can be answered. */
static void
put_supported(struct isakmp_buf *ib, const struct ike_sa *sa)
{
	uint8_t numbers[2 * NANSWERS], *p = numbers;
	size_t i;

	for (i = 0; i < NANSWERS; i++) {
		if (answers[i].put == NULL)
			continue;
		wire_put_u16(p, answers[i].number);
		p += 2;
	}
	attr_put_tlv(ib, SUPPORTED_ATTRIBUTES, numbers, (size_t)(p - numbers));
}

static uint32_t
set_of(const uint16_t *number, size_t n)
{
	uint32_t set = 0;
	size_t i, row;

	for (i = 0; i < n; i++) {
		for (row = 0; row < NANSWERS; row++) {
			if (answers[row].number == number[i])
				break;
		}
		set |= row < NANSWERS ? 1U << row : ANSWER_OTHER;
	}
	return set;
}

uint32_t
answer_put(struct isakmp_buf *ib, const struct ike_sa *sa,
    const uint16_t *number, size_t n, uint32_t *left)
{
	uint32_t asked = set_of(number, n), put = 0;
	size_t i, before;

	for (i = 0; i < NANSWERS; i++) {
		if (!(asked & 1U << i) || answers[i].put == NULL ||
		    (attr_info(answers[i].number)->unity && !speaks_unity(sa)))
			continue;
		before = ib->len;
		answers[i].put(ib, sa);
		if (ib->len > before)
			put |= 1U << i;
	}
	*left = asked & ~put;
	return put;
}

void
answer_put_banner(
    struct isakmp_buf *ib, const struct ike_sa *sa, const char *text)
{
	if (speaks_unity(sa))
		put_text(ib, UNITY_BANNER, text);
}

const char *
answer_names(uint32_t set, char *buf, size_t size)
{
	size_t i, at = 0;

	buf[0] = '\0';
	for (i = 0; i < NANSWERS; i++) {
		if (set & 1U << i)
			at = str_append(buf, size, at, "%s%s",
			    at > 0 ? ", " : "",
			    attr_info(answers[i].number)->name);
	}
	if (set & ANSWER_OTHER)
		(void)str_append(
		    buf, size, at, "%s%s", at > 0 ? ", " : "", "unknown ones");
	return buf;
}
