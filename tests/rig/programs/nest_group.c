// SPDX-License-Identifier: MIT
/*
 * nest_group DEVICE DEVICE: two functions of one IOMMU group in a nest. Says which of them gets
 * where by which STEs, and what is reported if they reach nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "nest_guest.h"

static const struct iommuctl_nest_config plain = { .bypass = false };
static const uint32_t vsids[DEVICES] = { 0x42, 0x17 };

static const struct iommuctl_smmuv3_ste block = { .v = 1 };
static const struct iommuctl_smmuv3_ste bypass = {
	.v = 1,
	.config = IOMMUCTL_SMMUV3_CONFIG_BYPASS,
};
static const struct iommuctl_smmuv3_ste stage1 = {
	.v = 1,
	.config = IOMMUCTL_SMMUV3_CONFIG_S1,
	.s1contextptr = CDS(0),
};
static const struct iommuctl_smmuv3_ste other = {
	.v = 1,
	.config = IOMMUCTL_SMMUV3_CONFIG_S1,
	.s1contextptr = CDS(1),
};

/* Which of both have it, what they find by stage 1 and by IPA, and what the first is told. */
static const struct {
	const struct iommuctl_smmuv3_ste *stes[DEVICES];
	uint64_t by_stage1;
	uint64_t by_ipa;
	const char *told; /* NULL: nothing is wrong */
} cases[] = {
	{ { &block, &block }, 0, 0, NULL },
	{ { &stage1, &block }, 0, 0, "StreamID 0x17 of the same IOMMU group has another STE" },
	{ { &stage1, &stage1 }, DATA(1), 0, NULL },
	{ { &stage1, &other }, 0, 0, "StreamID 0x17 of the same IOMMU group has another STE" },
	{ { &other, &other }, DATA(2), 0, NULL },
	{ { &other, &bypass }, 0, 0, "StreamID 0x17 of the same IOMMU group has another STE" },
	{ { &bypass, &bypass }, 0, DATA(0), NULL },
	{ { &block, &bypass }, 0, 0, NULL },
	{ { &stage1, &bypass }, 0, 0, "StreamID 0x17 of the same IOMMU group has another STE" },
	{ { &stage1, &stage1 }, DATA(1), 0, NULL },
};

static int set_ste(struct nest_guest *guest, unsigned int device,
	const struct iommuctl_smmuv3_ste *ste, struct iommuctl_smmuv3_refusal *refusal)
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS];
	int err = iommuctl_smmuv3_ste_encode(ste, words, NULL);

	return err ? err : iommuctl_nest_set_ste(guest->vmm.nest, vsids[device], words, refusal);
}

static void expect_both(
	struct nest_guest *guest, const char *when, uint64_t by_stage1, uint64_t by_ipa)
{
	for (unsigned int i = 0; i < DEVICES; i++) {
		char what[64];

		snprintf(what, sizeof(what), "%s: function %u by stage 1", when, i);
		nest_guest_expect(guest, what, by_stage1, nest_guest_by_stage1(guest, i));
		snprintf(what, sizeof(what), "%s: function %u by IPA", when, i);
		nest_guest_expect(guest, what, by_ipa, nest_guest_by_ipa(guest, i));
	}
}

static void expect_text(
	struct nest_guest *guest, const char *when, const char *wanted, const char *got)
{
	guest->checks++;
	if (wanted && got ? strstr(got, wanted) != NULL : wanted == got)
		return;
	guest->differ++;
	printf("%s: told \"%s\" instead of \"%s\"\n", when, got ? got : "", wanted ? wanted : "");
}

static const char *told(struct nest_guest *guest)
{
	struct iommuctl_smmuv3_refusal refusal = { .field = NULL };

	iommuctl_nest_get_refusal(guest->vmm.nest, vsids[0], &refusal);
	return refusal.field ? refusal.reason : NULL;
}

static int check_sysfs(struct nest_guest *guest)
{
	struct iommuctl_device_group groups[DEVICES];
	int err = 0;

	for (unsigned int i = 0; !err && i < DEVICES; i++)
		err = iommuctl_vfio_device_get_group(
			guest->vmm.ctx, guest->vmm.devices[i], &groups[i]);
	if (err)
		return err;
	nest_guest_expect(guest, "groups", groups[0].id, groups[1].id);
	nest_guest_expect(guest, "devices in it", DEVICES, groups[0].member_count);
	expect_text(guest, "function 0", "0000:00:01.0", groups[0].device);
	expect_text(guest, "function 1", "0000:00:01.1", groups[1].device);
	return 0;
}

static int check_missing(struct nest_guest *guest)
{
	int err = vmm_add(&guest->vmm, 0, vsids[0]);

	if (!err)
		err = set_ste(guest, 0, &stage1, NULL);
	expect_text(
		guest, "alone", "0000:00:01.1 of the same IOMMU group has no vDEVICE", told(guest));
	expect_both(guest, "alone", 0, 0);
	return err ? err : vmm_add(&guest->vmm, 1, vsids[1]);
}

static int check_cases(struct nest_guest *guest)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(cases); i++) {
		char when[16];

		snprintf(when, sizeof(when), "case %zu", i);
		for (unsigned int device = 0; !err && device < DEVICES; device++)
			err = set_ste(guest, device, cases[i].stes[device], NULL);
		expect_both(guest, when, cases[i].by_stage1, cases[i].by_ipa);
		expect_text(guest, when, cases[i].told, told(guest));
	}
	return err;
}

static int check_removal(struct nest_guest *guest)
{
	int err = iommuctl_nest_remove_device(guest->vmm.nest, vsids[1]);

	expect_both(guest, "one removed", 0, 0);
	if (!err)
		err = vmm_add(&guest->vmm, 1, vsids[1]);
	if (!err)
		err = set_ste(guest, 1, &stage1, NULL);
	expect_both(guest, "both again", DATA(1), 0);
	iommuctl_nest_free(guest->vmm.nest);
	guest->vmm.nest = NULL;
	expect_both(guest, "after the end", 0, 0);
	return err;
}

/* Without sysfs it is the kernel that keeps the second one out, and finds the vDEVICE missing. */
static int check_unknown(struct nest_guest *guest)
{
	struct iommuctl_nest_counters counters;
	int err;

	iommuctl_get_transport(guest->vmm.ctx)->device_group = NULL;
	err = vmm_new_nest(&guest->vmm, plain);
	if (!err)
		err = vmm_add(&guest->vmm, 0, vsids[0]);
	nest_guest_expect(
		guest, "a second one", EINVAL, (uint64_t)-vmm_add(&guest->vmm, 1, vsids[1]));
	if (!err)
		err = set_ste(guest, 0, &stage1, NULL);
	expect_text(guest, "without sysfs", "vDEVICE", told(guest));
	expect_both(guest, "without sysfs", 0, 0);
	if (err)
		return err;
	iommuctl_nest_get_counters(guest->vmm.nest, &counters);
	nest_guest_expect(guest, "refused", 2, counters.refused);
	nest_guest_expect(guest, "detached", 0, counters.detached);
	return 0;
}

int main(int argc, char **argv)
{
	struct nest_guest guest = { .checks = 0 };
	int err;

	if (argc != 1 + DEVICES || iommuctl_new(NULL, &guest.vmm.ctx))
		return 2;
	nest_guest_start(&guest, argv + 1);
	err = check_sysfs(&guest);
	if (!err)
		err = vmm_new_nest(&guest.vmm, plain);
	if (!err)
		err = check_missing(&guest);
	if (!err)
		err = check_cases(&guest);
	if (!err)
		err = check_removal(&guest);
	if (!err)
		err = check_unknown(&guest);
	return nest_guest_end(&guest, "nest_group", err);
}
