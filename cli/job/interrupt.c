// SPDX-License-Identifier: MIT
#include "job/interrupt.h"

#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A blocked signal waits even where it is ignored, as it is of a job of a shell's background. */
static void add_unless_ignored(sigset_t *signals, int signal)
{
	struct sigaction action;

	if (sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
		sigaddset(signals, signal);
}

void interrupt_watch(struct interrupt *interrupt)
{
	sigset_t signals;

	sigemptyset(&signals);
	add_unless_ignored(&signals, SIGINT);
	add_unless_ignored(&signals, SIGTERM);
	interrupt->fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (interrupt->fd >= 0)
		sigprocmask(SIG_BLOCK, &signals, &interrupt->old_mask);
}

int interrupt_take(const struct interrupt *interrupt)
{
	struct signalfd_siginfo info;

	if (interrupt->fd < 0 || read(interrupt->fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

void interrupt_unwatch(struct interrupt *interrupt)
{
	if (interrupt->fd < 0)
		return;
	sigprocmask(SIG_SETMASK, &interrupt->old_mask, NULL);
	close(interrupt->fd);
	interrupt->fd = -1;
}
