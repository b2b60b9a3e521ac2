// SPDX-License-Identifier: MIT
/* The SMMU as a whole: its registers, its stream table, and transactions piece by piece. */
#include "model/smmu/smmu.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/smmu/private.h"
#include "smmuv3/values.h"

#define AIDR_SMMUV3_1 1u

/* What QEMU 10 shows with stage=nested. */
#define IDR0_DEFAULT 0x0d44101bu
#define IDR1_DEFAULT 0x02730010u
#define IDR3_DEFAULT 0x00001414u
#define IDR5_DEFAULT 0x00000070u

#define IDR0_S2P	    (1u << 0)
#define IDR0_CD2L	    (1u << 19)
#define IDR0_STALL_MODEL    (3u << 24)
#define IDR1_SSIDSIZE_SHIFT 6
#define IDR3_FWB	    (1u << 8)
#define IDR3_RIL	    (1u << 10)

static void fill_registers(struct model_smmu *smmu)
{
	const struct iommuctl_model_smmu *config = &smmu->config;
	uint32_t *idr = smmu->registers;

	idr[0] = IDR0_DEFAULT;
	idr[1] = IDR1_DEFAULT | (uint32_t)config->ssid_bits << IDR1_SSIDSIZE_SHIFT;
	idr[3] = IDR3_DEFAULT;
	idr[5] = IDR5_DEFAULT | (uint32_t)smmuv3_address_size_of(config->oas_bits);
	if (config->no_nesting)
		idr[0] &= ~IDR0_S2P;
	if (config->ssid_bits)
		idr[0] |= IDR0_CD2L;
	if (config->stall)
		idr[0] &= ~IDR0_STALL_MODEL;
	if (config->s2fwb)
		idr[3] |= IDR3_FWB;
	if (config->no_ril)
		idr[3] &= ~IDR3_RIL;
	iommuctl_smmuv3_idr_decode(idr, 0, AIDR_SMMUV3_1, &smmu->idr);
}

int model_smmu_new(const struct iommuctl_model_smmu *config,
	struct iommuctl_model_counters *counters, struct model_smmu **smmu)
{
	struct model_smmu *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	if (smmu_tlb_init(&made->tlb, config->tlb_entries)) {
		free(made);
		return -ENOMEM;
	}
	made->config = *config;
	made->counters = counters;
	fill_registers(made);
	*smmu = made;
	return 0;
}

void model_smmu_free(struct model_smmu *smmu)
{
	if (!smmu)
		return;
	for (size_t i = 0; i < smmu->stream_count; i++)
		free(smmu->streams[i]);
	free(smmu->streams);
	smmu_tlb_release(&smmu->tlb);
	free(smmu);
}

void model_smmu_registers(
	const struct model_smmu *smmu, uint32_t idr[6], uint32_t *iidr, uint32_t *aidr)
{
	memcpy(idr, smmu->registers, sizeof(smmu->registers));
	*iidr = 0;
	*aidr = AIDR_SMMUV3_1;
}

/* The index of the first stream that is not below @stream_id. */
static size_t stream_place(const struct model_smmu *smmu, uint32_t stream_id)
{
	size_t low = 0, high = smmu->stream_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (smmu->streams[middle]->id < stream_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct smmu_stream *smmu_find_stream(const struct model_smmu *smmu, uint32_t stream_id)
{
	size_t place = stream_place(smmu, stream_id);

	if (place == smmu->stream_count || smmu->streams[place]->id != stream_id)
		return NULL;
	return smmu->streams[place];
}

static struct smmu_stream *add_stream(struct model_smmu *smmu, uint32_t stream_id)
{
	const size_t place = stream_place(smmu, stream_id);
	struct smmu_stream *stream = calloc(1, sizeof(*stream));
	struct smmu_stream **grown;

	if (!stream)
		return NULL;
	grown = realloc(smmu->streams, (smmu->stream_count + 1) * sizeof(*grown));
	if (!grown) {
		free(stream);
		return NULL;
	}
	smmu->streams = grown;
	memmove(&grown[place + 1], &grown[place], (smmu->stream_count - place) * sizeof(*grown));
	grown[place] = stream;
	smmu->stream_count++;
	stream->id = stream_id;
	return stream;
}

int model_smmu_set_stream(
	struct model_smmu *smmu, uint32_t stream_id, const struct model_stream *entry)
{
	struct smmu_stream *stream = smmu_find_stream(smmu, stream_id);

	if (!stream)
		stream = add_stream(smmu, stream_id);
	if (!stream)
		return -ENOMEM;
	stream->entry = entry ? *entry : (struct model_stream){ .mode = MODEL_STREAM_BLOCKED };
	smmu_config_drop(stream);
	return 0;
}

/*
 * The bytes of one access to what is no memory: QEMU makes accesses of 4 bytes, or fewer where the
 * address is not aligned to that or less is left, and translates for each of them again.
 */
static size_t piece_without_memory(uint64_t iova, size_t size)
{
	size_t piece = 4;

	while (piece > size || iova % piece)
		piece /= 2;
	return piece;
}

static size_t piece_in_memory(uint64_t iova, size_t size, const struct smmu_target *target)
{
	uint64_t piece = SMMU_PAGE_SIZE - iova % SMMU_PAGE_SIZE;

	if (piece > target->span)
		piece = target->span;
	return piece < size ? (size_t)piece : size;
}

static size_t access_doorbell(
	const struct smmu_access *access, uint64_t ipa, unsigned char *buffer, size_t size)
{
	const struct model_doorbell *doorbell = access->doorbell;
	const size_t piece = piece_without_memory(access->iova, size);
	uint32_t value;

	if (!access->write)
		memset(buffer, 0, piece);
	if (access->write && piece == sizeof(value) && ipa >= doorbell->ipa &&
		ipa - doorbell->ipa < doorbell->size) {
		memcpy(&value, buffer, sizeof(value));
		doorbell->ring(access->stream->id, le32toh(value), doorbell->data);
	}
	return piece;
}

static size_t access_memory(const struct smmu_access *access, const struct smmu_target *target,
	unsigned char *buffer, size_t size)
{
	const size_t piece = piece_in_memory(access->iova, size, target);

	if (access->write)
		memcpy(target->host, buffer, piece);
	else
		memcpy(buffer, target->host, piece);
	return piece;
}

/* One piece, of which *@piece says the size. */
static int access_piece(
	const struct smmu_access *access, unsigned char *buffer, size_t size, size_t *piece)
{
	struct smmu_fault fault = { 0 };
	struct smmu_target target;
	uint64_t ipa;

	if (smmu_translate(access, &ipa, &fault)) {
		smmu_report(access, &fault);
		goto refused;
	}
	if (smmu_stage2_find(access, ipa, &target)) {
		smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_ABORT, ipa, IOMMUCTL_MODEL_ABORT_GONE);
		goto refused;
	}

	*piece = target.host ? access_memory(access, &target, buffer, size)
			     : access_doorbell(access, ipa, buffer, size);
	smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_MEMORY, ipa, *piece);
	return 0;

refused:
	*piece = piece_without_memory(access->iova, size);
	if (!access->write)
		memset(buffer, 0, *piece);
	return -EIO;
}

void model_smmu_show_abort(struct model_smmu *smmu, const struct model_transaction *transaction,
	enum iommuctl_model_abort reason)
{
	const struct iommuctl_model_lookup lookup = {
		.kind = IOMMUCTL_MODEL_LOOKUP_ABORT,
		.stream_id = transaction->stream_id,
		.write = transaction->write,
		.iova = transaction->iova,
		.value = reason,
	};

	if (smmu->watcher)
		smmu->watcher(&lookup, smmu->watcher_data);
}

int model_smmu_access(struct model_smmu *smmu, const struct model_transaction *transaction)
{
	struct smmu_access access = {
		.smmu = smmu,
		.stream = smmu_find_stream(smmu, transaction->stream_id),
		.doorbell = transaction->doorbell,
		.ssid = transaction->ssid,
		.iova = transaction->iova,
		.write = transaction->write,
	};
	unsigned char *buffer = transaction->buffer;
	size_t left = transaction->size;
	int ret = 0;

	smmu->counters->transactions++;
	if (!access.stream) {
		model_smmu_show_abort(smmu, transaction, IOMMUCTL_MODEL_ABORT_STREAM);
		if (!access.write)
			memset(buffer, 0, left);
		smmu->counters->refused++;
		return -EIO;
	}
	while (left) {
		size_t piece;

		if (access_piece(&access, buffer, left, &piece))
			ret = -EIO;
		access.iova += piece;
		buffer += piece;
		left -= piece;
	}
	smmu->counters->refused += ret != 0;
	return ret;
}

void model_smmu_watch(struct model_smmu *smmu,
	void (*receive)(const struct iommuctl_model_lookup *lookup, void *data), void *data)
{
	smmu->watcher = receive;
	smmu->watcher_data = data;
}

size_t model_smmu_get_tlb(
	const struct model_smmu *smmu, struct iommuctl_model_tlb_entry *entries, size_t room)
{
	for (uint32_t i = 0; i < smmu->tlb.count && i < room; i++) {
		const struct smmu_tlb_entry *entry = &smmu->tlb.entries[i];

		entries[i] = (struct iommuctl_model_tlb_entry){
			.iova = entry->key.page,
			.size = SMMU_PAGE_SIZE,
			.ipa = entry->ipa,
			.vmid = entry->key.vmid,
			.asid = entry->key.asid,
			.stage2_only = entry->key.kind == SMMU_TLB_STAGE2,
			.global = entry->key.kind == SMMU_TLB_GLOBAL,
			.readable = entry->stage2_readable,
			.writable = entry->stage1_writable && entry->stage2_writable,
		};
	}
	return smmu->tlb.count;
}
