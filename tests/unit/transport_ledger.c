// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include <iommuctl/transport.h>

#include "abi/iommufd.h"
#include "abi/vfio.h"
#include "array.h"
#include "transport.h"

static struct script *script;
static struct iommuctl_transport *ledger;

/* Stands before libc's, so that the ledger can be left without memory. */
static bool out_of_memory;

void *reallocarray(void *array, size_t count, size_t size)
{
	size_t bytes;

	if (out_of_memory || __builtin_mul_overflow(count, size, &bytes))
		return NULL;
	return realloc(array, bytes);
}

static void setup(void)
{
	script = script_new(NULL);
	cr_assert_eq(iommuctl_transport_ledger_new(&script->base, &ledger), 0);
}

static void teardown(void)
{
	iommuctl_transport_free(ledger);
}

TestSuite(transport_ledger, .init = setup, .fini = teardown);

static size_t alive(void)
{
	size_t count;

	iommuctl_transport_ledger_get_entries(ledger, &count);
	return count;
}

static size_t alive_of(enum iommuctl_ledger_kind kind)
{
	size_t all, count = 0;
	const struct iommuctl_ledger_entry *entries =
		iommuctl_transport_ledger_get_entries(ledger, &all);

	for (size_t i = 0; i < all; i++)
		count += entries[i].kind == kind;
	return count;
}

static void expect_last(enum iommuctl_ledger_kind kind, int fd, uint64_t id, const char *call)
{
	size_t count;
	const struct iommuctl_ledger_entry *entries =
		iommuctl_transport_ledger_get_entries(ledger, &count);

	cr_assert_gt(count, 0, "%s left nothing alive", call);
	cr_expect_eq(entries[count - 1].kind, kind, "%s", call);
	cr_expect_eq(entries[count - 1].fd, fd, "%s", call);
	cr_expect_eq(entries[count - 1].id, id, "%s", call);
	cr_expect_str_eq(entries[count - 1].call, call);
}

static int open_file(void)
{
	int fd = ledger->open(ledger, "/dev/iommu", 0);

	cr_assert_geq(fd, 0);
	return fd;
}

static void close_file(int fd)
{
	cr_assert_eq(ledger->close(ledger, fd), 0);
}

static void create_ioas(int iommufd, uint32_t id)
{
	struct abi_ioas_alloc alloc = { .size = sizeof(alloc), .out_ioas_id = id };

	cr_assert_eq(ledger->ioctl(ledger, iommufd, ABI_IOAS_ALLOC, &alloc), 0);
}

static void create_vdevice(int iommufd, uint32_t dev_id, uint32_t id)
{
	struct abi_vdevice_alloc alloc = {
		.size = sizeof(alloc), .dev_id = dev_id, .out_vdevice_id = id
	};

	cr_assert_eq(ledger->ioctl(ledger, iommufd, ABI_VDEVICE_ALLOC, &alloc), 0);
}

static void create_queue(int iommufd, uint32_t id, int fd)
{
	struct abi_veventq_alloc alloc = {
		.size = sizeof(alloc), .out_veventq_id = id, .out_veventq_fd = (uint32_t)fd
	};

	cr_assert_eq(ledger->ioctl(ledger, iommufd, ABI_VEVENTQ_ALLOC, &alloc), 0);
}

static void bind_device(int device, int iommufd, uint32_t id)
{
	struct abi_vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind), .iommufd = iommufd, .out_devid = id
	};

	cr_assert_eq(ledger->ioctl(ledger, device, ABI_VFIO_DEVICE_BIND_IOMMUFD, &bind), 0);
}

static void attach(int device, uint32_t pt_id)
{
	struct abi_vfio_device_attach_iommufd_pt arg = {
		.argsz = offsetof(struct abi_vfio_device_attach_iommufd_pt, pasid), .pt_id = pt_id
	};

	cr_assert_eq(ledger->ioctl(ledger, device, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &arg), 0);
}

static void attach_pasid(int device, uint32_t pt_id, uint32_t pasid)
{
	struct abi_vfio_device_attach_iommufd_pt arg = {
		.argsz = sizeof(arg),
		.flags = ABI_VFIO_DEVICE_ATTACH_PASID,
		.pt_id = pt_id,
		.pasid = pasid,
	};

	cr_assert_eq(ledger->ioctl(ledger, device, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &arg), 0);
}

static void detach(int device, uint32_t flags, uint32_t pasid)
{
	struct abi_vfio_device_detach_iommufd_pt arg = {
		.argsz = sizeof(arg), .flags = flags, .pasid = pasid
	};

	cr_assert_eq(ledger->ioctl(ledger, device, ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT, &arg), 0);
}

static int destroy(int iommufd, uint32_t id)
{
	struct abi_destroy arg = { .size = sizeof(arg), .id = id };

	return ledger->ioctl(ledger, iommufd, ABI_DESTROY, &arg);
}

Test(transport_ledger, an_open_file_is_alive_until_closed)
{
	int fd = open_file();

	cr_expect_eq(alive(), 1);
	expect_last(IOMMUCTL_LEDGER_FILE, fd, 0, "open");
	close_file(fd);
	cr_expect_eq(alive(), 0);
}

Test(transport_ledger, a_failed_call_leaves_nothing)
{
	struct abi_ioas_alloc alloc = { .size = sizeof(alloc), .out_ioas_id = 7 };
	void *address;
	int fd = open_file();

	for (int i = 0; i < SCRIPT_CALLS; i++)
		script->errors[i] = EIO;
	cr_expect_eq(ledger->open(ledger, "/dev/iommu", 0), -EIO);
	cr_expect_eq(ledger->ioctl(ledger, fd, ABI_IOAS_ALLOC, &alloc), -EIO);
	cr_expect_eq(ledger->mmap(ledger, fd, 0, 4096, 0, 0, &address), -EIO);
	cr_expect_eq(alive(), 1);
}

Test(transport_ledger, a_file_is_gone_even_when_close_fails)
{
	int fd = open_file();

	script->errors[SCRIPT_CLOSE] = EIO;
	cr_expect_eq(ledger->close(ledger, fd), -EIO);
	cr_expect_eq(alive(), 0);
}

static struct abi_ioas_alloc ioas = { .out_ioas_id = 11 };
static struct abi_hwpt_alloc hwpt = { .out_hwpt_id = 12 };
static struct abi_viommu_alloc viommu = { .out_viommu_id = 13 };
static struct abi_vdevice_alloc vdevice = { .out_vdevice_id = 14 };
static struct abi_hw_queue_alloc hw_queue = { .out_hw_queue_id = 15 };

static const struct {
	unsigned long request;
	const char *call;
	void *arg;
	uint32_t id;
} makers[] = {
	{ ABI_IOAS_ALLOC, "IOMMU_IOAS_ALLOC", &ioas, 11 },
	{ ABI_HWPT_ALLOC, "IOMMU_HWPT_ALLOC", &hwpt, 12 },
	{ ABI_VIOMMU_ALLOC, "IOMMU_VIOMMU_ALLOC", &viommu, 13 },
	{ ABI_VDEVICE_ALLOC, "IOMMU_VDEVICE_ALLOC", &vdevice, 14 },
	{ ABI_HW_QUEUE_ALLOC, "IOMMU_HW_QUEUE_ALLOC", &hw_queue, 15 },
};

Test(transport_ledger, an_object_is_alive_until_destroyed)
{
	int iommufd = open_file();

	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		cr_expect_eq(ledger->ioctl(ledger, iommufd, makers[i].request, makers[i].arg), 0);
		expect_last(IOMMUCTL_LEDGER_OBJECT, iommufd, makers[i].id, makers[i].call);
		cr_expect_eq(destroy(iommufd, makers[i].id), 0);
		cr_expect_eq(alive(), 1, "%s", makers[i].call);
	}
}

Test(transport_ledger, an_object_that_is_busy_stays)
{
	int iommufd = open_file();

	create_ioas(iommufd, 7);
	script->errors[SCRIPT_IOCTL] = EBUSY;
	cr_expect_eq(destroy(iommufd, 7), -EBUSY);
	expect_last(IOMMUCTL_LEDGER_OBJECT, iommufd, 7, "IOMMU_IOAS_ALLOC");
}

Test(transport_ledger, ids_of_two_iommufds_are_apart)
{
	int one = open_file();
	int two = open_file();

	create_ioas(one, 1);
	create_ioas(two, 1);
	cr_expect_eq(destroy(two, 1), 0);
	expect_last(IOMMUCTL_LEDGER_OBJECT, one, 1, "IOMMU_IOAS_ALLOC");
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_OBJECT), 1);
}

Test(transport_ledger, a_queue_is_an_object_and_a_file)
{
	struct abi_fault_alloc fault = { .out_fault_id = 5, .out_fault_fd = 51 };
	int iommufd = open_file();

	create_queue(iommufd, 4, 50);
	expect_last(IOMMUCTL_LEDGER_FILE, 50, 0, "IOMMU_VEVENTQ_ALLOC");
	cr_expect_eq(ledger->ioctl(ledger, iommufd, ABI_FAULT_QUEUE_ALLOC, &fault), 0);
	expect_last(IOMMUCTL_LEDGER_FILE, 51, 0, "IOMMU_FAULT_QUEUE_ALLOC");
	cr_expect_eq(alive(), 5);

	close_file(50);
	close_file(51);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_OBJECT), 2);
	cr_expect_eq(destroy(iommufd, 4), 0);
	cr_expect_eq(destroy(iommufd, 5), 0);
	cr_expect_eq(alive(), 1);
}

Test(transport_ledger, objects_end_with_their_iommufd)
{
	int other = open_file();
	int iommufd = open_file();

	create_ioas(other, 1);
	create_ioas(iommufd, 1);
	create_ioas(iommufd, 2);
	close_file(iommufd);
	cr_expect_eq(alive(), 2);
	expect_last(IOMMUCTL_LEDGER_OBJECT, other, 1, "IOMMU_IOAS_ALLOC");
}

Test(transport_ledger, what_outlives_a_closed_file_can_still_be_destroyed)
{
	int one = open_file();
	int two = open_file();

	create_ioas(one, 1);
	create_ioas(two, 2);
	close_file(one);
	cr_expect_eq(destroy(two, 2), 0);
	cr_expect_eq(alive(), 1);
}

Test(transport_ledger, a_bound_device_keeps_the_objects_of_a_closed_iommufd)
{
	int iommufd = open_file();
	int device = open_file();

	create_ioas(iommufd, 1);
	bind_device(device, iommufd, 2);
	close_file(iommufd);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_OBJECT), 2);
	close_file(device);
	cr_expect_eq(alive(), 0);
}

Test(transport_ledger, an_open_queue_keeps_the_objects_of_a_closed_iommufd)
{
	int iommufd = open_file();

	create_queue(iommufd, 4, 50);
	close_file(iommufd);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_OBJECT), 1);
	close_file(50);
	cr_expect_eq(alive(), 0);
}

Test(transport_ledger, a_new_file_with_an_old_number_has_none_of_its_objects)
{
	int iommufd = open_file();
	int device = open_file();

	bind_device(device, iommufd, 2);
	close_file(iommufd);
	script->next_fd = iommufd;
	cr_assert_eq(open_file(), iommufd);
	cr_expect_eq(destroy(iommufd, 2), 0);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_OBJECT), 1);
	close_file(iommufd);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_OBJECT), 1);
}

Test(transport_ledger, a_number_that_comes_again_was_closed_elsewhere)
{
	int iommufd = open_file();

	create_ioas(iommufd, 1);
	script->next_fd = iommufd;
	open_file();
	cr_expect_eq(alive(), 1);
}

Test(transport_ledger, a_closed_device_takes_along_what_was_made_for_it)
{
	int iommufd = open_file();
	int device = open_file();

	bind_device(device, iommufd, 2);
	expect_last(IOMMUCTL_LEDGER_OBJECT, iommufd, 2, "VFIO_DEVICE_BIND_IOMMUFD");
	create_vdevice(iommufd, 2, 3);
	attach(device, 9);
	expect_last(IOMMUCTL_LEDGER_ATTACH, device, 9, "VFIO_DEVICE_ATTACH_IOMMUFD_PT");
	attach_pasid(device, 9, 1);
	close_file(device);
	cr_expect_eq(alive(), 1);
}

Test(transport_ledger, attaching_again_replaces)
{
	int device = open_file();

	attach(device, 8);
	attach(device, 9);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_ATTACH), 1);
	expect_last(IOMMUCTL_LEDGER_ATTACH, device, 9, "VFIO_DEVICE_ATTACH_IOMMUFD_PT");
}

Test(transport_ledger, each_pasid_is_attached_for_itself)
{
	int device = open_file();

	attach(device, 8);
	attach_pasid(device, 9, 0);
	attach_pasid(device, 9, 1);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_ATTACH), 3);
	detach(device, ABI_VFIO_DEVICE_DETACH_PASID, 1);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_ATTACH), 2);
	detach(device, 0, 0);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_ATTACH), 1);
	expect_last(IOMMUCTL_LEDGER_ATTACH, device, 9, "VFIO_DEVICE_ATTACH_IOMMUFD_PT");
}

Test(transport_ledger, a_file_that_an_ioctl_returned_is_alive)
{
	struct abi_vfio_device_feature dma_buf = {
		.flags = ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_DMA_BUF
	};
	struct abi_vfio_device_feature probe = {
		.flags = ABI_VFIO_DEVICE_FEATURE_PROBE | ABI_VFIO_DEVICE_FEATURE_DMA_BUF
	};
	char name[] = "0000:00:01.0";
	int group = open_file();

	script_add_answer(script,
		(struct script_answer){ .request = ABI_VFIO_GROUP_GET_DEVICE_FD, .result = 60 });
	cr_expect_eq(ledger->ioctl(ledger, group, ABI_VFIO_GROUP_GET_DEVICE_FD, name), 60);
	expect_last(IOMMUCTL_LEDGER_FILE, 60, 0, "VFIO_GROUP_GET_DEVICE_FD");

	cr_expect_eq(ledger->ioctl(ledger, 60, ABI_VFIO_DEVICE_FEATURE, &probe), 0);
	cr_expect_eq(alive(), 2, "a probe makes no file");
	script_add_answer(
		script, (struct script_answer){ .request = ABI_VFIO_DEVICE_FEATURE, .result = 61 });
	cr_expect_eq(ledger->ioctl(ledger, 60, ABI_VFIO_DEVICE_FEATURE, &dma_buf), 61);
	expect_last(IOMMUCTL_LEDGER_FILE, 61, 0, "VFIO_DEVICE_FEATURE");
}

static const struct {
	const char *what;
	size_t start, length;
	size_t left;
} unmaps[] = {
	{ "all of it", 0x2000, 0x2000, 0 },
	{ "more", 0x1000, 0x4000, 0 },
	{ "its first page", 0x2000, 0x1000, 1 },
	{ "its last page", 0x3000, 0x1000, 1 },
	{ "what lies before", 0x1000, 0x1000, 1 },
	{ "what lies behind", 0x4000, 0x1000, 1 },
};

Test(transport_ledger, a_mapping_ends_when_all_of_it_is_unmapped)
{
	for (size_t i = 0; i < ARRAY_SIZE(unmaps); i++) {
		void *address;

		script->next_address = (void *)0x2000;
		cr_assert_eq(ledger->mmap(ledger, -1, 0, 0x2000, 0, 0, &address), 0);
		expect_last(IOMMUCTL_LEDGER_MAPPING, -1, 0x2000, "mmap");
		cr_assert_eq(ledger->munmap(ledger, (void *)unmaps[i].start, unmaps[i].length), 0);
		cr_expect_eq(alive(), unmaps[i].left, "%s", unmaps[i].what);
		cr_assert_eq(ledger->munmap(ledger, (void *)0x2000, 0x2000), 0);
	}
}

Test(transport_ledger, a_mapping_keeps_its_closed_device_alive)
{
	int iommufd = open_file();
	int device = open_file();
	void *address;

	bind_device(device, iommufd, 2);
	attach(device, 9);
	script->next_address = (void *)0x2000;
	cr_assert_eq(ledger->mmap(ledger, device, 0, 0x1000, 0, 0, &address), 0);
	close_file(device);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_ATTACH), 1);
	close_file(iommufd);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_OBJECT), 1);
	cr_assert_eq(ledger->munmap(ledger, address, 0x1000), 0);
	cr_expect_eq(alive(), 0);
}

Test(transport_ledger, adopted_files_are_not_counted_but_what_is_made_in_them_is)
{
	const int iommufd = 90, device = 91;

	bind_device(device, iommufd, 2);
	create_ioas(iommufd, 1);
	create_queue(iommufd, 4, 50);
	attach(device, 9);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_OBJECT), 3);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_FILE), 1);
	close_file(50);
	close_file(device);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_OBJECT), 2);
	close_file(iommufd);
	cr_expect_eq(alive(), 0);
}

Test(transport_ledger, without_memory_nothing_is_made)
{
	struct abi_ioas_alloc alloc = { .size = sizeof(alloc) };
	void *address;

	out_of_memory = true;
	cr_expect_eq(ledger->open(ledger, "/dev/iommu", 0), -ENOMEM);
	cr_expect_eq(ledger->ioctl(ledger, 3, ABI_IOAS_ALLOC, &alloc), -ENOMEM);
	cr_expect_eq(ledger->mmap(ledger, 3, 0, 4096, 0, 0, &address), -ENOMEM);
	cr_expect_eq(script->calls[SCRIPT_OPEN] + script->calls[SCRIPT_IOCTL] +
			     script->calls[SCRIPT_MMAP],
		0);
	cr_expect_eq(iommuctl_transport_ledger_get_calls(ledger), 3);
	out_of_memory = false;
	cr_expect_eq(ledger->open(ledger, "/dev/iommu", 0), 3);
	cr_expect_eq(alive(), 1);
}

static void use_up_memory(void)
{
	out_of_memory = true;
	while (ledger->open(ledger, "/dev/iommu", 0) >= 0)
		;
}

Test(transport_ledger, ending_things_needs_memory_never)
{
	int iommufd = open_file();
	int device = open_file();

	create_ioas(iommufd, 1);
	attach(device, 1);
	use_up_memory();
	detach(device, 0, 0);
	use_up_memory();
	cr_expect_eq(destroy(iommufd, 1), 0);
	cr_expect_eq(ledger->munmap(ledger, (void *)0x2000, 0x1000), 0);
	close_file(device);
	close_file(iommufd);
	cr_expect_eq(alive_of(IOMMUCTL_LEDGER_OBJECT) + alive_of(IOMMUCTL_LEDGER_ATTACH), 0);
}

Test(transport_ledger, entries_are_in_the_order_of_their_making)
{
	size_t count;
	const struct iommuctl_ledger_entry *entries;
	int iommufd = open_file();

	for (uint32_t id = 1; id <= 100; id++)
		create_ioas(iommufd, id);
	cr_expect_eq(destroy(iommufd, 50), 0);
	entries = iommuctl_transport_ledger_get_entries(ledger, &count);
	cr_assert_eq(count, 100);
	for (size_t i = 1; i < count; i++)
		cr_expect_eq(entries[i].id, i < 50 ? i : i + 1);
}

Test(transport_ledger, every_call_is_counted)
{
	char byte;
	int fd = open_file();

	ledger->read(ledger, fd, &byte, 1, 0);
	ledger->write(ledger, fd, &byte, 1, 0);
	ledger->ioctl(ledger, fd, ABI_VFIO_DEVICE_RESET, NULL);
	ledger->munmap(ledger, NULL, 0);
	script->errors[SCRIPT_CLOSE] = EIO;
	ledger->close(ledger, fd);
	cr_expect_eq(iommuctl_transport_ledger_get_calls(ledger), 6);
}
