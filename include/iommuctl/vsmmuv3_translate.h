/* SPDX-License-Identifier: MIT */
/*
 * Devices that the VMM emulates behind a guest's SMMU, next to passed-through ones.
 *
 * Such a device only has a StreamID: it is not added. The VMM asks where each of its accesses goes,
 * and the guest's own tables answer: stream table, STE, CD and stage 1 are walked in software, as
 * by an SMMU without stage 2. An access that the guest has not allowed becomes the same event in
 * its event queue as from the physical SMMU.
 *
 * The results of walks are cached until a command of the guest invalidates them, as in a TLB:
 * CFGI_* and TLBI_* also apply to emulated devices, before their CMD_SYNC completes. An ATC_INV has
 * nothing to do. The guest may name StreamIDs that no device has.
 *
 * Common: vsmmuv3.h
 * Threads: any thread, several at once, also while others access registers. Translations have their
 *   own lock: they wait for each other and for invalidating commands, not for the command queue or
 *   the kernel. A cached one costs the lock and a look-up for each page size; any other costs some
 *   two dozen reads of guest memory. One that causes an event waits for the SMMU's main lock.
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
 * @iova: its first byte, as the device addresses it
 * @sid: the StreamID of the device
 * @ssid: the SubstreamID (PASID), 20 bits at most, with @has_ssid
 * @has_ssid: it has one
 * @permissions: everything that it needs: IOMMUCTL_STAGE1_READ, WRITE and EXEC; and PRIVILEGED if
 *   it is
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
 * @size: contiguous bytes from there: to the end of the page or block
 * @permissions: everything that is allowed there to accesses of the same privilege: READ, WRITE,
 *   EXEC
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_translation {
	uint64_t ipa;
	uint64_t size;
	unsigned int permissions;
};

/*
 * Translates an access of an emulated device, or reports to the guest why it cannot.
 *
 * The answer is valid for this access only: ask again for a later one, which costs little, and for
 * each piece of an access beyond @size. An access made after this has returned may come after a
 * CMD_SYNC of the guest that should have ended it. To prevent that, make it in a thread that the
 * VMM holds while it passes on writes to registers.
 *
 * The VMM has to check what is at the guest-physical address: there may be no memory.
 *
 * EFAULT and ENODATA are caused by the guest, and leave no failure in iommuctl_last_error().
 *
 * @access: the access
 * @translation: out, on success only: where it goes
 *
 * Errors:
 *   -EINVAL: no @access or @translation, invalid permissions, or a SubstreamID of more than 20 bits
 *   -EFAULT: the device sees an abort. The guest gets an event, unless the architecture has none
 *     for it, or the guest disabled it
 *   -ENODATA: as -EFAULT, but the guest hides it from the device (CD.A): reads return zero, and
 *     writes are lost
 * Since: 0.1
 * Source: Arm IHI 0070, sections 3.4 (address sizes), 3.12 (fault models), 5.5 (A, R, S of a CD),
 *   7.3 (events).
 */
int iommuctl_vsmmuv3_translate(struct iommuctl_vsmmuv3 *smmu,
	const struct iommuctl_vsmmuv3_access *access,
	struct iommuctl_vsmmuv3_translation *translation);

/*
 * How often translations came from the cache.
 *
 * Accesses while the SMMU is disabled are not counted.
 *
 * @hits: accesses without a walk
 * @misses: accesses with a walk
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
