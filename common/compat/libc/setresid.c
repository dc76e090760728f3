/*
 * setresuid, setresgid: give up root for good.  Compiled where libc has
 * neither (COMPAT).  Only the one use this suite has is served, all three
 * ids the same: there setuid(2) of root sets every id.
 */
#include <errno.h>
#include <unistd.h>

#include "common/compat/compat.h"

int
setresuid(uid_t real, uid_t effective, uid_t saved)
{
	if (real != effective || real != saved) {
		errno = EINVAL;
		return -1;
	}
	return setuid(real);
}

int
setresgid(gid_t real, gid_t effective, gid_t saved)
{
	if (real != effective || real != saved) {
		errno = EINVAL;
		return -1;
	}
	return setgid(real);
}
