// SPDX-License-Identifier: MIT
/* The payloads of the ioctls of /dev/iommu. */
#include "decorators/trace.h"

#include <inttypes.h>
#include <string.h>

#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_idr.h>
#include <iommuctl/smmuv3_ste.h>

#include "abi/amd.h"
#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/tegra241_cmdqv.h"
#include "abi/vtd.h"

static const void *user_pointer(uint64_t uptr)
{
	/* The ABI carries pointers as numbers. NOLINTNEXTLINE(performance-no-int-to-ptr) */
	return (const void *)(uintptr_t)uptr;
}

static void add_ste(struct trace_fields *in, const void *data)
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { 0 };
	struct iommuctl_smmuv3_ste ste;
	size_t room;
	char *at = trace_text_room(in, &room);

	iommuctl_smmuv3_words_from_le(words, data, IOMMUCTL_SMMUV3_NESTED_WORDS);
	iommuctl_smmuv3_ste_decode(words, &ste);
	trace_add_printed(in, "ste", iommuctl_smmuv3_ste_print(&ste, at, room));
}

static const struct trace_name vtd_s1_flags[] = {
	{ ABI_VTD_S1_SRE, "SRE" },
	{ ABI_VTD_S1_EAFE, "EAFE" },
	{ ABI_VTD_S1_WPE, "WPE" },
	{ 0, NULL },
};

static void add_vtd_s1(struct trace_fields *in, const void *data)
{
	struct abi_hwpt_vtd_s1 s1;

	memcpy(&s1, data, sizeof(s1));
	trace_add_flags(in, "vtd_s1.flags", vtd_s1_flags, s1.flags);
	trace_add_value(in, "vtd_s1.pgtbl_addr", IOMMUCTL_TRACE_HEX, s1.pgtbl_addr);
	trace_add_value(in, "vtd_s1.addr_width", IOMMUCTL_TRACE_DECIMAL, s1.addr_width);
}

static void add_dte(struct trace_fields *in, const void *data)
{
	struct abi_hwpt_amd_guest guest;

	memcpy(&guest, data, sizeof(guest));
	trace_add_text(in, "dte",
		"0x%016" PRIx64 " 0x%016" PRIx64 " 0x%016" PRIx64 " 0x%016" PRIx64, guest.dte[0],
		guest.dte[1], guest.dte[2], guest.dte[3]);
}

/* How data of one type is shown: it has at least @size bytes. */
struct payload {
	uint32_t type;
	size_t size;
	void (*add)(struct trace_fields *fields, const void *data);
};

static void add_payload(struct trace_fields *fields, const struct payload *payloads, uint32_t type,
	uint64_t uptr, size_t size)
{
	for (; payloads->add; payloads++)
		if (payloads->type == type && payloads->size <= size && uptr)
			payloads->add(fields, user_pointer(uptr));
}

static const struct payload hwpt_payloads[] = {
	{ ABI_HWPT_DATA_ARM_SMMUV3, sizeof(struct abi_hwpt_arm_smmuv3), add_ste },
	{ ABI_HWPT_DATA_VTD_S1, sizeof(struct abi_hwpt_vtd_s1), add_vtd_s1 },
	{ ABI_HWPT_DATA_AMD_GUEST, sizeof(struct abi_hwpt_amd_guest), add_dte },
	{ .add = NULL },
};

void trace_hwpt_data(const struct trace_argument *before, struct trace_fields *in)
{
	struct abi_hwpt_alloc alloc;

	memcpy(&alloc, before->copy, sizeof(alloc));
	add_payload(in, hwpt_payloads, alloc.data_type, alloc.data_uptr, alloc.data_len);
}

static void add_cmd(struct trace_fields *in, const void *data)
{
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
	struct iommuctl_smmuv3_cmd cmd;
	size_t room;
	char *at = trace_text_room(in, &room);

	iommuctl_smmuv3_words_from_le(words, data, IOMMUCTL_SMMUV3_CMD_WORDS);
	iommuctl_smmuv3_cmd_decode(words, &cmd);
	trace_add_printed(in, "cmd", iommuctl_smmuv3_cmd_print(&cmd, at, room));
}

static void add_vtd_invalidation(struct trace_fields *in, const void *data)
{
	struct abi_hwpt_vtd_s1_invalidate invalidate;

	memcpy(&invalidate, data, sizeof(invalidate));
	trace_add_text(in, "entry", "addr=0x%" PRIx64 " npages=%" PRIu64 "%s", invalidate.addr,
		invalidate.npages, invalidate.flags & ABI_VTD_INV_FLAGS_LEAF ? " LEAF" : "");
}

static const struct payload invalidations[] = {
	{ ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3, sizeof(struct abi_viommu_arm_smmuv3_invalidate),
		add_cmd },
	{ ABI_HWPT_INVALIDATE_DATA_VTD_S1, sizeof(struct abi_hwpt_vtd_s1_invalidate),
		add_vtd_invalidation },
	{ .add = NULL },
};

void trace_invalidations(const struct trace_argument *before, struct trace_fields *in)
{
	struct abi_hwpt_invalidate invalidate;
	uint32_t shown;

	memcpy(&invalidate, before->copy, sizeof(invalidate));
	if (!invalidate.data_uptr)
		return;
	for (shown = 0; shown < invalidate.entry_num && shown < TRACE_ITEMS_MAX; shown++)
		add_payload(in, invalidations, invalidate.data_type,
			invalidate.data_uptr + (uint64_t)shown * invalidate.entry_len,
			invalidate.entry_len);
	trace_add_more(in, invalidate.entry_num - shown);
}

static void add_arm_smmuv3_info(struct trace_fields *out, const void *data)
{
	static const char *const idr_names[IOMMUCTL_SMMUV3_IDR_REGISTERS] = {
		"idr[0]",
		"idr[1]",
		"idr[2]",
		"idr[3]",
		"idr[4]",
		"idr[5]",
	};
	struct abi_hw_info_arm_smmuv3 info;
	struct iommuctl_smmuv3_idr idr;
	size_t room;
	char *at;

	memcpy(&info, data, sizeof(info));
	trace_add_value(out, "flags", IOMMUCTL_TRACE_HEX, info.flags);
	for (size_t i = 0; i < IOMMUCTL_SMMUV3_IDR_REGISTERS; i++)
		trace_add_value(out, idr_names[i], IOMMUCTL_TRACE_HEX, info.idr[i]);
	trace_add_value(out, "iidr", IOMMUCTL_TRACE_HEX, info.iidr);
	trace_add_value(out, "aidr", IOMMUCTL_TRACE_HEX, info.aidr);

	iommuctl_smmuv3_idr_decode(info.idr, info.iidr, info.aidr, &idr);
	at = trace_text_room(out, &room);
	trace_add_printed(out, "smmuv3", iommuctl_smmuv3_idr_print(&idr, at, room));
}

static void add_vtd_info(struct trace_fields *out, const void *data)
{
	struct abi_hw_info_vtd info;

	memcpy(&info, data, sizeof(info));
	trace_add_value(out, "flags", IOMMUCTL_TRACE_HEX, info.flags);
	trace_add_value(out, "cap_reg", IOMMUCTL_TRACE_HEX, info.cap_reg);
	trace_add_value(out, "ecap_reg", IOMMUCTL_TRACE_HEX, info.ecap_reg);
}

static void add_tegra241_info(struct trace_fields *out, const void *data)
{
	struct abi_hw_info_tegra241_cmdqv info;

	memcpy(&info, data, sizeof(info));
	trace_add_value(out, "version", IOMMUCTL_TRACE_DECIMAL, info.version);
	trace_add_value(out, "log2vcmdqs", IOMMUCTL_TRACE_DECIMAL, info.log2vcmdqs);
	trace_add_value(out, "log2vsids", IOMMUCTL_TRACE_DECIMAL, info.log2vsids);
}

static void add_amd_info(struct trace_fields *out, const void *data)
{
	struct abi_hw_info_amd info;

	memcpy(&info, data, sizeof(info));
	trace_add_value(out, "efr", IOMMUCTL_TRACE_HEX, info.efr);
	trace_add_value(out, "efr2", IOMMUCTL_TRACE_HEX, info.efr2);
}

static const struct payload hw_infos[] = {
	{ ABI_HW_INFO_TYPE_ARM_SMMUV3, sizeof(struct abi_hw_info_arm_smmuv3), add_arm_smmuv3_info },
	{ ABI_HW_INFO_TYPE_INTEL_VTD, sizeof(struct abi_hw_info_vtd), add_vtd_info },
	{ ABI_HW_INFO_TYPE_TEGRA241_CMDQV, sizeof(struct abi_hw_info_tegra241_cmdqv),
		add_tegra241_info },
	{ ABI_HW_INFO_TYPE_AMD, sizeof(struct abi_hw_info_amd), add_amd_info },
	{ .add = NULL },
};

void trace_hw_info(const struct trace_argument *before, const struct trace_argument *after,
	struct trace_fields *out)
{
	struct abi_hw_info asked, answered;

	memcpy(&asked, before->copy, sizeof(asked));
	memcpy(&answered, after->copy, sizeof(answered));
	if (answered.data_len < asked.data_len)
		asked.data_len = answered.data_len;
	add_payload(out, hw_infos, answered.out_data_type, asked.data_uptr, asked.data_len);
}

static void add_vintf(struct trace_fields *out, const void *data)
{
	struct abi_viommu_tegra241_cmdqv vintf;

	memcpy(&vintf, data, sizeof(vintf));
	trace_add_value(
		out, "out_vintf_mmap_offset", IOMMUCTL_TRACE_HEX, vintf.out_vintf_mmap_offset);
	trace_add_value(
		out, "out_vintf_mmap_length", IOMMUCTL_TRACE_HEX, vintf.out_vintf_mmap_length);
}

static const struct payload viommu_payloads[] = {
	{ ABI_VIOMMU_TYPE_TEGRA241_CMDQV, sizeof(struct abi_viommu_tegra241_cmdqv), add_vintf },
	{ .add = NULL },
};

void trace_viommu_data(const struct trace_argument *before, const struct trace_argument *after,
	struct trace_fields *out)
{
	struct abi_viommu_alloc alloc;

	(void)after;
	memcpy(&alloc, before->copy, sizeof(alloc));
	add_payload(out, viommu_payloads, alloc.type, alloc.data_uptr, alloc.data_len);
}

static void add_ranges(struct trace_fields *fields, uint64_t uptr, uint32_t count)
{
	const char *ranges = user_pointer(uptr);
	uint32_t shown;

	if (!ranges)
		return;
	for (shown = 0; shown < count && shown < TRACE_ITEMS_MAX; shown++) {
		struct abi_iova_range range;

		memcpy(&range, ranges + (size_t)shown * sizeof(range), sizeof(range));
		trace_add_text(
			fields, "range", "0x%" PRIx64 "..0x%" PRIx64, range.start, range.last);
	}
	trace_add_more(fields, count - shown);
}

void trace_allowed_iovas(const struct trace_argument *before, struct trace_fields *in)
{
	struct abi_ioas_allow_iovas allow;

	memcpy(&allow, before->copy, sizeof(allow));
	add_ranges(in, allow.allowed_iovas, allow.num_iovas);
}

void trace_iova_ranges(const struct trace_argument *before, const struct trace_argument *after,
	struct trace_fields *out)
{
	struct abi_ioas_iova_ranges asked, answered;

	memcpy(&asked, before->copy, sizeof(asked));
	memcpy(&answered, after->copy, sizeof(answered));
	if (answered.num_iovas > asked.num_iovas)
		answered.num_iovas = asked.num_iovas;
	add_ranges(out, asked.allowed_iovas, answered.num_iovas);
}
