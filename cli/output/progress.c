// SPDX-License-Identifier: MIT
#include "output/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "output/text.h"

/* Returns to the beginning of the line, and clears it. */
#define ERASE "\r\033[K"

#define SECOND_NS  1000000000L
#define REFRESH_NS (SECOND_NS / 5)

/* "1.5G", roughly. */
static const char *print_bytes(uint64_t bytes, char *text, size_t size)
{
	static const char units[] = "KMGTPE";
	size_t unit = 0;

	while (unit + 2 < sizeof(units) && bytes >> (10 * (unit + 2)))
		unit++;
	snprintf(text, size, "%.*f%c", unit > 1,
		(double)bytes / (double)(UINT64_C(1) << (10 * (unit + 1))), units[unit]);
	return text;
}

static void show(struct progress *progress)
{
	const uint64_t done = atomic_load(&progress->done), total = progress->total;
	char part[32], whole[32];

	fprintf(progress->err, ERASE "%s", progress->what);
	if (total)
		fprintf(progress->err, ": %u%%, %s of %s",
			(unsigned int)((double)done / (double)total * 100),
			print_bytes(done, part, sizeof(part)),
			print_bytes(total, whole, sizeof(whole)));
	fflush(progress->err);
}

static void add_ns(struct timespec *time, long ns)
{
	time->tv_nsec += ns;
	time->tv_sec += time->tv_nsec / SECOND_NS;
	time->tv_nsec %= SECOND_NS;
}

static void *attend(void *data)
{
	struct progress *progress = data;
	struct timespec next;
	bool shown = false;

	clock_gettime(CLOCK_MONOTONIC, &next);
	add_ns(&next, SECOND_NS);
	pthread_mutex_lock(&progress->lock);
	while (!progress->ended) {
		if (pthread_cond_timedwait(&progress->changed, &progress->lock, &next) != ETIMEDOUT)
			continue;
		show(progress);
		shown = true;
		add_ns(&next, REFRESH_NS);
	}
	pthread_mutex_unlock(&progress->lock);
	if (shown) {
		fputs(ERASE, progress->err);
		fflush(progress->err);
	}
	return NULL;
}

void progress_start(struct progress *progress, const struct report *report, const char *subject,
	const char *action, uint64_t total)
{
	pthread_condattr_t attributes;
	char escaped[32];

	*progress = (struct progress){ .err = report->err, .total = total };
	if (!report->shows_progress || report->json)
		return;
	snprintf(progress->what, sizeof(progress->what), "%s: %s",
		text_escape(subject, escaped, sizeof(escaped)), action);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&progress->lock, NULL);
	pthread_cond_init(&progress->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	progress->started = !pthread_create(&progress->thread, NULL, attend, progress);
}

void progress_add(struct progress *progress, uint64_t bytes)
{
	if (progress)
		atomic_fetch_add(&progress->done, bytes);
}

void progress_end(struct progress *progress)
{
	if (!progress->started)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->ended = true;
	pthread_cond_signal(&progress->changed);
	pthread_mutex_unlock(&progress->lock);
	pthread_join(progress->thread, NULL);
	pthread_cond_destroy(&progress->changed);
	pthread_mutex_destroy(&progress->lock);
}
