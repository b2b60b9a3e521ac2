/* SPDX-License-Identifier: MIT */
/*
 * Replays the log of a guest's SMMU on the model machine.
 *
 * It is what iommuctl/vsmmuv3_record.h describes. The guest and its memory are made from the log;
 * the SMMU, and all that is below it, are those of the library. So a log tells on any machine
 * whether the SMMU still does what it did.
 *
 * The physical SMMU and the kernel are the model's. Where they refused something in the machine
 * that the log is from, or had no time for it, the model does not.
 *
 * Ownership: what a function is given stays the caller's and is not used once it has returned.
 * Threads: any thread.
 * Source: this library alone. A part of libiommuctl-model, for tests.
 */
#ifndef IOMMUCTL_VSMMUV3_REPLAY_H
#define IOMMUCTL_VSMMUV3_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/vsmmuv3_record.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What a log may have at most.
 *
 * @IOMMUCTL_VSMMUV3_REPLAY_DEVICES_MAX: devices at a time
 * @IOMMUCTL_VSMMUV3_REPLAY_RANGES_MAX: ranges of guest memory at a time
 * @IOMMUCTL_VSMMUV3_REPLAY_ACCESS_MAX: lines of one access
 *
 * Since: 0.1
 */
#define IOMMUCTL_VSMMUV3_REPLAY_DEVICES_MAX 64
#define IOMMUCTL_VSMMUV3_REPLAY_RANGES_MAX  64
#define IOMMUCTL_VSMMUV3_REPLAY_ACCESS_MAX  262144

/*
 * What came of a log.
 *
 * @reads: registers that were read, each with the value of the log
 * @accesses: all others that came to their end
 * @effects: interrupts, events and the like that were as in the log
 * @line: the first line that is broken or differs, 1 for the first of all; 0: none is
 * @problem: what is wrong with it, as one sentence; "" if nothing is
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_replay {
	uint64_t reads;
	uint64_t accesses;
	uint64_t effects;
	uint64_t line;
	char problem[3 * IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE];
};

/*
 * Does what a log says, and compares what comes of it.
 *
 * Compared are all values that are read, results, interrupts, MSIs and events, CMDQ_CONS, GERROR
 * and EVENTQ_PROD, up to the first difference. The log may be anything: what is wrong with it is
 * told.
 *
 * Of a word that a guest changed while one access read it several times, the last value counts.
 *
 * @log: the log; need not be terminated
 * @length: its bytes
 * @replay: out, also on failure: what came of it
 *
 * Errors:
 *   -EINVAL: no @log or @replay, or a line that is broken or out of place
 *   -EBADMSG: the SMMU does something else than the log has
 *   -E2BIG: the log has more than there is room for
 *   -EOPNOTSUPP: a version that is not known, or a state that was restored
 *   -ENOMEM: no memory
 *   others: those of iommuctl_vsmmuv3_new()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_replay(const char *log, size_t length, struct iommuctl_vsmmuv3_replay *replay);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
