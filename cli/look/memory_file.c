// SPDX-License-Identifier: MIT
#include "look/memory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "document/value.h"

#define IPA_ALIGNMENT 4096

/* @name gets what is before the '@', if that has a number behind it; names may have an '@' too. */
static int split_argument(const char *argument, char **name, uint64_t *ipa)
{
	const char *at = strrchr(argument, '@');

	*ipa = 0;
	if (at && value_parse_number(at + 1, ipa))
		at = NULL;
	if (!at)
		*ipa = 0;
	*name = at ? strndup(argument, (size_t)(at - argument)) : strdup(argument);
	return *name ? 0 : -ENOMEM;
}

static enum exit_status refuse(
	struct report *report, const char *name, int error, const char *why, const char *remedy)
{
	struct failure failure;

	failure_set(&failure, error, "%s\n%s", why, remedy);
	failure.operation = "look at";
	failure.object = name;
	return report_failure(report, &failure);
}

static enum exit_status map_file(struct look_memory_file *file, int fd, struct report *report)
{
	struct stat stat;

	if (fstat(fd, &stat))
		return report_errno(report, "stat", file->name, errno);
	if (!S_ISREG(stat.st_mode) || stat.st_size <= 0)
		return refuse(report, file->name, -EINVAL, "it is not a file with contents",
			"guest memory is a regular file, or a memfd by its name in /proc");
	if ((uint64_t)stat.st_size > SIZE_MAX ||
		file->range.ipa + (uint64_t)stat.st_size - 1 < file->range.ipa)
		return refuse(report, file->name, -EOVERFLOW,
			"with this IPA, its end is beyond 64 bits",
			"give the IPA of its first byte");
	file->range.size = (uint64_t)stat.st_size;
	file->range.host = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (file->range.host == MAP_FAILED)
		return report_errno(report, "mmap", file->name, errno);
	file->memory = (struct iommuctl_guest_memory){ .ranges = &file->range, .range_count = 1 };
	return STATUS_DONE;
}

enum exit_status look_memory_file_open(
	struct look_memory_file *file, const char *argument, struct report *report)
{
	enum exit_status status;
	int fd;

	*file = (struct look_memory_file){ .name = NULL };
	if (split_argument(argument, &file->name, &file->range.ipa))
		return report_out_of_memory(report);
	fd = open(file->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		status = report_errno(report, "open", file->name, errno);
	else if (file->range.ipa % IPA_ALIGNMENT)
		status = refuse(report, argument, -EINVAL, "the IPA is not a multiple of 4K",
			"guest memory begins at a page");
	else
		status = map_file(file, fd, report);
	if (fd >= 0)
		close(fd);
	if (status)
		free(file->name);
	return status;
}

void look_memory_file_close(struct look_memory_file *file)
{
	munmap(file->range.host, (size_t)file->range.size);
	free(file->name);
}

/* Does not return. Its output is flushed as it is written. */
static void look_in_child(const struct look_memory_file *file, look_memory_fn *look,
	const void *data, struct report *report)
{
	enum exit_status status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	status = look(file, data, report);
	report_flush(report);
	if (!status && (report->memory_lost || report->output_lost))
		status = STATUS_FAILED;
	_exit(status);
}

static enum exit_status judge(
	const struct look_memory_file *file, int wait_status, struct report *report)
{
	struct failure failure;

	if (WIFEXITED(wait_status))
		return (enum exit_status)WEXITSTATUS(wait_status);
	if (WTERMSIG(wait_status) == SIGBUS)
		return refuse(report, file->name, -EIO,
			"it shrank while it was read, or is unreadable there",
			"try again once nothing changes it, or with a copy");
	failure_set(&failure, 0, "ended by signal %d", WTERMSIG(wait_status));
	failure.code = "interrupted";
	failure.operation = "look at";
	failure.object = file->name;
	return report_failure(report, &failure);
}

enum exit_status look_memory_file_look(const struct look_memory_file *file, look_memory_fn *look,
	const void *data, struct report *report)
{
	int wait_status = 0;
	pid_t pid, ended;

	report_flush(report);
	pid = fork();
	if (pid < 0)
		return report_errno(report, "fork", NULL, errno);
	if (!pid)
		look_in_child(file, look, data, report);
	do {
		ended = waitpid(pid, &wait_status, 0);
	} while (ended < 0 && errno == EINTR);
	if (ended < 0)
		return report_errno(report, "waitpid", NULL, errno);
	return judge(file, wait_status, report);
}
