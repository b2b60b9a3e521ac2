// SPDX-License-Identifier: MIT
/* A log of any text, replayed: the line that is wrong is one of the log, and said; or all of it came. */
#include <iommuctl/vsmmuv3_replay.h>

#include "input.h"

static size_t count_lines(const uint8_t *data, size_t size)
{
	size_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iommuctl_vsmmuv3_replay replay;
	char *log = malloc(size + 1);
	int err;

	require(log);
	memcpy(log, data, size);
	err = iommuctl_vsmmuv3_replay(log, size, &replay);
	require(strnlen(replay.problem, sizeof(replay.problem)) < sizeof(replay.problem));
	require(!err || *replay.problem);
	require(err || (!*replay.problem && !replay.line));
	require(replay.line <= count_lines(data, size));
	free(log);
	return 0;
}
