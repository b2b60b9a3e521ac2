// SPDX-License-Identifier: MIT
/*
 * A malicious guest for examples/vmm-skeleton.c: it writes registers out of order and with any
 * value. The VMM goes on, and the next guest finds an SMMU that works.
 */
#include "vmm-skeleton.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "array.h"

#define QUEUE	   (GUEST_IPA + 0x100000)
#define LOG2SMALL  4
#define LOG2LARGE  16
#define NOWHERE	   UINT64_C(0x7000000000)
#define WRITES_MAX 6
#define ABORTED	   ((uint32_t)IOMMUCTL_CERROR_ABT << 24)
#define ILLEGAL	   ((uint32_t)IOMMUCTL_CERROR_ILL << 24)
#define ENTRY_SIZE 16

struct reg_write {
	unsigned int reg;
	uint64_t value;
};

/* Writes, and the values of CMDQ_CONS and of the number of CMD_SYNCs after them. */
static const struct attack {
	const char *name;
	struct reg_write writes[WRITES_MAX];
	uint32_t cons;
	unsigned int syncs;
} attacks[] = {
	{ "PROD before anything else", { { SMMU_CMDQ_PROD, 1 } }, 0, 0 },
	{ "a PROD of all ones", { { SMMU_CMDQ_PROD, UINT64_MAX } }, 0, 0 },
	{ "PROD before CMDQ_BASE, and then CMDQEN",
		{ { SMMU_CMDQ_PROD, 1 }, { SMMU_CR0, SMMU_CR0_CMDQEN } }, ABORTED, 0 },
	{ "PROD before CMDQEN", { { SMMU_CMDQ_BASE, QUEUE | LOG2SMALL }, { SMMU_CMDQ_PROD, 3 } }, 0,
		0 },
	{ "CMDQEN with commands that wait",
		{ { SMMU_CMDQ_BASE, QUEUE | LOG2SMALL }, { SMMU_CMDQ_PROD, 3 },
			{ SMMU_CR0, SMMU_CR0_CMDQEN } },
		3, 3 },
	{ "a queue outside of memory",
		{ { SMMU_CMDQ_BASE, NOWHERE | 19 }, { SMMU_CR0, SMMU_CR0_CMDQEN },
			{ SMMU_CMDQ_PROD, 9 }, { SMMU_CMDQ_PROD, 10 } },
		ABORTED, 0 },
	{ "CMDQ_BASE while the queue is enabled",
		{ { SMMU_CMDQ_BASE, QUEUE | LOG2SMALL }, { SMMU_CR0, SMMU_CR0_CMDQEN },
			{ SMMU_CMDQ_BASE, NOWHERE }, { SMMU_CMDQ_PROD, 2 } },
		2, 2 },
	{ "an index beyond the queue",
		{ { SMMU_CMDQ_BASE, QUEUE | LOG2SMALL }, { SMMU_CMDQ_CONS, UINT32_MAX },
			{ SMMU_CR0, SMMU_CR0_CMDQEN }, { SMMU_CMDQ_PROD, 2 } },
		2, 3 },
	{ "PROD once the queue is disabled again",
		{ { SMMU_CMDQ_BASE, QUEUE | LOG2SMALL }, { SMMU_CR0, SMMU_CR0_CMDQEN },
			{ SMMU_CMDQ_PROD, 1 }, { SMMU_CR0, 0 }, { SMMU_CMDQ_PROD, 5 } },
		1, 1 },
	{ "an error that was acknowledged and is still there",
		{ { SMMU_CMDQ_BASE, NOWHERE }, { SMMU_CR0, SMMU_CR0_CMDQEN }, { SMMU_CMDQ_PROD, 1 },
			{ SMMU_GERRORN, SMMU_GERROR_CMDQ_ERR } },
		ABORTED, 0 },
	{ "the acknowledgement of no error",
		{ { SMMU_GERRORN, UINT64_MAX }, { SMMU_CR0, SMMU_CR0_CMDQEN } }, 0, 0 },
	{ "all of CR0, without a table or a queue", { { SMMU_CR0, UINT64_MAX } }, 0, 0 },
	{ "registers that there are not", { { 0, 1 }, { UINT32_MAX, UINT64_MAX } }, 0, 0 },
	{ "an illegal command, and PROD again",
		{ { SMMU_CMDQ_BASE, (QUEUE + 0x1000) | LOG2SMALL }, { SMMU_CR0, SMMU_CR0_CMDQEN },
			{ SMMU_CMDQ_PROD, 2 }, { SMMU_CMDQ_PROD, 3 } },
		ILLEGAL, 0 },
};

/* @count entries from @ipa on, all with these words. */
static void fill(struct vmm *vmm, uint64_t ipa, size_t count, const uint64_t words[2])
{
	for (size_t i = 0; i < count; i++)
		iommuctl_smmuv3_words_to_le(
			iommuctl_guest_memory_at(&vmm->memory, ipa + i * ENTRY_SIZE, ENTRY_SIZE),
			words, IOMMUCTL_SMMUV3_CMD_WORDS);
}

static int reset(struct vmm *vmm)
{
	const struct reg_write writes[] = {
		{ SMMU_CR0, 0 },
		{ SMMU_GERRORN, vmm_read(vmm, SMMU_GERROR) },
		{ SMMU_CMDQ_BASE, 0 },
		{ SMMU_CMDQ_PROD, 0 },
		{ SMMU_CMDQ_CONS, 0 },
		{ SMMU_STRTAB_BASE, 0 },
		{ SMMU_STRTAB_BASE_CFG, 0 },
	};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(writes); i++)
		err = vmm_write(vmm, writes[i].reg, writes[i].value);
	vmm->smmu.syncs = 0;
	return err;
}

static int attempt(struct vmm *vmm, const struct attack *attack)
{
	bool told = false;
	int err = reset(vmm);

	for (size_t i = 0; !err && i < WRITES_MAX; i++)
		err = vmm_write(vmm, attack->writes[i].reg, attack->writes[i].value);
	if (err)
		return err;
	told = vmm_read(vmm, SMMU_GERROR) != vmm_read(vmm, SMMU_GERRORN);
	if (vmm_read(vmm, SMMU_CMDQ_CONS) != attack->cons || vmm->smmu.syncs != attack->syncs ||
		told != (attack->cons >> 24 != 0)) {
		printf("%s: CMDQ_CONS is 0x%llx, %u CMD_SYNCs, %s\n", attack->name,
			(unsigned long long)vmm_read(vmm, SMMU_CMDQ_CONS), vmm->smmu.syncs,
			told ? "an error" : "no error");
		return -EPROTO;
	}
	return 0;
}

/* More than one register write may ask for: the loop of the VMM is needed for the rest. */
static int flood(struct vmm *vmm)
{
	static const uint64_t forget_all[] = { IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
		IOMMUCTL_SMMUV3_CFGI_RANGE_ALL };
	const uint32_t count = 1u << LOG2LARGE;
	unsigned int turns = 0;
	bool more = true;
	int err = reset(vmm);

	fill(vmm, QUEUE, count, forget_all);
	if (!err)
		err = vmm_write(vmm, SMMU_CMDQ_BASE, QUEUE | LOG2LARGE);
	if (!err)
		err = vmm_write(vmm, SMMU_CR0, SMMU_CR0_CMDQEN);
	if (!err)
		err = vmm_write(vmm, SMMU_CMDQ_PROD, count);
	if (!err && vmm_read(vmm, SMMU_CMDQ_CONS) == count)
		return -EPROTO;
	for (; !err && more; turns++)
		err = vmm_work(vmm, &more);
	if (err || vmm_read(vmm, SMMU_CMDQ_CONS) != count)
		return err ? err : -EPROTO;
	printf("a full queue took the VMM %u turns\n", turns);
	return 0;
}

int guest_run(struct vmm *vmm)
{
	static const uint64_t sync[] = { IOMMUCTL_SMMUV3_CMD_SYNC, 0 };
	static const uint64_t reserved[] = { 0xff, 0 };
	int err = 0;

	fill(vmm, QUEUE, 1u << LOG2SMALL, sync);
	fill(vmm, QUEUE + 0x1000, 1u << LOG2SMALL, reserved);
	for (size_t i = 0; !err && i < ARRAY_SIZE(attacks); i++)
		err = attempt(vmm, &attacks[i]);
	return err ? err : flood(vmm);
}
