// SPDX-License-Identifier: MIT
/* How a command is found in PATH, and why it cannot be executed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "array.h"
#include "job/handover/exec.h"

/* A directory with files that are no programs, and one with a program. */
struct directories {
	char wrong[32];
	char right[32];
};

static void write_file(const char *directory, const char *name, const char *text, mode_t mode)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	fputs(text, file);
	cr_assert_eq(fclose(file), 0);
	cr_assert_eq(chmod(path, mode), 0);
}

static void directories_open(struct directories *directories)
{
	*directories = (struct directories){ "/tmp/iommuctl-XXXXXX", "/tmp/iommuctl-XXXXXX" };
	cr_assert(mkdtemp(directories->wrong) && mkdtemp(directories->right));
	write_file(directories->wrong, "plain", "no program", 0644);
	write_file(directories->wrong, "both", "no program", 0644);
	write_file(directories->wrong, "garbage", "no program, and no script that names one", 0755);
	write_file(directories->right, "both", "#!/bin/sh\nexit 42\n", 0755);
}

static void directories_close(const struct directories *directories)
{
	char command[128];

	snprintf(command, sizeof(command), "PATH=/usr/bin:/bin rm -r %s %s", directories->wrong,
		directories->right);
	cr_expect_eq(system(command), 0);
}

/* The errno of executing @name, or the status of the program with 1000 added. */
static int execute(const char *name)
{
	char *const arguments[] = { (char *)name, NULL };
	int ends[2], error = 0, status;
	pid_t pid;

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		error = exec_in_path(arguments);
		cr_assert_eq(write(ends[1], &error, sizeof(error)), (ssize_t)sizeof(error));
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &error, sizeof(error)) != sizeof(error))
		error = 0;
	close(ends[0]);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return error ? error : 1000 + WEXITSTATUS(status);
}

Test(job_exec, path_is_gone_through_as_by_a_shell)
{
	struct directories directories;
	static const struct {
		const char *path; /* with the wrong and the right directory for the two %s */
		const char *name;
		int result;
	} cases[] = {
		{ "%s:%s", "both", 1042 },
		{ "%s/plain:/nonexistent:%s", "both", 1042 },
		{ "%s:%s", "plain", EACCES },
		{ "%s:%s", "nowhere", ENOENT },
		{ "%s:%s", "garbage", ENOEXEC },
		{ "%s:%s", "", ENOENT },
		{ "", "both", ENOENT },
	};

	directories_open(&directories);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char path[128];

		snprintf(path, sizeof(path), cases[i].path, directories.wrong, directories.right);
		setenv("PATH", path, 1);
		cr_expect_eq(
			execute(cases[i].name), cases[i].result, "%s in %s", cases[i].name, path);
	}
	directories_close(&directories);
}

Test(job_exec, a_name_with_a_slash_is_not_looked_for)
{
	struct directories directories;
	char path[64];

	directories_open(&directories);
	setenv("PATH", directories.right, 1);
	snprintf(path, sizeof(path), "%s/both", directories.wrong);
	cr_expect_eq(execute(path), EACCES);
	snprintf(path, sizeof(path), "%s/garbage", directories.wrong);
	cr_expect_eq(execute(path), ENOEXEC);
	cr_expect_eq(execute("./both"), ENOENT);
	directories_close(&directories);
}

Test(job_exec, without_a_path_the_system_s_programs_are_found)
{
	unsetenv("PATH");
	cr_expect_eq(execute("true"), 1000);
}
