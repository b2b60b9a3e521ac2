// SPDX-License-Identifier: MIT
/* Every row of the explanation tables is found, and failures name their gates and no others. */
#include <endian.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/vfio.h>

#include "array.h"
#include "explain/explain.h"
#include "thin_call.h"

static bool is_listed(
	const struct iommuctl_explanation *list, size_t count, const struct explain_row *row)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].cause, row->cause) && !strcmp(list[i].remedy, row->remedy))
			return true;
	return false;
}

/* A general row shows where no other applies, so somewhere in its family. */
static bool is_found_in_family(const struct explain_row *row)
{
	struct iommuctl_explanation list[IOMMUCTL_EXPLANATIONS_MAX];

	for (int i = 0; i < OPERATION_COUNT; i++) {
		enum operation family = (enum operation)i;
		size_t count;

		while (family != row->operation && family != OP_ANY)
			family = operation_family(family);
		if (family != row->operation)
			continue;
		count = explain((enum operation)i, row->code, row->when, list);
		if (is_listed(list, count, row))
			return true;
	}
	return false;
}

Test(explain, every_row_is_found)
{
	for (size_t i = 0; i < EXPLAIN_TABLES; i++)
		for (size_t j = 0; j < explain_tables[i]->count; j++) {
			const struct explain_row *row = &explain_tables[i]->rows[j];

			cr_assert(is_found_in_family(row), "%s, %s: %s",
				operation_name(row->operation), strerrorname_np(row->code),
				row->cause);
		}
}

Test(explain, every_row_is_found_for_its_own_operation)
{
	struct iommuctl_explanation list[IOMMUCTL_EXPLANATIONS_MAX];

	for (size_t i = 0; i < EXPLAIN_TABLES; i++)
		for (size_t j = 0; j < explain_tables[i]->count; j++) {
			const struct explain_row *row = &explain_tables[i]->rows[j];
			size_t count = explain(row->operation, row->code, row->when, list);

			cr_assert(row->general || is_listed(list, count, row), "%s, %s: %s",
				operation_name(row->operation), strerrorname_np(row->code),
				row->cause);
		}
}

/* Rows read "<cause> [<remedy>]" in a sentence. */
Test(explain, every_row_has_a_cause_and_a_remedy_that_fit_a_sentence)
{
	for (size_t i = 0; i < EXPLAIN_TABLES; i++)
		for (size_t j = 0; j < explain_tables[i]->count; j++) {
			const struct explain_row *row = &explain_tables[i]->rows[j];
			const char *const texts[] = { row->cause, row->remedy };

			cr_assert_gt(row->code, 0);
			for (size_t k = 0; k < 2; k++) {
				cr_assert_gt(strlen(texts[k]), 3);
				cr_assert_neq(texts[k][strlen(texts[k]) - 1], '.', "%s", texts[k]);
				cr_assert_null(strstr(texts[k], "  "), "%s", texts[k]);
			}
		}
}

static bool is_explained(int code)
{
	for (size_t i = 0; i < EXPLAIN_TABLES; i++)
		for (size_t j = 0; j < explain_tables[i]->count; j++)
			if (explain_tables[i]->rows[j].code == code)
				return true;
	return false;
}

static void assert_room_to_spare(enum operation operation, int code)
{
	struct iommuctl_explanation list[IOMMUCTL_EXPLANATIONS_MAX];

	for (int bit = -1; bit < 64; bit++) {
		const uint64_t fact = bit < 0 ? 0 : UINT64_C(1) << bit;

		cr_assert_lt(explain(operation, code, fact, list), IOMMUCTL_EXPLANATIONS_MAX,
			"%s, %s", operation_name(operation), strerrorname_np(code));
	}
}

/* No failure has more causes than an error can hold: none is ever dropped. */
Test(explain, all_causes_of_a_failure_fit_an_error)
{
	for (int code = 1; code <= EHWPOISON; code++) {
		if (!is_explained(code))
			continue;
		for (int i = 0; i < OPERATION_COUNT; i++)
			assert_room_to_spare((enum operation)i, code);
	}
}

Test(explain, every_operation_has_a_name_and_ends_in_the_most_general_one)
{
	for (int i = 0; i < OPERATION_COUNT; i++) {
		enum operation operation = (enum operation)i;
		int steps = 0;

		cr_assert_not_null(operation_name(operation), "operation %d", i);
		while (operation != OP_ANY) {
			operation = operation_family(operation);
			cr_assert_lt(++steps, OPERATION_COUNT);
		}
	}
}

/* A failure as a user meets it: the call, what is known, and words that its causes must have. */
struct failure {
	enum operation operation;
	int code;
	uint64_t facts;
	const char *words[6]; /* one for each cause, in order; NULL: no more causes */
};

static const struct failure failures[] = {
	{ OP_IOMMUFD_OPEN, ENOENT, 0, { "CONFIG_IOMMUFD", "container" } },
	{ OP_IOMMUFD_OPEN, EACCES, 0, { "0660" } },
	{ OP_VFIO_DEVICE_OPEN, ENOENT, 0,
		{ "no VFIO driver", "CONFIG_VFIO_DEVICE_CDEV", "container" } },
	{ OP_VFIO_BIND, EPERM, 0, { "not isolated", "has a host driver", "another iommufd" } },
	{ OP_VFIO_BIND, EBUSY, 0, { "legacy group", "the kernel itself" } },
	{ OP_VFIO_BIND, EINVAL, FACT_NEGATIVE_FD, { "negative" } },
	{ OP_VFIO_BIND, EINVAL, 0,
		{ "bound already", "legacy group", "1:1 mapping", "cache coherent" } },
	{ OP_VFIO_BIND, EACCES, 0, { "needs a VF token" } },
	{ OP_VFIO_BIND, EACCES, FACT_TOKEN, { "is not the one", "no token was set" } },
	{ OP_VFIO_BIND, EBADFD, 0, { "is not one" } },
	{ OP_VFIO_BIND, ENODEV, 0, { "no IOMMU group", "unloaded" } },
	{ OP_IOAS_MAP, EINVAL, FACT_NO_ACCESS | FACT_FIXED_IOVA, { "neither READABLE" } },
	{ OP_IOAS_MAP, EINVAL, FACT_FIXED_IOVA | FACT_WRITEABLE, { "aligned", "reserved region" } },
	{ OP_IOAS_MAP, EINVAL, FACT_FIXED_IOVA, { "aligned", "reserved region", "772415" } },
	{ OP_IOAS_MAP, EEXIST, FACT_FIXED_IOVA, { "already" } },
	{ OP_IOAS_MAP, EFAULT, 0, { "not mapped in this process", "BAR" } },
	{ OP_IOAS_MAP, EFAULT, FACT_WRITEABLE,
		{ "not mapped in this process", "BAR", "disk file system" } },
	{ OP_IOAS_MAP, EOPNOTSUPP, FACT_WRITEABLE, { "DAX file system" } },
	{ OP_IOAS_MAP, EOPNOTSUPP, FACT_UNKNOWN_FLAGS, { "a flag, a type" } },
	{ OP_IOAS_MAP_FILE, EOPNOTSUPP, 0, { "not made by VFIO" } },
	{ OP_IOAS_MAP_FILE, EOPNOTSUPP, FACT_UNKNOWN_FLAGS, { "a flag, a type" } },
	{ OP_IOAS_COPY, EFAULT, 0, { "no longer, mapped", "BAR", "disk file system" } },
	{ OP_IOAS_COPY, EINVAL, FACT_WRITEABLE, { "neither a memfd", "aligned" } },
	{ OP_IOAS_COPY, EOPNOTSUPP, 0, { "DAX file system" } },
	{ OP_IOAS_MAP, ENOMEM, 0, { "RLIMIT_MEMLOCK", "no memory left" } },
	{ OP_IOAS_UNMAP, ENOENT, FACT_LIVE_IDS, { "nothing is mapped", "split a mapping" } },
	{ OP_IOAS_UNMAP, ENOENT, 0, { "nothing is mapped", "split a mapping", "has the id" } },
	{ OP_OPTION_RLIMIT_MODE, EPERM, 0, { "CAP_SYS_RESOURCE" } },
	{ OP_OPTION_RLIMIT_MODE, EBUSY, 0, { "objects already" } },
	{ OP_HWPT_ALLOC_PAGING, EFAULT, 0, { "no longer, mapped", "BAR", "disk file system" } },
	{ OP_HWPT_ALLOC_PAGING, EINVAL, FACT_LIVE_IDS,
		{ "smallest page", "neither a memfd", "no HWPT can be made" } },
	{ OP_HWPT_ALLOC_PAGING, EOPNOTSUPP, 0, { "DAX file system", "a flag, a type" } },
	{ OP_HWPT_ALLOC_PARENT, EOPNOTSUPP, FACT_FAULT_ID, { "cannot report faults" } },
	{ OP_HWPT_ALLOC_PARENT, EOPNOTSUPP, 0,
		{ "MMU-700", "since 6.13", "VT-d", "does not support nesting" } },
	{ OP_HWPT_ALLOC_NESTED, EOPNOTSUPP, FACT_ARM, { "vIOMMU only", "another type" } },
	{ OP_HWPT_ALLOC_NESTED, EIO, FACT_ARM, { "has a bit outside", "Cfg", "EATS" } },
	{ OP_HWPT_ALLOC_NESTED, EIO, FACT_ARM | FACT_STE_BITS, { "has a bit outside" } },
	{ OP_HWPT_ALLOC_NESTED, EIO, FACT_ARM | FACT_STE_CFG | FACT_STE_EATS, { "Cfg", "EATS" } },
	{ OP_HWPT_ALLOC_NESTED, EINVAL, FACT_ARM | FACT_DATA_MISSING, { "data_type NONE" } },
	{ OP_HWPT_ALLOC_NESTED, EINVAL, FACT_ARM | FACT_LIVE_IDS,
		{ "another IOMMU", "no HWPT can be made" } },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_ARM,
		{ "CANWBS", "FEAT_NESTING", "CMDQ_FORCE_SYNC", "CONFIG_ARM_SMMU_V3_IOMMUFD",
			"no vIOMMUs of this type", "no IOMMU" } },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_TYPE_DEFAULT, { "DEFAULT is reserved" } },
	{ OP_VIOMMU_ALLOC, ENOENT, FACT_LIVE_IDS,
		{ "kind that this call", "although all ids were assumed live" } },
	{ OP_VIOMMU_ALLOC, EINVAL, 0, { "not a nesting parent", "another SMMU" } },
	{ OP_VIOMMU_ALLOC, ENOSPC, 0, { "no interface left" } },
	{ OP_VDEVICE_ALLOC, EINVAL, 0, { "another IOMMU" } },
	{ OP_VDEVICE_ALLOC, EINVAL, FACT_TOO_LARGE, { "another IOMMU", "too wide" } },
	{ OP_VDEVICE_ALLOC, EEXIST, 0, { "has a vDEVICE already", "this vSID" } },
	{ OP_VEVENTQ_ALLOC, EINVAL, FACT_EMPTY, { "depth is 0" } },
	{ OP_VEVENTQ_ALLOC, EINVAL, FACT_TOO_LARGE, { "524288" } },
	{ OP_VFIO_ATTACH, ENOENT, FACT_LIVE_IDS,
		{ "the device has no vDEVICE", "another device" } },
	{ OP_VFIO_ATTACH, ENOENT, 0,
		{ "the device has no vDEVICE", "another device", "has the id" } },
	{ OP_VFIO_ATTACH, EADDRINUSE, 0, { "0x8000000", "beyond" } },
	{ OP_VFIO_ATTACH, EFAULT, 0, { "no longer, mapped", "BAR", "disk file system" } },
	{ OP_VFIO_ATTACH, EOPNOTSUPP, 0,
		{ "CONFIG_ARM_SMMU_V3_SVA", "several StreamIDs", "DAX file system" } },
	{ OP_HWPT_INVALIDATE_ARM, EIO, 0, { "is not one of TLBI", "vSID", "does not implement" } },
	{ OP_HWPT_INVALIDATE_ARM, EIO, FACT_BAD_OPCODE, { "is not one of TLBI" } },
	{ OP_HWPT_INVALIDATE_ARM, EIO, FACT_NO_VSID,
		{ "is not one of TLBI", "does not implement" } },
	{ OP_HWPT_INVALIDATE_ARM, EOPNOTSUPP, 0, { "nested HWPT" } },
	{ OP_HWPT_INVALIDATE_ARM, EINVAL, FACT_TOO_LARGE, { "524288" } },
	{ OP_HWPT_ALLOC_PAGING, EOPNOTSUPP, FACT_PASID, { "no PASIDs", "older than ALLOC_PASID" } },
	{ OP_HWPT_ALLOC_NESTED, EOPNOTSUPP, FACT_ARM | FACT_FAULT_ID,
		{ "vIOMMU only", "too old for FAULT_ID", "another type" } },
	{ OP_HWPT_ALLOC_NESTED, EOPNOTSUPP, FACT_VTD,
		{ "is an IOAS", "no nested translation", "another type" } },
	{ OP_GET_HW_INFO, EOPNOTSUPP, 0, { "of this type", "too old", "no IOMMU" } },
	{ OP_GET_HW_INFO, EOPNOTSUPP, FACT_TYPE_DEFAULT, { "no IOMMU" } },
	{ OP_VFIO_DETACH_PASID, EINVAL, 0, { "too old", "not bound" } },
	{ OP_DESTROY, EBUSY, 0, { "still uses it", "bound device" } },
	{ OP_VFIO_SET_IRQS, ERANGE, FACT_EMPTY, { "count of MSIs is 0" } },
	{ OP_VFIO_SET_IRQS, ENOSPC, FACT_SHORT, { "fewer vectors" } },
	{ OP_VFIO_SET_IRQS, ENOSPC, FACT_MSI,
		{ "not attached", "fewer vectors", "memory ran out" } },
	{ OP_VFIO_SET_IRQS, ENOSPC, FACT_MSI | FACT_SHORT, { "fewer vectors" } },
	{ OP_VFIO_IOEVENTFD, EBUSY, 0, { "could not reserve the BAR", "memory ran out" } },
	{ OP_VFIO_CONTAINER_SET_IOMMU, EINVAL, 0,
		{ "no group yet", "type already", "do not have this type", "too late for TYPE1" } },
	{ OP_VFIO_CONTAINER_SET_IOMMU, ENODEV, 0,
		{ "no driver", "an iommufd, and has no group", "cleared or destroyed" } },
	{ OP_VFIO_CONTAINER_SET_IOMMU, EPERM, 0, { "not isolated", "CAP_SYS_RAWIO" } },
	{ OP_VFIO_CONTAINER_SET_IOMMU, EBUSY, 0, { "being reset" } },
	{ OP_VFIO_GROUP_SET_CONTAINER, EBUSY, 0, { "kernel itself", "being reset" } },
	{ OP_VFIO_GROUP_GET_DEVICE, ENODEV, 0, { "of this name", "cleared or destroyed" } },
	{ OP_VFIO_GROUP_GET_DEVICE, EADDRINUSE, 0, { "IOAS for VFIO has a mapping" } },
	{ OP_VFIO_GROUP_GET_DEVICE, EFAULT, 0, { "no longer, mapped", "BAR", "disk file system" } },
	{ OP_VFIO_GROUP_GET_DEVICE, EOPNOTSUPP, 0, { "DAX file system" } },
	{ OP_VFIO_GROUP_GET_DEVICE, ENOMEM, 0, { "RLIMIT_MEMLOCK", "no memory left" } },
	{ OP_IOAS_ALLOC, ENOTTY, 0, { "not an iommufd" } },
	{ OP_VIOMMU_ALLOC, ENOTTY, 0, { "since 6.13", "not an iommufd" } },
	{ OP_HWPT_INVALIDATE_ARM, ENOTTY, 0, { "since 6.8", "not an iommufd" } },
	{ OP_IOAS_ALLOC, E2BIG, 0, { "does not know yet" } },
	{ OP_DESTROY, EINVAL, 0, { "structure of this size" } },
	{ OP_HW_QUEUE_ALLOC, EFAULT, 0, { "contiguous" } },
	{ OP_CLOSE, EIO, 0, { NULL } },
	{ OP_DEVICE_GROUP, EOPNOTSUPP, 0, { "sysfs", "legacy group", "transport" } },
};

Test(explain, a_failure_names_all_its_gates_and_no_other)
{
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		const struct failure *failure = &failures[i];
		struct iommuctl_explanation list[IOMMUCTL_EXPLANATIONS_MAX];
		size_t count = explain(failure->operation, failure->code, failure->facts, list);
		size_t expected = 0;

		while (expected < 6 && failure->words[expected])
			expected++;
		cr_assert_eq(count, expected, "failure %zu, %s: %zu causes", i,
			operation_name(failure->operation), count);
		for (size_t j = 0; j < count; j++)
			cr_assert_not_null(strstr(list[j].cause, failure->words[j]),
				"failure %zu, %s: %s", i, operation_name(failure->operation),
				list[j].cause);
	}
}

/* What a thin call knows of its arguments decides between causes. */
struct known {
	const char *words;
	size_t causes;
	int result;
	int (*run)(struct iommuctl *ctx);
};

static int parent_with_faults(struct iommuctl *ctx)
{
	const struct iommuctl_hwpt_alloc_args args = {
		.flags = IOMMUCTL_HWPT_ALLOC_NEST_PARENT | IOMMUCTL_HWPT_FAULT_ID_VALID,
	};
	uint32_t id;

	return iommuctl_hwpt_alloc(ctx, THIN_FD, &args, &id);
}

static int nested_without_data(struct iommuctl *ctx)
{
	const struct iommuctl_hwpt_alloc_args args = { .data_type = IOMMUCTL_HWPT_DATA_ARM_SMMUV3 };
	uint32_t id;

	return iommuctl_hwpt_alloc(ctx, THIN_FD, &args, &id);
}

static int default_viommu(struct iommuctl *ctx)
{
	const struct iommuctl_viommu_alloc_args args = { .dev_id = 1 };
	uint32_t id;

	return iommuctl_viommu_alloc(ctx, THIN_FD, &args, &id);
}

static int map_without_access(struct iommuctl *ctx)
{
	uint64_t iova;

	return iommuctl_ioas_map(ctx, THIN_FD,
		&(struct iommuctl_ioas_map_args){
			.flags = 0, .ioas_id = 1, .host = NULL, .length = 0x1000 },
		&iova);
}

static int map_with_unknown_flag(struct iommuctl *ctx)
{
	uint64_t iova;

	return iommuctl_ioas_map(ctx, THIN_FD,
		&(struct iommuctl_ioas_map_args){
			.flags = 1u << 3 | IOMMUCTL_IOAS_MAP_READABLE,
			.ioas_id = 1,
			.host = NULL,
			.length = 0x1000,
		},
		&iova);
}

static int deep_queue(struct iommuctl *ctx)
{
	uint32_t id;
	int fd;

	return iommuctl_veventq_alloc(ctx, THIN_FD,
		&(struct iommuctl_veventq_alloc_args){ .viommu_id = 1,
			.type = IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3,
			.depth = IOMMUCTL_VEVENTQ_DEPTH_MAX + 1 },
		&id, &fd);
}

static int too_many_invalidations(struct iommuctl *ctx)
{
	uint32_t count = (1 << 19) + 1;

	return iommuctl_hwpt_invalidate(ctx, THIN_FD,
		&(struct iommuctl_hwpt_invalidate_args){ .hwpt_id = 1,
			.data_type = IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
			.entry_len = 16,
			.entries = "" },
		&count);
}

static int unattached_msi(struct iommuctl *ctx)
{
	return iommuctl_vfio_irqs_enable(
		ctx, THIN_FD, IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX, 0, (const int[]){ 3 }, 1);
}

static int attach_nested(struct iommuctl *ctx)
{
	return iommuctl_vfio_attach(ctx, THIN_FD, 9, NULL);
}

static int alloc_nested(struct iommuctl *ctx, uint64_t word0, uint64_t word1)
{
	const struct iommuctl_hwpt_arm_smmuv3 ste = { { htole64(word0), htole64(word1) } };
	const struct iommuctl_hwpt_alloc_args args = {
		.data_type = IOMMUCTL_HWPT_DATA_ARM_SMMUV3,
		.data_len = sizeof(ste),
		.data = &ste,
	};
	uint32_t id;

	return iommuctl_hwpt_alloc(ctx, THIN_FD, &args, &id);
}

static int nested_with_bad_bit(struct iommuctl *ctx)
{
	return alloc_nested(ctx, 1 | 5 << 1, UINT64_C(1) << 19);
}

static int nested_with_stage2(struct iommuctl *ctx)
{
	return alloc_nested(ctx, 1 | 6 << 1, 0);
}

static int nested_with_split_ats(struct iommuctl *ctx)
{
	return alloc_nested(ctx, 1 | 5 << 1, UINT64_C(2) << 28);
}

static const struct known known[] = {
	{ "cannot report faults", 1, -EOPNOTSUPP, parent_with_faults },
	{ "data_type NONE", 1, -EINVAL, nested_without_data },
	{ "DEFAULT is reserved", 1, -EOPNOTSUPP, default_viommu },
	{ "neither READABLE", 1, -EINVAL, map_without_access },
	{ "a flag, a type", 1, -EOPNOTSUPP, map_with_unknown_flag },
	{ "above 524288", 1, -EINVAL, deep_queue },
	{ "more than 524288", 1, -EINVAL, too_many_invalidations },
	{ "not attached", 3, -ENOSPC, unattached_msi },
	{ "no vDEVICE", 3, -ENOENT, attach_nested },
	{ "has a bit outside", 1, -EIO, nested_with_bad_bit },
	{ "Cfg is not", 1, -EIO, nested_with_stage2 },
	{ "EATS is neither", 1, -EIO, nested_with_split_ats },
};

Test(explain, what_a_call_knows_decides_between_causes)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct script script = { .result = known[i].result };
		struct iommuctl *ctx = script_context(&script);
		const struct iommuctl_error *error;

		cr_assert_eq(known[i].run(ctx), known[i].result);
		error = iommuctl_last_error(ctx);
		cr_assert_eq(error->explanation_count, known[i].causes, "%s: %zu", known[i].words,
			error->explanation_count);
		cr_assert_not_null(strstr(error->explanation[0].cause, known[i].words), "%s",
			error->explanation[0].cause);
		iommuctl_free(ctx);
	}
}

Test(explain, a_context_that_trusts_its_ids_leaves_unknown_objects_out)
{
	struct script script = { .result = -ENOENT };
	struct iommuctl *ctx = script_context(&script);
	const struct iommuctl_error *error;

	iommuctl_assume_live_ids(ctx);
	cr_assert_eq(attach_nested(ctx), -ENOENT);
	error = iommuctl_last_error(ctx);
	cr_assert_eq(error->explanation_count, 2);
	for (size_t i = 0; i < 2; i++)
		cr_assert_not_null(strstr(error->explanation[i].cause, "no vDEVICE"));
	iommuctl_free(ctx);
}
