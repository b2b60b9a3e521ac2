// SPDX-License-Identifier: MIT
/* Carries out the two draft requests. */
#include "virtio/draft.h"

#include <errno.h>

#include <iommuctl/generic.h>

#include "abi/virtio_iommu.h"
#include "generic/layout.h"
#include "virtio/virtio_private.h"

#define BATCH 63

static bool is_zero(const unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i])
			return false;
	return true;
}

int draft_answer(const struct iommuctl_virtio_iommu *iommu, int err)
{
	static const struct iommuctl_explanation why = {
		"the drafts' set_ste or issue failed without saying why",
		"check what they return",
	};

	if (error_is_told(iommu->ctx, err))
		return err;
	return viommu_refuse(iommu, OP_VIRTIO_IOMMU_DRAFTS,
		(struct call_object){ "IOAS", iommu->config.memory_ioas_id }, -err, &why);
}

static int carry_out(struct iommuctl_virtio_iommu *iommu, struct iommuctl_generic_cursor *cursor)
{
	uint64_t commands[BATCH][IOMMUCTL_SMMUV3_CMD_WORDS];
	size_t count;
	int err = 0;

	error_forget(iommu->ctx);
	while (!err && (count = iommuctl_generic_next(cursor, commands, BATCH)) > 0)
		err = iommu->drafts.issue(commands, count, iommu->drafts.data);
	return draft_answer(iommu, err);
}

int draft_forget_stream(struct iommuctl_virtio_iommu *iommu, uint32_t vsid)
{
	const struct iommuctl_generic_target target = {
		.idr = iommu->drafts.idr,
		.vsids = &vsid,
		.vsid_count = 1,
		.granule = iommu->drafts.granule,
	};
	struct iommuctl_generic_invalidation invalidation = {
		.caches = IOMMUCTL_GENERIC_CACHE_PASID | IOMMUCTL_GENERIC_CACHE_IOTLB,
		.granularity = IOMMUCTL_GENERIC_DOMAIN,
	};
	struct iommuctl_generic_cursor cursor;

	if (iommu->drafts.idr->ats)
		invalidation.caches |= IOMMUCTL_GENERIC_CACHE_DEV_IOTLB;
	/* All of it comes from the configuration, which was checked. */
	(void)iommuctl_generic_start(&cursor, &invalidation, &target, NULL);
	return carry_out(iommu, &cursor);
}

/* Translates the table for the generic interface, which checks it. */
static int make_ste(const struct iommuctl_virtio_iommu *iommu, const unsigned char *request,
	struct iommuctl_generic_stage *stage)
{
	const uint32_t pasid_bits = wire_get32(request, DRAFT_TABLE_S1CDMAX);
	unsigned char generic[IOMMUCTL_GENERIC_STAGE_SIZE] = { 0 };

	if (pasid_bits > UINT8_MAX)
		return -EINVAL;
	generic_put(generic, &stage_flags, IOMMUCTL_GENERIC_PASID_TABLE);
	generic_put(generic, &stage_version, IOMMUCTL_GENERIC_PASID_TABLE_VERSION);
	generic_put(generic, &stage_bytes, IOMMUCTL_GENERIC_PASID_TABLE_SIZE);
	generic_put(generic, &stage_base, wire_get(request, DRAFT_TABLE_POINTER, 8));
	generic_put(generic, &stage_pasid_bits, pasid_bits);
	generic_put(generic, &stage_s1fmt, request[DRAFT_TABLE_S1FMT]);
	generic_put(generic, &stage_s1dss, request[DRAFT_TABLE_S1DSS]);
	return iommuctl_generic_decode_stage(
		generic, sizeof(generic), iommu->drafts.idr, stage, NULL);
}

static uint8_t check_table(const struct iommuctl_virtio_iommu *iommu, const unsigned char *request,
	struct iommuctl_generic_stage *stage)
{
	const uint32_t id = wire_get32(request, DRAFT_TABLE_DOMAIN);
	const struct endpoint *endpoint =
		endpoint_find(iommu, wire_get32(request, DRAFT_TABLE_ENDPOINT));
	const struct domain *domain = domain_find(iommu, id);

	if (!endpoint)
		return ABI_VIRTIO_IOMMU_S_NOENT;
	if (wire_get16(request, DRAFT_TABLE_FORMAT) != DRAFT_FORMAT_PASID_TABLE_SMMUV3)
		return ABI_VIRTIO_IOMMU_S_UNSUPP;
	if (!is_zero(
		    request + DRAFT_TABLE_RESERVED, DRAFT_ATTACH_TABLE_SIZE - DRAFT_TABLE_RESERVED))
		return ABI_VIRTIO_IOMMU_S_INVAL;
	if (id < iommu->config.domain_start || id > iommu->config.domain_end)
		return ABI_VIRTIO_IOMMU_S_RANGE;
	if (domain && domain->kind != DOMAIN_TABLE)
		return ABI_VIRTIO_IOMMU_S_INVAL;
	if (make_ste(iommu, request, stage))
		return ABI_VIRTIO_IOMMU_S_INVAL;
	return ABI_VIRTIO_IOMMU_S_OK;
}

uint8_t draft_attach_table(struct iommuctl_virtio_iommu *iommu, const unsigned char *request)
{
	const uint32_t id = wire_get32(request, DRAFT_TABLE_DOMAIN);
	struct endpoint *endpoint = endpoint_find(iommu, wire_get32(request, DRAFT_TABLE_ENDPOINT));
	struct domain *domain = domain_find(iommu, id);
	struct iommuctl_generic_stage stage;
	uint8_t status;
	int err = 0;

	if (!iommu->config.drafts)
		return ABI_VIRTIO_IOMMU_S_UNSUPP;
	status = check_table(iommu, request, &stage);
	if (status)
		return status;
	if (!domain)
		err = domain_make(iommu, endpoint, id, DOMAIN_TABLE, &domain);
	if (err)
		return attach_status(err);
	return attach_status(endpoint_move(iommu, endpoint, domain, stage.ste));
}

static int decode(const unsigned char *request, struct iommuctl_generic_invalidation *invalidation)
{
	const uint16_t flags = wire_get16(request, DRAFT_INVALIDATE_FLAGS);
	const uint64_t archid = wire_get(request, DRAFT_INVALIDATE_ARCHID, 8);

	*invalidation = (struct iommuctl_generic_invalidation){
		.leaf = flags & DRAFT_F_LEAF,
		.asid = (uint16_t)archid,
		.pasid = flags & DRAFT_F_PASID ? wire_get32(request, DRAFT_INVALIDATE_PASID) : 0,
		.address = wire_get(request, DRAFT_INVALIDATE_START, 8),
		.page_count = wire_get(request, DRAFT_INVALIDATE_PAGES, 8),
		.page_shift = request[DRAFT_INVALIDATE_GRANULE],
	};
	switch (wire_get16(request, DRAFT_INVALIDATE_GRANULARITY)) {
	case DRAFT_GRANULARITY_DOMAIN: invalidation->granularity = IOMMUCTL_GENERIC_DOMAIN; break;
	case DRAFT_GRANULARITY_PASID: invalidation->granularity = IOMMUCTL_GENERIC_PASID; break;
	case DRAFT_GRANULARITY_VA:
		invalidation->granularity = IOMMUCTL_GENERIC_PAGE;
		invalidation->all_asids = !(flags & DRAFT_F_ARCHID);
		break;
	default: return -EINVAL;
	}
	if (flags & ~(DRAFT_F_PASID | DRAFT_F_ARCHID | DRAFT_F_LEAF) || archid > UINT16_MAX)
		return -EINVAL;
	if (wire_get16(request, DRAFT_INVALIDATE_CACHES) > UINT8_MAX)
		return -EINVAL;
	invalidation->caches = request[DRAFT_INVALIDATE_CACHES];
	if (!is_zero(request + DRAFT_INVALIDATE_RESERVED1, 2) ||
		!is_zero(request + DRAFT_INVALIDATE_RESERVED2, 4) ||
		!is_zero(request + DRAFT_INVALIDATE_RESERVED3, 11))
		return -EINVAL;
	return 0;
}

static struct iommuctl_generic_target target_of(
	const struct iommuctl_virtio_iommu *iommu, const struct domain *domain)
{
	struct iommuctl_generic_target target = {
		.idr = iommu->drafts.idr,
		.vsids = iommu->vsids,
		.granule = iommu->drafts.granule,
	};

	for (size_t i = 0; i < iommu->endpoint_count; i++)
		if (iommu->endpoints[i].domain == domain)
			iommu->vsids[target.vsid_count++] = iommu->endpoints[i].vsid;
	return target;
}

uint8_t draft_invalidate(struct iommuctl_virtio_iommu *iommu, const unsigned char *request)
{
	const struct domain *domain =
		domain_find(iommu, wire_get32(request, DRAFT_INVALIDATE_DOMAIN));
	struct iommuctl_generic_invalidation invalidation;
	struct iommuctl_generic_target target;
	struct iommuctl_generic_cursor cursor;

	if (!iommu->config.drafts)
		return ABI_VIRTIO_IOMMU_S_UNSUPP;
	if (!domain)
		return ABI_VIRTIO_IOMMU_S_NOENT;
	if (domain->kind != DOMAIN_TABLE || decode(request, &invalidation))
		return ABI_VIRTIO_IOMMU_S_INVAL;
	target = target_of(iommu, domain);
	if (iommuctl_generic_start(&cursor, &invalidation, &target, NULL))
		return ABI_VIRTIO_IOMMU_S_INVAL;
	return carry_out(iommu, &cursor) ? ABI_VIRTIO_IOMMU_S_DEVERR : ABI_VIRTIO_IOMMU_S_OK;
}
