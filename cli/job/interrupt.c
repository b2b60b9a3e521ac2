// SPDX-License-Identifier: MIT
#include "job/interrupt.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "array.h"

static const struct {
	int number;
	const char *name;
} watched[] = {
	{ SIGINT, "SIGINT" },
	{ SIGTERM, "SIGTERM" },
	{ SIGHUP, "SIGHUP" },
	{ SIGQUIT, "SIGQUIT" },
};

#define WATCHED (ARRAY_SIZE(watched))

/* A blocked signal is queued even if it is ignored, as in a shell's background job. */
static bool is_ignored(int signal)
{
	struct sigaction action;

	return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void fill_set(sigset_t *signals)
{
	sigemptyset(signals);
	for (size_t i = 0; i < WATCHED; i++) {
		if (!is_ignored(watched[i].number))
			sigaddset(signals, watched[i].number);
	}
}

int interrupt_watch(struct interrupt *interrupt)
{
	fill_set(&interrupt->signals);
	interrupt->fd = signalfd(-1, &interrupt->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (interrupt->fd < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &interrupt->signals, &interrupt->old_mask);
	return 0;
}

bool interrupt_next(const struct interrupt *interrupt, struct signalfd_siginfo *info)
{
	return interrupt->fd >= 0 && read(interrupt->fd, info, sizeof(*info)) == sizeof(*info);
}

int interrupt_take(const struct interrupt *interrupt)
{
	struct signalfd_siginfo info;

	return interrupt_next(interrupt, &info) ? (int)info.ssi_signo : 0;
}

void interrupt_unwatch(struct interrupt *interrupt)
{
	if (interrupt->fd < 0)
		return;
	while (interrupt_take(interrupt))
		;
	sigprocmask(SIG_SETMASK, &interrupt->old_mask, NULL);
	close(interrupt->fd);
	interrupt->fd = -1;
}

void interrupt_hold(sigset_t *old_mask)
{
	sigset_t signals;

	fill_set(&signals);
	sigprocmask(SIG_BLOCK, &signals, old_mask);
}

void interrupt_release(const sigset_t *old_mask)
{
	sigprocmask(SIG_SETMASK, old_mask, NULL);
}

const char *interrupt_name(int signal)
{
	for (size_t i = 0; i < WATCHED; i++) {
		if (watched[i].number == signal)
			return watched[i].name;
	}
	return "a signal";
}
