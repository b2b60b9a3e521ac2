// SPDX-License-Identifier: MIT
/* Removes and adds functions while the guest runs. */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "report.h"

#define LONGEST_LINE 64u

/* Collects a line, which may arrive in pieces. A line that is too long is treated as invalid. */
struct line {
	char text[LONGEST_LINE];
	size_t length;
};

struct order {
	const char *word;
	const char *done;
	int (*carry_out)(struct passthrough *passthrough, const char *address);
};

static const struct order orders[] = {
	{ "remove ", "removed", passthrough_remove },
	{ "add ", "added", passthrough_add },
};

static void obey(const struct control *control, const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		const char *address = line + strlen(orders[i].word);

		if (strncmp(line, orders[i].word, strlen(orders[i].word)) != 0)
			continue;
		if (!orders[i].carry_out(control->passthrough, address))
			fprintf(stderr, "kvm-vmm: %s: %s\n", address, orders[i].done);
		return;
	}
	report_problem(line, "neither \"remove ADDRESS\" nor \"add ADDRESS\"");
}

static void take(const struct control *control, struct line *line, char letter)
{
	if (letter != '\n') {
		if (line->length < LONGEST_LINE - 1)
			line->text[line->length++] = letter;
		return;
	}
	line->text[line->length] = '\0';
	line->length = 0;
	obey(control, line->text);
}

static void *run(void *argument)
{
	const struct control *control = argument;
	struct line line = { .length = 0 };

	for (;;) {
		struct pollfd waiting[] = {
			{ .fd = control->fifo, .events = POLLIN },
			{ .fd = control->stop, .events = POLLIN },
		};
		char text[LONGEST_LINE];
		ssize_t got;

		if (poll(waiting, ARRAY_SIZE(waiting), -1) < 0)
			continue;
		if (waiting[1].revents)
			return NULL;
		got = read(control->fifo, text, sizeof(text));
		for (ssize_t i = 0; i < got; i++)
			take(control, &line, text[i]);
	}
}

/* Opened for writing as well, so that reads do not end when the writers close it. */
static int open_fifo(struct control *control, const char *path)
{
	struct stat status;

	control->fifo = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (control->fifo < 0)
		return report_error(path, errno, "--control needs a FIFO: mkfifo makes one");
	if (fstat(control->fifo, &status) || !S_ISFIFO(status.st_mode))
		return report_problem(path, "--control needs a FIFO: mkfifo makes one");
	return 0;
}

static void close_files(struct control *control)
{
	if (control->stop >= 0)
		close(control->stop);
	if (control->fifo >= 0)
		close(control->fifo);
	control->fifo = -1;
	control->stop = -1;
}

int control_start(struct control *control, const char *path, struct passthrough *passthrough)
{
	int err;

	*control = (struct control){ .passthrough = passthrough, .fifo = -1, .stop = -1 };
	if (!path)
		return 0;
	err = open_fifo(control, path);
	if (err)
		goto close;
	control->stop = eventfd(0, EFD_CLOEXEC);
	if (control->stop < 0) {
		err = report_error("eventfd", errno, NULL);
		goto close;
	}
	err = pthread_create(&control->thread, NULL, run, control);
	if (err) {
		err = report_error("the thread of --control", err, NULL);
		goto close;
	}
	return 0;
close:
	close_files(control);
	return err;
}

void control_stop(struct control *control)
{
	const uint64_t one = 1;

	if (control->fifo < 0)
		return;
	if (write(control->stop, &one, sizeof(one)) == sizeof(one))
		pthread_join(control->thread, NULL);
	close_files(control);
}
