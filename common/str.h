/* Strangers' bytes made safe to log and to show. */
#ifndef COMMON_STR_H
#define COMMON_STR_H

#include <stddef.h>

/*
 * Write len bytes as text that holds only printable ASCII: '"' and '\' get a
 * backslash, every other byte outside 0x20..0x7e becomes \xHH.  Spaces stay,
 * so print the result between double quotes.  What does not fit in size is
 * cut between two characters and ends in "...".  dst is always terminated
 * when size is not 0; returns the length of dst.
 */
size_t str_printable(char *dst, size_t size, const void *bytes, size_t len);

/*
 * What a server says to people, behind the at characters that dst already
 * holds: lines stay lines (without carriage returns), any other byte that is
 * not printable becomes '?'.  Cut to fit size, always terminated.  Returns the
 * new length.
 */
size_t str_message(
    char *dst, size_t size, size_t at, const void *bytes, size_t len);

/*
 * Format behind the at characters that dst already holds; cut to fit size,
 * always terminated.  Returns the new length, for the next call.
 */
size_t str_append(char *dst, size_t size, size_t at, const char *fmt, ...)
    __attribute__((__format__(printf, 4, 5)));

#endif /* COMMON_STR_H */
