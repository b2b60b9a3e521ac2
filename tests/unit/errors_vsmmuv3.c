// SPDX-License-Identifier: MIT
/* The SMMU that a guest sees: what it refuses, and what the kernel does of what the guest asks for. */
#include "errors_table.h"

#include <iommuctl/vsmmuv3_state.h>
#include <iommuctl/vsmmuv3_translate.h>

#include "abi/iommufd.h"
#include "abi/vfio.h"
#include "vsmmuv3_guest.h"

static struct guest_smmu guest;
static uint8_t record[IOMMUCTL_VSMMUV3_STATE_SIZE];

static int new_smmu(const struct iommuctl_vsmmuv3_config *config)
{
	struct iommuctl_vsmmuv3 *made;

	return iommuctl_vsmmuv3_new(guest.vmm.ctx, config, &made);
}

static int new_without_config(void *data)
{
	(void)data;
	return new_smmu(NULL);
}

static int new_without_ops(void *data)
{
	const struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest.vmm);

	(void)data;
	return new_smmu(&(struct iommuctl_vsmmuv3_config){
		.dev_id = 77, .memory = &guest.vmm.ram.memory, .identity = &identity });
}

static int new_fails(void *data)
{
	const struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest.vmm);

	(void)data;
	errors_refuse(guest.vmm.script, ABI_VIOMMU_ALLOC);
	return new_smmu(&(struct iommuctl_vsmmuv3_config){
		.iommufd = guest.vmm.iommufd,
		.ioas_id = guest.vmm.ioas,
		.dev_id = guest.vmm.dev_ids[0],
		.memory = &guest.vmm.ram.memory,
		.identity = &identity,
		.ops = &guest_ops,
	});
}

static int write_gbpa(void *data)
{
	(void)data;
	errors_refuse(guest.vmm.script, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT);
	return try_wr(&guest, GBPA, UPDATE | ABORT);
}

/* What the row before has left. */
static int process(void *data)
{
	(void)data;
	errors_refuse(guest.vmm.script, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT);
	return iommuctl_vsmmuv3_process(guest.smmu);
}

static int write_cr0(void *data)
{
	(void)data;
	cr_assert_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	wr64(&guest, STRTAB_BASE, STREAMS);
	wr(&guest, STRTAB_CFG, 8);
	errors_refuse(guest.vmm.script, ABI_HWPT_ALLOC);
	return try_wr(&guest, CR0, SMMUEN);
}

static int write_prod(void *data)
{
	(void)data;
	cr_assert_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	guest_enable_cmdq(&guest);
	guest_put_opcode(&guest, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
	errors_refuse(guest.vmm.script, ABI_HWPT_INVALIDATE);
	return guest_go(&guest);
}

static int add_beyond_sidsize(void *data)
{
	(void)data;
	return iommuctl_vsmmuv3_add_device(
		guest.smmu, guest.vmm.devices[1], guest.vmm.dev_ids[1], UINT32_C(1) << 31);
}

static int add_twice(void *data)
{
	(void)data;
	return iommuctl_vsmmuv3_add_device(
		guest.smmu, guest.vmm.devices[1], guest.vmm.dev_ids[1], VSID);
}

static int add_fails(void *data)
{
	(void)data;
	errors_refuse(guest.vmm.script, ABI_VDEVICE_ALLOC);
	return iommuctl_vsmmuv3_add_device(
		guest.smmu, guest.vmm.devices[1], guest.vmm.dev_ids[1], VSID_2);
}

static int remove_none(void *data)
{
	(void)data;
	return iommuctl_vsmmuv3_remove_device(guest.smmu, VSID_2);
}

static int deliver_fails(void *data)
{
	int err;

	(void)data;
	guest.vmm.script->errors[SCRIPT_READ] = ENOMEM;
	err = iommuctl_vsmmuv3_deliver_events(guest.smmu);
	guest.vmm.script->errors[SCRIPT_READ] = 0;
	return err;
}

/* More than one call delivers. */
static int deliver_many(void *data)
{
	int err;

	(void)data;
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	wr64(&guest, STRTAB_BASE, STREAMS);
	wr(&guest, STRTAB_CFG, 8);
	wr(&guest, CR0, SMMUEN);
	for (unsigned int i = 0; i <= IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE; i++)
		cr_assert_eq(dma(&guest.vmm, 0, NOWHERE), -EIO);
	errors_make_stale(guest.vmm.ctx);
	err = iommuctl_vsmmuv3_deliver_events(guest.smmu);
	wr(&guest, CR0, 0);
	return err;
}

static int reset_cannot_read(void *data)
{
	int err;

	(void)data;
	errors_refuse(guest.vmm.script, 0);
	guest.vmm.script->errors[SCRIPT_READ] = ENOMEM;
	err = iommuctl_vsmmuv3_reset(guest.smmu);
	guest.vmm.script->errors[SCRIPT_READ] = 0;
	return err;
}

static int reset_fails(void *data)
{
	(void)data;
	cr_assert_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	errors_refuse(guest.vmm.script, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT);
	return iommuctl_vsmmuv3_reset(guest.smmu);
}

static int new_with_translations(void *data)
{
	struct iommuctl_vsmmuv3 *kept = guest.smmu;
	int err = guest_make_smmu(&guest,
		(struct iommuctl_vsmmuv3_config){
			.translations = IOMMUCTL_VSMMUV3_TRANSLATIONS_MAX + 1 });

	(void)data;
	guest.smmu = kept;
	return err;
}

static int translate_nothing(void *data)
{
	(void)data;
	return iommuctl_vsmmuv3_translate(guest.smmu, NULL, NULL);
}

static int translate_without_permissions(void *data)
{
	struct iommuctl_vsmmuv3_translation translation;

	(void)data;
	return iommuctl_vsmmuv3_translate(guest.smmu,
		&(struct iommuctl_vsmmuv3_access){ .sid = VSID_2, .iova = IOVA }, &translation);
}

static int translate_with_long_ssid(void *data)
{
	struct iommuctl_vsmmuv3_translation translation;

	(void)data;
	return iommuctl_vsmmuv3_translate(guest.smmu,
		&(struct iommuctl_vsmmuv3_access){ .sid = VSID_2,
			.iova = IOVA,
			.has_ssid = true,
			.ssid = UINT32_C(1) << 20,
			.permissions = IOMMUCTL_STAGE1_READ },
		&translation);
}

static int save_nowhere(void *data)
{
	(void)data;
	return iommuctl_vsmmuv3_save(guest.smmu, NULL, 0, NULL);
}

static int save_without_room(void *data)
{
	size_t length;

	(void)data;
	return iommuctl_vsmmuv3_save(guest.smmu, record, 10, &length);
}

static int save_fails(void *data)
{
	size_t length;
	int err;

	(void)data;
	guest.vmm.script->errors[SCRIPT_READ] = ENOMEM;
	err = iommuctl_vsmmuv3_save(guest.smmu, record, sizeof(record), &length);
	guest.vmm.script->errors[SCRIPT_READ] = 0;
	return err;
}

static int restore_nothing(void *data)
{
	(void)data;
	return iommuctl_vsmmuv3_restore(guest.smmu, NULL, 0);
}

static int restore_rubbish(void *data)
{
	(void)data;
	memset(record, 0, sizeof(record));
	return iommuctl_vsmmuv3_restore(guest.smmu, record, sizeof(record));
}

static int restore_in_use(void *data)
{
	size_t length;
	int err;

	(void)data;
	wr(&guest, CR0, SMMUEN);
	cr_assert_eq(iommuctl_vsmmuv3_save(guest.smmu, record, sizeof(record), &length), 0);
	err = iommuctl_vsmmuv3_restore(guest.smmu, record, length);
	wr(&guest, CR0, 0);
	return err;
}

static int restore_fails(void *data)
{
	size_t length;

	(void)data;
	wr(&guest, GBPA, UPDATE | ABORT);
	cr_assert_eq(iommuctl_vsmmuv3_save(guest.smmu, record, sizeof(record), &length), 0);
	cr_assert_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	errors_refuse(guest.vmm.script, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT);
	return iommuctl_vsmmuv3_restore(guest.smmu, record, length);
}

static const struct errors_row rows[] = {
	{ "vsmmuv3_new", new_without_config, EINVAL, "vsmmuv3_new", "no configuration" },
	{ "vsmmuv3_new", new_without_ops, EINVAL, "vsmmuv3_new", "device 77" },
	{ "vsmmuv3_new", new_fails, ENOMEM, "IOMMU_VIOMMU_ALLOC" },
	{ "vsmmuv3_write", write_gbpa, ENOMEM, "VFIO_DEVICE_ATTACH_IOMMUFD_PT" },
	{ "vsmmuv3_process", process, ENOMEM, "VFIO_DEVICE_ATTACH_IOMMUFD_PT" },
	{ "vsmmuv3_write", write_cr0, ENOMEM, "IOMMU_HWPT_ALLOC" },
	{ "vsmmuv3_write", write_prod, ENOMEM, "IOMMU_HWPT_INVALIDATE" },
	{ "vsmmuv3_add_device", add_beyond_sidsize, EINVAL, "vsmmuv3_add_device" },
	{ "vsmmuv3_add_device", add_twice, EEXIST, "nest_add_device", "StreamID 0x42" },
	{ "vsmmuv3_add_device", add_fails, ENOMEM, "IOMMU_VDEVICE_ALLOC" },
	{ "vsmmuv3_remove_device", remove_none, ENOENT, "nest_remove_device", "StreamID 0x17" },
	{ "vsmmuv3_deliver_events", deliver_fails, ENOMEM, "read" },
	{ "vsmmuv3_deliver_events", deliver_many, EAGAIN },
	{ "vsmmuv3_reset", reset_fails, ENOMEM, "VFIO_DEVICE_ATTACH_IOMMUFD_PT" },
	{ "vsmmuv3_reset", reset_cannot_read, ENOMEM, "read" },
	{ "vsmmuv3_new", new_with_translations, EINVAL, "vsmmuv3_new" },
	{ "vsmmuv3_translate", translate_nothing, EINVAL, "vsmmuv3_translate", "no access" },
	{ "vsmmuv3_translate", translate_without_permissions, EINVAL, "vsmmuv3_translate",
		"StreamID 0x17, IOVA 0x10000" },
	{ "vsmmuv3_translate", translate_with_long_ssid, EINVAL, "vsmmuv3_translate" },
	{ "vsmmuv3_save", save_nowhere, EINVAL, "vsmmuv3_save" },
	{ "vsmmuv3_save", save_without_room, ENOSPC, "vsmmuv3_save", "record of bytes 10" },
	{ "vsmmuv3_save", save_fails, ENOMEM, "read" },
	{ "vsmmuv3_restore", restore_nothing, EINVAL, "vsmmuv3_restore", "no record" },
	{ "vsmmuv3_restore", restore_rubbish, EINVAL, "vsmmuv3_restore", "record of bytes 512" },
	{ "vsmmuv3_restore", restore_in_use, EBUSY, "vsmmuv3_restore", "CR0 0x1" },
	{ "vsmmuv3_restore", restore_fails, ENOMEM, "VFIO_DEVICE_ATTACH_IOMMUFD_PT" },
};

const struct errors_table errors_of_vsmmuv3 = { rows, ARRAY_SIZE(rows) };

static void open_guest(void)
{
	guest_open(&guest, (struct iommuctl_vsmmuv3_config){ .abort = false });
	cr_assert_eq(iommuctl_vsmmuv3_add_device(
			     guest.smmu, guest.vmm.devices[0], guest.vmm.dev_ids[0], VSID),
		0);
}

static void close_guest(void)
{
	guest_close(&guest);
}

TestSuite(errors_vsmmuv3, .init = open_guest, .fini = close_guest);

Test(errors_vsmmuv3, each_failure_has_a_record_of_its_own)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int err;

		errors_make_stale(guest.vmm.ctx);
		err = rows[i].run(NULL);
		errors_refuse(guest.vmm.script, 0);
		errors_expect(guest.vmm.ctx, &rows[i], err);
	}
}

/* CERROR_ILL, and queues that are nowhere. */
Test(errors_vsmmuv3, what_a_guest_does_is_no_failure)
{
	guest_enable_cmdq(&guest);
	guest_put_words64(&guest, 0xee, 0);
	errors_make_stale(guest.vmm.ctx);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_null(iommuctl_last_error(guest.vmm.ctx));
	wr(&guest, CR0, 0);
	wr64(&guest, CMDQ_BASE, NOWHERE | QUEUE_LOG2);
	wr(&guest, CR0, CMDQEN);
	errors_make_stale(guest.vmm.ctx);
	wr(&guest, GERRORN, CMDQ_ERR);
	cr_expect_eq(rd(&guest, CMDQ_CONS) >> 24, IOMMUCTL_CERROR_ABT);
	cr_expect_null(iommuctl_last_error(guest.vmm.ctx));
}
