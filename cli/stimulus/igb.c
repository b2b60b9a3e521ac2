// SPDX-License-Identifier: MIT
/*
 * Intel's 82576 and I350 network cards, with the MAC looped back on itself: they receive what
 * they send, and nothing leaves the card. Reading is sending from the IOVA into a buffer of the
 * stimulus' memory, writing is sending that buffer to the IOVA.
 *
 * A frame has at least 60 bytes, and a receive buffer a multiple of 1 KiB. So a frame is 1 KiB of
 * padding and then the data: these go into a buffer of their own, of which no more is written than
 * there are data.
 *
 * Source: Intel 82576EB and I350 datasheets, "Receive/Transmit Functionality", "Programming
 * Interface", "Loopback".
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "array.h"
#include "stimulus/registers.h"

#define IGB_CTRL   0x0000
#define IGB_STATUS 0x0008
#define IGB_MDIC   0x0020
#define IGB_RCTL   0x0100
#define IGB_TCTL   0x0400
#define IGB_IMC	   0x150c
#define IGB_GPIE   0x1514
#define IGB_EICS   0x1520
#define IGB_EIMS   0x1524
#define IGB_EIMC   0x1528
#define IGB_EIAC   0x152c
#define IGB_RDBAL  0xc000
#define IGB_RDBAH  0xc004
#define IGB_RDLEN  0xc008
#define IGB_SRRCTL 0xc00c
#define IGB_RDT	   0xc018
#define IGB_RXDCTL 0xc028
#define IGB_TDBAL  0xe000
#define IGB_TDBAH  0xe004
#define IGB_TDLEN  0xe008
#define IGB_TDT	   0xe018
#define IGB_TXDCTL 0xe028

#define CTRL_FULL_DUPLEX   (1u << 0)
#define CTRL_LINK_UP	   (1u << 6)
#define CTRL_SPEED_1000	   (2u << 8)
#define CTRL_FORCE_SPEED   (1u << 11)
#define CTRL_FORCE_DUPLEX  (1u << 12)
#define CTRL_RESET	   (1u << 26)
#define MDIC_PHY	   (1u << 21 | 1u << 26) /* a write to the PHY */
#define PHY_NEGOTIATE	   0x1200		 /* of its control register */
#define STATUS_LINK_UP	   (1u << 1)
#define RCTL_ENABLE	   (1u << 1)
#define RCTL_ALL_UNICAST   (1u << 3)
#define RCTL_ALL_MULTICAST (1u << 4)
#define RCTL_LOOPBACK_MAC  (1u << 6)
#define RCTL_BROADCAST	   (1u << 15)
#define RCTL_STRIP_CRC	   (1u << 26)
#define TCTL_ENABLE	   (1u << 1)
#define TCTL_PAD	   (1u << 3)
#define SRRCTL_1K	   (1u << 0)
#define SRRCTL_ADVANCED	   (1u << 25)
#define QUEUE_ENABLE	   (1u << 25)
#define GPIE_MSIX	   (1u << 4)

#define TX_DATA	       (3u << 20)
#define TX_END	       (1u << 24)
#define TX_CRC	       (1u << 25)
#define TX_REPORT      (1u << 27)
#define TX_EXT	       (1u << 29)
#define TX_TOTAL(size) ((size) << 14)
#define DONE	       (1u << 0)

#define DESCRIPTORS   8
#define DESCRIPTOR    16
#define PADDING	      1024   /* as much as a receive buffer holds */
#define FRAME_DATA    448    /* keeps frames within the usual length */
#define ETHERTYPE_OWN 0x88b5 /* for local experiments */
#define BUFFER_SIZE   4096
#define VECTORS	      10 /* of the smallest card */
#define POLL_MS	      1
#define RESET_MS      20
/* A frame that has been sent does not have far to go. */
#define LOOP_MS 1000

/* The memory, by offset. */
enum {
	AT_TX_RING = 0,
	AT_RX_RING = DESCRIPTORS * DESCRIPTOR,
	AT_TX_PADDING = 1024,
	AT_RX_PADDING = 2048,
	AT_BUFFER = 4096,
	MEMORY_SIZE = AT_BUFFER + BUFFER_SIZE,
};

static uint32_t *descriptor(const struct stimulus *igb, unsigned int ring, uint32_t number)
{
	return (uint32_t *)(void *)(igb->memory.host + ring +
				    (size_t)(number % DESCRIPTORS) * DESCRIPTOR);
}

static void put_descriptor(uint32_t *words, uint64_t data, uint32_t command, uint32_t total)
{
	words[0] = htole32((uint32_t)data);
	words[1] = htole32((uint32_t)(data >> 32));
	words[2] = htole32(command);
	words[3] = htole32(total);
}

/* No descriptor asks for an interrupt: those are raised by hand. */
static int set_up(struct stimulus *igb)
{
	const uint64_t tx = igb->memory.iova + AT_TX_RING, rx = igb->memory.iova + AT_RX_RING;
	const struct stimulus_setting settings[] = {
		{ IGB_IMC, UINT32_MAX },
		{ IGB_EIMC, UINT32_MAX },
		{ IGB_CTRL, CTRL_FULL_DUPLEX | CTRL_LINK_UP | CTRL_SPEED_1000 | CTRL_FORCE_SPEED |
				    CTRL_FORCE_DUPLEX },
		{ IGB_MDIC, MDIC_PHY | PHY_NEGOTIATE },
		{ IGB_TDBAL, (uint32_t)tx },
		{ IGB_TDBAH, (uint32_t)(tx >> 32) },
		{ IGB_TDLEN, DESCRIPTORS * DESCRIPTOR },
		{ IGB_TXDCTL, QUEUE_ENABLE },
		{ IGB_RDBAL, (uint32_t)rx },
		{ IGB_RDBAH, (uint32_t)(rx >> 32) },
		{ IGB_RDLEN, DESCRIPTORS * DESCRIPTOR },
		{ IGB_SRRCTL, SRRCTL_1K | SRRCTL_ADVANCED },
		{ IGB_RXDCTL, QUEUE_ENABLE },
		{ IGB_RCTL, RCTL_ENABLE | RCTL_ALL_UNICAST | RCTL_ALL_MULTICAST | RCTL_BROADCAST |
				    RCTL_LOOPBACK_MAC | RCTL_STRIP_CRC },
		{ IGB_TCTL, TCTL_ENABLE | TCTL_PAD },
	};

	return stimulus_write_all(igb, settings, ARRAY_SIZE(settings));
}

static int reset(const struct stimulus *igb)
{
	int err = stimulus_write32(igb, IGB_CTRL, CTRL_RESET);

	stimulus_sleep_ms(RESET_MS);
	return err ? err
		   : stimulus_wait32(igb, IGB_CTRL, CTRL_RESET, 0, POLL_MS, STIMULUS_LIMIT_MS);
}

/* A card without a cable may have no link and still loop back: a frame will show it. */
static int wait_until_up(const struct stimulus *igb)
{
	int err;

	err = stimulus_wait32(
		igb, IGB_RXDCTL, QUEUE_ENABLE, QUEUE_ENABLE, POLL_MS, STIMULUS_LIMIT_MS);
	if (!err)
		err = stimulus_wait32(
			igb, IGB_TXDCTL, QUEUE_ENABLE, QUEUE_ENABLE, POLL_MS, STIMULUS_LIMIT_MS);
	if (err)
		return err;
	err = stimulus_wait32(
		igb, IGB_STATUS, STATUS_LINK_UP, STATUS_LINK_UP, POLL_MS, STIMULUS_LIMIT_MS);
	return err == -ETIMEDOUT ? 0 : err;
}

static int igb_start(struct stimulus *igb)
{
	uint32_t status = 0;
	int err;

	err = stimulus_read32(igb, IGB_STATUS, &status);
	if (!err && status == UINT32_MAX)
		err = -ENODEV;
	if (err)
		return err;
	igb->igb = (struct stimulus_igb){ 0 };
	memset(igb->memory.host, 0, MEMORY_SIZE);
	/* A broadcast, of an EtherType that nobody uses. */
	memset(igb->memory.host + AT_TX_PADDING, 0xff, 6);
	igb->memory.host[AT_TX_PADDING + 12] = ETHERTYPE_OWN >> 8;
	igb->memory.host[AT_TX_PADDING + 13] = ETHERTYPE_OWN & 0xff;
	err = reset(igb);
	if (!err)
		err = set_up(igb);
	return err ? err : wait_until_up(igb);
}

static void igb_stop(struct stimulus *igb)
{
	(void)reset(igb);
}

/* Sends the padding and @size bytes from @from; these come back to @to. */
static int send_frame(struct stimulus *igb, uint64_t from, uint64_t to, uint32_t size)
{
	const uint32_t first = 2 * igb->igb.sent++, next = first + 1;
	const uint32_t total = TX_TOTAL(PADDING + size), command = TX_DATA | TX_EXT | TX_CRC;
	const uint32_t tail = (first + 2) % DESCRIPTORS;
	int err;

	put_descriptor(descriptor(igb, AT_RX_RING, first), igb->memory.iova + AT_RX_PADDING, 0, 0);
	put_descriptor(descriptor(igb, AT_RX_RING, next), to, 0, 0);
	put_descriptor(descriptor(igb, AT_TX_RING, first), igb->memory.iova + AT_TX_PADDING,
		command | PADDING, total);
	put_descriptor(descriptor(igb, AT_TX_RING, next), from, command | TX_END | TX_REPORT | size,
		total);
	err = stimulus_write32(igb, IGB_RDT, tail);
	if (!err)
		err = stimulus_write32(igb, IGB_TDT, tail);
	if (err)
		return err;
	err = stimulus_wait_memory(
		&descriptor(igb, AT_TX_RING, next)[3], DONE, DONE, STIMULUS_LIMIT_MS);
	if (!err)
		err = stimulus_wait_memory(
			&descriptor(igb, AT_RX_RING, next)[2], DONE, DONE, LOOP_MS);
	return err ? STIMULUS_BLOCKED : 0;
}

static const char *igb_refuse(const struct stimulus *igb, const struct stimulus_access *access)
{
	(void)igb;
	return access->size > BUFFER_SIZE ? "moves at most 4096 bytes at a time" : NULL;
}

/* As much as fits one frame, within one page. */
static uint32_t piece(uint64_t iova, uint32_t rest)
{
	const uint32_t in_page = STIMULUS_PAGE - (uint32_t)(iova % STIMULUS_PAGE);
	const uint32_t most = in_page < FRAME_DATA ? in_page : FRAME_DATA;

	return rest < most ? rest : most;
}

/* A lost frame leaves the rings in an unknown state: restart the card. */
static int igb_transfer(struct stimulus *igb, const struct stimulus_access *access)
{
	uint32_t size;
	int err = 0;

	for (uint32_t done = 0; !err && done < access->size; done += size) {
		const uint64_t there = access->iova + done;
		const uint64_t here = igb->memory.iova + AT_BUFFER + done;

		size = piece(there, access->size - done);
		err = access->write ? send_frame(igb, here, there, size)
				    : send_frame(igb, there, here, size);
	}
	igb->usable = !err;
	return err;
}

static int igb_raise_irq(struct stimulus *igb, uint32_t vector)
{
	const uint32_t bit = UINT32_C(1) << vector;
	const struct stimulus_setting settings[] = {
		{ IGB_GPIE, GPIE_MSIX },
		{ IGB_EIAC, bit },
		{ IGB_EIMS, bit },
		{ IGB_EICS, bit },
	};

	return stimulus_write_all(igb, settings, ARRAY_SIZE(settings));
}

static int igb_clear_irq(struct stimulus *igb, uint32_t vector)
{
	return stimulus_write32(igb, IGB_EIMC, UINT32_C(1) << vector);
}

static const struct stimulus_ids ids[] = {
	{ .vendor = 0x8086, .device = 0x10c9 }, /* 82576, copper */
	{ .vendor = 0x8086, .device = 0x1521 }, /* I350, copper */
};

const struct stimulus_driver stimulus_igb = {
	.name = "igb",
	.ids = ids,
	.id_count = ARRAY_SIZE(ids),
	.about =
		"Intel's 82576 and I350 network cards, in MAC loopback: the card is reset and its link is "
		"down until the job ends, so it is used only if \"stimulus\" names it. It "
		"moves up to 4096 bytes, in frames of 448, and has 10 interrupts, MSI or "
		"MSI-X.",
	.touches = "resets the card and takes its link down until the job ends",
	.disruptive = true,
	.memory_size = MEMORY_SIZE,
	.vectors = VECTORS,
	.kept_count = BUFFER_SIZE,
	.start = igb_start,
	.stop = igb_stop,
	.refuse = igb_refuse,
	.transfer = igb_transfer,
	.raise_irq = igb_raise_irq,
	.clear_irq = igb_clear_irq,
};
