// SPDX-License-Identifier: MIT
/*
 * Translation: by the TLB, else stage 1, each of its tables through stage 2, and then stage 2. As
 * in QEMU's SMMU, only writes check a TLB entry's permission.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "model/smmu/private.h"
#include "stage1/reader.h"
#include "stage1/regime.h"

static const uint8_t stage1_events[] = {
	[IOMMUCTL_STAGE1_FAULT_TRANSLATION] = IOMMUCTL_SMMUV3_F_TRANSLATION,
	[IOMMUCTL_STAGE1_FAULT_ADDRESS_SIZE] = IOMMUCTL_SMMUV3_F_ADDR_SIZE,
	[IOMMUCTL_STAGE1_FAULT_ACCESS_FLAG] = IOMMUCTL_SMMUV3_F_ACCESS,
	[IOMMUCTL_STAGE1_FAULT_PERMISSION] = IOMMUCTL_SMMUV3_F_PERMISSION,
};

static int fault_stage1(const struct smmu_config *config, uint8_t type, struct smmu_fault *fault)
{
	*fault = (struct smmu_fault){
		.type = config->records ? type : 0,
		.event_class = IOMMUCTL_SMMUV3_EVENT_CLASS_IN,
		.stall = config->stalls,
		.unrecorded = !config->records,
	};
	return -EIO;
}

/*
 * Stage 2 refuses a stage-1 table: architecturally a stage-2 fault. QEMU reports a stage-1 fault,
 * so it reaches the guest, with the address of the whole table as IPA.
 */
static int fault_table(const struct smmu_config *config, uint8_t type, uint64_t table_ipa,
	struct smmu_fault *fault)
{
	fault_stage1(config, type, fault);
	fault->event_class = IOMMUCTL_SMMUV3_EVENT_CLASS_TTD;
	fault->ipa = table_ipa;
	return -EIO;
}

static int fault_stage2(uint8_t type, uint8_t event_class, uint64_t ipa, struct smmu_fault *fault)
{
	*fault = (struct smmu_fault){
		.type = type,
		.event_class = event_class,
		.stage2 = true,
		.ipa = ipa,
	};
	return -EIO;
}

int smmu_stage2_find(const struct smmu_access *access, uint64_t ipa, struct model_target *target)
{
	const struct model_stage2 *stage2 = access->stream->entry.stage2;
	const struct model_doorbell *doorbell = access->doorbell;

	if (doorbell && (ipa & SMMU_PAGE_MASK) == (doorbell->ipa & SMMU_PAGE_MASK)) {
		*target = (struct model_target){
			.span = SMMU_PAGE_SIZE - ipa % SMMU_PAGE_SIZE,
			.readable = true,
			.writable = true,
		};
		return 0;
	}
	return stage2->lookup(stage2, ipa, target) ? 0 : -EIO;
}

/* Translates a read or write at @ipa by stage 2, without the TLB. */
static int walk_stage2(const struct smmu_access *access, uint64_t ipa, bool write,
	uint8_t event_class, struct model_target *target, struct smmu_fault *fault)
{
	if (smmu_stage2_find(access, ipa, target))
		return fault_stage2(IOMMUCTL_SMMUV3_F_TRANSLATION, event_class, ipa, fault);
	smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_STAGE2, ipa, target->span);
	if (write ? !target->writable : !target->readable)
		return fault_stage2(IOMMUCTL_SMMUV3_F_PERMISSION, event_class, ipa, fault);
	return 0;
}

static struct smmu_tlb_key stage2_key(const struct smmu_access *access, uint64_t ipa)
{
	return (struct smmu_tlb_key){
		.page = ipa & SMMU_PAGE_MASK,
		.vmid = access->stream->entry.stage2->vmid,
		.kind = SMMU_TLB_STAGE2,
	};
}

/* Translates by stage 2 through the TLB; *@found says whether it is mapped. */
static int translate_stage2(const struct smmu_access *access, uint64_t ipa, bool write,
	uint8_t event_class, bool *found, struct smmu_fault *fault)
{
	struct smmu_tlb *tlb = &access->smmu->tlb;
	struct smmu_tlb_entry made = {
		.key = stage2_key(access, ipa),
		.ipa = ipa & SMMU_PAGE_MASK,
		.stage1_writable = true,
	};
	const struct smmu_tlb_entry *entry = smmu_tlb_find(tlb, &made.key);
	struct model_target target;

	*found = entry;
	if (entry && write && !entry->stage2_writable)
		return fault_stage2(IOMMUCTL_SMMUV3_F_PERMISSION, event_class, ipa, fault);
	if (entry)
		return 0;
	if (walk_stage2(access, ipa, write, event_class, &target, fault))
		return -EIO;
	made.stage2_readable = target.readable;
	made.stage2_writable = target.writable;
	smmu_tlb_add(tlb, &made);
	return 0;
}

int smmu_stage2_fetch(const struct smmu_access *access, uint64_t ipa, uint8_t event_class,
	struct smmu_fault *fault)
{
	bool found;

	return translate_stage2(access, ipa, false, event_class, &found, fault);
}

/* A guest writes while its SMMU reads, so each word is a single load. */
static void load_words(const uint64_t *from, uint64_t *to, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

static int read_memory(const struct smmu_access *access, uint64_t ipa, uint8_t event_class,
	void *buffer, size_t size, struct smmu_fault *fault)
{
	struct model_target target;

	if (smmu_stage2_find(access, ipa, &target) || target.span < size)
		return fault_stage2(IOMMUCTL_SMMUV3_F_TRANSLATION, event_class, ipa, fault);
	/* The doorbell's page has no readable register. */
	if (target.host)
		load_words((const void *)target.host, buffer, size / sizeof(uint64_t));
	else if (target.registers)
		target.registers->access(
			target.registers->device, target.offset, buffer, size, false);
	else
		memset(buffer, 0, size);
	return 0;
}

int smmu_stage2_read(const struct smmu_access *access, uint64_t ipa, uint8_t event_class,
	void *buffer, size_t size, struct smmu_fault *fault)
{
	if (smmu_stage2_fetch(access, ipa, event_class, fault))
		return -EIO;
	return read_memory(access, ipa, event_class, buffer, size, fault);
}

struct walk_reader {
	const struct smmu_access *access;
	bool below_root;
	struct smmu_fault fault;
};

/* The root table was translated with the CD, and takes no TLB entry. */
static int load_descriptor(void *data, uint64_t ipa, uint64_t *word)
{
	struct walk_reader *reader = data;
	uint64_t raw;
	int err;

	if (reader->below_root)
		err = smmu_stage2_read(reader->access, ipa, IOMMUCTL_SMMUV3_EVENT_CLASS_TTD, &raw,
			sizeof(raw), &reader->fault);
	else
		err = read_memory(reader->access, ipa, IOMMUCTL_SMMUV3_EVENT_CLASS_TTD, &raw,
			sizeof(raw), &reader->fault);
	if (err)
		return -EFAULT;
	reader->below_root = true;
	*word = le64toh(raw);
	return 0;
}

static void see_descriptor(void *data, const struct iommuctl_stage1_step *step)
{
	const struct walk_reader *reader = data;

	smmu_watch_step(reader->access, step);
}

/* Bit 55 chooses between TTB0's and TTB1's tables. */
static unsigned int half_of(const struct smmu_access *access)
{
	return access->iova >> 55 & 1;
}

static int walk_stage1(const struct smmu_access *access, const struct smmu_config *config,
	struct iommuctl_stage1_walk *walk, struct smmu_fault *fault)
{
	const unsigned int half = half_of(access);
	const uint32_t wanted = access->write ? IOMMUCTL_STAGE1_WRITE : IOMMUCTL_STAGE1_READ;
	struct walk_reader data = { .access = access };
	const struct stage1_reader reader = { load_descriptor, see_descriptor, &data };
	const struct iommuctl_stage1_step *last;

	if (!config->walks[half])
		return fault_stage1(config, IOMMUCTL_SMMUV3_F_TRANSLATION, fault);
	if (stage1_walk(&reader, &config->regimes[half], access->iova,
		    wanted | IOMMUCTL_STAGE1_PRIVILEGED, walk))
		return fault_stage1(config, IOMMUCTL_SMMUV3_C_BAD_CD, fault);
	if (walk->fault == IOMMUCTL_STAGE1_FAULT_NONE)
		return 0;
	last = &walk->steps[walk->step_count ? walk->step_count - 1 : 0];
	if (walk->fault == IOMMUCTL_STAGE1_FAULT_TABLE_ABORT && data.below_root)
		return fault_table(config, data.fault.type, last->table_ipa, fault);
	if (walk->fault == IOMMUCTL_STAGE1_FAULT_TABLE_ABORT) {
		*fault = data.fault;
		return -EIO;
	}
	if (walk->fault == IOMMUCTL_STAGE1_FAULT_ADDRESS_SIZE &&
		last->kind == IOMMUCTL_STAGE1_TABLE)
		return fault_table(config, IOMMUCTL_SMMUV3_F_ADDR_SIZE, last->output, fault);
	return fault_stage1(config, stage1_events[walk->fault], fault);
}

static struct smmu_tlb_key stage1_key(
	const struct smmu_access *access, const struct smmu_config *config, enum smmu_tlb_kind kind)
{
	return (struct smmu_tlb_key){
		.page = access->iova & SMMU_PAGE_MASK,
		.vmid = access->stream->entry.stage2->vmid,
		.asid = kind == SMMU_TLB_ASID ? config->asid : 0,
		.kind = kind,
	};
}

/* As in QEMU's SMMU, T0SZ and EPD0 also apply to TLB hits. */
static const struct smmu_tlb_entry *find_entry(
	const struct smmu_access *access, const struct smmu_config *config)
{
	const struct model_smmu *smmu = access->smmu;
	const unsigned int half = half_of(access);
	struct smmu_tlb_key key = stage1_key(access, config, SMMU_TLB_ASID);
	const struct smmu_tlb_entry *entry;

	if (!config->walks[half] || !stage1_is_in_range(&config->regimes[half], access->iova))
		return NULL;
	entry = smmu_tlb_find(&smmu->tlb, &key);
	if (entry || !smmu->config.global_entries)
		return entry;
	key = stage1_key(access, config, SMMU_TLB_GLOBAL);
	return smmu_tlb_find(&smmu->tlb, &key);
}

static int miss(const struct smmu_access *access, const struct smmu_config *config, uint64_t *ipa,
	struct smmu_fault *fault)
{
	struct model_smmu *smmu = access->smmu;
	struct smmu_tlb_entry entry;
	struct iommuctl_stage1_walk walk;
	struct model_target target;
	bool global;

	if (walk_stage1(access, config, &walk, fault) ||
		walk_stage2(access, walk.ipa, access->write, IOMMUCTL_SMMUV3_EVENT_CLASS_IN,
			&target, fault))
		return -EIO;

	global = !walk.not_global && smmu->config.global_entries;
	entry = (struct smmu_tlb_entry){
		.key = stage1_key(access, config, global ? SMMU_TLB_GLOBAL : SMMU_TLB_ASID),
		.ipa = walk.ipa & SMMU_PAGE_MASK,
		.stage1_writable = walk.privileged & IOMMUCTL_STAGE1_WRITE,
		.stage2_readable = target.readable,
		.stage2_writable = target.writable,
	};
	smmu_tlb_add(&smmu->tlb, &entry);
	*ipa = walk.ipa;
	return 0;
}

static int hit(const struct smmu_access *access, const struct smmu_config *config,
	const struct smmu_tlb_entry *entry, uint64_t *ipa, struct smmu_fault *fault)
{
	*ipa = entry->ipa | (access->iova & ~SMMU_PAGE_MASK);
	smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_TLB, access->iova, *ipa);
	if (!access->write || (entry->stage1_writable && entry->stage2_writable))
		return 0;
	if (!entry->stage1_writable)
		return fault_stage1(config, IOMMUCTL_SMMUV3_F_PERMISSION, fault);
	return fault_stage2(
		IOMMUCTL_SMMUV3_F_PERMISSION, IOMMUCTL_SMMUV3_EVENT_CLASS_IN, *ipa, fault);
}

static int translate_bypassed(
	const struct smmu_access *access, uint64_t *ipa, struct smmu_fault *fault)
{
	bool found;
	int err;

	*ipa = access->iova;
	err = translate_stage2(
		access, *ipa, access->write, IOMMUCTL_SMMUV3_EVENT_CLASS_IN, &found, fault);
	smmu_count_lookup(access, found);
	if (found)
		smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_TLB, access->iova, *ipa);
	return err;
}

int smmu_translate(const struct smmu_access *access, uint64_t *ipa, struct smmu_fault *fault)
{
	const struct smmu_config *config;
	const struct smmu_tlb_entry *entry;

	if (access->stream->entry.mode == MODEL_STREAM_VTD)
		return smmu_vtd_translate(access, ipa, fault);
	config = smmu_config_get(access, fault);
	if (!config)
		return -EIO;
	if (!config->stage1)
		return translate_bypassed(access, ipa, fault);

	entry = find_entry(access, config);
	smmu_count_lookup(access, entry);
	return entry ? hit(access, config, entry, ipa, fault) : miss(access, config, ipa, fault);
}
