// SPDX-License-Identifier: MIT
// Runs each test in a process of its own, as Criterion does. Arguments are patterns of SUITE/TEST; without any, all
// are meant.
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "criterion/criterion.h"

#define SKIPPED 77

static struct runner_entry *entries;
/* Of this process, which runs one test. Any thread may fail. */
static int failures;

void runner_add(struct runner_entry *entry)
{
	entry->next = entries;
	entries = entry;
}

void runner_failed(
	bool fatal, const char *file, int line, const char *condition, const char *format, ...)
{
	va_list arguments;

	flockfile(stderr);
	fprintf(stderr, "%s:%d: not so: %s ", file, line, condition);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	funlockfile(stderr);
	__atomic_store_n(&failures, 1, __ATOMIC_RELAXED);
	if (fatal)
		_exit(EXIT_FAILURE);
}

void runner_skip(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	_exit(SKIPPED);
}

static const struct runner_settings *settings_of(const char *suite)
{
	static const struct runner_settings none = { .timeout = 0 };

	for (const struct runner_entry *entry = entries; entry; entry = entry->next)
		if (!entry->name && !strcmp(entry->suite, suite))
			return &entry->settings;
	return &none;
}

static void run_here(const struct runner_entry *test)
{
	const struct runner_settings *suite = settings_of(test->suite);
	void (*init)(void) = test->settings.init ? test->settings.init : suite->init;
	void (*fini)(void) = test->settings.fini ? test->settings.fini : suite->fini;

	alarm(test->settings.timeout ? test->settings.timeout : suite->timeout);
	if (init)
		init();
	test->run();
	if (fini)
		fini();
	exit(failures ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* What became of it, as wait(2) says. */
static int run_beside(const struct runner_entry *test)
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0)
		run_here(test);
	if (child < 0 || waitpid(child, &status, 0) != child) {
		perror(test->name);
		exit(EXIT_FAILURE);
	}
	return status;
}

static bool matches(const struct runner_entry *entry, const char *pattern)
{
	char name[256];

	snprintf(name, sizeof(name), "%s/%s", entry->suite, entry->name);
	return !fnmatch(pattern, name, 0);
}

static bool is_wanted(const struct runner_entry *entry, char **patterns)
{
	if (!entry->name)
		return false;
	if (!*patterns)
		return true;
	for (; *patterns; patterns++)
		if (matches(entry, *patterns))
			return true;
	return false;
}

/* What UNIT_TESTS_WITHOUT names, by patterns with a space between, cannot run here. */
static bool is_left_out(const struct runner_entry *entry)
{
	const char *without = getenv("UNIT_TESTS_WITHOUT");
	char *copy = strdup(without ? without : ""), *rest = copy, *pattern;
	bool found = false;

	while (!found && (pattern = strsep(&rest, " ")))
		found = matches(entry, pattern);
	free(copy);
	return found;
}

int main(int argc, char **argv)
{
	size_t run = 0;
	size_t failed = 0;
	size_t skipped = 0;

	for (const struct runner_entry *entry = entries; entry; entry = entry->next) {
		int status;

		if (!is_wanted(entry, argv + (argc > 0)))
			continue;
		run++;
		if (is_left_out(entry)) {
			skipped++;
			continue;
		}
		status = run_beside(entry);
		if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
			continue;
		if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
			skipped++;
			continue;
		}
		failed++;
		printf("failed: %s/%s", entry->suite, entry->name);
		if (WIFSIGNALED(status))
			printf(" (%s)", strsignal(WTERMSIG(status)));
		putchar('\n');
	}
	printf("%zu tests, %zu failed, %zu skipped\n", run, failed, skipped);
	if (failed || !run)
		return EXIT_FAILURE;
	return skipped == run ? SKIPPED : EXIT_SUCCESS;
}
