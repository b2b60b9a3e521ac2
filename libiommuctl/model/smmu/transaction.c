// SPDX-License-Identifier: MIT
/* Transactions, piece by piece. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "model/smmu/private.h"

/*
 * The size of one access to something other than memory: QEMU makes accesses of 4 bytes, or fewer
 * if the address is less aligned or less is left, and translates each of them again.
 */
static size_t piece_without_memory(uint64_t iova, size_t size)
{
	size_t piece = 4;

	while (piece > size || iova % piece)
		piece /= 2;
	return piece;
}

static size_t piece_of_target(uint64_t iova, size_t size, const struct model_target *target)
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

static size_t access_target(const struct smmu_access *access, const struct model_target *target,
	unsigned char *buffer, size_t size)
{
	const size_t piece = piece_of_target(access->iova, size, target);

	if (target->registers)
		target->registers->access(
			target->registers->device, target->offset, buffer, piece, access->write);
	else if (access->write)
		memcpy(target->host, buffer, piece);
	else
		memcpy(buffer, target->host, piece);
	return piece;
}

/* One piece; sets its size in *@piece unless it stalls. */
static int access_piece(
	const struct smmu_access *access, unsigned char *buffer, size_t size, size_t *piece)
{
	const struct model_stage2 *stage2 = access->stream->entry.stage2;
	struct smmu_fault fault = { 0 };
	struct model_target target;
	bool is_doorbell;
	uint64_t ipa;

	if (smmu_translate(access, &ipa, &fault)) {
		if (smmu_report(access, &fault))
			return -EAGAIN;
		goto refused;
	}
	if (smmu_stage2_find(access, ipa, &target)) {
		smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_ABORT, ipa, IOMMUCTL_MODEL_ABORT_GONE);
		goto refused;
	}

	is_doorbell = !target.host && !target.registers;
	*piece = is_doorbell ? access_doorbell(access, ipa, buffer, size)
			     : access_target(access, &target, buffer, size);
	if (access->write && !is_doorbell && stage2->written)
		stage2->written(stage2, ipa, *piece);
	smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_MEMORY, ipa, *piece);
	return 0;

refused:
	*piece = piece_without_memory(access->iova, size);
	if (!access->write)
		memset(buffer, 0, *piece);
	return -EIO;
}

static struct smmu_stream *find_stream(
	const struct model_smmu *smmu, const struct model_transaction *transaction)
{
	if (transaction->by_host)
		return smmu_find_pasid(smmu, transaction->stream_id, transaction->ssid);
	return smmu_find_stream(smmu, transaction->stream_id);
}

int model_smmu_access(struct model_smmu *smmu, const struct model_transaction *transaction)
{
	struct smmu_access access = {
		.smmu = smmu,
		.stream = find_stream(smmu, transaction),
		.doorbell = transaction->doorbell,
		.ssid = transaction->by_host ? -1 : transaction->ssid,
		.iova = transaction->iova,
		.write = transaction->write,
	};
	unsigned char *buffer = transaction->buffer;
	size_t remaining = transaction->size;
	int err = 0;

	smmu->counters->transactions++;
	if (!access.stream) {
		model_smmu_show_abort(smmu, transaction, IOMMUCTL_MODEL_ABORT_STREAM);
		if (!access.write)
			memset(buffer, 0, remaining);
		smmu->counters->refused++;
		return -EIO;
	}
	while (remaining) {
		size_t piece;
		int piece_err = access_piece(&access, buffer, remaining, &piece);

		if (piece_err)
			err = piece_err;
		if (piece_err == -EAGAIN)
			break;
		access.iova += piece;
		buffer += piece;
		remaining -= piece;
	}
	smmu->counters->refused += err != 0;
	return err;
}
