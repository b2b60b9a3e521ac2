// SPDX-License-Identifier: MIT
#include <iommuctl/smmuv3_idr.h>

#include "commands/device_common.h"
#include "output/text.h"

/* A bit of the capabilities, or of a type's flags. */
struct flag {
	uint64_t bit;
	const char *name;
};

static const struct flag capabilities[] = {
	{ IOMMUCTL_HW_CAP_DIRTY_TRACKING, "dirty-tracking" },
	{ IOMMUCTL_HW_CAP_PCI_PASID_EXEC, "pasid-exec" },
	{ IOMMUCTL_HW_CAP_PCI_PASID_PRIV, "pasid-priv" },
	{ IOMMUCTL_HW_CAP_PCI_ATS_NOT_SUPPORTED, "ats-not-supported" },
	{ 0, NULL },
};

static json_t *capabilities_to_json(uint64_t bits)
{
	json_t *names = json_array();

	for (const struct flag *flag = capabilities; flag->name; flag++) {
		if (bits & flag->bit)
			json_array_append_new(names, json_string(flag->name));
	}
	return names;
}

static void decode_smmuv3(
	const struct iommuctl_hw_info_arm_smmuv3 *registers, struct iommuctl_smmuv3_idr *decoded)
{
	iommuctl_smmuv3_idr_decode(registers->idr, registers->iidr, registers->aidr, decoded);
}

static json_t *smmuv3_to_json(const struct iommuctl_hw_info_arm_smmuv3 *registers)
{
	json_t *idr = json_array(), *fields = json_object();
	struct iommuctl_smmuv3_idr decoded;
	const struct iommuctl_smmuv3_field *field;
	size_t count;

	for (size_t i = 0; i < IOMMUCTL_SMMUV3_IDR_REGISTERS; i++)
		json_array_append_new(idr, hex_digits_to_json(registers->idr[i], 8));
	decode_smmuv3(registers, &decoded);
	field = iommuctl_smmuv3_idr_fields(&count);
	for (size_t i = 0; i < count; i++)
		json_object_set_new(fields, field[i].name,
			json_integer((json_int_t)iommuctl_smmuv3_field_get(&field[i], &decoded)));
	return json_pack("{s:o, s:o, s:o, s:o}", "idr", idr, "iidr",
		hex_digits_to_json(registers->iidr, 8), "aidr",
		hex_digits_to_json(registers->aidr, 8), "fields", fields);
}

json_t *device_hw_info_to_json(const struct bound_device_hw_info *hw)
{
	json_t *json = json_pack("{s:s, s:o, s:i}", "type", hw_info_type_name(hw->info.type),
		"capabilities", capabilities_to_json(hw->info.capabilities), "max-pasid-log2",
		(int)hw->info.max_pasid_log2);

	switch (hw->info.type) {
	case IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3:
		json_object_set_new(json, "smmuv3", smmuv3_to_json(&hw->data.smmuv3));
		break;
	case IOMMUCTL_HW_INFO_TYPE_INTEL_VTD:
		json_object_set_new(json, "vtd",
			json_pack("{s:o, s:o}", "cap", hex_digits_to_json(hw->data.vtd.cap_reg, 16),
				"ecap", hex_digits_to_json(hw->data.vtd.ecap_reg, 16)));
		break;
	case IOMMUCTL_HW_INFO_TYPE_AMD:
		json_object_set_new(json, "amd",
			json_pack("{s:o, s:o}", "efr", hex_digits_to_json(hw->data.amd.efr, 16),
				"efr2", hex_digits_to_json(hw->data.amd.efr2, 16)));
		break;
	default: break;
	}
	return json;
}

static void print_smmuv3(FILE *out, const struct iommuctl_hw_info_arm_smmuv3 *registers)
{
	struct iommuctl_smmuv3_idr decoded;
	char line[1024];

	for (size_t i = 0; i < IOMMUCTL_SMMUV3_IDR_REGISTERS; i++)
		fprintf(out, "IDR%zu              0x%08x\n", i, registers->idr[i]);
	decode_smmuv3(registers, &decoded);
	iommuctl_smmuv3_idr_print(&decoded, line, sizeof(line));
	fprintf(out, "SMMUv3            %s\n", line);
}

void device_hw_info_print(FILE *out, const struct bound_device_hw_info *hw)
{
	fprintf(out, "hw-info type      %s\ncapabilities     ", hw_info_type_name(hw->info.type));
	for (const struct flag *flag = capabilities; flag->name; flag++) {
		if (hw->info.capabilities & flag->bit)
			fprintf(out, " %s", flag->name);
	}
	fprintf(out, "%s\nPASID width       %u\n", hw->info.capabilities ? "" : " none",
		hw->info.max_pasid_log2);
	switch (hw->info.type) {
	case IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3: print_smmuv3(out, &hw->data.smmuv3); break;
	case IOMMUCTL_HW_INFO_TYPE_INTEL_VTD:
		fprintf(out, "CAP               0x%016llx\nECAP              0x%016llx\n",
			(unsigned long long)hw->data.vtd.cap_reg,
			(unsigned long long)hw->data.vtd.ecap_reg);
		break;
	case IOMMUCTL_HW_INFO_TYPE_AMD:
		fprintf(out, "EFR               0x%016llx\nEFR2              0x%016llx\n",
			(unsigned long long)hw->data.amd.efr,
			(unsigned long long)hw->data.amd.efr2);
		break;
	default: break;
	}
}
