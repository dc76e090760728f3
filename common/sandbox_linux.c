/*
 * Confinement on Linux: chroot, own user, no capability but those named,
 * no new privileges, a seccomp filter that kills at the first system call
 * outside the table.  Called once by proc.c.
 */
#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/sandbox.h"

/*
 * What the event loop, the pipes, memory, time, logging and an orderly exit
 * need, in every process.
 */
static const char *const common_calls[] = { "brk", "clock_gettime",
	"clock_nanosleep", "close", "dup", "epoll_ctl", "epoll_pwait",
	"epoll_pwait2", "epoll_wait", "exit", "exit_group", "fcntl", "fstat",
	"futex", "getpid", "getrandom", "getrusage", "gettimeofday", "gettid",
	"lseek", "madvise", "mlock", "mlock2", "mmap", "mprotect", "mremap",
	"munlock", "munmap", "nanosleep", "newfstatat", "poll", "ppoll", "read",
	"readv", "recvfrom", "recvmsg", "restart_syscall", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "sendmsg", "sendto", "tgkill", "time",
	"timerfd_settime", "write", "writev", NULL };

static void
allow(scmp_filter_ctx ctx, const char *const *calls)
{
	int nr;

	for (; calls != NULL && *calls != NULL; calls++) {
		nr = seccomp_syscall_resolve_name(*calls);
		if (nr == __NR_SCMP_ERROR) /* another architecture's */
			continue;
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0) != 0)
			fatalx("sandbox: rule for %s", *calls);
	}
}

/*
 * syslog(3) connects again by itself when syslogd went away: it fails, and
 * the line is lost, but that is no reason to die.
 */
static const char *const refused_calls[] = { "socket", "connect", NULL };

static int
named(const char *const *calls, const char *name)
{
	for (; calls != NULL && *calls != NULL; calls++) {
		if (strcmp(*calls, name) == 0)
			return 1;
	}
	return 0;
}

static void
refuse(scmp_filter_ctx ctx, const struct sandbox *s)
{
	const char *const *call;
	int nr;

	for (call = refused_calls; *call != NULL; call++) {
		nr = seccomp_syscall_resolve_name(*call);
		if (nr == __NR_SCMP_ERROR || named(s->syscalls, *call))
			continue;
		if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), nr, 0) != 0)
			fatalx("sandbox: rule for %s", *call);
	}
}

static void
filter_calls(const struct sandbox *s)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (ctx == NULL)
		fatalx("sandbox: seccomp_init");
	allow(ctx, common_calls);
	allow(ctx, s->syscalls);
	refuse(ctx, s);
	if (seccomp_load(ctx) != 0)
		fatalx("sandbox: seccomp_load");
	seccomp_release(ctx);
}

static void
keep_capabilities(uint64_t keep)
{
	struct __user_cap_header_struct hdr;
	struct __user_cap_data_struct data[2];

	memset(&hdr, 0, sizeof(hdr));
	memset(data, 0, sizeof(data));
	hdr.version = _LINUX_CAPABILITY_VERSION_3;
	data[0].effective = data[0].permitted = (uint32_t)keep;
	data[1].effective = data[1].permitted = (uint32_t)(keep >> 32);
	if (syscall(SYS_capset, &hdr, data) == -1)
		fatal("sandbox: capset");
}

void
sandbox_enter(const struct sandbox *s, const char *user, const char *dir)
{
	int cap;

	sandbox_limit_files(s->files);
	for (cap = 0; cap <= CAP_LAST_CAP; cap++) {
		if (s->capabilities & (uint64_t)1 << cap)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1 &&
		    errno != EINVAL)
			fatal("sandbox: capability bounding set");
	}
	if (s->capabilities != 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1)
		fatal("sandbox: keepcaps");
	sandbox_become(user, dir);
	keep_capabilities(s->capabilities);
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fatal("sandbox: prctl");
	filter_calls(s);
}
