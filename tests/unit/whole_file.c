// SPDX-License-Identifier: MIT
/* A file is replaced whole, and nothing is left beside it. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/whole_file.h"

static char directory[] = "/tmp/iommuctl-whole.XXXXXX";
static char path[sizeof(directory) + 32];

static void open_directory(void)
{
	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/iommuctl.prom", directory);
}

static void remove_directory(void)
{
	unlink(path);
	rmdir(directory);
}

TestSuite(whole_file, .init = open_directory, .fini = remove_directory);

static size_t count_files(void)
{
	DIR *files = opendir(directory);
	size_t count = 0;

	while (readdir(files))
		count++;
	closedir(files);
	return count - 2;
}

static void expect_content(const char *text)
{
	char content[64] = "";
	FILE *file = fopen(path, "r");

	cr_assert_not_null(file);
	cr_expect_gt(fread(content, 1, sizeof(content) - 1, file), 0);
	fclose(file);
	cr_expect_str_eq(content, text);
}

Test(whole_file, a_file_is_made_for_all_to_read_and_replaced_by_the_next)
{
	struct stat first, second;

	cr_expect_eq(whole_file_replace(path, "one\n", 0644), 0);
	expect_content("one\n");
	cr_assert_eq(stat(path, &first), 0);
	cr_expect_eq(first.st_mode & 0777, 0644);
	cr_expect_eq(whole_file_replace(path, "two", 0644), 0);
	expect_content("two\n");
	cr_assert_eq(stat(path, &second), 0);
	cr_expect_neq(first.st_ino, second.st_ino, "a reader of the old one goes on with it");
	cr_expect_eq(count_files(), 1);
}

Test(whole_file, where_nothing_can_be_written_nothing_is)
{
	char nowhere[sizeof(path) + 16];

	snprintf(nowhere, sizeof(nowhere), "%s/none/metrics", directory);
	cr_expect_eq(whole_file_replace(nowhere, "one\n", 0644), -ENOENT);
	cr_expect_eq(whole_file_write(nowhere, "one\n"), -ENOENT);
	cr_expect_eq(count_files(), 0);
}

Test(whole_file, what_is_no_file_is_not_replaced)
{
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_expect_eq(whole_file_replace(path, "one\n", 0644), -EEXIST);
	cr_expect_eq(count_files(), 1);
	rmdir(path);
	cr_assert_eq(symlink("/dev/null", path), 0);
	cr_expect_eq(whole_file_replace(path, "one\n", 0644), -EEXIST);
}

Test(whole_file, a_device_is_written_to)
{
	cr_expect_eq(whole_file_write("/dev/null", "one\n"), 0);
	cr_expect_eq(whole_file_write("/dev/full", "one\n"), -ENOSPC);
}

Test(whole_file, written_again_it_keeps_its_rights)
{
	struct stat now;

	umask(027);
	cr_expect_eq(whole_file_write(path, "one\n"), 0);
	cr_assert_eq(stat(path, &now), 0);
	cr_expect_eq(now.st_mode & 07777, 0640);
	chmod(path, 0600);
	cr_expect_eq(whole_file_write(path, "two\n"), 0);
	expect_content("two\n");
	cr_assert_eq(stat(path, &now), 0);
	cr_expect_eq(now.st_mode & 07777, 0600);
	cr_expect_eq(count_files(), 1);
}
