// SPDX-License-Identifier: MIT
#include "session/client/fd_offer.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "monotonic.h"
#include "session/client/fd_offer_socket.h"
#include "session/holder/client.h"

/* The most clients served at a time; more wait to be accepted. */
#define TAKERS_MAX 16

/* Deadline for a client to take the files. */
#define PATIENCE_MS 10000

/* A refused connection stays in the socket's queue, which is then left alone for this long. */
#define DEAF_MS 1000

/* A process that the files have been sent to. */
struct taker {
	int fd;
	struct ucred who;
	int64_t deadline;
};

struct offering {
	const struct offer *offer;
	struct report *report;
	struct offer_socket socket;
	int64_t deaf_until;
	struct taker takers[TAKERS_MAX];
	size_t count;
	uint64_t taken;
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* The files and the text in one message, which a new socket has room for. */
static bool send_files(const struct offer *offer, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(PEER_FILES_MAX * sizeof(int))];
	} control = { 0 };
	const size_t size = offer->file_count * sizeof(int);
	struct iovec data = { (void *)offer->text, offer->text_size };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (size) {
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(size);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(&control.header), offer->files, size);
	}
	return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)offer->text_size;
}

static void say_not_taken(const struct offering *offering, const struct taker *taker)
{
	report_note(offering->report, "process %d of user %u has not taken the files",
		(int)taker->who.pid, (unsigned int)taker->who.uid);
}

static void accept_taker(struct offering *offering)
{
	struct taker taker = { .deadline = now() + PATIENCE_MS };
	socklen_t size = sizeof(taker.who);

	taker.fd = accept4(offering->socket.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (taker.fd < 0) {
		if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			offering->deaf_until = now() + DEAF_MS;
		return;
	}
	if (getsockopt(taker.fd, SOL_SOCKET, SO_PEERCRED, &taker.who, &size) ||
		!send_files(offering->offer, taker.fd)) {
		say_not_taken(offering, &taker);
		close(taker.fd);
		return;
	}
	offering->takers[offering->count++] = taker;
}

static void drop(struct offering *offering, size_t i)
{
	close(offering->takers[i].fd);
	offering->takers[i] = offering->takers[--offering->count];
}

/* ECONNRESET: the client closed with data unread, and has not taken the files. */
static void attend(struct offering *offering, size_t i)
{
	const struct taker *taker = &offering->takers[i];
	ssize_t got;
	char byte;

	got = recv(taker->fd, &byte, 1, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got >= 0) {
		offering->taken++;
		report_result(offering->report, "taken",
			json_pack("{s:i, s:I}", "pid", (int)taker->who.pid, "uid",
				(json_int_t)taker->who.uid),
			"taken by process %d of user %u", (int)taker->who.pid,
			(unsigned int)taker->who.uid);
	} else {
		say_not_taken(offering, taker);
	}
	drop(offering, i);
}

static bool is_enough(const struct offering *offering)
{
	return offering->offer->count && offering->taken >= offering->offer->count;
}

/* Serve no more clients than may take the files. */
static bool has_room(const struct offering *offering)
{
	const uint64_t count = offering->offer->count;

	return offering->count < TAKERS_MAX && now() >= offering->deaf_until &&
	       (!count || offering->taken + offering->count < count);
}

static int time_to_wait(const struct offering *offering)
{
	int64_t first = offering->deaf_until - now();

	if (first <= 0)
		first = -1;
	for (size_t i = 0; i < offering->count; i++) {
		int64_t left = offering->takers[i].deadline - now();

		left = left < 0 ? 0 : left;
		first = first < 0 || left < first ? left : first;
	}
	return (int)first;
}

static void serve(struct offering *offering, const struct pollfd *files)
{
	const int64_t time = now();

	for (size_t i = offering->count; i-- > 0;) {
		if (files[2 + i].revents) {
			attend(offering, i);
		} else if (offering->takers[i].deadline <= time) {
			say_not_taken(offering, &offering->takers[i]);
			drop(offering, i);
		}
	}
	if (files[1].revents)
		accept_taker(offering);
}

/* Serves until enough clients have taken the files, or a signal comes, which is returned. */
static int run(struct offering *offering, const struct interrupt *interrupt)
{
	int signal = 0;

	while (!signal && !is_enough(offering)) {
		struct pollfd files[2 + TAKERS_MAX] = {
			{ interrupt->fd, POLLIN, 0 },
			{ has_room(offering) ? offering->socket.fd : -1, POLLIN, 0 },
		};

		for (size_t i = 0; i < offering->count; i++)
			files[2 + i] = (struct pollfd){ offering->takers[i].fd, POLLIN, 0 };
		if (poll(files, 2 + offering->count, time_to_wait(offering)) < 0) {
			monotonic_pause();
			continue;
		}
		signal = interrupt_take(interrupt);
		if (!signal)
			serve(offering, files);
	}
	return signal;
}

enum exit_status offer_run(
	const struct offer *offer, const struct interrupt *interrupt, struct report *report)
{
	struct offering offering = { .offer = offer, .report = report };
	struct failure failure = { 0 };
	int signal;

	if (offer_listen(offer->path, offer->mode, offer->owner, &offering.socket, &failure))
		return report_failure(report, &failure);
	report_result(report, "listening", json_pack("{s:s}", "path", offer->path),
		"%s: passing files to any client that connects", offer->path);
	signal = run(&offering, interrupt);
	while (offering.count)
		drop(&offering, 0);
	offer_close(&offering.socket);
	if (!signal || !offer->count)
		return STATUS_DONE;
	failure = (struct failure){ .status = STATUS_FAILED, .code = "interrupted" };
	failure.operation = "listen";
	failure.object = offer->path;
	failure.message = failure_print(&failure,
		"interrupted by %s: %" PRIu64 " of %" PRIu64 " have taken the files",
		interrupt_name(signal), offering.taken, offer->count);
	return report_failure(report, &failure);
}
