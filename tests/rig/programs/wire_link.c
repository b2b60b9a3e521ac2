// SPDX-License-Identifier: MIT
/* Frames on the wire. */
#include "wire_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#define FRAME_TYPE   0x88b5 /* IEEE 802: local experimental */
#define BUFFER_BYTES (8 << 20)

int wire_fail(const char *what)
{
	fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
	return -1;
}

int64_t wire_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int wire_open(struct wire *wire, const char *interface, uint32_t stream)
{
	const int buffer = BUFFER_BYTES;
	struct ifreq request = { .ifr_mtu = 0 };

	wire->stream = stream;
	wire->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(FRAME_TYPE));
	if (wire->fd < 0)
		return wire_fail("socket");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(wire->fd, SIOCGIFMTU, &request))
		return wire_fail(interface);
	wire->payload = (uint32_t)request.ifr_mtu - (uint32_t)sizeof(struct header);
	if (wire->payload > WIRE_LARGEST)
		wire->payload = WIRE_LARGEST;
	wire->peer = (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(FRAME_TYPE),
		.sll_ifindex = (int)if_nametoindex(interface),
		.sll_halen = ETH_ALEN,
		.sll_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	if (bind(wire->fd, (struct sockaddr *)&wire->peer, sizeof(wire->peer)))
		return wire_fail(interface);
	if (setsockopt(wire->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) ||
		setsockopt(wire->fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)))
		return wire_fail("the socket's buffers");
	return 0;
}

int wire_put(struct wire *wire, struct frame *frame, enum kind kind, uint32_t sequence)
{
	const uint32_t size = kind == DATA ? ntohl(frame->header.size) : 0;

	frame->header = (struct header){
		.kind = htonl(kind),
		.stream = htonl(wire->stream),
		.transfer = htonl(wire->transfer),
		.sequence = htonl(sequence),
		.size = htonl(size),
	};
	wire->sent++;
	if (sendto(wire->fd, frame, sizeof(frame->header) + size, 0,
		    (const struct sockaddr *)&wire->peer, sizeof(wire->peer)) < 0 &&
		errno != ENOBUFS && errno != EAGAIN)
		return wire_fail("sendto");
	return 0;
}

static bool is_wanted(
	const struct wire *wire, const struct frame *frame, ssize_t size, unsigned int kinds)
{
	const struct header *header = &frame->header;

	return size >= (ssize_t)sizeof(*header) && ntohl(header->kind) & kinds &&
	       header->stream == htonl(wire->stream) &&
	       (header->kind == htonl(HELLO) || header->transfer == htonl(wire->transfer)) &&
	       ntohl(header->size) <= (size_t)size - sizeof(*header);
}

/* By a linear congruential generator: a regular distance may lose one frame for ever. */
static bool is_lost(struct wire *wire)
{
	wire->received++;
	wire->random = wire->random * 1664525 + 1013904223;
	return wire->lose && (wire->random >> 16) % wire->lose == 0;
}

int wire_get(struct wire *wire, struct frame *frame, unsigned int kinds, int64_t due)
{
	struct pollfd pollfd = { .fd = wire->fd, .events = POLLIN };

	for (int64_t left = due - wire_now_ms();; left = due - wire_now_ms()) {
		struct sockaddr_ll from;
		socklen_t length = sizeof(from);
		ssize_t size;

		if (poll(&pollfd, 1, left > 0 ? (int)left : 0) <= 0)
			return 0;
		size = recvfrom(
			wire->fd, frame, sizeof(*frame), 0, (struct sockaddr *)&from, &length);
		if (size < 0 && errno != ENETDOWN)
			return wire_fail("recvfrom");
		if (is_wanted(wire, frame, size, kinds) && !is_lost(wire)) {
			memcpy(wire->peer.sll_addr, from.sll_addr, ETH_ALEN);
			return 1;
		}
	}
}
