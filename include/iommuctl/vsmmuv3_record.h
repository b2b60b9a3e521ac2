/* SPDX-License-Identifier: MIT */
/*
 * A log of what a guest did with its SMMU, and of the results.
 *
 * struct iommuctl_vsmmuv3_config takes a recorder, which gets the log line by line. The log alone
 * is enough to repeat everything, with no guest, no KVM and no device: iommuctl_vsmmuv3_replay()
 * does so on the model machine, and compares the results.
 *
 * A line has a word and numbers, each 0x and up to 16 hexadecimal digits, separated by spaces. "#"
 * starts a comment, in which the recorder puts the name of a register, an interrupt or an event.
 * Lines without a word are ignored.
 *
 * The log begins with
 *
 *   vsmmuv3-log VERSION            1
 *   identity IDR0 … IDR5 IIDR AIDR as the guest is shown it
 *   config ABORT EVENT_DEPTH BUDGET BATCH FOLD FOLD_GRANULE
 *                                  as in struct iommuctl_vsmmuv3_config
 *
 * and continues with accesses, one after the other, and these lines between them:
 *
 *   memory                         guest memory is removed
 *   memory IPA SIZE                a range is added
 *
 * A read is one line; any other access is the lines from its first to its end:
 *
 *   read OFFSET SIZE VALUE         of a register
 *   write OFFSET SIZE VALUE        of a register
 *   add SID                        iommuctl_vsmmuv3_add_device()
 *   remove SID                     iommuctl_vsmmuv3_remove_device()
 *   reset, process, deliver        iommuctl_vsmmuv3_reset(), process(), deliver_events()
 *   fault                          an access of an emulated device was refused
 *   restore                        the state came from a record, which is not in the log
 *   end ERRNO CMDQ_CONS GERROR     the result, positive or 0, and the two registers
 *
 * Between the two are what the SMMU found and what it did, in this order:
 *
 *   fetch IPA WORD…                up to 8 words of 64 bits that it read, side by side
 *   arrival MISSED                 MISSED events of the physical SMMU were lost in the kernel
 *   arrival MISSED WORD0 … WORD3   and this one came after them
 *   interrupt NUMBER               an edge: enum iommuctl_vsmmuv3_interrupt
 *   msi ADDRESS DATA               also to a word of guest memory
 *   wake                           a CMD_SYNC asked for an event
 *   event PROD WORD0 … WORD3       in the guest's event queue, which has EVENTQ_PROD then
 *   lost PROD WORD0 … WORD3        an event that did not get there
 *
 * Guest memory is logged each time it is read, so that its earlier contents need not be known; the
 * log has the values that the SMMU used, even if a guest writes meanwhile.
 *
 * Accesses are in the order in which they happened: with a recorder, a read of a register waits for
 * the lock as writes do. The log does not contain what the VMM's functions read while the SMMU
 * calls them, nor translations that succeeded.
 *
 * Ownership: the recorder is the VMM's.
 * Threads: see struct iommuctl_vsmmuv3_recorder.
 * Source: this library.
 */
#ifndef IOMMUCTL_VSMMUV3_RECORD_H
#define IOMMUCTL_VSMMUV3_RECORD_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * The format of a log.
 *
 * @IOMMUCTL_VSMMUV3_RECORD_VERSION: its version
 * @IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE: a line, with its newline, is shorter than this
 *
 * Since: 0.1
 */
#define IOMMUCTL_VSMMUV3_RECORD_VERSION	  1
#define IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE 256

/*
 * A receiver of the log.
 *
 * The function runs in the thread of the access, with the SMMU's lock held, and must not call the
 * SMMU.
 *
 * @line: gets a line with its newline, terminated, and its length without the terminator
 * @data: passed to @line
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_recorder {
	void (*line)(const char *text, size_t length, void *data);
	void *data;
};

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
