/*
 * Numbers of OpenBSD's PF_KEY, restated so that the dialect compiles
 * everywhere; kernel_openbsd.c checks them against the system's own header.
 */
#ifndef IKERD_IKE_PFKEY_OBSD_H
#define IKERD_IKE_PFKEY_OBSD_H

enum {
	OBSD_ADDFLOW = 12,
	OBSD_DELFLOW = 13,
	OBSD_SPDDUMP = 16,

	OBSD_SATYPE_ESP = 2,

	OBSD_EXT_SRC_MASK = 17,
	OBSD_EXT_DST_MASK = 18,
	OBSD_EXT_PROTOCOL = 19,
	OBSD_EXT_FLOW_TYPE = 20,
	OBSD_EXT_SRC_FLOW = 21,
	OBSD_EXT_DST_FLOW = 22,
	OBSD_EXT_UDPENCAP = 31,
	OBSD_EXT_COUNTER = 36,

	OBSD_SAFLAGS_TUNNEL = 0x004,
	OBSD_SAFLAGS_UDPENCAP = 0x200,
	OBSD_IDENT_PREFIX = 1,
	OBSD_IDENT_FQDN = 2,
	OBSD_FLOW_REQUIRE = 3,
	OBSD_FLOW_BYPASS = 4,
	OBSD_FLOW_DENY = 5
};

/* Local identity of our SAs and flows, with the reqid's number behind it. */
#define OBSD_IDENT_OURS "ikerd-"

extern const struct pfkey_variant pfkey_openbsd;

#endif /* IKERD_IKE_PFKEY_OBSD_H */
