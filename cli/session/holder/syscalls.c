// SPDX-License-Identifier: MIT
#include "session/holder/syscalls.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "array.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#define IS_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define IS_SANITIZED 0
#endif

/* Related calls have many numbers, and the C library may use any of them. */
static const int allowed[] = {
	/* Memory; what it may be is below. */
	SCMP_SYS(brk),
	SCMP_SYS(madvise),
	SCMP_SYS(memfd_create),
	SCMP_SYS(mincore),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),

	/* Devices, their sysfs files, and files of the runtime directory. */
	SCMP_SYS(access),
	SCMP_SYS(chdir),
	SCMP_SYS(close),
	SCMP_SYS(close_range),
	SCMP_SYS(dup),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(fallocate),
	SCMP_SYS(fchmod),
	SCMP_SYS(fcntl),
	SCMP_SYS(fcntl64),
	SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(fstatat64),
	SCMP_SYS(fstatfs),
	SCMP_SYS(fstatfs64),
	SCMP_SYS(fsync),
	SCMP_SYS(ftruncate),
	SCMP_SYS(ftruncate64),
	SCMP_SYS(getcwd),
	SCMP_SYS(getdents64),
	SCMP_SYS(_llseek),
	SCMP_SYS(lseek),
	SCMP_SYS(lstat),
	SCMP_SYS(lstat64),
	SCMP_SYS(newfstatat),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(openat2),
	SCMP_SYS(pread64),
	SCMP_SYS(preadv),
	SCMP_SYS(pwrite64),
	SCMP_SYS(pwritev),
	SCMP_SYS(read),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(readv),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(stat),
	SCMP_SYS(stat64),
	SCMP_SYS(statfs),
	SCMP_SYS(statfs64),
	SCMP_SYS(statx),
	SCMP_SYS(umask),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(write),
	SCMP_SYS(writev),

	/* Clients, a service manager, and netlink; the socket families are below. */
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(bind),
	SCMP_SYS(connect),
	SCMP_SYS(eventfd2),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt),
	SCMP_SYS(listen),
	SCMP_SYS(pipe),
	SCMP_SYS(pipe2),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(pselect6),
	SCMP_SYS(recv),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(send),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown),
	SCMP_SYS(socketpair),

	/* Time, signals, randomness, and exit. */
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(getegid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getpid),
	SCMP_SYS(getppid),
	SCMP_SYS(getrandom),
	SCMP_SYS(getrlimit),
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getuid),
	SCMP_SYS(nanosleep),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigpending),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(signalfd4),
	SCMP_SYS(sigreturn),
	SCMP_SYS(sysinfo),
	SCMP_SYS(tgkill),
	SCMP_SYS(time),
	SCMP_SYS(ugetrlimit),
	SCMP_SYS(uname),
};

/* A leak checker traces this process from another one. */
static const int allowed_to_sanitizers[] = {
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(getdents),
	SCMP_SYS(personality),
	SCMP_SYS(prctl),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(wait4),
};

/* Calls allowed with one such argument. */
static const struct {
	int number;
	struct scmp_arg_cmp only;
} allowed_with[] = {
	{ SCMP_SYS(ioctl), { 1, SCMP_CMP_MASKED_EQ, 0xff00, ';' << 8 } }, /* iommufd and VFIO */
	{ SCMP_SYS(ioctl), { 1, SCMP_CMP_EQ, TIOCGWINSZ, 0 } },
	{ SCMP_SYS(ioctl), { 1, SCMP_CMP_EQ, TCGETS, 0 } },
	{ SCMP_SYS(mmap), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
	{ SCMP_SYS(mmap2), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
	{ SCMP_SYS(mprotect), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
	{ SCMP_SYS(prlimit64), { 2, SCMP_CMP_EQ, 0, 0 } }, /* read, not set */
	{ SCMP_SYS(socket), { 0, SCMP_CMP_EQ, AF_UNIX, 0 } },
	{ SCMP_SYS(socket), { 0, SCMP_CMP_EQ, AF_NETLINK, 0 } },
};

static int allow_all(scmp_filter_ctx filter, const int *numbers, size_t count)
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, numbers[i], 0);
	return err;
}

static int add_rules(scmp_filter_ctx filter)
{
	int err = allow_all(filter, allowed, ARRAY_SIZE(allowed));

	for (size_t i = 0; i < ARRAY_SIZE(allowed_with) && !err; i++)
		err = seccomp_rule_add_array(
			filter, SCMP_ACT_ALLOW, allowed_with[i].number, 1, &allowed_with[i].only);
	if (!err && IS_SANITIZED)
		err = allow_all(filter, allowed_to_sanitizers, ARRAY_SIZE(allowed_to_sanitizers));
	return err;
}

int syscalls_confine(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err;

	if (!filter)
		return -ENOMEM;
	err = add_rules(filter);
	/* Root would not need no_new_privs; anyone else has it set. */
	if (!err)
		err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	/* The filter runs for each call: a tree takes a few steps instead of a hundred. */
	if (!err)
		err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	/* The kernel's own answer, not -ECANCELED. */
	if (!err)
		err = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}
