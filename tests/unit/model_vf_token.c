// SPDX-License-Identifier: MIT
/* Who can bind a VF and its PF in the model, by vfio-pci's rules. */
#include "model_vfio_fixture.h"

TestSuite(model_vf_token);

enum { PF, VF, OTHER };

static const struct iommuctl_model_config config = {
	.smmu_count = 1,
	.device_count = 3,
	.devices = { { .pci = "0000:01:00.0" }, { .pci = "0000:01:00.2", .pf = 1 + PF },
		{ .pci = "0000:02:00.0" } },
};

static const unsigned char one[16] = { 1, 2, 3 }, two[16] = { 1, 2, 4 };

static int bind_with(struct machine *machine, int device, const unsigned char *token)
{
	struct abi_vfio_device_bind_iommufd args = {
		.argsz = sizeof(args),
		.flags = token ? ABI_VFIO_DEVICE_BIND_FLAG_TOKEN : 0,
		.iommufd = machine->iommufd,
		.token_uuid_ptr = (uintptr_t)token,
	};

	return call(machine, machine->devices[device], ABI_VFIO_DEVICE_BIND_IOMMUFD, &args);
}

#define TOKEN_SIZE 16

static void reopen(struct machine *machine, int device)
{
	char path[] = "/dev/vfio/devices/vfio0";

	path[sizeof(path) - 2] += (char)device;
	machine_close(machine, machine->devices[device]);
	machine->devices[device] = machine_open_file(machine, path);
}

static int set_token(
	struct machine *machine, int device, uint32_t flags, const unsigned char *token)
{
	union {
		struct abi_vfio_device_feature feature;
		unsigned char bytes[sizeof(struct abi_vfio_device_feature) + TOKEN_SIZE];
	} args = { .feature = { .argsz = sizeof(args),
			   .flags = ABI_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN | flags } };

	if (token)
		memcpy(args.feature.data, token, TOKEN_SIZE);
	else
		args.feature.argsz -= 1;
	return call(machine, machine->devices[device], ABI_VFIO_DEVICE_FEATURE, &args);
}

Test(model_vf_token, a_vf_takes_the_token_that_was_set_on_its_pf)
{
	struct machine machine;

	machine_start(&machine, &config);
	cr_expect_eq(bind_with(&machine, VF, NULL), -EACCES);
	cr_expect_eq(bind_with(&machine, VF, (unsigned char[16]){ 0 }), -EACCES,
		"a token that nobody has set is not guessed");
	cr_assert_eq(bind_with(&machine, PF, NULL), 0);
	cr_assert_eq(set_token(&machine, PF, ABI_VFIO_DEVICE_FEATURE_SET, one), 0);
	cr_expect_eq(bind_with(&machine, VF, NULL), -EACCES);
	cr_expect_eq(bind_with(&machine, VF, two), -EACCES);
	cr_expect_eq(bind_with(&machine, VF, one), 0);
	reopen(&machine, VF);
	cr_assert_eq(set_token(&machine, PF, ABI_VFIO_DEVICE_FEATURE_SET, two), 0);
	cr_expect_eq(bind_with(&machine, VF, one), -EACCES);
	cr_expect_eq(bind_with(&machine, VF, two), 0);
	machine_stop(&machine);
}

Test(model_vf_token, a_pf_keeps_the_token_that_it_was_bound_with)
{
	struct machine machine;

	machine_start(&machine, &config);
	cr_assert_eq(bind_with(&machine, PF, one), 0);
	reopen(&machine, PF);
	cr_expect_eq(bind_with(&machine, VF, one), 0);
	machine_stop(&machine);
}

Test(model_vf_token, a_pf_takes_its_token_while_a_vf_is_in_use)
{
	struct machine machine;

	machine_start(&machine, &config);
	cr_assert_eq(bind_with(&machine, PF, one), 0);
	cr_assert_eq(bind_with(&machine, VF, one), 0);
	reopen(&machine, PF);
	cr_expect_eq(bind_with(&machine, PF, NULL), -EACCES);
	cr_expect_eq(bind_with(&machine, PF, two), -EACCES);
	cr_expect_eq(bind_with(&machine, PF, one), 0);
	reopen(&machine, PF);
	reopen(&machine, VF);
	cr_expect_eq(bind_with(&machine, PF, NULL), 0);
	machine_stop(&machine);
}

Test(model_vf_token, others_take_none)
{
	struct machine machine;

	machine_start(&machine, &config);
	cr_assert_eq(machine_close(&machine, machine.devices[1]), 0);
	machine.devices[1] = machine_open_file(&machine, "/dev/vfio/devices/vfio2");
	cr_expect_eq(bind_with(&machine, 1, one), -EINVAL);
	cr_assert_eq(bind_with(&machine, 1, NULL), 0);
	cr_expect_eq(set_token(&machine, 1, ABI_VFIO_DEVICE_FEATURE_SET, one), -ENOTTY);
	machine_stop(&machine);
}

Test(model_vf_token, the_feature_is_only_set)
{
	struct machine machine;

	machine_start(&machine, &config);
	cr_assert_eq(bind_with(&machine, PF, one), 0);
	cr_expect_eq(set_token(&machine, PF, ABI_VFIO_DEVICE_FEATURE_GET, one), -EINVAL);
	cr_expect_eq(set_token(&machine, PF, ABI_VFIO_DEVICE_FEATURE_SET, NULL), -EINVAL);
	cr_expect_eq(set_token(&machine, PF,
			     ABI_VFIO_DEVICE_FEATURE_SET | ABI_VFIO_DEVICE_FEATURE_PROBE, two),
		0);
	cr_expect_eq(bind_with(&machine, VF, two), -EACCES, "it was only asked for");
	cr_assert_eq(bind_with(&machine, VF, one), 0);
	cr_expect_eq(set_token(&machine, VF, ABI_VFIO_DEVICE_FEATURE_SET, one), -ENOTTY);
	machine_stop(&machine);
}

/* The driver that gets it back makes its own token. */
Test(model_vf_token, a_new_driver_has_a_new_token)
{
	struct machine machine;

	machine_start(&machine, &config);
	cr_assert_eq(bind_with(&machine, PF, one), 0);
	cr_assert_eq(iommuctl_model_unplug(machine.model, PF, true), 0);
	reopen(&machine, PF);
	cr_expect_eq(bind_with(&machine, VF, one), -EACCES);
	cr_assert_eq(bind_with(&machine, PF, two), 0);
	reopen(&machine, PF);
	cr_expect_eq(bind_with(&machine, VF, two), 0, "and keeps it, as it was unplugged once");
	machine_stop(&machine);
}

Test(model_vf_token, a_pf_is_a_device_of_the_machine_and_no_vf)
{
	struct iommuctl_model_config wrong = config;
	struct iommuctl_model *model;

	wrong.devices[VF].pf = 4;
	cr_expect_eq(iommuctl_model_new(&wrong, &model), -EINVAL);
	wrong.devices[VF].pf = 1 + VF;
	cr_expect_eq(iommuctl_model_new(&wrong, &model), -EINVAL);
	wrong.devices[VF].pf = 1 + OTHER;
	wrong.devices[OTHER].pf = 1 + PF;
	cr_expect_eq(iommuctl_model_new(&wrong, &model), -EINVAL);
}
