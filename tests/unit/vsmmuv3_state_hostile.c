// SPDX-License-Identifier: MIT
/*
 * A guest that does arbitrary things, and is saved in the middle of it: another SMMU can take over
 * whatever state its SMMU was in.
 */
#include "hostile.h"
#include "vsmmuv3_record.h"

#include <iommuctl/vsmmuv3_translate.h>

#define ROUNDS	  6000
#define STEPS_MAX 24
#define COMMANDS  512 /* of the queue that is likely to be the guest's */
#define COMMANDQ  (HOSTILE_RAM + 0x40000)

static struct guest_smmu guest; /* its registers, and what it is asked for */
static struct hostile hostile;
static unsigned int settled, left, failed;

static uint32_t pick(void *data)
{
	(void)data;
	return (uint32_t)rand() << 16 ^ (uint32_t)rand();
}

static void set_up(void)
{
	guest = (struct guest_smmu){ .prod = 0 };
	vmm_open_model(&guest.vmm, NULL);
	vmm_make_ram(&guest.vmm, HOSTILE_RAM, HOSTILE_RAM_SIZE);
	hostile = (struct hostile){ .vmm = &guest.vmm, .pick = pick };
	cr_assert_eq(hostile_open(&hostile, (struct iommuctl_vsmmuv3_config){ .ops = &guest_ops,
						    .data = &guest,
						    .budget = 20,
						    .event_depth = 16 }),
		0);
	guest.smmu = hostile.smmu;
}

static void tear_down(void)
{
	guest_close(&guest);
}

TestSuite(vsmmuv3_state_hostile, .init = set_up, .fini = tear_down);

static void access_emulated(void)
{
	struct iommuctl_vsmmuv3_translation translation;
	const int err = iommuctl_vsmmuv3_translate(guest.smmu,
		&(struct iommuctl_vsmmuv3_access){ .sid = pick(NULL) >> pick(NULL) % 32,
			.iova = hostile_pick_iova(&hostile),
			.permissions = IOMMUCTL_STAGE1_READ },
		&translation);

	cr_assert(!err || err == -EFAULT || err == -ENODATA, "%d", err);
}

static void act(void)
{
	switch (pick(NULL) % 16) {
	case 0: (void)iommuctl_vsmmuv3_deliver_events(guest.smmu); break;
	case 1: (void)iommuctl_vsmmuv3_process(guest.smmu); break;
	case 2: (void)dma(&guest.vmm, pick(NULL) % 2, hostile_pick_iova(&hostile)); break;
	case 3: access_emulated(); break;
	case 4:
	case 5:
	case 6:
	case 7: hostile_write_memory(&hostile); break;
	default: (void)hostile_access_register(&hostile); break;
	}
}

/* With commands that take long. */
static void start_over(void)
{
	cr_assert_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	hostile_fill_memory(&hostile);
	for (uint64_t i = 0; i < COMMANDS; i++)
		guest_put_words(&guest.vmm.ram, COMMANDQ + i * 16,
			(const uint64_t[]){ IOMMUCTL_SMMUV3_CMD_SYNC, 0 }, 2);
}

/* Nothing is under way, or left in the queue. */
static bool is_settled(void)
{
	return !iommuctl_vsmmuv3_process(guest.smmu) && rd(&guest, CR0) == rd(&guest, CR0ACK) &&
	       !(rd(&guest, GBPA) & UPDATE);
}

static void expect_same(const struct record *before)
{
	struct record after;

	guest_save(&guest, &after);
	for (size_t i = 0; i < after.length; i++)
		cr_assert_eq(after.bytes[i], before->bytes[i], "byte %zu: 0x%x, not 0x%x", i,
			after.bytes[i], before->bytes[i]);
}

/* Perhaps with a kernel that has no memory, now and then. */
static void go_on_in_another(unsigned int round)
{
	const bool at_rest = round % 2 && is_settled();
	struct record record;
	int err;

	guest_save(&guest, &record);
	script_fail_none(guest.vmm.script);
	cr_assert_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	if (round % 8 == 7)
		script_fail(guest.vmm.script, 0, 1 + pick(NULL) % 6, SCRIPT_NEVER, ENOMEM);
	err = guest_restore(&guest, &record);
	script_fail_none(guest.vmm.script);
	failed += err == -ENOMEM;
	left += err == -EAGAIN;
	if (err == -ENOMEM)
		err = guest_restore(&guest, &record);
	cr_assert(!err || err == -EAGAIN, "round %u: %d, %s", round, err,
		err == -EAGAIN ? "" : iommuctl_last_error(guest.vmm.ctx)->object);
	if (!at_rest)
		return;
	cr_assert_eq(err, 0);
	expect_same(&record);
	settled++;
}

Test(vsmmuv3_state_hostile, whatever_it_was_in_another_can_be_in)
{
	srand(1);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		if (round % 64 == 0)
			start_over();
		for (unsigned int i = pick(NULL) % STEPS_MAX; i > 0; i--) {
			if (pick(NULL) % 32 == 0)
				script_fail(guest.vmm.script, 0, 1, SCRIPT_NEVER, ENOMEM);
			act();
		}
		go_on_in_another(round);
	}
	cr_expect_gt(settled, ROUNDS / 8);
	cr_expect_gt(left, 0);
	cr_expect_gt(failed, 0);
}
