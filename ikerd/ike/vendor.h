/*
 * Vendor ids: octets to a number, a bit and a name, and back.  One table.
 * Which of them are answered is the exchanges' business.
 */
#ifndef IKERD_IKE_VENDOR_H
#define IKERD_IKE_VENDOR_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/ike/isakmp_build.h"
#include "ikerd/ike/isakmp_parse.h"

enum vendor {
	VENDOR_UNKNOWN,
	VENDOR_XAUTH,
	VENDOR_DPD,
	VENDOR_DPD_NG,
	VENDOR_UNITY,
	VENDOR_NATT_RFC3947,
	VENDOR_NATT_00,
	VENDOR_NATT_01,
	VENDOR_NATT_02,
	VENDOR_NATT_02N, /* -02 with a newline: the one in the field */
	VENDOR_NATT_03,
	VENDOR_NATT_04,
	VENDOR_NATT_05,
	VENDOR_NATT_06,
	VENDOR_NATT_07,
	VENDOR_NATT_08,
	VENDOR_NATT_APPLE, /* never answer: it swaps their NAT-D payloads */
	VENDOR_NATT_STENBERG_01,
	VENDOR_NATT_STENBERG_02,
	VENDOR_FRAGMENTATION,
	VENDOR_ALTIGA_GATEWAY,
	VENDOR_ALTIGA_NETWORKS,
	VENDOR_IKE_CHALLENGE,
	VENDOR_IKE_CHALLENGE_REV,
	VENDOR_CISCOVPN_REV_02,
	VENDOR_CISCO_DELETE_REASON,
	VENDOR_DELETE_WITH_REASON,
	VENDOR_VPNC_UNKNOWN,
	VENDOR_UNITY_FIREWALL,
	VENDOR_RACOON,
	VENDOR_STRONGSWAN,
	VENDOR_MS_NT5,
	VENDOR_MS_INITIAL_CONTACT,
	VENDOR_MS_NEGOTIATION,
	VENDOR_MS_CGA,
	VENDOR_SHREW,
	VENDOR_NETSCREEN,
	VENDOR_HEARTBEAT_NOTIFY,
	VENDOR_NORTEL,
	VENDOR_MAX
};

#define VENDOR_BIT(v) ((uint64_t)1 << (v)) /* for struct vendor_set.seen */

/* Capabilities behind FRAGMENTATION; the bare id counts as phase 1. */
#define FRAG_PHASE1 0x80000000U /* Main and Aggressive Mode */
#define FRAG_BASE 0x40000000U

/* What a peer said it can do, collected over its messages; zero it first. */
struct vendor_set {
	uint64_t seen;	    /* VENDOR_BIT()s */
	uint32_t frag_caps; /* FRAG_*, when FRAGMENTATION was seen */
};

enum vendor vendor_lookup(const uint8_t *body, size_t len);
const char *vendor_name(enum vendor);

/* Add every VID payload of a message to the set. */
void vendor_collect(struct vendor_set *, const struct isakmp_msg *);
int vendor_has(const struct vendor_set *, enum vendor);
/* Names of the set for logs, "XAUTH DPD Unity"; cut to fit. */
const char *vendor_text(const struct vendor_set *, char *buf, size_t size);

/* A whole VID payload as we send it: Unity 1.0, FRAGMENTATION + 80000000. */
void vendor_put(struct isakmp_buf *, enum vendor);

#endif /* IKERD_IKE_VENDOR_H */
