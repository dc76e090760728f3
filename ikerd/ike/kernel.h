/*
 * The kernel's IPsec, as the ike process sees it: security associations,
 * flows (policies), counters and expiry, over a PF_KEY socket that somebody
 * else opened.  ike calls it; the dialects behind it are private (pfkey.h).
 *
 * Every request is synchronous: 0, or -1 with errno set and kernel_error()
 * saying in words what was asked and what went wrong.  Nothing here logs a
 * refusal; the caller does, once.  Order of calls for a tunnel, so that
 * nothing leaks and the reqid is known: kernel_flow_add, kernel_spi_get,
 * kernel_sa_update (inbound), kernel_sa_add (outbound); at its end
 * kernel_sa_get (final counters), kernel_sa_delete twice, kernel_flow_delete.
 */
#ifndef IKERD_IKE_KERNEL_H
#define IKERD_IKE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

struct kernel;

/* ESP transform identifiers, RFC 2407 4.4.4 and IANA's additions. */
enum esp_transform {
	ESP_DES = 2,
	ESP_3DES = 3,
	ESP_CAST = 6,
	ESP_BLOWFISH = 7,
	ESP_NULL = 11,
	ESP_AES = 12, /* CBC */
	ESP_AES_CTR = 13,
	ESP_AES_GCM_16 = 20
};

/* Authentication Algorithm attribute, RFC 2407 4.5 and IANA's additions. */
enum esp_auth_number {
	ESP_AUTH_NONE = 0, /* with a combined-mode cipher only */
	ESP_AUTH_HMAC_MD5 = 1,
	ESP_AUTH_HMAC_SHA = 2,
	ESP_AUTH_HMAC_SHA2_256 = 5,
	ESP_AUTH_HMAC_SHA2_384 = 6,
	ESP_AUTH_HMAC_SHA2_512 = 7
};

/*
 * One ESP SA in tunnel mode, src and dst as in its packets' outer header:
 * inbound src is the peer, outbound src is this gateway.  With natt set the
 * ports are those of the UDP around it (peer's 31000, ours 4500), otherwise
 * they are ignored.  Keys belong to the caller and are not kept; a combined
 * mode key ends with its 4-byte salt.  A lifetime of 0 is no limit.
 */
struct esp_sa {
	struct endpoint src;
	struct endpoint dst;
	struct network inner; /* the peer's inner network, as in its flow */
	int natt;	      /* ESP in UDP, RFC 3948 */
	uint32_t spi;	      /* host order */
	uint32_t reqid;	      /* esp_flow.reqid_in or .reqid_out */
	uint8_t encrypt;      /* enum esp_transform */
	uint8_t trunc96;      /* SHA2-256 with the 96-bit draft's ICV */
	uint16_t auth;	      /* enum esp_auth_number */
	const uint8_t *enc_key;
	size_t enc_len; /* bytes */
	const uint8_t *auth_key;
	size_t auth_len; /* bytes */
	uint32_t soft_s; /* seconds after the SA was added */
	uint32_t hard_s;
	uint64_t soft_bytes;
	uint64_t hard_bytes;
};

/*
 * What goes through one pair of SAs: the inner networks seen from the gateway
 * and the two outer addresses.  One flow stands for the inbound policy, the
 * outbound one and, on Linux, the forward one.
 */
struct esp_flow {
	struct network local;  /* inner, our side; 0/0 allowed */
	struct network remote; /* inner, the peer's side */
	struct addr gateway;   /* outer, ours */
	struct addr peer;      /* outer, the peer's (after NAT) */
	/*
	 * The peer's inner network as its SAs have it (esp_sa.inner), where
	 * remote is only a part of that; no family: it is the same.
	 */
	struct network inner;
	/*
	 * Lower wins.  0: narrower selectors win over wider ones (OpenBSD
	 * does that by itself and ignores this field).
	 */
	uint32_t priority;
	/*
	 * Which SAs may serve the flow.  0: chosen by kernel_flow_add, which
	 * writes the numbers for the inbound and the outbound SA back.
	 */
	uint32_t reqid_in;
	uint32_t reqid_out;
};

/* Of one SA.  Times are seconds since the epoch, 0: never. */
struct esp_counters {
	uint64_t bytes; /* as the kernel counts against byte lifetimes */
	uint64_t packets;
	uint64_t added; /* SA was made */
	uint64_t used;	/* first use */
};

/*
 * Events.  They are delivered from kernel_read() only, never from inside a
 * request, so a callback may make requests.  Those that arrive while a
 * request waits for its reply are kept: pending() says so once, and the
 * caller then runs kernel_read() soon from its loop (event_active).
 * An event is a hint: SPIs that ike does not know are not its own.
 */
struct kernel_ops {
	/* hard: the kernel has deleted the SA already; soft: rekey it */
	void (*expire)(
	    void *arg, uint32_t spi, const struct addr *dst, int hard);
	/* inbound ESP in UDP came from a new place (Linux only) */
	void (*mapping)(
	    void *arg, uint32_t spi, const struct endpoint *new_peer);
	/* messages were lost: read again what matters (counters, SAs) */
	void (*lost)(void *arg);
	void (*pending)(void *arg);
};

/* Which PF_KEY is spoken; the numbers are private to this program. */
enum kernel_variant {
	KERNEL_LINUX = 1,
	KERNEL_FREEBSD,
	KERNEL_NETBSD,
	KERNEL_OPENBSD
};

#define KERNEL_ALGS_MAX 64

/* One algorithm of the kernel's list, in PF_KEY's own numbers. */
struct kernel_alg {
	uint8_t id;
	uint16_t minbits;
	uint16_t maxbits;
};

/* What the kernel listed at SADB_REGISTER: a plain value, may be copied. */
struct kernel_algs {
	uint8_t variant; /* enum kernel_variant */
	uint8_t nauth;
	uint8_t nencrypt;
	struct kernel_alg auth[KERNEL_ALGS_MAX];
	struct kernel_alg encrypt[KERNEL_ALGS_MAX];
};

/* Since kernel_new(). */
struct kernel_stats {
	uint64_t requests;
	uint64_t refused;  /* answered with an error */
	uint64_t lost;	   /* not answered in time */
	uint64_t overflow; /* ENOBUFS seen, receive buffer raised */
	uint64_t events;   /* handed to the callbacks */
	uint64_t foreign;  /* other key managers' messages, ignored */
	uint64_t bad;	   /* not parseable, ignored */
};

/*
 * Open the PF_KEY socket, close-on-exec, large receive buffer.  Needs root
 * (CAP_NET_ADMIN); the descriptor keeps its power in a process without, and
 * may be passed to it.  -1 with errno: EAFNOSUPPORT or EPROTONOSUPPORT when
 * the kernel has no IPsec.
 */
int kernel_open(void);

/*
 * Prepare a bound UDP socket for IKE.  bypass: its own packets are exempt
 * from every policy (root needed, so before privileges go; on Linux after
 * kernel_open(), which loads af_key).  encap: the
 * kernel takes ESP in UDP out of what arrives (port 4500 only); nothing to
 * do on OpenBSD.  family is AF_INET or AF_INET6.  0, or -1 with errno.
 */
int kernel_udp_bypass(int fd, int family);
int kernel_udp_encap(int fd, int family);

/*
 * Take over fd (kept, not closed by kernel_free) in the dialect of this
 * system, or of the variant given: a stub kernel on a socketpair speaks
 * KERNEL_LINUX on any system.  Call it in the process that will write, after
 * its last fork: messages carry its pid.  ops and arg must outlive it.
 * NULL with errno when there is no memory.
 */
struct kernel *kernel_new(int fd, const struct kernel_ops *ops, void *arg);
struct kernel *kernel_new_variant(
    int fd, const struct kernel_ops *ops, void *arg, enum kernel_variant);
void kernel_free(struct kernel *);
enum kernel_variant kernel_native(void); /* this system's */

/* Ask for ESP's events and the list of algorithms; repeating it is harmless. */
int kernel_register(struct kernel *, struct kernel_algs *);

/*
 * May an SA have this cipher with this key (keybits without a salt; 0 for a
 * cipher with one size) and this authentication here?  1, or 0 with the
 * reason in words.  The rules are ours: the kernel's list, what works without
 * being listed, exact key sizes, never without authentication or encryption.
 * Pure: also for checking a configuration.
 */
int kernel_can(const struct kernel_algs *, uint8_t encrypt,
    unsigned int keybits, uint16_t auth, int trunc96, char *why, size_t whylen);
/*
 * Bytes of key material an SA takes (RFC 2409 5.5 KEYMAT: encryption key,
 * salt included, then authentication key): 0, or -1 for an unknown pair.
 * keybits 0: the cipher's only size.
 */
int kernel_key_sizes(uint8_t encrypt, unsigned int keybits, uint16_t auth,
    size_t *enc_len, size_t *auth_len);

/*
 * Reserve an SPI for the inbound SA described by sa (src, dst, reqid); it
 * must be installed within 30 s.
 */
int kernel_spi_get(struct kernel *, const struct esp_sa *sa, uint32_t *spi);
/* Install the inbound SA on its reserved SPI. */
int kernel_sa_update(struct kernel *, const struct esp_sa *);
/*
 * Install the outbound SA with the SPI that the peer chose.  EEXIST: another
 * SA has that SPI (FreeBSD: any SA at all): fail this Quick Mode, delete
 * nothing.
 */
int kernel_sa_add(struct kernel *, const struct esp_sa *);
/* src, dst and spi count; already gone is success. */
int kernel_sa_delete(struct kernel *, const struct esp_sa *);
/* src, dst and spi count; ESRCH: no such SA. */
int kernel_sa_get(
    struct kernel *, const struct esp_sa *, struct esp_counters *);
/*
 * The peer is now at another endpoint: change both SAs (src, dst, spi, reqid,
 * natt and inner of the structures count; lifetimes and, where they must be
 * sent again, keys are read from the kernel).  On success in->src and
 * out->dst hold the new endpoint.  0: moved, counters and numbering go on.
 * 1: the kernel could only delete and add (Linux and NetBSD when the address
 * changed, NetBSD for a port too): traffic passes again, but sequence numbers
 * and counters begin anew, so start a new Quick Mode.  After a change of
 * address call kernel_flow_add with the new peer as well; it may write back
 * other reqids (above 0x3fff, not on OpenBSD), then too a new Quick Mode must
 * follow.  OpenBSD prefers an SA that was just moved for sending: move the
 * newest pair last, or only that.
 */
int kernel_sa_move(struct kernel *, struct esp_sa *in, struct esp_sa *out,
    const struct endpoint *new_peer);

/*
 * Install the flow's policies, replacing those with the same selectors, and
 * write the reqids back.  All or nothing.  kernel_flow_delete removes them
 * unless another kernel_flow_add has replaced them since (a client that came
 * back from elsewhere); already gone is success.
 */
int kernel_flow_add(struct kernel *, struct esp_flow *);
int kernel_flow_delete(struct kernel *, const struct esp_flow *);

/*
 * Drop what is to or from the addresses first..last outside any flow (add),
 * or stop doing so.  A standing guard for the whole pool: OpenBSD DENY flows,
 * elsewhere DISCARD policies that every flow outranks.
 */
int kernel_deny_pool(struct kernel *, const struct addr *first,
    const struct addr *last, int add);

/*
 * Remove what a killed predecessor left: policies and flows whose inner
 * remote network the callback says is ours, and the SAs that belong to them
 * or carry a reqid (OpenBSD: an identity) of our own.  Other key managers'
 * are not touched.  Call it before kernel_flow_add; on OpenBSD before
 * pledge(2) and before root is given up, as it uses sysctl(3).
 */
struct kernel_swept {
	unsigned int sas;
	unsigned int policies;
};
int kernel_sweep(struct kernel *,
    int (*ours)(const struct network *remote, void *arg), void *arg,
    struct kernel_swept *);

/* The descriptor is readable, or pending() was called. */
void kernel_read(struct kernel *);

const char *kernel_error(const struct kernel *); /* of the last request */
const struct kernel_stats *kernel_stats(const struct kernel *);

#endif /* IKERD_IKE_KERNEL_H */
