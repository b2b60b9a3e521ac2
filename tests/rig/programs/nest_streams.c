// SPDX-License-Identifier: MIT
/*
 * nest_streams DEVICE DEVICE: two edu devices in a nest, behind a two-level stream table that the guest
 * changes by its command queue. Says which device gets where after each change.
 */
#include "nest_guest.h"
#include "queue.h"

#define QUEUE   IPA
#define L1      (IPA + 0x2000)
#define L2(n)   (IPA + 0x4000 + (n) * UINT64_C(0x4000))

#define QUEUE_LOG2SIZE 6
#define STREAM_BITS    10
#define SPLIT          8
#define L2_SPAN        (SPLIT + 1)

/* One in each half of the StreamIDs, so that each has an L2 table of its own. */
static const uint32_t vsids[DEVICES] = { 0x42, 0x142 };

struct guest {
	struct nest_guest base;
	struct guest_queue queue;
};

static void expect(struct guest *guest, const char *what, uint64_t wanted, uint64_t got)
{
	nest_guest_expect(&guest->base, what, wanted, got);
}

/* @cmd and a CMD_SYNC, as a guest's driver issues them. */
static int issue(struct guest *guest, const struct iommuctl_smmuv3_cmd *cmd)
{
	static const struct iommuctl_smmuv3_cmd sync = { .opcode = IOMMUCTL_SMMUV3_CMD_SYNC };

	guest_queue_put(&guest->queue, cmd);
	guest_queue_put(&guest->queue, &sync);
	return guest_queue_consume(&guest->queue);
}

static void put_ste(struct guest *guest, unsigned int device, const struct iommuctl_smmuv3_ste *ste)
{
	guest_put_ste(&guest->base.vmm.ram,
		L2(device) + vsids[device] % (1u << SPLIT) * GUEST_STE_SIZE, ste);
}

static int start(struct guest *guest, char **paths)
{
	struct vmm *vmm = &guest->base.vmm;
	int err;

	nest_guest_start(&guest->base, paths);
	err = vmm_new_nest(vmm, (struct iommuctl_nest_config){ .bypass = true });
	for (unsigned int i = 0; !err && i < DEVICES; i++)
		err = vmm_add(vmm, (int)i, vsids[i]);
	if (err)
		return err;
	guest->queue.command = iommuctl_nest_command;
	guest->queue.data = vmm->nest;
	guest_queue_start(&guest->queue, &vmm->ram.memory, iommuctl_nest_get_relay(vmm->nest),
		QUEUE | QUEUE_LOG2SIZE);
	return 0;
}

static uint64_t found_by_stage1(struct guest *guest, unsigned int device)
{
	return nest_guest_by_stage1(&guest->base, device);
}

static uint64_t found_by_ipa(struct guest *guest, unsigned int device)
{
	return nest_guest_by_ipa(&guest->base, device);
}

static const struct iommuctl_smmuv3_ste stage1 = {
	.v = 1,
	.config = IOMMUCTL_SMMUV3_CONFIG_S1,
	.s1contextptr = CDS(0),
};
static const struct iommuctl_smmuv3_ste bypass = {
	.v = 1,
	.config = IOMMUCTL_SMMUV3_CONFIG_BYPASS,
};
static const struct iommuctl_smmuv3_ste block = {
	.v = 1,
	.config = IOMMUCTL_SMMUV3_CONFIG_ABORT,
};

/* The first device has stage 1, the second bypasses it. */
static int enable(struct guest *guest)
{
	struct vmm *vmm = &guest->base.vmm;

	put_ste(guest, 0, &stage1);
	put_ste(guest, 1, &bypass);
	for (uint64_t i = 0; i < DEVICES; i++)
		guest_put_words(&vmm->ram, L1 + i * sizeof(uint64_t),
			&(const uint64_t){ L2(i) | L2_SPAN }, 1);
	return iommuctl_nest_set_stream_table(
		vmm->nest, &vmm->ram.memory, L1, 1u << 16 | SPLIT << 6 | STREAM_BITS);
}

static int check_table(struct guest *guest)
{
	int err;

	expect(guest, "device 0 before the table", DATA(0), found_by_ipa(guest, 0));
	expect(guest, "device 1 before the table", DATA(0), found_by_ipa(guest, 1));
	err = enable(guest);
	expect(guest, "device 0 by stage 1", DATA(1), found_by_stage1(guest, 0));
	expect(guest, "device 0 by IPA", 0, found_by_ipa(guest, 0));
	expect(guest, "device 1 by stage 1", 0, found_by_stage1(guest, 1));
	expect(guest, "device 1 by IPA", DATA(0), found_by_ipa(guest, 1));
	return err;
}

static int check_commands(struct guest *guest)
{
	int err;

	put_ste(guest, 0, &block);
	put_ste(guest, 1, &stage1);
	expect(guest, "device 1 before CFGI_STE", DATA(0), found_by_ipa(guest, 1));
	err = issue(guest, &(struct iommuctl_smmuv3_cmd){
			.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = vsids[1], .leaf = 1 });
	expect(guest, "device 1 after it", DATA(1), found_by_stage1(guest, 1));
	expect(guest, "device 0 as before", DATA(1), found_by_stage1(guest, 0));
	if (!err)
		err = issue(guest, &(struct iommuctl_smmuv3_cmd){
			.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
			.range = IOMMUCTL_SMMUV3_CFGI_RANGE_ALL });
	expect(guest, "device 0 after CFGI_ALL", 0, found_by_stage1(guest, 0));
	expect(guest, "device 1 after CFGI_ALL", DATA(1), found_by_stage1(guest, 1));
	expect(guest, "CMD_SYNCs", 2, guest->queue.syncs);
	return err;
}

static int check_end(struct guest *guest)
{
	int err = iommuctl_nest_remove_device(guest->base.vmm.nest, vsids[0]);

	expect(guest, "device 1 alone", DATA(1), found_by_stage1(guest, 1));
	if (!err)
		err = iommuctl_nest_clear_stream_table(guest->base.vmm.nest);
	expect(guest, "device 1 without a table", DATA(0), found_by_ipa(guest, 1));
	iommuctl_nest_free(guest->base.vmm.nest);
	guest->base.vmm.nest = NULL;
	expect(guest, "the memory is free", 0,
		(uint64_t)-iommuctl_destroy(
			guest->base.vmm.ctx, guest->base.vmm.iommufd, guest->base.vmm.ioas));
	return err;
}

int main(int argc, char **argv)
{
	struct guest guest = { .base = { .checks = 0 } };
	int err;

	if (argc != 1 + DEVICES || iommuctl_new(NULL, &guest.base.vmm.ctx))
		return 2;
	err = start(&guest, argv + 1);
	if (!err)
		err = check_table(&guest);
	if (!err)
		err = check_commands(&guest);
	if (!err)
		err = check_end(&guest);
	return nest_guest_end(&guest.base, "nest_streams", err);
}
