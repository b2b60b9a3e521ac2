// SPDX-License-Identifier: MIT
/*
 * virtio_iommu DEVICE DEVICE [group]: a virtio-iommu over the kernel's iommufd, with two edu devices
 * behind it that copy pages of guest memory. Says what differs from what the standard asks for, or
 * with "group" for two functions of one IOMMU group.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/iommuctl.h>

#include "edu.h"
#include "vmm.h"

#define PAGE	   GUEST_PAGE
#define RAM	   UINT64_C(0x1000000) /* guest-physical, and where edu can reach it */
#define RAM_PAGES  16
#define IOVA	   UINT64_C(0x10000)
#define MSI_START  IOMMUCTL_MSI_WINDOW_START
#define MSI_LAST   (MSI_START + IOMMUCTL_MSI_WINDOW_SIZE - 1)

enum type { ATTACH = 1, DETACH, MAP, UNMAP, PROBE };
enum status { OK = 0, INVAL = 4, RANGE = 5, NOENT = 6, FAULT = 7, NONE = 255 };

struct host {
	struct vmm vmm;
	struct edu edus[2];
	struct iommuctl_virtio_iommu *viommu;
	unsigned int checks;
	unsigned int wrong;
};

static void expect(struct host *host, const char *what, unsigned int wanted, unsigned int got)
{
	host->checks++;
	if (wanted == got)
		return;
	host->wrong++;
	printf("%s: %u instead of %u\n", what, got, wanted);
}

static void put(unsigned char *request, unsigned int offset, unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size; i++, value >>= 8)
		request[offset + i] = (unsigned char)value;
}

static uint8_t answer(struct host *host, const unsigned char *request, size_t size)
{
	unsigned char tail[4];

	return iommuctl_virtio_iommu_request(host->viommu, request, size, tail, sizeof(tail))
		       ? tail[0]
		       : NONE;
}

static uint8_t attach(
	struct host *host, enum type type, uint32_t domain, uint32_t endpoint, uint32_t flags)
{
	unsigned char request[20] = { (unsigned char)type };

	put(request, 4, 4, domain);
	put(request, 8, 4, endpoint);
	put(request, 12, 4, flags);
	return answer(host, request, sizeof(request));
}

static uint8_t map(
	struct host *host, uint32_t domain, uint64_t iova, uint64_t pages, uint64_t physical)
{
	unsigned char request[36] = { MAP };

	put(request, 4, 4, domain);
	put(request, 8, 8, iova);
	put(request, 16, 8, iova + pages * PAGE - 1);
	put(request, 24, 8, physical);
	put(request, 32, 4, 3);
	return answer(host, request, sizeof(request));
}

static uint8_t unmap(struct host *host, uint32_t domain, uint64_t iova, uint64_t pages)
{
	unsigned char request[28] = { UNMAP };

	put(request, 4, 4, domain);
	put(request, 8, 8, iova);
	put(request, 16, 8, iova + pages * PAGE - 1);
	return answer(host, request, sizeof(request));
}

static uint64_t input_end(struct host *host)
{
	unsigned char bytes[8];
	uint64_t end = 0;

	if (iommuctl_virtio_iommu_read_config(host->viommu, 16, bytes, sizeof(bytes)))
		return 0;
	for (unsigned int i = sizeof(bytes); i-- > 0;)
		end = end << 8 | bytes[i];
	return end;
}

/* Whether @device can copy from one page of its address space to another. */
static bool copies(struct host *host, unsigned int device, uint64_t from, uint64_t to,
	unsigned int source_page, unsigned int target_page)
{
	void *source = guest_at(&host->vmm.ram, RAM + source_page * PAGE);
	void *target = guest_at(&host->vmm.ram, RAM + target_page * PAGE);

	memset(source, (int)(0x40 + source_page + host->checks), PAGE);
	memset(target, 0, PAGE);
	if (edu_read(&host->edus[device], from, PAGE) ||
		edu_write(&host->edus[device], to, PAGE))
		return false;
	return memcmp(source, target, PAGE) == 0;
}

static void start(struct host *host, char **paths)
{
	struct iommuctl_virtio_iommu_config config = { .bypass_config = true };
	struct vmm *vmm = &host->vmm;
	int err;

	vmm_open_devices(vmm, (const char *const *)paths, 2);
	vmm_make_ram(vmm, RAM, RAM_PAGES * PAGE);
	config.iommufd = vmm->iommufd;
	config.memory_ioas_id = vmm->ioas;
	err = iommuctl_virtio_iommu_new(vmm->ctx, &config, &host->viommu);
	if (!err)
		err = iommuctl_virtio_iommu_accept(
			host->viommu, iommuctl_virtio_iommu_get_features(host->viommu));
	for (uint32_t i = 0; i < 2 && !err; i++) {
		const struct iommuctl_virtio_iommu_endpoint endpoint = {
			.id = i,
			.device = vmm->devices[i],
		};

		err = edu_start(&host->edus[i], vmm->ctx, vmm->devices[i]);
		if (!err)
			err = iommuctl_virtio_iommu_add_endpoint(host->viommu, &endpoint);
	}
	must_in(vmm->ctx, err, "virtio-iommu");
}

static void check_mappings(struct host *host)
{
	expect(host, "ATTACH", OK, attach(host, ATTACH, 1, 0, 0));
	expect(host, "nothing is mapped", false, copies(host, 0, IOVA, IOVA + PAGE, 2, 3));
	expect(host, "MAP", OK, map(host, 1, IOVA, 2, RAM + 2 * PAGE));
	expect(host, "mapped", true, copies(host, 0, IOVA, IOVA + PAGE, 2, 3));
	expect(host, "MAP over it", INVAL, map(host, 1, IOVA + PAGE, 1, RAM));
	expect(host, "MAP of no memory", FAULT, map(host, 1, 0x40000, 1, RAM + RAM_PAGES * PAGE));
	expect(host, "MAP over the MSI window", INVAL, map(host, 1, 0x8000000, 1, RAM));
	expect(host, "UNMAP of a part", RANGE, unmap(host, 1, IOVA, 1));
	expect(host, "still mapped", true, copies(host, 0, IOVA, IOVA + PAGE, 2, 3));
	expect(host, "MAP behind", OK, map(host, 1, IOVA + 8 * PAGE, 1, RAM));
	expect(host, "UNMAP of two and holes", OK, unmap(host, 1, 0, 64));
	expect(host, "unmapped", false, copies(host, 0, IOVA, IOVA + PAGE, 2, 3));
	expect(host, "UNMAP of nothing", OK, unmap(host, 1, 0, 64));
}

/* What Linux does for passthrough: all addresses but the window, of which few are memory. */
static void check_one_to_one(struct host *host)
{
	const uint64_t behind = MSI_LAST + 1;
	const uint64_t pages = (input_end(host) - MSI_LAST) / PAGE;

	expect(host, "MAP up to the window", OK, map(host, 1, 0, MSI_START / PAGE, 0));
	expect(host, "MAP of the rest", OK, map(host, 1, behind, pages, behind));
	expect(host, "the memory", true, copies(host, 0, RAM, RAM + PAGE, 0, 1));
	expect(host, "its last page", true,
		copies(host, 0, RAM, RAM + (RAM_PAGES - 1) * PAGE, 0, RAM_PAGES - 1));
	expect(host, "no memory", false, copies(host, 0, RAM, RAM + RAM_PAGES * PAGE, 0, 1));
	expect(host, "UNMAP of a part", RANGE, unmap(host, 1, RAM, RAM_PAGES));
	expect(host, "UNMAP of what has no memory", OK, unmap(host, 1, behind, pages));
	expect(host, "still there", true, copies(host, 0, RAM, RAM + PAGE, 0, 1));
	expect(host, "UNMAP", OK, unmap(host, 1, 0, MSI_START / PAGE));
	expect(host, "gone", false, copies(host, 0, RAM, RAM + PAGE, 0, 1));
}

static void check_input_range(struct host *host)
{
	const uint64_t end = input_end(host);

	expect(host, "a limited range", true, end < UINT64_MAX);
	expect(host, "MAP of its last page", OK, map(host, 1, end + 1 - PAGE, 1, RAM));
	expect(host, "MAP behind it", RANGE, map(host, 1, end + 1, 1, RAM));
	expect(host, "UNMAP", OK, unmap(host, 1, end + 1 - PAGE, 1));
}

static void check_domains(struct host *host)
{
	expect(host, "MAP", OK, map(host, 1, IOVA, 2, RAM + 4 * PAGE));
	expect(host, "ATTACH of the other", OK, attach(host, ATTACH, 1, 1, 0));
	expect(host, "shared", true, copies(host, 1, IOVA, IOVA + PAGE, 4, 5));
	expect(host, "ATTACH elsewhere", OK, attach(host, ATTACH, 2, 0, 0));
	expect(host, "isolated", false, copies(host, 0, IOVA, IOVA + PAGE, 4, 5));
	expect(host, "MAP there", OK, map(host, 2, IOVA, 2, RAM + 6 * PAGE));
	expect(host, "its own", true, copies(host, 0, IOVA, IOVA + PAGE, 6, 7));
	expect(host, "the other's", true, copies(host, 1, IOVA, IOVA + PAGE, 4, 5));
	expect(host, "DETACH", OK, attach(host, DETACH, 2, 0, 0));
	expect(host, "detached", false, copies(host, 0, IOVA, IOVA + PAGE, 6, 7));
	expect(host, "the domain is gone", NOENT, map(host, 2, IOVA, 2, RAM));
}

static void check_bypass(struct host *host)
{
	expect(host, "ATTACH to bypass", OK, attach(host, ATTACH, 3, 0, 1));
	expect(host, "identity", true, copies(host, 0, RAM, RAM + PAGE, 0, 1));
	expect(host, "DETACH", OK, attach(host, DETACH, 3, 0, 0));
	expect(host, "no bypass", false, copies(host, 0, RAM, RAM + PAGE, 0, 1));
	expect(host, "bypass for all", 0,
		(unsigned int)-iommuctl_virtio_iommu_write_config(host->viommu, 36, "\1", 1));
	expect(host, "bypass", true, copies(host, 0, RAM, RAM + PAGE, 0, 1));
	expect(host, "not in a domain", false, copies(host, 1, RAM, RAM + PAGE, 0, 1));
	expect(host, "reset", 0, (unsigned int)-iommuctl_virtio_iommu_reset(host->viommu));
	expect(host, "bypass", true, copies(host, 1, RAM, RAM + PAGE, 0, 1));
}

static void expect_copies(struct host *host, const char *what, bool wanted)
{
	expect(host, what, wanted, copies(host, 0, IOVA, IOVA + PAGE, 4, 5));
	expect(host, what, wanted, copies(host, 1, IOVA, IOVA + PAGE, 4, 5));
}

/* Attached as one by the kernel, and kept apart all the same. */
static void check_group(struct host *host)
{
	expect(host, "ATTACH of the first", OK, attach(host, ATTACH, 1, 0, 0));
	expect(host, "MAP", OK, map(host, 1, IOVA, 2, RAM + 4 * PAGE));
	expect_copies(host, "one in the domain", false);
	expect(host, "ATTACH of the second", OK, attach(host, ATTACH, 1, 1, 0));
	expect_copies(host, "both in the domain", true);
	expect(host, "ATTACH elsewhere", OK, attach(host, ATTACH, 2, 0, 0));
	expect(host, "MAP there", OK, map(host, 2, IOVA, 2, RAM + 4 * PAGE));
	expect_copies(host, "in two domains", false);
	expect(host, "ATTACH to the other's", OK, attach(host, ATTACH, 2, 1, 0));
	expect_copies(host, "both there", true);
	expect(host, "ATTACH to bypass", OK, attach(host, ATTACH, 3, 1, 1));
	expect(host, "no bypass", false, copies(host, 1, RAM, RAM + PAGE, 0, 1));
	expect(host, "no bypass for the other", false, copies(host, 0, RAM, RAM + PAGE, 0, 1));
	expect(host, "DETACH", OK, attach(host, DETACH, 3, 1, 0));
	expect_copies(host, "one is detached", false);
	expect(host, "removal", 0,
		(unsigned int)-iommuctl_virtio_iommu_remove_endpoint(host->viommu, 1));
	expect(host, "alone", true, copies(host, 0, IOVA, IOVA + PAGE, 4, 5));
}

static void check_two_groups(struct host *host)
{
	check_mappings(host);
	check_one_to_one(host);
	check_input_range(host);
	check_domains(host);
	check_bypass(host);
}

int main(int argc, char **argv)
{
	struct host host = { .checks = 0 };

	if (argc < 3 || iommuctl_new(NULL, &host.vmm.ctx))
		return 2;
	start(&host, argv + 1);
	if (argc > 3)
		check_group(&host);
	else
		check_two_groups(&host);
	iommuctl_virtio_iommu_free(host.viommu);
	expect(&host, "the memory is free", 0,
		(unsigned int)-iommuctl_destroy(host.vmm.ctx, host.vmm.iommufd, host.vmm.ioas));
	iommuctl_free(host.vmm.ctx);
	printf("virtio-iommu: %u checks, %u differ\n", host.checks, host.wrong);
	return host.wrong ? 1 : 0;
}
