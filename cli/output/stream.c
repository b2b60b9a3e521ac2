// SPDX-License-Identifier: MIT
#include "output/stream.h"

#include <errno.h>
#include <poll.h>

static int error_before(FILE *stream)
{
	struct pollfd file = { .fd = fileno(stream) };

	if (!ferror(stream))
		return 0;
	return poll(&file, 1, 0) > 0 && file.revents & POLLERR ? EPIPE : EIO;
}

int stream_flush(FILE *stream)
{
	return fflush(stream) ? errno : error_before(stream);
}

int stream_close(FILE *stream)
{
	const int before = error_before(stream);

	return fclose(stream) ? errno : before;
}
