/*
 * Numbers of KAME's PF_KEY (FreeBSD, NetBSD, Linux af_key), restated so that
 * the dialect compiles everywhere; kernel_SYSTEM.c checks them against the
 * system's own header.
 */
#ifndef IKERD_IKE_PFKEY_KAME_H
#define IKERD_IKE_PFKEY_KAME_H

enum {
	KAME_SPDUPDATE = 13,
	KAME_SPDADD = 14,
	KAME_SPDDELETE = 15,
	KAME_SPDDUMP = 18,
	KAME_NEW_MAPPING = 23, /* Linux */

	KAME_SATYPE_ESP = 3,

	KAME_EXT_POLICY = 18,
	KAME_EXT_SA2 = 19,
	KAME_EXT_NAT_T_TYPE = 20,
	KAME_EXT_NAT_T_SPORT = 21,
	KAME_EXT_NAT_T_DPORT = 22,
	KAME_EXT_NEW_ADDRESS_SRC = 27, /* FreeBSD */
	KAME_EXT_NEW_ADDRESS_DST = 28, /* FreeBSD */

	KAME_MODE_TUNNEL = 2,
	KAME_POLICY_DISCARD = 0,
	KAME_POLICY_NONE = 1,
	KAME_POLICY_IPSEC = 2,
	KAME_POLICY_BYPASS = 4,
	KAME_LEVEL_REQUIRE = 2,
	KAME_LEVEL_UNIQUE = 3,
	KAME_DIR_IN = 1,
	KAME_DIR_OUT = 2,
	KAME_DIR_FWD = 3, /* Linux */
	KAME_REQID_MANUAL_MAX = 0x3fff,
	KAME_ENCAP_ESPINUDP = 2,
	KAME_PROTO_ANY = 255
};

extern const struct pfkey_variant pfkey_freebsd, pfkey_netbsd, pfkey_linux;

#endif /* IKERD_IKE_PFKEY_KAME_H */
