// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "invocation.h"
#include "output/ignored_signals.h"

/* Without /dev/null, the root directory serves: it can be neither read nor written. */
static bool stand_in(int fd, int flags)
{
	int opened = open("/dev/null", flags);

	if (opened < 0)
		opened = open("/", O_PATH | O_DIRECTORY);
	/* cppcheck-suppress resourceLeak ; stays open, as the lowest that was free */
	return opened == fd;
}

/*
 * The next file to be opened would get the number of a closed standard descriptor. The stand-in is
 * opened for the other direction, so that using it fails as with a closed one.
 */
static void occupy_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && !stand_in(fd, flags))
			exit(STATUS_FAILED);
	}
}

int main(int argc, char **argv)
{
	struct invocation invocation;
	struct report report;
	enum exit_status status;

	occupy_standard_files();
	ignored_signals_ignore();
	report_start(&report);
	status = invocation_parse(&invocation, &report, argc, argv);
	if (status == STATUS_DONE)
		status = invocation.command->run(&invocation);
	invocation_release(&invocation);
	return report_finish(&report, status);
}
