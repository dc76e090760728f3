/*
 * NetBSD: KAME's PF_KEY is the dialect, setsockopt(2) prepares IKE's UDP
 * sockets.  Called by the parent, which has the privileges, and by kernel.c.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <net/pfkeyv2.h>
#include <netipsec/ipsec.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "ikerd/ike/kernel_conn.h"
#include "ikerd/ike/pfkey_kame.h"

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
SAME(KAME_SPDUPDATE, SADB_X_SPDUPDATE);
SAME(KAME_SPDADD, SADB_X_SPDADD);
SAME(KAME_SPDDELETE, SADB_X_SPDDELETE);
SAME(KAME_SPDDUMP, SADB_X_SPDDUMP);
SAME(KAME_SATYPE_ESP, SADB_SATYPE_ESP);
SAME(EXT_SA, SADB_EXT_SA);
SAME(EXT_LIFETIME_HARD, SADB_EXT_LIFETIME_HARD);
SAME(EXT_ADDRESS_PROXY, SADB_EXT_ADDRESS_PROXY);
SAME(EXT_KEY_ENCRYPT, SADB_EXT_KEY_ENCRYPT);
SAME(EXT_SPIRANGE, SADB_EXT_SPIRANGE);
SAME(KAME_EXT_POLICY, SADB_X_EXT_POLICY);
SAME(KAME_EXT_SA2, SADB_X_EXT_SA2);
SAME(KAME_EXT_NAT_T_TYPE, SADB_X_EXT_NAT_T_TYPE);
SAME(KAME_EXT_NAT_T_SPORT, SADB_X_EXT_NAT_T_SPORT);
SAME(KAME_EXT_NAT_T_DPORT, SADB_X_EXT_NAT_T_DPORT);
SAME(KAME_MODE_TUNNEL, IPSEC_MODE_TUNNEL);
SAME(KAME_POLICY_DISCARD, IPSEC_POLICY_DISCARD);
SAME(KAME_POLICY_IPSEC, IPSEC_POLICY_IPSEC);
SAME(KAME_POLICY_BYPASS, IPSEC_POLICY_BYPASS);
SAME(KAME_LEVEL_REQUIRE, IPSEC_LEVEL_REQUIRE);
SAME(KAME_LEVEL_UNIQUE, IPSEC_LEVEL_UNIQUE);
SAME(KAME_DIR_IN, IPSEC_DIR_INBOUND);
SAME(KAME_DIR_OUT, IPSEC_DIR_OUTBOUND);
SAME(KAME_REQID_MANUAL_MAX, IPSEC_MANUAL_REQID_MAX);
SAME(REQID_LAST, IPSEC_MANUAL_REQID_MAX);
SAME(KAME_ENCAP_ESPINUDP, UDP_ENCAP_ESPINUDP);
SAME(8, sizeof(struct sadb_x_ipsecrequest));
SAME(24, AF_INET6);
SAME(EINVAL, 22);
SAME(SASTATE_MATURE, SADB_SASTATE_MATURE);

enum kernel_variant
kernel_native(void)
{
	return KERNEL_NETBSD;
}

/* Before root is given up: BYPASS is for the privileged. */
int
kernel_udp_bypass(int fd, int family)
{
	int v6 = family == AF_INET6;
	struct sadb_x_policy p;
	uint8_t dir;

	for (dir = IPSEC_DIR_INBOUND; dir <= IPSEC_DIR_OUTBOUND; dir++) {
		memset(&p, 0, sizeof(p));
		p.sadb_x_policy_len = sizeof(p) / 8;
		p.sadb_x_policy_exttype = SADB_X_EXT_POLICY;
		p.sadb_x_policy_type = IPSEC_POLICY_BYPASS;
		p.sadb_x_policy_dir = dir;
		if (setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
			v6 ? IPV6_IPSEC_POLICY : IP_IPSEC_POLICY, &p,
			sizeof(p)) == -1)
			return -1;
	}
	return 0;
}

int
kernel_udp_encap(int fd, int family)
{
	int type = UDP_ENCAP_ESPINUDP;

	return setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &type, sizeof(type));
}

int
kernel_sysctl_dump(enum pfkey_op op, uint8_t **buf, size_t *len)
{
	errno = ENOTSUP;
	return -1;
}
