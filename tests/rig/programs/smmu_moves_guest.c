// SPDX-License-Identifier: MIT
/* Source of the registers: Arm IHI 0070, chapter 6. */
#include "smmu_moves_guest.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_event.h>

#define CR0	    0x20
#define CR0ACK	    0x24
#define IRQ_CTRL    0x50
#define STRTAB_BASE 0x80
#define STRTAB_CFG  0x88
#define CMDQ_BASE   0x90
#define EVENTQ_BASE 0xa0
#define EVENTQ_CONS 0x100ac

#define SMMUEN	  1u
#define EVENTQEN  4u
#define CMDQEN	  8u
#define IRQ_ALL	  5u
#define CMDQ_ERR  1u
#define ERR_SHIFT 24
#define ERR_MASK  0x7fu

#define PAGE	    GUEST_PAGE
#define STREAMS	    IPA
#define STREAM_BITS 8
#define CMDQ	    (IPA + 0x4000)
#define CMDQ_LOG2   5
#define CMD_BYTES   (IOMMUCTL_SMMUV3_CMD_WORDS * UINT64_C(8))
#define EVENTQ	    (IPA + 0x5000)
#define EVENTQ_LOG2 3
#define EVENT_BYTES (IOMMUCTL_SMMUV3_EVENT_WORDS * UINT64_C(8))
#define STATE	    (IPA + 0x6000)
#define CDS(n)	    (IPA + 0x8000 + (n)*PAGE)
#define TABLES(n)   (IPA + 0x10000 + (n)*UINT64_C(0x10000))

#define ASID(n)	    ((uint16_t)(7 + (n)))
#define FROM	    UINT64_C(0x10000000)
#define TO	    UINT64_C(0x20000000)
#define NO_COMMAND  UINT64_C(0xee)
#define LOOKS	    1000
#define STRAY_BYTES 4 /* edu reads by as many, and each is an event */

uint32_t moving_guest_sid(unsigned int device)
{
	return 8u << device;
}

uint64_t moving_guest_memory(uint64_t pages)
{
	return SOURCE - IPA + 2 * pages * PAGE;
}

uint64_t moving_guest_round(const struct driver *driver, enum moment moment)
{
	return driver->rounds * (uint64_t)moment / (MOMENTS + 1);
}

static bool is_at(const struct driver *driver, enum moment moment)
{
	return driver->round == moving_guest_round(driver, moment);
}

static uint64_t pages_of(const struct driver *driver)
{
	return driver->rounds * VMM_DEVICES;
}

/* The other way round, so that the page of a stale translation is never the right one. */
static uint64_t target_of(const struct driver *driver, uint64_t page)
{
	return SOURCE + (2 * pages_of(driver) - 1 - page) * PAGE;
}

static uint64_t source_of(uint64_t page)
{
	return SOURCE + page * PAGE;
}

static uint64_t word_of(uint64_t page, uint64_t index)
{
	return (page * (PAGE / 8) + index + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint32_t rd(const struct moving_guest *guest, uint64_t offset)
{
	return (uint32_t)iommuctl_vsmmuv3_read(guest->smmu, offset, 4);
}

/* What there is left to do is the VMM's matter, and so is what goes wrong with that. */
static void wr(struct moving_guest *guest, uint64_t offset, uint32_t value)
{
	(void)iommuctl_vsmmuv3_write(guest->smmu, offset, 4, value);
}

static void wr64(struct moving_guest *guest, uint64_t offset, uint64_t value)
{
	(void)iommuctl_vsmmuv3_write(guest->smmu, offset, 8, value);
}

static uint64_t place_of(uint32_t index)
{
	return CMDQ + index % (1u << CMDQ_LOG2) * CMD_BYTES;
}

static void put_words(struct moving_guest *guest, const uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS])
{
	struct driver *driver = guest->driver;

	guest_put_words(guest->ram, place_of(driver->cmdq_prod), words, IOMMUCTL_SMMUV3_CMD_WORDS);
	driver->cmdq_prod = (driver->cmdq_prod + 1) % (2u << CMDQ_LOG2);
}

static void put(struct moving_guest *guest, struct iommuctl_smmuv3_cmd cmd)
{
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

	must(iommuctl_smmuv3_cmd_encode(&cmd, words, NULL), "command");
	put_words(guest, words);
}

void moving_guest_find(struct moving_guest *guest, struct guest_ram *ram)
{
	guest->ram = ram;
	guest->driver = guest_at(ram, STATE);
	for (unsigned int i = 0; i < VMM_DEVICES; i++)
		guest->driver->stage1[i].memory = &ram->memory;
}

static void make_stage1(struct moving_guest *guest, unsigned int device)
{
	struct iommuctl_stage1 *stage1 = &guest->driver->stage1[device];
	const struct iommuctl_smmuv3_ste ste = {
		.v = 1,
		.config = IOMMUCTL_SMMUV3_CONFIG_S1,
		.s1contextptr = CDS(device),
	};

	*stage1 = guest_make_tables(guest->ram, TABLES(device), 0x10000);
	guest_map(stage1, FROM, SOURCE, PAGE);
	guest_map(stage1, TO, SOURCE, PAGE);
	guest_put_context(guest->ram, CDS(device), stage1, ASID(device));
	guest_put_ste(guest->ram, STREAMS + moving_guest_sid(device) * GUEST_STE_SIZE, &ste);
}

static void enable(struct moving_guest *guest)
{
	wr64(guest, STRTAB_BASE, STREAMS);
	wr(guest, STRTAB_CFG, STREAM_BITS);
	wr64(guest, CMDQ_BASE, CMDQ | CMDQ_LOG2);
	wr64(guest, EVENTQ_BASE, EVENTQ | EVENTQ_LOG2);
	wr(guest, IRQ_CTRL, IRQ_ALL);
	wr(guest, CR0, CMDQEN | EVENTQEN);
	wr(guest, CR0, CMDQEN | EVENTQEN | SMMUEN);
	must(rd(guest, CR0ACK) & SMMUEN ? 0 : -EIO, "SMMU of the guest, which is to be enabled");
}

void moving_guest_boot(struct moving_guest *guest, uint64_t pages)
{
	struct driver *driver = guest->driver;

	*driver = (struct driver){ .rounds = pages / VMM_DEVICES };
	for (uint64_t page = 0; page < pages; page++) {
		uint64_t *words = guest_at(guest->ram, source_of(page));

		for (uint64_t i = 0; i < PAGE / 8; i++)
			words[i] = word_of(page, i);
	}
	for (unsigned int i = 0; i < VMM_DEVICES; i++)
		make_stage1(guest, i);
	enable(guest);
}

/* The page that @device has to copy in this round. */
static uint64_t page_of(const struct driver *driver, unsigned int device)
{
	return driver->round * VMM_DEVICES + device;
}

static void map(struct moving_guest *guest)
{
	static const uint64_t no_command[IOMMUCTL_SMMUV3_CMD_WORDS] = { NO_COMMAND };
	struct driver *driver = guest->driver;

	if (is_at(driver, QUEUE_STOPPED))
		put_words(guest, no_command);
	for (unsigned int i = 0; i < VMM_DEVICES; i++) {
		struct iommuctl_smmuv3_cmd cmd = {
			.opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
			.asid = ASID(i),
			.leaf = 1,
			.address = FROM,
		};
		const uint64_t page = page_of(driver, i);

		must(iommuctl_stage1_remap(&driver->stage1[i], FROM, source_of(page), PAGE),
			"remapping");
		must(iommuctl_stage1_remap(&driver->stage1[i], TO, target_of(driver, page), PAGE),
			"remapping");
		put(guest, cmd);
		cmd.address = TO;
		put(guest, cmd);
		put(guest, (struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC });
	}
	driver->step = STEP_SYNC;
	wr(guest, CMDQ_PROD, driver->cmdq_prod);
}

uint32_t moving_guest_commands_left(const struct moving_guest *guest)
{
	return (guest->driver->cmdq_prod - rd(guest, CMDQ_CONS)) % (2u << CMDQ_LOG2);
}

static int look_for_sync(struct moving_guest *guest)
{
	struct driver *driver = guest->driver;

	if (moving_guest_commands_left(guest))
		return ++driver->looks > LOOKS ? -ETIMEDOUT : 0;
	driver->looks = 0;
	driver->step = STEP_READ;
	return 0;
}

static int begin_and_await(struct moving_guest *guest,
	int (*begin)(const struct edu *edu, uint64_t iova, size_t size), uint64_t iova)
{
	int err = 0;

	for (unsigned int i = 0; i < VMM_DEVICES && !err; i++)
		err = begin(&guest->edus[i], iova, PAGE);
	for (unsigned int i = 0; i < VMM_DEVICES && !err; i++)
		err = edu_await(&guest->edus[i]);
	return err;
}

static int read_pages(struct moving_guest *guest)
{
	int err = 0;

	if (is_at(guest->driver, FAULT_WAITS))
		err = edu_read(&guest->edus[0], NOWHERE, STRAY_BYTES);
	return err ? err : begin_and_await(guest, edu_begin_read, FROM);
}

/* As Linux does it: a CMD_SYNC in the place of what the SMMU does not know. */
static void handle_errors(struct moving_guest *guest)
{
	static const struct iommuctl_smmuv3_cmd sync = { .opcode = IOMMUCTL_SMMUV3_CMD_SYNC };
	const uint32_t errors = rd(guest, GERROR), cons = rd(guest, CMDQ_CONS);
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

	if (!((errors ^ rd(guest, GERRORN)) & CMDQ_ERR))
		return;
	printf("guest: error %u of the command queue\n", cons >> ERR_SHIFT & ERR_MASK);
	guest->driver->errors++;
	must(iommuctl_smmuv3_cmd_encode(&sync, words, NULL), "CMD_SYNC");
	guest_put_words(guest->ram, place_of(cons), words, IOMMUCTL_SMMUV3_CMD_WORDS);
	wr(guest, GERRORN, errors);
}

static void handle_events(struct moving_guest *guest)
{
	struct driver *driver = guest->driver;

	while ((rd(guest, EVENTQ_PROD) ^ driver->eventq_cons) % (2u << EVENTQ_LOG2)) {
		const uint32_t index = driver->eventq_cons % (1u << EVENTQ_LOG2);
		uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];
		struct iommuctl_smmuv3_event event;

		iommuctl_smmuv3_words_from_le(words,
			guest_at(guest->ram, EVENTQ + index * EVENT_BYTES),
			IOMMUCTL_SMMUV3_EVENT_WORDS);
		iommuctl_smmuv3_event_decode(words, &event);
		printf("guest: event 0x%x of StreamID 0x%x at 0x%llx\n", event.type, event.streamid,
			(unsigned long long)event.inputaddr);
		driver->events++;
		driver->eventq_cons = (driver->eventq_cons + 1) % (2u << EVENTQ_LOG2);
		wr(guest, EVENTQ_CONS, driver->eventq_cons);
	}
}

static void handle_interrupts(struct moving_guest *guest)
{
	const uint32_t interrupts = guest->driver->interrupts;

	guest->driver->interrupts = 0;
	if (interrupts & 1u << IOMMUCTL_VSMMUV3_INTERRUPT_GERROR)
		handle_errors(guest);
	if (interrupts & 1u << IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ)
		handle_events(guest);
}

int moving_guest_step(struct moving_guest *guest)
{
	struct driver *driver = guest->driver;
	int err = 0;

	handle_interrupts(guest);
	switch (driver->step) {
	case STEP_MAP: map(guest); break;
	case STEP_SYNC: err = look_for_sync(guest); break;
	case STEP_READ:
		err = read_pages(guest);
		driver->step = STEP_WRITE;
		break;
	case STEP_WRITE:
		err = begin_and_await(guest, edu_begin_write, TO);
		driver->round++;
		driver->step = STEP_MAP;
		break;
	}
	return err;
}

static bool is_right(const struct moving_guest *guest, uint64_t ipa, uint64_t page)
{
	const uint64_t *words = guest_at(guest->ram, ipa);

	for (uint64_t i = 0; i < PAGE / 8; i++)
		if (words[i] != word_of(page, i))
			return false;
	return true;
}

uint64_t moving_guest_wrong_pages(const struct moving_guest *guest)
{
	uint64_t wrong = 0;

	for (uint64_t page = 0; page < pages_of(guest->driver); page++)
		if (!is_right(guest, source_of(page), page) ||
			!is_right(guest, target_of(guest->driver, page), page))
			wrong++;
	return wrong;
}
