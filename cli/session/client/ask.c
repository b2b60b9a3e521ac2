// SPDX-License-Identifier: MIT
#include "session/client/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "array.h"
#include "session/holder/request.h"
#include "session/client/runtime.h"

/* An answer that is being read. */
struct reading {
	struct report *report;
	struct ask *ask;
	int fd;
	char *text;
	size_t used;
	size_t room;
	enum exit_status status;
	bool done;
};

/* @error of 0: it has closed the connection, because it ends or has too many clients. */
static enum exit_status report_lost(
	struct report *report, int directory, const char *name, int error)
{
	struct failure failure = { .operation = "session", .object = name, .error = error };

	if (!error && runtime_is_locked(directory, name) > 0) {
		failure.code = "dropped";
		failure.message = "the session is still running, but has closed the connection";
		failure_explain(&failure, NULL, "ask again");
	} else if (!error) {
		failure.code = "ended";
		failure.message = "the session ended before it answered";
	}
	return report_failure(report, &failure);
}

/* The request in the protocol's format. */
static int columns_of(const struct report *report)
{
	return report->columns < REQUEST_COLUMNS_MAX ? (int)report->columns : REQUEST_COLUMNS_MAX;
}

static int send_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return -errno;
		if (sent > 0) {
			text += sent;
			length -= (size_t)sent;
		}
	}
	return 0;
}

static int send_request(int fd, const struct report *report, struct ask *ask)
{
	json_t *request = json_pack("{s:i, s:s, s:b, s:i, s:O}", "iommuctl", 1, "format",
		report->json ? "json" : "text", "color", report->color_err, "columns",
		columns_of(report), ask->kind, ask->arguments);
	char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	int err = text ? send_all(fd, text, strlen(text)) : -ENOMEM;

	if (!err)
		err = send_all(fd, "\n", 1);
	free(text);
	json_decref(request);
	return err;
}

static void take_files(struct ask_files *files, struct msghdr *message)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
		header = CMSG_NXTHDR(message, header)) {
		size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fds[PEER_FILES_MAX];

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(fds, CMSG_DATA(header), count * sizeof(int));
		for (size_t i = 0; i < count; i++) {
			if (files && files->count < PEER_FILES_MAX)
				files->files[files->count++] = fds[i];
			else
				close(fds[i]);
		}
	}
}

/* Reads more. 0, or -errno; -ENODATA: there is no more. */
static int receive(struct reading *reading)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(PEER_FILES_MAX * sizeof(int))];
	} control;
	struct iovec data;
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	ssize_t got;

	if (reading->used == reading->room) {
		size_t room = reading->room ? reading->room * 2 : 4096;
		char *grown = realloc(reading->text, room);

		if (!grown)
			return -ENOMEM;
		reading->text = grown;
		reading->room = room;
	}
	data.iov_base = reading->text + reading->used;
	data.iov_len = reading->room - reading->used;
	got = recvmsg(reading->fd, &message, MSG_CMSG_CLOEXEC);
	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	take_files(reading->ask->files, &message);
	reading->used += (size_t)got;
	return got ? 0 : -ENODATA;
}

static int capture(struct ask *ask, const char *text)
{
	const size_t used = ask->captured ? strlen(ask->captured) : 0, length = strlen(text);
	char *grown = realloc(ask->captured, used + length + 1);

	if (!grown)
		return -ENOMEM;
	memcpy(grown + used, text, length + 1);
	ask->captured = grown;
	return 0;
}

static int say(struct reading *reading, FILE *stream, const char *text)
{
	if (reading->ask->captures && stream == reading->report->out)
		return capture(reading->ask, text);
	fputs(text, stream);
	return 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/*
 * A session that refuses a request or a client before it knows that text is wanted answers in JSON.
 */
static void say_error(struct report *report, const json_t *error)
{
	struct failure failure = {
		.code = text_of(error, "code"),
		.operation = text_of(error, "operation"),
		.object = text_of(error, "object"),
		.path = text_of(error, "path"),
		.message = text_of(error, "message"),
		.explanations = { { .remedy = text_of(error, "hint") } },
	};

	failure.explanation_count = failure.explanations[0].remedy != NULL;
	report_failure(report, &failure);
}

static bool is_captured(const struct ask *ask, const json_t *result)
{
	return ask->captures &&
	       (!ask->captures_kind || json_object_get(result, ask->captures_kind));
}

/* Handles one line of the answer, including its newline. */
static int take_line(struct reading *reading, const char *text, size_t length)
{
	struct report *report = reading->report;
	json_t *line = json_loadb(text, length, 0, NULL), *done, *error;
	const char *out, *err_text;
	int err = 0;

	if (!line)
		return -EPROTO;
	done = json_object_get(line, "done");
	error = json_object_get(line, "error");
	out = json_string_value(json_object_get(line, "out"));
	err_text = json_string_value(json_object_get(line, "err"));
	if (done) {
		reading->done = true;
		reading->status =
			(enum exit_status)json_integer_value(json_object_get(done, "status"));
	} else if (out || err_text) {
		err = say(reading, out ? report->out : report->err, out ? out : err_text);
	} else if (error && !report->json) {
		say_error(report, error);
	} else if (!error && is_captured(reading->ask, line)) {
		err = capture(reading->ask, text);
	} else {
		fprintf(report->out, "%s\n", text);
	}
	json_decref(line);
	report_flush(report);
	return err;
}

/* Waits for more of an answer that may be endless. False: nobody reads it any longer. */
static bool is_read(const struct reading *reading)
{
	struct pollfd files[] = {
		{ .fd = reading->fd, .events = POLLIN },
		{ .fd = STDOUT_FILENO }, /* a reader that has gone is an error */
	};

	while (!reading->report->out_lost && poll(files, ARRAY_SIZE(files), -1) < 0) {
		if (errno != EINTR)
			return true;
	}
	return !reading->report->out_lost && !(files[1].revents & (POLLERR | POLLNVAL));
}

static int read_answer(struct reading *reading)
{
	int err = 0;

	while (!err && !reading->done) {
		char *end = reading->used ? memchr(reading->text, '\n', reading->used) : NULL;
		size_t length;

		if (!end && reading->ask->watches && !is_read(reading))
			return 0;
		if (!end) {
			err = receive(reading);
			continue;
		}
		length = (size_t)(end - reading->text) + 1;
		*end = '\0';
		err = take_line(reading, reading->text, length - 1);
		reading->used -= length;
		memmove(reading->text, reading->text + length, reading->used);
	}
	return err;
}

static enum exit_status ask_on(
	int fd, struct report *report, int directory, const char *name, struct ask *ask)
{
	struct reading reading = { .report = report, .ask = ask, .fd = fd };
	int err;

	err = ask->arguments ? send_request(fd, report, ask) : -ENOMEM;
	/* A peer that has gone may have said why. */
	if (!err || err == -EPIPE)
		err = read_answer(&reading);
	free(reading.text);
	if (err == -ENOMEM)
		return report_out_of_memory(report);
	if (err)
		return report_lost(
			report, directory, name, err == -ENODATA || err == -ECONNRESET ? 0 : err);
	return reading.status;
}

static enum exit_status session_ask_named(
	struct invocation *invocation, const char *name, struct ask *ask)
{
	struct report *report = invocation->report;
	struct failure failure = { 0 };
	int directory = -1, fd = -1;
	enum exit_status status;

	if (!session_name_is_valid(name))
		status = report_usage(report, "'%s' is not a valid session name", name);
	else if ((directory = runtime_open(false, &failure)) < 0 ||
		 (fd = runtime_connect(directory, name, &failure)) < 0)
		status = report_failure(report, &failure);
	else
		status = ask_on(fd, report, directory, name, ask);
	if (fd >= 0)
		close(fd);
	if (directory >= 0)
		close(directory);
	json_decref(ask->arguments);
	return status;
}

enum exit_status session_ask_argument(
	struct invocation *invocation, const char *name, struct ask *ask)
{
	const char *asked = invocation->session;

	if (!name)
		return session_ask(invocation, ask);
	if (!asked || !strcmp(asked, name))
		return session_ask_named(invocation, name, ask);
	json_decref(ask->arguments);
	return report_usage(invocation->report,
		"--session=%s and '%s' are different sessions: name only one", asked, name);
}

const char *session_name_asked(const struct invocation *invocation)
{
	const char *environment = getenv("IOMMUCTL_SESSION");

	if (invocation->session)
		return invocation->session;
	return environment && *environment ? environment : NULL;
}

enum exit_status session_ask(struct invocation *invocation, struct ask *ask)
{
	const char *name = session_name_asked(invocation);

	if (name)
		return session_ask_named(invocation, name, ask);
	json_decref(ask->arguments);
	return report_usage(
		invocation->report, "no session is named: use -s, or set IOMMUCTL_SESSION");
}
