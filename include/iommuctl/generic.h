/* SPDX-License-Identifier: MIT */
/*
 * The generic uAPI of 2018: stage configuration, cache invalidation and MSI binding in one form for
 * all IOMMUs, translated for an SMMUv3.
 *
 * STEs go to iommuctl_nest_set_ste(), commands to iommuctl_relay_issue(). Requests come from a
 * guest or an unprivileged process: they are read once, little-endian, at any alignment, and bits
 * without a meaning here must be zero.
 *
 * @request: the request
 * @size: its bytes
 * @problem: out, on failure only, may be NULL: what is wrong, and why
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned.
 * Threads: pure functions, any thread; one thread at a time for a cursor.
 * Source: "SMMUv3 Nested Stage Setup", RFC of 2018-08-23 and its review, for the layouts; Arm IHI
 *   0070, sections 4.3 to 4.5 (commands), 4.4.1.1 (ranges), 5.2 (STE).
 */
#ifndef IOMMUCTL_GENERIC_H
#define IOMMUCTL_GENERIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_ste.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Sizes of requests; a request has exactly this many bytes.
 *
 * @IOMMUCTL_GENERIC_STAGE_SIZE: of a stage configuration
 * @IOMMUCTL_GENERIC_INVALIDATION_SIZE: of an invalidation
 * @IOMMUCTL_GENERIC_MSI_SIZE: of an MSI binding
 *
 * Since: 0.1
 */
#define IOMMUCTL_GENERIC_STAGE_SIZE	   32
#define IOMMUCTL_GENERIC_INVALIDATION_SIZE 48
#define IOMMUCTL_GENERIC_MSI_SIZE	   24

/*
 * What is wrong with a request: a field, and its place in the layout.
 *
 * @field: its name; "RES0" for bytes that must be zero, "size" for a request of another size
 * @reason: a constant string
 * @offset: in bytes; with @size 0 the error is not in a field of the request
 * @size: in bytes
 *
 * Since: 0.1
 */
struct iommuctl_generic_problem {
	const char *field;
	const char *reason;
	uint8_t offset;
	uint8_t size;
};

/*
 * Flags of a stage configuration: exactly one of them.
 *
 * @IOMMUCTL_GENERIC_PASID_TABLE: it names a table of CDs
 * @IOMMUCTL_GENERIC_SMMUV3_S1_CFG: it names one CD
 *
 * Since: 0.1
 */
#define IOMMUCTL_GENERIC_PASID_TABLE   (1 << 0)
#define IOMMUCTL_GENERIC_SMMUV3_S1_CFG (1 << 1)

/*
 * What identifies the format of a PASID table.
 *
 * @IOMMUCTL_GENERIC_PASID_TABLE_VERSION: its version
 * @IOMMUCTL_GENERIC_PASID_TABLE_SIZE: its bytes
 *
 * Since: 0.1
 */
#define IOMMUCTL_GENERIC_PASID_TABLE_VERSION 1
#define IOMMUCTL_GENERIC_PASID_TABLE_SIZE    24

/*
 * What a stage configuration asks for.
 *
 * @ste: for iommuctl_nest_set_ste(), words in CPU order
 *
 * Since: 0.1
 */
struct iommuctl_generic_stage {
	uint64_t ste[IOMMUCTL_SMMUV3_STE_WORDS];
	uint16_t asid; /* of the only CD, with SMMUV3_S1_CFG; the CD itself is the guest's */
};

/*
 * Decodes a stage configuration, iommu_guest_stage_config.
 *
 *   offset  size  with PASID_TABLE           with SMMUV3_S1_CFG
 *   0       4     flags                      flags
 *   4       4     zero                       zero
 *   8       4     version: 1                 a byte each: disabled, bypassed, aborted, zero
 *   12      4     bytes: 24                  zero
 *   16      8     base: IPA of the CD table  cdptr: IPA of the CD
 *   24      1     pasid_bits                 asid, 2 bytes
 *   25      1     s1fmt: IOMMUCTL_SMMUV3_S1FMT_…
 *   26      1     s1dss: IOMMUCTL_SMMUV3_S1DSS_…
 *   27      5     zero                       zero, from 26 on
 *
 * s1fmt and s1dss, which the review found missing, are in bytes that were padding: zero is a linear
 * table, and traffic without PASID is terminated. With pasid_bits 0 the table has one CD and both
 * are zero.
 *
 * disabled and bypassed become Config BYPASS (stage 2 stays), aborted ABORT; more than one of them
 * is refused. cdptr and asid are ignored then. Otherwise Config is S1, with CDs fetched as the
 * host's coherent SMMU does it (write-back, inner shareable). Nothing here can answer a stall, so
 * S1STALLD is set where the SMMU has a choice. EATS stays 0: the interface has no ATS.
 *
 * Limits of the SMMU are checked against @idr. If the guest's SMMU cannot stall and the physical
 * one can, the STE needs S1STALLD as well: it is not set for the guest's @idr, but
 * iommuctl_nest_set_ste() sets it.
 *
 * @idr: the SMMU
 * @stage: out, on success only: what it asks for
 *
 * Errors:
 *   -EINVAL: no @request, @idr or @stage, another size, an unknown version, flag or value, bits
 *     that must be zero, more PASIDs or ASID bits than the SMMU has, an unsupported table format,
 *     an address that is not aligned to its table or wider than the SMMU's OAS
 * Since: 0.1
 */
int iommuctl_generic_decode_stage(const void *request, size_t size,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_generic_stage *stage,
	struct iommuctl_generic_problem *problem);

/*
 * Caches; an invalidation may name several.
 *
 * @IOMMUCTL_GENERIC_CACHE_IOTLB: the TLB of the SMMU
 * @IOMMUCTL_GENERIC_CACHE_DEV_IOTLB: the TLBs of devices (ATS)
 * @IOMMUCTL_GENERIC_CACHE_PASID: the cache of CDs
 *
 * Since: 0.1
 */
#define IOMMUCTL_GENERIC_CACHE_IOTLB	 (1 << 0)
#define IOMMUCTL_GENERIC_CACHE_DEV_IOTLB (1 << 1)
#define IOMMUCTL_GENERIC_CACHE_PASID	 (1 << 2)

/* How much is to be invalidated. Since: 0.1 */
enum iommuctl_generic_granularity {
	IOMMUCTL_GENERIC_DOMAIN = 0, /* everything of the domain */
	IOMMUCTL_GENERIC_PASID = 1,  /* everything of one PASID */
	IOMMUCTL_GENERIC_PAGE = 2,   /* a range of addresses of one PASID */
};

/*
 * What is to be invalidated.
 *
 * The SMMU tags TLB entries with the ASID, a device with the PASID, so a request that names both
 * caches gives both.
 *
 * @granularity: how much
 *
 * Since: 0.1
 */
struct iommuctl_generic_invalidation {
	uint8_t caches; /* IOMMUCTL_GENERIC_CACHE_… */
	enum iommuctl_generic_granularity granularity;
	bool leaf;	     /* only leaf entries changed */
	bool all_asids;	     /* PAGE: whatever the ASID */
	uint16_t asid;	     /* PASID and PAGE, for the IOTLB */
	uint32_t pasid;	     /* PASID and PAGE, for the other two; 0: traffic without PASID */
	uint64_t address;    /* PAGE: a multiple of the page size */
	uint64_t page_count; /* PAGE: at least 1 */
	uint8_t page_shift;  /* PAGE: the size is 1 << page_shift bytes, 12 to 52 */
};

/*
 * The type of an invalidation, iommu_inv_type.
 *
 * @IOMMUCTL_GENERIC_TYPE_DTLB: the TLBs of devices
 * @IOMMUCTL_GENERIC_TYPE_TLB: the TLB of the SMMU
 * @IOMMUCTL_GENERIC_TYPE_PASID: the cache of CDs
 *
 * Since: 0.1
 */
enum iommuctl_generic_type {
	IOMMUCTL_GENERIC_TYPE_DTLB = 0,
	IOMMUCTL_GENERIC_TYPE_TLB = 1,
	IOMMUCTL_GENERIC_TYPE_PASID = 2,
};

/* Flags of an invalidation. Since: 0.1 */
#define IOMMUCTL_GENERIC_ADDR_LEAF   (1 << 0) /* PAGE; of the PASID cache, PASID */
#define IOMMUCTL_GENERIC_GLOBAL_PAGE (1 << 1) /* PAGE of the TLB: whatever the ASID */
#define IOMMUCTL_GENERIC_ARCH_ID     (1 << 2) /* arch_id holds the ASID */

/*
 * Decodes an invalidation, iommu_tlb_invalidate_info.
 *
 *   offset  size
 *   0       4     version: 1
 *   4       4     type: IOMMUCTL_GENERIC_TYPE_…
 *   8       4     granularity: IOMMUCTL_GENERIC_DOMAIN, PASID or PAGE
 *   12      4     flags: IOMMUCTL_GENERIC_ADDR_LEAF, …
 *   16      1     size: a page has 2^size * 4096 bytes
 *   17      7     zero
 *   24      8     nr_pages
 *   32      4     pasid
 *   36      4     arch_id, with ARCH_ID; else zero
 *   40      8     addr
 *
 * arch_id, which the review found missing, is in bytes that were padding. Without ARCH_ID the ASID
 * is @asid, that of the stage configuration. size, nr_pages and addr are used with PAGE only, pasid
 * not with DOMAIN.
 *
 * @asid: the ASID if the request has none
 * @invalidation: out, on success only: what is to be invalidated
 *
 * Errors:
 *   -EINVAL: another size, an unknown version, type, granularity or flag, a flag without a meaning
 *     there, bits that must be zero. iommuctl_generic_start() checks the values themselves
 * Since: 0.1
 */
int iommuctl_generic_decode_invalidation(const void *request, size_t size, uint16_t asid,
	struct iommuctl_generic_invalidation *invalidation,
	struct iommuctl_generic_problem *problem);

/* The default threshold: pages in one table of 4K pages. Since: 0.1 */
#define IOMMUCTL_GENERIC_THRESHOLD 512

/*
 * Where an invalidation goes.
 *
 * @vsid_count: how many there are
 *
 * Since: 0.1
 */
struct iommuctl_generic_target {
	const struct iommuctl_smmuv3_idr *idr; /* of the SMMU that the guest is shown */
	const uint32_t *vsids; /* the streams of the domain, as the guest knows them */
	size_t vsid_count;
	uint32_t granule;   /* of the guest's tables: 4096, 16384 or 65536 */
	uint32_t threshold; /* most TLBI commands for one invalidation; 0: THRESHOLD */
};

/*
 * An invalidation under way.
 *
 * What the target points to is borrowed. A zeroed cursor has no commands left.
 *
 * Members: the library's own.
 * Since: 0.1
 */
struct iommuctl_generic_cursor {
	struct iommuctl_generic_invalidation invalidation;
	struct iommuctl_generic_target target;
	uint8_t step;
	bool whole_device; /* the second half of a device's domain invalidation */
	bool everything;   /* above the threshold */
	uint8_t shift;	   /* what one unit of @remaining is */
	size_t stream;
	uint64_t address;
	uint64_t remaining;
};

/*
 * Starts to translate an invalidation, which iommuctl_generic_next() then does.
 *
 *   cache      DOMAIN         PASID              PAGE
 *   PASID      CFGI_CD_ALL    CFGI_CD            refused
 *   IOTLB      TLBI_NH_ALL    TLBI_NH_ASID       TLBI_NH_VA, with all_asids TLBI_NH_VAA
 *   DEV_IOTLB  ATC_INV of everything, with and   ATC_INV
 *              without PASID; of the PASID
 *
 * Commands come in this order, as the architecture requires. CFGI_* and ATC_INV are per stream.
 *
 * If the SMMU has RIL, an IOTLB range becomes range commands for exactly the pages of
 * @target->granule that it touches. Otherwise it becomes one command per page, of the largest page
 * size of that granule that does not exceed 1 << page_shift. If that takes more than the threshold,
 * all of the ASID is invalidated (TLBI_NH_ASID; with all_asids, TLBI_NH_ALL): the only case that
 * invalidates more than was asked for. ATC_INV covers aligned powers of two only, so a range
 * becomes several that cover it exactly, at most 103 per stream.
 *
 * However large the invalidation, there are at most threshold commands plus 104 for each stream. A
 * caller may stop in between and continue with the cursor later.
 *
 * Devices that do not announce global ATC_INV (all PASIDs) in their ATS capability ignore it:
 * invalidate each PASID there.
 *
 * @cursor: out, on success only: the invalidation under way
 * @invalidation: what is to be invalidated
 * @target: where it goes
 *
 * Ownership: what @target points to is borrowed as long as the cursor is used.
 * Errors:
 *   -EINVAL: no @cursor, no idr or vsids in @target, no cache, the PASID cache by page, no page, a
 *     page size or granule out of range, an address that is not aligned to the page size, or pages
 *     beyond 2^64; an ASID or a PASID that the SMMU cannot have; DEV_IOTLB where the SMMU has no
 *     ATS
 * Since: 0.1
 */
int iommuctl_generic_start(struct iommuctl_generic_cursor *cursor,
	const struct iommuctl_generic_invalidation *invalidation,
	const struct iommuctl_generic_target *target, struct iommuctl_generic_problem *problem);

/*
 * Writes the next commands of an invalidation.
 *
 * To repeat after a failure, keep a copy of *@cursor from before the call.
 *
 * @cursor: the invalidation under way
 * @commands: out: the commands, words in CPU order
 * @room: how many @commands has room for
 *
 * Returns: how many were written; 0: there are none left.
 * Since: 0.1
 */
size_t iommuctl_generic_next(struct iommuctl_generic_cursor *cursor,
	uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t room);

/*
 * A binding, which holds if stage 1 maps one page to another.
 *
 * @iova: the page that the device writes to
 * @gpa: the page that stage 1 makes of it
 * @size: bytes of the page
 *
 * Since: 0.1
 */
struct iommuctl_generic_msi {
	uint64_t iova;
	uint64_t gpa;
	uint64_t size;
};

/*
 * Decodes an MSI binding, iommu_guest_msi_binding.
 *
 *   offset  size
 *   0       8     iova: what the device writes to
 *   8       8     gpa: what stage 1 makes of it
 *   16      4     granule: the page has 2^granule bytes; 12, 14 or 16
 *   20      4     zero
 *
 * In 2018 the guest was to choose both. Today the kernel chooses where the doorbell is in stage 2,
 * and programs the device with the same address, which under nesting is an input of stage 1: the
 * binding can only say that stage 1 maps a page of the window (the reserved region of type msi,
 * from @start to @last) to itself. Both addresses are rounded down to the page, as intended then.
 * The caller checks whether stage 1 has the entry.
 *
 * @start, @last: the window: the reserved region of type msi, both inclusive
 * @msi: out, on success only: the binding
 *
 * Errors:
 *   -EINVAL: another size, granule or bits that must be zero
 *   -ERANGE: the page of gpa is not in the window
 *   -EADDRNOTAVAIL: iova is not the address that the device writes to, which is gpa
 * Since: 0.1
 */
int iommuctl_generic_decode_msi(const void *request, size_t size, uint64_t start, uint64_t last,
	struct iommuctl_generic_msi *msi, struct iommuctl_generic_problem *problem);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
