/*
 * OpenBSD: its own PF_KEY dialect, sysctl(3) for the lists, socket options
 * that exempt IKE's UDP sockets.  Called by the parent, which has the
 * privileges, and by kernel.c.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <netinet/in.h>
#include <net/pfkeyv2.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ikerd/ike/kernel_conn.h"
#include "ikerd/ike/pfkey_obsd.h"

#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #theirs)

SAME(SADB_V2, PF_KEY_V2);
SAME(MSG_GETSPI, SADB_GETSPI);
SAME(MSG_UPDATE, SADB_UPDATE);
SAME(MSG_ADD, SADB_ADD);
SAME(MSG_DELETE, SADB_DELETE);
SAME(MSG_GET, SADB_GET);
SAME(MSG_REGISTER, SADB_REGISTER);
SAME(MSG_EXPIRE, SADB_EXPIRE);
SAME(MSG_DUMP, SADB_DUMP);
SAME(OBSD_ADDFLOW, SADB_X_ADDFLOW);
SAME(OBSD_DELFLOW, SADB_X_DELFLOW);
SAME(OBSD_SPDDUMP, SADB_X_SPDDUMP);
SAME(OBSD_SATYPE_ESP, SADB_SATYPE_ESP);
SAME(EXT_SA, SADB_EXT_SA);
SAME(EXT_LIFETIME_HARD, SADB_EXT_LIFETIME_HARD);
SAME(EXT_ADDRESS_PROXY, SADB_EXT_ADDRESS_PROXY);
SAME(EXT_KEY_ENCRYPT, SADB_EXT_KEY_ENCRYPT);
SAME(EXT_IDENTITY_SRC, SADB_EXT_IDENTITY_SRC);
SAME(EXT_SPIRANGE, SADB_EXT_SPIRANGE);
SAME(OBSD_EXT_SRC_MASK, SADB_X_EXT_SRC_MASK);
SAME(OBSD_EXT_DST_MASK, SADB_X_EXT_DST_MASK);
SAME(OBSD_EXT_PROTOCOL, SADB_X_EXT_PROTOCOL);
SAME(OBSD_EXT_FLOW_TYPE, SADB_X_EXT_FLOW_TYPE);
SAME(OBSD_EXT_SRC_FLOW, SADB_X_EXT_SRC_FLOW);
SAME(OBSD_EXT_DST_FLOW, SADB_X_EXT_DST_FLOW);
SAME(OBSD_EXT_UDPENCAP, SADB_X_EXT_UDPENCAP);
SAME(OBSD_EXT_COUNTER, SADB_X_EXT_COUNTER);
SAME(OBSD_SAFLAGS_TUNNEL, SADB_X_SAFLAGS_TUNNEL);
SAME(OBSD_SAFLAGS_UDPENCAP, SADB_X_SAFLAGS_UDPENCAP);
SAME(OBSD_IDENT_PREFIX, SADB_IDENTTYPE_PREFIX);
SAME(OBSD_IDENT_FQDN, SADB_IDENTTYPE_FQDN);
SAME(OBSD_FLOW_BYPASS, SADB_X_FLOW_TYPE_BYPASS);
SAME(OBSD_FLOW_REQUIRE, SADB_X_FLOW_TYPE_REQUIRE);
SAME(OBSD_FLOW_DENY, SADB_X_FLOW_TYPE_DENY);
SAME(72, sizeof(struct sadb_x_counter));
SAME(24, AF_INET6);
SAME(ESRCH, 3);
SAME(SASTATE_MATURE, SADB_SASTATE_MATURE);

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

enum kernel_variant
kernel_native(void)
{
	return KERNEL_OPENBSD;
}

/* All of them must be BYPASS; lowering a level needs root, and no pledge. */
int
kernel_udp_bypass(int fd, int family)
{
	static const int v4[] = { IP_AUTH_LEVEL, IP_ESP_TRANS_LEVEL,
		IP_ESP_NETWORK_LEVEL, IP_IPCOMP_LEVEL };
	static const int v6[] = { IPV6_AUTH_LEVEL, IPV6_ESP_TRANS_LEVEL,
		IPV6_ESP_NETWORK_LEVEL, IPV6_IPCOMP_LEVEL };
	int level = IPSEC_LEVEL_BYPASS;
	size_t i;

	for (i = 0; i < NELEM(v4); i++)
		if (setsockopt(fd,
			family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP,
			family == AF_INET6 ? v6[i] : v4[i], &level,
			sizeof(level)) == -1)
			return -1;
	return 0;
}

/* The kernel looks at the port alone: net.inet.esp.udpencap_port. */
int
kernel_udp_encap(int fd, int family)
{
	return 0;
}

/* SADB_DUMP needs root; so do the identities in SPD_DUMP. */
int
kernel_sysctl_dump(enum pfkey_op op, uint8_t **buf, size_t *len)
{
	int mib[] = { CTL_NET, PF_KEY, PF_KEY_V2,
		op == OP_DUMP_SA ? NET_KEY_SADB_DUMP : NET_KEY_SPD_DUMP,
		op == OP_DUMP_SA ? SADB_SATYPE_ESP : SADB_SATYPE_UNSPEC };
	int tries;

	*buf = NULL;
	*len = 0;
	for (tries = 0; tries < 5; tries++) {
		if (sysctl(mib, NELEM(mib), NULL, len, NULL, 0) == -1)
			return -1;
		if (*len == 0)
			return 0;
		*len += *len / 8 + 4096; /* it may grow meanwhile */
		if ((*buf = malloc(*len)) == NULL)
			return -1;
		if (sysctl(mib, NELEM(mib), *buf, len, NULL, 0) == 0)
			return 0;
		freezero(*buf, *len);
		*buf = NULL;
		if (errno != ENOMEM)
			return -1;
	}
	errno = ENOMEM;
	return -1;
}
