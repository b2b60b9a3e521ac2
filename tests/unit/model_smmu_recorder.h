/* SPDX-License-Identifier: MIT */
/* Stands in for the model's SMMU: records what the kernel side makes it do. */
#ifndef TEST_MODEL_SMMU_RECORDER_H
#define TEST_MODEL_SMMU_RECORDER_H

#include "model/smmu/smmu.h"

#define RECORDED_STREAMS     32
#define RECORDED_COMMANDS    1024
#define RECORDED_INVALIDATED 16

struct smmu_record {
	struct model_stream streams[RECORDED_STREAMS]; /* by StreamID */
	unsigned int writes;			       /* of stream table entries */
	uint64_t commands[RECORDED_COMMANDS][2];
	size_t command_count;
	uint16_t invalidated[RECORDED_INVALIDATED]; /* VMIDs */
	size_t invalidated_count;
	uint64_t last_iova; /* of a transaction that no doorbell took */
	unsigned int transactions;
};

/* One for all SMMUs of the process: each test runs in one of its own. */
extern struct smmu_record smmu_record;

#endif
