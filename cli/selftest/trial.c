// SPDX-License-Identifier: MIT
#include "selftest/trial.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "monotonic.h"

/* How long a job that was asked to end may take to undo everything, in milliseconds. */
#define GRACE_MS 30000

/* A job that runs. */
struct process {
	pid_t pid;
	int pidfd; /* readable once it has ended */
	FILE *out; /* its output, as JSON */
};

/* Does not return. Diagnostics go where ours go; results go to our process. */
static void run_child(const struct trial *trial, FILE *out)
{
	struct report report = { .out = out, .err = stderr, .json = true, .command = "selftest" };
	enum exit_status status;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	status = trial->run(trial->data, trial->file, &report);
	status = report_finish(&report, status);
	/* Something that the job needs is missing: the job itself found nothing wrong. */
	if (status == STATUS_FAILED && report.no_device)
		status = STATUS_SKIPPED;
	_exit(status);
}

static FILE *open_capture(void)
{
	int fd = memfd_create("selftest", MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

	if (!file && fd >= 0)
		close(fd);
	return file;
}

/* Returns 0, or a negative errno with nothing left. */
static int start(const struct trial *trial, struct process *process)
{
	int err;

	*process = (struct process){ .pidfd = -1, .out = open_capture() };
	if (!process->out)
		return errno ? -errno : -ENOMEM;
	process->pid = fork();
	if (!process->pid)
		run_child(trial, process->out);
	if (process->pid > 0)
		process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (process->pidfd >= 0)
		return 0;
	err = errno ? -errno : -EAGAIN;
	if (process->pid > 0) {
		kill(process->pid, SIGKILL);
		waitpid(process->pid, NULL, 0);
	}
	fclose(process->out);
	return err;
}

/* How a wait ended. */
enum waited { WAITED_ENDED, WAITED_TOO_LONG, WAITED_INTERRUPTED };

static enum waited wait_for(
	const struct process *process, const struct interrupt *interrupt, uint64_t limit_ms)
{
	const uint64_t end = (uint64_t)monotonic_ms() + limit_ms;
	struct pollfd files[2] = { { .fd = process->pidfd, .events = POLLIN },
		{ .fd = interrupt ? interrupt->fd : -1, .events = POLLIN } };

	for (;;) {
		const uint64_t now = (uint64_t)monotonic_ms();
		const uint64_t rest = now < end ? end - now : 0;
		int ready = poll(files, 2, rest > 3600000 ? 3600000 : (int)rest);

		if (ready > 0 && files[0].revents)
			return WAITED_ENDED;
		if (ready > 0 && interrupt_take(interrupt))
			return WAITED_INTERRUPTED;
		if (!rest)
			return WAITED_TOO_LONG;
	}
}

/* Asks it to undo what it has done, and in the end kills it. */
static void end(const struct process *process)
{
	kill(process->pid, SIGTERM);
	if (wait_for(process, NULL, GRACE_MS) != WAITED_ENDED)
		kill(process->pid, SIGKILL);
}

static void judge(const struct trial *trial, struct process *process, enum waited waited,
	struct selftest_result *result)
{
	int status = 0;

	while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
		;
	rewind(process->out);
	if (WIFEXITED(status))
		selftest_result_read(result, (enum exit_status)WEXITSTATUS(status), process->out);
	if (waited == WAITED_TOO_LONG)
		selftest_result_fail(result, "did not end within %llu s",
			(unsigned long long)(trial->timeout_ms / 1000));
	else if (waited == WAITED_INTERRUPTED)
		selftest_result_fail(result, "interrupted");
	else if (WIFSIGNALED(status))
		selftest_result_fail(result, "crashed: %s (SIG%s)", strsignal(WTERMSIG(status)),
			sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
}

bool trial_run(const struct trial *trial, const struct interrupt *interrupt,
	struct selftest_result *result)
{
	const int64_t began = monotonic_ms();
	struct process process;
	enum waited waited;
	int err;

	selftest_result_init(result, trial->file);
	err = start(trial, &process);
	if (err) {
		selftest_result_fail(result, "no process for it: %s", strerror(-err));
		return false;
	}
	waited = wait_for(&process, interrupt, trial->timeout_ms);
	if (waited != WAITED_ENDED)
		end(&process);
	judge(trial, &process, waited, result);
	result->seconds = (double)(monotonic_ms() - began) / 1000;
	close(process.pidfd);
	fclose(process.out);
	return waited == WAITED_INTERRUPTED;
}
