// SPDX-License-Identifier: MIT
/* The draft requests through a nest and its relay, down to what the device reads. */
#include "nest_fixture.h"

#include <iommuctl/generic.h>
#include <iommuctl/virtio_iommu.h>

#include "abi/virtio_iommu.h"
#include "generic/wire.h"
#include "virtio/draft.h"

#define DOMAIN	 5
#define ENDPOINT 8
#define OK	 ABI_VIRTIO_IOMMU_S_OK

static struct vmm vmm;
static struct iommuctl_virtio_iommu *viommu;

static int nest_set_ste(uint32_t vsid, const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], void *data)
{
	struct iommuctl_smmuv3_refusal refusal;
	int err = iommuctl_nest_set_ste(data, vsid, words, &refusal);

	cr_expect_null(refusal.field, "%s: %s", refusal.field, refusal.reason);
	return err;
}

static int nest_issue(
	const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, void *data)
{
	size_t done;

	return iommuctl_relay_issue(iommuctl_nest_get_relay(data), commands, count, &done, NULL);
}

static void set_up(void)
{
	const struct iommuctl_virtio_iommu_endpoint endpoint = {
		.id = ENDPOINT,
		.nested = true,
		.vsid = VSID,
	};
	struct iommuctl_virtio_iommu_drafts drafts = {
		.granule = (uint32_t)PAGE,
		.set_ste = nest_set_ste,
		.issue = nest_issue,
	};
	struct iommuctl_virtio_iommu_config config = { .drafts = &drafts, .bypass_config = true };

	vmm_start(&vmm, NULL);
	drafts.idr = iommuctl_nest_get_idr(vmm.nest);
	drafts.data = vmm.nest;
	config.iommufd = vmm.iommufd;
	config.memory_ioas_id = vmm.ioas;
	cr_assert_eq(iommuctl_virtio_iommu_new(vmm.ctx, &config, &viommu), 0);
	cr_assert_eq(
		iommuctl_virtio_iommu_accept(viommu, iommuctl_virtio_iommu_get_features(viommu)),
		0);
	cr_assert_eq(iommuctl_virtio_iommu_add_endpoint(viommu, &endpoint), 0);
}

static void tear_down(void)
{
	iommuctl_virtio_iommu_free(viommu);
	vmm_stop(&vmm);
}

TestSuite(virtio_nested, .init = set_up, .fini = tear_down);

static uint8_t send_request(const void *request, size_t size)
{
	unsigned char tail[4];

	cr_assert_eq(iommuctl_virtio_iommu_request(viommu, request, size, tail, 4), 4);
	return tail[0];
}

static uint8_t attach_table(uint64_t cds)
{
	unsigned char request[DRAFT_ATTACH_TABLE_SIZE] = { DRAFT_T_ATTACH_TABLE };

	wire_put(request, DRAFT_TABLE_DOMAIN, 4, DOMAIN);
	wire_put(request, DRAFT_TABLE_ENDPOINT, 4, ENDPOINT);
	wire_put(request, DRAFT_TABLE_FORMAT, 2, DRAFT_FORMAT_PASID_TABLE_SMMUV3);
	wire_put(request, DRAFT_TABLE_POINTER, 8, cds);
	return send_request(request, sizeof(request));
}

static uint8_t simple(uint8_t type, uint32_t flags)
{
	unsigned char request[20] = { type };

	wire_put(request, 4, 4, DOMAIN);
	wire_put(request, 8, 4, ENDPOINT);
	wire_put(request, 12, 4, flags);
	return send_request(request, sizeof(request));
}

static uint8_t invalidate(uint16_t granularity, uint16_t caches, uint64_t asid)
{
	unsigned char request[DRAFT_INVALIDATE_SIZE] = { DRAFT_T_INVALIDATE };

	wire_put(request, DRAFT_INVALIDATE_GRANULARITY, 2, granularity);
	wire_put(request, DRAFT_INVALIDATE_CACHES, 2, caches);
	wire_put(request, DRAFT_INVALIDATE_FLAGS, 2, DRAFT_F_ARCHID);
	wire_put(request, DRAFT_INVALIDATE_DOMAIN, 4, DOMAIN);
	wire_put(request, DRAFT_INVALIDATE_ARCHID, 8, asid);
	wire_put(request, DRAFT_INVALIDATE_START, 8, IOVA);
	wire_put(request, DRAFT_INVALIDATE_PAGES, 8, 1);
	request[DRAFT_INVALIDATE_GRANULE] = 12;
	return send_request(request, sizeof(request));
}

Test(virtio_nested, a_table_is_walked_until_it_is_detached)
{
	cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);
	cr_assert_eq(attach_table(CDS), OK);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_assert_eq(attach_table(OTHER_CDS), OK);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK_2);
	cr_assert_eq(simple(ABI_VIRTIO_IOMMU_T_DETACH, 0), OK);
	cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);
}

Test(virtio_nested, bypass_is_stage_2_only)
{
	cr_assert_eq(simple(ABI_VIRTIO_IOMMU_T_ATTACH, ABI_VIRTIO_IOMMU_ATTACH_F_BYPASS), OK);
	cr_expect_eq(dma(&vmm, 0, PAGES + PAGE), MARK_2);
}

Test(virtio_nested, a_page_is_stale_until_it_is_invalidated)
{
	const uint64_t asid = TABLES / PAGE; /* as the fixture numbers them */
	const uint16_t caches = IOMMUCTL_GENERIC_CACHE_IOTLB;

	cr_assert_eq(attach_table(CDS), OK);
	cr_assert_eq(dma(&vmm, 0, IOVA), MARK);
	cr_assert_eq(iommuctl_stage1_remap(&vmm.stage1, IOVA, PAGES + PAGE, PAGE), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_assert_eq(invalidate(DRAFT_GRANULARITY_VA, caches, (uint16_t)(asid + 1)), OK);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_assert_eq(invalidate(DRAFT_GRANULARITY_VA, caches, (uint16_t)asid), OK);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK_2);
}

Test(virtio_nested, a_cd_is_stale_until_it_is_invalidated)
{
	const uint64_t nothing[IOMMUCTL_SMMUV3_CD_WORDS] = { 0 };

	cr_assert_eq(attach_table(CDS), OK);
	cr_assert_eq(dma(&vmm, 0, IOVA), MARK);
	guest_put_words(&vmm.ram, CDS, nothing, ARRAY_SIZE(nothing));
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_assert_eq(invalidate(DRAFT_GRANULARITY_DOMAIN, IOMMUCTL_GENERIC_CACHE_PASID, 0), OK);
	cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);
}
