// SPDX-License-Identifier: MIT
#include "relay_kernel.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"

#define BLOCK	63
#define ADDRESS (~UINT64_C(0xfff))
#define TG	UINT64_C(0xc00)

struct block {
	int fd;
	const struct abi_viommu_arm_smmuv3_invalidate *entries;
	uint32_t count;
};

static bool is_at(uint64_t address, const struct abi_viommu_arm_smmuv3_invalidate *entry)
{
	return address && (le64toh(entry->cmd[1]) & ADDRESS) == address;
}

static bool is_a(uint8_t opcode, const struct abi_viommu_arm_smmuv3_invalidate *entry)
{
	return opcode && (uint8_t)le64toh(entry->cmd[0]) == opcode;
}

static bool is_refused(
	const struct relay_kernel *kernel, const struct abi_viommu_arm_smmuv3_invalidate *entry)
{
	return is_a(kernel->refused_opcode, entry) || is_at(kernel->refused_address, entry) ||
	       (kernel->no_ranges && le64toh(entry->cmd[1]) & TG);
}

static void issue(struct relay_kernel *kernel, const struct abi_hwpt_invalidate *args,
	const struct block *block)
{
	struct abi_hwpt_invalidate part = *args;

	for (uint32_t i = 0; i < block->count; i++) {
		uint64_t *entry = kernel->log[kernel->logged++ % RELAY_KERNEL_LOG];

		entry[0] = le64toh(block->entries[i].cmd[0]);
		entry[1] = le64toh(block->entries[i].cmd[1]);
	}
	part.data_uptr = (uintptr_t)block->entries;
	part.entry_num = block->count;
	if (script_pass(&kernel->script, block->fd, ABI_HWPT_INVALIDATE, &part))
		abort();
}

static int issue_or_time_out(struct relay_kernel *kernel, const struct abi_hwpt_invalidate *args,
	const struct block *block)
{
	bool slow = false, dead = false;

	for (uint32_t i = 0; i < block->count; i++) {
		slow |= is_at(kernel->slow_address, &block->entries[i]);
		dead |= is_a(kernel->slow_opcode, &block->entries[i]);
	}
	slow = slow && kernel->timeouts;
	if ((!slow && !dead) || kernel->slow_block_runs)
		issue(kernel, args, block);
	if (!slow && !dead)
		return 0;
	kernel->timeouts -= slow;
	kernel->timed_out++;
	return -ETIMEDOUT;
}

static int invalidate(struct relay_kernel *kernel, int fd, struct abi_hwpt_invalidate *args)
{
	struct block block = { .fd = fd, .entries = (const void *)(uintptr_t)args->data_uptr };

	for (uint32_t i = 0; i < args->entry_num; i++) {
		int err;

		if (is_refused(kernel, &block.entries[block.count])) {
			args->entry_num = i;
			return -EIO;
		}
		if (++block.count < BLOCK && i + 1 < args->entry_num)
			continue;
		err = issue_or_time_out(kernel, args, &block);
		if (err) {
			args->entry_num = i;
			return err;
		}
		block.entries += block.count;
		block.count = 0;
	}
	return 0;
}

static int answer(struct script *script, int fd, unsigned long request, void *arg)
{
	struct relay_kernel *kernel = script->data;
	struct abi_hwpt_invalidate *args = arg;

	if (request != ABI_HWPT_INVALIDATE)
		return script_pass(script, fd, request, arg);
	kernel->calls++;
	kernel->last_entries = args->entry_num;
	if (kernel->at_call)
		kernel->at_call(kernel->data);
	if (kernel->error) {
		args->entry_num = 0;
		return -kernel->error;
	}
	if (kernel->most_entries && args->entry_num > kernel->most_entries)
		return -ENOMEM;
	return invalidate(kernel, fd, args);
}

struct iommuctl *relay_kernel_context(
	struct iommuctl_transport *inner, struct relay_kernel **kernel)
{
	struct relay_kernel *made = calloc(1, sizeof(*made));

	if (!made)
		abort();
	made->script = (struct script){
		.inner = inner,
		.ioctl = answer,
		.data = made,
		.allocated = true,
	};
	*kernel = made;
	return script_context(&made->script);
}
