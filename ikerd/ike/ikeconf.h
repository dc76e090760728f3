/*
 * The part of the configuration that ike works by: phase 1 policies, ESP
 * suites, groups, pools.  Built from the parent's messages beside the one in
 * force, checked against what the kernel can do, then swapped as a whole.
 */
#ifndef IKERD_IKE_IKECONF_H
#define IKERD_IKE_IKECONF_H

#include "common/bus.h"
#include "common/msg.h"
#include "common/range.h"
#include "common/table.h"
#include "ikerd/alg/alg.h"
#include "ikerd/ike/certconf.h"

#define GROUP_SERVERS 4 /* DNS and WINS each */
#define GROUP_SUITES 16
#define GROUP_NETS 50
#define GROUP_IDENTITIES 16

struct ike_policy {
	uint32_t line;
	uint16_t priority;
	const struct ike_auth *auth;
	const struct ike_cipher *cipher;
	const struct ike_hash *hash;
	const struct ike_group *group;
	uint32_t lifetime; /* s */
};

struct esp_suite {
	char name[NAME_SIZE];
	uint32_t line;
	const struct esp_cipher *cipher;
	const struct esp_auth *auth; /* NULL with a combined-mode cipher */
	const struct ike_group *pfs; /* demanded; NULL: none */
	uint32_t lifetime;	     /* s */
	uint64_t lifetime_kb;
};

struct group {
	struct table_link link;
	char name[NAME_SIZE];
	char pool[NAME_SIZE];
	char login[NAME_SIZE]; /* "": no XAUTH */
	char domain[TEXT_SIZE];
	char banner[TEXT_SIZE];
	char split_dns[TEXT_SIZE]; /* names joined by commas */
	char backup[TEXT_SIZE];
	uint8_t netmask; /* bits told to the client */
	uint8_t save_password;
	uint8_t xauth;			  /* enum xauth_mode */
	uint8_t unique;			  /* enum unique_policy */
	uint32_t sessions, user_sessions; /* at once, 0: no limit */
	uint8_t has_key;    /* crypto holds a pre-shared key of it */
	uint8_t hybrid;	    /* a password alone may be enough */
	struct cert_ca *ca; /* whose certificates it takes, or NULL */
	char *identity[GROUP_IDENTITIES]; /* which of them; none: by OU */
	size_t nidentities;
	uint8_t is_peer;     /* found by address, by no name of a client's */
	uint8_t config;	     /* enum config_mode; NONE: site.c */
	struct network peer; /* no family: any */
	uint16_t udp_port;   /* Cisco's own encapsulation, 0: none */
	uint32_t line;
	uint32_t idle;	  /* s, 0: no limit */
	uint32_t session; /* s, 0: no limit */
	const struct esp_suite *suite[GROUP_SUITES];
	size_t nsuites;
	struct addr dns[GROUP_SERVERS], wins[GROUP_SERVERS];
	size_t ndns, nwins;
	struct network net[GROUP_NETS]; /* split include; none: all */
	size_t nnets;
	struct network remote[GROUP_NETS]; /* behind a peer */
	size_t nremotes;
	struct network local[GROUP_NETS]; /* split exclude */
	size_t nlocal;
};

struct pool {
	char name[NAME_SIZE];
	struct addr first, last;
};

struct ikeconf {
	struct msg_CONF_LIMITS limits;
	struct msg_CONF_LISTEN *listen;
	size_t nlistens;
	struct ike_policy *policy;
	size_t npolicies;
	struct esp_suite *suite;
	size_t nsuites;
	struct pool *pool;
	size_t npools;
	struct range *guard; /* pools, and networks behind peers */
	size_t nguards;
	struct certconf certs;
	struct group **by_cert; /* those of groups that have a ca, in order */
	size_t nby_cert;
	size_t nhybrid;	     /* groups that say so */
	struct table groups; /* by name, peers too */
	struct group **peer; /* those of groups that are peers */
	size_t npeers;
};

/* The one in force; empty before the first commit, never NULL. */
const struct ikeconf *ikeconf(void);
/* By the name that a client gives, by its address, by either; or NULL. */
struct group *ikeconf_group(const void *name, size_t len);
struct group *ikeconf_peer(const struct addr *);
struct group *ikeconf_same(const struct group *);
/* Does the pool hold the address?  NULL: does any? */
int ikeconf_in_pool(const char *name, const struct addr *);
int ikeconf_listens(const struct endpoint *local, enum socket_kind);

/* For the process's table: items in the order of the file. */
extern const struct msg_handler ikeconf_handlers[];
extern const size_t ikeconf_nhandlers;

/* For certconf.c: the one being built, and why it cannot be had. */
struct ikeconf *ikeconf_building(void);
void ikeconf_refuse(uint32_t line, const char *why);

struct kernel_algs;
void ikeconf_begin(void);
/* Is it whole, and can this kernel do its ESP?  As proc.conf_check. */
int ikeconf_check(
    const struct kernel_algs *, char reason[REASON_SIZE], uint32_t *line);
/*
 * Put the new one in force and return the old one, which the caller gives to
 * ikeconf_free() when nothing points into it any more.
 */
struct ikeconf *ikeconf_commit(void);
void ikeconf_drop(void);
void ikeconf_free(struct ikeconf *);

#endif /* IKERD_IKE_IKECONF_H */
