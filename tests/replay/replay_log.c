// SPDX-License-Identifier: MIT
/* replay-log FILE: replays the log of a guest's SMMU on the model, and says what came of it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/vsmmuv3_replay.h>

#define LARGEST (1L << 30)

/* All of a file; NULL with errno. */
static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	long size;

	if (!file)
		return NULL;
	if (!fseek(file, 0, SEEK_END) && (size = ftell(file)) > 0 && size < LARGEST &&
		!fseek(file, 0, SEEK_SET))
		text = malloc((size_t)size);
	if (text)
		*length = fread(text, 1, (size_t)size, file);
	fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	struct iommuctl_vsmmuv3_replay replay;
	size_t length = 0;
	char *log = argc == 2 ? read_file(argv[1], &length) : NULL;
	int err;

	if (!log) {
		fprintf(stderr, "replay-log: the argument is no log that can be read\n");
		return 2;
	}
	err = iommuctl_vsmmuv3_replay(log, length, &replay);
	free(log);
	printf("%" PRIu64 " reads, %" PRIu64 " other accesses, %" PRIu64 " effects\n", replay.reads,
		replay.accesses, replay.effects);
	if (err)
		printf("%s:%" PRIu64 ": %s\n", argv[1], replay.line, replay.problem);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
