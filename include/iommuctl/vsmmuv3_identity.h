/* SPDX-License-Identifier: MIT */
/*
 * The identity of a guest's SMMU: what its ID registers say.
 *
 * It is derived from the physical SMMU and from what the VMM wishes. Some fields are the
 * hardware's, of which a guest gets at most as much, since its STEs, CDs and tables are read by the
 * hardware. Others are the VMM's choice, since software provides them: StreamIDs, queues,
 * interrupts. The rest is the same for each guest: it has no stage 2 of its own, no stalls, no page
 * requests, and no registers but those of the SMMU itself; and it has nothing that the walk in
 * software, for emulated devices behind the same SMMU, does not know.
 *
 * The registers of a physical SMMU are those of struct iommuctl_hw_info_arm_smmuv3, or what
 * iommuctl_smmuv3_idr_encode() makes of iommuctl_nest_get_idr().
 *
 * Pointers must not be NULL unless a function says so.
 *
 * Ownership: what a function is given stays the caller's and is not used once it has returned.
 * Threads: pure functions, any thread.
 * Source: Arm IHI 0070, sections 6.3.1 to 6.3.8 (IDR0 to IDR5, IIDR, AIDR); the fields that the
 *   kernel lets userspace rely on: struct iommu_hw_info_arm_smmuv3 in include/uapi/linux/iommufd.h
 *   of Linux 7.3.
 */
#ifndef IOMMUCTL_VSMMUV3_IDENTITY_H
#define IOMMUCTL_VSMMUV3_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/smmuv3_field.h>
#include <iommuctl/smmuv3_idr.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What the ID registers of an SMMU say, raw.
 *
 * @idr: IDR0 to IDR5, in CPU order
 * @iidr: IIDR
 * @aidr: AIDR
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_identity {
	uint32_t idr[IOMMUCTL_SMMUV3_IDR_REGISTERS];
	uint32_t iidr;
	uint32_t aidr;
};

/*
 * Granules, for a mask of them.
 *
 * Members: 4K, 16K and 64K.
 * Since: 0.1
 */
enum iommuctl_vsmmuv3_granule {
	IOMMUCTL_VSMMUV3_GRANULE_4K = 1 << 0,
	IOMMUCTL_VSMMUV3_GRANULE_16K = 1 << 1,
	IOMMUCTL_VSMMUV3_GRANULE_64K = 1 << 2,
};

/*
 * What the VMM wishes.
 *
 * All zero: as the hardware has it, as far as a guest can be given it, with StreamIDs of 16 bits
 * and large queues. Linux takes no command queue of less than 7 bits.
 *
 * Show ATS only to a guest that sees the ATS capability of its devices. An STE with EATS = 1 has
 * the kernel enable ATS in the device at once, and a guest that does not know that a device has
 * ATS sends no ATC_INV.
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_wishes {
	uint8_t sid_bits;	 /* of a StreamID, 1 to 32; 0: 16 */
	uint8_t ssid_bits;	 /* of a SubstreamID, 1 to 20; 0: as the hardware */
	uint8_t oas_bits;	 /* of an IPA: 32, 36, 40, 42, 44 or 48; 0: as the hardware */
	uint8_t granules;	 /* of enum iommuctl_vsmmuv3_granule; 0: as the hardware */
	uint8_t cmdq_log2size;	 /* entries of the largest command queue, 1 to 19; 0: 19 */
	uint8_t eventq_log2size; /* entries of the largest event queue, 1 to 19; 0: 17 */

	bool no_ssids;	   /* no SubstreamIDs */
	bool no_two_level; /* linear stream tables only: then @sid_bits is 1 to 6, or 0: 6 */
	bool no_ril;	   /* no TLBI by ranges */
	bool no_ats;	   /* no ATS */
	bool no_msi;	   /* wired interrupts only */
	bool no_sev;	   /* no wake-up of vCPUs by CMD_SYNC */
	bool no_cohacc;	   /* as if the SMMU did not see the guest's caches */
	uint32_t iidr;	   /* IIDR as it is, by which drivers look for errata; 0: nobody's */
};

/*
 * Derives a guest's identity.
 *
 * Numbers that are wished for are taken as they are, also where the hardware has less:
 * iommuctl_vsmmuv3_identity_compare() says so. Of wishes of zero it has nothing
 * to say where a guest can be served at all.
 *
 * @hardware: of the physical SMMU
 * @wishes: what the VMM wishes
 * @identity: out, on success only: of the guest's SMMU
 * @refusal: out, on failure only, may be NULL: the field that was wished for, and why it cannot be
 *
 * Errors:
 *   -EINVAL: no SMMU can have what is wished for, or the wishes contradict each other
 * Since: 0.1
 */
int iommuctl_vsmmuv3_identity_derive(const struct iommuctl_vsmmuv3_identity *hardware,
	const struct iommuctl_vsmmuv3_wishes *wishes, struct iommuctl_vsmmuv3_identity *identity,
	struct iommuctl_smmuv3_refusal *refusal);

/*
 * Tells why a guest cannot be given an identity on a host: for its start, and for its migration to
 * that host.
 *
 * There is one sentence for each field, such as "SubstreamIDs: host has 16 bits, asked for 20".
 * Where it is not the hardware that sets the limit, the reason follows in brackets.
 *
 * @host: of the host's physical SMMU
 * @asked: of the guest's SMMU, as derived from any SMMU
 * @mismatch: called for each sentence, which is valid until it returns; NULL: nobody asks
 * @data: for @mismatch
 *
 * Returns: how many there are; 0: the guest gets what it asks for.
 * Since: 0.1
 */
size_t iommuctl_vsmmuv3_identity_compare(const struct iommuctl_vsmmuv3_identity *host,
	const struct iommuctl_vsmmuv3_identity *asked,
	void (*mismatch)(const char *sentence, void *data), void *data);

/*
 * Tells all that two identities differ in: for the state of one SMMU that another is to take over.
 *
 * @host: of the SMMU that is there
 * @asked: of the SMMU that the state is of
 * @mismatch: as for iommuctl_vsmmuv3_identity_compare()
 * @data: for @mismatch
 *
 * Returns: how many differences there are; 0: they are the same.
 * Since: 0.1
 */
size_t iommuctl_vsmmuv3_identity_compare_exactly(const struct iommuctl_vsmmuv3_identity *host,
	const struct iommuctl_vsmmuv3_identity *asked,
	void (*mismatch)(const char *sentence, void *data), void *data);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
