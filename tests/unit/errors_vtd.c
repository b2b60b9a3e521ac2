// SPDX-License-Identifier: MIT
/* The relay of VT-d: what it refuses, and what the kernel does. */
#include "errors_table.h"

#include <iommuctl/vtd_relay.h>

#include "array.h"
#include "abi/iommufd.h"

static struct script script;
static struct iommuctl_vtd_relay *relay;
static struct iommuctl *ctx;

static int new_relay(void *data)
{
	const struct iommuctl_vtd_relay_config config = { .batch = 1000000 };
	struct iommuctl_vtd_relay *made;

	(void)data;
	return iommuctl_vtd_relay_new(ctx, &config, &made);
}

static int add_hwpt(void *data)
{
	(void)data;
	return iommuctl_vtd_relay_add_hwpt(relay, 1, 0, 9);
}

static int remove_hwpt(void *data)
{
	(void)data;
	return iommuctl_vtd_relay_remove_hwpt(relay, 1, 7);
}

static int issue(uint64_t word)
{
	const uint64_t words[1][IOMMUCTL_VTD_INV_WORDS] = { { word } };
	size_t done;

	return iommuctl_vtd_relay_issue(relay, words, 1, &done, NULL);
}

static int issue_illegal(void *data)
{
	(void)data;
	return issue(0xf);
}

static int issue_wait(void *data)
{
	(void)data;
	return issue(IOMMUCTL_VTD_INV_WAIT);
}

static int issue_fails(void *data)
{
	(void)data;
	errors_refuse(&script, ABI_HWPT_INVALIDATE);
	return issue(1 << 16 | IOMMUCTL_VTD_INV_P_IOTLB_G_PASID << 4 | IOMMUCTL_VTD_INV_P_IOTLB);
}

static const struct errors_row rows[] = {
	{ "vtd_relay_new", new_relay, EINVAL, "vtd_relay_new", "batch 1000000" },
	{ "vtd_relay_add_hwpt", add_hwpt, EEXIST, "vtd_relay_add_hwpt",
		"HWPT 9, domain 1, PASID 0" },
	{ "vtd_relay_remove_hwpt", remove_hwpt, ENOENT, "vtd_relay_remove_hwpt",
		"domain 1, PASID 7" },
	{ "vtd_relay_issue", issue_illegal, EIO, "vtd_relay_issue", "descriptor 0, type 15, Type" },
	{ "vtd_relay_issue", issue_wait, EINVAL, "vtd_relay_issue", "descriptor 0, type 5" },
	{ "vtd_relay_issue", issue_fails, ENOMEM, "IOMMU_HWPT_INVALIDATE" },
};

const struct errors_table errors_of_vtd = { rows, ARRAY_SIZE(rows) };

Test(errors_vtd, each_failure_has_a_record_of_its_own)
{
	const struct iommuctl_vtd_relay_config config = { .iommufd = 7 };

	ctx = script_context(&script);
	cr_assert_eq(iommuctl_vtd_relay_new(ctx, &config, &relay), 0);
	cr_assert_eq(iommuctl_vtd_relay_add_hwpt(relay, 1, 0, 9), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int err;

		errors_make_stale(ctx);
		err = rows[i].run(NULL);
		errors_refuse(&script, 0);
		errors_expect(ctx, &rows[i], err);
	}
	iommuctl_vtd_relay_free(relay);
	iommuctl_free(ctx);
}
