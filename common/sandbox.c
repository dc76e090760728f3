/*
 * The part of confinement that is the same everywhere: limits, chroot and
 * another user.  Called by sandbox_SYSTEM.c only.
 */
#include <sys/types.h>
#include <sys/time.h>
#include <sys/resource.h>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "common/log.h"
#include "common/sandbox.h"

void
sandbox_limit_files(uint64_t files)
{
	struct rlimit rl;

	if (files == 0)
		return;
	rl.rlim_cur = rl.rlim_max = (rlim_t)files;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("sandbox: setrlimit");
}

void
sandbox_become(const char *user, const char *dir)
{
	struct passwd *pw;

	if ((pw = getpwnam(user)) == NULL)
		fatalx("user %s does not exist: create it, or install the "
		       "package that does",
		    user);
	if (chroot(dir) == -1)
		fatal("chroot %s", dir);
	if (chdir("/") == -1)
		fatal("chdir after chroot %s", dir);
	if (setgroups(1, &pw->pw_gid) == -1 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) == -1 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) == -1)
		fatal("becoming user %s", user);
}
