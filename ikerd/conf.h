/*
 * The configuration as plain structs: what the grammar builds, the checks
 * judge, the printer prints and the parent sends to its children.  A tree
 * belongs to whoever called conf_new() and is not changed after the checks.
 */
#ifndef IKERD_CONF_H
#define IKERD_CONF_H

#include <sys/types.h>
#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/msg.h"
#include "common/secret.h"
#include "ikerd/alg/alg.h"

#define CONF_DEVICE_SIZE 16 /* IFNAMSIZ, with the NUL */
#define CONF_ADDRESSES_MAX 16
#define CONF_SERVERS_MAX 4
#define CONF_ESPS_MAX 16
#define CONF_NETS_MAX 50
#define CONF_FILES_MAX 64
#define CONF_CA_CERTS_MAX 16 /* certificates in the file of a ca */
#define CONF_CA_CRLS_MAX 16
#define CONF_IDENTITIES_MAX 16 /* patterns of a group */

/* What holds where the file says nothing else. */
#define CONF_IKE_PORT 500
#define CONF_NATT_PORT 4500
#define CONF_IKE_LIFETIME 86400U /* s */
#define CONF_ESP_LIFETIME 28800U /* s */
#define CONF_ESP_LIFETIME_MIN 120U
#define CONF_IKE_LIFETIME_MIN 120U
#define CONF_DPD 30U	   /* s */
#define CONF_KEEPALIVE 20U /* s, RFC 3948 4 */
#define CONF_HALF_OPEN 1000U
#define CONF_HALF_OPEN_SOURCE 50U
#define CONF_SESSIONS 50000U
#define CONF_DH_RATE 500U

#define CONF_LOCAL "LOCAL" /* the aaa list that exists by itself */
#define CONF_LOGINS_MAX 4

/*
 * Where a thing was written: the line, and in the upper bits the file's
 * number among those read (0: ikerd.conf itself, so there a place is the
 * line).  It travels as `line' in CONF_ messages.  0: nowhere.
 */
#define CONF_PLACE_BITS 20
#define CONF_LINE_MAX ((1U << CONF_PLACE_BITS) - 1)
#define CONF_PLACE_STRLEN 1100

struct conf_file {
	char *name;
	mode_t mode; /* 0 for a buffer */
};

/* interface NAME DEVICE security LEVEL { address A/N } */
struct conf_interface {
	TAILQ_ENTRY(conf_interface) entry;
	uint32_t place;
	char name[NAME_SIZE];
	char device[CONF_DEVICE_SIZE];
	uint8_t security;			    /* 0 (outside) to 100 */
	struct network address[CONF_ADDRESSES_MAX]; /* host part kept */
	size_t naddresses;
};

/* listen on A port N nat-t port N */
struct conf_listen {
	TAILQ_ENTRY(conf_listen) entry;
	uint32_t place;
	struct addr addr;
	uint16_t port, natt_port;
	uint16_t udp_port; /* the groups' ipsec-udp, 0: none */
	uint8_t implied;   /* by an interface's address: not printed */
};

/* pool "NAME" FIRST - LAST */
struct conf_pool {
	TAILQ_ENTRY(conf_pool) entry;
	uint32_t place;
	char name[NAME_SIZE];
	struct addr first, last;
};

/* ike policy N AUTH CIPHER HASH GROUP lifetime T */
struct conf_policy {
	TAILQ_ENTRY(conf_policy) entry;
	uint32_t place;
	uint16_t priority; /* lower is tried first */
	const struct ike_auth *auth;
	const struct ike_cipher *cipher;
	const struct ike_hash *hash;
	const struct ike_group *group;
	uint32_t lifetime; /* s */
};

/* esp "NAME" CIPHER HASH pfs GROUP lifetime T lifetime N kB */
struct conf_esp {
	TAILQ_ENTRY(conf_esp) entry;
	uint32_t place;
	char name[NAME_SIZE];
	const struct esp_cipher *cipher;
	const struct esp_auth *auth; /* NULL with an AEAD cipher */
	const struct ike_group *pfs; /* NULL: not demanded */
	uint32_t lifetime;	     /* s */
	uint64_t lifetime_kb;	     /* 0: no limit */
};

/* DER of a certificate or a CRL. */
struct conf_der {
	uint8_t *p;
	size_t len;
};

/* certificate file "FILE" key file "FILE" */
struct conf_certificate {
	TAILQ_ENTRY(conf_certificate) entry;
	uint32_t place;
	uint8_t legacy; /* the word stood before it */
	uint8_t kind;	/* enum sign_kind, once it is read */
	char *file, *key_file;
	/* the rest is empty until conf_read_certificates() */
	struct conf_der chain[CHAIN_MAX]; /* ours first */
	size_t nchain;
	struct secret key; /* DER */
};

/* ca "NAME" file "FILE" crl file "FILE" */
struct conf_ca {
	TAILQ_ENTRY(conf_ca) entry;
	uint32_t place;
	uint8_t legacy;
	char name[NAME_SIZE];
	char *file, *crl_file; /* crl_file: NULL for none */
	/* the rest is empty until conf_read_certificates() */
	struct conf_der cert[CONF_CA_CERTS_MAX];
	struct conf_der crl[CONF_CA_CRLS_MAX];
	size_t ncerts, ncrls;
};

/* The name of something else, and where it was used. */
struct conf_ref {
	uint32_t place; /* 0: not given */
	char name[NAME_SIZE];
};

struct conf_port {
	uint32_t place; /* 0: not given */
	uint16_t port;
};

struct conf_net {
	TAILQ_ENTRY(conf_net) entry;
	uint32_t place;
	struct network net;
};
TAILQ_HEAD(conf_nets, conf_net);

struct conf_identity {
	TAILQ_ENTRY(conf_identity) entry;
	uint32_t place;
	char pattern[TEXT_SIZE];
};
TAILQ_HEAD(conf_identities, conf_identity);

/* login "LIST", ...: aaa lists; one is asked when those before said nothing */
struct conf_login {
	uint32_t place; /* 0: not given */
	size_t n;
	char name[CONF_LOGINS_MAX][NAME_SIZE];
};

/* key "TEXT", or key file "FILE" */
struct conf_key {
	uint32_t place;	      /* 0: not given */
	char *file;	      /* NULL: the key was written in place */
	struct secret secret; /* empty until conf_read_keys() for a file */
};

/* group "NAME" { ... }; a peer is one that is found by address */
struct conf_group {
	TAILQ_ENTRY(conf_group) entry;
	uint32_t place;
	char name[NAME_SIZE]; /* of a peer: conf_peer_name() */
	uint8_t is_peer;
	uint8_t config;	     /* enum config_mode */
	struct network peer; /* no family: any */
	struct conf_key key;
	struct conf_ref ca; /* whose certificates are taken */
	struct conf_identities identities;
	size_t nidentities;
	uint32_t hybrid; /* place of the word, 0: not said */
	struct conf_ref pool;
	struct conf_login login;
	uint32_t no_login;  /* place of `no login' or `no xauth', 0: not said */
	uint32_t no_config; /* place of `no config': it has networks instead */
	struct conf_ref esp[CONF_ESPS_MAX];
	size_t nesp;
	uint32_t idle, session; /* s, 0: no limit */
	struct conf_port udp;	/* ipsec-udp, ESP in UDP without NAT-T */
	struct addr dns[CONF_SERVERS_MAX], wins[CONF_SERVERS_MAX];
	size_t ndns, nwins;
	char domain[TEXT_SIZE], banner[TEXT_SIZE]; /* "": none */
	/* names and addresses joined by commas, as clients are told them */
	char split_dns[TEXT_SIZE], backup[TEXT_SIZE];
	uint8_t netmask; /* bits, 0: not said */
	uint8_t save_password;
	uint8_t xauth; /* enum xauth_mode */
	uint32_t xauth_place;
	uint8_t unique;			  /* enum unique_policy */
	uint32_t sessions, user_sessions; /* 0: no limit */
	struct conf_nets nets;		  /* split include */
	struct conf_nets local;		  /* split exclude */
	struct conf_nets remotes;	  /* behind a peer */
};

/* server ADDRESS ... of an aaa; the ports that are not given are 0 */
struct conf_server {
	TAILQ_ENTRY(conf_server) entry;
	uint32_t place;
	uint8_t legacy;	     /* RADIUS: Message-Authenticator may be missing */
	uint8_t interactive; /* TACACS+: it may ask back */
	struct endpoint at;
	uint32_t timeout; /* s, 0: not given */
	struct conf_key key;
};
TAILQ_HEAD(conf_servers, conf_server);

/* aaa "NAME" local, or aaa "NAME" PROTOCOL { ... } */
struct conf_aaa {
	TAILQ_ENTRY(conf_aaa) entry;
	uint32_t place;
	char name[NAME_SIZE];
	enum login_protocol protocol;
	struct conf_servers servers; /* in the order they are asked */
};

TAILQ_HEAD(conf_interfaces, conf_interface);
TAILQ_HEAD(conf_listens, conf_listen);
TAILQ_HEAD(conf_pools, conf_pool);
TAILQ_HEAD(conf_policies, conf_policy); /* by priority after the checks */
TAILQ_HEAD(conf_esps, conf_esp);
TAILQ_HEAD(conf_certificates, conf_certificate);
TAILQ_HEAD(conf_cas, conf_ca);
TAILQ_HEAD(conf_groups, conf_group);
TAILQ_HEAD(conf_aaas, conf_aaa);

struct conf {
	struct conf_file file[CONF_FILES_MAX];
	size_t nfiles;
	struct conf_interfaces interfaces;
	struct conf_listens listens;
	struct conf_pools pools;
	struct conf_policies policies;
	struct conf_esps esps;
	struct conf_certificates certificates;
	struct conf_cas cas;
	struct conf_groups groups;
	struct conf_aaas aaas;
	uint32_t half_open, half_open_source, sessions, dh_rate;
	uint32_t dpd;	     /* s, 0: never */
	uint32_t keepalive;  /* s, 0: never */
	uint32_t crypto;     /* processes, 0: as many as there are cores */
	uint8_t filter_keep; /* the ruleset stays after the end */
};

struct conf *conf_new(
    void); /* defaults, nothing else; fatal() without memory */
void conf_free(struct conf *); /* keys are zeroed; NULL is allowed */

uint32_t conf_place(size_t file, unsigned int line);
const char *conf_place_text(
    const struct conf *, uint32_t place, char buf[CONF_PLACE_STRLEN]);
/* The path as seen from the directory of the file that names it; malloc'ed. */
char *conf_path(const struct conf *, uint32_t place, const char *path);

/* A new, zeroed row at the end of its list. */
struct conf_interface *conf_interface_add(struct conf *, uint32_t place);
struct conf_listen *conf_listen_add(struct conf *, uint32_t place);
struct conf_pool *conf_pool_add(struct conf *, uint32_t place);
struct conf_policy *conf_policy_add(struct conf *, uint32_t place);
struct conf_esp *conf_esp_add(struct conf *, uint32_t place);
struct conf_certificate *conf_certificate_add(struct conf *, uint32_t place);
struct conf_ca *conf_ca_add(struct conf *, uint32_t place);
struct conf_group *conf_group_add(struct conf *, uint32_t place);
struct conf_aaa *conf_aaa_add(struct conf *, uint32_t place);
struct conf_server *conf_server_add(struct conf_aaa *, uint32_t place);
/* Name a peer by its network: "peer any", "peer 192.0.2.1", ... */
void conf_peer_name(struct conf_group *);
/* group "NAME", or the peer's name, for messages. */
#define CONF_GROUP_STRLEN (NAME_SIZE + 16)
const char *conf_group_text(
    const struct conf_group *, char buf[CONF_GROUP_STRLEN]);
/* enum xauth_mode, enum unique_policy */
const char *conf_xauth_word(unsigned int mode);
const char *conf_unique_word(unsigned int policy);
const char *conf_protocol_word(enum login_protocol);
void conf_net_add(struct conf_nets *, uint32_t place, const struct network *);
struct conf_identity *conf_identity_add(struct conf_group *, uint32_t place);
/* A copy of a certificate's or CRL's octets. */
void conf_der_set(struct conf_der *, const void *, size_t len);

const struct conf_pool *conf_pool_find(const struct conf *, const char *name);
const struct conf_esp *conf_esp_find(const struct conf *, const char *name);
/* Crypto processes: what was configured, or what suits this machine. */
unsigned int conf_crypto(const struct conf *);
const struct conf_ca *conf_ca_find(const struct conf *, const char *name);
const struct conf_aaa *conf_aaa_find(const struct conf *, const char *name);
/* A list of that name, or the one that exists by itself: 1 or 0. */
int conf_login_exists(const struct conf *, const char *name);
/* Do the lists ask nothing but the local file? */
int conf_login_is_local(const struct conf *, const struct conf_login *);
/* Their names joined by commas, cut to NAME_SIZE; returns the length wanted. */
size_t conf_login_text(const struct conf_login *, char buf[NAME_SIZE]);

/* Does this row need the word legacy? */
int conf_policy_legacy(const struct conf_policy *);
int conf_esp_legacy(const struct conf_esp *);
/* Single DES in phase 1: OpenSSL has it in its legacy provider only. */
int conf_legacy_provider(const struct conf *);

#endif /* IKERD_CONF_H */
