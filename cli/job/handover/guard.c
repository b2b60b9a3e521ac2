// SPDX-License-Identifier: MIT
/*
 * We and the guard each hold one end of a socket: when one dies, for any reason, the other reads
 * end-of-file. The guard is a subreaper, so that no descendant of the command escapes when the
 * command exits. If the guard is killed, the kernel kills the command, and the orphans come to us.
 */
#include "job/handover/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job/handover/descendants.h"
#include "job/handover/exec.h"
#include "job/handover/environment.h"
#include "output/ignored_signals.h"

/* What the guard reports, and the command before exec. */
struct message {
	int user_error;
	int exec_error;
	int status; /* exit status of the command, unless an error says that it was not started */
};

static void say(int channel, const struct message *message)
{
	send(channel, message, sizeof(*message), MSG_NOSIGNAL);
}

/* Ctrl-C and Ctrl-\ go from the terminal to the command as well as to us. */
static bool came_from_terminal(const struct signalfd_siginfo *info)
{
	return info->ssi_code == SI_KERNEL &&
	       (info->ssi_signo == SIGINT || info->ssi_signo == SIGQUIT);
}

static void die_with_guard(pid_t guard)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != guard)
		_exit(EXIT_FAILURE);
}

/* Changing the user clears the parent death signal, so set it again. */
static void change_user(const struct user *user, pid_t guard, int channel)
{
	struct message failed = { 0 };
	int err = user_become(user);

	die_with_guard(guard);
	if (!err)
		return;
	failed.user_error = -err;
	say(channel, &failed);
	_exit(EXIT_FAILURE);
}

/* Moves the files to command->first and up. Returns 0 or an errno. */
static int place_files(const struct guard_command *command, int *channel)
{
	const int end = command->first + (int)command->file_count;
	int *copies = calloc(command->file_count, sizeof(*copies));
	int error = copies ? 0 : ENOMEM;

	/* Files in their way are moved first, and are closed at exec. */
	if (!error) {
		int moved = fcntl(*channel, F_DUPFD_CLOEXEC, end);

		error = moved < 0 ? errno : 0;
		*channel = moved < 0 ? *channel : moved;
	}
	for (size_t i = 0; !error && i < command->file_count; i++) {
		copies[i] = fcntl(command->files[i], F_DUPFD_CLOEXEC, end);
		error = copies[i] < 0 ? errno : 0;
	}
	for (size_t i = 0; !error && i < command->file_count; i++)
		error = dup2(copies[i], command->first + (int)i) < 0 ? errno : 0;
	free(copies);
	return error;
}

/* They are for the command only: its children must not take them for theirs. */
static void write_pid(char *const *environment)
{
	const size_t length = strlen(HANDOVER_LISTEN_PID);

	for (; environment && *environment; environment++) {
		if (!strncmp(*environment, HANDOVER_LISTEN_PID, length))
			snprintf(*environment + length, HANDOVER_PID_SIZE, "%d", (int)getpid());
	}
}

static int pass_files(const struct guard_command *command, int *channel)
{
	if (command->first) {
		write_pid(command->environment);
		return place_files(command, channel);
	}
	for (size_t i = 0; i < command->file_count; i++)
		fcntl(command->files[i], F_SETFD, 0);
	return 0;
}

/*
 * The command finds everything as it would without us: signals, and only the files that it names.
 */
static _Noreturn void become_command(const struct guard_command *command,
	const struct interrupt *interrupt, const struct sigaction *old_chld, pid_t guard,
	int channel)
{
	struct message failed = { 0 };

	die_with_guard(guard);
	failed.exec_error = pass_files(command, &channel);
	if (command->output_to_stderr)
		dup2(STDERR_FILENO, STDOUT_FILENO);
	ignored_signals_restore();
	sigaction(SIGCHLD, old_chld, NULL);
	sigprocmask(SIG_SETMASK, &interrupt->old_mask, NULL);
	if (command->user)
		change_user(command->user, guard, channel);
	if (command->environment)
		environ = (char **)command->environment;
	if (!failed.exec_error)
		failed.exec_error = exec_in_path(command->arguments);
	say(channel, &failed);
	_exit(EXIT_FAILURE);
}

/* Reaps all children that have exited. True: @command is among them, with *@status. */
static bool reap(pid_t command, int *status)
{
	bool found = false;
	int ended_with;
	pid_t pid;

	while ((pid = waitpid(-1, &ended_with, WNOHANG)) > 0) {
		if (pid != command)
			continue;
		found = true;
		*status = ended_with;
	}
	return found;
}

/* True: @command has exited. */
static bool attend_signals(const struct interrupt *signals, pid_t command, int *status)
{
	struct signalfd_siginfo info;

	while (interrupt_next(signals, &info)) {
		if (info.ssi_signo == SIGCHLD) {
			if (reap(command, status))
				return true;
		} else if (info.ssi_code != SI_KERNEL) {
			kill(command, (int)info.ssi_signo);
		}
	}
	return false;
}

/*
 * Waits until the command exits (true, with its status), or the process that the guard serves does
 * (false).
 */
static bool watch(const struct interrupt *signals, int channel, pid_t command, int *status)
{
	struct pollfd files[] = {
		{ .fd = signals->fd, .events = POLLIN },
		{ .fd = channel, .events = POLLIN },
	};
	int signal;

	for (;;) {
		if (poll(files, 2, -1) < 0 && errno != EINTR)
			return false;
		if (files[0].revents && attend_signals(signals, command, status))
			return true;
		if (!files[1].revents)
			continue;
		if (recv(channel, &signal, sizeof(signal), 0) != sizeof(signal))
			return false;
		kill(command, signal);
	}
}

static _Noreturn void be_guard(const struct guard_command *command,
	const struct interrupt *interrupt, const struct sigaction *old_chld, int channel)
{
	struct interrupt signals = *interrupt;
	struct message message = { 0 };
	pid_t self = getpid(), pid = -1;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigaddset(&signals.signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals.signals, NULL);
	signals.fd = signalfd(-1, &signals.signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals.fd >= 0)
		pid = fork();
	if (!pid)
		become_command(command, interrupt, old_chld, self, channel);
	if (pid < 0) {
		message.exec_error = errno;
	} else if (!watch(&signals, channel, pid, &message.status)) {
		kill(pid, SIGKILL);
		waitpid(pid, &message.status, 0);
	}
	descendants_end();
	say(channel, &message);
	_exit(EXIT_SUCCESS);
}

/* Reads until the guard closes its end. True: it has reported how the command ended. */
static bool attend(const struct interrupt *interrupt, int channel, struct guard_end *end)
{
	struct pollfd files[] = {
		{ .fd = interrupt->fd, .events = POLLIN },
		{ .fd = channel, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	struct message message;
	bool known = false;

	for (;;) {
		if (poll(files, 2, -1) < 0 && errno != EINTR)
			return known;
		if (files[0].revents && interrupt_next(interrupt, &info) &&
			!came_from_terminal(&info)) {
			int signal = (int)info.ssi_signo;

			send(channel, &signal, sizeof(signal), MSG_NOSIGNAL);
		}
		if (!files[1].revents)
			continue;
		if (recv(channel, &message, sizeof(message), 0) != sizeof(message))
			return known;
		known = true;
		end->status = message.status;
		if (message.user_error)
			end->user_error = message.user_error;
		if (message.exec_error)
			end->exec_error = message.exec_error;
	}
}

static void wait_for_guard(pid_t guard, bool command_is_known, struct guard_end *end)
{
	int status = SIGKILL; /* in case none can be made */

	if (waitpid(guard, &status, 0) == guard && WIFEXITED(status))
		return;
	if (!command_is_known) {
		end->guard_was_ended = true;
		end->status = status;
	}
	descendants_end();
}

/* Resets SIGCHLD: it may be ignored by inheritance, and children would leave no status. */
static int run_guarded(const struct guard_command *command, const struct interrupt *interrupt,
	const struct sigaction *old_chld, struct guard_end *end)
{
	int channel[2], err;
	pid_t guard;
	bool known;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel))
		return -errno;
	guard = fork();
	err = guard < 0 ? -errno : 0;
	if (!guard) {
		close(channel[0]);
		be_guard(command, interrupt, old_chld, channel[1]);
	}
	close(channel[1]);
	if (err) {
		close(channel[0]);
		return err;
	}
	known = attend(interrupt, channel[0], end);
	wait_for_guard(guard, known, end);
	close(channel[0]);
	return 0;
}

int guard_run(const struct guard_command *command, const struct interrupt *interrupt,
	struct guard_end *end)
{
	const struct sigaction plain = { .sa_handler = SIG_DFL };
	struct sigaction old_chld;
	int err, was_subreaper = 0;

	*end = (struct guard_end){ 0 };
	prctl(PR_GET_CHILD_SUBREAPER, &was_subreaper);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigaction(SIGCHLD, &plain, &old_chld);
	err = run_guarded(command, interrupt, &old_chld, end);
	sigaction(SIGCHLD, &old_chld, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, was_subreaper);
	return err;
}
