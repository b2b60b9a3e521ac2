// SPDX-License-Identifier: MIT
/* The description of a device's IOMMU, for each type that the kernel has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "array.h"
#include "commands/device_common.h"

static const struct {
	struct bound_device_hw_info hw;
	const char *text;      /* of which each line begins as the output's does */
	const char *last_line; /* NULL: as it comes */
	const char *json;      /* without the fields, which the codecs' tests look at */
} rows[] = {
	{
		.hw = { .info = { .type = IOMMUCTL_HW_INFO_TYPE_NONE } },
		.text = "hw-info type      none\n"
			"capabilities      none\n"
			"PASID width       0\n",
		.json = "{\"type\": \"none\", \"capabilities\": [], \"max-pasid-log2\": 0}",
	},
	{
		.hw = {
			.info = {
				.type = IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3,
				.capabilities = IOMMUCTL_HW_CAP_PCI_PASID_EXEC |
						IOMMUCTL_HW_CAP_PCI_PASID_PRIV,
				.max_pasid_log2 = 16,
			},
			.data.smmuv3 = {
				.flags = IOMMUCTL_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI,
				.idr = { 0x0d44101b, 0x0e739d10, 2, 0x1c00, 4, 0x75 },
				.iidr = 0x43b,
				.aidr = 1,
			},
		},
		.text = "hw-info type      arm-smmuv3\n"
			"capabilities      pasid-exec pasid-priv\n"
			"PASID width       16\n"
			"flags             errata-repeat-tlbi-cfgi\n"
			"IDR0              0x0d44101b\n"
			"IDR1              0x0e739d10\n"
			"IDR2              0x00000002\n"
			"IDR3              0x00001c00\n"
			"IDR4              0x00000004\n"
			"IDR5              0x00000075\n"
			"SMMUv3            TTF=AArch64 ASID16",
		.json = "{\"type\": \"arm-smmuv3\", \"capabilities\": [\"pasid-exec\", "
			"\"pasid-priv\"], \"max-pasid-log2\": 16, \"smmuv3\": {\"idr\": "
			"[\"0x0d44101b\", \"0x0e739d10\", \"0x00000002\", \"0x00001c00\", "
			"\"0x00000004\", \"0x00000075\"], \"iidr\": \"0x0000043b\", \"aidr\": "
			"\"0x00000001\", \"flags\": [\"errata-repeat-tlbi-cfgi\"]}}",
	},
	{
		.hw = {
			.info = { .type = IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3 },
			.has_cmdqv = true,
			.cmdqv = { .version = 1, .log2vcmdqs = 1, .log2vsids = 4 },
		},
		.text = "hw-info type      arm-smmuv3\n"
			"capabilities      none\n"
			"PASID width       0\n"
			"flags             none\n"
			"IDR0              0x00000000\n"
			"IDR1              0x00000000\n"
			"IDR2              0x00000000\n"
			"IDR3              0x00000000\n"
			"IDR4              0x00000000\n"
			"IDR5              0x00000000\n"
			"SMMUv3            TTF=",
		.last_line = "CMDQV             Version=0x1 Log2VCMDQs=0x1 Log2VSIDs=0x4\n",
		.json = "{\"type\": \"arm-smmuv3\", \"capabilities\": [], \"max-pasid-log2\": 0, "
			"\"smmuv3\": {\"idr\": [\"0x00000000\", \"0x00000000\", \"0x00000000\", "
			"\"0x00000000\", \"0x00000000\", \"0x00000000\"], \"iidr\": \"0x00000000\", "
			"\"aidr\": \"0x00000000\", \"flags\": []}, \"tegra241-cmdqv\": {}}",
	},
	{
		.hw = {
			.info = {
				.type = IOMMUCTL_HW_INFO_TYPE_INTEL_VTD,
				.capabilities = IOMMUCTL_HW_CAP_DIRTY_TRACKING,
				.max_pasid_log2 = 20,
			},
			.data.vtd = {
				.flags = IOMMUCTL_HW_INFO_VTD_ERRATA_772415_SPR17,
				.cap_reg = 0x19ed008c40780c66,
				.ecap_reg = 0x3ef9ee6f050df,
			},
		},
		.text = "hw-info type      intel-vtd\n"
			"capabilities      dirty-tracking\n"
			"PASID width       20\n"
			"flags             errata-772415-spr17\n"
			"CAP               0x19ed008c40780c66\n"
			"ECAP              0x0003ef9ee6f050df\n"
			"VT-d              ND=16-bit",
		.json = "{\"type\": \"intel-vtd\", \"capabilities\": [\"dirty-tracking\"], "
			"\"max-pasid-log2\": 20, \"vtd\": {\"cap\": \"0x19ed008c40780c66\", "
			"\"ecap\": \"0x0003ef9ee6f050df\", \"flags\": "
			"[\"errata-772415-spr17\"]}}",
	},
	{
		.hw = {
			.info.type = IOMMUCTL_HW_INFO_TYPE_INTEL_VTD,
			.data.vtd = { .cap_reg = 1 },
		},
		.text = "hw-info type      intel-vtd\n"
			"capabilities      none\n"
			"PASID width       0\n"
			"flags             none\n",
		.json = "{\"type\": \"intel-vtd\", \"capabilities\": [], "
			"\"max-pasid-log2\": 0, \"vtd\": {\"cap\": \"0x0000000000000001\", "
			"\"ecap\": \"0x0000000000000000\", \"flags\": []}}",
	},
	{
		.hw = {
			.info = {
				.type = IOMMUCTL_HW_INFO_TYPE_AMD,
				.capabilities = IOMMUCTL_HW_CAP_PCI_ATS_NOT_SUPPORTED,
			},
			.data.amd = { .efr = 0x005ea70f2d4a5abb, .efr2 = 0x928 },
		},
		.text = "hw-info type      amd\n"
			"capabilities      ats-not-supported\n"
			"PASID width       0\n"
			"EFR               0x005ea70f2d4a5abb\n"
			"EFR2              0x0000000000000928\n"
			"AMD               PreFSup",
		.json = "{\"type\": \"amd\", \"capabilities\": [\"ats-not-supported\"], "
			"\"max-pasid-log2\": 0, \"amd\": {\"efr\": \"0x005ea70f2d4a5abb\", "
			"\"efr2\": \"0x0000000000000928\"}}",
	},
};

Test(device_hw_info, is_said_to_people)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		cr_assert_not_null(out);
		device_hw_info_print(out, &rows[i].hw);
		fclose(out);
		cr_expect_eq(strncmp(text, rows[i].text, strlen(rows[i].text)), 0, "%s", text);
		if (rows[i].last_line)
			cr_expect_not_null(strstr(text, rows[i].last_line), "%s", text);
		free(text);
	}
}

Test(device_hw_info, is_said_in_JSON)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *json = device_hw_info_to_json(&rows[i].hw), *part, *fields;
		const char *key;
		size_t named = 0;
		char *text;

		json_object_foreach(json, key, part) {
			fields = json_object_get(part, "fields");
			named += json_object_size(fields);
			if (fields)
				json_object_del(part, "fields");
		}
		text = json_dumps(json, 0);
		cr_expect_str_eq(text, rows[i].json);
		cr_expect_eq(named > 0, rows[i].hw.info.type != IOMMUCTL_HW_INFO_TYPE_NONE);
		free(text);
		json_decref(json);
	}
}
