/* Files that the configuration names: keys, certificates, CRLs. */
#ifndef IKERD_READFILE_H
#define IKERD_READFILE_H

#include <sys/stat.h>

#include <stddef.h>
#include <stdint.h>

#include "ikerd/report.h"

/* What others must not have of a file with a key in it; a group may read. */
#define READFILE_OTHERS (S_IRWXO | S_IWGRP | S_IXGRP)

enum readfile_kind {
	READFILE_PUBLIC, /* others may read it, but not write */
	READFILE_SECRET	 /* nor read; what comes back is secret memory */
};

/*
 * All of a regular file of root's or ours, of at most max octets, as the path
 * is seen from the file of place.  *len gets how many there are, and a NUL
 * stands behind them.  NULL when it was reported; otherwise the caller gives
 * it to readfile_free() with the same kind.
 */
char *readfile(struct report *, uint32_t place, const char *path,
    enum readfile_kind, size_t max, size_t *len);
void readfile_free(char *, enum readfile_kind);

#endif /* IKERD_READFILE_H */
