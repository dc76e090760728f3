/*
 * What should be in the filter's tables, and what is: who asked for which
 * address, and which changes lead from what the kernel has to what it should
 * have.  Pure logic; filter_process.c owns one struct filter and makes the
 * changes.
 */
#ifndef FWD_FILTER_H
#define FWD_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

struct filter;

struct filter_range {
	struct addr first, last;
};

enum filter_answer {
	FILTER_OK,
	FILTER_SHARED,	 /* done, but another session has it, too: wrong */
	FILTER_MOVED,	 /* done, but the session had another address */
	FILTER_NO_TABLE, /* none that the parent loaded */
	FILTER_OUTSIDE	 /* the address is in no pool */
};

enum filter_change_kind {
	FILTER_ADD,
	FILTER_DELETE, /* and end its states */
	FILTER_RENEW   /* it changed hands: end its states */
};

struct filter_change {
	enum filter_change_kind kind;
	struct addr addr;
};

struct filter *filter_new(void); /* fatal() without memory, now and later */
void filter_free(struct filter *);

/*
 * These are the tables and the pools now.  Members of tables that are gone
 * are forgotten; those outside the pools stay until their session ends.
 */
void filter_configure(struct filter *, const char *const *tables,
    size_t ntables, const struct filter_range *, size_t nranges);

/* A session's address belongs into a table (again, as often as told). */
enum filter_answer filter_add(
    struct filter *, const char *table, uint64_t session, const struct addr *);
/* It no longer does: 0, or -1 when that was not known. */
int filter_remove(struct filter *, const char *table, uint64_t session);

/* The teller begins again; what it did not tell goes with done(), which
 * returns how many sessions that were.  Until the first done() the kernel's
 * members are taken for a predecessor's, which may be told yet. */
void filter_resync_begin(struct filter *);
uint64_t filter_resync_done(struct filter *);

/* Tables one by one: the name of table number i, or NULL. */
const char *filter_table(const struct filter *, size_t i);

/*
 * Up to max changes that the kernel's table lacks.  They count as made; when
 * the kernel says they were not, read its table (filter_kernel_begin()).
 */
size_t filter_changes(
    struct filter *, const char *table, struct filter_change *, size_t max);

/*
 * The kernel's table was read: between begin and end each member it has.
 */
void filter_kernel_begin(struct filter *, const char *table);
void filter_kernel_has(struct filter *, const char *table, const struct addr *);
void filter_kernel_end(struct filter *, const char *table);

/* Everybody's membership, for people. */
void filter_walk(struct filter *,
    void (*fn)(
	const char *table, const struct addr *, uint64_t session, void *arg),
    void *arg);
uint64_t filter_members(const struct filter *); /* addresses wanted */

#endif /* FWD_FILTER_H */
