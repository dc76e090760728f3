/*
 * Rows as people read them: columns that fit 80 as far as they can, or JSON,
 * one object a line, made from the message table itself.
 */
#ifndef IKERD_CTL_SHOW_H
#define IKERD_CTL_SHOW_H

#include <stdint.h>
#include <stdio.h>

#include "common/msg.h"

/* One JSON object and a newline; secrets have no place in it. */
void json_row(FILE *, enum msg_type, const void *payload);

/* A table of rows of one type: collected, then printed with a header. */
struct show;
struct show *show_new(enum msg_type); /* NULL: that type has no columns */
void show_add(struct show *, const void *payload);
void show_print(const struct show *, FILE *);
void show_free(struct show *);
size_t show_count(const struct show *);

/* One row as "name  value" lines. */
void show_details(FILE *, enum msg_type, const void *payload);
/* One live event as one line. */
void show_event(FILE *, const struct msg_ROW_EVENT *);

/* A field as text, printable whatever is in it. */
#define FIELD_TEXT_SIZE 600
void field_text(
    const struct msg_field *, const void *payload, char buf[FIELD_TEXT_SIZE]);
/* The message's field of that name; NULL: it has none. */
const struct msg_field *field_find(enum msg_type, const char *name);

#endif /* IKERD_CTL_SHOW_H */
