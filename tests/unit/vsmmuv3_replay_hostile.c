// SPDX-License-Identifier: MIT
/* A guest that does arbitrary things can be replayed as well, with all consequences. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/model.h>
#include <iommuctl/vsmmuv3_replay.h>

#include "hostile.h"
#include "transport.h"

#define LOG_SIZE (UINT32_C(1) << 24)
#define GUESTS	 8
#define STEPS	 1500
#define BUDGET	 1000

struct log {
	char *text;
	size_t length;
};

static uint32_t pick(void *data)
{
	(void)data;
	return (uint32_t)rand() << 16 ^ (uint32_t)rand();
}

static void keep_line(const char *text, size_t length, void *data)
{
	struct log *log = data;

	cr_assert_lt(log->length + length, LOG_SIZE);
	memcpy(log->text + log->length, text, length);
	log->length += length;
}

static void issue_dma(const struct hostile *guest)
{
	uint32_t word = 0;

	(void)iommuctl_model_dma(guest->vmm->model,
		&(struct iommuctl_model_access){
			.device = (unsigned int)rand() % VMM_DEVICES,
			.ssid = -1,
			.iova = hostile_pick_iova(guest),
			.buffer = &word,
			.size = sizeof(word),
		});
}

static void step(const struct hostile *guest)
{
	switch (rand() % 16) {
	case 0: issue_dma(guest); break;
	case 1: (void)iommuctl_vsmmuv3_deliver_events(guest->smmu); break;
	case 2:
		(void)hostile_move_device(guest, (unsigned int)rand() % VMM_DEVICES, rand() % 2);
		break;
	case 3: (void)iommuctl_vsmmuv3_process(guest->smmu); break;
	case 4:
		if (rand() % 8 == 0)
			(void)iommuctl_vsmmuv3_reset(guest->smmu);
		break;
	case 5:
	case 6:
	case 7: hostile_write_memory(guest); break;
	default: (void)hostile_access_register(guest); break;
	}
}

static void run(unsigned int seed, struct log *log)
{
	static const struct iommuctl_vsmmuv3_ops ops;
	const struct iommuctl_vsmmuv3_recorder recorder = { keep_line, log };
	struct vmm vmm;
	struct hostile guest = { .vmm = &vmm, .pick = pick };

	srand(seed);
	vmm_open_model(&vmm, NULL);
	vmm_make_ram(&vmm, HOSTILE_RAM, HOSTILE_RAM_SIZE);
	cr_assert_eq(hostile_open(&guest,
			     (struct iommuctl_vsmmuv3_config){
				     .ops = &ops,
				     .budget = BUDGET,
				     .event_depth = 8,
				     .recorder = &recorder,
			     }),
		0);
	for (unsigned int i = 0; i < STEPS; i++)
		step(&guest);
	iommuctl_vsmmuv3_free(guest.smmu);
	vmm_close_model(&vmm);
}

Test(vsmmuv3_replay_hostile, whatever_a_guest_does_comes_again)
{
	struct log log = { .text = malloc(LOG_SIZE) };

	cr_assert_not_null(log.text);
	for (unsigned int seed = 1; seed <= GUESTS; seed++) {
		struct iommuctl_vsmmuv3_replay replay;
		int err;

		log.length = 0;
		run(seed, &log);
		err = iommuctl_vsmmuv3_replay(log.text, log.length, &replay);
		cr_expect_eq(err, 0, "seed %u, line %llu: %s", seed,
			(unsigned long long)replay.line, replay.problem);
		cr_expect_gt(replay.reads, STEPS / 16);
		cr_expect_gt(replay.effects, 0);
	}
	free(log.text);
}
