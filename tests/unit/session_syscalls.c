// SPDX-License-Identifier: MIT
/* The system calls that a confined holder can still make, and those that it no longer can. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "array.h"
#include "session/holder/syscalls.h"

/* 0 or -errno. */
static int result(long value)
{
	return value < 0 ? -errno : 0;
}

static int map(int protection)
{
	void *memory = mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? -errno : 0;
}

static int execute(void)
{
	return result(execl("/bin/true", "true", NULL));
}

static int open_connection_elsewhere(void)
{
	return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int make_mapping_executable(void)
{
	return map(PROT_READ | PROT_EXEC);
}

static int make_memory_executable(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
}

static int push_input_of_terminal(void)
{
	return result(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

static int raise_limit(void)
{
	return result(prlimit(0, RLIMIT_CORE, &(struct rlimit){ 0, 0 }, NULL));
}

static int leave_namespace(void)
{
	return result(unshare(CLONE_NEWUSER));
}

static int read_other_process(void)
{
	return result(syscall(SYS_process_vm_writev, getpid(), NULL, 0, NULL, 0, 0));
}

static int kill_other_process(void)
{
	return result(kill(getppid(), 0));
}

static int map_memory(void)
{
	return map(PROT_READ | PROT_WRITE);
}

static int open_file(void)
{
	return result(open("/dev/null", O_RDWR | O_CLOEXEC));
}

static int open_local_socket(void)
{
	return result(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int open_netlink(void)
{
	return result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}

/* No file has it, so an answer proves that the filter let it pass. */
static int call_iommufd(void)
{
	int err = result(ioctl(STDERR_FILENO, _IO(';', 0xff)));

	return err == -EPERM ? err : 0;
}

static int look_at_limit(void)
{
	struct rlimit limit;

	return result(getrlimit(RLIMIT_MEMLOCK, &limit));
}

/*
 * Of i386 and s390x the C library asks for every socket by one call, whose arguments are in memory: no
 * filter sees of what family it is.
 */
#ifdef SYS_socketcall
#define OF_ANOTHER_FAMILY 0
#else
#define OF_ANOTHER_FAMILY (-EPERM)
#endif

static const struct {
	const char *what;
	int (*call)(void);
	int expected;
} calls[] = {
	{ "a program is executed", execute, -EPERM },
	{ "a connection to another host", open_connection_elsewhere, OF_ANOTHER_FAMILY },
	{ "a mapping is executable", make_mapping_executable, -EPERM },
	{ "memory becomes executable", make_memory_executable, -EPERM },
	{ "input is put into a terminal", push_input_of_terminal, -EPERM },
	{ "a limit is set", raise_limit, -EPERM },
	{ "a namespace is left", leave_namespace, -EPERM },
	{ "another process's memory is written", read_other_process, -EPERM },
	{ "another process is signalled", kill_other_process, -EPERM },
	{ "memory is mapped", map_memory, 0 },
	{ "a file is opened", open_file, 0 },
	{ "a local socket is opened", open_local_socket, 0 },
	{ "netlink is asked", open_netlink, 0 },
	{ "an ioctl of iommufd", call_iommufd, 0 },
	{ "a limit is looked at", look_at_limit, 0 },
};

/* In a process of its own, as there is no way back. The exit status is the errno. */
static int when_confined(int (*call)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscalls_confine())
			_exit(255);
		_exit(-call());
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

Test(session_syscalls, what_a_session_does_not_need_is_refused)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		cr_expect_eq(when_confined(calls[i].call), calls[i].expected, "%s", calls[i].what);
}

Test(session_syscalls, a_process_that_may_gain_privileges_has_no_filter_unless_root)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (!geteuid() && (setgid(65534) || setuid(65534)))
			_exit(255);
		_exit(-syscalls_confine());
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status));
	cr_assert_eq(WEXITSTATUS(status), EACCES);
}
