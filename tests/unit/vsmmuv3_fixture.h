/* SPDX-License-Identifier: MIT */
/* A guest without any kernel: its tables in memory, and the registers that its SMMU is walked by. */
#ifndef TEST_VSMMUV3_FIXTURE_H
#define TEST_VSMMUV3_FIXTURE_H

#include <errno.h>

#include <criterion/criterion.h>

#include "array.h"
#include "guest.h"
#include "vsmmuv3/translate.h"
#include "vsmmuv3/translation_cache.h"

#define PAGE	 GUEST_PAGE
#define RAM	 UINT64_C(0x40000000)
#define RAM_SIZE (UINT64_C(8) << 20)
#define STREAMS	 RAM
#define LEAVES	 (RAM + 0x80000) /* of two-level tables */
#define CDS	 (RAM + 0x100000)
#define TABLES	 (RAM + 0x200000)
#define PAGES	 (RAM + 0x400000)
#define NOWHERE	 UINT64_C(0x70000000)
#define BEYOND	 (UINT64_C(1) << 44) /* of OAS */
#define IOVA	 UINT64_C(0x10000)
#define SID	 8
#define ASID	 7
#define LOG2SIZE 6
#define IDR3_HAD UINT32_C(4)

#define R IOMMUCTL_STAGE1_READ
#define W IOMMUCTL_STAGE1_WRITE
#define X IOMMUCTL_STAGE1_EXEC
#define P IOMMUCTL_STAGE1_PRIVILEGED

#define STRTAB_TWO_LEVEL(split) (UINT32_C(1) << 16 | (uint32_t)(split) << 6)

struct walker {
	struct guest_ram ram;
	struct iommuctl_smmuv3_idr idr;
	uint32_t idr3;
	struct vsmmuv3_view view;
	struct vsmmuv3_cache *cache; /* NULL: only walks */
	struct iommuctl_stage1 stage1;
	struct iommuctl_smmuv3_cd cd;
	struct iommuctl_smmuv3_ste ste;
	struct iommuctl_vsmmuv3_translation translation;
	struct vsmmuv3_fault fault;
};

static const struct iommuctl_smmuv3_idr walker_idr = {
	.st_level = 1,
	.stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE,
	.ttendian = IOMMUCTL_SMMUV3_TTENDIAN_LITTLE,
	.cd2l = 1,
	.asid16 = 1,
	.ttf = IOMMUCTL_SMMUV3_TTF_AARCH64,
	.ssidsize = 16,
	.sidsize = 16,
	.ril = 1,
	.gran64k = 1,
	.gran16k = 1,
	.gran4k = 1,
	.oas = IOMMUCTL_SMMUV3_IPS_44,
};

static inline void walker_put_ste(struct walker *walker, uint32_t sid)
{
	guest_put_ste(&walker->ram, STREAMS + sid * GUEST_STE_SIZE, &walker->ste);
}

static inline void walker_put_cd(struct walker *walker, uint32_t ssid)
{
	guest_put_cd(&walker->ram, CDS + ssid * IOMMUCTL_SMMUV3_CD_WORDS * 8, &walker->cd);
}

/* Stream SID goes through one CD; IOVA is mapped to PAGES, the page after it to the next. */
static inline void walker_open(struct walker *walker)
{
	*walker = (struct walker){ .idr = walker_idr };
	guest_ram_open(&walker->ram, RAM, RAM_SIZE);
	walker->view = (struct vsmmuv3_view){
		.memory = &walker->ram.memory,
		.idr = &walker->idr,
		.idr3 = &walker->idr3,
		.strtab_base = STREAMS,
		.strtab_base_cfg = LOG2SIZE,
		.enabled = true,
		.recinvsid = true,
	};
	walker->stage1 = guest_make_tables(&walker->ram, TABLES, 0x100000);
	guest_map(&walker->stage1, IOVA, PAGES, 2 * PAGE);
	walker->cd = iommuctl_cd_for_stage1(&walker->stage1.regime, ASID);
	walker_put_cd(walker, 0);
	walker->ste = (struct iommuctl_smmuv3_ste){
		.v = 1,
		.config = IOMMUCTL_SMMUV3_CONFIG_S1,
		.s1contextptr = CDS,
	};
	walker_put_ste(walker, SID);
}

static inline void walker_close(struct walker *walker)
{
	vsmmuv3_cache_free(walker->cache);
	guest_ram_close(&walker->ram);
}

static inline int walker_go(struct walker *walker, const struct iommuctl_vsmmuv3_access *access)
{
	return vsmmuv3_translate(
		&walker->view, walker->cache, access, &walker->translation, &walker->fault);
}

static inline int walker_read(struct walker *walker, uint64_t iova)
{
	return walker_go(walker,
		&(struct iommuctl_vsmmuv3_access){ .sid = SID, .iova = iova, .permissions = R });
}

static inline uint64_t walker_ipa(struct walker *walker, uint64_t iova)
{
	cr_assert_eq(walker_read(walker, iova), 0, "0x%llx: event 0x%x", (unsigned long long)iova,
		walker->fault.event.type);
	return walker->translation.ipa;
}

#endif
