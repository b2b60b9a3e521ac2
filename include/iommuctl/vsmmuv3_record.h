/* SPDX-License-Identifier: MIT */
/*
 * A log of what a guest did with its SMMU, and of what came of it.
 *
 * struct iommuctl_vsmmuv3_config takes a recorder, which gets the log line by line. It is all that
 * somebody else needs to do the same again, with no guest, no KVM and no device:
 * iommuctl_vsmmuv3_replay() does it on the model machine, and compares.
 *
 * A line has a word and numbers, each 0x and up to 16 hexadecimal digits, with spaces between them.
 * From "#" on there is a comment, in which the recorder puts the name of a register, an interrupt
 * or an event. Lines without a word say nothing.
 *
 * The log begins with
 *
 *   vsmmuv3-log VERSION            1
 *   identity IDR0 … IDR5 IIDR AIDR as the guest is shown it
 *   config ABORT EVENT_DEPTH BUDGET BATCH FOLD FOLD_GRANULE
 *                                  as in struct iommuctl_vsmmuv3_config
 *
 * and goes on with accesses, one behind the other, and between them with
 *
 *   memory                         there is no guest memory any more
 *   memory IPA SIZE                there is a range more
 *
 * An access is one line for a read, and else all from its first line to its end:
 *
 *   read OFFSET SIZE VALUE         of a register
 *   write OFFSET SIZE VALUE        of a register
 *   add SID                        iommuctl_vsmmuv3_add_device()
 *   remove SID                     iommuctl_vsmmuv3_remove_device()
 *   reset, process, deliver        iommuctl_vsmmuv3_reset(), process(), deliver_events()
 *   fault                          an access of a device that the VMM emulates was not let through
 *   restore                        the state came from a record: it is not in the log
 *   end ERRNO CMDQ_CONS GERROR     the result, positive or 0, and the two registers
 *
 * Between the two there is what the SMMU found, and what it did, in this order:
 *
 *   fetch IPA WORD…                up to 8 words of 64 bits that it read, side by side
 *   arrival MISSED                 MISSED events of the physical SMMU were lost in the kernel
 *   arrival MISSED WORD0 … WORD3   and this one came behind them
 *   interrupt NUMBER               an edge: enum iommuctl_vsmmuv3_interrupt
 *   msi ADDRESS DATA               also one that is a word of guest memory
 *   wake                           a CMD_SYNC asked for an event
 *   event PROD WORD0 … WORD3       in the guest's event queue, which has EVENTQ_PROD then
 *   lost PROD WORD0 … WORD3        an event that did not get there
 *
 * What is read in guest memory is in the log whenever it is read, so that none of it has to be
 * known from before; it has the values that the SMMU used, also where a guest writes meanwhile.
 *
 * Accesses are in one order, which is the order in which they happened: with a recorder, a read of
 * a register waits for the lock as writes do. What functions of the VMM read while they are called
 * by the SMMU is not in the log, and neither are translations that went well.
 *
 * Ownership: the recorder is the VMM's.
 * Threads: see struct iommuctl_vsmmuv3_recorder.
 * Source: this library alone.
 */
#ifndef IOMMUCTL_VSMMUV3_RECORD_H
#define IOMMUCTL_VSMMUV3_RECORD_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What a log is like.
 *
 * @IOMMUCTL_VSMMUV3_RECORD_VERSION: its version
 * @IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE: a line is shorter than that, with its newline
 *
 * Since: 0.1
 */
#define IOMMUCTL_VSMMUV3_RECORD_VERSION	  1
#define IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE 256

/*
 * Who gets the log.
 *
 * The function runs in the thread whose access it is, with the SMMU's lock held, and calls nothing
 * of the SMMU.
 *
 * @line: gets a line with its newline, terminated, and its length without the terminator
 * @data: handed to @line as it is
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
