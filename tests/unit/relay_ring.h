/* SPDX-License-Identifier: MIT */
/* A guest's command queue in memory, and an owner that notes what it is handed. */
#ifndef TEST_RELAY_RING_H
#define TEST_RELAY_RING_H

#include "guest.h"
#include "relay_fixture.h"

#define RING_IPA      UINT64_C(0x80000000)
#define RING_LOG2SIZE 8
#define RING_SIZE     (1u << RING_LOG2SIZE)
#define RING_BASE     (RING_IPA | RING_LOG2SIZE)
#define NOTES_MAX     1024

/* What the owner was handed, and how many commands the kernel had issued by then. */
struct ring_note {
	struct iommuctl_smmuv3_cmd cmd;
	size_t issued;
	uint32_t cons;
};

struct ring_test {
	struct relay_test relay;
	struct guest_ram ram; /* there is memory after the queue */
	struct iommuctl_cmdq cmdq;
	command_words *ring;
	struct ring_note notes[NOTES_MAX];
	size_t noted;
	int answer; /* of the owner to all but CMD_SYNC */

	/* Commands that the relay reported as carried out: by ring_told_ops. */
	command_words told[RING_SIZE];
	size_t told_count;
};

static inline void ring_note(struct ring_test *test, const struct iommuctl_smmuv3_cmd *cmd)
{
	test->notes[test->noted++ % NOTES_MAX] = (struct ring_note){
		.cmd = *cmd,
		.issued = test->relay.kernel->logged,
		.cons = test->cmdq.cons,
	};
}

static inline int ring_command(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	struct ring_test *test = data;

	ring_note(test, cmd);
	return test->answer;
}

static inline void ring_sync(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	ring_note(data, cmd);
}

static inline void ring_relayed(
	const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, void *data)
{
	struct ring_test *test = data;

	cr_assert_leq(test->told_count + count, RING_SIZE);
	memcpy(test->told[test->told_count], commands, count * sizeof(*commands));
	test->told_count += count;
	cr_expect_leq(
		test->cmdq.cons, test->told_count + test->noted - count, "CONS has passed it");
}

static const struct iommuctl_cmdq_ops ring_ops = { ring_command, ring_sync };
static const struct iommuctl_cmdq_ops ring_told_ops = { ring_command, ring_sync, ring_relayed };

static inline void ring_start(struct ring_test *test, struct iommuctl_relay_config config)
{
	memset(test, 0, sizeof(*test));
	relay_start(&test->relay, config);
	guest_ram_open(&test->ram, RING_IPA, 2 * RING_SIZE * sizeof(command_words));
	test->ring = test->ram.range.host;
	test->cmdq = (struct iommuctl_cmdq){
		.relay = test->relay.relay,
		.memory = &test->ram.memory,
		.ops = &ring_ops,
		.data = test,
	};
	cr_assert_eq(iommuctl_cmdq_init(&test->cmdq, RING_BASE), 0);
}

static inline void ring_stop(struct ring_test *test)
{
	guest_ram_close(&test->ram);
	relay_stop(&test->relay);
}

/* As the guest writes it. */
static inline void ring_put(struct ring_test *test, size_t index, const command_words command)
{
	iommuctl_smmuv3_words_to_le(test->ring[index % RING_SIZE], command, 2);
}

static inline void ring_get(const struct ring_test *test, size_t index, command_words command)
{
	iommuctl_smmuv3_words_from_le(command, test->ring[index % RING_SIZE], 2);
}

static inline void ring_put_opcode(struct ring_test *test, size_t index, uint8_t opcode)
{
	ring_put(test, index, (command_words){ opcode, 0 });
}

/* Commands that are all different, from @index on. */
static inline void ring_fill(struct ring_test *test, size_t index, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		command_words command;

		set_tlbi_va(command, ASID, WINDOW + 2 * (index + i) * PAGE);
		ring_put(test, index + i, command);
	}
}

/* True if the kernel issued what ring_fill() made for these, in order. */
static inline bool ring_has_issued(const struct ring_test *test, size_t index, size_t count)
{
	const struct relay_kernel *kernel = test->relay.kernel;

	for (size_t i = 0; i < count; i++)
		if (kernel->log[i][1] != WINDOW + 2 * (index + i) * PAGE)
			return false;
	return kernel->logged == count;
}

#endif
