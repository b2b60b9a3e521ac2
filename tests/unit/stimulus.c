// SPDX-License-Identifier: MIT
/* What each stimulus can do, and what of a job's devices it is. */
#include <string.h>

#include <criterion/criterion.h>

#include "array.h"
#include "stimulus/stimulus.h"

/* The transfer of the jobs that are to run with each: 8 bytes at a multiple of 4. */
Test(stimulus, all_move_eight_bytes_and_keep_four_of_them)
{
	static const struct stimulus_driver *const drivers[] = { &stimulus_edu, &stimulus_nvme,
		&stimulus_igb };

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		struct stimulus stimulus = { .driver = drivers[i], .nvme.has_clock = true };

		for (int write = 0; write < 2; write++) {
			const struct stimulus_access access = { write, 0x1000, 8 };

			cr_expect_null(
				drivers[i]->refuse(&stimulus, &access), "%s", drivers[i]->name);
		}
		cr_expect_leq(drivers[i]->kept_first, 2);
		cr_expect_geq(drivers[i]->kept_first + drivers[i]->kept_count, 6);
		cr_expect_leq(drivers[i]->memory_size, 64 << 10, "%s", drivers[i]->name);
		cr_expect_geq(drivers[i]->vectors, 1);
		cr_expect(!drivers[i]->has_intx || drivers[i]->clear_irq, "%s", drivers[i]->name);
	}
}

Test(stimulus, what_a_device_cannot_do_is_refused_with_the_reason)
{
	static const struct {
		const struct stimulus_driver *driver;
		struct stimulus_access access;
		bool no_clock;
		const char *why; /* a part of it; NULL: it can */
	} cases[] = {
		{ &stimulus_edu, { true, 3, 4096 }, false, NULL },
		{ &stimulus_edu, { true, 0, 4097 }, false, "at most 4096" },
		{ &stimulus_edu, { true, 0xfffffff8, 8 }, false, NULL },
		{ &stimulus_edu, { true, 0xfffffff9, 8 }, false, "32 bits of address" },
		{ &stimulus_edu, { false, UINT64_C(0x100001000), 8 }, false, "32 bits of address" },
		{ &stimulus_edu, { false, UINT64_C(0xfffffffffffffff0), 1 }, false,
			"32 bits of address" },
		{ &stimulus_igb, { false, 1, 1 }, false, NULL },
		{ &stimulus_igb, { false, 0, 4096 }, false, NULL },
		{ &stimulus_igb, { false, 0, 4097 }, false, "at most 4096" },
		{ &stimulus_nvme, { false, 0, 6 }, false, "reads 8 bytes" },
		{ &stimulus_nvme, { false, 2, 8 }, false, "multiples of 4" },
		{ &stimulus_nvme, { false, 0, 8 }, true, "no timestamp" },
		{ &stimulus_nvme, { true, 0, 8 }, true, NULL },
		{ &stimulus_nvme, { true, 0, 6 }, false, "multiples of 4 bytes" },
		{ &stimulus_nvme, { true, 4, 512 }, false, NULL },
		{ &stimulus_nvme, { true, 0, 516 }, false, "up to 512" },
		{ &stimulus_nvme, { true, 0, 4096 }, false, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stimulus stimulus = { .driver = cases[i].driver,
			.nvme.has_clock = !cases[i].no_clock };
		const char *why = cases[i].driver->refuse(&stimulus, &cases[i].access);

		if (cases[i].why)
			cr_expect(why && strstr(why, cases[i].why), "case %zu: %s", i, why);
		else
			cr_expect_null(why, "case %zu", i);
	}
}
