/*
 * From text to a checked configuration: the doors of the grammar (parse.y),
 * of the checks between rows (check.c), of the key files (keyfile.c) and of
 * the certificates (certfile.c).
 */
#ifndef IKERD_PARSE_H
#define IKERD_PARSE_H

#include <stddef.h>

#include "ikerd/report.h"

struct conf;
struct lexer;

/* The grammar alone: what it found goes into conf, errors into report. */
void parse_tokens(struct lexer *, struct conf *, struct report *);

/* What only several rows together show; also puts policies in order and,
 * where nothing says `listen on', listens on the outermost interface. */
void conf_check(struct conf *, struct report *);
/* Of these, what concerns peers with networks of their own (check_site.c). */
void conf_check_aaas(struct conf *, struct report *);
void conf_check_sites(const struct conf *, struct report *);

/* Read the groups' key files; refuse keys that others can read. */
void conf_read_keys(struct conf *, struct report *);

/*
 * Read certificates, their keys, CAs and CRLs; refuse what does not fit or is
 * weak, and warn of dates.
 */
void conf_read_certificates(struct conf *, struct report *);

/*
 * All of it for a file: the tree, the caller's, or NULL when there was an
 * error, every one of which is in the report.
 */
struct conf *conf_load(const char *path, struct report *);

/* The same for text in memory: includes are refused, key files not read. */
struct conf *conf_load_buffer(
    const char *name, const void *bytes, size_t len, struct report *);

#endif /* IKERD_PARSE_H */
