/* The tables of session_index.c, for session.c; session.h has the lookups. */
#ifndef IKERD_IKE_SESSION_INDEX_H
#define IKERD_IKE_SESSION_INDEX_H

struct session;

void index_init(void);
void index_add(struct session *);	/* by its id */
void index_add_place(struct session *); /* by its source, too */
void index_remove(struct session *);	/* from all that it is in */

#endif /* IKERD_IKE_SESSION_INDEX_H */
