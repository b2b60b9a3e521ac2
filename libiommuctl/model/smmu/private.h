/* SPDX-License-Identifier: MIT */
/* The parts of the model's SMMU and their interfaces. */
#ifndef LIBIOMMUCTL_MODEL_SMMU_PRIVATE_H
#define LIBIOMMUCTL_MODEL_SMMU_PRIVATE_H

#include <iommuctl/smmuv3_idr.h>
#include <iommuctl/stage1.h>

#include "model/smmu/smmu.h"

/* The page size of stage 2, and so the most that one TLB entry covers. */
#define SMMU_PAGE_SIZE UINT64_C(4096)
#define SMMU_PAGE_MASK (~(SMMU_PAGE_SIZE - 1))

/* tlb.c */
enum smmu_tlb_kind {
	SMMU_TLB_ASID,	 /* both stages, for one ASID */
	SMMU_TLB_GLOBAL, /* both stages, for any ASID */
	SMMU_TLB_STAGE2, /* only stage 2: its input is an IPA */
};

/* The ASID counts for SMMU_TLB_ASID and is 0 otherwise. */
struct smmu_tlb_key {
	uint64_t page;
	uint16_t vmid;
	uint16_t asid;
	enum smmu_tlb_kind kind;
};

struct smmu_tlb_entry {
	struct smmu_tlb_key key;
	uint64_t ipa;
	uint16_t next; /* in its chain */
	bool stage1_writable;
	bool stage2_readable;
	bool stage2_writable;
};

struct smmu_tlb {
	struct smmu_tlb_entry *entries;
	uint16_t *chains;
	uint32_t capacity; /* of both; a power of two, 32768 at most */
	uint32_t count;
};

/* Entries of some kinds and one VMID whose input is in [first, last]. */
struct smmu_tlb_scope {
	unsigned int kinds; /* 1 << enum smmu_tlb_kind */
	uint16_t vmid;
	uint16_t asid;
	bool any_asid;
	uint64_t first;
	uint64_t last;
};

int smmu_tlb_init(struct smmu_tlb *tlb, uint32_t capacity);
void smmu_tlb_release(struct smmu_tlb *tlb);
const struct smmu_tlb_entry *smmu_tlb_find(
	const struct smmu_tlb *tlb, const struct smmu_tlb_key *key);
/* The key must be absent. A full TLB is emptied first. */
void smmu_tlb_add(struct smmu_tlb *tlb, const struct smmu_tlb_entry *entry);
void smmu_tlb_drop(struct smmu_tlb *tlb, const struct smmu_tlb_scope *scope);
void smmu_tlb_clear(struct smmu_tlb *tlb);

/* What the STE and the CD say about one SSID of a stream. */
struct smmu_config {
	bool cached;
	bool stage1;
	int ssid;
	uint16_t asid;
	bool records; /* CD.R, or S: faults of stage 1 become events */
	bool stalls;
	bool walks[2]; /* TTB0, TTB1 */
	struct iommuctl_stage1_regime regimes[2];
};

#define SMMU_CONFIGS_PER_STREAM 16

struct smmu_stream {
	uint64_t key; /* the sort key */
	uint32_t id;
	struct model_stream entry;
	struct smmu_config configs[SMMU_CONFIGS_PER_STREAM]; /* by SSID, modulo */
};

struct model_smmu {
	struct iommuctl_model_smmu config;
	uint32_t registers[IOMMUCTL_SMMUV3_IDR_REGISTERS];
	struct iommuctl_smmuv3_idr idr;
	struct iommuctl_model_counters *counters;
	struct smmu_stream **streams; /* by StreamID, each followed by those of its PASIDs */
	size_t stream_count;
	struct smmu_tlb tlb;
	uint16_t next_stag;
	void (*watcher)(const struct iommuctl_model_lookup *lookup, void *data);
	void *watcher_data;
};

/* A piece of a transaction that one translation covers. */
struct smmu_access {
	struct model_smmu *smmu;
	struct smmu_stream *stream;
	const struct model_doorbell *doorbell;
	int ssid;
	uint64_t iova;
	bool write;
};

/* Why an access is refused; type 0 makes no event. */
struct smmu_fault {
	uint8_t type;
	uint8_t event_class;
	bool stage2;
	bool stall;
	uint64_t ipa;
	bool unrecorded; /* with type 0: the CD suppresses the event */
};

/* streams.c */
struct smmu_stream *smmu_find_stream(const struct model_smmu *smmu, uint32_t stream_id);
struct smmu_stream *smmu_find_pasid(const struct model_smmu *smmu, uint32_t stream_id, int pasid);

/* config.c: the configuration for @access; NULL: refused. */
const struct smmu_config *smmu_config_get(
	const struct smmu_access *access, struct smmu_fault *fault);
void smmu_config_drop(struct smmu_stream *stream);
/* Fetches a CD, for an SMMU that has SSIDs. */
void smmu_config_drop_ssid(struct smmu_stream *stream, uint32_t ssid);

/* translate.c. Functions that return an int: 0, or -EIO with *@fault filled. */
int smmu_translate(const struct smmu_access *access, uint64_t *ipa, struct smmu_fault *fault);
/* Translates @ipa by stage 2, unless it is unmapped. */
int smmu_stage2_find(const struct smmu_access *access, uint64_t ipa, struct model_target *target);
/* Translates a stage-1 table or a CD by stage 2, through the TLB. */
int smmu_stage2_fetch(const struct smmu_access *access, uint64_t ipa, uint8_t event_class,
	struct smmu_fault *fault);
/* Copies @size bytes that stage 2 maps at @ipa. */
int smmu_stage2_read(const struct smmu_access *access, uint64_t ipa, uint8_t event_class,
	void *buffer, size_t size, struct smmu_fault *fault);

/* vtd.c: as smmu_translate(), for a stream in that mode. */
int smmu_vtd_translate(const struct smmu_access *access, uint64_t *ipa, struct smmu_fault *fault);

/* fault.c */
void smmu_count_lookup(const struct smmu_access *access, bool found);
/* Whether @access is held until it is answered. */
bool smmu_report(const struct smmu_access *access, const struct smmu_fault *fault);
void smmu_watch(const struct smmu_access *access, enum iommuctl_model_lookup_kind kind,
	uint64_t address, uint64_t value);
void smmu_watch_step(const struct smmu_access *access, const struct iommuctl_stage1_step *step);

#endif
