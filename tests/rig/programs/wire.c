// SPDX-License-Identifier: MIT
/*
 * wire send|receive INTERFACE STREAM: a file over a wire, from standard input of the one end to
 * standard output of the other. Frames of a type that is for experiments carry it, so the two ends
 * may be interfaces of one kernel. What is lost is sent again, and no speed is expected of either.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_TYPE   0x88b5 /* IEEE 802: local experimental */
#define WINDOW	     32u
#define LARGEST	     9216u
#define BUFFER_BYTES (8 << 20)
#define RESEND_MS    500
#define PATIENCE     1200 /* times RESEND_MS: ten minutes */
#define FAREWELLS    3
#define ACK_EVERY    8u

enum kind { HELLO = 1, DATA, ACK, GOODBYE };

/* In network order. An ACK has the sequence number of the frame that is expected next. */
struct header {
	uint32_t kind;
	uint32_t stream;
	uint32_t sequence;
	uint32_t size; /* of the data: 0 behind the last of it */
};

struct frame {
	struct header header;
	uint8_t data[LARGEST];
};

struct wire {
	int fd;
	uint32_t stream;
	uint32_t payload;
	struct sockaddr_ll peer;
};

static int fail(const char *what)
{
	fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
	return -1;
}

static int wire_open(struct wire *wire, const char *interface, uint32_t stream)
{
	const int buffer = BUFFER_BYTES;
	struct ifreq request = { .ifr_mtu = 0 };

	wire->stream = stream;
	wire->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(FRAME_TYPE));
	if (wire->fd < 0)
		return fail("socket");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(wire->fd, SIOCGIFMTU, &request))
		return fail(interface);
	wire->payload = (uint32_t)request.ifr_mtu - (uint32_t)sizeof(struct header);
	if (wire->payload > LARGEST)
		wire->payload = LARGEST;
	wire->peer = (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(FRAME_TYPE),
		.sll_ifindex = (int)if_nametoindex(interface),
		.sll_halen = ETH_ALEN,
		.sll_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	if (bind(wire->fd, (struct sockaddr *)&wire->peer, sizeof(wire->peer)))
		return fail(interface);
	if (setsockopt(wire->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) ||
		setsockopt(wire->fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)))
		return fail("the socket's buffers");
	return 0;
}

static int put(const struct wire *wire, struct frame *frame, enum kind kind, uint32_t sequence)
{
	const uint32_t size = kind == DATA ? ntohl(frame->header.size) : 0;

	frame->header.kind = htonl(kind);
	frame->header.stream = htonl(wire->stream);
	frame->header.sequence = htonl(sequence);
	frame->header.size = htonl(size);
	if (sendto(wire->fd, frame, sizeof(frame->header) + size, 0,
		    (const struct sockaddr *)&wire->peer, sizeof(wire->peer)) < 0 &&
		errno != ENOBUFS && errno != EAGAIN)
		return fail("sendto");
	return 0;
}

/* A sender's goodbye may come where its data is expected. */
static bool is_of(uint32_t kind, enum kind expected)
{
	return kind == expected || (expected == DATA && kind == GOODBYE);
}

/*
 * Takes the next frame of this kind and stream: 1 when there was one, 0 when none came in time, -1
 * after a failure. Who sent it is the peer from now on.
 */
static int get(struct wire *wire, struct frame *frame, enum kind kind)
{
	struct pollfd pollfd = { .fd = wire->fd, .events = POLLIN };
	const size_t header = sizeof(frame->header);

	while (poll(&pollfd, 1, RESEND_MS) > 0) {
		struct sockaddr_ll from;
		socklen_t length = sizeof(from);
		const ssize_t size = recvfrom(
			wire->fd, frame, sizeof(*frame), 0, (struct sockaddr *)&from, &length);

		if (size < 0 && errno != ENETDOWN)
			return fail("recvfrom");
		if (size < (ssize_t)header || !is_of(ntohl(frame->header.kind), kind) ||
			frame->header.stream != htonl(wire->stream) ||
			ntohl(frame->header.size) > (size_t)size - header)
			continue;
		memcpy(wire->peer.sll_addr, from.sll_addr, ETH_ALEN);
		return 1;
	}
	return 0;
}

/* Fills a frame from standard input; one without data is the end. */
static int fill(const struct wire *wire, struct frame *frame)
{
	uint32_t size = 0;

	while (size < wire->payload) {
		const ssize_t got = read(STDIN_FILENO, frame->data + size, wire->payload - size);

		if (got < 0)
			return fail("standard input");
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
		err = put(wire, frame, DATA, window->next++);
	}
	return err;
}

static int send_again(struct wire *wire, struct window *window)
{
	int err = 0;

	for (uint32_t i = window->first; !err && i < window->next; i++)
		err = put(wire, &window->frames[i % WINDOW], DATA, i);
	return err;
}

static int await_hello(struct wire *wire, struct frame *frame)
{
	for (int silence = 0; silence < PATIENCE; silence++) {
		const int got = get(wire, frame, HELLO);

		if (got)
			return got < 0 ? -1 : 0;
	}
	errno = ETIMEDOUT;
	return fail("no receiver");
}

static int send_file(struct wire *wire)
{
	static struct window window = { .end = UINT32_MAX };
	static struct frame answer;
	int err = await_hello(wire, &answer), silence = 0;

	while (!err && window.first <= window.end) {
		uint32_t acknowledged;
		int got;

		err = send_more(wire, &window);
		got = err ? -1 : get(wire, &answer, ACK);
		if (got < 0)
			return -1;
		if (!got) {
			errno = ETIMEDOUT;
			err = silence++ == PATIENCE ? fail("no answer") : send_again(wire, &window);
			continue;
		}
		acknowledged = ntohl(answer.header.sequence);
		if (acknowledged <= window.first || acknowledged > window.next)
			continue;
		window.first = acknowledged;
		silence = 0;
	}
	for (int i = 0; !err && i < FAREWELLS; i++)
		err = put(wire, &answer, GOODBYE, window.first);
	return err;
}

static int take(struct wire *wire, struct frame *frame, uint32_t *expected)
{
	struct frame answer = { .header = { 0 } };
	const uint32_t size = ntohl(frame->header.size);
	const int fresh = ntohl(frame->header.sequence) == *expected;

	if (fresh) {
		if (fwrite(frame->data, 1, size, stdout) != size)
			return fail("standard output");
		(*expected)++;
	}
	if (fresh && size && *expected % ACK_EVERY)
		return 0;
	return put(wire, &answer, ACK, *expected);
}

/* What comes again shows that an answer got lost: the sender does not know yet that all is here. */
static int linger(struct wire *wire, struct frame *frame, uint32_t expected)
{
	int got, silence = 0;

	if (fflush(stdout))
		return fail("standard output");
	fclose(stdout);
	do {
		got = get(wire, frame, DATA);
		if (got > 0 && ntohl(frame->header.kind) == GOODBYE)
			return 0;
		if (put(wire, frame, ACK, expected))
			return -1;
	} while (got >= 0 && silence++ < PATIENCE);
	return got;
}

static int receive_file(struct wire *wire)
{
	static struct frame frame;
	uint32_t expected = 0;
	int err = put(wire, &frame, HELLO, 0), silence = 0;

	while (!err) {
		const int got = get(wire, &frame, DATA);

		if (got < 0)
			return -1;
		if (!got) {
			errno = ETIMEDOUT;
			err = silence++ == PATIENCE
				      ? fail("no sender")
				      : put(wire, &frame, expected ? ACK : HELLO, expected);
			continue;
		}
		silence = 0;
		if (frame.header.kind != htonl(DATA))
			continue;
		err = take(wire, &frame, &expected);
		if (!err && !frame.header.size)
			return linger(wire, &frame, expected);
	}
	return err;
}

int main(int argc, char **argv)
{
	struct wire wire;
	int err;

	if (argc != 4 || (strcmp(argv[1], "send") && strcmp(argv[1], "receive"))) {
		fputs("usage: wire send|receive INTERFACE STREAM\n", stderr);
		return 2;
	}
	err = wire_open(&wire, argv[2], (uint32_t)strtoul(argv[3], NULL, 0));
	if (!err)
		err = strcmp(argv[1], "send") ? receive_file(&wire) : send_file(&wire);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
