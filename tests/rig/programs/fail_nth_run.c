// SPDX-License-Identifier: MIT
#include "fail_nth_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "must.h"

#define PRETENDED "/sys/kernel/debug/fail_iommufd/times"
#define PRELOAD	  "tests/rig/programs/libfail_nth.so"

static const struct {
	const char *path;
	const char *value;
} settings[] = {
	{ "/sys/kernel/debug/failslab/ignore-gfp-wait", "N" },
	{ "/sys/kernel/debug/failslab/verbose", "0" },
	{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N" },
	{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N" },
	{ "/sys/kernel/debug/fail_page_alloc/min-order", "0" },
	{ "/sys/kernel/debug/fail_page_alloc/verbose", "0" },
	{ "/sys/kernel/debug/fail_iommufd/verbose", "0" },
};

void run_set(const char *path, const char *value)
{
	const int file = open(path, O_WRONLY | O_CLOEXEC);

	must(write(file, value, strlen(value)) < 0 ? -errno : 0, path);
	close(file);
}

/* What fails takes one off. */
static bool has_pretended(void)
{
	FILE *file = fopen(PRETENDED, "r");
	int digit;

	must(file ? 0 : -errno, PRETENDED);
	digit = fgetc(file);
	fclose(file);
	return digit == '0';
}

void run_set_up(const char *kind)
{
	setenv("FAIL_NTH_IN", kind, 1);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		run_set(settings[i].path, settings[i].value);
	must(prctl(PR_SET_CHILD_SUBREAPER, 1) ? -errno : 0, "subreaper");
}

static void start(char *const argv[], unsigned int nth, const int files[])
{
	char text[16];

	if (dup2(files[0], STDOUT_FILENO) < 0 || dup2(files[1], STDERR_FILENO) < 0)
		_exit(126);
	snprintf(text, sizeof(text), "%u", nth);
	setenv("FAIL_NTH", text, 1);
	snprintf(text, sizeof(text), "%d", files[2]);
	setenv("FAIL_NTH_FD", text, 1);
	setenv("LD_PRELOAD", PRELOAD, 1);
	fcntl(files[2], F_SETFD, 0);
	execvp(argv[0], argv);
	_exit(127);
}

static void take(int file, void *data, size_t size)
{
	const ssize_t length = pread(file, data, size, 0);

	must(length < 0 ? -errno : 0, "what a run has written");
	close(file);
}

void run_command(char *const argv[], unsigned int nth, struct run *run)
{
	int files[3];
	pid_t pid;

	memset(run, 0, sizeof(*run));
	for (size_t i = 0; i < 3; i++) {
		files[i] = memfd_create("run", MFD_CLOEXEC);
		must(files[i] < 0 ? -errno : 0, "memfd_create");
	}
	must(ftruncate(files[2], sizeof(run->record)) ? -errno : 0, "ftruncate");
	run_set(PRETENDED, "1");
	pid = fork();
	must(pid < 0 ? -errno : 0, "fork");
	if (!pid)
		start(argv, nth, files);
	must(waitpid(pid, &run->status, 0) < 0 ? -errno : 0, "waitpid");
	run->left_child = waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
	run->pretended = has_pretended();
	take(files[0], run->out, sizeof(run->out) - 1);
	take(files[1], run->err, sizeof(run->err) - 1);
	take(files[2], &run->record, sizeof(run->record));
}
