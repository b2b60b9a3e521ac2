// SPDX-License-Identifier: MIT
/* The command of a job, and signals at any moment: nothing outlives its job, and all is undone. */
#include "job_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/sysfs.h"
#include "job/execute.h"
#include "job/interrupt.h"
#include "job_machine.h"
#include "killing.h"

#define JOB                                                                                        \
	"{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},"                  \
	"'ioas': {'guest': {'map': [{'memory': 'ram'}]}, 'other': {}}}"

/* A slow test is slow; it does not fail for that. */
#define PATIENCE 600

struct run {
	struct machine machine;
	enum exit_status status;
	size_t left_behind;
	char said[8192];
};

/* Whoever runs the tests may ignore signals, as nohup does, and a job leaves it so. */
static void notice_signals(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		signal(signals[i], SIG_DFL);
}

TestSuite(job_child, .init = notice_signals);

/* Carries out JOB with @command, and says so on @stream. */
static void carry_out(struct run *run, char *const *command, FILE *stream, bool json)
{
	struct report report = { .out = stream, .err = stream, .json = json };
	struct cli_context context = { 0 };
	struct platform_host host;
	struct job *job = job_checked(JOB);

	platform_host_init(&host, &sysfs_of_host);
	cr_assert_eq(iommuctl_transport_ledger_new(&run->machine.base, &context.ledger), 0);
	cr_assert_eq(iommuctl_new(context.ledger, &context.ctx), 0);
	run->status = job_execute(job, &context, &host.base, &report,
		command ? &(struct child){ .command = command } : NULL, NULL);
	iommuctl_transport_ledger_get_entries(context.ledger, &run->left_behind);
	iommuctl_free(context.ctx);
	job_free(job);
}

static void run_command(struct run *run, char *const *command)
{
	FILE *stream;

	*run = (struct run){ .status = STATUS_DONE };
	stream = fmemopen(run->said, sizeof(run->said), "w");
	machine_init(&run->machine);
	carry_out(run, command, stream, false);
	fclose(stream);
}

static void run_shell(struct run *run, const char *script)
{
	char *const command[] = { "sh", "-c", (char *)script, NULL };

	run_command(run, command);
}

static void expect_said(const struct run *run, const char *part)
{
	cr_expect_not_null(strstr(run->said, part), "\"%s\" is not in\n%s", part, run->said);
}

/* For killing_run(): a job in JSON, of which @script is the command. */
static void become_job(void *script)
{
	char *const command[] = { "sh", "-c", script, NULL };
	static struct run run;

	signal(SIGPIPE, SIG_IGN);
	machine_init(&run.machine);
	carry_out(&run, command, stdout, true);
	_exit(run.status);
}

#define LEAVES_A_PROCESS "echo greetings; sleep 10000 & exit 0"

Test(job_child, nothing_is_left_whichever_signal_comes_at_whichever_moment, .timeout = PATIENCE)
{
	static struct killed killed;
	struct killing killing = { 0 };
	unsigned long stops;

	killing_run(&killing, become_job, LEAVES_A_PROCESS, &killed);
	cr_assert(WIFEXITED(killed.status) && !WEXITSTATUS(killed.status), "%s", killed.output);
	cr_assert_gt(killed.stops, 50);
	stops = killed.stops;
	for (unsigned int i = 0; i < 400; i++) {
		const char *complaint;

		killing = killing_pick(2026, i, 0, stops);
		killing_run(&killing, become_job, LEAVES_A_PROCESS, &killed);
		complaint = killing_complaint(&killing, &killed);
		cr_assert_null(complaint, "signal %d after %lu of %lu stops: %s:\n%s",
			killing.signal, killing.after, stops, complaint, killed.output);
	}
}

/* A job whose command has begun to wait, and what is inherited by all that comes of it. */
struct waiting {
	pid_t pid;
	int output; /* of the job and its command */
	int held;   /* read to the end once all of it is gone */
};

static void start_waiting(struct waiting *waiting, const char *script)
{
	char *const command[] = { "sh", "-c", (char *)script, NULL };
	int output[2], held[2];
	struct run run = { 0 };
	char letter;

	cr_assert(!pipe2(output, O_CLOEXEC) && !pipe(held));
	waiting->pid = fork();
	if (!waiting->pid) {
		dup2(output[1], STDOUT_FILENO);
		close(held[0]);
		machine_init(&run.machine);
		setvbuf(stdout, NULL, _IOLBF, 0);
		carry_out(&run, command, stdout, false);
		_exit(run.status);
	}
	close(output[1]);
	close(held[1]);
	waiting->output = output[0];
	waiting->held = held[0];
	do
		cr_assert_eq(read(waiting->output, &letter, 1), 1);
	while (letter != '!');
}

/* Waits until all of it is gone. Returns the status, as of waitpid(), and what else was said. */
static int end_waiting(struct waiting *waiting, char *said, size_t size)
{
	size_t used = 0;
	ssize_t got = 1;
	int status;

	for (; got > 0; used += got > 0 ? (size_t)got : 0)
		got = read(waiting->output, said + used, size - 1 - used);
	said[used] = '\0';
	cr_assert_eq(read(waiting->held, &status, 1), 0);
	cr_assert_eq(waitpid(waiting->pid, &status, 0), waiting->pid);
	close(waiting->output);
	close(waiting->held);
	return status;
}

#define WAITS "sleep 10000 & echo !; wait"

Test(job_child, a_signal_is_passed_on_and_all_is_undone, .timeout = PATIENCE)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		char said[4096], expected[64];
		struct waiting waiting;
		int status;

		snprintf(expected, sizeof(expected), "was killed by signal %d", signals[i]);
		start_waiting(&waiting, WAITS);
		kill(waiting.pid, signals[i]);
		status = end_waiting(&waiting, said, sizeof(said));
		cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == STATUS_FAILED);
		cr_expect_not_null(strstr(said, expected), "%s", said);
		cr_expect_not_null(strstr(said, ", 0 left behind"), "%s", said);
	}
}

Test(job_child, every_signal_is_passed_on_not_only_the_first, .timeout = PATIENCE)
{
	struct waiting waiting;
	char said[4096];
	char letter;
	int status;

	start_waiting(&waiting, "trap 'echo once; trap - TERM; echo +' TERM; echo !; "
				"while :; do sleep 10000 & wait; done");
	kill(waiting.pid, SIGTERM);
	do
		cr_assert_eq(read(waiting.output, &letter, 1), 1);
	while (letter != '+');
	kill(waiting.pid, SIGTERM);
	status = end_waiting(&waiting, said, sizeof(said));
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == STATUS_FAILED);
	cr_expect_not_null(strstr(said, "was killed by signal 15"), "%s", said);
}

Test(job_child, a_command_that_ends_well_on_a_signal_is_no_failure, .timeout = PATIENCE)
{
	struct waiting waiting;
	char said[4096];
	int status;

	start_waiting(&waiting, "trap 'exit 0' TERM; " WAITS);
	kill(waiting.pid, SIGTERM);
	status = end_waiting(&waiting, said, sizeof(said));
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == STATUS_DONE, "%s", said);
}

Test(job_child, a_command_that_ignores_signals_ends_with_the_job_that_is_killed,
	.timeout = PATIENCE)
{
	struct waiting waiting;
	char said[4096];
	int status;

	start_waiting(
		&waiting, "trap '' TERM INT HUP QUIT; (trap '' TERM; sleep 10000) & echo !; wait");
	kill(waiting.pid, SIGTERM);
	kill(waiting.pid, SIGKILL);
	status = end_waiting(&waiting, said, sizeof(said));
	cr_expect(WIFSIGNALED(status));
}

Test(job_child, what_a_command_leaves_ends_with_it, .timeout = PATIENCE)
{
	struct run run;
	int held[2];
	char letter;

	cr_assert_eq(pipe(held), 0);
	run_shell(&run, "(setsid sleep 10000 &) ; sleep 10000 & exit 0");
	close(held[1]);
	cr_expect_eq(read(held[0], &letter, 1), 0);
	cr_expect_eq(run.status, STATUS_DONE, "%s", run.said);
}

Test(job_child, a_guard_that_is_killed_takes_the_command_along_and_all_is_undone,
	.timeout = PATIENCE)
{
	struct run run;
	int held[2];
	char letter;

	cr_assert_eq(pipe(held), 0);
	run_shell(&run, "sleep 10000 & kill -KILL $PPID; wait");
	close(held[1]);
	cr_expect_eq(read(held[0], &letter, 1), 0);
	cr_expect_eq(run.status, STATUS_FAILED);
	cr_expect_eq(run.left_behind, 0);
	expect_said(&run, "was killed after signal 9 killed its guard");
}

Test(job_child, a_command_may_end_the_job_through_its_parent, .timeout = PATIENCE)
{
	struct run run;

	run_shell(&run, "kill -TERM $PPID; sleep 10000");
	cr_expect_eq(run.status, STATUS_FAILED);
	expect_said(&run, "sh: command: was killed by signal 15");
}

static int raise_at_destroy(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	if (request == ABI_DESTROY) {
		raise(SIGINT);
		raise(SIGTERM);
	}
	return machine_ioctl(transport, fd, request, arg);
}

Test(job_child, signals_during_the_undo_end_nothing)
{
	FILE *stream;
	struct run run = { .status = STATUS_FAILED };

	stream = fmemopen(run.said, sizeof(run.said), "w");
	machine_init(&run.machine);
	run.machine.base.ioctl = raise_at_destroy;
	carry_out(&run, NULL, stream, false);
	fclose(stream);
	cr_expect_eq(run.status, STATUS_DONE, "%s", run.said);
	cr_expect_eq(run.left_behind, 0);
	expect_said(&run, ": passed");
}

Test(job_child, a_program_that_cannot_be_executed_is_reported)
{
	static const struct {
		char *const command[2];
		const char *message;
		enum exit_status status;
	} cases[] = {
		{ { "/nonexistent/command" }, ": exec: No such file or directory (ENOENT)",
			STATUS_FAILED },
		{ { "no-command-of-this-name" }, ": exec: No such file or directory (ENOENT)",
			STATUS_FAILED },
		{ { "/" }, ": exec: Permission denied (EACCES)", STATUS_NO_PERMISSION },
	};
	struct run run;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		run_command(&run, cases[i].command);
		cr_expect_eq(run.status, cases[i].status, "%s", run.said);
		cr_expect_eq(run.left_behind, 0);
		expect_said(&run, cases[i].message);
	}
}

Test(job_child, a_command_finds_signals_as_they_were)
{
	struct run run;

	/* The masks of blocked and of ignored signals. */
	run_shell(&run, "grep -q '^SigBlk:\t0*$' /proc/self/status && "
			"grep -q '^SigIgn:\t0*$' /proc/self/status");
	cr_expect_eq(run.status, STATUS_DONE, "%s", run.said);
}

Test(job_child, a_signal_that_is_held_waits_and_then_does_what_it_does)
{
	char letter = 0;
	sigset_t old_mask;
	int ends[2], status;
	pid_t pid;

	cr_assert_eq(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		interrupt_hold(&old_mask);
		raise(SIGHUP);
		cr_assert_eq(write(ends[1], "!", 1), 1);
		interrupt_release(&old_mask);
		_exit(0);
	}
	close(ends[1]);
	cr_expect_eq(read(ends[0], &letter, 1), 1);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

/* As the linker has every memfd_create() go here: a kernel that does not know the newest flag. */
static bool kernel_is_old;
int __real_memfd_create(const char *name, unsigned int flags);
int __wrap_memfd_create(const char *name, unsigned int flags);

int __wrap_memfd_create(const char *name, unsigned int flags)
{
	if (!kernel_is_old || !(flags & ~(unsigned int)MFD_CLOEXEC))
		return __real_memfd_create(name, flags);
	errno = EINVAL;
	return -1;
}

/* Ends with 0 where any execute bit of the memory is set. */
#define IS_EXECUTABLE                                                                              \
	"case $(stat -L -c %a /proc/self/fd/{fd:memory.ram}) in *[1357]*) ;; *) exit 9;; esac"

Test(job_child, guest_memory_cannot_be_executed)
{
	struct run run;

	if (__real_memfd_create("probe", MFD_CLOEXEC | 0x8) < 0)
		cr_skip("this kernel cannot make memory that is not to be executed");
	run_shell(&run, IS_EXECUTABLE);
	expect_said(&run, "exited with status 9");
}

Test(job_child, guest_memory_is_made_on_kernels_that_cannot_keep_it_from_being_executed)
{
	struct run run;

	kernel_is_old = true;
	run_shell(&run, IS_EXECUTABLE);
	cr_expect_eq(run.status, STATUS_DONE, "%s", run.said);
}

Test(job_child, in_json_mode_the_output_of_a_command_is_no_result)
{
	static struct killed killed;
	struct killing none = { 0 };

	killing_run(&none, become_job, "echo greetings", &killed);
	cr_expect_null(strstr(killed.output, "greetings"), "%s", killed.output);
	cr_expect_null(killing_complaint(&none, &killed));
}
