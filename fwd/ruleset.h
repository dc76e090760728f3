/*
 * The policy as text for the system's filter: nftables, or pf as OpenBSD or
 * FreeBSD reads it.  Pure functions: no I/O, no state.  The parent makes the
 * text here, gives it to the loader (ruleset_loader()) on standard input, and
 * shows it for "ikerd -nv"; the filter process uses the names only.
 *
 * Rules are static, tables are dynamic: the text names the tables that the
 * filter process fills at run time, and is right (nothing passes) while they
 * are empty.
 */
#ifndef FWD_RULESET_H
#define FWD_RULESET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/msg.h"
#include "fwd/names.h"

#define RULESET_DEVICE_SIZE 16 /* IFNAMSIZ here and there */

enum ruleset_kind {
	RULESET_NFT,
	RULESET_PF_OPENBSD,
	RULESET_PF_FREEBSD /* NetBSD has no pf any more: none there */
};

struct ruleset_pool {
	char name[NAME_SIZE];
	uint32_t line; /* of ikerd.conf, 0: none */
	struct addr first, last;
};

/* A network behind a peer: nothing of it in the clear. */
struct ruleset_site {
	char name[NAME_SIZE]; /* of the peer */
	uint32_t line;
	struct network net;
};

struct ruleset_interface {
	char name[NAME_SIZE];		  /* "outside" */
	char device[RULESET_DEVICE_SIZE]; /* "em0" */
	uint32_t line;
	uint8_t security; /* 0 is the outside, 100 the inside */
};

/* What the rules are made of; arrays are the caller's, in file order. */
struct ruleset_input {
	const struct ruleset_pool *pools;
	size_t npools;
	const struct ruleset_site *sites;
	size_t nsites;
	const struct ruleset_interface *interfaces;
	size_t ninterfaces;
	/*
	 * 1: this replaces a ruleset of ours that is in force (reload): its
	 * tables keep their members.  0: begin with empty tables (start).
	 */
	int keep_tables;
};

/* The kind of the system this was compiled for; -1: it has no filter. */
int ruleset_native(void);
const char *ruleset_kind_name(enum ruleset_kind); /* "nft", "pf" ... */

/*
 * The whole ruleset as text, which the caller frees.  NULL when it cannot be
 * made: reason says why in words, *line (0: none) the statement to blame.
 */
char *ruleset_text(enum ruleset_kind, const struct ruleset_input *,
    char reason[REASON_SIZE], uint32_t *line);

/*
 * The command that reads such text on standard input, as argv ended by NULL,
 * argv[0] an absolute path.  It loads all or nothing.  With check it only
 * parses.  pf must know the anchor: fwd(8) says what pf.conf needs.
 */
const char *const *ruleset_loader(enum ruleset_kind, int check);

/*
 * The command that removes our ruleset and its tables, in the same form, and
 * the text it wants on standard input ("" for none).
 */
const char *const *ruleset_unloader(enum ruleset_kind, const char **text);

/* The tables that the filter may change, ended by NULL: CONF_TABLE each. */
const char *const *ruleset_tables(void);

/* Between ruleset.c and its back ends. */
struct ruleset_backend {
	const char *name;
	void (*write)(FILE *, const struct ruleset_input *);
	const char *const *load, *const *check, *const *unload;
	const char *unload_text;
};
extern const struct ruleset_backend ruleset_nft;
extern const struct ruleset_backend ruleset_pf_openbsd, ruleset_pf_freebsd;

/* "# pool "x", line 3": what a piece of the text comes from. */
void ruleset_origin(FILE *, const char *indent, const char *what,
    const char *name, uint32_t line);
/* Lines as they are, up to the NULL. */
void ruleset_lines(FILE *, const char *const *);

#endif /* FWD_RULESET_H */
