// SPDX-License-Identifier: MIT
#include "session/client/start_wait.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "monotonic.h"

static enum exit_status report_end(struct report *report, int signal)
{
	struct failure failure = {
		.status = STATUS_FAILED,
		.code = signal ? "interrupted" : "killed",
		.operation = "session",
		.message = "the process that should hold it was killed",
	};

	if (signal)
		failure.message = failure_print(
			&failure, "interrupted by %s, and stopped", interrupt_name(signal));
	return report_failure(report, &failure);
}

/* Waits for a byte at @ready, or for its other end to be closed. Returns the last signal, or 0. */
static int pass_signals(const struct interrupt *interrupt, int ready, pid_t pid)
{
	struct pollfd files[] = {
		{ .fd = ready, .events = POLLIN },
		{ .fd = interrupt->fd, .events = POLLIN },
	};
	int last = 0;

	for (;;) {
		int signal;

		if (poll(files, ARRAY_SIZE(files), -1) < 0) {
			monotonic_pause();
			continue;
		}
		if (files[0].revents)
			return last;
		while ((signal = interrupt_take(interrupt))) {
			last = signal;
			kill(pid, signal);
		}
	}
}

/* The holder itself prints its messages until it is ready. */
enum exit_status await_holder(
	struct report *report, const struct interrupt *interrupt, int ready, pid_t pid)
{
	const int signal = pass_signals(interrupt, ready, pid);
	unsigned char byte;
	ssize_t got;

	do
		got = read(ready, &byte, 1);
	while (got < 0 && errno == EINTR);
	close(ready);
	if (got == 1 && (byte != STATUS_DONE || !signal))
		return (enum exit_status)byte;
	waitpid(pid, NULL, 0);
	/* If it was ready, it has exited since. */
	return report_end(report, got == 1 ? signal : 0);
}
