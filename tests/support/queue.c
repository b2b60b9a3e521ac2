// SPDX-License-Identifier: MIT
#include "queue.h"

#include <errno.h>

#include "must.h"

static int carry_out(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	const struct guest_queue *queue = data;

	return queue->command ? queue->command(cmd, queue->data) : 0;
}

static void complete(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	struct guest_queue *queue = data;

	(void)cmd;
	queue->syncs++;
	if (queue->at_sync)
		queue->at_sync();
}

void guest_queue_start(struct guest_queue *queue, const struct iommuctl_guest_memory *memory,
	struct iommuctl_relay *relay, uint64_t base)
{
	static const struct iommuctl_cmdq_ops ops = { .command = carry_out, .sync = complete };

	queue->cmdq = (struct iommuctl_cmdq){
		.relay = relay,
		.memory = memory,
		.ops = &ops,
		.data = queue,
	};
	queue->prod = 0;
	queue->syncs = 0;
	must(iommuctl_cmdq_init(&queue->cmdq, base), "command queue");
}

void guest_queue_put_words(struct guest_queue *queue, uint64_t word0, uint64_t word1)
{
	const uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS] = { word0, word1 };
	const uint32_t size = 1u << queue->cmdq.log2size;
	void *place = iommuctl_guest_memory_at(queue->cmdq.memory,
		queue->cmdq.base + queue->prod % size * sizeof(words), sizeof(words));

	must(place ? 0 : -EFAULT, "place of a command");
	iommuctl_smmuv3_words_to_le(place, words, IOMMUCTL_SMMUV3_CMD_WORDS);
	queue->prod = (queue->prod + 1) % (2 * size);
}

void guest_queue_put(struct guest_queue *queue, const struct iommuctl_smmuv3_cmd *cmd)
{
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

	must(iommuctl_smmuv3_cmd_encode(cmd, words, NULL), "command");
	guest_queue_put_words(queue, words[0], words[1]);
}

int guest_queue_consume(struct guest_queue *queue)
{
	return iommuctl_cmdq_consume(&queue->cmdq, queue->prod);
}
