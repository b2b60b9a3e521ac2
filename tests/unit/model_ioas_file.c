// SPDX-License-Identifier: MIT
/* Memory of files and of other IOASes. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/iommufd/iommufd.h"
#include "model/vfio/vfio.h"
#include "model_ioas_fixture.h"

TestSuite(model_ioas_file, .init = start, .fini = stop);

static int map_file(int fd, uint64_t start_at, uint64_t length, uint64_t iova)
{
	struct abi_ioas_map_file args = {
		.size = sizeof(args),
		.flags = FIXED_RW,
		.ioas_id = ioas,
		.fd = fd,
		.start = start_at,
		.length = length,
		.iova = iova,
	};

	return call(&machine, machine.iommufd, ABI_IOAS_MAP_FILE, &args);
}

static int copy(uint32_t to, uint64_t from_iova, uint64_t length, uint64_t to_iova)
{
	struct abi_ioas_copy args = {
		.size = sizeof(args),
		.flags = FIXED_RW,
		.dst_ioas_id = to,
		.src_ioas_id = ioas,
		.length = length,
		.dst_iova = to_iova,
		.src_iova = from_iova,
	};

	return call(&machine, machine.iommufd, ABI_IOAS_COPY, &args);
}

/* Where the HWPT's stage 2 finds @ipa in this process. */
static const unsigned char *translate(int hwpt, uint64_t ipa, uint64_t *span)
{
	const struct model_iommufd *iommufd =
		model_file_find(machine.model, machine.iommufd)->object;
	const struct model_hwpt_paging *paging =
		model_object_find(iommufd, (uint32_t)hwpt, &model_hwpt_paging_kind);
	struct model_target target;

	if (!paging->stage2.lookup(&paging->stage2, ipa, &target))
		return NULL;
	*span = target.span;
	return target.host;
}

Test(model_ioas_file, a_memfd_is_mapped_from_its_offset)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);
	int hwpt = paging_alloc(&machine, ioas, 0);
	const unsigned char *seen;
	uint64_t span;

	cr_assert_eq(ftruncate(fd, 16 * K), 0);
	cr_assert_eq(pwrite(fd, "page", 4, 8 * K), 4);
	cr_assert_eq(map_file(fd, 4 * K, 12 * K, 64 * K), 0);
	close(fd);
	seen = translate(hwpt, 68 * K, &span);
	cr_assert_eq(memcmp(seen, "page", 4), 0);
	cr_assert_eq(span, 8 * K);
}

Test(model_ioas_file, map_file_refuses_what_cannot_be_pinned)
{
	int small = memfd_create("small", MFD_CLOEXEC);
	int other = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	cr_assert_eq(ftruncate(small, 4 * K), 0);
	cr_assert_eq(map_file(-1, 0, 4 * K, 0), -EBADF);
	cr_assert_eq(map_file(small, 0, 0, 0), -EINVAL);
	cr_assert_eq(map_file(small, UINT64_MAX, 4 * K, 0), -EOVERFLOW);
	cr_assert_eq(map_file(other, 0, 4 * K, 0), 0, "no one needs the pages yet");
	cr_assert_eq(paging_alloc(&machine, ioas, 0), -EINVAL);
	cr_assert_eq(ioas_unmap(&machine, ioas, 0, 4 * K), 0);
	cr_assert_gt(paging_alloc(&machine, ioas, 0), 0);
	cr_assert_eq(map_file(other, 0, 4 * K, 0), -EINVAL);
	cr_assert_eq(map_file(small, 0, 8 * K, 0), -EINVAL);
	cr_assert_eq(map_file(small, 0, 4 * K, 0), 0);
	close(small);
	close(other);
}

Test(model_ioas_file, a_copy_may_be_a_part_or_several)
{
	uint32_t target = ioas_new(&machine);

	cr_assert_eq(map(64 * K, 8 * K), 0);
	cr_assert_eq(map(72 * K, 8 * K), 0);
	cr_assert_eq(copy(target, 68 * K, 8 * K, 0), 0);
	cr_assert_eq(ioas_unmap(&machine, target, 0, 4 * K), 0, "each part is a mapping");
	cr_assert_eq(copy(target, 76 * K, 8 * K, 16 * K), -ENOENT);
	cr_assert_eq(copy(target, 60 * K, 8 * K, 16 * K), -ENOENT);
	cr_assert_eq(copy(target, 64 * K, 8 * K, 4 * K), -EEXIST);
	cr_assert_eq(copy(99, 64 * K, 8 * K, 4 * K), -ENOENT);
	cr_assert_eq(copy(target, 64 * K, 0, 4 * K), -EINVAL);
	cr_assert_eq(copy(ioas, 64 * K, 16 * K, 0), 0, "into the same IOAS");
}

Test(model_ioas_file, a_copy_outlives_its_source)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);
	uint32_t source = ioas;
	const unsigned char *seen;
	uint64_t span;
	int hwpt;

	cr_assert_eq(ftruncate(fd, 8 * K), 0);
	cr_assert_eq(pwrite(fd, "page", 4, 4 * K), 4);
	cr_assert_eq(map_file(fd, 0, 8 * K, 64 * K), 0);
	close(fd);
	ioas = ioas_new(&machine);
	hwpt = paging_alloc(&machine, ioas, 0);
	struct abi_ioas_copy args = {
		.size = sizeof(args),
		.flags = FIXED_RW,
		.dst_ioas_id = ioas,
		.src_ioas_id = source,
		.length = 4 * K,
		.src_iova = 68 * K,
	};
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_COPY, &args), 0);
	cr_assert_eq(destroy(&machine, source), 0);
	seen = translate(hwpt, 0, &span);
	cr_assert_eq(memcmp(seen, "page", 4), 0);
}

Test(model_ioas_file, a_copy_gets_no_more_access_than_its_source)
{
	struct abi_ioas_map read_only = {
		.size = sizeof(read_only),
		.flags = ABI_IOAS_MAP_FIXED_IOVA | ABI_IOAS_MAP_READABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)memory,
		.length = 4 * K,
	};

	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_MAP, &read_only), 0);
	cr_assert_eq(copy(ioas, 0, 4 * K, 64 * K), -EPERM);
}

Test(model_ioas_file, only_files_change_their_process)
{
	struct abi_ioas_change_process args = { .size = sizeof(args) };
	int fd = memfd_create("guest", MFD_CLOEXEC);

	cr_assert_eq(map_file(fd, 0, 4 * K, 0), 0);
	close(fd);
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_CHANGE_PROCESS, &args), 0);
	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_CHANGE_PROCESS, &args), -EINVAL);
	args.reserved = 1;
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_CHANGE_PROCESS, &args), -EOPNOTSUPP);
}
