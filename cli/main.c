// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "invocation.h"

/*
 * A standard file descriptor that was closed would be taken by the next file that is opened. The
 * stand-in is opened for the other direction, so that its use fails as that of a closed one does.
 */
static void occupy_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", flags) != fd)
			abort();
	}
}

int main(int argc, char **argv)
{
	struct invocation invocation;
	struct report report;
	enum exit_status status;

	occupy_standard_files();
	/* A reader that went away is an error to report, not a reason to die half-way. */
	signal(SIGPIPE, SIG_IGN);
	report_start(&report);
	status = invocation_parse(&invocation, &report, argc, argv);
	if (status == STATUS_DONE)
		status = invocation.command->run(&invocation);
	invocation_release(&invocation);
	return report_finish(&report, status);
}
