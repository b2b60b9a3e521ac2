// SPDX-License-Identifier: MIT
/* Prints the manual page named by its argument. */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "pages.h"

static const struct {
	const char *name;
	void (*write)(FILE *stream);
} pages[] = {
	{ "iommuctl.1", write_program_page },
	{ "iommuctl-job.5", write_job_page },
	{ "iommuctl-session.7", write_session_page },
};

int main(int argc, char **argv)
{
	const struct command *command = argc == 2 ? command_of_page(argv[1]) : NULL;

	if (command) {
		write_command_page(stdout, command);
		return fclose(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(pages); i++) {
		if (strcmp(pages[i].name, argv[1]) != 0)
			continue;
		pages[i].write(stdout);
		return fclose(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	fprintf(stderr, "usage: %s PAGE\n", argv[0]);
	return EXIT_FAILURE;
}
