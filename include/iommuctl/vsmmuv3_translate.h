/* SPDX-License-Identifier: MIT */
/*
 * Devices that the VMM emulates behind a guest's SMMU, beside those that are passed through.
 *
 * Such a device has a StreamID and nothing else: it is not added. The VMM asks where each of its
 * accesses goes, and the guest's own tables say it: stream table, STE, CD and stage 1 are walked in
 * software, as an SMMU without stage 2 does it. What the guest has not allowed becomes an event in
 * its event queue, the same that the physical SMMU would have.
 *
 * What a walk has found is kept until a command of the guest says that it may be otherwise, as in a
 * TLB: CFGI_* and TLBI_* are about emulated devices as well, before their CMD_SYNC is complete. For
 * an ATC_INV there is nothing to do. The guest may name StreamIDs that no device has.
 *
 * Common: vsmmuv3.h
 * Threads: any thread, several at once, also while others access registers. Translations have a
 *   lock of their own: they wait for each other and for a command that invalidates, not for the
 *   command queue or the kernel. One that was kept costs the lock and a look-up for each size of
 *   page that there is; any other some two dozen reads of guest memory. Whoever has an event for
 *   the guest waits for the lock of all else.
 */
#ifndef IOMMUCTL_VSMMUV3_TRANSLATE_H
#define IOMMUCTL_VSMMUV3_TRANSLATE_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/stage1.h>
#include <iommuctl/vsmmuv3.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * An access of a device.
 *
 * @iova: its first byte, as the device has it
 * @sid: the StreamID of the device
 * @ssid: the SubstreamID (PASID), 20 bits at most, with @has_ssid
 * @has_ssid: it has one
 * @permissions: all that it needs: IOMMUCTL_STAGE1_READ, WRITE and EXEC; and PRIVILEGED if it is
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_access {
	uint64_t iova;
	uint32_t sid;
	uint32_t ssid;
	bool has_ssid;
	unsigned int permissions;
};

/*
 * Where an access goes.
 *
 * @ipa: the guest-physical address
 * @size: bytes from there that go on the same way: to the end of the page or block
 * @permissions: all that may be done there by accesses that are as privileged: READ, WRITE, EXEC
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_translation {
	uint64_t ipa;
	uint64_t size;
	unsigned int permissions;
};

/*
 * Translates an access of an emulated device, or tells the guest why not.
 *
 * The answer holds for this access: a later one asks again, which costs little. An access that goes
 * on behind @size asks for each piece. Whoever makes the access after this has returned may come
 * after a CMD_SYNC of the guest that was to end it; what must not, is made in a thread that
 * the VMM holds up while it hands over writes to registers.
 *
 * What is at the guest-physical address is for the VMM to know: there may be no memory.
 *
 * EFAULT and ENODATA are the guest's doing, and leave no failure in iommuctl_last_error().
 *
 * @access: the access
 * @translation: out, on success only: where it goes
 *
 * Errors:
 *   -EINVAL: no @access or @translation, permissions that are none, or a SubstreamID of more than
 *     20 bits
 *   -EFAULT: the device sees an abort. The guest has an event, unless the architecture has none for
 *     it, or the guest wants none
 *   -ENODATA: as -EFAULT, but the guest wants the device to see nothing of it (CD.A): what it reads
 *     is zero, and what it writes is lost
 * Since: 0.1
 * Source: Arm IHI 0070, sections 3.4 (address sizes), 3.12 (fault models), 5.5 (A, R, S of a CD),
 *   7.3 (events).
 */
int iommuctl_vsmmuv3_translate(struct iommuctl_vsmmuv3 *smmu,
	const struct iommuctl_vsmmuv3_access *access,
	struct iommuctl_vsmmuv3_translation *translation);

/*
 * How often translations were kept.
 *
 * Accesses while the SMMU is disabled count for neither.
 *
 * @hits: accesses that took no walk
 * @misses: accesses that took one
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_translation_counters {
	uint64_t hits;
	uint64_t misses;
};

/*
 * Copies the counters of translations.
 *
 * @counters: out: the counters, since the SMMU was made
 *
 * Since: 0.1
 */
void iommuctl_vsmmuv3_get_translation_counters(
	struct iommuctl_vsmmuv3 *smmu, struct iommuctl_vsmmuv3_translation_counters *counters);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
