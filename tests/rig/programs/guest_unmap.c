// SPDX-License-Identifier: MIT
/*
 * guest_unmap DEVICE: for a guest: its kernel's iommufd maps memory for DEVICE, a file under
 * /dev/vfio/devices, in pages of the smallest size, and unmaps it again, a MiB at a time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <iommuctl/iommuctl.h>

#define PIECE  (UINT64_C(1) << 20)
#define PIECES 16
#define IOVA   UINT64_C(0x10000000)

static void must(struct iommuctl *ctx, int err, const char *what)
{
	const struct iommuctl_error *error;

	if (err >= 0)
		return;
	error = ctx ? iommuctl_last_error(ctx) : NULL;
	fprintf(stderr, "guest_unmap: %s: %d: %s\n", what, err,
		error ? error->explanation[0].cause : "");
	exit(1);
}

static void map(struct iommuctl *ctx, int iommufd, uint32_t ioas, unsigned char *memory)
{
	for (uint64_t i = 0; i < PIECES; i++) {
		const struct iommuctl_ioas_map_args args = {
			.ioas_id = ioas,
			.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
				 IOMMUCTL_IOAS_MAP_WRITEABLE,
			.host = memory + i * PIECE,
			.length = PIECE,
		};
		uint64_t iova = IOVA + i * PIECE;

		must(ctx, iommuctl_ioas_map(ctx, iommufd, &args, &iova), "map");
	}
}

int main(int argc, char **argv)
{
	unsigned char *memory = mmap(NULL, PIECE * PIECES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	struct iommuctl *ctx = NULL;
	uint32_t dev_id, ioas;
	int iommufd, device;

	if (argc != 2 || memory == MAP_FAILED)
		return 2;
	must(ctx, iommuctl_new(NULL, &ctx), "new");
	must(ctx, iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC), "/dev/iommu");
	must(ctx, device = open(argv[1], O_RDWR | O_CLOEXEC), argv[1]);
	must(ctx, iommuctl_vfio_bind_iommufd(ctx, device, iommufd, NULL, &dev_id), "bind");
	must(ctx, iommuctl_ioas_alloc(ctx, iommufd, &ioas), "IOAS");
	must(ctx, iommuctl_option_set(ctx, iommufd, IOMMUCTL_OPTION_HUGE_PAGES, ioas, 0),
		"HUGE_PAGES");
	map(ctx, iommufd, ioas, memory);
	must(ctx, iommuctl_vfio_attach(ctx, device, ioas, NULL), "attach");
	for (uint64_t i = 0; i < PIECES; i++)
		must(ctx, iommuctl_ioas_unmap(ctx, iommufd, ioas, IOVA + i * PIECE, PIECE, NULL),
			"unmap");
	must(ctx, iommuctl_vfio_detach(ctx, device), "detach");
	iommuctl_free(ctx);
	printf("guest: %d MiB unmapped in pages\n", PIECES);
	return 0;
}
