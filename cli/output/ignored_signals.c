// SPDX-License-Identifier: MIT
#include "output/ignored_signals.h"

#include <stddef.h>

#include "array.h"

static const int ignored[] = { SIGPIPE, SIGXFSZ };

/* As the process found them; a signal that is never ignored had its default action. */
static struct sigaction before[ARRAY_SIZE(ignored)];

void ignored_signals_ignore(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		sigaction(ignored[i], &ignore, &before[i]);
}

void ignored_signals_restore(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		sigaction(ignored[i], &before[i], NULL);
}

void ignored_signals_fill(sigset_t *signals)
{
	sigemptyset(signals);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++) {
		if (before[i].sa_handler != SIG_IGN)
			sigaddset(signals, ignored[i]);
	}
}
