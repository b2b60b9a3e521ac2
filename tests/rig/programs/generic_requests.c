// SPDX-License-Identifier: MIT
/*
 * generic_requests DEVICE DEVICE: the requests of 2018, each beside the native commands for the
 * same, on an SMMUv3. Both have to find the same before and after, by DMA and by interrupts, and to
 * give the kernel the same bytes. The devices are VFIO character devices of edu devices.
 */
#include <stdio.h>
#include <string.h>

#include "abi/iommufd.h"
#include "generic_requests.h"
#include "transport.h"

/* Keeps what the kernel is given to invalidate. */
static int look(struct script *script, int fd, unsigned long request, void *arg)
{
	const struct abi_hwpt_invalidate *args = arg;
	struct sent *sent = script->data;
	size_t size;

	if (request != ABI_HWPT_INVALIDATE)
		return script_pass(script, fd, request, arg);
	size = (size_t)args->entry_len * args->entry_num;
	if (size <= SENT_MAX - sent->size) {
		memcpy(sent->bytes + sent->size, (const void *)(uintptr_t)args->data_uptr, size);
		sent->size += size;
	}
	return script_pass(script, fd, request, arg);
}

static struct iommuctl_relay *relay_of(struct generic_test *test)
{
	return iommuctl_nest_get_relay(test->guest.vmm.nest);
}

const struct iommuctl_smmuv3_idr *generic_idr(struct generic_test *test)
{
	return iommuctl_nest_get_idr(test->guest.vmm.nest);
}

void generic_expect(struct generic_test *test, const char *name, const char *what, uint64_t wanted,
	uint64_t got)
{
	char text[96];

	snprintf(text, sizeof(text), "%s: %s", name, what);
	nest_guest_expect(&test->guest, text, wanted, got);
}

void generic_issue(
	struct generic_test *test, const uint64_t (*words)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count)
{
	size_t done;

	must_in(test->guest.vmm.ctx,
		iommuctl_relay_issue(relay_of(test), words, count, &done, NULL), "commands");
}

void generic_issue_native(struct generic_test *test, const struct iommuctl_smmuv3_cmd *cmd)
{
	uint64_t words[1][IOMMUCTL_SMMUV3_CMD_WORDS];

	must(iommuctl_smmuv3_cmd_encode(cmd, words[0], NULL), "command");
	generic_issue(test, words, 1);
}

/* The SMMU holds the old, whatever it was before. */
void generic_prime(struct generic_test *test, const char *name)
{
	struct guest_ram *ram = &test->guest.vmm.ram;

	must(iommuctl_stage1_remap(&test->stage1[0], 0, DATA(1), PAGE), "remapping");
	guest_put_context(ram, CD, &test->stage1[0], ASID);
	generic_issue_native(test,
		&(struct iommuctl_smmuv3_cmd){
			.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, .streamid = VSID });
	generic_issue_native(
		test, &(struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL });
	generic_expect(test, name, "at first", DATA(1), nest_guest_by_stage1(&test->guest, 0));
}

static void make_contexts(struct generic_test *test)
{
	struct guest_ram *ram = &test->guest.vmm.ram;

	for (uint64_t i = 0; i < DEVICES; i++) {
		test->stage1[i] = guest_make_tables(ram, TABLES(2 + i), 0x10000);
		guest_map(&test->stage1[i], 0, DATA(1 + i), PAGE);
		guest_map(&test->stage1[i], PAGE, RESULT, PAGE);
	}
	guest_put_context(ram, CD, &test->stage1[0], ASID);
}

int main(int argc, char **argv)
{
	struct generic_test test = { .guest = { .checks = 0 } };
	struct iommuctl_transport *kernel;
	struct script *script;
	int err;

	if (argc != 1 + DEVICES || iommuctl_transport_kernel_new(&kernel))
		return 2;
	script = script_new(kernel);
	script->ioctl = look;
	script->data = &test.sent;
	must(iommuctl_new(&script->base, &test.guest.vmm.ctx), "context");
	nest_guest_start(&test.guest, argv + 1);
	make_contexts(&test);
	err = vmm_new_nest(&test.guest.vmm, (struct iommuctl_nest_config){ .bypass = false });
	if (!err)
		err = vmm_add(&test.guest.vmm, 0, VSID);
	if (!err) {
		generic_check_stages(&test);
		err = vmm_set_ste(&test.guest.vmm, VSID, GUEST_STE_S1(CD));
	}
	if (!err) {
		generic_check_invalidations(&test);
		generic_check_msis(&test);
	}
	return nest_guest_end(&test.guest, "generic_requests", err);
}
