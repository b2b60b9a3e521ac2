/* SPDX-License-Identifier: MIT */
/*
 * A guest's command queue in its memory: the guest puts commands there, and a VMM consumes them.
 *
 *	struct guest_queue queue = { .command = iommuctl_nest_command, .data = nest };
 *
 *	guest_queue_start(&queue, &ram.memory, iommuctl_nest_get_relay(nest), 0x40000000 | 6);
 *	guest_queue_put(&queue, &(struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC });
 *	err = guest_queue_consume(&queue);
 */
#ifndef TESTS_SUPPORT_QUEUE_H
#define TESTS_SUPPORT_QUEUE_H

#include <iommuctl/relay.h>

struct guest_queue {
	/* The owner of the queue, for what the relay does not issue; NULL: it takes everything. */
	int (*command)(const struct iommuctl_smmuv3_cmd *cmd, void *data);
	void *data;
	void (*at_sync)(void); /* NULL: nothing */

	struct iommuctl_cmdq cmdq;
	uint32_t prod;
	unsigned int syncs; /* CMD_SYNCs that came to their end */
};

/* @base is that of the register: the IPA, and the logarithm of the size. Empties the queue. */
void guest_queue_start(struct guest_queue *queue, const struct iommuctl_guest_memory *memory,
	struct iommuctl_relay *relay, uint64_t base);

/* The guest: one command, without notifying the VMM yet. */
void guest_queue_put_words(struct guest_queue *queue, uint64_t word0, uint64_t word1);
void guest_queue_put(struct guest_queue *queue, const struct iommuctl_smmuv3_cmd *cmd);

/* The VMM: what iommuctl_cmdq_consume() says. */
int guest_queue_consume(struct guest_queue *queue);

#endif
