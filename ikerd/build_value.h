/*
 * Words as values, for the actions of the grammar: 0, or -1 when the word was
 * wrong, which has been reported then.  what: "the port", for the message.
 */
#ifndef IKERD_BUILD_VALUE_H
#define IKERD_BUILD_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "ikerd/build.h"

int text_into(struct build *, char *dst, size_t size, const struct lex_value *,
    const char *what);
/* NAME_SIZE octets: one printable line, as tables and log lines use it. */
int name_into(struct build *, char *dst, const struct lex_value *);
/* The same, of letters and digits: it stands in filter rules and commands. */
int word_into(struct build *, char *dst, size_t size, const struct lex_value *,
    const char *what);
/* Once only. */
int ref_into(struct build *, struct conf_ref *, const struct lex_value *,
    const char *what);
int addr_into(struct build *, struct addr *, const struct lex_value *);
int net_into(struct build *, struct network *, const struct lex_value *);
/* Without bits behind the prefix. */
int clean_net_into(struct build *, struct network *, const struct lex_value *);
int number_into(struct build *, uint64_t *, const struct lex_value *,
    uint64_t low, uint64_t high, const char *what);
/* Seconds. */
int time_into(struct build *, uint32_t *, const struct lex_value *,
    uint32_t low, const char *what);
/* In place, of at most max octets, or a file's name; once only. */
void key_into(struct build *, struct conf_key *, const struct lex_value *,
    int is_file, size_t max);

#endif /* IKERD_BUILD_VALUE_H */
