/*
 * From the grammar's words to rows of the configuration: the actions of
 * parse.y.  Each checks the words it is given (addresses, times, algorithms,
 * lengths) and reports what it expected instead; what needs other rows is
 * check.c's.
 */
#ifndef IKERD_BUILD_H
#define IKERD_BUILD_H

#include <stdint.h>

#include "ikerd/conf.h"
#include "ikerd/lex.h"
#include "ikerd/report.h"

/* What the actions work on: the tree, and the block that is open. */
struct build {
	struct conf *conf;
	struct report *report;
	struct conf_interface *interface;
	struct conf_group *group;
	struct conf_esp *esp;
	struct conf_policy *policy;
	struct conf_listen *listen;
	struct conf_aaa *aaa;
	struct conf_server *server;
};

enum build_limit {
	LIMIT_HALF_OPEN,
	LIMIT_HALF_OPEN_SOURCE,
	LIMIT_SESSIONS,
	LIMIT_DH_RATE
};

/* Statements; legacy: the word stood before them. */
void build_interface(struct build *, const struct lex_value *name,
    const struct lex_value *device, const struct lex_value *level);
void build_interface_address(struct build *, const struct lex_value *);
void build_listen(struct build *, const struct lex_value *addr);
void build_listen_port(struct build *, const struct lex_value *, int natt);
void build_pool(struct build *, const struct lex_value *name,
    const struct lex_value *first, const struct lex_value *last);
/* word[]: authentication, cipher, hash, group */
void build_policy(struct build *, const struct lex_value *priority,
    const struct lex_value word[4]);
void build_policy_lifetime(struct build *, const struct lex_value *);
void build_policy_end(struct build *, int legacy);
void build_esp(struct build *, const struct lex_value *name,
    const struct lex_value *cipher, const struct lex_value *auth);
void build_esp_pfs(struct build *, const struct lex_value *);
void build_esp_lifetime(struct build *, const struct lex_value *);
void build_esp_lifetime_kb(
    struct build *, const struct lex_value *n, const struct lex_value *unit);
void build_esp_end(struct build *, int legacy);
void build_certificate(struct build *, int legacy, const struct lex_value *file,
    const struct lex_value *key);
void build_ca(struct build *, int legacy, const struct lex_value *name,
    const struct lex_value *file, const struct lex_value *crl); /* or NULL */
void build_limit(struct build *, enum build_limit, const struct lex_value *);
void build_dpd(struct build *, const struct lex_value *); /* NULL: no dpd */
void build_keepalive(struct build *, const struct lex_value *);
void build_crypto(struct build *, const struct lex_value *);
void build_filter_keep(struct build *);

/* aaa "NAME" local, and aaa "NAME" PROTOCOL { server ADDRESS ... } */
void build_aaa(
    struct build *, const struct lex_value *name, enum login_protocol);
void build_server(struct build *, const struct lex_value *addr);
void build_server_port(struct build *, const struct lex_value *);
void build_server_timeout(struct build *, const struct lex_value *);
void build_server_key(struct build *, const struct lex_value *, int is_file);
void build_server_interactive(struct build *, const struct lex_value *);
void build_server_end(struct build *, int legacy);

/* group "NAME" { ... } and peer ADDRESS { ... } */
void build_group(struct build *, const struct lex_value *name);
void build_peer(struct build *, const struct lex_value *addr);
void build_peer_any(struct build *, const struct lex_value *);
void build_group_key(struct build *, const struct lex_value *, int is_file);
void build_group_ca(struct build *, const struct lex_value *);
void build_group_identity(struct build *, const struct lex_value *);
void build_group_hybrid(struct build *, const struct lex_value *);
void build_group_pool(struct build *, const struct lex_value *);
/* first: of the statement's */
void build_group_login(struct build *, const struct lex_value *, int first);
void build_group_no_login(struct build *, const struct lex_value *);
void build_group_esp(struct build *, const struct lex_value *);
void build_group_idle(struct build *, const struct lex_value *);
void build_group_session(struct build *, const struct lex_value *);
void build_group_server(
    struct build *, enum server_kind, const struct lex_value *);
void build_group_domain(struct build *, const struct lex_value *);
void build_group_banner(struct build *, const struct lex_value *);
void build_group_network(struct build *, const struct lex_value *);
void build_group_remote(struct build *, const struct lex_value *);
void build_group_local_lan(struct build *, const struct lex_value *);
void build_group_netmask(struct build *, const struct lex_value *);
void build_group_split_dns(struct build *, const struct lex_value *);
void build_group_backup(struct build *, const struct lex_value *);
void build_group_save_password(struct build *);
void build_group_unique(struct build *, enum unique_policy);
void build_group_sessions(struct build *, const struct lex_value *);
void build_group_user_sessions(struct build *, const struct lex_value *);
void build_group_xauth(struct build *, const struct lex_value *);
void build_group_udp(struct build *, const struct lex_value *);
void build_group_config(struct build *, enum config_mode);
void build_group_no_config(struct build *, const struct lex_value *);

#endif /* IKERD_BUILD_H */
