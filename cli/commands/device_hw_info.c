// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <string.h>

#include <iommuctl/amd.h>
#include <iommuctl/smmuv3_cmdqv.h>
#include <iommuctl/smmuv3_idr.h>
#include <iommuctl/vtd.h>

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

static const struct flag smmuv3_flags[] = {
	{ IOMMUCTL_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI, "errata-repeat-tlbi-cfgi" },
	{ 0, NULL },
};

static const struct flag vtd_flags[] = {
	{ IOMMUCTL_HW_INFO_VTD_ERRATA_772415_SPR17, "errata-772415-spr17" },
	{ 0, NULL },
};

static json_t *flags_to_json(const struct flag *flags, uint64_t bits)
{
	json_t *names = json_array();

	for (const struct flag *flag = flags; flag->name; flag++) {
		if (bits & flag->bit)
			json_array_append_new(names, json_string(flag->name));
	}
	return names;
}

static void print_flags(FILE *out, const char *name, const struct flag *flags, uint64_t bits)
{
	bool any = false;

	fprintf(out, "%-17s", name);
	for (const struct flag *flag = flags; flag->name; flag++) {
		if (!(bits & flag->bit))
			continue;
		fprintf(out, " %s", flag->name);
		any = true;
	}
	fprintf(out, "%s\n", any ? "" : " none");
}

/* A register of a type, with its names in JSON and in text. */
struct raw_register {
	const char *key;
	const char *name;
	uint64_t value;
};

#define RAW_REGISTERS_MAX 2

/* The kernel's data about an IOMMU of one type, decoded. */
struct decoded {
	const char *key;		/* in JSON; NULL: unknown type */
	const char *name;		/* in text */
	const struct flag *known_flags; /* NULL: the type has none */
	uint32_t flags;
	const struct iommuctl_smmuv3_field *fields;
	size_t field_count;
	struct raw_register registers[RAW_REGISTERS_MAX];
	size_t register_count;
	union {
		struct iommuctl_smmuv3_idr smmuv3;
		struct iommuctl_vtd_cap vtd;
		struct iommuctl_amd_efr amd;
	} values;
	char line[1024]; /* the fields, as text */
};

static void decode_smmuv3(
	const struct iommuctl_hw_info_arm_smmuv3 *registers, struct decoded *decoded)
{
	struct iommuctl_smmuv3_idr *idr = &decoded->values.smmuv3;

	decoded->key = "smmuv3";
	decoded->name = "SMMUv3";
	decoded->known_flags = smmuv3_flags;
	decoded->flags = registers->flags;
	decoded->fields = iommuctl_smmuv3_idr_fields(&decoded->field_count);
	iommuctl_smmuv3_idr_decode(registers->idr, registers->iidr, registers->aidr, idr);
	iommuctl_smmuv3_idr_print(idr, decoded->line, sizeof(decoded->line));
}

static void decode_vtd(const struct iommuctl_hw_info_vtd *registers, struct decoded *decoded)
{
	struct iommuctl_vtd_cap *cap = &decoded->values.vtd;

	decoded->key = "vtd";
	decoded->name = "VT-d";
	decoded->known_flags = vtd_flags;
	decoded->flags = registers->flags;
	decoded->fields = iommuctl_vtd_cap_fields(&decoded->field_count);
	decoded->registers[0] = (struct raw_register){ "cap", "CAP", registers->cap_reg };
	decoded->registers[1] = (struct raw_register){ "ecap", "ECAP", registers->ecap_reg };
	decoded->register_count = 2;
	iommuctl_vtd_cap_decode(registers->cap_reg, registers->ecap_reg, cap);
	iommuctl_vtd_cap_print(cap, decoded->line, sizeof(decoded->line));
}

static void decode_amd(const struct iommuctl_hw_info_amd *registers, struct decoded *decoded)
{
	struct iommuctl_amd_efr *efr = &decoded->values.amd;

	decoded->key = "amd";
	decoded->name = "AMD";
	decoded->fields = iommuctl_amd_efr_fields(&decoded->field_count);
	decoded->registers[0] = (struct raw_register){ "efr", "EFR", registers->efr };
	decoded->registers[1] = (struct raw_register){ "efr2", "EFR2", registers->efr2 };
	decoded->register_count = 2;
	iommuctl_amd_efr_decode(registers->efr, registers->efr2, efr);
	iommuctl_amd_efr_print(efr, decoded->line, sizeof(decoded->line));
}

static void decode(const struct bound_device_hw_info *hw, struct decoded *decoded)
{
	memset(decoded, 0, sizeof(*decoded));
	switch (hw->info.type) {
	case IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3: decode_smmuv3(&hw->data.smmuv3, decoded); break;
	case IOMMUCTL_HW_INFO_TYPE_INTEL_VTD: decode_vtd(&hw->data.vtd, decoded); break;
	case IOMMUCTL_HW_INFO_TYPE_AMD: decode_amd(&hw->data.amd, decoded); break;
	default: break;
	}
}

static json_t *fields_by_name(
	const struct iommuctl_smmuv3_field *fields, size_t count, const void *values)
{
	json_t *named = json_object();

	for (size_t i = 0; i < count; i++)
		json_object_set_new(named, fields[i].name,
			json_integer((json_int_t)iommuctl_smmuv3_field_get(&fields[i], values)));
	return named;
}

/* In addition to its SMMU, whose type hw-info names. */
static void add_cmdqv(json_t *json, const struct bound_device_hw_info *hw)
{
	struct iommuctl_smmuv3_cmdqv cmdqv;
	const struct iommuctl_smmuv3_field *fields;
	size_t count;

	if (!hw->has_cmdqv)
		return;
	fields = iommuctl_smmuv3_cmdqv_fields(&count);
	iommuctl_smmuv3_cmdqv_decode(&hw->cmdqv, &cmdqv);
	json_object_set_new(json, "tegra241-cmdqv",
		json_pack("{s:o}", "fields", fields_by_name(fields, count, &cmdqv)));
}

/* The ID registers of an SMMU are 32 bits wide, and the numbered ones become an array. */
static json_t *smmuv3_registers(const struct iommuctl_hw_info_arm_smmuv3 *registers)
{
	json_t *idr = json_array();

	for (size_t i = 0; i < IOMMUCTL_SMMUV3_IDR_REGISTERS; i++)
		json_array_append_new(idr, hex_digits_to_json(registers->idr[i], 8));
	return json_pack("{s:o, s:o, s:o}", "idr", idr, "iidr",
		hex_digits_to_json(registers->iidr, 8), "aidr",
		hex_digits_to_json(registers->aidr, 8));
}

json_t *device_hw_info_to_json(const struct bound_device_hw_info *hw)
{
	json_t *json = json_pack("{s:s, s:o, s:i}", "type", hw_info_type_name(hw->info.type),
		"capabilities", flags_to_json(capabilities, hw->info.capabilities),
		"max-pasid-log2", (int)hw->info.max_pasid_log2);
	struct decoded decoded;
	json_t *registers;

	decode(hw, &decoded);
	if (!decoded.key)
		return json;
	registers = hw->info.type == IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3
			    ? smmuv3_registers(&hw->data.smmuv3)
			    : json_object();
	for (size_t i = 0; i < decoded.register_count; i++)
		json_object_set_new(registers, decoded.registers[i].key,
			hex_digits_to_json(decoded.registers[i].value, 16));
	if (decoded.known_flags)
		json_object_set_new(
			registers, "flags", flags_to_json(decoded.known_flags, decoded.flags));
	json_object_set_new(registers, "fields",
		fields_by_name(decoded.fields, decoded.field_count, &decoded.values));
	json_object_set_new(json, decoded.key, registers);
	add_cmdqv(json, hw);
	return json;
}

static void print_decoded(FILE *out, const struct bound_device_hw_info *hw)
{
	struct decoded decoded;

	decode(hw, &decoded);
	if (decoded.known_flags)
		print_flags(out, "flags", decoded.known_flags, decoded.flags);
	if (hw->info.type == IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3) {
		for (size_t i = 0; i < IOMMUCTL_SMMUV3_IDR_REGISTERS; i++)
			fprintf(out, "IDR%zu              0x%08x\n", i, hw->data.smmuv3.idr[i]);
	}
	for (size_t i = 0; i < decoded.register_count; i++)
		fprintf(out, "%-16s  0x%016" PRIx64 "\n", decoded.registers[i].name,
			decoded.registers[i].value);
	if (decoded.key)
		fprintf(out, "%-16s  %s\n", decoded.name, decoded.line);
}

static void print_cmdqv(FILE *out, const struct bound_device_hw_info *hw)
{
	struct iommuctl_smmuv3_cmdqv cmdqv;
	char line[128];

	if (!hw->has_cmdqv)
		return;
	iommuctl_smmuv3_cmdqv_decode(&hw->cmdqv, &cmdqv);
	iommuctl_smmuv3_cmdqv_print(&cmdqv, line, sizeof(line));
	fprintf(out, "%-16s  %s\n", "CMDQV", line);
}

void device_hw_info_print(FILE *out, const struct bound_device_hw_info *hw)
{
	fprintf(out, "hw-info type      %s\n", hw_info_type_name(hw->info.type));
	print_flags(out, "capabilities", capabilities, hw->info.capabilities);
	fprintf(out, "PASID width       %u\n", hw->info.max_pasid_log2);
	print_decoded(out, hw);
	print_cmdqv(out, hw);
}
