/* SPDX-License-Identifier: MIT */
/* Frames between two ends of a wire, as packet sockets send and receive them. */
#ifndef RIG_WIRE_LINK_H
#define RIG_WIRE_LINK_H

#include <net/ethernet.h>
#include <netpacket/packet.h>
#include <stdint.h>

#define WIRE_LARGEST 9216u

/*
 * The receiver begins with HELLO and ends with GOODBYE, which answers the sender's DONE. With AGAIN it asks
 * for a frame that is missing, once. A mask: what is waited for may be of several kinds.
 */
enum kind { HELLO = 1, DATA = 2, ACK = 4, AGAIN = 8, DONE = 16, GOODBYE = 32 };

/*
 * In network order. The receiver's HELLO has a number of its own, which all other frames repeat: a card that
 * was down for a while gets what was sent before, and the streams of all cases have the same numbers.
 * An ACK and an AGAIN have the sequence number of the frame that is expected next.
 */
struct header {
	uint32_t kind;
	uint32_t stream;
	uint32_t transfer;
	uint32_t sequence;
	uint32_t size; /* of the data: 0 after the last of it */
};

struct frame {
	struct header header;
	uint8_t data[WIRE_LARGEST];
};

struct wire {
	int fd;
	uint32_t stream;
	uint32_t transfer;
	uint32_t payload;
	uint32_t lose; /* loses one in so many received frames; 0: none */
	uint32_t random;
	uint32_t asked; /* for this frame, last */
	uint64_t received, sent;
	/* Frames sent again; received again; received while an earlier one was missing. */
	uint64_t again, twice, ahead;
	struct sockaddr_ll peer;
};

/* Tells what failed, and is -1. */
int wire_fail(const char *what);
int64_t wire_now_ms(void);
int wire_open(struct wire *wire, const char *interface, uint32_t stream);
int wire_put(struct wire *wire, struct frame *frame, enum kind kind, uint32_t sequence);

/*
 * Takes the next frame of one of these kinds: 1 when there was one, 0 when none had come by then, -1 after a
 * failure. Who sent it is the peer from now on.
 */
int wire_get(struct wire *wire, struct frame *frame, unsigned int kinds, int64_t due);

#endif
