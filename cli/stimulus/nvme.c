// SPDX-License-Identifier: MIT
/*
 * Any NVMe drive, using only its admin queue: it makes no I/O queue, and neither reads nor writes
 * the media. The device reads by "Set Features: Timestamp", whose data are 8 bytes of memory, and
 * writes by commands that report: the timestamp again, a log page, or Identify.
 *
 * A timestamp counts milliseconds in its lower 6 bytes, and the drive has 2 of status above them.
 * So bytes 2 to 5 come out as they went in, unless the lower 2 pass 65 seconds on the way.
 *
 * Source: NVM Express Base Specification 1.4, sections 3.1, 4.2, 4.6, 5.14, 5.15, 5.21.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "stimulus/registers.h"

#define NVME_CAP_LOW	 0x00
#define NVME_CAP_HIGH	 0x04
#define NVME_CC		 0x14
#define NVME_CSTS	 0x1c
#define NVME_AQA	 0x24
#define NVME_ASQ	 0x28
#define NVME_ACQ	 0x30
#define NVME_DOORBELLS	 0x1000
#define CAP_TO_MS(low)	 (((low) >> 24) * 500)
#define CAP_DSTRD(high)	 (4u << ((high)&0xf))
#define CAP_MPSMIN(high) (((high) >> 16) & 0xf)
#define CC_ENABLE	 0x1
#define CC_ENTRY_SIZES	 (6u << 16 | 4u << 20) /* 64 and 16 bytes, for I/O queues */
#define CSTS_READY	 0x1
#define CSTS_FATAL	 0x2
#define ABSENT		 UINT32_MAX /* the value of a register of a missing device */

#define OPCODE_GET_LOG	    0x02
#define OPCODE_IDENTIFY	    0x06
#define OPCODE_SET_FEATURES 0x09
#define OPCODE_GET_FEATURES 0x0a
#define LOG_FIRMWARE	    0x03
#define IDENTIFY_CONTROLLER 0x01
#define FEATURE_QUEUES	    0x07
#define FEATURE_TIMESTAMP   0x0e
#define ALL_NAMESPACES	    UINT32_MAX

#define STATUS_MASK	      0x7ff /* type and code */
#define STATUS_TRANSFER_ERROR 0x004
/* The drive itself reports an error, other than one of the transfer. */
#define REFUSED 2

#define QUEUE_ENTRIES 8
#define IDENTIFY_SIZE 4096
#define LOG_SIZE      512
#define CLOCK_SIZE    8
#define POLL_MS	      5

/* The memory: a page for each queue, and one for data. */
enum { PAGE_SUBMISSION, PAGE_COMPLETION, PAGE_DATA, PAGES };

struct command {
	uint32_t opcode;
	uint32_t namespace;
	uint64_t data; /* IOVA */
	uint32_t size; /* of it, a page at most */
	uint32_t word10;
	uint32_t word11;
};

static uint32_t *page(const struct stimulus *nvme, unsigned int number)
{
	return (uint32_t *)(void *)(nvme->memory.host + (size_t)number * STIMULUS_PAGE);
}

static uint64_t page_iova(const struct stimulus *nvme, unsigned int number)
{
	return nvme->memory.iova + (uint64_t)number * STIMULUS_PAGE;
}

static void put64(uint32_t *words, uint64_t value)
{
	words[0] = htole32((uint32_t)value);
	words[1] = htole32((uint32_t)(value >> 32));
}

/* The address of the second page, if the data cross into it. */
static uint64_t second_page(const struct command *command)
{
	const uint64_t rest = STIMULUS_PAGE - command->data % STIMULUS_PAGE;

	return command->size > rest ? command->data + rest : 0;
}

static void put_command(const struct stimulus *nvme, const struct command *command)
{
	const uint32_t slot = nvme->nvme.submitted % QUEUE_ENTRIES;
	uint32_t *words = page(nvme, PAGE_SUBMISSION) + (size_t)slot * 16;

	memset(words, 0, 64);
	words[0] = htole32(command->opcode | slot << 16);
	words[1] = htole32(command->namespace);
	put64(&words[6], command->data);
	put64(&words[8], second_page(command));
	words[10] = htole32(command->word10);
	words[11] = htole32(command->word11);
}

/*
 * The status of the oldest command, masked by STATUS_MASK. STIMULUS_BLOCKED: the drive has given
 * up, or cannot reach its queues.
 */
static int take_completion(struct stimulus *nvme, uint32_t *status)
{
	struct stimulus_nvme *state = &nvme->nvme;
	const uint32_t *words =
		page(nvme, PAGE_COMPLETION) + (size_t)(state->completed % QUEUE_ENTRIES) * 4;
	/* The phase flips each time that the queue wraps. */
	const uint32_t phase = state->completed / QUEUE_ENTRIES % 2 ? 0 : UINT32_C(1) << 16;
	int err = -ETIMEDOUT;
	uint32_t csts;

	for (unsigned int waited = 0; waited < STIMULUS_LIMIT_MS; waited += POLL_MS) {
		err = stimulus_wait_memory(&words[3], UINT32_C(1) << 16, phase, POLL_MS);
		if (!err)
			break;
		err = stimulus_read32(nvme, NVME_CSTS, &csts);
		if (err)
			return err;
		if (csts & CSTS_FATAL)
			return STIMULUS_BLOCKED;
		err = -ETIMEDOUT;
	}
	if (err)
		return STIMULUS_BLOCKED;
	*status = le32toh(words[3]) >> 17 & STATUS_MASK;
	state->completed++;
	return stimulus_write32(
		nvme, NVME_DOORBELLS + state->stride, state->completed % QUEUE_ENTRIES);
}

/* 0, REFUSED, STIMULUS_BLOCKED, or an error. */
static int execute(struct stimulus *nvme, const struct command *command)
{
	uint32_t status = 0;
	int err;

	put_command(nvme, command);
	nvme->nvme.submitted++;
	err = stimulus_write32(nvme, NVME_DOORBELLS, nvme->nvme.submitted % QUEUE_ENTRIES);
	if (!err)
		err = take_completion(nvme, &status);
	if (err) {
		nvme->usable = false;
		return err;
	}
	if (status == STATUS_TRANSFER_ERROR)
		return STIMULUS_BLOCKED;
	return status ? REFUSED : 0;
}

static int clock(struct stimulus *nvme, uint32_t opcode, uint64_t data)
{
	return execute(nvme,
		&(struct command){
			.opcode = opcode,
			.data = data,
			.size = CLOCK_SIZE,
			.word10 = FEATURE_TIMESTAMP,
		});
}

static int wait_ready(const struct stimulus *nvme, uint32_t ready)
{
	return stimulus_wait32(nvme, NVME_CSTS, CSTS_READY, ready, POLL_MS, nvme->nvme.ready_ms);
}

static int disable(const struct stimulus *nvme)
{
	int err = stimulus_write32(nvme, NVME_CC, 0);

	return err ? err : wait_ready(nvme, 0);
}

static int enable(const struct stimulus *nvme)
{
	int err;

	err = stimulus_write32(nvme, NVME_AQA, (QUEUE_ENTRIES - 1) << 16 | (QUEUE_ENTRIES - 1));
	if (!err)
		err = stimulus_write64_halves(nvme, NVME_ASQ, page_iova(nvme, PAGE_SUBMISSION));
	if (!err)
		err = stimulus_write64_halves(nvme, NVME_ACQ, page_iova(nvme, PAGE_COMPLETION));
	if (!err)
		err = stimulus_write32(nvme, NVME_CC, CC_ENABLE | CC_ENTRY_SIZES);
	return err ? err : wait_ready(nvme, CSTS_READY);
}

/* Sets the clock to its own time: a drive that refuses that has none. */
static int find_clock(struct stimulus *nvme)
{
	int err = clock(nvme, OPCODE_GET_FEATURES, page_iova(nvme, PAGE_DATA));

	if (!err)
		err = clock(nvme, OPCODE_SET_FEATURES, page_iova(nvme, PAGE_DATA));
	nvme->nvme.has_clock = err != REFUSED;
	/* If something blocks it now, the access will find out. */
	return err < 0 ? err : 0;
}

static int nvme_start(struct stimulus *nvme)
{
	uint32_t low = 0, high = 0;
	int err;

	err = stimulus_read32(nvme, NVME_CAP_LOW, &low);
	if (!err)
		err = stimulus_read32(nvme, NVME_CAP_HIGH, &high);
	if (!err && (low == ABSENT || CAP_MPSMIN(high)))
		err = -ENODEV;
	if (err)
		return err;
	nvme->nvme = (struct stimulus_nvme){
		.stride = CAP_DSTRD(high),
		.ready_ms = CAP_TO_MS(low) > STIMULUS_LIMIT_MS ? CAP_TO_MS(low) : STIMULUS_LIMIT_MS,
	};
	memset(nvme->memory.host, 0, (size_t)PAGES * STIMULUS_PAGE);
	err = disable(nvme);
	if (!err)
		err = enable(nvme);
	return err ? err : find_clock(nvme);
}

static void nvme_stop(struct stimulus *nvme)
{
	(void)disable(nvme);
}

static const char *nvme_refuse(const struct stimulus *nvme, const struct stimulus_access *access)
{
	const uint32_t size = access->size;

	if (access->iova % 4)
		return "moves data only at multiples of 4";
	if (!access->write && size != CLOCK_SIZE)
		return "reads 8 bytes at a time, no more and no less (a timestamp)";
	if (size == CLOCK_SIZE && !nvme->nvme.has_clock)
		return access->write ? NULL : "reads nothing: this drive takes no timestamp";
	if (access->write && size != IDENTIFY_SIZE && (size % 4 || size > LOG_SIZE))
		return "writes multiples of 4 bytes up to 512, or 4096";
	return NULL;
}

static struct command command_for(const struct stimulus *nvme, const struct stimulus_access *access)
{
	struct command command = { .data = access->iova, .size = access->size };

	if (access->size == CLOCK_SIZE && nvme->nvme.has_clock) {
		command.opcode = access->write ? OPCODE_GET_FEATURES : OPCODE_SET_FEATURES;
		command.word10 = FEATURE_TIMESTAMP;
	} else if (access->size == IDENTIFY_SIZE) {
		command.opcode = OPCODE_IDENTIFY;
		command.word10 = IDENTIFY_CONTROLLER;
	} else {
		command.opcode = OPCODE_GET_LOG;
		command.namespace = ALL_NAMESPACES;
		command.word10 = (access->size / 4 - 1) << 16 | LOG_FIRMWARE;
	}
	return command;
}

/* A drive may refuse the time that it has read, but it has read it. */
static int nvme_transfer(struct stimulus *nvme, const struct stimulus_access *access)
{
	const struct command command = command_for(nvme, access);
	int err = execute(nvme, &command);

	return err == REFUSED ? 0 : err;
}

/* Any command interrupts when it is done; this one has no data. */
static int nvme_raise_irq(struct stimulus *nvme, uint32_t vector)
{
	int err;

	(void)vector;
	err = execute(
		nvme, &(struct command){ .opcode = OPCODE_GET_FEATURES, .word10 = FEATURE_QUEUES });
	return err > 0 ? -EPROTO : err;
}

/* Mass storage, non-volatile, NVM Express. */
static const struct stimulus_ids ids[] = { { .class = 0x010802 } };

const struct stimulus_driver stimulus_nvme = {
	.name = "nvme",
	.ids = ids,
	.id_count = 1,
	.about =
		"Any NVMe drive, using only its admin queue: the controller is reset and its clock is set, "
		"no I/O queue is made, and no media is touched. It reads 8 bytes (Set Features: "
		"Timestamp) and writes 8 (those that it has read, of which only bytes 2 to 5 stay "
		"unchanged), multiples of 4 up to 512 (a log page) or 4096 (Identify). It has one "
		"interrupt, MSI or MSI-X.",
	.touches = "resets the controller and sets its clock; no I/O queue, no media",
	.memory_size = (uint64_t)PAGES * STIMULUS_PAGE,
	.vectors = 1,
	.kept_first = 2,
	.kept_count = 4,
	.start = nvme_start,
	.stop = nvme_stop,
	.refuse = nvme_refuse,
	.transfer = nvme_transfer,
	.raise_irq = nvme_raise_irq,
};
