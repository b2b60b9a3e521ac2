// SPDX-License-Identifier: MIT
/*
 * wire send|receive INTERFACE STREAM [LOSE]: a file over a wire, from standard input of the one end to
 * standard output of the other. Frames of a type that is for experiments carry it, so the two ends
 * may be interfaces of one kernel. What is lost is sent again, and no speed is expected of either.
 * With LOSE, one of so many frames that this end receives is lost, as on a bad wire: the same ones each time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "wire_link.h"

#define WINDOW		  32u
#define RESEND_MS	  500
#define LONGEST_RESEND_MS 2000
#define PATIENCE_MS	  600000
#define LINGER_MS	  30000
#define REPORT_MS	  30000
#define FAREWELLS	  10
#define ACK_EVERY	  8u

/*
 * When to send again. Frames that come and bring nothing new do not put it off: if both ends waited for the
 * other one to be silent, neither might ever be.
 */
struct timer {
	int64_t progress, reported, wait, due;
};

static void timer_start(struct timer *timer)
{
	const int64_t now = wire_now_ms();

	*timer = (struct timer){ now, now, RESEND_MS, now + RESEND_MS };
}

/* Later each time: a machine that is busy is not to be made busier. */
static int timer_again(struct timer *timer, const struct wire *wire, uint32_t sequence)
{
	const int64_t now = wire_now_ms();

	timer->wait = timer->wait * 2 < LONGEST_RESEND_MS ? timer->wait * 2 : LONGEST_RESEND_MS;
	timer->due = now + timer->wait;
	if (now - timer->reported >= REPORT_MS) {
		timer->reported = now;
		fprintf(stderr,
			"wire: stream %" PRIu32 ": nothing new for %d s: stands at frame %" PRIu32
			", sent %" PRIu64 ", received %" PRIu64 "\n",
			wire->stream, (int)((now - timer->progress) / 1000), sequence, wire->sent,
			wire->received);
	}
	if (now - timer->progress < PATIENCE_MS)
		return 0;
	errno = ETIMEDOUT;
	return wire_fail("the other end");
}

/* Fills a frame from standard input; one without data is the end. */
static int fill(const struct wire *wire, struct frame *frame)
{
	uint32_t size = 0;

	while (size < wire->payload) {
		const ssize_t got = read(STDIN_FILENO, frame->data + size, wire->payload - size);

		if (got < 0)
			return wire_fail("standard input");
		if (!got)
			break;
		size += (uint32_t)got;
	}
	frame->header.size = htonl(size);
	return 0;
}

/* What is sent and not acknowledged: frames from first to before next. The last of all is end. */
struct window {
	struct frame frames[WINDOW];
	uint32_t first, next, end;
};

static int send_more(struct wire *wire, struct window *window)
{
	int err = 0;

	while (!err && window->next < window->first + WINDOW && window->next <= window->end) {
		struct frame *frame = &window->frames[window->next % WINDOW];

		err = fill(wire, frame);
		if (err)
			break;
		if (!frame->header.size)
			window->end = window->next;
		err = wire_put(wire, frame, DATA, window->next++);
	}
	return err;
}

static int send_again(struct wire *wire, struct window *window)
{
	int err = 0;

	wire->again += window->next - window->first;
	for (uint32_t i = window->first; !err && i < window->next; i++)
		err = wire_put(wire, &window->frames[i % WINDOW], DATA, i);
	return err;
}

static int await_hello(struct wire *wire, struct frame *frame)
{
	const int got = wire_get(wire, frame, HELLO, wire_now_ms() + PATIENCE_MS);

	wire->transfer = ntohl(frame->header.transfer);
	if (got)
		return got < 0 ? -1 : 0;
	errno = ETIMEDOUT;
	return wire_fail("no receiver");
}

/* Does it bring something new? A receiver that nothing came to yet may be another one than the first. */
static bool take_answer(struct wire *wire, struct window *window, const struct header *answer)
{
	const uint32_t acknowledged = ntohl(answer->sequence);

	if (answer->kind == htonl(HELLO)) {
		if (!window->first)
			wire->transfer = ntohl(answer->transfer);
		return false;
	}
	if (acknowledged <= window->first || acknowledged > window->next)
		return false;
	window->first = acknowledged;
	return true;
}

static bool asks_again(const struct window *window, const struct header *answer)
{
	return answer->kind == htonl(AGAIN) && answer->sequence == htonl(window->first) &&
	       window->first < window->next;
}

/* A receiver that does not answer has all that it wanted, too. */
static int await_goodbye(struct wire *wire, struct frame *frame, uint32_t sequence)
{
	int got = 0;

	for (int i = 0; !got && i < FAREWELLS; i++) {
		if (wire_put(wire, frame, DONE, sequence))
			return -1;
		got = wire_get(wire, frame, GOODBYE, wire_now_ms() + RESEND_MS);
	}
	return got < 0 ? -1 : 0;
}

static int send_file(struct wire *wire)
{
	static struct window window = { .end = UINT32_MAX };
	static struct frame answer;
	struct timer timer;
	int err = await_hello(wire, &answer);

	timer_start(&timer);
	while (!err && window.first <= window.end) {
		int got;

		err = send_more(wire, &window);
		got = err ? -1 : wire_get(wire, &answer, HELLO | ACK | AGAIN, timer.due);
		if (got < 0)
			return -1;
		if (got && take_answer(wire, &window, &answer.header))
			timer_start(&timer);
		if (got && asks_again(&window, &answer.header)) {
			err = send_again(wire, &window);
			timer.due = wire_now_ms() + timer.wait;
		} else if (wire_now_ms() >= timer.due) {
			err = timer_again(&timer, wire, window.first);
			err = err ? err : send_again(wire, &window);
		}
	}
	return err ? err : await_goodbye(wire, &answer, window.first);
}

/* 1 when it is the frame that was expected: another one may be ahead of one that was lost. */
static int take(struct wire *wire, struct frame *frame, uint32_t *expected)
{
	struct frame answer = { .header = { 0 } };
	const uint32_t size = ntohl(frame->header.size);
	const uint32_t sequence = ntohl(frame->header.sequence);
	const int fresh = sequence == *expected;

	wire->twice += sequence < *expected;
	wire->ahead += sequence > *expected;
	if (fresh) {
		if (fwrite(frame->data, 1, size, stdout) != size)
			return wire_fail("standard output");
		(*expected)++;
	}
	if (fresh && size && *expected % ACK_EVERY)
		return 1;
	if (sequence > *expected) {
		const bool is_asked = wire->asked == *expected;

		wire->asked = *expected;
		return is_asked ? 0 : wire_put(wire, &answer, AGAIN, *expected);
	}
	return wire_put(wire, &answer, ACK, *expected) ? -1 : fresh;
}

/* All is here, and the sender may not know yet. One that has nothing more to say has gone. */
static int linger(struct wire *wire, struct frame *frame, uint32_t expected)
{
	int64_t heard = wire_now_ms();

	if (fflush(stdout))
		return wire_fail("standard output");
	fclose(stdout);
	while (wire_now_ms() - heard < LINGER_MS) {
		const int got = wire_get(wire, frame, DATA | DONE, wire_now_ms() + RESEND_MS);

		if (got < 0)
			return -1;
		if (got)
			heard = wire_now_ms();
		if (got && frame->header.kind == htonl(DONE))
			return wire_put(wire, frame, GOODBYE, expected);
		if (wire_put(wire, frame, ACK, expected))
			return -1;
	}
	return 0;
}

static int receive_file(struct wire *wire)
{
	static struct frame frame;
	struct timer timer;
	uint32_t expected = 0;
	int err;

	if (getrandom(&wire->transfer, sizeof(wire->transfer), 0) < 0)
		return wire_fail("getrandom");
	err = wire_put(wire, &frame, HELLO, 0);
	timer_start(&timer);
	while (!err) {
		int got = wire_get(wire, &frame, DATA, timer.due);
		const bool is_last = got > 0 && !frame.header.size;

		if (got > 0)
			got = take(wire, &frame, &expected);
		if (got < 0)
			return -1;
		if (got > 0) {
			timer_start(&timer);
			if (is_last)
				return linger(wire, &frame, expected);
		} else if (wire_now_ms() >= timer.due) {
			err = timer_again(&timer, wire, expected);
			err = err ? err : wire_put(wire, &frame, expected ? ACK : HELLO, expected);
		}
	}
	return err;
}

/* Nothing where all went well. */
static void report(const struct wire *wire)
{
	if (wire->again || wire->twice || wire->ahead)
		fprintf(stderr,
			"wire: stream %" PRIu32 ": %" PRIu64 " frames sent again, %" PRIu64
			" received again, %" PRIu64 " ahead of a lost one\n",
			wire->stream, wire->again, wire->twice, wire->ahead);
}

int main(int argc, char **argv)
{
	struct wire wire = { .fd = -1, .asked = UINT32_MAX };
	int err;

	if (argc < 4 || argc > 5 || (strcmp(argv[1], "send") && strcmp(argv[1], "receive"))) {
		fputs("usage: wire send|receive INTERFACE STREAM [LOSE]\n", stderr);
		return 2;
	}
	wire.lose = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 0) : 0;
	err = wire_open(&wire, argv[2], (uint32_t)strtoul(argv[3], NULL, 0));
	if (!err)
		err = strcmp(argv[1], "send") == 0 ? send_file(&wire) : receive_file(&wire);
	report(&wire);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
