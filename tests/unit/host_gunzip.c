// SPDX-License-Identifier: MIT
/* The kernel's configuration is unpacked by the system's own gzip, whoever's environment this is. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "host/gunzip.h"
#include "output/memory.h"

/* "CONFIG_IOMMUFD=y\n", compressed. */
static const unsigned char packed[] = {
	0x1f,
	0x8b,
	0x08,
	0x00,
	0x00,
	0x00,
	0x00,
	0x00,
	0x02,
	0x03,
	0x73,
	0xf6,
	0xf7,
	0x73,
	0xf3,
	0x74,
	0x8f,
	0xf7,
	0xf4,
	0xf7,
	0xf5,
	0x0d,
	0x75,
	0x73,
	0xb1,
	0xad,
	0xe4,
	0x02,
	0x00,
	0x00,
	0xe8,
	0x2c,
	0x35,
	0x11,
	0x00,
	0x00,
	0x00,
};

static void write_file(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(data, 1, size, file), size);
	cr_assert_eq(fclose(file), 0);
}

/* A directory with a file, and with a gzip that reports that it was run. */
struct trap {
	char directory[32];
	char file[64];
	char gzip[64];
	char marker[64];
};

static void trap_open(struct trap *trap)
{
	char script[128];

	strcpy(trap->directory, "/tmp/iommuctl-XXXXXX");
	cr_assert_not_null(mkdtemp(trap->directory));
	snprintf(trap->file, sizeof(trap->file), "%s/config.gz", trap->directory);
	snprintf(trap->gzip, sizeof(trap->gzip), "%s/gzip", trap->directory);
	snprintf(trap->marker, sizeof(trap->marker), "%s/marker", trap->directory);
	snprintf(script, sizeof(script), "#!/bin/sh\n: > %s\n", trap->marker);
	write_file(trap->file, packed, sizeof(packed));
	write_file(trap->gzip, script, strlen(script));
	chmod(trap->gzip, 0755);
	setenv("PATH", trap->directory, 1);
	/* What a shell would take for the program gzip. */
	setenv("BASH_FUNC_gzip%%", "() { : > $PWD/marker; }", 1);
}

static void trap_close(const struct trap *trap)
{
	unlink(trap->file);
	unlink(trap->gzip);
	unlink(trap->marker);
	rmdir(trap->directory);
}

Test(host_gunzip, no_program_of_another_user_is_run)
{
	struct gunzip gunzip;
	struct trap trap;
	char line[64] = "";

	trap_open(&trap);
	cr_assert_not_null(gunzip_open(&gunzip, trap.file));
	cr_expect_not_null(fgets(line, sizeof(line), gunzip.stream));
	cr_expect_str_eq(line, "CONFIG_IOMMUFD=y\n");
	cr_expect_null(fgets(line, sizeof(line), gunzip.stream));
	cr_expect(gunzip_close(&gunzip));
	cr_expect_neq(access(trap.marker, F_OK), 0, "the gzip of PATH was run");
	trap_close(&trap);
}

Test(host_gunzip, truncated_input_is_distinguished_from_complete_input)
{
	struct gunzip gunzip;
	struct trap trap;
	char line[64];

	trap_open(&trap);
	for (size_t size = 0; size < sizeof(packed); size++) {
		write_file(trap.file, packed, size);
		cr_assert_not_null(gunzip_open(&gunzip, trap.file));
		while (fgets(line, sizeof(line), gunzip.stream))
			;
		cr_expect_not(gunzip_close(&gunzip), "cut at byte %zu", size);
	}
	trap_close(&trap);
}

/* As many descriptors as leave @count to be had. */
static void limit_descriptors(int count)
{
	struct rlimit limit;
	int first = open("/dev/null", O_RDONLY);

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = (rlim_t)(first + count);
	close(first);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

Test(host_gunzip, what_there_are_no_descriptors_for_is_not_said_to_be_missing)
{
	struct gunzip gunzip;
	struct trap trap;

	trap_open(&trap);
	memory_take_failure();
	limit_descriptors(2);
	cr_expect_null(gunzip_open(&gunzip, trap.file));
	cr_expect(memory_take_failure());
	trap_close(&trap);
}

Test(host_gunzip, what_is_not_there_is_not_opened)
{
	struct gunzip gunzip;

	cr_expect_null(gunzip_open(&gunzip, "/nonexistent/config.gz"));
}
