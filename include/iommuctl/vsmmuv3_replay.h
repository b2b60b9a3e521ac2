/* SPDX-License-Identifier: MIT */
/*
 * Replays the log of a guest's SMMU on the model machine.
 *
 * iommuctl/vsmmuv3_record.h describes the log. The guest and its memory are made from the log; the
 * SMMU, and everything below it, are the library's. So a log shows on any machine whether the SMMU
 * still behaves as it did.
 *
 * The physical SMMU and the kernel are the model's. The model does not repeat refusals or timeouts
 * of the machine that the log is from.
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned.
 * Threads: any thread.
 * Source: this library. A part of libiommuctl-model, for tests.
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
 * The limits of a log.
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
 * The result of a replay.
 *
 * @reads: register reads that had the value of the log
 * @accesses: all other accesses that completed
 * @effects: interrupts, events and the like that matched the log
 * @line: the first line that is malformed or differs, counted from 1; 0: there is none
 * @problem: what is wrong with it, as one sentence; "" if nothing is wrong
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
 * Replays a log, and compares the results.
 *
 * It compares all values read, results, interrupts, MSIs and events, CMDQ_CONS, GERROR and
 * EVENTQ_PROD, up to the first difference. The log may contain anything: errors in it are reported.
 *
 * If one access read a word several times while the guest changed it, the first value counts.
 *
 * @log: the log; need not be terminated
 * @length: its bytes
 * @replay: out, also on failure: the result
 *
 * Errors:
 *   -EINVAL: no @log or @replay, or a line that is malformed or out of place
 *   -EBADMSG: the SMMU behaves differently from the log
 *   -E2BIG: the log exceeds a limit
 *   -EOPNOTSUPP: an unknown version, or a restored state
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
