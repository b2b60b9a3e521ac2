// SPDX-License-Identifier: MIT
/* MSI bindings. */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "generic_requests.h"

#define RAISE	 0x60
#define ACK	 0x64
#define DOORBELL IOMMUCTL_MSI_WINDOW_START

struct msi_request {
	uint64_t iova, gpa;
	uint32_t granule, zero;
};

_Static_assert(sizeof(struct msi_request) == IOMMUCTL_GENERIC_MSI_SIZE, "layout");

static const struct iommuctl_reserved_region window = {
	.start = IOMMUCTL_MSI_WINDOW_START,
	.last = IOMMUCTL_MSI_WINDOW_START + IOMMUCTL_MSI_WINDOW_SIZE - 1,
	.type = IOMMUCTL_RESERVED_MSI,
};

static int decode_msi(uint64_t iova, uint64_t gpa, struct iommuctl_generic_msi *msi)
{
	const struct msi_request request = { .iova = iova, .gpa = gpa, .granule = 12 };

	return iommuctl_generic_decode_msi(
		&request, sizeof(request), window.start, window.last, msi, NULL);
}

/* As the request has it, or natively. */
static void bind_msi(
	struct generic_test *test, const struct iommuctl_smmuv3_cd *cd, bool by_request)
{
	struct iommuctl_stage1 *stage1 = &test->stage1[0];
	struct iommuctl_generic_msi msi = { DOORBELL, DOORBELL, PAGE };

	if (by_request)
		must(decode_msi(DOORBELL + 0x40, DOORBELL + 0x40, &msi), "MSI binding");
	if (by_request)
		guest_map(stage1, msi.iova, msi.gpa, msi.size);
	else
		must(iommuctl_msi_map_stage1(stage1, cd->mair, &window, DOORBELL, PAGE, NULL),
			"doorbell");
	generic_issue_native(
		test, &(struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL });
}

static uint64_t interrupts(struct generic_test *test, int eventfd)
{
	const struct edu *edu = &test->guest.edus[0];
	const uint32_t bit = 1;
	uint64_t count = 0;
	int err =
		iommuctl_vfio_region_write(edu->ctx, edu->fd, &edu->bar0, RAISE, &bit, sizeof(bit));

	if (!err)
		err = iommuctl_vfio_region_write(
			edu->ctx, edu->fd, &edu->bar0, ACK, &bit, sizeof(bit));
	must_in(edu->ctx, err, "interrupt");
	usleep(50000);
	return read(eventfd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

void generic_check_msis(struct generic_test *test)
{
	const struct edu *edu = &test->guest.edus[0];
	const struct iommuctl_smmuv3_cd cd = iommuctl_cd_for_stage1(&test->stage1[0].regime, ASID);
	const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct iommuctl_generic_msi msi;

	generic_expect(
		test, "MSI", "beyond the window", ERANGE, (uint64_t)-decode_msi(IPA, IPA, &msi));
	generic_expect(test, "MSI", "elsewhere", EADDRNOTAVAIL,
		(uint64_t)-decode_msi(IPA, DOORBELL, &msi));
	must_in(edu->ctx,
		iommuctl_vfio_irqs_enable(
			edu->ctx, edu->fd, IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX, 0, &fd, 1),
		"MSI");
	for (int by_request = 1; by_request >= 0; by_request--) {
		const char *name = by_request ? "MSI by request" : "MSI natively";

		generic_prime(test, name);
		generic_expect(test, name, "before", 0, interrupts(test, fd));
		bind_msi(test, &cd, by_request);
		generic_expect(test, name, "after", 1, interrupts(test, fd));
		must(iommuctl_stage1_unmap(&test->stage1[0], DOORBELL, PAGE), "unmapping");
	}
	close(fd);
}
