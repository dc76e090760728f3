/*
 * Functions of OpenBSD's libc that a system lacks, under their own names.
 * The build includes this before every file where something is missing, so
 * that no other file needs to know; COMPAT in GNUmakefile.SYSTEM names which
 * files of common/compat/libc/ are then compiled.  See each function's
 * manual page on OpenBSD.
 */
#ifndef COMMON_COMPAT_COMPAT_H
#define COMMON_COMPAT_COMPAT_H

#include <sys/types.h>
#include <stddef.h>

/* a block whose old contents (length len or oldnmemb) are zeroed on the way */
void freezero(void *, size_t len);
void *recallocarray(void *, size_t oldnmemb, size_t nmemb, size_t size);

#ifdef __NetBSD__
/* NetBSD has strtonum, reallocarray, closefrom; these it has not */
void explicit_bzero(void *, size_t);
int setresuid(uid_t real, uid_t effective, uid_t saved);
int setresgid(gid_t real, gid_t effective, gid_t saved);
#endif

#endif
