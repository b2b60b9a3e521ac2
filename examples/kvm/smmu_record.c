// SPDX-License-Identifier: MIT
#include "smmu_record.h"

#include <errno.h>

#include "report.h"

#define LONGEST_NAME 4096

int smmu_record_open(const char *path, unsigned int number, FILE **file)
{
	char name[LONGEST_NAME];

	*file = NULL;
	if (!path)
		return 0;
	if (snprintf(name, sizeof(name), "%s.%u", path, number) >= (int)sizeof(name))
		return report_error(path, ENAMETOOLONG, NULL);
	*file = fopen(name, "we");
	return *file ? 0 : report_error(name, errno, NULL);
}

void smmu_record_close(FILE *file)
{
	if (!file)
		return;
	if (ferror(file))
		report_problem("--record", "the log is incomplete");
	if (fclose(file))
		report_error("--record", errno, NULL);
}

/* A write error shows when the log is closed. */
void smmu_record_line(const char *text, size_t length, void *data)
{
	const size_t written = fwrite(text, 1, length, data);

	(void)written;
}
