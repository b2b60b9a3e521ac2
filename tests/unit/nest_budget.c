// SPDX-License-Identifier: MIT
/* What a guest's configuration commands cost with many devices, and that none is lost by saving it.
 */
#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/vfio.h"
#include "nest_fixture.h"

#define DEVICES_MAX 64
#define FIRST_VSID  UINT32_C(0x100)
#define STREAM_LOG2 10
#define RING	    UINT64_C(0x80000000)
#define RING_LOG2   16
#define RING_SIZE   (1u << RING_LOG2)

#define IDR0_ATS (UINT32_C(1) << 10)
#define EATS	 (UINT64_C(1) << 28)
#define CFGI_ALL (-1)

/* What the kernel was asked for. */
static struct {
	size_t attaches;
	size_t cds; /* CFGI_CD_ALL */
	size_t atc; /* ATC_INV */
	size_t calls;
	uint32_t idr0;
	bool ats; /* of the devices */
} kernel;

/* How often names of devices were compared. */
static size_t looks;

int __real_strcmp(const char *a, const char *b);
int __wrap_strcmp(const char *a, const char *b);
int __wrap_strcmp(const char *a, const char *b)
{
	looks++;
	return __real_strcmp(a, b);
}

static struct {
	struct vmm vmm;
	int group; /* of all devices; 0: each has its own */
	int devices[DEVICES_MAX];
	unsigned int count;
	struct iommuctl_guest_range ranges[2];
	struct iommuctl_guest_memory memory;
	struct guest_ram ring;
	struct guest_queue queue;
	int answer; /* of the last run */
} test;

static void count_commands(const struct abi_hwpt_invalidate *args)
{
	const struct abi_viommu_arm_smmuv3_invalidate *entries =
		(const void *)(uintptr_t)args->data_uptr;

	for (uint32_t i = 0; i < args->entry_num; i++) {
		const uint8_t opcode = (uint8_t)le64toh(entries[i].cmd[0]);

		kernel.cds += opcode == IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL;
		kernel.atc += opcode == IOMMUCTL_SMMUV3_CMD_ATC_INV;
	}
}

static int watch(struct script *script, int fd, unsigned long request, void *arg)
{
	int err;

	kernel.calls++;
	kernel.attaches += request == ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT;
	if (request == ABI_HWPT_INVALIDATE)
		count_commands(arg);
	err = script_pass(script, fd, request, arg);
	if (request == ABI_GET_HW_INFO) {
		struct abi_hw_info *info = arg;
		struct abi_hw_info_arm_smmuv3 *data = (void *)(uintptr_t)info->data_uptr;

		data->idr[0] |= kernel.idr0;
		if (kernel.ats)
			info->out_capabilities &= ~(uint64_t)ABI_HW_CAP_PCI_ATS_NOT_SUPPORTED;
	}
	return err;
}

static void forget_counts(void)
{
	kernel.attaches = kernel.cds = kernel.atc = kernel.calls = 0;
	looks = 0;
}

static struct iommuctl_model_config machine(unsigned int devices)
{
	struct iommuctl_model_config config;

	iommuctl_model_default_config(&config);
	config.device_count = devices;
	for (unsigned int i = 0; i < devices; i++) {
		memset(&config.devices[i], 0, sizeof(config.devices[i]));
		snprintf(config.devices[i].pci, sizeof(config.devices[i].pci), "0000:%02x:%02x.0",
			(uint8_t)(i / 32), (uint8_t)(i % 32));
		config.devices[i].stream_id = 0x1000 + i;
		config.devices[i].group = test.group;
	}
	return config;
}

static void add_devices(unsigned int count)
{
	struct vmm *vmm = &test.vmm;

	for (unsigned int i = 0; i < count; i++) {
		char path[40];
		uint32_t dev_id = i < 2 ? vmm->dev_ids[i] : 0;
		int fd = i < 2 ? vmm->devices[i] : -1;

		snprintf(path, sizeof(path), "/dev/vfio/devices/vfio%u", i);
		if (i >= 2) {
			cr_assert_eq(iommuctl_vfio_device_open(vmm->ctx, path, &fd), 0);
			cr_assert_eq(iommuctl_vfio_bind_iommufd(
					     vmm->ctx, fd, vmm->iommufd, NULL, &dev_id),
				0);
		}
		test.devices[i] = fd;
		cr_assert_eq(iommuctl_nest_add_device(vmm->nest, fd, dev_id, FIRST_VSID + i), 0);
	}
	test.count = count;
}

static void start_queue(uint32_t budget)
{
	test.queue.command = iommuctl_nest_command;
	test.queue.data = test.vmm.nest;
	guest_queue_start(&test.queue, &test.memory, iommuctl_nest_get_relay(test.vmm.nest),
		RING | RING_LOG2);
	test.queue.cmdq.budget = budget;
}

static void put_ste(unsigned int device, uint64_t word0, uint64_t word1)
{
	guest_put_words(&test.vmm.ram, STREAMS + (FIRST_VSID + device) * sizeof(ste_words),
		(const ste_words){ word0, word1 }, IOMMUCTL_SMMUV3_STE_WORDS);
}

static void put_all_stes(uint64_t word0)
{
	for (unsigned int i = 0; i < test.count; i++)
		put_ste(i, word0, 0);
}

/* A nest with @devices, all of which have stage 1 by a stream table. */
static void start(unsigned int devices)
{
	const struct iommuctl_model_config config = machine(devices < 2 ? 2 : devices);

	vmm_open(&test.vmm, &config);
	test.vmm.script->ioctl = watch;
	cr_assert_eq(vmm_make_nest(&test.vmm), 0);
	guest_ram_open(&test.ring, RING, RING_SIZE * IOMMUCTL_SMMUV3_CMD_WORDS * sizeof(uint64_t));
	test.ranges[0] = test.vmm.ram.range;
	test.ranges[1] = test.ring.range;
	test.memory = (struct iommuctl_guest_memory){ test.ranges, 2 };
	add_devices(devices);
	put_all_stes(STE_S1);
	cr_assert_eq(
		iommuctl_nest_set_stream_table(test.vmm.nest, &test.memory, STREAMS, STREAM_LOG2),
		0);
	start_queue(0);
	forget_counts();
}

static void stop(void)
{
	for (unsigned int i = 0; i < test.count; i++)
		iommuctl_nest_remove_device(test.vmm.nest, FIRST_VSID + i);
	for (unsigned int i = 2; i < test.count; i++)
		iommuctl_close(test.vmm.ctx, test.devices[i]);
	guest_ram_close(&test.ring);
	vmm_stop(&test.vmm);
	test.group = 0;
}

TestSuite(nest_budget, .fini = stop);

static void put(uint64_t word0, uint64_t word1)
{
	guest_queue_put_words(&test.queue, word0, word1);
}

/* CFGI_STE for the StreamID of @device, or CFGI_ALL. */
static void put_cfgi(int device)
{
	if (device == CFGI_ALL)
		put(IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE, IOMMUCTL_SMMUV3_CFGI_RANGE_ALL);
	else
		put(IOMMUCTL_SMMUV3_CMD_CFGI_STE | (FIRST_VSID + (uint64_t)device) << 32, 1);
}

static void put_sync(void)
{
	put(IOMMUCTL_SMMUV3_CMD_SYNC, 0);
}

static bool run_once(void)
{
	test.answer = guest_queue_consume(&test.queue);
	return test.answer == -EAGAIN;
}

/* How many runs it took. */
static unsigned int run_all(void)
{
	unsigned int runs = 1;

	while (run_once())
		cr_assert_lt(runs++, RING_SIZE);
	cr_assert_eq(test.answer, 0);
	cr_assert_eq(test.queue.cmdq.cons, test.queue.prod);
	return runs;
}

/* The queue of a hostile guest: each run reads the STEs once, and there are few. */
Test(nest_budget, a_queue_full_of_cfgi_all_reads_each_ste_once_a_run)
{
	unsigned int runs;

	start(DEVICES_MAX);
	for (unsigned int i = 0; i < RING_SIZE; i++)
		put_cfgi(CFGI_ALL);
	runs = run_all();
	cr_expect_leq(runs, RING_SIZE * IOMMUCTL_CMDQ_COST_OWNER / 50000, "%u runs", runs);
	cr_expect_leq(kernel.calls, runs * DEVICES_MAX);
	cr_expect_eq(kernel.attaches, 0);
}

/* What a run may do at most: its budget, and the step that it ends in. */
Test(nest_budget, no_run_makes_more_calls_than_its_budget_has_room_for)
{
	static const uint32_t budgets[] = { 1, 1000, 10000 };

	start(16);
	for (size_t b = 0; b < ARRAY_SIZE(budgets); b++) {
		start_queue(budgets[b]);
		for (unsigned int i = 0; i < 2000; i++) {
			put_cfgi(i % 3 ? (int)(i % 16) : CFGI_ALL);
			if (i % 2)
				put_sync();
		}
		do {
			forget_counts();
			cr_assert_leq(budgets[b] / IOMMUCTL_CMDQ_COST_CALL, 10000);
			run_once();
			cr_assert_leq(kernel.calls, budgets[b] / IOMMUCTL_CMDQ_COST_CALL + 5);
		} while (test.answer == -EAGAIN);
		cr_expect_eq(test.answer, 0);
	}
}

Test(nest_budget, equal_commands_of_one_run_are_carried_out_once)
{
	static const struct {
		int commands[3];
		size_t cds;
	} cases[] = {
		{ { CFGI_ALL, CFGI_ALL, CFGI_ALL }, 4 },
		{ { CFGI_ALL, 1, 2 }, 4 },
		{ { 1, 1, 1 }, 1 },
		{ { 1, 2, 1 }, 2 },
		{ { 1, CFGI_ALL, 1 }, 4 },
	};

	start(4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t at = 0; at < 3; at++) {
			put_cfgi(cases[i].commands[at]);
			put_sync();
		}
		forget_counts();
		cr_assert_eq(run_all(), 1);
		cr_expect_eq(kernel.cds, cases[i].cds, "case %zu: %zu", i, kernel.cds);
	}
}

/* The guest changed the STE between two writes of PROD. */
Test(nest_budget, the_next_run_reads_again)
{
	start(2);
	put_cfgi(CFGI_ALL);
	run_all();
	for (unsigned int i = 0; i < 4; i++) {
		put_ste(0, i % 2 ? STE_S1 : STE_OTHER, 0);
		put_cfgi(i < 2 ? 0 : CFGI_ALL);
		run_all();
		cr_expect_eq(dma(&test.vmm, 0, IOVA), i % 2 ? MARK : MARK_2, "%u", i);
	}
}

static void give_ste(void)
{
	cr_expect_eq(iommuctl_nest_set_ste(
			     test.vmm.nest, FIRST_VSID, (const ste_words){ STE_BYPASS }, NULL),
		0);
}

static void move_table(void)
{
	guest_put_words(&test.vmm.ram, STREAMS + 0x20000 + FIRST_VSID * sizeof(ste_words),
		(const ste_words){ STE_OTHER }, IOMMUCTL_SMMUV3_STE_WORDS);
	cr_expect_eq(iommuctl_nest_set_stream_table(
			     test.vmm.nest, &test.memory, STREAMS + 0x20000, STREAM_LOG2),
		0);
}

static void disable(void)
{
	cr_expect_eq(iommuctl_nest_clear_stream_table(test.vmm.nest), 0);
	cr_expect_eq(iommuctl_nest_set_bypass(test.vmm.nest, true), 0);
}

Test(nest_budget, what_the_vmm_changes_between_two_commands_is_not_lost)
{
	static const struct {
		void (*at_sync)(void);
		int command;
		uint64_t iova;
		int64_t found;
	} cases[] = {
		{ give_ste, 0, IOVA, MARK }, /* the second command has the table's again */
		{ give_ste, CFGI_ALL, IOVA, MARK },
		{ move_table, 0, IOVA, MARK_2 },
		{ move_table, CFGI_ALL, IOVA, MARK_2 },
		{ disable, 0, PAGES, MARK },
	};

	start(2);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(iommuctl_nest_set_stream_table(
				     test.vmm.nest, &test.memory, STREAMS, STREAM_LOG2),
			0);
		test.queue.at_sync = cases[i].at_sync;
		put_cfgi(CFGI_ALL);
		put_sync();
		put_cfgi(cases[i].command);
		cr_assert_eq(run_all(), 1);
		test.queue.at_sync = NULL;
		cr_expect_eq(dma(&test.vmm, 0, cases[i].iova), cases[i].found, "case %zu", i);
	}
}

Test(nest_budget, a_command_about_many_devices_goes_on_where_it_left_off)
{
	start(16);
	start_queue(1);
	put_all_stes(STE_BYPASS);
	put_cfgi(CFGI_ALL);
	for (unsigned int i = 0; i < 16; i++) {
		forget_counts();
		cr_expect(run_once());
		cr_expect_eq(kernel.attaches, 1);
		cr_expect_eq(test.queue.cmdq.cons, 0);
	}
	cr_expect(!run_once());
	cr_expect_eq(test.queue.cmdq.cons, test.queue.prod);
	cr_expect_eq(dma(&test.vmm, 0, PAGES), MARK);
	cr_expect_eq(dma(&test.vmm, 1, PAGES), MARK);
}

Test(nest_budget, what_follows_a_command_that_left_off_reads_again)
{
	start(4);
	start_queue(1);
	put_cfgi(CFGI_ALL);
	for (unsigned int i = 0; i < 4; i++)
		cr_expect(run_once());
	put_all_stes(STE_BYPASS); /* after the first command, and before the second */
	put_cfgi(CFGI_ALL);
	test.queue.cmdq.budget = 0;
	run_all();
	cr_expect_eq(dma(&test.vmm, 0, PAGES), MARK);
	cr_expect_eq(dma(&test.vmm, 1, PAGES), MARK);
}

/* The guest has disabled the queue in the midst of a command, and begins anew. */
Test(nest_budget, a_new_queue_does_not_go_on_with_a_command_of_the_old_one)
{
	start(4);
	start_queue(1);
	put_cfgi(CFGI_ALL);
	for (unsigned int i = 0; i < 4; i++)
		cr_expect(run_once());
	put_all_stes(STE_BYPASS);
	start_queue(0);
	put_cfgi(CFGI_ALL);
	run_all();
	cr_expect_eq(dma(&test.vmm, 0, PAGES), MARK);
	cr_expect_eq(dma(&test.vmm, 1, PAGES), MARK);
}

Test(nest_budget, commands_without_a_queue_are_each_carried_out)
{
	const struct iommuctl_smmuv3_cmd cmd = {
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
		.range = IOMMUCTL_SMMUV3_CFGI_RANGE_ALL,
	};

	start(4);
	for (unsigned int i = 1; i < 4; i++) {
		cr_expect_eq(iommuctl_nest_command(&cmd, test.vmm.nest), 0);
		cr_expect_eq(kernel.cds, 4 * i);
	}
}

/* Only devices that come or go change who is missing, however many STEs are read. */
Test(nest_budget, who_is_missing_in_a_large_group_is_looked_for_once)
{
	static const struct {
		const char *what;
		uint64_t first;
		uint64_t others;
		unsigned int count; /* in the nest */
	} rows[] = {
		{ "all have one STE", STE_BYPASS, STE_BYPASS, DEVICES_MAX },
		{ "one has another", STE_ABORT, STE_BYPASS, DEVICES_MAX },
		{ "one is missing", STE_BYPASS, STE_BYPASS, DEVICES_MAX - 1 },
	};

	test.group = 7;
	start(DEVICES_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].count < test.count)
			cr_assert_eq(iommuctl_nest_remove_device(
					     test.vmm.nest, FIRST_VSID + rows[i].count),
				0);
		put_all_stes(rows[i].others);
		put_ste(0, rows[i].first, 0);
		for (unsigned int round = 0; round < 2; round++) {
			put_cfgi(CFGI_ALL);
			forget_counts();
			run_all();
		}
		cr_expect_eq(kernel.calls, 0, "%s", rows[i].what);
		cr_expect_leq(looks, DEVICES_MAX * DEVICES_MAX, "%s: %zu", rows[i].what, looks);
	}
}

/* How many runs CFGI_ALL takes, with a budget for four STEs of devices without peers. */
static unsigned int count_runs(void)
{
	unsigned int runs;

	put_cfgi(CFGI_ALL);
	test.queue.cmdq.budget = IOMMUCTL_CMDQ_COST_OWNER + IOMMUCTL_CMDQ_COST_STE * 4;
	runs = run_all();
	test.queue.cmdq.budget = 0;
	return runs;
}

Test(nest_budget, what_an_ste_costs_beside_being_read_is_charged)
{
	static const struct {
		const char *what;
		int group;
		uint64_t first;
		uint64_t others;
		int error;
		unsigned int runs;
	} rows[] = {
		{ "nothing", 0, STE_BYPASS, STE_BYPASS, 0, 5 },
		{ "15 peers, alike", 7, STE_BYPASS, STE_BYPASS, 0, 9 },
		{ "15 peers, one unlike", 7, STE_ABORT, STE_BYPASS, 0, 9 },
		{ "the kernel's refusals", 0, STE_BYPASS, STE_BYPASS, EINVAL, 17 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int runs;

		test.group = rows[i].group;
		start(16);
		put_all_stes(rows[i].others);
		put_ste(0, rows[i].first, 0);
		if (rows[i].error)
			script_fail(test.vmm.script, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, 1,
				SCRIPT_NEVER, rows[i].error);
		put_cfgi(CFGI_ALL);
		run_all();
		runs = count_runs();
		cr_expect_eq(runs, rows[i].runs, "%s: %u runs", rows[i].what, runs);
		script_fail_none(test.vmm.script);
		if (i + 1 < ARRAY_SIZE(rows))
			stop();
	}
}

Test(nest_budget, an_atc_inv_is_issued_where_the_ste_in_force_has_eats_and_the_hardware_ats)
{
	static const struct {
		bool smmu;
		bool device;
		uint64_t word0;
		uint64_t word1;
		bool issued;
	} cases[] = {
		{ true, true, STE_S1, EATS, true },
		{ true, true, STE_S1, 0, false },
		{ true, true, STE_BYPASS, EATS, false },
		{ true, true, STE_ABORT, EATS, false },
		{ true, false, STE_S1, EATS, false },
		{ false, true, STE_S1, EATS, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		kernel.idr0 = cases[i].smmu ? IDR0_ATS : 0;
		kernel.ats = cases[i].device;
		start(2);
		put_ste(0, cases[i].word0, cases[i].word1);
		put_cfgi(0);
		run_all();
		forget_counts();
		put(IOMMUCTL_SMMUV3_CMD_ATC_INV | (uint64_t)FIRST_VSID << 32, 52);
		run_once();
		cr_expect_eq(test.answer, cases[i].smmu ? 0 : -EIO, "case %zu", i);
		cr_expect_eq(kernel.atc, cases[i].issued, "case %zu", i);
		if (i + 1 < ARRAY_SIZE(cases))
			stop();
	}
}
