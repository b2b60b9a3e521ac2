// SPDX-License-Identifier: MIT
#include "model_smmu_recorder.h"

#include <errno.h>
#include <stdlib.h>

struct smmu_record smmu_record;

/* Nothing must distinguish one SMMU from another. */
struct model_smmu {
	struct iommuctl_model_smmu config;
};

int model_smmu_new(const struct iommuctl_model_smmu *config,
	struct iommuctl_model_counters *counters, struct model_smmu **smmu)
{
	(void)counters;
	*smmu = malloc(sizeof(**smmu));
	if (!*smmu)
		return -ENOMEM;
	(*smmu)->config = *config;
	return 0;
}

void model_smmu_free(struct model_smmu *smmu)
{
	free(smmu);
}

/* Range invalidation and 16-bit ASIDs, no ATS and no substreams. */
void model_smmu_registers(
	const struct model_smmu *smmu, uint32_t idr[6], uint32_t *iidr, uint32_t *aidr)
{
	for (int i = 0; i < 6; i++)
		idr[i] = 0;
	idr[0] = 1u << 12;
	idr[3] = smmu->config.no_ril ? 0 : 1u << 10;
	*iidr = 0;
	*aidr = 0;
}

int model_smmu_set_stream(
	struct model_smmu *smmu, uint32_t stream_id, const struct model_stream *stream)
{
	(void)smmu;
	smmu_record.streams[stream_id % RECORDED_STREAMS] = *stream;
	smmu_record.writes++;
	return 0;
}

/* Its SMMU has no SubstreamIDs, so that no PASID gets here. */
int model_smmu_set_pasid(struct model_smmu *smmu, uint32_t stream_id, uint32_t pasid,
	const struct model_stream *stream)
{
	(void)smmu;
	(void)stream_id;
	(void)pasid;
	(void)stream;
	return -EOPNOTSUPP;
}

void model_smmu_command(struct model_smmu *smmu, const uint64_t words[2])
{
	uint64_t *kept = smmu_record.commands[smmu_record.command_count++ % RECORDED_COMMANDS];

	(void)smmu;
	kept[0] = words[0];
	kept[1] = words[1];
}

void model_smmu_invalidate_vmid(struct model_smmu *smmu, uint16_t vmid)
{
	(void)smmu;
	smmu_record.invalidated[smmu_record.invalidated_count++ % RECORDED_INVALIDATED] = vmid;
}

void model_smmu_invalidate_ipa(struct model_smmu *smmu, uint16_t vmid, uint64_t ipa, uint64_t size)
{
	(void)ipa;
	(void)size;
	model_smmu_invalidate_vmid(smmu, vmid);
}

void model_smmu_invalidate_vtd(
	struct model_smmu *smmu, uint16_t vmid, uint16_t did, uint64_t first, uint64_t last)
{
	(void)did;
	(void)first;
	(void)last;
	model_smmu_invalidate_vmid(smmu, vmid);
}

int model_smmu_access(struct model_smmu *smmu, const struct model_transaction *transaction)
{
	const struct model_doorbell *doorbell = transaction->doorbell;
	const unsigned char *message = transaction->buffer;

	(void)smmu;
	smmu_record.transactions++;
	if (doorbell && transaction->iova == doorbell->ipa && transaction->write) {
		doorbell->ring(transaction->stream_id, message[0], doorbell->data);
		return 0;
	}
	smmu_record.last_iova = transaction->iova;
	return -EIO;
}

void model_smmu_watch(struct model_smmu *smmu,
	void (*receive)(const struct iommuctl_model_lookup *lookup, void *data), void *data)
{
	(void)smmu;
	(void)receive;
	(void)data;
}

size_t model_smmu_get_tlb(
	const struct model_smmu *smmu, struct iommuctl_model_tlb_entry *entries, size_t room)
{
	(void)smmu;
	(void)entries;
	(void)room;
	return 0;
}

void model_smmu_show_abort(struct model_smmu *smmu, const struct model_transaction *transaction,
	enum iommuctl_model_abort reason)
{
	(void)smmu;
	(void)transaction;
	(void)reason;
}
